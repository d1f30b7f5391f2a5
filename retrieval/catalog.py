"""The catalog: the SQL store that is the truth about articles, passages and sentences, and keeps conversations.

Both search indexes are derived from it. Every change of articles is one transaction that also raises the
*generation*, a counter that readers compare to know whether their view is stale. Embeddings are kept as float16,
so that the indexes can be rebuilt without encoding anything again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from retrieval.database import Database
from retrieval.errors import IngestOvertaken, ModelMismatch, UnknownArticle
from retrieval.history import History
from retrieval.models import (
    Article,
    ArticleDetail,
    ArticleSummary,
    Attribution,
    Filters,
    Passage,
    Sentence,
    SourceSummary,
)
from retrieval.settings import Settings
from retrieval.tables import ArticleRow, MetaRow, PassageRow, SentenceRow, VersionRow

MODEL_KEY = "embedding_model"
VECTORS_KEY = "vectors"  # what the dense index of this model goes by; none before an index was first re-embedded
UNKNOWN_SOURCE = ""  # among ``Filters.sources``: the articles whose source is unknown


# Joins articles with the version of them that is live.
_LIVE = (ArticleRow.id == VersionRow.article_id) & (ArticleRow.version == VersionRow.version)


@dataclass(frozen=True)
class PreparedArticle:
    """An article ready to be stored: spans, attributions and embeddings computed, nothing written yet.

    ``passage_vectors`` is (passages, dimension); ``sentence_vectors`` and ``led_vectors`` (the same sentences, each
    with the one before it) are (sentences, dimension); all float16.
    """

    article: Article
    content_hash: str
    origin: str | None
    sentences: tuple[Sentence, ...]
    passage_spans: tuple[tuple[int, int], ...]
    passage_vectors: np.ndarray
    sentence_vectors: np.ndarray
    led_vectors: np.ndarray

    def __post_init__(self) -> None:
        assert {v.dtype for v in (self.passage_vectors, self.sentence_vectors, self.led_vectors)} == {np.dtype("f2")}
        assert len(self.passage_vectors) == len(self.passage_spans)
        assert len(self.sentence_vectors) == len(self.led_vectors) == len(self.sentences)


@dataclass(frozen=True)
class StoredPassage:
    """A live passage as the indexes and the search see it. ``vector`` is (dimension,) float16."""

    passage: Passage
    slot: int
    version: int
    title: str | None
    source: str | None
    published: date | None
    vector: np.ndarray


@dataclass(frozen=True)
class StoredSentence:
    """A live sentence with the passage it belongs to and its (dimension,) float32 vectors, alone and led by the
    sentence before it.
    """

    sentence: Sentence
    passage_id: str
    vector: np.ndarray
    led_vector: np.ndarray


@dataclass(frozen=True)
class Change:
    """An article touched since a generation; ``version`` is ``None`` when it was deleted."""

    article_id: str
    version: int | None


class Catalog:
    """Opens (or creates) the catalog in ``folder``. Safe to share between threads."""

    def __init__(self, folder: Path, url: str | None = None) -> None:
        self.folder = folder
        self.database = Database(folder, url)
        self.history = History(self.database)

    @classmethod
    def of(cls, settings: Settings) -> Catalog:
        """The catalog that the settings describe."""
        url = settings.database_url
        return cls(settings.index, url.get_secret_value() if url else None)

    @property
    def remote(self) -> bool:
        """Whether it is kept by a server, which processes on other machines may use too."""
        return self.database.remote

    def lock(self, name: str) -> AbstractContextManager[Any]:
        """A lock among all that use this catalog; see ``Database.lock``."""
        return self.database.lock(name)

    def close(self) -> None:
        """Release the connections."""
        self.database.close()

    # -- facts about the whole ------------------------------------------------------------------------------

    def meta(self, key: str) -> str | None:
        """A fact about the whole catalog, or ``None``."""
        with self.database.read() as session:
            row = session.get(MetaRow, key)
            return row.value if row else None

    def set_meta(self, values: dict[str, str]) -> None:
        """Store facts about the whole catalog."""
        with self.database.write() as session:
            for key, value in values.items():
                session.merge(MetaRow(key=key, value=value))

    @property
    def generation(self) -> int:
        """Raised by one in every transaction that changes articles."""
        return int(self.meta("generation") or 0)

    @property
    def identity(self) -> str:
        """Random name of this catalog: an index made from another one is foreign, whatever its generation."""
        return self.meta("identity") or ""

    @property
    def model(self) -> str | None:
        """The embedding model of this index as ``name revision (dimension)``, or ``None`` before there is one."""
        return self.meta(MODEL_KEY)

    @property
    def vectors(self) -> str:
        """What tells the dense index that is live from those of other models; empty for the first one."""
        return self.meta(VECTORS_KEY) or ""

    def claim_model(self, model: str) -> None:
        """Record the embedding model of this index (its ``model_identity``), or check that it is the one recorded.

        Raises:
            ModelMismatch: when the index was made with another one.
        """
        stored = self.model
        if stored is None or (stored != model and not self.article_count()):
            self.set_meta({MODEL_KEY: model})
        elif stored != model:
            raise ModelMismatch(index=self.folder, stored=stored, configured=model)

    # -- articles -------------------------------------------------------------------------------------------

    def commit(
        self,
        prepared: Sequence[PreparedArticle],
        slots: Sequence[Sequence[int]],
        deleted: Sequence[str],
        *,
        since: int | None = None,
    ) -> int:
        """Make articles visible, and others vanish, in one transaction; returns the new generation.

        Raises:
            IngestOvertaken: when the generation is no longer ``since``, at which the slots were chosen.
        """
        with self.database.write() as session:
            generation = raise_generation(session)
            if since is not None and generation != since + 1:
                raise IngestOvertaken
            for article_id in deleted:
                self._retire(session, article_id)
                session.execute(
                    update(ArticleRow)
                    .where(ArticleRow.id == article_id)
                    .values(version=None, content_hash="", generation=generation)
                )
            for article, article_slots in zip(prepared, slots, strict=True):
                self._store(session, article, article_slots, generation)
        return generation

    @staticmethod
    def _retire(session: Session, article_id: str) -> None:
        """Free the slots of the article's live passages and drop what only retrieval needs; keep every text."""
        session.execute(delete(PassageRow).where(PassageRow.article_id == article_id))
        session.execute(delete(SentenceRow).where(SentenceRow.article_id == article_id))
        session.flush()

    def _store(self, session: Session, prepared: PreparedArticle, slots: Sequence[int], generation: int) -> None:
        article = prepared.article
        self._retire(session, article.id)
        row = session.get(ArticleRow, article.id)
        version = row.latest + 1 if row else 1
        session.merge(
            ArticleRow(
                id=article.id,
                version=version,
                latest=version,
                content_hash=prepared.content_hash,
                origin=prepared.origin,
                generation=generation,
            )
        )
        session.add(
            VersionRow(
                article_id=article.id,
                version=version,
                title=article.title,
                source=article.source,
                published=article.published,
                language=article.language,
                topics=json.dumps(article.topics, ensure_ascii=False),
                text=article.text,
                created=datetime.now(UTC),
            )
        )
        session.flush()
        passage_ids = [self.passage_id(article.id, version, position) for position in range(len(slots))]
        session.add_all(
            SentenceRow(
                article_id=article.id,
                version=version,
                position=sentence.index,
                passage_id=passage_ids[_containing(sentence, prepared.passage_spans)],
                start=sentence.start,
                end=sentence.end,
                attribution=sentence.attribution.model_dump_json() if sentence.attribution else None,
                embedding=vector.tobytes(),
                led_embedding=led.tobytes(),
            )
            for sentence, vector, led in zip(
                prepared.sentences, prepared.sentence_vectors, prepared.led_vectors, strict=True
            )
        )
        session.add_all(
            PassageRow(
                id=passage_ids[position],
                article_id=article.id,
                version=version,
                position=position,
                start=start,
                end=end,
                slot=slot,
                embedding=vector.tobytes(),
            )
            for position, ((start, end), slot, vector) in enumerate(
                zip(prepared.passage_spans, slots, prepared.passage_vectors, strict=True)
            )
        )

    @staticmethod
    def passage_id(article_id: str, version: int, position: int) -> str:
        """The id of a passage, never reused for another text."""
        return f"{article_id}@{version}#{position}"

    def next_versions(self, article_ids: Sequence[str]) -> dict[str, int]:
        """The version number that each article's next text will get."""
        with self.database.read() as session:
            rows = session.execute(select(ArticleRow.id, ArticleRow.latest).where(ArticleRow.id.in_(article_ids)))
            latest = dict(rows.tuples().all())
        return {article_id: latest.get(article_id, 0) + 1 for article_id in article_ids}

    def free_slots(self, count: int) -> list[int]:
        """``count`` vector slots that no live passage holds, lowest first, so that retired ones are reused."""
        with self.database.read() as session:
            used = set(session.scalars(select(PassageRow.slot)))
        free: list[int] = []
        slot = 0
        while len(free) < count:
            if slot not in used:
                free.append(slot)
            slot += 1
        return free

    def content_hashes(self) -> dict[str, str]:
        """Content hash of every live article by id."""
        with self.database.read() as session:
            rows = session.execute(
                select(ArticleRow.id, ArticleRow.content_hash).where(ArticleRow.version.is_not(None))
            )
            return dict(rows.tuples().all())

    def origins(self) -> dict[str, str]:
        """File that each live article came from, by id, where known."""
        with self.database.read() as session:
            rows = session.execute(
                select(ArticleRow.id, ArticleRow.origin).where(
                    ArticleRow.version.is_not(None), ArticleRow.origin.is_not(None)
                )
            )
            return {article_id: origin for article_id, origin in rows if origin is not None}

    def move(self, origins: dict[str, str]) -> None:
        """Record the files that articles come from now, by id; their texts and the generation stay as they are."""
        with self.database.write() as session:
            for article_id, origin in origins.items():
                session.execute(update(ArticleRow).where(ArticleRow.id == article_id).values(origin=origin))

    def article_count(self, filters: Filters | None = None) -> int:
        """Number of live articles that the filters allow."""
        query = select(func.count()).select_from(ArticleRow).join(VersionRow, _LIVE)
        with self.database.read() as session:
            return session.scalar(query.where(*_allowed(filters or Filters()))) or 0

    def articles(
        self, *, offset: int = 0, limit: int = 100, filters: Filters | None = None, newest: bool = False
    ) -> list[ArticleSummary]:
        """Live articles that the filters allow, by id, or the newest first (those without a date last)."""
        counts = (
            select(SentenceRow.article_id, func.count().label("sentences")).group_by(SentenceRow.article_id).subquery()
        )
        query = (
            select(VersionRow, func.length(VersionRow.text), func.coalesce(counts.c.sentences, 0))
            .join(ArticleRow, _LIVE)
            .outerjoin(counts, counts.c.article_id == ArticleRow.id)
            .where(*_allowed(filters or Filters()))
            .order_by(*([VersionRow.published.desc().nulls_last()] if newest else []), ArticleRow.id)
            .offset(offset)
            .limit(limit)
        )
        with self.database.read() as session:
            return [
                ArticleSummary(**_metadata(row), characters=characters, sentences=sentences)
                for row, characters, sentences in session.execute(query)
            ]

    def sources(self) -> list[SourceSummary]:
        """The sources of the live articles, those with the most articles first; articles without one come last."""
        count = func.count()
        query = (
            select(VersionRow.source, count, func.min(VersionRow.published), func.max(VersionRow.published))
            .join(ArticleRow, _LIVE)
            .group_by(VersionRow.source)
            .order_by(VersionRow.source.is_(None), count.desc(), VersionRow.source)
        )
        with self.database.read() as session:
            return [
                SourceSummary(source=source, articles=articles, first=first, last=last)
                for source, articles, first, last in session.execute(query)
            ]

    def titles(self) -> dict[str, str]:
        """Titles of the live articles that have one, by id."""
        query = select(ArticleRow.id, VersionRow.title).join(VersionRow, _LIVE).where(VersionRow.title.is_not(None))
        with self.database.read() as session:
            return {article_id: title for article_id, title in session.execute(query) if title is not None}

    def slot_articles(self) -> dict[int, str]:
        """The article of each live passage, by vector slot."""
        query = select(PassageRow.slot, PassageRow.article_id).where(PassageRow.slot.is_not(None))
        with self.database.read() as session:
            return {slot: article_id for slot, article_id in session.execute(query) if slot is not None}

    def article(self, article_id: str, version: int | None = None) -> ArticleDetail:
        """An article version, the live one by default. A replaced version has its text but no sentences.

        Raises:
            UnknownArticle: when there is none, or it is deleted and no version is asked for.
        """
        with self.database.read() as session:
            live = session.get(ArticleRow, article_id)
            wanted = version if version is not None else (live.version if live else None)
            row = session.get(VersionRow, (article_id, wanted)) if wanted is not None else None
            if row is None or wanted is None:
                raise UnknownArticle(article_id=article_id)
            sentences = self._sentences(session, article_id, wanted, row.text)
            return ArticleDetail(**_metadata(row), text=row.text, sentences=tuple(s.sentence for s in sentences))

    def sentences(self, article_id: str, version: int) -> list[StoredSentence]:
        """All sentences of a live article version, in order."""
        with self.database.read() as session:
            row = session.get(VersionRow, (article_id, version))
            return self._sentences(session, article_id, version, row.text) if row else []

    def sentence_vectors(self, passage_ids: Sequence[str]) -> dict[str, np.ndarray]:
        """The (sentences, dimension) float32 vectors of the sentences of passages, by passage id."""
        rows: dict[str, list[bytes]] = {}
        query = select(SentenceRow.passage_id, SentenceRow.embedding).where(SentenceRow.passage_id.in_(passage_ids))
        with self.database.read() as session:
            for passage_id, embedding in session.execute(query):
                rows.setdefault(passage_id, []).append(embedding)
        return {
            passage_id: np.frombuffer(b"".join(blobs), dtype=np.float16).reshape(len(blobs), -1).astype(np.float32)
            for passage_id, blobs in rows.items()
        }

    @staticmethod
    def _sentences(session: Session, article_id: str, version: int, text: str) -> list[StoredSentence]:
        rows = session.scalars(
            select(SentenceRow)
            .where(SentenceRow.article_id == article_id, SentenceRow.version == version)
            .order_by(SentenceRow.position)
        )
        return [
            StoredSentence(
                sentence=Sentence(
                    index=row.position,
                    start=row.start,
                    end=row.end,
                    text=text[row.start : row.end],
                    attribution=Attribution.model_validate_json(row.attribution) if row.attribution else None,
                ),
                passage_id=row.passage_id,
                vector=np.frombuffer(row.embedding, dtype=np.float16).astype(np.float32),
                led_vector=np.frombuffer(row.led_embedding, dtype=np.float16).astype(np.float32),
            )
            for row in rows
        ]

    def matching_articles(self, filters: Filters) -> list[str] | None:
        """Ids of the live articles that the filters allow; ``None`` when there is no limit."""
        if filters == Filters():
            return None
        query = select(ArticleRow.id).join(VersionRow, _LIVE).where(*_allowed(filters))
        with self.database.read() as session:
            return list(session.scalars(query))

    # -- passages -------------------------------------------------------------------------------------------

    def passage_count(self) -> int:
        """Number of live passages."""
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(PassageRow)) or 0

    def passage_spans(self, article_id: str, version: int) -> list[tuple[int, int]]:
        """The spans of the passages of a live article version, in order."""
        query = (
            select(PassageRow.start, PassageRow.end)
            .where(PassageRow.article_id == article_id, PassageRow.version == version)
            .order_by(PassageRow.position)
        )
        with self.database.read() as session:
            return [(start, end) for start, end in session.execute(query)]

    def passages(
        self,
        *,
        slots: Sequence[int] | None = None,
        since: int | None = None,
        article_ids: Sequence[str] | None = None,
    ) -> Iterator[StoredPassage]:
        """Live passages by slot: all, or those in slots, of articles touched after a generation, or of articles."""
        query = (
            select(PassageRow, VersionRow)
            .join(
                VersionRow,
                (VersionRow.article_id == PassageRow.article_id) & (VersionRow.version == PassageRow.version),
            )
            .order_by(PassageRow.slot)
        )
        if slots is not None:
            query = query.where(PassageRow.slot.in_(slots))
        if article_ids is not None:
            query = query.where(PassageRow.article_id.in_(article_ids))
        if since is not None:
            touched = select(ArticleRow.id).where(ArticleRow.generation > since)
            query = query.where(PassageRow.article_id.in_(touched))
        with self.database.read() as session:
            for row, version in session.execute(query.execution_options(yield_per=1000)):
                yield _stored_passage(row, version)

    def changes(self, since: int) -> list[Change]:
        """Articles touched after a generation, in no particular order."""
        with self.database.read() as session:
            rows = session.execute(
                select(ArticleRow.id, ArticleRow.version).where(ArticleRow.generation > since).order_by(ArticleRow.id)
            )
            return [Change(article_id, version) for article_id, version in rows]


def raise_generation(session: Session) -> int:
    """Tell readers that articles or their vectors change with this transaction; returns the new generation."""
    row = session.get_one(MetaRow, "generation", with_for_update=True)
    row.value = str(int(row.value) + 1)
    return int(row.value)


def _allowed(filters: Filters) -> list[ColumnElement[bool]]:
    """The conditions on articles and their live versions that the filters make."""
    conditions: list[ColumnElement[bool]] = []
    if filters.article_ids:
        conditions.append(ArticleRow.id.in_(filters.article_ids))
    if filters.sources:
        named = VersionRow.source.in_(filters.sources)
        conditions.append(or_(named, VersionRow.source.is_(None)) if UNKNOWN_SOURCE in filters.sources else named)
    if filters.languages:
        conditions.append(VersionRow.language.in_(filters.languages))
    if filters.published_from:
        conditions.append(VersionRow.published >= filters.published_from)
    if filters.published_to:
        conditions.append(VersionRow.published <= filters.published_to)
    return conditions


def _containing(sentence: Sentence, passage_spans: Sequence[tuple[int, int]]) -> int:
    return next(i for i, (start, end) in enumerate(passage_spans) if start <= sentence.start and sentence.end <= end)


def _metadata(row: VersionRow) -> dict[str, Any]:
    return {
        "id": row.article_id,
        "version": row.version,
        "title": row.title,
        "source": row.source,
        "published": row.published,
        "language": row.language,
        "topics": tuple(json.loads(row.topics)),
    }


def _stored_passage(row: PassageRow, version: VersionRow) -> StoredPassage:
    assert row.slot is not None
    return StoredPassage(
        passage=Passage(
            id=row.id,
            article_id=row.article_id,
            index=row.position,
            start=row.start,
            end=row.end,
            text=version.text[row.start : row.end],
        ),
        slot=row.slot,
        version=row.version,
        title=version.title,
        source=version.source,
        published=version.published,
        vector=np.frombuffer(row.embedding, dtype=np.float16),
    )


def slots_for(catalog: Catalog, sizes: Iterable[int]) -> list[list[int]]:
    """Free vector slots dealt out in groups of the given sizes."""
    sizes = list(sizes)
    free = iter(catalog.free_slots(sum(sizes)))
    return [[next(free) for _ in range(size)] for size in sizes]
