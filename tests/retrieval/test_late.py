"""Late interaction: how well words of a question are met by token vectors."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.embedding import Embedder, TokenVectors
from retrieval.late import QuestionWords, within

EAST, NORTH = np.array([1.0, 0.0], np.float32), np.array([0.0, 1.0], np.float32)


def test_each_word_is_met_by_its_best_token() -> None:
    words = QuestionWords((EAST[None], np.stack([EAST, NORTH])))
    assert words.met(EAST[None]) == pytest.approx([1.0, 0.5])


def test_no_words_or_no_tokens() -> None:
    assert len(QuestionWords(()).met(EAST[None])) == 0
    assert QuestionWords((EAST[None],)).met(np.zeros((0, 2), np.float32)).tolist() == [0.0]


def test_only_tokens_inside_the_span_count() -> None:
    tokens = TokenVectors(pooled=EAST, vectors=np.stack([EAST, NORTH, EAST]), spans=np.array([[0, 3], [4, 8], [9, 12]]))
    assert within(tokens, 4, 8).tolist() == [NORTH.tolist()]


def test_stop_words_of_a_question_are_left_out(embedder: Embedder) -> None:
    text = "متى افتتح الميناء في المدينة؟"
    assert len(QuestionWords.of(text, embedder.query_tokens(text)).vectors) == 3
