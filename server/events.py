"""A streamed answer as server-sent events: ``started``, each ``sentence``, then ``answer``; or ``error``."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from itertools import chain

import anyio
import anyio.from_thread
import anyio.to_thread
from anyio.streams.memory import MemoryObjectSendStream
from pydantic import BaseModel
from sse_starlette import EventSourceResponse, ServerSentEvent

from retrieval.errors import SanadError
from retrieval.models import Answer, CitedSentence, Started
from server.problems import Problem, problem_of, unexpected
from server.workers import Step, Streamed

Encode = Callable[[Iterator[Step]], Iterator[ServerSentEvent]]
_NAMES: dict[type, str] = {Started: "started", CitedSentence: "sentence", Answer: "answer"}

# Legal inside JSON strings, yet many clients split lines on them and would cut an event in two.
_LINE_BREAKS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}


def event_response(streamed: Streamed, encode: Encode) -> EventSourceResponse:
    """Stream an answer as the events that ``encode`` makes of its steps.

    Both run in one worker thread, where the steps are also closed; when the client leaves, as soon as the step
    at hand is done.
    """
    send, receive = anyio.create_memory_object_stream[ServerSentEvent](math.inf)

    async def produce() -> None:
        async with send:
            await anyio.to_thread.run_sync(_produce, streamed, encode, send, limiter=streamed.limiter)

    return EventSourceResponse(receive, data_sender_callable=produce)


def _produce(streamed: Streamed, encode: Encode, send: MemoryObjectSendStream[ServerSentEvent]) -> None:
    """Iterate in a worker thread. The buffer is unbounded so that a slow reader never holds the thread."""
    with closing(streamed.rest), suppress(anyio.BrokenResourceError):  # Broken: the client has left.
        for event in encode(_while_wanted(chain([streamed.first], streamed.rest))):
            anyio.from_thread.run_sync(send.send_nowait, event)


def _while_wanted(steps: Iterator[Step]) -> Iterator[Step]:
    for step in steps:
        anyio.from_thread.check_cancelled()  # Raises asyncio's CancelledError when the client has left.
        yield step


def answer_events(steps: Iterator[Step], request_id: str) -> Iterator[ServerSentEvent]:
    """The steps of an answer as events; a failure as the event ``error``, which is the last."""
    try:
        for step in steps:
            yield _event(_NAMES[type(step)], step)
    except SanadError as error:
        yield _error_event(problem_of(error))
    except Exception as error:
        yield _error_event(unexpected(error, request_id))


def _event(name: str, data: BaseModel) -> ServerSentEvent:
    return ServerSentEvent(one_line(data.model_dump_json()), event=name)


def _error_event(problem: Problem) -> ServerSentEvent:
    # Without nulls, as the same problem is in a response of its own.
    return ServerSentEvent(one_line(problem.model_dump_json(exclude_none=True)), event="error")


def one_line(json: str) -> str:
    """JSON without the line breaks that are legal in it."""
    return json.translate(_LINE_BREAKS)
