"""What somebody denies or rejects is answered by sentences that say no, and by nothing else; on a made-up article."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from retrieval.engine import Engine
from retrieval.models import Answer
from retrieval.parties import states_in

HARBOUR = """أعلنت النرويج والسويد أنهما ستتقاسمان حصة الصيد في المضيق بعد محادثات طويلة.

وذكرت وكالة «الرابية» أن محادثات الصيد تناولت إغلاق ميناء برغن.

ونفى المتحدث باسم وزارة الصيد النرويجية أولاف هانسن أن تكون محادثات الصيد قد تناولت إغلاق ميناء برغن.

وقالت الوزيرة السويدية إنغريد لوند إن محادثات الصيد تناولت عدد السفن ومواسم الصيد.

ورفضت لوند اقتراح تمديد موسم الصيد إلى نوفمبر."""


@pytest.fixture(scope="module")
def harbour(engine_over: Callable[..., Engine]) -> Engine:
    return engine_over(HARBOUR)


def first(answer: Answer) -> str:
    return answer.sentences[0].text if answer.sentences else ""


@pytest.mark.parametrize(
    "question",
    [
        "ما الذي تنفيه أوسلو عن محادثات الصيد؟",
        "ماذا نفت النرويج عن محادثات الصيد؟",
        "What does Norway deny about the fishing talks?",
    ],
)
def test_a_denial_is_answered_by_who_denies_beside_what_is_denied(harbour: Engine, question: str) -> None:
    answer = harbour.answer(question, before=())
    assert "ونفى المتحدث" in first(answer)
    assert not any("مواسم الصيد" in sentence.text for sentence in answer.sentences)


def test_what_a_person_rejects_is_that_persons(harbour: Engine) -> None:
    answer = harbour.answer("ماذا رفضت إنغريد لوند؟", before=())
    assert "ورفضت لوند" in first(answer)
    assert not any("ونفى المتحدث" in sentence.text for sentence in answer.sentences)


@pytest.mark.parametrize("question", ["ماذا نفت اليابان عن محادثات الصيد؟", "ما الذي تنفيه وكالة «الرابية» عن الصيد؟"])
def test_who_denies_nothing_is_not_answered_for(harbour: Engine, question: str) -> None:
    answer = harbour.answer(question, before=())
    assert answer.status == "abstained"


def test_states_are_known_by_capital_and_adjective() -> None:
    assert states_in("ماذا نفت أوسلو والوفد السويدي؟") == ["النرويج", "السويد"]
    assert states_in("ماذا نفت النقابة؟") == []
