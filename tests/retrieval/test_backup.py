"""A backup holds everything at one moment, is known to be whole, and goes back into SQLite or PostgreSQL."""

from __future__ import annotations

import runpy
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ingest.cli import backup as backup_command
from ingest.cli import restore as restore_command
from ingest.pipeline import ingest_articles
from retrieval.backup import backup, restore
from retrieval.catalog import Catalog
from retrieval.engine import Engine
from retrieval.errors import BackupDamaged, BackupExists, EmptyIndex, IndexNewer, RestoreRefused, SanadError
from retrieval.models import Article, Feedback
from retrieval.settings import Settings

TESTS = Path(__file__).parents[1]
pytestmark = pytest.mark.sqlite
HashingEmbedder: Any = runpy.run_path(str(TESTS / "hashing_embedder.py"))["HashingEmbedder"]


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """An index with two versions of an article, a conversation and what its reader thinks."""
    settings = settings_on(request.param, request, tmp_path / "index")
    for text in ("نص قديم عن الجسر.", "قال الوزير إن الجسر يفتح في أيار."):
        ingest_articles([Article(id="جسر", text=text)], settings, embedder=HashingEmbedder())
    with closing(Engine(settings, embedder=HashingEmbedder())) as engine:
        answer = engine.answer("ماذا قال الوزير عن الجسر؟", owner="key")
        engine.history.set_feedback(answer.id, Feedback(verdict="up"), owner="key")
    return settings


def settings_on(kind: str, request: pytest.FixtureRequest, folder: Path) -> Settings:
    if kind == "sqlite":
        return Settings(index=folder, abstain_below=0)
    server = request.getfixturevalue("postgresql")
    url = runpy.run_path(str(TESTS / "postgresql.py"))["url_of"](server.url, folder)
    return Settings(index=folder, abstain_below=0, database_url=url)


def everything(settings: Settings) -> list[Any]:
    with closing(Catalog.of(settings)) as catalog:
        conversations = catalog.history.conversations(owner="key")
        return [
            catalog.generation,
            [catalog.article("جسر", version) for version in (1, None)],
            [(p.passage, p.slot, p.vector.tobytes()) for p in catalog.passages()],
            [catalog.history.conversation(c.id, owner="key") for c in conversations],
        ]


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_what_was_stored_is_restored_on_either_database(
    target: str, settings: Settings, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    manifest = backup(settings, tmp_path / "copy")
    assert (manifest.rows["article_version"], manifest.rows["turn"], manifest.rows["feedback"]) == (2, 1, 1)
    assert sorted(file.name for file in (tmp_path / "copy").iterdir()) == ["catalog.sqlite3", "manifest.json"]
    other = settings_on(target, request, tmp_path / "other")
    restore(other, tmp_path / "copy")
    assert everything(other) == everything(settings)
    with closing(Engine(other, embedder=HashingEmbedder())) as engine:
        assert sorted(engine.rebuilt) == ["bm25", "chroma"]
        conversation = engine.history.conversations(owner="key")[0].id
        answer = engine.answer("وما اسم الوزير؟", conversation_id=conversation, owner="key")
        assert answer.citations[0].quote == "قال الوزير إن الجسر يفتح في أيار."


def test_a_restore_replaces_only_when_told_to(settings: Settings, tmp_path: Path) -> None:
    backup(settings, tmp_path / "copy")
    then = everything(settings)
    ingest_articles([Article(id="later", text="خبر لاحق.")], settings, embedder=HashingEmbedder())
    now = everything(settings)
    with pytest.raises(RestoreRefused):
        restore(settings, tmp_path / "copy")
    assert everything(settings) == now
    restore(settings, tmp_path / "copy", overwrite=True)
    assert everything(settings) == then
    with closing(Engine(settings, embedder=HashingEmbedder())) as engine:
        assert all("لاحق" not in hit.passage.text for hit in engine.search("خبر لاحق"))


def test_a_backup_is_consistent_while_turns_are_written(settings: Settings, tmp_path: Path) -> None:
    done = threading.Event()
    with closing(Engine(settings, embedder=HashingEmbedder())) as engine:

        def keep_asking() -> None:
            while not done.is_set():
                engine.answer("ماذا قال الوزير؟", owner="key")

        thread = threading.Thread(target=keep_asking)
        thread.start()
        try:
            for number in range(3):
                backup(settings, tmp_path / f"copy-{number}")
        finally:
            done.set()
            thread.join()
    for number in range(3):
        file = tmp_path / f"copy-{number}" / "catalog.sqlite3"
        with closing(sqlite3.connect(file)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert not connection.execute("PRAGMA foreign_key_check").fetchall()


@pytest.mark.parametrize("damage", ["bytes", "short", "manifest", "missing"])
def test_a_damaged_backup_is_not_restored(damage: str, tmp_path: Path) -> None:
    source, target = Settings(index=tmp_path / "index"), Settings(index=tmp_path / "other")
    Catalog.of(source).close()
    copy = tmp_path / "copy"
    backup(source, copy)
    file = copy / "catalog.sqlite3"
    if damage == "bytes":
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    elif damage == "short":
        file.write_bytes(file.read_bytes()[:-1])
    elif damage == "manifest":
        (copy / "manifest.json").write_text("{}")
    else:
        file.unlink()
    with pytest.raises(BackupDamaged):
        restore(target, copy)
    assert not target.index.exists()


def test_no_backup_is_made_over_something_or_of_nothing(tmp_path: Path) -> None:
    Catalog(tmp_path / "index").close()
    (tmp_path / "there").write_text("mine")
    with pytest.raises(BackupExists):
        backup(Settings(index=tmp_path / "index"), tmp_path / "there")
    with pytest.raises(EmptyIndex):
        backup(Settings(index=tmp_path / "no-index"), tmp_path / "copy")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index", "there"]


def test_a_backup_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    Catalog(tmp_path / "index").close()
    with closing(sqlite3.connect(tmp_path / "index" / "catalog.sqlite3")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(IndexNewer):
        backup(Settings(index=tmp_path / "index"), tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_the_commands(tmp_path: Path) -> None:
    Catalog(tmp_path / "index").close()
    run = CliRunner().invoke
    index, other, copy = (str(tmp_path / name) for name in ("index", "other", "copy"))
    assert "0" in run(backup_command, [copy, "--index", index], catch_exceptions=False).output
    assert run(restore_command, [copy, "--index", other], catch_exceptions=False).exit_code == 0
    assert isinstance(run(backup_command, [copy, "--index", index]).exception, SanadError)
