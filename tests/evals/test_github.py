"""Workflow commands: which, in what order, on which line, escaped."""

import pytest

from evals.github import workflow_commands
from evals.metrics import Check, Tally
from evals.runner import CaseResult, gather
from evals.suite import load

SUITE = """suite: bridges
corpus: [articles]
cases:
  - id: good
    question: "كم؟"
  - id: bad
    question: "كم طول الجسر؟"
  - {id: lost, question: "أين؟"}
"""


def case(name, passed=True, *, error=None, detail="12"):
    return CaseResult(
        suite="bridges",
        id=name,
        tags=(),
        question="كم طول الجسر؟",
        before=(),
        answerable=True,
        passed=passed,
        checks=(Check(name="asked" if error else "must_include[0]", passed=passed, detail=error or detail),),
        error=error,
        tally=Tally(passed=passed, answerable=True),
    )


def run(*cases):
    return gather(cases, {"suites": [], "target": "in-process", "date": "2026-01-01"})


@pytest.fixture
def suite(tmp_path):
    (tmp_path / "articles").mkdir()
    file = tmp_path / "suites" / "bridges.yaml"
    file.parent.mkdir()
    file.write_text(SUITE.replace("[articles]", "[../articles]"), encoding="utf-8")
    assert len(load(file).cases) == 3
    return file


def test_each_names_the_line_of_its_case_or_bound_and_errors_come_first(suite, tmp_path):
    thresholds = tmp_path / "thresholds.yaml"
    thresholds.write_text("# floors\ncorrectness: 0.0\ncase_pass_rate: 0.9\n")
    found = run(case("good"), case("bad", False), case("lost", False, error="no route"))
    commands = list(
        workflow_commands(
            found,
            {"bridges": suite},
            {"case_pass_rate": 0.9},
            thresholds,
            root=tmp_path,
        )
    )
    assert commands == [
        "::error file=thresholds.yaml,line=3,title=Sanad%3A case_pass_rate::"
        "case_pass_rate is 0.3333, wanted at least 0.9",
        "::error file=suites/bridges.yaml,line=8,title=Sanad%3A bridges/lost::كم طول الجسر؟%0Aasked: no route",
        "::warning file=suites/bridges.yaml,line=6,title=Sanad%3A bridges/bad::كم طول الجسر؟%0Amust_include[0]: 12",
    ]


def test_a_bound_from_the_command_line_has_no_place(suite):
    (command,) = workflow_commands(run(case("good")), {"bridges": suite}, {"groundedness": 0.9})
    assert command.startswith("::error title=Sanad%3A groundedness::groundedness has nothing to measure")


def test_what_would_end_a_command_or_a_property_is_escaped(suite, tmp_path):
    bad = case("bad", False, detail="100%\r\n::error::x").model_copy(update={"id": "a,b: c\n"})
    (command,) = workflow_commands(run(bad), {"bridges": suite}, {}, root=tmp_path)
    assert command == (
        "::warning file=suites/bridges.yaml,title=Sanad%3A bridges/a%2Cb%3A c%0A::"
        "كم طول الجسر؟%0Amust_include[0]: 100%25%0D%0A::error::x"
    )


def test_a_run_in_which_all_is_well_has_none(suite):
    assert list(workflow_commands(run(case("good")), {"bridges": suite}, {"case_pass_rate": 0.9})) == []
