"""From files to the catalog and both indexes; the only writer of articles.

Order of writing, so that a kill at any point loses nothing: vectors into free slots of Chroma, then one catalog
commit that makes the articles visible, then BM25 follows the catalog's generation.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ingest.preparation import Origin, Preparing, content_hash, prepare
from ingest.progress import bars
from ingest.readers import discover, read
from retrieval.catalog import Catalog, PreparedArticle, slots_for
from retrieval.embedding import Embedder, model_identity
from retrieval.errors import UnknownArticle, UnreadableFile
from retrieval.models import Article
from retrieval.search import Search
from retrieval.settings import Settings

log = logging.getLogger(__name__)
COMMIT_EVERY = 64  # articles that become visible together


@dataclass
class Report:
    """What an ingest did, as article ids, and the files it could not read."""

    added: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    failed: list[UnreadableFile] = field(default_factory=list)
    rebuilt: list[str] = field(default_factory=list)


def ingest(
    paths: Sequence[Path],
    settings: Settings,
    *,
    prune: bool = False,
    embedder: Embedder | None = None,
    cluster: Preparing | None = None,
    progress: bool = False,
) -> Report:
    """Bring the index up to date with files and folders.

    Files that cannot be read are listed in the report and leave what is stored of them as it was. With ``prune``,
    articles that came from under ``paths`` and are no longer there are deleted. With ``cluster``, articles are
    prepared there and only stored here.

    Raises:
        UnreadableFile: when a path does not exist.
        ModelMismatch: when the index was made with another embedding model.
    """
    report = Report()
    articles: dict[str, tuple[Article, str]] = {}
    for path in discover(paths):
        origin = str(path.resolve())
        try:
            for article in read(path):
                if article.id in articles and articles[article.id][1] != origin:
                    first = articles[article.id][1]
                    raise UnreadableFile(path=path, reason=f"its article id {article.id} is already that of {first}")
                articles[article.id] = (article, origin)
        except UnreadableFile as error:
            report.failed.append(error)
    with _writer(settings, embedder, report, cluster) as writer:
        kept = {str(error.values["path"]) for error in report.failed}
        gone = _gone(writer.catalog, paths, set(articles), kept) if prune else []
        writer.apply([*articles.values()], gone, progress=progress)
    return report


def ingest_articles(
    articles: Sequence[Article],
    settings: Settings,
    *,
    embedder: Embedder | None = None,
    cluster: Preparing | None = None,
    progress: bool = False,
    advance: Callable[[int, int], None] | None = None,
) -> Report:
    """As :func:`ingest`, for articles already in memory. The last of several with one id wins.

    ``advance(done, total)`` is called after each commit; what it raises ends the ingest there.
    """
    report = Report()
    with _writer(settings, embedder, report, cluster) as writer:
        last: dict[str, tuple[Article, Origin]] = {article.id: (article, None) for article in articles}
        writer.apply(list(last.values()), [], progress=progress, advance=advance)
    return report


def delete_articles(article_ids: Sequence[str], settings: Settings) -> Report:
    """Delete articles; their texts stay in the catalog so that old citations can still be shown.

    Raises:
        UnknownArticle: when one is not there; then none is deleted.
    """
    report = Report()
    with _writer(settings, None, report) as writer:
        live = writer.catalog.content_hashes()
        for article_id in article_ids:
            if article_id not in live:
                raise UnknownArticle(article_id=article_id)
        writer.apply([], list(dict.fromkeys(article_ids)), progress=False)
    return report


def _gone(catalog: Catalog, paths: Sequence[Path], present: set[str], unreadable: set[str]) -> list[str]:
    roots = [path.resolve() for path in paths]
    unreadable = {str(Path(name).resolve()) for name in unreadable}
    return sorted(
        article_id
        for article_id, origin in catalog.origins().items()
        if article_id not in present
        and origin not in unreadable
        and any(Path(origin).is_relative_to(root) for root in roots)
    )


@contextmanager
def _writer(
    settings: Settings, embedder: Embedder | None, report: Report, cluster: Preparing | None = None
) -> Iterator[_Writer]:
    """One writer at a time over an index, whichever process asks; a second one waits."""
    with (
        closing(Catalog.of(settings)) as catalog,
        catalog.lock("ingest"),
        closing(Search.of(catalog, settings)) as search,
        search.dense.lock,
    ):
        yield _Writer(settings, catalog, search, embedder, report, cluster)


class _Writer:
    """Applies additions, replacements and deletions to the catalog and both indexes."""

    def __init__(
        self,
        settings: Settings,
        catalog: Catalog,
        search: Search,
        embedder: Embedder | None,
        report: Report,
        cluster: Preparing | None,
    ) -> None:
        self.catalog = catalog
        self._settings = settings
        self._search = search
        self._embedder = embedder
        self._report = report
        self._cluster = cluster

    def apply(
        self,
        articles: Sequence[tuple[Article, Origin]],
        gone: Sequence[str],
        *,
        progress: bool,
        advance: Callable[[int, int], None] | None = None,
    ) -> None:
        with bars(progress) as bar:
            self._report.rebuilt.extend(self._search.open(lambda name: bar(f"rebuilding {name}")))
            if not self.catalog.passage_count() and self._search.dense.count():
                # Only retired vectors are left, perhaps another model's, whose length a collection insists on.
                self._search.dense.rebuild(self.catalog)
            known = self.catalog.content_hashes()
            changed = [
                (article, origin) for article, origin in articles if known.get(article.id) != content_hash(article)
            ]
            skipped = {article.id for article, _ in articles} - {article.id for article, _ in changed}
            self._report.unchanged.extend(sorted(skipped))
            self._follow_files({i.id: origin for i, origin in articles if i.id in skipped and origin is not None})
            advance = advance or bar("ingesting articles")
            done = 0
            for prepared in self._prepared(changed):
                self._commit(prepared, gone if done == 0 else [])
                done += len(prepared)
                advance(done, len(changed))
            if gone and not changed:
                self._commit([], gone)
        for article, _ in changed:
            (self._report.replaced if article.id in known else self._report.added).append(article.id)
        self._report.deleted.extend(gone)
        if changed or gone:
            self._search.dense.record(self.catalog)
            self._search.lexical.follow(self.catalog)

    def _prepared(self, articles: Sequence[tuple[Article, Origin]]) -> Iterator[list[PreparedArticle]]:
        """Prepared articles in order, as many at a time as are committed together."""
        chunks = [articles[start : start + COMMIT_EVERY] for start in range(0, len(articles), COMMIT_EVERY)]
        if not chunks:
            return
        embedder = self._model()
        if self._cluster:
            yield from self._cluster.prepared(chunks)
            return
        for chunk in chunks:
            yield prepare(chunk, embedder, self._settings.passage_characters)

    def _follow_files(self, origins: dict[str, str]) -> None:
        """An unchanged article may have moved to another file, by which pruning must then go."""
        known = self.catalog.origins()
        moved = {article_id: origin for article_id, origin in origins.items() if known.get(article_id) != origin}
        if moved:
            self.catalog.move(moved)

    def _commit(self, prepared: Sequence[PreparedArticle], gone: Sequence[str]) -> None:
        # A writer whose database was restarted has lost its lock without noticing, and another may have begun.
        generation = self.catalog.generation
        slots = slots_for(self.catalog, [len(p.passage_spans) for p in prepared])
        versions = self.catalog.next_versions([p.article.id for p in prepared])
        rows = [
            (
                self.catalog.passage_id(p.article.id, versions[p.article.id], position),
                p.article.id,
                slot,
                vector,
            )
            for p, article_slots in zip(prepared, slots, strict=True)
            for position, (slot, vector) in enumerate(zip(article_slots, p.passage_vectors, strict=True))
        ]
        if rows:
            passage_ids, article_ids, flat_slots, vectors = zip(*rows, strict=True)
            self._search.dense.write(passage_ids, article_ids, flat_slots, np.stack(vectors))
        self.catalog.commit(prepared, slots, gone, since=generation)

    def _model(self) -> Embedder:
        """The embedding model, once it is known to be the one that the index was made with."""
        if self._embedder is None:
            self._embedder = Embedder.of(self._settings)
        self.catalog.claim_model(model_identity(self._embedder))
        return self._embedder
