"""Reading SQuAD v1 JSON."""

import json

import pytest

from evals.squad import load, load_questions
from evals.suite import InputError


def paragraph(context, *qas):
    return {
        "context": context,
        "qas": [
            {
                "id": id_,
                "question": question,
                "answers": [{"text": gold, "answer_start": 0} for gold in golds],
            }
            for id_, question, *golds in qas
        ],
    }


@pytest.fixture
def write(tmp_path):
    def to_file(*paragraphs, name="squad.json"):
        file = tmp_path / name
        data = [{"title": "عنوان", "paragraphs": [one]} for one in paragraphs]
        file.write_text(json.dumps({"version": "1.1", "data": data}), encoding="utf-8")
        return file

    return to_file


def test_every_paragraph_is_an_article_and_every_question_knows_its_own(write):
    data = load(
        write(
            paragraph("نص أول", ("a", "س١", "أول"), ("b", "س٢", "نص", "نص")),
            paragraph("ثان", ("c", "س٣", "ثان")),
        )
    )
    assert [article.text for article in data.articles] == ["نص أول", "ثان"]
    assert all(article.title is article.language is article.published is None for article in data.articles)
    first, second = (article.id for article in data.articles)
    assert [(q.id, q.text, dict(q.relevant), q.answers) for q in data.questions] == [
        ("a", "س١", {first: 1}, ("أول",)),
        ("b", "س٢", {first: 1}, ("نص",)),
        ("c", "س٣", {second: 1}, ("ثان",)),
    ]


def test_paragraphs_with_the_same_text_are_one_article(write):
    data = load(write(paragraph("نص", ("a", "س", "نص")), paragraph(" نص\n", ("b", "س", "نص")), paragraph("آخر")))
    assert [article.text for article in data.articles] == ["نص", "آخر"]
    assert len({article.id for article in data.articles}) == 2
    assert all(set(question.relevant) == {data.articles[0].id} for question in data.questions)


def test_foreign_questions_need_no_gold_answer(write):
    assert load_questions(write(paragraph("نص", ("a", "كم؟"), ("b", "متى؟")))) == {"a": "كم؟", "b": "متى؟"}


@pytest.mark.parametrize(
    ("paragraphs", "message"),
    [
        ([paragraph("نص", ("a", "كم؟"))], r"case a: field data\[0\]\.paragraphs\[0\]\.qas\[0\]\.answers"),
        (
            [paragraph("نص", ("a", "كم؟", "نص")), paragraph("آخر", ("a", "كم؟", "آخر"))],
            r"data\[1\].*used twice",
        ),
        ([paragraph("  ", ("a", "كم؟", "نص"))], r"field data\[0\]\.paragraphs\[0\]\.context"),
        ([paragraph("نص", ("a", "", "نص"))], r"qas\[0\]\.question"),
        ([paragraph("نص")], "there is no question"),
        ([], "field data"),
    ],
)
def test_malformed_data_is_refused_naming_the_place(write, paragraphs, message):
    with pytest.raises(InputError, match=message):
        load(write(*paragraphs))


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b'{"data": {}}'])
def test_a_file_that_is_not_squad_is_refused(tmp_path, content):
    file = tmp_path / "bad.json"
    file.write_bytes(content)
    with pytest.raises(InputError, match=r"bad\.json: field"):
        load(file)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"none\.json"):
        load(tmp_path / "none.json")
