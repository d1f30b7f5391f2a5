"""The catalog: versions, slots, generation, identity, conversations."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier
from typing import NoReturn

import numpy as np
import pytest
from sqlalchemy import Engine as SqlEngine
from sqlalchemy import event

from retrieval.catalog import Catalog, PreparedArticle, slots_for
from retrieval.errors import ModelMismatch, UnknownArticle, UnknownConversation
from retrieval.models import Article, Sentence

pytestmark = pytest.mark.database


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with closing(Catalog(tmp_path)) as catalog:
        yield catalog


def prepared(article_id: str, *sentences: str) -> PreparedArticle:
    """An article with a passage a sentence."""
    text = " ".join(sentences)
    starts = [text.index(sentence) for sentence in sentences]
    spans = tuple((start, start + len(sentence)) for start, sentence in zip(starts, sentences, strict=True))
    vectors = np.eye(len(sentences), 8, dtype=np.float16)
    return PreparedArticle(
        article=Article(id=article_id, text=text),
        content_hash=text,
        origin=None,
        sentences=tuple(Sentence(index=i, start=a, end=b, text=text[a:b]) for i, (a, b) in enumerate(spans)),
        passage_spans=spans,
        passage_vectors=vectors,
        sentence_vectors=vectors,
        led_vectors=vectors,
    )


def commit(catalog: Catalog, *articles: PreparedArticle, deleted: tuple[str, ...] = ()) -> int:
    return catalog.commit(articles, slots_for(catalog, [len(a.passage_spans) for a in articles]), deleted)


def test_a_commit_raises_the_generation_and_names_what_changed(catalog: Catalog) -> None:
    assert catalog.generation == 0
    assert commit(catalog, prepared("a", "one.", "two."), prepared("b", "three.")) == 1
    assert commit(catalog, prepared("b", "four."), deleted=("a",)) == catalog.generation == 2
    assert [(c.article_id, c.version) for c in catalog.changes(since=1)] == [("a", None), ("b", 2)]
    assert [p.passage.text for p in catalog.passages(since=1)] == ["four."]
    assert catalog.changes(since=2) == []


def test_slots_of_replaced_passages_are_free_after_the_commit(catalog: Catalog) -> None:
    commit(catalog, prepared("a", "one.", "two."))
    commit(catalog, prepared("a", "three."))
    assert [(p.slot, p.passage.id) for p in catalog.passages()] == [(2, "a@2#0")]
    assert slots_for(catalog, [1, 2]) == [[0], [1, 3]]


def test_a_slot_held_by_a_live_passage_cannot_be_given_again(catalog: Catalog) -> None:
    commit(catalog, prepared("a", "one."))
    with pytest.raises(Exception, match=r"(?i)unique"):
        catalog.commit([prepared("b", "two.")], [[0]], ["a-not-there"])
    assert (catalog.generation, catalog.article_count(), catalog.passage_count()) == (1, 1, 1)
    with pytest.raises(UnknownArticle):
        catalog.article("b")


def test_a_failed_commit_leaves_nothing(catalog: Catalog) -> None:
    commit(catalog, prepared("a", "one."))
    with pytest.raises(ValueError, match="zip"):
        catalog.commit([prepared("a", "two."), prepared("b", "three.")], [[1]], [])
    assert catalog.generation == 1
    assert catalog.article("a").text == "one."


def test_processes_that_open_a_new_folder_at_once_agree(tmp_path: Path) -> None:
    together = Barrier(8)

    def opened() -> str:
        together.wait()
        with closing(Catalog(tmp_path / "new")) as catalog:
            return catalog.identity

    with ThreadPoolExecutor(8) as threads:
        users = [threads.submit(opened) for _ in range(8)]
    assert [user.exception() for user in users] == [None] * 8
    assert len({user.result() for user in users}) == 1


@pytest.mark.parametrize("stop", [SystemExit(0), KeyboardInterrupt()])
def test_the_end_of_the_process_amid_a_statement_is_no_failure_of_the_database(
    tmp_path: Path, stop: BaseException
) -> None:
    def end(*_: object) -> NoReturn:
        raise stop

    event.listen(SqlEngine, "do_execute", end)
    try:
        with pytest.raises(type(stop)):
            Catalog(tmp_path / "new")
    finally:
        event.remove(SqlEngine, "do_execute", end)
    with closing(Catalog(tmp_path / "new")) as catalog:  # What was cut off is begun again.
        assert catalog.identity


def test_a_model_is_claimed_once(catalog: Catalog) -> None:
    catalog.claim_model("one r (8)")
    catalog.claim_model("two r (8)")  # nothing is embedded yet
    commit(catalog, prepared("a", "one."))
    catalog.claim_model("two r (8)")
    for other in ("one r (8)", "two s (8)", "two r (9)"):
        with pytest.raises(ModelMismatch):
            catalog.claim_model(other)


def test_an_unknown_conversation_is_an_error(catalog: Catalog) -> None:
    assert catalog.history.conversation(catalog.history.start()).turns == ()
    with pytest.raises(UnknownConversation):
        catalog.history.conversation("no-such")
