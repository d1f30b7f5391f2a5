"""The engine: one object that answers, searches and lists over one index. What the server and the evals drive."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Generator as GeneratorType
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import chain, islice, zip_longest
from time import perf_counter
from typing import TypeVar

import numpy as np
from opentelemetry import trace

from retrieval import surveys, timeline
from retrieval.analysis import bare, content_words, root
from retrieval.article_search import ArticleSearch
from retrieval.catalog import Catalog, StoredSentence
from retrieval.conversation import Standalone, recalled, standalone
from retrieval.database import Database
from retrieval.dialects import standard
from retrieval.embedding import Embedder, model_identity
from retrieval.endpoint import Endpoint
from retrieval.errors import (
    EmptyIndex,
    EmptyQuestion,
    LLMNotConfigured,
    ModelMismatch,
    QuestionTooLong,
    UnknownAnswer,
    UnknownArticle,
)
from retrieval.evidence import Asked, EvidenceSelector, Model, Scored, Terms, answer_features, coverage
from retrieval.examples import example_questions
from retrieval.extractive import ABSTENTION, Composed, choose, compose, open_to_all, perspectives, repeats, role_alone
from retrieval.generative import Abandoned, Draft, EndpointFailed, Generator, always
from retrieval.history import History
from retrieval.instructions import addressed_to_model, goes_on, without_instructions
from retrieval.keyboard import retyped
from retrieval.late import REORDERED, PassageTokens, QuestionWords, by_reading
from retrieval.llm_rewriting import llm_standalone
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
    Language,
    Mode,
    SearchHit,
    SourceSummary,
    Started,
    Status,
    Timeline,
    Turn,
    Voices,
)
from retrieval.parts import parts
from retrieval.questions import Question, read_question
from retrieval.search import Candidate, Progress, Search
from retrieval.settings import Settings
from retrieval.small_talk import Talk, small_talk, without_courtesies
from retrieval.spelling import respelt
from retrieval.statements import Statement, about_topic, of_article
from retrieval.surveys import Survey
from retrieval.voices import heard, voices

log = logging.getLogger(__name__)
LONG_TOPIC = 4  # content words of a topic that says more than what it is about
PART_UNANSWERED = "part_unanswered"  # note: one of the questions asked at once has no answer
PARTIAL_MARGIN = 0.1  # an answer less confident than the threshold plus this is called partial
RELATED = 3  # passages offered when abstaining
WARMED_PASSAGES = 64  # a few seconds of encoding at start
REMEMBERED_QUESTIONS = 20  # of a conversation that the asker keeps: understanding each may cost an embedding
TOPIC_PASSAGES = 24  # whose sentences make the picture of a topic
LISTED = 100  # articles read from the catalog at a time
CACHED_ARTICLES = 1000  # whose sentences are kept in memory
_tracer = trace.get_tracer("sanad")
T = TypeVar("T")
Event = Started | CitedSentence | Answer


@dataclass(frozen=True)
class Findings:
    """All that is known of a question before an answer is worded.

    ``survey``: how, when not plainly. ``open_parts``: those of several questions asked at once that have no answer;
    ``best_of_parts``: the sentence that answers each of the others best.
    """

    question: Question
    rewritten: Standalone
    ranked: list[Scored]
    chosen: list[Scored]
    confidence: float
    survey: Survey | None = None
    open_parts: tuple[str, ...] = ()
    best_of_parts: tuple[Scored, ...] = ()

    @property
    def heads(self) -> Sequence[Scored]:
        """What no answer may leave out; nothing in a survey, in which no sentence is above the others."""
        if self.survey or self.best_of_parts:
            return self.best_of_parts
        return sorted(self.chosen, key=lambda item: -item.score)[:1]

    @property
    def notes(self) -> list[str]:
        """What to tell of the answer before it is worded, as stable codes."""
        return [
            *(self.survey.notes if self.survey else ()),
            *(f"{PART_UNANSWERED}:{part}" for part in self.open_parts),
        ]


class Clock:
    """Times the stages of one answer, in milliseconds."""

    def __init__(self) -> None:
        self.timings: dict[str, float] = {}
        self._start = perf_counter()

    def time(self, stage: str, work: Callable[[], T]) -> T:
        """Run ``work`` and note how long it took."""
        start = perf_counter()
        try:
            with _tracer.start_as_current_span(stage):  # does nothing unless traces are asked for
                return work()
        finally:
            self.timings[stage] = round((perf_counter() - start) * 1000, 2)

    def reached(self, event: str) -> None:
        """Note when something happened, from the start."""
        self.timings[event] = round((perf_counter() - self._start) * 1000, 2)

    def total(self) -> dict[str, float]:
        """All stages, and the whole so far."""
        return {**self.timings, "total": round((perf_counter() - self._start) * 1000, 2)}


class Engine:
    """Opens an index for reading and conversation. Safe to share between threads.

    Example:
        >>> engine = Engine(Settings(index=Path(".sanad")))  # doctest: +SKIP
        >>> engine.answer("ما دور سلطنة عمان؟").text  # doctest: +SKIP

    Raises:
        ModelMismatch: when the index was made with another embedding model than the settings name.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        embedder: Embedder | None = None,
        embedder_of: Callable[[Settings], Embedder] = Embedder.of,
        progress: Callable[[str], Progress] | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self._embedder_of = embedder_of
        self._embedder = embedder or embedder_of(self.settings)
        self._model: str | None = None
        self._model_lock = threading.Lock()
        self._catalog = Catalog.of(self.settings)
        self._search = Search.of(self._catalog, self.settings)
        self._article_search = ArticleSearch(self._catalog, self._search.lexical)
        self._tokens = PassageTokens(self._embedder)
        self._selector = EvidenceSelector(self.sentences, self._tokens)
        self._endpoint: Endpoint | None = None
        self._sentence_cache: dict[tuple[str, int], list[StoredSentence]] = {}
        self._examples: dict[tuple[int, Language, int], list[str]] = {}
        self._cache_lock = threading.Lock()
        try:
            self.rebuilt = self._search.open(progress)
            if self._catalog.article_count():
                self._claim_model()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Release files and connections."""
        self._search.close()
        self._catalog.close()

    def ready(self) -> None:
        """Check that questions can be answered now.

        Raises:
            EmptyIndex: when nothing has been ingested.
            ModelMismatch, ModelUnavailable: when the embedding model is not the index's, or cannot be loaded.
            IndexUnavailable: when an index lacks vectors, or the Chroma server does not answer.
        """
        if not self._catalog.article_count():
            raise EmptyIndex(index=self.settings.index)
        self._follow_model()
        self._claim_model()
        self._search.check()
        self._embedder.query("؟")

    def warm(self) -> None:
        """Load the models and libraries, the language model's client too where there is one, and encode the tokens of
        the first passages, so that the first question is as quick as any.
        """
        root("محادثات")
        with suppress(LLMNotConfigured):
            self._chat_endpoint()
        self._embedder.query("؟")
        self._tokens.load(list(islice(self._catalog.passages(), WARMED_PASSAGES)))

    def _claim_model(self) -> None:
        self._catalog.claim_model(model_identity(self._embedder))
        self._model = self._catalog.model

    def _follow_model(self) -> str | None:
        """Go over to the model that the index has been re-embedded with, if it has; returns the index's model.

        Raises:
            ModelMismatch, ModelUnavailable: when this machine has no such model.
        """
        stored = self._catalog.model
        if stored is None or stored == self._model:
            return stored
        with self._model_lock:
            if stored != self._model:
                self._adopt(stored)
        return stored

    def _adopt(self, stored: str) -> None:
        embedder = self._embedder
        if model_identity(embedder) != stored:
            name = stored.rsplit(" ", 2)[0]
            log.warning("the index was re-embedded with %s; set SANAD_EMBEDDING_MODEL before the next start", name)
            embedder = self._embedder_of(self.settings.model_copy(update={"embedding_model": name}))
            found = model_identity(embedder)
            if found != stored:
                raise ModelMismatch(index=self.settings.index, stored=stored, configured=found)
            embedder.query("؟")  # Loaded before anybody's question has to wait for it.
        self._embedder = embedder
        self._tokens = PassageTokens(embedder)
        self._selector = EvidenceSelector(self.sentences, self._tokens)
        self._sentence_cache = {}
        self._examples = {}
        self._model = stored

    def _by_one_model(self, work: Callable[[], T]) -> T:
        """What ``work`` finds when all of it is done with one embedding model: again, if the index got another one."""
        while True:
            model = self._follow_model()
            try:
                found = work()
            except Exception:  # Vectors of two models cannot even be compared.
                if self._catalog.model == model:
                    raise
            else:
                if self._catalog.model == model:
                    return found

    # -- reading --------------------------------------------------------------------------------------------

    @property
    def generation(self) -> int:
        """The catalog's generation: it rises with every change of articles."""
        return self._catalog.generation

    def articles(self, *, offset: int = 0, limit: int = 100) -> list[ArticleSummary]:
        """Articles by id."""
        return self._catalog.articles(offset=offset, limit=limit)

    def article_count(self) -> int:
        """Number of articles."""
        return self._catalog.article_count()

    def passage_count(self) -> int:
        """Number of passages."""
        return self._catalog.passage_count()

    def article(self, article_id: str, *, version: int | None = None) -> ArticleDetail:
        """An article with its text and attributed sentences.

        Raises:
            UnknownArticle: when there is none, or not in that version.
        """
        return self._catalog.article(article_id, version)

    def find_articles(
        self, query: str | None = None, *, filters: Filters | None = None, offset: int = 0, limit: int = 100
    ) -> ArticleListing:
        """The articles that hold every word of a query, best first; without one all, the newest first.

        Raises:
            EmptyQuestion, QuestionTooLong: when the query has no letter or digit, or too many.
        """
        filters = filters or Filters()
        if query is None:
            found = self._catalog.articles(offset=offset, limit=limit, filters=filters, newest=True)
            return ArticleListing(articles=tuple(found), total=self._catalog.article_count(filters))
        query = _scalar(query)
        self._check_text(query)
        self._search.follow()
        ids = self._article_search.find(query)
        allowed = self._catalog.matching_articles(filters)
        if allowed is not None:
            fit = set(allowed)
            ids = [article_id for article_id in ids if article_id in fit]
        page = ids[offset : offset + limit]
        listed = {a.id: a for a in self._catalog.articles(limit=len(page), filters=Filters(article_ids=tuple(page)))}
        articles = tuple(listed[article_id] for article_id in page if article_id in listed) if page else ()
        return ArticleListing(articles=articles, total=len(ids))

    def sources(self) -> list[SourceSummary]:
        """The sources of the articles, those with the most articles first; the unknown one last."""
        return self._catalog.sources()

    def voices(self, topic: str | None = None, *, limit: int = 60) -> Voices:
        """Who says what about a topic (about anything without one), in at most ``limit`` cited sentences.

        Raises:
            EmptyQuestion, QuestionTooLong, EmptyIndex: as for :meth:`answer`, when there is a topic.
        """
        spoken = (s for s in self._statements(topic) if heard(s.stored.sentence.attribution))
        kept = list(islice(spoken, limit + 1))
        return Voices(topic=topic, voices=voices(kept[:limit]), truncated=len(kept) > limit)

    def timeline(
        self, topic: str | None = None, *, since: date | None = None, until: date | None = None, limit: int = 100
    ) -> Timeline:
        """Dated sentences about a topic (about anything without one) from ``since`` to ``until``, both inclusive.

        Raises:
            EmptyQuestion, QuestionTooLong, EmptyIndex: as for :meth:`answer`, when there is a topic.
        """
        found, truncated = timeline.entries(self._statements(topic), since=since, until=until, limit=limit)
        return Timeline(topic=topic, entries=found, truncated=truncated)

    @property
    def embedder(self) -> Embedder:
        """The embedding model of the index, which ingest shares."""
        self._follow_model()
        return self._embedder

    @property
    def database(self) -> Database:
        """What holds the catalog, and the tables of API keys and jobs beside it."""
        return self._catalog.database

    @property
    def history(self) -> History:
        """Conversations and what readers think of answers."""
        return self._catalog.history

    def conversation(self, conversation_id: str, *, owner: str | None = None) -> Conversation:
        """A conversation with its turns.

        Raises:
            UnknownConversation: when ``owner`` (the id of an API key; none without one) has none of that id.
        """
        return self.history.conversation(conversation_id, owner=owner)

    def examples(self, *, language: Language = "ar", limit: int = 4) -> list[str]:
        """Questions that the articles at hand answer, made from their own attributions and titles.

        Those with an answer come first: a proposed question that is then not answered would be a poor welcome.
        """
        key = (self._catalog.generation, language, limit)
        known = self._examples.get(key)
        if known is None:
            details = []
            for summary in self.articles(limit=20):
                with suppress(UnknownArticle):  # deleted since it was listed
                    details.append(self.article(summary.id))
            proposed = example_questions(details, language=language, limit=limit * 2)
            known = sorted(proposed, key=lambda question: not self._answers(question))[:limit]
            self._examples = {key: known}
        return known

    def _answers(self, question: str) -> bool:
        found = self._find(Standalone(question, question), None, Clock())
        return found.confidence >= self.settings.abstain_below

    def token_count(self, text: str) -> int:
        """Tokens of a text as the embedding model counts them, for bills and budgets.

        Raises:
            ModelUnavailable: the model cannot be loaded.
        """
        return self._embedder.token_count(text)

    def search(self, query: str, *, limit: int = 10, filters: Filters | None = None) -> list[SearchHit]:
        """Passages for a query, best first. It is retyped, respelt and put in standard words as a question is.

        Raises:
            EmptyQuestion, QuestionTooLong, EmptyIndex: as for :meth:`answer`.
        """
        query = _scalar(query)
        self._check(query)
        occurs = self._search.lexical.occurs
        query = respelt(retyped(query, occurs), occurs)
        found = self._by_one_model(lambda: self._candidates(self.ask(read_question(query)), filters))
        return [candidate.hit() for candidate in found[:limit]]

    def rankings(self, question: str, *, limit: int = 10) -> dict[str, list[str]]:
        """Article ids ranked by ``dense``, ``bm25`` and ``hybrid`` search, for benchmarks."""
        candidates = self._candidates(self.ask(read_question(question)))
        orders: dict[str, Callable[[Candidate], float]] = {
            "dense": lambda c: c.dense,
            "bm25": lambda c: c.bm25,
            "hybrid": lambda c: c.score,
        }
        return {
            name: list(
                dict.fromkeys(
                    c.stored.passage.article_id
                    for c in sorted(candidates, key=key, reverse=True)
                    if name != "bm25" or c.bm25 > 0
                )
            )[:limit]
            for name, key in orders.items()
        }

    # -- answering ------------------------------------------------------------------------------------------

    def answer(
        self,
        question: str,
        *,
        conversation_id: str | None = None,
        before: Sequence[str] | None = None,
        mode: Mode | None = None,
        filters: Filters | None = None,
        owner: str | None = None,
        replaces: str | None = None,
        wanted: Callable[[], bool] = always,
    ) -> Answer:
        """Answer a question, in a conversation that is started when none is given.

        Args:
            before: The earlier questions of a conversation that the asker keeps, oldest first; nothing is stored then.
            owner: The id of the API key that asks, if any; the conversation has to be its own.
            replaces: The id of an answer of the conversation: that turn and those after it are not taken into account,
                and give way to this one once it is answered.
            wanted: As for :meth:`stream`.

        Raises:
            EmptyQuestion, QuestionTooLong, UnknownConversation, UnknownAnswer, EmptyIndex, LLMNotConfigured: bad
                requests.
            Abandoned: when the answer is not wanted any more.
        """
        *_, last = self.stream(
            question,
            conversation_id=conversation_id,
            before=before,
            mode=mode,
            filters=filters,
            owner=owner,
            replaces=replaces,
            wanted=wanted,
        )
        if not isinstance(last, Answer):
            raise Abandoned
        return last

    def stream(
        self,
        question: str,
        *,
        conversation_id: str | None = None,
        before: Sequence[str] | None = None,
        mode: Mode | None = None,
        filters: Filters | None = None,
        owner: str | None = None,
        replaces: str | None = None,
        wanted: Callable[[], bool] = always,
    ) -> Iterator[Event]:
        """As :meth:`answer`, in events: ``Started``, each verified sentence, then the whole ``Answer``.

        Args:
            wanted: Asked a few times a second while the language model is waited for. Once it says no, the request to
                the model is ended, no answer is made or stored, and the events end.
        """
        question = _scalar(question)
        self._check(question)
        question = retyped(question, self._search.lexical.occurs)
        mode = mode or self.settings.mode
        generator = self._generator(wanted) if mode == "generative" else None
        turns: Sequence[Turn] = ()
        if conversation_id:
            turns = self.conversation(conversation_id, owner=owner).turns
        if replaces is not None:
            turns = _before(turns, replaces)
        conversation = conversation_id or (self.history.start(owner=owner) if before is None else None)
        clock = Clock()
        talk = small_talk(question)
        if talk is not None:
            started = Started(id=uuid.uuid4().hex, conversation_id=conversation, standalone_question=question)
            yield started
            answer = _replied(talk, started, clock)
        else:
            earlier = _asked_before(turns) if before is None else self._understood(before)
            rewritten = clock.time("rewrite", lambda: self.standalone(question, earlier, mode=mode))
            started = Started(id=uuid.uuid4().hex, conversation_id=conversation, standalone_question=rewritten.text)
            yield started
            findings = self._find(rewritten, filters, clock)
            try:
                answer = yield from self._worded(findings, started, generator, clock)
            except Abandoned:
                return
            answer = answer.model_copy(update={"question": question})
        if conversation is not None:
            self.history.add_turn(conversation, Turn(question=question, answer=answer), replaces=replaces)
        yield answer

    def _check(self, question: str) -> None:
        self._check_text(question)
        if not self._catalog.article_count():
            raise EmptyIndex(index=self.settings.index)

    def _check_text(self, question: str) -> None:
        if not any(character.isalnum() for character in question):
            raise EmptyQuestion
        if len(question) > self.settings.question_characters:
            raise QuestionTooLong(length=len(question), limit=self.settings.question_characters)

    def standalone(self, question: str, earlier: Sequence[Standalone], *, mode: Mode = "extractive") -> Standalone:
        """A question as understood after ``earlier`` ones, which are standalone already, the last one last."""
        question = respelt(without_instructions(without_courtesies(question)), self._search.lexical.occurs)
        offline = standalone(question, earlier, self._embedder.queries, self._search.lexical.idf)
        return llm_standalone(question, earlier, offline, self.settings) if mode == "generative" else offline

    def find(self, rewritten: Standalone, *, limit: int = 10, filters: Filters | None = None) -> list[SearchHit]:
        """The passages that an answer to a standalone question would be looked for in, best first."""
        found = self._by_one_model(lambda: self._candidates(self.ask(self._read(rewritten), rewritten), filters))
        return [candidate.hit() for candidate in found[:limit]]

    def _understood(self, questions: Sequence[str]) -> list[Standalone]:
        """Earlier questions as they were understood. What cannot be asked is passed over, as is small talk."""
        understood: list[Standalone] = []
        for question in map(_scalar, questions[-REMEMBERED_QUESTIONS:]):
            askable = len(question) <= self.settings.question_characters and any(map(str.isalnum, question))
            if askable and small_talk(question) is None:
                found = self.standalone(retyped(question, self._search.lexical.occurs), understood)
                understood.append(recalled(found.asked, found.text))  # as from a stored turn
        return understood

    def _find(self, rewritten: Standalone, filters: Filters | None, clock: Clock) -> Findings:
        return self._by_one_model(lambda: self._looked_for(rewritten, filters, clock))

    def _looked_for(self, rewritten: Standalone, filters: Filters | None, clock: Clock) -> Findings:
        question = self._read(rewritten)
        if question.asking.form == "comparison":
            return self._compared(question, rewritten, filters, clock)
        if question.asking.form != "plain":
            surveyed = self._surveyed(question, rewritten, filters, clock)
            # A long topic is a question in itself («… من إعلانه إلى الانسحاب منه»), and may be answered as one.
            if surveyed.chosen or len(content_words(question.asking.topic)) < LONG_TOPIC:
                return surveyed
        whole = self._plainly(question, rewritten, filters, clock)
        several = parts(rewritten.asked)
        return self._in_parts(whole, several, filters, clock) if len(several) > 1 else whole

    def _plainly(self, question: Question, rewritten: Standalone, filters: Filters | None, clock: Clock) -> Findings:
        asked = clock.time("embed", lambda: self.ask(question, rewritten))
        ranked = self._weighed(asked, filters, clock, self.settings.evidence_passages)
        chosen = choose(question, ranked, self.settings.max_sentences)
        return Findings(question, rewritten, ranked, chosen, confidence(asked, ranked, chosen))

    def _in_parts(self, whole: Findings, several: Sequence[str], filters: Filters | None, clock: Clock) -> Findings:
        """What answers each of several questions asked at once: the best of all together and of each, then the next.

        The later ones are read as follow-ups of the first. Where none has an answer, what was found for all of them
        together stands.
        """
        text, asked = whole.rewritten.text, whole.rewritten.asked
        tail = text.removeprefix(asked) if text.startswith(asked) else ""
        first = Standalone(several[0] + tail, several[0], whole.rewritten.carried)
        rewritten = [first, *(self.standalone(part, [first]) for part in several[1:])]
        found = [self._plainly(self._read(part), part, filters, clock) for part in rewritten]
        answered = [part for part in found if part.confidence >= self.settings.abstain_below]
        if not answered:
            return whole
        left_open = tuple(part.rewritten.asked for part in found if part not in answered)
        together = [whole] if whole.confidence >= self.settings.abstain_below else []
        chosen: list[Scored] = []
        for item in chain.from_iterable(zip_longest(*(part.chosen for part in together + answered))):
            if item and len(chosen) < self.settings.max_sentences and not any(repeats(item, other) for other in chosen):
                chosen.append(item)
        sure = min(part.confidence for part in answered)
        heads = tuple(part.chosen[0] for part in answered)
        return replace(whole, chosen=chosen, confidence=sure, open_parts=left_open, best_of_parts=heads)

    def _weighed(self, asked: Asked, filters: Filters | None, clock: Clock, passages: int) -> list[Scored]:
        candidates = clock.time("search", lambda: self._candidates(asked, filters))
        weighed = clock.time("evidence", lambda: self._selector.select(asked, candidates[:passages]))
        return [item for item in weighed if self._spoken_to_readers(item)]

    def _surveyed(self, question: Question, rewritten: Standalone, filters: Filters | None, clock: Clock) -> Findings:
        """What a summary or a timeline is made from. Whether the articles have its topic is judged as of a question."""
        ranked, sure = self._about(question, filters, clock)
        topical = surveys.on_topic(ranked, foreign=question.language != "ar")
        survey = surveys.timeline(topical) if question.asking.form == "timeline" else surveys.summary(topical)
        if not survey.chosen:
            sure = 0.0
        return Findings(question, rewritten, ranked, survey.chosen, sure, survey)

    def _about(self, question: Question, filters: Filters | None, clock: Clock) -> tuple[list[Scored], float]:
        """The evidence about the topic of a request, and how sure it is that the articles have that topic."""
        about = Question(question.asking.topic, question.language, "other")
        asked = replace(clock.time("embed", lambda: self.ask(about)), topical=True)
        ranked = self._weighed(asked, filters, clock, surveys.PASSAGES)
        return ranked, confidence(asked, ranked, choose(about, ranked, self.settings.max_sentences))

    def _compared(self, question: Question, rewritten: Standalone, filters: Filters | None, clock: Clock) -> Findings:
        """What each of two parties says, asked for one after the other."""
        parties, topic = question.asking.parties, question.asking.topic
        of_topic = Terms.of(Question(topic, question.language, "other"), self._search.lexical.idf)
        # By its words a topic in another language is not found in what the parties say: whether the articles have it at
        # all is asked first.
        by_meaning = bool(topic) and question.language != "ar"
        unknown = by_meaning and self._about(question, filters, clock)[1] < self.settings.abstain_below
        sides: list[tuple[str, list[Scored]]] = []
        everything: list[Scored] = []
        sure: list[float] = []
        for party, other in zip(parties, reversed(parties), strict=True):
            about = Question(surveys.position_question(party, topic, question.language), question.language, "said")
            asked = self.ask(about)
            ranked = self._weighed(asked, filters, clock, surveys.PASSAGES)
            if unknown:
                near = []
            elif by_meaning:
                near = surveys.on_topic(ranked, foreign=True)
            else:
                near = [item for item in ranked if coverage(of_topic, item.context) >= surveys.TOUCHED]
            said = surveys.heard(near, party, other, partial(surveys.on_point, of_topic))
            sides.append((party, said))
            everything += [item for item in ranked if item not in everything]
            if said:
                # Whoever is heard has a position; how sure the answer is says only how well it was asked for.
                sure.append(max(confidence(asked, ranked, said), self.settings.abstain_below + PARTIAL_MARGIN))
        survey = surveys.comparison(sides)
        return Findings(question, rewritten, everything, survey.chosen, min(sure, default=0.0), survey)

    def _candidates(self, asked: Asked, filters: Filters | None = None) -> list[Candidate]:
        """Passages for a question, best first."""
        question = asked.question
        found = self._search.candidates(question.text, asked.vector, filters)
        if question.language != "ar" and not asked.topical:
            found = by_reading(asked.reading, found, self._tokens, REORDERED)
        if alone := role_alone(question):
            # «ما دور عُمان في محادثات …» is near whatever tells of the talks: what tells of the role is to be read too.
            of_role = self._candidates(self.ask(read_question(alone)), filters)
            found = _with_some_of(found, of_role, self.settings.evidence_passages)
        return found

    @staticmethod
    def _read(rewritten: Standalone) -> Question:
        """A follow-up's kind is that of what was typed, unless it only names another subject."""
        question = read_question(rewritten.text)
        asked = read_question(rewritten.asked)
        if rewritten.carried and rewritten.text.startswith(rewritten.asked):
            return replace(asked, text=question.text, asking=question.asking)
        return question

    def ask(self, question: Question, rewritten: Standalone | None = None) -> Asked:
        """Prepare a question: its vectors, and its terms weighted by their inverse document frequency here.

        An Arabic one is put in the words of the standard language first.

        A topic carried over from earlier turns says where to look, not what to look for: half of the vector, and the
        words that evidence has to meet, are those of what was typed.
        """
        put = standard if question.language == "ar" else bare
        question = replace(question, text=put(question.text))
        text = question.text
        whole = self._embedder.question(text)
        carried = put(rewritten.carried) if rewritten else ""
        terms = Terms.of(question, self._search.lexical.idf, carried)
        if rewritten is None or not carried or not text.startswith(asked := put(rewritten.asked)):
            words = QuestionWords.of(text, whole.reading.tokens)
            return Asked(question, whole.embedding, terms, words, whole.reading)
        own = self._embedder.question(asked)
        vector = whole.embedding + own.embedding
        words = QuestionWords.of(asked, own.reading.tokens)
        return Asked(question, vector / np.linalg.norm(vector), terms, words, whole.reading)

    def weigh(self, asked: Asked, filters: Filters | None = None) -> list[Scored]:
        """The sentences of the best passages with their features, not yet ranked (for fitting)."""
        candidates = self._candidates(asked, filters)
        return self._selector.features(asked, candidates[: self.settings.evidence_passages])

    def _statements(self, topic: str | None) -> Iterator[Statement]:
        """The sentences that fit a topic, best first; without one all sentences, those of the newest article first.

        A topic that the articles have nothing about has none: it is judged as a question would be.
        """
        if topic is None:
            yield from self._all_statements()
            return
        topic = _scalar(topic)
        self._check(topic)
        yield from self._by_one_model(partial(self._of_topic, topic))

    def _of_topic(self, topic: str) -> list[Statement]:
        asked = replace(self.ask(read_question(retyped(topic, self._search.lexical.occurs))), topical=True)
        ranked = self._selector.select(asked, self._candidates(asked)[:TOPIC_PASSAGES])
        chosen = choose(asked.question, ranked, self.settings.max_sentences)
        if confidence(asked, ranked, chosen) < self.settings.abstain_below:
            return []
        # Of a topic in another language the words are not in the articles, and whole passages would be on topic.
        by_words = asked.question.language == "ar"
        return list(about_topic(ranked, surveys.on_topic(ranked, foreign=False) if by_words else ()))

    def _all_statements(self) -> Iterator[Statement]:
        offset = 0
        while page := self._catalog.articles(offset=offset, limit=LISTED, newest=True):
            for article in page:
                yield from of_article(article, self.sentences(article.id, article.version))
            offset += LISTED

    def sentences(self, article_id: str, version: int) -> list[StoredSentence]:
        """The sentences of a live article version, in order; remembered."""
        key = (article_id, version)
        cache = self._sentence_cache  # Another model's has a new one, into which nothing read before may get.
        found = cache.get(key)
        if found is None:
            found = self._catalog.sentences(article_id, version)
            with self._cache_lock:
                if len(cache) >= CACHED_ARTICLES:
                    cache.pop(next(iter(cache)))
                cache[key] = found
        return found

    def _worded(
        self, findings: Findings, started: Started, generator: Generator | None, clock: Clock
    ) -> GeneratorType[CitedSentence, None, Answer]:
        """Yield sentences and return the whole answer."""
        if findings.confidence < self.settings.abstain_below:
            return self._answer(findings, started, Composed((), (), ()), "extractive", findings.notes, clock)
        notes = findings.notes
        if generator is not None:
            composed = yield from self._generated(findings, generator, notes, clock)
            if composed is not None:
                return self._answer(findings, started, composed, "generative", notes, clock)
        composed = clock.time("compose", lambda: self._composed(findings))
        yield from _cited(composed.sentences, composed.citations)
        return self._answer(findings, started, composed, "extractive", notes, clock)

    def _composed(self, findings: Findings) -> Composed:
        if findings.survey is None:
            return compose(findings.chosen, self.sentences)
        return findings.survey.compose(self.sentences)

    def _chat_endpoint(self) -> Endpoint:
        with self._cache_lock:
            if self._endpoint is None:
                self._endpoint = Endpoint(self.settings)
            return self._endpoint

    def _generator(self, wanted: Callable[[], bool]) -> Generator:
        return Generator(self._chat_endpoint(), self._embedder.query_tokens, self.settings.llm_context, wanted)

    def _spoken_to_readers(self, item: Scored) -> bool:
        """Whether a sentence is news: not, or not going on from, one that tells a language model what to do."""
        sentence, stored = item.stored.sentence, item.candidate.stored
        if addressed_to_model(sentence.text):
            return False
        before = self.sentences(stored.passage.article_id, stored.version)[: sentence.index][-1:]
        return not (before and addressed_to_model(before[0].sentence.text) and goes_on(sentence.text))

    def _generated(
        self, findings: Findings, generator: Generator, notes: list[str], clock: Clock
    ) -> GeneratorType[CitedSentence, None, Composed | None]:
        """Yield verified sentences; return what they make, or ``None`` when none survived."""
        draft: Draft | None = None
        shown = 0
        try:
            drafts = generator.draft(
                findings.rewritten.text,
                findings.question.language,
                findings.chosen,
                self.sentences,
                form=surveys.INSTRUCTIONS[findings.question.asking.form],
                heads=findings.heads,
                voices=not findings.survey.when if findings.survey else open_to_all(findings.question, findings.ranked),
                in_order=not (findings.survey and findings.survey.when),
            )
            for draft in drafts:
                if draft.sentences and not shown:
                    clock.reached("first_sentence")
                yield from _cited(draft.sentences, draft.citations, after=shown)
                shown = len(draft.sentences)
        except EndpointFailed as failure:
            notes.append(f"llm_failed:{failure}")
        if draft is not None and draft.dropped:
            notes.append(f"sentences_dropped:{draft.dropped}")
        if draft is None or not draft.sentences:
            return None
        made = Composed(tuple(draft.sentences), draft.citations, perspectives(draft.sentences))
        return findings.survey.dated(made) if findings.survey else made

    def _answer(
        self,
        findings: Findings,
        started: Started,
        composed: Composed,
        mode: Mode,
        notes: Sequence[str],
        clock: Clock,
    ) -> Answer:
        abstained = not composed.sentences
        status: Status = "abstained" if abstained else "answered"
        if not abstained and findings.confidence < self.settings.abstain_below + PARTIAL_MARGIN:
            status = "partial"
        if not abstained and any(note.startswith((f"{surveys.NO_POSITION}:", f"{PART_UNANSWERED}:")) for note in notes):
            status = "partial"
        return Answer(
            id=started.id,
            conversation_id=started.conversation_id,
            question=findings.rewritten.asked,
            standalone_question=findings.rewritten.text,
            language=findings.question.language,
            status=status,
            mode=mode,
            text=ABSTENTION[findings.question.language] if abstained else composed.text,
            sentences=composed.sentences,
            citations=composed.citations,
            perspectives=composed.perspectives,
            evidence=tuple(item.evidence() for item in findings.ranked[: self.settings.max_sentences * 2]),
            related=_related(findings.ranked) if abstained else (),
            confidence=round(findings.confidence, 4),
            notes=tuple(notes),
            timings_ms=clock.total(),
        )


def confidence(asked: Asked, ranked: Sequence[Scored], chosen: Sequence[Scored]) -> float:
    """Probability in [0, 1] that what would be shown answers the question."""
    if not chosen:
        return 0.0
    return Model.load().answer[asked.weighed_by].probability(answer_features(asked, ranked, chosen))


def _with_some_of(found: list[Candidate], others: Sequence[Candidate], read: int) -> list[Candidate]:
    """The passages found, of which ``read`` will be, with the best of others among those: they take up to half."""
    half = read // 2
    best = {other.stored.passage.id for other in others[:half]}
    first, rest = found[: read - half], found[read - half :]
    return first + sorted(rest, key=lambda candidate: candidate.stored.passage.id not in best)


def _cited(
    sentences: Sequence[AnswerSentence], citations: Sequence[Citation], *, after: int = 0
) -> Iterator[CitedSentence]:
    """The sentences from position ``after`` on, each with the citations that it is the first to use."""
    used = {number for sentence in sentences[:after] for number in sentence.citations}
    for sentence in sentences[after:]:
        first = tuple(c for c in citations if c.number in sentence.citations and c.number not in used)
        used.update(sentence.citations)
        yield CitedSentence(sentence=sentence, citations=first)


def _scalar(text: str) -> str:
    """Text that can be stored and encoded: a pair of surrogates becomes its character, a lone one U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _asked_before(turns: Sequence[Turn]) -> list[Standalone]:
    """The earlier questions as they were understood; small talk has no topic."""
    return [
        recalled(without_courtesies(turn.answer.question), turn.answer.standalone_question)
        for turn in turns
        if small_talk(turn.answer.question) is None
    ]


def _replied(talk: Talk, started: Started, clock: Clock) -> Answer:
    """The reply to a message that asks nothing of the articles: nothing is answered, so nothing is cited."""
    return Answer(
        id=started.id,
        conversation_id=started.conversation_id,
        question=started.standalone_question,
        standalone_question=started.standalone_question,
        language=talk.language,
        status="abstained",
        mode="extractive",
        text=talk.reply,
        confidence=0.0,
        notes=(talk.code,),
        timings_ms=clock.total(),
    )


def _related(ranked: Sequence[Scored]) -> tuple[Citation, ...]:
    """The passages of the nearest sentences, as citations of whole passages."""
    passages = {item.candidate.stored.passage.id: item.candidate.stored for item in ranked}
    return tuple(
        Citation(
            number=number,
            article_id=stored.passage.article_id,
            article_version=stored.version,
            passage_id=stored.passage.id,
            start=stored.passage.start,
            end=stored.passage.end,
            quote=stored.passage.text,
            title=stored.title,
            source=stored.source,
            published=stored.published,
        )
        for number, stored in enumerate(list(passages.values())[:RELATED], start=1)
    )


def _before(turns: Sequence[Turn], answer_id: str) -> Sequence[Turn]:
    """The turns that were there when the one with this answer was asked."""
    for index, turn in enumerate(turns):
        if turn.answer.id == answer_id:
            return turns[:index]
    raise UnknownAnswer(answer_id=answer_id)
