"""PostgreSQL stopped and started again while the API serves, and what processes on it owe each other."""

from __future__ import annotations

import runpy
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from fastapi.testclient import TestClient
from pydantic import ValidationError

from ingest.doctor import examine
from ingest.pipeline import ingest_articles
from retrieval.catalog import Catalog
from retrieval.database import Database
from retrieval.engine import Engine
from retrieval.errors import DatabaseUnavailable, IngestOvertaken
from retrieval.models import Article
from retrieval.settings import Settings
from retrieval.tables import Base
from server.app import create_app

TESTS = Path(__file__).parents[1]
HashingEmbedder: Any = runpy.run_path(str(TESTS / "hashing_embedder.py"))["HashingEmbedder"]
QUESTION = {"question": "ماذا قال الوزير عن الجسر؟"}


@pytest.fixture
def settings(postgresql: Any, tmp_path: Path) -> Settings:
    url: str = runpy.run_path(str(TESTS / "postgresql.py"))["url_of"](postgresql.url, tmp_path)
    return Settings(index=tmp_path / "index", database_url=url, abstain_below=0)


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    article = Article(id="جسر", text="قال الوزير إن الجسر يفتح في أيار. وطول الجسر ألف متر.")
    ingest_articles([article], settings, embedder=HashingEmbedder())
    with (
        closing(Engine(settings, embedder=HashingEmbedder())) as engine,
        TestClient(create_app(settings, engine)) as client,
    ):
        yield client


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_requests_meet_a_clean_503_while_it_is_stopped_and_work_again_after(
    mode: str, client: TestClient, postgresql: Any
) -> None:
    answer = client.post("/v1/answers", json=QUESTION).json()
    conversation = f"/v1/conversations/{answer['conversation_id']}"
    postgresql.stop(mode)
    try:
        assert client.get("/healthz").status_code == 200
        for response in (
            client.post("/v1/answers", json=QUESTION),
            client.get("/readyz"),
            client.get("/v1/articles"),
            client.get("/v1/search", params={"q": "الجسر"}),
            client.get(conversation),
            client.get("/v1/conversations", headers={"X-Sanad-Client": "b" * 43}),
            client.put(f"/v1/answers/{answer['id']}/feedback", json={"verdict": "up"}),
            client.delete(conversation),
        ):
            assert (response.status_code, response.json()["type"]) == (503, "urn:sanad:problem:database-unavailable")
            assert int(response.headers["retry-after"]) > 0
            assert "postgresql://" not in response.text
    finally:
        postgresql.start()
    assert client.get("/readyz").status_code == 200
    follow_up = {"question": "وما طوله؟", "conversation_id": answer["conversation_id"]}
    assert client.post("/v1/answers", json=follow_up).status_code == 200
    assert [t["question"] for t in client.get(conversation).json()["turns"]] == [QUESTION["question"], "وما طوله؟"]


def test_an_index_is_not_opened_while_it_is_stopped(settings: Settings, postgresql: Any) -> None:
    postgresql.stop()
    try:
        with pytest.raises(DatabaseUnavailable):
            Catalog.of(settings)
        assert [check.part for check in examine(settings).checks if check.fault] == ["catalog"]
    finally:
        postgresql.start()
    Catalog.of(settings).close()


def test_migrations_make_the_tables_that_the_program_uses(settings: Settings) -> None:
    assert settings.database_url is not None
    url = settings.database_url.get_secret_value()
    with closing(Database(settings.index, url)) as database, database.read() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_a_lock_is_held_by_one_and_free_when_its_holder_is_gone(settings: Settings, postgresql: Any) -> None:
    with closing(Catalog.of(settings)) as one, closing(Catalog.of(settings)) as other:
        order: list[str] = []
        entered = threading.Event()

        def wait() -> None:
            with other.lock("ingest"):
                order.append("other")
            entered.set()

        lock = one.lock("ingest")
        with lock, lock:
            thread = threading.Thread(target=wait)
            thread.start()
            assert not entered.wait(0.3)
            order.append("one")
        assert entered.wait(20)
        thread.join()
        assert order == ["one", "other"]
        with lock:
            postgresql.stop("immediate")
            postgresql.start()
            with other.lock("ingest"):  # What held it has died.
                pass


def test_a_writer_that_lost_its_lock_does_not_commit_over_another(settings: Settings, client: TestClient) -> None:
    with closing(Catalog.of(settings)) as catalog:
        generation = catalog.generation
        catalog.commit([], [], [], since=generation)
        with pytest.raises(IngestOvertaken):
            catalog.commit([], [], [], since=generation)
        assert catalog.generation == generation + 1


def test_the_address_is_checked_and_never_shown(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SANAD_DATABASE_URL", "mysql://user:hidden@host/db")
    with pytest.raises(ValidationError) as error:
        Settings()
    assert [problem["loc"] for problem in error.value.errors()] == [("database_url",)]
    secret = Settings(index=tmp_path, database_url="postgresql://user:hidden@127.0.0.1:1/db")
    with pytest.raises(DatabaseUnavailable) as refused:
        Catalog.of(secret)
    told = f"{refused.value} {secret!r} {examine(secret).model_dump_json()}"
    assert "hidden" not in told


def test_turns_of_one_conversation_by_many_threads_are_all_kept(settings: Settings, client: TestClient) -> None:
    conversation = client.post("/v1/answers", json=QUESTION).json()["conversation_id"]
    statuses: list[int] = []

    def ask(number: int) -> None:
        body = {"question": f"ماذا قال الوزير {number}؟", "conversation_id": conversation}
        statuses.append(client.post("/v1/answers", json=body).status_code)

    threads = [threading.Thread(target=ask, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
        time.sleep(0.01)
    for thread in threads:
        thread.join()
    assert statuses == [200] * 8
    assert len(client.get(f"/v1/conversations/{conversation}").json()["turns"]) == 9
