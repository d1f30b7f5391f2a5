"""Minimums: which are accepted, and which runs they stop."""

from pathlib import Path

import pytest

import evals
from evals.gate import minimum, misses, read_thresholds
from evals.suite import InputError


def test_a_metric_at_its_minimum_meets_it():
    assert misses({"correctness": 0.85}, {"correctness": 0.85}) == []
    assert misses({"correctness": 1 - 0.15}, {"correctness": 0.85}) == []


def test_a_metric_below_its_minimum_or_not_measured_misses_it():
    metrics = {"correctness": 0.8499, "groundedness": None, "case_pass_rate": 1.0}
    found = misses(metrics, {"correctness": 0.85, "groundedness": 0.0, "case_pass_rate": 0.5})
    assert found == [
        "correctness is 0.8499, wanted at least 0.85",
        "groundedness has nothing to measure, wanted at least 0.0",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("corectness", "0.5"),
        ("latency_p95_ms", "100"),
        ("flaky", "0.1"),
        ("correctness", "85%"),
        ("correctness", "85"),
        ("correctness", "-0.1"),
        ("correctness", "nan"),
    ],
)
def test_a_minimum_that_means_nothing_is_refused(name, value):
    with pytest.raises(ValueError, match=name if name != "correctness" else value):
        minimum(name, value)


def test_of_what_should_be_little_the_bound_is_a_maximum():
    assert misses({"flaky": 0.0, "latency_p95_ms": 200.0}, {"flaky": 0.0, "latency_p95_ms": 200.0}) == []
    assert misses({"flaky": 0.02, "latency_p95_ms": None}, {"flaky": 0.01, "latency_p95_ms": 200.0}) == [
        "flaky is 0.0200, wanted at most 0.01",
        "latency_p95_ms has nothing to measure, wanted at most 200.0",
    ]


def test_a_thresholds_file_may_bound_times(tmp_path):
    file = tmp_path / "thresholds.yaml"
    file.write_text("correctness: 0.9\nlatency_p95_ms: 1500\nflaky: 0\n")
    assert read_thresholds(file) == {"correctness": 0.9, "latency_p95_ms": 1500.0, "flaky": 0.0}


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ("correctness: high", "correctness"),
        ("corectness: 0.5", "corectness"),
        ("latency_p95_ms: -1", "latency_p95_ms"),
        ("flaky: 2", "flaky"),
        ("", "(file)"),
        ("- 1", "(file)"),
    ],
)
def test_a_thresholds_file_is_checked(tmp_path, content, field):
    file = tmp_path / "thresholds.yaml"
    file.write_text(content)
    with pytest.raises(InputError) as error:
        read_thresholds(file)
    assert str(error.value).startswith(f"{file}: field {field}: ")


def test_the_shipped_thresholds_hold_the_product_to_its_promise():
    thresholds = read_thresholds(Path(evals.__file__).parent / "thresholds.yaml")
    assert thresholds["citation_exactness"] == thresholds["citation_coverage"] == 1.0
