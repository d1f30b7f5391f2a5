"""OpenTelemetry: spans of requests and of the stages of answers, when the environment asks for them."""

from __future__ import annotations

import runpy
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ingest.pipeline import ingest_articles
from retrieval.engine import Engine
from retrieval.models import Article
from retrieval.settings import Settings
from server import tracing
from server.app import create_app

pytest.importorskip("opentelemetry.instrumentation.fastapi")
HashingEmbedder: Any = runpy.run_path(str(Path(__file__).parents[1] / "hashing_embedder.py"))["HashingEmbedder"]


@pytest.fixture
def spans():
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    # A process has one provider for good; another test may have set it.
    if not isinstance(trace.get_tracer_provider(), TracerProvider):
        trace.set_tracer_provider(TracerProvider())
    exporter = InMemorySpanExporter()
    provider = trace.get_tracer_provider()
    assert isinstance(provider, TracerProvider)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return exporter


def test_a_request_and_its_stages_are_one_trace(spans, monkeypatch, tmp_path):
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "otlp")
    settings = Settings(index=tmp_path / "index")
    ingest_articles([Article(id="a", text="افتتح الوزير الجسر أمس.")], settings, embedder=HashingEmbedder())
    with (
        closing(Engine(settings, embedder=HashingEmbedder())) as engine,
        TestClient(create_app(settings, engine)) as client,
    ):
        assert client.post("/v1/answers", json={"question": "من افتتح الجسر؟"}).status_code == 200
        assert client.get("/healthz").status_code == 200
    found = {span.name: span for span in spans.get_finished_spans()}
    request = found["POST /v1/answers"]
    assert {"rewrite", "embed", "search", "evidence"} <= found.keys()
    assert {found[stage].context.trace_id for stage in ("embed", "search")} == {request.context.trace_id}
    assert not any("healthz" in name for name in found)
    assert not any("الجسر" in str(value) for span in found.values() for value in (span.attributes or {}).values())


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, True),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, False),
        ({"OTEL_SDK_DISABLED": "true", "OTEL_TRACES_EXPORTER": "otlp"}, False),
    ],
)
def test_only_when_asked_for(monkeypatch, environment, wanted):
    for name in ("OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_SDK_DISABLED"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert tracing.wanted() == wanted
