"""``sanad eval``: what it asks, prints and writes, and its exit status."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner

from evals.cli import evaluate
from evals.metrics import METRICS
from retrieval.errors import EmptyIndex, QuestionTooLong, UnreadableFile
from server.evaluation import read

LENGTH = "قال المهندس سالم إن الجسر يمتد ١٢ كيلومترا."
START = "وأضاف أن العمل بدأ في مايو."
CASES = """
- {id: length, question: "كم طول الجسر؟", must_include: [["12"]], tags: [numbers, ar]}
- {id: start, question: "ومتى بدأ؟", before: ["كم طول الجسر؟", "من قال؟"],
   must_include: [["مايو"]], tags: [ar]}
- {id: cost, question: "كم كلّف؟", answerable: false, tags: [unanswerable]}
"""


@pytest.fixture
def product(product, make_answer):
    """Answers every question of ``CASES`` rightly, each in a conversation named for the question."""
    product.engine.answers |= {
        "كم طول الجسر؟": make_answer(LENGTH, conversation_id="first"),
        "من قال؟": make_answer(LENGTH, conversation_id="first"),
        "ومتى بدأ؟": make_answer(START, conversation_id="first"),
    }
    return product


def invoke(*arguments):
    return CliRunner().invoke(evaluate, [str(argument) for argument in arguments])


def test_it_prints_one_line_a_metric_and_nothing_else(product, write_suite):
    result = invoke("--suite", write_suite(CASES))
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(METRICS)
    values = dict(line.split(maxsplit=1) for line in lines)
    assert values["case_pass_rate"] == "1.000  [0.292, 1.000]"
    assert values["abstention_recall"] == "1.000"
    assert values["attribution_accuracy"] == "–  (no case has attributed_to)"


def test_earlier_turns_are_asked_first_in_one_conversation(product, write_suite):
    invoke("--suite", write_suite(CASES), "--mode", "extractive")
    assert product.engine.asked == [
        ("كم طول الجسر؟", None, "extractive"),
        ("كم طول الجسر؟", None, "extractive"),
        ("من قال؟", "first", "extractive"),
        ("ومتى بدأ؟", "first", "extractive"),
        ("كم كلّف؟", None, "extractive"),
    ]


def test_the_json_has_metrics_cases_and_run(product, write_suite, tmp_path):
    out = tmp_path / "out.json"
    product.engine.answers["كم طول الجسر؟"] = product.engine.answers["ومتى بدأ؟"]
    assert invoke("--suite", write_suite(CASES), "--json", out).exit_code == 0
    data = json.loads(out.read_text(encoding="utf-8"))
    assert data["metrics"]["case_pass_rate"] == pytest.approx(2 / 3)
    assert data["metrics"]["correctness"] == 0.5
    assert data["metrics"]["attribution_accuracy"] is None
    assert data["notes"] == {
        "attribution_accuracy": "no case has attributed_to",
        "flaky": "every question was asked once; see --repeat",
    }
    assert data["intervals"]["case_pass_rate"] == [0.0, 1.0]
    assert data["intervals"]["attribution_accuracy"] is None
    length, _, cost = data["cases"]
    assert (length["id"], length["passed"], length["suite"]) == ("length", False, "bridges")
    assert {"name": "must_include[0]", "passed": False, "detail": "12"} in length["checks"]
    assert length["answer"] == f"{START} [1]"
    assert length["citations"][0]["quote"] == START
    assert length["citations"][0]["exact"] is True
    assert length["citations"][0]["before"] == f"{LENGTH} "
    assert length["citations"][0]["after"] == " ونفت البلدية التأخير."
    assert length["repeats"] == []
    assert length["sentences"][0]["grounded"] is True
    assert length["timings"]["wall_ms"] >= 0
    assert cost["status"] == "abstained"
    assert data["tags"]["ar"]["cases"] == 2
    assert data["tags"]["ar"]["metrics"]["correctness"] == 0.5
    assert data["tags"]["ar"]["intervals"]["correctness"] == [0.0, 1.0]
    assert data["suites"]["bridges"]["cases"] == 3
    run = data["run"]
    assert run["verifier"] == "retrieval.verify.supported (words)"
    assert run["model"] == {"name": "letters", "revision": "1"}
    assert run["answered_in_mode"] == {"extractive": 3}
    assert run["versions"]["python"]
    assert run["date"].endswith("+00:00")


def test_each_suite_has_an_index_of_its_own_and_all_count(product, write_suite, tmp_path):
    out = tmp_path / "out.json"
    first, second = write_suite(CASES, name="first"), write_suite(CASES, name="second")
    assert invoke("--suite", first, "--suite", second, "--json", out).exit_code == 0
    assert len(set(product.indexes)) == 2
    data = json.loads(out.read_text())
    assert len(data["cases"]) == 6
    assert list(data["suites"]) == ["first", "second"]


def test_a_minimum_that_is_met_is_status_0_and_one_that_is_not_is_1(product, write_suite, make_answer):
    product.engine.answers["ومتى بدأ؟"] = make_answer()
    suite = write_suite(CASES)
    assert invoke("--suite", suite, "--min", "correctness=0.5", "--min", "abstention_recall=1").exit_code == 0
    result = invoke("--suite", suite, "--min", "correctness=0.51", "--min", "abstention_recall=1")
    assert result.exit_code == 1
    assert "correctness is 0.5000, wanted at least 0.51" in result.stderr
    assert "abstention_recall" not in result.stderr
    assert "FAILED bridges/start: status" in result.stderr
    assert len(result.stdout.splitlines()) == len(METRICS)


def test_thresholds_come_from_a_file_and_an_option_overrides_them(product, write_suite, make_answer, tmp_path):
    product.engine.answers["ومتى بدأ؟"] = make_answer()
    suite, thresholds = write_suite(CASES), tmp_path / "thresholds.yaml"
    thresholds.write_text("correctness: 0.9\n")
    assert invoke("--suite", suite, "--thresholds", thresholds).exit_code == 1
    assert invoke("--suite", suite, "--thresholds", thresholds, "--min", "correctness=0.5").exit_code == 0


def test_a_malformed_thresholds_file_is_status_2(product, write_suite, tmp_path):
    thresholds = tmp_path / "thresholds.yaml"
    thresholds.write_text("correctness: good\n")
    result = invoke("--suite", write_suite(CASES), "--thresholds", thresholds)
    assert result.exit_code == 2
    assert "field correctness" in result.stderr


@pytest.mark.parametrize("value", ["correctness", "corectness=1", "latency_p50_ms=5", "correctness=high"])
def test_a_minimum_that_means_nothing_is_status_2(value):
    result = invoke("--min", value)
    assert result.exit_code == 2
    assert "--min" in result.stderr


def test_a_question_that_fails_is_a_failed_case_and_status_1(product, write_suite, tmp_path):
    out = tmp_path / "out.json"
    product.engine.answers["كم طول الجسر؟"] = QuestionTooLong(length=9, limit=5)
    product.engine.answers["كم كلّف؟"] = ZeroDivisionError("division by zero")
    result = invoke("--suite", write_suite(CASES), "--json", out)
    assert result.exit_code == 1
    assert "bridges/length could not be asked: The question is too long" in result.stderr
    cases = {case["id"]: case for case in json.loads(out.read_text())["cases"]}
    assert cases["start"]["error"].startswith("The question is too long")
    assert cases["cost"]["error"] == "ZeroDivisionError: division by zero"
    assert cases["cost"]["answer"] is None
    assert not any(case["passed"] for case in cases.values())


def test_a_follow_up_needs_a_conversation(product, write_suite, make_answer):
    product.engine.answers["من قال؟"] = make_answer(LENGTH, conversation_id=None)
    result = invoke("--suite", write_suite(CASES))
    assert result.exit_code == 1
    assert "bridges/start could not be asked" in result.stderr
    assert "conversation_id" in result.stderr


def test_a_corpus_file_that_cannot_be_read_is_status_2_naming_the_suite(product, write_suite):
    product.failed.append(UnreadableFile(path="broken.pdf", reason="no text"))
    suite = write_suite(CASES)
    result = invoke("--suite", suite)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{suite}: field corpus: Cannot read broken.pdf")


def test_an_engine_that_is_not_ready_is_status_1(product, write_suite):
    product.engine.not_ready = EmptyIndex(index="here")
    result = invoke("--suite", write_suite(CASES))
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith("The index here is empty")


def test_a_file_that_cannot_be_written_is_status_1(product, write_suite, tmp_path):
    result = invoke("--suite", write_suite(CASES), "--json", tmp_path / "no" / "out.json")
    assert result.exit_code == 1
    assert "cannot write" in result.stderr


@pytest.fixture
def server(make_answer, make_engine):
    """A server on a loopback port that answers as the product does: its address and what it was asked."""
    asked = []
    by_question = {"كم طول الجسر؟": make_answer(LENGTH), "ومتى بدأ؟": make_answer(START)}
    engine = make_engine({})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send(engine.article("bridge").model_dump_json() if "articles" in self.path else "{}")

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            asked.append(body)
            self.send(by_question.get(body["question"], make_answer()).model_dump_json())

        def send(self, text):
            content = text.encode()
            self.send_response(200)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}", asked
        listening.shutdown()
        thread.join()


def test_a_server_scores_as_in_process_and_nothing_is_ingested(product, write_suite, server, tmp_path):
    url, asked = server
    here, there = tmp_path / "here.json", tmp_path / "there.json"
    assert invoke("--suite", write_suite(CASES), "--json", here).exit_code == 0
    product.ingested.clear()
    suite = write_suite(CASES, corpus="[not-on-this-machine]")
    result = invoke("--suite", suite, "--url", url, "--json", there)
    assert result.exit_code == 0, result.stderr
    assert product.ingested == []
    assert asked[3] == {"question": "ومتى بدأ؟", "conversation_id": "c"}

    def shares(file):
        metrics = json.loads(file.read_text())["metrics"]
        return {name: value for name, value in metrics.items() if not name.endswith("_ms")}

    assert shares(there) == shares(here)
    assert json.loads(there.read_text())["run"]["target"] == url
    # Both are what the server shows of an evaluation.
    assert read(here).model == json.loads(here.read_text())["run"]["model"]["name"]
    assert read(there).model is None
    assert read(here).cases == read(there).cases == 3


def test_no_server_there_is_status_1(write_suite, product):
    result = invoke("--suite", write_suite(CASES), "--url", "http://127.0.0.1:1")
    assert result.exit_code == 1
    assert "Cannot evaluate: GET http://127.0.0.1:1/readyz" in result.stderr


# --repeat


def test_repeating_finds_the_cases_that_change_and_scores_the_first_time(product, write_suite, make_answer, tmp_path):
    """``start`` answers otherwise the second time, ``length`` always the same, ``cost`` always fails."""
    out = tmp_path / "out.json"
    answers = iter([make_answer(START), make_answer(LENGTH), make_answer(START)])
    fixed = product.engine.answer

    def answer(question, **options):
        return next(answers) if question == "ومتى بدأ؟" else fixed(question, **options)

    product.engine.answer = answer
    product.engine.answers["كم كلّف؟"] = make_answer(LENGTH)
    result = invoke("--suite", write_suite(CASES), "--repeat", 3, "--json", out)
    assert result.exit_code == 0, result.stderr
    data = json.loads(out.read_text())
    length, start, cost = data["cases"]
    assert data["metrics"]["flaky"] == pytest.approx(1 / 3)
    assert (length["tally"]["flaky"], start["tally"]["flaky"], cost["tally"]["flaky"]) == (False, True, False)
    assert start["passed"] is True
    assert [(again["passed"], again["same"]) for again in start["repeats"]] == [(False, False), (True, True)]
    assert start["repeats"][0]["answer"] == f"{LENGTH} [1]"
    assert "FLAKY bridges/start: passed 2 of 3, the same answer 2 of 3" in result.stderr
    assert "FLAKY bridges/length" not in result.stderr
    assert data["run"]["repeat"] == 3


def test_the_same_words_cited_elsewhere_are_another_answer(product, write_suite, make_answer, cite, tmp_path):
    out = tmp_path / "out.json"
    moved = make_answer(START, citations=(cite(1, "العمل"),))
    answers = iter([make_answer(START, citations=(cite(1, "مايو"),)), moved])
    product.engine.answer = lambda question, **options: next(answers)
    invoke("--suite", write_suite('- {id: start, question: "متى؟"}'), "--repeat", 2, "--json", out)
    assert json.loads(out.read_text())["metrics"]["flaky"] == 1.0


# what CI reads


def test_annotations_are_written_where_github_runs_it_and_where_asked(product, write_suite, make_answer, monkeypatch):
    product.engine.answers["ومتى بدأ؟"] = make_answer()
    suite = write_suite(CASES)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    assert "::warning" not in invoke("--suite", suite).stderr
    assert "::warning" in invoke("--suite", suite, "--annotations").stderr
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert "title=Sanad%3A bridges/start::" in invoke("--suite", suite).stderr
    assert "::warning" not in invoke("--suite", suite, "--no-annotations").stderr


def test_junit_is_written_beside_the_rest_and_the_status_is_as_without(product, write_suite, make_answer, tmp_path):
    product.engine.answers["ومتى بدأ؟"] = make_answer()
    out = tmp_path / "junit.xml"
    assert invoke("--suite", write_suite(CASES), "--junit", out).exit_code == 0
    assert '<testcase name="start" classname="sanad.bridges"' in out.read_text(encoding="utf-8")
    assert invoke("--suite", write_suite(CASES), "--junit", out, "--min", "correctness=1").exit_code == 1
    assert "wanted at least 1.0" in out.read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written_is_told_before_anything_is_asked(product, write_suite, tmp_path):
    for option in ("--json", "--html", "--junit"):
        result = invoke("--suite", write_suite(CASES), option, tmp_path / "no" / "out")
        assert result.exit_code == 1
        assert "cannot write" in result.stderr
    assert product.ingested == []


@pytest.mark.parametrize("option", ["--previous", "--scale"])
def test_what_only_the_page_shows_needs_a_page(option, tmp_path):
    result = invoke(option, tmp_path / "x.json")
    assert result.exit_code == 2
    assert "--html" in result.stderr
