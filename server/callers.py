"""Who sends a request: from which address, with which key, and what it may therefore do."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated, Any, Protocol
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import Headers

from retrieval.settings import Scope, Settings, is_loopback
from server.problems import Forbidden, RateLimited, Unauthenticated, documented

PAGE_SECRET = "X-Sanad-Page"
"""Header by which the page that runs in this very process shows that its X-Forwarded-For can be believed."""

CLIENT = "X-Sanad-Client"
"""Header of a client's own making: at least 22 random characters, which its conversations are private to."""

NO_KEY = "none"
"""In place of a key, from clients that cannot send none."""

_CLIENT = re.compile(r"[A-Za-z0-9_-]{22,128}")
_PROXY = ("x-real-ip", "forwarded", "via")  # what a proxy adds besides X-Forwarded-For


@dataclass(frozen=True)
class Caller:
    """The sender of one request.

    ``owner`` is what its conversations and jobs belong to. ``None`` is a caller of whom nothing is known: what it
    makes is reached by whoever knows its unguessable id, and listed to nobody.
    """

    address: str
    scopes: frozenset[Scope]
    key_id: str | None = None
    owner: str | None = None

    def may(self, scope: Scope) -> bool:
        """Whether it may do what ``scope`` names; who may ``admin`` may do everything."""
        return scope in self.scopes or "admin" in self.scopes

    def require(self, scope: Scope) -> None:
        """Raises Unauthenticated without a key, and Forbidden with one, when the scope is missing."""
        if not self.may(scope):
            raise Forbidden(scope=scope) if self.key_id else Unauthenticated(scope=scope)


def sent_key(headers: Headers) -> str | None:
    """The API key of a request, from ``Authorization: Bearer`` or ``X-API-Key``; ``None`` without one.

    A password for a proxy on the way (``Basic``) is none of ours, and clients that cannot do without a key may send
    the word ``none``. Anything else is a key, or is taken for a wrong one, never for none.
    """
    scheme, _, rest = headers.get("authorization", "").strip().partition(" ")
    sent = headers.get("x-api-key") if scheme.lower() in ("", "basic") else rest.strip() or scheme
    return None if sent in (None, "", NO_KEY) else sent


class KnownKey(Protocol):
    """What is known of a valid key; ``server.keys`` finds it."""

    @property
    def id(self) -> str:
        """The part of the key that is no secret."""

    @property
    def scopes(self) -> frozenset[Scope]:
        """What it allows."""


class Reception:
    """Tells who a request is from, by the settings of this server."""

    def __init__(self, settings: Settings, page_secret: str | None = None) -> None:
        self._proxies: list[IPv4Network | IPv6Network] = [
            ip_network(network, strict=False) for network in settings.trusted_proxies
        ]
        self._origins = settings.cors_origins
        self._page_secret = page_secret
        self._loopback = settings.on_loopback and not settings.trusted_proxies
        self._anonymous = settings.anonymous_scopes

    def caller(self, headers: Headers, peer: str, key: KnownKey | None) -> Caller:
        """The sender of a request.

        Args:
            headers: The request's.
            peer: The address at the other end of the connection.
            key: The valid key that it came with, if it came with one.
        """
        client = _client(headers)
        address = self._address(headers, peer)
        if key is not None:
            owner = f"key:{key.id}" + (f"/{client}" if client else "")
            return Caller(address, key.scopes, key.id, owner)
        return Caller(address, self._anonymously(headers), owner=f"client:{client}" if client else None)

    def is_this_machine(self, headers: Headers) -> bool:
        """Whether a request comes from this machine itself, perhaps by way of a page on it, and through no proxy."""
        through_proxy = any(name in headers for name in _PROXY) or not all(map(is_loopback, _forwarded(headers)))
        return self._loopback and not through_proxy

    def _address(self, headers: Headers, peer: str) -> str:
        """Where a request comes from.

        X-Forwarded-For is read from its end: each proxy adds whom it had the request from, so that an entry can be
        believed as long as all behind it were added by proxies that are trusted. What a client put there itself
        comes before, and is never reached.
        """
        forwarded = _forwarded(headers)
        if self._is_page(headers) and forwarded:
            peer = forwarded.pop()
        while forwarded and self._trusted(peer):
            peer = forwarded.pop()
        return peer

    def _is_page(self, headers: Headers) -> bool:
        sent = headers.get(PAGE_SECRET, "")
        return self._page_secret is not None and compare_digest(sent.encode(), self._page_secret.encode())

    def _trusted(self, address: str) -> bool:
        try:
            return any(ip_address(address) in network for network in self._proxies)
        except ValueError:
            return False

    def _anonymously(self, headers: Headers) -> frozenset[Scope]:
        """What a caller without a key may do.

        A web page of somebody else's must not use its reader's browser, which may well reach this server where
        nobody else can, to change articles.
        """
        scopes: set[Scope] = {"read", "ask"} if self._anonymous is None else set(self._anonymous)
        if self._anonymous is None and self.is_this_machine(headers) and _names_this_machine(headers):
            scopes.add("ingest")
        if self._is_foreign(headers):
            scopes -= {"ingest", "admin"}
        return frozenset(scopes)

    def _is_foreign(self, headers: Headers) -> bool:
        """Whether a browser sends this on behalf of another site's page, which no setting allows."""
        origin = headers.get("origin")
        if origin is None:
            return headers.get("sec-fetch-site") in ("cross-site", "same-site")
        return urlsplit(origin).netloc != headers.get("host") and origin not in self._origins


def _names_this_machine(headers: Headers) -> bool:
    """Whether the request was made to this machine as such: a page of a name that only leads here may be anybody's."""
    names = filter(None, (headers.get("host"), headers.get("x-forwarded-host")))
    return all(is_loopback(urlsplit(f"//{name}").hostname or "") for name in names)


def _forwarded(headers: Headers) -> list[str]:
    """The addresses that X-Forwarded-For names, the nearest last."""
    return [name for part in ",".join(headers.getlist("x-forwarded-for")).split(",") if (name := part.strip())]


def _client(headers: Headers) -> str | None:
    """A digest of the token of the client's own making; the token itself is not kept."""
    token = headers.get(CLIENT)
    if token is None or not _CLIENT.fullmatch(token):
        return None
    return hashlib.sha256(token.encode()).hexdigest()[:32]


def caller_of(request: Request) -> Caller:
    """The sender of ``request``."""
    caller: Caller = request.state.caller
    return caller


CallerDep = Annotated[Caller, Depends(caller_of)]


class Requires:
    """A dependency that lets a request through when its caller may do what ``scope`` names."""

    def __init__(self, scope: Scope) -> None:
        self.scope: Scope = scope

    async def __call__(self, request: Request) -> None:
        """Raises Unauthenticated or Forbidden."""
        caller_of(request).require(self.scope)


def guarded(scope: Scope, document: Callable[..., dict[int | str, dict[str, Any]]] = documented) -> dict[str, Any]:
    """The arguments of an ``APIRouter`` whose operations all need ``scope``, and ``document`` their errors so."""
    refusals = document(Unauthenticated(scope=scope), Forbidden(scope=scope), RateLimited(retry_after=12))
    return {"dependencies": [Depends(Requires(scope))], "responses": refusals}
