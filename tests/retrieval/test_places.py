"""Countries by their names and adjectives."""

from __future__ import annotations

import pytest

from retrieval.places import countries


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("الألمانية", {"DE"}),
        ("ألبانيا", {"AL"}),
        ("السعودي", {"SA"}),
        ("فريقان يابانيان", {"JP"}),
        ("الجنرال الأرمني", {"AM"}),
        ("الفلسطينيين", {"PS"}),
        ("المفوضية الأوروبية", {"EU"}),
        ("the French and the Chinese", {"FR", "CN"}),
        ("Omanis", {"OM"}),
        ("Turkish", {"TR"}),
        ("Kuwait's emir", {"KW"}),
        ("President Kenyatta in Malindi", set()),
        ("المالية", set()),
        ("", set()),
    ],
)
def test_countries_are_told_by_name_and_adjective(text: str, codes: set[str]) -> None:
    assert countries(text) == codes
