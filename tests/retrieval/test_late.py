"""Late interaction: how well words of a question are met by token vectors."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from retrieval.embedding import Embedder
from retrieval.late import QuestionWords, by_reading, within
from retrieval.reader import QuestionReading, Tokens

EAST, NORTH = np.array([1.0, 0.0], np.float32), np.array([0.0, 1.0], np.float32)


def test_each_word_is_met_by_its_best_token() -> None:
    words = QuestionWords((EAST[None], np.stack([EAST, NORTH])))
    assert words.met(words.near(EAST[None])) == pytest.approx([1.0, 0.5])


def test_no_words_or_no_tokens() -> None:
    nothing, word = QuestionWords(()), QuestionWords((EAST[None],))
    assert len(nothing.met(nothing.near(EAST[None]))) == 0
    assert word.met(word.near(np.zeros((0, 2), np.float32))).tolist() == [0.0]


def test_only_tokens_inside_the_span_count() -> None:
    tokens = Tokens(vectors=np.stack([EAST, NORTH, EAST]), spans=np.array([[0, 3], [4, 8], [9, 12]]))
    assert within(tokens, 4, 8).tolist() == [False, True, False]


def test_stop_words_of_a_question_are_left_out(embedder: Embedder) -> None:
    text = "متى افتتح الميناء في المدينة؟"
    assert len(QuestionWords.of(text, embedder.question(text).reading.tokens).vectors) == 3


@dataclass(frozen=True)
class Proposed:
    """What ``by_reading`` reads of a candidate."""

    stored: Any
    score: float


class Held:
    """Token vectors of passages by id."""

    def __init__(self, vectors: dict[str, np.ndarray]) -> None:
        self.vectors = vectors

    def load(self, passages: list[Any]) -> dict[str, Any]:
        return {p.passage.id: SimpleNamespace(vectors=self.vectors[p.passage.id]) for p in passages}


def proposed(name: str, score: float) -> Any:
    return Proposed(SimpleNamespace(passage=SimpleNamespace(id=name)), score)


def ordered(first: int, *candidates: Any) -> list[Any]:
    held = Held({"east": EAST[None], "north": NORTH[None], "last": EAST[None]})
    asked = QuestionReading(Tokens(np.zeros((1, 2)), EAST[None]), EAST[None], np.ones(1))
    return by_reading(asked, candidates, held, first)  # type: ignore[arg-type]


def test_a_passage_that_comes_nearer_to_answering_overtakes_one_that_does_not() -> None:
    found = ordered(2, proposed("north", 1.0), proposed("east", 0.9), proposed("last", -1.0))
    assert [c.stored.passage.id for c in found] == ["east", "north", "last"]
    assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)


def test_a_passage_beyond_the_first_stays_behind_them() -> None:
    found = ordered(2, proposed("north", 1.0), proposed("east", -5.0), proposed("last", -5.1))
    assert [c.stored.passage.id for c in found] == ["north", "east", "last"]
    assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)


def test_a_single_passage_is_not_read() -> None:
    candidates = [proposed("unknown", 1.0)]
    assert ordered(2, *candidates) == candidates
