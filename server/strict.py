"""Refuses what no endpoint can use, before one sees it: by media type, size, encoding and characters."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope

from server.problems import BodyTooLarge, MalformedJSON, NotUTF8, UnsupportedMediaType

BODY_BYTES = 64 * 1024
"""Largest request body read, in bytes: five of the longest questions, were every letter a \\u escape."""


MOST_VALUES = 4_000
"""Values in a JSON body, all levels together: each that does not fit costs ten microseconds of everybody's time."""

LARGEST_INTEGER = 2**31 - 1
"""Integers larger than this do not fit the catalog's columns."""


class StrictRoute(APIRoute):
    """An API route whose requests are UTF-8, of bounded size, and JSON when they have a body.

    ``body_bytes`` is the largest body read, in bytes.
    """

    body_bytes = BODY_BYTES

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The usual handler, after the checks."""
        handler = super().get_route_handler()
        wants_body = self.body_field is not None

        async def checked(request: Request) -> Response:
            request = StrictRequest(request.scope, request.receive, body_bytes=self.body_bytes)
            _check_address(request)
            if wants_body:
                check_media_type(request)
                await request.json()
            return await handler(request)

        return checked


class StrictRequest(Request):
    """A request that reads at most ``body_bytes`` and takes JSON only as RFC 8259 has it: UTF-8, no NaN."""

    def __init__(self, scope: Scope, receive: Receive, *, body_bytes: int = BODY_BYTES) -> None:
        super().__init__(scope, receive)
        self._body_bytes = body_bytes

    async def body(self) -> bytes:
        """The body. Raises BodyTooLarge without reading further than the limit."""
        if not hasattr(self, "_body"):
            length = self.headers.get("content-length", "0")
            if length.isdecimal() and int(length) > self._body_bytes:
                raise BodyTooLarge(limit=self._body_bytes)
            self._body = await self._read()
        return self._body

    async def json(self) -> Any:
        """The body as JSON. Raises NotUTF8, MalformedJSON, or RequestValidationError for characters or size."""
        if not hasattr(self, "_json"):
            body = await self.body()
            # An empty body is left to the validation, which says what is missing.
            self._json = _parse(body) if body else None
        return self._json

    async def _read(self) -> bytes:
        body = bytearray()
        async for chunk in self.stream():
            body += chunk
            if len(body) > self._body_bytes:
                raise BodyTooLarge(limit=self._body_bytes)
        return bytes(body)


def _check_address(request: Request) -> None:
    # Starlette puts U+FFFD where an address is not UTF-8, and would look for something nobody asked.
    query: bytes = request.scope.get("query_string", b"")
    path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    parts = [("path", _decode(unquote_to_bytes(path))), ("query", _decode(unquote_to_bytes(query)))]
    errors = [error for name, text in parts for error in _forbidden(text, (name,))]
    if errors:
        raise RequestValidationError(errors)


def check_media_type(request: Request) -> None:
    """Raises UnsupportedMediaType unless the body is sent as JSON as it is."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnsupportedMediaType(received=media_type or "?")
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        raise UnsupportedMediaType(received=f"{media_type} ({encoding})")


def _parse(body: bytes) -> Any:
    text = _decode(body).removeprefix("\ufeff")
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise MalformedJSON(reason="nested too deeply") from None
    except ValueError as error:
        raise MalformedJSON(reason=str(error)) from None
    if _holds_more(value, MOST_VALUES):
        message = f"Body should hold at most {MOST_VALUES} values"
        raise RequestValidationError(
            [{"loc": ("body",), "type": "too_many_values", "msg": message, "ctx": {"most": MOST_VALUES}}]
        )
    errors = list(_forbidden(value, ("body",)))
    if errors:
        raise RequestValidationError(errors)
    return value


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotUTF8(position=error.start) from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _holds_more(value: Any, most: int) -> bool:
    """Whether lists and objects hold more than ``most`` values together."""
    count, pending = 0, [value]
    while pending:
        value = pending.pop()
        if isinstance(value, (dict, list)):
            count += len(value)
            if count > most:
                return True
            pending += value.values() if isinstance(value, dict) else value
    return False


def _forbidden(value: Any, location: tuple[str | int, ...]) -> Iterator[dict[str, Any]]:
    """Where strings hold NUL (PostgreSQL takes none) or a lone surrogate (UTF-8 has none)."""
    pending = [(value, location)]
    while pending:  # A stack of our own: JSON may be nested as deep as Python recurses.
        value, location = pending.pop()
        if isinstance(value, str) and any(c == "\0" or "\ud800" <= c <= "\udfff" for c in value):
            message = "String must not contain NUL or lone surrogates"
            yield {"loc": location, "type": "forbidden_character", "msg": message}
        elif isinstance(value, dict):
            pending += [(name, location) for name in value]
            pending += [(item, (*location, name)) for name, item in value.items()]
        elif isinstance(value, list):
            pending += [(item, (*location, index)) for index, item in enumerate(value)]
