"""GET /v1/sources, /v1/voices and /v1/timeline: pictures of what the articles say, drawn from cited sentences."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query

from retrieval.errors import EmptyQuestion, QuestionTooLong
from retrieval.models import Day, Timeline, Voices
from server import examples
from server.callers import guarded
from server.problems import BAD_ADDRESS, NO_DATABASE, NOT_READY, documented
from server.schemas import SourceList
from server.strict import StrictRoute
from server.workers import WorkersDep

router = APIRouter(prefix="/v1", tags=["exploring"], route_class=StrictRoute, **guarded("read"))

_TOPIC_ERRORS = (*BAD_ADDRESS, EmptyQuestion(), QuestionTooLong(length=2431, limit=2000), *NOT_READY)
_Topic = Annotated[
    str | None,
    Query(description="Words or a question; without it, all that the articles say.", examples=["مكتبة الميناء"]),
]


@router.get(
    "/sources",
    operation_id="listSources",
    summary="List sources",
    responses=examples.shown(examples.sources) | documented(*BAD_ADDRESS, *NO_DATABASE),
)
async def list_sources(workers: WorkersDep) -> SourceList:
    """Where the articles come from: how many each source has, and from when to when."""
    sources = await workers.run(workers.engine.sources, waits=True)
    return SourceList(sources=tuple(sources))


@router.get(
    "/voices",
    operation_id="listVoices",
    summary="Who says what about a topic",
    responses=examples.shown(examples.voices) | documented(*_TOPIC_ERRORS),
)
async def list_voices(
    workers: WorkersDep,
    q: _Topic = None,
    limit: Annotated[int, Query(ge=1, le=300, description="Most sentences to return.")] = 60,
) -> Voices:
    """The sentences about a topic that are attributed to somebody, grouped by who says them, each with its stance
    and its exact words. One person named in several ways is one voice; unnamed sources stay apart by article. About
    a topic of which the articles say nothing there are none.
    """
    return await workers.run(partial(workers.engine.voices, q, limit=limit))


@router.get(
    "/timeline",
    operation_id="getTimeline",
    summary="Dated statements about a topic",
    responses=examples.shown(examples.timeline) | documented(*_TOPIC_ERRORS),
)
async def get_timeline(
    workers: WorkersDep,
    q: _Topic = None,
    since: Annotated[Day | None, Query(alias="from", description="Reaching into this day or later.")] = None,
    until: Annotated[Day | None, Query(alias="to", description="Beginning on this day or earlier.")] = None,
    limit: Annotated[int, Query(ge=1, le=500, description="Most entries to return.")] = 100,
) -> Timeline:
    """Sentences at the dates that they name (`dated_by: text`), earliest first; of an article whose publication date
    is known also its first sentence without a date, at that day (`dated_by: publication`).
    """
    return await workers.run(partial(workers.engine.timeline, q, since=since, until=until, limit=limit))
