"""An LLM's rewrite of a follow-up is used only when it adds nothing to the conversation; else the offline one is."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from retrieval.conversation import Standalone
from retrieval.llm_rewriting import llm_standalone, refusal
from retrieval.settings import Settings

EARLIER = [Standalone("متى افتتح متحف ليما الكبير عام 1998؟", "متى افتتح متحف ليما الكبير عام 1998؟")]
OFFLINE = Standalone("ومن افتتحه؟ (بشأن: افتتح متحف ليما الكبير)", "ومن افتتحه؟", "افتتح متحف ليما الكبير")


@pytest.fixture
def endpoint() -> Iterator[Callable[[object], Settings]]:
    """Settings of a scripted endpoint that gives one reply, or raw bytes, or waits."""
    servers: list[ThreadingHTTPServer] = []

    def serve(reply: object) -> Settings:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                if isinstance(reply, float):
                    time.sleep(reply)
                content = reply if isinstance(reply, str) else ""
                message = {"role": "assistant", "content": content}
                whole = {"id": "x", "object": "chat.completion", "created": 0, "model": "m"}
                choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
                body = reply if isinstance(reply, bytes) else json.dumps(whole | {"choices": choices}).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        return Settings(llm_base_url=url, llm_model="m", llm_rewrite_timeout=60.0)

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_faithful_rewrite_is_used(endpoint: Callable[[object], Settings]) -> None:
    found = llm_standalone("ومن افتتحه؟", EARLIER, OFFLINE, endpoint("Question: «من افتتح متحف ليما الكبير؟»"))
    assert found == Standalone("من افتتح متحف ليما الكبير؟", "ومن افتتحه؟")


@pytest.mark.parametrize(
    "reply",
    [
        "من افتتح متحف ليما الكبير بحضور الأمير سلمان؟",
        "من افتتح متحف ليما الكبير عام 2004؟",
        "Who opened the Lima museum?",
        "من افتتح متحف ليما الكبير؟ " * 30,
        "متحف ليما",
        "ومن افتتحه؟",
        "",
        b"<html>",
    ],
)
def test_any_other_is_refused(endpoint: Callable[[object], Settings], reply: object) -> None:
    assert llm_standalone("ومن افتتحه؟", EARLIER, OFFLINE, endpoint(reply)) is OFFLINE


def test_a_slow_endpoint_is_not_waited_for(endpoint: Callable[[object], Settings]) -> None:
    settings = endpoint(3.0).model_copy(update={"llm_rewrite_timeout": 0.3})
    assert llm_standalone("ومن افتتحه؟", EARLIER, OFFLINE, settings) is OFFLINE


def test_nothing_is_asked_without_need() -> None:
    nowhere = Settings(llm_base_url="http://127.0.0.1:9/v1", llm_model="m")
    whole = "ما أسباب ارتفاع أسعار القمح عالميًا؟"
    alone = Standalone(whole, whole)
    assert llm_standalone(whole, EARLIER, alone, nowhere) is alone
    assert llm_standalone("ومن افتتحه؟", [], OFFLINE, nowhere) is OFFLINE
    assert llm_standalone("ومن افتتحه؟", EARLIER, OFFLINE, nowhere) is OFFLINE
    assert llm_standalone("ومن افتتحه؟", EARLIER, OFFLINE, Settings()) is OFFLINE


@pytest.mark.parametrize(
    ("rewrite", "reason"),
    [
        ("من افتتح متحف ليما الكبير؟", None),
        ("من افتتح متحف ليما الكبير في باريس؟", "words"),
        ("من افتتح متحف ليما الكبير سنة 1999؟", "figures"),
        ("", "empty"),
        ("من افتتح؟", "topic"),
        ("متى كان متحف ليما الكبير؟", "question"),
    ],
)
def test_reasons(rewrite: str, reason: str | None) -> None:
    assert refusal(rewrite, "ومن افتتحه؟", EARLIER, OFFLINE) == reason
