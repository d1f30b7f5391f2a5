"""Who leaves while a language model is still writing for him takes its request along."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler

import httpx
import pytest

from ingest.pipeline import ingest_articles
from retrieval.engine import Engine
from retrieval.models import Article
from tests.hashing_embedder import HashingEmbedder
from tests.retrieval import test_generative as scripts
from tests.server.test_streamed_answers import EVENTS, serving

NEWS = "قالت وزيرة الصحة سلمى حداد إن المستشفى الجديد سيضم 250 سريرًا وسيفتح أبوابه في مايو المقبل."
ASKED = {"question": "ماذا قالت سلمى حداد عن المستشفى الجديد؟", "mode": "generative"}
PATIENCE = 60.0  # seconds for which the model would go on

endpoint = scripts.endpoint


class Writing:
    """A model that begins a sentence and then writes on, or says nothing more; it notices when its reader is gone."""

    def __init__(self, *, silent: bool) -> None:
        self.silent = silent
        self.began, self.cut = threading.Event(), threading.Event()

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        scripts.headed(handler)
        scripts.piece(handler, "قالت")
        self.began.set()
        handler.connection.settimeout(PATIENCE if self.silent else 0.05)
        while not self.cut.is_set():
            if not self.silent:
                with contextlib.suppress(OSError):
                    scripts.piece(handler, " إن")
            try:
                if handler.connection.recv(1) == b"":
                    self.cut.set()
            except TimeoutError:
                continue
            except OSError:
                self.cut.set()


@pytest.fixture(scope="module")
def generating(tmp_path_factory: pytest.TempPathFactory, endpoint: scripts.Endpoint) -> Iterator[Engine]:
    """A real engine whose model is scripted and has a minute to answer."""
    embedder = HashingEmbedder()
    settings = scripts.answering(tmp_path_factory.mktemp("leaving") / "index", endpoint, patience=PATIENCE)
    ingest_articles([Article(id="hospital", text=NEWS, language="ar")], settings, embedder=embedder)
    with closing(Engine(settings, embedder=embedder)) as engine:
        yield engine


@pytest.mark.parametrize("silent", [True, False], ids=["silent", "writing"])
@pytest.mark.parametrize("path", ["/v1/answers", "/v1/chat/completions"])
def test_the_request_to_the_model_ends_when_the_client_leaves(
    generating: Engine, endpoint: scripts.Endpoint, path: str, silent: bool
) -> None:
    endpoint.script = writing = Writing(silent=silent)
    chat = {"model": "sanad-generative", "stream": True, "messages": [{"role": "user", "content": ASKED["question"]}]}
    body = ASKED if path == "/v1/answers" else chat
    with serving(generating) as address:
        with httpx.stream("POST", f"{address}{path}", json=body, headers=EVENTS, timeout=30) as response:
            assert response.status_code == 200
            assert writing.began.wait(20)
            assert not writing.cut.is_set()
        assert writing.cut.wait(20), "the model still writes for nobody"


@pytest.mark.parametrize("silent", [True, False], ids=["silent", "writing"])
@pytest.mark.parametrize("path", ["/v1/answers", "/v1/chat/completions"])
def test_so_it_does_when_the_client_waits_for_the_whole_answer(
    generating: Engine, endpoint: scripts.Endpoint, path: str, silent: bool, caplog: pytest.LogCaptureFixture
) -> None:
    endpoint.script = writing = Writing(silent=silent)
    chat = {"model": "sanad-generative", "messages": [{"role": "user", "content": ASKED["question"]}]}
    body = json.dumps(ASKED if path == "/v1/answers" else chat).encode()
    kept = len(generating.history.conversations())
    with serving(generating) as address:
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=30) as client:
            head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
            client.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            assert writing.began.wait(20)
            assert not writing.cut.wait(0.5), "the client is still there"
        assert writing.cut.wait(20), "the model still writes for nobody"
        endpoint.script = scripts.says(f"{NEWS} [1]")
        answer = httpx.post(f"{address}/v1/answers", json=ASKED, timeout=30).json()
    assert answer["mode"] == "generative"
    assert "Traceback" not in caplog.text
    assert len(generating.history.conversations()) == kept + 1, "what nobody waited for is not stored"


def test_leaving_is_no_failure_of_the_endpoint(
    generating: Engine, endpoint: scripts.Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(generating) as address:
        for _ in range(6):
            endpoint.script = writing = Writing(silent=True)
            with httpx.stream("POST", f"{address}/v1/answers", json=ASKED, headers=EVENTS, timeout=30):
                assert writing.began.wait(20)
            assert writing.cut.wait(20)
        endpoint.script = scripts.says(f"{NEWS} [1]")
        answer = httpx.post(f"{address}/v1/answers", json=ASKED, timeout=30).json()
    assert answer["mode"] == "generative"
    assert "Traceback" not in caplog.text


def test_an_answer_nobody_waited_for_is_not_kept(generating: Engine, endpoint: scripts.Endpoint) -> None:
    endpoint.script = Writing(silent=True)
    conversation = generating.history.start()
    events = list(
        generating.stream(
            ASKED["question"],
            mode="generative",
            conversation_id=conversation,
            wanted=lambda: not endpoint.script.began.is_set(),
        )
    )
    assert len(events) == 1
    assert generating.conversation(conversation).turns == ()
