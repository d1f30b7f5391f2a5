"""The FastAPI application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import anyio.to_thread
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

from retrieval.settings import Settings
from server import (
    answers,
    articles,
    changes,
    completions,
    conversations,
    evaluation,
    exploring,
    feedback,
    health,
    openapi,
    problems,
    search,
    tracing,
)
from server.access import Access
from server.callers import Reception
from server.connections import PromptBodies
from server.jobs import Jobs
from server.keys import Keys
from server.memory import giving_back
from server.metrics import Metrics
from server.middleware import Envelope
from server.problems import UnknownRoute
from server.rates import Allowance, Rates
from server.retention import forgetting
from server.schemas import Root
from server.traffic import Traffic
from server.workers import Workers

if TYPE_CHECKING:
    from retrieval.engine import Engine

_ROUTED = (
    answers,
    feedback,
    search,
    changes,
    articles,
    exploring,
    conversations,
    evaluation,
    completions,
    health,
)
_DESCRIPTION = """\
Sanad (سند) answers questions about news from what the ingested articles say, and only that.
Every sentence of an answer carries citations of their exact words, and who said them; what the articles
do not answer is said to be so.

Errors are problem details (RFC 9457, `application/problem+json`) with a stable `type` and the message in
English (`detail`) and Arabic (`detail_ar`). Every response carries `X-Request-ID`, the client's own if it
sent one.

What asks for none of the operations below is answered with 404 `unknown-route`, 405 `method-not-allowed`,
or, before it is a request at all, 400 `malformed-http`, 408 `request-too-slow` or 431 `headers-too-large`.
"""

_TAGS = [
    {"name": "answers", "description": "Cited answers, whole or streamed."},
    {"name": "search", "description": "Passages, and questions to try."},
    {"name": "articles", "description": "What is ingested."},
    {"name": "exploring", "description": "Who says what, and when."},
    {"name": "conversations", "description": "What was asked and answered."},
    {"name": "OpenAI-compatible", "description": "The same answers for clients of OpenAI's API."},
    {"name": "evaluation", "description": "How good the answers are."},
    {"name": "health", "description": "Probes."},
]


def create_app(
    settings: Settings, engine: Engine | None = None, *, root_page: bool = True, page_secret: str | None = None
) -> FastAPI:
    """The HTTP API.

    Args:
        settings: What the engine is opened with.
        engine: An open engine, which stays its owner's to close; without one, one is opened in a thread when
            the application starts and closed when it stops.
        root_page: Whether ``/`` shows where things are; leave it out when a page is mounted there.
        page_secret: What that page sends as X-Sanad-Page to be believed in what it says of its visitors.
    """
    metrics = Metrics(lambda: workers.engine)
    workers = Workers(settings.threads, queue=settings.queue, observe=metrics.answer)
    if engine is not None:
        workers.engine = engine

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if engine is not None:
            async with forgetting(engine, settings.retention_days), giving_back():
                yield
            await anyio.to_thread.run_sync(app.state.jobs.close)
            return
        workers.engine = await anyio.to_thread.run_sync(_open, settings)
        try:
            async with forgetting(workers.engine, settings.retention_days), giving_back():
                yield
        finally:
            await anyio.to_thread.run_sync(app.state.jobs.close)
            await anyio.to_thread.run_sync(workers.engine.close)

    app = FastAPI(
        title="Sanad",
        summary="Cited answers from Arabic news.",
        description=_DESCRIPTION,
        version=_version(),
        openapi_tags=_TAGS,
        lifespan=lifespan,
        redirect_slashes=False,
    )
    app.state.workers = workers
    app.state.metrics = metrics
    app.state.jobs = Jobs(lambda: workers.engine, waiting=settings.ingest_queue)
    _add_middleware(app, settings, page_secret)
    app.add_middleware(Traffic, metrics=metrics)
    problems.install(app, [route for module in _ROUTED for route in module.router.routes])
    for module in _ROUTED:
        app.include_router(module.router)
    if root_page:
        _add_root_page(app)
    _add_unmatched(app)
    openapi.install(app)
    if tracing.wanted():
        tracing.install(app)
    return app


def _add_middleware(app: FastAPI, settings: Settings, page_secret: str | None) -> None:
    """From the inside out: each goes around those before it."""
    workers: Workers = app.state.workers
    app.add_middleware(PromptBodies)
    app.add_middleware(
        Access,
        reception=Reception(settings, page_secret),
        rates=Rates(settings),
        find_key=lambda token: Keys(workers.engine.database).find(token),
        workers=workers,
    )
    if settings.cors_origins:  # Around the access, as browsers send no key with their question whether they may ask.
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "X-API-Key", "X-Sanad-Client", "X-Request-ID", "Content-Type"],
            expose_headers=["X-Request-ID", "Location", "Retry-After", *Allowance.HEADERS],
            max_age=600,
        )
    app.add_middleware(Envelope)


class _Unmatched:
    """Answers what the API's own addresses do not take, so that a page mounted at ``/`` never sees it."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self.routes = tuple(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        for route in self.routes:
            match, child_scope = route.matches(scope)
            if match is Match.PARTIAL:  # The address is right, the method is not: the route answers 405 with Allow.
                scope.update(child_scope)
                await route.handle(scope, receive, send)
                return
        raise UnknownRoute(path=scope["path"])


def _add_unmatched(app: FastAPI) -> None:
    unmatched = _Unmatched(app.routes)
    for path in ("/v1", "/v1/{path:path}", "/healthz", "/readyz", "/metrics"):
        app.router.routes.append(Route(path, unmatched, include_in_schema=False))


def _add_root_page(app: FastAPI) -> None:
    @app.get("/", include_in_schema=False)
    async def root() -> Root:
        return Root(
            version=app.version,
            docs="/docs",
            openapi="/openapi.json",
            answers="/v1/answers",
            search="/v1/search",
            articles="/v1/articles",
        )


def _open(settings: Settings) -> Engine:
    # Imported here because it brings torch and chromadb, which an application given its engine already has.
    from retrieval.engine import Engine

    return Engine(settings)


def _version() -> str:
    try:
        return version("sanad")
    except PackageNotFoundError:  # Run from a checkout that is not installed.
        return "0"
