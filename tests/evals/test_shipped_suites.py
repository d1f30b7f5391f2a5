"""The suites that are shipped ask about what the shipped articles say."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.matching import REGEX, analysed_pattern
from evals.suite import Suite, load
from retrieval.analysis import normalise

SUITES = sorted((Path(__file__).parents[2] / "evals" / "suites").glob("*.yaml"))


@pytest.fixture(params=SUITES, ids=lambda path: path.stem)
def suite(request: pytest.FixtureRequest) -> Suite:
    return load(request.param)


@pytest.fixture
def corpus(suite: Suite) -> str:
    files = [file for path in suite.corpus for file in (sorted(path.rglob("*.md")) if path.is_dir() else [path])]
    assert files
    return normalise("\n".join(file.read_text("utf-8") for file in files))


def occurs(alternative: str, corpus: str) -> bool:
    if alternative.startswith(REGEX):
        return bool(analysed_pattern(alternative).search(corpus))
    return normalise(alternative) in corpus


def test_there_are_two_suites() -> None:
    assert len(SUITES) == 2


def test_gold_occurs_in_the_articles(suite: Suite, corpus: str) -> None:
    missing = []
    for case in suite.cases:
        groups = [
            *case.must_include,
            *case.quote_includes,
            *(part for s in case.attributed_to for part in (s.says, s.speaker)),
        ]
        missing += [(case.id, group) for group in groups if not any(occurs(text, corpus) for text in group)]
    assert not missing


def test_unanswerable_cases_have_no_gold(suite: Suite) -> None:
    unanswerable = [case for case in suite.cases if not case.answerable]
    assert unanswerable
    assert not [case.id for case in unanswerable if case.must_include or case.quote_includes or case.attributed_to]


def test_ids_are_unique_and_answerable_cases_have_gold(suite: Suite) -> None:
    ids = [case.id for case in suite.cases]
    assert len(set(ids)) == len(ids)
    assert not [case.id for case in suite.cases if case.answerable and not (case.must_include or case.quote_includes)]
