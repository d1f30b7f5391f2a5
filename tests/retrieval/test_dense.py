"""The dense index: whatever happens to Chroma's files, it is noticed and made anew from the catalog."""

from __future__ import annotations

import os
import runpy
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from chromadb.api.shared_system_client import SharedSystemClient

from ingest.pipeline import delete_articles, ingest_articles
from retrieval.catalog import Catalog
from retrieval.dense import DenseIndex
from retrieval.embedding import Embedder
from retrieval.engine import Engine
from retrieval.models import Article, SearchHit
from retrieval.search import Search
from retrieval.settings import Settings
from tests.postgresql import copy_index

HashingEmbedder: Any = runpy.run_path(str(Path(__file__).parents[1] / "hashing_embedder.py"))["HashingEmbedder"]
QUERY = "متى يفتح الجسر رقم 7؟"


def articles(number: int, verb: str = "يفتح") -> list[Article]:
    return [
        Article(id=f"a{n}", text=f"قال الوزير إن الجسر رقم {n} {verb} في الشهر {n % 12}. " * 3) for n in range(number)
    ]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index large enough for Chroma to have written its graph to files (a thousand vectors)."""
    folder = tmp_path_factory.mktemp("sound") / "index"
    ingest_articles(articles(1100), Settings(index=folder), embedder=HashingEmbedder())
    return folder


@pytest.fixture
def index(sound: Path, tmp_path: Path) -> Path:
    return copy_index(sound, tmp_path / "index")


@pytest.fixture(scope="module")
def expected(sound: Path) -> list[SearchHit]:
    with closing(Engine(Settings(index=sound), embedder=HashingEmbedder())) as engine:
        assert engine.rebuilt == []
        hits = engine.search(QUERY)
    assert len(hits) == 10
    return hits


def check(index: Path, expected: list[SearchHit], rebuilt: list[str]) -> None:
    """An engine opens, says what it rebuilt, encodes nothing, and finds the same; and the next one rebuilds nothing."""
    embedder = HashingEmbedder()
    for again in (rebuilt, []):
        with closing(Engine(Settings(index=index), embedder=embedder)) as engine:
            assert engine.rebuilt == again
            hits = engine.search(QUERY)
            assert [hit.passage for hit in hits] == [hit.passage for hit in expected]
            assert [hit.score for hit in hits] == pytest.approx([hit.score for hit in expected], abs=1e-4)
    assert embedder.encoded == 0
    with closing(Catalog(index)) as catalog, closing(Search.of(catalog, Settings(index=index))) as search:
        assert search.dense.fault(catalog) is None


DATABASE = "chroma.sqlite3"
SEGMENTS = ["data_level0.bin", "header.bin", "length.bin", "link_lists.bin", "index_metadata.pickle"]


def test_a_missing_folder_is_rebuilt(index: Path, expected: list[SearchHit]) -> None:
    shutil.rmtree(index / "chroma")
    check(index, expected, ["chroma"])


@pytest.mark.parametrize("size", [0, 1, 99, 4096, 4097, 30001, -4096])
def test_a_truncated_database_is_rebuilt(size: int, index: Path, expected: list[SearchHit]) -> None:
    database = index / "chroma" / DATABASE
    os.truncate(database, size if size >= 0 else database.stat().st_size + size)
    check(index, expected, ["chroma"])


@pytest.mark.parametrize("name", SEGMENTS)
@pytest.mark.parametrize("how", ["removed", "empty", "halved"])
def test_a_damaged_segment_is_rebuilt(name: str, how: str, index: Path, expected: list[SearchHit]) -> None:
    files = list((index / "chroma").glob(f"*/{name}"))
    if not files or not files[0].stat().st_size:
        pytest.skip(f"this Chroma writes nothing to {name}")
    if how == "removed":
        files[0].unlink()
    else:
        os.truncate(files[0], 0 if how == "empty" else files[0].stat().st_size // 2)
    check(index, expected, ["chroma"])


@pytest.mark.parametrize("content", [None, b"", b"{", b"[1]", b"null", b"\xff\xfe", b'{"segments": null}'])
def test_a_lost_state_file_costs_a_comparison_not_an_answer(
    content: bytes | None, index: Path, expected: list[SearchHit]
) -> None:
    state = index / "chroma" / "sanad.json"
    state.unlink()
    if content is not None:
        state.write_bytes(content)
    check(index, expected, [])


def test_another_catalogs_index_is_rebuilt(index: Path, expected: list[SearchHit], tmp_path: Path) -> None:
    other = Settings(index=tmp_path / "other")
    ingest_articles(articles(1100, "يُغلق"), other, embedder=HashingEmbedder())
    shutil.rmtree(index / "chroma")
    shutil.copytree(other.index / "chroma", index / "chroma")
    check(index, expected, ["chroma"])


def test_an_older_copy_is_noticed(index: Path, expected: list[SearchHit], tmp_path: Path) -> None:
    current = Settings(index=tmp_path / "current")
    ingest_articles(articles(1100), current, embedder=HashingEmbedder())
    changed = [articles(1100, "يُهدم")[7]]
    old = shutil.copytree(current.index / "chroma", tmp_path / "old")
    ingest_articles(changed, current, embedder=HashingEmbedder())
    with closing(Engine(current, embedder=HashingEmbedder())) as engine:
        newer = engine.search(QUERY)
    shutil.rmtree(current.index / "chroma")
    shutil.copytree(old, current.index / "chroma")
    check(current.index, newer, ["chroma"])


def test_threads_open_and_close_a_folder_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(dict[str, Any]):
        def __contains__(self, key: object) -> bool:
            found = super().__contains__(key)
            time.sleep(0.005)  # in which another thread closes what was found
            return found

    monkeypatch.setattr(SharedSystemClient, "_identifier_to_system", Slow())

    def use() -> None:
        for _ in range(10):
            with closing(DenseIndex(tmp_path / "chroma")) as index:
                assert index.count() == 0

    with ThreadPoolExecutor(4) as threads:
        users = [threads.submit(use) for _ in range(4)]
    assert [user.exception() for user in users] == [None] * 4


def test_retired_vectors_do_not_crowd_out_live_ones(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "index", candidates=5)
    near = [Article(id=f"near{n}", text="متى يفتح الجسر رقم 7؟") for n in range(40)]
    ingest_articles([*near, *articles(5)], settings, embedder=HashingEmbedder())
    with closing(Engine(settings, embedder=HashingEmbedder())) as engine:
        delete_articles([article.id for article in near], settings)
        with closing(Catalog(settings.index)) as catalog:
            assert catalog.passage_count() == 5
        assert len(engine.search("Brücke رقم")) == 5


def test_answers_are_the_same_after_a_rebuild(corpus_index: Path, tmp_path: Path, embedder: Embedder) -> None:
    index = copy_index(corpus_index, tmp_path / "index")

    def answer() -> tuple[str, list[str], list[str]]:
        with closing(Engine(Settings(index=index), embedder=embedder)) as engine:
            found = engine.answer(engine.examples()[0])
            return found.text, [citation.quote for citation in found.citations], engine.rebuilt

    text, quotes, rebuilt = answer()
    assert quotes
    assert rebuilt == []
    shutil.rmtree(index / "chroma")
    shutil.rmtree(index / "bm25")
    assert answer() == (text, quotes, ["chroma", "bm25"])
