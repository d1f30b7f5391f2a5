"""Hybrid search over both indexes: filters, ranking, and following the catalog."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.pipeline import delete_articles, ingest_articles
from retrieval.engine import Engine
from retrieval.errors import EmptyIndex, EmptyQuestion
from retrieval.models import Article, Filters
from retrieval.settings import Settings

HashingEmbedder: Any = runpy.run_path(str(Path(__file__).parents[1] / "hashing_embedder.py"))["HashingEmbedder"]
ARTICLES = [
    Article(id="wheat", source="الفجر", language="ar", published=date(2024, 1, 5), text="ارتفع سعر القمح في السوق."),
    Article(id="port", source="الفجر", language="ar", published=date(2024, 3, 5), text="أُغلق الميناء أمام السوق."),
    Article(id="bridge", source="Dawn", language="en", published=date(2024, 6, 1), text="The bridge to the market."),
    Article(id="undated", text="السوق بلا تاريخ."),
]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(index=tmp_path / "index")


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    ingest_articles(ARTICLES, settings, embedder=HashingEmbedder())
    with closing(Engine(settings, embedder=HashingEmbedder())) as engine:
        yield engine


def found(engine: Engine, query: str = "السوق", **filters: Any) -> set[str]:
    return {hit.passage.article_id for hit in engine.search(query, filters=Filters(**filters))}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, {"wheat", "port", "bridge", "undated"}),
        ({"article_ids": ("port", "no-such")}, {"port"}),
        ({"article_ids": ("no-such",)}, set()),
        ({"sources": ("الفجر",)}, {"wheat", "port"}),
        ({"sources": ("الفجر",), "languages": ("en",)}, set()),
        ({"languages": ("en",)}, {"bridge"}),
        ({"published_from": date(2024, 3, 5)}, {"port", "bridge"}),
        ({"published_to": date(2024, 3, 5)}, {"wheat", "port"}),
        ({"published_from": date(2024, 3, 5), "published_to": date(2024, 3, 5)}, {"port"}),
    ],
)
def test_filters_limit_the_articles(engine: Engine, filters: dict[str, Any], expected: set[str]) -> None:
    assert found(engine, **filters) == expected


def test_hits_are_ordered_by_the_fused_score(engine: Engine) -> None:
    hits = engine.search("سعر القمح")
    assert hits[0].passage.article_id == "wheat"
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert engine.search("سعر القمح", limit=1) == hits[:1]
    assert hits[0].bm25 > 0


def test_an_open_engine_follows_every_change(engine: Engine, settings: Settings) -> None:
    new = Article(id="museum", text="افتُتح متحف الزجاج.")
    ingest_articles([new], settings, embedder=HashingEmbedder())
    assert engine.search("متحف الزجاج")[0].passage.article_id == "museum"
    ingest_articles([new.model_copy(update={"text": "أُجّل افتتاح المعرض."})], settings, embedder=HashingEmbedder())
    assert engine.search("متحف الزجاج افتتاح المعرض")[0].passage.text == "أُجّل افتتاح المعرض."
    delete_articles(["museum"], settings)
    assert found(engine, "متحف الزجاج افتتاح المعرض") == {"wheat", "port", "bridge", "undated"}


def test_rankings_leave_out_what_bm25_does_not_match(engine: Engine) -> None:
    rankings = engine.rankings("القمح")
    assert rankings["bm25"] == ["wheat"]
    assert set(rankings["dense"]) == {"wheat", "port", "bridge", "undated"}
    assert rankings["hybrid"][0] == "wheat"


def test_bad_queries_are_refused(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(EmptyQuestion):
        engine.search("؟ …")
    with (
        closing(Engine(Settings(index=tmp_path / "none"), embedder=HashingEmbedder())) as empty,
        pytest.raises(EmptyIndex),
    ):
        empty.search("سؤال")
