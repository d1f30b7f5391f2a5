"""Which word of a sentence stands for which word of its evidence, in the same language or another.

A word is *held* when the evidence has it as the same stem or root, in a similar form, or, across scripts, as a name
of the same sound. Every other word is given the nearest word of the evidence by token vectors read in context
(ColBERT's maximum similarity, Khattab and Zaharia 2020, as in :mod:`retrieval.late`), and how near that is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from retrieval.analysis import bare, is_stop, normalise, question_language, root, stem
from retrieval.embedding import TokenVectors
from retrieval.evidence import similar as _dice
from retrieval.evidence import words_of
from retrieval.sounds import sound_keys

Read = Callable[[str], TokenVectors]
SIMILAR_FORM = 0.6  # Dice of trigrams from which two words are taken to be forms of one
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Word:
    """A word of a text: normalised, where it stands in the text without marks, and whether it opens with a capital."""

    text: str
    start: int
    end: int
    capital: bool

    @property
    def content(self) -> bool:
        """Whether it carries meaning of its own: no particle, no figure."""
        return bool(self.text) and not self.text[0].isdigit() and not is_stop(self.text)


@lru_cache(maxsize=4096)
def words(text: str) -> tuple[Word, ...]:
    """The words of a text in order."""
    plain = bare(text)
    found = [
        Word(normalise(match.group()), *match.span(), match.group()[0].isupper()) for match in _WORD.finditer(plain)
    ]
    return tuple(word for word in found if word.text)


@dataclass(frozen=True)
class Aligned:
    """A sentence beside one piece of evidence.

    ``target`` is, for each word of the sentence, the position of the evidence word it stands for or ``None``; ``held``
    whether that is the same word; ``met`` how near it is, 1 where held, in [-1, 1] by cosine elsewhere; ``pieces`` into
    how many tokens the model splits the word, which is how rare it is.
    """

    sentence: tuple[Word, ...]
    quote: tuple[Word, ...]
    target: tuple[int | None, ...]
    held: tuple[bool, ...]
    met: tuple[float, ...]
    pieces: tuple[int, ...]
    cosine: float
    foreign: bool

    @classmethod
    def of(cls, sentence: str, quote: str, read: Read | None, voice: str = "") -> Aligned:
        """Align a sentence with a quote; words of ``voice``, who speaks in it, are held as well."""
        mine, theirs = words(sentence), words(quote)
        foreign = question_language(sentence) != question_language(quote)
        same = [_same(word, theirs, foreign) for word in mine]
        voiced = [
            at is None and _same(word, words(voice), foreign) is not None for word, at in zip(mine, same, strict=True)
        ]
        near, pieces, cosine = _nearest(sentence, quote, mine, theirs, read)
        return cls(
            sentence=mine,
            quote=theirs,
            target=tuple(
                at if at is not None else (None if v else n[0]) for at, v, n in zip(same, voiced, near, strict=True)
            ),
            held=tuple(at is not None or v for at, v in zip(same, voiced, strict=True)),
            met=tuple(1.0 if at is not None or v else n[1] for at, v, n in zip(same, voiced, near, strict=True)),
            pieces=pieces,
            cosine=cosine,
            foreign=foreign,
        )

    def content(self) -> list[int]:
        """Positions of the sentence's content words."""
        return [at for at, word in enumerate(self.sentence) if word.content]


def _same(word: Word, others: Sequence[Word], foreign: bool) -> int | None:
    """The first position of a word among others: itself, its stem, its root, a similar form, the same sound."""
    if not word.content:
        return next((at for at, other in enumerate(others) if other.text == word.text), None)
    for matches in (_by_sound,) if foreign and word.text[0].isascii() else (_by_stem, _by_root, _by_form, _by_sound):
        for at, other in enumerate(others):
            if other.content and matches(_unjoined(word.text), _unjoined(other.text)):
                return at
    return None


def _unjoined(word: str) -> str:
    """A word without the conjunction «و» that may be written on to it: more than what is left is seldom lost."""
    return word[1:] if word.startswith("و") and len(word) > 4 else word


def _by_stem(one: str, other: str) -> bool:
    return stem(one) == stem(other)


def _by_root(one: str, other: str) -> bool:
    found = root(one)
    return len(found) > 2 and found == root(other) and not one[0].isascii()


def _by_form(one: str, other: str) -> bool:
    return len(one) > 3 and _dice(stem(one), words_of(other)) >= SIMILAR_FORM


def _by_sound(one: str, other: str) -> bool:
    return one[0].isascii() != other[0].isascii() and bool(sound_keys(one) & sound_keys(other))


def _nearest(
    sentence: str, quote: str, mine: Sequence[Word], theirs: Sequence[Word], read: Read | None
) -> tuple[list[tuple[int | None, float]], tuple[int, ...], float]:
    """For each word the nearest content word of the quote and its cosine; pieces of each word; cosine of the texts."""
    if read is None:
        return [(None, 0.0)] * len(mine), (1,) * len(mine), 0.0
    one, other = read(bare(sentence)), read(bare(quote))
    cosines = one.vectors.astype(np.float32) @ other.vectors.astype(np.float32).T
    columns = [(at, _inside(other.spans, word)) for at, word in enumerate(theirs) if word.content]
    # A token that is near to everything («قاطعا») is near to nothing: what it is to the whole sentence is taken off.
    hubs = cosines.mean(0) if len(cosines) else 0.0
    near: list[tuple[int | None, float]] = []
    pieces = []
    for word in mine:
        rows = _inside(one.spans, word)
        pieces.append(max(1, int(rows.sum())))
        if not rows.any() or not columns:
            near.append((None, 0.0))
            continue
        mine_only = cosines[rows]
        scores = [((mine_only - hubs)[:, inside].max(1).mean(), at) for at, inside in columns if inside.any()]
        near.append((max(scores)[1] if scores else None, float(mine_only.max(1).mean())))
    return near, tuple(pieces), float(one.pooled @ other.pooled)


def _inside(spans: np.ndarray, word: Word) -> np.ndarray:
    return (spans[:, 0] < word.end) & (spans[:, 1] > word.start)
