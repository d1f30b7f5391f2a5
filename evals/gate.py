"""The gate: minimums of metrics, from the command line or a file, and which of them a run misses."""

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
        ValueError: there is no such metric, it is a time (of which a minimum would reward the slow), or the
            value is not a number from 0 to 1.
    """
    if name not in METRICS:
        raise ValueError(f"there is no metric {name}; there are {', '.join(gated())}")
    if name not in gated():
        raise ValueError(f"{name} is a time, which has no minimum")
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not 0 <= number <= 1:
        raise ValueError(f"{value!r} is not a number from 0 to 1")
    return number


def gated() -> list[str]:
    """The metrics that can have a minimum: the shares."""
    return [name for name in METRICS if not name.endswith("_ms")]


def read_thresholds(file: Path) -> dict[str, float]:
    """The minimums in a YAML file of ``metric: minimum``.

    Raises:
        InputError: naming the file and the metric.
    """
    data = read_yaml(file)
    if not isinstance(data, dict) or not data:
        raise InputError(file, "(file)", "should be a mapping of metric to minimum")
    thresholds = {}
    for name, value in data.items():
        try:
            thresholds[str(name)] = minimum(str(name), str(value))
        except ValueError as error:
            raise InputError(file, str(name), str(error)) from error
    return thresholds


def misses(metrics: Mapping[str, float | None], minimums: Mapping[str, float]) -> list[str]:
    """One line for each minimum that is not met. A metric with nothing to measure does not meet any."""
    found = []
    for name, wanted in minimums.items():
        value = metrics[name]
        if value is None:
            found.append(f"{name} has nothing to measure, wanted at least {wanted}")
        elif value < wanted - _TOLERANCE:
            found.append(f"{name} is {value:.4f}, wanted at least {wanted}")
    return found
