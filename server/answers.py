"""POST /v1/answers: a cited answer, whole or as it is made."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from fastapi.responses import Response

from retrieval.errors import EmptyQuestion, LLMNotConfigured, QuestionTooLong, UnknownConversation
from retrieval.models import Answer
from server import examples
from server.callers import guarded
from server.events import answer_events, event_response
from server.negotiation import EVENT_STREAM, JSON, wants_events
from server.owner import OwnerDep
from server.problems import BAD_BODY, NOT_READY, documented
from server.schemas import AnswerRequest
from server.strict import StrictRoute
from server.workers import Options, WorkersDep

router = APIRouter(prefix="/v1/answers", tags=["answers"], route_class=StrictRoute, **guarded("ask"))

_STREAM = "".join(
    f"event: {name}\ndata: {data.model_dump_json()}\n\n"
    for name, data in [
        ("started", examples.started),
        ("sentence", examples.sentence),
        ("answer", examples.answer),
    ]
)

_ANSWERED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer. With `Accept: text/event-stream`, the events `started` (Started), "
        "`sentence` (CitedSentence) for each sentence, and `answer` (Answer); or `error` (Problem), "
        "which ends the stream. What fails before the first event is answered with its own status instead.",
        "content": {
            JSON: {"example": examples.answer.model_dump(mode="json")},
            EVENT_STREAM: {"schema": {"description": "Server-sent events, as told above."}, "example": _STREAM},
        },
    }
}

_REFUSED = documented(
    UnknownConversation(conversation_id="c-5d1f0a"),
    *BAD_BODY,
    EmptyQuestion(),
    QuestionTooLong(length=2431, limit=2000),
    LLMNotConfigured(),
    *NOT_READY,
)


@router.post(
    "",
    operation_id="createAnswer",
    summary="Answer a question with citations",
    response_model=Answer,
    responses=_ANSWERED | _REFUSED,
)
async def create_answer(
    request: Request,
    question: Annotated[AnswerRequest, Body(examples=[examples.request.model_dump(exclude_none=True)])],
    workers: WorkersDep,
    owner: OwnerDep,
) -> Answer | Response:
    """Answer from what the ingested articles say: every sentence carries citations of their exact words,
    and who said them. When the articles do not answer, `status` is `abstained` and `related` holds the
    nearest passages.
    """
    options: Options = {
        "conversation_id": question.conversation_id,
        "mode": question.mode,
        "filters": question.filters,
        "owner": owner,
        "replaces": question.replaces,
    }
    if not wants_events(request.headers.get("accept", "")):
        return await workers.answer(question.question, request, **options)
    streamed = await workers.stream(question.question, **options)
    return event_response(streamed, partial(answer_events, request_id=request.state.request_id))
