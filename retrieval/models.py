"""The product's vocabulary as data: what is stored, what is cited, what is answered.

All spans are half-open character offsets into ``Article.text`` as stored.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

Language = Literal["ar", "en", "fa"]
Status = Literal["answered", "partial", "abstained"]
Mode = Literal["extractive", "generative"]
Stance = Literal["asserts", "claims", "judges", "denies", "rejects", "warns", "threatens", "demands", "proposes"]

Verdict = Literal["up", "down"]
Reason = Literal["helpful", "wrong", "incomplete", "irrelevant", "attribution", "unanswered"]


def _iso_day(value: object) -> object:
    """Pydantic also reads a number as seconds since 1970."""
    if isinstance(value, date) or (isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value)):
        return value
    raise PydanticCustomError("date_parsing", "Input should be a date as YYYY-MM-DD")


Day = Annotated[date, BeforeValidator(_iso_day)]
"""A date that is written YYYY-MM-DD where it is asked for."""


class Record(BaseModel):
    """A value that crosses a boundary of the product; immutable, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Article(Record):
    """One news text. Unknown metadata is ``None``, never invented."""

    id: str
    title: str | None = None
    source: str | None = None
    published: date | None = None
    language: str | None = None
    topics: tuple[str, ...] = ()
    text: str


class Attribution(Record):
    """Who a sentence is said by and how.

    ``speaker`` is the person or body that said it, as named in the article (a later «وأضاف» carries the name it
    refers to); ``outlet`` the medium that carried it; ``speaker_start``/``speaker_end`` where the article names
    the speaker (or, without one, the outlet). ``denies`` is the outlet or speaker whose report is denied.
    """

    speaker: str | None = None
    role: str | None = None
    outlet: str | None = None
    verb: str | None = None
    direct_quote: bool = False
    stance: Stance = "asserts"
    denies: str | None = None
    speaker_start: int | None = None
    speaker_end: int | None = None


class Sentence(Record):
    """The evidence unit. ``index`` counts from 0 in its article; ``text == article.text[start:end]``."""

    index: int
    start: int
    end: int
    text: str
    attribution: Attribution | None = None


class Passage(Record):
    """The retrieval unit: a run of whole sentences of one article; ``text == article.text[start:end]``."""

    id: str
    article_id: str
    index: int
    start: int
    end: int
    text: str


class Filters(Record):
    """Limits a search to some articles. Empty means no limit; dates are inclusive."""

    article_ids: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    published_from: Day | None = None
    published_to: Day | None = None


class ArticleSummary(Record):
    """An article without its text, as listed."""

    id: str
    version: int
    title: str | None
    source: str | None
    published: date | None
    language: str | None
    topics: tuple[str, ...]
    characters: int
    sentences: int


class ArticleDetail(Record):
    """A stored article version with its sentences and who says them."""

    id: str
    version: int
    title: str | None
    source: str | None
    published: date | None
    language: str | None
    topics: tuple[str, ...]
    text: str
    sentences: tuple[Sentence, ...]


class SearchHit(Record):
    """A passage found for a query. ``score`` is the fused score; ``dense`` a cosine, ``bm25`` a raw BM25 score."""

    passage: Passage
    title: str | None
    source: str | None
    published: date | None
    score: float
    dense: float | None = None
    bm25: float | None = None


class Citation(Record):
    """The exact words of a stored article version: ``article.text[start:end] == quote``."""

    number: int = Field(ge=1, description="The [n] shown to the reader, unique in the answer.")
    article_id: str
    article_version: int
    passage_id: str
    start: int
    end: int
    quote: str
    title: str | None = None
    source: str | None = None
    published: date | None = None


class Evidence(Record):
    """A sentence selected for a question. ``score`` in [0, 1]; ``features`` are the inspectable inputs to it."""

    article_id: str
    article_version: int
    passage_id: str
    sentence: Sentence
    score: float
    features: dict[str, float] = Field(default_factory=dict)


class AnswerSentence(Record):
    """One sentence of an answer with the numbers of its citations (never empty)."""

    text: str
    citations: tuple[int, ...]
    attribution: Attribution | None = None
    when: str | None = Field(
        default=None,
        description="In a timeline, the days that the sentence names, in ISO 8601: a day, month, year or interval.",
        examples=["2025-04-12", "2025-04", "2025-04-12/2025-04-14"],
    )


class Perspective(Record):
    """What one speaker (or outlet) says: indexes into ``Answer.sentences``.

    ``denies`` is the index of the perspective whose report this one denies.
    """

    speaker: str | None
    role: str | None = None
    outlet: str | None = None
    stance: Stance = "asserts"
    sentences: tuple[int, ...]
    denies: int | None = None


class Answer(Record):
    """An answer as data; ``text`` is its sentences with [n] marks, or the abstention message."""

    id: str
    conversation_id: str | None = None
    question: str
    standalone_question: str
    language: Language
    status: Status
    mode: Mode
    text: str
    sentences: tuple[AnswerSentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    perspectives: tuple[Perspective, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    related: tuple[Citation, ...] = Field(default=(), description="Nearest passages when abstaining; not an answer.")
    confidence: float = Field(ge=0, le=1)
    notes: tuple[str, ...] = Field(
        default=(),
        description="Stable codes, e.g. llm_failed:timeout, sentences_dropped:2, part_unanswered:…, small_talk:thanks.",
    )
    timings_ms: dict[str, float] = Field(default_factory=dict)


class CitedSentence(Record):
    """A sentence of a streamed answer with the citations that it is the first to use."""

    sentence: AnswerSentence
    citations: tuple[Citation, ...]


class Started(Record):
    """The first event of a streamed answer: what was understood, before anything is answered."""

    id: str
    conversation_id: str | None
    standalone_question: str


class Feedback(Record):
    """What a reader thinks of an answer."""

    verdict: Verdict
    reason: Reason | None = Field(
        default=None,
        description="`helpful`; `wrong`: the articles do not say so; `incomplete`: they say more; `irrelevant`: it "
        "answers something else; `attribution`: somebody else says it; `unanswered`: the articles do answer.",
    )
    text: str | None = Field(default=None, min_length=1, max_length=2000, description="In the reader's own words.")


class Turn(Record):
    """A question of a conversation, the answer given to it, and what its reader thinks of that."""

    question: str
    answer: Answer
    feedback: Feedback | None = None


class ConversationSummary(Record):
    """A conversation without its turns, as listed."""

    id: str
    title: str = Field(description="The first question, unless it was renamed.")
    created: datetime
    updated: datetime = Field(description="When it was last asked something.")
    turns: int = Field(ge=1, description="How many questions were asked.")


class Conversation(Record):
    """Turns in the order they were asked. ``title`` is ``None`` before the first."""

    id: str
    title: str | None = None
    created: datetime
    updated: datetime
    turns: tuple[Turn, ...]


class ArticleListing(Record):
    """A page of the articles that were asked for, and how many there are of them in all."""

    articles: tuple[ArticleSummary, ...]
    total: int = Field(ge=0, description="Articles that fit, of which this is a page.")


class SourceSummary(Record):
    """A source of articles. ``source`` is null for the articles whose source is unknown."""

    source: str | None = None
    articles: int = Field(ge=1, description="How many articles it has.")
    first: date | None = Field(default=None, description="The earliest known publication date among them.")
    last: date | None = Field(default=None, description="The latest known publication date among them.")


class Mark(Record):
    """One sentence that a voice says, and how it says it."""

    stance: Stance
    verb: str | None = None
    direct_quote: bool = False
    outlet: str | None = Field(default=None, description="The medium that carried it.")
    denies: str | None = Field(default=None, description="Whose report it denies.")
    score: float | None = Field(default=None, ge=0, le=1, description="How well it fits the topic; null without one.")
    citation: Citation


class Voice(Record):
    """A person, body or medium, and the sentences that are attributed to it.

    ``speaker`` is null where only a medium is named; ``names`` are all the spellings of the name in these articles.
    """

    speaker: str | None
    role: str | None = None
    outlet: str | None = None
    names: tuple[str, ...] = ()
    marks: tuple[Mark, ...]


class Voices(Record):
    """Who says what about a topic. ``truncated`` says that more sentences fit than were asked for."""

    topic: str | None
    voices: tuple[Voice, ...]
    truncated: bool = False


class TimelineEntry(Record):
    """A sentence at a date, or at an interval of dates (both inclusive).

    ``dated_by`` is ``text`` when the sentence itself tells the date, in ``words``; ``publication`` when the date is
    that of the article's publication and nothing else is known.
    """

    start: date
    end: date
    dated_by: Literal["text", "publication"]
    words: str | None = Field(default=None, description="The words of the sentence that tell the date.")
    attribution: Attribution | None = None
    citation: Citation


class Timeline(Record):
    """Dated sentences about a topic, earliest first."""

    topic: str | None
    entries: tuple[TimelineEntry, ...]
    truncated: bool = Field(default=False, description="More sentences fit than were asked for.")
