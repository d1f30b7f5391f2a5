"""What tests of several folders share: the real model, and a real index of the shipped articles."""

from __future__ import annotations

import os
import runpy
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from ingest.pipeline import ingest, ingest_articles
from retrieval.embedding import Embedder
from retrieval.engine import Engine
from retrieval.models import Article
from retrieval.settings import Settings

POSTGRESQL: Any = runpy.run_path(str(Path(__file__).parent / "postgresql.py"))
# Then every test keeps its catalogs there; ``-m database`` leaves out the tests that store nothing of their own.
ON_POSTGRESQL = os.environ.get("SANAD_TEST_DATABASE") == "postgresql"
ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
# Debian's build without a window of its own, where it is installed: a page takes half the processor time in it.
CHROMIUM = next(
    (path for path in map(Path, ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")) if path.exists()),
    Path("/usr/bin/chromium"),
)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With ``-m database``, read only the files that have tests of what is stored."""
    if config.option.markexpr == "database" and collection_path.name.startswith("test_") and collection_path.is_file():
        return "mark.database" not in collection_path.read_text("utf-8") or None
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files of long tests."""
    long = {item.path for item in items if item.get_closest_marker("long")}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Any]:
    """A PostgreSQL server (``tests/postgresql.py``). Whoever stops it starts it again."""
    if POSTGRESQL["binaries"]() is None:
        pytest.skip("Debian's package postgresql is not installed")
    server = POSTGRESQL["Server"]()
    yield server
    server.close()


@pytest.fixture(scope="session", autouse=True)
def _catalogs_on_postgresql(request: pytest.FixtureRequest) -> None:
    if ON_POSTGRESQL:
        POSTGRESQL["redirect"](request.getfixturevalue("postgresql").url)


@pytest.fixture(autouse=True)
def _not_of_sqlite(request: pytest.FixtureRequest) -> None:
    if ON_POSTGRESQL and request.node.get_closest_marker("sqlite"):
        pytest.skip("of SQLite's own files, or says itself on which databases it runs")


@pytest.fixture
def portal() -> Iterator[BlockingPortal]:
    """Runs coroutines, ``portal.call(function, *arguments)``, also while Playwright's loop runs in this thread."""
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A headless browser for all tests: Playwright runs once in a thread."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def corpus_articles() -> Path:
    """The folder of the articles that are shipped."""
    return ROOT / "corpus" / "articles"


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The default embedding model, loaded once."""
    return Embedder()


@pytest.fixture(scope="session")
def corpus_index(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, corpus_articles: Path) -> Path:
    """An index of the shipped articles. Copy it to change it."""
    folder = tmp_path_factory.mktemp("corpus") / "index"
    report = ingest([corpus_articles], Settings(index=folder), embedder=embedder)
    assert report.added
    assert not report.failed
    return folder


@pytest.fixture(scope="session")
def engine(corpus_index: Path, embedder: Embedder) -> Iterator[Engine]:
    """An engine over the shipped articles."""
    engine = Engine(Settings(index=corpus_index), embedder=embedder)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def engine_over(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Callable[..., Engine]]:
    """Makes an engine over one article of its own: ``engine_over(text, abstain_below=0.0)``."""
    with ExitStack() as stack:

        def make(text: str, **settings: Any) -> Engine:
            made = Settings(index=tmp_path_factory.mktemp("article") / "index", **settings)
            ingest_articles([Article(id="article", text=text)], made, embedder=embedder)
            return stack.enter_context(closing(Engine(made, embedder=embedder)))

        yield make


@pytest.fixture(scope="session")
def shared_file() -> Path:
    """A real file of four articles, which is beside the repository and never in it."""
    found = sorted((SHARED / "corpus").glob("*.txt"))
    if not found:
        pytest.skip(f"the shared real articles are not on this machine: {SHARED / 'corpus'} has no .txt file")
    return found[0]
