"""GET /v1/search: the passages a question would be answered from; GET /v1/examples: questions to try."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query

from retrieval.errors import EmptyQuestion, QuestionTooLong
from retrieval.models import Language
from server import examples
from server.callers import guarded
from server.problems import BAD_ADDRESS, NOT_READY, documented
from server.schemas import ExampleQuestions, SearchResults
from server.strict import StrictRoute
from server.workers import WorkersDep

router = APIRouter(prefix="/v1", tags=["search"], route_class=StrictRoute, **guarded("read"))

_SEARCH_ERRORS = (*BAD_ADDRESS, EmptyQuestion(), QuestionTooLong(length=2431, limit=2000), *NOT_READY)


@router.get(
    "/search",
    operation_id="search",
    summary="Find passages",
    responses=examples.shown(examples.search) | documented(*_SEARCH_ERRORS),
)
async def search(
    q: Annotated[str, Query(description="Words or a question.", examples=["مكتبة الميناء"])],
    workers: WorkersDep,
    limit: Annotated[int, Query(ge=1, le=100, description="Most passages to return.")] = 10,
) -> SearchResults:
    """Passages by meaning and by words, best first, each with its fused score and what it was fused from."""
    hits = await workers.run(partial(workers.engine.search, q, limit=limit))
    return SearchResults(hits=tuple(hits))


@router.get(
    "/examples",
    operation_id="listExamples",
    summary="Questions to try",
    responses=examples.shown(examples.questions) | documented(*BAD_ADDRESS, *NOT_READY),
)
async def list_examples(
    workers: WorkersDep,
    language: Annotated[Language, Query(description="The language of the questions.")] = "ar",
    limit: Annotated[int, Query(ge=1, le=20, description="Most questions to return.")] = 4,
) -> ExampleQuestions:
    """Questions drawn from the articles at hand."""
    questions = await workers.run(partial(workers.engine.examples, language=language, limit=limit))
    return ExampleQuestions(questions=tuple(questions))
