"""Runs the engine off the event loop, on as many threads as there are cores."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import anyio
import anyio.to_thread
from fastapi import Depends, Request

if TYPE_CHECKING:
    from retrieval.engine import Engine

T = TypeVar("T")

WAITING_THREADS = 32
"""Threads that mostly wait, for a language model or for SQL, and so may outnumber the cores."""


class Workers:
    """The engine and the threads it runs on.

    Two pools, so that answers waiting for a language model never hold up a search or an extractive answer.
    """

    engine: Engine

    def __init__(self, cores: int | None = None) -> None:
        self._computing = anyio.CapacityLimiter(cores or os.cpu_count() or 1)
        self._waiting = anyio.CapacityLimiter(WAITING_THREADS)

    def limiter(self, *, waits: bool) -> anyio.CapacityLimiter:
        """The pool for calls that mostly wait, or the one for calls that compute (a thread a core)."""
        return self._waiting if waits else self._computing

    async def run(self, call: Callable[[], T], *, waits: bool = False) -> T:
        """What ``call()`` returns or raises, run in a thread of the pool that ``waits`` chooses."""
        return await anyio.to_thread.run_sync(call, limiter=self.limiter(waits=waits))


def workers_of(request: Request) -> Workers:
    """The workers of the application that serves ``request``."""
    workers: Workers = request.app.state.workers
    return workers


WorkersDep = Annotated[Workers, Depends(workers_of)]
