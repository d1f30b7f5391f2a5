"""Examples for the OpenAPI document, built from the real types so that they cannot drift from them.

The article is invented for documentation and is no part of any corpus.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from pydantic import BaseModel

from retrieval.models import (
    Answer,
    AnswerSentence,
    ArticleDetail,
    ArticleListing,
    ArticleSummary,
    Attribution,
    Citation,
    CitedSentence,
    Conversation,
    ConversationSummary,
    Evidence,
    Feedback,
    Mark,
    Passage,
    Perspective,
    SearchHit,
    Sentence,
    SourceSummary,
    Started,
    Timeline,
    TimelineEntry,
    Turn,
    Voice,
    Voices,
)
from server.completion_schemas import (
    ChatCompletion,
    ChatCompletionChunk,
    Choice,
    ChunkChoice,
    CompletionMessage,
    CompletionRequest,
    Delta,
    Grounds,
    Message,
    ModelCard,
    ModelList,
    Usage,
)
from server.schemas import (
    AnswerRequest,
    ConversationList,
    EvaluatedGroup,
    EvaluationSummary,
    ExampleQuestions,
    Figure,
    Readiness,
    SearchResults,
    SourceList,
)

_DIRECTOR = "قالت مديرة المكتبة سلمى الحارثي إن القاعة الجديدة تفتح أبوابها في الأول من آذار."
_COUNCIL = "ونفى المجلس البلدي أن يكون الموعد قد تحدد."
_META: dict[str, Any] = {
    "title": "قاعة جديدة في مكتبة الميناء",
    "source": "صحيفة الميناء",
    "published": date(2025, 2, 14),
}
_ARTICLE_ID = "مكتبة-الميناء"

_sentences = (
    Sentence(
        index=0,
        start=0,
        end=len(_DIRECTOR),
        text=_DIRECTOR,
        attribution=Attribution(
            speaker="سلمى الحارثي",
            role="مديرة المكتبة",
            verb="قالت",
            speaker_start=_DIRECTOR.index("سلمى الحارثي"),
            speaker_end=_DIRECTOR.index("سلمى الحارثي") + len("سلمى الحارثي"),
        ),
    ),
    Sentence(
        index=1,
        start=len(_DIRECTOR) + 1,
        end=len(_DIRECTOR) + 1 + len(_COUNCIL),
        text=_COUNCIL,
        attribution=Attribution(
            speaker="المجلس البلدي",
            verb="نفى",
            stance="denies",
            denies="سلمى الحارثي",
            speaker_start=len(_DIRECTOR) + 1 + _COUNCIL.index("المجلس البلدي"),
            speaker_end=len(_DIRECTOR) + 1 + _COUNCIL.index("المجلس البلدي") + len("المجلس البلدي"),
        ),
    ),
)

article = ArticleDetail(
    id=_ARTICLE_ID,
    version=1,
    language="ar",
    topics=("مكتبات",),
    text=f"{_DIRECTOR} {_COUNCIL}",
    sentences=_sentences,
    **_META,
)

passage = Passage(
    id=f"{_ARTICLE_ID}:1:0",
    article_id=_ARTICLE_ID,
    index=0,
    start=0,
    end=len(article.text),
    text=article.text,
)

citations = tuple(
    Citation(
        number=sentence.index + 1,
        article_id=_ARTICLE_ID,
        article_version=1,
        passage_id=passage.id,
        start=sentence.start,
        end=sentence.end,
        quote=sentence.text,
        **_META,
    )
    for sentence in _sentences
)


def _cited(sentence: Sentence, number: int) -> dict[str, Any]:
    return {"number": number, "start": sentence.start, "end": sentence.end, "quote": sentence.text}


request = AnswerRequest(question="متى تفتح القاعة الجديدة في مكتبة الميناء؟")

answer = Answer(
    id="a-91c04e",
    conversation_id="c-5d1f0a",
    question=request.question,
    standalone_question=request.question,
    language="ar",
    status="answered",
    mode="extractive",
    text=f"{_DIRECTOR} [1]\n{_COUNCIL} [2]",
    sentences=tuple(
        AnswerSentence(text=sentence.text, citations=(sentence.index + 1,), attribution=sentence.attribution)
        for sentence in _sentences
    ),
    citations=citations,
    perspectives=(
        Perspective(speaker="سلمى الحارثي", role="مديرة المكتبة", sentences=(0,)),
        Perspective(speaker="المجلس البلدي", stance="denies", sentences=(1,), denies=0),
    ),
    evidence=tuple(
        Evidence(
            article_id=_ARTICLE_ID,
            article_version=1,
            passage_id=passage.id,
            sentence=sentence,
            score=score,
            features={"dense": score, "overlap": 0.5},
        )
        for sentence, score in zip(_sentences, (0.91, 0.78), strict=True)
    ),
    confidence=0.86,
    timings_ms={"search": 21.4, "evidence": 12.9, "total": 36.1},
)

started = Started(id=answer.id, conversation_id="c-5d1f0a", standalone_question=answer.standalone_question)
sentence = CitedSentence(sentence=answer.sentences[0], citations=citations[:1])
_ASKED = datetime(2025, 2, 15, 8, 30, tzinfo=UTC)
conversation = Conversation(
    id="c-5d1f0a",
    title=request.question,
    created=_ASKED,
    updated=_ASKED,
    turns=(Turn(question=request.question, answer=answer, feedback=Feedback(verdict="up", reason="helpful")),),
)

feedback = Feedback(verdict="down", reason="incomplete", text="لم تُذكر ساعة الافتتاح.")
conversations = ConversationList(
    conversations=(ConversationSummary(id="c-5d1f0a", title=request.question, created=_ASKED, updated=_ASKED, turns=1),)
)

search = SearchResults(
    hits=(SearchHit(passage=passage, score=1.94, dense=0.88, bm25=7.31, **_META),),
)

articles = ArticleListing(
    articles=(
        ArticleSummary(
            id=_ARTICLE_ID,
            version=1,
            language="ar",
            topics=article.topics,
            characters=len(article.text),
            sentences=len(_sentences),
            **_META,
        ),
    ),
    total=1,
)

sources = SourceList(
    sources=(
        SourceSummary(source="صحيفة الميناء", articles=3, first=date(2025, 1, 8), last=date(2025, 2, 14)),
        SourceSummary(source=None, articles=1, first=None, last=None),
    )
)

voices = Voices(
    topic="مكتبة الميناء",
    voices=(
        Voice(
            speaker="سلمى الحارثي",
            role="مديرة المكتبة",
            names=("سلمى الحارثي",),
            marks=(Mark(stance="asserts", verb="قالت", score=0.91, citation=citations[0]),),
        ),
        Voice(
            speaker="المجلس البلدي",
            names=("المجلس البلدي",),
            marks=(Mark(stance="denies", verb="نفى", denies="سلمى الحارثي", score=0.78, citation=citations[1]),),
        ),
    ),
)

timeline = Timeline(
    topic="مكتبة الميناء",
    entries=(
        TimelineEntry(
            start=date(2025, 2, 14),
            end=date(2025, 2, 14),
            dated_by="publication",
            attribution=_sentences[1].attribution,
            citation=citations[0].model_copy(update=_cited(_sentences[1], 1)),
        ),
        TimelineEntry(
            start=date(2025, 3, 1),
            end=date(2025, 3, 1),
            dated_by="text",
            words="الأول من آذار",
            attribution=_sentences[0].attribution,
            citation=citations[0].model_copy(update=_cited(_sentences[0], 2)),
        ),
    ),
)

_figures = {"correctness": Figure(value=0.91, low=0.84, high=0.97), "citation_exactness": Figure(value=1.0)}
evaluation = EvaluationSummary(
    date=datetime(2025, 3, 2, 9, 30, tzinfo=UTC),
    model="intfloat/multilingual-e5-small",
    mode=None,
    cases=24,
    passed=21,
    metrics=_figures,
    suites={"harbour": EvaluatedGroup(cases=24, metrics=_figures)},
    tags={"numbers": EvaluatedGroup(cases=6, metrics={"correctness": Figure(value=0.83, low=0.5, high=1.0)})},
)

questions = ExampleQuestions(questions=(request.question, "ماذا قال المجلس البلدي عن موعد الافتتاح؟"))
readiness = Readiness(model="intfloat/multilingual-e5-small", mode="extractive", articles=4, generation=1)

completion_request = CompletionRequest(model="sanad", messages=(Message(role="user", content=request.question),))
completion = ChatCompletion(
    id="chatcmpl-91c04e",
    created=1795478400,
    model="sanad",
    choices=(
        Choice(
            message=CompletionMessage(content=f"{answer.text}\n\nالمصادر:\n\n[1] {_META['title']}: «{_DIRECTOR}»"),
            finish_reason="stop",
        ),
    ),
    usage=Usage(prompt_tokens=11, completion_tokens=96, total_tokens=107),
    sanad=Grounds.of(answer),
)
chunk = ChatCompletionChunk(
    id=completion.id,
    created=completion.created,
    model="sanad",
    choices=(ChunkChoice(delta=Delta(content=f"{_DIRECTOR} [1]")),),
)
models = ModelList(
    data=(ModelCard(id="sanad", created=1795478400), ModelCard(id="sanad-extractive", created=1795478400))
)

article_text = {
    "text": article.text,
    "title": article.title,
    "source": article.source,
    "published": str(article.published),
}
job = {
    "id": "9c1f",
    "kind": "ingest",
    "state": "done",
    "done": 1,
    "total": 1,
    "files": [
        {
            "name": "مكتبة-الميناء.md",
            "outcome": "added",
            "article_ids": [_ARTICLE_ID],
            "detail": None,
            "detail_ar": None,
        }
    ],
    "created": "2025-02-15T08:30:00Z",
    "updated": "2025-02-15T08:30:02Z",
}


def shown(example: BaseModel) -> dict[int | str, dict[str, Any]]:
    """``example`` as the ``responses=`` entry of a 200."""
    return {200: {"content": {"application/json": {"example": example.model_dump(mode="json")}}}}


def gone(description: str) -> dict[int | str, dict[str, Any]]:
    """The ``responses=`` entry of a 204."""
    return {204: {"description": description}}
