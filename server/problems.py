"""Every error leaves the server as RFC 9457 problem details, in English and Arabic."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match

from retrieval.errors import (
    DatabaseUnavailable,
    EmptyIndex,
    IndexNewer,
    IndexOutdated,
    IndexUnavailable,
    ModelMismatch,
    ModelUnavailable,
    SanadError,
    StorageFailed,
)
from retrieval.models import Record

PROBLEM_JSON = "application/problem+json"
URN = "urn:sanad:problem:"

# A small body can be wrong in thousands of places; naming them all would answer it with a megabyte.
_MOST_ERRORS = 50

log = logging.getLogger("sanad.server")


class InvalidRequest(SanadError):
    """A value does not fit the documented type or limits."""

    code, status = "invalid-request", 422
    arabic = "في الطلب قيم غير صالحة: {fields}."
    english = "The request has values that do not fit: {fields}."


class MalformedJSON(SanadError):
    """The body is not JSON (RFC 8259)."""

    code, status = "malformed-json", 422
    arabic = "متن الطلب ليس JSON صالحًا."
    english = "The request body is not valid JSON: {reason}."


class NotUTF8(SanadError):
    """The body or the address is not UTF-8."""

    code, status = "not-utf-8", 422
    arabic = "الطلب ليس بترميز UTF-8 (عند البايت {position})."
    english = "The request is not UTF-8 (at byte {position})."


class BodyTooLarge(SanadError):
    """The body is larger than the server reads."""

    code, status = "body-too-large", 413
    arabic = "متن الطلب أكبر من الحد: {limit} بايت."
    english = "The request body is larger than the limit of {limit} bytes."


class UnsupportedMediaType(SanadError):
    """The body is not sent as application/json."""

    code, status = "unsupported-media-type", 415
    arabic = "أرسل متن الطلب بنوع application/json، لا بنوع {received}."
    english = "Send the request body as application/json, not as {received}."


class NotAnUpload(SanadError):
    """The body is not sent as multipart/form-data, with its files in it."""

    code, status = "not-an-upload", 415
    arabic = "أرسل الملفات بنوع multipart/form-data، لا بنوع {received}."
    english = "Send files as multipart/form-data, not as {received}."


class NoFiles(SanadError):
    """The upload holds no file, or more than it may. Values: ``limit``."""

    code, status = "no-files", 422
    arabic = "يجب أن يضم الرفع ملفًا واحدًا على الأقل و{limit} على الأكثر، في الحقل files."
    english = "An upload holds at least one file and at most {limit}, in the field files."


class MalformedUpload(SanadError):
    """The multipart body is malformed. Values: ``reason``."""

    code, status = "malformed-upload", 422
    arabic = "متن الرفع ليس multipart/form-data صالحًا."
    english = "The upload is not valid multipart/form-data: {reason}."


class Overloaded(SanadError):
    """More questions wait than the server takes. Values: ``retry_after``, in seconds."""

    code, status = "overloaded", 503
    arabic = "الأسئلة المنتظرة كثيرة: أعد المحاولة بعد {retry_after} ثوان."
    english = "Too many questions are waiting: try again in {retry_after} seconds."


class Unauthenticated(SanadError):
    """The request needs an API key, or has one that is not valid. Values: ``scope``, empty when a key was sent."""

    code, status = "unauthenticated", 401
    arabic = "يحتاج هذا الطلب إلى مفتاح صالح: Authorization: Bearer sanad_… أو X-API-Key."
    english = "This needs a valid API key: Authorization: Bearer sanad_… or X-API-Key."


class Forbidden(SanadError):
    """The API key has not the scope that this needs. Values: ``scope``."""

    code, status = "forbidden", 403
    arabic = "لا يسمح المفتاح بهذا: يلزمه النطاق {scope}."
    english = "The API key does not allow this: it lacks the scope {scope}."


class RequestTooSlow(SanadError):
    """The rest of the request did not come in time. Values: ``seconds``."""

    code, status = "request-too-slow", 408
    arabic = "لم يصل باقي الطلب في حينه (المهلة {seconds} ثوانٍ)."
    english = "The rest of the request did not come in time ({seconds} seconds are allowed)."


class MalformedHTTP(SanadError):
    """What was sent is not HTTP/1.1."""

    code, status = "malformed-http", 400
    arabic = "ما وصل ليس طلب HTTP صالحًا."
    english = "What was sent is not a valid HTTP/1.1 request."


class HeadersTooLarge(SanadError):
    """Address and headers are longer than the server reads. Values: ``limit``, in bytes."""

    code, status = "headers-too-large", 431
    arabic = "عنوان الطلب وترويساته أكبر من الحد: {limit} بايت."
    english = "The request's address and headers are larger than the limit of {limit} bytes."


class RateLimited(SanadError):
    """There are more requests than the rate limit allows. Values: ``retry_after`` in seconds."""

    code, status = "rate-limited", 429
    arabic = "طلبات أكثر من المسموح: أعد المحاولة بعد {retry_after} ثانية."
    english = "There are more requests than allowed: try again in {retry_after} seconds."


class UnknownRoute(SanadError):
    """Nothing is served at this address."""

    code, status = "unknown-route", 404
    arabic = "لا شيء في هذا العنوان: {path}."
    english = "There is nothing at {path}."


class MethodNotAllowed(SanadError):
    """The address does not take this method."""

    code, status = "method-not-allowed", 405
    arabic = "هذا العنوان لا يقبل {method}."
    english = "This address does not take {method}."


class Refused(SanadError):
    """The HTTP layer refused the request with a status that has no problem type of its own."""

    code = "refused"
    arabic = "رُفض الطلب: {reason}."
    english = "The request was refused: {reason}."


NO_DATABASE = (DatabaseUnavailable(reason="connection refused"), StorageFailed(reason="database or disk is full"))
"""What can keep conversations and articles from being read or kept, wherever the catalog is."""

NOT_READY = (
    EmptyIndex(index=".sanad"),
    ModelMismatch(index=".sanad", stored="intfloat/multilingual-e5-small", configured="intfloat/e5-base"),
    ModelUnavailable(model="intfloat/multilingual-e5-small", reason="no weights in the cache"),
    IndexUnavailable(url="http://127.0.0.1:8001", reason="connection refused"),
    IndexOutdated(index=".sanad"),
    Overloaded(retry_after=2),
    IndexNewer(index=".sanad"),
    *NO_DATABASE,
)
"""What keeps every question from being answered, as examples for ``documented``."""

BAD_BODY = (
    RequestTooSlow(seconds=10),
    BodyTooLarge(limit=65536),
    UnsupportedMediaType(received="text/plain"),
    InvalidRequest(fields="body.question"),
    MalformedJSON(reason="Expecting value: line 1 column 14 (char 13)"),
    NotUTF8(position=14),
)
"""What can be wrong with a request that has a body."""

BAD_ADDRESS = (InvalidRequest(fields="query.limit"), NotUTF8(position=2))
"""What can be wrong with a request that has none."""


class FieldError(Record):
    """One value that does not fit."""

    location: str = Field(description="Where it is: body, query or path, then the names down to it.")
    code: str = Field(description="What is wrong, as a stable code.")
    detail: str = Field(description="What is wrong, in English.")
    detail_ar: str = Field(description="What is wrong, in Arabic.")


class Problem(Record):
    """Problem details as in RFC 9457; `type` is stable and is what a client should branch on."""

    type: str = Field(description="`urn:sanad:problem:` and the code of the problem.")
    title: str = Field(description="The kind of problem, in English; the same for every occurrence.")
    status: int = Field(ge=400, le=599, description="The HTTP status, repeated.")
    detail: str = Field(description="This occurrence, in English, with what to do.")
    detail_ar: str = Field(description="This occurrence, in Arabic, with what to do.")
    errors: tuple[FieldError, ...] | None = Field(
        default=None, description="The values that do not fit, the first 50; only with `invalid-request`."
    )


# Pydantic's error types that requests can meet, said in Arabic; {…} are pydantic's own context values.
_ARABIC = {
    "missing": "القيمة مطلوبة",
    "extra_forbidden": "حقل غير معروف",
    "string_type": "يجب أن تكون نصًا",
    "string_pattern_mismatch": "القيمة فارغة أو ليست بالصيغة المطلوبة",
    "string_too_short": "أقصر من الحد: {min_length}",
    "string_too_long": "أطول من الحد: {max_length}",
    "literal_error": "يجب أن تكون إحدى القيم: {expected}",
    "int_parsing": "يجب أن تكون عددًا صحيحًا",
    "int_parsing_size": "العدد أكبر من المسموح",
    "greater_than_equal": "يجب ألا تقل عن {ge}",
    "less_than_equal": "يجب ألا تزيد على {le}",
    "tuple_type": "يجب أن تكون قائمة",
    "model_attributes_type": "يجب أن تكون كائن JSON",
    "model_type": "يجب أن تكون كائن JSON",
    "date_type": "يجب أن تكون تاريخًا بصيغة YYYY-MM-DD",
    "date_parsing": "يجب أن تكون تاريخًا بصيغة YYYY-MM-DD",
    "date_from_datetime_parsing": "يجب أن تكون تاريخًا بصيغة YYYY-MM-DD",
    "date_from_datetime_inexact": "يجب أن تكون تاريخًا بصيغة YYYY-MM-DD",
    "too_short": "عدد العناصر أقل من الحد: {min_length}",
    "too_long": "عدد العناصر أكثر من المقبول: {max_length}",
    "too_many_values": "في المتن قيم أكثر من الحد: {most}",
    "none_required": "هذا المعامل غير مدعوم",
    "bool_type": "يجب أن تكون true أو false",
    "bool_parsing": "يجب أن تكون true أو false",
    "int_type": "يجب أن تكون عددًا صحيحًا",
    "int_from_float": "يجب أن تكون عددًا صحيحًا",
    "float_type": "يجب أن تكون عددًا",
    "float_parsing": "يجب أن تكون عددًا",
    "greater_than": "يجب أن تزيد على {gt}",
    "less_than": "يجب أن تقل عن {lt}",
    "postgresql_address": "يجب أن يكون عنوانًا يبدأ بـ postgresql://",
    "needed_to_generate": "مطلوب حين يكون SANAD_MODE بقيمة generative",
    "web_address": "يجب أن تكون عنوانًا يبدأ بـ http:// أو https://",
    "dict_type": "يجب أن تكون كائن JSON",
    "forbidden_character": "في النص محرف غير مسموح (NUL أو بديل منفرد)",
}


def problem_of(error: SanadError, errors: Sequence[FieldError] | None = None) -> Problem:
    """The problem details of an expected error."""
    return Problem(
        type=URN + error.code,
        title=_title(error.code),
        status=error.status,
        detail=_printable(error.message("en")),
        detail_ar=_printable(error.message("ar")),
        errors=None if errors is None else tuple(errors),
    )


def invalid_request(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """The problem details of the first pydantic-style ``errors`` (``loc``, ``type``, ``msg``, ``ctx``)."""
    fields = [_field_error(error) for error in errors[:_MOST_ERRORS]]
    names = ", ".join(dict.fromkeys(field.location for field in fields))
    return problem_of(InvalidRequest(fields=names), fields)


def problem_response(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The problem as an HTTP response."""
    body = problem.model_dump_json(exclude_none=True)
    return Response(body, problem.status, headers=headers, media_type=PROBLEM_JSON)


def in_arabic(error: Mapping[str, Any]) -> str:
    """What a pydantic error says, in Arabic."""
    arabic = _ARABIC.get(str(error["type"]), "قيمة غير صالحة")
    return arabic.format(**(error.get("ctx") or {})) if "{" in arabic else arabic


def retry_headers(error: SanadError) -> dict[str, str]:
    """The Retry-After header of an error that passes by itself, or none."""
    seconds = error.values.get("retry_after")
    return {} if seconds is None else {"Retry-After": str(seconds)}


def headers_of(error: SanadError) -> dict[str, str]:
    """What a client is told of an error in headers: how to authenticate, when to try again."""
    headers = retry_headers(error)
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="sanad"'
    if error.status in (408, 413):  # What is left of the body is not read.
        headers["Connection"] = "close"
    return headers


def unexpected(error: BaseException, request_id: str | None) -> Problem:
    """Log an error nobody foresaw, and tell the client only that it happened."""
    log.error("request %s failed", request_id, exc_info=error)
    return problem_of(SanadError())


def documented(*errors: SanadError) -> dict[int | str, dict[str, Any]]:
    """The ``responses=`` of an operation that can fail with ``errors``, each with an example."""
    responses: dict[int | str, dict[str, Any]] = {}
    for error in [*errors, SanadError()]:
        response = responses.setdefault(
            error.status,
            {"model": Problem, "description": "", "content": {PROBLEM_JSON: {"examples": {}}}},
        )
        summary = (type(error).__doc__ or "").splitlines()[0]
        if type(error) is SanadError:
            summary = "Something unforeseen; it is logged with the request's X-Request-ID."
        examples = response["content"][PROBLEM_JSON]["examples"]
        if error.code not in examples:
            response["description"] = f"{response['description']} {summary}".strip()
        examples[error.code] = {
            "summary": summary,
            "value": _example(error).model_dump(exclude_none=True),
        }
    return responses


def install(app: FastAPI, routes: Sequence[BaseRoute]) -> None:
    """Make ``app``, which is made of ``routes``, answer every error with problem details."""

    @app.exception_handler(SanadError)
    async def expected(request: Request, error: SanadError) -> Response:
        if error.status >= 500:
            log.warning("request %s: %s: %s", request.state.request_id, error.code, error)
        return problem_response(problem_of(error), headers_of(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return problem_response(invalid_request(error.errors()))

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        headers = error.headers if error.status_code != 405 else {"Allow": _allowed(request, routes)}
        return problem_response(problem_of(named(request, error)), headers)


def _allowed(request: Request, routes: Sequence[BaseRoute]) -> str:
    """The methods of every route at an address: the one that refused it knows only its own."""
    here = [r for r in routes if isinstance(r, APIRoute) and r.matches(dict(request.scope))[0] is not Match.NONE]
    return ", ".join(sorted({method for route in here for method in route.methods or ()}))


def named(request: Request, error: HTTPException) -> SanadError:
    """The error of this product that a refusal by the HTTP layer is."""
    if error.status_code == 404:
        return UnknownRoute(path=request.url.path)
    if error.status_code == 405:
        return MethodNotAllowed(method=request.method)
    refused = Refused(reason=HTTPStatus(error.status_code).phrase)
    refused.status = error.status_code
    return refused


def _example(error: SanadError) -> Problem:
    if not isinstance(error, InvalidRequest):
        return problem_of(error)
    location = str(error.values["fields"]).split(".")
    return invalid_request([{"loc": location, "type": "missing", "msg": "Field required"}])


def _field_error(error: Mapping[str, Any]) -> FieldError:
    kind = str(error["type"])
    return FieldError(
        location=_printable(".".join(str(part) for part in error["loc"])),
        code=kind,
        detail=_printable(str(error["msg"])),
        detail_ar=in_arabic(error),
    )


def _title(code: str) -> str:
    words = code.replace("utf-8", "UTF-8").replace("json", "JSON").replace("llm", "LLM").replace("-", " ")
    return (words[0].upper() + words[1:]).replace("UTF 8", "UTF-8")


def _printable(text: str, limit: int = 400) -> str:
    """``text`` as a response can carry it: what a client sent may hold lone surrogates, or be very long."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= limit else text[: limit - 1] + "…"
