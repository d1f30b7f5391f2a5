"""How well the verifier tells supported sentences from false ones: ``python -m evals.verification``.

Prints precision, recall and AUROC over the held-out articles of ``evals/verification/pairs.jsonl``, overall and by edit
(each edit's false sentences against all true ones), with the share of true sentences of each kind that are accepted.
``--fit`` first fits the weights on the other articles and writes ``retrieval/verification_weights.json``; ``--min
METRIC=VALUE`` makes a gate of it; ``--part fit`` reports on the articles of the fit; ``--failing`` lists what it gets
wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from evals.fit import fit
from evals.verification_pairs import FAITHFUL, FALSE, Pair, pairs
from retrieval import verify
from retrieval.alignment import Read
from retrieval.embedding import Embedder
from retrieval.evidence import Logistic
from retrieval.models import Attribution
from retrieval.settings import Settings
from retrieval.verify import Source, Support, support

TARGET = Path(verify.__file__).with_name(verify.WEIGHTS_FILE)
# What may only count in favour (+) or against (-).
FEATURES = {
    "unheld": "-", "met": "+", "weakest": "+", "rare": "-", "rarity": "-", "name_weakest": "+", "name_mean": "+",
    "speaker_unheld": "-", "replaced": "-",
    "cosine": "+", "turned": "-", "apart": "-", "borrowed": "-", "unit": "-",
    "negation_added": "-", "negation_dropped": "-",
    "negation_more": "-", "negation_fewer": "-", "denial_added": "-", "denial_dropped": "-",
}  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """A pair with what the verifier makes of it."""

    pair: Pair
    support: Support


def sources(pair: Pair) -> list[Source]:
    """The evidence of a pair, as the verifier takes it."""
    return [
        Source(row["quote"], Attribution(**{k: v for k, v in row.items() if k != "quote" and v is not None}))
        if row["speaker"] or row["outlet"]
        else Source(row["quote"])
        for row in pair.evidence
    ]


def voices(every: Sequence[Pair]) -> dict[str, list[str]]:
    """The speakers of each article, who the product knows from its index."""
    found: dict[str, list[str]] = {}
    for pair in every:
        for row in pair.evidence:
            names = found.setdefault(pair.article, [])
            if row["speaker"] and row["speaker"] not in names:
                names.append(row["speaker"])
    return found


def judge(every: Sequence[Pair], read: Read) -> list[Judged]:
    """Verify every pair."""
    known = voices(every)
    return [Judged(pair, support(pair.sentence, sources(pair), read, others=known[pair.article])) for pair in every]


def fitted(judged: Sequence[Judged]) -> dict[str, Logistic]:
    """Weights for sentences in their evidence's language and in another; each kind of pair weighs the same.

    What is refused or found verbatim is not weighed in use and therefore is not fitted on.
    """
    models = {}
    for name, foreign in (("same_language", False), ("foreign", True)):
        rows = [
            one
            for one in judged
            if (one.pair.language != "ar") == foreign and one.support.features and not one.support.reasons
        ]
        counts = {edit: sum(row.pair.edit == edit for row in rows) for edit in (*FAITHFUL, *FALSE)}
        kinds = {label: len({row.pair.edit for row in rows if row.pair.label == label}) for label in (True, False)}
        models[name] = fit(
            np.array([[row.support.features[feature] for feature in FEATURES] for row in rows]),
            np.array([row.pair.label for row in rows]),
            np.array([len(rows) / 2 / kinds[row.pair.label] / counts[row.pair.edit] for row in rows]),
            FEATURES,
        )
    return models


def metrics(judged: Sequence[Judged]) -> dict[str, float]:
    """Precision, recall and AUROC overall; AUROC and the share refused by edit; the share accepted by kind of truth."""
    labels = np.array([one.pair.label for one in judged])
    scores = np.array([one.support.score for one in judged])
    shown = np.array([one.support.supported for one in judged])
    found = {
        "precision": float(labels[shown].mean()) if shown.any() else 0.0,
        "recall": float(shown[labels].mean()),
        "auroc": float(roc_auc_score(labels, scores)),
    }
    for edit in FALSE:
        mine = np.array([one.pair.edit == edit for one in judged])
        if mine.any():
            found[f"auroc_{edit}"] = float(roc_auc_score(labels[mine | labels], scores[mine | labels]))
            found[f"refused_{edit}"] = float(1 - shown[mine].mean())
    for kind in FAITHFUL:
        mine = np.array([one.pair.edit == kind for one in judged])
        if mine.any():
            found[f"accepted_{kind}"] = float(shown[mine].mean())
    return {name: round(value, 4) for name, value in found.items()}


def write(models: Mapping[str, Logistic]) -> None:
    """Write the weights that ship."""
    data = {name: {"bias": model.bias, "weights": dict(model.weights)} for name, model in models.items()}
    TARGET.write_text(json.dumps(data, indent=2) + "\n", "utf-8")
    verify.Weights.load.cache_clear()


def table(found: Mapping[str, float], judged: Sequence[Judged]) -> str:
    """The figures as text."""
    count = {edit: sum(one.pair.edit == edit for one in judged) for edit in (*FAITHFUL, *FALSE)}
    lines = [
        f"{len(judged)} pairs: " + ", ".join(f"{name} {found[name]:.3f}" for name in ("precision", "recall", "auroc"))
    ]
    lines += [
        f"  {kind:12} {count[kind]:4} true   accepted {found[f'accepted_{kind}']:.3f}"
        for kind in FAITHFUL
        if count[kind]
    ]
    lines += [
        f"  {edit:12} {count[edit]:4} false  refused  {found[f'refused_{edit}']:.3f}  "
        f"AUROC {found[f'auroc_{edit}']:.3f}"
        for edit in FALSE
        if count[edit]
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Report. Exit status 1 when a ``--min`` is not met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fit", action="store_true", help="fit and write the weights first")
    parser.add_argument("--part", choices=("test", "fit"), default="test", help="articles to report on (default: test)")
    parser.add_argument("--failing", action="store_true", help="list what the verifier gets wrong")
    parser.add_argument("--min", action="append", default=[], metavar="METRIC=VALUE", help="exit 1 below it")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    chosen = parser.parse_args(arguments)
    every = pairs()
    read = Embedder.of(Settings()).query_tokens
    if chosen.fit:
        write(fitted(judge([pair for pair in every if pair.part == "fit"], read)))
    judged = judge([pair for pair in every if pair.part == chosen.part], read)
    found = metrics(judged)
    print(table(found, judged))
    if chosen.failing:
        for one in judged:
            if one.support.supported != one.pair.label:
                told = ", ".join(one.support.reasons) or f"{one.support.score:.2f}"
                print(f"{one.pair.edit} ({told}): {one.pair.sentence}\n    | {one.pair.evidence[0]['quote']}")
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    missed = [bound for bound in chosen.min if found[bound.split("=")[0]] < float(bound.split("=")[1])]
    print(*(f"not met: {bound}" for bound in missed), sep="\n", file=sys.stderr, end="\n" if missed else "")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
