"""OpenTelemetry, when the usual OTEL_* variables ask for it and the extra ``otel`` is installed."""

from __future__ import annotations

import logging
import os

from fastapi import FastAPI

from retrieval.errors import SanadError

log = logging.getLogger("sanad.server")
_ASKING = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_TRACES_EXPORTER")


class TracingNotInstalled(SanadError):
    """OTEL_* asks for traces and the packages for them are not there."""

    code, status = "tracing-not-installed", 500
    arabic = "متغيرات OTEL_* تطلب التتبع، وحزمه غير مثبتة: pip install 'sanad[otel]'."
    english = "OTEL_* asks for traces, whose packages are not installed: pip install 'sanad[otel]'."


def wanted() -> bool:
    """Whether the environment asks for traces."""
    if os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or os.environ.get("OTEL_TRACES_EXPORTER") == "none":
        return False
    return any(os.environ.get(name) for name in _ASKING)


def install(app: FastAPI) -> None:
    """Give every request of ``app`` a span, under which the stages of an answer have theirs.

    Uses the tracer provider that is set, or sets one that exports by OTLP over HTTP as OTEL_* say.

    Raises:
        TracingNotInstalled: when the packages are missing.
    """
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise TracingNotInstalled from error
    if not isinstance(trace.get_tracer_provider(), TracerProvider):
        os.environ.setdefault("OTEL_SERVICE_NAME", "sanad")
        provider = TracerProvider(resource=Resource.create())
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        trace.set_tracer_provider(provider)
    # Addresses may hold questions: `q` of a search. The pattern of the route is the span's name.
    FastAPIInstrumentor.instrument_app(app, excluded_urls="healthz,readyz,metrics", exclude_spans=["receive", "send"])
