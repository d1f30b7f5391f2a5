"""Logging as text for people or as JSON for machines, each line with the id of the request it is about."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

from retrieval.settings import Settings

OURS = ("ingest", "retrieval", "sanad", "server")


def configure(settings: Settings) -> None:
    """Send everything to standard error in the format of the settings: ours from their level on, others' errors."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if settings.log_format == "json":
        shared.append(structlog.processors.dict_tracebacks)
        rendered: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        rendered = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, rendered]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=logging.ERROR, force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(settings.log_level.upper())
