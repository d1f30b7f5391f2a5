"""The load measurement: what it compares with, and what it says of a soak."""

from __future__ import annotations

import asyncio
import runpy
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from evals import load
from ingest.pipeline import ingest_articles
from ingest.reembedding import reembed
from retrieval.models import Article
from retrieval.settings import Settings

HashingEmbedder: Any = runpy.run_path(str(Path(__file__).parents[1] / "hashing_embedder.py"))["HashingEmbedder"]


def test_the_bare_endpoint_asks_the_collection_that_is_live(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "index")
    articles = [Article(id=f"a{n}", text=f"يفتح الجسر رقم {n} في أيار.") for n in range(3)]
    ingest_articles(articles, settings, embedder=HashingEmbedder("old", dimension=32))
    for name, dimension in (("old", 32), ("new", 48)):
        embedder = HashingEmbedder(name, dimension=dimension)
        reembed(settings.model_copy(update={"embedding_model": name}), embedder=embedder)
        assert load.dimension_of(settings) == dimension
        with load.bare(settings) as app, TestClient(app) as client:
            vector = embedder.query(articles[1].text).tolist()
            (distances,) = client.post("/query", json={"vector": vector}).json()["distances"]
        assert len(distances) == 3
        assert distances[0] < 1e-3 < distances[1]


class EveryFifthFails(BaseHTTPRequestHandler):
    number = 0

    def do_GET(self) -> None:
        type(self).number += 1
        self.send_response(503 if type(self).number % 5 == 0 else 200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Be silent."""


@pytest.fixture
def failing() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), EveryFifthFails) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_soak_counts_every_error_and_tells_how_the_memory_grew(failing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "SETTLING_SECONDS", 0.5)
    megabytes = iter((200, 210))

    async def ask(client: httpx.AsyncClient, number: int) -> httpx.Response:
        return await client.get("/")

    held = asyncio.run(load.soak(failing, ask, 20.0, 1.5 / 60, lambda: next(megabytes) * 2**20))
    assert (held.sent, held.errors) == (30, 6)
    assert held.memory_mb == (200, 210)
    assert held.growth == pytest.approx(0.05)
    for told in ("20.00 requests/s", "30 answers", "6 errors", "200 MB at the start", "210 MB at the end", "+5.0%"):
        assert told in str(held)
