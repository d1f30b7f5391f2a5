"""Conversations with title, owner and time of the last turn; feedback, jobs, API keys."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from retrieval.history import analysed, title_of

revision = "0002"
down_revision = "0001"

ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add columns and tables, and fill what old rows lack."""
    with op.batch_alter_table("conversation") as conversation:
        conversation.add_column(sa.Column("title", sa.String()))
        conversation.add_column(sa.Column("analysed", sa.String(), nullable=False, server_default=""))
        conversation.add_column(sa.Column("owner", ID))
        conversation.add_column(sa.Column("updated", sa.DateTime()))
    with op.batch_alter_table("turn") as turn:
        turn.add_column(sa.Column("answer_id", ID))
        turn.add_column(sa.Column("analysed", sa.String(), nullable=False, server_default=""))
    _fill()
    _tighten()
    _add_tables()
    # A program from before there were migrations reads this, and must not take the tables for its own.
    op.execute("DELETE FROM meta WHERE key = 'schema'")
    op.execute("INSERT INTO meta (key, value) VALUES ('schema', '2')")


def _fill() -> None:
    connection = op.get_bind()
    turns = sa.table(
        "turn",
        *(sa.column(name) for name in ("id", "conversation_id", "question", "analysed", "answer", "answer_id")),
        sa.column("created", sa.DateTime()),
    )
    conversations = sa.table(
        "conversation",
        *(sa.column(name) for name in ("id", "title", "analysed")),
        sa.column("created", sa.DateTime()),
        sa.column("updated", sa.DateTime()),
    )
    connection.execute(sa.update(conversations).values(updated=conversations.c.created))
    titled = set()
    rows = connection.execute(
        sa.select(turns.c.id, turns.c.conversation_id, turns.c.question, turns.c.answer, turns.c.created).order_by(
            turns.c.id
        )
    ).all()
    for row in rows:
        values = {"answer_id": json.loads(row.answer)["id"], "analysed": analysed(row.question)}
        connection.execute(sa.update(turns).where(turns.c.id == row.id).values(values))
        known = {"updated": row.created}
        if row.conversation_id not in titled:
            titled.add(row.conversation_id)
            title = title_of(row.question)
            known |= {"title": title, "analysed": analysed(title)}
        connection.execute(sa.update(conversations).where(conversations.c.id == row.conversation_id).values(known))


def _tighten() -> None:
    with op.batch_alter_table("conversation") as conversation:
        conversation.alter_column("analysed", server_default=None)
        conversation.alter_column("updated", nullable=False)
        conversation.create_index("ix_conversation_owner", ["owner"])
        conversation.create_index("ix_conversation_updated", ["updated"])
    with op.batch_alter_table("turn") as turn:
        turn.alter_column("analysed", server_default=None)
        turn.alter_column("answer_id", nullable=False)
        turn.create_unique_constraint("turn_answer_id_key", ["answer_id"])
        turn.create_foreign_key(
            "turn_conversation_id_fkey", "conversation", ["conversation_id"], ["id"], ondelete="CASCADE"
        )


def _add_tables() -> None:
    op.create_table(
        "feedback",
        sa.Column("answer_id", ID, sa.ForeignKey("turn.answer_id", ondelete="CASCADE"), primary_key=True),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("reason", sa.String()),
        sa.Column("text", sa.String()),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("updated", sa.DateTime(), nullable=False),
    )
    op.create_table(
        "job",
        sa.Column("id", ID, primary_key=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False, index=True),
        sa.Column("owner", ID, index=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer()),
        sa.Column("messages", sa.String(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("updated", sa.DateTime(), nullable=False),
    )
    op.create_table(
        "api_key",
        sa.Column("id", ID, primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False, unique=True),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("last_used", sa.DateTime()),
        sa.Column("revoked", sa.DateTime()),
    )
