"""Errors in the shape that clients of OpenAI's API expect, on the routes that follow that API."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from retrieval.errors import SanadError
from retrieval.models import Record
from server.completion_schemas import FIXED
from server.problems import Problem, headers_of, invalid_request, log, named, problem_of, unexpected
from server.strict import StrictRoute

OPENAI_PATHS = ("/v1/chat/", "/v1/models")
"""Beginnings of the addresses that follow OpenAI's API."""


class UnknownModel(SanadError):
    """There is no such model. Values: ``model``."""

    code, status = "model-not-found", 404
    arabic = "لا يوجد نموذج باسم {model}: النماذج المتاحة في ‎/v1/models."
    english = "There is no model {model}: GET /v1/models lists those there are."


class UnsupportedParameter(SanadError):
    """A parameter of OpenAI's API asks for what quotations cannot give. Values: ``name``."""

    code, status = "unsupported-parameter", 400
    arabic = "لا يدعم سند هذه القيمة للمعامل {name}: الأجوبة اقتباسات من المقالات. احذف المعامل من الطلب."
    english = "Sanad does not support this value of {name}: answers are quotations. Leave the parameter out."


class NoQuestion(SanadError):
    """The last message is not the user's."""

    code, status = "no-question", 400
    arabic = "يجب أن تكون الرسالة الأخيرة سؤالًا من المستخدم (role: user)."
    english = "The last message must be the user's question (role: user)."


class ErrorDetail(Record):
    """What went wrong, as OpenAI's API tells it, and in Arabic."""

    message: str = Field(description="What is wrong, in English, with what to do.")
    message_ar: str = Field(description="The same in Arabic.")
    type: str = Field(description="`invalid_request_error`, or the like for the status.")
    param: str | None = Field(default=None, description="The parameter that does not fit, when it is one.")
    code: str | None = Field(default=None, description="A stable code.")


class OpenAIError(Record):
    """The body of every error of the OpenAI-compatible routes."""

    error: ErrorDetail


class OpenAIRoute(StrictRoute):
    """A route that tells its errors as OpenAI's API does. Histories repeat whole answers, so bodies may be larger."""

    body_bytes = 1024 * 1024

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The strict handler, with its errors worded anew."""
        handler = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await handler(request)
            except RequestValidationError as error:
                return _response(400, _invalid(error.errors()[0]))
            except HTTPException as error:
                found = named(request, error)
                return _response(error.status_code, openai_error(problem_of(found)), error.headers)
            except SanadError as error:
                if error.status >= 500:
                    log.warning("request %s: %s: %s", request.state.request_id, error.code, error)
                return openai_response(error)
            except ClientDisconnect:
                raise
            except Exception as error:
                return _response(500, openai_error(unexpected(error, request.state.request_id)))

        return told


def openai_response(error: SanadError) -> Response:
    """An expected error as an HTTP response in OpenAI's shape."""
    return _response(_status(error), openai_error(problem_of(error)), headers_of(error))


def openai_error(problem: Problem, param: str | None = None) -> OpenAIError:
    """A problem in OpenAI's shape; ``param`` is the parameter that it is about."""
    code = problem.type.rpartition(":")[2].replace("-", "_")
    detail = ErrorDetail(
        message=problem.detail, message_ar=problem.detail_ar, type=_type(problem.status), param=param, code=code
    )
    return OpenAIError(error=detail)


def _invalid(error: Mapping[str, Any]) -> OpenAIError:
    """The first value that does not fit, which is all that OpenAI's shape has room for."""
    location = error["loc"]
    param = _parameter(location)
    if len(location) > 1 and location[1] in FIXED:
        return openai_error(problem_of(UnsupportedParameter(name=location[1])), str(location[1]))
    found = (invalid_request([error]).errors or ())[0]
    code = "unknown_parameter" if found.code == "extra_forbidden" else "invalid_value"
    detail = ErrorDetail(
        message=f"{param}: {found.detail}",
        message_ar=f"{param}: {found.detail_ar}",
        type=_type(400),
        param=param,
        code=code,
    )
    return OpenAIError(error=detail)


def documented(*errors: SanadError) -> dict[int | str, dict[str, Any]]:
    """The ``responses=`` of an operation that can fail with ``errors``, in OpenAI's shape, each with an example."""
    responses: dict[int | str, dict[str, Any]] = {}
    for error in [*errors, SanadError()]:
        response = responses.setdefault(
            _status(error), {"model": OpenAIError, "description": "", "content": {"application/json": {"examples": {}}}}
        )
        summary = (type(error).__doc__ or "").splitlines()[0]
        if type(error) is SanadError:
            summary = "Something unforeseen; it is logged with the request's X-Request-ID."
        response["description"] = f"{response['description']} {summary}".strip()
        response["content"]["application/json"]["examples"][error.code] = {
            "summary": summary,
            "value": openai_error(problem_of(error)).model_dump(),
        }
    return responses


def _response(status: int, error: OpenAIError, headers: Mapping[str, str] | None = None) -> Response:
    return Response(error.model_dump_json(), status, headers=headers, media_type="application/json")


def _status(error: SanadError) -> int:
    return 400 if error.status == 422 else error.status


def _type(status: int) -> str:
    known = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}
    return known.get(status, "server_error" if status >= 500 else "invalid_request_error")


def _parameter(location: tuple[str | int, ...]) -> str:
    """``("body", "messages", 0, "role")`` as ``messages[0].role``."""
    name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location[1:])
    return name.lstrip(".") or str(location[0])
