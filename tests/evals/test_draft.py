"""Suites drafted from a corpus: what is asked, what a language model may add, and the command."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from evals import draft as drafting
from evals import scripted
from evals.cli import evaluate
from evals.draft import MARK, as_yaml, draft
from evals.suite import InputError, load
from retrieval.analysis import normalise
from retrieval.settings import Settings

BRIDGE = """---
title: جسر الوادي
source: صحيفة الوادي
---
قال المهندس سالم الحارثي، مدير المشروع، إن الجسر الجديد يمتد 12 كيلومترا فوق النهر.

وأعلنت الوزيرة هدى العامري أن العمل في الجسر انتهى في موعده المحدد.

ورفعت الوزارة ميزانية الصيانة في عام 2019 بعد شكاوى السائقين.

ونقلت وكالة «النهار» عن مصدر حكومي أن رسوم العبور سترتفع قريبا.

ونفى الحارثي ما نقلته وكالة «النهار»، وقال إن تقريرها بلا أساس.
"""
HARVEST = """---
title: موسم القمح
---
وقال الخبير الزراعي نبيل الشامي إن المحصول المتوقع يقل عن حاجة البلاد.

وباع الفلاحون 340 فدانا من القمح قرب القرية الشمالية.

وبدأ موسم الحصاد في مايو 2021 في القرى الجنوبية.
"""


@pytest.fixture
def corpus(tmp_path):
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "bridge.md").write_text(BRIDGE, encoding="utf-8")
    (folder / "harvest.md").write_text(HARVEST, encoding="utf-8")
    return folder


@pytest.fixture
def cases(corpus):
    return {case.id: case for case in draft([corpus])}


def asked(cases, kind):
    return {case.question for case in cases.values() if kind in case.tags}


def test_who_said_what_is_asked_in_the_sentences_own_words(cases):
    case = next(case for case in cases.values() if case.question.startswith("من قال إن الجسر الجديد"))
    assert case.question == "من قال إن الجسر الجديد يمتد 12 كيلومترا فوق النهر؟"
    assert case.must_include == (("سالم الحارثي",),)
    assert case.attributed_to[0].speaker == ("سالم الحارثي",)
    assert normalise(case.attributed_to[0].says[0]) in normalise(BRIDGE)
    assert case.answerable


def test_verbs_agree_with_who_speaks(cases):
    assert "أي جهة أو شخصية أعلنت أن العمل في الجسر انتهى في موعده المحدد؟" in asked(cases, "who")
    assert "ماذا قال نبيل الشامي عن المحصول المتوقع؟" in asked(cases, "what")


def test_what_an_outlet_carried_is_not_asked_of_it_with_the_verb_of_carrying(cases):
    assert "أي جهة أو شخصية ذكرت أن رسوم العبور سترتفع قريبا؟" in asked(cases, "who")


def test_a_denial_is_asked_for_by_what_it_denies(cases):
    (case,) = [case for case in cases.values() if "denial" in case.tags]
    assert case.question == "من نفى رواية النهار؟"
    assert "سالم الحارثي" in case.must_include[0]


def test_figures_are_asked_for_with_their_noun_and_the_verb_first(cases):
    assert "كم كيلومترا يمتد الجسر الجديد فوق النهر؟" in asked(cases, "number")
    assert "كم فدانا باع الفلاحون من القمح قرب القرية الشمالية؟" in asked(cases, "number")
    by_question = {case.question: case for case in cases.values()}
    assert by_question["كم كيلومترا يمتد الجسر الجديد فوق النهر؟"].must_include == (("12",),)


def test_dates_are_asked_for_by_year_or_by_when(cases):
    by_question = {case.question: case.must_include for case in cases.values()}
    assert by_question["في أي عام رفعت الوزارة ميزانية الصيانة بعد شكاوى السائقين؟"] == (("2019",),)
    assert by_question["متى بدأ موسم الحصاد في القرى الجنوبية؟"] == (("مايو 2021",),)


def test_where_words_cannot_be_put_in_order_there_is_a_gap(tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("نسبة المشاركة في انتخابات الإقليم بلغت 61 في المئة.", encoding="utf-8")
    (case,) = draft([file])
    assert case.question == "ما الرقم الذي يكمل «نسبة المشاركة في انتخابات الإقليم بلغت … في المئة»؟"
    assert case.must_include == (("61",),)


def test_a_sentence_that_points_back_is_not_asked_about(tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("وبلغ ذلك المبلغ 340 دينارا في السنة الماضية.", encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.txt: field \(corpus\): holds nothing that a question could be made of"):
        draft([file])


def test_speakers_are_asked_about_another_articles_topic(cases):
    unanswerable = [case for case in cases.values() if not case.answerable]
    assert {case.question for case in unanswerable} == {
        "ماذا قال سالم الحارثي عن المحصول المتوقع؟",
        "ماذا قال نبيل الشامي عن الجسر الجديد؟",
    }
    assert all("unanswerable" in case.tags and not case.must_include for case in unanswerable)


def test_gold_strings_are_in_the_corpus(cases):
    text = normalise(BRIDGE + HARVEST)
    for case in cases.values():
        for group in case.must_include:
            assert any(normalise(alternative) in text for alternative in group), case


def test_no_kind_floods_the_draft(tmp_path):
    file = tmp_path / "a.txt"
    years = range(2001, 2020)
    file.write_text(" ".join(f"رفعت الوزارة رقم {year} الميزانية في عام {year}." for year in years), encoding="utf-8")
    assert len(draft([file])) <= 2 * drafting.PER_KIND


def test_a_draft_is_a_suite_and_is_the_same_every_time(corpus, tmp_path):
    (tmp_path / "new").mkdir()
    out = tmp_path / "new" / "draft.yaml"
    texts = [as_yaml(draft([corpus]), name="draft", corpus=[corpus], beside=out.parent) for _ in range(2)]
    assert texts[0] == texts[1]
    out.write_text(texts[0], encoding="utf-8")
    suite = load(out)
    assert suite.corpus == (corpus,)
    assert list(suite.cases) == draft([corpus])
    assert texts[0].count(MARK) == len(suite.cases) + 1


# -- a language model ------------------------------------------------------------------------------------------


def proposals(*rows):
    return json.dumps([{"question": question, "answer": answer} for question, answer in rows], ensure_ascii=False)


def test_a_models_answers_have_to_be_in_the_article(corpus):
    notes = []
    reply = (
        "Here they are:\n```json\n" + proposals(("كم طول الجسر؟", "١٢ كيلومترًا"), ("من بناه؟", "شركة الأفق")) + "\n```"
    )
    found = draft([corpus / "bridge.md"], complete=lambda prompt: reply, note=notes.append)
    assert [(case.id, case.question, case.must_include) for case in found] == [
        ("bridge-llm-1", "كم طول الجسر؟", (("١٢ كيلومترًا",),))
    ]
    assert notes == ["bridge: dropped, its answer is not in the article: من بناه؟"]


@pytest.mark.parametrize(
    "reply", ["", "no list", "[{]", '[{"question": "?"}]', "{}", proposals(("من؟", "لا أحد")), proposals(("", "12"))]
)
def test_a_model_that_gives_nothing_of_use_leaves_the_templates(corpus, reply):
    notes = []
    found = draft([corpus], complete=lambda prompt: reply, note=notes.append)
    assert found == draft([corpus])
    assert notes


def test_a_model_that_fails_leaves_the_templates(corpus):
    def fails(prompt):
        raise TimeoutError

    notes = []
    assert draft([corpus], complete=fails, note=notes.append) == draft([corpus])
    assert notes[0] == "bridge: the language model gave no proposals (TimeoutError); templates are used"


def test_the_article_is_sent_and_the_question_asked_of_a_real_endpoint(corpus, monkeypatch):
    seen = []

    def script(prompt):
        seen.append(prompt)
        return proposals(("كم طول الجسر؟", "12 كيلومترا"))

    with scripted.endpoint(script) as url:
        monkeypatch.setenv("SANAD_LLM_BASE_URL", url)
        monkeypatch.setenv("SANAD_LLM_MODEL", "scripted")
        result = CliRunner().invoke(evaluate, ["--draft", str(corpus / "bridge.md")])
    assert result.exit_code == 0, result.stderr
    assert "bridge-llm-1" in result.stdout
    assert "يمتد 12 كيلومترا فوق النهر" in seen[0]


def test_without_settings_there_is_no_model(monkeypatch):
    monkeypatch.delenv("SANAD_LLM_BASE_URL", raising=False)
    assert drafting.language_model(Settings(llm_base_url=None)) is None


# -- the command -----------------------------------------------------------------------------------------------


def invoke(*arguments):
    return CliRunner().invoke(evaluate, [str(argument) for argument in arguments])


def test_the_command_writes_a_suite_that_can_be_loaded(corpus, tmp_path):
    out = tmp_path / "draft.yaml"
    result = invoke("--draft", corpus, "--out", out)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == ""
    assert f"{len(load(out).cases)} cases, to be reviewed: {out}" in result.stderr
    assert load(out).suite == "draft-articles"
    assert invoke("--draft", corpus).stdout.startswith(MARK)


def test_a_corpus_that_is_not_there_or_empty_is_status_2(tmp_path):
    result = invoke("--draft", tmp_path / "none")
    assert (result.exit_code, result.stdout) == (2, "")
    assert str(tmp_path / "none") in result.stderr
    (tmp_path / "empty").mkdir()
    result = invoke("--draft", tmp_path / "empty")
    assert result.exit_code == 2
    assert result.stderr == f"{tmp_path / 'empty'}: field (corpus): has no article\n"
    (tmp_path / "bad.md").write_bytes(b"\xff\xfe\x00bad")
    assert invoke("--draft", tmp_path / "bad.md").exit_code == 2


def test_options_of_an_evaluation_do_not_go_with_a_draft(corpus, tmp_path):
    result = invoke("--draft", corpus, "--repeat", 2)
    assert result.exit_code == 2
    assert "--draft asks nothing, so it does not go with --repeat" in result.stderr
    assert "give --draft too" in invoke("--out", tmp_path / "x.yaml").stderr
    result = invoke("--draft", corpus, "--out", tmp_path / "no" / "x.yaml")
    assert result.exit_code == 1
    assert "there is no folder" in result.stderr
