"""Intervals hold what they should and differences are told from chance."""

import numpy as np
import pytest
from scipy.stats import binomtest, bootstrap

from evals.metrics import METRICS, Count, Tally
from evals.statistics import changes, interval, intervals


def tally(passed=True, **fields):
    return Tally(**({"passed": passed, "answerable": True} | fields))


def outcomes(passed, of):
    return [tally(number < passed) for number in range(of)]


def test_the_interval_of_a_share_agrees_with_scipys_bootstrap():
    low, high = interval("case_pass_rate", outcomes(60, 80))
    sample = (np.array([1.0] * 60 + [0.0] * 20),)
    reference = bootstrap(sample, np.mean, method="percentile", n_resamples=5000, rng=1).confidence_interval
    assert low == pytest.approx(reference.low, abs=0.02)
    assert high == pytest.approx(reference.high, abs=0.02)


def test_more_cases_make_a_narrower_interval():
    few, many = interval("case_pass_rate", outcomes(15, 20)), interval("case_pass_rate", outcomes(300, 400))
    assert many[1] - many[0] < (few[1] - few[0]) / 3


def test_the_same_run_has_the_same_interval():
    assert intervals(outcomes(60, 80)) == intervals(outcomes(60, 80))


def test_cases_are_drawn_and_not_their_sentences():
    """Two answers of fifty sentences each are two draws, however many sentences there are."""
    tallies = [tally(groundedness=Count(hits=50, units=50)), tally(groundedness=Count(hits=0, units=50))]
    assert interval("groundedness", tallies) == (0.0, 1.0)


@pytest.mark.parametrize(("passed", "of"), [(30, 30), (0, 30)])
def test_a_unanimous_share_has_the_exact_binomial_interval(passed, of):
    exact = binomtest(passed, of).proportion_ci(0.95, method="exact")
    assert interval("case_pass_rate", outcomes(passed, of)) == pytest.approx((exact.low, exact.high))


def test_a_perfect_auroc_is_only_as_sure_as_its_disjoint_pairs():
    tallies = [tally(confidence=0.9)] * 50 + [tally(confidence=0.1, answerable=False)] * 5
    exact = binomtest(5, 5).proportion_ci(0.95, method="exact")
    assert interval("abstention_auroc", tallies) == pytest.approx((exact.low, 1.0))


def test_where_there_is_nothing_or_one_case_there_is_no_interval():
    assert set(intervals([]).values()) == {None}
    assert interval("case_pass_rate", [tally()]) is None
    assert interval("abstention_auroc", [tally(confidence=0.5)] * 9) is None


def test_times_have_intervals_too():
    times = [tally(latency_ms=float(milliseconds)) for milliseconds in range(1, 101)]
    low, high = interval("latency_p50_ms", times)
    assert low < 50.5 < high
    assert low > 30
    assert high < 70


def test_one_case_that_is_worse_is_no_evidence_and_twenty_are():
    before = outcomes(60, 60)
    one, twenty = changes(before, outcomes(59, 60)), changes(before, outcomes(40, 60))
    assert one["case_pass_rate"].difference == pytest.approx(-1 / 60)
    assert one["case_pass_rate"].p == 1.0
    assert not one["case_pass_rate"].significant
    assert twenty["case_pass_rate"].significant
    assert twenty["case_pass_rate"].interval[1] < 0


def test_the_p_value_is_that_of_the_sign_test_for_a_share():
    """Swapping the outcomes of seven cases that all improve gives as much in 2 of 2 ** 7 ways."""
    p = changes(outcomes(20, 30), outcomes(27, 30))["case_pass_rate"].p
    assert p == pytest.approx(2 / 2**7, abs=0.005)


def test_pairs_are_compared_and_not_two_heaps():
    """Two runs of equal rates: the same cases fail, or as many others do. Only pairs tell the difference's spread."""
    before = outcomes(30, 60)
    same, others = changes(before, before), changes(before, before[::-1])
    assert same["case_pass_rate"].interval == (0.0, 0.0)
    low, high = others["case_pass_rate"].interval
    assert low < -0.15
    assert high > 0.15


def test_metrics_in_which_no_case_differs_do_not_dilute_those_in_which_some_do():
    found = changes(outcomes(20, 30), outcomes(27, 30))
    assert found["case_pass_rate"].p_adjusted == found["case_pass_rate"].p
    assert found["case_pass_rate"].differs
    same = [tally(confidence=number / 30, answerable=number > 9) for number in range(30)]
    untouched = changes(same, same)["abstention_auroc"]
    assert (untouched.difference, untouched.p, untouched.p_adjusted) == (0.0, 1.0, None)
    assert not untouched.differs


def test_several_metrics_tested_at_once_raise_the_p_values():
    before = [tally(True, correctness=1.0, groundedness=Count(hits=1, units=1)) for _ in range(40)]
    after = [
        tally(number > 6, correctness=float(number > 2), groundedness=Count(hits=int(number > 3), units=1))
        for number in range(40)
    ]
    found = changes(before, after)
    assert all(found[name].p_adjusted >= found[name].p for name in ("case_pass_rate", "correctness", "groundedness"))
    assert found["case_pass_rate"].p_adjusted > found["case_pass_rate"].p


def test_a_case_that_gives_sentences_in_one_run_only_counts_there_only():
    before = [tally(groundedness=Count(hits=1, units=2)), tally(groundedness=Count(hits=2, units=2))]
    after = [tally(abstained=True), tally(groundedness=Count(hits=2, units=2))]
    change = changes(before, after)["groundedness"]
    assert (change.before, change.after) == (0.75, 1.0)


def test_times_are_compared_where_both_runs_have_them():
    before = [tally(latency_ms=10.0), tally(latency_ms=30.0), tally()]
    after = [tally(latency_ms=20.0), tally(), tally(latency_ms=500.0)]
    change = changes(before, after)["latency_p50_ms"]
    assert (change.before, change.after, change.difference) == (10.0, 20.0, 10.0)


def test_what_one_run_does_not_measure_has_no_difference():
    change = changes([tally()], [tally(correctness=1.0)])["attribution_accuracy"]
    assert (change.difference, change.interval, change.p, change.significant) == (None, None, None, False)
    assert list(changes([tally()], [tally()])) == list(METRICS)
