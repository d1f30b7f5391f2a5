"""Whether a run's confidences can be relied on: risk by coverage, and confidence against what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from evals.runner import CaseResult
from evals.statistics import Interval

BINS = 10


class Point(NamedTuple):
    """Answering only the cases of at least ``confidence``: their share of all, and the share of them not right."""

    coverage: float
    risk: float
    confidence: float


class Bin(NamedTuple):
    """Cases of like confidence: their mean confidence, the share that is answerable with its interval, how many."""

    confidence: float
    answerable: float
    interval: Interval
    cases: int


def risk_coverage(cases: Sequence[CaseResult]) -> list[Point]:
    """The risk–coverage curve (El-Yaniv and Wiener, 2010) of the answers given, most confident first.

    It ends where the product abstains: what it would have said there was not judged. A case that does not pass is a
    wrong answer.
    """
    told = [case for case in cases if case.confidence is not None]
    answered = sorted((case for case in told if case.status != "abstained"), key=lambda case: -(case.confidence or 0))
    points, wrong = [], 0
    for number, case in enumerate(answered, 1):
        wrong += not case.passed
        following = answered[number].confidence if number < len(answered) else None
        # Cases of one confidence are answered together or not at all.
        if following != case.confidence:
            points.append(Point(number / len(told), wrong / number, case.confidence or 0.0))
    return points


def reliability(cases: Sequence[CaseResult]) -> list[Bin]:
    """Cases by confidence in bins of equal width, empty ones left out; intervals after Wilson (1927)."""
    from scipy.stats import binomtest

    told = [(case.confidence, case.answerable) for case in cases if case.confidence is not None]
    bins = []
    for number in range(BINS):
        inside = [pair for pair in told if min(int(pair[0] * BINS), BINS - 1) == number]
        if not inside:
            continue
        right = sum(answerable for _, answerable in inside)
        exact = binomtest(right, len(inside)).proportion_ci(method="wilson")
        mean = float(np.mean([confidence for confidence, _ in inside]))
        bins.append(Bin(mean, right / len(inside), (float(exact.low), float(exact.high)), len(inside)))
    return bins


def calibration_error(bins: Sequence[Bin]) -> float | None:
    """The expected calibration error (Guo et al., 2017): mean distance of confidence and outcome; ``None``: no case."""
    total = sum(one.cases for one in bins)
    return sum(one.cases * abs(one.confidence - one.answerable) for one in bins) / total if total else None
