"""Reading benchmark data as BEIR and MIRACL lay it out, and telling the formats apart."""

import gzip
import json

import pytest

from evals.loading import load, load_questions
from evals.suite import InputError


def lines(*rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def put(folder, **files):
    """Writes files named with ``__`` for ``/``; those ending in gz are compressed."""
    for name, text in files.items():
        file = folder / name.replace("__", "/").replace("_dot_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        data = text.encode("utf-8") if isinstance(text, str) else text
        file.write_bytes(gzip.compress(data) if file.suffix == ".gz" else data)
    return folder


DOCUMENTS = [
    {"_id": "d1", "title": "الجسر", "text": "يمتد الجسر ١٢ كيلومترا.", "metadata": {}},
    {"_id": "d2", "title": "عنوان بلا نص", "text": " "},
    {"_id": "d3", "title": "", "text": ""},
]
BEIR = {
    "corpus_dot_jsonl": lines(*DOCUMENTS),
    "queries_dot_jsonl": lines(*({"_id": f"q{n}", "text": f"سؤال {n}؟"} for n in (1, 2, 3))),
    "qrels__test_dot_tsv": "query-id\tcorpus-id\tscore\nq2\td1\t2\nq2\td2\t1\nq1\td1\t0\n",
}
MIRACL = {
    "corpus__docs-0_dot_jsonl_dot_gz": lines({"docid": "7#0", "title": "الجسر", "text": "يمتد."}),
    "corpus__docs-1_dot_jsonl": lines({"docid": "7#1", "title": "الجسر", "text": "طوله."}),
    "topics__topics.miracl-v1.0-ar-dev_dot_tsv": "1\tكم طوله؟\n2\tأين؟\n",
    "qrels__qrels.miracl-v1.0-ar-dev_dot_tsv": "1\tQ0\t7#1\t1\n1\tQ0\t7#0\t0\n2\tQ0\t7#0\t1\n",
}


def test_beir_documents_become_articles_and_judged_questions_are_asked(tmp_path):
    data = load(put(tmp_path, **BEIR))
    assert data.format == "beir"
    # A document without text is its title; one without either is not ingested.
    assert [(a.id, a.title, a.text) for a in data.articles] == [
        ("d1", "الجسر", "يمتد الجسر ١٢ كيلومترا."),
        ("d2", "عنوان بلا نص", "عنوان بلا نص"),
    ]
    # q1 has only a judgement of 0 and q3 none at all.
    assert [(q.id, q.text, dict(q.relevant), q.answers) for q in data.questions] == [
        ("q2", "سؤال 2؟", {"d1": 2, "d2": 1}, ())
    ]
    assert data.unjudged == 1


def test_miracl_files_are_read_compressed_or_not(tmp_path):
    data = load(put(tmp_path, **MIRACL))
    assert data.format == "miracl"
    assert [article.id for article in data.articles] == ["7#0", "7#1"]
    assert [(q.id, q.text, dict(q.relevant)) for q in data.questions] == [
        ("1", "كم طوله؟", {"7#1": 1, "7#0": 0}),
        ("2", "أين؟", {"7#0": 1}),
    ]


def test_a_split_is_chosen_by_name(tmp_path):
    put(tmp_path, **BEIR, qrels__dev_dot_tsv="q3 d1 1\n")
    assert [question.id for question in load(tmp_path, split="dev").questions] == ["q3"]
    with pytest.raises(InputError, match=r"has the qrels dev\.tsv, test\.tsv: name one with --split"):
        load(tmp_path)
    with pytest.raises(InputError, match="none of them is of the split train"):
        load(tmp_path, split="train")


def test_a_split_of_miracl_has_its_own_topics(tmp_path):
    other = {name.replace("-dev", "-train"): text for name, text in MIRACL.items() if "corpus" not in name}
    other["topics__topics.miracl-v1.0-ar-train_dot_tsv"] = "1\tأي سؤال؟\n2\tوغيره؟\n"
    put(tmp_path, **MIRACL, **other)
    assert [question.text for question in load(tmp_path, split="train").questions] == ["أي سؤال؟", "وغيره؟"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("corpus_dot_jsonl", lines(DOCUMENTS[0]) + "{", r"corpus\.jsonl: field \(line 2\): is not JSON"),
        ("corpus_dot_jsonl", "[1]\n", r"corpus\.jsonl: field \(line 1\): is not an object"),
        ("corpus_dot_jsonl", lines({"title": "x", "text": "y"}), r"\(line 1\): has no _id or docid"),
        ("corpus_dot_jsonl", lines({"_id": "d 1", "text": "y"}), r"\(line 1\): the id 'd 1' has a space"),
        ("corpus_dot_jsonl", lines({"_id": "d1", "title": "x"}), r"\(line 1\)\.text: is missing"),
        ("corpus_dot_jsonl", lines({"_id": "d1", "text": 5}), r"\(line 1\)\.text: is not text"),
        ("corpus_dot_jsonl", lines(DOCUMENTS[0], DOCUMENTS[0]), r"\(line 2\): the document d1 is there twice"),
        ("corpus_dot_jsonl", b'{"_id": "d1", "text": "\xff"}', r"\(line 1\): is not UTF-8"),
        ("queries_dot_jsonl", lines({"_id": "q2", "text": " "}), r"queries\.jsonl: field \(line 1\).*q2 is empty"),
        ("queries_dot_jsonl", "\n", r"queries\.jsonl: field \(file\): there is no question"),
        ("qrels__test_dot_tsv", "q2\td1\n", r"test\.tsv: field \(line 1\): has 2 fields"),
        ("qrels__test_dot_tsv", "q2\td1\thigh\n", r"\(line 1\): the grade 'high' is not a whole number"),
        ("qrels__test_dot_tsv", "q2\td1\t1\nq9\td1\t1\n", r"\(line 2\): there is no question q9"),
        ("qrels__test_dot_tsv", "q2\td9\t1\n", r"\(line 1\): there is no document d9"),
        ("qrels__test_dot_tsv", "q2\td1\t1\nq2\td1\t0\n", r"\(line 2\): the document d1 has two grades for q2"),
        ("qrels__test_dot_tsv", "q2\td1\t0\n", r"test\.tsv: field \(file\): no document is judged to answer"),
    ],
)
def test_a_malformed_line_is_refused_naming_file_and_line(tmp_path, name, text, message):
    with pytest.raises(InputError, match=message):
        load(put(tmp_path, **(BEIR | {name: text})))


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("corpus_dot_jsonl", r"has neither corpus\.jsonl"),
        ("queries_dot_jsonl", r"no queries\.jsonl"),
        ("qrels__test_dot_tsv", r"has no qrels/\*\.tsv"),
    ],
)
def test_a_part_that_is_not_there_is_named(tmp_path, missing, message):
    with pytest.raises(InputError, match=message):
        load(put(tmp_path, **{name: text for name, text in BEIR.items() if name != missing}))


def test_damaged_compression_is_refused(tmp_path):
    put(tmp_path, **MIRACL)
    (tmp_path / "corpus" / "docs-0.jsonl.gz").write_bytes(b"\x1f\x8bnot gzip")
    with pytest.raises(InputError, match=r"docs-0\.jsonl\.gz: field \(file\)"):
        load(tmp_path)


def test_a_part_of_a_dataset_is_not_taken_for_one(tmp_path):
    put(tmp_path, **BEIR)
    with pytest.raises(InputError, match="name the folder that it is in"):
        load(tmp_path / "corpus.jsonl")
    (tmp_path / "squad.json").write_text("{}")
    with pytest.raises(InputError, match="has no splits"):
        load(tmp_path / "squad.json", split="test")
    with pytest.raises(InputError, match=r"none\.json: field \(file\)"):
        load(tmp_path / "none.json")


def test_questions_are_asked_in_the_words_of_another_file(tmp_path):
    put(tmp_path, **BEIR, **{"english_dot_tsv": "q2\tHow long?\nq7\tWho?\n", "other_dot_tsv": "q7\tWho?\n"})
    asked = load(tmp_path, questions=tmp_path / "english.tsv").questions
    assert [(question.text, dict(question.relevant)) for question in asked] == [("How long?", {"d1": 2, "d2": 1})]
    with pytest.raises(InputError, match=r"other\.tsv: field \(file\): no question has the id"):
        load(tmp_path, questions=tmp_path / "other.tsv")


def test_questions_are_read_from_each_format(tmp_path):
    squad = {"data": [{"paragraphs": [{"context": "x", "qas": [{"id": "a", "question": "كم؟"}]}]}]}
    put(
        tmp_path,
        squad_dot_json=json.dumps(squad),
        a_dot_tsv="a\tكم؟\n",
        b_dot_jsonl_dot_gz=lines({"_id": "a", "text": "كم؟"}),
    )
    for name in ("squad.json", "a.tsv", "b.jsonl.gz"):
        assert load_questions(tmp_path / name) == {"a": "كم؟"}
    with pytest.raises(InputError, match=r"bad\.tsv: field \(line 1\): is not an id, a tab and a question"):
        load_questions(put(tmp_path, bad_dot_tsv="كم؟\n") / "bad.tsv")
    with pytest.raises(InputError, match=r"\(line 2\): the question a is there twice"):
        load_questions(put(tmp_path, bad_dot_tsv="a\tكم؟\na\tأين؟\n") / "bad.tsv")
