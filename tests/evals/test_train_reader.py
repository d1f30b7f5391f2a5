"""The reader's training: what it reads, that it learns, and that the product computes what was trained."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from evals import train_reader
from evals.fit import HERE, read_rows
from evals.train_reader import ADAPTED, Model, Reader, read_articles, train
from retrieval.analysis import normalise
from retrieval.e5_weights import restored
from retrieval.embedding import Embedder
from retrieval.reader import SHARED_LAYERS

SHARED = Path(__file__).parents[3] / "shared" / "benchmarks"
SUITES = Path(__file__).parents[2] / "evals" / "suites"
WRITTEN = """
# lighthouse | منارة الرأس
بُنيت منارة الرأس سنة 1874 بحجارة بيضاء.
وصممها المهندس فريد الحلبي.

وأُطفئ مصباحها بعد ستين عامًا بسبب عاصفة.
? ar 1 o متى بُنيت منارة الرأس؟
? en 2 r Who drew the plans of the lighthouse?
? fa 1,3 r فانوس چه شد؟
? ar 0 o كم كلفت منارة الرأس؟
# bakery | مخبز الحي
افتتحت أمينة مخبزًا في حي السلام.
وتخبز فيه كل صباح مئتي رغيف.
? ar 2 o كم رغيفًا تخبز أمينة كل صباح؟
? ar 1 o أين افتتحت أمينة مخبزها؟
"""


@pytest.fixture(scope="module")
def model() -> Model:
    return Model(restored().folder)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "written.txt"
    path.write_text(WRITTEN, "utf-8")
    return path


def test_articles_are_read_as_written(written: Path) -> None:
    lighthouse, bakery = read_articles(written)
    lines = WRITTEN.splitlines()
    assert [lighthouse.text[start:end] for start, end in lighthouse.sentences] == [lines[2], lines[3], lines[5]]
    assert lighthouse.text.count("\n\n") == 1
    assert [(q.language, q.ordinary, sorted(q.gold)) for q in lighthouse.questions] == [
        ("ar", True, [0]), ("en", False, [1]), ("fa", False, [0, 2]), ("ar", True, []),
    ]  # fmt: skip
    assert len(bakery.questions) == 2


@pytest.mark.parametrize(
    "line", ["? ar 9 o أين؟", "? ar o أين؟", "? de 1 o Wo?", "? ar 1 x أين؟", "? ar 1 o أين؟\nجملة بعد السؤال."]
)
def test_a_line_that_means_nothing_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "bad.txt"
    path.write_text(f"# bad | عنوان\nجملة.\n{line}\n", "utf-8")
    with pytest.raises(ValueError, match=r"bad\.txt, bad"):
        read_articles(path)


def test_no_question_that_is_measured_with_is_trained_on() -> None:
    trained = [article for path in sorted(train_reader.ARTICLES.glob("*.txt")) for article in read_articles(path)]
    questions = {normalise(question.text) for article in trained for question in article.questions}
    assert len(trained) == 695
    assert len(questions) > 15_000
    assert not questions & {normalise(row.question) for row in read_rows(HERE)}
    suites = [yaml.safe_load(path.read_text("utf-8")) for path in SUITES.glob("*.yaml")]
    assert suites
    assert not questions & {normalise(case["question"]) for suite in suites for case in suite["cases"]}


@pytest.mark.shared
@pytest.mark.parametrize("name", ["xquad.ar.json", "xquad.en.json"])
def test_no_question_of_the_benchmark_is_trained_on(name: str) -> None:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"XQuAD is not on this machine: {path}")
    asked = {
        normalise(question["question"])
        for article in json.loads(path.read_text("utf-8"))["data"]
        for paragraph in article["paragraphs"]
        for question in paragraph["qas"]
    }
    trained = [article for path in sorted(train_reader.ARTICLES.glob("*.txt")) for article in read_articles(path)]
    assert len(asked) > 1_000
    assert not asked & {normalise(question.text) for article in trained for question in article.questions}


def test_it_learns_what_it_is_shown(model: Model, written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    articles = [model.prepared(article, 900) for article in read_articles(written)]
    reader = Reader(model)
    asked = [range(len(article.questions)) for article in articles]
    with torch.no_grad():
        before = float(reader.eval().loss(articles, asked))
    train(reader, articles, epochs=12)
    with torch.no_grad():
        after = float(reader.eval().loss(articles, asked))
    assert after < before - 0.3
    assert capsys.readouterr().out.count("epoch") == 12
    factors = reader.factors()
    assert len(factors) == 1 + 2 * len(ADAPTED) * (12 - SHARED_LAYERS)
    assert all(np.abs(factor).max() > 0 for factor in factors.values())


def test_training_goes_on_from_what_was_stored(model: Model, written: Path) -> None:
    articles = [model.prepared(article, 900) for article in read_articles(written)]
    asked = [range(len(article.questions)) for article in articles]
    trained, again = Reader(model), Reader(model)
    train(trained, articles, epochs=2)
    again.go_on(trained.factors())
    with torch.no_grad():
        torch.testing.assert_close(again.eval()(articles, asked), trained.eval()(articles, asked), atol=2e-3, rtol=0)
    with pytest.raises(KeyError):
        again.go_on({})


def test_the_product_computes_what_was_trained(model: Model, written: Path) -> None:
    """The shipped changes, put back beside the matrices they were learned on, give the product's vectors."""
    reader = Reader(model).eval()
    with np.load(train_reader.TARGET) as shipped:
        reader.go_on(shipped)
    with torch.no_grad():
        prepared = model.prepared(read_articles(written)[0], 900)
        trained = reader([prepared], [range(len(prepared.article.questions))]).numpy()
    embedder = Embedder(precision="float32")
    (passage,) = embedder.read([prepared.article.text])
    for question, wanted in zip(prepared.article.questions, trained, strict=True):
        reading = embedder.question(question.text).reading
        near = reading.near(passage.vectors)
        found = [reading.answered(near[:, first:last]) for first, last in _own_tokens(passage.spans, prepared)]
        np.testing.assert_allclose(found, wanted, atol=2e-3)


def test_questions_are_also_asked_as_people_type(model: Model, written: Path) -> None:
    article = read_articles(written)[0]
    prepared = model.prepared(article, 900)
    assert len(prepared.questions) == 2 * len(article.questions)
    assert train_reader.typed("Where is «مدرسة أحمد الأولى»؟") == "where is «مدرسه احمد الاولي»"
    alike = [model.shared("query: ", train_reader.typed(question.text))[1] for question in article.questions]
    for states, wanted in zip(prepared.questions[len(article.questions) :], alike, strict=True):
        torch.testing.assert_close(states, wanted)


def test_questions_are_also_asked_of_another_name_or_thing(written: Path) -> None:
    article = read_articles(written)[0]
    article.questions.extend(
        train_reader.Question(f"متى {verb} {name}؟", "ar", ordinary=True, gold=frozenset({0}))
        for name in ("فريد", "كمال")
        for verb in ("ذهب", "عاد", "غاب")
    )
    before = len(article.questions)
    train_reader.add_swapped([article])
    swapped = article.questions[before:]
    assert {"متى ذهب فريد؟", "متى عاد كمال؟"} & {question.text for question in swapped}
    assert all(question.swapped and not question.gold for question in swapped)
    chance = random.Random(0)
    for _ in range(20):
        drawn = [place % len(article.questions) for place in train_reader._some(article.questions, chance)]
        assert len(set(drawn)) == len(drawn)
        assert sum(article.questions[place].swapped for place in drawn) == min(train_reader.SWAPPED, len(swapped))


def _own_tokens(spans: np.ndarray, prepared: train_reader.Prepared) -> list[tuple[int, int]]:
    found = []
    for start, end in prepared.article.sentences:
        inside = np.flatnonzero((spans[:, 0] >= start - 1) & (spans[:, 1] <= end))
        found.append((int(inside[0]), int(inside[-1]) + 1))
    return found
