"""``sanad serve`` as a process: it comes up, answers, shows the page, and stops cleanly."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.environment import without_settings

SANAD = Path(sys.executable).with_name("sanad")
START_SECONDS = 90


class Server:
    """A running ``sanad serve``; ``url`` is what it printed."""

    def __init__(self, arguments: list[str | Path], log: Path) -> None:
        environment = without_settings()
        self.log = log
        with log.open("w") as errors:
            self.process = subprocess.Popen(
                [SANAD, "serve", *arguments], stdout=subprocess.PIPE, stderr=errors, text=True, env=environment
            )
        self.printed: list[str] = []
        self.url = self._address()

    def _address(self) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed.append(line)
            if "http://" in line:
                return line[line.index("http://") :].strip()
        raise AssertionError(f"no address was printed: {self.log.read_text()}")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        try:
            return self.process.wait(timeout=30)
        finally:
            if self.process.poll() is None:
                self.process.kill()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(*arguments: str | Path) -> Server:
        servers.append(Server(list(arguments), tmp_path / "stderr.txt"))
        return servers[-1]

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()


def test_it_ingests_answers_shows_the_page_and_stops_with_status_0(
    serve: Callable[..., Server], tmp_path: Path, corpus_articles: Path
) -> None:
    count = len(list(corpus_articles.glob("*.md")))
    server = serve("--port", "0", "--index", tmp_path / "index", "--ingest", corpus_articles)
    assert server.url.startswith("http://127.0.0.1:")
    assert server.printed[0].startswith(f"added أُضيف {count} ")
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        # The address is printed once connections are accepted: the first attempt has to succeed.
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").json()["articles"] == count
        answer = client.post("/v1/answers", json={"question": "من نفى تقرير رويترز؟"}).json()
        assert answer["citations"]
        assert (
            answer["citations"][0]["quote"]
            in client.get(f"/v1/articles/{answer['citations'][0]['article_id']}").json()["text"]
        )
        page = client.get("/")
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        assert "سند" in page.text

    taken = subprocess.run(
        [SANAD, "serve", "--port", server.url.rpartition(":")[2], "--index", tmp_path / "index"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert taken.returncode == 1
    assert len(taken.stderr.splitlines()) == 1
    assert "Address already in use" in taken.stderr

    with httpx.stream("GET", f"{server.url}/gradio_api/heartbeat/open-page", timeout=30, trust_env=False):
        assert server.stop() == 0
    assert server.log.read_text() == ""


def test_without_the_page_an_empty_index_is_told_and_served(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve("--port", "0", "--no-ui", "--host", "0.0.0.0", "--index", tmp_path / "index")
    assert server.url.startswith("http://127.0.0.1:")
    assert "run sanad ingest first" in server.log.read_text()
    ready = httpx.get(f"{server.url}/readyz", trust_env=False)
    assert (ready.status_code, ready.headers["content-type"]) == (503, "application/problem+json")
    assert httpx.get(server.url, trust_env=False).json()["docs"] == "/docs"
    assert server.stop(signal.SIGINT) == 0


@pytest.mark.timeout(60)
@pytest.mark.sqlite
def test_stopping_it_while_it_ingests_is_clean_too(tmp_path: Path, corpus_articles: Path) -> None:
    index = tmp_path / "index"
    process = subprocess.Popen(
        [SANAD, "serve", "--port", "0", "--index", index, "--ingest", corpus_articles],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 30
    while not (index / "catalog.sqlite3").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.terminate()
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, output, errors) == (0, "", "")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_of_another_machine_is_refused(tmp_path: Path, host: str) -> None:
    done = subprocess.run(
        [SANAD, "serve", "--host", host, "--index", tmp_path / "index"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(f"Cannot listen on {host}:8000: ")
    assert "تعذّر الاستماع" in done.stderr


@pytest.mark.timeout(60)
def test_a_path_that_is_not_there_stops_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [SANAD, "serve", "--port", "0", "--index", tmp_path / "index", "--ingest", tmp_path / "missing"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
