"""Late interaction: how well each word of a question is met by the tokens of a sentence read in its passage.

A sentence's tokens carry what surrounds it («شارك فيها …» knows which talks are meant), and the word of a question
that nothing in the evidence comes near is the best sign that the corpus does not answer it. The token vectors are the
reader's (:mod:`retrieval.reader`), and the measure is ColBERT's maximum similarity (Khattab and Zaharia 2020).
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from retrieval.analysis import is_stop, normalise, stem
from retrieval.catalog import StoredPassage
from retrieval.embedding import Embedder
from retrieval.reader import QuestionReading, Tokens
from retrieval.search import Candidate

KEPT_PASSAGES = 512  # whose token vectors stay in memory: about 150 kB each
# What the reading counts beside the fused score, in standard deviations, for a question in another language than
# the articles'. XQuAD English to Arabic recall@1: .809 without, .829 at .1, .837 at .5, .838 at 1. Arabic questions,
# whose words BM25 matches, gain nothing (.946 to .945) and are left alone.
READING_WEIGHT = 0.5
REORDERED = 8  # passages
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class QuestionWords:
    """The content words of a question: the (tokens, dimension) float32 vectors of each one's tokens, and its stem."""

    vectors: tuple[np.ndarray, ...]
    stems: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str, tokens: Tokens) -> QuestionWords:
        """Group a question's tokens into its words, stop words left out."""
        words, stems = [], []
        for match in _WORD.finditer(text):
            inside = (tokens.spans[:, 0] < match.end()) & (tokens.spans[:, 1] > match.start())
            word = normalise(match.group())
            if inside.any() and not is_stop(word):
                words.append(tokens.vectors[inside].astype(np.float32))
                stems.append(stem(word) if word else word)
        return cls(tuple(words), tuple(stems))

    def near(self, vectors: np.ndarray) -> np.ndarray:
        """Cosines of the words' tokens with the (tokens, dimension) vectors of a text: (words' tokens, tokens)."""
        if not self.vectors:
            return np.empty((0, len(vectors)), np.float32)
        return np.concatenate(self.vectors) @ vectors.astype(np.float32).T

    def of_word(self, place: int, near: np.ndarray) -> np.ndarray:
        """The rows of :meth:`near` that are of one word's tokens."""
        first = sum(len(vectors) for vectors in self.vectors[:place])
        return near[first : first + len(self.vectors[place])]

    def met(self, near: np.ndarray) -> np.ndarray:
        """For each word, the mean over its tokens of the best cosine, given some columns of :meth:`near`."""
        if not self.vectors or not near.shape[1]:
            return np.zeros(len(self.vectors))
        lengths = np.array([len(vector) for vector in self.vectors])
        return np.add.reduceat(near.max(axis=1), np.cumsum(lengths) - lengths) / lengths


class PassageTokens:
    """Token vectors of passages, encoded when first asked for; the most recently used stay in memory."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._kept: OrderedDict[str, Tokens] = OrderedDict()
        self._lock = threading.Lock()

    def load(self, passages: Sequence[StoredPassage]) -> dict[str, Tokens]:
        """Token vectors by passage id; spans are relative to the passage's start."""
        with self._lock:
            found = {p.passage.id: self._kept[p.passage.id] for p in passages if p.passage.id in self._kept}
            for passage_id in found:
                self._kept.move_to_end(passage_id)
        missing = [p for p in passages if p.passage.id not in found]
        for stored, tokens in zip(missing, self._encode(missing), strict=True):
            found[stored.passage.id] = tokens
        with self._lock:
            self._kept.update({p.passage.id: found[p.passage.id] for p in missing})
            while len(self._kept) > KEPT_PASSAGES:
                self._kept.popitem(last=False)
        return found

    def _encode(self, missing: Sequence[StoredPassage]) -> list[Tokens]:
        return self._embedder.read([stored.passage.text for stored in missing])


def within(tokens: Tokens, start: int, end: int) -> np.ndarray:
    """Which tokens, (tokens,) bool, lie inside a span of their text."""
    inside: np.ndarray = (tokens.spans[:, 0] >= start - 1) & (tokens.spans[:, 1] <= end)
    return inside


def by_reading(
    reading: QuestionReading, candidates: Sequence[Candidate], tokens: PassageTokens, first: int
) -> list[Candidate]:
    """The ``first`` candidates ordered anew by fused score and by how near they come to answering the question.

    The others follow in their order. Scores stay descending: who was not looked at counts as the worst that was.
    """
    looked_at, rest = list(candidates[:first]), candidates[first:]
    if len(looked_at) < 2:
        return list(candidates)
    vectors = tokens.load([candidate.stored for candidate in looked_at])
    read = np.array([reading.answered(reading.near(vectors[c.stored.passage.id].vectors)) for c in looked_at])
    gains = READING_WEIGHT * (read - read.mean()) / (float(read.std()) or 1.0)
    raised = [replace(c, score=c.score + float(gain)) for c, gain in zip(looked_at, gains, strict=True)]
    raised.sort(key=lambda candidate: -candidate.score)
    return [*raised, *(replace(candidate, score=candidate.score + float(gains.min())) for candidate in rest)]
