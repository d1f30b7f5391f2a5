"""Finding articles, sources, voices, the timeline and the last evaluation, over HTTP."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from retrieval.models import ArticleListing, Filters, Timeline, Voices
from retrieval.settings import Settings
from server.app import create_app
from server.schemas import EvaluationSummary

REPORT: dict[str, Any] = {
    "metrics": {"correctness": 0.8, "attribution_accuracy": None},
    "intervals": {"correctness": [0.6, 0.95], "attribution_accuracy": None},
    "notes": {"attribution_accuracy": "no pairs"},
    "suites": {"port": {"cases": 2, "metrics": {"correctness": 0.8}, "intervals": {"correctness": [0.6, 0.95]}}},
    "tags": {"numbers": {"cases": 1, "metrics": {"correctness": 1.0}, "intervals": {}}},
    "cases": [{"id": "a", "passed": True}, {"id": "b", "passed": False}],
    "run": {"date": "2031-02-03T04:05:06+00:00", "mode": None, "model": {"name": "some/model"}, "machine": {"cpus": 2}},
}


def test_articles_are_found_by_words_with_the_total(client, texts):
    listing = ArticleListing.model_validate_json(client.get("/v1/articles", params={"q": "المدينة"}).content)
    assert {article.id for article in listing.articles} == {"حديقة-المدينة", "قطار-الساحل"}
    assert listing.total == 2
    page = client.get("/v1/articles", params={"q": "المدينة", "limit": 1, "offset": 1}).json()
    assert (len(page["articles"]), page["total"]) == (1, 2)
    assert client.get("/v1/articles").json()["total"] == len(texts)


def test_filters_of_articles_reach_the_engine(client, engine):
    params = {"source": ["الأنباء", ""], "published_from": "2031-01-01", "published_to": "2031-02-01"}
    assert client.get("/v1/articles", params=params).status_code == 200
    assert engine.calls[-1] == {
        "query": None,
        "filters": Filters(sources=("الأنباء", ""), published_from=date(2031, 1, 1), published_to=date(2031, 2, 1)),
    }


def test_sources_are_listed(client, texts):
    [source] = client.get("/v1/sources").json()["sources"]
    assert source == {"source": None, "articles": len(texts), "first": None, "last": None}


def test_voices_are_cited_exactly_with_and_without_a_topic(client, engine, texts):
    for params in ({}, {"q": "الحديقة"}):
        voices = Voices.model_validate_json(client.get("/v1/voices", params=params).content)
        assert voices.topic == params.get("q")
        for citation in (mark.citation for voice in voices.voices for mark in voice.marks):
            assert texts[citation.article_id][citation.start : citation.end] == citation.quote
    client.get("/v1/voices", params={"limit": 7})
    assert engine.calls[-1] == {"topic": None, "limit": 7}


def test_the_interval_of_the_timeline_reaches_the_engine(client, engine):
    params = {"q": "الحديقة", "from": "2031-01-01", "to": "2031-02-01", "limit": 5}
    assert Timeline.model_validate_json(client.get("/v1/timeline", params=params).content).topic == "الحديقة"
    assert engine.calls[-1] == {
        "topic": "الحديقة", "since": date(2031, 1, 1), "until": date(2031, 2, 1), "limit": 5,
    }  # fmt: skip


@pytest.mark.parametrize("path", ["/v1/articles", "/v1/voices", "/v1/timeline"])
def test_words_without_a_letter_are_refused(client, path):
    refused = client.get(path, params={"q": "؟"})
    assert refused.status_code == 422
    assert refused.json()["type"] == "urn:sanad:problem:empty-question"


@pytest.mark.parametrize(
    ("address", "location"),
    [
        ("/v1/articles?published_from=yesterday", "query.published_from"),
        ("/v1/voices?limit=301", "query.limit"),
        ("/v1/timeline?from=2031-02-30", "query.from"),
        ("/v1/timeline?limit=0", "query.limit"),
    ],
)
def test_bad_values_are_named(client, address, location):
    refused = client.get(address)
    assert refused.status_code == 422
    assert [error["location"] for error in refused.json()["errors"]] == [location]


@pytest.fixture
def evaluated(tmp_path: Path, new_engine: Any) -> tuple[TestClient, Path]:
    """A client of a server with an index of its own, and where it looks for the report."""
    settings = Settings(index=tmp_path)
    path = tmp_path / "reports" / "evaluation.json"
    path.parent.mkdir()
    return TestClient(create_app(settings, new_engine(settings))), path


def test_the_last_evaluation_is_summed_up(evaluated):
    client, path = evaluated
    path.write_text(json.dumps(REPORT), "utf-8")
    summary = EvaluationSummary.model_validate_json(client.get("/v1/evaluation").content)
    assert (summary.cases, summary.passed, summary.model) == (2, 1, "some/model")
    assert summary.metrics["correctness"].model_dump() == {"value": 0.8, "low": 0.6, "high": 0.95}
    assert summary.metrics["attribution_accuracy"].value is None
    assert summary.suites["port"].cases == 2
    assert summary.tags["numbers"].metrics["correctness"].model_dump() == {"value": 1.0, "low": None, "high": None}


def test_without_a_report_the_problem_tells_how_to_write_one(evaluated):
    client, path = evaluated
    problem = client.get("/v1/evaluation")
    assert problem.status_code == 404
    assert problem.json()["type"] == "urn:sanad:problem:no-evaluation"
    assert f"sanad eval --json {path}" in problem.json()["detail"]


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"metrics": {"correctness": "good"}}'])
def test_a_report_that_is_none_is_told(evaluated, content):
    client, path = evaluated
    path.write_text(content, "utf-8")
    assert client.get("/v1/evaluation").json()["type"] == "urn:sanad:problem:unreadable-evaluation"


def test_the_place_of_the_report_is_a_setting(tmp_path, new_engine):
    report = tmp_path / "last.json"
    report.write_text(json.dumps(REPORT), "utf-8")
    settings = Settings(index=tmp_path, evaluation=report)
    client = TestClient(create_app(settings, new_engine(settings)))
    assert client.get("/v1/evaluation").json()["passed"] == 1


def test_what_the_evaluation_writes_is_what_is_read(tmp_path):
    from evals.runner import gather
    from server.evaluation import read

    run = gather([], {"date": "2031-02-03T04:05:06+00:00", "mode": "extractive", "model": {"name": "m"}})
    path = tmp_path / "run.json"
    path.write_text(json.dumps(run.model_dump(mode="json")), "utf-8")
    summary = read(path)
    assert (summary.cases, summary.mode) == (0, "extractive")
    assert set(summary.metrics) == set(run.metrics)
