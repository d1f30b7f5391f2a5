"""The OpenAPI document, with what FastAPI does not write by itself."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from retrieval.models import CitedSentence, Started
from server.completion_schemas import ChatCompletionChunk
from server.negotiation import JSON
from server.problems import PROBLEM_JSON


def install(app: FastAPI) -> None:
    """Make ``app`` document its errors as problem+json and the data of its events."""
    write = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = write()
            _add_event_schemas(document)
            _drop_fastapis_own_errors(document)
            _add_security(document)
            for path in document["paths"].values():
                for operation in path.values():
                    _move_problems(operation["responses"])
        return write()

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the document.


def _add_event_schemas(document: dict[str, Any]) -> None:
    # No operation refers to these: OpenAPI 3.1 cannot type what is inside an event stream.
    _, schema = models_json_schema(
        [(Started, "serialization"), (CitedSentence, "serialization"), (ChatCompletionChunk, "serialization")],
        ref_template="#/components/schemas/{model}",
    )
    known = document["components"]["schemas"]
    document["components"]["schemas"] = dict(sorted((schema["$defs"] | known).items()))


def _drop_fastapis_own_errors(document: dict[str, Any]) -> None:
    # FastAPI documents a 422 of its own wherever none is named; none is ever sent.
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
    for path in document["paths"].values():
        for operation in path.values():
            content = operation["responses"].get("422", {}).get("content", {})
            if content.get(JSON, {}).get("schema", {}).get("$ref", "").endswith("/HTTPValidationError"):
                del operation["responses"]["422"]


def _add_security(document: dict[str, Any]) -> None:
    document["components"]["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "An API key, as made by `sanad key create`."},
        "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same key."},
    }
    for path in document["paths"].values():
        for operation in path.values():
            if "401" in operation["responses"]:
                # The last: without a key, as far as SANAD_ANONYMOUS_SCOPES allows.
                operation["security"] = [{"bearer": []}, {"apiKey": []}, {}]


def _move_problems(responses: dict[str, Any]) -> None:
    # FastAPI files the model of every response under application/json.
    for response in responses.values():
        content = response.get("content", {})
        if PROBLEM_JSON in content:
            content[PROBLEM_JSON]["schema"] = content.pop(JSON)["schema"]
