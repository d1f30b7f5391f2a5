"""«ماذا قال فلان؟» is answered only where that person is heard; on a made-up article."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from retrieval.engine import Engine
from retrieval.questions import read_question

FLOOD = """اجتاحت السيول مدينة تارودة ليلة الأحد وأغلقت جسرها الوحيد.

وقال رئيس البلدية كمال البوزيدي إن فرق الإنقاذ أجلت 300 أسرة من حي الوادي.

وأضاف أن البلدية فتحت خمس مدارس لإيواء المتضررين.

وقالت المهندسة سعاد مرجان إن الجسر لم يُفحص منذ عشر سنوات.

وزار وزير الداخلية نادر الشامي المدينة يوم الاثنين."""


@pytest.fixture(scope="module")
def flood(engine_over: Callable[..., Engine]) -> Engine:
    return engine_over(FLOOD)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("ماذا قال كمال البوزيدي عن السيول؟", "300 أسرة"),
        ("ماذا قال البو زيدي عن فرق الإنقاذ؟", "300 أسرة"),
        ("شو قالت سعاد مرجان عن الجسر؟", "لم يُفحص"),
        ("What did Suad Marjan say about the bridge?", "لم يُفحص"),
    ],
)
def test_who_is_heard_is_answered_for(flood: Engine, question: str, said: str) -> None:
    answer = flood.answer(question, before=())
    assert any(said in sentence.text for sentence in answer.sentences)


@pytest.mark.parametrize(
    "question",
    [
        "ماذا قال نادر الشامي عن السيول في تارودة؟",  # he is named, and says nothing
        "ماذا قال وائل الحمزاوي عن الجسر؟",
        "What did the governor Wael Hamzawi say about the bridge?",
    ],
)
def test_who_is_not_heard_is_not_answered_for(flood: Engine, question: str) -> None:
    assert flood.answer(question, before=()).status == "abstained"


@pytest.mark.parametrize(
    ("question", "whose"),
    [
        ("ماذا قال سامر العلي عن الإضراب؟", "سامر العلي"),
        ("بماذا صرحت وزيرة النقل؟", "وزيره النقل"),
        ("What did Samer Ali say about the strike?", "samer ali"),
        ("سامر علی درباره اعتصاب چه گفت؟", "سامر علي"),
        ("ماذا قال عن الإضراب؟", ""),
        ("متى قال سامر ذلك؟", ""),
        ("ما دور النقابة؟", ""),
    ],
)
def test_whose_words_are_asked_for(question: str, whose: str) -> None:
    assert read_question(question).whose_words == whose
