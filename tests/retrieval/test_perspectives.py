"""Who says what in an answer: one card a person, the strongest stance, whom a denial is of; on sentences made up."""

from __future__ import annotations

import pytest

from retrieval.extractive import full_names, perspectives
from retrieval.models import AnswerSentence, Attribution, Perspective, Stance


def cards(*said: Attribution) -> list[Perspective]:
    return list(perspectives([AnswerSentence(text="قيل.", citations=(1,), attribution=one) for one in said]))


def test_a_bare_family_name_is_the_only_person_called_so() -> None:
    [card] = cards(
        Attribution(speaker="شلهوب"),
        Attribution(speaker="ريتا شلهوب", role="مديرة الورشة"),
        Attribution(speaker="شلهوب"),
    )
    assert (card.speaker, card.role, card.sentences) == ("ريتا شلهوب", "مديرة الورشة", (0, 1, 2))


@pytest.mark.parametrize(
    ("names", "merged"),
    [
        (["العلي", "سامر العلي"], {"العلي": "سامر العلي"}),
        (["شلهوب", "ريتا شلهوب", "جان شلهوب"], {}),
        (["الرييس", "نايب الرييس"], {}),
        (["الوكاله", "مصدر في الوكاله"], {}),
        (["قطر", "سفير قطر"], {}),
        (["قطر", "نجوي قطر"], {}),
        (["شلهوب", "شلهوب الراعي"], {}),
    ],
)
def test_which_names_are_one_persons(names: list[str], merged: dict[str, str]) -> None:
    assert full_names(names) == {name: name for name in names} | merged


@pytest.mark.parametrize(
    ("stances", "strongest"),
    [
        (["asserts", "threatens", "asserts"], "threatens"),
        (["judges", "demands"], "demands"),
        (["denies", "warns"], "denies"),
        (["asserts"], "asserts"),
    ],
)
def test_a_card_has_the_strongest_stance(stances: list[Stance], strongest: Stance) -> None:
    [card] = cards(*(Attribution(speaker="ريتا شلهوب", stance=stance) for stance in stances))
    assert card.stance == strongest


@pytest.mark.parametrize(
    ("denied", "outlet", "linked"),
    [
        ("الوكالة", "وكالة الرابية", False),
        ("وكالة الرابية", "الرابية", True),
        ("الوكالة", "الوكالة", True),
    ],
)
def test_the_agency_is_not_any_agency(denied: str, outlet: str, linked: bool) -> None:
    _, denial = cards(Attribution(outlet=outlet), Attribution(speaker="ريتا شلهوب", stance="denies", denies=denied))
    assert (denial.denies == 0) is linked
