"""Questions that are asked at the same time are encoded in one pass of the model."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass
class _Waiting(Generic[T]):
    text: str
    result: T | None = None
    error: BaseException | None = None
    done: bool = False


class Batcher(Generic[T]):
    """Gives each of many threads the encoding of its text.

    Whoever finds the model idle encodes at once, so that nobody waits for company. Those who come meanwhile are
    collected, and the first of them to wake encodes all of them together.

    Example:
        >>> lengths = Batcher(lambda texts: [len(text) for text in texts])
        >>> lengths("سؤال")
        4

    Args:
        encode: Maps texts to as many results; called by one thread at a time.
        most: Texts encoded together.
    """

    def __init__(self, encode: Callable[[Sequence[str]], Sequence[T]], most: int = 8) -> None:
        self._encode = encode
        self._most = most
        self._waiting: deque[_Waiting[T]] = deque()
        self._turn = threading.Condition()
        self._busy = False

    def __call__(self, text: str) -> T:
        """The encoding of ``text``. Raises what encoding its batch raised."""
        mine: _Waiting[T] = _Waiting(text)
        with self._turn:
            self._waiting.append(mine)
        while batch := self._batch(mine):
            self._fill(batch)
        if mine.error is not None:
            raise mine.error
        return mine.result  # type: ignore[return-value]  # it is done, and without an error

    def _batch(self, mine: _Waiting[T]) -> list[_Waiting[T]]:
        """What this thread is to encode, once the model is idle; nothing when its own is done."""
        with self._turn:
            self._turn.wait_for(lambda: mine.done or not self._busy)
            if mine.done:
                return []
            self._busy = True
            return [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]

    def _fill(self, batch: Sequence[_Waiting[T]]) -> None:
        try:
            for waiting, result in zip(batch, self._encode([waiting.text for waiting in batch]), strict=True):
                waiting.result = result
        except BaseException as error:
            for waiting in batch:
                waiting.error = error
        finally:
            with self._turn:
                for waiting in batch:
                    waiting.done = True
                self._busy = False
                self._turn.notify_all()
