"""Questions spelt as they sound: «المفاوظات» for «المفاوضات»."""

from __future__ import annotations

import re
from collections.abc import Callable

from retrieval.analysis import content_words, normalise, stem

# Letters that speakers of one dialect or another pronounce, and so write, alike.
_ALIKE = ("ضظ", "ذز", "ذد", "ثس", "ثت", "طت", "صس")
_OTHERS = {letter: {*"".join(pair for pair in _ALIKE if letter in pair)} - {letter} for letter in "".join(_ALIKE)}
SHORTEST = 5  # letters of a stem: shorter words become other words so («حضر» and «حظر»)
_WORD = re.compile(r"[\u0620-\u065f\u0670-\u06d3]+")  # letters and their marks, no punctuation


def respelt(text: str, occurs: Callable[[str], bool]) -> str:
    """The text with each word that the articles do not hold spelt as the one that they hold and that sounds alike.

    A word for which there are several such is left as it is.

    Args:
        text: a question.
        occurs: whether a stem occurs in the articles.

    >>> respelt("متى بدأت المفاوظات؟", lambda stem: stem == "مفاوض")
    'متى بدأت المفاوضات؟'
    """
    return _WORD.sub(lambda match: _respelt(match[0], occurs), text)


def _respelt(word: str, occurs: Callable[[str], bool]) -> str:
    held = _stem(word)
    if len(held) < SHORTEST or occurs(held):
        return word
    found = [
        other
        for place, letter in enumerate(word)
        for other in (word[:place] + alike + word[place + 1 :] for alike in _OTHERS.get(letter, ()))
        if occurs(_stem(other))
    ]
    return found[0] if len(found) == 1 else word


def _stem(word: str) -> str:
    """The stem of a word, empty for a particle."""
    return stem(normalise(word)) if content_words(word) else ""
