"""How the page is served: beside an API, and alone with ``sanad ui``."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ui.app import mount
from ui.cli import ui


def test_page_leaves_earlier_routes_alone_and_ships_its_fonts() -> None:
    app = FastAPI()
    app.get("/v1/thing")(lambda: {"from": "api"})
    with TestClient(mount(app, "http://127.0.0.1:9")) as client:
        assert client.get("/v1/thing").json() == {"from": "api"}
        page = client.get("/")
        assert page.status_code == 200
        assert "سند" in page.text
        font = client.get("/ui-fonts/ibm-plex-sans-arabic-arabic-400-normal.woff2")
        assert font.content.startswith(b"wOF2")
        assert "SIL Open Font License" in client.get("/ui-fonts/OFL.txt").text


def test_page_takes_no_files(tmp_path: Any) -> None:
    with TestClient(mount(FastAPI(), "http://127.0.0.1:9")) as client:
        sent = client.post("/gradio_api/upload", files={"files": ("big.txt", b"x" * 5000)})
        assert sent.status_code >= 400


@pytest.mark.parametrize(("arguments", "words"), [([], "--api"), (["--api", "127.0.0.1:8000"], "http://")])
def test_ui_command_says_what_is_wrong_with_the_address(arguments: list[str], words: str) -> None:
    result = CliRunner().invoke(ui, arguments)
    assert result.exit_code == 2
    assert words in result.output


def test_ui_command_serves_the_page_alone() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "from ui.cli import ui; ui()", "--api", "http://127.0.0.1:9", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert f"http://127.0.0.1:{port}" in process.stdout.readline()
        assert first_answer(f"http://127.0.0.1:{port}/").status_code == 200
    finally:
        process.terminate()
        process.wait(timeout=10)


def first_answer(url: str) -> httpx.Response:
    deadline = time.monotonic() + 30
    while True:
        try:
            return httpx.get(url, trust_env=False)
        except httpx.ConnectError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
