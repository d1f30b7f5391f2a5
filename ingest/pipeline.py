"""From files to the catalog and both indexes; the only writer of articles.

Order of writing, so that a kill at any point loses nothing: vectors into free slots of Chroma, then one catalog
commit that makes the articles visible, then BM25 follows the catalog's generation.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.schema import BaseNode, Document, MetadataMode, TransformComponent
from pydantic import ConfigDict

from ingest.attribution import attribute
from ingest.passages import SentencePassageParser
from ingest.progress import bars
from ingest.readers import discover, read
from retrieval.catalog import Catalog, PreparedArticle, slots_for
from retrieval.embedding import Embedder
from retrieval.errors import UnknownArticle, UnreadableFile
from retrieval.models import Article, Attribution, Sentence
from retrieval.search import Search
from retrieval.segmentation import sentence_spans
from retrieval.settings import Settings

log = logging.getLogger(__name__)
VERSION = 1  # raise it when segmentation, attribution or what is embedded changes: unchanged files are then redone
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


class EmbedPassages(TransformComponent):
    """LlamaIndex transformation: gives each passage node its float32 embedding, headed by its article's title."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    embedder: Embedder

    def __call__(self, nodes: Sequence[BaseNode], **_: Any) -> Sequence[BaseNode]:
        """Embed ``nodes`` in place."""
        texts = [
            headed(node.metadata.get("title"), node.get_content(metadata_mode=MetadataMode.NONE)) for node in nodes
        ]
        for node, vector in zip(nodes, self.embedder.passages(texts), strict=True):
            node.embedding = vector.tolist()
        return nodes


def headed(title: str | None, text: str) -> str:
    """A passage with its article's title, which often names what the passage only points at."""
    return f"{title}\n{text}" if title else text


def voiced(text: str, attribution: Attribution | None) -> str:
    """A sentence with its speaker when only an earlier sentence names him: «وأضاف …» says nothing of who."""
    if attribution is None or not attribution.speaker or attribution.speaker in text:
        return text
    return f"{attribution.speaker}: {text}"


def ingest(
    paths: Sequence[Path],
    settings: Settings,
    *,
    prune: bool = False,
    embedder: Embedder | None = None,
    progress: bool = False,
) -> Report:
    """Bring the index up to date with files and folders.

    Files that cannot be read are listed in the report and leave what is stored of them as it was. With ``prune``,
    articles that came from under ``paths`` and are no longer there are deleted.

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
    with _writer(settings, embedder, report) as writer:
        kept = {str(error.values["path"]) for error in report.failed}
        gone = _gone(writer.catalog, paths, set(articles), kept) if prune else []
        writer.apply([*articles.values()], gone, progress=progress)
    return report


def ingest_articles(
    articles: Sequence[Article],
    settings: Settings,
    *,
    embedder: Embedder | None = None,
    progress: bool = False,
) -> Report:
    """As :func:`ingest`, for articles already in memory. The last of several with one id wins."""
    report = Report()
    with _writer(settings, embedder, report) as writer:
        writer.apply([(article, None) for article in {a.id: a for a in articles}.values()], [], progress=progress)
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


def content_hash(article: Article) -> str:
    """Digest of all that is stored of an article, and of the version of this pipeline."""
    return hashlib.sha256(f"{VERSION}\n{article.model_dump_json()}".encode()).hexdigest()


@contextmanager
def _writer(settings: Settings, embedder: Embedder | None, report: Report) -> Iterator[_Writer]:
    """One writer at a time over an index, whichever process asks; a second one waits."""
    settings.index.mkdir(parents=True, exist_ok=True)
    with FileLock(str(settings.index / "ingest.lock")):
        catalog = Catalog(settings.index)
        search = Search.of(catalog, settings)
        try:
            with search.dense.lock:
                yield _Writer(settings, catalog, search, embedder, report)
        finally:
            search.close()
            catalog.close()


class _Writer:
    """Applies additions, replacements and deletions to the catalog and both indexes."""

    def __init__(
        self, settings: Settings, catalog: Catalog, search: Search, embedder: Embedder | None, report: Report
    ) -> None:
        self.catalog = catalog
        self._settings = settings
        self._search = search
        self._embedder = embedder
        self._report = report

    def apply(self, articles: Sequence[tuple[Article, str | None]], gone: Sequence[str], *, progress: bool) -> None:
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
            advance = bar("ingesting articles")
            for start in range(0, len(changed), COMMIT_EVERY):
                self._commit(self._prepare(changed[start : start + COMMIT_EVERY]), gone if start == 0 else [])
                advance(min(start + COMMIT_EVERY, len(changed)), len(changed))
            if gone and not changed:
                self._commit([], gone)
        for article, _ in changed:
            (self._report.replaced if article.id in known else self._report.added).append(article.id)
        self._report.deleted.extend(gone)
        if changed or gone:
            self._search.dense.record(self.catalog)
            self._search.lexical.follow(self.catalog)

    def _follow_files(self, origins: dict[str, str]) -> None:
        """An unchanged article may have moved to another file, by which pruning must then go."""
        known = self.catalog.origins()
        moved = {article_id: origin for article_id, origin in origins.items() if known.get(article_id) != origin}
        if moved:
            self.catalog.move(moved)

    def _commit(self, prepared: Sequence[PreparedArticle], gone: Sequence[str]) -> None:
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
        self.catalog.commit(prepared, slots, gone)

    def _prepare(self, articles: Sequence[tuple[Article, str | None]]) -> list[PreparedArticle]:
        embedder = self._model()
        documents = [
            Document(id_=article.id, text=article.text, metadata={"title": article.title}) for article, _ in articles
        ]
        pipeline = IngestionPipeline(
            transformations=[
                SentencePassageParser(target=self._settings.passage_characters),
                EmbedPassages(embedder=embedder),
            ],
            disable_cache=True,
        )
        passages: dict[str, list[BaseNode]] = {article.id: [] for article, _ in articles}
        for node in pipeline.run(documents=documents):
            passages[node.metadata["article_id"]].append(node)
        sentences = [attributed_sentences(article) for article, _ in articles]
        texts = [[voiced(sentence.text, sentence.attribution) for sentence in group] for group in sentences]
        alone = self._encoded(texts)
        led = self._encoded([[" ".join(group[max(0, i - 1) : i + 1]) for i in range(len(group))] for group in texts])
        return [
            PreparedArticle(
                article=article,
                content_hash=content_hash(article),
                origin=origin,
                sentences=tuple(group),
                passage_spans=tuple((n.start_char_idx, n.end_char_idx) for n in passages[article.id]),
                passage_vectors=np.array([n.embedding for n in passages[article.id]], dtype=np.float16),
                sentence_vectors=alone[index],
                led_vectors=led[index],
            )
            for index, ((article, origin), group) in enumerate(zip(articles, sentences, strict=True))
        ]

    def _encoded(self, groups: Sequence[Sequence[str]]) -> list[np.ndarray]:
        """One (texts, dimension) float16 array a group, encoded together."""
        vectors = self._model().passages([text for group in groups for text in group]).astype(np.float16)
        return np.split(vectors, np.cumsum([len(group) for group in groups])[:-1])

    def _model(self) -> Embedder:
        """The embedding model, once it is known to be the one that the index was made with."""
        if self._embedder is None:
            self._embedder = Embedder.of(self._settings)
        self.catalog.claim_model(self._embedder.name, self._embedder.revision, self._embedder.dimension)
        return self._embedder


def attributed_sentences(article: Article) -> list[Sentence]:
    """The sentences of an article with who says each."""
    spans = sentence_spans(article.text)
    return [
        Sentence(index=index, start=start, end=end, text=article.text[start:end], attribution=attribution)
        for index, ((start, end), attribution) in enumerate(
            zip(spans, attribute(article.text, spans, source=article.source), strict=True)
        )
    ]
