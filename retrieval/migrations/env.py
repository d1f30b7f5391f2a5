"""Run by Alembic, on the connection and in the transaction of whoever opens the catalog."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
