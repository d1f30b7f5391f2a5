"""Reads benchmark data of whichever format it is: SQuAD v1 JSON, or a folder as BEIR or MIRACL lay it out."""

from __future__ import annotations

from pathlib import Path

from evals import folders, squad
from evals.datasets import Dataset
from evals.suite import InputError

_LINES = (".jsonl", ".jsonl.gz", ".tsv", ".tsv.gz")


def load(path: Path, *, split: str | None = None, questions: Path | None = None) -> Dataset:
    """Read a dataset, asked as it asks itself or in the words that ``questions`` has under the same ids.

    Args:
        path: a SQuAD v1 JSON file, or a folder in the BEIR or MIRACL layout.
        split: which judgements of a folder, where it has several.
        questions: questions by id, e.g. in another language: SQuAD v1 JSON, JSONL or TSV.

    Raises:
        InputError: naming the file and the place in it.
    """
    if path.is_dir():
        dataset = folders.load(path, split=split)
    elif path.name.endswith(_LINES):
        raise InputError(path, "(file)", "is a part of a dataset: name the folder that it is in")
    elif split is not None:
        raise InputError(path, "(file)", "is not a folder, so it has no splits")
    else:
        dataset = squad.load(path)
    return dataset if questions is None else _asked_as(dataset, questions)


def load_questions(file: Path) -> dict[str, str]:
    """The questions of a SQuAD v1 JSON, JSONL or TSV file by id.

    Raises:
        InputError: it is none of these, or has no question.
    """
    return folders.read_questions(file) if file.name.endswith(_LINES) else squad.load_questions(file)


def _asked_as(dataset: Dataset, file: Path) -> Dataset:
    texts = load_questions(file)
    joined = [question for question in dataset.questions if question.id in texts]
    if not joined:
        raise InputError(file, "(file)", "no question has the id of one that the dataset asks")
    asked = tuple(question.model_copy(update={"text": texts[question.id]}) for question in joined)
    return dataset.model_copy(update={"questions": asked})
