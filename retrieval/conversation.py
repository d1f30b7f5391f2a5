"""Follow-ups: a question that leans on earlier turns becomes a standalone one, without an LLM.

Two rewrites. «وماذا عن X؟» asks the previous question of something else: X takes the place of the word of that
question that is most like it. A question with a pronoun, a demonstrative, or too few words of its own carries the
previous question's topic along, in brackets and visibly. A question that names its own subject is left alone, so
that a change of topic does not drag the old one along.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.analysis import content_words, is_stop, normalise, question_language, tokens
from retrieval.models import Language

Embed = Callable[[Sequence[str]], np.ndarray]

_WHAT_ABOUT = re.compile(
    r"^\s*(?:و\s*)?(?:ماذا|شو|إيه|ايه|وش|ايش)\s+(?:عن|بشأن|بخصوص)\s+(?P<ar>.+?)\s*[؟?!.]*$"
    r"|^\s*(?:and\s+)?(?:what|how)\s+about\s+(?P<en>.+?)\s*[?.!]*$"
    r"|^\s*(?:و\s*)?(?P<fa>.+?)\s+(?:چطور|چی|چه)\s*[؟?]*$"
    r"|^\s*(?:و\s*)?(?:درباره|در مورد)\s*[يیء]?\s*(?P<fa2>.+?)\s*(?:چطور|چی|چه)?\s*[؟?]*$",
    re.IGNORECASE,
)
_POINTING = frozenset(
    normalise(word)
    for word in """
هو هي هم هما هن هذا هذه ذلك ذاك تلك هؤلاء أولئك ذا هناك حينها عندها بعدها قبلها وقتها آنذاك نفسه نفسها نفسهم
المذكور عنه عنها عنهم عليه عليها عليهم له لها لهم لهما منه منها منهم معه معها معهم فيه فيها فيهم به بها بهم إليه
إليها إليهم بينهم بينهما بينها لديه لديها لديهم دونه عنده عندها عندهم أيضا كذلك غير غيره غيرها السابق السابقة he
she it they him her them his its their theirs that this those these there then also else more او آن آنها ایشان
وی همان همین
""".split()
)
# Clitic pronouns on a noun or verb: «دورها», «قاله», «ردهم». Written ة never is one, so the raw word is read.
_CLITIC = re.compile(r"^(?!ال)[\u0621-\u064a]{2,}(?:ها|هم|هما|هن|ه)$")
_NOT_CLITIC = frozenset(
    """
الله وجه مياه اتجاه انتباه تنبيه فقه شبه وجوه منتزه جبهه جهه هذه نزيه كره فواكه مواجه
""".split()
)
_OPENING = re.compile(r"^(?:و|ف)?(?:ما|ماذا|من|متى|أين|اين|كيف|كم|لماذا|هل|بماذا|لم|ليش|شو|مين|وين)$")
# «وماذا قال عن التقرير؟», «متى بدأت في المدينة؟»: an interrogative, a verb, and no subject before the preposition.
_NO_SUBJECT = re.compile(
    r"^(?:و|ف)?(?:ماذا|بماذا|بم|كيف|متي|اين|لماذا|كم|هل|مع من|عن ماذا) \w+ (?:عن|في|علي|الي|من|مع|بعد|قبل|خلال)\b"
)
_COPULA = re.compile(r"^(?:و|ف)?(?:من|ما|اين|كم) (?:هو|هي|هم|هما)\b")  # «من هو فلان؟» points at nobody earlier
_CONTINUING = re.compile(r"^(?:و|ف)(?:ما|ماذا|من|متي|اين|كيف|كم|لماذا|هل|بماذا|اي)\b|^(?:and|but|so)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
FEW_WORDS = 1  # a follow-up with at most so many content words cannot stand alone
SHORT = 4  # content words up to which weaker signs of leaning on context are believed
LONGEST_TOPIC = 16  # words carried over


@dataclass(frozen=True)
class Standalone:
    """A standalone question. ``asked`` is what was typed; ``carried`` what earlier turns added (``""``: nothing)."""

    text: str
    asked: str
    carried: str = ""


def standalone(question: str, previous: Standalone | None, embed: Embed) -> Standalone:
    """Rewrite a follow-up; ``previous`` is the last question of the conversation, already standalone.

    Args:
        question: what the user typed.
        previous: the previous turn's question, or ``None`` at the start.
        embed: maps n texts to (n, dimension) unit vectors; asked only for «وماذا عن …».
    """
    question = question.strip()
    if previous is None:
        return Standalone(question, question)
    match = _WHAT_ABOUT.match(question)
    if match:
        return _ask_of_another(question, next(group for group in match.groups() if group), previous, embed)
    if _leans_on_context(question):
        topic = _topic(previous)
        if topic:
            return Standalone(f"{question} ({_about(question)}: {topic})", question, topic)
    return Standalone(question, question)


def _about(question: str) -> str:
    language: Language = question_language(question)
    return {"ar": "بشأن", "en": "about", "fa": "درباره"}[language]


def _leans_on_context(question: str) -> bool:
    words = tokens(_COPULA.sub("", normalise(question)))
    content = content_words(question)
    if len(content) <= FEW_WORDS:
        return True
    if any(word in _POINTING or (word[:1] in "وف" and word[1:] in _POINTING) for word in words):
        return True
    if len(content) > SHORT:
        return False
    normal = normalise(question)
    if _NO_SUBJECT.match(normal) or _CONTINUING.match(normal):
        return True
    return any(_CLITIC.match(word) and normalise(word) not in _NOT_CLITIC for word in _WORD.findall(question))


def _topic(previous: Standalone) -> str:
    """What the previous question was about: its words without the interrogatives it opens with."""
    words = _WORD.findall(previous.asked)
    while words and (is_stop(normalise(words[0])) or _OPENING.match(words[0])):
        words = words[1:]
    if previous.carried:
        seen = set(content_words(previous.asked))
        words = [word for word in words if normalise(word) not in _POINTING]
        words += [word for word in _WORD.findall(previous.carried) if normalise(word) not in seen]
    return " ".join(words[:LONGEST_TOPIC])


def _ask_of_another(question: str, other: str, previous: Standalone, embed: Embed) -> Standalone:
    """The previous question with ``other`` in place of the word most like it."""
    base = previous.text
    words = [m for m in _WORD.finditer(base) if not is_stop(normalise(m.group()))]
    if not words:
        return Standalone(question, question)
    vectors = embed([other, *(m.group() for m in words)])
    closest = words[int((vectors[1:] @ vectors[0]).argmax())]
    text = base[: closest.start()] + other + base[closest.end() :]
    carried = base[: closest.start()] + " " + base[closest.end() :]
    return Standalone(text, question, carried)
