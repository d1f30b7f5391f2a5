"""A run for people: one line a metric, and a page that needs nothing but itself."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from evals import calibration, charts
from evals.compare import Comparison, compare
from evals.excerpts import excerpts
from evals.gate import is_met
from evals.metrics import METRICS
from evals.page import PAGE, STYLE
from evals.runner import CaseResult, Group, Run
from evals.scale_results import Panel
from evals.statistics import Interval

# The chat page's own: embedded, so that Arabic is as legible on a machine that has no font for it.
_FONTS = Path(__file__).parents[1] / "ui" / "fonts"
_FACES = (
    ("arabic", 400, "U+0600-06FF,U+0750-077F,U+08A0-08FF,U+200C-200E,U+FB50-FDFF,U+FE70-FEFC"),
    ("arabic", 700, "U+0600-06FF,U+0750-077F,U+08A0-08FF,U+200C-200E,U+FB50-FDFF,U+FE70-FEFC"),
    ("latin", 400, "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02DC,U+2000-200B,U+200F-206F,U+20AC,U+2122,U+2212"),
    ("latin", 700, "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02DC,U+2000-200B,U+200F-206F,U+20AC,U+2122,U+2212"),
)


class Figure(NamedTuple):
    """A chart of the page, with what to read in it."""

    arabic: str
    english: str
    chart: Markup
    note_arabic: str
    note_english: str


def shown(name: str, value: float | None) -> str:
    """A metric's value as text: whole milliseconds for times, three decimals for shares, – for none.

    Shares are cut, not rounded, so that only a perfect one reads 1.000.
    """
    if value is None:
        return "–"
    if name.endswith("_ms"):
        return f"{value:.0f}"
    return f"{int(value * 1000 + 1e-9) / 1000:.3f}"


def between(name: str, interval: Interval | None) -> str:
    """An interval as text, nothing for none."""
    return "" if interval is None else f"[{shown(name, interval[0])}, {shown(name, interval[1])}]"


def signed(name: str, value: float | None) -> str:
    """A difference as text, rounded, with its sign."""
    if value is None:
        return "–"
    text = f"{value:+.0f}" if name.endswith("_ms") else f"{value:+.3f}"
    return text.replace("-", "−") if float(text) else text[1:]


def lines(run: Run) -> list[str]:
    """One line a metric: its name, its value and interval, and why there is none where there is none."""
    width = max(len(name) for name in run.metrics)
    found = []
    for name, value in run.metrics.items():
        more = between(name, run.intervals.get(name)) or (f"({run.notes[name]})" if name in run.notes else "")
        found.append(f"{name:<{width}}  {shown(name, value)}  {more}".rstrip())
    return found


def failures(run: Run) -> list[str]:
    """One line a failing case: its suite and id, and the checks that do not hold."""
    return [
        f"FAILED {case.suite}/{case.id}: "
        + "; ".join(f"{check.name} ({check.detail})" for check in case.checks if not check.passed)
        for case in run.cases
        if not case.passed
    ]


def flaky(run: Run) -> list[str]:
    """One line a flaky case: how often it was asked, passed, and answered as the first time."""
    found = []
    for case in run.cases:
        if case.tally.flaky:
            asked = 1 + len(case.repeats)
            passed = case.passed + sum(attempt.passed for attempt in case.repeats)
            same = 1 + sum(attempt.same for attempt in case.repeats)
            found.append(f"FLAKY {case.suite}/{case.id}: passed {passed} of {asked}, the same answer {same} of {asked}")
    return found


def compared(comparison: Comparison) -> list[str]:
    """One line a metric, then one a case whose outcome differs or that was left out."""
    width = max(len(name) for name in comparison.metrics)
    found = []
    for name, change in comparison.metrics.items():
        line = f"{name:<{width}}  {shown(name, change.before)} → {shown(name, change.after)}"
        if change.differs:
            line += f"  {_signed_ascii(name, change.difference)}"
            if change.interval is not None:
                low, high = (_signed_ascii(name, bound) for bound in change.interval)
                line += f" [{low}, {high}]"
            line += f"  p={change.p:.4f} adjusted={change.p_adjusted:.4f}"
            direction = comparison.direction(name)
            if change.significant and direction:
                line += "  better" if direction > 0 else "  WORSE"
        found.append(line)
    found.append(f"shared cases: {comparison.cases}")
    for title, changed in (("BROKEN", comparison.broken), ("FIXED", comparison.fixed)):
        found += [f"{title} {case.suite}/{case.id}: {'; '.join(case.not_met)}" for case in changed]
    for title, names in (
        ("REWORDED, not compared", comparison.reworded),
        ("ONLY BEFORE", comparison.only_before),
        ("ONLY AFTER", comparison.only_after),
    ):
        found += [f"{title}: {name}" for name in names]
    return found


def _signed_ascii(name: str, value: float | None) -> str:
    return signed(name, value).replace("−", "-")


def html(
    run: Run,
    bounds: Mapping[str, float] | None = None,
    *,
    previous: Run | None = None,
    scale: Sequence[Panel] | None = None,
) -> str:
    """The run as one HTML page: no script, nothing fetched, everything of the run escaped.

    Args:
        run: what was measured.
        bounds: the gate's bound of some metrics, shown beside them.
        previous: an earlier run, to show the differences to.
        scale: measurements by the size of the corpus, as ``evals.scale_results.read`` gives them.
    """
    bounds = bounds or {}
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    environment.filters.update(
        metric=shown, between=between, signed=signed, percent=_percent, date=_date, excerpts=excerpts
    )
    earlier = {(case.suite, case.id): case for case in previous.cases} if previous else {}
    return environment.from_string(PAGE).render(
        run=run,
        style=Markup(_faces() + STYLE),
        definitions=METRICS,
        bounds=bounds,
        unmet={name for name, limit in bounds.items() if not is_met(name, run.metrics[name], limit)},
        shares=[name for name in METRICS if not METRICS[name].lower_is_better and run.metrics[name] is not None],
        others=[name for name in METRICS if METRICS[name].lower_is_better or run.metrics[name] is None],
        failing=[case for case in run.cases if not case.passed],
        flaky=[case for case in run.cases if case.tally.flaky],
        passed=_passed(run.cases),
        tags=_by_pass_rate(run.tags),
        suites=run.suites,
        comparison=compare(previous, run) if previous else None,
        previous=previous,
        earlier=earlier,
        confidence=_confidence(run.cases),
        latency=_latency(run),
        stages=_stages(run.cases),
        growth=[(panel, charts.growth(panel)) for panel in scale or ()],
    )


def _percent(value: float) -> str:
    """A share as CSS length, within its track."""
    return f"{100 * min(1.0, max(0.0, value)):.2f}%"


def _date(date: str) -> str:
    """An ISO date and time of UTC, to the minute."""
    return date.replace("T", " ").partition("+")[0][:16] + (" UTC" if "T" in date else "")


@cache
def _faces() -> str:
    """The fonts as ``@font-face`` rules with their bytes in them."""
    rules = []
    for script, weight, letters in _FACES:
        file = _FONTS / f"ibm-plex-sans-arabic-{script}-{weight}-normal.woff2"
        data = base64.b64encode(file.read_bytes()).decode("ascii")
        rules.append(
            f'@font-face{{font-family:"Sanad Arabic";font-weight:{weight};unicode-range:{letters};'
            f'src:url("data:font/woff2;base64,{data}") format("woff2")}}\n'
        )
    return "".join(rules)


def _passed(cases: Sequence[CaseResult]) -> dict[str, int]:
    """How many cases of each tag pass."""
    passed = [case for case in cases if case.passed]
    return {tag: sum(tag in case.tags for case in passed) for tag in {tag for case in cases for tag in case.tags}}


def _by_pass_rate(groups: Mapping[str, Group]) -> dict[str, Group]:
    """The weakest first, and of equally weak ones the larger."""
    return dict(sorted(groups.items(), key=lambda item: (item[1].metrics["case_pass_rate"] or 0, -item[1].cases)))


def _confidence(cases: Sequence[CaseResult]) -> list[Figure]:
    figures = []
    points = calibration.risk_coverage(cases)
    if points:
        last = points[-1]
        figures.append(
            Figure(
                "الخطأ بحسب التغطية",
                "Risk by coverage",
                charts.risk_coverage(points),
                f"يُجاب عن {last.coverage:.0%} من الأسئلة، و{last.risk:.1%} من هذه الأجوبة لا تجتاز فحوصها. "
                "كلما اشتُرطت ثقة أعلى قلّت الأجوبة، والمنتظر أن يقل خطؤها.",
                f"{last.coverage:.0%} of the questions are answered; {last.risk:.1%} of those answers fail a check. "
                "Asking for more confidence gives fewer answers, which should be less often wrong.",
            )
        )
    bins = calibration.reliability(cases)
    error = calibration.calibration_error(bins)
    if error is not None:
        figures.append(
            Figure(
                "معايرة الثقة",
                "Reliability",
                charts.reliability(bins),
                f"خطأ المعايرة المتوقع {error:.3f}. على الخط المنقّط تعني الثقة ما تقول: "
                "من كل مئة سؤال ثقتها 0.8 لثمانين جواب.",
                f"Expected calibration error {error:.3f}. On the dotted line confidence means what it says: of a "
                "hundred questions at 0.8, eighty have an answer.",
            )
        )
    return figures


def _latency(run: Run) -> Markup | None:
    times = [case.tally.latency_ms for case in run.cases if case.tally.latency_ms]
    if not times:
        return None
    marks = [(percent, run.metrics[f"latency_p{percent}_ms"]) for percent in (50, 95, 99)]
    return charts.histogram(times, [(f"p{percent} {value:.0f}", value) for percent, value in marks if value])


def _stages(cases: Sequence[CaseResult]) -> dict[str, dict[str, Any]]:
    """By part of an answer as the product times them: median, 95th percentile and how many answers have it."""
    names = dict.fromkeys(name for case in cases for name in case.timings)
    stages = {}
    for name in names:
        times = [case.timings[name] for case in cases if name in case.timings]
        p50, p95 = np.percentile(times, [50, 95])
        stages[name] = {"p50": float(p50), "p95": float(p95), "answers": len(times)}
    return stages
