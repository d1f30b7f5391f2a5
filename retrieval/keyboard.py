"""Questions typed with the keyboard in the wrong layout: «lh ],v ulhk» for «ما دور عمان»."""

from __future__ import annotations

import re
from collections.abc import Callable

from retrieval.analysis import is_stop, normalise, stem, tokens

# The letters of the Arabic (101) layout, in the order of the Latin (US) keys that they share.
_ARABIC_101 = dict(
    zip(
        "qwertyuiop[]asdfghjkl;'zxcvnm,./`QWERTYUIOP{}ASDFGHJKL:\"ZXCVNM<>?~",
        "ضصثقفغعهخحجدشسيبلاتنمكطئءؤرىةوزظذ" + 'ًٌَُ\0إ`÷×؛<>ٍِ][\0أـ،/:"~ْ}{آ’,.؟ّ',
        strict=True,
    )
) | {"b": "لا", "T": "لإ", "G": "لأ", "B": "لآ"}
_ARABIC = re.compile("[\u0600-\u06ff]")
MEANT = 0.6  # share of the words that have to be words of the articles, or particles, to be what was meant
FEWEST = 2  # words below which nothing is taken for a slip of the layout


def retyped(text: str, occurs: Callable[[str], bool]) -> str:
    """The Arabic that the same keys give, when that makes sense and the text as it stands does not.

    Args:
        text: what was typed; anything with an Arabic letter is returned as it is.
        occurs: whether a stem occurs in the articles.

    >>> retyped("lh ],v ulhk?", lambda stem: stem in {"دور", "عم"})
    'ما دور عمان؟'
    """
    if _ARABIC.search(text):
        return text
    arabic = "".join(_ARABIC_101.get(character, character) for character in text)
    if len(tokens(arabic)) < FEWEST or _sense(arabic, occurs) < MEANT or _sense(text, occurs) >= MEANT / 2:
        return text
    return arabic


def _sense(text: str, occurs: Callable[[str], bool]) -> float:
    """Share of the words that are particles or stems of the articles."""
    words = tokens(normalise(text))
    return sum(is_stop(word) or occurs(stem(word)) for word in words) / len(words) if words else 0.0
