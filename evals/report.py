"""A run for people: one line a metric, and a page that needs nothing but itself."""

from __future__ import annotations

from jinja2 import Environment, StrictUndefined

from evals.metrics import METRICS
from evals.page import PAGE
from evals.runner import Run


def shown(name: str, value: float | None) -> str:
    """A metric's value as text: whole milliseconds for times, three decimals for shares, – for none.

    Shares are cut, not rounded, so that only a perfect one reads 1.000.
    """
    if value is None:
        return "–"
    if name.endswith("_ms"):
        return f"{value:.0f}"
    return f"{int(value * 1000 + 1e-9) / 1000:.3f}"


def lines(run: Run) -> list[str]:
    """One line a metric: its name, its value, and why there is none where there is none."""
    width = max(len(name) for name in run.metrics)
    return [
        f"{name:<{width}}  {shown(name, value)}" + (f"  ({run.notes[name]})" if name in run.notes else "")
        for name, value in run.metrics.items()
    ]


def failures(run: Run) -> list[str]:
    """One line a failing case: its suite and id, and the checks that do not hold."""
    return [
        f"FAILED {case.suite}/{case.id}: "
        + "; ".join(f"{check.name} ({check.detail})" for check in case.checks if not check.passed)
        for case in run.cases
        if not case.passed
    ]


def html(run: Run, minimums: dict[str, float] | None = None) -> str:
    """The run as one HTML page: no script, nothing fetched, everything of the run escaped.

    Args:
        run: what was measured.
        minimums: the gate's minimum of some metrics, shown beside them.
    """
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    environment.filters["metric"] = shown
    page = environment.from_string(PAGE)
    return page.render(
        run=run,
        definitions=METRICS,
        minimums=minimums or {},
        failing=[case for case in run.cases if not case.passed],
        breakdowns=[("حسب الوسم", "By tag", run.tags), ("حسب المجموعة", "By suite", run.suites)],
    )
