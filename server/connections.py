"""Connections that must get to the point: a client that dribbles its request is cut off, and holds up nobody."""

from __future__ import annotations

import asyncio
import uuid
from http import HTTPStatus
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from retrieval.errors import SanadError
from server.problems import HeadersTooLarge, MalformedHTTP, RequestTooSlow, problem_of, problem_response

HEADER_SECONDS = 10.0
"""From the connection, or the first byte of a later request, to the end of its headers."""

HEADER_BYTES = 32 * 1024
"""Request line and headers together; httptools itself sets no limit."""

BODY_SECONDS = 10.0
"""Longest silence within a body."""

BODY_BYTES_PER_SECOND = 8 * 1024
"""Slowest body, once it has had BODY_SECONDS: a poor mobile link is several times as fast."""


class _HeadersTooLarge(Exception):
    """Ends the parsing of headers."""


class PromptProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol with limits on how long, in time and in bytes, headers may be.

    What is refused here, before there is a request that the application could see, is answered with problem details
    like everything else.
    """

    _deadline: asyncio.TimerHandle | None = None
    _received_bytes = 0
    _parsed_bytes = 0
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
            self._received_bytes += len(data)
        super().data_received(data)
        # One header that does not end is not parsed before it does.
        if self._in_headers and self._received_bytes > HEADER_BYTES:
            self._refuse(HeadersTooLarge(limit=HEADER_BYTES))

    def on_message_begin(self) -> None:
        """A request begins, perhaps not the connection's first."""
        super().on_message_begin()
        self._parsed_bytes = 0
        if not self._in_headers:
            self._expect_headers()

    def on_url(self, url: bytes) -> None:
        """A piece of the address."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer."""
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The rest is the body, which the application reads."""
        self._in_headers = False
        self._stop_clock()
        super().on_headers_complete()

    def _unsupported_upgrade_warning(self) -> None:
        """Other protocols are not spoken here. Who asks for one is answered as if he had not, and not logged."""

    def send_400_response(self, msg: str) -> None:
        """uvicorn calls it for whatever ends the parsing."""
        too_large = self._parsed_bytes > HEADER_BYTES
        self._refuse(HeadersTooLarge(limit=HEADER_BYTES) if too_large else MalformedHTTP())

    def _count(self, length: int) -> None:
        self._parsed_bytes += length
        if self._parsed_bytes > HEADER_BYTES:
            raise _HeadersTooLarge

    def _expect_headers(self) -> None:
        self._stop_clock()
        self._in_headers, self._received_bytes = True, 0
        self._deadline = self.loop.call_later(
            HEADER_SECONDS, self._refuse, RequestTooSlow(seconds=round(HEADER_SECONDS))
        )

    def _stop_clock(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, error: SanadError) -> None:
        self._stop_clock()
        if self.transport.is_closing():
            return
        # An answer that has begun cannot become another one: its client is told by the connection's end.
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(_written(error))
        self.transport.close()


def _written(error: SanadError) -> bytes:
    """A problem as the whole HTTP response that ends its connection."""
    headers = {"Connection": "close", "X-Content-Type-Options": "nosniff", "X-Request-ID": uuid.uuid4().hex}
    response = problem_response(problem_of(error), headers)
    lines = [f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}".encode()]
    lines += [b"%s: %s" % header for header in response.raw_headers]
    return b"\r\n".join([*lines, b"", bytes(response.body)])


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
