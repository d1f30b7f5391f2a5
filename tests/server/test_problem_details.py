"""Every error is problem details, in English and Arabic, with a stable type."""

from __future__ import annotations

import json
import random

import pytest
from fastapi.testclient import TestClient

from server.app import create_app
from server.strict import MOST_VALUES

JSON = {"content-type": "application/json"}


def assert_problem(response, status, code):
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-request-id"]
    problem = response.json()
    assert problem["type"] == f"urn:sanad:problem:{code}"
    assert problem["status"] == status
    assert problem["title"]
    assert any("a" <= c.lower() <= "z" for c in problem["detail"])
    assert any("\u0621" <= c <= "\u064a" for c in problem["detail_ar"])
    return problem


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"question": ""}, 422, "empty-question"),
        ({"question": " ؟ … "}, 422, "empty-question"),
        ({"question": "س" * 2001}, 422, "question-too-long"),
        ({"question": "سؤال", "conversation_id": "c-none"}, 404, "unknown-conversation"),
        ({"question": "سؤال", "mode": "generative"}, 422, "llm-not-configured"),
    ],
)
@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_what_the_engine_refuses(client, body, status, code, accept):
    response = client.post("/v1/answers", json=body, headers={"accept": accept})
    problem = assert_problem(response, status, code)
    assert "errors" not in problem


@pytest.mark.parametrize(
    ("body", "location", "code"),
    [
        ({}, "body.question", "missing"),
        ({"question": 5}, "body.question", "string_type"),
        ({"question": None}, "body.question", "string_type"),
        ({"question": ["سؤال"]}, "body.question", "string_type"),
        ({"question": "س", "mode": "magic"}, "body.mode", "literal_error"),
        ({"question": "س", "conversation_id": 7}, "body.conversation_id", "string_type"),
        ({"question": "س", "conversation_id": ""}, "body.conversation_id", "string_too_short"),
        ({"question": "س", "conversation_id": "c" * 129}, "body.conversation_id", "string_too_long"),
        ({"question": "س", "quesion": "س"}, "body.quesion", "extra_forbidden"),
        ({"question": "س", "filters": []}, "body.filters", "model_attributes_type"),
        ({"question": "س", "filters": {"article_ids": "a"}}, "body.filters.article_ids", "tuple_type"),
        ({"question": "س", "filters": {"sources": [1]}}, "body.filters.sources.0", "string_type"),
        ({"question": "س\0"}, "body.question", "forbidden_character"),
        ({"question": "\ud800"}, "body.question", "forbidden_character"),
        (
            {"question": "س", "filters": {"sources": ["ا", "\0"]}},
            "body.filters.sources.1",
            "forbidden_character",
        ),
        ({"question": "س", "\udfff": 1}, "body", "forbidden_character"),
        ([], "body", "model_attributes_type"),
        ("سؤال", "body", "model_attributes_type"),
    ],
)
def test_values_that_do_not_fit_are_each_named(client, body, location, code):
    problem = assert_problem(client.post("/v1/answers", content=json.dumps(body), headers=JSON), 422, "invalid-request")
    [error] = problem["errors"]
    assert (error["location"], error["code"]) == (location, code)
    assert error["detail"]
    assert error["detail_ar"]
    assert location in problem["detail"]


def test_several_wrong_values_are_reported_at_once(client):
    body = {"question": 1, "mode": "x", "filters": {"published_from": "soon"}}
    problem = assert_problem(client.post("/v1/answers", json=body), 422, "invalid-request")
    assert [e["location"] for e in problem["errors"]] == [
        "body.question",
        "body.mode",
        "body.filters.published_from",
    ]


def test_a_name_that_cannot_be_sent_back_is_still_reported(client):
    body = json.dumps({"question": "س", "\udfff": {"a": "\0"}})
    problem = assert_problem(client.post("/v1/answers", content=body, headers=JSON), 422, "invalid-request")
    assert {error["location"] for error in problem["errors"]} == {"body", "body.?.a"}


def test_thousands_of_wrong_values_do_not_make_a_huge_answer(client):
    body = {f"k{number}": 1 for number in range(4000)}
    response = client.post("/v1/answers", json=body)
    assert_problem(response, 422, "invalid-request")
    assert len(response.content) < 20_000


@pytest.mark.parametrize(
    "body",
    [
        {"question": "س", "filters": {"sources": [1] * MOST_VALUES}},
        {f"k{number}": 1 for number in range(MOST_VALUES + 1)},
        [[[]] * 100] * 100,
    ],
)
def test_more_values_than_anybody_needs_are_not_each_looked_at(client, body):
    problem = assert_problem(client.post("/v1/answers", json=body), 422, "invalid-request")
    [error] = problem["errors"]
    assert (error["location"], error["code"]) == ("body", "too_many_values")
    assert str(MOST_VALUES) in error["detail"]
    assert str(MOST_VALUES) in error["detail_ar"]
    chat = client.post("/v1/chat/completions", json={"model": "sanad", "messages": [body]})
    assert chat.status_code == 400
    assert str(MOST_VALUES) in chat.json()["error"]["message"]


@pytest.mark.parametrize("content", [b"", b"null"])
def test_no_body_is_a_missing_body(client, content):
    problem = assert_problem(client.post("/v1/answers", content=content, headers=JSON), 422, "invalid-request")
    assert problem["errors"][0]["location"] == "body"


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b'{"question": }',
        b'{"question": "a',
        b"question=a",
        b'{"question": NaN}',
        b'{"question": "\x01"}',
        b"[" * 60_000,
        b'{"question": ' + b"9" * 5000 + b"}",
    ],
)
def test_a_body_that_is_not_json(client, content):
    assert_problem(client.post("/v1/answers", content=content, headers=JSON), 422, "malformed-json")


@pytest.mark.parametrize("encoding", ["windows-1256", "utf-16"])
def test_a_body_that_is_not_utf8(client, encoding):
    body = json.dumps({"question": "ما الخبر"}, ensure_ascii=False).encode(encoding)
    assert_problem(client.post("/v1/answers", content=body, headers=JSON), 422, "not-utf-8")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "multipart/form-data; boundary=x"},
        {"content-type": "application/json", "content-encoding": "gzip"},
    ],
)
def test_a_body_of_another_media_type(client, headers):
    response = client.post("/v1/answers", content=b'{"question": "a"}', headers=headers)
    assert_problem(response, 415, "unsupported-media-type")


def test_a_body_over_the_limit_is_refused_with_and_without_a_length(client):
    body = json.dumps({"question": "a" * 70_000}).encode()
    assert_problem(client.post("/v1/answers", content=body, headers=JSON), 413, "body-too-large")
    chunks = (body[i : i + 1000] for i in range(0, len(body), 1000))
    assert_problem(client.post("/v1/answers", content=chunks, headers=JSON), 413, "body-too-large")


def test_an_endless_body_is_not_read_to_its_end(portal, app):
    received = 0
    sent = []

    async def receive():
        nonlocal received
        received += 1
        return {"type": "http.request", "body": b" " * 1024, "more_body": True}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/answers",
        "raw_path": b"/v1/answers",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }
    portal.call(app, scope, receive, send)
    assert sent[0]["status"] == 413
    assert received == 65


@pytest.mark.parametrize("path", ["/nowhere", "/v1", "/v1/", "/v1/nothing", "/v1/search/", "/healthz/x"])
def test_an_unknown_route(client, path):
    assert_problem(client.get(path), 404, "unknown-route")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/answers", "POST"),
        ("POST", "/v1/search", "GET"),
        ("PATCH", "/v1/articles", "GET, POST"),
        ("PUT", "/healthz", "GET"),
    ],
)
def test_a_wrong_method_names_the_right_one(client, method, path, allowed):
    response = client.request(method, path)
    assert_problem(response, 405, "method-not-allowed")
    assert response.headers["allow"] == allowed


def test_a_page_mounted_at_the_root_does_not_swallow_the_apis_errors(engine):
    from starlette.responses import PlainTextResponse

    app = create_app(engine.settings, engine, root_page=False)
    app.mount("/", PlainTextResponse("the page"))
    client = TestClient(app)
    assert client.get("/").text == client.get("/anything").text == "the page"
    assert_problem(client.get("/v1/nothing"), 404, "unknown-route")
    assert_problem(client.get("/v1/answers"), 405, "method-not-allowed")
    assert_problem(client.post("/readyz"), 405, "method-not-allowed")
    assert client.get("/openapi.json").status_code == 200


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/v1/search", "query.q"),
        ("/v1/search?q=a&limit=0", "query.limit"),
        ("/v1/search?q=a&limit=101", "query.limit"),
        ("/v1/search?q=a&limit=ten", "query.limit"),
        ("/v1/search?q=a%00b", "query"),
        ("/v1/articles?limit=501", "query.limit"),
        ("/v1/articles?offset=-1", "query.offset"),
        ("/v1/articles?offset=99999999999999999999", "query.offset"),
        ("/v1/articles/a?version=0", "query.version"),
        ("/v1/articles/a?version=1.5", "query.version"),
        ("/v1/articles/a%00", "path"),
        ("/v1/examples?language=fr", "query.language"),
    ],
)
def test_addresses_that_do_not_fit(client, path, location):
    problem = assert_problem(client.get(path), 422, "invalid-request")
    assert [error["location"] for error in problem["errors"]] == [location]


@pytest.mark.parametrize("path", ["/v1/search?q=%c7%e1", "/v1/articles/%ff", "/v1/conversations/%ed%a0%80"])
def test_addresses_that_are_not_utf8(client, path):
    assert_problem(client.get(path), 422, "not-utf-8")


def test_empty_and_over_long_searches(client):
    assert_problem(client.get("/v1/search", params={"q": " "}), 422, "empty-question")
    assert_problem(client.get("/v1/search", params={"q": "س" * 2001}), 422, "question-too-long")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1/articles/none", "unknown-article"),
        ("/v1/articles/قطار-الساحل?version=2", "unknown-article"),
        ("/v1/articles/a{b}", "unknown-article"),
        ("/v1/articles/a%2Fb", "unknown-article"),
        ("/v1/articles/", "unknown-article"),
        ("/v1/conversations/none", "unknown-conversation"),
    ],
)
def test_things_that_do_not_exist(client, path, code):
    assert_problem(client.get(path), 404, code)


def test_an_unforeseen_error_is_logged_and_not_shown(client, engine, caplog):
    def fail(*args, **kwargs):
        raise RuntimeError("secret /etc/path")

    engine.search = fail
    response = client.get("/v1/search?q=a", headers={"x-request-id": "trace-me"})
    assert_problem(response, 500, "internal-error")
    assert "secret" not in response.text
    [record] = [record for record in caplog.records if record.name == "sanad.server"]
    assert "trace-me" in record.getMessage()
    assert "secret" in str(record.exc_info[1])


FRAGMENTS = [
    b'{"question": "', b"'", b'"', b"{", b"}", b"[", b"]", b":", b",", b"\\",
    b"\\u0000", b"\\ud800", b"\\udc00",
    b"\0", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf", "سؤال".encode(), "؟".encode(), b"null",
    b"true", b"-1", b"1e999", b"NaN", b'"mode"', b'"filters"', b'"conversation_id"', b'"published_from"',
    b'"extractive"', b" ", b"\r\n", b"\xe2\x80\xa8", b"\x85",
    b"9" * 30, b'"article_ids"', b"2025-13-45", b"/*",
]  # fmt: skip
VALUES = [
    None, True, 0, -1, 10**30, 1.5, 1e308, "", " ", "سؤال", "\0", "\ud800", "\u202e", "x" * 3000,
    [], {}, [[]],
    {"": None}, ["سؤال", None], {"article_ids": [None]}, {"published_from": 10**20},
    {"published_to": "0000-00-00"}, {"published_from": -1e300}, {"languages": ["ar", 5]}, "generative",
    "9999-12-31T25:00",
]  # fmt: skip


def fuzzed_bodies(count):
    random_ = random.Random(20250214)
    names = ["question", "mode", "conversation_id", "filters", "غير", ""]
    for index in range(count):
        if index % 2:
            yield b"".join(random_.choices(FRAGMENTS, k=random_.randint(1, 12)))
        else:
            chosen = random_.sample(names, random_.randint(0, len(names)))
            yield json.dumps({name: random_.choice(VALUES) for name in chosen}).encode()


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_no_malformed_body_is_the_servers_fault(client, accept):
    refused = 0
    for body in fuzzed_bodies(400):
        response = client.post("/v1/answers", content=body, headers={**JSON, "accept": accept})
        assert response.status_code in (200, 404, 422), (body, response.text)
        if response.status_code != 200:
            refused += 1
            code = response.json()["type"].removeprefix("urn:sanad:problem:")
            assert_problem(response, response.status_code, code)
    assert refused > 300


def test_no_malformed_address_is_the_servers_fault(client):
    random_ = random.Random(7)
    pieces = [
        "%00",
        "%ff",
        "%",
        "%2",
        "%d8%b3",
        "+",
        "&",
        "=",
        "q",
        "limit",
        "offset",
        "version",
        "1",
        "-",
        ";",
        "[]",
    ]
    for _ in range(400):
        path = random_.choice(["/v1/search", "/v1/articles", "/v1/articles/a", "/v1/conversations/b", "/v1/examples"])
        query = "".join(random_.choices(pieces, k=random_.randint(1, 8)))
        response = client.get(f"{path}?{query}")
        assert response.status_code in (200, 404, 422), (path, query, response.text)


@pytest.mark.parametrize("path", ["/v1/articles", "/v1/timeline"])
def test_a_number_is_no_date(client, path):
    name = {"/v1/articles": "published_to", "/v1/timeline": "to"}[path]
    response = client.get(path, params={name: "0"})
    assert response.status_code == 422
    assert response.json()["errors"][0]["location"] == f"query.{name}"
    assert "YYYY-MM-DD" in response.json()["errors"][0]["detail_ar"]


def test_allow_names_every_method_of_an_address(client):
    response = client.options("/v1/conversations/c-1")
    assert response.status_code == 405
    assert set(response.headers["allow"].split(", ")) == {"DELETE", "GET", "PATCH"}
