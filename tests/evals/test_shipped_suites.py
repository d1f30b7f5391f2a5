"""The suites that are shipped ask about what the shipped articles say."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from evals.lint import lint, read
from evals.suite import Suite, load

SUITES = sorted((Path(__file__).parents[2] / "evals" / "suites").glob("*.yaml"))


@pytest.fixture
def suite() -> Suite:
    """The suite of the gate."""
    return load(next(path for path in SUITES if path.stem == "muscat"))


@pytest.mark.parametrize("file", SUITES, ids=lambda path: path.stem)
def test_gold_is_in_the_articles_and_what_is_not_asked_about_is_not(file: Path) -> None:
    assert [str(problem) for problem in lint(file, load(file)).problems] == []


def test_there_are_two_suites() -> None:
    assert len(SUITES) == 2


def test_the_gate_has_150_cases_over_12_articles_and_more(suite: Suite) -> None:
    assert len(suite.cases) >= 150
    assert len(read(suite.articles)) >= 12


def test_a_fifth_to_a_quarter_of_the_gate_is_unanswerable(suite: Suite) -> None:
    unanswerable = [case for case in suite.cases if not case.answerable]
    assert 0.2 <= len(unanswerable) / len(suite.cases) <= 0.25
    assert all(case.absent for case in unanswerable)


def test_every_kind_of_question_has_enough_cases(suite: Suite) -> None:
    kinds = """oman goals denial figures dates people titles history comparison timeline follow-up en fa dialect
    misspelt false-premise tempting injection attribution""".split()
    counts = Counter(tag for case in suite.cases for tag in case.tags)
    assert {kind: counts[kind] for kind in kinds if counts[kind] < 8} == {}
