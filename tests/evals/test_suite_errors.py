"""A suite that cannot be used says where and why, and stops the command with status 2."""

import pytest
from click.testing import CliRunner

from evals.cli import evaluate
from evals.suite import InputError, load

GOOD = '- {id: one, question: "كم طوله؟", must_include: [["12"]]}'


@pytest.mark.parametrize(
    ("cases", "case", "field"),
    [
        ('- {id: one, question: ""}', "one", "question"),
        ("- {id: one}", "one", "question"),
        ('- {question: "كم؟"}', "#1", "id"),
        (f'{GOOD}\n- {{id: one, question: "كم؟"}}', "one", "id"),
        ('- {id: one, question: "كم؟", must_inclde: [["12"]]}', "one", "must_inclde"),
        ('- {id: one, question: "كم؟", must_include: ["12"]}', "one", "must_include[0]"),
        ('- {id: one, question: "كم؟", must_include: [["12"], []]}', "one", "must_include[1]"),
        ('- {id: one, question: "كم؟", must_include: [["12", "ـ"]]}', "one", "must_include[0][1]"),
        ('- {id: one, question: "كم؟", must_include: [[no]]}', "one", "must_include[0][0]"),
        ('- {id: one, question: "كم؟", must_not_include: ["re:("]}', "one", "must_not_include[0]"),
        ('- {id: one, question: "كم؟", must_not_include: ["re:x*"]}', "one", "must_not_include[0]"),
        ('- {id: one, question: "كم؟", quote_includes: "12"}', "one", "quote_includes"),
        ('- {id: one, question: "كم؟", answerable: "maybe"}', "one", "answerable"),
        ('- {id: one, question: "كم؟", before: "متى؟"}', "one", "before"),
        ('- {id: one, question: "كم؟", attributed_to: [{says: ["12"]}]}', "one", "attributed_to[0].speaker"),
        (f"{GOOD}\n- just text", "#2", "(case)"),
        ("  {}", None, "cases"),
        ("  []", None, "cases"),
    ],
)
def test_a_malformed_case_exits_2_naming_file_case_and_field(write_suite, cases, case, field):
    file = write_suite(cases)
    result = CliRunner().invoke(evaluate, ["--suite", str(file)])
    assert result.exit_code == 2
    line = result.stderr.splitlines()[0]
    assert line.startswith(f"{file}: case {case}: " if case else f"{file}: ")
    assert f"field {field}: " in line
    assert result.stdout == ""


def test_every_problem_is_told_at_once(write_suite, tmp_path):
    first = write_suite('- {id: one, question: ""}\n- {id: two, question: "كم؟", tags: no}', name="first")
    second = write_suite("- {id: three}", name="second")
    result = CliRunner().invoke(evaluate, ["--suite", str(first), "--suite", str(second)])
    assert result.exit_code == 2
    assert [line.split(": ")[1] for line in result.stderr.splitlines()] == [
        "case one",
        "case two",
        "case three",
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"suite: [", "field (yaml)"),
        (b"", "field (file): should be a mapping"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"suite: a\nsuite: b\n", "'suite' is given twice"),
        (b"cases: [{id: a, question: b}]\n", "field suite"),
    ],
)
def test_a_file_that_is_no_suite_is_named(tmp_path, content, reason):
    file = tmp_path / "suite.yaml"
    file.write_bytes(content)
    result = CliRunner().invoke(evaluate, ["--suite", str(file)])
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{file}: ")
    assert reason in result.stderr


def test_a_field_given_twice_in_a_case_is_not_silently_dropped(write_suite):
    file = write_suite('- id: one\n  question: "كم؟"\n  must_include: [["12"]]\n  must_include: [["13"]]\n')
    with pytest.raises(InputError, match="must_include"):
        load(file)


def test_a_file_that_is_not_there_exits_2(tmp_path):
    result = CliRunner().invoke(evaluate, ["--suite", str(tmp_path / "none.yaml")])
    assert result.exit_code == 2
    assert "none.yaml" in result.stderr


@pytest.mark.parametrize("corpus", ["[elsewhere]", "[]"])
def test_a_corpus_is_needed_only_to_be_ingested(write_suite, corpus):
    file = write_suite(GOOD, corpus=corpus)
    with pytest.raises(InputError, match="field corpus"):
        load(file)
    assert load(file, needs_corpus=False).cases[0].id == "one"


def test_distractors_are_ingested_too_and_have_to_be_there(write_suite, tmp_path):
    file = write_suite(GOOD, corpus="[articles]\ndistractors: [others]")
    with pytest.raises(InputError, match="field distractors"):
        load(file)
    (tmp_path / "others").mkdir()
    suite = load(file)
    assert suite.corpus == (tmp_path / "articles",)
    assert suite.articles == (tmp_path / "articles", tmp_path / "others")


def test_a_suite_is_read_with_paths_relative_to_its_file_and_numbers_as_written(write_suite, tmp_path):
    file = write_suite('- {id: 1.50, question: "كم؟", must_include: [[1.50, 2025-04-12, 012]], answerable: true}')
    suite = load(file)
    assert suite.corpus == (tmp_path / "articles",)
    assert suite.cases[0].id == "1.50"
    assert suite.cases[0].must_include == (("1.50", "2025-04-12", "012"),)
    assert suite.cases[0].answerable is True


def test_two_suites_of_one_name_are_refused(write_suite):
    file = write_suite(GOOD)
    result = CliRunner().invoke(evaluate, ["--suite", str(file), "--suite", str(file)])
    assert result.exit_code == 2
    assert "field suite" in result.stderr


def test_the_error_reads_in_arabic_too(tmp_path):
    error = InputError(tmp_path / "s.yaml", "question", "مفقود", case="one")
    assert "الحقل question" in error.message("ar")
