"""Asked what one side wants, its own voices come first; on a made-up article."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from retrieval.engine import Engine
from retrieval.extractive import asked_wants
from retrieval.questions import read_question

FISHING = """بدأت محادثات الصيد بين النرويج والسويد في برغن يوم الخميس.

وقال المتحدث باسم وزارة الصيد النرويجية أولاف هانسن إن بلاده تريد من المحادثات حصة أكبر من سمك القد.

وأعلن مسؤولون سويديون أن ما يريدونه من المحادثات هو تمديد موسم الصيد."""


@pytest.fixture(scope="module")
def fishing(engine_over: Callable[..., Engine]) -> Engine:
    return engine_over(FISHING)


@pytest.mark.parametrize(
    ("question", "aim"),
    [
        ("ماذا تريد النرويج من محادثات الصيد؟", "سمك القد"),
        ("ماذا تريد السويد من محادثات الصيد؟", "تمديد موسم"),
        ("ما هدف ستوكهولم من المحادثات؟", "تمديد موسم"),
        ("What does Norway want from the fishing talks?", "سمك القد"),
        ("What are the goals of Sweden in the fishing talks?", "تمديد موسم"),
    ],
)
def test_the_voices_of_who_is_asked_about_come_first(fishing: Engine, question: str, aim: str) -> None:
    assert aim in fishing.answer(question, before=()).sentences[0].text


@pytest.mark.parametrize(
    ("question", "state"),
    [
        ("ماذا تريد أوسلو؟", "النرويج"),
        ("شو أهداف السويد من المحادثات؟", "السويد"),
        ("What are Norway's goals?", "النرويج"),
        ("ماذا تريد النرويج والسويد؟", ""),  # both are heard in their turn
        ("ما أهداف المحادثات؟", ""),
        ("ماذا يريد الصيادون من النرويج؟", ""),
        ("متى زارت النرويج السويد؟", ""),
        ("", ""),
    ],
)
def test_whose_aims_are_asked_for(question: str, state: str) -> None:
    assert asked_wants(read_question(question)) == state
