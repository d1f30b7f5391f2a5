"""The server-sent events of POST /v1/answers."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import contextmanager

import httpx
import pytest
import uvicorn

from retrieval.errors import ModelUnavailable
from retrieval.models import Answer, CitedSentence, Started
from server.app import create_app

QUESTION = "ماذا قالت البلدية عن حديقة المدينة والميناء؟"
EVENTS = {"accept": "text/event-stream"}


def events_of(text: str) -> list[tuple[str, dict]]:
    """Parse as a client would that splits lines at every Unicode line break."""
    events, name, data = [], "message", []
    for line in text.splitlines():
        if line.startswith("event: "):
            name = line[len("event: ") :]
        elif line.startswith("data: "):
            data.append(line[len("data: ") :])
        elif line == "" and data:
            events.append((name, json.loads("\n".join(data))))
            name, data = "message", []
        else:
            assert line == "" or line.startswith(":"), line
    return events


def stream(client, question=QUESTION, headers=EVENTS):
    response = client.post("/v1/answers", json={"question": question}, headers=headers)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["x-request-id"]
    return events_of(response.text)


def test_events_come_in_order_and_hold_what_the_answer_holds(client):
    events = stream(client)
    assert [name for name, _ in events] == ["started"] + ["sentence"] * (len(events) - 2) + ["answer"]
    started = Started.model_validate_json(json.dumps(events[0][1]))
    sentences = [CitedSentence.model_validate_json(json.dumps(data)) for _, data in events[1:-1]]
    answer = Answer.model_validate_json(json.dumps(events[-1][1]))
    assert len(sentences) > 2
    assert (started.id, started.conversation_id) == (answer.id, answer.conversation_id)
    assert tuple(event.sentence for event in sentences) == answer.sentences
    assert tuple(citation for event in sentences for citation in event.citations) == answer.citations


def test_a_citation_comes_with_the_first_sentence_that_uses_it_and_no_later(client):
    sentences = [data for name, data in stream(client) if name == "sentence"]
    assert [c["number"] for c in sentences[0]["citations"]] == [1]
    assert sentences[1]["sentence"]["citations"] == [1, 2]
    assert [c["number"] for c in sentences[1]["citations"]] == [2]


def test_the_streamed_answer_is_the_plain_one(client):
    plain = client.post("/v1/answers", json={"question": QUESTION}).json()
    streamed = stream(client)[-1][1]
    assert {**streamed, "conversation_id": None} == {**plain, "conversation_id": None}


def test_an_abstention_streams_no_sentence(client):
    assert [name for name, _ in stream(client, "كوكب زحل")] == ["started", "answer"]


def test_line_separators_inside_texts_do_not_break_events(client, texts):
    answer = stream(client, "separators")[-1][1]
    assert answer["citations"][0]["quote"] == texts["harbour/lines"]


@pytest.mark.parametrize(
    ("accept", "streams"),
    [
        ("text/event-stream", True),
        ("TEXT/EVENT-STREAM; charset=utf-8", True),
        ("text/event-stream, */*", True),
        ("text/event-stream, application/json;q=0.9", True),
        ("application/json;q=0.1, text/event-stream;q=0.5", True),
        ("application/json, text/event-stream", False),
        ("application/json, text/event-stream;q=0.5", False),
        ("text/event-stream;q=0", False),
        ("text/event-stream;q=high", False),
        ("*/*", False),
        ("text/html", False),
        ("", False),
    ],
)
def test_the_accept_header_chooses(client, accept, streams):
    response = client.post("/v1/answers", json={"question": QUESTION}, headers={"accept": accept})
    assert response.status_code == 200
    expected = "text/event-stream" if streams else "application/json"
    assert response.headers["content-type"].startswith(expected)


@pytest.mark.parametrize(
    ("error", "code", "logged"),
    [
        (ModelUnavailable(model="m", reason="gone"), "model-unavailable", False),
        (RuntimeError("secret"), "internal-error", True),
    ],
)
def test_an_error_in_the_stream_is_its_last_event(client, engine, caplog, error, code, logged):
    engine.fails_after = (1, error)
    response = client.post("/v1/answers", json={"question": QUESTION}, headers={**EVENTS, "x-request-id": "rid-7"})
    events = events_of(response.text)
    assert events[0][0] == "started"
    name, problem = events[-1]
    assert name == "error"
    assert problem["type"] == f"urn:sanad:problem:{code}"
    assert problem["detail_ar"]
    assert "errors" not in problem
    assert "secret" not in response.text
    assert ("rid-7" in caplog.text and "secret" in caplog.text) == logged
    assert engine.streams_closed == 1


@contextmanager
def serving(engine):
    """The application on a real socket; yields its address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(engine.settings, engine), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        wait_until(lambda: server.started)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
    assert not thread.is_alive()


@pytest.fixture
def served(engine):
    with serving(engine) as address:
        yield address


def wait_until(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


def test_events_arrive_while_the_answer_is_still_being_made(served, engine):
    go_on = threading.Event()
    engine.on_step = lambda step: go_on.wait(10)
    with httpx.stream("POST", f"{served}/v1/answers", json={"question": QUESTION}, headers=EVENTS) as response:
        lines = response.iter_lines()
        assert next(lines) == "event: started"
        assert not go_on.is_set()
        go_on.set()
        assert "event: answer" in list(lines)


def test_the_engine_stops_when_the_client_leaves(served, engine):
    steps, left = [], threading.Event()

    def on_step(step):
        steps.append(step)
        assert left.wait(10)

    engine.on_step = on_step
    with httpx.stream("POST", f"{served}/v1/answers", json={"question": QUESTION}, headers=EVENTS) as response:
        assert next(response.iter_lines()) == "event: started"
        wait_until(lambda: steps)
    time.sleep(0.3)  # The server hears of it on its event loop.
    left.set()
    wait_until(lambda: engine.streams_closed)
    assert steps == [0]
    # The thread is free again.
    assert httpx.post(f"{served}/v1/answers", json={"question": QUESTION}).status_code == 200


def test_many_streams_at_once_all_end_whole(served):
    def ask(results):
        response = httpx.post(f"{served}/v1/answers", json={"question": QUESTION}, headers=EVENTS, timeout=30)
        results.append(events_of(response.text)[-1][0])

    results: list[str] = []
    threads = [threading.Thread(target=ask, args=(results,)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == ["answer"] * 12
