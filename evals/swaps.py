"""Near misses made of answered questions: the same of another name or thing, which its article does not answer.

A word that only one article has (mostly a name) is put in place of another such word, of the same article or of another
one, and what «كم» or "how many" counts in place of what another question counts. Questions that are not answered
because an entity was changed are those of SQuAD 2.0 (Rajpurkar et al. 2018) that are made most easily.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from retrieval import analysis

SHORTEST = 3  # letters of a word that is changed,
RECURRING = 3  # which its article and questions write so often: a name comes back, a rare verb does not
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
# In Arabic what is counted is in the accusative: not the verb of «كم بلغت».
_COUNTED = re.compile(r"(?:\bكم\s+(?=\S+(?:ًا|ا|ة)\b)|\b[Hh]ow many\s+|\bچند\s+)([^\s?؟]+)")


@dataclass(frozen=True)
class Answered:
    """A question that an article, by its number, answers, and the sentences that do."""

    article: int
    language: str
    text: str
    answers: Sequence[str]


class Swaps:
    """The words to put in place of others: made of all articles and their questions."""

    def __init__(self, articles: Sequence[str], asked: Sequence[Answered], seed: int = 0) -> None:
        self._chance = random.Random(seed)
        written = [Counter(_WORD.findall(text)) for text in articles]
        self._texts = [set(map(_key, words)) for words in written]
        for question in asked:
            written[question.article].update(_WORD.findall(question.text))
        self._recurring = {
            (number, word)
            for number, words in enumerate(written)
            for word, count in words.items()
            if count >= RECURRING
        }
        articles_with = Counter(key for words in written for key in set(map(_key, words)))
        self._alone = {key for key, count in articles_with.items() if count == 1}
        self._own: dict[tuple[int, str], dict[str, str]] = defaultdict(dict)
        self._counted: dict[str, set[str]] = defaultdict(set)
        for question in asked:
            for match in self._names(question):
                self._own[question.article, question.language].setdefault(_key(match[0]), match[0])
            self._counted[question.language].update(match[1] for match in _COUNTED.finditer(question.text))

    def of(self, question: Answered) -> Iterator[str]:
        """The question with a name of its own article, with one of another, and of something else counted: as many of
        these as can be made.
        """
        told = {_key(word) for text in (question.text, *question.answers) for word in _WORD.findall(text)}
        if names := list(self._names(question)):
            match = self._chance.choice(names)
            inside = self._own[question.article, question.language]
            others = [own for (number, language), own in self._own.items()
                      if language == question.language and number != question.article]  # fmt: skip
            for pool in (inside, self._chance.choice(others) if others else {}):
                fitting = [word for key, word in pool.items() if key not in told and _alike(word, match[0])]
                if fitting:
                    yield _put(question.text, match.span(), self._chance.choice(fitting))
        if counted := _COUNTED.search(question.text):
            known = self._texts[question.article] | told
            if fitting := [word for word in sorted(self._counted[question.language]) if _key(word) not in known]:
                yield _put(question.text, counted.span(1), self._chance.choice(fitting))

    def _names(self, question: Answered) -> Iterator[re.Match[str]]:
        """The words of a question that only its article has, and often; in English those with a capital."""
        for match in _WORD.finditer(question.text):
            capital = question.language != "en" or (match[0][0].isupper() and match.start() > 0)
            recurring = (question.article, match[0]) in self._recurring
            if len(match[0]) >= SHORTEST and capital and recurring and _key(match[0]) in self._alone:
                yield match


def _key(word: str) -> str:
    return analysis.stem(analysis.normalise(word))


def _alike(word: str, other: str) -> bool:
    """Whether a word can stand where the other does: with the article, or a capital, as it has."""
    return word.startswith("ال") == other.startswith("ال") and word[0].isupper() == other[0].isupper()


def _put(text: str, span: tuple[int, int], word: str) -> str:
    return text[: span[0]] + word + text[span[1] :]
