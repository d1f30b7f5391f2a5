"""What is evaluated: a fresh index in this process, or a running server."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import httpx
from pydantic import ValidationError

from retrieval.errors import SanadError, UnknownArticle
from retrieval.models import Answer, ArticleDetail, Mode
from retrieval.settings import Settings

# A generative answer waits for its endpoint before it falls back, so this is generous.
TIMEOUT_SECONDS = 180.0


class TargetError(SanadError):
    """What is evaluated cannot be asked, or answered something that is no answer. Values: ``reason``."""

    code, status = "target-error", 502
    arabic = "تعذّر تقييم الهدف: {reason}"
    english = "Cannot evaluate: {reason}"


class Target(Protocol):
    """A product under evaluation."""

    def answer(self, question: str, conversation_id: str | None, mode: Mode | None) -> Answer:
        """Ask one question, in a conversation if one is given.

        Raises:
            SanadError: the question was refused or failed; the conversation and the target stay usable.
        """

    def article_text(self, article_id: str, version: int) -> str | None:
        """The stored text of an article's version; ``None`` if there is no such version."""

    def describe(self) -> dict[str, Any]:
        """What this target is, for a run's record: ``target``, ``model``, ``index``."""

    def close(self) -> None:
        """Release what the target holds."""


@contextmanager
def fresh_settings() -> Iterator[Settings]:
    """Settings of an empty temporary index, removed at the end.

    The environment's settings hold except for where things are stored: never the user's index, and never a
    Chroma server, which others read.
    """
    with tempfile.TemporaryDirectory(prefix="sanad-eval-", ignore_cleanup_errors=True) as folder:
        yield Settings(index=Path(folder) / "index", chroma_url=None)


def load_embedder(settings: Settings) -> Any:
    """The ``retrieval.embedding.Embedder`` of these settings, to be shared by every index of an evaluation.

    It loads its model when something is first embedded.
    """
    from retrieval.embedding import Embedder

    return Embedder.of(settings)


class Indexed:
    """The engine over an index that is already there; only conversations are added to it.

    Args:
        settings: of the index.
        embedder: a ``retrieval.embedding.Embedder``.

    Raises:
        SanadError: the engine is not ready.
    """

    def __init__(self, settings: Settings, embedder: Any) -> None:
        from retrieval.engine import Engine

        self._settings = settings
        self._embedder = embedder
        self._engine = Engine(settings, embedder=embedder)
        try:
            self._engine.ready()
        except SanadError:
            self._engine.close()
            raise

    def answer(self, question: str, conversation_id: str | None, mode: Mode | None) -> Answer:
        """Ask the engine."""
        return self._engine.answer(question, conversation_id=conversation_id, mode=mode)

    def article_text(self, article_id: str, version: int) -> str | None:
        """The text in the catalog."""
        try:
            return self._engine.article(article_id, version=version).text
        except UnknownArticle:
            return None

    def describe(self) -> dict[str, Any]:
        """The embedding model, and the folder of the index."""
        return {"target": "in-process", "model": self._model(), "index": {"folder": str(self._settings.index)}}

    def close(self) -> None:
        """Close the engine. The index is left to whoever made it."""
        self._engine.close()

    def _model(self) -> dict[str, str | None]:
        return {"name": self._embedder.name, "revision": self._embedder.revision}


class InProcess(Indexed):
    """The engine over a corpus ingested for this evaluation alone.

    Args:
        settings: of an index that is empty.
        embedder: a ``retrieval.embedding.Embedder``.
        corpus: files or folders, ingested by ``ingest.pipeline.ingest``.

    Raises:
        UnreadableFile: a file of the corpus cannot be ingested. A score over half a corpus would mislead.
        SanadError: the engine is not ready.
    """

    def __init__(self, settings: Settings, embedder: Any, corpus: Sequence[Path]) -> None:
        from ingest.pipeline import ingest

        report = ingest(corpus, settings, embedder=embedder, progress=False)
        if report.failed:
            raise report.failed[0]
        self._articles = len(report.added)
        super().__init__(settings, embedder)

    def describe(self) -> dict[str, Any]:
        """The embedding model, and how many articles were ingested."""
        index = {"temporary": True, "articles": self._articles}
        return {"target": "in-process", "model": self._model(), "index": index}


class Remote:
    """A running server, asked over HTTP. Its own articles are evaluated; nothing is ingested.

    Args:
        url: where it listens, e.g. ``http://127.0.0.1:8000``.
        transport: another way to reach it than the network, as in tests.

    Raises:
        TargetError: it cannot be reached or says that it is not ready.
    """

    def __init__(self, url: str, *, transport: httpx.BaseTransport | None = None) -> None:
        try:
            self._client = httpx.Client(base_url=url, timeout=TIMEOUT_SECONDS, transport=transport)
        except httpx.InvalidURL as error:
            raise TargetError(reason=f"{url}: {error}") from error
        self._url = url
        try:
            self._request("GET", "/readyz")
        except SanadError:
            self._client.close()
            raise

    def answer(self, question: str, conversation_id: str | None, mode: Mode | None) -> Answer:
        """``POST /v1/answers``."""
        asked = {"question": question, "conversation_id": conversation_id, "mode": mode}
        body = {name: value for name, value in asked.items() if value is not None}
        response = self._request("POST", "/v1/answers", json=body)
        try:
            return Answer.model_validate_json(response.content)
        except ValidationError as error:
            raise TargetError(reason=f"POST /v1/answers gave no answer: {_first(error)}") from error

    def article_text(self, article_id: str, version: int) -> str | None:
        """``GET /v1/articles/{id}?version=``."""
        path = f"/v1/articles/{quote(article_id, safe='')}"
        response = self._request("GET", path, params={"version": version}, missing_is_none=True)
        if response.status_code == httpx.codes.NOT_FOUND:
            return None
        try:
            detail = ArticleDetail.model_validate_json(response.content)
        except ValidationError as error:
            raise TargetError(reason=f"GET {path} gave no article: {_first(error)}") from error
        # A server that ignores ?version= would otherwise have its quotes compared with another text.
        return detail.text if (detail.id, detail.version) == (article_id, version) else None

    def describe(self) -> dict[str, Any]:
        """The address. A server does not tell its model or its index."""
        return {"target": self._url, "model": None, "index": None}

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _request(self, method: str, path: str, *, missing_is_none: bool = False, **parts: Any) -> httpx.Response:
        try:
            response = self._client.request(method, path, **parts)
        except httpx.HTTPError as error:
            raise TargetError(reason=f"{method} {self._url}{path}: {error or type(error).__name__}") from error
        if response.is_success or (missing_is_none and response.status_code == httpx.codes.NOT_FOUND):
            return response
        raise TargetError(reason=f"{method} {path}: {response.status_code} {_problem(response)}")


def _problem(response: httpx.Response) -> str:
    """The detail of a problem-details body, else the beginning of whatever was sent."""
    try:
        problem = response.json()
    except ValueError:
        return response.text[:200]
    if not isinstance(problem, dict):
        return response.text[:200]
    return str(problem.get("detail") or problem.get("title") or response.reason_phrase)


def _first(error: ValidationError) -> str:
    found = error.errors(include_url=False)[0]
    return f"{'.'.join(str(part) for part in found['loc']) or 'body'}: {found['msg']}"
