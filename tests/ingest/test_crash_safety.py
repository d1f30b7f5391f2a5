"""Killed at any point, an ingest ends well when run again; ingests and readers may overlap."""

from __future__ import annotations

import os
import runpy
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ingest.pipeline import ingest, ingest_articles
from retrieval.catalog import Catalog
from retrieval.engine import Engine
from retrieval.models import Article
from retrieval.search import Search
from retrieval.settings import Settings

SCRIPT = Path(__file__).parents[1] / "hashing_embedder.py"
HashingEmbedder: Any = runpy.run_path(str(SCRIPT))["HashingEmbedder"]
ARTICLES = 150
# On PostgreSQL one of each kind: they take their time, and differ in what is killed, not in where it is kept.
database = pytest.mark.database


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    for number in range(ARTICLES):
        sentences = [f"أعلن المتحدث أن المشروع {number} بلغ المرحلة {step}." for step in range(1 + number % 4)]
        head = f"---\nid: article-{number:03}\ntitle: المشروع {number}\n---\n"
        (folder / f"{number:03}.md").write_text(head + " ".join(sentences), "utf-8")
    return folder


@pytest.fixture(scope="module")
def uninterrupted(files: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    settings = Settings(index=tmp_path_factory.mktemp("uninterrupted"))
    ingest([files], settings, embedder=HashingEmbedder())
    return contents(settings)


def start(index: Path, files: Path, *options: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), str(index), str(files), *options],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "starting\n"
    return process


def contents(settings: Settings) -> dict[str, Any]:
    """All that is live, by article, wherever its vectors are."""
    with closing(Catalog(settings.index)) as catalog:
        found = {a.id: catalog.article(a.id) for a in catalog.articles(limit=10 * ARTICLES)}
        passages = sorted((p.passage.id, p.passage.text, p.vector.tobytes()) for p in catalog.passages())
        return {"articles": found, "passages": passages}


def faults(settings: Settings) -> list[str | None]:
    with closing(Catalog(settings.index)) as catalog, closing(Search.of(catalog, settings)) as search:
        return [search.dense.fault(catalog), search.lexical.fault(catalog)]


def live(index: Path) -> int:
    with closing(Catalog(index)) as catalog:
        return catalog.article_count()


@pytest.mark.parametrize("articles_before_the_kill", [0, 1, pytest.param(40, marks=database), 110])
def test_a_killed_ingest_is_completed_by_the_next(
    articles_before_the_kill: int, files: Path, uninterrupted: dict[str, Any], tmp_path: Path
) -> None:
    settings = Settings(index=tmp_path / "index")
    process = start(settings.index, files, "5", "0.02")
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        if live(settings.index) >= articles_before_the_kill:
            break
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "the ingest was over before it could be killed"
    killed_at = live(settings.index)
    assert articles_before_the_kill <= killed_at < ARTICLES
    if killed_at:
        with closing(Engine(settings, embedder=HashingEmbedder())) as engine:
            assert engine.search("المشروع", limit=3)
    report = ingest([files], settings, embedder=HashingEmbedder())
    assert (len(report.unchanged), len(report.added)) == (killed_at, ARTICLES - killed_at)
    assert contents(settings) == uninterrupted
    assert faults(settings) == [None, None]


@pytest.mark.parametrize("step", ["write", pytest.param("commit", marks=database), "record", "follow"])
def test_a_failure_between_two_steps_of_writing_is_made_good(
    step: str, files: Path, uninterrupted: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from retrieval.dense import DenseIndex
    from retrieval.lexical import LexicalIndex

    settings = Settings(index=tmp_path / "index")
    # Each text another: Chroma's graph may lose its way among many equal vectors (which the next opening mends).
    few = [Article(id=f"article-{n:03}", text=f"نص قديم {n} يُستبدل.") for n in range(30)]
    ingest_articles(few, settings, embedder=HashingEmbedder())
    owner = {"write": DenseIndex, "commit": Catalog, "record": DenseIndex, "follow": LexicalIndex}[step]
    whole = getattr(owner, step)
    calls = 0

    def failing(self: Any, *arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if step != "follow" or calls > 1:  # the first is that of opening
            raise KeyboardInterrupt
        return whole(self, *arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr(owner, step, failing)
        with pytest.raises(KeyboardInterrupt):
            ingest([files], settings, embedder=HashingEmbedder())
    report = ingest([files], settings, embedder=HashingEmbedder())
    assert len(report.added) + len(report.replaced) + len(report.unchanged) == ARTICLES
    assert faults(settings) == [None, None]
    texts = {article_id: detail.text for article_id, detail in contents(settings)["articles"].items()}
    assert texts == {article_id: detail.text for article_id, detail in uninterrupted["articles"].items()}
    with closing(Engine(settings, embedder=HashingEmbedder())) as engine:
        assert all("قديم" not in hit.passage.text for hit in engine.search("نص قديم يُستبدل", limit=50))


@database
def test_two_ingests_at_once_both_end_well(files: Path, uninterrupted: dict[str, Any], tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "index")
    first, second = start(settings.index, files, "20"), start(settings.index, files, "20")
    outputs = [process.communicate(timeout=120)[0].strip() for process in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0]
    assert sorted(outputs) == [f"added 0 replaced 0 unchanged {ARTICLES}", f"added {ARTICLES} replaced 0 unchanged 0"]
    assert contents(settings) == uninterrupted
    assert faults(settings) == [None, None]


def test_an_open_engine_sees_what_another_process_ingests(files: Path, tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "index")
    ingest_articles([Article(id="old", text="أغلق الجسر القديم أمس.")], settings, embedder=HashingEmbedder())
    with closing(Engine(settings, embedder=HashingEmbedder())) as engine:
        assert engine.search("المشروع 17")[0].passage.article_id == "old"
        process = start(settings.index, files, "50")
        assert process.communicate(timeout=120)[0].startswith(f"added {ARTICLES} ")
        hits = engine.search("المشروع 17 بلغ المرحلة", limit=5)
        assert "article-017" in [hit.passage.article_id for hit in hits]
        assert max(hit.dense for hit in hits) > 0.5
        assert max(hit.bm25 for hit in hits) > 0


def test_searches_from_threads_go_on_while_articles_are_replaced(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "index")

    def articles(round_number: int) -> list[Article]:
        return [Article(id=f"a{n}", text=f"الخبر {n} في الجولة {round_number}. انتهى الخبر {n}.") for n in range(20)]

    ingest_articles(articles(0), settings, embedder=HashingEmbedder())
    failures: list[BaseException] = []
    searched = 0
    stop = threading.Event()

    def search(engine: Engine) -> None:
        nonlocal searched
        while not stop.is_set():
            try:
                hits = engine.search("الخبر في الجولة", limit=5)
                assert len(hits) == 5
                assert all(hit.passage.text.startswith("الخبر ") for hit in hits)
                searched += 1
            except BaseException as error:
                failures.append(error)
                return
            time.sleep(0.005)

    with closing(Engine(settings, embedder=HashingEmbedder())) as engine:
        threads = [threading.Thread(target=search, args=(engine,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for round_number in range(1, 7):
            ingest_articles(articles(round_number), settings, embedder=HashingEmbedder())
        stop.set()
        for thread in threads:
            thread.join(30)
    assert not failures
    assert searched > 20
