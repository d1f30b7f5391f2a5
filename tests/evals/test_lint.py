"""``sanad eval --lint``: gold that is not in the corpus, or is and must not be, is told by file, case and field."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from evals.cli import evaluate
from evals.lint import lint
from evals.suite import load

ARTICLE = """---
source: صحيفة الوادي
---
قال المهندس سالم إن الجسر يمتد ١٢ كيلومترا. وأضاف أن العمل بدأ في مايو.

ونفت البلدية التأخير.
"""
SOUND = """
- {id: length, question: "كم طوله؟", must_include: [["12", "twelve"]], quote_includes: [["يمتد"]],
   attributed_to: [{says: ["يمتد"], speaker: ["سالم"]}], tags: [figures]}
- {id: source, question: "من نشر؟", must_include: [["البلدية"]],
   attributed_to: [{says: ["البلدية"], speaker: ["صحيفة الوادي"]}], tags: [people]}
- {id: start, question: "متى؟", before: ["كم طوله؟"], must_include: [["مايو"]], tags: [figures]}
- {id: cost, question: "كم كلّف؟", answerable: false, absent: ["دينار", "re:كلف.*مليون"], tags: [figures]}
"""


@pytest.fixture
def write(tmp_path, write_suite):
    """A suite beside an article and a distractor that says what the article does not."""

    def write(cases, *, corpus="[articles]\ndistractors: [others]"):
        file = write_suite(cases, corpus=corpus)
        (tmp_path / "articles" / "bridge.md").write_text(ARTICLE, encoding="utf-8")
        (tmp_path / "others").mkdir()
        (tmp_path / "others" / "dam.md").write_text("كلّف السد خمسة ملايين دينار.\n", encoding="utf-8")
        return file

    return write


def problems(file):
    return {
        (error.values["case"].removeprefix(": case "), error.values["field"])
        for error in lint(file, load(file)).problems
    }


def test_a_sound_suite_is_told_so(write):
    result = CliRunner().invoke(evaluate, ["--lint", "--suite", str(write(SOUND))])
    assert result.exit_code == 0
    assert "4 cases, 1 of them unanswerable" in result.stdout


@pytest.mark.parametrize(
    ("case", "field"),
    [
        ('must_include: [["12"], ["13"]]', "must_include[1]"),
        ('must_include: [["دينار"]]', "must_include[0]"),  # only the distractor has it
        ('quote_includes: [["re:12 .*العمل"]]', "quote_includes[0]"),  # in the article, but in no one sentence
        ('must_include: [["12"]], attributed_to: [{says: ["يقصر"], speaker: ["سالم"]}]', "attributed_to[0].says"),
        ('must_include: [["12"]], attributed_to: [{says: ["يمتد"], speaker: ["هدى"]}]', "attributed_to[0].speaker"),
        ('must_include: [["12 كيلومترا"]], must_not_include: ["كيلومتر"]', "must_include[0]"),
        ('must_include: [["12"]], absent: ["دينار"]', "absent"),
        ('must_not_include: ["12"]', "must_include"),
        ('answerable: false, absent: ["دينار", "ينفي", "البلدية"]', "absent[2]"),
        ('answerable: false, must_include: [["12"]]', "must_include"),
        ('answerable: false, attributed_to: [{says: ["يمتد"], speaker: ["سالم"]}]', "attributed_to"),
    ],
)
def test_gold_that_cannot_be_right_is_found(write, case, field):
    assert problems(write(f'- {{id: one, question: "كم؟", {case}}}')) == {("one", field)}


def test_a_question_asked_twice_is_found_however_it_is_written(write):
    file = write(SOUND + '- {id: again, question: "كم طُولُه", must_include: [["12"]]}')
    assert problems(file) == {("again", "question")}


def test_tags_have_to_be_listed_where_there_is_a_list(write):
    listed = "[articles]\ntags: {figures: how much}"
    assert problems(write(SOUND, corpus=listed)) == {("source", "tags[0]")}


def test_a_problem_is_a_line_and_status_2(write):
    file = write('- {id: one, question: "كم؟", must_include: [["13", "14"]]}')
    result = CliRunner().invoke(evaluate, ["--lint", "--suite", str(file)])
    assert result.exit_code == 2
    assert f"{file}: case one: field must_include[0]: no article has '13' | '14'" in result.stderr.splitlines()
    assert result.stdout == ""


def test_what_is_only_worth_a_look_is_a_warning(write):
    file = write(
        '- {id: one, question: "كم؟", quote_includes: [["يمتد", "يطول"]], tags: [rare]}\n'
        '- {id: two, question: "متى؟", answerable: false}'
    )
    result = CliRunner().invoke(evaluate, ["--lint", "--suite", str(file)])
    assert result.exit_code == 0
    for warning in (
        "case one: field quote_includes[0]: no sentence of an article has 'يطول'",
        "field tags: fewer than 4 cases have rare (1)",
        "field answerable: 50% of the cases are unanswerable",
        "field absent: nothing checks that no article answers two",
    ):
        assert f"warning: {file}: {warning}" in result.stderr


def test_lint_asks_nothing_so_options_of_asking_do_not_go_with_it(write):
    result = CliRunner().invoke(evaluate, ["--lint", "--suite", str(write(SOUND)), "--repeat", "2"])
    assert result.exit_code == 2
    assert "--repeat" in result.stderr


def test_an_article_that_cannot_be_read_is_status_2(write, tmp_path):
    file = write(SOUND)
    (tmp_path / "articles" / "empty.md").write_bytes(b"")
    result = CliRunner().invoke(evaluate, ["--lint", "--suite", str(file)])
    assert result.exit_code == 2
    assert "field corpus" in result.stderr
