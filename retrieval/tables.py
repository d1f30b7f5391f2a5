"""The catalog's tables, on SQLite and PostgreSQL alike. Migrations make them; see ``retrieval/migrations``."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import DateTime, ForeignKey, ForeignKeyConstraint, LargeBinary, String, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Moment(TypeDecorator[datetime]):
    """A point in time, kept in UTC: neither SQLite nor PostgreSQL's plain timestamp knows a zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """The aware moment as naive UTC."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """The stored moment, aware."""
        return None if value is None else value.replace(tzinfo=UTC)


# Compared byte by byte, as SQLite does: PostgreSQL would sort by the language that a database was made with.
ID = String().with_variant(String(collation="C"), "postgresql")


class Base(DeclarativeBase):
    """Declarative base of the catalog's tables."""

    type_annotation_map = {datetime: Moment}  # noqa: RUF012 (SQLAlchemy reads it from the class)


class MetaRow(Base):
    """Facts about the whole catalog: generation, embedding model, identity."""

    __tablename__ = "meta"
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class ArticleRow(Base):
    """An article's live version; ``version`` is null once it is deleted."""

    __tablename__ = "article"
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    version: Mapped[int | None]
    latest: Mapped[int]
    content_hash: Mapped[str]
    origin: Mapped[str | None] = mapped_column(index=True)
    generation: Mapped[int] = mapped_column(index=True)


class VersionRow(Base):
    """The text and metadata of one version of an article; never changed, so that citations stay valid."""

    __tablename__ = "article_version"
    article_id: Mapped[str] = mapped_column(ID, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str | None]
    source: Mapped[str | None] = mapped_column(index=True)
    published: Mapped[date | None] = mapped_column(index=True)
    language: Mapped[str | None] = mapped_column(index=True)
    topics: Mapped[str]
    text: Mapped[str]
    created: Mapped[datetime]


class SentenceRow(Base):
    """A sentence's span, attribution (JSON) and embedding (float16 bytes)."""

    __tablename__ = "sentence"
    article_id: Mapped[str] = mapped_column(ID, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    passage_id: Mapped[str] = mapped_column(ID, index=True)
    start: Mapped[int]
    end: Mapped[int]
    attribution: Mapped[str | None]
    embedding: Mapped[bytes] = mapped_column(LargeBinary)
    led_embedding: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (
        ForeignKeyConstraint(["article_id", "version"], ["article_version.article_id", "article_version.version"]),
    )


class PassageRow(Base):
    """A passage's span and embedding, and the vector slot that holds it in Chroma while it is live."""

    __tablename__ = "passage"
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    article_id: Mapped[str] = mapped_column(ID, index=True)
    version: Mapped[int]
    position: Mapped[int]
    start: Mapped[int]
    end: Mapped[int]
    slot: Mapped[int | None] = mapped_column(unique=True)
    embedding: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (
        ForeignKeyConstraint(["article_id", "version"], ["article_version.article_id", "article_version.version"]),
    )


class StagedRow(Base):
    """The embeddings of an article version by a model that the index is to go over to: arrays of float16 bytes."""

    __tablename__ = "staged_embedding"
    model: Mapped[str] = mapped_column(primary_key=True)
    article_id: Mapped[str] = mapped_column(ID, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    passages: Mapped[bytes] = mapped_column(LargeBinary)
    sentences: Mapped[bytes] = mapped_column(LargeBinary)
    led: Mapped[bytes] = mapped_column(LargeBinary)


class ConversationRow(Base):
    """A conversation. ``owner`` is the id of the API key that started it, null without one.

    ``title`` is null until the first turn. ``analysed`` is the title as search reads it.
    """

    __tablename__ = "conversation"
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    title: Mapped[str | None]
    analysed: Mapped[str]
    owner: Mapped[str | None] = mapped_column(ID, index=True)
    created: Mapped[datetime]
    updated: Mapped[datetime] = mapped_column(index=True)


class TurnRow(Base):
    """One question and its answer (JSON). Turns are ordered by ``id``, never by the clock."""

    __tablename__ = "turn"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(ID, ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    answer_id: Mapped[str] = mapped_column(ID, unique=True)
    question: Mapped[str]
    analysed: Mapped[str]
    answer: Mapped[str]
    created: Mapped[datetime]


class FeedbackRow(Base):
    """What a reader thinks of an answer."""

    __tablename__ = "feedback"
    answer_id: Mapped[str] = mapped_column(ID, ForeignKey("turn.answer_id", ondelete="CASCADE"), primary_key=True)
    verdict: Mapped[str]
    reason: Mapped[str | None]
    text: Mapped[str | None]
    created: Mapped[datetime]
    updated: Mapped[datetime]


class JobRow(Base):
    """Work done in the background. ``messages`` is a JSON list of what became of each file.

    ``total`` is null until it is known. ``replica`` is the server that does it, null before 0.2.
    """

    __tablename__ = "job"
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    replica: Mapped[str | None]
    owner: Mapped[str | None] = mapped_column(ID, index=True)
    done: Mapped[int]
    total: Mapped[int | None]
    messages: Mapped[str]
    created: Mapped[datetime]
    updated: Mapped[datetime]


class ApiKeyRow(Base):
    """An API key, of which only a hash is kept. ``scopes`` is a JSON list."""

    __tablename__ = "api_key"
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    name: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[str]
    created: Mapped[datetime]
    last_used: Mapped[datetime | None]
    revoked: Mapped[datetime | None]
