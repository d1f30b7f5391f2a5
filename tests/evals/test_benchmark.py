"""The arithmetic of ``sanad benchmark`` over an engine whose rankings and answers are known."""

import json

import pytest
from click.testing import CliRunner

from evals.benchmark import BASELINE, RETRIEVERS, cited_quotes, first_hit, measure, sample
from evals.cli import benchmark
from evals.datasets import Question
from retrieval.errors import EmptyIndex
from retrieval.models import AnswerSentence

LENGTH = "قال المهندس سالم إن الجسر يمتد ١٢ كيلومترا."
START = "وأضاف أن العمل بدأ في مايو."
DENIAL = "ونفت البلدية التأخير."


def question(text, gold, article_id="bridge"):
    return Question(id=text, text=text, relevant={article_id: 1}, answers=(gold,) if gold else ())


@pytest.fixture
def ranked():
    """Ten articles, the gold one ``bridge`` first for dense, fifth for BM25 and second for hybrid."""
    others = [f"p{n}" for n in range(20)]
    return {
        "dense": ["bridge", *others],
        "bm25": [*others[:4], "bridge", *others[4:]],
        "hybrid": ["p0", "bridge", *others[1:]],
    }


def test_recall_and_reciprocal_rank_are_those_of_the_gold_paragraph(make_engine, embedder, ranked):
    figures = measure(make_engine({}, rankings_=ranked), embedder, [question("أ", "x"), question("ب", "x", "p8")])
    # p8 is tenth for dense, and beyond the tenth for the others.
    wanted = {
        "dense": {"recall@1": 0.5, "recall@5": 0.5, "recall@10": 1.0, "mrr@10": (1 + 1 / 10) / 2},
        "bm25": {"recall@1": 0, "recall@5": 0.5, "recall@10": 1, "mrr@10": (1 / 5 + 1 / 10) / 2},
        "hybrid": {"recall@1": 0, "recall@5": 0.5, "recall@10": 1, "mrr@10": (1 / 2 + 1 / 10) / 2},
    }
    for name, values in wanted.items():
        assert {measure: figures[name][measure] for measure in values} == pytest.approx(values)
        assert list(figures[name]) == [*values, "ndcg@10"]


def test_a_paragraph_beyond_the_tenth_or_nowhere_is_not_recalled(make_engine, embedder, ranked):
    figures = measure(make_engine({}, rankings_=ranked), embedder, [question("أ", "x", "p9"), question("ب", "x", "no")])
    assert set(figures["hybrid"].values()) == {0.0}


def test_questions_without_gold_answers_have_no_hits(make_engine, make_answer, embedder, ranked):
    engine = make_engine({"أ": make_answer(LENGTH), "ب": make_answer(LENGTH)}, rankings_=ranked)
    figures = measure(engine, embedder, [question("أ", None), question("ب", None)], baseline=True)
    assert not {"answer_hit@1", "answer_hit@3", BASELINE} & set(figures)
    assert figures["dense"]["recall@1"] == 1
    # One of the two has an answer: hits are shares of those that have.
    assert measure(engine, embedder, [question("أ", None), question("ب", "12")])["answer_hit@1"] == 1


def test_answers_are_hit_in_the_first_or_first_three_quotes_cited(make_engine, make_answer, embedder, ranked):
    answers = {
        "أ": make_answer(LENGTH, START),
        "ب": make_answer(DENIAL, START, LENGTH),
        "ج": make_answer(DENIAL),
    }
    questions = [question("أ", "12"), question("ب", "12"), question("ج", "12"), question("د", "12")]
    figures = measure(make_engine(answers, rankings_=ranked), embedder, questions)
    assert figures["answer_hit@1"] == 0.25
    assert figures["answer_hit@3"] == 0.5
    assert figures["shown_sentences"] == 1.5
    assert figures["abstained"] == 0.25


def test_quotes_are_in_the_order_the_sentences_cite_them(make_answer):
    sentences = (
        AnswerSentence(text="أ", citations=(3, 1)),
        AnswerSentence(text="ب", citations=(3, 9)),
        AnswerSentence(text="ج", citations=(2,)),
    )
    assert cited_quotes(make_answer(LENGTH, START, DENIAL, sentences=sentences)) == [DENIAL, LENGTH, START]


def test_a_gold_answer_is_found_however_it_is_written():
    assert first_hit(["الإدارة"], ["شيء", "قرار الاداره"]) == 2
    assert first_hit(["١٢", "اثنا عشر"], ["12 كم"]) == 1
    assert first_hit(["13"], ["12 كم"]) is None


def test_an_answer_is_timed_before_its_query_is_cached_by_ranking(make_engine, embedder, ranked):
    engine = make_engine({}, rankings_=ranked)
    order = []
    engine.answer, engine.rankings = (
        spied(engine.answer, "answer", order),
        spied(engine.rankings, "rankings", order),
    )
    figures = measure(engine, embedder, [question("أ", "x")])
    assert order == ["answer", "rankings"]
    assert embedder.timed == ["أ"]
    assert set(figures["timings"]) == {
        "query_ms_p50",
        "query_ms_p95",
        "query_embedding_ms_p50",
        "query_embedding_ms_p95",
    }


def spied(function, name, calls):
    def call(*arguments, **options):
        calls.append(name)
        return function(*arguments, **options)

    return call


def test_foreign_questions_give_how_well_confidence_tells_them_apart(make_engine, make_answer, embedder, ranked):
    answers = {
        "أ": make_answer(LENGTH, confidence=0.9),
        "ب": make_answer(LENGTH, confidence=0.4),
        "غريب": make_answer(LENGTH, confidence=0.6),
        "أغرب": make_answer(confidence=0.1),
    }
    engine = make_engine(answers, rankings_=ranked)
    figures = measure(engine, embedder, [question("أ", "x"), question("ب", "x")], ["غريب", "أغرب"])
    assert figures["abstention_auroc"] == 0.75
    assert figures["foreign_abstained"] == 0.5
    assert figures["abstained"] == 0
    assert "abstention_auroc" not in measure(engine, embedder, [question("أ", "x")])


def test_the_baseline_ranks_the_sentences_of_the_best_hybrid_paragraph(make_engine, embedder, ranked):
    ranked["hybrid"] = ["bridge"]
    engine = make_engine({}, rankings_=ranked)
    # Asked in the very words of a sentence, that sentence comes first, and the two others after it.
    questions = [question(START, "مايو"), question(DENIAL, "12"), question(LENGTH, "لندن")]
    assert measure(engine, embedder, questions, baseline=True)[BASELINE] == {
        "answer_hit@1": pytest.approx(1 / 3),
        "answer_hit@3": pytest.approx(2 / 3),
    }
    assert BASELINE not in measure(engine, embedder, questions)


@pytest.mark.parametrize(("limit", "taken"), [(1, [0]), (3, [0, 3, 6]), (10, list(range(10))), (99, list(range(10)))])
def test_a_sample_is_spread_over_the_whole(limit, taken):
    assert sample(range(10), limit) == taken
    assert sample(range(10), None) == list(range(10))


@pytest.fixture
def squad(tmp_path):
    def write(name, *questions):
        qas = [{"id": str(n), "question": text, "answers": [{"text": "12"}]} for n, text in enumerate(questions)]
        paragraphs = [
            {"context": LENGTH, "qas": qas},
            {"context": START, "qas": []},
            {"context": START, "qas": []},
        ]
        file = tmp_path / name
        file.write_text(json.dumps({"data": [{"paragraphs": paragraphs}]}), encoding="utf-8")
        return file

    return write


def invoke(*arguments):
    return CliRunner().invoke(benchmark, [str(argument) for argument in arguments])


def test_the_command_prints_json_and_keeps_the_table_apart(product, make_answer, squad, tmp_path):
    product.engine.answers["كم؟"] = make_answer(LENGTH)
    product.engine.rankings_ = {name: ["paragraph-00001"] for name in ("dense", "bm25", "hybrid")}
    out = tmp_path / "out.json"
    result = invoke(squad("a.json", "كم؟", "متى؟"), "--foreign", squad("f.json", "من؟"), "--json", out)
    assert result.exit_code == 0, result.stderr
    figures = json.loads(result.stdout)
    assert figures == json.loads(out.read_text())
    assert figures["hybrid"]["recall@1"] == 1.0
    assert figures["answer_hit@1"] == 0.5
    assert figures["abstained"] == 0.5
    assert figures["foreign_abstained"] == 1.0
    assert figures["timings"]["ingest_passages_per_s"] > 0
    assert (figures["run"]["paragraphs"], figures["run"]["passages"]) == (2, 5)
    assert (figures["run"]["questions"], figures["run"]["foreign_questions"]) == (2, 1)
    assert "hybrid recall@1" in result.stderr
    assert [article.text for article in product.ingested[0]] == [LENGTH, START]
    assert {mode for *_, mode in product.engine.asked} == {"extractive"}
    assert product.engine.closed


def test_the_command_limits_questions_but_not_paragraphs(product, squad):
    product.engine.rankings_ = {name: [] for name in RETRIEVERS}
    result = invoke(squad("a.json", "١", "٢", "٣", "٤"), "--limit", 2, "--baseline")
    assert [text for text, *_ in product.engine.asked] == ["١", "٣"]
    assert json.loads(result.stdout)["run"]["paragraphs"] == 2
    assert json.loads(result.stdout)[BASELINE] == {"answer_hit@1": 0, "answer_hit@3": 0}


def test_the_command_asks_the_other_files_questions(product, squad):
    product.engine.rankings_ = {name: [] for name in RETRIEVERS}
    assert invoke(squad("a.json", "كم؟"), "--questions", squad("en.json", "How long?")).exit_code == 0
    assert [text for text, *_ in product.engine.asked] == ["How long?"]


def test_questions_of_another_file_without_a_shared_id_are_status_2(product, squad, tmp_path):
    other = tmp_path / "other.json"
    other.write_text(json.dumps({"data": [{"paragraphs": [{"context": "x", "qas": [{"id": "z", "question": "?"}]}]}]}))
    result = invoke(squad("a.json", "كم؟"), "--questions", other)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{other}: field (file): no question has the id")


@pytest.mark.parametrize("option", [[], ["--questions"], ["--foreign"]])
def test_a_malformed_file_is_status_2_and_named(product, squad, tmp_path, option):
    bad = tmp_path / "bad.json"
    bad.write_text("{}")
    result = invoke(squad("a.json", "كم؟"), *option, bad) if option else invoke(bad)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{bad}: field data: ")
    assert result.stdout == ""


@pytest.fixture
def beir(tmp_path):
    """Two documents and two questions without gold answers, of which the second document answers the second."""
    folder = tmp_path / "beir"
    (folder / "qrels").mkdir(parents=True)
    rows = {
        "corpus": [{"_id": "d1", "title": "الجسر", "text": LENGTH}, {"_id": "d2", "title": "", "text": START}],
        "queries": [{"_id": "q1", "text": "كم؟"}, {"_id": "q2", "text": "متى؟"}],
    }
    for name, lines in rows.items():
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t1\nq2\td2\t1\n")
    return folder


def test_run_files_give_the_figures_that_are_printed(product, beir, tmp_path):
    ir_measures = pytest.importorskip("ir_measures")
    product.engine.rankings_ = {"dense": ["d1", "d2"], "bm25": ["d2"], "hybrid": ["d2", "d1"]}
    result = invoke(beir, "--trec", tmp_path / "new" / "runs")
    assert result.exit_code == 0, result.stderr
    figures = json.loads(result.stdout)
    assert figures["run"]["format"] == "beir"
    assert not {"answer_hit@1", "answer_hit@3"} & set(figures)
    qrels = list(ir_measures.read_trec_qrels(str(tmp_path / "new" / "runs" / "qrels.txt")))
    names = {"recall@1": "R@1", "recall@5": "R@5", "recall@10": "R@10", "mrr@10": "RR@10", "ndcg@10": "nDCG@10"}
    measures = {name: ir_measures.parse_measure(text) for name, text in names.items()}
    for run in RETRIEVERS:
        scored = list(ir_measures.read_trec_run(str(tmp_path / "new" / "runs" / f"{run}.run")))
        found = ir_measures.calc_aggregate(list(measures.values()), qrels, scored)
        assert {name: found[measure] for name, measure in measures.items()} == pytest.approx(figures[run])
    assert figures["hybrid"]["recall@1"] == pytest.approx((1 / 2 + 1) / 2)
    assert figures["bm25"]["recall@10"] == pytest.approx((1 / 2 + 1) / 2)


def test_a_folder_for_runs_that_cannot_be_made_is_status_1_before_anything_is_asked(product, beir, tmp_path):
    (tmp_path / "file").write_text("")
    result = invoke(beir, "--trec", tmp_path / "file" / "runs")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"cannot write {tmp_path / 'file' / 'runs'}: ")
    assert not product.engine.asked


def test_the_baseline_is_refused_where_there_are_no_gold_answers(product, beir):
    result = invoke(beir, "--baseline")
    assert result.exit_code == 2
    assert "--baseline needs gold answers" in result.stderr


def test_an_engine_that_is_not_ready_is_status_1(product, squad):
    product.engine.not_ready = EmptyIndex(index="here")
    result = invoke(squad("a.json", "كم؟"))
    assert result.exit_code == 1
    assert "The index here is empty" in result.stderr
    assert product.engine.closed


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_limit_that_means_nothing_is_status_2(squad, limit):
    assert invoke(squad("a.json", "كم؟"), "--limit", limit).exit_code == 2
