"""The curves of confidence."""

import pytest

from evals.calibration import Point, calibration_error, reliability, risk_coverage
from evals.metrics import Tally
from evals.runner import CaseResult


def case(confidence, passed=True, *, status="answered", answerable=True):
    return CaseResult(
        suite="s",
        id=str(confidence),
        tags=(),
        question="؟",
        before=(),
        answerable=answerable,
        passed=passed,
        checks=(),
        status=status,
        confidence=confidence,
        tally=Tally(passed=passed, answerable=answerable),
    )


def test_risk_is_over_those_at_least_as_confident_and_ends_where_it_abstains():
    cases = [case(0.6, False), case(0.9), case(0.8), case(0.1, status="abstained")]
    assert risk_coverage(cases) == [Point(0.25, 0.0, 0.9), Point(0.5, 0.0, 0.8), Point(0.75, 1 / 3, 0.6)]


def test_cases_of_one_confidence_are_one_point():
    assert risk_coverage([case(0.5), case(0.5, False)]) == [Point(1.0, 0.5, 0.5)]


def test_without_confidences_there_are_no_curves():
    lost = case(None, False, status=None)
    assert risk_coverage([lost]) == []
    assert reliability([lost]) == []
    assert calibration_error([]) is None


def test_bins_compare_confidence_with_what_is_answerable():
    cases = [case(0.75), case(0.79), case(0.71, answerable=False), case(1.0)]
    low, high = reliability(cases)
    assert (low.confidence, low.answerable, low.cases) == (pytest.approx(0.75), pytest.approx(2 / 3), 3)
    assert low.interval[0] < 2 / 3 < low.interval[1]
    assert (high.confidence, high.answerable, high.cases) == (1.0, 1.0, 1)
    assert calibration_error([low, high]) == pytest.approx(0.75 * (0.75 - 2 / 3))
