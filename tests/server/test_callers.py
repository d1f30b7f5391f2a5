"""Who a request is from, and what it may do: by its key, its address, and what stands between."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from starlette.datastructures import Headers

from retrieval.settings import Settings
from server.callers import Caller, Reception, sent_key
from server.problems import Forbidden, Unauthenticated

TOKEN = "t" * 43


@dataclass(frozen=True)
class SomeKey:
    id: str = "k1"
    scopes: frozenset = frozenset({"read"})


def caller(settings: Settings, peer: str = "127.0.0.1", key=None, secret=None, **headers: str) -> Caller:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reception(settings, secret).caller(Headers({"host": "127.0.0.1:8000", **named}), peer, key)


def test_on_this_machine_articles_may_be_added_without_a_key() -> None:
    assert caller(Settings()).scopes == {"read", "ask", "ingest"}
    assert caller(Settings(), host="localhost:8000").scopes == {"read", "ask", "ingest"}
    assert caller(Settings(host="::1"), "::1", host="[::1]:8000").scopes == {"read", "ask", "ingest"}


def test_elsewhere_they_may_not() -> None:
    assert caller(Settings(host="0.0.0.0")).scopes == {"read", "ask"}
    assert caller(Settings(host="192.168.1.5"), "192.168.1.9", host="192.168.1.5").scopes == {"read", "ask"}


def test_the_setting_is_what_counts_where_it_is_set() -> None:
    assert caller(Settings(anonymous_scopes=())).scopes == frozenset()
    assert caller(Settings(anonymous_scopes="read")).scopes == {"read"}
    assert caller(Settings(host="0.0.0.0", anonymous_scopes="read,ask,ingest"), "8.8.8.8").scopes == {
        "read",
        "ask",
        "ingest",
    }


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "news.example"])
def test_nobody_is_admin_without_a_key_where_others_can_reach(host: str) -> None:
    with pytest.raises(ValueError, match="admin"):
        Settings(host=host, anonymous_scopes="admin")
    assert Settings(anonymous_scopes="admin").anonymous_scopes == ("admin",)


@pytest.mark.parametrize(
    "headers",
    [
        {"x_forwarded_for": "203.0.113.7"},
        {"x_forwarded_for": "127.0.0.1, 203.0.113.7"},
        {"x_forwarded_for": "203.0.113.7, 127.0.0.1"},
        {"forwarded": "for=203.0.113.7"},
        {"x_real_ip": "203.0.113.7"},
        {"via": "1.1 proxy"},
    ],
)
def test_behind_a_proxy_on_this_machine_it_is_not_this_machine(headers: dict[str, str]) -> None:
    assert "ingest" not in caller(Settings(), **headers).scopes


def test_a_page_on_this_machine_is_this_machine() -> None:
    assert "ingest" in caller(Settings(), x_forwarded_for="127.0.0.1", x_forwarded_host="localhost:7860").scopes


@pytest.mark.parametrize("host", ["evil.example:8000", "127.0.0.1.evil.example", "192.168.1.5"])
@pytest.mark.parametrize("header", ["host", "x_forwarded_host"])
def test_a_name_that_only_leads_here_does_not_make_it_this_machine(host: str, header: str) -> None:
    assert "ingest" not in caller(Settings(), **{header: host}).scopes


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
    ],
)
@pytest.mark.parametrize("settings", [Settings(), Settings(anonymous_scopes="read,ask,ingest")])
def test_another_sites_page_cannot_use_its_readers_browser(headers: dict[str, str], settings: Settings) -> None:
    assert caller(settings, **headers).scopes == {"read", "ask"}


def test_our_own_page_and_those_that_are_allowed_can() -> None:
    assert "ingest" in caller(Settings(), origin="http://127.0.0.1:8000", sec_fetch_site="same-origin").scopes
    assert "ingest" in caller(Settings(cors_origins="https://desk.example"), origin="https://desk.example").scopes


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("198.51.100.1", None, "198.51.100.1"),
        ("198.51.100.1", "203.0.113.7", "198.51.100.1"),  # whoever sends it is not trusted
        ("10.0.0.2", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.2", "1.1.1.1, 203.0.113.7", "203.0.113.7"),  # what the client put there itself is not reached
        ("10.0.0.2", "1.1.1.1, 203.0.113.7, 10.0.0.3", "203.0.113.7"),
        ("10.0.0.2", "10.0.0.9, 10.0.0.3", "10.0.0.9"),
        ("10.0.0.2", "nonsense", "nonsense"),
        ("10.0.0.2", None, "10.0.0.2"),
        ("testclient", "203.0.113.7", "testclient"),
    ],
)
def test_forwarded_addresses_count_only_from_trusted_proxies(peer: str, forwarded: str | None, address: str) -> None:
    headers = {} if forwarded is None else {"x_forwarded_for": forwarded}
    assert caller(Settings(trusted_proxies="10.0.0.0/8"), peer, **headers).address == address
    assert caller(Settings(), peer, **headers).address == peer


def test_the_page_of_this_process_is_believed_by_its_secret() -> None:
    told = {"x_forwarded_for": "203.0.113.7"}
    open_to_all = Settings(host="0.0.0.0")
    assert caller(open_to_all, secret="s3cret", x_sanad_page="s3cret", **told).address == "203.0.113.7"
    assert caller(open_to_all, secret="s3cret", x_sanad_page="guess", **told).address == "127.0.0.1"
    assert caller(open_to_all, x_sanad_page="", **told).address == "127.0.0.1"


def test_conversations_belong_to_the_key_or_to_the_browser() -> None:
    owners = [
        caller(Settings()).owner,
        caller(Settings(), x_sanad_client=TOKEN).owner,
        caller(Settings(), x_sanad_client=TOKEN[:-1] + "u").owner,
        caller(Settings(), key=SomeKey()).owner,
        caller(Settings(), key=SomeKey(), x_sanad_client=TOKEN).owner,
        caller(Settings(), key=SomeKey("k2")).owner,
    ]
    assert owners[0] is None
    assert len(set(owners)) == len(owners)
    assert TOKEN not in str(owners)


@pytest.mark.parametrize("token", ["short", "x" * 129, "with space in it, which is long", "ع" * 30])
def test_a_client_token_that_could_be_guessed_owns_nothing(token: str) -> None:
    assert caller(Settings(), x_sanad_client=token.encode().decode("latin-1")).owner is None


def test_scopes() -> None:
    anonymous, reader = caller(Settings(anonymous_scopes="read")), caller(Settings(), key=SomeKey())
    admin = caller(Settings(), key=SomeKey("k3", frozenset({"admin"})))
    anonymous.require("read")
    reader.require("read")
    admin.require("ingest")
    with pytest.raises(Unauthenticated):
        anonymous.require("ask")
    with pytest.raises(Forbidden, match="ask"):
        reader.require("ask")


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ({}, None),
        ({"Authorization": "Bearer sanad_k"}, "sanad_k"),
        ({"Authorization": "bearer  sanad_k "}, "sanad_k"),
        ({"Authorization": "sanad_k"}, "sanad_k"),
        ({"Authorization": "Token sanad_k"}, "sanad_k"),
        ({"X-API-Key": "sanad_k"}, "sanad_k"),
        ({"Authorization": "Basic dXNlcjpwdw==", "X-API-Key": "sanad_k"}, "sanad_k"),
        ({"Authorization": "Basic dXNlcjpwdw=="}, None),
        ({"Authorization": "Bearer none"}, None),
        ({"X-API-Key": ""}, None),
    ],
)
def test_where_the_key_is(headers: dict[str, str], key: str | None) -> None:
    assert sent_key(Headers(headers)) == key
