"""Reading-comprehension data in SQuAD v1 JSON: paragraphs, and questions that one of them answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from evals.suite import InputError
from retrieval.models import Article

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Part(BaseModel):
    # Published files carry more fields than are used here.
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Gold(_Part):
    text: Text


class _Qa(_Part):
    id: Text
    question: Text
    answers: tuple[_Gold, ...] = ()


class _Paragraph(_Part):
    context: Text
    qas: tuple[_Qa, ...]


class _Topic(_Part):
    paragraphs: tuple[_Paragraph, ...]


class _File(_Part):
    data: Annotated[tuple[_Topic, ...], Field(min_length=1)]


class Question(_Part):
    """A question, the article that answers it and the gold answers in that article's words."""

    id: str
    text: str
    article_id: str
    answers: tuple[str, ...]


class Dataset(_Part):
    """``articles`` has every different paragraph once; ``questions`` are in the order of the file."""

    articles: tuple[Article, ...]
    questions: tuple[Question, ...]


def load(file: Path, *, questions: Path | None = None) -> Dataset:
    """Read the paragraphs of ``file`` and its questions, or those that ``questions`` has under the same ids.

    A paragraph becomes an article without title, language or date: only its text is searched. Paragraphs with
    the same text are one article, since no ranking can tell them apart.

    Args:
        file: SQuAD v1 JSON.
        questions: SQuAD v1 JSON, e.g. the same questions in another language; of it only ids and questions
            are used.

    Raises:
        InputError: a file is not SQuAD v1 JSON, a question has no gold answer or its id is used twice, or no
            question has the id of one of ``file``.
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
            found[qa.id] = Question(id=qa.id, text=qa.question, article_id=article.id, answers=answers)
    if not found:
        raise InputError(file, "qas", "there is no question")
    if questions is not None:
        found = _asked_as(questions, found)
    return Dataset(articles=tuple(articles.values()), questions=tuple(found.values()))


def load_questions(file: Path) -> dict[str, str]:
    """The questions of a SQuAD v1 JSON file by id.

    Raises:
        InputError: it is not SQuAD v1 JSON, or has no question.
    """
    found = {qa.id: qa.question for _, paragraph in _paragraphs(file) for qa in paragraph.qas}
    if not found:
        raise InputError(file, "qas", "there is no question")
    return found


def _asked_as(file: Path, questions: dict[str, Question]) -> dict[str, Question]:
    texts = load_questions(file)
    joined = {
        id_: question.model_copy(update={"text": texts[id_]}) for id_, question in questions.items() if id_ in texts
    }
    if not joined:
        raise InputError(file, "qas", "no question has the id of one in the file of paragraphs")
    return joined


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
