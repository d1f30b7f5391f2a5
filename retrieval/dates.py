"""Dates in news prose: which days, months and years a text names, in Arabic, English and Persian.

Months are known by their names in the Gulf and Egypt, the Levant and Iraq, the Maghreb, English and Persian, and so are
the months of the Persian solar calendar; figures may be written in Arabic-Indic or Persian digits. A weekday, «أمس» or
a date without a year is resolved against the day on which the article was published. Nothing is guessed: what cannot
be told for sure is left out (a date without a year in an undated article; a month that could be last year's or next),
and so are dates of the Hijri calendar, which depend on a sighting. Relative words inside quotation marks are relative
to when they were spoken, which an article need not say, so they are left out as well.

General date libraries look for one language at a time, and read «مارس نشاطه» (he practised) as March; news needs the
narrower reading of its own formulas.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from retrieval.analysis import aligned, is_stop, normalise

# One line a month: Gulf and Egypt, Levant and Iraq, Maghreb, English, Persian.
_MONTH_NAMES = """
يناير|كانون الثاني|جانفي|january|jan|ژانويه
فبراير|شباط|فيفري|february|feb|فوريه
مارس|اذار|march|mar
ابريل|نيسان|افريل|april|apr|اوريل
مايو|ايار|ماي|may|مه
يونيو|يونيه|حزيران|جوان|june|jun|ژوين
يوليو|يوليه|تموز|جويليه|يوليوز|july|jul|ژوييه|جولاي
اغسطس|اب|اوت|غشت|august|aug|اگوست
سبتمبر|ايلول|شتنبر|september|sept|sep|سپتامبر
اكتوبر|تشرين الاول|october|oct|اكتبر
نوفمبر|تشرين الثاني|نونبر|november|nov|نوامبر
ديسمبر|كانون الاول|دجنبر|december|dec|دسامبر
""".split("\n")[1:-1]
_MONTHS = {normalise(name): number for number, line in enumerate(_MONTH_NAMES, 1) for name in line.split("|")}
_SOLAR_MONTHS = {
    normalise(name): number
    for number, name in enumerate(
        "فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند".split(), 1
    )
}  # fmt: skip
# Month names that are also words: without a day or a year beside them they are not read as months.
_ALSO_WORDS = frozenset(
    map(normalise, "آب ماي مه جوان may mar jan dec march apr aug sep sept oct nov feb jun jul".split())
)
# Monday first, as in ``date.weekday``; each line in Arabic, English and Persian.
_DAY_NAMES = """
الاثنين|الإثنين|monday|دوشنبه
الثلاثاء|tuesday|سه شنبه|سهشنبه
الأربعاء|wednesday|چهارشنبه
الخميس|thursday|پنجشنبه|پنج شنبه
الجمعة|friday|جمعه
السبت|saturday|شنبه
الأحد|sunday|یکشنبه|یک شنبه
""".split("\n")[1:-1]
_WEEKDAYS = {normalise(name): number for number, line in enumerate(_DAY_NAMES) for name in line.split("|")}
_TENS = {"العشرون": 20, "العشرين": 20, "الثلاثون": 30, "الثلاثين": 30}
_ONES = {
    "الاول": 1, "الحادي": 1, "الثاني": 2, "الثالث": 3, "الرابع": 4, "الخامس": 5, "السادس": 6, "السابع": 7,
    "الثامن": 8, "التاسع": 9, "العاشر": 10,
}  # fmt: skip
_COUNTS = {
    "ثلاثه": 3, "ثلاث": 3, "اربعه": 4, "اربع": 4, "خمسه": 5, "خمس": 5, "سته": 6, "ست": 6, "سبعه": 7, "سبع": 7,
    "ثمانيه": 8, "ثماني": 8, "تسعه": 9, "تسع": 9, "عشره": 10, "عشر": 10, "one": 1, "two": 2, "three": 3, "four": 4,
    "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "a": 1, "يك": 1, "دو": 2, "سه": 3,
    "چهار": 4, "پنج": 5, "شش": 6, "هفت": 7, "هشت": 8, "نه": 9, "ده": 10,
}  # fmt: skip
_RELATIVE_DAYS = {
    "اول من امس": -2, "اول امس": -2, "امس الاول": -2, "امس": -1, "اليوم": 0, "غدا": 1, "بعد غد": 2,
    "the day before yesterday": -2, "yesterday": -1, "today": 0, "tomorrow": 1,
    "پريروز": -2, "ديروز": -1, "امروز": 0, "فردا": 1,
}  # fmt: skip
_UNITS = {
    "يوم": "day", "يومين": "day", "ايام": "day", "day": "day", "days": "day", "روز": "day",
    "اسبوع": "week", "اسبوعين": "week", "اسابيع": "week", "week": "week", "weeks": "week", "هفته": "week",
    "شهر": "month", "شهرين": "month", "اشهر": "month", "شهور": "month", "month": "month", "months": "month",
    "ماه": "month",
    "عام": "year", "عامين": "year", "سنه": "year", "سنتين": "year", "اعوام": "year", "سنوات": "year", "year": "year",
    "years": "year", "سال": "year",
}  # fmt: skip
_PAST = r"(?:الماضي|الماضيه|الفايت|الفايته|المنصرم|المنصرمه|المنقضي|گذشته|قبل)"
_NEXT = r"(?:المقبل|المقبله|القادم|القادمه|الاتي|الاتيه|اينده)"
_THIS = r"(?:الجاري|الجاريه|الحالي|الحاليه|جاري)"
SURE_DAYS = 245  # beyond these a month without a year could as well be the year before's or the next one's


def _any(words: object) -> str:
    return "(?:" + "|".join(sorted(map(re.escape, words), key=len, reverse=True)) + ")"  # type: ignore[call-overload]


_M = _any(_MONTHS)
_S = _any(_SOLAR_MONTHS)
_W = _any(_WEEKDAYS)
_ORDINAL = rf"(?:{_any(_ONES)}(?: عشر| و{_any(_TENS)})?|{_any(_TENS)})"
_DAY = rf"(?:(?<![\d.,/])(?:ال)?\d{{1,2}}(?:st|nd|rd|th)?(?![\d.,/]\d)(?!\d)|\b{_ORDINAL}(?= من ))"
_BOTH = rf"(?P<month>{_M})(?:\s?[/(]\s?{_M}\s?\)?)?(?!\w)"
_YEAR = r"(?:,? ?(?:من )?(?:ال)?(?:عام|سنه|سال) ?|,? |/)(?P<year>\d{4})(?![\d/])(?! ?ه\b)"
_START = r"(?<![^\W_])(?:[وفلب])?"
_NUMERIC = re.compile(
    r"(?<![\d/.-])(?:(?P<y1>\d{4})[-/.](?P<m1>\d{1,2})[-/.](?P<d1>\d{1,2})"
    r"|(?P<d2>\d{1,2})[-/.](?P<m2>\d{1,2})[-/.](?P<y2>\d{4}))(?![\d/-]|\.\d)(?! ?ه\b)"
)
_DAY_MONTH = re.compile(
    rf"(?:(?P<between>\bبين |\bbetween )?(?P<from>{_DAY}) ?(?P<join>-|الي|حتي|و|to|and|تا) ?)?"
    rf"(?P<day>{_DAY}) ?(?:من |of |شهر |من شهر )?{_BOTH}(?:{_YEAR})?"
)
_MONTH_DAY = re.compile(rf"\b{_BOTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,? (?P<year>\d{{4}}))?(?!\d)")
_MONTH_YEAR = re.compile(rf"{_START}{_BOTH}{_YEAR}")
_BARE_MONTH = re.compile(
    r"\b(?P<lead>في|منذ|شهر|لشهر|حتي|مطلع|اوايل|اواسط|منتصف|اواخر|نهايه|بدايه|خلال|بين|من|الي"
    rf"|in|since|until|by|last|next|this|early|mid|late|از|در|تا) {_BOTH}(?P<trail> (?:{_PAST}|{_NEXT}|{_THIS})\b)?"
    rf"|{_START}(?P<named>{_M}) (?P<cue>{_PAST}|{_NEXT}|{_THIS})\b"
)
_SOLAR = re.compile(
    rf"(?<![\d.,/])(?P<day>\d{{1,2}}) ?(?P<month>{_S})(?!\w)(?:{_YEAR})?"
    rf"|{_START}(?P<month2>{_S}) (?:ماه )?(?:سال )?(?P<year2>1[34]\d\d)(?!\d)"
)
_NOT_COUNTED = r"(?![\d.,/%]\d)(?!\d)"
_YEARS = re.compile(
    r"(?<![^\W_])(?:[وبلف])?(?:ال)?(?P<word>عام|عامي|سنه|سنتي|سال|year|years) "
    rf"(?P<year>\d{{4}}){_NOT_COUNTED}(?! ?(?:ه|ق)\b)"
    r"|(?P<second>(?<=\d{4}) (?:و|and )) ?(?P<year4>(?:1[5-9]|20)\d\d)"
    rf"{_NOT_COUNTED}"
    r"|\b(?:في|منذ|حتي|بين|من|الي|in|since|until|between|from|to|در|از|تا) (?P<year2>(?:1[5-9]|20)\d\d)"
    rf"{_NOT_COUNTED}"
    r"|\((?P<year3>(?:1[0-9]|20)\d\d)(?=\)| ?- ?\d{4}\))"
)
_WEEKDAY = re.compile(
    rf"\b(?P<before>(?:last|next|this|قبل|before|كل|ايام|ايام ال|every) )?(?:(?:يوم|ليله|مسا|صباح|فجر|ظهر|روز) )*"
    rf"\b[وفلب]?(?P<weekday>{_W})(?!\w)(?P<cue> (?:{_PAST}|{_NEXT}|{_THIS})\b)?"
)
_RELATIVE = re.compile(rf"(?<![^\W_])[وف]?(?P<word>{_any(_RELATIVE_DAYS)})(?!\w)")
_PERIOD = re.compile(
    rf"\b[وفلب]?(?:(?P<this>هذا |هذه |this |اين )(?:ال)?(?P<unit1>اسبوع|شهر|عام|سنه|week|month|year|هفته|ماه|سال)"
    rf"|ال(?P<unit2>اسبوع|شهر|عام|سنه) (?P<cue>{_PAST}|{_NEXT}|{_THIS})"
    r"|(?P<step>last |next )(?P<unit3>week|month|year)"
    r"|(?P<unit4>هفته|ماه|سال) (?P<cue4>گذشته|اينده|جاري)"
    r"|(?P<fa>امسال|پارسال))\b"
)
_AGO = re.compile(
    rf"\bقبل (?:نحو )?(?:(?P<n1>\d+|{_any(_COUNTS)}) )?(?P<unit1>{_any(_UNITS)})(?!\w)(?! من\b)"
    rf"|\b(?P<n2>\d+|{_any(_COUNTS)}) (?P<unit2>days?|weeks?|months?|years?) ago\b"
    rf"|(?<!\w)(?P<n3>\d+|{_any(_COUNTS)}) (?P<unit3>روز|هفته|ماه|سال) پيش\b"
)
_SENTENCE_END = re.compile(r"[.!?\n](?!\d)")
_QUOTED = re.compile(r'"[^"\n]*"')
# Words before «اليوم» that make it a day spoken of, or a limit, and not today.
_NOT_TODAY = re.compile(r"\b(?:في|ذلك|تلك|نفس|طوال|حتي|الي|منذ|كل|لل|عن|بين|طيله|من) $")
_FUTURE = re.compile(
    r"\b(?:سوف|المقرر|مقرر|المتوقع|المرتقب|ينتظر|will|shall|due|scheduled|قرار است|خواهد)\b"
    r"|\bس[يتن](?!\w*ات\b)(?!ار|اس|ه\b|طر|ده\b|دات|ون\b|ين\b|نما|ناريو)\w{2,}"
)
_JOINS = re.compile(r"\s*(?:-|الي|حتي|to|until|تا)\s*(?:(?:ال)?(?:عام|سنه|سال) ?)?")
_AND = re.compile(r"\s*و\s?(?:(?:ال)?(?:عام|سنه) ?)?|\s+and\s+")


@dataclass(frozen=True)
class Dated:
    """Days that a text names: ``start`` to ``end``, both included; ``text[slice(*span)]`` are its words for them."""

    start: date
    end: date
    span: tuple[int, int]

    @property
    def iso(self) -> str:
        """As ISO 8601: a day, a month (``2025-04``), a year (``2025``) or an interval (``2025-04-11/2025-04-13``)."""
        if self.start == self.end:
            return self.start.isoformat()
        if (self.start, self.end) == _month(self.start.year, self.start.month):
            return f"{self.start:%Y-%m}" if self.start.year >= 1000 else f"{self.start.year:04}-{self.start.month:02}"
        if (self.start, self.end) == _year(self.start.year):
            return f"{self.start.year:04}"
        return f"{self.start.isoformat()}/{self.end.isoformat()}"


def month_named(name: str, *, also_words: bool = True) -> int | None:
    """The month (1 to 12) that a normalised word names; without ``also_words`` not one that is a word besides."""
    return _MONTHS.get(name) if also_words or name not in _ALSO_WORDS else None


def weekday_named(name: str) -> int | None:
    """The weekday (0 is Monday) that a normalised word names."""
    return _WEEKDAYS.get(name)


def dated(text: str, published: date | None = None) -> list[Dated]:
    """The dates of a text, in the order in which they are written.

    Args:
        text: a sentence, or a whole article.
        published: the day its article was published; without it only dates with a year of their own are told.

    >>> [d.iso for d in dated("وُقّع في ١٧ نيسان/أبريل ٢٠٢٥، ونُفّذ الشهر الماضي.", date(2025, 6, 3))]
    ['2025-04-17', '2025-05']
    """
    unified, offsets = aligned(text)
    found = [
        Dated(mention.days[0], mention.days[1], (offsets[mention.start], offsets[mention.end]))
        for mention in _Reading(unified, published).all()
        if mention.days
    ]
    return [one for one in found if "غداء" not in text[slice(*one.span)]]  # lunch, once hamza is dropped


@dataclass(frozen=True)
class _Mention:
    """Words for a date: what is said of it, and the days they come to once that is known."""

    start: int
    end: int
    day: int | None = None
    month: int | None = None
    year: int | None = None
    weekday: int | None = None
    days: tuple[date, date] | None = None
    cue: str = ""


class _Reading:
    """One pass over a unified text."""

    def __init__(self, text: str, published: date | None) -> None:
        self._text = text
        self._published = published
        self._quoted = [match.span() for match in _QUOTED.finditer(text)]
        self._taken: list[tuple[int, int]] = []

    def all(self) -> list[_Mention]:
        """All mentions, in order; those whose days cannot be told have none."""
        mentions: list[_Mention] = []
        readers: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Iterator[_Mention]]], ...] = (
            (_NUMERIC, self._numeric),
            (_DAY_MONTH, self._day_month),
            (_MONTH_DAY, self._month_day),
            (_SOLAR, self._solar),
            (_MONTH_YEAR, self._month_year),
            (_AGO, self._ago),
            (_PERIOD, self._period),
            (_BARE_MONTH, self._bare_month),
            (_YEARS, self._years),
            (_WEEKDAY, self._weekday),
            (_RELATIVE, self._relative),
        )
        for pattern, read in readers:
            for match in pattern.finditer(self._text):
                if any(match.start() < end and start < match.end() for start, end in self._taken):
                    continue
                new = list(read(match))
                if new:
                    self._taken.append(match.span())
                mentions += new
        mentions.sort(key=lambda mention: mention.start)
        mentions = self._with_weekdays(mentions)
        mentions = [self._resolved(mention) for mention in self._shared_years(mentions)]
        return self._joined(mentions)

    # -- dates of the calendar ------------------------------------------------------------------------------

    def _numeric(self, match: re.Match[str]) -> Iterator[_Mention]:
        year, month, day = (int(match[f"{part}1"] or match[f"{part}2"]) for part in "ymd")
        if days := _day(year, month, day):
            yield _Mention(*match.span(), days=days)

    def _day_month(self, match: re.Match[str]) -> Iterator[_Mention]:
        if match["month"] == "اب" and not self._is_august(match):
            return
        month, year, last = _MONTHS[match["month"]], _int(match["year"]), _number_of_day(match["day"])
        first = _number_of_day(match["from"]) if match["from"] else None
        cue = self._cue_after(match.end())
        if first is None:
            yield _Mention(*match.span(), last, month, year, cue=cue)
        elif match["join"] in {"و", "and"} and not match["between"]:
            yield _Mention(*match.span("from"), first, month, year, cue=cue)
            yield _Mention(match.start("day"), match.end(), last, month, year, cue=cue)
        else:
            start = self._resolved(_Mention(*match.span(), first, month, year, cue=cue))
            end = self._resolved(_Mention(*match.span(), last, month, year, cue=cue))
            if start.days and end.days and start.days[0] < end.days[1]:
                yield replace(start, days=(start.days[0], end.days[1]))

    def _is_august(self, match: re.Match[str]) -> bool:
        """Whether «اب», which is also a father, is written like the month: after a figure."""
        return match["day"].lstrip("ال")[:1].isdigit()

    def _month_day(self, match: re.Match[str]) -> Iterator[_Mention]:
        if match["month"].isascii():  # «مايو 12 شخصًا» is no date; "May 12" is
            yield _Mention(
                *match.span(),
                int(match["day"]),
                _MONTHS[match["month"]],
                _int(match["year"]),
                cue=self._cue_after(match.end()),
            )

    def _month_year(self, match: re.Match[str]) -> Iterator[_Mention]:
        yield _Mention(*match.span(), None, _MONTHS[match["month"]], int(match["year"]))

    def _bare_month(self, match: re.Match[str]) -> Iterator[_Mention]:
        name = match["month"] or match["named"]
        if name in _ALSO_WORDS and not (match["trail"] or match["cue"]) and match["lead"] not in {"شهر", "لشهر"}:
            return
        cue = _cue(match["trail"] or match["cue"] or "") or _cue(match["lead"] or "")
        start = match.start("month") if match["month"] else match.start()
        yield _Mention(start, match.end(), None, _MONTHS[name], None, cue=cue)

    def _solar(self, match: re.Match[str]) -> Iterator[_Mention]:
        """A day or month of the Persian calendar, when its year is given."""
        month, year = _SOLAR_MONTHS[match["month"] or match["month2"]], _int(match["year"] or match["year2"])
        if year is None or not 1200 <= year <= 1500:
            return
        first, last = (int(match["day"]),) * 2 if match["day"] else (1, 31 if month <= 6 else 30 if month < 12 else 29)
        yield _Mention(*match.span(), days=(_gregorian(year, month, first), _gregorian(year, month, last)))

    def _years(self, match: re.Match[str]) -> Iterator[_Mention]:
        group = next(name for name in ("year", "year2", "year3", "year4") if match[name])
        year = int(match[group])
        if match["year2"] and not self._ends_phrase(match.end()):
            return
        if match["word"] == "سال" and 1300 <= year <= 1450:
            yield _Mention(*match.span(), days=(_gregorian(year, 1, 1), _gregorian(year + 1, 1, 1) - timedelta(1)))
        elif 1000 <= year <= 2199:
            start = match.start("word") if match["word"] else match.start(group)
            yield _Mention(start, match.end(), None, None, year)

    def _ends_phrase(self, end: int) -> bool:
        """Whether a figure stands by itself: what follows is not a thing that it could count."""
        following = re.match(r"\s*([^\W\d_]+|\S|$)", self._text[end:])
        word = following[1] if following else ""
        return not word or not word[0].isalpha() or is_stop(word) or word[0] == "و" or word in {"تا", "الي"}

    # -- dates relative to the day of publication -----------------------------------------------------------

    def _weekday(self, match: re.Match[str]) -> Iterator[_Mention]:
        before = (match["before"] or "").strip()
        bare_persian = match["weekday"] == "شنبه" and self._text[: match.start("weekday")].endswith(
            ("سه ", "پنج ", "يك ")
        )
        if before in {"كل", "ايام", "every"} or self._in_quotes(match.start()) or bare_persian:
            return
        if match["weekday"] == "الاثنين" and self._is_a_two(match):
            return
        cue = _cue(match["cue"] or "") or _cue(before)
        if not cue and before in {"قبل", "before"}:
            cue = "next"
        if not cue and _FUTURE.search(self._text[self._sentence_start(match.start()) : match.start()]):
            cue = "unsure"
        start = match.start("weekday") if before in {"قبل", "before"} else match.start()
        yield _Mention(start, match.end(), weekday=_WEEKDAYS[match["weekday"]], cue=cue)

    def _is_a_two(self, match: re.Match[str]) -> bool:
        """Whether «الاثنين» is a number, as in «الطرفين الاثنين» and «الفروع الاثنين والأربعين»."""
        before, after = self._text[: match.start()], self._text[match.end() :]
        return bool(re.search(r"ين $", before) or re.match(r" وال\w+ين\b", after))

    def _relative(self, match: re.Match[str]) -> Iterator[_Mention]:
        if self._published is None or self._in_quotes(match.start()):
            return
        word, before, after = match["word"], self._text[: match.start()], self._text[match.end() :]
        if word == "اليوم":
            of_a_day = re.match(r" ال", after) and not re.match(rf" {_W}\b", after)
            if of_a_day or _NOT_TODAY.search(before):
                return
        if word == "غدا" and not re.search(r"(?:^|\W)(?:يوم |مسا |صباح |ظهر )?$", before):
            return
        day = self._published + timedelta(_RELATIVE_DAYS[word])
        yield _Mention(*match.span(), days=(day, day))

    def _period(self, match: re.Match[str]) -> Iterator[_Mention]:
        if self._published is None or self._in_quotes(match.start()):
            return
        if match["fa"]:
            return  # the years of the Persian calendar overlap two of this one
        unit = _UNITS[next(match[f"unit{n}"] for n in (1, 2, 3, 4) if match[f"unit{n}"])]
        cue = "this" if match["this"] else _cue(match["cue"] or match["step"] or match["cue4"] or "")
        step = {"past": -1, "this": 0, "next": 1}.get(cue)
        if step is not None and not (match["unit4"] and unit != "week"):
            yield _Mention(*match.span(), days=_around(self._published, unit, step))

    def _ago(self, match: re.Match[str]) -> Iterator[_Mention]:
        if self._published is None or self._in_quotes(match.start()):
            return
        unit = next(match[f"unit{n}"] for n in (1, 2, 3) if match[f"unit{n}"])
        number = next((match[f"n{n}"] for n in (1, 2, 3) if match[f"n{n}"]), None)
        count = (
            2 if unit.endswith("ين") else 1 if number is None else int(number) if number.isdigit() else _COUNTS[number]
        )
        if number is None and unit in {"ايام", "اسابيع", "اشهر", "شهور", "اعوام", "سنوات"}:
            return  # «قبل أيام» says no number
        if count < 3000:
            yield _Mention(*match.span(), days=_around(self._published, _UNITS[unit], -count))

    # -- what the parts make together -----------------------------------------------------------------------

    def _with_weekdays(self, mentions: list[_Mention]) -> list[_Mention]:
        """A weekday beside a date is one mention with it; of «أمس الثلاثاء» the weekday is the surer part."""
        result: list[_Mention] = []
        for mention in mentions:
            last = result[-1] if result else None
            gap = self._text[last.end : mention.start] if last else ""
            beside = last is not None and re.fullmatch(r",? ?(?:الموافق |في )?\(?", gap)
            if last is not None and beside and last.weekday is not None and mention.month and mention.day:
                result[-1] = replace(mention, start=last.start, weekday=last.weekday)
            elif last is not None and beside and mention.weekday is not None and last.days and last.day is None:
                result[-1] = replace(mention, start=last.start)
            else:
                result.append(mention)
        return result

    def _shared_years(self, mentions: list[_Mention]) -> list[_Mention]:
        """«من أبريل إلى يونيو 2024»: the year of the last is that of all that are joined to it."""
        result = list(mentions)
        for at in range(len(result) - 2, -1, -1):
            this, following = result[at], result[at + 1]
            gap = self._text[this.end : following.start]
            joined = _JOINS.fullmatch(gap) or _AND.fullmatch(gap)
            if joined and this.month and this.year is None and not this.cue and following.month and following.year:
                result[at] = replace(this, year=following.year - (this.month > following.month))
        return result

    def _resolved(self, mention: _Mention) -> _Mention:
        if mention.days:
            return mention
        if mention.month is None and mention.year is not None:
            return replace(mention, days=_year(mention.year))
        if mention.month is not None:
            year = mention.year or self._year_of(mention)
            return replace(mention, days=_of(year, mention.month, mention.day) if year else None)
        if mention.weekday is not None and self._published is not None:
            return replace(mention, days=self._on_weekday(mention))
        return mention

    def _on_weekday(self, mention: _Mention) -> tuple[date, date] | None:
        """The last such day up to that of publication, unless another is said."""
        assert self._published is not None
        assert mention.weekday is not None
        back = (self._published.weekday() - mention.weekday) % 7
        if mention.cue == "unsure":
            return None
        if mention.cue == "next":
            day = self._published + timedelta(7 - back)
        else:
            day = self._published - timedelta(back or (7 if mention.cue == "past" else 0))
        return day, day

    def _year_of(self, mention: _Mention) -> int | None:
        """The year of a date that gives none."""
        published, month = self._published, mention.month
        if published is None or month is None or self._in_quotes(mention.start) or self._of_another_year(mention):
            return None
        if mention.weekday is not None and mention.day:
            years = [y for y in (published.year, published.year - 1, published.year + 1) if _falls(y, mention)]
            return years[0] if years else None
        this = _of(published.year, month, mention.day)
        if this is None:
            return None
        if mention.cue == "past":
            return published.year if this[1] < published else published.year - 1
        if mention.cue == "next":
            return published.year if this[0] > published else published.year + 1
        sure = mention.cue == "this" or abs((this[0] - published).days) <= SURE_DAYS
        return published.year if sure else None

    def _of_another_year(self, mention: _Mention) -> bool:
        """Whether the sentence is about another year than that of publication: then a bare month may be that one's."""
        assert self._published is not None
        end = _SENTENCE_END.search(self._text, mention.end)
        sentence = self._text[self._sentence_start(mention.start) : end.start() if end else len(self._text)]
        years = {int(y) for y in re.findall(r"(?<![\d.,])(?:1[5-9]|20)\d\d(?![\d.,]?\d)", sentence)}
        return mention.cue == "" and bool(years - {self._published.year})

    def _joined(self, mentions: list[_Mention]) -> list[_Mention]:
        """«من عام 1672 إلى 1674», «بين مارس ومايو»: one span of time."""
        result: list[_Mention] = []
        for mention in mentions:
            last = result[-1] if result else None
            if last is not None and last.days and mention.days and last.days[0] < mention.days[0]:
                gap = self._text[last.end : mention.start]
                between = re.search(r"\b(?:بين|between) ?(?:عامي |سنتي |شهري )?$", self._text[: last.start])
                if _JOINS.fullmatch(gap) or (between and _AND.fullmatch(gap)):
                    result[-1] = replace(last, end=mention.end, days=(last.days[0], mention.days[1]))
                    continue
            result.append(mention)
        return result

    def _cue_after(self, end: int) -> str:
        following = re.match(rf" ({_PAST}|{_NEXT}|{_THIS})\b", self._text[end:])
        return _cue(following[1]) if following else ""

    def _in_quotes(self, at: int) -> bool:
        return any(start < at < end for start, end in self._quoted)

    def _sentence_start(self, at: int) -> int:
        return max((match.end() for match in _SENTENCE_END.finditer(self._text, 0, at)), default=0)


def _cue(words: str) -> str:
    """Which way a word points: ``past``, ``next``, ``this``, or ``""``."""
    word = words.strip()
    if re.fullmatch(_PAST, word) or word in {"last", "منذ", "since"}:
        return "" if word == "قبل" else "past"
    if re.fullmatch(_NEXT, word) or word == "next":
        return "next"
    return "this" if re.fullmatch(_THIS, word) or word == "this" else ""


def _number_of_day(words: str) -> int:
    digits = re.search(r"\d+", words)
    if digits:
        return int(digits[0])
    ones = sum(value for name, value in _ONES.items() if re.search(rf"\b{name}\b", words))
    tens = sum(value for name, value in _TENS.items() if re.search(rf"\bو?{name}\b", words))
    return ones + tens + (10 if words.endswith(" عشر") else 0)


def _int(digits: str | None) -> int | None:
    return int(digits) if digits else None


def _day(year: int, month: int, day: int) -> tuple[date, date] | None:
    try:
        return (date(year, month, day),) * 2
    except ValueError:
        return None


def _month(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def _year(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)


def _of(year: int, month: int, day: int | None) -> tuple[date, date] | None:
    if not 1 <= year <= 9999:
        return None
    return _day(year, month, day) if day else _month(year, month)


def _falls(year: int, mention: _Mention) -> bool:
    assert mention.month is not None
    assert mention.day is not None
    days = _day(year, mention.month, mention.day)
    return days is not None and days[0].weekday() == mention.weekday


def _around(day: date, unit: str, step: int) -> tuple[date, date]:
    """The day, week (Monday to Sunday), month or year that lies ``step`` of them from that of ``day``."""
    if unit == "day":
        return (day + timedelta(step),) * 2
    if unit == "week":
        monday = day - timedelta(day.weekday()) + timedelta(weeks=step)
        return monday, monday + timedelta(6)
    if unit == "month":
        months = day.year * 12 + day.month - 1 + step
        return _month(months // 12, months % 12 + 1)
    return _year(day.year + step)


def _gregorian(year: int, month: int, day: int) -> date:
    """A date of the Persian solar calendar, by its 33-year cycle of leap years (right for 1206 to 1498).

    >>> _gregorian(1404, 1, 1)
    datetime.date(2025, 3, 21)
    """
    leaps = sum((8 * past + 29) % 33 < 8 for past in range(1206, year))
    months = 31 * (month - 1) - max(0, month - 7)
    return date(1827, 3, 22) + timedelta(365 * (year - 1206) + leaps + months + day - 1)
