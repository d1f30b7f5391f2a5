"""The lexical index: damaged, foreign and stale files are noticed and made anew from the catalog."""

from __future__ import annotations

import os
import runpy
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ingest.pipeline import delete_articles, ingest_articles
from retrieval.catalog import Catalog
from retrieval.engine import Engine
from retrieval.lexical import LexicalIndex
from retrieval.models import Article, SearchHit
from retrieval.settings import Settings

HashingEmbedder: Any = runpy.run_path(str(Path(__file__).parents[1] / "hashing_embedder.py"))["HashingEmbedder"]
QUERY = "متى يفتح الجسر رقم 7؟"


def articles(number: int, verb: str = "يفتح") -> list[Article]:
    return [Article(id=f"a{n}", text=f"قال الوزير إن الجسر رقم {n} {verb} في الشهر {n % 12}.") for n in range(number)]


pytestmark = pytest.mark.database


@pytest.fixture
def index(tmp_path: Path) -> Path:
    ingest_articles(articles(30), Settings(index=tmp_path / "index"), embedder=HashingEmbedder())
    return tmp_path / "index"


def search(index: Path) -> tuple[list[SearchHit], list[str]]:
    embedder = HashingEmbedder()
    with closing(Engine(Settings(index=index), embedder=embedder)) as engine:
        hits = engine.search(QUERY)
    assert embedder.encoded == 0
    return hits, engine.rebuilt


def fault(index: Path) -> str | None:
    with closing(Catalog(index)) as catalog:
        return LexicalIndex(index / "bm25").fault(catalog)


def scores(hits: list[SearchHit]) -> dict[str, float]:
    return {hit.passage.id: round(hit.bm25, 4) for hit in hits}


@pytest.mark.parametrize("how", ["removed", "empty", "halved", "changed"])
def test_damage_to_any_file_is_noticed(how: str, index: Path) -> None:
    expected, _ = search(index)
    names = sorted(path.name for path in (index / "bm25").iterdir() if path.suffix != ".lock")
    assert len(names) > 5
    for name in names:
        path = index / "bm25" / name
        if not path.exists() or (how in ("halved", "changed") and not path.stat().st_size):
            continue  # a rebuilt index names its files anew
        damage(path, how)
        assert fault(index), name
        hits, rebuilt = search(index)
        assert rebuilt == ["bm25"], name
        assert scores(hits) == scores(expected)
        assert fault(index) is None


def damage(path: Path, how: str) -> None:
    if how == "removed":
        path.unlink()
    elif how == "changed":
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 0xFF]))
    else:
        os.truncate(path, 0 if how == "empty" else path.stat().st_size // 2)


@pytest.mark.parametrize("content", [b"[1]", b"null", b"\xff", b'{"identity": 1}', b"7"])
def test_a_garbled_state_is_noticed(content: bytes, index: Path) -> None:
    (index / "bm25" / "sanad.json").write_bytes(content)
    assert search(index)[1] == ["bm25"]
    assert search(index)[1] == []


def test_a_missing_folder_is_rebuilt_when_opened_and_while_open(index: Path) -> None:
    expected, _ = search(index)
    shutil.rmtree(index / "bm25")
    hits, rebuilt = search(index)
    assert (scores(hits), rebuilt) == (scores(expected), ["bm25"])
    with closing(Engine(Settings(index=index), embedder=HashingEmbedder())) as engine:
        shutil.rmtree(index / "bm25")
        delete_articles(["a0"], Settings(index=index))
        assert engine.search(QUERY)[0].passage.article_id == "a7"


def test_another_catalogs_index_is_rebuilt(index: Path, tmp_path: Path) -> None:
    expected, _ = search(index)
    ingest_articles(articles(30, "يُغلق"), Settings(index=tmp_path / "other"), embedder=HashingEmbedder())
    shutil.rmtree(index / "bm25")
    shutil.copytree(tmp_path / "other" / "bm25", index / "bm25")
    assert "another catalog" in str(fault(index))
    hits, rebuilt = search(index)
    assert (scores(hits), rebuilt) == (scores(expected), ["bm25"])


def test_an_older_copy_is_brought_up_to_date(index: Path, tmp_path: Path) -> None:
    old = shutil.copytree(index / "bm25", tmp_path / "old")
    settings = Settings(index=index)
    ingest_articles([Article(id="a7", text="هُدم السد.")], settings, embedder=HashingEmbedder())
    delete_articles(["a8"], settings)
    expected, _ = search(index)
    shutil.rmtree(index / "bm25")
    shutil.copytree(old, index / "bm25")
    hits, _ = search(index)
    assert scores(hits).keys() == scores(expected).keys()
    assert scores(hits) == pytest.approx(scores(expected), rel=0.05)  # deleted documents still count in BM25's averages
    assert fault(index) is None
