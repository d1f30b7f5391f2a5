"""Verification: whether quotes support a sentence. Deterministic, no model needed.

A sentence is supported when it is in a quote verbatim, or when everything checkable agrees: every figure of the
sentence is in the quotes, negation has the same parity in the sentence and the part of the quotes it is closest to,
and nearly all of its content words are in the quotes as the same stem or a similar form. A generated sentence in
another language than the quotes shares no words with them: it is checked on figures, names (by sound) and, where an
embedding is given, on cosine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from retrieval import facts
from retrieval.analysis import content_words, normalise, question_language, stem
from retrieval.evidence import Words, similar
from retrieval.segmentation import sentence_spans
from retrieval.sounds import name_sounds

NAME = "lexical-1"
WORDS_SUPPORTED = 0.75  # share of a sentence's content words that its quotes must hold
FOREIGN_COSINE = 0.86  # e5 cosine from which a translated sentence is taken to say what the quote says

Embed = Callable[[Sequence[str]], np.ndarray]


def supported(sentence: str, quotes: Sequence[str], embed: Embed | None = None) -> bool:
    """Whether ``quotes`` together support ``sentence``.

    Args:
        sentence: one sentence of an answer.
        quotes: the exact words cited for it.
        embed: maps n texts to (n, dimension) unit vectors; without it a sentence in another language than its
            quotes is never supported.
    """
    if not quotes:
        return False
    plain = _plain(sentence)
    if not plain:
        return False
    if any(plain in _plain(quote) for quote in quotes):
        return True
    parts = _speaker_and_quote(sentence)
    if parts and any(_plain(parts[1]) in _plain(quote) for quote in quotes):
        return _words_share(parts[0], quotes) >= WORDS_SUPPORTED
    if facts.numbers(sentence) - set().union(*(facts.numbers(quote) for quote in quotes)):
        return False
    if _script(sentence) != _script(" ".join(quotes)):
        return embed is not None and _foreign_support(sentence, quotes, embed)
    return _words_share(sentence, quotes) >= WORDS_SUPPORTED and _same_polarity(sentence, quotes)


def _plain(text: str) -> str:
    return normalise(text).strip(" .،؛:!?\"'")


def _speaker_and_quote(sentence: str) -> tuple[str, str] | None:
    """The two parts of «speaker: exact words», as extractive answers write them."""
    speaker, colon, words = sentence.partition(": ")
    return (speaker, words) if colon and words.strip() else None


def _script(text: str) -> str:
    return "latin" if question_language(text) == "en" else "arabic"


def _words_share(sentence: str, quotes: Sequence[str]) -> float:
    words = [word for word in content_words(sentence) if not word[0].isdigit()]
    if not words:
        return 1.0
    there = Words.of(" ".join(quotes))
    return sum(stem(word) in there.stems or similar(stem(word), there) > 0 for word in words) / len(words)


def _same_polarity(sentence: str, quotes: Sequence[str]) -> bool:
    """Compare negation with the sentence of the quotes that shares most words with this one."""
    mine = {stem(word) for word in content_words(sentence)}
    parts = [quote[start:end] for quote in quotes for start, end in sentence_spans(quote)] or list(quotes)
    closest = max(parts, key=lambda part: len(mine & {stem(word) for word in content_words(part)}))
    return (facts.negations(sentence) > 0) == (facts.negations(closest) > 0)


def _foreign_support(sentence: str, quotes: Sequence[str], embed: Embed) -> bool:
    there = Words.of(" ".join(quotes))
    names = name_sounds(sentence)
    if names and not any(name in there.sounds for name in names):
        return False
    vectors = embed([sentence, *quotes])
    return float((vectors[1:] @ vectors[0]).max()) >= FOREIGN_COSINE
