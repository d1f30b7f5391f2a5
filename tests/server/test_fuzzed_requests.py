"""The whole OpenAPI document, asked by schemathesis: thousands of requests made from it, right and wrong, every check.

Nothing may answer 5xx, with an undocumented status, or with what the document does not describe.
"""

from __future__ import annotations

import json
import os
import runpy
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from ingest.pipeline import ingest
from retrieval.engine import Engine
from retrieval.settings import Settings
from server.app import create_app

HashingEmbedder: Any = runpy.run_path(str(Path(__file__).parents[1] / "hashing_embedder.py"))["HashingEmbedder"]
CONFIG = Path(__file__).with_name("schemathesis.toml")
CASES = 2000


@pytest.fixture
def address(tmp_path, corpus_articles):
    # As many uploads may wait as are sent: a full queue's 503 is tested elsewhere, and here it would be a 5xx.
    settings = Settings(index=tmp_path / "index", ingest_queue=1000)
    ingest([corpus_articles], settings, embedder=HashingEmbedder())
    with closing(Engine(settings, embedder=HashingEmbedder())) as engine:
        listener = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(settings, engine), log_level="critical"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.mark.long
@pytest.mark.timeout(900)
def test_thousands_of_requests_made_from_the_document_find_nothing(address, tmp_path):
    report = tmp_path / "report.ndjson"
    done = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            *("--config-file", CONFIG, "run", f"{address}/openapi.json"),
            *("--report-ndjson-path", report, "--no-color", "--warnings", "off"),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "NO_PROXY": "*", "no_proxy": "*"},
    )
    assert done.returncode == 0, done.stdout[-20_000:]
    assert cases(report) >= CASES


def cases(report: Path) -> int:
    """The requests that were sent, by the run's own record."""
    return sum(
        len(json.loads(line).get("ScenarioFinished", {}).get("recorder", {}).get("cases", {})) for line in report.open()
    )
