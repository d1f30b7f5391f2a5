"""Words and quotations of a text, with exact offsets and the grammatical readings of every word form."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache

from ingest.attribution import lexicon
from ingest.attribution.lexicon import VerbForm, fold

_TOKEN = re.compile(r"[\w\u0610-\u061a\u064b-\u065f\u0670\u200c-\u200f]+(?:['’][\w\u064b-\u065f]+)*|\S")
_QUOTE = re.compile(r'[«»"“”„‟\n]')
_TANWIN = re.compile("\u064bا?$|ا\u064b$")
_VERBAL_NOUN = re.compile("ت..ي.(ات|ه)?$|ا[^ل].ا.(ات)?$|ا[^ل]ت.ا.(ات)?$|است..ا.(ات)?$|م.ا..(ه|ات)$|.{3,}ءات$")
_NOUN_SPELLING = re.compile("ة$|^[وف]?إ")  # «إضافة», «حملة»: what folding would make a verb
_MUTUAL = re.compile("ت.ا.{1,2}$|ت..[^ي]$")  # «التفاوض»; without «ال» it is also the shape of foreign names
_NISBA = re.compile(".{2,}(ي|يه|يون|يين|يان|يتان|يتين|يات)$")
_AGENCY_HEADS = frozenset(name[0] for name in lexicon.AGENCIES)
_PASSIVE = re.compile("[وف]?\u064e?\\w\u064f")
_POSSESSED = re.compile(".{3,}(ها|هم|هما)$|.{2,}[^ةيلا]ه$|.{3,}(اه|يه)$")
_OWNED = re.compile(".{3,}(ها|هم|هما|اته|ءه|ئه|ؤه|يه)$")
_OWNER = re.compile("(.{3,}?)(?:ها|هما|هم|ه)")
_SOUND_PLURAL = re.compile(".{3,}(ي|و)(ي|و)?ن$")
_VERB_PREFIXES = ("و", "ف")
_PREPOSITION_LETTERS = "لب"


@dataclass(frozen=True, slots=True)
class Word:
    """What a word form can be, read out of context. ``form`` is folded; ``bare`` is ``form`` without «ال»."""

    form: str
    bare: str
    definite: bool
    readings: tuple[VerbForm, ...]
    participle: VerbForm | None
    conjoined: bool  # the readings are of the form after «و» or «ف»
    passive: bool  # the tashkeel says so
    role: bool
    body: bool
    cue: bool  # of an outlet: «وكالة», «قناة»
    document: bool
    quantifier: bool
    adjective: bool
    thing: bool  # listed, or shaped like a verbal noun
    listed: bool
    function: bool
    that: bool
    time: bool
    preposition: bool
    venue: bool
    adverbial: bool  # accusative by its tanwin
    alphabetic: bool
    possessed: bool  # it looks to end in a pronoun («فريقه», «حديثها»)
    owned: bool  # it surely does: few names end so
    plural: bool  # an indefinite sound plural: «مصرفيين»
    clitic: str  # «ل», «ب» or «لل» written onto a noun this grammar knows

    @property
    def noun(self) -> bool:
        """It names a kind of speaker."""
        return self.role or self.body or self.cue or self.document or self.quantifier


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a mark of the text: ``text[start:end] == raw``; ``quote`` is its quotation's index, or -1."""

    raw: str
    start: int
    end: int
    word: Word
    quote: int


@dataclass(frozen=True, slots=True)
class Quotation:
    """A quoted run; ``text[start:end]`` with its marks, ``inner_start:inner_end`` without."""

    start: int
    end: int
    inner_start: int
    inner_end: int


@lru_cache(maxsize=1 << 16)
def read_word(raw: str) -> Word:
    """The readings of the word form ``raw``."""
    form = fold(raw)
    adverbial = bool(_TANWIN.search(raw))
    led = form[1:] in lexicon.PREPOSITIONS and form[:1] == "و" and len(form) > 3
    noun = adverbial or form in lexicon.ACCORDING or bool(_NOUN_SPELLING.search(lexicon.MARKS.sub("", raw)))
    readings, conjoined = ((), False) if noun else _verb_readings(form)
    participle = lexicon.PARTICIPLES.get(form) or lexicon.PARTICIPLES.get(form[1:] if form[:1] in "وف" else "")
    definite = form.startswith("ال") and len(form) > 3 and raw[0] not in "أإآ"  # «ألمح», «ألبير» have no article
    bare = form[2:] if definite else form
    madda = raw.startswith("آ")  # folded, the name «آن» would be the particle
    function = led or (form in lexicon.FUNCTION_WORDS and not madda)
    role = bare in lexicon.ROLES or (not definite and form in lexicon.POSSESSED)
    body = bare in lexicon.BODIES
    adjective = bare in lexicon.ADJECTIVES or lexicon.DEMONYMS.match(bare) is not None
    return Word(
        form=form,
        bare=bare,
        definite=definite,
        readings=readings,
        participle=participle,
        conjoined=conjoined,
        passive=bool(_PASSIVE.match(raw)) and not any(_is_derived(reading) for reading in readings),
        role=role,
        body=body,
        cue=bare in lexicon.OUTLET_CUES,
        document=bare in lexicon.DOCUMENTS,
        quantifier=form in lexicon.QUANTIFIERS,
        adjective=adjective or (bare not in lexicon.THINGS and bool(_NISBA.match(bare))),
        thing=_is_thing(bare, definite, role or body) or (not role and not definite and _is_owned_thing(raw)),
        listed=bare in lexicon.THINGS,
        function=function,
        that=form in lexicon.THAT and not madda and not raw.startswith("إلا"),
        time=form in lexicon.TIMES or lexicon.POINTING_TIME.match(form) is not None,
        preposition=led or form in lexicon.PREPOSITIONS,
        venue=bare in lexicon.VENUES,
        adverbial=adverbial,
        possessed=form not in lexicon.GIVEN_NAMES and bool(_POSSESSED.match(lexicon.MARKS.sub("", raw))),
        owned=form not in lexicon.GIVEN_NAMES and bool(_OWNED.match(lexicon.MARKS.sub("", raw))),
        plural=not definite and bool(_SOUND_PLURAL.match(form)),
        alphabetic=raw[:1].isalpha(),
        clitic="" if function or role or body else _clitic(form),
    )


def _verb_readings(form: str) -> tuple[tuple[VerbForm, ...], bool]:
    found = lexicon.VERB_FORMS.get(form, ())
    if found:
        return found, False
    if form[:1] in _VERB_PREFIXES:
        return lexicon.VERB_FORMS.get(form[1:], ()), True
    return (), False


def _is_derived(reading: VerbForm) -> bool:
    """Whether the form is a present that has «ـُ» in the active too («يُظهر», «يُحذّر»): of four-letter verbs."""
    lemma = reading.verb.lemma
    return reading.present and len(fold(lemma)) + ("\u0651" in lemma) == 4


def _is_thing(bare: str, definite: bool, speaker: bool) -> bool:
    if speaker or bare in lexicon.NOT_THINGS or bare in lexicon.GIVEN_NAMES:
        return False
    if bare in lexicon.THINGS or (len(bare) > 4 and _VERBAL_NOUN.match(bare)):
        return True
    return definite and len(bare) > 3 and (bare.endswith(("ه", "ات")) or bool(_MUTUAL.match(bare)))


def _is_owned_thing(raw: str) -> bool:
    """«رفضه», «رغبته»: a listed noun with a pronoun. Told by its spelling: «سلامة» is no «سلام» of his."""
    owned = _OWNER.fullmatch(lexicon.MARKS.sub("", raw))
    if owned is None or fold(raw) in lexicon.GIVEN_NAMES:
        return False
    base = fold(owned[1])
    return base in lexicon.THINGS or (base.endswith("ت") and f"{base[:-1]}ه" in lexicon.THINGS)


def _clitic(form: str) -> str:
    """The preposition written onto a noun, only where what is left is a noun of the lexicon."""
    if form.startswith("لل") and len(form) > 4:
        return "لل"
    if form[:1] == "ل" and form[1:] in _AGENCY_HEADS:
        return "ل"
    if form[:1] in _PREPOSITION_LETTERS and len(form) == 3 and form[1:] in lexicon.THINGS:
        return form[0]
    if form[:1] in _PREPOSITION_LETTERS and len(form) > 3:
        rest = form[1:]
        bare = rest[2:] if rest.startswith("ال") else rest
        tables = (lexicon.ROLES, lexicon.BODIES, lexicon.OUTLET_CUES, lexicon.DOCUMENTS, lexicon.VENUES, lexicon.THINGS)
        if (rest.startswith("ال") and len(rest) > 4) or form[1].isascii() or _is_thing(rest, False, False):
            return form[0]
        if any(bare in table for table in tables) or rest in _AGENCY_HEADS or rest in lexicon.COUNTRIES:
            return form[0]
    return ""


def rest_of(token: Token) -> tuple[Word, int]:
    """The word after the preposition written onto ``token`` (with «ال» put back for «لل»), and where it starts."""
    clitic = token.word.clitic
    offset = letters = 0
    while letters < len(clitic):
        letters += lexicon.MARKS.sub("", token.raw[offset]) != ""
        offset += 1
    rest = ("ال" if clitic == "لل" else "") + token.raw[offset:]
    return read_word(rest), token.start + offset


def quotations(text: str) -> list[Quotation]:
    """Outermost quotations in «…», “…” and "…", in order.

    A quotation may run over paragraphs when its closing mark is the next mark of its kind; one that is never
    closed ends with its paragraph, so that a stray mark cannot swallow an article.
    """
    marks = list(_QUOTE.finditer(text))
    found: list[Quotation] = []
    opened: re.Match[str] | None = None
    depth = 0
    for index, mark in enumerate(marks):
        sign = mark.group()
        if sign == "\n":
            if opened and not _closes_later(marks, index, opened.group(), text):
                found.append(Quotation(opened.start(), mark.start(), opened.end(), mark.start()))
                opened = None
        elif opened is None:
            if sign != "»":
                opened, depth = mark, 1
        elif opened.group() == "«":
            depth += {"«": 1, "»": -1}.get(sign, 0)
        elif sign not in "«»":
            depth -= 1
        if opened and depth == 0:
            found.append(Quotation(opened.start(), mark.end(), opened.end(), mark.start()))
            opened = None
    if opened:
        found.append(Quotation(opened.start(), len(text), opened.end(), len(text)))
    return found


def _closes_later(marks: list[re.Match[str]], newline: int, sign: str, text: str) -> bool:
    """Whether the next mark of the family of ``sign`` after the line break is a closing one."""
    family = "«»" if sign == "«" else '"“”„‟'
    following = next((mark for mark in marks[newline + 1 :] if mark.group() in family), None)
    if following is None:
        return False
    if sign == "«":
        return following.group() == "»"
    before = text[following.start() - 1] if following.start() else "\n"
    return not before.isspace() and before not in "(،وبلك:"


class Words:
    """The tokens of a text. Indexes into ``tokens`` are what the grammar works with."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.quotes = quotations(text)
        self.tokens: list[Token] = []
        quote = 0
        for match in _TOKEN.finditer(text):
            while quote < len(self.quotes) and self.quotes[quote].end <= match.start():
                quote += 1
            inside = quote < len(self.quotes) and self.quotes[quote].start <= match.start()
            raw = match.group()
            self.tokens.append(Token(raw, match.start(), match.end(), read_word(raw), quote if inside else -1))
        self._starts = [token.start for token in self.tokens]

    def between(self, start: int, end: int) -> tuple[int, int]:
        """The half-open token range that lies in ``text[start:end]``."""
        return bisect_left(self._starts, start), bisect_left(self._starts, end)

    def opening(self, index: int) -> Quotation | None:
        """The quotation that opens at this token, if one does."""
        token = self.tokens[index]
        if token.quote < 0:
            return None
        quote = self.quotes[token.quote]
        return quote if quote.start == token.start else None

    def after_quote(self, index: int) -> int:
        """The first token after the quotation that token ``index`` is in."""
        return bisect_left(self._starts, self.quotes[self.tokens[index].quote].end)

    def quoted_words(self, index: int) -> tuple[str, ...]:
        """The folded words of the quotation that opens at ``index``."""
        quote = self.quotes[self.tokens[index].quote]
        first, last = bisect_right(self._starts, quote.start), bisect_left(self._starts, quote.inner_end)
        return tuple(
            token.word.form for token in self.tokens[first:last] if token.word.alphabetic or token.raw.isdigit()
        )
