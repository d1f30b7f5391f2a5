"""Ten thousand oversized, malformed and senseless requests: each is told what is wrong, and nobody else notices."""

from __future__ import annotations

import json
import random
import re
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import psutil
import pytest

from ingest.pipeline import ingest_articles
from retrieval.models import Article
from retrieval.settings import Settings
from server.connections import HEADER_BYTES
from server.openai_errors import OpenAIRoute
from server.strict import BODY_BYTES, MOST_VALUES
from tests.hashing_embedder import HashingEmbedder
from tests.served import served

REQUESTS = 10_000
AT_ONCE = 8
SETTLED = 2_000  # requests after which memory is first looked at: by then every kind has come many times
GROWTH_BYTES = 16 * 2**20  # over the other eight thousand; a kilobyte lost by each would be half of it
SECONDS = 60  # that an answer may take, on a machine that does other things beside
QUESTION = "متى يفتح الجسر؟"
ARTICLE = Article(id="bridge", text="قال الوزير إن الجسر يفتح في أيار. وطول الجسر ألف متر.")
JSON = "Content-Type: application/json"
ANSWERS, CHAT = ("post", "/v1/answers"), ("post", "/v1/chat/completions")
TAKING_JSON = (
    ANSWERS,
    CHAT,
    ("patch", "/v1/conversations/{conversation_id}"),
    ("put", "/v1/answers/{answer_id}/feedback"),
)


@dataclass(frozen=True)
class Hostile:
    """A request, the statuses that tell what is wrong with it, and the operation (method, path) that it is for."""

    sent: bytes
    statuses: tuple[int, ...]
    operation: tuple[str, str] | None = None


Make = Callable[[random.Random], Hostile]
KINDS: dict[str, Make] = {}


def kind(make: Make) -> Make:
    """Registers a kind of hostile request."""
    KINDS[make.__name__] = make
    return make


def request(method: str, target: str, *headers: str, body: bytes = b"") -> bytes:
    lines = (f"{method.upper()} {target} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", *headers)
    return "\r\n".join((*lines, "", "")).encode("latin-1") + body


def sized(method: str, target: str, *headers: str, body: bytes) -> bytes:
    return request(method, target, *headers, f"Content-Length: {len(body)}", body=body)


def limit(operation: tuple[str, str]) -> int:
    """The largest body of an operation, in bytes."""
    return OpenAIRoute.body_bytes if operation == CHAT else BODY_BYTES


def chunked(body: bytes, size: int) -> bytes:
    pieces = (body[start : start + size] for start in range(0, len(body), size))
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def addressed(choose: random.Random, operations: tuple[tuple[str, str], ...] = TAKING_JSON) -> tuple[str, str, Any]:
    """The method and target of an operation, and the operation."""
    method, path = choose.choice(operations)
    return method, re.sub(r"\{\w+\}", lambda _: f"none-{choose.randrange(10**6)}", path), (method, path)


def to_json_operation(choose: random.Random, body: bytes, *statuses: int) -> Hostile:
    """A body of JSON's type; OpenAI's API has 400 where the other has 422."""
    method, target, operation = addressed(choose)
    statuses = tuple(400 if operation == CHAT and status == 422 else status for status in statuses)
    return Hostile(sized(method, target, JSON, body=body), statuses, operation)


@kind
def json_that_is_cut_off(choose: random.Random) -> Hostile:
    whole = json.dumps({"question": QUESTION, "filters": {"sources": ["س"] * choose.randrange(1, 9)}}).encode()
    return to_json_operation(choose, whole[: choose.randrange(1, len(whole) - 1)], 422)


@kind
def json_with_noise_in_it(choose: random.Random) -> Hostile:
    noise = bytes(choose.choices(b"{}[]:,\"'\\ \0\x01\x7fabc0129-+.eE", k=choose.randrange(1, 60)))
    return to_json_operation(choose, b'{"question": ?' + noise, 422)


@kind
def deep_nesting(choose: random.Random) -> Hostile:
    depth = choose.choice((50, 500, 2_000, 30_000))
    opening, closing = choose.choice(((b"[", b"]"), (b'{"a":', b"}")))
    body = (opening * depth + b"1" + closing * depth)[: BODY_BYTES - 1]
    return to_json_operation(choose, body, 422)


@kind
def wrong_types(choose: random.Random) -> Hostile:
    values = (None, True, -1, 10**40, 1e308, [], {}, [[]], [None], {"": {}}, [1] * 500, ["س"])
    body: dict[str, Any] = {name: choose.choice(values) for name in ("question", "title", "messages", "verdict")}
    return to_json_operation(choose, json.dumps(body).encode(), 422)


@kind
def many_unknown_fields(choose: random.Random) -> Hostile:
    first, number = choose.randrange(10**6), choose.choice((50, 200, MOST_VALUES + 1))
    body = b"{%b}" % b",".join(b'"%d":1' % n for n in range(first, first + number))
    return to_json_operation(choose, body, 422)


@kind
def text_that_is_not_utf8(choose: random.Random) -> Hostile:
    encoding = choose.choice(("windows-1256", "utf-16", "iso-8859-6"))
    body = json.dumps({"question": "ما الخبر"}, ensure_ascii=False).encode(encoding)
    return to_json_operation(choose, body, 422)


@kind
def forbidden_characters(choose: random.Random) -> Hostile:
    escaped = choose.choice(("\\u0000", "\\ud800", "\\udfff\\ud800"))
    return to_json_operation(choose, b'{"question": "a%bb"}' % escaped.encode(), 422)


@kind
def another_media_type(choose: random.Random) -> Hostile:
    method, target, operation = addressed(choose)
    sent = choose.choice(("text/plain", "application/xml", "application/jsonx", "multipart/form-data; boundary=x", ""))
    body = json.dumps({"question": QUESTION}).encode()
    return Hostile(sized(method, target, f"Content-Type: {sent}", body=body), (415,), operation)


@kind
def compressed_bodies(choose: random.Random) -> Hostile:
    method, target, operation = addressed(choose)
    encoding = choose.choice(("gzip", "br", "deflate", "zstd", "gzip, gzip"))
    return Hostile(sized(method, target, JSON, f"Content-Encoding: {encoding}", body=b"\x1f\x8b"), (415,), operation)


@kind
def a_body_over_the_limit(choose: random.Random) -> Hostile:
    method, target, operation = addressed(choose)
    body = json.dumps({"question": "a" * (limit(operation) + choose.randrange(2 * BODY_BYTES))}).encode()
    return Hostile(sized(method, target, JSON, body=body), (413,), operation)


@kind
def a_body_said_to_be_endless(choose: random.Random) -> Hostile:
    method, target, operation = addressed(choose)
    length = choose.choice((limit(operation) + 1, 10**9, 2**63 - 1))
    expecting = choose.choice(((), ("Expect: 100-continue",)))
    return Hostile(request(method, target, JSON, f"Content-Length: {length}", *expecting, body=b"{"), (413,), operation)


@kind
def chunks_over_the_limit(choose: random.Random) -> Hostile:
    method, target, operation = addressed(choose)
    body = chunked(b" " * (limit(operation) + choose.randrange(1, BODY_BYTES)), choose.choice((500, 5_000, 40_000)))
    return Hostile(request(method, target, JSON, "Transfer-Encoding: chunked", body=body), (413,), operation)


@kind
def chunks_that_are_none(choose: random.Random) -> Hostile:
    method, target, _ = addressed(choose)
    body = choose.choice((b"zz\r\n{}\r\n", b"-1\r\n", b"fffffffffffffffff\r\n{}", b"2\r\n{}XX0\r\n\r\n"))
    return Hostile(request(method, target, JSON, "Transfer-Encoding: chunked", body=body), (400,))


@kind
def too_long_a_question(choose: random.Random) -> Hostile:
    body = json.dumps({"question": "س" * choose.randrange(2_001, 9_000)}).encode()
    return Hostile(sized("post", "/v1/answers", JSON, body=body), (422,), ANSWERS)


@kind
def too_long_a_query(choose: random.Random) -> Hostile:
    query = quote("س" * choose.randrange(2_001, 4_000))
    return Hostile(request("get", f"/v1/search?q={query}"), (422,), ("get", "/v1/search"))


@kind
def too_long_an_address(choose: random.Random) -> Hostile:
    return Hostile(request("get", "/v1/search?q=" + "a" * choose.randrange(HEADER_BYTES, 5 * HEADER_BYTES)), (431,))


@kind
def too_long_a_header(choose: random.Random) -> Hostile:
    sent = "X-Long: " + "a" * choose.randrange(HEADER_BYTES, 5 * HEADER_BYTES)
    return Hostile(request("get", "/v1/articles", sent), (431,))


@kind
def too_many_headers(choose: random.Random) -> Hostile:
    return Hostile(request("get", "/v1/articles", *[f"X-{choose.random()}: a"] * 3_000), (431,))


@kind
def queries_that_do_not_fit(choose: random.Random) -> Hostile:
    path, query = choose.choice(
        (
            ("/v1/search", "q=a&limit=0"),
            ("/v1/search", "limit=5"),
            ("/v1/search", "q=%00"),
            ("/v1/search", "q=%c7%e1"),
            ("/v1/articles", f"offset={10 ** choose.randrange(12, 4_000)}"),
            ("/v1/articles", "published_from=soon"),
            ("/v1/conversations", "limit=-1"),
            ("/v1/timeline", "from=0"),
            ("/v1/voices", "limit=%d9%a3x"),
        )
    )
    return Hostile(request("get", f"{path}?{query}"), (422,), ("get", path))


@kind
def paths_that_lead_nowhere(choose: random.Random) -> Hostile:
    path = choose.choice(
        (
            "/v1/../../etc/passwd",
            "/v1/%2e%2e/%2e%2e/etc/passwd",
            "/.env",
            "/wp-login.php",
            "//",
            "/v1//answers",
            "/v2",
            "*",
        )
    )
    return Hostile(request("get", f"{path}{choose.choice(('', '?a=b'))}"), (404,))


@kind
def things_that_are_not_there(choose: random.Random) -> Hostile:
    operation = ("get", choose.choice(("/v1/articles/{article_id}", "/v1/conversations/{conversation_id}")))
    name = quote("".join(choose.choices("ابت ./<>'\"%;", k=choose.randrange(1, 40))), safe="")
    return Hostile(request("get", re.sub(r"\{\w+\}", lambda _: name, operation[1])), (404, 422), operation)


@kind
def names_that_are_not_utf8(choose: random.Random) -> Hostile:
    name = "".join(f"%{byte:02x}" for byte in choose.choices(range(0x80, 0x100), k=choose.randrange(1, 9))) + "%ff"
    return Hostile(request("get", f"/v1/articles/{name}"), (422,), ("get", "/v1/articles/{article_id}"))


@kind
def methods_that_an_address_does_not_take(choose: random.Random) -> Hostile:
    method = choose.choice(("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "MKCOL", "PURGE"))
    return Hostile(request(method, choose.choice(("/v1/answers", "/v1/search", "/healthz", "/readyz"))), (405,))


@kind
def methods_that_there_are_not(choose: random.Random) -> Hostile:
    method = "".join(choose.choices("BREWQXZ", k=choose.randrange(3, 30)))
    return Hostile(request(f"X{method}", "/v1/answers"), (400,))


@kind
def keys_that_there_are_not(choose: random.Random) -> Hostile:
    sent = choose.choice(("X-API-Key: {}", "Authorization: Bearer {}", "Authorization: {}"))
    key = "sanad_" + "".join(choose.choices("abcdef0123456789_", k=choose.randrange(1, 3_000)))
    return Hostile(request("get", "/v1/articles", sent.format(key)), (401,), ("get", "/v1/articles"))


@kind
def uploads_that_are_none(choose: random.Random) -> Hostile:
    body = choose.choice((b"", b"x", b"--c\r\n\r\n", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"))
    sent = choose.choice(("multipart/form-data; boundary=b", "multipart/form-data", "application/json", "text/plain"))
    return Hostile(
        sized("post", "/v1/articles", f"Content-Type: {sent}", body=body), (415, 422), ("post", "/v1/articles")
    )


@kind
def uploads_over_the_limit(choose: random.Random) -> Hostile:
    headers = ("Content-Type: multipart/form-data; boundary=b", f"Content-Length: {choose.randrange(10**8, 10**15)}")
    return Hostile(request("post", "/v1/articles", *headers, body=b"--b\r\n"), (413,), ("post", "/v1/articles"))


@kind
def what_is_not_http(choose: random.Random) -> Hostile:
    first = choose.choice(
        (b"\x16\x03\x01\x02", b"\0", b"SSH-2.0-x", b'{"question"', b"EHLO a", b"\xff\xfb\x01", b"*1\r\n$4")
    )
    return Hostile(first + choose.randbytes(choose.randrange(1, 500)) + b"\r\n\r\n", (400,))


@kind
def nearly_http(choose: random.Random) -> Hostile:
    return Hostile(
        choose.choice(
            (
                request("get", "/healthz HTTP/1.1\r\nno colon here\r\nX:"),
                request("get", "/healthz HTTP/1.1\r\nX Y: z\r\nX:"),
                request("get", "/healthz HTTP/1.1\r\n: nameless\r\nX:"),
                request("get", "/healthz", "X: \0"),
                b"GET /healthz HTTP/9.9\r\n\r\n",
                b"GET /healthz HTP/1.1\r\n\r\n",
                b"GET  HTTP/1.1\r\n\r\n",
                request("post", "/v1/answers", JSON, "Content-Length: -5"),
                request("post", "/v1/answers", JSON, "Content-Length: 1e3"),
                request("post", "/v1/answers", JSON, f"Content-Length: {10**30}"),
                request("post", "/v1/answers", JSON, "Content-Length: 2", "Content-Length: 3", body=b"{}"),
                request("post", "/v1/answers", JSON, "Content-Length: 2", "Transfer-Encoding: chunked", body=b"{}"),
                b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            )
        ),
        (400,),
    )


@kind
def other_protocols(choose: random.Random) -> Hostile:
    headers = choose.choice(
        (
            (
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            ),
            ("Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAAA"),
        )
    )
    return Hostile(request("get", "/v1/nothing", *headers), (404,))


def hostile() -> Iterator[tuple[str, Hostile]]:
    """The kinds in turn, each request another one, the same in every run."""
    choose = random.Random(20250214)
    names = list(KINDS)
    for number in range(REQUESTS):
        name = names[number % len(names)]
        yield name, KINDS[name](choose)


def replied(address: tuple[str, int], sent: bytes) -> bytes:
    """All that the server says until it closes the connection."""
    parts: list[bytes] = []
    with socket.create_connection(address, timeout=SECONDS) as connection:
        # It may be refused before it is all there; why is what can be read then.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(sent)
        with suppress(ConnectionResetError):
            while part := connection.recv(65536):
                parts.append(part)
    return b"".join(parts)


def fault(case: Hostile, reply: bytes, document: dict[str, Any], types: set[str]) -> str | None:
    """What is wrong with a reply."""
    head, _, body = reply.partition(b"\r\n\r\n")
    status = int(head[9:12]) if re.match(rb"HTTP/1.1 \d{3} ", head) else 0
    if status not in case.statuses:
        return "the status"
    if b"\nx-request-id: " not in head.lower():
        return "no request id"
    if case.operation is not None:
        method, path = case.operation
        if str(status) not in document["paths"][path][method]["responses"]:
            return "an undocumented status"
    told = json.loads(body)
    if case.operation == CHAT and "error" in told:
        return None if told["error"]["message"] and told["error"]["message_ar"] else "no message"
    if b"\ncontent-type: application/problem+json" not in head.lower():
        return "the media type"
    if (told["status"], told["type"] in types) != (status, True):
        return "an undocumented problem"
    return None if told["detail"] and told["detail_ar"] else "no detail"


def documented_types(document: dict[str, Any]) -> set[str]:
    """The types of the problems of every operation, and of those that the introduction tells."""
    text = json.dumps(document)
    told = re.findall(r"\d{3} `([a-z0-9-]+)`", document["info"]["description"])
    return set(re.findall(r"urn:sanad:problem:[a-z0-9-]+", text)) | {f"urn:sanad:problem:{code}" for code in told}


@pytest.mark.timeout(600)
def test_ten_thousand_hostile_requests_are_each_refused_and_nobody_else_notices(tmp_path: Path) -> None:
    index = tmp_path / "index"
    ingest_articles([ARTICLE], Settings(index=index), embedder=HashingEmbedder())
    with (
        (tmp_path / "errors").open("w+") as errors,
        served(index, errors=errors, abstain_below=0) as (url, process),
        httpx.Client(base_url=url, trust_env=False, timeout=SECONDS) as client,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        address = ("127.0.0.1", urlsplit(url).port or 0)
        document = client.get("/openapi.json").json()
        types = documented_types(document)
        faults: list[tuple[str, str | None, bytes, bytes]] = []
        server, memory = psutil.Process(process.pid), 0

        def send(named: tuple[str, Hostile]) -> str:
            name, case = named
            reply = replied(address, case.sent)
            wrong = fault(case, reply, document, types)
            if wrong:
                faults.append((name, wrong, case.sent[:200], reply[:600]))
            return name

        sent: Counter[str] = Counter()
        for number, name in enumerate(pool.map(send, hostile()), 1):
            sent[name] += 1
            assert not faults, faults
            if number % 500 == 0:  # while others go on
                answer = client.post("/v1/answers", json={"question": QUESTION}).json()
                assert answer["citations"], answer
                assert all(ARTICLE.text[c["start"] : c["end"]] == c["quote"] for c in answer["citations"])
            if number == SETTLED:
                memory = server.memory_info().rss
        assert sent.total() == REQUESTS
        assert min(sent.values()) >= REQUESTS // len(KINDS)
        grown = server.memory_info().rss - memory
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["articles"]) == (200, 1)
        assert client.get("/v1/articles").json()["total"] == 1
        errors.seek(0)
        assert "Traceback" not in errors.read()
    assert grown < GROWTH_BYTES, f"{grown / 2**20:.1f} MB"
