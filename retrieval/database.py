"""The database that holds the catalog: connections, transactions, locks between processes, and migrations.

SQLite in the index's folder, or PostgreSQL at an address. What the rest of the product sees is the same.
"""

from __future__ import annotations

import sqlite3
import threading
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, func, inspect, make_url, select, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from retrieval.errors import DatabaseUnavailable, IndexNewer, IndexOutdated, StorageFailed
from retrieval.settings import Settings
from retrieval.tables import MetaRow

CATALOG_FILE = "catalog.sqlite3"
REVISION = "0003"  # the migration that makes the tables as retrieval/tables.py has them
FIRST_REVISION = "0001"
FIRST_SCHEMA = "1"  # what the catalog's meta table said before there were migrations
MIGRATIONS = Path(__file__).parent / "migrations"
CONNECT_SECONDS = 5
DATABASE_RETRY = 5  # seconds after which a database that was restarted may answer again
STORAGE_RETRY = 30  # seconds after which a full disk may have been seen to
# SQLite's result codes for a disk that is full, fails, cannot be read or written, or a database that stays locked.
_STORAGE = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_BUSY,
}
_DISK_FULL = "53100"  # PostgreSQL's SQLSTATE


class Database:
    """Opens (or creates) a catalog's database and brings its tables up to date. Safe to share between threads.

    Args:
        folder: The index's, where SQLite's file is.
        url: Of a PostgreSQL database that is used instead, as SQLAlchemy writes it.

    Raises:
        IndexNewer: when a newer version of the product has changed the tables.
        IndexOutdated: when the tables are of a version that cannot be brought up to date.
        DatabaseUnavailable, StorageFailed: also by every later use, when it cannot be reached, read or written.
    """

    def __init__(self, folder: Path, url: str | None = None) -> None:
        self.folder = folder
        self.remote = url is not None
        folder.mkdir(parents=True, exist_ok=True)
        engine = _sqlite(folder / CATALOG_FILE) if url is None else _postgresql(url)
        event.listen(engine, "handle_error", _tell)
        # The same connections; only what a transaction begins with differs.
        self._writing = engine.execution_options(writes=True)
        self._reading = engine.execution_options(isolation_level="REPEATABLE READ") if self.remote else engine
        try:
            # Tables are looked for, then made: two processes that open a new index at once must not both make them.
            with self.lock("catalog"):
                with self._writing.begin() as connection:
                    self._migrate(connection)
                self._identify()
        except BaseException:
            self.close()
            raise

    @classmethod
    def of(cls, settings: Settings) -> Database:
        """The database that the settings describe."""
        url = settings.database_url
        return cls(settings.index, url.get_secret_value() if url else None)

    def close(self) -> None:
        """Release the connections."""
        self._writing.dispose()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that changes rows: all of it holds, or nothing."""
        with Session(self._writing) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that sees the rows as they were when it began, whatever is written meanwhile."""
        with Session(self._reading) as session:
            yield session

    def lock(self, name: str) -> AbstractContextManager[Any]:
        """A lock that one thread of one process holds at a time, among all that use this database, on any machine.

        The thread that holds it may take the same object again.
        """
        return AdvisoryLock(self._writing, name) if self.remote else FileLock(str(self.folder / f"{name}.lock"))

    def is_free(self, name: str) -> bool:
        """Whether nobody holds a lock; it is forgotten then, and its name should not be used again."""
        if self.remote:
            return AdvisoryLock(self._writing, name).is_free()
        file = self.folder / f"{name}.lock"
        try:
            with FileLock(str(file), blocking=False):
                file.unlink(missing_ok=True)
        except Timeout:
            return False
        return True

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


class AdvisoryLock:
    """A lock of a PostgreSQL database, held by a connection of its own: it is free again when its holder dies."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        # Several indexes may share a database, each in a schema of its own.
        self._key = func.hashtextextended(func.concat("sanad:", func.current_schema(), ":", name), 0)
        self._held = threading.local()

    def __enter__(self) -> AdvisoryLock:
        """Wait for it."""
        depth = getattr(self._held, "depth", 0)
        if not depth:
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            try:
                connection.execute(select(func.pg_advisory_lock(self._key)))
            except BaseException:
                connection.close()
                raise
            self._held.connection = connection
        self._held.depth = depth + 1
        return self

    def is_free(self) -> bool:
        """Whether nobody, this process among them, holds it now."""
        with self._engine.connect() as connection:
            # Held until the end of the transaction, which is at once.
            return bool(connection.scalar(select(func.pg_try_advisory_xact_lock(self._key))))

    def __exit__(self, *_: object) -> None:
        """Let go of it."""
        self._held.depth -= 1
        if self._held.depth:
            return
        connection: Connection = self._held.connection
        try:
            connection.execute(select(func.pg_advisory_unlock(self._key)))
        except DatabaseUnavailable:
            pass  # Gone with its connection. What was done under it has failed, or was committed before.
        finally:
            connection.close()


def _revision(connection: Connection) -> str | None:
    """The last migration that was run, or ``None`` when none was."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(text("SELECT version_num FROM alembic_version"))


def _tell(context: ExceptionContext) -> None:
    """Raise failures that are not the program's as errors that say what to do."""
    error = context.original_exception
    if not isinstance(error, Exception):
        return  # The process is being stopped, which is no failure of the database.
    reason = str(error).strip().partition("\n")[0] or type(error).__name__
    if isinstance(error, sqlite3.Error):
        # The low byte is the kind; what is above tells which operation failed.
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _STORAGE:
            raise StorageFailed(reason=reason, retry_after=STORAGE_RETRY) from error
    elif context.is_pre_ping:
        return  # The pool throws the dead connection away and makes another.
    elif getattr(error, "sqlstate", None) == _DISK_FULL:
        raise StorageFailed(reason=reason, retry_after=STORAGE_RETRY) from error
    elif isinstance(context.sqlalchemy_exception, OperationalError | InterfaceError | None):
        raise DatabaseUnavailable(reason=reason, retry_after=DATABASE_RETRY) from error


def _postgresql(url: str) -> Engine:
    address = make_url(url)
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    options: dict[str, Any] = {"connect_timeout": CONNECT_SECONDS}
    # Answers run on many threads, some of which wait for a language model without holding a connection.
    engine = create_engine(address, pool_pre_ping=True, pool_size=10, max_overflow=30, connect_args=options)
    event.listen(engine, "before_cursor_execute", _without_nul, retval=True)
    return engine


def _without_nul(_c: object, _k: object, statement: str, parameters: Any, _x: object, many: bool) -> tuple[str, Any]:
    """PostgreSQL keeps no NUL in texts, which questions and articles may have: U+FFFD stands for it, as long as it is,
    so that spans still hold.
    """

    def cleaned(row: Any) -> Any:
        if not any(isinstance(value, str) and "\0" in value for value in row.values()):
            return row
        return {name: value.replace("\0", "\ufffd") if isinstance(value, str) else value for name, value in row.items()}

    return statement, [cleaned(row) for row in parameters] if many else cleaned(parameters)


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
