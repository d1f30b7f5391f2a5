"""``sanad reembed``: another embedding model, while the index is asked and written, and after being killed."""

from __future__ import annotations

import runpy
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ingest.cli import reembed as command
from ingest.pipeline import delete_articles, ingest_articles
from ingest.reembedding import reembed
from retrieval.catalog import Catalog
from retrieval.dense import DenseIndex
from retrieval.engine import Engine
from retrieval.errors import EmptyIndex, ModelMismatch
from retrieval.models import Article
from retrieval.search import Search
from retrieval.settings import Settings
from retrieval.staging import Staging

HashingEmbedder: Any = runpy.run_path(str(Path(__file__).parents[1] / "hashing_embedder.py"))["HashingEmbedder"]
DIMENSIONS = {"old": 32, "new": 48}
BRIDGES = 40
pytestmark = pytest.mark.database


def embedder_of(settings: Settings) -> Any:
    return HashingEmbedder(settings.embedding_model, dimension=DIMENSIONS[settings.embedding_model])


def bridge(number: int) -> Article:
    text = f"قال الوزير إن الجسر رقم {number} يفتح بعد {number + 100} يوما. وأضاف أن طوله {number} مترا."
    return Article(id=f"bridge-{number}", title=f"الجسر {number}", text=text)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An index made with the old model; two articles of it have been replaced and deleted."""
    settings = Settings(index=tmp_path / "index", embedding_model="old", abstain_below=0)
    articles = [bridge(number) for number in range(BRIDGES)]
    articles[0] = articles[0].model_copy(update={"text": "نص قديم."})
    ingest_articles(articles, settings, embedder=embedder_of(settings))
    ingest_articles([bridge(0), bridge(BRIDGES)], settings, embedder=embedder_of(settings))
    delete_articles([f"bridge-{BRIDGES}"], settings)
    return settings


@pytest.fixture
def newer(settings: Settings) -> Settings:
    return settings.model_copy(update={"embedding_model": "new"})


@pytest.fixture
def serving(settings: Settings) -> Iterator[Engine]:
    with closing(Engine(settings, embedder_of=embedder_of)) as engine:
        yield engine


def embedded(settings: Settings) -> dict[str, Any]:
    """Every vector of a live article, by passage and by sentence."""
    with closing(Catalog.of(settings)) as catalog:
        passages = {p.passage.id.partition("@")[0]: p.vector.tobytes() for p in catalog.passages()}
        sentences = {
            a.id: [(s.vector.tobytes(), s.led_vector.tobytes()) for s in catalog.sentences(a.id, a.version)]
            for a in catalog.articles(limit=10 * BRIDGES)
        }
        return {"passages": passages, "sentences": sentences}


def sound(settings: Settings) -> bool:
    with closing(Catalog.of(settings)) as catalog, closing(Search.of(catalog, settings)) as search:
        return search.dense.fault(catalog) is None and search.lexical.fault(catalog) is None


def folders(settings: Settings) -> list[str]:
    return sorted(path.name for path in settings.index.glob("chroma*") if path.is_dir())


def first(engine: Engine, number: int) -> str:
    return engine.search(f"متى يفتح الجسر رقم {number}؟")[0].passage.article_id


def test_every_vector_is_as_if_ingested_with_the_new_model(settings: Settings, newer: Settings, tmp_path: Path) -> None:
    (before,) = folders(settings)
    outcome = reembed(newer, embedder=embedder_of(newer))
    assert outcome.before.startswith("old ")
    assert outcome.after.startswith("new ")
    assert outcome.embedded == BRIDGES
    fresh = newer.model_copy(update={"index": tmp_path / "fresh"})
    ingest_articles([bridge(number) for number in range(BRIDGES)], fresh, embedder=embedder_of(newer))
    assert embedded(newer) == embedded(fresh)
    assert sound(newer)
    assert len(folders(newer)) == 1
    assert folders(newer) != [before]
    with pytest.raises(ModelMismatch, match="sanad reembed"):
        Engine(settings, embedder=embedder_of(settings))
    assert reembed(newer, embedder=embedder_of(newer)).embedded == 0
    # And back again.
    assert reembed(settings, embedder=embedder_of(settings)).embedded == BRIDGES
    with closing(Engine(settings, embedder_of=embedder_of)) as engine:
        assert first(engine, 7) == "bridge-7"


def test_no_question_fails_and_no_answer_is_wrong_meanwhile(
    settings: Settings, newer: Settings, serving: Engine
) -> None:
    done = threading.Event()
    wrong: list[Any] = []
    asked = [0, 0]

    def ask(offset: int) -> None:
        number, after = offset, 0
        while after < 10:  # some questions more once it is done
            number = (number + 3) % BRIDGES
            after += done.is_set()
            try:
                answer = serving.answer(f"متى يفتح الجسر رقم {number}؟", before=())
                cited = {citation.article_id for citation in answer.citations}
                if first(serving, number) != f"bridge-{number}" or f"bridge-{number}" not in cited:
                    wrong.append((number, answer))
            except BaseException as error:
                wrong.append(error)
            asked[done.is_set()] += 1

    threads = [threading.Thread(target=ask, args=(offset,)) for offset in (1, 2)]
    for thread in threads:
        thread.start()
    slow = HashingEmbedder("new", dimension=DIMENSIONS["new"], delay=0.05)
    try:
        reembed(newer, embedder=slow)
    finally:
        done.set()
        for thread in threads:
            thread.join(60)
    assert wrong == []
    assert min(asked) > 0
    assert serving.embedder.name == "new"
    serving.ready()
    # What is ingested through the server from now on is of the new model.
    ingest_articles([bridge(BRIDGES + 1)], serving.settings, embedder=serving.embedder)
    assert first(serving, BRIDGES + 1) == f"bridge-{BRIDGES + 1}"


def test_articles_ingested_meanwhile_are_not_lost(
    settings: Settings, newer: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = Staging.put
    left = [True]

    def put_and_ingest(self: Staging, articles: Any) -> None:
        put(self, articles)
        if left.pop() if left else False:
            changed = bridge(1).model_copy(update={"text": "قال الوزير إن الجسر رقم 99 جديد."})
            ingest_articles([changed, bridge(50)], settings, embedder=embedder_of(settings))
            delete_articles(["bridge-2"], settings)

    monkeypatch.setattr(Staging, "put", put_and_ingest)
    reembed(newer, embedder=embedder_of(newer))
    assert sound(newer)
    with closing(Engine(newer, embedder_of=embedder_of)) as engine:
        assert first(engine, 50) == "bridge-50"
        assert first(engine, 99) == "bridge-1"
        assert engine.article_count() == BRIDGES


class Killed(BaseException):
    """In place of a signal."""


@pytest.mark.parametrize(("where", "kept"), [((Staging, "put"), False), ((DenseIndex, "record"), True)])
def test_killed_in_the_middle_the_old_index_is_live_and_the_next_run_goes_on(
    where: tuple[type, str], kept: bool, settings: Settings, newer: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = embedded(settings)
    real, calls = getattr(*where), []

    def killed(self: Any, *arguments: Any) -> Any:
        calls.append(1)
        if len(calls) == (2 if where[0] is Staging else 1):
            raise Killed
        return real(self, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(*where, killed)
        with pytest.raises(Killed):
            reembed(newer, embedder=embedder_of(newer))
    assert embedded(settings) == before
    assert sound(settings)
    with closing(Engine(settings, embedder_of=embedder_of)) as engine:
        assert first(engine, 7) == "bridge-7"
    embedder = embedder_of(newer)
    assert reembed(newer, embedder=embedder).embedded == (0 if kept else BRIDGES - 16)
    assert sound(newer)
    assert len(folders(newer)) == 1


def test_killed_after_the_switch_the_next_run_tidies_up(
    settings: Settings, newer: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_: Search) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(Search, "sweep", killed)
        with pytest.raises(Killed):
            reembed(newer, embedder=embedder_of(newer))
    assert len(folders(newer)) == 2
    with closing(Engine(newer, embedder_of=embedder_of)) as engine:
        assert first(engine, 7) == "bridge-7"
    assert reembed(newer, embedder=embedder_of(newer)).embedded == 0
    assert len(folders(newer)) == 1


def test_a_server_without_the_new_model_says_what_to_do(settings: Settings, newer: Settings) -> None:
    with closing(Engine(settings, embedder_of=lambda _: embedder_of(settings))) as engine:
        reembed(newer, embedder=embedder_of(newer))
        with pytest.raises(ModelMismatch, match="SANAD_EMBEDDING_MODEL"):
            engine.answer("متى يفتح الجسر رقم 7؟")
        with pytest.raises(ModelMismatch):
            engine.ready()


def test_without_articles_there_is_nothing_to_do(tmp_path: Path) -> None:
    empty = Settings(index=tmp_path / "empty")
    done = CliRunner().invoke(command, ["--index", str(empty.index)])
    assert isinstance(done.exception, EmptyIndex)
    assert not empty.index.exists()
