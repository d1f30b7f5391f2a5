"""Questions that ask two or three things at once: «متى بدأت المحادثات وأين جرت؟», "when and where was it signed?".

Each is asked by itself, the later ones after the first as follow-ups, so that an answer can say which of them the
sources leave open. Read from question words alone.
"""

from __future__ import annotations

import re

from retrieval.analysis import aligned, content_words

MOST_PARTS = 3
FEW_WORDS = 2  # content words with which «ماذا …» has no topic yet
_AR = (
    r"متي|امتي|(?:الي|من|في)? ?(?:اين|وين|فين)|كم|كام|كيف|ازاي|شلون|لماذا|ليش|ليه|ماذا|بماذا|هل"
    r"|(?:في |الي )?اي (?:عام|سنه|يوم|شهر|مدينه|بلد|دوله|مكان)"
    r"|ما (?:هو|هي|الذي|سبب|اسباب|هدف|اهداف|دور|موقف|اسم)|ماهو|ماهي"
)
_AR_WHO = r"من|مين|منو"
_EN = r"when|where|who|whom|whose|what|which|why|how"
_FA = r"چه|كي|چرا|(?:در )?كجا|چگونه|چند|كدام|چقدر"
# «ومن» is "and from" as well: a second "who" only beside a first one, or where it cannot be a preposition: none stands
# before a verb («ومن يدير …»). What looks like one may be a name («من باكو ومن يريفان») after a first «من».
_ARABIC = re.compile(
    rf"(?:\?|\?? ?[,،])? ?\bو(?=(?:{_AR}|(?:{_AR_WHO}) (?:هو|هي|هم|الذي|التي|الذين|(?P<verb>ي\w{{3,}})))\b)"
)
_FROM = re.compile(r"\bمن\b")
_WHO_TWICE = re.compile(rf"(?:\?|\?? ?[,،])? ?\bو(?=(?:{_AR}|{_AR_WHO})\b)")
_ENGLISH = re.compile(rf"\??,? \band (?=(?:{_EN})\b)|\? (?=(?:{_EN})\b)")
_PERSIAN = re.compile(rf"(?:\?|\?? ?[,،])? \bو (?=(?:{_FA})\b)")
_QUESTION_WORD = re.compile(rf"و?(?:{_AR}|{_AR_WHO}|{_EN}|{_FA})\b")
_WHAT = re.compile(r"\s*(?:و|ف)?(?:ماذا|بماذا|ما الذي|شو|ايش|وش|what|چه)\b")
_BEGINS = re.compile(
    rf"^(?:و|ف)?(?:(?:{_AR}|{_AR_WHO}|ما|شو|ايش|وش)\b|(?:and )?(?:{_EN})\b|(?:{_FA})\b|.*\b(?:{_FA})\b)"
)


def parts(question: str) -> tuple[str, ...]:
    """The questions in a question, in its own words; the question alone where it asks one thing.

    >>> parts("متى بدأت المحادثات وأين جرت؟")
    ('متى بدأت المحادثات', 'وأين جرت')
    >>> parts("When and where was the deal signed?")
    ('When was the deal signed', 'where was the deal signed')
    """
    unified, offsets = aligned(question)
    if not _BEGINS.match(unified.lstrip()):
        return (question,)
    who = re.match(rf"\s*(?:{_AR_WHO})\b", unified)
    for pattern in (_WHO_TWICE if who else _ARABIC, _ENGLISH, _PERSIAN):
        breaks = [match.span() for match in pattern.finditer(unified) if match.start() > 0 and not _joins(match)]
        if breaks:
            break
    if not breaks or len(breaks) >= MOST_PARTS:
        return (question,)
    arabic = pattern in {_ARABIC, _WHO_TWICE}
    begins = [0, *(end - 1 if arabic else end for _, end in breaks)]  # «و» stays: what it begins leans on the first
    ends = [*(start for start, _ in breaks), len(unified)]
    found = [question[offsets[begin] : offsets[end]].strip(" ?؟.!,،") for begin, end in zip(begins, ends, strict=True)]
    asked = [_asked(part) for part in found]
    if _WHAT.match(unified) and len(content_words(asked[0])) <= FEW_WORDS < len(content_words(asked[-1])):
        return (question,)  # «ماذا قالت واشنطن وماذا قالت طهران عن الحادثة؟»: the topic of both stands at the end
    if len(found) == 2 and any(asked) and not all(asked):
        # «متى وأين وُقّع الاتفاق؟», «كيف وصل ومتى؟»: the one that is only a question word shares the words of the other.
        words = next(words for words in asked if words)
        return (found[0] + words, found[1]) if not asked[0] else (found[0], found[1] + words)
    return tuple(found) if all(asked) else (question,)


def _joins(found: re.Match[str]) -> bool:
    """Whether «ومن» goes on from a first «من», and asks for nobody."""
    return bool(found.groupdict().get("verb") and _FROM.search(found.string, 0, found.start()))


def _asked(part: str) -> str:
    """What stands after the question word of a part; empty where no word of it has content."""
    unified, offsets = aligned(part)
    word = _QUESTION_WORD.match(unified)
    rest = part[offsets[word.end()] :] if word else part
    return rest if content_words(rest) else ""
