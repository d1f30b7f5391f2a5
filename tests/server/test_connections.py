"""Clients that dribble, flood or babble are cut off, and hold up nobody else. Over a real socket."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection

import httpx
import pytest
import uvicorn

from server import connections
from server.app import create_app
from server.serving import bind, configured

REQUEST = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"
POST = b"POST /v1/answers HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


@pytest.fixture
def address(engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    """A server with short patience."""
    monkeypatch.setattr(connections, "HEADER_SECONDS", 0.5)
    monkeypatch.setattr(connections, "BODY_SECONDS", 0.5)
    with bind("127.0.0.1", 0) as bound:
        server = uvicorn.Server(configured(create_app(engine.settings, engine)))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield bound.getsockname()[:2]
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def connect(address) -> Iterator[Callable[[], socket.socket]]:
    opened: list[socket.socket] = []

    def connect() -> socket.socket:
        opened.append(socket.create_connection(address, timeout=10))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


def received(connection: socket.socket) -> bytes:
    """All that comes until the server closes the connection; waits for that."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def assert_problem(answer: bytes, status: int, code: str) -> None:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status), answer
    headers = {name.strip().lower(): value.strip() for name, _, value in (x.partition(b":") for x in head.splitlines())}
    assert headers[b"content-type"] == b"application/problem+json"
    assert int(headers[b"content-length"]) == len(body)
    assert headers[b"connection"] == b"close"
    assert headers[b"x-request-id"]
    problem = json.loads(body)
    assert (problem["type"], problem["status"]) == (f"urn:sanad:problem:{code}", status)
    assert problem["detail"]
    assert problem["detail_ar"]


def test_who_says_nothing_is_cut_off(connect) -> None:
    assert_problem(received(connect()), 408, "request-too-slow")


@contextmanager
def dribbling(connection: socket.socket, piece: bytes) -> Iterator[None]:
    """Sends a piece twenty times a second, from a thread, for as long as the other side takes it."""
    stop = threading.Event()

    def dribble() -> None:
        while not stop.wait(0.05):
            try:
                connection.sendall(piece)
            except OSError:
                return

    thread = threading.Thread(target=dribble, daemon=True)
    thread.start()
    yield
    stop.set()
    thread.join(5)


def test_headers_that_never_end_are_cut_off_however_steadily_they_come(connect) -> None:
    connection = connect()
    connection.sendall(REQUEST)
    with dribbling(connection, b"X-Slow: loris\r\n"):
        assert b"408" in received(connection)[:16]


def test_a_second_request_on_a_connection_has_to_hurry_too(connect) -> None:
    connection = connect()
    connection.sendall(REQUEST + b"\r\n")
    assert connection.recv(65536).startswith(b"HTTP/1.1 200")
    connection.sendall(b"GET /healthz HT")
    assert b"408" in received(connection)[:16]


def test_a_kept_connection_still_serves(address) -> None:
    connection = HTTPConnection(*address, timeout=10)
    for _ in range(3):
        connection.request("GET", "/healthz")
        assert connection.getresponse().read() == b'{"status":"ok"}'
    connection.close()


def test_headers_without_end_are_refused_by_size(connect) -> None:
    connection = connect()
    connection.sendall(REQUEST + b"X-Long: " + b"a" * (connections.HEADER_BYTES + 1))
    assert_problem(received(connection), 431, "headers-too-large")


@pytest.mark.parametrize("in_address", [True, False])
def test_headers_that_come_whole_are_refused_by_size_too(connect, in_address: bool) -> None:
    """They may all be in what is received at once: then there was no moment at which they had not ended."""
    connection = connect()
    long = b"a" * (connections.HEADER_BYTES + 1)
    whole = b"GET /%b HTTP/1.1\r\n\r\n" % long if in_address else REQUEST + b"X-Long: %b\r\n\r\n" % long
    connection.sendall(whole)
    assert_problem(received(connection), 431, "headers-too-large")


def test_a_body_that_stops_coming_is_told_so(connect) -> None:
    connection = connect()
    connection.sendall(POST + b"Content-Length: 100\r\n\r\n{")
    answer = received(connection)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"urn:sanad:problem:request-too-slow" in answer


def test_a_body_that_dribbles_is_told_so(connect) -> None:
    connection = connect()
    connection.sendall(POST + b"Content-Length: 9999\r\n\r\n")
    with dribbling(connection, b" "):
        assert b"408" in received(connection)[:16]


def test_two_hundred_slow_clients_do_not_keep_others_waiting(connect, address) -> None:
    slow = [connect() for _ in range(200)]
    for connection in slow:
        connection.sendall(b"POST /v1/answers HTTP/1.1\r\nContent-Le")
    with httpx.Client(base_url=f"http://{address[0]}:{address[1]}", trust_env=False, timeout=10) as client:
        for _ in range(20):
            assert client.post("/v1/answers", json={"question": "من افتتح الحديقة؟"}).status_code == 200
    assert all(b"408" in received(connection)[:16] for connection in slow)


def test_bytes_that_are_not_http_are_refused(connect) -> None:
    connection = connect()
    connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64)
    assert_problem(received(connection), 400, "malformed-http")
