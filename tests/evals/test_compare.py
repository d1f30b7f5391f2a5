"""``sanad eval --compare``: which cases are paired, what is told of them, and the exit status."""

import json

import pytest
from click.testing import CliRunner

from evals.cli import evaluate
from evals.compare import compare, read_run
from evals.metrics import METRICS, Check, Tally
from evals.runner import CaseResult, gather
from evals.suite import InputError


def case(name, passed=True, *, question="؟", suite="bridges", **fields):
    checks = (Check(name="must_include[0]", passed=passed, detail="12"),)
    tally = Tally(**({"passed": passed, "answerable": True, "correctness": float(passed)} | fields))
    return CaseResult(
        suite=suite,
        id=name,
        tags=(),
        question=question,
        before=(),
        answerable=True,
        passed=passed,
        checks=checks,
        tally=tally,
    )


def run(*cases):
    return gather(cases, {"suites": [], "target": "in-process", "date": "2026-01-01T10:00:00+00:00"})


def many(failing):
    return run(*(case(f"c{number}", number >= failing, latency_ms=10.0 + number) for number in range(40)))


def invoke(*arguments):
    return CliRunner().invoke(evaluate, [str(argument) for argument in arguments])


@pytest.fixture
def written(tmp_path):
    """Writes runs as ``sanad eval --json`` does: ``written(before, after)`` are their files."""

    def write(*runs):
        files = [tmp_path / f"{number}.json" for number in range(len(runs))]
        for file, one in zip(files, runs, strict=True):
            file.write_text(json.dumps(one.model_dump(mode="json"), ensure_ascii=False), encoding="utf-8")
        return files

    return write


def test_cases_are_paired_by_suite_and_id_and_changes_are_listed():
    before = run(case("a"), case("b", False), case("c"), case("gone"), case("a", suite="other"))
    after = run(case("c"), case("b"), case("a", False), case("new"), case("a", suite="other"))
    found = compare(before, after)
    assert found.cases == 4
    assert [(changed.id, changed.not_met) for changed in found.broken] == [("a", ("must_include[0] (12)",))]
    assert [(changed.id, changed.passed) for changed in found.fixed] == [("b", True)]
    assert (found.only_before, found.only_after) == (("bridges/gone",), ("bridges/new",))
    assert found.metrics["case_pass_rate"].difference == 0.0


def test_a_case_asked_in_other_words_is_left_out():
    found = compare(run(case("a"), case("b", question="كم؟")), run(case("a"), case("b", False, question="كم طوله؟")))
    assert (found.cases, found.reworded, found.broken) == (1, ("bridges/b",), ())
    assert compare(run(case("a", question="كم؟")), run(case("a"))) is None


def test_less_of_what_should_be_little_is_better():
    before, after = (
        run(case("a", flaky=True), case("b", flaky=True)),
        run(case("a", flaky=False), case("b", flaky=True)),
    )
    assert compare(before, after).direction("flaky") == 1
    assert compare(after, before).direction("flaky") == -1
    assert compare(before, before).direction("flaky") == 0
    assert compare(before, before).direction("correctness") == 0
    assert compare(before, before).direction("groundedness") == 0


def test_a_run_that_is_no_worse_is_status_0(written):
    result = invoke("--compare", *written(many(8), many(4)))
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines[: len(METRICS)]] == list(METRICS)
    (line,) = [line for line in lines if line.startswith("case_pass_rate")]
    assert "0.800 → 0.900  +0.100 [" in line
    assert "p=" in line
    assert "shared cases: 40" in lines
    assert sum(line.startswith("FIXED bridges/c") for line in lines) == 4


def test_a_significantly_worse_run_is_status_1_and_a_little_worse_one_is_not(written):
    worse = invoke("--compare", *written(many(2), many(16)))
    assert worse.exit_code == 1
    assert "case_pass_rate is significantly worse" in worse.stderr
    assert "WORSE" in worse.stdout
    assert "BROKEN bridges/c2: must_include[0] (12)" in worse.stdout
    assert invoke("--compare", *written(many(2), many(3))).exit_code == 0


def test_slower_is_told_and_is_no_failure(written):
    slow = run(*(case(f"c{number}", latency_ms=900.0 + number) for number in range(40)))
    fast = run(*(case(f"c{number}", latency_ms=10.0 + number) for number in range(40)))
    result = invoke("--compare", *written(fast, slow))
    assert result.exit_code == 0
    assert any(line.startswith("latency_p50_ms") and line.endswith("WORSE") for line in result.stdout.splitlines())


def test_the_comparison_is_written_as_json_and_as_a_page(written, tmp_path):
    out, page = tmp_path / "out.json", tmp_path / "out.html"
    result = invoke("--compare", *written(many(8), many(4)), "--json", out, "--html", page)
    assert result.exit_code == 0, result.stderr
    data = json.loads(out.read_text(encoding="utf-8"))
    assert data["metrics"]["case_pass_rate"]["difference"] == pytest.approx(0.1)
    assert data["metrics"]["case_pass_rate"]["p_adjusted"] >= data["metrics"]["case_pass_rate"]["p"]
    assert len(data["fixed"]) == 4
    assert "Against the previous run" in page.read_text(encoding="utf-8")


def test_runs_without_a_common_case_are_status_2(written):
    result = invoke("--compare", *written(run(case("a")), run(case("b"))))
    assert result.exit_code == 2
    assert "no case is also in" in result.stderr


@pytest.mark.parametrize("content", ["", "[]", '{"metrics": {}}', '{"metrics": {"correctness": "high"}}'])
def test_a_file_that_is_no_run_is_status_2(written, tmp_path, content):
    (good,) = written(many(1))
    bad = tmp_path / "bad.json"
    bad.write_text(content)
    result = invoke("--compare", good, bad)
    assert result.exit_code == 2
    assert f"{bad}: field " in result.stderr
    assert invoke("--compare", good, tmp_path / "none.json").exit_code == 2
    with pytest.raises(InputError):
        read_run(bad)


def test_a_run_of_an_earlier_release_can_be_compared(written):
    (file,) = written(many(1))
    data = json.loads(file.read_text())
    del data["intervals"]
    for one in data["cases"]:
        del one["repeats"], one["tally"]["flaky"], one["tally"]["confidence"], one["tally"]["asked_llm"]
    file.write_text(json.dumps(data))
    assert invoke("--compare", file, file).exit_code == 0


@pytest.mark.parametrize("options", [("--url", "http://x"), ("--repeat", "2"), ("--min", "correctness=1")])
def test_options_of_an_evaluation_do_not_go_with_it(written, options):
    result = invoke("--compare", *written(many(1), many(1)), *options)
    assert result.exit_code == 2
    assert options[0] in result.stderr
