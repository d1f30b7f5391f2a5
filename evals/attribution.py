"""Precision, recall and F1 of the attribution grammar against sentences annotated by hand.

``python -m evals.attribution [FILE …] [--half even|odd]`` prints a table by field and the cases that fail. The
annotated file is JSON lines: ``{"article": name, "sentence": exact text, "speaker", "role", "outlet", "verb",
"direct_quote", "stance", "denies"}``, the articles being Markdown files in ``articles/`` beside it.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import frontmatter

from ingest.attribution import attribute
from retrieval.analysis import normalise
from retrieval.models import Attribution
from retrieval.segmentation import sentence_spans

DEVELOPMENT = Path(__file__).parent / "development"
FIELDS = ("attributed", "speaker", "outlet", "role", "verb", "direct_quote", "stance", "denies")
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
            read[name] = _attributed(path.parent / "articles" / f"{name}.md")
        text, spans, attributions = read[name]
        start = text.find(row["sentence"])
        if start < 0:
            raise ValueError(f"{path.name}:{number}: the sentence is not in {name}.md")
        overlaps = [min(end, start + len(row["sentence"])) - max(begin, start) for begin, end in spans]
        found = attributions[overlaps.index(max(overlaps))]
        yield Case(name, row["sentence"], _gold(row), _found(found))


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
        right = sum(case.gold[field] is not None and same(case.gold[field], case.found[field]) for case in found)
        gold = sum(case.gold[field] is not None for case in found)
        answered = sum(case.found[field] is not None for case in found)
        precision, recall = (right / answered if answered else 1.0), (right / gold if gold else 1.0)
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        table[field] = {"precision": precision, "recall": recall, "f1": f1, "support": gold}
    return table


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
    rest = list(arguments)
    if "--half" in rest:
        at = rest.index("--half")
        half = rest[at + 1] if at + 1 < len(rest) else ""
        del rest[at : at + 2]
    paths = [Path(argument) for argument in rest] or annotated_files()
    if half not in (None, "even", "odd") or not paths or not all(path.is_file() for path in paths):
        print(
            f"usage: python -m evals.attribution [FILE …] [--half even|odd]   (looked in {DEVELOPMENT})",
            file=sys.stderr,
        )
        return 2
    names = None if half is None else halves(paths)[half == "odd"]
    summary = _summary([case for path in paths for case in cases(path, names)])
    print(f"{summary['sentences']} sentences, {len(summary['failing'])} with a difference")
    for field, values in summary["fields"].items():
        print(
            f"{field:13} P {values['precision']:.3f}  R {values['recall']:.3f}  "
            f"F1 {values['f1']:.3f}  n {values['support']}"
        )
    for case in summary["failing"]:
        print(f"\n[{case.article}] {case.sentence}")
        for field in case.failing():
            print(f"  {field}: wanted {case.gold[field]!r}, found {case.found[field]!r}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
