"""``sanad reembed``: an index goes over to another embedding model while it is served.

New embeddings are made beside the live ones, a few articles at a time, and kept: whatever ends the process, the next
run goes on from there. Only when every article has them does the ingest lock close; the new vectors then get a dense
index of their own, which is checked, and one transaction of the catalog makes both the live ones. Servers notice the
new generation, load the model and do again whatever question they were at.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from ingest.preparation import passage_vectors, sentence_vectors
from ingest.progress import Advance, bars
from retrieval.catalog import Catalog
from retrieval.embedding import Embedder, model_identity
from retrieval.errors import EmptyIndex, IndexUnavailable
from retrieval.models import ArticleDetail
from retrieval.search import Search
from retrieval.settings import Settings, without_password
from retrieval.staging import Reembedded, Staging

TOGETHER = 16  # articles embedded, and kept, at a time


@dataclass(frozen=True)
class Outcome:
    """The models that an index had and has, and how many articles this run embedded."""

    before: str
    after: str
    embedded: int


def reembed(settings: Settings, *, embedder: Embedder | None = None, progress: bool = False) -> Outcome:
    """Make the index one of ``settings.embedding_model``; what serves it goes on answering.

    Raises:
        EmptyIndex: when there are no articles.
        ModelUnavailable: when the model cannot be loaded.
        IngestOvertaken: when articles changed although they were locked. The index is as it was.
    """
    embedder = embedder or Embedder.of(settings)
    with closing(Catalog.of(settings)) as catalog, catalog.lock("reembed"):
        if not catalog.article_count():
            raise EmptyIndex(index=settings.index)
        staging = Staging(catalog, model_identity(embedder))
        before = catalog.model or ""
        embedded = 0
        if before != staging.model:
            staging.discard(others=True)
            with bars(progress) as bar:
                embedded += _embed(catalog, staging, embedder, bar("embedding · تضمين"))
                with catalog.lock("ingest"):
                    embedded += _embed(catalog, staging, embedder, bar("embedding · تضمين"))
                    _go_over(catalog, staging, settings, bar("indexing · فهرسة"))
        staging.discard()
        with catalog.lock("ingest"), closing(Search.of(catalog, settings)) as search:
            search.sweep()
    return Outcome(before, staging.model, embedded)


def _embed(catalog: Catalog, staging: Staging, embedder: Embedder, advance: Advance) -> int:
    """Embed the live articles that lack it; how many."""
    done = 0
    missing = staging.missing()
    while done < len(missing):
        some = missing[done : done + TOGETHER]
        details = [catalog.article(article_id, version) for article_id, version in some]
        spans = {article_id: catalog.passage_spans(article_id, version) for article_id, version in some}
        staging.put(_reembedded(details, [spans[detail.id] for detail in details], embedder))
        done += len(some)
        advance(done, len(missing))
    return done


def _reembedded(
    details: Sequence[ArticleDetail], spans: Sequence[Sequence[tuple[int, int]]], embedder: Embedder
) -> list[Reembedded]:
    """What :func:`ingest.preparation.prepare` would embed of these articles, by their passages as they are stored."""
    texts = [
        (detail.title, [detail.text[start:end] for start, end in own])
        for detail, own in zip(details, spans, strict=True)
    ]
    passages = passage_vectors(texts, embedder)
    sentences, led = sentence_vectors([detail.sentences for detail in details], embedder)
    return [
        Reembedded(detail.id, detail.version, passages[i], sentences[i], led[i]) for i, detail in enumerate(details)
    ]


def _go_over(catalog: Catalog, staging: Staging, settings: Settings, advance: Advance) -> None:
    """Build the new dense index and make it the live one. The caller holds the ingest lock."""
    generation = catalog.generation
    with closing(Search.of(catalog, settings)) as search:
        dense = search.dense_of(staging.vectors)
        with dense.lock, closing(dense):
            dense.rebuild(staging, advance)
            fault = dense.fault(staging)
            if fault:
                raise IndexUnavailable(url=without_password(settings.chroma_url or str(settings.index)), reason=fault)
            staging.adopt(generation)
            dense.record(catalog)
