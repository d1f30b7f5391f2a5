"""What a question asks for: its language, the kind of answer it wants, and whether it wants one fact or many."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from retrieval.analysis import normalise, question_language
from retrieval.forms import Asking, read_form
from retrieval.measures import Measure, asked_measure
from retrieval.models import Language, Stance

Kind = Literal["when", "who", "where", "number", "why", "goal", "role", "said", "how", "other"]

# Question words of Modern Standard Arabic, common dialects, English and Persian, on normalised text, first match wins.
_KINDS: tuple[tuple[Kind, str], ...] = (
    (
        "when",
        r"\b(و|ف)?(متي|امتي|امتا|امتين|ايمتي|فوقاش|وقتاش)\b|\b(اي|ايه|اية|بايه|باي)"
        r" (عام|عامين|سنه|شهر|يوم|تاريخ|حقبه|عقد|وقت|فتره|موعد|مرحله)\b"
        r"|\b(ما|ماهو|ما هو) (تاريخ|موعد)\b|\bwhen\b|\b(what|which) (year|date|month|day|decade|time)\b"
        r"|\bچه (زماني|سالي|تاريخي|روزي|ماهي|وقت)\b|\bكدام (سال|ماه|روز)\b|\bكي\b(?=.*\b(شد|بود|كرد)\b)",
    ),
    (
        "number",
        r"\b(و|ف|ب)?(كم|كام|شحال|قديش|اديش|قداش|شكد|شقد)\b"
        r"|\bما (هو |هي )?(ال)?(عدد|نسبه|قيمه|مبلغ|سعر|حجم|مقدار|مده)\b"
        r"|\bhow (many|much|long|old|far|often)\b"
        r"|\bwhat (number|percentage|share|amount|price)\b|\b(چند|چقدر|چه تعداد|چه مبلغي|چه ميزان)\b",
    ),
    (
        "where",
        r"\b(و|ف)?(اين|وين|فين|منين)\b|\b(اي|ايه|باي|بايه) (بلد|مدينه|مكان|دوله|عاصمه|ملعب|موقع)\b|\bwhere\b"
        r"|\b(what|which) (city|country|place|venue|state)\b|\b(كجا|كدام شهر|كدام كشور|چه شهري|چه كشوري)\b",
    ),
    (
        "why",
        r"\b(و|ف)?(لماذا|لم|ليش|ليه|علاش)\b(?! ي)|\bما (هو )?(سبب|اسباب|دوافع)\b|\bwhy\b|\b(چرا|علت|دليل)\b",
    ),
    (
        "goal",
        r"\b(ال|و|ب|ف)*(هدف|اهداف|غايه|غايات|غرض|مطلب|مطالب|شروط|مقصد)\w*|\b(و|ف)?(يريد|تريد|يريدون|يسعي|تسعي|بده|بدها|تطلب)\b"
        r"|\b(goals?|aims?|objectives?|purpose|demands?|wants?|seeks?|seeking)\b|\b(خواسته|خواهد|مقصود)\w*",
    ),
    (
        "role",
        r"\b(و|ب|ف)?(ال)?(دور|مهمه|وظيفه|صفه)(ه|ها|هم)?\b|\bمن (هو|هي) \w+|\brole\b|\bwhat part\b|\bنقش\w*",
    ),
    (
        "said",
        r"\b(ماذا|ما الذي|بماذا|بم|شو|ايش|وش|ايه|ما) (قال|قالت|قالوا|يقول|تقول|يقولون|صرح|اعلن|اعلنت"
        r"|اكد|اكدت|راي|يري|تري|رد|علق|وصف|وصفت)"
        r"|\b(موقف|راي|رد|تعليق|تصريح|تصريحات|وصف)\b|\bwhat (did|does|do) .*\b(say|said|claim|think|believe|call)\b"
        r"|\bhow (did|does|do) .*\b(describe|respond|react|see|view)\b|\b(چه گفت|چه گفته|نظر|موضع)\b",
    ),
    (
        "who",
        r"^(و|ف)?(من|مين|منو|شكون|اشكون|منهو)\b(?! (اين|خلال|اجل|حيث|بين|قبل))|\b(الي|عن|مع|علي|عند|ل) من\b"
        r"|\bمن (هو|هي|هم|الذي|التي|الذين|اللي)\b"
        r"|، ?من \w|, ?(و)?من \w|\b(ما|ماهو) اسم\b|\b(اي|ايه) (مسوول|وزير|رييس|شخص|شخصيه|سياسي|وسيط"
        r"|جهه|طرف|فريق|لاعب|وكاله)\b"
        r"|\bwho(m|se)?\b|\b(چه كسي|چه كساني|كدام مقام)\b|\bكيست\b",
    ),
    ("how", r"\b(و|ف)?(كيف|ازاي|شلون|كيفاش)\b|\bhow\b|\b(چگونه|چطور)\b"),
)
_KIND_PATTERNS = tuple((kind, re.compile(pattern)) for kind, pattern in _KINDS)
# Questions whose answers are what several parties say for themselves.
_OF_POSITIONS: frozenset[Kind] = frozenset({"goal", "said"})
# Asked for is what somebody says no to, and not who did: that verb is the question's own, after «ماذا» or "what did".
_SUBJECT = r"(?!(?:عن|من|في|بشان|حول|ان|علي|بعد|قبل|خلال)\b)\w+"
_WHO = r"(?:(?!(?:say|said|he|she|they|after|before|when|that|to|and)\b)[\w'’]+ ){1,6}?"
_ASKED_NO = r"^(?:و|ف)?(?:ماذا|ما الذي|ما الي|ما|ايش|وش|شو|ايه|ايه الي|شنو) (?:كان |كانت )?"
_ASKED_FA = r"^(?P<fa>.*?)\bچه (?:چيزي|ادعايي|گزارشي|خبري|پيشنهادي|مذاكراتي)\b.*\b"
_DONE_FA = r"(?:كرد|ميكند|مي كند|كرده|ميكنند|مي كنند|كردند)"


def _refusal(arabic: str, base: str, past: str, present: str, persian: str) -> re.Pattern[str]:
    return re.compile(
        rf"{_ASKED_NO}(?:{arabic})(?:ه|ها)?\b(?: (?P<ar>{_SUBJECT}(?: {_SUBJECT}){{0,4}}))?"
        rf"|^what (?:exactly )?(?:(?:did|does|do) (?P<en>{_WHO})(?:{base})|(?:has|have|had) (?P<en2>{_WHO})(?:{past})"
        rf"|(?:is|was|are|were) (?P<en3>{_WHO})(?:{present}))\b|{_ASKED_FA}(?:{persian}) {_DONE_FA}"
    )


_REFUSALS: dict[Stance, re.Pattern[str]] = {
    "denies": _refusal(
        r"[يتن]?نفي|نفت|نفوا|ينفون|[ات]?نكرت?|ينكر|كذبت?|[يت]كذب|فندت?|[يت]فند",
        "deny|dismiss|dispute",
        "denied|dismissed|disputed",
        "denying|dismissing|disputing",
        "تكذيب|انكار",
    ),
    "rejects": _refusal(
        r"رفضت?|[يت]رفض|رفضوا|يرفضون|استبعدت?|[يت]ستبعد",
        "reject|refuse|rule out",
        "rejected|refused|ruled out",
        "rejecting|refusing",
        "رد",
    ),
}
# «ما اسم …», "what is the name of …", «نام … چه بود»: what has no name there is no answer. «ما الاسم الآخر …» asks what
# something is also called.
_ASKS_NAME = re.compile(
    r"^(و|ف)?(ما|ماهو|ماهي|شو|ايش|وش|شنو|ايه|باي|تحت اي) (هو |هي |هما |كان |كانت )?(اسم|اسما|اسامي)\b"
    r"|^(ال)?اسم\b.* (ايه|شنو|ايش)$|^(and )?what(?:['’]s| is| was| are| were) (the )?(\w+ )?names?\b|\bwhat name\b"
    r"|\bنام\b.*\b(چيست|چه بود|چه است)\b"
)
_SAID_FIRST = r"قال|قالت|قالوا|يقول|تقول|يقولون|صرحت?|اعلنت?|اكدت?|ذكرت?|علقت?|اضافت?|كتبت?|زعمت?"
_ASKS_SAID = re.compile(
    rf"{_ASKED_NO}(?:{_SAID_FIRST})(?:ه|ها)?\b(?: (?P<ar>{_SUBJECT}(?: {_SUBJECT}){{0,4}}))?"
    rf"|^(?:و|ف)?بماذا (?:{_SAID_FIRST})\b(?: (?P<ar2>{_SUBJECT}(?: {_SUBJECT}){{0,4}}))?"
    rf"|^what (?:exactly )?(?:(?:did|does|do) (?P<en>{_WHO})(?:say|state|announce|claim|write)"
    rf"|(?:has|have|had) (?P<en2>{_WHO})(?:said|stated|announced|claimed|written))\b"
    r"|^(?P<fa>\w+(?: \w+){0,5}?) (?:درباره|در|پس|بعد|پيش)\b.*\bچه (?:گفت|گفته|گفتند)\b"
)
_NARROW: frozenset[Kind] = frozenset({"when", "who", "where", "number"})


@dataclass(frozen=True)
class Question:
    """A standalone question, read.

    ``measure`` is what a number question wants measured, ``None`` where things are counted or no number is wanted.
    """

    text: str
    language: Language
    kind: Kind
    asking: Asking = field(default_factory=lambda: Asking("plain", ""))
    measure: Measure | None = None

    @property
    def narrow(self) -> bool:
        """Whether one sentence can be a whole answer (a date, a person, a place, a number)."""
        return self.kind in _NARROW

    @property
    def asks_name(self) -> bool:
        """Whether the name of somebody or something is asked for, by the word.

        >>> read_question("ما اسم السفينة التي غرقت؟").asks_name
        True
        """
        return bool(_ASKS_NAME.search(normalise(self.text).rstrip(" ?.!")))

    @property
    def of_positions(self) -> bool:
        """Whether the question asks what parties want or say, so that every voice belongs in the answer."""
        return self.kind in _OF_POSITIONS

    @property
    def refusal(self) -> tuple[Stance, str] | None:
        """How and by whom something is said no to, where a question asks what: only a sentence that says no answers it.

        The name is normalised, and empty where nobody is named.

        >>> read_question("ما الذي تنفيه النقابة عن الإضراب؟").refusal
        ('denies', 'النقابه')
        """
        normal = normalise(self.text)
        for stance, pattern in _REFUSALS.items():
            if match := pattern.search(normal):
                return stance, whom(match)
        return None

    @property
    def whose_words(self) -> str:
        """Who is asked about in «ماذا قال …؟», normalised; empty where the question is another or names nobody.

        >>> read_question("ماذا قال سامر العلي عن الإضراب؟").whose_words
        'سامر العلي'
        """
        return whom(_ASKS_SAID.search(normalise(self.text)))


def whom(match: re.Match[str] | None) -> str:
    """Who or what a pattern's groups say that a question is about: the first group with words; empty without any."""
    return next(filter(None, match.groups()), "").strip() if match else ""


def read_question(text: str) -> Question:
    """Read a question.

    >>> read_question("متى وُقّع الاتفاق؟").kind
    'when'
    """
    normal = normalise(text)
    kind: Kind = next((kind for kind, pattern in _KIND_PATTERNS if pattern.search(normal)), "other")
    measure = asked_measure(text)
    if measure and kind in {"other", "how"}:
        kind = "number"
    return Question(text, question_language(text), kind, read_form(text), measure if kind == "number" else None)
