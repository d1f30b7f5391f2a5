"""The database that holds the catalog: connections, transactions, locks between processes, and migrations."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.orm import Session

from retrieval.errors import IndexNewer, IndexOutdated
from retrieval.tables import MetaRow

CATALOG_FILE = "catalog.sqlite3"
REVISION = "0002"  # the migration that makes the tables as retrieval/tables.py has them
FIRST_REVISION = "0001"
FIRST_SCHEMA = "1"  # what the catalog's meta table said before there were migrations
MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """Opens (or creates) a catalog's database and brings its tables up to date. Safe to share between threads.

    Raises:
        IndexNewer: when a newer version of the product has changed the tables.
        IndexOutdated: when the tables are of a version that cannot be brought up to date.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._engine = _sqlite(folder / CATALOG_FILE)
        # The same connections; only what a transaction begins with differs.
        self._writing = self._engine.execution_options(writes=True)
        try:
            # Tables are looked for, then made: two processes that open a new index at once must not both make them.
            with self.lock("catalog"), self._writing.begin() as connection:
                self._migrate(connection)
            self._identify()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Release the connections."""
        self._engine.dispose()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that changes rows: all of it holds, or nothing."""
        with Session(self._writing) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that sees the rows as they were when it began, whatever is written meanwhile."""
        with Session(self._engine) as session:
            yield session

    def lock(self, name: str) -> AbstractContextManager[Any]:
        """A lock that one thread of one process holds at a time, among all that use this database."""
        return FileLock(str(self.folder / f"{name}.lock"))

    def _migrate(self, connection: Connection) -> None:
        current = _revision(connection)
        if current == REVISION:
            return
        # Imported only when there is something to do: every command opens a catalog.
        from alembic import command
        from alembic.config import Config
        from alembic.script import ScriptDirectory

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        if current is not None and current not in known:
            raise IndexNewer(index=self.folder)
        if current is None and inspect(connection).has_table(MetaRow.__tablename__):
            schema = connection.scalar(text("SELECT value FROM meta WHERE key = 'schema'"))
            if schema != FIRST_SCHEMA:
                raise IndexOutdated(index=self.folder)
            command.stamp(config, FIRST_REVISION)
        command.upgrade(config, REVISION)

    def _identify(self) -> None:
        with self.write() as session:
            for key, value in (("generation", "0"), ("identity", uuid.uuid4().hex)):
                if session.get(MetaRow, key) is None:
                    session.add(MetaRow(key=key, value=value))


def _revision(connection: Connection) -> str | None:
    """The last migration that was run, or ``None`` when none was."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(text("SELECT version_num FROM alembic_version"))


def _sqlite(file: Path) -> Engine:
    engine = create_engine(f"sqlite:///{file}")
    event.listen(engine, "connect", _sqlite_connected)
    event.listen(engine, "begin", _sqlite_begins)
    return engine


def _sqlite_connected(connection: Any, _: object) -> None:
    # The driver would begin transactions by itself, late, and none for changes of tables.
    connection.isolation_level = None
    cursor = connection.cursor()
    # The time-out first: changing the journal mode of a new file already waits for whoever does the same.
    # With secure_delete, what is deleted (a conversation) is overwritten and not only unlinked.
    for pragma in (
        "busy_timeout=30000",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=FAST",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _sqlite_begins(connection: Connection) -> None:
    # A transaction that first reads and then writes would fail, not wait, when another has written between.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
