"""A small real engine: a few articles in memory, word overlap instead of embeddings, the same contract."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from retrieval.database import Database
from retrieval.errors import (
    EmptyQuestion,
    LLMNotConfigured,
    QuestionTooLong,
    UnknownArticle,
    UnknownConversation,
)
from retrieval.models import (
    Answer,
    AnswerSentence,
    ArticleDetail,
    ArticleListing,
    ArticleSummary,
    Citation,
    CitedSentence,
    Conversation,
    Filters,
    Mark,
    Passage,
    SearchHit,
    Sentence,
    SourceSummary,
    Started,
    Timeline,
    Turn,
    Voice,
    Voices,
)
from retrieval.settings import Settings
from server.app import create_app

TEXTS = {
    "حديقة-المدينة": (
        "افتتحت البلدية حديقة المدينة يوم الخميس. قال المهندس سامر العلي إن الحديقة تضم ألف شجرة. "
        "ونفت البلدية أن تكون الحديقة قد كلفت مليون دينار."
    ),
    "قطار-الساحل": "يربط قطار الساحل المدينة بالميناء. تستغرق الرحلة أربعين دقيقة.",
    "harbour/lines": "A line\u2028separator and a next\u0085line stay inside one sentence about separators.",
}


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def sentences_of(text: str) -> tuple[Sentence, ...]:
    found = re.finditer(r"\S[^.]*\.", text)
    return tuple(Sentence(index=i, start=m.start(), end=m.end(), text=m[0]) for i, m in enumerate(found))


def _citation(article_id: str, sentence: Sentence, number: int) -> Citation:
    return Citation(
        number=number,
        article_id=article_id,
        article_version=1,
        passage_id=f"{article_id}:0",
        start=sentence.start,
        end=sentence.end,
        quote=sentence.text,
    )


class FakeEngine:
    """The engine's contract over ``TEXTS``: a sentence answers when it shares a word with the question."""

    def __init__(self, settings: Settings | None = None, *, pause: float = 0.0) -> None:
        self.settings = settings or Settings()
        self.embedder = SimpleNamespace(name=self.settings.embedding_model)
        self.pause = pause
        self.unready: Exception | None = None
        self.fails_after: tuple[int, Exception] | None = None
        self.on_step: Callable[[int], None] = lambda step: None
        self.closed = False
        self.streams_closed = 0
        self.running = self.most_running = 0
        self.generation = 3
        self.calls: list[dict[str, object]] = []
        self._conversations: dict[str, list[Turn]] = {}
        self._lock = threading.Lock()

    def answer(
        self,
        question: str,
        *,
        conversation_id: str | None = None,
        before=None,
        mode=None,
        filters: Filters | None = None,
        owner: str | None = None,
        replaces: str | None = None,
        wanted: Callable[[], bool] = lambda: True,
    ) -> Answer:
        with self._busy():
            conversation_id = self._begin(question, conversation_id, mode, filters, before)
            time.sleep(self.pause)
            return self._answer(question, conversation_id, filters)

    def stream(
        self,
        question: str,
        *,
        conversation_id: str | None = None,
        before=None,
        mode=None,
        filters: Filters | None = None,
        owner: str | None = None,
        replaces: str | None = None,
        wanted: Callable[[], bool] = lambda: True,
    ) -> Iterator[Started | CitedSentence | Answer]:
        try:
            conversation_id = self._begin(question, conversation_id, mode, filters, before)
            answer = self._answer(question, conversation_id, filters)
            time.sleep(self.pause)
            yield Started(id=answer.id, conversation_id=conversation_id, standalone_question=question)
            for step, sentence in enumerate(answer.sentences):
                self.on_step(step)
                if self.fails_after and self.fails_after[0] == step:
                    raise self.fails_after[1]
                used = {number for earlier in answer.sentences[:step] for number in earlier.citations}
                first = [c for c in answer.citations if c.number in sentence.citations and c.number not in used]
                yield CitedSentence(sentence=sentence, citations=tuple(first))
            yield answer
        finally:
            self.streams_closed += 1

    def token_count(self, text: str) -> int:
        return len(words(text))

    def search(self, query: str, *, limit: int = 10, filters: Filters | None = None) -> list[SearchHit]:
        self._check(query)
        hits = [
            SearchHit(
                passage=Passage(id=f"{i}:0", article_id=i, index=0, start=0, end=len(text), text=text),
                title=None,
                source=None,
                published=None,
                score=float(len(words(query) & words(text))),
            )
            for i, text in TEXTS.items()
        ]
        return sorted(hits, key=lambda hit: -hit.score)[:limit]

    def find_articles(
        self, query: str | None = None, *, filters: Filters | None = None, offset: int = 0, limit: int = 100
    ) -> ArticleListing:
        if query is not None:
            self._check(query)
        self.calls.append({"query": query, "filters": filters})
        details = [self.article(i) for i, text in TEXTS.items() if query is None or words(query) <= words(text)]
        found = [
            ArticleSummary(
                **detail.model_dump(exclude={"text", "sentences"}),
                characters=len(detail.text),
                sentences=len(detail.sentences),
            )
            for detail in details
        ]
        return ArticleListing(articles=tuple(found[offset : offset + limit]), total=len(found))

    def sources(self) -> list[SourceSummary]:
        return [SourceSummary(source=None, articles=len(TEXTS), first=None, last=None)]

    def voices(self, topic: str | None = None, *, limit: int = 60) -> Voices:
        if topic is not None:
            self._check(topic)
        self.calls.append({"topic": topic, "limit": limit})
        text, said = TEXTS["حديقة-المدينة"], sentences_of(TEXTS["حديقة-المدينة"])[1:]
        marks = [Mark(stance="asserts", citation=_citation("حديقة-المدينة", s, n)) for n, s in enumerate(said, 1)]
        assert all(text[m.citation.start : m.citation.end] == m.citation.quote for m in marks)
        return Voices(topic=topic, voices=(Voice(speaker="سامر العلي", marks=tuple(marks[:limit])),))

    def timeline(
        self, topic: str | None = None, *, since: date | None = None, until: date | None = None, limit: int = 100
    ) -> Timeline:
        if topic is not None:
            self._check(topic)
        self.calls.append({"topic": topic, "since": since, "until": until, "limit": limit})
        return Timeline(topic=topic, entries=())

    def article_count(self) -> int:
        return len(TEXTS)

    def passage_count(self) -> int:
        return len(TEXTS)

    def article(self, article_id: str, *, version: int | None = None) -> ArticleDetail:
        if article_id not in TEXTS or version not in (None, 1):
            raise UnknownArticle(article_id=article_id)
        text = TEXTS[article_id]
        return ArticleDetail(
            id=article_id,
            version=1,
            title=None,
            source=None,
            published=None,
            language="ar",
            topics=(),
            text=text,
            sentences=sentences_of(text),
        )

    def conversation(self, conversation_id: str, *, owner: str | None = None) -> Conversation:
        if conversation_id not in self._conversations:
            raise UnknownConversation(conversation_id=conversation_id)
        moment = datetime(2025, 1, 1, tzinfo=UTC)
        turns = tuple(self._conversations[conversation_id])
        return Conversation(id=conversation_id, created=moment, updated=moment, turns=turns)

    def examples(self, *, language: str = "ar", limit: int = 4) -> list[str]:
        return ["ماذا قال سامر العلي؟" if language == "ar" else "What did he say?"][:limit]

    def ready(self) -> None:
        if self.unready:
            raise self.unready

    def close(self) -> None:
        self.closed = True

    @cached_property
    def database(self) -> Database:
        """A real one, for what is no business of the engine: API keys."""
        self._folder = TemporaryDirectory()
        return Database(Path(self._folder.name))

    def _busy(self):
        engine = self

        class Busy:
            def __enter__(self):
                with engine._lock:
                    engine.running += 1
                    engine.most_running = max(engine.most_running, engine.running)

            def __exit__(self, *error):
                with engine._lock:
                    engine.running -= 1

        return Busy()

    def _check(self, question: str) -> None:
        if not words(question):
            raise EmptyQuestion()
        if len(question) > self.settings.question_characters:
            raise QuestionTooLong(length=len(question), limit=self.settings.question_characters)

    def _begin(self, question, conversation_id, mode, filters, before=None) -> str:
        self._check(question)
        if mode == "generative":
            raise LLMNotConfigured()
        if conversation_id is not None and conversation_id not in self._conversations:
            raise UnknownConversation(conversation_id=conversation_id)
        with self._lock:
            self.calls.append({"question": question, "mode": mode, "filters": filters, "before": before})
            conversation_id = conversation_id or f"c-{len(self._conversations)}"
            self._conversations.setdefault(conversation_id, [])
        return conversation_id

    def _answer(self, question: str, conversation_id: str, filters: Filters | None) -> Answer:
        wanted = filters.article_ids if filters else ()
        found = [
            (article_id, sentence)
            for article_id, text in TEXTS.items()
            if not wanted or article_id in wanted
            for sentence in sentences_of(text)
            if words(sentence.text) & words(question)
        ]
        citations = tuple(
            _citation(article_id, sentence, number) for number, (article_id, sentence) in enumerate(found, 1)
        )
        # From the second on, a sentence also leans on the first: its citation is not "first used" again.
        shown = tuple(
            AnswerSentence(text=c.quote, citations=(c.number,) if c.number == 1 else (1, c.number)) for c in citations
        )
        answer = Answer(
            id="a-1",
            conversation_id=conversation_id,
            question=question,
            standalone_question=question,
            language="ar",
            status="answered" if shown else "abstained",
            mode="extractive",
            text=" ".join(s.text for s in shown) or "لا جواب في المصادر.",
            sentences=shown,
            citations=citations,
            confidence=1.0 if shown else 0.0,
        )
        with self._lock:
            self._conversations[conversation_id].append(Turn(question=question, answer=answer))
        return answer


@pytest.fixture
def new_engine() -> type[FakeEngine]:
    return FakeEngine


@pytest.fixture
def texts() -> dict[str, str]:
    return TEXTS


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def app(engine: FakeEngine) -> FastAPI:
    return create_app(engine.settings, engine)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client
