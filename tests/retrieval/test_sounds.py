"""A name has one sound key however it is spelt; none of these names is in the shipped articles."""

from __future__ import annotations

import pytest

from retrieval.sounds import name_sounds, sound_keys, sounds


@pytest.mark.parametrize(
    ("latin", "arabic"),
    [
        ("Lavrov", "لافروف"),
        ("Sisi", "السيسي"),
        ("Macron", "ماكرون"),
        ("Zelensky", "زيلينسكي"),
        ("Erdogan", "أردوغان"),
        ("Barzani", "بارزاني"),
        ("Khartoum", "الخرطوم"),
        ("Shanghai", "شنغهاي"),
        ("Lagarde", "لاغارد"),
        ("Messi", "ميسي"),
        ("Fatima", "فاطمة"),
    ],
)
def test_a_name_sounds_alike_in_both_scripts(latin: str, arabic: str) -> None:
    assert sound_keys(latin) & sound_keys(arabic)


@pytest.mark.parametrize(("persian", "arabic"), [("نژاد", "نجاد"), ("پزشکیان", "بزشكيان"), ("چمران", "جمران")])
def test_persian_letters_sound_as_arabic_ones(persian: str, arabic: str) -> None:
    assert set(sounds(persian)) & set(sounds(arabic))


@pytest.mark.parametrize(("one", "other"), [("Lavrov", "ماكرون"), ("Barzani", "لافروف"), ("Messi", "الخرطوم")])
def test_other_names_sound_different(one: str, other: str) -> None:
    assert not sound_keys(one) & sound_keys(other)


def test_too_short_words_have_no_key() -> None:
    assert sound_keys("a") == sound_keys("ما") == set()


def test_names_of_a_question_are_its_capitalised_words() -> None:
    assert name_sounds("What did Lavrov say about grain?") == sorted(sound_keys("Lavrov"))
    assert name_sounds("what did lavrov say?") == sorted(sound_keys("lavrov"))
    assert name_sounds("ماذا قال لافروف؟") == []
    assert set(name_sounds("لاوروف درباره غلات چه گفت؟")) >= sound_keys("لاوروف")
