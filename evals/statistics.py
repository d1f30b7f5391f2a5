"""How far a run's figures can be trusted: intervals, and the differences of two runs.

Cases are the units that are drawn: the sentences and citations of one answer stand or fall together, so drawing them
singly would promise too much. All draws are seeded: the same run has the same intervals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from evals.metrics import METRICS, Array, Tally, measured, parts

LEVEL = 0.95
RESAMPLES = 2000
PERMUTATIONS = 9999
SEED = 20240911
_AT_ONCE = 1_000_000  # drawn cases held in memory at a time

Interval = tuple[float, float]
_Draw = TypeVar("_Draw")


class Change(BaseModel):
    """A metric of two runs over the same cases: ``difference`` is ``after - before``.

    ``p`` is how often chance alone makes such a difference; ``p_adjusted`` is that corrected for the number of
    metrics in which any case differs. ``None`` where one of the runs has nothing to measure, ``p_adjusted`` also
    where no case differs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    before: float | None
    after: float | None
    difference: float | None = None
    interval: Interval | None = None
    p: float | None = None
    p_adjusted: float | None = None

    @property
    def differs(self) -> bool:
        """Whether any case gave something else to the metric."""
        return self.p_adjusted is not None

    @property
    def significant(self) -> bool:
        """Whether the difference is more than chance explains at the level of the intervals."""
        return self.p_adjusted is not None and self.p_adjusted < 1 - LEVEL


def intervals(tallies: Sequence[Tally]) -> dict[str, Interval | None]:
    """The 95 % interval of each metric; ``None`` where there is nothing to measure, or one case only."""
    return {name: interval(name, tallies) for name in METRICS}


def interval(name: str, tallies: Sequence[Tally]) -> Interval | None:
    """The 95 % percentile bootstrap interval of one metric (Efron and Tibshirani, 1993, chapter 13).

    Where every case agrees (a share of exactly 0 or 1) drawing them again says nothing, and the interval is the
    exact binomial one (Clopper and Pearson, 1934) of so many cases, or pairs of cases for AUROC, that agreed.
    """
    given = parts(name, tallies)
    value = measured(name, given)
    if value is None or len(given) < 2:
        return None
    if not name.endswith("_ms") and value in (0.0, 1.0):
        return _unanimous(value, _trials(name, given))
    draws = np.concatenate([METRICS[name].value(given[rows]) for rows in _resampled(len(given))])
    return _quantiles(draws)


def changes(before: Sequence[Tally], after: Sequence[Tally]) -> dict[str, Change]:
    """Each metric of two runs, paired by place: ``before[i]`` and ``after[i]`` are one case.

    The interval of the difference is a paired bootstrap, its p value an approximate randomisation test in which each
    case's two outcomes are swapped at random (Noreen, 1989; Yeh, 2000). p values are adjusted by Benjamini and
    Hochberg (1995), times apart from the rest: on a busy machine all of them differ.
    """
    found = {name: _change(name, before, after) for name in METRICS}
    tested = [name for name in METRICS if found[name].p is not None and _any_differs(name, before, after)]
    times = [name for name in tested if name.endswith("_ms")]
    for family in (times, [name for name in tested if name not in times]):
        found |= _adjusted({name: found[name] for name in family})
    return {name: found[name] for name in METRICS}


def _any_differs(name: str, before: Sequence[Tally], after: Sequence[Tally]) -> bool:
    old, new = _paired(name, before, after)
    return not np.array_equal(old, new)


def _change(name: str, before: Sequence[Tally], after: Sequence[Tally]) -> Change:
    old, new = _paired(name, before, after)
    first, second = measured(name, old), measured(name, new)
    if first is None or second is None:
        return Change(before=first, after=second)
    value = METRICS[name].value
    observed = second - first
    differences = np.concatenate([value(new[rows]) - value(old[rows]) for rows in _resampled(len(old))])

    def swapped(swap: npt.NDArray[np.bool_]) -> Array:
        return value(np.where(swap, old, new)) - value(np.where(swap, new, old))

    chance = np.concatenate([swapped(swap) for swap in _swaps(len(old))])
    # As extreme up to rounding: sums of the same numbers in another order differ in their last bits.
    extreme = int(np.sum(np.abs(chance) >= abs(observed) - 1e-12))
    return Change(
        before=first,
        after=second,
        difference=observed,
        interval=_quantiles(differences) if len(old) > 1 else None,
        p=(extreme + 1) / (len(chance) + 1),
    )


def _paired(name: str, before: Sequence[Tally], after: Sequence[Tally]) -> tuple[Array, Array]:
    """The parts of both runs, row by row of the same case.

    A case that gives to a share in one run only (no sentence in the other) gives 0 of 0 there; one without a time or
    a confidence in either is left out.
    """
    part = METRICS[name].part
    nothing: tuple[float, ...] = () if name.endswith(("_ms", "_auroc")) else (0.0, 0.0)
    pairs = [(part(old), part(new)) for old, new in zip(before, after, strict=True)]
    rows = [(old or nothing, new or nothing) for old, new in pairs if old or new]
    rows = [(old, new) for old, new in rows if old and new]
    return np.array([old for old, _ in rows], dtype=float), np.array([new for _, new in rows], dtype=float)


def _adjusted(family: dict[str, Change]) -> dict[str, Change]:
    from scipy.stats import false_discovery_control

    if not family:
        return {}
    adjusted = false_discovery_control([change.p for change in family.values()])
    return {
        name: change.model_copy(update={"p_adjusted": float(p)})
        for (name, change), p in zip(family.items(), adjusted, strict=True)
    }


def _resampled(cases: int) -> Iterator[npt.NDArray[np.int64]]:
    """Places of cases drawn with replacement, ``(draws, cases)`` a piece, ``RESAMPLES`` draws in all."""
    return _drawn(cases, RESAMPLES, lambda random, draws: random.integers(cases, size=(draws, cases)))


def _swaps(cases: int) -> Iterator[npt.NDArray[np.bool_]]:
    """Whether each case's outcomes are swapped, ``(draws, cases, 1)`` a piece, ``PERMUTATIONS`` draws in all."""
    return _drawn(cases, PERMUTATIONS, lambda random, draws: random.random((draws, cases, 1)) < 0.5)


def _drawn(cases: int, total: int, draw: Callable[[np.random.Generator, int], _Draw]) -> Iterator[_Draw]:
    random = np.random.default_rng(SEED)
    piece = max(1, _AT_ONCE // max(1, cases))
    for start in range(0, total, piece):
        yield draw(random, min(piece, total - start))


def _quantiles(draws: Array) -> Interval | None:
    """Draws in which the metric could not be measured (no unanswerable case was drawn) are left out."""
    known = draws[~np.isnan(draws)]
    if not known.size:
        return None
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _trials(name: str, given: Array) -> int:
    """How many independent trials agreed: cases; for AUROC pairs of cases that have none in common."""
    if not name.endswith("_auroc"):
        return len(given)
    positives = int(given[:, 1].sum())
    return min(positives, len(given) - positives)


def _unanimous(value: float, trials: int) -> Interval:
    from scipy.stats import binomtest

    exact = binomtest(round(value * trials), trials).proportion_ci(LEVEL, method="exact")
    return float(exact.low), float(exact.high)
