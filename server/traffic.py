"""Watches every request: counts it, times it, logs it without what was asked, and knows which are under way."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.metrics import Metrics

log = logging.getLogger("sanad.server")
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
API = "/v1"


class Traffic:
    """The outermost middleware."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self.app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 499  # the client left before there was a status
        began = perf_counter()
        counted = self._metrics.serving() if scope["path"].startswith(API) else nullcontext()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            with counted:
                await self.app(scope, receive, watched)
        finally:
            self._note(scope, status, perf_counter() - began)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = _route(scope)
        self._metrics.request(method=method, route=route, status=status, seconds=seconds)
        # The pattern of the address, not the address: that may hold a question.
        known = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
        log.info("request", extra=known)


def _route(scope: Scope) -> str:
    route = getattr(scope.get("route"), "path", None)
    if isinstance(route, str) and not route.endswith("{path:path}"):
        return route
    return "unknown" if scope["path"].startswith(API) else "page"
