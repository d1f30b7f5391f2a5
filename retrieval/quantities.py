"""Quantities and calendar words of a text, by value: «40 ألف» is 40,000 and «forty-two» is «الاثنين والأربعين».

For comparing a sentence with its evidence, in the same language or another: figures and number words of Arabic and
English are read as one number where they make one, percent signs are no number, and months, weekdays and seasons are
known by their names. Not a calculator: 1.5 and «واحد ونصف» stay different.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.analysis import is_stop, normalise
from retrieval.dates import month_named, weekday_named

_ONES = {
    "اثنان": 2, "اثنين": 2, "اثنتان": 2, "اثنتين": 2, "اثنتي": 2, "اثني": 2, "ثلاث": 3, "ثلاثه": 3, "اربع": 4,
    "اربعه": 4, "خمس": 5, "خمسه": 5, "ست": 6, "سته": 6, "سبع": 7, "سبعه": 7, "ثمان": 8, "ثماني": 8, "ثمانيه": 8,
    "تسع": 9, "تسعه": 9, "عشر": 10, "عشره": 10, "عشرون": 20, "عشرين": 20, "ثلاثون": 30, "ثلاثين": 30, "اربعون": 40,
    "اربعين": 40, "خمسون": 50, "خمسين": 50, "ستون": 60, "ستين": 60, "سبعون": 70, "سبعين": 70, "ثمانون": 80,
    "ثمانين": 80, "تسعون": 90, "تسعين": 90, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40,
    "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_HUNDREDS = {"مايه": 100, "ميه": 100, "مييه": 100, "hundred": 100, "مايتان": 200, "مايتين": 200, "ميتين": 200}
_SCALES = {
    "الف": 10**3, "الفا": 10**3, "الاف": 10**3, "thousand": 10**3, "مليون": 10**6, "مليونا": 10**6, "ملايين": 10**6,
    "million": 10**6, "مليار": 10**9, "مليارا": 10**9, "مليارات": 10**9, "billion": 10**9,
    "الفين": 2000, "الفان": 2000, "مليونين": 2 * 10**6, "مليونان": 2 * 10**6,
}  # fmt: skip
_ORDINALS = {
    "ثاني": 2, "ثانيه": 2, "ثالث": 3, "ثالثه": 3, "رابع": 4, "رابعه": 4, "خامس": 5, "خامسه": 5, "سادس": 6, "سادسه": 6,
    "سابع": 7, "سابعه": 7, "ثامن": 8, "ثامنه": 8, "تاسع": 9, "تاسعه": 9, "عاشر": 10, "عاشره": 10, "second": 2,
    "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
}  # fmt: skip
_VALUES = {**_ONES, **_HUNDREDS, **_SCALES, **_ORDINALS}
_PERCENT = re.compile(r"(?<!\w)(?:في ال|بال|فى ال)م[ايءئ]*ه(?!\w)|%|٪|(?<!\w)per ?cent(?!\w)")
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+|[^\w\s]")
_HYPHEN = re.compile(r"(?<=[a-z])(ty)-([a-z])")  # forty-two, which is read as «و» would join it
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_PREFIXES = ("", "ال", "ب", "ل", "بال", "لل")
_DUAL = re.compile(r"(?<!\w)\w{3,}(?:ين|ان|تا|تي)(?:ه|ها|هما)?(?!\w)|(?<!\w)(?:both|twice|pair|couple)(?!\w)|كلا|مرتين")
_SEASONS = {
    "الصيف": "summer", "الخريف": "autumn", "الشتاء": "winter", "الربيع": "spring", "summer": "summer",
    "autumn": "autumn", "winter": "winter", "spring": "spring",
}  # fmt: skip
_SEASON = {normalise(word): name for word, name in _SEASONS.items()}


@dataclass(frozen=True)
class Quantity:
    """A number of a text. ``counted`` is the word after it, normalised, ``"%"`` for a percentage, or empty."""

    value: float
    counted: str


@dataclass(frozen=True)
class _Numeral:
    """A word that is a number or a part of one: ``joined`` to what stands before it by «و» or a hyphen."""

    value: float
    digits: bool
    joined: bool

    @property
    def scales(self) -> bool:
        return not self.digits and self.value >= 1000


def quantities(text: str) -> list[Quantity]:
    """The numbers of a text in order: from two on in words, any in digits.

    >>> [q.value for q in quantities("اتفقوا على 400 ألف برميل وخمسة وعشرين يومًا")]
    [400000.0, 25.0]
    >>> quantities("83 في المئة")
    [Quantity(value=83.0, counted='%')]
    """
    words = _words(text)
    found: list[Quantity] = []
    at = 0
    while at < len(words):
        group: list[_Numeral] = []
        while at < len(words) and (numeral := _numeral(words[at])) and _continues(group, numeral):
            group.append(numeral)
            at += 1
        if group:
            after = words[at] if at < len(words) else ""
            counts = after == "%" or (after[:1].isalpha() and not is_stop(after) and not after.startswith("و"))
            found.append(Quantity(_total(group), after if counts else ""))
        else:
            at += 1
    return found


def missing(sentence: str, quote: str) -> list[float]:
    """Numbers of a sentence that a quote does not have. A dual («جرعتين») is a two."""
    there = {quantity.value for quantity in quantities(quote)}
    mine = [quantity.value for quantity in quantities(sentence)]
    return [value for value in mine if value not in there and not (value == 2 and _DUAL.search(normalise(quote)))]


def calendar(text: str, *, certain: bool = True) -> set[str]:
    """Months, weekdays and seasons of a text: ``{"month 3", "weekday 4", "summer"}``.

    Args:
        text: in any of the languages.
        certain: leave out what is a word as well (may, «آب»), unless a number stands beside it.
    """
    words = _TOKEN.findall(normalise(text))
    found = set()
    for position, word in enumerate(words):
        beside = "".join(words[max(0, position - 1) : position + 2])
        sure = not certain or any(character.isdigit() for character in beside)
        names = [" ".join(words[position : position + 2]), word, *(word[1:] for p in "ول" if word.startswith(p))]
        months = [month for name in names if (month := month_named(name, also_words=sure)) is not None]
        days = [day for name in names if (day := weekday_named(name)) is not None]
        found |= {f"month {month}" for month in months[:1]} | {f"weekday {day}" for day in days[:1]}
        if season := _SEASON.get(word) or (None if certain else _SEASON.get(f"ال{word}")):
            found.add(season)
    return found


def _words(text: str) -> list[str]:
    plain = _HYPHEN.sub(r"\1 و\2", _PERCENT.sub(" % ", _THOUSANDS.sub("", normalise(text))))
    return _TOKEN.findall(plain)


def _numeral(word: str) -> _Numeral | None:
    if word[0].isdigit():
        return _Numeral(float(word.replace(",", ".")), digits=True, joined=False)
    for bare, joined in ((_stripped(word), False), (_stripped(word[1:]), word.startswith("و"))):
        if bare in _VALUES and (not joined or len(word) > 1):
            return _Numeral(float(_VALUES[bare]), digits=False, joined=joined)
        if not word.startswith("و"):
            break
    return None


def _continues(group: Sequence[_Numeral], numeral: _Numeral) -> bool:
    """Whether a numeral goes on with the number that a group has begun: 400 ألف, خمسة وعشرين, two hundred."""
    if not group:
        return True
    if numeral.digits:
        return False
    hundred = numeral.value == 100 and not group[-1].digits
    return numeral.joined or numeral.scales or hundred


def _total(group: Sequence[_Numeral]) -> float:
    total, current = 0.0, 0.0
    for numeral in group:
        if numeral.scales and not numeral.joined:
            total, current = total + (current or 1) * numeral.value, 0.0
        elif numeral.value == 100 and 0 < current < 10:
            current *= 100
        else:
            current += numeral.value
    return total + current


def _stripped(word: str) -> str:
    """A number word without article and preposition. «المئة» is the hundred of a percentage and stays."""
    for prefix in _PREFIXES:
        rest = word[len(prefix) :]
        if word.startswith(prefix) and rest in _VALUES and not (prefix and rest in _HUNDREDS):
            return rest
    return word
