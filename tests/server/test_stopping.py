"""A server that is told to stop lets nobody new in, and finishes what it has begun."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

# The small engine of these tests, which takes its time over each sentence.
SCRIPT = """
import runpy, sys, time
from server import serving
from server.app import create_app

engine = runpy.run_path(sys.argv[1])["FakeEngine"]()
engine.on_step = lambda step: time.sleep(float(sys.argv[2]))
serving.stop_on_signals()
serving.run(create_app(engine.settings, engine), serving.bind("127.0.0.1", 0), patience=float(sys.argv[3]))
"""
QUESTION = {"question": "ماذا قالت البلدية عن حديقة المدينة والميناء؟"}


@pytest.fixture
def served() -> Iterator[Callable[..., tuple[subprocess.Popen[str], str]]]:
    started: list[subprocess.Popen[str]] = []

    def serve(pause: float, patience: float) -> tuple[subprocess.Popen[str], str]:
        arguments = [str(Path(__file__).with_name("conftest.py")), str(pause), str(patience)]
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        started.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        return process, line[line.index("http://") :].strip()

    yield serve
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def refused(url: str) -> bool:
    """Whether nobody is let in. Without an HTTP client, which takes longer to make than the server may take to stop."""
    try:
        with socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), timeout=10):
            return False
    except ConnectionRefusedError:
        return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_answer_under_way_is_finished_and_nobody_new_let_in(served, number) -> None:
    process, url = served(0.4, 30)
    events = []
    with httpx.stream(
        "POST", f"{url}/v1/answers", json=QUESTION, headers={"accept": "text/event-stream"}, timeout=60, trust_env=False
    ) as response:
        for line in response.iter_lines():
            if not line.startswith("event: "):
                continue
            events.append(line.removeprefix("event: "))
            if len(events) == 1:
                process.send_signal(number)
                deadline = time.monotonic() + 20
                while not refused(url):
                    assert time.monotonic() < deadline, "it still lets people in"
                    time.sleep(0.02)
    assert events[0] == "started"
    assert events[-1] == "answer"
    assert len(events) > 4
    assert process.wait(30) == 0
    assert process.communicate()[1] == ""


def test_patience_ends(served) -> None:
    process, url = served(60, 0.2)
    with httpx.stream(
        "POST", f"{url}/v1/answers", json=QUESTION, headers={"accept": "text/event-stream"}, timeout=60, trust_env=False
    ) as response:
        lines = response.iter_lines()
        assert next(lines) == "event: started"
        process.send_signal(signal.SIGTERM)
        with pytest.raises(httpx.RemoteProtocolError):
            list(lines)
    assert refused(url)
