"""Fit the weights of evidence selection and confidence on ``evals/development``: ``python -m evals.fit``.

Two logistic regressions for Arabic questions and two for questions in another language: which sentence answers, and
whether the chosen evidence answers at all. Neither the shipped suites nor any benchmark is read. The halves ``a`` and
``b`` of the development set (different articles, different questions) are held out in turn for the printed figures;
the shipped weights are then fitted on both. Each answerable question is also asked with its own article filtered
out, as one more question that the corpus does not answer.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from ingest.pipeline import ingest
from retrieval import evidence
from retrieval.engine import Engine
from retrieval.evidence import Logistic, Scored, answer_features, score_features, side
from retrieval.extractive import choose
from retrieval.models import Filters
from retrieval.questions import Question, read_question
from retrieval.settings import Settings

HERE = Path(__file__).parent / "development"
TARGET = Path(evidence.__file__).with_name(evidence.WEIGHTS_FILE)
SENTENCE_FEATURES = {
    "arabic": (
        "cosine", "cosine_gap", "coverage", "coverage_gap", "context_coverage", "missing", "passage", "kind_met",
        "kind_unmet", "attributed", "question", "lead", "figures", "length",
    ),
    "foreign": ("cosine", "cosine_gap", "coverage", "passage", "kind_met", "kind_unmet", "attributed", "length"),
}  # fmt: skip
ANSWER_FEATURES = {
    "arabic": ("score", "cosine", "coverage", "sentence_coverage", "missing", "kind_unmet", "figures_missing"),
    "foreign": ("score", "cosine", "coverage", "kind_unmet", "figures_missing"),
}
REGULARISATION = {"sentence": 1.0, "answer": 0.5}


@dataclass(frozen=True)
class Example:
    """A development question with the weighed sentences of its best passages."""

    half: str
    question: Question
    gold: frozenset[str]
    sentences: list[Scored]
    terms: evidence.Terms

    @property
    def answerable(self) -> bool:
        return bool(self.gold)


def examples(folder: Path) -> list[Example]:
    """Ask every development question of an index of the development articles."""
    with tempfile.TemporaryDirectory() as index:
        settings = Settings(index=Path(index))
        ingest([folder / "articles"], settings)
        engine = Engine(settings)
        every = [article.id for article in engine.articles()]
        found = []
        for path in sorted(folder.glob("*-questions.jsonl")):
            for line in path.read_text("utf-8").splitlines():
                row = json.loads(line)
                gold = frozenset(row["gold"]) if row["answerable"] else frozenset()
                found.append(_example(engine, path.name[0], row["question"], gold, Filters()))
                if gold:
                    others = Filters(article_ids=tuple(a for a in every if a != row["article"]))
                    found.append(_example(engine, path.name[0], row["question"], frozenset(), others))
        engine.close()
    return found


def _example(engine: Engine, half: str, text: str, gold: frozenset[str], filters: Filters) -> Example:
    question = read_question(text)
    vector = engine.embed(text)
    candidates = engine.candidates(text, vector, filters)[: engine.settings.evidence_passages]
    terms = engine.terms(question)
    return Example(half, question, gold, score_features(question, vector, terms, candidates, engine.sentences), terms)


def fit_sentences(data: Sequence[Example], which: str) -> Logistic:
    """Logistic regression over sentences; every question weighs the same."""
    names = SENTENCE_FEATURES[which]
    rows, labels, weights = [], [], []
    for example in data:
        if not example.answerable or side(example.question) != which:
            continue
        positive = [s.stored.sentence.text in example.gold for s in example.sentences]
        if not any(positive):
            continue
        for item, label in zip(example.sentences, positive, strict=True):
            rows.append([item.features[name] for name in names])
            labels.append(label)
            weights.append(1 / sum(positive) if label else 5 / (len(positive) - sum(positive)))
    return _fit(np.array(rows), np.array(labels), np.array(weights), names, REGULARISATION["sentence"])


def fit_answers(data: Sequence[Example], which: str, sentence: Logistic, limit: int) -> Logistic:
    """Logistic regression over questions: does what would be shown answer?"""
    names = ANSWER_FEATURES[which]
    mine = [example for example in data if side(example.question) == which]
    rows = np.array([[features(example, sentence, limit)[name] for name in names] for example in mine])
    labels = np.array([example.answerable for example in mine])
    # Half of the weight on either side: the share of unanswerable questions here says nothing about users.
    weights = np.where(labels, 0.5 / labels.sum(), 0.5 / (~labels).sum()) * len(labels)
    return _fit(rows, labels, weights, names, REGULARISATION["answer"])


def features(example: Example, sentence: Logistic, limit: int) -> dict[str, float]:
    """Answer features under a sentence model."""
    ranked = rank(example, sentence)
    return answer_features(example.question, example.terms, ranked, choose(example.question, ranked, limit))


def rank(example: Example, sentence: Logistic) -> list[Scored]:
    """The example's sentences, most probable first."""
    rated = [
        Scored(s.candidate, s.stored, s.features, s.context, sentence.probability(s.features))
        for s in example.sentences
    ]
    return sorted(rated, key=lambda s: -s.score)


def _fit(rows: np.ndarray, labels: np.ndarray, weights: np.ndarray, names: Sequence[str], strength: float) -> Logistic:
    """Standardise, fit, and fold the standardisation into the weights, so that they apply to raw features."""
    mean, deviation = rows.mean(0), rows.std(0) + 1e-6
    model = LogisticRegression(C=strength, max_iter=5000).fit((rows - mean) / deviation, labels, sample_weight=weights)
    coefficients = model.coef_[0] / deviation
    bias = float(model.intercept_[0] - coefficients @ mean)
    return Logistic(round(bias, 4), {name: round(float(c), 4) for name, c in zip(names, coefficients, strict=True)})


def report(train: Sequence[Example], test: Sequence[Example], limit: int) -> None:
    """Print hit rates and the AUROC of confidence on held-out questions."""
    for which in ("arabic", "foreign"):
        sentence = fit_sentences(train, which)
        answer = fit_answers(train, which, sentence, limit)
        mine = [e for e in test if side(e.question) == which]
        asked = [e for e in mine if e.answerable]
        for name, order in (
            ("cosine", lambda e: sorted(e.sentences, key=lambda s: -s.features["cosine"])),
            ("model", lambda e: rank(e, sentence)),  # noqa: B023
        ):
            hits = [[s.stored.sentence.text in e.gold for s in order(e)] for e in asked]
            rates = [np.mean([any(hit[:k]) for hit in hits]) for k in (1, 3, 6)]
            print(
                f"  {which:8s} {name:7s} n={len(asked)} hit@1 {rates[0]:.3f} hit@3 {rates[1]:.3f} hit@6 {rates[2]:.3f}"
            )
        scores = [answer.probability(features(e, sentence, limit)) for e in mine]
        labels = [e.answerable for e in mine]
        decided = [score >= 0.5 for score in scores]
        right = [d for d, label in zip(decided, labels, strict=True) if label]
        wrong = [d for d, label in zip(decided, labels, strict=True) if not label]
        print(
            f"  {which:8s} confidence AUROC {roc_auc_score(labels, scores):.3f} "
            f"answered {np.mean(right):.3f} of answerable, {np.mean(wrong):.3f} of {len(wrong)} unanswerable"
        )


def main() -> None:
    """Fit, print held-out figures, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--dry-run", action="store_true", help="print the figures, keep the shipped weights")
    options = parser.parse_args()
    limit = Settings().max_sentences
    data = examples(HERE)
    for held_out in "ab":
        print(f"held out: half {held_out}")
        report([e for e in data if e.half != held_out], [e for e in data if e.half == held_out], limit)
    sentence = {which: fit_sentences(data, which) for which in SENTENCE_FEATURES}
    answer = {which: fit_answers(data, which, sentence[which], limit) for which in ANSWER_FEATURES}
    if options.dry_run:
        return
    fitted = {
        part: {which: {"bias": model.bias, "weights": dict(model.weights)} for which, model in models.items()}
        for part, models in (("sentence", sentence), ("answer", answer))
    }
    TARGET.write_text(json.dumps(fitted, indent=2) + "\n", "utf-8")
    print(f"wrote {TARGET}")


if __name__ == "__main__":
    main()
