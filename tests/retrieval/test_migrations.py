"""The catalog's tables: made, adopted from before there were migrations, brought up to date, refused when newer."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from retrieval.catalog import Catalog
from retrieval.database import MIGRATIONS, REVISION
from retrieval.errors import IndexNewer, IndexOutdated
from retrieval.tables import Base

# As sanad 0.1.0 made them.
pytestmark = pytest.mark.sqlite
OLD_TABLES = """
CREATE TABLE meta (key VARCHAR NOT NULL, value VARCHAR NOT NULL, PRIMARY KEY (key));
CREATE TABLE article (id VARCHAR NOT NULL, version INTEGER, latest INTEGER NOT NULL, content_hash VARCHAR NOT NULL,
    origin VARCHAR, generation INTEGER NOT NULL, PRIMARY KEY (id));
CREATE INDEX ix_article_origin ON article (origin);
CREATE INDEX ix_article_generation ON article (generation);
CREATE TABLE article_version (article_id VARCHAR NOT NULL, version INTEGER NOT NULL, title VARCHAR, source VARCHAR,
    published DATE, language VARCHAR, topics VARCHAR NOT NULL, text VARCHAR NOT NULL, created DATETIME NOT NULL,
    PRIMARY KEY (article_id, version));
CREATE INDEX ix_article_version_source ON article_version (source);
CREATE INDEX ix_article_version_published ON article_version (published);
CREATE INDEX ix_article_version_language ON article_version (language);
CREATE TABLE sentence (article_id VARCHAR NOT NULL, version INTEGER NOT NULL, position INTEGER NOT NULL,
    passage_id VARCHAR NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, attribution VARCHAR,
    embedding BLOB NOT NULL, led_embedding BLOB NOT NULL, PRIMARY KEY (article_id, version, position),
    FOREIGN KEY(article_id, version) REFERENCES article_version (article_id, version));
CREATE INDEX ix_sentence_passage_id ON sentence (passage_id);
CREATE TABLE passage (id VARCHAR NOT NULL, article_id VARCHAR NOT NULL, version INTEGER NOT NULL,
    position INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, slot INTEGER, embedding BLOB NOT NULL,
    PRIMARY KEY (id), FOREIGN KEY(article_id, version) REFERENCES article_version (article_id, version), UNIQUE (slot));
CREATE INDEX ix_passage_article_id ON passage (article_id);
CREATE TABLE conversation (id VARCHAR NOT NULL, created DATETIME NOT NULL, PRIMARY KEY (id));
CREATE TABLE turn (id INTEGER NOT NULL, conversation_id VARCHAR NOT NULL, question VARCHAR NOT NULL,
    answer VARCHAR NOT NULL, created DATETIME NOT NULL, PRIMARY KEY (id));
CREATE INDEX ix_turn_conversation_id ON turn (conversation_id);
"""


def answer(answer_id: str, question: str) -> str:
    return json.dumps(
        {
            "id": answer_id,
            "question": question,
            "standalone_question": question,
            "language": "ar",
            "status": "abstained",
            "mode": "extractive",
            "text": "لا جواب.",
            "confidence": 0.1,
        }
    )


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """An index as sanad 0.1.0 left it: an article, a conversation of two turns and one of none."""
    moment = "2026-01-02 03:04:05.000006"
    with closing(sqlite3.connect(tmp_path / "catalog.sqlite3")) as connection, connection:
        connection.executescript(OLD_TABLES)
        connection.executemany(
            "INSERT INTO meta VALUES (?, ?)", [("schema", "1"), ("generation", "7"), ("identity", "same")]
        )
        connection.execute("INSERT INTO article VALUES ('a', 1, 1, 'hash', NULL, 7)")
        connection.execute(
            "INSERT INTO article_version VALUES ('a', 1, 'عنوان', NULL, '2025-04-01', 'ar', '[]', 'نص.', ?)", [moment]
        )
        connection.execute("INSERT INTO sentence VALUES ('a', 1, 0, 'a@1#0', 0, 3, NULL, x'0000', x'0000')")
        connection.execute("INSERT INTO passage VALUES ('a@1#0', 'a', 1, 0, 0, 3, 5, x'003c')")
        connection.executemany("INSERT INTO conversation VALUES (?, ?)", [("c", moment), ("empty", moment)])
        for number, question in enumerate(("من توسّط؟", "وماذا قال؟"), 1):
            connection.execute(
                "INSERT INTO turn (conversation_id, question, answer, created) VALUES ('c', ?, ?, ?)",
                [question, answer(f"answer-{number}", question), f"2026-01-0{number + 2} 00:00:00.000000"],
            )
    return tmp_path


def test_an_index_of_version_0_1_is_adopted_without_loss(old: Path) -> None:
    with closing(Catalog(old)) as catalog:
        assert (catalog.generation, catalog.identity) == (7, "same")
        assert catalog.article("a").text == "نص."
        assert [(p.slot, p.vector.tolist()) for p in catalog.passages()] == [(5, [1.0])]
        conversation = catalog.history.conversation("c")
        assert [t.question for t in conversation.turns] == ["من توسّط؟", "وماذا قال؟"]
        assert [t.answer.id for t in conversation.turns] == ["answer-1", "answer-2"]
        assert (conversation.title, conversation.updated.day) == ("من توسّط؟", 4)
        assert [c.id for c in catalog.history.conversations("توسط")] == ["c"]
        assert catalog.history.conversation("empty").turns == ()
    with closing(Catalog(old)) as catalog:
        assert catalog.generation == 7


@pytest.mark.parametrize("made", ["new", "adopted"])
def test_migrations_make_the_tables_that_the_program_uses(made: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue("old" if made == "adopted" else "tmp_path")
    Catalog(folder).close()
    engine = create_engine(f"sqlite:///{folder / 'catalog.sqlite3'}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
        assert not connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    engine.dispose()


def test_the_program_asks_for_the_last_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [REVISION]


def test_tables_of_a_newer_version_are_refused_and_left_alone(tmp_path: Path) -> None:
    Catalog(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "catalog.sqlite3")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(IndexNewer, match="newer version"):
        Catalog(tmp_path)
    with closing(sqlite3.connect(tmp_path / "catalog.sqlite3")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]


def test_tables_of_an_unknown_version_are_refused(old: Path) -> None:
    with closing(sqlite3.connect(old / "catalog.sqlite3")) as connection, connection:
        connection.execute("UPDATE meta SET value = '0' WHERE key = 'schema'")
    with pytest.raises(IndexOutdated):
        Catalog(old)


def test_a_migration_that_fails_leaves_the_old_tables(old: Path) -> None:
    with closing(sqlite3.connect(old / "catalog.sqlite3")) as connection, connection:
        connection.execute("UPDATE turn SET answer = 'no JSON' WHERE id = 2")
    with pytest.raises(json.JSONDecodeError):
        Catalog(old)
    with closing(sqlite3.connect(old / "catalog.sqlite3")) as connection, connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert tables == {"meta", "article", "article_version", "sentence", "passage", "conversation", "turn"}
        connection.execute("UPDATE turn SET answer = ? WHERE id = 2", [answer("answer-2", "سؤال")])
    with closing(Catalog(old)) as catalog:
        assert len(catalog.history.conversation("c").turns) == 2
