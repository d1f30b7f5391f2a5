"""The dialogues are well formed, and follow-ups find what their questions in full find."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from evals import dialogues
from evals.dialogues import Dialogue, Outcome, Turn, figures, load, measure
from evals.suite import InputError
from ingest.pipeline import ingest
from retrieval.conversation import Standalone
from retrieval.embedding import Embedder
from retrieval.engine import Engine
from retrieval.settings import Settings


def articles() -> dict[str, str]:
    return {file.stem: file.read_text("utf-8") for folder in dialogues.CORPUS for file in folder.glob("*.md")}


def test_every_turn_has_its_words_in_an_article() -> None:
    texts = articles()
    for file in dialogues.FILES:
        for dialogue in load(file):
            for turn in dialogue.turns:
                assert turn.gold in texts[turn.article or dialogue.article], (dialogue.id, turn.ask)


def test_enough_dialogues_of_every_kind_and_no_article_on_both_sides() -> None:
    development, test = (load(file) for file in dialogues.FILES)
    assert len(development) + len(test) >= 40
    kinds = Counter(turn.kind for dialogue in (*development, *test) for turn in dialogue.turns[1:])
    assert min(kinds[kind] for kind in ("pronoun", "ellipsis", "what-about", "shift", "return", "correction")) >= 5
    assert min(kinds["language"], kinds["dialect"]) >= 5
    sides = [{turn.article or d.article for d in part for turn in d.turns} for part in (development, test)]
    assert not sides[0] & sides[1]


@pytest.fixture(scope="module")
def engine_of_some(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The articles of the first dialogues, and enough others to be mistaken for them."""
    embedder = Embedder()
    folder = tmp_path_factory.mktemp("dialogues")
    settings = Settings(index=folder / "index")
    chosen = ["a-strike", "b-earthquake", "a-parliament", "a-transfer", "a-water", "b-election", "d-cyclone"]
    report = ingest([dialogues.CORPUS[0] / f"{name}.md" for name in chosen], settings, embedder=embedder)
    assert len(report.added) == len(chosen)
    engine = Engine(settings, embedder=embedder)
    yield engine
    engine.close()


def test_follow_ups_find_what_the_full_questions_find(engine_of_some: Engine) -> None:
    some = [d for d in load(dialogues.FILES[0]) if d.article in {"a-strike", "a-parliament", "a-transfer", "a-water"}]
    some = [d for d in some if d.id not in {"transfer-english", "water-persian"}]
    found = figures(measure(engine_of_some, some, {"offline": engine_of_some.standalone}))
    assert found["hand.recall@5"] >= 0.95
    assert found["offline.ratio"] >= 0.95
    assert found["offline.recall@1"] > found["typed.recall@1"]
    assert found["offline.dragged"] <= 0.25


def test_a_gold_that_no_article_holds_is_named(engine_of_some: Engine) -> None:
    wrong = Dialogue(
        id="x",
        article="a-strike",
        turns=(Turn(ask="كم؟", gold="ألغت"), Turn(ask="كم؟", gold="لا وجود لهذا", kind="shift")),
    )
    with pytest.raises(InputError, match="لا وجود لهذا"):
        measure(engine_of_some, [wrong], {})


def test_figures() -> None:
    outcomes = [
        Outcome("d", "pronoun", "q", {"offline": "q (x)"}, {"typed": None, "hand": 1, "offline": 2}),
        Outcome("d", "shift", "r", {"offline": "r (x)"}, {"typed": 1, "hand": 1, "offline": None}),
    ]
    found = figures(outcomes)
    assert (found["typed.recall@5"], found["hand.recall@1"], found["offline.recall@1"]) == (0.5, 1.0, 0.0)
    assert (found["offline.ratio"], found["offline.dragged"]) == (0.5, 1.0)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("dialogues: [{id: a, article: b, turns: [{ask: x, gold: y}]}]", "turns"),
        ("dialogues: [{id: a, article: b, turns: [{ask: x, gold: y}, {ask: z, gold: y, kind: guess}]}]", "kind"),
        ("dialogues: 3", "dialogues"),
    ],
)
def test_malformed_files_name_the_field(tmp_path: Path, text: str, field: str) -> None:
    file = tmp_path / "dialogues.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(InputError, match=field):
        load(file)
    assert dialogues.main([str(file)]) == 2


def test_a_standalone_question_is_searched_for_as_it_is(engine_of_some: Engine) -> None:
    hits = engine_of_some.find(Standalone("كم بلغت قوة الزلزال؟", "كم بلغت قوة الزلزال؟"), limit=3)
    assert hits[0].passage.article_id == "b-earthquake"
