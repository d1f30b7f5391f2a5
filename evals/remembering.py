"""An embedder that encodes every text once: what an evaluation of many indexes of the same articles needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import numpy as np

from retrieval.embedding import Embedder, QuestionVectors, TokenVectors
from retrieval.reader import Tokens

T = TypeVar("T")


class RememberingEmbedder(Embedder):
    """Gives what another embedder gives, and keeps it: about 150 kB a passage. For one thread.

    Args:
        inner: encodes what has not been asked for before.
    """

    def __init__(self, inner: Embedder) -> None:
        super().__init__(inner.name)
        self._inner = inner
        self._passages: dict[str, np.ndarray] = {}
        self._queries: dict[str, np.ndarray] = {}
        self._query_tokens: dict[str, TokenVectors] = {}
        self._questions: dict[str, QuestionVectors] = {}
        self._read: dict[str, Tokens] = {}

    @property
    def revision(self) -> str:
        """The inner embedder's."""
        return self._inner.revision

    @property
    def dimension(self) -> int:
        """The inner embedder's."""
        return self._inner.dimension

    def passages(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> np.ndarray:
        """As the inner embedder's; ``progress`` is told once, at the end."""
        found = self._stacked(_kept(self._passages, texts, self._inner.passages))
        if progress is not None:
            progress(len(texts))
        return found

    def queries(self, texts: Sequence[str]) -> np.ndarray:
        """As the inner embedder's."""
        return self._stacked(_kept(self._queries, texts, self._inner.queries))

    def query_tokens(self, text: str) -> TokenVectors:
        """As the inner embedder's."""
        return _kept(self._query_tokens, [text], lambda texts: [self._inner.query_tokens(t) for t in texts])[0]

    def question(self, text: str) -> QuestionVectors:
        """As the inner embedder's."""
        return _kept(self._questions, [text], lambda texts: [self._inner.question(t) for t in texts])[0]

    def read(self, texts: Sequence[str]) -> list[Tokens]:
        """As the inner embedder's."""
        return _kept(self._read, texts, self._inner.read)

    def _stacked(self, vectors: Sequence[np.ndarray]) -> np.ndarray:
        return np.array(vectors, np.float32).reshape(len(vectors), self.dimension)


def _kept(known: dict[str, T], texts: Sequence[str], encode: Callable[[Sequence[str]], Iterable[T]]) -> list[T]:
    missing = [text for text in dict.fromkeys(texts) if text not in known]
    if missing:
        known.update(zip(missing, encode(missing), strict=True))
    return [known[text] for text in texts]
