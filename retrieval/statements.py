"""Sentences to put in a picture of a topic: each with its article's metadata, ready to be cited."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from retrieval.catalog import StoredSentence
from retrieval.evidence import Scored
from retrieval.extractive import BROAD_FLOOR
from retrieval.models import ArticleSummary, Citation


@dataclass(frozen=True)
class Statement:
    """A sentence of an article. ``score`` in [0, 1] is how well it fits the topic, ``None`` without a topic."""

    article_id: str
    article_version: int
    title: str | None
    source: str | None
    published: date | None
    stored: StoredSentence
    score: float | None = None

    def citation(self, number: int) -> Citation:
        """The sentence's exact words, as citation ``[number]``."""
        sentence = self.stored.sentence
        return Citation(
            number=number,
            article_id=self.article_id,
            article_version=self.article_version,
            passage_id=self.stored.passage_id,
            start=sentence.start,
            end=sentence.end,
            quote=sentence.text,
            title=self.title,
            source=self.source,
            published=self.published,
        )


def of_article(article: ArticleSummary, sentences: Sequence[StoredSentence]) -> Iterator[Statement]:
    """All sentences of an article, in order."""
    for stored in sentences:
        yield Statement(article.id, article.version, article.title, article.source, article.published, stored)


def about_topic(ranked: Sequence[Scored], on_topic: Collection[Scored]) -> Iterator[Statement]:
    """The sentences that fit a topic, best first: those that a broad answer would be made of, without its limit, and
    those that are ``on_topic`` by their words.
    """
    for item in ranked:
        if item.score < ranked[0].score * BROAD_FLOOR and item not in on_topic:
            continue
        passage = item.candidate.stored
        yield Statement(
            passage.passage.article_id,
            passage.version,
            passage.title,
            passage.source,
            passage.published,
            item.stored,
            round(item.score, 4),
        )
