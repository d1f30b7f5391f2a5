"""Ablations: that a part really is off, that rows are compared rightly, and the command."""

from __future__ import annotations

import json
import runpy
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from evals import ablations, scripted
from evals.ablations import ABLATIONS, ASKED, FULL, Ablation, Asked, Harness, markdown, other_models, rows
from evals.datasets import Dataset, Question
from evals.metrics import Count, Tally
from evals.remembering import RememberingEmbedder
from evals.suite import load
from ingest.pipeline import ingest_articles
from retrieval.engine import Engine
from retrieval.models import Article
from retrieval.settings import Settings

HashingEmbedder: Any = runpy.run_path(str(Path(__file__).parents[1] / "hashing_embedder.py"))["HashingEmbedder"]
ARTICLES = (
    Article(id="bridge", text="قال المهندس سالم الحارثي إن جسر الوادي يمتد 12 كيلومترا. وهو من حجر."),
    Article(id="market", text="افتتحت الوزيرة هدى العامري سوق السمك في الميناء صباح الأحد."),
    Article(id="storm", text="ضربت عاصفة رملية مدينة الواحة وأغلقت طرقها ساعات."),
)
CASES = """
suite: bridges
corpus: [articles]
cases:
  - id: length
    question: "كم كيلومترا يمتد جسر الوادي؟"
    must_include: [["12"]]
    attributed_to: [{says: ["يمتد"], speaker: ["سالم"]}]
"""


def part(name):
    return next(ablation for ablation in ABLATIONS if ablation.name == name)


@pytest.fixture(scope="module")
def small_embedder():
    return RememberingEmbedder(HashingEmbedder(dimension=64))


@pytest.fixture
def engine(tmp_path, small_embedder):
    settings = Settings(index=tmp_path / "index")
    ingest_articles(ARTICLES, settings, embedder=small_embedder)
    with closing(Engine(settings, embedder=small_embedder)) as engine:
        yield engine


@pytest.fixture
def suite(tmp_path):
    (tmp_path / "articles").mkdir()
    for article in ARTICLES:
        (tmp_path / "articles" / f"{article.id}.txt").write_text(article.text, encoding="utf-8")
    file = tmp_path / "bridges.yaml"
    file.write_text(CASES, encoding="utf-8")
    return file


@pytest.fixture
def harness(suite, small_embedder, monkeypatch):
    monkeypatch.setenv("SANAD_ABSTAIN_BELOW", "0")  # the vectors of these tests make no confidence
    question = Question(id="q", text="كم كيلومترا يمتد جسر الوادي؟", relevant={"bridge": 1}, answers=("12",))
    dataset = Dataset(format="squad", articles=ARTICLES, questions=(question,))
    with scripted.endpoint(scripted.hostile) as llm:
        yield Harness([(suite, load(suite))], dataset, llm, lambda model: small_embedder)


def test_without_distractors_the_corpus_alone_is_ingested(suite, tmp_path, small_embedder):
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "dam.txt").write_text("كم كيلومترا يمتد جسر الوادي؟ يمتد جسر الوادي 99 كيلومترا.", "utf-8")
    suite.write_text(CASES.replace("cases:", "distractors: [others]\ncases:"), encoding="utf-8")
    harness = Harness([(suite, load(suite))], None, "http://127.0.0.1:1/v1", lambda model: small_embedder)
    seen = []
    ask = ablations.InProcess
    with mock.patch("evals.ablations.InProcess", lambda *given: seen.append(given[2]) or ask(*given)):
        harness(part(FULL))
        harness(part("no distractors"))
    assert seen == [(tmp_path / "articles", tmp_path / "others"), (tmp_path / "articles",)]


# -- parts -----------------------------------------------------------------------------------------------------


def test_without_bm25_nothing_has_a_lexical_score(engine):
    assert any(hit.bm25 for hit in engine.search("جسر الوادي"))
    with part("dense only").without():
        hits = engine.search("جسر الوادي")
    assert hits
    assert not any(hit.bm25 for hit in hits)


def test_without_dense_search_only_what_shares_words_is_found(engine):
    assert len(engine.search("جسر الوادي")) == 3
    with part("BM25 only").without():
        assert "market" not in [hit.passage.article_id for hit in engine.search("جسر الوادي")]


def test_without_fusion_bm25_proposes_and_does_not_rank(tmp_path, small_embedder):
    settings = Settings(index=tmp_path / "index").model_copy(update=dict(part("no fusion").settings))
    ingest_articles(ARTICLES, settings, embedder=small_embedder)
    with closing(Engine(settings, embedder=small_embedder)) as engine:
        hits = engine.search("جسر الوادي")
        with part("dense only").without():
            of_vectors = [hit.score for hit in engine.search("جسر الوادي")]
    assert any(hit.bm25 for hit in hits)
    assert [hit.score for hit in hits] == of_vectors


def test_without_the_closest_sentence_the_passage_stands_in_for_it(engine, small_embedder):
    def candidates():
        return engine._search.candidates("جسر الوادي", small_embedder.query("جسر الوادي"))

    assert any(abs(found.closest_sentence - found.dense) > 0.01 for found in candidates())
    with part("no closest sentence").without():
        assert all(found.closest_sentence == pytest.approx(found.dense, abs=1e-6) for found in candidates())


@pytest.mark.parametrize(
    ("name", "feature", "alike"), [("no late interaction", "words_met", 1.0), ("no reader", "read", 0.0)]
)
def test_without_a_part_its_feature_is_alike_of_every_sentence(engine, name, feature, alike):
    def values():
        return {item.features[feature] for item in engine.answer("كم يمتد جسر الوادي؟").evidence}

    assert len(values()) > 1
    with part(name).without():
        assert values() == {alike}


@pytest.mark.parametrize(("name", "field"), [("no roots", "roots"), ("no grams", "grams"), ("no sounds", "sounds")])
def test_a_field_of_bm25_is_left_out_of_what_is_searched(engine, name, field):
    lexical = engine._search.lexical
    searched: list[str] = []
    term = lexical._term
    lexical._term = lambda field, text: searched.append(field) or term(field, text)
    for question in ("جسر الوادي", "What did Harithi say?"):
        lexical.search(question, 5)
    assert field in searched
    searched.clear()
    with part(name).without():
        for question in ("جسر الوادي", "What did Harithi say?"):
            lexical.search(question, 5)
    assert field not in searched
    assert "stems" in searched


def test_nothing_stays_switched_off(engine):
    before = engine.answer("كم يمتد جسر الوادي؟")
    for ablation in ABLATIONS:
        with ablation.without():
            pass
    after = engine.answer("كم يمتد جسر الوادي؟")
    assert (after.text, after.confidence) == (before.text, before.confidence)


# -- asking ----------------------------------------------------------------------------------------------------


def test_the_whole_product_is_asked_suite_and_benchmark(harness):
    asked = harness(part(FULL))
    assert [tally.correctness for tally in asked.tallies] == [1.0]
    assert list(asked.hits) == list(ASKED)
    assert all([tally.passed for tally in hits] == [True] for hits in asked.hits.values())
    assert asked.failed == 0


def test_without_attribution_nobody_speaks(harness):
    assert harness(part(FULL)).tallies[0].attribution_accuracy == Count(hits=1, units=1)
    assert harness(part("no attribution")).tallies[0].attribution_accuracy == Count(hits=0, units=1)


def test_the_verifier_is_what_keeps_generated_answers_grounded(harness):
    verified, unverified = harness(part("generative")), harness(part("no verifier"))
    assert verified.hits == {}
    count = verified.tallies[0].groundedness
    assert count.hits == count.units > 0
    count = unverified.tallies[0].groundedness
    assert count.hits < count.units


# -- rows ------------------------------------------------------------------------------------------------------


def tallies(right, of):
    return [Tally(passed=n < right, answerable=True, correctness=float(n < right)) for n in range(of)]


def asked(right, of=40, hits=None):
    return Asked(tallies(right, of), {name: tallies(hits, of) for name in ASKED} if hits is not None else {}, failed=0)


def test_rows_are_compared_with_the_one_they_name():
    known = {FULL: asked(38, hits=36), "much": asked(10, hits=12), "little": asked(37)}
    mine = [Ablation(FULL, "whole"), Ablation("much", "a part"), Ablation("little", "another")]
    found = rows(mine, lambda ablation: known[ablation.name])
    full, much, little = found
    assert full.figures["correctness"].value == 0.95
    assert full.figures["correctness"].change is None
    assert much.figures["correctness"].change.difference == pytest.approx(-0.7)
    assert much.figures["correctness"].change.significant
    assert much.figures["recall@1"].change.difference == pytest.approx(-0.6)
    assert not little.figures["correctness"].change.significant
    assert little.figures["recall@1"].value is None
    table = markdown(found).splitlines()
    assert table[2].startswith("| **full** | 0.950 [")
    assert "0.250 [" in table[3]
    assert "▼" in table[3]
    assert "▼" not in table[4]
    assert table[4].endswith("| – | – |")


def test_a_row_that_is_compared_with_is_asked_once_though_it_is_not_shown():
    names = []

    def ask(ablation):
        names.append(ablation.name)
        return asked(30)

    found = rows([part("no verifier"), part("no roots"), part("no grams")], ask)
    assert names == ["generative", "no verifier", FULL, "no roots", "no grams"]
    assert [row.name for row in found] == ["no verifier", "no roots", "no grams"]
    assert "compared with generative" in markdown(found)


def test_other_models_are_rows_of_their_own(tmp_path):
    (named,) = other_models([str(tmp_path / "model-x")])
    assert (named.name, named.model, named.against) == ("model-x", str(tmp_path / "model-x"), FULL)


# -- the command -----------------------------------------------------------------------------------------------


@pytest.fixture
def command(suite, small_embedder, monkeypatch):
    monkeypatch.setenv("SANAD_ABSTAIN_BELOW", "0")
    monkeypatch.setattr(ablations, "load_embedder", lambda settings: small_embedder)
    return lambda *arguments: ablations.main(["--suite", str(suite), *map(str, arguments)])


def test_the_command_prints_the_table_and_writes_json(command, capsys, tmp_path):
    squad = tmp_path / "squad.json"
    qas = [{"id": "q", "question": "كم كيلومترا يمتد جسر الوادي؟", "answers": [{"text": "12"}]}]
    squad.write_text(json.dumps({"data": [{"paragraphs": [{"context": ARTICLES[0].text, "qas": qas}]}]}), "utf-8")
    out = tmp_path / "out.json"
    status = command("--only", FULL, "--only", "no attribution", "--benchmark", squad, "--json", out)
    printed = capsys.readouterr().out.splitlines()
    assert status == 0
    assert printed[0] == "| | " + " | ".join([*ablations.SHOWN, *ASKED]) + " |"
    assert printed[2].startswith("| **full** | 1.000")
    assert [row["name"] for row in json.loads(out.read_text("utf-8"))] == [FULL, "no attribution"]
    assert json.loads(out.read_text("utf-8"))[0]["figures"]["recall@1"]["value"] == 1.0


def test_a_malformed_file_is_status_2(command, capsys, tmp_path):
    assert command("--benchmark", tmp_path / "none.json") == 2
    assert "none.json" in capsys.readouterr().err
    assert command("--suite", tmp_path / "none.yaml") == 2
