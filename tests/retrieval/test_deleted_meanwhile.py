"""An article that is deleted, or replaced, between being found and being read is passed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ingest.pipeline import delete_articles, ingest_articles
from retrieval.engine import Engine
from retrieval.models import Article
from retrieval.settings import Settings
from tests.hashing_embedder import HashingEmbedder

BRIDGE = Article(id="bridge", text="قال المهندس سامر العلي إن الجسر الكبير يفتح في أيار.")
DAM = Article(id="dam", text="قالت الوزيرة ليلى حمدان إن السد الكبير امتلأ في أيار.")
EMBEDDER = HashingEmbedder(dimension=64)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    settings = Settings(index=tmp_path / "index", abstain_below=0)  # these vectors make no confidence
    ingest_articles([BRIDGE, DAM], settings, embedder=EMBEDDER)
    with closing(Engine(settings, embedder=EMBEDDER)) as engine:
        yield engine


def after(engine: Engine, step: str, change: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the change when a step of the engine has been taken for the first time, before the next one."""
    taken, changes = getattr(engine, step), [change]

    def changed(*arguments: Any, **options: Any) -> Any:
        result = taken(*arguments, **options)
        if changes:
            changes.pop()()
        return result

    monkeypatch.setattr(engine, step, changed)


def test_examples_pass_over_it(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    after(engine, "articles", lambda: delete_articles(["dam"], engine.settings), monkeypatch)
    questions = engine.examples(language="ar")
    assert any("سامر العلي" in question for question in questions)
    assert not any("ليلى حمدان" in question for question in questions)


@pytest.mark.parametrize(
    "question",
    ["متى يفتح الجسر الكبير؟", "لخص ما تقوله المصادر عن الجسر الكبير", "قارن بين موقفي سامر العلي وليلى حمدان"],
)
def test_an_answer_holds_what_is_there_now(engine: Engine, question: str, monkeypatch: pytest.MonkeyPatch) -> None:
    after(engine, "_candidates", lambda: delete_articles(["bridge"], engine.settings), monkeypatch)
    answer = engine.answer(question)
    assert {citation.article_id for citation in answer.citations} <= {"dam"}


def test_when_all_of_it_is_gone_it_abstains(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    after(engine, "_candidates", lambda: delete_articles(["bridge", "dam"], engine.settings), monkeypatch)
    answer = engine.answer("متى يفتح الجسر الكبير؟")
    assert (answer.status, answer.sentences) == ("abstained", ())


def test_what_replaced_it_is_not_cited_with_its_words(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    other = BRIDGE.model_copy(update={"text": "قال المهندس سامر العلي إن الجسر الكبير يفتح في تموز."})
    after(engine, "_candidates", lambda: ingest_articles([other], engine.settings, embedder=EMBEDDER), monkeypatch)
    answer = engine.answer("متى يفتح الجسر الكبير؟")
    for citation in answer.citations:
        article = engine.article(citation.article_id, version=citation.article_version)
        assert article.text[citation.start : citation.end] == citation.quote
    assert [citation.quote for citation in engine.answer("متى يفتح الجسر الكبير؟").citations] == [other.text]
