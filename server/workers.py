"""Runs the engine off the event loop, on a few threads a core; past a bounded queue it refuses."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, TypedDict, TypeVar, Unpack, cast

import anyio
import anyio.from_thread
import anyio.lowlevel
import anyio.to_thread
from fastapi import Depends, Request
from starlette.requests import ClientDisconnect

from retrieval.errors import Abandoned
from retrieval.models import Answer, CitedSentence, Filters, Mode, Started
from server.problems import Overloaded

if TYPE_CHECKING:
    from retrieval.engine import Engine

T = TypeVar("T")
Step = Started | CitedSentence | Answer
Steps = Generator[Step, None, None]

WAITING_THREADS = 32
"""Threads that mostly wait, for a language model or for SQL, and so may outnumber the cores."""

THREADS_PER_CORE = 4
"""Threads that compute, a core: while the model encodes the questions of some in one pass, others are weighed.
Encoding four questions together takes 57 % of the processor time that one by one takes, eight 48 %."""

RETRY_AFTER = 2
"""Seconds after which a refused question is worth asking again: a full queue is then mostly done."""


class Options(TypedDict, total=False):
    """How a question is to be answered; see ``Engine.answer``."""

    conversation_id: str | None
    before: tuple[str, ...] | None
    owner: str | None
    replaces: str | None
    mode: Mode | None
    filters: Filters | None


@dataclass(frozen=True)
class Streamed:
    """An answer that has begun: its ``first`` step, the ``rest``, and the pool the rest is to be made in."""

    first: Step
    rest: Steps
    limiter: anyio.CapacityLimiter


class Workers:
    """The engine and the threads it runs on.

    Two pools, so that answers waiting for a language model never hold up a search or an extractive answer.

    Args:
        cores: Cores to compute on; default: the machine's.
        queue: Calls that may wait for a thread; one more is refused.
        observe: Called with every whole answer, in the thread that made it.
    """

    engine: Engine

    def __init__(
        self, cores: int | None = None, *, queue: int = 64, observe: Callable[[Answer], None] = lambda answer: None
    ) -> None:
        self._computing = anyio.CapacityLimiter(THREADS_PER_CORE * (cores or os.cpu_count() or 1))
        self._waiting = anyio.CapacityLimiter(WAITING_THREADS)
        self._queue = queue
        self._observe = observe

    def limiter(self, *, waits: bool) -> anyio.CapacityLimiter:
        """The pool for calls that mostly wait, or the one for calls that compute."""
        return self._waiting if waits else self._computing

    def depths(self) -> dict[str, int]:
        """Calls that wait for a thread, by pool. To be asked on the event loop's thread."""
        pools = {"computing": self._computing, "waiting": self._waiting}
        return {name: pool.statistics().tasks_waiting for name, pool in pools.items()}

    async def run(self, call: Callable[[], T], *, waits: bool = False) -> T:
        """What ``call()`` returns or raises, run in a thread of the pool that ``waits`` chooses.

        Raises:
            Overloaded: when it computes and the queue is full. What only reads SQL is never refused.
        """
        if not waits:
            self._admit(self._computing)
        return await anyio.to_thread.run_sync(call, limiter=self.limiter(waits=waits))

    async def answer(self, question: str, client: Request | None = None, **options: Unpack[Options]) -> Answer:
        """The whole answer to a question.

        Args:
            client: the request, read to its end, of whoever waits for the answer. When the connection closes, the
                language model stops writing, and no answer is stored.

        Raises:
            Overloaded: when the queue is full.
            ClientDisconnect: when the client has left.
            SanadError: as ``Engine.answer``.
        """
        limiter = self._limiter_for(options)
        call = partial(self.engine.answer, question, wanted=_wanted, **options)
        with anyio.CancelScope() as scope:
            leaving = asyncio.create_task(_cancel_once_left(client, scope)) if client else None
            try:
                answer = await anyio.to_thread.run_sync(call, limiter=limiter)
                self._observe(answer)
                return answer
            except Abandoned:
                await anyio.lowlevel.checkpoint()  # ends here whatever was cancelled: this scope, or one around it
            finally:
                if leaving:
                    leaving.cancel()
        raise ClientDisconnect

    async def stream(self, question: str, **options: Unpack[Options]) -> Streamed:
        """An answer in steps, of which the first is made: what is wrong with a question shows in it.

        Raises:
            Overloaded: when the queue is full.
            SanadError: as ``Engine.stream``.
        """
        limiter = self._limiter_for(options)
        steps = self._observed(cast(Steps, self.engine.stream(question, wanted=_wanted, **options)))
        first = await anyio.to_thread.run_sync(partial(next, steps), limiter=limiter)
        return Streamed(first, steps, limiter)

    def _limiter_for(self, options: Options) -> anyio.CapacityLimiter:
        generative = (options.get("mode") or self.engine.settings.mode) == "generative"
        limiter = self.limiter(waits=generative)
        self._admit(limiter)
        return limiter

    def _admit(self, limiter: anyio.CapacityLimiter) -> None:
        # A queue of none is full only when no thread is free either.
        full = limiter.statistics().tasks_waiting >= self._queue
        if full and limiter.available_tokens < 1:
            raise Overloaded(retry_after=RETRY_AFTER)

    def _observed(self, steps: Steps) -> Steps:
        with closing(steps):
            for step in steps:
                if isinstance(step, Answer):
                    self._observe(step)
                yield step


async def _cancel_once_left(client: Request, scope: anyio.CancelScope) -> None:
    # Nothing but this can come after the body.
    while (await client.receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


def _wanted() -> bool:
    """Whether the client whose answer is made in this worker thread is still there."""
    try:
        anyio.from_thread.check_cancelled()
    except asyncio.CancelledError:
        return False
    return True


def workers_of(request: Request) -> Workers:
    """The workers of the application that serves ``request``."""
    workers: Workers = request.app.state.workers
    return workers


WorkersDep = Annotated[Workers, Depends(workers_of)]
