"""Comparisons of two positions: officials by their role, deeds for want of words, notes; on a made-up article."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from retrieval.engine import Engine
from retrieval.forms import read_form
from retrieval.models import Answer
from retrieval.parties import acts

FISHING = """قال وزير الصيد النرويجي أولاف هانسن إن بلاده ترفض حظر الصيد في المضيق.

وقد التزمت السويد ألا تتجاوز حصة الصيد في المضيق ألف طن. ويمتد أسطول الصيد السويدي على موانئ كثيرة.

وذكرت وكالة «الرابية» أن حظر الصيد في المضيق سيضر الموانئ."""


@pytest.fixture(scope="module")
def fishing(engine_over: Callable[..., Engine]) -> Engine:
    return engine_over(FISHING)


def said(answer: Answer) -> dict[str | None, str]:
    return {card.speaker: " ".join(answer.sentences[n].text for n in card.sentences) for card in answer.perspectives}


@pytest.mark.parametrize(
    "request_",
    [
        "قارن بين موقفي النرويج والسويد من الصيد",
        "قارن موقف النرويج من الصيد بموقف السويد",
        "ما الفرق بين موقف النرويج من الصيد وموقف السويد؟",
    ],
)
def test_an_official_speaks_for_a_state_and_a_deed_tells_where_one_stands(fishing: Engine, request_: str) -> None:
    answer = fishing.answer(request_, before=())
    found = said(answer)
    assert answer.status == "answered"
    assert "ترفض حظر الصيد" in found["النرويج"]
    assert "التزمت السويد" in found["السويد"]
    assert "أسطول الصيد السويدي" not in found["السويد"]


def test_a_side_that_has_nothing_is_noted(fishing: Engine) -> None:
    answer = fishing.answer("قارن موقف النرويج من الصيد بموقف اليابان", before=())
    assert list(said(answer)) == ["النرويج"]
    assert (answer.status, answer.notes) == ("partial", ("no_position:اليابان",))


def test_a_topic_in_english_is_found_by_what_it_means(fishing: Engine) -> None:
    answer = fishing.answer("Compare Norway's and Sweden's positions on fishing", before=())
    assert "ترفض حظر الصيد" in said(answer)["Norway"]
    assert answer.notes == ("no_position:Sweden",)  # whose deed nobody can tell to be about the topic


@pytest.mark.parametrize(
    "request_",
    [
        "Compare Norway's and Sweden's positions on football",
        "موضع نروژ و سوئد درباره فوتبال را مقایسه کن",
    ],
)
def test_what_parties_say_of_other_things_is_no_position_on_a_foreign_topic(fishing: Engine, request_: str) -> None:
    answer = fishing.answer(request_, before=())
    assert (answer.status, answer.sentences, answer.perspectives) == ("abstained", (), ())


def test_an_outlet_can_be_a_side(fishing: Engine) -> None:
    found = said(fishing.answer("قارن بين موقفي النرويج والرابية من الصيد", before=()))
    assert "سيضر الموانئ" in found["الرابية"]


@pytest.mark.parametrize(
    "request_", ["قارن موقف النرويج من حصص الصيد بموقف السويد", "ما الفرق بين موقف النرويج من حصص الصيد وموقف السويد؟"]
)
def test_a_topic_may_stand_with_the_first_party(request_: str) -> None:
    asking = read_form(request_)
    assert (asking.parties, asking.topic) == (("النرويج", "السويد"), "حصص الصيد")


@pytest.mark.parametrize(
    ("text", "acting"),
    [
        ("والتزمت السويد بالحصة.", True),
        ("ورفضت ستوكهولم الحصة.", True),
        ("بلغ الأسطول السويدي حصته.", False),
        ("حُددت للسويد حصة.", False),
    ],
)
def test_who_acts_is_named_itself(text: str, acting: bool) -> None:
    assert acts(text, "السويد") is acting
