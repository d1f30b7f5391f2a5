"""Past the queue the server refuses at once and says when to come back."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from functools import partial

import anyio
import httpx
import pytest

from retrieval.settings import Settings
from server.app import create_app
from server.problems import Overloaded
from server.workers import THREADS_PER_CORE, Workers


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/answers", {"question": "حديقة"}),
        ("/v1/chat/completions", {"model": "sanad", "messages": [{"role": "user", "content": "حديقة"}]}),
    ],
)
def test_more_than_the_queue_holds_is_503_with_retry_after(portal, new_engine, monkeypatch, path, body):
    engine = new_engine(Settings(threads=1, queue=1))
    responses: list[httpx.Response] = []
    refused = threading.Event()
    answer = engine._answer

    def held(*arguments):
        refused.wait(30)  # however slowly the questions come, none is answered before one was too many
        return answer(*arguments)

    monkeypatch.setattr(engine, "_answer", held)

    async def main():
        transport = httpx.ASGITransport(create_app(engine.settings, engine))
        async with httpx.AsyncClient(transport=transport, base_url="http://test", timeout=60) as client:

            async def ask():
                responses.append(await client.post(path, json=body))
                if responses[-1].status_code == 503:
                    refused.set()

            async with anyio.create_task_group() as group:
                for _ in range(12):
                    group.start_soon(ask)
            # Who comes later is answered, and reading never was refused.
            responses.append(await client.post(path, json=body))
            assert (await client.get("/v1/articles")).status_code == 200

    portal.call(main)
    statuses = [response.status_code for response in responses]
    assert statuses[-1] == 200
    assert set(statuses) == {200, 503}
    assert statuses.count(503) < 12
    for response in responses:
        if response.status_code == 503:
            assert response.headers["retry-after"] == "2"
            assert "overloaded" in response.text


def test_a_burst_is_not_let_in_whole_before_the_first_of_it_is_counted(portal):
    workers = Workers(1, queue=1)
    refused = threading.Event()

    async def one() -> str:
        try:
            await workers.run(partial(refused.wait, 60))
        except Overloaded:
            refused.set()
            return "refused"
        return "ran"

    async def burst() -> list[str]:
        return await asyncio.gather(*(one() for _ in range(12)))

    for _ in range(2):  # and what has ended is counted no longer
        refused.clear()
        assert Counter(portal.call(burst)) == {"ran": THREADS_PER_CORE + 1, "refused": 12 - THREADS_PER_CORE - 1}
