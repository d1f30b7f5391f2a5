"""How a suite's alternatives are found in analysed text: as substrings or, written ``re:…``, as patterns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from retrieval.analysis import normalise
from retrieval.models import Answer

REGEX = "re:"

# A class with a range is kept as written: folding its ends could turn it round.
_FOLDED = re.compile(r"(\[[^\]]*-[^\]]*\])|([^\x00-\x7f]+)")
_MARK = re.compile(r"\[\d+(?:\s*[,،]\s*\d+)*\]")


@lru_cache(maxsize=4096)
def analysed_pattern(alternative: str) -> re.Pattern[str]:
    """The pattern of a ``re:…`` alternative, its non-ASCII letters folded as the text it meets is.

    Raises:
        re.error: it is not a regular expression.
    """
    folded = _FOLDED.sub(lambda found: found[1] or re.escape(normalise(found[2])), alternative.removeprefix(REGEX))
    return re.compile(folded, re.IGNORECASE)


@lru_cache(maxsize=4096)
def analysed(text: str) -> str:
    """A text as alternatives are looked for in it."""
    return normalise(text)


def matches(alternative: str, texts: Iterable[str]) -> bool:
    """Whether the alternative is in any of the texts.

    >>> matches("عُمان", ["سلطنة عمان"]), matches("re:3[56]$", ["في ٣٦"]), matches("عمان", ["مسقط"])
    (True, True, False)
    """
    if alternative.startswith(REGEX):
        pattern = analysed_pattern(alternative)
        return any(pattern.search(analysed(text)) for text in texts)
    wanted = analysed(alternative)
    return any(wanted in analysed(text) for text in texts)


def met(group: Sequence[str], texts: Sequence[str]) -> bool:
    """Whether any alternative of the group is in any of the texts."""
    return any(matches(alternative, texts) for alternative in group)


def answer_texts(answer: Answer) -> list[str]:
    """What ``must_include`` and ``must_not_include`` are looked for in.

    The answer's text without its [n] marks (so that a mark's digit never passes for a figure), then the text
    of each of its sentences. Titles, related passages and quotes that are only cited are not searched.
    """
    return [_MARK.sub("", answer.text), *(sentence.text for sentence in answer.sentences)]
