"""The ridge logistic regression that fits the evidence weights."""

from __future__ import annotations

import numpy as np
import pytest

from evals.fit import (
    ANSWER_FEATURES,
    READER_FEATURES,
    SENTENCE_FEATURES,
    SIDES,
    Example,
    features,
    fit,
    fit_answers,
)
from retrieval.evidence import TOPIC, Asked, Model, Terms
from retrieval.late import QuestionWords
from retrieval.questions import read_question
from retrieval.reader import QuestionReading, Tokens

ROWS = np.array([[0.1, 5.0], [0.2, 3.0], [0.8, 4.0], [0.9, 6.0]] * 20)
LABELS = np.array([False, False, True, True] * 20)


def test_fit_separates_on_raw_features() -> None:
    model = fit(ROWS, LABELS, np.ones(len(ROWS)), {"good": "+", "other": ""})
    assert model.probability({"good": 0.9, "other": 4.0}) > 0.8
    assert model.probability({"good": 0.1, "other": 4.0}) < 0.2


def test_signs_are_kept() -> None:
    model = fit(ROWS, ~LABELS, np.ones(len(ROWS)), {"good": "+", "other": "-"})
    assert model.weights.get("good", 0.0) >= 0
    assert model.weights.get("other", 0.0) <= 0


def test_the_shipped_weights_obey_the_signs() -> None:
    model = Model.load()
    for signs, logistics in ((SENTENCE_FEATURES, model.sentence), (ANSWER_FEATURES, model.answer)):
        assert set(logistics) == {*SIDES, *(side + TOPIC for side in SIDES)}
        for side, logistic in logistics.items():
            for name, weight in logistic.weights.items():
                assert signs[name] in {"", "+" if weight > 0 else "-"}
            assert bool(READER_FEATURES & set(logistic.weights)) == (side in SIDES)  # a topic asks nothing


def test_a_question_for_which_nothing_is_shown_has_no_features_and_is_not_fitted_on() -> None:
    question = read_question("ماذا قال نادر الشامي عن الجسر؟")
    reading = QuestionReading(Tokens(np.zeros((0, 2)), np.zeros((0, 2))), np.zeros((0, 2)), np.zeros(0))
    asked = Asked(question, np.zeros(2), Terms.of(question, lambda stem: 1.0), QuestionWords(()), reading)
    example = Example("a", True, "near", asked, frozenset(), [])
    model = Model.load()
    assert features(example, model.sentence["arabic"], 6) is None
    with pytest.raises(ValueError, match="no question"):
        fit_answers([example], "arabic", model.sentence["arabic"], 6)
