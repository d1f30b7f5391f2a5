"""Speakers that a number tells from others of their kind: units, channels, deputies; in sentences made up here."""

from __future__ import annotations

import pytest

from ingest.attribution import attribute
from retrieval.models import Attribution


def read(sentence: str) -> Attribution:
    found = attribute(sentence, [(0, len(sentence))])[0]
    assert found is not None
    return found


@pytest.mark.parametrize(
    "unit",
    [
        "الأسطول الخامس",
        "الأسطول الرابع الفنلندي",
        "الفيلق الثالث",
        "اللواء السابع",
        "اللواء الثاني عشر النرويجي",
        "الكتيبة التاسعة",
        "الفوج الحادي والعشرون",
        "لواء العاصفة الثالث",
        "الجيش الثالث",
    ],
)
def test_a_units_number_is_of_its_name(unit: str) -> None:
    assert read(f"وقال {unit} إن الطريق آمن.").speaker == unit


@pytest.mark.parametrize(
    ("sentence", "speaker", "role"),
    [
        ("قال قائد الأسطول الخامس إن الطريق آمن.", "قائد الأسطول الخامس", None),
        ("قال قائد الفرقة الثالثة سالم ناصر إن الطريق آمن.", "سالم ناصر", "قائد الفرقة الثالثة"),
        ("قال المتحدث باسم الفيلق السادس عشر نبيل طعمة إن الطريق آمن.", "نبيل طعمة", "المتحدث باسم الفيلق السادس عشر"),
        ("قال اللواء سالم ناصر إن الطريق آمن.", "سالم ناصر", "اللواء"),
        ("وقال الجيش الخامس من مارس إن الطريق آمن.", "الجيش", None),
        ("قال وزير الدفاع في اليوم الثالث إن الطريق آمن.", "وزير الدفاع", None),
    ],
)
def test_beside_a_title_a_name_or_a_date(sentence: str, speaker: str, role: str | None) -> None:
    assert (read(sentence).speaker, read(sentence).role) == (speaker, role)
