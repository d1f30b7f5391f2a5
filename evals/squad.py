"""Reading-comprehension data in SQuAD v1 JSON: paragraphs, and questions that one of them answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from evals.datasets import Dataset, Part, Question, Text
from evals.suite import InputError
from retrieval.models import Article


class _Gold(Part):
    text: Text


class _Qa(Part):
    id: Text
    question: Text
    answers: tuple[_Gold, ...] = ()


class _Paragraph(Part):
    context: Text
    qas: tuple[_Qa, ...]


class _Topic(Part):
    paragraphs: tuple[_Paragraph, ...]


class _File(Part):
    data: Annotated[tuple[_Topic, ...], Field(min_length=1)]


def load(file: Path) -> Dataset:
    """Read the paragraphs of ``file`` and its questions.

    A paragraph becomes an article without title, language or date: only its text is searched. Paragraphs with
    the same text are one article, since no ranking can tell them apart.

    Args:
        file: SQuAD v1 JSON.

    Raises:
        InputError: the file is not SQuAD v1 JSON, or a question has no gold answer or its id is used twice.
    """
    articles: dict[str, Article] = {}
    found: dict[str, Question] = {}
    for where, paragraph in _paragraphs(file):
        new = Article(id=f"paragraph-{len(articles) + 1:05d}", text=paragraph.context)
        article = articles.setdefault(paragraph.context, new)
        for index, qa in enumerate(paragraph.qas):
            if not qa.answers:
                raise InputError(file, f"{where}.qas[{index}].answers", "has no gold answer", case=qa.id)
            if qa.id in found:
                raise InputError(file, f"{where}.qas[{index}].id", "is used twice", case=qa.id)
            answers = tuple(dict.fromkeys(answer.text for answer in qa.answers))
            found[qa.id] = Question(id=qa.id, text=qa.question, relevant={article.id: 1}, answers=answers)
    if not found:
        raise InputError(file, "qas", "there is no question")
    return Dataset(format="squad", articles=tuple(articles.values()), questions=tuple(found.values()))


def load_questions(file: Path) -> dict[str, str]:
    """The questions of a SQuAD v1 JSON file by id.

    Raises:
        InputError: it is not SQuAD v1 JSON, or has no question.
    """
    found = {qa.id: qa.question for _, paragraph in _paragraphs(file) for qa in paragraph.qas}
    if not found:
        raise InputError(file, "qas", "there is no question")
    return found


def _paragraphs(file: Path) -> list[tuple[str, _Paragraph]]:
    """Every paragraph with its place in the file, as ``data[0].paragraphs[2]``."""
    try:
        data = _File.model_validate_json(file.read_bytes())
    except OSError as error:
        raise InputError(file, "(file)", error.strerror or str(error)) from error
    except ValidationError as error:
        found = error.errors(include_url=False)[0]
        place = _place(found["loc"]) or "(file)"
        raise InputError(file, place, found["msg"]) from error
    return [
        (f"data[{topic}].paragraphs[{index}]", paragraph)
        for topic, part in enumerate(data.data)
        for index, paragraph in enumerate(part.paragraphs)
    ]


def _place(location: Sequence[int | str]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")
