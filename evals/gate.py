"""The gate: bounds of metrics, from the command line or a file, and which of them a run misses.

A bound is a minimum, or a maximum for a metric of which less is better (times, ``flaky``, ``llm_calls``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from evals.metrics import METRICS
from evals.suite import InputError, read_yaml

# Shares are quotients of counts; this only forgives how such a quotient and a written decimal are stored.
_TOLERANCE = 1e-9


def minimum(name: str, value: str) -> float:
    """The minimum written as ``value`` for the metric ``name``.

    Raises:
        ValueError: there is no such metric, less of it is better (so that a minimum would reward the worse), or the
            value is not a number from 0 to 1.
    """
    if name in METRICS and METRICS[name].lower_is_better:
        raise ValueError(f"{name} has no minimum, less of it is better: give a maximum in a thresholds file")
    return bound(name, value)


def bound(name: str, value: str) -> float:
    """The bound written as ``value`` for the metric ``name``: from 0 to 1, or milliseconds.

    Raises:
        ValueError: there is no such metric, or the value is not such a number.
    """
    if name not in METRICS:
        raise ValueError(f"there is no metric {name}; there are {', '.join(METRICS)}")
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    most, wanted = (math.inf, "a number of milliseconds") if name.endswith("_ms") else (1, "a number from 0 to 1")
    if not 0 <= number <= most:
        raise ValueError(f"{value!r} is not {wanted}")
    return number


def read_thresholds(file: Path) -> dict[str, float]:
    """The bounds in a YAML file of ``metric: bound``.

    Raises:
        InputError: naming the file and the metric.
    """
    data = read_yaml(file)
    if not isinstance(data, dict) or not data:
        raise InputError(file, "(file)", "should be a mapping of metric to minimum (or maximum)")
    thresholds = {}
    for name, value in data.items():
        try:
            thresholds[str(name)] = bound(str(name), str(value))
        except ValueError as error:
            raise InputError(file, str(name), str(error)) from error
    return thresholds


def is_met(name: str, value: float | None, limit: float) -> bool:
    """Whether a metric keeps its bound. One with nothing to measure keeps none."""
    if value is None:
        return False
    return value <= limit + _TOLERANCE if METRICS[name].lower_is_better else value >= limit - _TOLERANCE


def miss(name: str, value: float | None, limit: float) -> str | None:
    """A line on a bound that is not met; ``None`` for one that is."""
    if is_met(name, value, limit):
        return None
    wanted = f"wanted at {'most' if METRICS[name].lower_is_better else 'least'} {limit}"
    return f"{name} has nothing to measure, {wanted}" if value is None else f"{name} is {value:.4f}, {wanted}"


def misses(metrics: Mapping[str, float | None], bounds: Mapping[str, float]) -> list[str]:
    """One line for each bound that is not met."""
    found = (miss(name, metrics[name], limit) for name, limit in bounds.items())
    return [line for line in found if line is not None]
