"""Ingest brings an index up to date with files: added, unchanged, replaced, deleted, pruned."""

from __future__ import annotations

import runpy
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ingest.pipeline import Report, delete_articles, ingest, ingest_articles
from retrieval.catalog import Catalog
from retrieval.engine import Engine
from retrieval.errors import ModelMismatch, UnknownArticle, UnreadableFile
from retrieval.models import Article
from retrieval.search import Search
from retrieval.settings import Settings

HashingEmbedder: Any = runpy.run_path(str(Path(__file__).parents[1] / "hashing_embedder.py"))["HashingEmbedder"]
pytestmark = pytest.mark.database


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(index=tmp_path / "index", passage_characters=200)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    for number, subject in enumerate(("القمح", "الميناء", "الجسر")):
        write(folder / f"{number}.md", f"article-{number}", body(subject))
    return folder


def body(subject: str) -> str:
    return f"أعلنت الوزارة خطة جديدة بشأن {subject} أمس. وقال المتحدث إن {subject} سيكون جاهزًا في الربيع. " * 4


def write(path: Path, article_id: str, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"---\nid: {article_id}\ntitle: عن {article_id}\n---\n{text}\n", "utf-8")


def run(paths: Path | list[Path], settings: Settings, **options: Any) -> Report:
    paths = [paths] if isinstance(paths, Path) else paths
    return ingest(paths, settings, embedder=HashingEmbedder(), **options)


def generation(settings: Settings) -> int:
    with closing(Catalog(settings.index)) as catalog:
        return catalog.generation


def live(settings: Settings) -> list[str]:
    with closing(Catalog(settings.index)) as catalog:
        return [article.id for article in catalog.articles(limit=1000)]


def test_a_first_ingest_adds_and_a_second_writes_nothing(files: Path, settings: Settings) -> None:
    assert run(files, settings).added == ["article-0", "article-1", "article-2"]
    before = generation(settings)
    embedder = HashingEmbedder()
    report = ingest([files], settings, embedder=embedder)
    assert report == Report(unchanged=["article-0", "article-1", "article-2"])
    assert (generation(settings), embedder.encoded) == (before, 0)


def test_only_what_changed_is_embedded_again(files: Path, settings: Settings) -> None:
    run(files, settings)
    write(files / "1.md", "article-1", body("المطار"))
    write(files / "3.md", "article-3", body("السد"))
    embedder = HashingEmbedder()
    report = ingest([files], settings, embedder=embedder)
    assert (report.added, report.replaced, report.unchanged) == (
        ["article-3"],
        ["article-1"],
        ["article-0", "article-2"],
    )
    with closing(Catalog(settings.index)) as catalog:
        passages = [p for p in catalog.passages() if p.passage.article_id in ("article-1", "article-3")]
        sentences = sum(len(catalog.article(article_id).sentences) for article_id in ("article-1", "article-3"))
    assert embedder.encoded == len(passages) + 2 * sentences


def test_old_versions_stay_readable(files: Path, settings: Settings) -> None:
    run(files, settings)
    write(files / "1.md", "article-1", body("المطار"))
    run(files, settings)
    delete_articles(["article-1"], settings)
    with closing(Engine(settings, embedder=HashingEmbedder())) as engine:
        assert "الميناء" in engine.article("article-1", version=1).text
        assert "المطار" in engine.article("article-1", version=2).text
        with pytest.raises(UnknownArticle):
            engine.article("article-1")
        with pytest.raises(UnknownArticle):
            engine.article("article-1", version=3)
    assert run(files, settings).added == ["article-1"]
    with closing(Catalog(settings.index)) as catalog:
        assert catalog.article("article-1").version == 3


def test_deleting_an_unknown_article_deletes_nothing(files: Path, settings: Settings) -> None:
    run(files, settings)
    before = generation(settings)
    with pytest.raises(UnknownArticle):
        delete_articles(["article-0", "no-such"], settings)
    assert (len(live(settings)), generation(settings)) == (3, before)


def test_pruning_removes_only_what_came_from_under_the_paths(files: Path, settings: Settings, tmp_path: Path) -> None:
    write(tmp_path / "others" / "a.md", "other", body("السوق"))
    run([files, tmp_path / "others"], settings)
    ingest_articles([Article(id="memory", text=body("النهر"))], settings, embedder=HashingEmbedder())
    (files / "0.md").unlink()
    (tmp_path / "others" / "a.md").unlink()
    assert run(files, settings).deleted == []
    assert run(files, settings, prune=True).deleted == ["article-0"]
    assert live(settings) == ["article-1", "article-2", "memory", "other"]


def test_pruning_keeps_the_article_of_a_file_that_cannot_be_read(files: Path, settings: Settings) -> None:
    run(files, settings)
    (files / "1.md").write_bytes(b"---\nid: [\n---\n\xff\xfe\x00")
    report = run(files, settings, prune=True)
    assert [Path(str(error.values["path"])).name for error in report.failed] == ["1.md"]
    assert report.deleted == []
    assert "article-1" in live(settings)


def test_pruning_follows_an_article_to_the_file_it_moved_to(files: Path, settings: Settings, tmp_path: Path) -> None:
    run(files, settings)
    before = generation(settings)
    (tmp_path / "archive").mkdir()
    (files / "0.md").rename(tmp_path / "archive" / "0.md")
    assert "article-0" in run([files, tmp_path / "archive"], settings).unchanged
    assert run(files, settings, prune=True).deleted == []
    assert generation(settings) == before
    (tmp_path / "archive" / "0.md").unlink()
    assert run(tmp_path / "archive", settings, prune=True).deleted == ["article-0"]


def test_two_files_with_one_article_id_are_reported(files: Path, settings: Settings) -> None:
    write(files / "z.md", "article-0", body("القمر"))
    report = run(files, settings)
    assert [Path(str(error.values["path"])).name for error in report.failed] == ["z.md"]
    assert "article-0" in str(report.failed[0])
    with closing(Catalog(settings.index)) as catalog:
        assert "القمح" in catalog.article("article-0").text


def test_a_path_that_does_not_exist_changes_nothing(files: Path, settings: Settings) -> None:
    run(files, settings)
    before = generation(settings)
    with pytest.raises(UnreadableFile):
        run([files, files / "missing"], settings, prune=True)
    assert generation(settings) == before


def test_an_article_without_a_sentence_is_kept_and_found_by_id(settings: Settings) -> None:
    report = ingest_articles([Article(id="empty", text="")], settings, embedder=HashingEmbedder())
    assert report.added == ["empty"]
    with closing(Catalog(settings.index)) as catalog:
        assert catalog.article("empty").sentences == ()


def test_twenty_replacements_reuse_slots(settings: Settings) -> None:
    for round_number in range(21):
        articles = [Article(id=f"a{n}", text=body(f"الموضوع {n} {round_number}")) for n in range(3)]
        ingest_articles(articles, settings, embedder=HashingEmbedder())
    with closing(Catalog(settings.index)) as catalog, closing(Search.of(catalog, settings)) as search:
        passages = catalog.passage_count()
        assert catalog.article("a0").version == 21
        assert search.dense.count() <= 2 * passages
        assert search.dense.fault(catalog) is None
        assert search.lexical.fault(catalog) is None


def test_an_index_refuses_another_model_until_it_is_empty(files: Path, settings: Settings) -> None:
    run(files, settings)
    write(files / "3.md", "article-3", body("السد"))
    other = HashingEmbedder("other", dimension=16)
    with pytest.raises(ModelMismatch, match="hashing"):
        ingest([files], settings, embedder=other)
    assert live(settings) == ["article-0", "article-1", "article-2"]
    delete_articles(live(settings), settings)
    assert len(ingest([files], settings, embedder=other).added) == 4
    with closing(Engine(settings, embedder=other)) as engine:
        assert engine.search("السد")[0].passage.article_id == "article-3"


def test_an_engine_refuses_an_index_of_another_model(files: Path, settings: Settings) -> None:
    run(files, settings)
    with pytest.raises(ModelMismatch, match=r"(?s)hashing.*other"):
        Engine(settings, embedder=HashingEmbedder("other"))


def test_a_nul_in_an_article_or_a_question_does_no_harm(settings: Settings) -> None:
    text = "قال\0 الوزير إن الجسر يفتح في أيار."
    ingest_articles([Article(id="nul", text=text)], settings, embedder=HashingEmbedder())
    report = ingest_articles([Article(id="nul", text=text)], settings, embedder=HashingEmbedder())
    assert report.unchanged == ["nul"]
    with closing(Engine(settings.model_copy(update={"abstain_below": 0.0}), embedder=HashingEmbedder())) as engine:
        answer = engine.answer("متى يفتح الجسر\0؟")
        (citation,) = answer.citations
        kept = engine.article("nul").text
        assert len(kept) == len(text)
        assert citation.quote == kept[citation.start : citation.end]
        assert engine.conversation(answer.conversation_id).turns[0].answer.id == answer.id
