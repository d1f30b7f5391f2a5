"""Requests and responses of the HTTP API beyond the product's vocabulary (``retrieval.models``)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from retrieval.models import (
    ArticleSummary,
    Filters,
    Mode,
    Record,
    SearchHit,
)


class AnswerRequest(Record):
    """A question to answer from the ingested articles."""

    question: str = Field(
        description="In Arabic, English or Persian; a follow-up may lean on the turns before it.",
        examples=["متى تفتح القاعة الجديدة في مكتبة الميناء؟"],
    )
    conversation_id: str | None = Field(
        default=None,
        min_length=1,
        max_length=128,
        description="The conversation this question continues; without it a new one begins.",
        examples=["c-5d1f0a"],
    )
    mode: Mode | None = Field(default=None, description="How to answer; default: the server's setting SANAD_MODE.")
    filters: Filters | None = Field(default=None, description="Answer from these articles only.")


class SearchResults(Record):
    """Passages, best first."""

    hits: tuple[SearchHit, ...]


class ArticleList(Record):
    """Articles in a stable order; ask again with a larger offset for more."""

    articles: tuple[ArticleSummary, ...]


class ExampleQuestions(Record):
    """Questions that the ingested articles answer."""

    questions: tuple[str, ...]


class Health(Record):
    """The process lives."""

    status: Literal["ok"] = "ok"


class Readiness(Record):
    """The server can answer questions."""

    status: Literal["ready"] = "ready"
    articles: int = Field(ge=0, description="How many articles are ingested.")
    generation: int = Field(ge=0, description="Rises with every change of the articles.")
    model: str = Field(description="The embedding model.")
    mode: Mode = Field(description="How questions are answered when a request does not say.")


class Root(Record):
    """Where things are."""

    name: str = "Sanad"
    version: str
    docs: str = Field(description="The interactive documentation.")
    openapi: str = Field(description="The OpenAPI document.")
    answers: str
    search: str
    articles: str
