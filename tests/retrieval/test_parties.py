"""Parties are known by their name, people and capital, in three languages."""

from __future__ import annotations

import pytest

from retrieval.parties import spoken_of


@pytest.mark.parametrize(
    ("text", "party"),
    [
        ("أعلن مسؤولون أميركيون ذلك", "الولايات المتحدة"),
        ("المتحدث باسم وزارة الخارجية اليابانية", "اليابان"),
        ("أعلنت طوكيو رفضها", "Japan"),
        ("وزير الخارجية الفرنسي", "the French government"),
        ("كبير مفاوضي سهلان", "سهلان"),
        ("فؤاد الكيلاني", "الكيلاني"),
    ],
)
def test_a_party_is_found(text: str, party: str) -> None:
    assert spoken_of(text, party)


@pytest.mark.parametrize(("text", "party"), [("عباس عراقجي", "العراق"), ("قال إن بلاده", "إيران"), ("الشركة", "union")])
def test_another_is_not(text: str, party: str) -> None:
    assert not spoken_of(text, party)


def test_a_capital_can_be_left_aside() -> None:
    assert not spoken_of("عُقد الاجتماع في مسقط", "Oman", capital=False)
    assert spoken_of("قال مسؤول عُماني", "Oman", capital=False)
