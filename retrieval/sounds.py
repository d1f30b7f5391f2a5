"""Sound keys: one spelling for a name written in Arabic, Persian or Latin letters.

Vowels are dropped and consonants that transliterations confuse are merged, so that Baghaei, بقائي and بقایی share a
key. A general letter mapping, no list of names. The idea is Soundex's (Russell 1918), with classes made for the
romanisations of Arabic and Persian in news prose.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import product

from retrieval.analysis import content_words, is_stop, normalise, question_language, stem

# Velars and uvulars (k q g gh) merge, as do j/ch/zh, kh/h, s/z, t/th and b/p. Several readings: all are tried.
_LATIN: dict[str, tuple[str, ...]] = {
    "mc": ("M", "MK"), "tch": ("J",), "dj": ("J",), "ch": ("J", "X"), "sh": ("X",), "zh": ("J",),
    "kh": ("H",), "gh": ("K",),
    "th": ("T",), "dh": ("S",), "ph": ("F",), "ck": ("K",), "qu": ("K",), "ngt": ("NT", "NKT"), "ngh": ("NK", "NKH"),
    "b": ("B",),
    "p": ("B",), "t": ("T",), "d": ("D",), "j": ("J",), "h": ("H",), "r": ("R",), "z": ("S",), "s": ("S",),
    "c": ("K", "S"), "f": ("F",), "v": ("F", ""), "q": ("K",), "k": ("K",), "g": ("K", "J"), "l": ("L",),
    "m": ("M",), "n": ("N",), "x": ("KS",),
}  # fmt: skip
# Waw is as often a vowel as a consonant and is dropped like w; a final ha is most often a silent ta marbuta.
_ARABIC = {
    "ب": "B", "پ": "B", "ت": "T", "ط": "T", "ث": "T", "ج": "J", "چ": "J", "ژ": "J", "ح": "H", "خ": "H", "ه": "H",
    "د": "D", "ض": "D", "ذ": "S", "ز": "S", "ظ": "S", "ر": "R", "س": "S", "ص": "S", "ش": "X", "غ": "K", "ق": "K",
    "ك": "K", "گ": "K", "ف": "F", "ڤ": "F", "ل": "L", "م": "M", "ن": "N",
}  # fmt: skip
_LATIN_UNIT = re.compile("|".join(sorted(_LATIN, key=len, reverse=True)))
_LATIN_WORD = re.compile(r"[a-z]+")
_DOUBLED = re.compile(r"([a-z])\1")
_LATIN_OR_CAPITAL = re.compile(r"[^\W\d_]+")
_SHORTEST = 2  # a key of one consonant says too little
_READINGS = 8  # of one Latin word


def _latin_keys(word: str) -> set[str]:
    word = _DOUBLED.sub(r"\1", word)
    if word.startswith("al") and len(word) > 6:
        word = word[2:]
    if word.endswith("h") and not word.endswith(("sh", "ch", "th", "gh", "kh", "ph", "dh", "zh")):
        word = word[:-1]
    units = [_LATIN[unit] for unit in _LATIN_UNIT.findall(word)]
    return {"".join(reading) for reading, _ in zip(product(*units), range(_READINGS), strict=False)}


def _arabic_key(word: str) -> str:
    if word.startswith("ال") and len(word) > 4:
        word = word[2:]
    return "".join(_ARABIC.get(letter, "") for letter in word.removesuffix("ه"))


def sound_keys(word: str) -> set[str]:
    """The keys of one word: several for a Latin spelling that can be read several ways, none for too short a word.

    >>> sound_keys("Araghchi") & sound_keys("عراقچی") & sound_keys("عراقجي")
    {'RKJ'}
    """
    word = normalise(word)
    keys = _latin_keys(word) if _LATIN_WORD.fullmatch(word) else {_arabic_key(word), _arabic_key(stem(word))}
    return {key for key in keys if len(key) >= _SHORTEST}


def likeness(one: str, other: str) -> float:
    """How alike two words sound, in [0, 1]: 1 for the same key, less for each consonant that differs.

    >>> likeness("Halvorsen", "هالفورسن")
    1.0
    """
    return max(
        (SequenceMatcher(None, a, b).ratio() if a != b else 1.0 for a in sound_keys(one) for b in sound_keys(other)),
        default=0.0,
    )


def sounds(text: str) -> list[str]:
    """Keys of all content words of a text, in order."""
    return [key for word in content_words(text) if not word[0].isdigit() for key in sorted(sound_keys(word))]


def name_sounds(question: str) -> list[str]:
    """Keys of the words of a question that may name somebody in another script: none in an Arabic question.

    In Latin script these are the capitalised words, or, in a question written without capitals, all longer ones; in
    Persian, all content words (names are not marked, and much of the other vocabulary is shared with Arabic).
    """
    language = question_language(question)
    if language == "ar":
        return []
    if language == "fa":
        return sounds(question)
    words = [word for word in _LATIN_OR_CAPITAL.findall(question) if not is_stop(normalise(word))]
    names = [word for word in words if word[0].isupper()] or [word for word in words if len(word) > 4]
    return [key for word in names for key in sorted(sound_keys(word))]
