"""Indexes that fail while the server answers: a clean error or the right answer, and never a wrong one."""

from __future__ import annotations

import os
import runpy
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from ingest.pipeline import ingest_articles
from retrieval.engine import Engine
from retrieval.models import Article
from retrieval.settings import Settings
from server.app import create_app

HashingEmbedder: Any = runpy.run_path(str(Path(__file__).parents[1] / "hashing_embedder.py"))["HashingEmbedder"]
QUERY = {"q": "متى يفتح الجسر رقم 7؟"}
QUESTION = {"question": QUERY["q"]}


def bridges(settings: Settings) -> None:
    texts = {f"a{n}": f"قال الوزير إن الجسر رقم {n} يفتح في الشهر {n % 12}." for n in range(60)}
    ingest_articles([Article(id=i, text=text) for i, text in texts.items()], settings, embedder=HashingEmbedder())


@pytest.fixture
def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def chroma(tmp_path: Path, free_port: int) -> Iterator[tuple[str, Callable[[], None], Callable[[], None]]]:
    """A Chroma server's address, and how to start and stop it."""
    program = shutil.which("chroma", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if program is None:
        pytest.skip(f"there is no chroma executable beside {sys.executable} or on the path")
    command = [program, "run", "--path", str(tmp_path / "server"), "--port", str(free_port)]
    url = f"http://127.0.0.1:{free_port}"
    running: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        running.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and running[-1].poll() is None:
            try:
                if httpx.get(f"{url}/api/v2/heartbeat", trust_env=False).is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        pytest.fail("chroma run did not start")

    def stop() -> None:
        if running and running[-1].poll() is None:
            running[-1].terminate()
            running[-1].wait(20)

    yield url, start, stop
    stop()


def test_a_chroma_server_stopped_and_restarted(
    chroma: tuple[str, Callable[[], None], Callable[[], None]], tmp_path: Path
) -> None:
    url, start, stop = chroma
    start()
    settings, embedder = Settings(index=tmp_path / "index", chroma_url=url), HashingEmbedder()
    bridges(settings)
    with (
        closing(Engine(settings, embedder=embedder)) as engine,
        TestClient(create_app(settings, engine)) as client,
    ):
        expected = client.get("/v1/search", params=QUERY).json()
        assert expected["hits"]
        assert client.get("/readyz").status_code == 200
        stop()
        chat = {"model": "sanad", "messages": [{"role": "user", "content": QUERY["q"]}]}
        for response in (
            client.get("/v1/search", params=QUERY),
            client.post("/v1/answers", json=QUESTION),
            client.get("/readyz"),
        ):
            assert response.status_code == 503
            assert response.json()["type"] == "urn:sanad:problem:index-unavailable"
            assert url in response.json()["detail_ar"]
        assert client.post("/v1/chat/completions", json=chat).json()["error"]["code"] == "index_unavailable"
        assert client.get("/healthz").status_code == 200
        assert client.get("/v1/articles").status_code == 200
        start()
        assert client.get("/v1/search", params=QUERY).json() == expected
        assert client.get("/readyz").status_code == 200
        assert embedder.encoded == 0


def emptied(index: Path) -> None:
    os.truncate(index / "chroma" / "chroma.sqlite3", 0)


def cut(index: Path) -> None:
    os.truncate(index / "chroma" / "chroma.sqlite3", 4096)


def garbled(index: Path) -> None:
    with (index / "chroma" / "chroma.sqlite3").open("r+b") as file:
        file.write(os.urandom(20_000))


def removed(index: Path) -> None:
    shutil.rmtree(index / "chroma")


def without_words(index: Path) -> None:
    for path in (index / "bm25").iterdir():
        path.unlink()
        path.write_bytes(b"\0")


@pytest.mark.parametrize("damage", [emptied, cut, garbled, removed, without_words])
def test_files_damaged_while_serving_give_no_wrong_answer(damage: Callable[[Path], None], tmp_path: Path) -> None:
    settings, embedder = Settings(index=tmp_path / "index"), HashingEmbedder()
    bridges(settings)

    def same(found: dict[str, Any]) -> None:
        assert [hit["passage"] for hit in found["hits"]] == [hit["passage"] for hit in expected["hits"]]
        scores = [hit["score"] for hit in expected["hits"]]
        assert [hit["score"] for hit in found["hits"]] == pytest.approx(scores, abs=1e-4)

    with (
        closing(Engine(settings, embedder=embedder)) as engine,
        TestClient(create_app(settings, engine)) as client,
    ):
        expected = client.get("/v1/search", params=QUERY).json()
        assert expected["hits"]
        damage(settings.index)
        for _ in range(2):
            response = client.get("/v1/search", params=QUERY)
            assert response.status_code == 200
            same(response.json())
    # Whoever opens it next, and whoever writes, finds it sound or makes it so.
    with closing(Engine(settings, embedder=embedder)) as engine, TestClient(create_app(settings, engine)) as client:
        same(client.get("/v1/search", params=QUERY).json())
    assert embedder.encoded == 0
