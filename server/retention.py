"""Deletes conversations that are older than SANAD_RETENTION_DAYS, when the server starts and while it runs."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import anyio.to_thread

from retrieval.errors import SanadError
from server.periodic import repeating

if TYPE_CHECKING:
    from retrieval.engine import Engine

log = logging.getLogger("sanad.server")

EVERY_SECONDS = 3600.0
"""Between two deletions: a conversation may live that much longer than its days."""


@asynccontextmanager
async def forgetting(engine: Engine, days: int | None) -> AsyncIterator[None]:
    """Within it, conversations last asked something more than ``days`` ago are deleted: at once, then every hour.

    ``None`` keeps them all. A failure of the database is logged, and the next hour tries again.
    """
    if days is None:
        yield
        return
    async with repeating(partial(_forget, engine, days), EVERY_SECONDS):
        yield


async def _forget(engine: Engine, days: int) -> None:
    before = datetime.now(UTC) - timedelta(days=days)
    try:
        gone = await anyio.to_thread.run_sync(engine.history.forget, before)
    except SanadError as error:
        log.warning("retention: %s: %s", error.code, error)
        return
    if gone:
        log.info("retention: %d conversations older than %d days deleted", gone, days)
