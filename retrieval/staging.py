"""Embeddings by a model that an index is to go over to: kept beside the live ones, then put in their place at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from sqlalchemy import ColumnElement, Table, and_, bindparam, delete, exists, func, select, update
from sqlalchemy.orm import Session

from retrieval.catalog import MODEL_KEY, VECTORS_KEY, Catalog, StoredPassage, raise_generation
from retrieval.errors import IngestOvertaken
from retrieval.tables import ArticleRow, MetaRow, PassageRow, SentenceRow, StagedRow


@dataclass(frozen=True)
class Reembedded:
    """An article version embedded anew: (passages or sentences, dimension) float16 arrays, in the order of positions.

    ``led`` has the sentences again, each with the one before it.
    """

    article_id: str
    version: int
    passages: np.ndarray
    sentences: np.ndarray
    led: np.ndarray


class Staging:
    """The embeddings by ``model`` (as ``Catalog.model`` names one) that wait to become the index's.

    For the dense index it looks like a catalog that has these embeddings already.
    """

    def __init__(self, catalog: Catalog, model: str) -> None:
        self._catalog = catalog
        self._database = catalog.database
        self.model = model
        self.vectors = hashlib.sha256(model.encode()).hexdigest()[:12]

    @property
    def identity(self) -> str:
        """The catalog's."""
        return self._catalog.identity

    @property
    def generation(self) -> int:
        """The catalog's."""
        return self._catalog.generation

    def passage_count(self) -> int:
        """Number of live passages."""
        return self._catalog.passage_count()

    def missing(self) -> list[tuple[str, int]]:
        """Live articles and their versions that are not embedded yet, by id."""
        query = (
            select(ArticleRow.id, ArticleRow.version)
            .where(ArticleRow.version.is_not(None), ~exists().where(self._of_live()))
            .order_by(ArticleRow.id)
        )
        with self._database.read() as session:
            return [(article_id, version) for article_id, version in session.execute(query) if version is not None]

    def put(self, articles: Sequence[Reembedded]) -> None:
        """Keep embeddings; whatever ends the process afterwards, they need not be made again."""
        with self._database.write() as session:
            for article in articles:
                session.merge(
                    StagedRow(
                        model=self.model,
                        article_id=article.article_id,
                        version=article.version,
                        passages=article.passages.tobytes(),
                        sentences=article.sentences.tobytes(),
                        led=article.led.tobytes(),
                    )
                )

    def passages(self) -> Iterator[StoredPassage]:
        """The live passages with their new vectors, by article."""
        for row in self._rows():
            live = sorted(self._catalog.passages(article_ids=[row.article_id]), key=lambda p: p.passage.index)
            for stored, vector in zip(live, _split(row.passages, len(live)), strict=True):
                yield replace(stored, vector=vector)

    def adopt(self, since: int) -> int:
        """Put the embeddings in place of the index's, in one transaction; returns the new generation.

        Raises:
            IngestOvertaken: when articles have changed since the generation ``since``.
        """
        with self._database.write() as session:
            generation = raise_generation(session)
            if generation != since + 1:
                raise IngestOvertaken
            for row in self._rows():
                self._replace(session, row)
            session.merge(MetaRow(key=MODEL_KEY, value=self.model))
            session.merge(MetaRow(key=VECTORS_KEY, value=self.vectors))
            session.execute(delete(StagedRow))
        return generation

    @staticmethod
    def _replace(session: Session, row: StagedRow) -> None:
        for table, blobs in (
            (PassageRow, {"embedding": row.passages}),
            (SentenceRow, {"embedding": row.sentences, "led_embedding": row.led}),
        ):
            columns = table.__table__.c
            own = (columns.article_id == row.article_id, columns.version == row.version)
            count = session.scalar(select(func.count()).select_from(table).where(*own)) or 0
            vectors = {name: _split(blob, count) for name, blob in blobs.items()}
            changes = [
                {"at": at, **{name: rows[at].tobytes() for name, rows in vectors.items()}} for at in range(count)
            ]
            if changes:
                changed = update(cast(Table, table.__table__)).where(*own, columns.position == bindparam("at"))
                session.connection().execute(changed.values({n: bindparam(n) for n in blobs}), changes)

    def discard(self, *, others: bool = False) -> None:
        """Forget the embeddings that wait; with ``others`` only those by other models."""
        with self._database.write() as session:
            session.execute(delete(StagedRow).where(*([StagedRow.model != self.model] if others else [])))

    def _of_live(self) -> ColumnElement[bool]:
        return and_(
            StagedRow.model == self.model,
            StagedRow.article_id == ArticleRow.id,
            StagedRow.version == ArticleRow.version,
        )

    def _rows(self) -> Iterator[StagedRow]:
        query = select(StagedRow).join(ArticleRow, self._of_live()).order_by(StagedRow.article_id)
        with self._database.read() as session:
            yield from session.scalars(query.execution_options(yield_per=100))


def _split(blob: bytes, count: int) -> np.ndarray:
    return np.frombuffer(blob, dtype=np.float16).reshape(count, -1) if count else np.empty((0, 0), np.float16)
