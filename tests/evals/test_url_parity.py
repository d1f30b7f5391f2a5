"""``sanad eval --url`` of a real server gives what the same suite gives in process, but for the times."""

import json
import threading
import time

import pytest
import uvicorn
import yaml
from click.testing import CliRunner

from evals import targets
from evals.cli import DEFAULT_SUITE, evaluate
from evals.remembering import RememberingEmbedder
from evals.suite import load
from retrieval.embedding import Embedder
from retrieval.settings import Settings
from server.app import create_app

CASES = 4  # of each kind at most: alone and in conversation, answerable or not


@pytest.fixture
def suite(tmp_path):
    """Some cases of every kind of the shipped suite, over the articles that are shipped."""
    shipped = load(DEFAULT_SUITE)
    kinds: dict[tuple[bool, bool], list] = {}
    for case in shipped.cases:
        kinds.setdefault((case.answerable, bool(case.before)), []).append(case)
    chosen = [case for cases in kinds.values() for case in cases[:: max(1, len(cases) // CASES)][:CASES]]
    file = tmp_path / "some.yaml"
    data = {
        "suite": "some",
        "corpus": [str(path) for path in shipped.corpus],
        "cases": [case.model_dump(mode="json") for case in chosen],
    }
    file.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return file


@pytest.fixture
def model():
    """The real embedding model, which the tests beside this one do without. The articles are ingested twice."""
    return RememberingEmbedder(Embedder())


@pytest.fixture
def url(suite, tmp_path, model):
    """A server over an index of the suite's articles, listening on a port of its own."""
    settings = Settings(index=tmp_path / "index", chroma_url=None)
    # Ingests as the evaluation itself does, so that both ask the same articles.
    targets.InProcess(settings, model, load(suite).corpus).close()
    server = uvicorn.Server(uvicorn.Config(create_app(settings), port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline = time.monotonic() + 120
    while not server.started and thread.is_alive() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert server.started
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def timeless(run):
    """A run without what a clock, a target and an answer's own name make different."""
    metrics = {name: value for name, value in run["metrics"].items() if not name.endswith("_ms")}
    intervals = {name: value for name, value in run["intervals"].items() if not name.endswith("_ms")}
    for case in run["cases"]:
        del case["timings"], case["tally"]["latency_ms"]
    return metrics, intervals, run["cases"]


@pytest.mark.long
def test_a_server_and_this_process_are_judged_alike(suite, url, tmp_path, model, monkeypatch):
    monkeypatch.setattr("evals.runner.load_embedder", lambda settings: model)
    runs = []
    for name, options in (("here", ()), ("there", ("--url", url))):
        out = tmp_path / f"{name}.json"
        result = CliRunner().invoke(evaluate, ["--suite", str(suite), "--json", str(out), *options])
        assert result.exit_code == 0, result.output
        runs.append(json.loads(out.read_text(encoding="utf-8")))
    here, there = runs
    assert there["run"]["target"] == url
    assert here["metrics"]["citation_exactness"] == 1.0
    assert here["metrics"]["correctness"] > 0
    assert {case["status"] for case in here["cases"]} >= {"answered", "abstained"}
    assert any(case["before"] for case in here["cases"])
    assert timeless(there) == timeless(here)
