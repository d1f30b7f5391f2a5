"""Who looks at the page: told to the API, so that it keeps conversations apart and counts each visitor's requests.

A browser is known by a random token in a cookie that no script can read. The API gets it as ``X-Sanad-Client``, and
whom the page asks for as a proxy tells it, in ``X-Forwarded-For``.
"""

from __future__ import annotations

import re
import secrets
from http.cookies import SimpleCookie

from gradio.context import LocalContext
from starlette.datastructures import Headers

COOKIE = "sanad-client"
YEAR = 365 * 24 * 3600  # seconds
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def introduction() -> dict[str, str]:
    """Headers by which the page's request to the API tells whom it is for; empty outside of a visitor's event."""
    request = LocalContext.request.get(None)
    if request is None or request.request is None:
        return {}
    headers = Headers(raw=request.request.headers.raw)
    peer = request.client.host if request.client else ""
    told = {
        "X-Forwarded-For": ", ".join(filter(None, [*headers.getlist("x-forwarded-for"), peer])),
        "X-Forwarded-Host": headers.get("host", ""),
    }
    if token := token_of(headers):
        told["X-Sanad-Client"] = token
    return told


def token_of(headers: Headers) -> str | None:
    """The token of the browser that sent a request."""
    cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    return cookie.value if cookie is not None and _TOKEN.fullmatch(cookie.value) else None


def new_cookie(*, secure: bool) -> str:
    """The Set-Cookie header by which a browser gets a token of its own."""
    token = secrets.token_urlsafe(32)
    # Lax and not Strict: a link from elsewhere must not look like a new browser.
    return f"{COOKIE}={token}; Path=/; Max-Age={YEAR}; HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")
