"""Finding articles by the words of their titles and texts, for browsing: every word has to be there."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from retrieval import analysis
from retrieval.catalog import Catalog
from retrieval.lexical import ROOT_WEIGHT, LexicalIndex
from retrieval.sounds import name_sounds, sound_keys

TITLE = 2.2  # what a word of the title counts, in inverse document frequencies: as much as BM25 can give a text


Key = tuple[str, str]
"""A field of the lexical index and a term of it."""


@dataclass(frozen=True)
class _Titles:
    """What the catalog says at one generation: articles by vector slot, and by the terms of their titles."""

    generation: int
    slots: Mapping[int, str]
    holding: Mapping[Key, frozenset[str]]

    @classmethod
    def of(cls, catalog: Catalog) -> _Titles:
        generation = catalog.generation
        holding: dict[Key, set[str]] = {}
        for article_id, title in catalog.titles().items():
            for word in analysis.content_words(title):
                for key in (*_keys(word), *(("sounds", key) for key in sound_keys(word))):
                    holding.setdefault(key, set()).add(article_id)
        return cls(generation, catalog.slot_articles(), {key: frozenset(ids) for key, ids in holding.items()})


def _keys(word: str) -> dict[Key, float]:
    """The terms that stand for a word of a query, and what each counts."""
    keys = {("stems", analysis.stem(word)): 1.0}
    if len(root := analysis.root(word)) > 2:
        keys["roots", root] = ROOT_WEIGHT
    return keys | {("sounds", key): 1.0 for key in name_sounds(word)}


class ArticleSearch:
    """Ranks the articles that hold every word of a query, in title or text. Safe to share between threads.

    Words are matched by stem and, counting less, by root, so that spelling and inflection do not matter (Arabic plurals
    rarely share a stem with their singular); a name in Latin letters also by its sound.
    """

    def __init__(self, catalog: Catalog, lexical: LexicalIndex) -> None:
        self._catalog = catalog
        self._lexical = lexical
        self._lock = threading.Lock()
        self._titles: _Titles | None = None

    def find(self, query: str) -> list[str]:
        """Ids of the articles that hold every content word of ``query``, best first; none without such a word."""
        titles = self._known()
        scores = [self._holding(word, titles) for word in dict.fromkeys(analysis.content_words(query))]
        if not scores:
            return []
        everywhere = set.intersection(*map(set, scores))
        total = {article_id: sum(found[article_id] for found in scores) for article_id in everywhere}
        return sorted(total, key=lambda article_id: (-total[article_id], article_id))

    def _known(self) -> _Titles:
        with self._lock:
            if self._titles is None or self._titles.generation != self._catalog.generation:
                self._titles = _Titles.of(self._catalog)
            return self._titles

    def _holding(self, word: str, titles: _Titles) -> dict[str, float]:
        """The articles that hold one word: the score of their best passage, and more for the title."""
        keys = _keys(word)
        found: dict[str, float] = {}
        for slot, score in self._lexical.holding(keys).items():
            # A slot that is not there was filled after the catalog was read: the next search sees it.
            if article_id := titles.slots.get(slot):
                found[article_id] = max(found.get(article_id, 0.0), score)
        weight = TITLE * self._lexical.idf(analysis.stem(word))
        titled: dict[str, float] = {}
        for key, counts in keys.items():
            for article_id in titles.holding.get(key, ()):
                titled[article_id] = max(titled.get(article_id, 0.0), counts * weight)
        return {i: found.get(i, 0.0) + titled.get(i, 0.0) for i in found.keys() | titled.keys()}
