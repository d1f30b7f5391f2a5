"""What of a model's draft is shown beside what: pronouns with whom they stand for, repetitions, the best evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ingest.pipeline import ingest_articles
from retrieval.engine import Engine
from retrieval.models import Answer, Article
from tests.hashing_embedder import HashingEmbedder
from tests.retrieval import test_generative as scripts

HADDAD = "قالت وزيرة الصحة سلمى حداد إن المستشفى الجديد سيضم 250 سريرًا وسيفتح أبوابه في مايو المقبل."
NURSES = "وأكدت حداد أن المستشفى الجديد سيوظف 40 ممرضة."
MANSOUR = "وقال النائب كريم منصور إن ميزانية المستشفى الجديد لا تكفي."
QUESTION = "ماذا قالت سلمى حداد عن المستشفى الجديد؟"
OPENING = "قالت سلمى حداد إن المستشفى الجديد سيضم 250 سريرًا."
SHE = "وأكدت أن المستشفى الجديد سيوظف 40 ممرضة."
HE = "قال كريم منصور إن ميزانية المستشفى الجديد لا تكفي."

endpoint = scripts.endpoint
Ask = Callable[[str], Answer]


@pytest.fixture(scope="module")
def generating(tmp_path_factory: pytest.TempPathFactory, endpoint: scripts.Endpoint) -> Iterator[Engine]:
    embedder = HashingEmbedder()
    settings = scripts.answering(tmp_path_factory.mktemp("meant") / "index", endpoint, patience=20.0)
    article = Article(id="hospital", text=" ".join((HADDAD, NURSES, MANSOUR)), language="ar")
    ingest_articles([article], settings, embedder=embedder)
    with closing(Engine(settings, embedder=embedder)) as engine:
        yield engine


@pytest.fixture
def ask(generating: Engine, endpoint: scripts.Endpoint) -> Ask:
    def ask(reply: str) -> Answer:
        endpoint.script = scripts.says(f"{reply}\n")
        return generating.answer(QUESTION, mode="generative")

    return ask


def shown(answer: Answer) -> list[str]:
    """The model's sentences: those that quote no evidence whole."""
    quotes = {citation.quote for citation in answer.citations}
    return [s.text for s in answer.sentences if s.text.rpartition(": ")[2] not in quotes] if answer.sentences else []


def test_a_pronoun_stands_for_the_speaker_of_the_sentence_before(ask: Ask) -> None:
    answer = ask(f"{OPENING} {SHE}")
    assert shown(answer) == [OPENING, SHE]
    assert not [note for note in answer.notes if note.startswith("sentences_dropped")]


def test_it_may_lean_on_one_that_leans(ask: Ask) -> None:
    again = "وقالت إن المستشفى الجديد سيفتح أبوابه في مايو المقبل."
    assert shown(ask(f"{OPENING} {SHE} {again}")) == [OPENING, SHE, again]


@pytest.mark.parametrize("before", ["", HE, f"{OPENING} {HE}"], ids=["nobody", "another", "another between"])
def test_a_pronoun_that_stands_for_nobody_or_for_another_is_not_shown(ask: Ask, before: str) -> None:
    answer = ask(f"{before} {SHE} {OPENING}")
    assert SHE not in answer.text
    assert OPENING in answer.text
    assert "sentences_dropped:1" in answer.notes


def test_nor_where_the_sentence_before_names_its_speaker_beside_another(ask: Ask) -> None:
    both = "قال كريم منصور إن ميزانية المستشفى الجديد لا تكفي، وقالت سلمى حداد إن المستشفى سيضم 250 سريرًا."
    assert SHE not in ask(f"{both} {SHE}").text


def test_a_sentence_said_again_is_shown_once(ask: Ask) -> None:
    answer = ask(f"{OPENING} {HE} {OPENING}")
    assert shown(answer) == [OPENING, HE]
    assert not [note for note in answer.notes if note.startswith("sentences_dropped")]


def test_the_best_evidence_is_quoted_where_the_model_has_left_it_out(generating: Engine, ask: Ask) -> None:
    [best, *_] = sorted(generating.answer(QUESTION).evidence, key=lambda item: -item.score)
    beside = {HADDAD: HE, NURSES: HE, MANSOUR: OPENING}[best.sentence.text]
    answer = ask(beside)
    assert answer.mode == "generative"
    assert [answer.sentences[0].text, answer.sentences[-1].text] == [beside, best.sentence.text]
    assert len(answer.sentences) == 2
    quotes = {citation.number: citation.quote for citation in answer.citations}
    assert [quotes[number] for number in answer.sentences[-1].citations] == [best.sentence.text]


def test_and_not_again_where_the_model_has_worded_it(generating: Engine, ask: Ask) -> None:
    [best, *_] = sorted(generating.answer(QUESTION).evidence, key=lambda item: -item.score)
    worded = {HADDAD: OPENING, NURSES: "أكدت حداد أن المستشفى الجديد سيوظف 40 ممرضة.", MANSOUR: HE}[best.sentence.text]
    assert [sentence.text for sentence in ask(worded).sentences] == [worded]


def test_an_outlet_that_only_another_sentence_names_is_cited_there(tmp_path: Path, endpoint: scripts.Endpoint) -> None:
    naming = "ورسمت وكالة «نورديك» صورة أوسع للميناء الجديد."
    told = "فقد نقلت الوكالة عن مصدر ملاحي أن الميناء الجديد سيضم 3 أرصفة."
    embedder = HashingEmbedder()
    settings = scripts.answering(tmp_path / "index", endpoint, patience=20.0)
    ingest_articles([Article(id="port", text=f"{naming} {told}", language="ar")], settings, embedder=embedder)
    endpoint.script = scripts.says(f"نورديك: {told}\n")
    with closing(Engine(settings, embedder=embedder)) as engine:
        answer = engine.answer("كم رصيفًا سيضم الميناء الجديد؟", mode="generative")
    quotes = {citation.number: citation.quote for citation in answer.citations}
    [sentence] = [one for one in answer.sentences if one.text.startswith("نورديك")]
    assert [quotes[number] for number in sentence.citations] == [told, naming]
