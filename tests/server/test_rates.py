"""So many requests from one address or with one key, and then 429 with when to come again."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from retrieval.settings import Settings
from server.app import create_app
from server.rates import neighbourhood


@pytest.fixture(autouse=True)
def _stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The window is a minute of the clock: a test that a busy machine draws over its end would be counted anew."""
    monkeypatch.setattr(time, "time", lambda: 1_700_000_010.0)


@pytest.fixture
def client_of(engine) -> Callable[..., TestClient]:
    def client(**settings) -> TestClient:
        return TestClient(create_app(Settings(**settings), engine), client=("198.51.100.1", 1))

    return client


def test_past_the_limit_an_address_is_told_when_to_come_again(client_of) -> None:
    client = client_of(host="0.0.0.0", rate_per_address="3/minute")
    left = [client.get("/v1/articles").headers["RateLimit-Remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    refused = client.get("/v1/articles")
    assert refused.status_code == 429
    assert refused.json()["type"] == "urn:sanad:problem:rate-limited"
    assert refused.json()["detail_ar"]
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RateLimit-Limit"] == "3"
    assert refused.headers["RateLimit-Remaining"] == "0"
    assert refused.headers["X-Request-ID"]


def test_what_nobody_serves_counts_and_probes_do_not(client_of) -> None:
    client = client_of(host="0.0.0.0", rate_per_address="2/minute")
    assert [client.get("/v1/nothing").status_code for _ in range(3)] == [404, 404, 429]
    assert {client.get("/healthz").status_code for _ in range(5)} == {200}


def test_wrong_keys_count_so_that_guessing_ends(client_of) -> None:
    client = client_of(host="0.0.0.0", rate_per_address="3/minute")
    headers = {"X-API-Key": "sanad_guess"}
    assert [client.get("/v1/articles", headers=headers).status_code for _ in range(4)] == [401, 401, 401, 429]


def test_a_client_cannot_pretend_to_be_another_address(client_of) -> None:
    client = client_of(host="0.0.0.0", rate_per_address="2/minute")
    statuses = [
        client.get("/v1/articles", headers={"X-Forwarded-For": f"203.0.113.{number}"}).status_code
        for number in range(3)
    ]
    assert statuses == [200, 200, 429]


def test_behind_a_trusted_proxy_each_client_has_its_own_limit(client_of) -> None:
    client = client_of(host="0.0.0.0", rate_per_address="1/minute", trusted_proxies="198.51.100.1")

    def status(forwarded: str) -> int:
        return client.get("/v1/articles", headers={"X-Forwarded-For": forwarded}).status_code

    assert [status("203.0.113.1"), status("203.0.113.2"), status("203.0.113.1")] == [200, 200, 429]
    # A client's own words before what the proxy added change nothing.
    assert status("9.9.9.9, 203.0.113.2") == 429


def test_this_machine_itself_is_not_limited_unless_a_proxy_speaks_for_others(client_of) -> None:
    client = client_of(rate_per_address="1/minute")
    assert {client.get("/v1/articles").status_code for _ in range(5)} == {200}
    assert "RateLimit-Limit" not in client.get("/v1/articles").headers
    forwarded = {"X-Forwarded-For": "203.0.113.1"}
    assert [client.get("/v1/articles", headers=forwarded).status_code for _ in range(2)] == [200, 429]


def test_the_limit_can_be_off(client_of) -> None:
    client = client_of(host="0.0.0.0", rate_per_address="off")
    assert {client.get("/v1/articles").status_code for _ in range(5)} == {200}


def test_one_subscribers_ipv6_network_is_one_address() -> None:
    assert neighbourhood("2001:db8::1") == neighbourhood("2001:db8::ffff:2") != neighbourhood("2001:db8:0:1::1")
    assert neighbourhood("::ffff:198.51.100.1") == neighbourhood("198.51.100.1") == "198.51.100.1"
    assert neighbourhood("testclient") == "testclient"


@pytest.mark.parametrize("rate", ["lots", "-1/minute", "3/fortnight"])
def test_a_rate_that_is_none_is_refused_at_start(rate: str) -> None:
    with pytest.raises(ValueError, match="rate"):
        Settings(rate_per_address=rate)
