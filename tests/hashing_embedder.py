"""A tiny embedding model for tests of storage: a text's vector is the sum of random vectors of its words.

Run as a script it ingests with this model, so that a test can kill it, or have another process write:
``python hashing_embedder.py INDEX PATH [articles a commit] [seconds a call]``.
"""

from __future__ import annotations

import hashlib
import math
import re
import sys
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from retrieval.analysis import is_stop, normalise
from retrieval.embedding import Embedder, QuestionVectors, TokenVectors
from retrieval.reader import QuestionReading, Tokens

COMMON = 0.75  # about the cosine that vectors of unlike words have in the real reader, whose are all alike


@cache
def _word(word: str, dimension: int) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(dimension).astype(np.float32)


class HashingEmbedder(Embedder):
    """Needs no model; counts the texts that it was given to encode as passages."""

    revision = "0" * 40
    dimension = 0

    def __init__(self, name: str = "hashing", *, dimension: int = 32, delay: float = 0.0) -> None:
        super().__init__(name)
        self.dimension = dimension
        self.encoded = 0
        self._delay = delay

    def passages(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> np.ndarray:
        self.encoded += len(texts)
        time.sleep(self._delay)
        return self.queries(texts)

    def queries(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([self.query(text) for text in texts], np.float32).reshape(len(texts), self.dimension)

    def query(self, text: str) -> np.ndarray:
        return self.query_tokens(text).pooled

    def query_tokens(self, text: str) -> TokenVectors:
        spans = [match.span() for match in re.finditer(r"\w+", text)] or [(0, len(text))]
        vectors = np.array([_word(text[start:end], self.dimension) for start, end in spans])
        pooled = vectors.sum(0)
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return TokenVectors(
            np.array(spans, np.int32), unit.astype(np.float16), (pooled / np.linalg.norm(pooled)).astype(np.float32)
        )

    def token_count(self, text: str) -> int:
        return len(re.findall(r"\w+", text))

    def question(self, text: str) -> QuestionVectors:
        (tokens,) = self.read([text])
        words = [normalise(text[start:end]) for start, end in tokens.spans]
        weights = np.array([0.1 if not word or is_stop(word) else 1.0 for word in words], np.float32)
        reading = QuestionReading(tokens, tokens.vectors.astype(np.float32), weights / weights.sum())
        return QuestionVectors(self.query(text), reading)

    def read(self, texts: Sequence[str]) -> list[Tokens]:
        common = math.sqrt(COMMON) * np.eye(1, self.dimension, dtype=np.float32)
        found = []
        for tokens in map(self.query_tokens, texts):
            vectors = common + math.sqrt(1 - COMMON) * tokens.vectors.astype(np.float32)
            unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
            found.append(Tokens(tokens.spans, unit.astype(np.float16)))
        return found


def main(index: str, path: str, commit_every: str = "64", delay: str = "0") -> None:
    from ingest import pipeline
    from retrieval.settings import Settings

    pipeline.COMMIT_EVERY = int(commit_every)
    print("starting", flush=True)
    report = pipeline.ingest([Path(path)], Settings(index=Path(index)), embedder=HashingEmbedder(delay=float(delay)))
    print(f"added {len(report.added)} replaced {len(report.replaced)} unchanged {len(report.unchanged)}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
