"""What a benchmark asks: articles, and questions with the articles that answer them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from retrieval.models import Article

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Part(BaseModel):
    """A piece of a published file, which may carry more fields than are used here."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Question(Part):
    """A question, the grade of each article judged for it (above 0: it answers), and the gold answers if there are.

    ``answers`` are in the words of the articles; empty where a dataset only says which articles answer.
    """

    id: str
    text: str
    relevant: Mapping[str, int]
    answers: tuple[str, ...] = ()


class Dataset(Part):
    """``articles`` has every different text once; ``questions`` are in the order of the files.

    ``format`` is ``squad``, ``beir`` or ``miracl``; ``unjudged`` counts questions left out because no article is said
    to answer them.
    """

    format: str
    articles: tuple[Article, ...]
    questions: tuple[Question, ...]
    unjudged: int = 0
