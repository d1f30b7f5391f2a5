"""Questions spelt as they sound, or with two letters in the wrong order."""

from __future__ import annotations

import pytest

from retrieval.analysis import stems
from retrieval.spelling import respelt

KNOWN = frozenset(stems("المفاوضات في العاصمة حظر مستشفيات الاقتصادية"))


def occurs(stem: str) -> bool:
    return stem in KNOWN


def test_a_word_that_only_sounds_like_one_of_the_articles_is_that_one() -> None:
    assert respelt("متى بدأت المفاوظات الاقتسادية؟", occurs) == "متى بدأت المفاوضات الاقتصادية؟"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("المفواضات", "المفاوضات"),
        ("بالمفواضات", "بالمفاوضات"),
        ("للفماوضات", "للمفاوضات"),
        ("الاقتاصدية", "الاقتصادية"),
    ],
)
def test_two_letters_in_the_wrong_order_are_put_right(typed: str, meant: str) -> None:
    assert respelt(f"متى كانت {typed}؟", occurs) == f"متى كانت {meant}؟"


@pytest.mark.parametrize(
    "text",
    [
        "متى بدأت المفاوضات؟",  # known as it is
        "من حضر الاجتماع؟",  # too short: another word («حظر»)
        "أين عصام؟",  # so too («عاصمة»)
        "كم بلغت الواردات؟",  # nothing known sounds so
        "أين المثتشفيات؟",  # two letters off
        "أين مستشفيتا المدينة؟",  # another ending
        "مفواضات تهران چه شد و چرا؟",  # Persian
        "When did the talks begin?",
        "؟",
        "",
    ],
)
def test_anything_else_stays(text: str) -> None:
    assert respelt(text, occurs) == text


def test_which_of_two_was_meant_is_not_guessed() -> None:
    known = {*stems("مقتدرات"), *stems("مقتزرات")}
    assert respelt("مقتذرات", known.__contains__) == "مقتذرات"
    assert respelt("مقتذرات", {*stems("مقتدرات")}.__contains__) == "مقتدرات"
