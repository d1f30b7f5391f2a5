"""Connections that must get to the point: a client that dribbles its request is cut off, and holds up nobody."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server.problems import RequestTooSlow

HEADER_SECONDS = 10.0
"""From the connection, or the first byte of a later request, to the end of its headers."""

HEADER_BYTES = 32 * 1024
"""Request line and headers together; httptools itself sets no limit."""

BODY_SECONDS = 10.0
"""Longest silence within a body."""

BODY_BYTES_PER_SECOND = 8 * 1024
"""Slowest body, once it has had BODY_SECONDS: a poor mobile link is several times as fast."""


class PromptProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol with limits on how long, in time and in bytes, headers may be."""

    _deadline: asyncio.TimerHandle | None = None
    _header_bytes = 0
    _in_headers = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The clock starts: a connection that never says anything is cut off too."""
        super().connection_made(transport)
        self._expect_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """The clock stops."""
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes count until the headers are whole."""
        if self._in_headers:
            self._header_bytes += len(data)
        super().data_received(data)
        if self._in_headers and self._header_bytes > HEADER_BYTES:
            self._refuse(b"431 Request Header Fields Too Large")

    def on_message_begin(self) -> None:
        """A request begins, perhaps not the connection's first."""
        super().on_message_begin()
        if not self._in_headers:
            self._expect_headers()

    def on_headers_complete(self) -> None:
        """The rest is the body, which the application reads."""
        self._in_headers = False
        self._stop_clock()
        super().on_headers_complete()

    def _expect_headers(self) -> None:
        self._stop_clock()
        self._in_headers, self._header_bytes = True, 0
        self._deadline = self.loop.call_later(HEADER_SECONDS, self._refuse, b"408 Request Timeout")

    def _stop_clock(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, status: bytes) -> None:
        self._stop_clock()
        if not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            self.transport.close()


class PromptBodies:
    """Raises RequestTooSlow in whoever reads a request's body when the rest of it does not come."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        await self.app(scope, _Prompt(receive), send)


class _Prompt:
    """``receive`` with a time limit while there is body to come."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._bytes = 0
        self._begun: float | None = None
        self._whole = False

    async def __call__(self) -> Message:
        if self._whole:
            return await self._receive()  # Now it only tells that the client has left, whenever that is.
        now = asyncio.get_running_loop().time()
        if self._begun is None:
            self._begun = now
        left = self._begun + BODY_SECONDS + self._bytes / BODY_BYTES_PER_SECOND - now
        message = await self._within(min(BODY_SECONDS, left))
        self._bytes += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        return message

    async def _within(self, seconds: float) -> Any:
        try:
            async with asyncio.timeout(seconds):
                return await self._receive()
        except TimeoutError:
            raise RequestTooSlow(seconds=round(BODY_SECONDS)) from None
