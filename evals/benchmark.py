"""Retrieval and extractive answers measured on public data."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from evals import trec
from evals.datasets import Dataset, Question
from evals.matching import matches
from evals.runner import versions
from evals.targets import fresh_settings, load_embedder
from retrieval.models import Answer
from retrieval.settings import Settings

RETRIEVERS = ("dense", "bm25", "hybrid")
BASELINE = "e5 sentence baseline"
_TELLING_SETTINGS = {
    "passage_characters",
    "bm25_weight",
    "candidates",
    "evidence_passages",
    "max_sentences",
    "threads",
}

Advance = Callable[[], None]


class Asked(NamedTuple):
    """What one question got. ``rankings`` are article ids by retriever, best first; ``hit_at`` counts from 1."""

    rankings: dict[str, list[str]]
    hit_at: int | None
    shown: int
    abstained: bool
    confidence: float
    answer_ms: float
    embedding_ms: float
    baseline_at: int | None


def sample(items: Sequence[Any], limit: int | None) -> list[Any]:
    """At most ``limit`` items, evenly spaced: files group questions by topic, so the first are of few topics.

    >>> sample(range(10), 3), sample("ab", None)
    ([0, 3, 6], ['a', 'b'])
    """
    if limit is None or limit >= len(items):
        return list(items)
    return [items[index * len(items) // limit] for index in range(limit)]


def run(
    dataset: Dataset,
    *,
    foreign: Sequence[str] = (),
    limit: int | None = None,
    baseline: bool = False,
    trec_folder: Path | None = None,
    on_start: Callable[[int], None] = lambda total: None,
    on_question: Advance = lambda: None,
    progress: bool = False,
) -> dict[str, Any]:
    """Ingest every paragraph into a temporary index and ask the questions.

    Args:
        dataset: what to ingest and ask.
        foreign: questions that no paragraph answers; adds ``abstention_auroc`` and ``foreign_abstained``.
        limit: most questions to ask, of ``dataset`` and of ``foreign``, evenly spaced; paragraphs are all
            ingested.
        baseline: also rank the sentences of the best paragraph by plain cosine; needs gold answers.
        trec_folder: where to write run files and judgements.
        on_start: told how many questions will be asked.
        on_question: told of each question asked.
        progress: whether ingest shows its progress.

    Returns:
        The figures of :func:`measure`, with the timing of ingest in ``timings``, and ``run``: what was
        measured.

    Raises:
        SanadError: ingest or a question fails.
        OSError: ``trec_folder`` cannot be written to.
    """
    from ingest.pipeline import ingest_articles
    from retrieval.engine import Engine

    questions = sample(dataset.questions, limit)
    strangers = sample(foreign, limit)
    with fresh_settings() as settings:
        embedder = load_embedder(settings)
        embedder.queries(["تمهيد"])  # the model is loaded now, so that ingest alone is timed
        started = time.perf_counter()
        ingest_articles(dataset.articles, settings, embedder=embedder, progress=progress)
        seconds = time.perf_counter() - started
        with closing(Engine(settings, embedder=embedder)) as engine:
            engine.ready()
            passages = _passages(settings)
            on_start(len(questions) + len(strangers))
            figures = measure(
                engine,
                embedder,
                questions,
                strangers,
                baseline=baseline,
                trec_folder=trec_folder,
                on_question=on_question,
            )
    figures["timings"] |= {
        "ingest_s": round(seconds, 3),
        "ingest_passages_per_s": round(passages / seconds, 2),
    }
    figures["run"] = {
        "model": {"name": embedder.name, "revision": embedder.revision},
        "settings": settings.model_dump(include=_TELLING_SETTINGS),
        "format": dataset.format,
        "paragraphs": len(dataset.articles),
        "passages": passages,
        "questions": len(questions),
        "unjudged_questions": dataset.unjudged,
        "foreign_questions": len(strangers),
        "versions": versions(),
    }
    return figures


def measure(
    engine: Any,
    embedder: Any,
    questions: Sequence[Question],
    foreign: Sequence[str] = (),
    *,
    baseline: bool = False,
    trec_folder: Path | None = None,
    on_question: Advance = lambda: None,
) -> dict[str, Any]:
    """Ask an engine that holds the articles.

    Args:
        engine: a ``retrieval.engine.Engine`` or what has its ``answer``, ``rankings`` and ``article``.
        embedder: the engine's embedder.
        questions: at least one.
        foreign: questions that no article answers.
        baseline: also measure the sentence baseline.
        trec_folder: where to write run files and judgements.
        on_question: told of each question asked.

    Returns:
        ``dense``, ``bm25`` and ``hybrid``: the figures of ``evals.trec``; ``answer_hit@1`` and ``answer_hit@3`` over
        the questions with gold answers, if there are any; ``shown_sentences`` (mean over all questions, abstentions
        show none), ``abstained`` (share of questions); ``timings``, of which ``query_ms`` is a whole answer and
        ``query_embedding_ms`` the bare embedding of its question; with ``foreign``, ``abstention_auroc``
        (that the confidence of an answerable question is above that of a foreign one) and
        ``foreign_abstained``; with ``baseline``, its ``answer_hit``.
    """
    sentences = _BaselineSentences(engine, embedder) if baseline else None
    asked = []
    for question in questions:
        asked.append(ask(engine, embedder, question, sentences))
        on_question()

    runs = {
        name: {question.id: one.rankings[name] for question, one in zip(questions, asked, strict=True)}
        for name in RETRIEVERS
    }
    if trec_folder is not None:
        trec.write(trec_folder, questions, runs)
    figures: dict[str, Any] = {name: trec.figures(questions, rankings) for name, rankings in runs.items()}
    with_gold = [one for question, one in zip(questions, asked, strict=True) if question.answers]
    if with_gold:
        figures |= _hits([one.hit_at for one in with_gold])
    figures["shown_sentences"] = float(np.mean([one.shown for one in asked]))
    figures["abstained"] = float(np.mean([one.abstained for one in asked]))
    if baseline and with_gold:
        figures[BASELINE] = _hits([one.baseline_at for one in with_gold])
    if foreign:
        figures |= _abstention(engine, foreign, [one.confidence for one in asked], on_question)
    figures["timings"] = {
        **_spread("query_ms", [one.answer_ms for one in asked]),
        **_spread("query_embedding_ms", [one.embedding_ms for one in asked]),
    }
    return figures


def cited_quotes(answer: Answer) -> list[str]:
    """The quotes an answer cites in the order its sentences cite them, each once."""
    quotes = {citation.number: citation.quote for citation in answer.citations}
    numbers = dict.fromkeys(number for sentence in answer.sentences for number in sentence.citations)
    return [quotes[number] for number in numbers if number in quotes]


def first_hit(golds: Sequence[str], texts: Sequence[str]) -> int | None:
    """The place, from 1, of the first text that holds any gold answer, both analysed."""
    for place, text in enumerate(texts, start=1):
        if any(matches(gold, [text]) for gold in golds):
            return place
    return None


def ask(engine: Any, embedder: Any, question: Question, sentences: _BaselineSentences | None = None) -> Asked:
    """The extractive answer to a question, and how articles rank for it."""
    # Timed beside the answer, since how busy the machine is changes during a run.
    embedding_ms = _timed_embedding(embedder, question.text)
    # Answered before it is ranked: the other way round, the timed answer would find its query already
    # embedded.
    started = time.perf_counter()
    answer = engine.answer(question.text, mode="extractive")
    answer_ms = (time.perf_counter() - started) * 1000
    rankings = engine.rankings(question.text, limit=trec.DEPTH)
    baseline_at = None
    if sentences is not None and question.answers and rankings["hybrid"]:
        baseline_at = first_hit(question.answers, sentences.ranked(rankings["hybrid"][0], question.text))
    return Asked(
        rankings={name: list(dict.fromkeys(rankings[name]))[: trec.DEPTH] for name in RETRIEVERS},
        hit_at=first_hit(question.answers, cited_quotes(answer)),
        shown=len(answer.sentences),
        abstained=answer.status == "abstained",
        confidence=answer.confidence,
        answer_ms=answer_ms,
        embedding_ms=embedding_ms,
        baseline_at=baseline_at,
    )


class _BaselineSentences:
    """The sentences of an article ranked by the plain cosine of their embeddings to a question's."""

    def __init__(self, engine: Any, embedder: Any) -> None:
        self._engine = engine
        self._embedder = embedder
        self._embedded: dict[str, tuple[list[str], np.ndarray]] = {}

    def ranked(self, article_id: str, question: str) -> list[str]:
        if article_id not in self._embedded:
            texts = [sentence.text for sentence in self._engine.article(article_id).sentences]
            self._embedded[article_id] = (texts, self._embedder.passages(texts))
        texts, vectors = self._embedded[article_id]
        order = np.argsort(-(vectors @ self._embedder.query(question)), kind="stable")
        return [texts[index] for index in order]


def _abstention(
    engine: Any, foreign: Sequence[str], answerable: Sequence[float], on_question: Advance
) -> dict[str, float]:
    # sklearn takes a second to import, which only runs with foreign questions should pay.
    from sklearn.metrics import roc_auc_score

    answers = []
    for question in foreign:
        answers.append(engine.answer(question, mode="extractive"))
        on_question()
    labels = [1] * len(answerable) + [0] * len(answers)
    confidences = [*answerable, *(answer.confidence for answer in answers)]
    return {
        "abstention_auroc": float(roc_auc_score(labels, confidences)),
        "foreign_abstained": float(np.mean([answer.status == "abstained" for answer in answers])),
    }


def _hits(places: Sequence[int | None]) -> dict[str, float]:
    return {f"answer_hit@{k}": _within(places, k) for k in (1, 3)}


def _within(places: Sequence[int | None], k: int) -> float:
    return float(np.mean([place is not None and place <= k for place in places]))


def _spread(name: str, values: Sequence[float]) -> dict[str, float]:
    return {f"{name}_p{percent}": round(float(np.percentile(values, percent)), 3) for percent in (50, 95)}


def _timed_embedding(embedder: Any, text: str) -> float:
    """Milliseconds to embed one query. ``queries`` is not cached as ``query`` is, so no answer is sped up."""
    started = time.perf_counter()
    embedder.queries([text])
    return (time.perf_counter() - started) * 1000


def _passages(settings: Settings) -> int:
    from retrieval.catalog import Catalog

    with closing(Catalog.of(settings)) as catalog:
        return catalog.passage_count()
