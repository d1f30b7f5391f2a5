"""Requests and responses of the HTTP API beyond the product's vocabulary (``retrieval.models``)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from retrieval.models import (
    ConversationSummary,
    Filters,
    Mode,
    Record,
    SearchHit,
    SourceSummary,
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
    replaces: str | None = Field(
        default=None,
        min_length=1,
        max_length=128,
        description="An answer of that conversation which is asked again in other words: it and those after it give "
        "way to the new one.",
        examples=["a-91c04e"],
    )
    mode: Mode | None = Field(default=None, description="How to answer; default: the server's setting SANAD_MODE.")
    filters: Filters | None = Field(default=None, description="Answer from these articles only.")


class SearchResults(Record):
    """Passages, best first."""

    hits: tuple[SearchHit, ...]


class SourceList(Record):
    """The sources of the articles, those with the most articles first; the unknown source last."""

    sources: tuple[SourceSummary, ...]


class ConversationList(Record):
    """Conversations, the one asked last first; ask again with a larger offset for more."""

    conversations: tuple[ConversationSummary, ...]


class Renaming(Record):
    """Another title for a conversation."""

    title: str = Field(
        min_length=1,
        max_length=200,
        pattern=r"\S",
        description="One line; line breaks become spaces.",
        examples=["قاعة المكتبة"],
    )


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


class Figure(Record):
    """A figure of an evaluation; `low` and `high` bound its 95 % interval, null where there is none."""

    value: float | None
    low: float | None = None
    high: float | None = None


class EvaluatedGroup(Record):
    """The figures of the cases of one suite, or with one tag."""

    cases: int = Field(ge=0)
    metrics: dict[str, Figure]


class EvaluationSummary(Record):
    """The last evaluation: its figures by metric, over all cases, by suite and by tag."""

    date: datetime = Field(description="When it ran.")
    model: str | None = Field(default=None, description="The embedding model.")
    mode: str | None = Field(default=None, description="How answers were asked for; null: as the target is set.")
    cases: int = Field(ge=0, description="How many questions were asked.")
    passed: int = Field(ge=0, description="Of how many every check held.")
    metrics: dict[str, Figure]
    suites: dict[str, EvaluatedGroup]
    tags: dict[str, EvaluatedGroup]
