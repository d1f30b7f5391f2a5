"""Numbers, time and negation in a text."""

from __future__ import annotations

import pytest

from retrieval import facts


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("٣٦ عامًا", {"36"}),
        ("خمسة وعشرون رجلًا", {"5", "20"}),
        ("three of 1,200", {"3", "1200"}),
        ("۱۲ سال", {"12"}),
        ("لا رقم هنا", set()),
    ],
)
def test_numbers(text: str, found: set[str]) -> None:
    assert facts.numbers(text) == found


def test_figures_are_digits_only() -> None:
    assert facts.figures("خمسة من 10") == {"10"}


@pytest.mark.parametrize(
    "text", ["في عام 1990", "يوم الثلاثاء", "بحلول مارس", "قبل شهرين من أمس", "last March", "منذ سنوات"]
)
def test_tells_time(text: str) -> None:
    assert facts.tells_time(text)


def test_does_not_tell_time() -> None:
    assert not facts.tells_time("افتتح الوزير المعرض الكبير")


def test_tells_quantity() -> None:
    assert facts.tells_quantity("عشرات الجرحى")
    assert facts.tells_quantity("بخمسة عمال")
    assert not facts.tells_quantity("افتتح الوزير المعرض")


@pytest.mark.parametrize(
    ("text", "count"),
    [("لم يحضر", 1), ("ولن يحضر", 1), ("نفى الوزير", 1), ("did not deny", 2), ("حضر الوزير", 0), ("never said", 1)],
)
def test_negations(text: str, count: int) -> None:
    assert facts.negations(text) == count


def test_purpose_cause_and_function() -> None:
    assert facts.tells_purpose("تهدف الخطة إلى خفض الدين")
    assert facts.tells_cause("أغلق بسبب العاصفة")
    assert facts.tells_function("وهو رئيس المصرف")
    assert not facts.tells_cause("أغلق الميناء")
