"""The reader: weights of tokens, and sentences of an unseen text found by questions in three languages."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.embedding import Embedder
from retrieval.late import within
from retrieval.reader import DOWN, UP, Adapter, QuestionReading, Tokens

SENTENCES = [
    "يقع مرصد القنة على جبل يشرف على بلدة شمرين.",
    "وقد شُيّد بين عامي 1911 و1914 بأموال تاجر بن يُدعى عزيز الدواليبي.",
    "وتولت إدارته أولًا الفلكية سلمى الترك، ثم خلفها تلميذها هاني برهوم.",
    "وأُغلق أبوابه بعد أربعين سنة لأن أضواء البلدة حجبت النجوم.",
    "ويزوره اليوم نحو تسعة آلاف تلميذ كل سنة.",
]
QUESTIONS = [
    ("متى بُني مرصد القنة؟", 1),
    ("لماذا توقف المرصد عن العمل؟", 3),
    ("من أدار المرصد في البداية؟", 2),
    ("كم عدد زوار المرصد في العام؟", 4),
    ("Where is the observatory?", 0),
    ("Who paid for its construction?", 1),
    ("Why was the observatory closed?", 3),
    ("رصدخانه چرا تعطیل شد؟", 3),
]


def near(embedder: Embedder, question: str) -> list[float]:
    text = " ".join(SENTENCES)
    (passage,) = embedder.read([text])
    reading = embedder.question(question).reading
    found = reading.near(passage.vectors)
    starts = [text.index(sentence) for sentence in SENTENCES]
    spans = [(start, start + len(sentence)) for start, sentence in zip(starts, SENTENCES, strict=True)]
    return [reading.answered(found[:, within(passage, *span)]) for span in spans]


@pytest.mark.parametrize(("question", "answer"), QUESTIONS)
def test_the_sentence_that_answers_is_nearest(embedder: Embedder, question: str, answer: int) -> None:
    assert int(np.argmax(near(embedder, question))) == answer


def test_what_nothing_answers_is_further_than_what_something_does(embedder: Embedder) -> None:
    answered = np.mean([max(near(embedder, question)) for question, _ in QUESTIONS])
    strange = ("كم بلغ سعر القمح في الخريف؟", "Who won the regatta?", "متى استقال وزير الصحة؟")
    assert max(max(near(embedder, question)) for question in strange) < answered - 0.05


def test_tokens_weigh_one_together_and_differ(embedder: Embedder) -> None:
    weights = embedder.question("متى بُني مرصد القنة؟").reading.weights
    assert weights.sum() == pytest.approx(1, abs=1e-5)
    assert weights.min() >= 0
    assert weights.max() > 1.5 * weights.mean()


def test_a_sentence_without_tokens_answers_nothing() -> None:
    reading = QuestionReading(Tokens(np.zeros((1, 2)), np.ones((1, 2))), np.ones((1, 2), np.float32), np.ones(1))
    assert reading.answered(np.zeros((1, 0))) == 0.0


def test_the_changes_are_the_products_of_their_factors() -> None:
    adapter = Adapter.load()
    changes = adapter.changes()
    assert len(changes) == 36
    name, change = next(iter(changes.items()))
    np.testing.assert_array_equal(change, adapter.factors[name + UP] @ adapter.factors[name + DOWN])


def test_another_embedding_model_is_read_beside() -> None:
    from tests.hashing_embedder import HashingEmbedder

    class Foreign(HashingEmbedder):
        question, read = Embedder.question, Embedder.read

    foreign, default = Foreign(), Embedder()
    text = "متى بُني مرصد القنة؟"
    found = foreign.question(text)
    assert found.embedding.shape == (32,)
    np.testing.assert_array_equal(found.reading.weights, default.question(text).reading.weights)
    np.testing.assert_array_equal(foreign.read([text])[0].vectors, default.read([text])[0].vectors)
