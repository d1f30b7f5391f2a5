"""Precision, recall and F1 of the attribution grammar against sentences annotated by hand.

``python -m evals.attribution [FILE …] [--half even|odd] [--failing]`` prints, for the files the grammar was developed
on and for the held-out ones apart, a table by field with 95 % intervals, the speed, and the cases that fail; those of
held-out files only with ``--failing``, for who reads them can no longer measure on them. The annotated file is JSON
lines: ``{"article": name, "sentence": exact text, "speaker", "role", "outlet", "verb", "direct_quote", "stance",
"denies"}``, the articles being Markdown files in ``articles/`` or ``prose/`` beside it. A file is held out when its
name says ``test``.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import frontmatter
import numpy as np

from ingest.attribution import attribute
from retrieval.analysis import normalise
from retrieval.models import Attribution
from retrieval.segmentation import sentence_spans

DEVELOPMENT = Path(__file__).parent / "development"
FIELDS = ("attributed", "speaker", "outlet", "role", "verb", "direct_quote", "stance", "denies")
FOLDERS = ("articles", "prose")
RESAMPLES = 2000
_OUTLET_KINDS = re.compile(r"^(?:وكاله|قناه|صحيفه|موقع|شبكه|اذاعه|مجله|تلفزيون|منصه) (?=\S)")


@dataclass(frozen=True, slots=True)
class Case:
    """One annotated sentence with what the grammar found in it."""

    article: str
    sentence: str
    gold: dict[str, Any]
    found: dict[str, Any]

    def failing(self) -> list[str]:
        """The fields that differ."""
        return [field for field in FIELDS if not same(self.gold[field], self.found[field])]


def same(gold: object, found: object) -> bool:
    """Whether two values name the same: equal once normalised, or one contains the other as whole words."""
    if not isinstance(gold, str) or not isinstance(found, str):
        return (gold or None) == (found or None)
    left, right = _plain(gold), _plain(found)
    return f" {left} " in f" {right} " or f" {right} " in f" {left} "


def _plain(name: str) -> str:
    """Words without tashkeel, hamza, punctuation, «ال» and the kind of an outlet."""
    words = re.findall(r"\w+", normalise(name))
    plain = " ".join(word[2:] if word.startswith("ال") and len(word) > 3 else word for word in words)
    return _OUTLET_KINDS.sub("", plain)


def annotated_files(folder: Path = DEVELOPMENT) -> list[Path]:
    """The annotated files of a folder."""
    return sorted(folder.glob("*attributions.jsonl"))


def cases(path: Path, articles: Iterable[str] | None = None) -> Iterator[Case]:
    """The annotated sentences of ``path``, in ``articles`` only when given.

    Raises:
        ValueError: for a sentence that its article does not contain.
    """
    chosen = None if articles is None else set(articles)
    read: dict[str, tuple[str, list[tuple[int, int]], list[Attribution | None]]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        row = json.loads(line)
        name = row["article"]
        if chosen is not None and name not in chosen:
            continue
        if name not in read:
            read[name] = _attributed(_article(path, name))
        text, spans, attributions = read[name]
        start = text.find(row["sentence"])
        if start < 0:
            raise ValueError(f"{path.name}:{number}: the sentence is not in {name}.md")
        overlaps = [min(end, start + len(row["sentence"])) - max(begin, start) for begin, end in spans]
        found = attributions[overlaps.index(max(overlaps))]
        yield Case(name, row["sentence"], _gold(row), _found(found))


def held_out(path: Path) -> bool:
    """Whether the grammar is not developed on this file."""
    return "test" in path.stem.split("-")


def _article(path: Path, name: str) -> Path:
    places = [path.parent / folder / f"{name}.md" for folder in FOLDERS]
    return next((place for place in places if place.is_file()), places[0])


def _attributed(path: Path) -> tuple[str, list[tuple[int, int]], list[Attribution | None]]:
    document = frontmatter.load(str(path))
    text = document.content
    spans = sentence_spans(text)
    source = document.metadata.get("source")
    return text, spans, attribute(text, spans, source=str(source) if source else None)


def _gold(row: dict[str, Any]) -> dict[str, Any]:
    gold = {field: row.get(field) or None for field in FIELDS if field != "attributed"}
    return gold | {"attributed": any(row.get(field) for field in ("speaker", "outlet", "verb", "stance")) or None}


def _found(attribution: Attribution | None) -> dict[str, Any]:
    values = attribution.model_dump() if attribution else {}
    return {field: values.get(field) or None for field in FIELDS} | {"attributed": attribution is not None or None}


def measure(found: Sequence[Case]) -> dict[str, dict[str, float]]:
    """Per field: ``precision``, ``recall``, ``f1`` in [0, 1] and ``support`` (annotated values)."""
    table = {}
    for field in FIELDS:
        right, gold, answered = np.sum([_counts(case, field) for case in found], axis=0) if found else (0, 0, 0)
        precision, recall = (right / answered if answered else 1.0), (right / gold if gold else 1.0)
        table[field] = {
            "precision": float(precision),
            "recall": float(recall),
            "f1": float(_f1(right, gold, answered)),
            "support": int(gold),
        }
    return table


def _counts(case: Case, field: str) -> tuple[int, int, int]:
    """``(right, annotated, found)`` of one field, each 0 or 1."""
    gold, found = case.gold[field], case.found[field]
    return int(gold is not None and same(gold, found)), int(gold is not None), int(found is not None)


def _f1(right: Any, gold: Any, answered: Any) -> Any:
    """2PR / (P + R) = 2·right / (annotated + found); 1 where there is nothing to find and nothing found."""
    return np.where(gold + answered > 0, 2 * right / np.maximum(gold + answered, 1), 1.0)


def intervals(found: Sequence[Case]) -> dict[str, tuple[float, float]]:
    """The 95 % percentile interval of F1 per field, from resampling whole articles: their sentences hang together."""
    articles = sorted({case.article for case in found})
    draws = np.random.default_rng(0).integers(0, len(articles), (RESAMPLES, len(articles)))
    bounds = {}
    for field in FIELDS:
        rows = [
            np.sum([_counts(case, field) for case in found if case.article == article], axis=0) for article in articles
        ]
        right, gold, answered = np.stack(rows)[draws].sum(axis=1).T
        low, high = np.percentile(_f1(right, gold, answered), [2.5, 97.5])
        bounds[field] = (float(low), float(high))
    return bounds


def score(path: Path | str) -> dict[str, Any]:
    """Scores of an annotated file: ``fields`` as in :func:`measure`, ``sentences``, and the ``failing`` cases."""
    return _summary(list(cases(Path(path))))


def _summary(found: Sequence[Case]) -> dict[str, Any]:
    failing = [case for case in found if case.failing()]
    return {"fields": measure(found), "sentences": len(found), "failing": failing}


def halves(paths: Sequence[Path]) -> tuple[list[str], list[str]]:
    """The articles in alphabetical order, dealt in two: even positions to develop on, odd ones held out."""
    lines = (line for path in paths for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    names = sorted({json.loads(line)["article"] for line in lines})
    return names[::2], names[1::2]


def main(arguments: Sequence[str]) -> int:
    """Prints the scores and the failing cases; returns 0, or 2 on bad usage or without annotated files."""
    half = None
    rest = [argument for argument in arguments if argument != "--failing"]
    if "--half" in rest:
        at = rest.index("--half")
        half = rest[at + 1] if at + 1 < len(rest) else ""
        del rest[at : at + 2]
    paths = [Path(argument) for argument in rest] or annotated_files()
    if half not in (None, "even", "odd") or not paths or not all(path.is_file() for path in paths):
        print(
            f"usage: python -m evals.attribution [FILE …] [--half even|odd] [--failing]   (looked in {DEVELOPMENT})",
            file=sys.stderr,
        )
        return 2
    names = None if half is None else halves(paths)[half == "odd"]
    for title, apart in (("developed on", False), ("held out", True)):
        chosen = [path for path in paths if held_out(path) is apart]
        began = time.perf_counter()
        found = [case for path in chosen for case in cases(path, names)]
        if found:
            print(f"== {title}: {', '.join(path.name for path in chosen)}")
            _print(found, time.perf_counter() - began, failing=not apart or "--failing" in arguments)
    return 0


def _print(found: Sequence[Case], seconds: float, *, failing: bool) -> None:
    summary, bounds = _summary(found), intervals(found)
    rate = f"{len(found) / seconds:.0f} sentences/s with reading"
    print(f"{summary['sentences']} sentences, {len(summary['failing'])} with a difference, {rate}")
    for field, values in summary["fields"].items():
        low, high = bounds[field]
        print(
            f"{field:13} P {values['precision']:.3f}  R {values['recall']:.3f}  "
            f"F1 {values['f1']:.3f} [{low:.3f}, {high:.3f}]  n {values['support']}"
        )
    for case in summary["failing"] if failing else ():
        print(f"\n[{case.article}] {case.sentence}")
        for field in case.failing():
            print(f"  {field}: wanted {case.gold[field]!r}, found {case.found[field]!r}")
    print()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
