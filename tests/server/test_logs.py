"""Log lines: for people or machines, with the id of the request, and without what was asked."""

from __future__ import annotations

import json
import logging

import pytest
from fastapi.testclient import TestClient

from retrieval.settings import Settings
from server import logs
from server.app import create_app

SECRET = "حديقة-سرية"


@pytest.fixture
def configured(capsys):
    """Configures logging as the server does; what there was before is put back."""
    root = logging.getLogger()
    before = root.handlers[:], root.level, {name: logging.getLogger(name).level for name in logs.OURS}

    def configure(**settings):
        logs.configure(Settings(**settings))

    yield configure
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    for name, level in before[2].items():
        logging.getLogger(name).setLevel(level)


def test_json_lines_have_the_request_id_and_no_question(configured, engine, capsys):
    configured(log_format="json", log_level="info")
    with TestClient(create_app(engine.settings, engine)) as client:
        headers = {"x-request-id": "rid-1"}
        client.post("/v1/answers", json={"question": f"{SECRET} حديقة"}, headers=headers)
        client.get("/v1/search", params={"q": SECRET}, headers={"x-request-id": "rid-2"})
    written = capsys.readouterr().err
    lines = [json.loads(line) for line in written.splitlines()]
    assert SECRET not in written
    answer, first, second = (line for line in lines if line["logger"] == "sanad.server")
    assert (answer["event"], answer["request_id"], answer["status"]) == ("answer", "rid-1", "answered")
    assert (first["event"], first["route"], first["status"], first["method"]) == ("request", "/v1/answers", 200, "POST")
    assert (first["request_id"], second["request_id"]) == ("rid-1", "rid-2")
    assert first["ms"] > 0
    assert first["level"] == "info"
    assert first["timestamp"]


def test_a_failure_is_one_json_line_with_its_trace(configured, engine, capsys, monkeypatch):
    configured(log_format="json")
    monkeypatch.setattr(engine, "answer", lambda *a, **k: 1 / 0)
    with TestClient(create_app(engine.settings, engine)) as client:
        client.post("/v1/answers", json={"question": "حديقة"}, headers={"x-request-id": "rid-3"})
    (line,) = map(json.loads, capsys.readouterr().err.splitlines())
    assert (line["level"], line["request_id"]) == ("error", "rid-3")
    assert line["exception"][0]["exc_type"] == "ZeroDivisionError"


def test_text_is_quiet_by_default(configured, engine, capsys):
    configured()
    with TestClient(create_app(engine.settings, engine)) as client:
        client.post("/v1/answers", json={"question": "حديقة"})
    assert capsys.readouterr().err == ""
