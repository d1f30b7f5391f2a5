"""A small corpus, answers about it made by hand, and an engine that gives them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from evals.suite import Case
from retrieval.errors import SanadError, UnknownArticle
from retrieval.models import Answer, AnswerSentence, ArticleDetail, Attribution, Citation, Sentence

TEXT = "قال المهندس سالم إن الجسر يمتد ١٢ كيلومترا. وأضاف أن العمل بدأ في مايو. ونفت البلدية التأخير."


@pytest.fixture
def text() -> str:
    """The one stored article, ``bridge`` version 1."""
    return TEXT


@pytest.fixture
def article_text() -> Callable[[str, int], str | None]:
    return lambda article_id, version: TEXT if (article_id, version) == ("bridge", 1) else None


@pytest.fixture
def supported() -> Callable[..., bool]:
    """A verifier for these tests: every word of the sentence is in some quote."""

    def check(sentence: str, quotes: Sequence[str], read: Any = None) -> bool:
        return all(any(word in quote for quote in quotes) for word in sentence.split())

    return check


@pytest.fixture
def cite() -> Callable[..., Citation]:
    """``cite(1, "words of the article")``; fields can be replaced, as ``start``."""

    def make(number: int, quote: str, **fields: Any) -> Citation:
        start = TEXT.find(quote)
        values = {
            "number": number,
            "article_id": "bridge",
            "article_version": 1,
            "passage_id": "bridge-0",
            "start": start,
            "end": start + len(quote),
            "quote": quote,
        }
        return Citation(**(values | fields))

    return make


@pytest.fixture
def make_answer(cite: Callable[..., Citation]) -> Callable[..., Answer]:
    """An answer whose sentences are quotes of the article, each with a citation of its own, unless given."""

    def make(*quotes: str, speaker: str | None = None, **fields: Any) -> Answer:
        attribution = Attribution(speaker=speaker) if speaker else None
        values: dict[str, Any] = {
            "id": "a",
            "conversation_id": "c",
            "question": "؟",
            "standalone_question": "؟",
            "language": "ar",
            "status": "answered" if quotes else "abstained",
            "mode": "extractive",
            "text": " ".join(f"{quote} [{n}]" for n, quote in enumerate(quotes, 1)) or "لا جواب في المصادر.",
            "sentences": tuple(
                AnswerSentence(text=quote, citations=(n,), attribution=attribution) for n, quote in enumerate(quotes, 1)
            ),
            "citations": tuple(cite(n, quote) for n, quote in enumerate(quotes, 1)),
            "confidence": 0.9 if quotes else 0.1,
        }
        return Answer(**(values | fields))

    return make


@pytest.fixture
def make_case() -> Callable[..., Case]:
    return lambda **fields: Case(**({"id": "case", "question": "كم طول الجسر؟"} | fields))


@dataclass
class Engine:
    """Gives the answer listed for a question, abstains otherwise, and notes what was asked."""

    answers: dict[str, Answer | Exception]
    abstention: Answer
    rankings_: dict[str, list[str]] = field(default_factory=dict)
    asked: list[tuple[str, str | None, str | None]] = field(default_factory=list)
    not_ready: SanadError | None = None
    closed: bool = False

    def ready(self) -> None:
        if self.not_ready:
            raise self.not_ready

    def answer(self, question: str, *, conversation_id: str | None = None, mode: str | None = None) -> Answer:
        self.asked.append((question, conversation_id, mode))
        found = self.answers.get(question, self.abstention)
        if isinstance(found, Exception):
            raise found
        return found

    def rankings(self, question: str, *, limit: int) -> dict[str, list[str]]:
        return {name: ranked[:limit] for name, ranked in self.rankings_.items()}

    def article(self, article_id: str, *, version: int | None = None) -> ArticleDetail:
        if article_id != "bridge" or version not in (None, 1):
            raise UnknownArticle(article_id=article_id)
        parts = [part + "." for part in TEXT.split(".") if part]
        sentences, start = [], 0
        for index, part in enumerate(parts):
            trimmed = part.strip()
            begin = TEXT.index(trimmed, start)
            start = begin + len(trimmed)
            sentences.append(Sentence(index=index, start=begin, end=start, text=trimmed))
        unknown: dict[str, Any] = {
            "title": None,
            "source": None,
            "published": None,
            "language": None,
            "topics": (),
        }
        return ArticleDetail(id=article_id, version=1, text=TEXT, sentences=tuple(sentences), **unknown)

    def close(self) -> None:
        self.closed = True


class Embedder:
    """Embeds a text as the counts of some of its letters, which is enough to be ranked by."""

    name, revision, dimension = "letters", "1", 3

    def __init__(self) -> None:
        self.timed: list[str] = []

    @classmethod
    def of(cls, settings: Any) -> Embedder:
        return cls()

    def passages(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([self.query(text) for text in texts])

    def query(self, text: str) -> np.ndarray:
        counts = np.array([text.count(letter) for letter in "دمت"], dtype="float32") + 1e-6
        return counts / np.linalg.norm(counts)

    def query_tokens(self, text: str) -> Any:
        raise AssertionError("the harness's verifier reads no tokens")

    def queries(self, texts: Sequence[str]) -> np.ndarray:
        self.timed.extend(texts)
        return self.passages(texts)


@pytest.fixture
def embedder() -> Embedder:
    return Embedder()


@pytest.fixture
def make_engine(make_answer: Callable[..., Answer]) -> Callable[..., Engine]:
    return lambda answers, **fields: Engine(answers, make_answer(), **fields)


@dataclass
class Product:
    """What was done with the modules that :func:`product` puts in place of the real ones."""

    engine: Engine
    failed: list[SanadError] = field(default_factory=list)
    ingested: list[Any] = field(default_factory=list)
    indexes: list[Path] = field(default_factory=list)
    chroma_urls: list[str | None] = field(default_factory=list)


@pytest.fixture
def product(monkeypatch: pytest.MonkeyPatch, make_engine, supported) -> Product:
    """The engine, ingest and verifier replaced by small ones: these tests are of the harness alone."""
    state = Product(make_engine({}))

    @dataclass
    class Report:
        added: list[str]
        failed: list[SanadError]

    def ingest(things: Sequence[Any], settings: Any, **_: Any) -> Report:
        state.ingested.append(list(things))
        state.indexes.append(settings.index)
        state.chroma_urls.append(settings.chroma_url)
        return Report(["bridge"], state.failed)

    class Catalog:
        @classmethod
        def of(cls, settings: Any) -> Catalog:
            assert settings.index in state.indexes
            return cls()

        def passage_count(self) -> int:
            return 5

        def close(self) -> None:
            pass

    modules = {
        "ingest.pipeline": {"ingest": ingest, "ingest_articles": ingest},
        "retrieval.catalog": {"Catalog": Catalog},
        "retrieval.embedding": {"Embedder": Embedder},
        "retrieval.engine": {"Engine": lambda settings, embedder: state.engine},
        "retrieval.verify": {"supported": supported, "NAME": "words"},
    }
    for name, contents in modules.items():
        module = ModuleType(name)
        module.__dict__.update(contents)
        monkeypatch.setitem(sys.modules, name, module)
    return state


@pytest.fixture
def write_suite(tmp_path: Path) -> Callable[..., Path]:
    """Writes a suite whose ``cases`` are given as YAML, with a corpus folder beside it."""

    def write(cases: str, *, name: str = "bridges", corpus: str = "[articles]") -> Path:
        (tmp_path / "articles").mkdir(exist_ok=True)
        file = tmp_path / f"{name}.yaml"
        file.write_text(f"suite: {name}\ncorpus: {corpus}\ncases:\n{cases}", encoding="utf-8")
        return file

    return write
