"""The OpenAI-compatible routes: POST /v1/chat/completions and GET /v1/models."""

from __future__ import annotations

import time
from functools import partial
from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Body, Path, Request
from fastapi.responses import Response

from retrieval.errors import EmptyQuestion, LLMNotConfigured, QuestionTooLong
from server import examples
from server.callers import guarded
from server.completion_schemas import MODES, ChatCompletion, CompletionRequest, ModelCard, ModelList
from server.completion_text import Completion
from server.events import event_response
from server.negotiation import EVENT_STREAM, JSON
from server.openai_errors import NoQuestion, OpenAIRoute, UnknownModel, UnsupportedParameter, documented
from server.problems import BAD_ADDRESS, BAD_BODY, NOT_READY
from server.workers import Options, WorkersDep

router = APIRouter(prefix="/v1", tags=["OpenAI-compatible"], route_class=OpenAIRoute, **guarded("ask", documented))

RELEASED = 1795478400
"""When these models came to be, in Unix time: OpenAI's API wants to know."""

_COMPLETED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer; with `stream`, server-sent events of ChatCompletionChunk, the last `[DONE]`. "
        "A failure after the first chunk is an event of OpenAIError, and the last.",
        "content": {
            JSON: {"example": examples.completion.model_dump(mode="json")},
            EVENT_STREAM: {
                "schema": {"description": "Server-sent events, as told above."},
                "example": f"data: {examples.chunk.model_dump_json()}\n\ndata: [DONE]\n\n",
            },
        },
    }
}
_REFUSED = documented(
    UnknownModel(model="gpt-4o"),
    NoQuestion(),
    UnsupportedParameter(name="tools"),
    *BAD_BODY,
    EmptyQuestion(),
    QuestionTooLong(length=2431, limit=2000),
    LLMNotConfigured(),
    *NOT_READY,
)


@router.post(
    "/chat/completions",
    operation_id="createChatCompletion",
    summary="Answer as OpenAI's API does",
    response_model=ChatCompletion,
    responses=_COMPLETED | _REFUSED,
)
async def create_chat_completion(
    request: Request,
    asked: Annotated[CompletionRequest, Body(examples=[examples.completion_request.model_dump(exclude_none=True)])],
    workers: WorkersDep,
) -> ChatCompletion | Response:
    """The cited answer to the last message as text with footnotes, and as data in the field `sanad`.

    The user's earlier messages are what a follow-up leans on; nothing is stored. `POST /v1/answers` tells more.
    """
    if asked.model not in MODES:
        raise UnknownModel(model=asked.model)
    if asked.messages[-1].role != "user":
        raise NoQuestion
    options: Options = {
        "before": tuple(message.text for message in asked.messages[:-1] if message.role == "user"),
        "mode": MODES[asked.model],
    }
    question = asked.messages[-1].text
    completion = Completion(asked, count=workers.engine.token_count, created=int(time.time()))
    if not asked.stream:
        answer = await workers.answer(question, request, **options)
        return await anyio.to_thread.run_sync(completion.whole, answer)
    streamed = await workers.stream(question, **options)
    return event_response(streamed, partial(completion.events, request_id=request.state.request_id))


@router.get(
    "/models",
    operation_id="listModels",
    summary="List the ways to be answered",
    responses=examples.shown(examples.models) | documented(*BAD_ADDRESS),
)
async def list_models(workers: WorkersDep) -> ModelList:
    """`sanad-generative` is there when an endpoint is configured."""
    return ModelList(data=_models(workers))


@router.get(
    "/models/{model_id}",
    operation_id="getModel",
    summary="Read a way to be answered",
    responses=examples.shown(examples.models.data[0]) | documented(UnknownModel(model="gpt-4o"), *BAD_ADDRESS),
)
async def get_model(
    workers: WorkersDep,
    model_id: Annotated[str, Path(description="Its id.", examples=["sanad"])],
) -> ModelCard:
    """One of the models that the list names."""
    for model in _models(workers):
        if model.id == model_id:
            return model
    raise UnknownModel(model=model_id)


def _models(workers: WorkersDep) -> tuple[ModelCard, ...]:
    settings = workers.engine.settings
    generative = bool(settings.llm_base_url and settings.llm_model)
    names: tuple[str, ...] = tuple(name for name, mode in MODES.items() if mode != "generative" or generative)
    return tuple(ModelCard.model_validate({"id": name, "created": RELEASED}) for name in names)
