"""Fit the weights of evidence selection and confidence on ``evals/development``: ``python -m evals.fit``.

Two logistic regressions for Arabic questions and two for questions in another language: which sentence answers, and
whether the chosen evidence answers at all. Then the same four again without what the reader says, for topics. Neither
the shipped suites nor any benchmark is read. The parts of the development set (``a``, ``b``, …: different articles,
different questions) are held out in turn for the printed figures; the shipped weights are then fitted on all of them.

Questions that the articles do not answer come from four places: they are written to be (``near``: the right people
and subjects, with a fact that is not reported), or are answerable ones asked of another name or thing (``swapped``, by
:mod:`evals.swaps`), or without their article (``filtered``), and half of them also without the sentences that answer
(``removed``).
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from sklearn.metrics import roc_auc_score

from evals.swaps import Answered, Swaps
from ingest.pipeline import ingest
from ingest.readers import read
from retrieval import evidence
from retrieval.engine import Engine
from retrieval.evidence import TOPIC, Asked, Logistic, Scored, answer_features, rank, side
from retrieval.extractive import choose
from retrieval.models import Filters
from retrieval.questions import read_question
from retrieval.settings import Settings

HERE = Path(__file__).parent / "development"
TARGET = Path(evidence.__file__).with_name(evidence.WEIGHTS_FILE)
# What may only count in favour (+) or against (-): with little data a free sign would fit noise.
SENTENCE_FEATURES = {
    "read": "+", "read_gap": "+",
    "cosine": "+", "cosine_gap": "+", "led_cosine": "+", "led_cosine_gap": "+", "words_met": "+", "words_met_gap": "+",
    "weakest_word": "+", "coverage": "+", "coverage_gap": "+", "context_coverage": "+", "lead_coverage": "+",
    "news_met": "+", "news_met_gap": "+", "missing": "-", "passage": "+",
    "kind_met": "+", "kind_unmet": "-", "figures": "+", "length": "",
    "named_voice": "+", "other_voice": "-", "purpose": "+", "cause": "+", "function": "+", "spoken": "+",
}  # fmt: skip
ANSWER_FEATURES = {
    "read": "+", "weakest_word": "+", "words_met": "+", "focus": "+",
    "cosine": "+", "led_cosine": "+", "score": "+", "coverage": "+",
    "figures_missing": "-", "kind_unmet": "-", "unnamed": "-", "uncounted": "-",
    "uncaused": "-", "unvoiced": "-",
}  # fmt: skip
READER_FEATURES = {"read", "read_gap"}
SIDES = ("arabic", "foreign")
# What each origin of a question weighs in the fit of confidence, and of each the share of questions worded as people
# ordinarily ask (the others are heavily reworded).
ORIGINS = {"answerable": 0.7, "near": 0.15, "swapped": 0.05, "removed": 0.06, "filtered": 0.04}
ORDINARY = {"answerable": 0.7, "near": 0.85, "swapped": 0.7, "removed": 0.5, "filtered": 0.5}
REMOVALS = 6  # groups of answerable questions; of every second group the answers are taken out of the articles

REGULARISATION = 1.0
BOUNDS: dict[str, tuple[float | None, float | None]] = {"+": (0, None), "-": (None, 0), "": (None, None)}


@dataclass(frozen=True, eq=False)
class Example:
    """A development question with the sentences of its best passages, not yet weighed.

    ``gold`` are the sentences that answer it, none where the articles that were searched do not (``origin``: one of
    ``ORIGINS``); ``ordinary`` is whether it is worded as people ordinarily ask.
    """

    part: str
    ordinary: bool
    origin: str
    asked: Asked
    gold: frozenset[str]
    sentences: list[Scored]

    @property
    def answerable(self) -> bool:
        """Whether the articles that were searched answer it."""
        return self.origin == "answerable"


@dataclass(frozen=True)
class Row:
    """A written question and where it is from."""

    part: str
    ordinary: bool
    question: str
    article: str | None
    gold: frozenset[str]
    answer: str | None


def read_rows(folder: Path) -> list[Row]:
    """The written questions of a development folder."""
    found = []
    for path in sorted(folder.glob("*-questions.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            gold = frozenset(row["gold"]) if row["answerable"] else frozenset[str]()
            ordinary = "-ordinary-" in path.name
            found.append(Row(path.name[0], ordinary, row["question"], row["article"], gold, row.get("answer")))
    return found


def examples(folder: Path) -> list[Example]:
    """Ask every development question of an index of the development articles, and of articles without its answer."""
    rows = read_rows(folder)
    found = list(_whole(folder / "articles", rows))
    answerable = [row for row in rows if row.gold]
    for group in range(0, REMOVALS, 2):
        found += _without_answers(folder / "articles", answerable[group::REMOVALS])
    return found


def _whole(articles: Path, rows: Sequence[Row]) -> Iterator[Example]:
    with tempfile.TemporaryDirectory() as index:
        engine = _indexed(articles, Path(index))
        every = [article.id for article in engine.articles(limit=1000)]
        swapped = _swapped(articles, rows)
        for row in rows:
            asked = engine.ask(read_question(row.question))
            yield _example(row, "answerable" if row.gold else "near", asked, engine.weigh(asked))
            if row.gold:
                others = Filters(article_ids=tuple(a for a in every if a != row.article))
                yield _example(row, "filtered", asked, engine.weigh(asked, others))
                for question in swapped[row]:
                    asked = engine.ask(read_question(question))
                    yield _example(row, "swapped", asked, engine.weigh(asked))
        engine.close()


def _swapped(articles: Path, rows: Sequence[Row]) -> dict[Row, list[str]]:
    """What can be made of each answered question by asking it of another name or thing."""
    texts = {article.id: article.text for path in sorted(articles.iterdir()) for article in read(path)}
    places = {name: place for place, name in enumerate(texts)}
    asked = {
        row: Answered(places[row.article], read_question(row.question).language, row.question, sorted(row.gold))
        for row in rows
        if row.gold and row.article is not None
    }
    swaps = Swaps(list(texts.values()), list(asked.values()))
    return {row: list(swaps.of(question)) for row, question in asked.items()}


def _without_answers(articles: Path, rows: Sequence[Row]) -> Iterator[Example]:
    """Ask questions of articles from which all their answers are taken out.

    A question whose answer another sentence of the article gives as well is left out.
    """
    with tempfile.TemporaryDirectory() as index, tempfile.TemporaryDirectory() as copy:
        altered = Path(shutil.copytree(articles, Path(copy) / "articles"))
        for row in rows:
            file = altered / f"{row.article}.md"
            text = file.read_text("utf-8")
            for sentence in row.gold:
                text = text.replace(sentence, "")
            file.write_text(text, "utf-8")
        engine = _indexed(altered, Path(index))
        for row in rows:
            text = (altered / f"{row.article}.md").read_text("utf-8")
            if row.answer is None or row.answer not in text:
                asked = engine.ask(read_question(row.question))
                yield _example(row, "removed", asked, engine.weigh(asked))
        engine.close()


def _indexed(articles: Path, index: Path) -> Engine:
    settings = Settings(index=index)
    ingest([articles], settings)
    return Engine(settings)


def _example(row: Row, origin: str, asked: Asked, sentences: list[Scored]) -> Example:
    gold = row.gold if origin == "answerable" else frozenset[str]()
    return Example(row.part, row.ordinary, origin, asked, gold, sentences)


def fit_sentences(data: Sequence[Example], which: str, *, topics: bool = False) -> Logistic:
    """Logistic regression over sentences, for ``topics`` without the reader; every part of the development set weighs
    the same.
    """
    signs = _signs(SENTENCE_FEATURES, topics)
    rows, labels, weights = [], [], []
    mine = _on_side(data, which)
    sizes = Counter(example.part for example in mine)
    for example in mine:
        positive = [s.stored.sentence.text in example.gold for s in example.sentences]
        if not any(positive):
            continue
        share = len(mine) / len(sizes) / sizes[example.part]
        for item, label in zip(example.sentences, positive, strict=True):
            rows.append([item.features[name] for name in signs])
            labels.append(label)
            weights.append(share / sum(positive) if label else 5 * share / (len(positive) - sum(positive)))
    return fit(np.array(rows), np.array(labels), np.array(weights), signs)


def fit_answers(
    data: Sequence[Example], which: str, sentence: Logistic, limit: int, *, topics: bool = False
) -> Logistic:
    """Logistic regression over questions, for ``topics`` without the reader: does what would be shown answer?"""
    signs = _signs(ANSWER_FEATURES, topics)
    mine, found = _shown(_on_side(data, which), sentence, limit)
    rows = np.array([[row[name] for name in signs] for row in found])
    return fit(rows, np.array([e.answerable for e in mine]), _weights(mine), signs)


def _signs(signs: Mapping[str, str], topics: bool) -> Mapping[str, str]:
    return {name: sign for name, sign in signs.items() if not (topics and name in READER_FEATURES)}


def _weights(mine: Sequence[Example]) -> np.ndarray:
    """The questions at hand say nothing about how many of whose kind are asked: each kind has its weight."""
    sizes = Counter((e.origin, e.ordinary) for e in mine)
    return np.array([len(mine) * _share(e) / sizes[e.origin, e.ordinary] for e in mine])


def _share(example: Example) -> float:
    ordinary = ORDINARY[example.origin]
    return ORIGINS[example.origin] * (ordinary if example.ordinary else 1 - ordinary)


def _on_side(data: Sequence[Example], which: str) -> list[Example]:
    return [example for example in data if side(example.asked.question) == which]


def _shown(data: Sequence[Example], sentence: Logistic, limit: int) -> tuple[list[Example], list[dict[str, float]]]:
    """The questions for which something would be shown, and the answer features of each: the others abstain anyway.

    Raises:
        ValueError: nothing is shown for any.
    """
    found = [(example, features(example, sentence, limit)) for example in data]
    shown = [(example, row) for example, row in found if row is not None]
    if not shown:
        raise ValueError("no question for which anything would be shown")
    return [example for example, _ in shown], [row for _, row in shown]


def features(example: Example, sentence: Logistic, limit: int) -> dict[str, float] | None:
    """Answer features under a sentence model; ``None`` where no sentence would be shown."""
    ranked = rank(example.sentences, sentence)
    chosen = choose(example.asked.question, ranked, limit)
    return answer_features(example.asked, ranked, chosen) if chosen else None


def fit(rows: np.ndarray, labels: np.ndarray, weights: np.ndarray, signs: Mapping[str, str]) -> Logistic:
    """Ridge logistic regression with sign constraints (L-BFGS-B), on standardised features.

    The standardisation is folded into the weights, so that they apply to raw features.
    """
    mean, deviation = rows.mean(0), rows.std(0) + 1e-6
    standard = (rows - mean) / deviation

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        p = 1 / (1 + np.exp(-(standard @ theta[1:] + theta[0])))
        error = (p - labels) * weights
        likelihood = np.where(labels, np.log(p + 1e-12), np.log(1 - p + 1e-12)) @ weights
        ridge = REGULARISATION * theta[1:]
        return -likelihood + ridge @ theta[1:] / 2, np.r_[error.sum(), standard.T @ error + ridge]

    start = np.zeros(rows.shape[1] + 1)
    limits = [(None, None), *(BOUNDS[sign] for sign in signs.values())]
    theta = minimize(loss, start, jac=True, bounds=limits, method="L-BFGS-B").x
    coefficients = theta[1:] / deviation
    named = {name: round(float(c), 4) for name, c in zip(signs, coefficients, strict=True) if abs(c) > 1e-6}
    return Logistic(round(float(theta[0] - coefficients @ mean), 4), named)


def report(train: Sequence[Example], test: Sequence[Example], limit: int) -> None:
    """Print hit rates and the AUROC of confidence on held-out questions."""
    for which in SIDES:
        sentence = fit_sentences(train, which)
        answer = fit_answers(train, which, sentence, limit)
        mine = _on_side(test, which)
        asked = [e for e in mine if e.answerable]
        plain = Logistic(0.0, {"cosine": 1.0})
        for name, model in (("cosine", plain), ("model", sentence)):
            hits = [[s.stored.sentence.text in e.gold for s in rank(e.sentences, model)] for e in asked]
            rates = ", ".join(f"hit@{k} {np.mean([any(hit[:k]) for hit in hits]):.3f}" for k in (1, 3, 6))
            print(f"  {which:8s} {name:7s} {len(asked)} questions: {rates}")
        shown = np.mean([len(choose(e.asked.question, rank(e.sentences, sentence), limit)) for e in asked])
        rows = {e: features(e, sentence, limit) for e in mine}
        scores = {e: 0.0 if row is None else answer.probability(row) for e, row in rows.items()}
        for name in ("near", "removed", "filtered"):
            for ordinary in (True, False):
                kept = [e for e in mine if e.ordinary == ordinary and e.origin in {"answerable", name}]
                if len({e.answerable for e in kept}) == 2:
                    auroc = roc_auc_score([e.answerable for e in kept], [scores[e] for e in kept])
                    worded = "ordinary" if ordinary else "reworded"
                    print(f"  {which:8s} confidence AUROC {auroc:.3f} ({name}, {worded})")
        answered = [scores[e] >= 0.5 for e in asked if e.ordinary]
        print(f"  {which:8s} {sum(answered)} of {len(answered)} ordinary answerable questions answered")
        print(f"  {which:8s} {shown:.1f} sentences shown")


def main() -> None:
    """Fit, print held-out figures, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--dry-run", action="store_true", help="print the figures, keep the shipped weights")
    options = parser.parse_args()
    limit = Settings().max_sentences
    data = examples(HERE)
    for held_out in sorted({e.part for e in data}):
        print(f"held out: part {held_out}")
        report([e for e in data if e.part != held_out], [e for e in data if e.part == held_out], limit)
    _write(fit_all(data, limit), options.dry_run)


def fit_all(data: Sequence[Example], limit: int) -> dict[str, dict[str, Logistic]]:
    """The models that ship: of sentences and of answers, by side, for questions and for topics."""
    fitted: dict[str, dict[str, Logistic]] = {"sentence": {}, "answer": {}}
    for which, topics in product(SIDES, (False, True)):
        name = which + (TOPIC if topics else "")
        sentence = fitted["sentence"][name] = fit_sentences(data, which, topics=topics)
        fitted["answer"][name] = fit_answers(data, which, sentence, limit, topics=topics)
    return fitted


def _write(models: Mapping[str, Mapping[str, Logistic]], dry_run: bool) -> None:
    """Put fitted models in the place of the shipped ones, or show them."""
    fitted = {
        part: {which: {"bias": model.bias, "weights": dict(model.weights)} for which, model in sides.items()}
        for part, sides in models.items()
    }
    if dry_run:
        print(json.dumps(fitted, indent=2))
        return
    TARGET.write_text(json.dumps(fitted, indent=2) + "\n", "utf-8")
    print(f"wrote {TARGET}")


if __name__ == "__main__":
    main()
