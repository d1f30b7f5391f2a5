"""Quantities and calendar words of a text, by value: «40 ألف» is 40,000 and «forty-two» is «الاثنين والأربعين».

For comparing a sentence with its evidence, in the same language or another: figures and number words of Arabic and
English are read as one number where they make one («سبعة عشر», «خمسمئة وعشرون», one hundred and five), percent signs
are no number, and months, weekdays, seasons and decades are known by their names. Not a calculator: 1.5 and «واحد ونصف»
stay different.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.analysis import is_stop, normalise
from retrieval.dates import month_named, weekday_named

_ONES = {
    # One alone is as good as an article («أحد المسؤولين», "one of") and no number; it is a part of others.
    "واحد": 1, "واحده": 1, "احد": 1, "احدي": 1, "حادي": 1, "حاديه": 1, "one": 1, "اثنا": 2, "اثنتا": 2,
    "اثنان": 2, "اثنين": 2, "اثنتان": 2, "اثنتين": 2, "اثنتي": 2, "اثني": 2, "ثلاث": 3, "ثلاثه": 3, "اربع": 4,
    "اربعه": 4, "خمس": 5, "خمسه": 5, "ست": 6, "سته": 6, "سبع": 7, "سبعه": 7, "ثمان": 8, "ثماني": 8, "ثمانيه": 8,
    "تسع": 9, "تسعه": 9, "عشر": 10, "عشره": 10, "عشرون": 20, "عشرين": 20, "ثلاثون": 30, "ثلاثين": 30, "اربعون": 40,
    "اربعين": 40, "خمسون": 50, "خمسين": 50, "ستون": 60, "ستين": 60, "سبعون": 70, "سبعين": 70, "ثمانون": 80,
    "ثمانين": 80, "تسعون": 90, "تسعين": 90, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40,
    "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_HUNDREDS = {
    "hundred": 100, **dict.fromkeys(("مايه", "ميه", "مييه"), 100),
    **dict.fromkeys(("مايتان", "مايتين", "مايتا", "مايتي", "ميتان", "ميتين", "ميتا", "ميتي", "مييتين", "مييتان"), 200),
    **{
        f"{unit}{hundred}": 100 * value
        for value, units in enumerate(("ثلاث", "اربع", "خمس", "ست", "سبع", "ثمان ثماني", "تسع"), 3)
        for unit in units.split()
        for hundred in ("مايه", "ميه", "مييه")
    },
}  # fmt: skip
_SCALES = {
    "الف": 10**3, "الفا": 10**3, "الاف": 10**3, "thousand": 10**3, "مليون": 10**6, "مليونا": 10**6, "ملايين": 10**6,
    "million": 10**6, "مليار": 10**9, "مليارا": 10**9, "مليارات": 10**9, "بليون": 10**9, "billion": 10**9,
    **dict.fromkeys(("تريليون", "ترليون", "تريليونا", "تريليونات", "trillion"), 10**12),
    "الفين": 2000, "الفان": 2000, "الفي": 2000, "مليونين": 2 * 10**6, "مليونان": 2 * 10**6, "مليوني": 2 * 10**6,
    "مليارين": 2 * 10**9, "ملياري": 2 * 10**9,
}  # fmt: skip
_ORDINALS = {
    "ثان": 2, "ثاني": 2, "ثانيه": 2, "ثالث": 3, "ثالثه": 3, "رابع": 4, "رابعه": 4, "خامس": 5, "خامسه": 5, "سادس": 6,
    "سادسه": 6, "سابع": 7, "سابعه": 7, "ثامن": 8, "ثامنه": 8, "تاسع": 9, "تاسعه": 9, "عاشر": 10, "عاشره": 10,
    "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
}  # fmt: skip
# With what else they may mean: a third is a share as well as a place.
_SHARES = {"third": 1 / 3}
_THIRDS = {"ثلث": 1 / 3, "ثلثي": 2 / 3, "ثلثا": 2 / 3, "ثلثين": 2 / 3, "ثلثان": 2 / 3}
_VALUES = {**_ONES, **_HUNDREDS, **_SCALES, **_ORDINALS, **_THIRDS}
_TEN = frozenset({"عشر", "عشره"})  # makes the teens: «سبعة عشر»
_PERCENT = re.compile(r"(?<!\w)(?:في ال|بال|فى ال)م[ايءئ]*ه(?!\w)|%|٪|(?<!\w)per ?cent(?!\w)")
_TOKEN = re.compile(r"(?<![\d.,])\d+[.,]\d+(?![.,]?\d)|\d+|[^\W\d_]+|[^\w\s]")
_HYPHEN = re.compile(r"(?<=[a-z])(ty)-([a-z])")  # forty-two, which is read as «و» would join it
_AND = re.compile(r"(?<!\w)(hundred|thousand|million|billion) and (?=[a-z])")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_DOTTED_THOUSANDS = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?:\.\d{3}){2,}(?![\d.,]?\d)")
_MAYBE_THOUSANDS = re.compile(r"[1-9]\d{0,2}\.\d{3}")  # written so in many Arabic texts, and not in English ones
_ABBREVIATED = re.compile(r"([£$€¥]\s?\d[\d.,]*)\s?(m|mn|bn|tn|k)(?!\w)")
_ABBREVIATIONS = {"m": "million", "mn": "million", "bn": "billion", "tn": "trillion", "k": "thousand"}
_EXPONENT = re.compile(r"(?<![^\W\d_])([kcm]?m)[23](?!\w)")  # km2
_SHORT_RANGE = re.compile(r"(?<!\d)((?:1\d|20)\d\d)\s?[-–—]\s?(\d\d)(?!\d)")  # 1623–25
_TWO_THIRDS = re.compile(r"(?<!\w)two[- ]thirds(?!\w)")
_FRACTION = re.compile("[½⅓⅔¼¾]")
_DECADE = re.compile(r"(?<!\d)(?:1\d|20)?(\d0)'?s(?!\w)")
_DECADES = {
    **{
        f"{word}{end}": tens for word, tens in _ONES.items() if tens > 19 and word[-2:] == "ين" for end in ("يات", "ات")
    },
    **{f"{word[:-1]}ies": tens for word, tens in _ONES.items() if tens > 19 and word[-2:] == "ty"},
}
_FIRST = re.compile(r"(?<!\w)(?:وا?ل?|بال|لل|ال)?(?:اول|اولي|واحد|واحده)(?!\w)|(?<!\w)(?:first|one)(?!\w)")
_PREFIXES = ("", "ال", "ب", "ل", "بال", "لل")
_DUAL = re.compile(r"(?<!\w)\w{3,}(?:ين|ان|تا|تي)(?:ه|ها|هما)?(?!\w)|(?<!\w)(?:both|twice|pair|couple)(?!\w)|كلا|مرتين")
_SEASONS = {
    "الصيف": "summer", "الخريف": "autumn", "الشتاء": "winter", "الربيع": "spring", "summer": "summer",
    "autumn": "autumn", "winter": "winter", "spring": "spring",
}  # fmt: skip
_SEASON = {normalise(word): name for word, name in _SEASONS.items()}


@dataclass(frozen=True)
class Quantity:
    """A number of a text. ``counted`` is the word after it, normalised, ``"%"`` for a percentage, or empty; ``else_``
    another value that the same words may have (711.988 may be 711,988).
    """

    value: float
    counted: str
    else_: float | None = None

    def values(self) -> set[float]:
        """What it may stand for."""
        return {self.value} if self.else_ is None else {self.value, self.else_}


@dataclass(frozen=True)
class _Numeral:
    """A word that is a number or a part of one: ``joined`` to what stands before it by «و» or a hyphen."""

    word: str
    value: float
    digits: bool
    joined: bool
    else_: float | None = None

    @property
    def scales(self) -> bool:
        return not self.digits and self.value >= 1000

    @property
    def unit(self) -> bool:
        return not self.digits and 1 <= self.value < 10

    @property
    def tens(self) -> bool:
        return not self.digits and 20 <= self.value < 100


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
        if not group:
            at += 1
        elif group[0].digits or _total(group) != 1:
            after = words[at] if at < len(words) else ""
            counts = after == "%" or (after[:1].isalpha() and not is_stop(after) and not after.startswith("و"))
            found.append(Quantity(_total(group), after if counts else "", group[0].else_ if len(group) == 1 else None))
    return found


def missing(sentence: str, quote: str) -> list[float]:
    """Numbers of a sentence that a quote does not have. A dual («جرعتين») is a two, «التسعينيات» are the 1990s.

    A decade of the sentence without its century is given as its tens: 90.
    """
    there = {value for quantity in quantities(quote) for value in quantity.values()}
    plain = normalise(quote)
    also = {2: _DUAL, 1: _FIRST}
    decades = _decades(sentence)
    theirs = _decades(quote)
    found = [
        quantity.value
        for quantity in quantities(sentence)
        if not quantity.values() & there
        and not (quantity.value in also and also[int(quantity.value)].search(plain))
        and quantity.value % 100 not in decades & theirs
    ]
    years = {value // 10 * 10 % 100 for value in there if 1000 <= value < 2100}
    return found + sorted(float(tens) for tens in decades - theirs - years)


def _decades(text: str) -> set[int]:
    """The decades of a text by their tens: 90 of «التسعينيات», the nineties, the 1990s."""
    plain = normalise(text)
    named = {_DECADES[bare] for word in _TOKEN.findall(plain) for bare in _bare_forms(word) if bare in _DECADES}
    return named | {int(tens) for tens in _DECADE.findall(plain)}


def _bare_forms(word: str) -> list[str]:
    """A word, and without a conjunction, a preposition and the article before it."""
    inner = [word, *(word[1:] for p in "وف" if word.startswith(p))]
    return [one[len(prefix) :] for one in inner for prefix in _PREFIXES if one.startswith(prefix)]


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
    plain = normalise(_FRACTION.sub(" ", text))
    plain = _PERCENT.sub(" % ", _EXPONENT.sub(r"\1", _THOUSANDS.sub("", plain)))
    plain = _DOTTED_THOUSANDS.sub(lambda match: match[0].replace(".", ""), plain)
    plain = _ABBREVIATED.sub(lambda match: f"{match[1]} {_ABBREVIATIONS[match[2]]}", plain)
    plain = _SHORT_RANGE.sub(lambda match: f"{match[1]} {match[1][:2]}{match[2]}", plain)
    plain = _TWO_THIRDS.sub("ثلثي", plain)
    return _TOKEN.findall(_AND.sub(r"\1 و", _HYPHEN.sub(r"\1 و\2", plain)))


def _numeral(word: str) -> _Numeral | None:
    if word[0].isdigit():
        value = float(word.replace(",", "."))
        also = float(word.replace(".", "")) if _MAYBE_THOUSANDS.fullmatch(word) else None
        return _Numeral(word, value, digits=True, joined=False, else_=also)
    # The one of «واحد» and «الواحد» begins with a letter that joins, too.
    for bare, joined in ((_stripped(word), False), (_stripped(word[1:]), word.startswith("و"))):
        if bare in _VALUES and (not joined or len(word) > 1):
            return _Numeral(bare, float(_VALUES[bare]), digits=False, joined=joined, else_=_SHARES.get(bare))
        if not word.startswith("و"):
            break
    return None


def _continues(group: Sequence[_Numeral], numeral: _Numeral) -> bool:
    """Whether a numeral goes on with the number that a group has begun: 400 ألف, خمسة وعشرين, سبعة عشر, two hundred.

    What is joined must be of a lower rank, or it is a number of its own: «مئة ومئتين».
    """
    if not group:
        return True
    last = group[-1]
    if numeral.digits or numeral.value < 1 or last.value < 1:
        return False
    if numeral.joined:
        return (last.unit and numeral.tens) or _rank(last) > _rank(numeral) >= 0
    if numeral.scales:
        return True
    if numeral.word in _TEN or numeral.value == 100:
        return last.unit
    return last.tens and numeral.unit and numeral.word.isascii() and last.word.isascii()


def _rank(numeral: _Numeral) -> int:
    """Of a thousand and more 3, of hundreds 2, of English tens, which come before their unit, 1; 0 of what is less."""
    if numeral.digits:
        return -1
    if numeral.scales:
        return 3
    if numeral.value >= 100:
        return 2
    return 1 if numeral.tens and numeral.word.isascii() else 0


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
