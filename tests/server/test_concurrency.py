"""Requests side by side: all answered, the engine kept to the cores, the event loop free."""

from __future__ import annotations

import anyio
import httpx
import pytest

from retrieval.settings import Settings
from server.app import create_app
from server.workers import THREADS_PER_CORE


def connect(app):
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test", timeout=30)


@pytest.fixture
def slow(new_engine):
    return new_engine(Settings(threads=2), pause=0.05)


def test_twenty_parallel_questions_are_each_answered_with_their_own_answer(portal, slow):
    questions = [f"حديقة المدينة {number}" for number in range(20)]
    answered: dict[str, httpx.Response] = {}

    async def main():
        async with connect(create_app(slow.settings, slow)) as client, anyio.create_task_group() as group:

            async def ask(question):
                answered[question] = await client.post("/v1/answers", json={"question": question})

            for question in questions:
                group.start_soon(ask, question)

    portal.call(main)
    assert {question: response.status_code for question, response in answered.items()} == dict.fromkeys(questions, 200)
    assert all(response.json()["question"] == question for question, response in answered.items())
    assert len({response.json()["conversation_id"] for response in answered.values()}) == 20
    assert 1 < slow.most_running <= 2 * THREADS_PER_CORE


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_health_and_reading_do_not_wait_for_answers(portal, slow, accept):
    slow.pause = 0.5
    asked, answered, answered_before_reading = 6 * THREADS_PER_CORE, [], []

    async def ask(client):
        response = await client.post("/v1/answers", json={"question": "حديقة"}, headers={"accept": accept})
        assert response.headers["content-type"].startswith(accept)
        answered.append(response)

    async def main():
        async with connect(create_app(slow.settings, slow)) as client, anyio.create_task_group() as group:
            for _ in range(asked):
                group.start_soon(ask, client)
            await anyio.sleep(0.1)
            for path in ("/healthz", "/readyz", "/v1/articles"):
                assert (await client.get(path)).status_code == 200
            answered_before_reading.append(len(answered))

    portal.call(main)
    assert len(answered) == asked
    assert answered_before_reading[0] < asked
