"""Every request passes here first: whose it is, and whether there may be another one from there yet."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from retrieval.errors import SanadError
from retrieval.settings import Scope as Permission
from server.callers import Caller, KnownKey, Reception, sent_key
from server.openai_errors import OPENAI_PATHS, openai_response
from server.problems import RateLimited, Unauthenticated, headers_of, problem_of, problem_response
from server.rates import Allowance, Rates

if TYPE_CHECKING:
    from server.workers import Workers

API_PATHS = ("/v1", "/mcp", "/metrics")
"""Beginnings of the addresses for which keys are looked at and requests counted: a page is many small files."""


class Access:
    """Puts the ``Caller`` into the request's state; refuses invalid keys and too many requests."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        reception: Reception,
        rates: Rates,
        find_key: Callable[[str], KnownKey | None],
        workers: Workers,
    ) -> None:
        self.app = app
        self._reception = reception
        self._rates = rates
        self._find_key = find_key
        self._workers = workers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        peer = scope["client"][0] if scope.get("client") else ""
        try:
            allowance, refusal = await self._admit(scope, headers, peer)
        except SanadError as error:  # The keys cannot be looked up now.
            allowance, refusal = None, error

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start" and allowance is not None:
                MutableHeaders(scope=message).update(allowance.headers())
            await send(message)

        app = self.app if refusal is None else _told(scope["path"], refusal)
        await app(scope, receive, send_with_headers)

    async def _admit(self, scope: Scope, headers: Headers, peer: str) -> tuple[Allowance | None, SanadError | None]:
        """What is left of the caller's limit, and why the request is refused, if it is."""
        guarded = scope["path"].startswith(API_PATHS)
        sent = sent_key(headers) if guarded else None
        key = await self._workers.run(partial(self._find_key, sent), waits=True) if sent else None
        caller = self._reception.caller(headers, peer, key)
        scope.setdefault("state", {}).update(caller=caller, owner=caller.owner)
        allowance = self._counted(caller, headers) if guarded else None
        if allowance is not None and not allowance.allowed:
            return allowance, RateLimited(retry_after=allowance.reset)
        # A wrong key is counted like any request, so that guessing ends, and is never taken for none.
        return allowance, Unauthenticated(scope="") if sent and key is None else None

    def _counted(self, caller: Caller, headers: Headers) -> Allowance | None:
        if caller.key_id is None and self._reception.is_this_machine(headers):
            return None
        return self._rates.count(caller)


class Permitted:
    """Lets requests through whose ``Caller`` may do what ``scope`` names: for applications without dependencies."""

    def __init__(self, app: ASGIApp, permission: Permission) -> None:
        self.app = app
        self._permission = permission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        app = self.app
        if scope["type"] == "http":
            try:
                scope["state"]["caller"].require(self._permission)
            except SanadError as error:
                app = _told(scope["path"], error)
        await app(scope, receive, send)


def _told(path: str, refusal: SanadError) -> Response:
    """The refusal, in the shape that clients of the address read."""
    if path.startswith(OPENAI_PATHS):
        return openai_response(refusal)
    return problem_response(problem_of(refusal), headers_of(refusal))
