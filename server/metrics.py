"""Figures for Prometheus: what was asked, how it was answered, how long each stage took, and what there is."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from retrieval.models import Answer

if TYPE_CHECKING:
    from retrieval.engine import Engine

CONTENT_TYPE = CONTENT_TYPE_LATEST
log = logging.getLogger("sanad.server")
# Seconds: an extractive answer takes tens of milliseconds, a generative one seconds.
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_DROPPED, _FAILED = "sentences_dropped:", "llm_failed:"


class Metrics:
    """The metrics of one application, in a registry of its own.

    Args:
        engine: Gives the engine, which may be opened later than the application is made.
    """

    def __init__(self, engine: Callable[[], Engine]) -> None:
        self.registry = CollectorRegistry()
        kept: Any = {"registry": self.registry}
        self._requests = Counter("sanad_http_requests", "Requests.", ["method", "route", "status"], **kept)
        self._seconds = Histogram(
            "sanad_http_request_seconds", "Until the last byte.", ["route"], buckets=_BUCKETS, **kept
        )
        self._in_flight = Gauge("sanad_http_requests_in_flight", "Requests of the API under way.", **kept)
        self._under_way = 0
        self._in_flight.set_function(self.under_way)
        self._queue = Gauge("sanad_queue_depth", "Calls that wait for a thread.", ["pool"], **kept)
        self._answers = Counter("sanad_answers", "Answers.", ["status", "mode"], **kept)
        self._abstentions = Counter("sanad_abstentions", "Answers that say that the articles do not.", **kept)
        self._fallbacks = Counter("sanad_fallbacks", "Extractive answers where a generative one was asked.", **kept)
        self._dropped = Counter("sanad_dropped_sentences", "Generated sentences that were not supported.", **kept)
        self._stages = Histogram("sanad_stage_seconds", "Stages of answers.", ["stage"], buckets=_BUCKETS, **kept)
        self.registry.register(_IndexSize(engine))
        ProcessCollector(**kept)
        PlatformCollector(**kept)

    def request(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request. ``route`` is the pattern of an address, never an address: those are without number."""
        self._requests.labels(method, route, status).inc()
        self._seconds.labels(route).observe(seconds)

    @contextmanager
    def serving(self) -> Iterator[None]:
        """While a request of the API is under way. For the event loop's thread only."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    def under_way(self) -> int:
        """Requests of the API whose last byte is not sent."""
        return self._under_way

    def answer(self, answer: Answer) -> None:
        """Count an answer, and log it without its words."""
        self._answers.labels(answer.status, answer.mode).inc()
        dropped = sum(int(n.removeprefix(_DROPPED)) for n in answer.notes if n.startswith(_DROPPED))
        self._dropped.inc(dropped)
        if answer.status == "abstained":
            self._abstentions.inc()
        if answer.mode == "extractive" and any(n.startswith((_DROPPED, _FAILED)) for n in answer.notes):
            self._fallbacks.inc()
        for stage, milliseconds in answer.timings_ms.items():
            self._stages.labels(stage).observe(milliseconds / 1000)
        log.info(
            "answer",
            extra={
                "answer_id": answer.id,
                "status": answer.status,
                "mode": answer.mode,
                "language": answer.language,
                "confidence": answer.confidence,
                "sentences": len(answer.sentences),
                "dropped": dropped,
                "timings_ms": answer.timings_ms,
            },
        )

    def queue(self, depths: dict[str, int]) -> None:
        """Note how many calls wait, by pool."""
        for pool, depth in depths.items():
            self._queue.labels(pool).set(depth)

    def page(self) -> bytes:
        """All of them in Prometheus' text format. Asks the catalog."""
        return generate_latest(self.registry)


class _IndexSize(Collector):
    """How large the index is, asked when somebody wants to know; what cannot be asked is left out."""

    def __init__(self, engine: Callable[[], Engine]) -> None:
        self._engine = engine

    def describe(self) -> Iterator[Metric]:
        """Names without values: an application without an engine yet registers this too."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """The figures of now."""
        try:
            engine = self._engine()
            found = {
                "articles": ("Articles.", engine.article_count()),
                "passages": ("Passages.", engine.passage_count()),
                "generation": ("Rises with every change of articles.", engine.generation),
            }
        except Exception as error:
            log.warning("the size of the index is not known: %s", type(error).__name__)
            found = {}
        for name, (about, value) in found.items():
            yield GaugeMetricFamily(f"sanad_index_{name}", about, value=value)
