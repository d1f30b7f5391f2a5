"""The mutation check of the gate: its verdicts, and that every defect really is planted, and taken out again."""

from __future__ import annotations

import json
import runpy
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

import pytest

from evals import mutations, scripted
from evals.mutations import DEFECTS, Defect, Evaluation, check, followed, line
from evals.remembering import RememberingEmbedder
from evals.suite import load
from evals.targets import fresh_settings

HashingEmbedder: Any = runpy.run_path(str(Path(__file__).parents[1] / "hashing_embedder.py"))["HashingEmbedder"]
ARTICLE = """---
title: جسر الوادي
source: صحيفة الوادي
---
قال المهندس سالم الحارثي إن جسر الوادي يمتد 12 كيلومترا فوق النهر.

وقالت الوزيرة هدى العامري إن العمل بدأ في مايو.

وافتتح سوق السمك الجديد في الميناء صباح الأحد.
"""
CASES = """
suite: bridges
corpus: [articles]
cases:
  - id: length
    question: "كم كيلومترا يمتد جسر الوادي فوق النهر؟"
    must_include: [["12"]]
    attributed_to: [{says: ["يمتد"], speaker: ["سالم"]}]
  - {id: start, question: "متى بدأ العمل؟", must_include: [["مايو"]]}
"""


@pytest.fixture
def suite(tmp_path):
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "bridge.md").write_text(ARTICLE, encoding="utf-8")
    file = tmp_path / "bridges.yaml"
    file.write_text(CASES, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def small_embedder():
    return RememberingEmbedder(HashingEmbedder(dimension=64))


@pytest.fixture
def evaluate(suite, small_embedder, monkeypatch):
    monkeypatch.setenv("SANAD_ABSTAIN_BELOW", "0")  # the vectors of these tests make no confidence
    with scripted.endpoint(scripted.hostile) as llm:
        yield Evaluation([(suite, load(suite))], small_embedder, llm)


def plant(name):
    return next(defect.plant for defect in DEFECTS if defect.name == name)


# -- verdicts --------------------------------------------------------------------------------------------------


class Run:
    def __init__(self, correctness, errors=(), groundedness=1.0):
        self.metrics = {"correctness": correctness, "groundedness": groundedness}
        self.cases = [type("Case", (), {"error": error}) for error in errors or (None,)]


def outcomes(values, *, defects=("first", "second"), modes=("extractive", "extractive"), errors=()):
    planted = [Defect(name, name, nullcontext, mode) for name, mode in zip(defects, modes, strict=True)]
    asked = []

    def evaluate(plant, mode):
        asked.append((plant is not None, mode))
        return Run(values[len(asked) - 1], errors)

    return check(evaluate, {"correctness": 0.8, "groundedness": 0.5}, planted), asked


def test_the_gate_has_to_pass_without_a_defect_and_fail_with_each():
    found, asked = outcomes([0.9, 0.7, 0.8])
    assert asked == [(False, "extractive"), (True, "extractive"), (True, "extractive")]
    assert [outcome.right for outcome in found] == [True, True, False]
    assert "passes" in line(found[0])
    assert "caught  correctness is 0.7000, wanted at least 0.8" in line(found[1])
    assert "SURVIVED" in line(found[2])


def test_a_gate_that_fails_without_a_defect_is_wrong():
    found, _ = outcomes([0.7, 0.7, 0.7])
    assert not found[0].right
    assert "FAILED without a defect" in line(found[0])


def test_a_defect_that_only_breaks_questions_is_not_caught():
    found, _ = outcomes([0.0, 0.0, 0.0], errors=["boom", None])
    assert not any(outcome.right for outcome in found)
    assert "BROKEN: 1 questions" in line(found[1])


def test_generated_answers_have_their_own_run_without_a_defect_and_are_held_to_what_is_promised():
    found, asked = outcomes([0.9, 0.1, 0.7, 0.1], modes=("extractive", "generative"))
    assert asked == [(False, "extractive"), (False, "generative"), (True, "extractive"), (True, "generative")]
    # Correctness is not held against a script's words; groundedness would be.
    assert [outcome.right for outcome in found] == [True, True, True, False]


def test_a_part_of_the_cases_is_held_to_what_it_meets_without_the_defect(suite, small_embedder, monkeypatch):
    monkeypatch.setenv("SANAD_ABSTAIN_BELOW", "0")
    evaluate = Evaluation([(suite, load(suite))], small_embedder, "http://127.0.0.1:1/v1", every=2)
    assert [case.id for case in evaluate(None, "extractive").cases] == ["length"]

    # There is nothing to abstain from, which is missed without a defect too.
    bounds = {"attribution_accuracy": 0.9, "citation_exactness": 1.0, "abstention_recall": 0.5}
    defects = [defect for defect in DEFECTS if defect.name in ("wrong speaker", "citations off by one")]
    sound, inexact, wrong = check(evaluate, bounds, defects, sampled=True)
    assert (sound.misses, sound.right) == ((), True)
    assert [miss.split()[0] for miss in inexact.misses] == ["citation_exactness"]
    assert [miss.split()[0] for miss in wrong.misses] == ["attribution_accuracy"]


def test_what_is_promised_of_every_sentence_is_held_against_a_part_of_the_cases_too():
    bounds = {"correctness": 0.8, "groundedness": 1.0}
    (found,) = check(lambda plant, mode: Run(0.1, groundedness=0.9), bounds, DEFECTS[:1], sampled=True)[:1]
    assert found.misses == ("groundedness is 0.9000, wanted at least 1.0",)
    assert not found.right


# -- the defects, planted --------------------------------------------------------------------------------------


def test_without_a_defect_the_whole_articles_are_answered_from(evaluate):
    run = evaluate(None, "extractive")
    assert run.metrics["correctness"] == run.metrics["citation_exactness"] == run.metrics["attribution_accuracy"] == 1
    assert not any(case.error for case in run.cases)


def test_citations_off_by_one_are_inexact(evaluate):
    assert evaluate(plant("citations off by one"), "extractive").metrics["citation_exactness"] == 0
    assert evaluate(None, "extractive").metrics["citation_exactness"] == 1


def test_a_wrong_speaker_is_another_one_of_the_article(evaluate):
    run = evaluate(plant("wrong speaker"), "extractive")
    assert run.metrics["attribution_accuracy"] == 0
    speakers = {
        sentence.attribution.speaker for case in run.cases for sentence in case.sentences if sentence.attribution
    }
    assert speakers <= {"سالم الحارثي", "هدى العامري"}


def test_a_stale_index_does_not_know_the_articles_as_they_are(evaluate):
    run = evaluate(plant("stale index"), "extractive")
    assert run.metrics["correctness"] < 1
    assert not any(case.error for case in run.cases)


def test_the_wrong_article_leaves_nothing_of_the_only_one(evaluate):
    assert {case.status for case in evaluate(plant("wrong article"), "extractive").cases} == {"abstained"}


def test_without_abstention_confidence_is_whole(suite, small_embedder, monkeypatch):
    monkeypatch.setenv("SANAD_ABSTAIN_BELOW", "1")
    evaluate = Evaluation([(suite, load(suite))], small_embedder, "http://127.0.0.1:1/v1")
    assert {case.status for case in evaluate(None, "extractive").cases} == {"abstained"}
    assert {case.confidence for case in evaluate(plant("abstention off"), "extractive").cases} == {1.0}


def test_without_the_analyser_other_spellings_are_not_met():
    from retrieval import analysis, evidence
    from retrieval.evidence import Words

    whole = Words.of("الوِساطة")
    assert evidence.words_of("الوساطه").stems == whole.stems
    with plant("analyser off")():
        assert evidence.words_of("الوساطه").stems != evidence.words_of("الوِساطة").stems
        assert analysis.normalise("أُ١") == "أُ١"
    assert analysis.normalise("أُ١") == "ا1"
    assert evidence.words_of("الوساطه").stems == whole.stems


def test_a_hostile_model_is_seen_through_until_the_verifier_is_off(evaluate):
    sound, off = evaluate(None, "generative"), evaluate(plant("verifier off"), "generative")
    assert sound.metrics["groundedness"] == 1
    assert {case.mode for case in sound.cases} == {"generative"}
    assert off.metrics["groundedness"] < 0.7
    assert any("917" in case.answer for case in off.cases)
    assert not any("917" in case.answer for case in sound.cases)


def test_what_is_asked_was_opened_over_an_earlier_edition(suite, small_embedder):
    with fresh_settings() as settings, closing(followed(settings, small_embedder, load(suite).corpus)) as target:
        assert "سوق" not in target.article_text("bridge", 1)
        assert "سوق" in target.article_text("bridge", 2)


# -- the command -----------------------------------------------------------------------------------------------


@pytest.fixture
def command(suite, small_embedder, monkeypatch, tmp_path):
    monkeypatch.setenv("SANAD_ABSTAIN_BELOW", "0")
    monkeypatch.setattr(mutations, "load_embedder", lambda settings: small_embedder)
    thresholds = tmp_path / "thresholds.yaml"

    def run(bounds, *arguments):
        thresholds.write_text(bounds, encoding="utf-8")
        return mutations.main(["--suite", str(suite), "--thresholds", str(thresholds), *map(str, arguments)])

    return run


def test_the_command_prints_a_table_and_exits_0_when_all_are_caught(command, capsys, tmp_path):
    out = tmp_path / "out.json"
    assert command("citation_exactness: 1.0", "--only", "citations off by one", "--json", out) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("none (extractive)")
    assert second.startswith("citations off by one")
    assert [(row["defect"], row["right"]) for row in json.loads(out.read_text())] == [
        ("none (extractive)", True),
        ("citations off by one", True),
    ]


def test_a_surviving_defect_is_status_1(command, capsys):
    assert command("citation_exactness: 1.0", "--only", "wrong speaker") == 1
    assert "SURVIVED" in capsys.readouterr().out


def test_fewer_cases_can_be_asked(command):
    assert command("attribution_accuracy: 1.0", "--only", "wrong speaker", "--every", "2") == 0
    with pytest.raises(SystemExit, match="2"):
        command("attribution_accuracy: 1.0", "--every", "0")


def test_a_malformed_file_is_status_2(command, capsys, tmp_path):
    assert command("no_such_metric: 1.0") == 2
    assert "no_such_metric" in capsys.readouterr().err
    assert command("correctness: 0.5", "--suite", tmp_path / "none.yaml") == 2
    assert "none.yaml" in capsys.readouterr().err
