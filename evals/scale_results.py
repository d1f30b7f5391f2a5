"""Measurements by the size of the corpus, read from the JSON of ``python -m evals.scale`` to be drawn."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from evals.suite import InputError

SIZE = "passages"


class Series(NamedTuple):
    """One measurement: ``points`` are (passages, value), by size."""

    arabic: str
    english: str
    unit: str
    points: tuple[tuple[float, float], ...]


class Panel(NamedTuple):
    """Measurements that share an axis."""

    arabic: str
    english: str
    series: tuple[Series, ...]


# By panel: its names, and for each series its names, its unit and the parts that the measurement's name has.
_PANELS = (
    ("سرعة الإدخال", "Ingest rate", (("مقاطع في الثانية", "Passages/s", "/s", ("ingest", "per_s")),)),
    (
        "زمن السؤال",
        "Query time",
        (("الوسيط", "p50", "ms", ("query", "p50")), ("عند 95٪", "p95", "ms", ("query", "p95"))),
    ),
    ("الذاكرة", "Memory", (("ميغابايت مقيمة", "RSS (MB)", "MB", ("rss",)),)),
    ("القرص", "Disk", (("ميغابايت على القرص", "On disk (MB)", "MB", ("disk",)),)),
)
_MEGABYTES = {"_bytes": 1e-6, "_kb": 1e-3, "_mb": 1.0, "_mib": 1.048576, "_gb": 1e3, "_gib": 1073.741824}


def read(file: Path) -> list[Panel]:
    """The panels that the file has measurements for.

    Raises:
        InputError: the file cannot be read, or has no measurement by size.
    """
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(file, "(file)", error.strerror or str(error)) from error
    except ValueError as error:
        raise InputError(file, "(file)", f"is not JSON: {error}") from error
    rows = _rows(data)
    panels = []
    for arabic, english, wanted in _PANELS:
        series = tuple(_series(rows, *one) for one in wanted)
        if any(one.points for one in series):
            panels.append(Panel(arabic, english, tuple(one for one in series if one.points)))
    if not panels:
        raise InputError(file, "(file)", f"has no list of measurements, each with {SIZE}")
    return panels


def _rows(data: Any) -> list[dict[str, float]]:
    """The first list of mappings with a size, flattened: ``{"query_ms": {"p50": 3}}`` is ``query_ms.p50``."""
    lists = [data, *data.values()] if isinstance(data, Mapping) else [data]
    for found in lists:
        if isinstance(found, list):
            rows = [_flat(row) for row in found if isinstance(row, Mapping)]
            sized = [row for row in rows if SIZE in row]
            if sized:
                return sorted(sized, key=lambda row: row[SIZE])
    return []


def _flat(row: Mapping[str, Any], prefix: str = "") -> dict[str, float]:
    flat: dict[str, float] = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{name}.")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            flat[f"{prefix}{name}"] = value
    return flat


def _series(rows: list[dict[str, float]], arabic: str, english: str, unit: str, wanted: tuple[str, ...]) -> Series:
    points = []
    for row in rows:
        name = next((name for name in row if all(part in name.lower() for part in wanted)), None)
        if name is not None:
            factor = next((f for end, f in _MEGABYTES.items() if name.lower().endswith(end)), 1.0)
            points.append((row[SIZE], row[name] * (factor if unit == "MB" else 1.0)))
    return Series(arabic, english, unit, tuple(points))
