"""Preparing articles on a Ray cluster: bulk ingest where one machine's cores are too few.

Only what is costly and needs no index fans out: segmentation, attribution and embedding. One process still writes, so
that the order of writing (:mod:`ingest.pipeline`) and with it what a kill leaves behind are the same as without Ray.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ingest.preparation import Origin, prepare
from retrieval.errors import SanadError

if TYPE_CHECKING:
    from retrieval.catalog import PreparedArticle
    from retrieval.embedding import Embedder
    from retrieval.models import Article
    from retrieval.settings import Settings

CONNECT_SECONDS = 5


class ClusterUnavailable(SanadError):
    """Ray is not installed, or its cluster cannot be reached. Values: ``reason``."""

    code, status = "cluster-unavailable", 503
    arabic = "تعذّر استخدام Ray: {reason}"
    english = "Ray cannot be used: {reason}"


class _Worker:
    """Lives in a process of the cluster and loads the embedding model once."""

    def __init__(self, make_embedder: Callable[[], Embedder], passage_characters: int) -> None:
        self._embedder = make_embedder()
        self._passage_characters = passage_characters

    def prepare(self, articles: Sequence[tuple[Article, Origin]]) -> list[PreparedArticle]:
        return prepare(articles, self._embedder, self._passage_characters)


class Cluster:
    """A worker for each processor of a Ray cluster."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    @classmethod
    @contextmanager
    def joined(
        cls,
        settings: Settings,
        *,
        make_embedder: Callable[[], Embedder] | None = None,
        processors: int | None = None,
    ) -> Iterator[Cluster]:
        """Join the cluster that ``settings.ray_address`` names, or start one on this machine; leave it at the end.

        Args:
            settings: also say which model the workers load, and how long passages are.
            make_embedder: what each worker calls for its embedding model; default: that of the settings, on one
                thread.
            processors: of a cluster that is started here; default: all that this machine has.

        Raises:
            ClusterUnavailable: Ray is not installed, or there is no cluster at the address.
        """
        ray = _ray()
        _reach(settings.ray_address)
        try:
            ray.init(
                address=settings.ray_address or "local",
                num_cpus=None if settings.ray_address else processors,
                include_dashboard=None if settings.ray_address else False,
                log_to_driver=False,
                logging_level="error",
            )
        # Ray's own failures to start are bare exceptions.
        except Exception as error:
            reason = (str(error).strip() or type(error).__name__).partition("\n")[0]
            raise ClusterUnavailable(reason=reason) from error
        try:
            worker = ray.remote(num_cpus=1)(_Worker)
            number = max(1, int(ray.cluster_resources().get("CPU", 1)))
            make_embedder = make_embedder or _EmbedderOf(settings)
            workers = [worker.remote(make_embedder, settings.passage_characters) for _ in range(number)]
            yield cls(ray.util.ActorPool(workers))
        finally:
            ray.shutdown()

    def prepared(self, chunks: Sequence[Sequence[tuple[Article, Origin]]]) -> Iterator[list[PreparedArticle]]:
        """Each chunk of articles prepared, in order. No more chunks are under way than there are workers."""
        return iter(self._pool.map(lambda worker, chunk: worker.prepare.remote(chunk), list(chunks)))


class _EmbedderOf:
    """Makes the embedding model of the settings, in whichever process it is called."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings.model_copy(update={"threads": settings.threads or 1})

    def __call__(self) -> Embedder:
        from retrieval.embedding import Embedder

        return Embedder.of(self._settings)


def _reach(address: str | None) -> None:
    """Ray itself waits for minutes where nobody listens."""
    host, _, port = (address or "").removeprefix("ray://").rpartition(":")
    if host and port.isdigit():
        try:
            socket.create_connection((host, int(port)), CONNECT_SECONDS).close()
        except OSError as error:
            raise ClusterUnavailable(reason=f"{address}: {error.strerror or error}") from error


def _ray() -> Any:
    try:
        import ray
        import ray.util
    except ImportError as error:
        raise ClusterUnavailable(reason="pip install 'sanad[ray]'") from error
    return ray
