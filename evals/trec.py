"""Rankings as TREC has them: run files and judgements, and their figures by ``ir-measures``.

The figures of a benchmark are computed here from the same lines that :func:`write` puts into files, so that
``ir_measures qrels.txt hybrid.run R@1 RR@10`` prints the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import ir_measures
from ir_measures import RR, Qrel, R, ScoredDoc, nDCG

from evals.datasets import Question

DEPTH = 10
QRELS = "qrels.txt"
MEASURES = {
    "recall@1": R @ 1,
    "recall@5": R @ 5,
    f"recall@{DEPTH}": R @ DEPTH,
    f"mrr@{DEPTH}": RR @ DEPTH,
    f"ndcg@{DEPTH}": nDCG @ DEPTH,
}
Rankings = Mapping[str, Sequence[str]]


def figures(questions: Sequence[Question], rankings: Rankings) -> dict[str, float]:
    """The mean of each measure over all questions; one for which nothing was found counts 0.

    Args:
        questions: with their graded articles.
        rankings: article ids by question id, best first, each once.
    """
    each = by_question(questions, rankings)
    return {name: sum(values) / len(values) for name, values in each.items()}


def by_question(questions: Sequence[Question], rankings: Rankings) -> dict[str, list[float]]:
    """Each measure of each question, in their order."""
    values: dict[tuple[str, str], float] = {}
    names = {measure: name for name, measure in MEASURES.items()}
    for found in ir_measures.iter_calc(list(MEASURES.values()), _qrels(questions), _scored(questions, rankings)):
        values[names[found.measure], found.query_id] = found.value
    return {name: [values.get((name, question.id), 0.0) for question in questions] for name in MEASURES}


def write(folder: Path, questions: Sequence[Question], runs: Mapping[str, Rankings]) -> list[Path]:
    """Write ``qrels.txt`` and a ``NAME.run`` for each run.

    A run's scores only say the order: they fall by one from each article to the next. Spaces in ids, which these
    files cannot hold, become underscores.

    Returns:
        The files written.

    Raises:
        OSError: a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = {QRELS: "".join(f"{_word(q.query_id)} 0 {_word(q.doc_id)} {q.relevance}\n" for q in _qrels(questions))}
    for name, rankings in runs.items():
        lines = []
        for question in questions:
            own = {question.id: rankings.get(question.id, ())}
            for rank, scored in enumerate(_scored([question], own), start=1):
                ids = f"{_word(scored.query_id)} Q0 {_word(scored.doc_id)}"
                lines.append(f"{ids} {rank} {scored.score:g} sanad-{name}\n")
        texts[f"{name}.run"] = "".join(lines)
    for file, text in texts.items():
        (folder / file).write_text(text, encoding="utf-8")
    return [folder / file for file in texts]


def _word(id_: str) -> str:
    return "_".join(id_.split())


def _qrels(questions: Sequence[Question]) -> list[Qrel]:
    return [
        Qrel(question.id, article_id, grade)
        for question in questions
        for article_id, grade in question.relevant.items()
    ]


def _scored(questions: Sequence[Question], rankings: Rankings) -> list[ScoredDoc]:
    """Scores without ties, which a scorer would break by id and not by rank."""
    return [
        ScoredDoc(question.id, article_id, float(len(ranking) - place))
        for question in questions
        for ranking in [rankings.get(question.id, ())]
        for place, article_id in enumerate(ranking)
    ]
