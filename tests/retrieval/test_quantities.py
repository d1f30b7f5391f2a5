"""Numbers as Arabic and English write them, and which of a sentence's numbers its evidence lacks."""

from __future__ import annotations

import pytest

from retrieval.quantities import calendar, missing, quantities


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("سبعة عشر عامًا", [17]),
        ("إحدى عشرة دولة", [11]),
        ("اثنا عشر لاعبًا", [12]),
        ("القرنين الثامن عشر والتاسع عشر", [18, 19]),
        ("القرن الحادي والعشرين", [21]),
        ("واحد وعشرون عضوًا", [21]),
        ("خمسمئة مقعد", [500]),
        ("ثلاثمائة وخمسة وعشرين", [325]),
        ("ألف وخمسمئة واثنين وعشرين", [1522]),
        ("مئة وخمسة وعشرين ألفًا", [125_000]),
        ("مليونًا ومئتي ألف", [1_200_000]),
        ("40 ألفًا وخمسمئة", [40_500]),
        ("ألفي عام", [2000]),
        ("بين مئة ومئتين", [100, 200]),
        ("خمسة وثلاثة", [5, 3]),
        ("10 و20", [10, 20]),
        ("1.234.567 نسمة", [1_234_567]),
        ("12.5.2020", [12, 5, 2020]),
        ("56,2٪", [56.2]),
        ("one hundred and five", [105]),
        ("forty-two thousand", [42_000]),
        ("twenty two", [22]),
        ("£30m", [30_000_000]),
        ("$2.5bn", [2_500_000_000]),
        ("22 km2", [22]),
        ("1623–25", [1623, 1625]),
        ("three trillion", [3e12]),
        ("أحد المسؤولين", []),
        ("one of them", []),
    ],
)
def test_numbers_are_read_as_one_where_they_make_one(text: str, values: list[float]) -> None:
    assert [quantity.value for quantity in quantities(text)] == values


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("17 دولة", "سبع عشرة دولة"),
        ("the 18th century", "القرن الثامن عشر"),
        ("in the 1990s", "في تسعينيات القرن الماضي"),
        ("في التسعينيات", "in the late nineties"),
        ("في التسعينيات", "عام 1995"),
        ("711,988 inhabitants", "711.988 نسمة"),
        ("a third of the people", "ثلث السكان"),
        ("two thirds of the people", "ثلثا السكان"),
        ("diabetes type 1", "السكري من النمط الأول"),
        ("two doses", "جرعتين"),
        ("six sacks", "6½ sacks"),
    ],
)
def test_the_same_number_in_other_words_is_not_missing(sentence: str, quote: str) -> None:
    assert missing(sentence, quote) == []


@pytest.mark.parametrize(
    ("sentence", "quote", "lacking"),
    [
        ("خمسمئة مقعد", "أربعمئة مقعد", [500]),
        ("سبعة عشر عامًا", "سبعة أعوام", [17]),
        ("the 19th century", "القرن الثامن عشر", [19]),
        ("في الثمانينيات", "في التسعينيات", [80]),
        ("1990", "في التسعينيات", [1990]),
        ("two thirds of the people", "ثلث السكان", [2 / 3]),
        ("1.2 مليون", "1.3 مليون", [1_200_000]),
    ],
)
def test_another_number_is_missing(sentence: str, quote: str, lacking: list[float]) -> None:
    assert missing(sentence, quote) == lacking


def test_a_percentage_and_what_is_counted_are_told() -> None:
    (share, seats) = quantities("83 في المئة من 40 مقعدًا")
    assert (share.counted, seats.counted) == ("%", "مقعدا")


def test_months_weekdays_and_seasons() -> None:
    assert calendar("يوم السبت 12 أبريل، قبل الصيف") == {"weekday 5", "month 4", "summer"}
