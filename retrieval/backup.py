"""Copies of a catalog: everything that is stored, consistent while it is served, and back again.

A backup is a folder with the catalog as SQLite, whichever database it is kept in, and a manifest with its checksum; so
a catalog can also move from one database to the other. Both indexes are derived and are left out: they are rebuilt.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import uuid
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, delete, func, insert, select, text, update

from retrieval.database import CATALOG_FILE, REVISION, Database
from retrieval.errors import BackupDamaged, BackupExists, EmptyIndex, RestoreRefused
from retrieval.models import Record
from retrieval.settings import Settings
from retrieval.tables import ArticleRow, Base, ConversationRow, MetaRow, TurnRow

MANIFEST_FILE = "manifest.json"
ROWS = 200  # copied at a time; a sentence's embeddings are some kilobytes


class Manifest(Record):
    """What a backup holds: rows by table, and how its file is known to be whole."""

    created: datetime
    revision: str
    sha256: str
    rows: dict[str, int]


def backup(settings: Settings, destination: Path) -> Manifest:
    """Copy the catalog, as it is at one moment, into a new folder. It may be used and written meanwhile.

    Raises:
        EmptyIndex: when there is no catalog.
        BackupExists: when something is at ``destination`` already.
        StorageFailed, DatabaseUnavailable: when it cannot be read or written; then nothing is at ``destination``.
    """
    if settings.database_url is None and not (settings.index / CATALOG_FILE).exists():
        raise EmptyIndex(index=settings.index)
    if destination.exists():
        raise BackupExists(path=destination)
    destination.parent.mkdir(parents=True, exist_ok=True)
    # Beside it, so that it takes its name in one step and half a backup never has it.
    with tempfile.TemporaryDirectory(prefix=f".{destination.name}.", dir=destination.parent) as name:
        folder = Path(name) / "backup"
        with closing(Database.of(settings)) as source, closing(Database(folder)) as copy:
            rows = _copy(source, copy)
        for leftover in folder.iterdir():
            if leftover.name != CATALOG_FILE:
                leftover.unlink()
        manifest = Manifest(
            created=datetime.now(UTC), revision=REVISION, sha256=_checksum(folder / CATALOG_FILE), rows=rows
        )
        (folder / MANIFEST_FILE).write_text(manifest.model_dump_json(indent=2) + "\n", "utf-8")
        for file in folder.iterdir():
            _sync(file)
        os.rename(folder, destination)
    return manifest


def restore(settings: Settings, source: Path, *, overwrite: bool = False) -> Manifest:
    """Put a backup in place of the catalog, in one transaction; the indexes are rebuilt when it is next opened.

    No server may be running on it.

    Raises:
        BackupDamaged: when the backup is not whole, or none.
        IndexNewer: when it was made by a newer version of the product.
        RestoreRefused: when there are articles or conversations already and ``overwrite`` is not set.
    """
    manifest = _verified(source)
    with tempfile.TemporaryDirectory(prefix="sanad-restore-") as name:
        shutil.copyfile(source / CATALOG_FILE, Path(name) / CATALOG_FILE)
        # Opened as a copy: one of an older version is brought up to date, and the backup stays as it is.
        with closing(Database(Path(name))) as copy, closing(Database.of(settings)) as target, target.lock("ingest"):
            if not overwrite and _used(target):
                raise RestoreRefused(index=settings.index)
            _copy(copy, target)
    return manifest


def _copy(source: Database, target: Database) -> dict[str, int]:
    """Replace all rows of a database by those of another; how many of each table."""
    counts: dict[str, int] = {}
    with source.read() as reading, target.write() as writing:
        into = writing.connection()
        for table in reversed(Base.metadata.sorted_tables):
            into.execute(delete(table))
        for table in Base.metadata.sorted_tables:
            rows = reading.execute(select(table).execution_options(yield_per=ROWS)).mappings()
            counts[table.name] = 0
            for some in rows.partitions(ROWS):
                into.execute(insert(table), [dict(row) for row in some])
                counts[table.name] += len(some)
        _make_its_own(into)
    return counts


def _make_its_own(connection: Connection) -> None:
    # Under another name, indexes that stand beside it are foreign, and are rebuilt.
    connection.execute(update(MetaRow).where(MetaRow.key == "identity").values(value=uuid.uuid4().hex))
    if connection.dialect.name == "postgresql":
        last = select(func.coalesce(func.max(TurnRow.id), 0) + 1).scalar_subquery()
        connection.execute(select(func.setval(text("pg_get_serial_sequence('turn', 'id')"), last, False)))


def _used(database: Database) -> bool:
    with database.read() as session:
        return any(session.scalar(select(row.id).limit(1)) is not None for row in (ArticleRow, ConversationRow))


def _verified(source: Path) -> Manifest:
    try:
        manifest = Manifest.model_validate(json.loads((source / MANIFEST_FILE).read_text("utf-8")))
        found = _checksum(source / CATALOG_FILE)
    except (OSError, ValueError) as error:
        raise BackupDamaged(path=source, reason=str(error).partition("\n")[0]) from error
    if found != manifest.sha256:
        raise BackupDamaged(path=source, reason=f"{CATALOG_FILE} is not as it was written")
    return manifest


def _checksum(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _sync(file: Path) -> None:
    with file.open("rb") as content:
        os.fsync(content.fileno())
