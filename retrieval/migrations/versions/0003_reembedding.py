"""Embeddings by the model that an index is to go over to; the server that does a job."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add a table and a column."""
    op.create_table(
        "staged_embedding",
        sa.Column("model", sa.String(), primary_key=True),
        sa.Column("article_id", ID, primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("passages", sa.LargeBinary(), nullable=False),
        sa.Column("sentences", sa.LargeBinary(), nullable=False),
        sa.Column("led", sa.LargeBinary(), nullable=False),
    )
    op.add_column("job", sa.Column("replica", sa.String()))
