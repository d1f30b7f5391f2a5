"""JUnit XML: what the schema that CI systems read asks for, and what it says of a run."""

import re
from xml.etree import ElementTree

import pytest

from evals.junit import junit
from evals.metrics import Check, Tally
from evals.runner import CaseResult, gather

# Element: the elements it may hold, and the attributes it must and may have, as in the schema of Jenkins' xUnit
# plugin and what GitLab and Azure add to it (`file`; `error` is what all of them read).
SCHEMA = {
    "testsuites": ({"testsuite"}, set(), {"name", "time", "tests", "failures", "errors"}),
    "testsuite": (
        {"testcase"},
        {"name", "tests", "failures", "errors"},
        {"time", "skipped", "timestamp", "file"},
    ),
    "testcase": ({"failure", "error"}, {"name"}, {"classname", "time"}),
    "failure": (set(), set(), {"message", "type"}),
    "error": (set(), set(), {"message", "type"}),
}
SECONDS = re.compile(r"\d+\.\d{3}")


def case(name, passed=True, *, error=None, detail="12", answer="جواب"):
    return CaseResult(
        suite="bridges",
        id=name,
        tags=(),
        question="كم طول <الجسر> & ما هو؟",
        before=("قبله؟",),
        answerable=True,
        passed=passed,
        checks=(Check(name="asked" if error else "must_include[0]", passed=passed, detail=error or detail),),
        error=error,
        status=None if error else "answered",
        answer=None if error else answer,
        tally=Tally(passed=passed, answerable=True, latency_ms=None if error else 1234.5),
    )


def parsed(*cases, bounds=None, **options):
    run = gather(cases, {"suites": [], "target": "in-process", "date": "2026-01-02T03:04:05+00:00"})
    return ElementTree.fromstring(junit(run, bounds or {}, **options).encode("utf-8"))


def check(element):
    children, required, optional = SCHEMA[element.tag]
    assert required <= set(element.attrib) <= required | optional
    assert {child.tag for child in element} <= children
    if "time" in element.attrib:
        assert SECONDS.fullmatch(element.get("time"))
    if element.tag == "testsuite":
        assert int(element.get("tests")) == len(element)
        for kind in ("failure", "error"):
            assert int(element.get(f"{kind}s")) == len(element.findall(f"testcase/{kind}"))
    for child in element:
        check(child)


def test_it_is_what_the_schema_asks_for(tmp_path):
    root = parsed(
        case("good"),
        case("bad", False),
        case("lost", False, error="no route"),
        bounds={"case_pass_rate": 0.9, "correctness": 0.5, "flaky": 0.0},
        files={"bridges": tmp_path / "bridges.yaml"},
    )
    check(root)
    assert {name: root.get(name) for name in ("tests", "failures", "errors")} == {
        "tests": "6",
        "failures": "4",
        "errors": "1",
    }
    assert root.find("testsuite").get("timestamp") == "2026-01-02T03:04:05"
    assert root.find("testsuite").get("file").endswith("bridges.yaml")


def test_a_failing_case_says_what_was_asked_what_does_not_hold_and_what_was_answered():
    found = parsed(case("bad", False)).find("testsuite/testcase")
    assert (found.get("name"), found.get("classname"), found.get("time")) == ("bad", "sanad.bridges", "1.234")
    failure = found.find("failure")
    assert failure.get("message") == "must_include[0]: 12"
    assert failure.text.splitlines() == [
        "question: كم طول <الجسر> & ما هو؟",
        "before: قبله؟",
        "must_include[0]: 12",
        "answer (answered): جواب",
    ]


def test_a_case_that_could_not_be_asked_is_an_error():
    found = parsed(case("lost", False, error="no route")).find("testsuite/testcase")
    assert found.find("error").get("message") == "asked: no route"
    assert found.find("failure") is None


def test_bounds_are_a_suite_of_their_own_and_without_any_there_is_none():
    suites = parsed(case("bad", False), bounds={"case_pass_rate": 0.5, "flaky": 0.0}).findall("testsuite")
    assert [suite.get("name") for suite in suites] == ["bridges", "gate"]
    assert [bound.find("failure").get("message") for bound in suites[1]] == [
        "case_pass_rate is 0.0000, wanted at least 0.5",
        "flaky has nothing to measure, wanted at most 0.0",
    ]
    assert len(parsed(case("good"))) == 1
    assert len(parsed(case("good"), bounds={"case_pass_rate": 0.5})[1].findall("*/failure")) == 0


@pytest.mark.parametrize("text", ["\x00\x1b[31m", "\ufffe", '"]]><![CDATA['])
def test_whatever_an_answer_holds_the_document_is_well_formed(text):
    found = parsed(case("bad", False, detail=f"a{text}b", answer=text)).find("testsuite/testcase/failure")
    assert found.get("message").startswith("must_include[0]: a")
