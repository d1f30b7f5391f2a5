"""Sentence boundaries of Arabic, Persian and English news text, as exact character spans.

A line is read once, from mark to mark, so the time is linear in the length of the text: every look back or
ahead is bounded. The rules, in the order they apply:

- A line break ends a sentence. A heading or a list item is therefore a sentence of its own, and a quotation
  mark that is never closed cannot reach beyond its line.
- A balanced quotation or bracket is not cut inside, unless it is longer than ``LONGEST_QUOTATION``
  characters. When its last mark is a full stop inside the closing quote, the sentence ends after the quote,
  if what follows can begin a sentence.
- ``. ! ? ؟ …`` end a sentence, but not in abbreviations, initials, decimals, dates, list numbers or
  addresses.
- ``؛`` (and ``;``) end one only between two clauses of at least ``LONGEST_SHORT_CLAUSE`` characters. Arabic
  writers chain whole statements with it, which makes evidence too long to quote; but a short clause after it
  usually gives the reason for the first («؛ لأن…»), or continues reported speech («؛ وأن…»), and means little
  alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

LONGEST_QUOTATION = 500  # characters; about four spoken sentences, more is too long to cite whole
LONGEST_BRACKET = 300
LONGEST_SHORT_CLAUSE = 80  # characters on either side of a semicolon
SHORTEST_BEFORE_ELLIPSIS = 25  # characters; «ترامب.. والاتفاق» is one headline, not two sentences
LOOK = 40  # characters looked at before and after a mark

_LINE = re.compile(r"[^\n\r\v\f\x85\u2028\u2029]+")
_MARK = re.compile(r"(?:https?://|www\.)[^\s«»\"“”<>()]+|[.!?؟…۔؛;«‹\"“”„(\[{﴿]")
_SPACE = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]*")
_AHEAD = re.compile(rf"\S{{0,{LOOK}}}")
_FOOTNOTES = re.compile(r"(?:\[[0-9٠-٩۰-۹]{1,3}\]){1,8}")
_ENUMERATOR = re.compile(r"\W*(?:[0-9٠-٩۰-۹]{1,3}|[^\W\d_])\W*")
_IGNORED = re.compile("[\u0610-\u061a\u064b-\u065f\u0670ـ\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_WORD = re.compile(r"[^\W\d_]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_STOPS = frozenset(".!?؟…۔")
_SYMMETRIC = frozenset('"“”„')
_BRACKETS = {")": "(", "]": "[", "}": "{", "﴾": "﴿", "»": "«", "›": "‹"}
_OPENERS = frozenset(_BRACKETS.values())
_CLOSERS = frozenset(_BRACKETS) | _SYMMETRIC
_QUOTATIONS = frozenset("«‹") | _SYMMETRIC
_INVISIBLE = frozenset("\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
_CONTINUING = frozenset("،,؛;:)]}»›") | _STOPS

_ARABIC_TITLE = re.compile(r"و?[أادم](?:\.[أادم])*")  # د. م. أ. أ.د. ود. — a name follows
_DOTTED = re.compile(r"[وف]?(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,2}")  # U.S  e.g  Ph.D  م.ت.ف  ق.م
_ERAS = _words("م ه د ش ق.م ب.م ه.ش ه.ق")  # after a number: AD, AH, dinar, …
_AFTER_ERA = _words("الموافق إلى الى حتى أي و أو")
_ENGLISH_TITLES = _words(
    """
    mr mrs ms dr prof sen rep gen gov col capt lt sgt maj cmdr adm rev hon st mt ft messrs pres
    """
)
_ABBREVIATIONS = _words(
    """
    inc ltd co corp jr sr etc vs no nos fig vol pp approx est ave blvd dept univ jan feb mar apr jun jul
    aug sep sept oct nov dec cf al ed eds intl assn
    """
)
_ENGLISH_OPENINGS = _words(
    """
    the a an he she it they we i you his her its their our my this that these those there in on at by
    for from with after before during since when while where what who why how as if but and so or yet
    however meanwhile according although though some many most both no not all one two
    """
)
_ARABIC_OPENINGS = _words(
    """
    قال قالت يقول تقول أضاف أضافت أكد أكدت أوضح أوضحت ذكر ذكرت أعلن أعلنت صرح صرحت أشار أشارت نقل نقلت
    كما كان كانت لكن لكنه لكنها إن إذا لم لن لا ليس ليست هذا هذه هو هي هم قد لقد هل بدوره بدورها أما او
    وی این اما همچنین
    """
)
_CONTINUATIONS = _words(
    """
    قال قالت قالوا يقول تقول صرح صرحت أكد أكدت أضاف أضافت أوضح أوضحت كتب كتبت تابع تابعت ذكر ذكرت أعلن
    أعلنت علق علقت رد ردت سأل تساءل هتف هتفوا ردد رددوا گفت نوشت افزود بحسب حسب وفق وفقا طبقا نقلا التي
    الذي الذين اللذين اللتين أو أم بل را که است بود
    """
)
_DEPENDENT = re.compile(
    r"[وف]?(?:لأن|لان|بأن|بان|إذ|اذ|حيث|مما|كي|لكي|بل|أي|أو|أم|إلا|حتى|التي|الذي|الذين|أن|إن|ان)(?:ه|ها|هم|هما|نا|ما)?"
)

Span = tuple[int, int]


def sentence_spans(text: str) -> list[Span]:
    """Split text into sentences.

    Args:
        text: any string; offsets are Python string indexes into it.

    Returns:
        Half-open spans in order, trimmed of white space, never overlapping. Every character that is not white
        space is inside exactly one span; text of white space only has none.

    Example:
        >>> text = "قال: «نعم. سنعود.» وأضاف أن الموعد غدًا."
        >>> [text[start:end] for start, end in sentence_spans(text)]
        ['قال: «نعم. سنعود.»', 'وأضاف أن الموعد غدًا.']
    """
    spans: list[Span] = []
    for line in _LINE.finditer(text):
        spans.extend(_line_spans(text, *line.span()))
    return spans


def _line_spans(text: str, start: int, end: int) -> list[Span]:
    """The sentences of one line. A piece without a letter or digit joins the sentence before it."""
    stops, semicolons = _cuts(text, start, end)
    spans: list[Span] = []
    for piece in _pieces(start, _with_semicolons(text, stops, semicolons, start, end), end):
        trimmed = _trim(text, *piece)
        if trimmed is None:
            continue
        if spans and not _has_word(text, *trimmed):
            spans[-1] = (spans[-1][0], trimmed[1])
        elif len(spans) == 1 and not _has_word(text, *spans[0]):
            spans[0] = (spans[0][0], trimmed[1])
        else:
            spans.append(trimmed)
    return spans


def _pieces(start: int, cuts: list[int], end: int) -> Iterator[Span]:
    yield from zip([start, *cuts], [*cuts, end], strict=True)


def _trim(text: str, start: int, end: int) -> Span | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None


def _has_word(text: str, start: int, end: int) -> bool:
    return any(text[i].isalnum() for i in range(start, end))


def _cuts(text: str, start: int, end: int) -> tuple[list[int], list[int]]:
    """Where sentences end in a line, and the semicolons outside quotations where they might."""
    enclosures = _enclosures(text, start, end)
    cuts: list[int] = []
    semicolons: list[int] = []
    here, at = start, start
    while (mark := _MARK.search(text, at, end)) is not None:
        position = mark.start()
        if mark.end() - position > 1:  # a web address; the stop after it is not part of it
            at = position + len(mark.group().rstrip(".!?؟…؛;"))
            continue
        if position in enclosures:
            close = enclosures[position]
            at = _after_marks(text, close + 1, end, enclosures, closers_only=True)
            ends = _ends_after_enclosure(text, here, position, close, at, end)
        elif text[position] in _STOPS:
            at = _after_marks(text, position + 1, end, enclosures)
            ends = _ends_sentence(text, here, position, at, end)
        else:
            at, ends = position + 1, False
            if text[position] in "؛;":
                semicolons.append(at)
        if ends:
            cuts.append(at)
            here = at
    return cuts, semicolons


def _after_marks(text: str, at: int, end: int, enclosures: dict[int, int], closers_only: bool = False) -> int:
    """Where a run of stops, closing marks and a footnote number that belongs to the sentence is over."""
    while at < end and at not in enclosures:
        character = text[at]
        if character not in _CLOSERS and character not in _INVISIBLE and (closers_only or character not in _STOPS):
            break
        at += 1
    footnotes = _FOOTNOTES.match(text, at, end)
    return footnotes.end() if footnotes else at


def _enclosures(text: str, start: int, end: int) -> dict[int, int]:
    """Balanced quotations and brackets short enough to be kept whole: opening position → closing position.

    A mark without its partner is ignored. A straight or curly quote opens or closes by what stands around it,
    since Arabic text uses “…”, ”…“ and "…" alike.
    """
    open_marks: list[tuple[str, int]] = []
    waiting: dict[str, int] = {}  # how many of each opening mark are open: avoids searching the stack in vain
    pairs: dict[int, int] = {}

    def close(kind: str, position: int) -> None:
        while open_marks:
            opened, at = open_marks.pop()
            waiting[opened] -= 1
            if opened == kind:
                if position - at <= (LONGEST_QUOTATION if kind in _QUOTATIONS else LONGEST_BRACKET):
                    pairs[at] = position
                return

    for position in range(start, end):
        character = text[position]
        if character in _SYMMETRIC:
            side = _side(text, position, start, end)
            if waiting.get('"') and side != "opens":
                close('"', position)
            elif side != "closes":
                open_marks.append(('"', position))
                waiting['"'] = waiting.get('"', 0) + 1
        elif character in _OPENERS:
            open_marks.append((character, position))
            waiting[character] = waiting.get(character, 0) + 1
        elif character in _BRACKETS and waiting.get(_BRACKETS[character]):
            close(_BRACKETS[character], position)
    return pairs


def _side(text: str, position: int, start: int, end: int) -> str:
    """Whether a symmetric quote can only open, can only close, or could do either."""
    before = text[position - 1] if position > start else " "
    after = text[position + 1] if position + 1 < end else " "
    free_before = before.isspace() or before in _OPENERS
    free_after = after.isspace() or after in _CONTINUING or after in "!؟?"
    if free_before and not free_after:
        return "opens"
    return "closes" if free_after and not free_before else "either"


def _ends_sentence(text: str, here: int, stop: int, at: int, end: int) -> bool:
    """Whether the stop (its run of marks over at ``at``) ends the sentence begun at ``here``."""
    following, spaced = _ahead(text, at, end)
    if not following:
        return True
    if following[0] in _CONTINUING or _is_lower_latin(following[0]) or _is_enumerator(text, here, stop):
        return False
    marks = text[stop:at]
    asks = any(mark in marks for mark in "!?؟۔")
    if not asks and ("…" in marks or ".." in marks):
        return stop - here >= SHORTEST_BEFORE_ELLIPSIS and _opens_sentence(following)
    if not spaced:
        return _ends_glued(text, here, stop, following, asks)
    return asks or not _is_abbreviation(text, here, stop, following)


def _ends_after_enclosure(text: str, here: int, opening: int, close: int, at: int, end: int) -> bool:
    """Whether a sentence ends with a quotation or bracket, whose last mark is then a stop."""
    last = close - 1
    while last > opening and (text[last].isspace() or text[last] in _INVISIBLE or text[last] in _CLOSERS):
        last -= 1
    if text[last] not in _STOPS:
        return False
    following, spaced = _ahead(text, at, end)
    if not following:
        return True
    if following[0] in _CONTINUING or following[0] in "-–—" or _is_lower_latin(following[0]):
        return False
    begins = opening - here <= LOOK and not text[here:opening].strip()
    if (
        text[opening] not in _QUOTATIONS and not begins and len(text[opening:close].split()) < 4
    ):  # «الولايات المتحدة (U.S.) …»
        return False
    if not spaced or text[last] != "." or text[last - 1] == ".":  # a question or «…» inside is often mid-sentence
        return _opens_sentence(following) and not _continues(following)
    return not _is_abbreviation(text, opening + 1, last, following) and not _continues(following)


def _ahead(text: str, at: int, end: int) -> tuple[str, bool]:
    """The next word (cut at ``LOOK`` characters, empty at the end) and whether a space precedes it."""
    space = _SPACE.match(text, at, end)
    begin = space.end() if space else at
    spaced = any(character.isspace() for character in text[at : min(begin, at + LOOK)])
    word = _AHEAD.match(text, begin, end)
    return (word.group() if word else ""), spaced


def _ends_glued(text: str, here: int, stop: int, following: str, asks: bool) -> bool:
    """A stop without a space after it: a slip between Arabic words, else part of a number or address."""
    if not _is_arabic(following[0]) and following[0] not in "«“":
        return False
    if asks or text[stop - 1 : stop].isspace() or text[stop - 1 : stop] in _CLOSERS:
        return True
    before = _IGNORED.sub("", text[max(here, stop - LOOK) : stop])
    word = re.split(r"\W", before)[-1]
    return len(word) >= (4 if word.isdigit() else 3)


def _is_abbreviation(text: str, here: int, stop: int, following: str) -> bool:
    """Whether the full stop at ``stop`` belongs to an abbreviation, an initial or a spaced date."""
    before = text[max(here, stop - LOOK) : stop]
    if not before or before[-1].isspace():
        return False
    words = [_bare(word) for word in before.split()]
    word = words[-1]
    if word in _ERAS and len(words) > 1 and words[-2][-1:].isdigit():
        return following[0].isdigit() or _bare(following) in _AFTER_ERA or following[0] in "-–—"
    if word.isdigit():
        return len(word) <= 2 and following[0].isdigit()  # 12. 4. 2025
    if _ARABIC_TITLE.fullmatch(word) or word.lower() in _ENGLISH_TITLES:
        return True
    if word.lower() in {"e.g", "i.e"}:
        return True
    if word.lower() in {"no", "nos", "fig", "vol", "pp"}:
        return following[0].isdigit()
    initial = len(word) == 1 and word.isalpha()
    if initial or word.lower() in _ABBREVIATIONS or _DOTTED.fullmatch(word):
        return not _opens_sentence(following)
    return False


def _opens_sentence(following: str) -> bool:
    """Whether a word commonly begins a sentence: in Arabic often joined with و or ف."""
    found = _WORD.match(_IGNORED.sub("", following))
    if not found:
        return False
    word = found.group()
    if _is_arabic(word[0]):
        return word in _ARABIC_OPENINGS or (word[0] in "وف" and len(word) >= 4)
    return word[0].isupper() and word.lower() in _ENGLISH_OPENINGS


def _continues(following: str) -> bool:
    """Whether a word carries on the sentence after a closed quotation: «….» قال فلان, or «….» و«…»."""
    bare = _IGNORED.sub("", following)
    found = _WORD.match(bare)
    if not found:
        return False
    word = found.group()
    if len(word) == 1 and bare[1:2] in _OPENERS | _SYMMETRIC:
        return True
    return word in _CONTINUATIONS


def _with_semicolons(text: str, cuts: list[int], semicolons: list[int], start: int, end: int) -> list[int]:
    """Add the semicolons that stand between two long, independent clauses to the cuts."""
    if not semicolons:
        return cuts
    edges = sorted({*cuts, *semicolons, end})
    chosen = set(cuts)
    before = start
    for edge, after in pairwise(edges):
        long_enough = min(edge - before, after - edge) >= LONGEST_SHORT_CLAUSE
        if edge not in chosen and long_enough and not _is_dependent(text, edge, end):
            chosen.add(edge)
        before = edge
    return sorted(chosen)


def _is_dependent(text: str, at: int, end: int) -> bool:
    following, spaced = _ahead(text, at, end)
    found = _WORD.match(_IGNORED.sub("", following))
    return not spaced or found is None or _DEPENDENT.fullmatch(found.group()) is not None


def _is_enumerator(text: str, here: int, stop: int) -> bool:
    """Whether only a list number or letter stands before the stop: ``1.``, ``أ.``, ``(3.``."""
    return stop - here <= 12 and _ENUMERATOR.fullmatch(text, here, stop) is not None


def _bare(word: str) -> str:
    """A word without tashkeel, tatweel and invisible marks, nor the marks around it."""
    return _IGNORED.sub("", word).strip('«»‹›"“”„()[]{}،,؛;:-–—')


def _is_lower_latin(character: str) -> bool:
    return character.islower() and character < "\u0250"


def _is_arabic(character: str) -> bool:
    return "\u0620" <= character <= "\u06ff" and character.isalpha()
