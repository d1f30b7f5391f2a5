"""Runs the engine off the event loop, on a few threads a core; past a bounded queue it refuses."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
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


class _Pool:
    """A few threads, and how many calls may wait for one."""

    def __init__(self, threads: int, queue: int) -> None:
        self.limiter = anyio.CapacityLimiter(threads)
        self._most = threads + queue
        self._admitted = 0

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """For as long as one call waits and runs.

        Raises:
            Overloaded: when the threads are taken and the queue is full.
        """
        # The limiter knows of a call only some turns of the event loop later: by it alone, a burst would all be let in.
        # But it alone knows of what is never refused, the rest of streams that have begun and what reads SQL.
        held = self.limiter.statistics()
        if max(self._admitted, held.borrowed_tokens + held.tasks_waiting) >= self._most:
            raise Overloaded(retry_after=RETRY_AFTER)
        self._admitted += 1
        try:
            yield
        finally:
            self._admitted -= 1


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
        self._computing = _Pool(THREADS_PER_CORE * (cores or os.cpu_count() or 1), queue)
        self._waiting = _Pool(WAITING_THREADS, queue)
        self._observe = observe

    def depths(self) -> dict[str, int]:
        """Calls that wait for a thread, by pool. To be asked on the event loop's thread."""
        pools = {"computing": self._computing, "waiting": self._waiting}
        return {name: pool.limiter.statistics().tasks_waiting for name, pool in pools.items()}

    async def run(self, call: Callable[[], T], *, waits: bool = False) -> T:
        """What ``call()`` returns or raises, run in a thread of the pool that ``waits`` chooses.

        Raises:
            Overloaded: when it computes and the queue is full. What only reads SQL is never refused.
        """
        if waits:
            return await anyio.to_thread.run_sync(call, limiter=self._waiting.limiter)
        with self._computing.admitted():
            return await anyio.to_thread.run_sync(call, limiter=self._computing.limiter)

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
        pool = self._pool_for(options)
        call = partial(self.engine.answer, question, wanted=_wanted, **options)
        with pool.admitted(), anyio.CancelScope() as scope:
            leaving = asyncio.create_task(_cancel_once_left(client, scope)) if client else None
            try:
                answer = await anyio.to_thread.run_sync(call, limiter=pool.limiter)
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
        pool = self._pool_for(options)
        with pool.admitted():
            steps = self._observed(cast(Steps, self.engine.stream(question, wanted=_wanted, **options)))
            first = await anyio.to_thread.run_sync(partial(next, steps), limiter=pool.limiter)
        return Streamed(first, steps, pool.limiter)

    def _pool_for(self, options: Options) -> _Pool:
        generative = (options.get("mode") or self.engine.settings.mode) == "generative"
        return self._waiting if generative else self._computing

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
