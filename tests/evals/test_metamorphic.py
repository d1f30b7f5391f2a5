"""Perturbed questions, and what is counted of their evidence."""

from __future__ import annotations

import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from evals import metamorphic
from retrieval.analysis import normalise

QUESTION = "ما دور سلطنة عمان في المحادثات؟"


@pytest.mark.parametrize("name", ["tashkeel", "tatweel", "without hamzas", "final letters", "decomposed"])
def test_harmless_perturbations_change_the_text_and_not_its_words(name: str) -> None:
    changed = metamorphic.PERTURBATIONS[name](QUESTION, random.Random(0))
    assert changed != QUESTION or name == "without hamzas"
    assert normalise(changed) == normalise(QUESTION)


def test_lost_evidence_is_counted() -> None:
    def ask(question: str) -> Any:
        place = SimpleNamespace(article_id="a", start=len(question), end=99)
        return SimpleNamespace(citations=(place,))

    found = metamorphic.measure(ask, ["ما دور عمان؟"])
    assert found["tatweel"].share == 0.0
    assert found["tatweel"].lost == ("ما دور عمـــان؟",)
    assert found["eastern digits"].share is None


def test_an_abstained_question_is_not_compared() -> None:
    found = metamorphic.measure(lambda question: SimpleNamespace(citations=()), ["ما دور عمان؟"])
    assert {kept.asked for kept in found.values()} == {0}


def test_a_share_below_the_minimum_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    suite = tmp_path / "suite.yaml"
    suite.write_text(
        "suite: s\ncorpus: [a.md]\ncases:\n  - {id: q, question: أين الجسر؟, must_include: [[نهر]]}\n", "utf-8"
    )
    (tmp_path / "a.md").write_text("الجسر فوق النهر الكبير في المدينة.", "utf-8")
    monkeypatch.setattr(metamorphic, "measure", lambda ask, questions: {"typo": metamorphic.Kept(2, 1, ("س",))})
    assert metamorphic.main([str(suite), "--min", "0.6", "--json", str(tmp_path / "out.json")]) == 1
    assert metamorphic.main([str(suite), "--min", "0.5"]) == 0
    assert '"typo": 0.5' in (tmp_path / "out.json").read_text("utf-8")
