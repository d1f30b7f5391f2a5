"""The server killed while it writes, and a disk that is full: what was acknowledged is kept, nothing is half there."""

from __future__ import annotations

import runpy
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from ingest.pipeline import ingest_articles
from retrieval.catalog import Catalog
from retrieval.engine import Engine
from retrieval.models import Article
from retrieval.settings import Settings
from server.app import create_app
from tests.environment import without_settings
from tests.served import served

TESTS = Path(__file__).parents[1]
HashingEmbedder: Any = runpy.run_path(str(TESTS / "hashing_embedder.py"))["HashingEmbedder"]
MANY = {"abstain_below": 0, "queue": 1000, "ingest_queue": 100}
WRITES, KILLED_AFTER = 200, 60
UPLOADS, KILLED_AFTER_UPLOADS, SENTENCES = 24, 4, 31
LONG = " ".join(f"قال الوزير إن الجزء {part} من الجسر يفتح في أيار." for part in range(SENTENCES - 1)) + " وهذا الجسر"

FILL = """
import resource, sys
from pathlib import Path
from retrieval.catalog import Catalog
from retrieval.errors import StorageFailed
from retrieval.models import Answer, Turn

catalog = Catalog(Path(sys.argv[1]))
conversation = catalog.history.start()

def add(number):
    answer = Answer(id=str(number), question="q", standalone_question="q", language="ar", status="abstained",
                    mode="extractive", text="x" * 5000, confidence=0.0)
    catalog.history.add_turn(conversation, Turn(question="q", answer=answer))

_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))  # no file may become larger than a megabyte
kept, refused = [], 0
for number in range(1000):
    try:
        add(number)
        kept.append(str(number))
    except StorageFailed as error:
        assert "disk" in str(error), error
        refused += 1
        if refused == 3:
            break
assert kept and refused == 3
assert [turn.answer.id for turn in catalog.history.conversation(conversation).turns] == kept
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
add("after")
turns = catalog.history.conversation(conversation).turns
assert [turn.answer.id for turn in turns] == [*kept, "after"]
print("recovered")
"""


def new_client() -> httpx.Client:
    """One for all threads: making one takes longer than a request."""
    return httpx.Client(trust_env=False, timeout=60, limits=httpx.Limits(max_connections=WRITES))


def test_every_acknowledged_turn_survives_a_kill_and_none_is_half_there(tmp_path: Path) -> None:
    index = tmp_path / "index"
    article = Article(id="جسر", text="قال الوزير إن الجسر يفتح في أيار. وطول الجسر ألف متر.")
    ingest_articles([article], Settings(index=index), embedder=HashingEmbedder())
    acknowledged: list[dict[str, Any]] = []
    enough, lock = threading.Event(), threading.Lock()

    def ask(number: int) -> None:
        try:
            response = client.post(f"{url}/v1/answers", json={"question": f"ماذا قال الوزير {number} عن الجسر؟"})
        except httpx.HTTPError:
            return  # Killed before it was answered: it may be there or not.
        assert response.status_code == 200, response.text
        with lock:
            acknowledged.append(response.json())
            if len(acknowledged) >= KILLED_AFTER:
                enough.set()

    with served(index, **MANY) as (url, process), new_client() as client, ThreadPoolExecutor(WRITES) as pool:
        asked = [pool.submit(ask, number) for number in range(WRITES)]
        assert enough.wait(120)
        process.send_signal(signal.SIGKILL)
        for future in asked:
            future.result()
    assert KILLED_AFTER <= len(acknowledged) < WRITES
    with closing(Catalog(index)) as catalog:
        for answer in acknowledged:
            (turn,) = catalog.history.conversation(answer["conversation_id"]).turns
            assert turn.answer.model_dump(mode="json") == answer
        stored = catalog.history.conversations(limit=10 * WRITES)
        assert all(summary.turns == 1 and summary.title for summary in stored)
        assert len(stored) >= len(acknowledged)
        assert catalog.article("جسر").text == article.text


def test_articles_uploaded_when_the_server_is_killed_are_whole_or_not_there(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "index")
    taken: list[str] = []

    def upload(number: int) -> None:
        file = ("files", (f"bridge-{number}.txt", f"{LONG} {number}."))
        response = client.post(f"{url}/v1/articles", files=[file])
        assert response.status_code == 202, response.text
        taken.append(response.json()["id"])

    with served(settings.index, **MANY) as (url, process), new_client() as client:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(upload, range(UPLOADS)))
        acknowledged: set[str] = set()
        while len(acknowledged) < KILLED_AFTER_UPLOADS:
            time.sleep(0.02)  # it is the server that has to get on
            found = [client.get(f"{url}/v1/jobs/{job}").json() for job in taken[: 2 * KILLED_AFTER_UPLOADS]]
            acknowledged = {job["files"][0]["article_ids"][0] for job in found if job["state"] == "done"}
        process.send_signal(signal.SIGKILL)
    with (
        closing(Engine(settings, embedder=HashingEmbedder())) as engine,
        TestClient(create_app(settings, engine), base_url="http://127.0.0.1:8000") as client,
    ):
        states = [client.get(f"/v1/jobs/{job}").json()["state"] for job in taken]
        assert set(states) == {"done", "interrupted"}
        assert states.count("done") >= len(acknowledged)
        articles = {article.id for article in engine.articles()}
        assert acknowledged <= articles
        for article_id in articles:
            detail = engine.article(article_id)
            assert detail.text.strip() == f"{LONG} {article_id.removeprefix('bridge-')}."
            assert len(detail.sentences) == SENTENCES
            assert engine.search(f"الجسر {article_id.removeprefix('bridge-')}")
        assert not any((settings.index / "uploads").glob("*/*"))
        assert client.post("/v1/articles", files=[("files", ("z.txt", LONG))]).status_code == 202


@pytest.mark.sqlite
def test_a_full_disk_is_told_applies_nothing_and_passes(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(tmp_path)],
        capture_output=True,
        text=True,
        env=without_settings() | {"OMP_NUM_THREADS": "1"},
        timeout=200,
    )
    assert done.stdout == "recovered\n", done.stderr
