"""What the page's own documents carry: a policy of what they may do, and a cookie that tells browsers apart.

The policy lets only those scripts run that are in the document as it leaves here, each marked with a number used
once, and those that Gradio adds from the page's ``head``, known by their digests. Whatever else might get into the
page, from an article or a question, then runs nothing, and sends nothing anywhere.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.visitor import new_cookie, token_of

# Gradio makes functions of its own texts, hence unsafe-eval, and writes styles into elements.
_POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}' {digests} 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' data: blob:; "
    "media-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; frame-ancestors 'none'; "
    "base-uri 'self'; form-action 'self'"
)
_SCRIPT = re.compile(rb"<script(?=[\s>])")
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


class PageResponses:
    """Adds policy and cookie to HTML documents; leaves every other response as it is. ``head`` is Gradio's."""

    def __init__(self, app: ASGIApp, head: str) -> None:
        self.app = app
        self._digests = " ".join(map(_digest, _INLINE.findall(head)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] in ("/docs", "/redoc"):
            await self.app(scope, receive, send)
            return
        await self.app(_uncompressed(scope), receive, _Document(self._digests, scope, send))


def _uncompressed(scope: Scope) -> Scope:
    """The request for a document, not compressed, as scripts are yet to be marked in it."""
    if "text/html" not in Headers(scope=scope).get("accept", "*/*"):
        return scope
    return {**scope, "headers": [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]}


class _Document:
    """``send`` that holds an HTML document back until it is whole, and marks its scripts."""

    def __init__(self, digests: str, scope: Scope, send: Send) -> None:
        self._request = Headers(scope=scope)
        self._digests = digests
        self._secure = "https" in (scope["scheme"], self._request.get("x-forwarded-proto"))
        self._send = send
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_html(message):
            self._start = message
        elif self._start is None or message["type"] != "http.response.body":
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        nonce = secrets.token_urlsafe(16)
        body = _SCRIPT.sub(b'<script nonce="%s"' % nonce.encode(), bytes(self._body))
        headers = MutableHeaders(scope=start)
        headers["Content-Security-Policy"] = _POLICY.format(nonce=nonce, digests=self._digests)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["X-Frame-Options"] = "DENY"
        headers["Referrer-Policy"] = "same-origin"
        headers["Content-Length"] = str(len(body))
        if token_of(self._request) is None:
            headers.append("Set-Cookie", new_cookie(secure=self._secure))
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})


def _digest(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _is_html(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    return headers.get("content-type", "").startswith("text/html") and "content-encoding" not in headers
