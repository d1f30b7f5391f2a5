"""The curves of the report as inline SVG: no script, colours from the page's CSS, every text in both languages.

Axes run from left to right in either language, as numbers do.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from markupsafe import Markup

from evals.calibration import Bin, Point
from evals.scale_results import Panel

WIDTH, HEIGHT = 520, 300
LEFT, RIGHT, TOP, BOTTOM = 52, 16, 16, 46
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_HISTOGRAM_BINS = 24

Scale = Callable[[float], float]


def risk_coverage(points: Sequence[Point]) -> Markup:
    """Risk against coverage, ending in a dot where the product abstains."""
    top = _above(max(point.risk for point in points))
    x, y = _linear(0, 1, LEFT, WIDTH - RIGHT), _linear(0, top, HEIGHT - BOTTOM, TOP)
    ticks = [top * share for share in _TICKS]
    last = points[-1]
    parts = [
        _axes(x, y, _TICKS, ticks, ("نسبة المُجاب من الأسئلة", "Coverage"), ("نسبة الخطأ", "Risk")),
        _area([(x(point.coverage), y(point.risk)) for point in points], y(0)),
        _line([(x(point.coverage), y(point.risk)) for point in points]),
        Markup('<circle class="dot" cx="{:.1f}" cy="{:.1f}" r="5"/>').format(x(last.coverage), y(last.risk)),
    ]
    named = ("الخطأ بحسب التغطية", "Risk by coverage")
    return _svg(named, parts)


def reliability(bins: Sequence[Bin]) -> Markup:
    """Confidence against the share answerable, with intervals; a dot's area is its number of cases."""
    x, y = _linear(0, 1, LEFT, WIDTH - RIGHT), _linear(0, 1, HEIGHT - BOTTOM, TOP)
    most = max(one.cases for one in bins)
    parts = [
        _axes(x, y, _TICKS, _TICKS, ("الثقة", "Confidence"), ("نسبة ما له جواب", "Share answerable")),
        Markup('<line class="ideal" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>').format(x(0), y(0), x(1), y(1)),
        _line([(x(one.confidence), y(one.answerable)) for one in bins]),
    ]
    for one in bins:
        low, high = one.interval
        parts.append(
            Markup(
                '<g><title>{0:.2f} → {1:.2f} ({2})</title><line class="whisker" x1="{3:.1f}" x2="{3:.1f}" '
                'y1="{4:.1f}" y2="{5:.1f}"/><circle class="dot" cx="{3:.1f}" cy="{6:.1f}" r="{7:.1f}"/></g>'
            ).format(
                one.confidence,
                one.answerable,
                one.cases,
                x(one.confidence),
                y(low),
                y(high),
                y(one.answerable),
                3 + 6 * math.sqrt(one.cases / most),
            )
        )
    return _svg(("معايرة الثقة", "Reliability of confidence"), parts)


def histogram(milliseconds: Sequence[float], marks: Sequence[tuple[str, float]]) -> Markup:
    """How many answers took how long, on a logarithmic axis; ``marks`` are drawn as labelled lines."""
    low, high = _decades(min(milliseconds), max(milliseconds))
    edges = np.geomspace(low, high, _HISTOGRAM_BINS + 1)
    counts, _ = np.histogram(np.clip(milliseconds, low, high), edges)
    top = _whole_above(int(counts.max()))
    x, y = _logarithmic(low, high, LEFT, WIDTH - RIGHT), _linear(0, top, HEIGHT - BOTTOM, TOP + 14)
    # Thirds of decades are enough to read by, and more would touch one another.
    ticks = _log_ticks(low, high)
    counted = sorted({0.0, float(round(top / 2)), float(top)})
    parts = [_axes(x, y, ticks, counted, ("ميلي ثانية", "Milliseconds"), ("أجوبة", "Answers"))]
    for count, start, end in zip(counts, edges, edges[1:], strict=False):
        if count:
            parts.append(
                Markup(
                    '<rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="2">'
                    "<title>{:.0f}–{:.0f} ms: {}</title></rect>"
                ).format(
                    x(start) + 1,
                    y(float(count)),
                    max(1.0, x(end) - x(start) - 2),
                    y(0) - y(float(count)),
                    start,
                    end,
                    count,
                )
            )
    for number, (label, value) in enumerate(marks):
        parts.append(
            Markup(
                '<line class="mark" x1="{0:.1f}" x2="{0:.1f}" y1="{1:.1f}" y2="{2:.1f}"/>'
                '<text class="marked" x="{0:.1f}" y="{3}" text-anchor="{4}">{5}</text>'
            ).format(x(value), TOP + 6, y(0), TOP, ("end", "middle", "start")[min(number, 2)], label)
        )
    return _svg(("توزّع زمن الجواب", "Distribution of answer times"), parts)


def growth(panel: Panel) -> Markup:
    """A panel of measurements by the size of the corpus, on a logarithmic axis of passages."""
    sizes = sorted({size for series in panel.series for size, _ in series.points})
    top = _above(max(value for series in panel.series for _, value in series.points))
    x = _logarithmic(sizes[0] * 0.85, sizes[-1] * 1.15, LEFT, WIDTH - RIGHT)
    y = _linear(0, top, HEIGHT - BOTTOM, TOP)
    series = panel.series[0]
    unit = (series.unit, series.unit) if len(panel.series) > 1 else (series.arabic, series.english)
    parts = [_axes(x, y, sizes, [top * share for share in _TICKS], ("مقاطع", "Passages"), unit)]
    for number, series in enumerate(panel.series):
        places = [(x(size), y(value)) for size, value in series.points]
        parts.append(_line(places, f"s{number}"))
        for (size, value), (across, down) in zip(series.points, places, strict=True):
            parts.append(
                Markup('<circle class="dot s{}" cx="{:.1f}" cy="{:.1f}" r="4"><title>{}: {}</title></circle>').format(
                    number, across, down, _number(size), _number(value)
                )
            )
        if len(panel.series) > 1:
            across, down = places[-1]
            parts.append(_text(across - 8, down - 10, (series.arabic, series.english), "end", "marked"))
    return _svg((panel.arabic, panel.english), parts)


def _svg(name: tuple[str, str], parts: Sequence[Markup]) -> Markup:
    label = f"{name[0]} · {name[1]}"
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}" direction="ltr">{}</svg>').format(
        WIDTH, HEIGHT, label, Markup("").join(parts)
    )


def _axes(
    x: Scale,
    y: Scale,
    across: Sequence[float],
    up: Sequence[float],
    x_name: tuple[str, str],
    y_name: tuple[str, str],
) -> Markup:
    parts = []
    for value in up:
        parts.append(
            Markup(
                '<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>'
                '<text class="tick" x="{}" y="{:.1f}" text-anchor="end">{}</text>'
            ).format(LEFT, WIDTH - RIGHT, y(value), y(value), LEFT - 8, y(value) + 4, _number(value))
        )
    shown = -math.inf
    for value in across:
        # A label that would touch the one before it is left out.
        if x(value) - shown < 34:
            continue
        shown = x(value)
        parts.append(
            Markup('<text class="tick" x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(
                x(value), HEIGHT - BOTTOM + 18, _number(value)
            )
        )
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, x_name, "middle", "axis"))
    middle = (TOP + HEIGHT - BOTTOM) / 2
    for language, text in zip(("ar", "en"), y_name, strict=True):
        parts.append(
            Markup(
                '<text class="axis {0}" lang="{0}" text-anchor="middle" transform="translate(12 {1}) rotate(-90)">'
                "{2}</text>"
            ).format(language, middle, _isolated(language, text))
        )
    return Markup("").join(parts)


def _text(x: float, y: float, names: tuple[str, str], anchor: str, kind: str) -> Markup:
    return Markup("").join(
        Markup('<text class="{0} {1}" lang="{1}" x="{2:.1f}" y="{3:.1f}" text-anchor="{4}">{5}</text>').format(
            kind, language, x, y, anchor, _isolated(language, name)
        )
        for language, name in zip(("ar", "en"), names, strict=True)
    )


def _isolated(language: str, text: str) -> str:
    """Arabic between the marks of a right-to-left isolate, in which figures and signs stand on their right side."""
    return f"\u2067{text}\u2069" if language == "ar" else text


def _line(places: Sequence[tuple[float, float]], kind: str = "s0") -> Markup:
    points = " ".join(f"{across:.1f},{down:.1f}" for across, down in places)
    return Markup('<polyline class="line {}" points="{}"/>').format(kind, points)


def _area(places: Sequence[tuple[float, float]], floor: float) -> Markup:
    first, last = places[0][0], places[-1][0]
    points = " ".join(f"{across:.1f},{down:.1f}" for across, down in [(first, floor), *places, (last, floor)])
    return Markup('<polygon class="area" points="{}"/>').format(points)


def _linear(low: float, high: float, start: float, end: float) -> Scale:
    return lambda value: start + (value - low) / (high - low) * (end - start)


def _logarithmic(low: float, high: float, start: float, end: float) -> Scale:
    linear = _linear(math.log(low), math.log(high), start, end)
    return lambda value: linear(math.log(value))


def _above(value: float) -> float:
    """The first of 1, 2, 4, 5, 8, 10 times a power of ten that is not below ``value``; quarters of it read well."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 4, 5, 8, 10) if step * power >= value * (1 - 1e-9))


def _whole_above(value: int) -> int:
    return value + value % 2


def _decades(low: float, high: float) -> tuple[float, float]:
    """Bounds of a logarithmic axis a little beyond both, however close they are."""
    low = max(low, 0.01)
    return low / 1.15, max(high, low * 1.5) * 1.15


def _log_ticks(low: float, high: float) -> list[float]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [step * 10.0**power for power in powers for step in (1, 2, 5) if low <= step * 10.0**power <= high]


def _number(value: float) -> str:
    """At most three figures, thousands and millions abbreviated: ``0.25``, ``40``, ``12k``, ``1.5M``."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"
