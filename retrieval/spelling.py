"""Questions spelt as they sound, or with two letters in the wrong order: «المفاوظات», «المفواضات» for «المفاوضات»."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from retrieval.analysis import content_words, normalise, question_language, stem

# Letters that speakers of one dialect or another pronounce, and so write, alike.
_ALIKE = ("ضظ", "ذز", "ذد", "ثس", "ثت", "طت", "صس")
_OTHERS = {letter: {*"".join(pair for pair in _ALIKE if letter in pair)} - {letter} for letter in "".join(_ALIKE)}
SHORTEST = 5  # letters of a stem: shorter words become other words so («حضر» and «حظر»)
_WORD = re.compile(r"[\u0620-\u065f\u0670-\u06d3]+")  # letters and their marks, no punctuation


def respelt(text: str, occurs: Callable[[str], bool]) -> str:
    """The text with each word that the articles do not hold spelt as the one that they hold and that sounds alike, or
    has two neighbouring letters the other way round.

    A word for which there are several such is left as it is, and so is one that is only near to others: most words
    that the articles do not hold are other words.

    Args:
        text: a question.
        occurs: whether a stem occurs in the articles.

    >>> respelt("متى بدأت المفاوظات؟", lambda stem: stem == "مفاوض")
    'متى بدأت المفاوضات؟'
    >>> respelt("متى بدأت المفواضات؟", lambda stem: stem == "مفاوض")
    'متى بدأت المفاوضات؟'
    """
    if question_language(text) != "ar":
        return text  # whose words in Arabic letters are Persian
    return _WORD.sub(lambda match: _respelt(match[0], occurs), text)


def _respelt(word: str, occurs: Callable[[str], bool]) -> str:
    held = _stem(word)
    if len(held) < SHORTEST or occurs(held):
        return word
    found = {other for other in _sounding(word) if occurs(_stem(other))}
    # A stem of other letters is an ending that became another one («خطابات», «خطابتا»).
    found |= {other for other in _turned(word) if sorted(held) == sorted(meant := _stem(other)) and occurs(meant)}
    return found.pop() if len(found) == 1 else word


def _sounding(word: str) -> Iterator[str]:
    for place, letter in enumerate(word):
        for alike in _OTHERS.get(letter, ()):
            yield word[:place] + alike + word[place + 1 :]


def _turned(word: str) -> Iterator[str]:
    for place in range(len(word) - 1):
        yield word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _stem(word: str) -> str:
    """The stem of a word, empty for a particle."""
    return stem(normalise(word)) if content_words(word) else ""
