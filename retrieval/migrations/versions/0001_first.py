"""The tables of version 0.1, which had no migrations yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "meta",
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("value", sa.String(), nullable=False),
    )
    _articles()
    _passages()
    _conversations()


def _articles() -> None:
    op.create_table(
        "article",
        sa.Column("id", ID, primary_key=True),
        sa.Column("version", sa.Integer()),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), index=True),
        sa.Column("generation", sa.Integer(), nullable=False, index=True),
    )
    op.create_table(
        "article_version",
        sa.Column("article_id", ID, primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("title", sa.String()),
        sa.Column("source", sa.String(), index=True),
        sa.Column("published", sa.Date(), index=True),
        sa.Column("language", sa.String(), index=True),
        sa.Column("topics", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
    )


def _passages() -> None:
    op.create_table(
        "sentence",
        sa.Column("article_id", ID, primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("passage_id", ID, nullable=False, index=True),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("attribution", sa.String()),
        sa.Column("embedding", sa.LargeBinary(), nullable=False),
        sa.Column("led_embedding", sa.LargeBinary(), nullable=False),
        _of_version(),
    )
    op.create_table(
        "passage",
        sa.Column("id", ID, primary_key=True),
        sa.Column("article_id", ID, nullable=False, index=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), unique=True),
        sa.Column("embedding", sa.LargeBinary(), nullable=False),
        _of_version(),
    )


def _of_version() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["article_id", "version"], ["article_version.article_id", "article_version.version"])


def _conversations() -> None:
    op.create_table(
        "conversation",
        sa.Column("id", ID, primary_key=True),
        sa.Column("created", sa.DateTime(), nullable=False),
    )
    op.create_table(
        "turn",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("conversation_id", ID, nullable=False, index=True),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
    )
