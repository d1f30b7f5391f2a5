"""What a negation is about, and what only looks like one."""

from __future__ import annotations

import pytest

from retrieval.analysis import tokens
from retrieval.polarity import Polarity


def reached(text: str) -> set[str]:
    return {tokens(text)[at] for at in Polarity.of(text).reach}


@pytest.mark.parametrize(
    "text",
    [
        "غير أنهم فازوا بالبطولة",
        "غير أنه لم يكن سوى مرة",
        "لا سيما في الشمال",
        "لا بد من الحوار",
        "قبل خمسة ملايين سنة خلت من عمر الأرض",
        "Kenya has ratified Convention No. 81",
        "the union of the universities is under way until June",
        "لا يزال الطريق مفتوحًا",
    ],
)
def test_what_only_looks_like_a_negation_is_none(text: str) -> None:
    assert not Polarity.of(text).negated


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("الطريق غير آمن", "امن"),
        ("تخلو المدينة من السكان", "السكان"),
        ("the road is unsafe", "unsafe"),
        ("income inequality", "inequality"),
        ("an impossible and illegitimate demand", "illegitimate"),
        ("they lacked water", "lacked"),
        ("unless the bank steps in", "bank"),
        ("افتتاح الجسر لن يكون قبل الصيف", "افتتاح"),
        ("الخبر ليس جديدا", "الخبر"),
        ("لم يصدر عن البيت الأبيض أي تعليق", "تعليق"),
        ("المقترح لا يكفي ورفضته النقابة", "المقترح"),
    ],
)
def test_a_negation_reaches_what_it_is_about(text: str, word: str) -> None:
    assert word in reached(text)


def test_what_a_verb_with_its_object_denies_stands_before_it() -> None:
    words = tokens("قرأت النقابة المقترح ورفضته")
    assert words.index("المقترح") in Polarity.over(words).denied


@pytest.mark.parametrize("text", ["بلغ عدد الزوار 900 بدلا من 700", "900 people came instead of 700"])
def test_a_number_in_place_of_another_is_no_negation(text: str) -> None:
    assert not Polarity.of(text).negated


def test_an_act_in_place_of_another_is_one() -> None:
    assert Polarity.of("بقي الطريق مفتوحا بدل إغلاقه").negated
