"""GET /metrics: what happened is counted, by patterns of addresses and never by what was asked."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from retrieval.models import Answer
from server.metrics import Metrics


@pytest.fixture
def figures(client):
    def read() -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
        response = client.get("/metrics")
        assert response.headers["content-type"].startswith("text/plain")
        families = text_string_to_metric_families(response.text)
        return {(s.name, tuple(sorted(s.labels.items()))): s.value for family in families for s in family.samples}

    return read


def test_requests_are_counted_by_route_and_status(client, figures):
    client.get("/v1/articles/harbour/lines")
    client.get("/v1/articles/no-such-article")
    client.get("/v1/no-such-route")
    client.post("/v1/answers", json={"question": "؟"})
    found = figures()

    def requests(method, route, status):
        return found["sanad_http_requests_total", (("method", method), ("route", route), ("status", status))]

    assert requests("GET", "/v1/articles/{article_id:path}", "200") == 1
    assert requests("GET", "/v1/articles/{article_id:path}", "404") == 1
    assert requests("POST", "/v1/answers", "422") == 1
    assert requests("GET", "unknown", "404") == 1
    assert not any("no-such" in label for _, labels in found for _, label in labels)
    assert found["sanad_http_request_seconds_count", (("route", "/v1/answers"),)] == 1


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_answers_are_counted_by_status_and_mode(client, figures, accept):
    for question in ("حديقة", "xyz"):
        client.post("/v1/answers", json={"question": question}, headers={"accept": accept})
    found = figures()
    assert found["sanad_answers_total", (("mode", "extractive"), ("status", "answered"))] == 1
    assert found["sanad_answers_total", (("mode", "extractive"), ("status", "abstained"))] == 1
    assert found["sanad_abstentions_total", ()] == 1


def test_the_index_and_the_queues_are_measured(figures, texts):
    found = figures()
    assert found["sanad_index_articles", ()] == len(texts)
    assert found["sanad_index_generation", ()] == 3
    assert found["sanad_index_passages", ()] == len(texts)
    assert found["sanad_queue_depth", (("pool", "computing"),)] == 0
    assert found["sanad_http_requests_in_flight", ()] == 0


def test_an_index_that_cannot_be_asked_leaves_the_rest(client, engine, monkeypatch, figures):
    monkeypatch.setattr(engine, "article_count", lambda: 1 / 0)
    found = figures()
    assert ("sanad_index_articles", ()) not in found
    assert ("sanad_http_requests_in_flight", ()) in found


@pytest.mark.parametrize(
    ("mode", "notes", "fallbacks", "dropped"),
    [
        ("generative", ("sentences_dropped:2",), 0, 2),
        ("extractive", ("sentences_dropped:3",), 1, 3),
        ("extractive", ("llm_failed:timeout",), 1, 0),
        ("extractive", (), 0, 0),
    ],
)
def test_fallbacks_dropped_sentences_and_stages(mode, notes, fallbacks, dropped):
    metrics = Metrics(lambda: None)
    answer = Answer(
        id="a",
        question="س",
        standalone_question="س",
        language="ar",
        status="answered",
        mode=mode,
        text="…",
        confidence=0.9,
        notes=notes,
        timings_ms={"search": 20.0, "total": 50.0},
    )
    metrics.answer(answer)
    value = metrics.registry.get_sample_value
    assert value("sanad_fallbacks_total") == fallbacks
    assert value("sanad_dropped_sentences_total") == dropped
    assert value("sanad_stage_seconds_sum", {"stage": "search"}) == pytest.approx(0.02)
    assert value("sanad_stage_seconds_bucket", {"stage": "total", "le": "0.05"}) == 1
