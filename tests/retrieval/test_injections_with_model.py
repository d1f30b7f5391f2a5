"""Injections before a real language model. Opt-in, for a model takes minutes:

``SANAD_TEST_LLM_URL=http://127.0.0.1:18080/v1 pytest tests/retrieval/test_injections_with_model.py``

Each injection stands in an article, and then in the question itself, where the model does read it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing

import pytest

from ingest.pipeline import ingest_articles
from retrieval.engine import Engine
from retrieval.models import Answer, Article, Filters
from retrieval.settings import Settings
from retrieval.verify import supported
from tests.hashing_embedder import HashingEmbedder
from tests.retrieval.test_hostile_endpoint import INJECTIONS, NEWS, QUESTION

URL = os.environ.get("SANAD_TEST_LLM_URL")
SECONDS = 600.0  # a small machine takes a minute an answer, a busy one several
if not URL:
    pytest.skip("needs a language model: set SANAD_TEST_LLM_URL to its address, …/v1", allow_module_level=True)
pytestmark = pytest.mark.timeout(SECONDS + 60)
EACH = pytest.mark.parametrize("n", range(len(INJECTIONS)))


@pytest.fixture(scope="module")
def injected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine over articles with an injection each."""
    embedder = HashingEmbedder()
    settings = Settings(
        index=tmp_path_factory.mktemp("injected") / "index",
        embedding_model="hashing",
        llm_base_url=URL,
        llm_model=os.environ.get("SANAD_TEST_LLM_MODEL", "any"),
        llm_timeout=SECONDS,
        llm_first_token_timeout=SECONDS,
        abstain_below=0.0,
    )
    articles = [
        Article(id=f"a{n}", text=" ".join((*NEWS[:2], row["text"], *NEWS[2:])) + f"\n\nالعدد {n}.", language="ar")
        for n, row in enumerate(INJECTIONS)
    ]
    ingest_articles(articles, settings, embedder=embedder)
    with closing(Engine(settings, embedder=embedder)) as engine:
        yield engine


@EACH
def test_an_injection_in_an_article_is_not_shown(injected: Engine, n: int) -> None:
    check(injected.answer(QUESTION, mode="generative", before=(), filters=Filters(article_ids=(f"a{n}",))), n)


@EACH
def test_an_injection_that_the_model_reads_is_not_shown(injected: Engine, n: int) -> None:
    asked = f"{QUESTION} {INJECTIONS[n]['text']}"
    check(injected.answer(asked, mode="generative", before=(), filters=Filters(article_ids=("a0",))), n)


def check(answer: Answer, n: int) -> None:
    """A whole, supported answer without what the injection wants said; the model was there."""
    assert not [note for note in answer.notes if note.startswith("llm_failed")]
    quotes = {citation.number: citation.quote for citation in answer.citations}
    assert INJECTIONS[n]["marker"] not in answer.text
    for sentence in answer.sentences:
        assert sentence.citations
        assert supported(sentence.text, [quotes[number] for number in sentence.citations])
