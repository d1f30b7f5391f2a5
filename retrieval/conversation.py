"""Follow-ups: a question that leans on earlier turns becomes a standalone one, without an LLM.

«وماذا عن X؟», or only «وX؟», asks the previous question of something else: X takes the place of the part of that
question that is most like it, or of what the last such follow-up had put there. A correction («لا، أقصد X») too.
A question with a pronoun, a demonstrative, or too few words of its own carries a topic along, in brackets and visibly:
that of the last question, or of an earlier one that it says it returns to («نعود إلى X: …») or takes a rare word from.
A question that names its own subject is left alone, so that a change of topic does not drag the old one along.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from retrieval.analysis import bare, content_words, is_stop, normalise, question_language, root, stem, stems, tokens
from retrieval.models import Language

Embed = Callable[[Sequence[str]], np.ndarray]
Idf = Callable[[str], float]

_WHAT_ABOUT = re.compile(
    r"^\s*(?:و\s*)?(?:ماذا|شو|إيه|ايه|وش|ايش)\s+(?:عن|بشأن|بخصوص)\s+(?P<ar>.+?)\s*[؟?!.]*$"
    r"|^\s*(?:and\s+)?(?:what|how)\s+about\s+(?P<en>.+?)\s*[?.!]*$"
    r"|^\s*(?:و\s*)?(?P<fa>.+?)\s+(?:چطور|چی|چه)\s*[؟?]*$"
    r"|^\s*(?:و\s*)?(?:درباره|در مورد)\s*[يیء]?\s*(?P<fa2>.+?)\s*(?:چطور|چی|چه)?\s*[؟?]*$",
    re.IGNORECASE,
)
# «وقطر؟», «والوفد الأميركي؟», "And Qatar?": a conjunction and a name, nothing else.
_BARE = re.compile(
    r"^\s*(?:و\s?(?P<ar>[\u0621-\u06ff]\S*(?: \S+){0,2}?)|and\s+(?:the\s+)?(?P<en>[^\s?.!]+(?: [^\s?.!]+){0,2}))"
    r"\s*[؟?]+\s*$",
    re.IGNORECASE,
)
# A bare «والسبب؟» asks for another side of the same topic, not the same question of something else.
_FACETS = frozenset(
    normalise(word)
    for word in """
السبب الأسباب النتيجة النتائج المكان الزمان الموعد التاريخ الوقت الهدف الأهداف الغاية التفاصيل الموقف الرد العدد الدور
البديل الحل المصدر الدليل الخلاصة reason result place date time aim goal details source outcome
""".split()
)
# «لا، أقصد X», «عفوًا، قصدت X», «بل X», "Sorry, I meant X", «نه، منظورم X بود».
_CORRECTION = re.compile(
    r"^\s*(?:(?:لا|كلا|عفو[اً]*|عذر[اً]*|[آا]سف|معذرة|بل|نه|ببخشید|no|sorry|oops|actually|wait)\s*[,،.:!]*\s+)*"
    r"(?:(?:بل\s+)?(?:كنت\s+)?(?:[أا]قصد|قصدت|قصدي|[أا]عني|عنيت|ب[أا]قصد|بقصد|منظورم|i\s+(?:mean|meant))(?:\s+(?:عن"
    r"|هو|هي|این))?"
    r"|(?:لا|كلا|نه|no)\s*[,،]|بل|not that one[,:]?)\s*[:,،]?\s+(?P<meant>.+?)(?:\s+(?:بود|است))?\s*[؟?!.]*$",
    re.IGNORECASE,
)
_QUESTION_WORD = (
    r"(?:و|ف)?(?:ما|ماذا|من|مين|متى|إيمتى|أين|اين|وين|كيف|كم|قديش|لماذا|ليش|هل|أي|بماذا|بم|شو|إيه|وش|لمن"
    r"|what|who|when|where|why|how|which|did|does|is|are|was|were|چه|چرا|کی|کجا|کدام|چند|آیا)\b"
)
# «نعود إلى X: …», «بالعودة إلى X، …», «وبخصوص X، …», "Back to X: …", «برگردیم به X: …».
_RETURN = re.compile(
    r"^\s*(?:طيب|طب|حسن[اً]*|ok|okay|well)?[,،]?\s*(?:و\s?)?(?:"
    r"(?:نعود|لنعد|فلنعد|نرجع|[أا]رجع|[أا]عود|خلينا نرجع|دعنا نعود|دعونا نعود|عودة[ً]?|بالعودة|العودة|بالرجوع"
    r"|رجوع[اً]*)\s+"
    r"(?:مرة (?:أخرى|ثانية)\s+)?(?:إلى|الى|على|لـ?)\s*|(?:بخصوص|بشأن|بالنسبة (?:إلى|ل)|فيما يخص|فيما يتعلق ب)\s*"
    r"|(?:let'?s )?(?:go(?:ing)? |get(?:ting)? |com(?:e|ing) |return(?:ing)? )?back to\s+|return(?:ing)? to\s+"
    r"|as for\s+|regarding\s+"
    r"|(?:برگردیم|بازگردیم|برگردم) (?:به|سر)\s+)"
    rf"(?:ال)?(?:موضوع|مسألة|قضية|سؤال(?:ي)? عن|the (?:topic|question) of)?\s*(?P<topic>.+?)(?:\s*[:،,.–-]\s*"
    rf"|\s+(?={_QUESTION_WORD}))"
    r"(?P<rest>.+)$",
    re.IGNORECASE,
)
_POINTING = frozenset(
    normalise(word)
    for word in """
هو هي هم هما هن هذا هذه ذلك ذاك تلك هؤلاء أولئك ذا هناك حينها عندها بعدها قبلها وقتها آنذاك نفسه نفسها نفسهم
المذكور عنه عنها عنهم عليه عليها عليهم له لها لهم لهما منه منها منهم معه معها معهم فيه فيها فيهم به بها بهم إليه
إليها إليهم بينهم بينهما بينها لديه لديها لديهم دونه عنده عندها عندهم أيضا كذلك غير غيره غيرها السابق السابقة he
she it they him her them his its their theirs that this those these there then also else more
""".split()
)
_POINTING_PERSIAN = _POINTING | frozenset(normalise(word) for word in "او آن آنها آنان ایشان وی همان همین".split())
# Clitic pronouns on a noun or verb: «دورها», «قاله», «ردهم». Written ة never is one, so the raw word is read.
_CLITIC = re.compile(r"^(?!ال)[\u0621-\u064a]{2,}(?:ها|هم|هما|هن|ه)$")
_NOT_CLITIC = frozenset(
    """
الله وجه مياه اتجاه انتباه تنبيه فقه شبه وجوه منتزه جبهه جهه هذه نزيه كره فواكه مواجه
""".split()
)
_OPENING = re.compile(r"^(?:و|ف)?(?:ما|ماذا|من|متى|أين|اين|كيف|كم|لماذا|هل|بماذا|لم|ليش|شو|مين|وين)$")
# «وماذا قال عن التقرير؟», «متى بدأت في المدينة؟», «بماذا هددت؟»: an interrogative, a verb, and no subject after it.
_NO_SUBJECT = re.compile(
    r"^(?:و|ف)?(?:ماذا|بماذا|بم|كيف|متي|امتي|ايمتي|اين|وين|لماذا|ليش|ليه|كم|قديش|هل|مع من|عن ماذا|شو|وش|ايش|ايه) \w+"
    r"(?: (?:عن|في|علي|الي|من|مع|بعد|قبل|خلال)\b| (?:عال|بال|لل)\w+|\W*$)"
)
_COPULA = re.compile(r"^(?:و|ف)?(?:من|ما|اين|كم) (?:هو|هي|هم|هما)\b")  # «من هو فلان؟» points at nobody earlier
_CONTINUING = re.compile(
    r"^(?:و|ف)(?:ما|ماذا|من|متي|اين|كيف|كم|لماذا|هل|بماذا|بم|اي|ليش|ليه|شو|وش|ايش|ايه|مين|وين|قديش|امتي|ايمتي)\b"
    r"|^(?:and|but|so)\b|^(?:و|ف)ال\w+ \w",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r"\b(?:الذي|التي|الذين|اللذان|اللتان|اللي)\b")  # what a later «فيه» or «به» takes up again
_RESUMED = frozenset("فيه فيها فيهم به بها بهم عنه عنها عليه عليها منه منها له لها اليه اليها معه معها".split())
_PREPOSED = re.compile(r"^(?:بال|كال|لل)\w{2,}$")  # a preposition written together with the article
_MARKS = "\u064b-\u0652\u0670\u0640"  # vowel marks and tatweel, which stand inside words
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}])*(?:[-'’](?:[^\W_]|[{_MARKS}])+)*")
# Added to the cosine of a part of the previous question that could make way: single words and names alone are noisy.
SUBJECT = 0.02  # the part that follows the interrogative and its verb or noun
LAST_NEWCOMER = 0.02  # what the last «وماذا عن …» put there, which is the subject too
SAME_FORM = 0.03  # with the article where the newcomer has it, without where not
PART_MARGIN = 0.018  # by which the end of a noun phrase must be nearer than the whole to be replaced alone
RARE = 2.0  # inverse document frequency from which a word shared with an earlier question is no coincidence
SAME_LENGTH = 0.02  # for a part with as many words as the newcomer
FEW_WORDS = 1  # a follow-up with at most so many content words cannot stand alone
SHORT = 4  # content words up to which weaker signs of leaning on context are believed
SHORT_ENGLISH = 6  # as SHORT, for "and …": English has no clitics, so more words for the same
MIN_NAME = 3  # letters of a bare name
LONGEST_TOPIC = 16  # words carried over


@dataclass(frozen=True)
class Standalone:
    """A standalone question.

    ``asked`` is what was typed, ``carried`` what earlier turns added (``""``: nothing), and ``newcomer`` what a
    «وماذا عن …» has put into the previous question.
    """

    text: str
    asked: str
    carried: str = ""
    newcomer: str = ""


def standalone(question: str, earlier: Sequence[Standalone], embed: Embed, idf: Idf = lambda stem: 0.0) -> Standalone:
    """Rewrite a follow-up.

    Args:
        question: what the user typed.
        earlier: the questions before it, already standalone, the last one last.
        embed: maps n texts to (n, dimension) unit vectors; asked only for «وماذا عن …».
        idf: inverse document frequency of a stem in the articles, which tell «واشنطن» from «و» and «اشنطن».
    """
    question = question.strip()
    if not earlier:
        return Standalone(question, question)
    previous = earlier[-1]
    returning = _RETURN.match(question)
    if returning:
        return _return(question, returning["topic"], returning["rest"].strip(), earlier, idf)
    correction = _CORRECTION.match(question)
    if correction:
        meant = correction["meant"]
        whole = len(content_words(meant))
        if whole > SHORT or (whole > FEW_WORDS and re.match(_QUESTION_WORD, meant, re.IGNORECASE)):
            return Standalone(meant, meant)
        if re.match(_QUESTION_WORD, meant, re.IGNORECASE):
            return standalone(meant, earlier, embed, idf)
        return _ask_of_another(question, meant, previous, embed)
    newcomers = _newcomers(question)
    if newcomers:
        return _ask_of_another(question, min(newcomers, key=lambda name: idf(stem(normalise(name)))), previous, embed)
    if _leans_on_context(question):
        return _carrying(question, _continued(question, earlier, idf))
    return Standalone(question, question)


def _carrying(question: str, previous: Standalone) -> Standalone:
    """A question with the topic of an earlier one in brackets."""
    topic = _topic(previous)
    return Standalone(f"{question} ({_about(question)}: {topic})" if topic else question, question, topic)


def _continued(question: str, earlier: Sequence[Standalone], idf: Idf) -> Standalone:
    """The earlier question that a follow-up leans on: the last, unless rare words of it are only in one before."""

    def shared(previous: Standalone) -> float:
        there = set(stems(previous.text))
        return sum(weight for stem in set(stems(question)) & there if (weight := idf(stem)) >= RARE)

    last = earlier[-1]
    if shared(last):
        return last
    best = max(reversed(earlier), key=shared)
    return best if shared(best) else last


def _return(question: str, topic: str, rest: str, earlier: Sequence[Standalone], idf: Idf) -> Standalone:
    """A question about a topic that was left: the topic as named, and as it was first asked about."""
    named = {root(word) for word in content_words(topic)}

    def shared(previous: Standalone) -> float:
        return sum(1.0 + idf(stem(word)) for word in set(content_words(previous.text)) if root(word) in named)

    best = max(reversed(earlier), key=shared)
    left = _topic(best) if shared(best) else ""
    seen = {root(word) for word in content_words(left)}
    words = left if named <= seen else f"{topic} {left}".strip()
    return Standalone(f"{rest} ({_about(question)}: {words})", rest, words)


def recalled(asked: str, text: str) -> Standalone:
    """The question of an earlier turn, from what was typed and the standalone text that is stored with it."""
    if text.startswith(asked):
        _, _, carried = text[len(asked) :].strip(" ()").partition(": ")
        return Standalone(text, asked if carried else text, carried)
    newcomer = next((name for name in reversed(_newcomers(asked)) if name in text), "")
    return Standalone(text, text, newcomer=newcomer)


def _newcomers(question: str) -> list[str]:
    """What a follow-up puts in place of a part of the previous question: one or two readings, or none."""
    match = _WHAT_ABOUT.match(question)
    if match:
        return [next(group for group in match.groups() if group)]
    match = _BARE.match(question)
    if not match:
        return []
    name = match["ar"] or match["en"]
    words = [normalise(word) for word in _WORD.findall(name)]
    if not words or words[0] in _FACETS or any(is_stop(w) or w in _POINTING or _OPENING.match(w) for w in words):
        return []
    if len(words[0]) < MIN_NAME or (len(words) > 1 and match["ar"] and not name.startswith("ال")):
        return []
    # The waw of «واشنطن» is its own; that of «وقطر» joins. Before the article or a space there is no doubt.
    doubtful = match["ar"] and not name.startswith("ال") and not re.match(r"\s*و\s", question)
    return [name, "و" + name] if doubtful else [name]


def _about(question: str) -> str:
    language: Language = question_language(question)
    return {"ar": "بشأن", "en": "about", "fa": "درباره"}[language]


def _leans_on_context(question: str) -> bool:
    normal = normalise(question)
    words = tokens(_COPULA.sub("", normal))
    content = [word for word in content_words(question) if not _OPENING.match(word)]
    if len(content) <= FEW_WORDS:
        return True
    # «او» and «ان» point in Persian; in Arabic they are "or" and "that".
    persian = question_language(question) == "fa" or re.search("[پچژگ]", question)
    signs = _POINTING_PERSIAN if persian else _POINTING
    pointing = [word for word in words if word in signs or (word[:1] in "وف" and word[1:] in signs)]
    if _RELATIVE.search(normal):
        pointing = [word for word in pointing if word not in _RESUMED]
    if pointing:
        return True
    continuing = _CONTINUING.match(normal)
    if len(content) > SHORT:
        return bool(continuing) and normal[0].isascii() and len(content) <= SHORT_ENGLISH
    if continuing or _NO_SUBJECT.match(normal) or _names_nothing(question):
        return True
    words = [word for word in _WORD.findall(bare(question)) if not is_stop(normalise(word))]
    return any(_CLITIC.match(word) and normalise(word) not in _NOT_CLITIC for word in words)


def _names_nothing(question: str) -> bool:
    """Whether an English question has no name and no figure: "Where was the first round held?"."""
    _, *others = _WORD.findall(question)
    return question_language(question) == "en" and not any(word[0].isupper() or word[0].isdigit() for word in others)


def _topic(previous: Standalone) -> str:
    """What the previous question was about: its words without the interrogatives it opens with."""
    words = _WORD.findall(bare(previous.text if previous.newcomer else previous.asked))
    while words and (is_stop(normalise(words[0])) or _OPENING.match(words[0])):
        words = words[1:]
    if previous.carried and not previous.newcomer:
        seen = set(content_words(previous.asked))
        words = [word for word in words if normalise(word) not in _POINTING]
        words += [word for word in _WORD.findall(previous.carried) if normalise(word) not in seen]
    return " ".join(words[:LONGEST_TOPIC])


def _ask_of_another(question: str, newcomer: str, previous: Standalone, embed: Embed) -> Standalone:
    """The previous question with the newcomer in place of the last one, or of the part most like it."""
    base = previous.text
    span = _same_head(base, newcomer)
    if span is None:
        parts = _parts(previous, newcomer)
        if not parts:
            return Standalone(question, question)
        span = _closest(base, parts, newcomer, embed)
    start, end = span
    before, after = base[:start], base[end:]
    return Standalone(before + newcomer + after, question, before + " " + after, newcomer)


def _same_head(base: str, newcomer: str) -> tuple[int, int] | None:
    """Where a phrase with the newcomer's first word and length stands: «وزارة المالية» for «وزارة الطاقة»."""
    wanted, words = _WORD.findall(newcomer), list(_WORD.finditer(base))
    if len(wanted) < 2:
        return None
    for at in range(len(words) - len(wanted) + 1):
        run = words[at : at + len(wanted)]
        whole = base[run[0].start() : run[-1].end()]
        if _bare_stem(run[0].group()) == _bare_stem(wanted[0]) and not re.search(r"[^\w\s'’-]", whole):
            return run[0].start(), run[-1].end()
    return None


def _bare_stem(word: str) -> str:
    return stem(normalise(word))


@dataclass(frozen=True)
class _Part:
    """A part of a question that could make way: its span, its shorter ends, and what speaks for it beforehand."""

    span: tuple[int, int]
    ends: tuple[tuple[int, int], ...]
    prior: float


def _parts(previous: Standalone, newcomer: str) -> list[_Part]:
    """What the last follow-up put there, and runs of content words (of capitalised ones for a name in Latin script)."""
    base = previous.text
    at = base.find(previous.newcomer) if previous.newcomer else -1
    if at < 0:
        return _runs(base, newcomer)
    last = (at, at + len(previous.newcomer))
    others = [part for part in _runs(base, newcomer) if part.span[1] <= last[0] or part.span[0] >= last[1]]
    return [_Part(last, (), SUBJECT + LAST_NEWCOMER), *(replace(part, prior=0.0) for part in others)]


def _runs(base: str, newcomer: str) -> list[_Part]:
    runs: list[list[re.Match[str]]] = []
    named = newcomer[:1].isupper()
    last_end = -1
    for word in _WORD.finditer(base):
        if is_stop(normalise(word.group())) or normalise(word.group()) in _POINTING:
            continue
        if named and word.start() and word.group()[0].islower():
            continue
        if runs and base[last_end : word.start()].isspace() and not _PREPOSED.match(word.group()):
            runs[-1].append(word)
        else:
            runs.append([word])
        last_end = word.end()
    if question_language(base) == "ar" and runs and not _COPULA.match(normalise(base)):
        runs = [runs[0][1:], *runs[1:]] if len(runs[0]) > 1 or len(runs) > 1 else runs
    spans = [[(word.start(), run[-1].end()) for word in run] for run in runs]
    return [_Part(ends[0], tuple(ends[1:]), 0.0 if number else SUBJECT) for number, ends in enumerate(spans) if ends]


def _closest(base: str, parts: Sequence[_Part], newcomer: str, embed: Embed) -> tuple[int, int]:
    """The span that makes way."""
    spans = [span for part in parts for span in (part.span, *part.ends)]
    vectors = embed([newcomer, *(base[start:end] for start, end in spans)])
    cosine = dict(zip(spans, vectors[1:] @ vectors[0], strict=True))

    def nearness(part: _Part) -> float:
        same_form = base[part.span[0] :].startswith("ال") == newcomer.startswith("ال")
        best = max(cosine[span] for span in (part.span, *part.ends))
        return float(best) + part.prior + SAME_FORM * same_form

    chosen = max(parts, key=nearness)
    end = max(chosen.ends, key=lambda span: cosine[span], default=chosen.span)
    return end if cosine[end] > cosine[chosen.span] + PART_MARGIN else chosen.span
