"""Questions typed in the wrong keyboard layout."""

from __future__ import annotations

import pytest

from retrieval.analysis import stems
from retrieval.keyboard import retyped

KNOWN = frozenset(stems("دور سلطنة عمان في المحادثات بين إيران وواشنطن والاتفاق النووي"))


def occurs(stem: str) -> bool:
    return stem in KNOWN


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("lh ],v ulhk td hglph]ehj?", "ما دور عمان في المحادثات؟"),
        ("lh hghjthr hgk,,d?", "ما الاتفاق النووي؟"),
        ("hdvhk ,,hak'k", "ايران وواشنطن"),
    ],
)
def test_what_makes_sense_in_arabic_is_read_as_arabic(typed: str, meant: str) -> None:
    assert retyped(typed, occurs) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "What is the role of Oman in the talks?",
        "Baghaei sanctions Witkoff",
        "ما دور عمان؟",
        "hello",
        "",
        "12 ?",
        "qwe rty uio",
    ],
)
def test_everything_else_stays(typed: str) -> None:
    assert retyped(typed, occurs) == typed
