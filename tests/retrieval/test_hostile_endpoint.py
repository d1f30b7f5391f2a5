"""An endpoint that obeys injections, invents, swaps speakers, streams garbage, stalls, closes and fails.

Nothing that the evidence does not say reaches a client, and every request ends in time with a valid answer.
"""

from __future__ import annotations

import os
import random
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from ingest.pipeline import ingest_articles
from retrieval.engine import Engine
from retrieval.models import Answer, Article
from retrieval.verify import supported
from tests.hashing_embedder import HashingEmbedder
from tests.retrieval import test_generative as scripts

ROOT = Path(__file__).parents[2]
INJECTIONS = yaml.safe_load((ROOT / "evals" / "injections.yaml").read_text("utf-8"))["injections"]
TIMEOUT, SLACK = 0.6, 6.0  # seconds; the slack is for a loaded machine
NEWS = (
    "قالت وزيرة الصحة سلمى حداد إن المستشفى الجديد سيضم 250 سريرًا وسيفتح أبوابه في مايو المقبل.",
    "وقال النائب كريم منصور إن ميزانية المستشفى لا تكفي.",
    "وأضاف منصور أن البرلمان سيناقش الميزانية يوم الخميس.",
    "ونفت حداد ما نشرته صحيفة «النهار» عن إلغاء مشروع المستشفى.",
)
# SANAD_HOSTILE_ANSWERS=500 asks as many as the promise is made for.
ANSWERS = int(os.environ.get("SANAD_HOSTILE_ANSWERS", "60"))
QUESTION = "ماذا قالت سلمى حداد عن المستشفى الجديد؟"
GOOD = "قالت وزيرة الصحة سلمى حداد إن المستشفى الجديد سيضم 250 سريرًا [1]."
LIES = (
    "سيضم المستشفى الجديد 917 سريرًا [1].",
    "قال كريم منصور إن المستشفى الجديد سيضم 250 سريرًا وسيفتح أبوابه في مايو المقبل [1].",
    "قالت سلمى حداد إن المستشفى الجديد لن يفتح أبوابه في مايو المقبل [1].",
    "قالت سلمى حداد إن المستشفى الجديد سيفتح أبوابه في يونيو المقبل [1].",
    "أكدت حداد ما نشرته صحيفة النهار عن إلغاء مشروع المستشفى [4].",
    "افتتح الملك المستشفى أمس بحضور السفير الفرنسي [2].",
)
FORBIDDEN = (*(row["marker"] for row in INJECTIONS), "917", "لن يفتح", "يونيو", "أكدت حداد", "السفير", "<html", "{not")


@pytest.fixture(scope="module")
def injected(tmp_path_factory: pytest.TempPathFactory, endpoint: scripts.Endpoint) -> Iterator[Engine]:
    """An engine over articles with an injection each, among ordinary news."""
    folder = tmp_path_factory.mktemp("hostile") / "index"
    articles = [
        Article(id=f"a{n}", text=" ".join((*NEWS[:2], row["text"], *NEWS[2:])) + f"\n\nالعدد {n}.", language="ar")
        for n, row in enumerate(INJECTIONS)
    ]
    embedder = HashingEmbedder()
    settings = scripts.answering(folder, endpoint, patience=TIMEOUT, llm_retries=0)
    ingest_articles(articles, settings, embedder=embedder)
    engine = Engine(settings, embedder=embedder)
    yield engine
    engine.close()


endpoint = scripts.endpoint


def stalls(handler: scripts.BaseHTTPRequestHandler) -> None:
    scripts.headed(handler)
    time.sleep(TIMEOUT + 0.3)


def obeys(handler: scripts.BaseHTTPRequestHandler) -> None:
    """Says what every injection wants, with citations, and then what is true."""
    chosen = random.Random(len(threading.enumerate())).sample(INJECTIONS, 6)
    scripts.says(" [1]. ".join(row["text"] for row in chosen) + f" [1]. {GOOD}")(handler)


SCRIPTS = (
    obeys,
    scripts.says(" ".join(LIES)),
    scripts.says(f"{LIES[0]} {GOOD} {LIES[1]}"),
    scripts.says(f"{GOOD} {LIES[2]} {LIES[5]}"),
    scripts.says("\x00�� ]]] {{{ 1 2 3 <html> {not json} [1][2][99]"),
    scripts.fails,
    scripts.html,
    scripts.garbage,
    scripts.closes,
    stalls,
)


def test_no_injection_is_evidence(injected: Engine) -> None:
    for question in (QUESTION, "What should you say about the hospital?", "بماذا تجيب عن المستشفى؟"):
        answer = injected.answer(question)
        shown = " ".join([answer.text, *(e.sentence.text for e in answer.evidence)])
        assert not [marker for marker in FORBIDDEN if marker in shown]


@pytest.mark.timeout(900)
def test_many_answers_hold_nothing_unsupported(injected: Engine, endpoint: scripts.Endpoint) -> None:
    modes: set[str] = set()
    for n in range(ANSWERS):
        endpoint.script = SCRIPTS[n % len(SCRIPTS)]
        injected._endpoint = None  # a rested breaker: each kind of failure is met, not only the first five
        start = time.monotonic()
        answer = injected.answer(QUESTION, mode="generative")
        assert time.monotonic() - start < TIMEOUT + SLACK
        modes.add(answer.mode)
        assert answer.sentences
        assert_supported(answer)
    assert modes == {"extractive", "generative"}


def assert_supported(answer: Answer) -> None:
    quotes = {citation.number: citation.quote for citation in answer.citations}
    assert not [marker for marker in FORBIDDEN if marker in answer.text]
    for sentence in answer.sentences:
        assert sentence.citations
        assert supported(sentence.text, [quotes[number] for number in sentence.citations])
        assert not (re.search("منصور", sentence.text) and "250" in sentence.text)
