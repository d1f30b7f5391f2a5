"""API keys: shown once, kept as a hash, compared in constant time, revoked at once, each with its own scopes."""

from __future__ import annotations

import hmac
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from retrieval.database import CATALOG_FILE, Database
from retrieval.errors import DatabaseUnavailable
from retrieval.settings import Settings
from server import keys as keys_module
from server.app import create_app
from server.callers import Requires
from server.key_cli import key as key_command
from server.keys import Keys, UnknownKey

OPEN = {"getHealth", "getReadiness"}


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[Keys]:
    with closing(Database(tmp_path)) as database:
        yield Keys(database)


@pytest.fixture
def client(engine) -> TestClient:
    """A server that allows nothing without a key."""
    return TestClient(create_app(Settings(anonymous_scopes=""), engine))


def headers_with(engine, *scopes: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {Keys(engine.database).create('test', scopes)[1]}"}


def test_a_key_is_found_by_its_token_and_by_nothing_else(keys: Keys) -> None:
    made, token = keys.create("desk", ["ask", "read", "ask"])
    assert made.scopes == {"read", "ask"}
    found = keys.find(token)
    assert found is not None
    assert (found.id, found.name, found.scopes) == (made.id, "desk", {"read", "ask"})
    wrong = [token[:-1] + ("A" if token[-1] != "A" else "B"), token + "x", token[:-1], token.upper(), made.id, ""]
    assert [keys.find(other) for other in [*wrong, f"sanad_{'0' * 12}_{'a' * 43}"]] == [None] * 7


@pytest.mark.sqlite
def test_only_a_hash_is_kept(keys: Keys, tmp_path: Path) -> None:
    _, token = keys.create("desk", ["read"])
    keys.find(token)
    secret = token.rpartition("_")[2] if "_" not in token[19:] else token[19:]
    with closing(sqlite3.connect(tmp_path / CATALOG_FILE)) as connection:
        dump = "\n".join(connection.iterdump())
    assert secret not in dump
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
    assert secret.encode() not in stored


def test_tokens_are_long_random_and_each_another(keys: Keys) -> None:
    tokens = {keys.create("k", ["read"])[1] for _ in range(20)}
    assert len(tokens) == 20
    assert {len(token) for token in tokens} == {62}


def test_secrets_are_compared_in_constant_time_whether_the_key_is_known_or_not(
    keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, token = keys.create("desk", ["read"])
    compared: list[tuple[str, str]] = []

    def compare(ours: str, theirs: str) -> bool:
        compared.append((ours, theirs))
        return hmac.compare_digest(ours, theirs)

    monkeypatch.setattr(keys_module, "hmac", type("Watched", (), {"compare_digest": staticmethod(compare)}))
    assert keys.find(token) is not None
    assert keys.find(f"sanad_{made.id}_{'a' * 43}") is None
    assert keys.find(f"sanad_{'0' * 12}_{'a' * 43}") is None
    # One comparison each, of digests of one length; the row was found by what is no secret.
    assert len(compared) == 3
    assert {len(side) for pair in compared for side in pair} == {64}


def test_a_revoked_key_is_none(keys: Keys) -> None:
    made, token = keys.create("desk", ["read"])
    keys.revoke(made.id)
    keys.revoke(made.id)
    assert keys.find(token) is None
    assert keys.all()[0].revoked is not None
    with pytest.raises(UnknownKey):
        keys.revoke("nobody")


def test_its_use_is_noted(keys: Keys) -> None:
    _, token = keys.create("desk", ["read"])
    assert keys.all()[0].last_used is None
    keys.find(token)
    used = keys.all()[0].last_used
    assert used is not None
    keys.find(token)
    assert keys.all()[0].last_used == used


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer sanad_0123456789ab_" + "a" * 43},
        {"Authorization": "Bearer " + "x" * 5000},
        {"X-API-Key": "sanad_"},
        {"X-API-Key": "٣" * 9},
    ],
)
def test_a_wrong_key_is_refused_even_where_none_is_needed(engine, headers: dict[str, str]) -> None:
    client = TestClient(create_app(Settings(), engine))
    encoded = {name: value.encode() for name, value in headers.items()}
    refused = client.get("/v1/articles", headers=encoded)
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == 'Bearer realm="sanad"'
    assert refused.json()["type"] == "urn:sanad:problem:unauthenticated"


def test_keys_that_cannot_be_looked_up_are_neither_right_nor_wrong(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(self: Keys, token: str) -> None:
        raise DatabaseUnavailable(reason="connection refused")

    monkeypatch.setattr(Keys, "find", unavailable)
    told = client.get("/v1/articles", headers={"X-API-Key": "sanad_x"})
    assert told.status_code == 503
    assert told.json()["type"] == "urn:sanad:problem:database-unavailable"


def test_scopes_decide_what_a_key_may_do(client: TestClient, engine) -> None:
    question = {"question": "من افتتح الحديقة؟"}
    reader, asker, admin = (headers_with(engine, scope) for scope in ("read", "ask", "admin"))
    assert client.get("/v1/articles").status_code == 401
    assert client.get("/v1/articles", headers=reader).status_code == 200
    refused = client.post("/v1/answers", json=question, headers=reader)
    assert refused.status_code == 403
    assert refused.json()["type"] == "urn:sanad:problem:forbidden"
    assert "ask" in refused.json()["detail_ar"]
    assert client.post("/v1/answers", json=question, headers=asker).status_code == 200
    assert client.get("/v1/articles", headers=asker).status_code == 403
    assert client.post("/v1/answers", json=question, headers=admin).status_code == 200
    assert client.get("/v1/articles", headers=admin).status_code == 200


def test_a_key_revoked_meanwhile_ends_with_the_next_request(client: TestClient, engine) -> None:
    made, token = Keys(engine.database).create("desk", ["read"])
    headers = {"X-API-Key": token}
    assert client.get("/v1/articles", headers=headers).status_code == 200
    Keys(engine.database).revoke(made.id)
    assert client.get("/v1/articles", headers=headers).status_code == 401


def test_each_key_has_its_own_limit(engine) -> None:
    client = TestClient(create_app(Settings(rate_per_key="1/minute"), engine))
    first, second = headers_with(engine, "read"), headers_with(engine, "read")
    statuses = [client.get("/v1/articles", headers=headers).status_code for headers in (first, first, second)]
    assert statuses == [200, 429, 200]


def test_no_operation_is_left_open(client: TestClient) -> None:
    unguarded = set()
    for route in client.app.routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            guards = [item.call for item in route.dependant.dependencies if isinstance(item.call, Requires)]
            if not guards:
                unguarded.add(route.operation_id)
    assert unguarded <= OPEN | {"getMetrics"}


def test_openai_clients_are_refused_in_their_own_words(client: TestClient) -> None:
    refused = client.get("/v1/models")
    assert refused.status_code == 401
    assert refused.json()["error"]["code"] == "unauthenticated"
    refused = client.get("/v1/models", headers={"X-API-Key": "wrong"})
    assert refused.json()["error"]["message"]


def test_the_command_shows_a_key_once(tmp_path: Path) -> None:
    index = ["--index", str(tmp_path)]
    made = CliRunner().invoke(key_command, ["create", "مكتب", "ask", "ingest", *index])
    token = made.stdout.strip()
    assert token.startswith("sanad_")
    listed = CliRunner().invoke(key_command, ["list", *index]).stdout
    key_id = listed.split("\t")[0]
    assert token not in listed
    assert listed.split("\t")[1:3] == ["مكتب", "ask,ingest"]
    assert CliRunner().invoke(key_command, ["revoke", key_id, *index]).exit_code == 0
    with closing(Database(tmp_path)) as database:
        assert Keys(database).find(token) is None
    assert CliRunner().invoke(key_command, ["create", "x", "everything", *index]).exit_code == 2
