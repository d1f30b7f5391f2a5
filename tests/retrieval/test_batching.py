"""Questions asked at the same time are encoded together, and each gets its own encoding."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from retrieval.batching import Batcher
from retrieval.embedding import Embedder


def held_back(most: int = 8) -> tuple[Batcher[str], list[list[str]], threading.Event]:
    """A batcher whose first pass waits for the event; and the batches it has encoded."""
    batches: list[list[str]] = []
    go_on = threading.Event()

    def encode(texts: Sequence[str]) -> list[str]:
        batches.append(list(texts))
        if len(batches) == 1:
            assert go_on.wait(30)
        return [text.upper() for text in texts]

    return Batcher(encode, most), batches, go_on


def test_alone_a_question_is_encoded_at_once() -> None:
    batcher: Batcher[str] = Batcher(lambda texts: [text.upper() for text in texts])
    assert [batcher(text) for text in "abc"] == ["A", "B", "C"]


def test_those_who_come_meanwhile_share_a_pass() -> None:
    batcher, batches, go_on = held_back(most=3)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(batcher, "a")
        while not batches:
            pass
        others = [pool.submit(batcher, text) for text in "bcdef"]
        while len(batcher._waiting) < 5:
            pass
        go_on.set()
        assert [future.result(30) for future in (first, *others)] == list("ABCDEF")
    assert [len(batch) for batch in batches] == [1, 3, 2]


def test_a_failure_is_told_to_all_of_its_batch_and_to_nobody_else() -> None:
    batches: list[list[str]] = []
    go_on = threading.Event()

    def encode(texts: Sequence[str]) -> list[str]:
        batches.append(list(texts))
        if len(batches) == 1:
            assert go_on.wait(30)
        if "bad" in texts:
            raise RuntimeError("no")
        return list(texts)

    batcher = Batcher(encode)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(batcher, "good")
        while not batches:
            pass
        others = [pool.submit(batcher, text) for text in ("bad", "beside it")]
        while len(batcher._waiting) < 2:
            pass
        go_on.set()
        assert first.result(30) == "good"
        for future in others:
            with pytest.raises(RuntimeError):
                future.result(30)
    assert batcher("later") == "later"


def test_vectors_are_those_of_encoding_alone(embedder: Embedder) -> None:
    questions = [f"متى تبدأ الجولة رقم {n} من المحادثات؟" + " ولماذا؟" * (n % 3) for n in range(12)]
    with ThreadPoolExecutor(12) as pool:
        together = list(pool.map(embedder.query_tokens, questions))
    fresh = Embedder()
    for question, found in zip(questions, together, strict=True):
        alone = fresh.query_tokens(question)
        assert float(found.pooled @ alone.pooled) > 0.9999
        assert np.array_equal(found.spans, alone.spans)
