"""The scale benchmark's replicas are articles like any other: same spans, other words, vectors a little turned."""

from __future__ import annotations

import runpy
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evals.scale import Replicas, draw
from ingest.pipeline import ingest_articles
from ingest.preparation import prepare
from retrieval.catalog import Catalog
from retrieval.engine import Engine
from retrieval.models import Article
from retrieval.settings import Settings

HashingEmbedder: Any = runpy.run_path(str(Path(__file__).parents[1] / "hashing_embedder.py"))["HashingEmbedder"]
TEXT = "قال الوزير سالم القاسم إن الجسر سيفتح في الربيع المقبل. وأضاف أن الكلفة بلغت تسعين مليونًا من دون الضرائب."


@pytest.fixture
def replicas() -> Replicas:
    articles = [(Article(id=f"a{n}", text=f"{TEXT} {n}"), None) for n in range(3)]
    return Replicas(prepare(articles, HashingEmbedder(dimension=384), 900))


def test_a_replica_keeps_the_spans_and_changes_some_words(replicas: Replicas) -> None:
    article = replicas.article(7, "a1")
    assert article == replicas.article(7, "a1") != replicas.article(8, "a1")
    original = f"{TEXT} 1"
    assert len(article.text) == len(original)
    same = [mine == theirs for mine, theirs in zip(article.text.split(), original.split(), strict=True)]
    assert 0.6 < np.mean(same) < 1
    ((copy,),) = replicas.prepared([[(article, None)]])
    assert all(article.text[s.start : s.end] == s.text for s in copy.sentences)
    assert copy.sentences[0].attribution is not None
    ((other,),) = replicas.prepared([[(replicas.article(8, "a1"), None)]])
    cosine = (copy.passage_vectors.astype(np.float32) * other.passage_vectors.astype(np.float32)).sum()
    assert 0.9 < cosine < 0.99


def test_replicas_are_stored_and_found_without_being_embedded(replicas: Replicas, tmp_path: Path) -> None:
    settings, embedder = Settings(index=tmp_path), HashingEmbedder(dimension=384)
    articles = [replicas.article(number, f"a{n}") for number in range(20) for n in range(3)]
    report = ingest_articles(articles, settings, embedder=embedder, cluster=replicas)
    assert len(report.added) == 60
    assert embedder.encoded == 0
    with closing(Catalog(tmp_path)) as catalog:
        assert catalog.passage_count() == 60
    with closing(Engine(settings, embedder=embedder)) as engine:
        assert engine.rebuilt == []
        assert engine.search("متى يفتح الجسر؟")[0].passage.article_id.startswith("replica-")


def test_the_picture_has_an_image(tmp_path: Path) -> None:
    times = {"p50": 1.0, "p95": 2.0}
    rows = [
        {"passages": n, "stored_per_s": 9.0, "query_ms": times, "cold_ms": times, "rss_mb": 9, "disk_mb": n}
        for n in (10, 100)
    ]
    draw({"sizes": rows}, tmp_path / "scale.png")
    assert (tmp_path / "scale.png").read_bytes().startswith(b"\x89PNG")
