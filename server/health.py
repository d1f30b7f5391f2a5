"""GET /healthz, /readyz and /metrics: for whatever starts, watches and routes to the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response

from server import examples
from server.metrics import CONTENT_TYPE, Metrics
from server.problems import NOT_READY, documented
from server.schemas import Health, Readiness
from server.workers import WorkersDep

if TYPE_CHECKING:
    from retrieval.engine import Engine

router = APIRouter(tags=["health"])


@router.get(
    "/healthz",
    operation_id="getHealth",
    summary="Is the process alive?",
    responses=examples.shown(Health()),
)
async def get_health() -> Health:
    """Always 200 while the process lives; touches neither index nor model."""
    return Health()


@router.get(
    "/readyz",
    operation_id="getReadiness",
    summary="Can questions be answered?",
    responses=examples.shown(examples.readiness) | documented(*NOT_READY),
)
async def get_readiness(workers: WorkersDep) -> Readiness:
    """200 when the index and the model are usable, otherwise 503 with a problem that says what to do."""
    return await workers.run(lambda: _readiness(workers.engine), waits=True)


@router.get(
    "/metrics",
    operation_id="getMetrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={
        200: {
            "description": "Counters, histograms and gauges, in Prometheus' text format.",
            "content": {
                "text/plain": {
                    "schema": {"type": "string"},
                    "example": 'sanad_answers_total{mode="extractive",status="answered"} 7.0\n',
                }
            },
        }
    },
)
async def get_metrics(request: Request, workers: WorkersDep) -> Response:
    """Requests, answers, abstentions, fallbacks, dropped sentences, time by stage, queues, and the index's size."""
    metrics: Metrics = request.app.state.metrics
    metrics.queue(workers.depths())
    return Response(await workers.run(metrics.page, waits=True), media_type=CONTENT_TYPE)


def _readiness(engine: Engine) -> Readiness:
    engine.ready()
    return Readiness(
        articles=engine.article_count(),
        generation=engine.generation,
        model=engine.embedder.name,
        mode=engine.settings.mode,
    )
