"""A conversation is its owner's: to anybody else it does not exist. Over a real catalog."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ingest.pipeline import ingest_articles
from retrieval.engine import Engine
from retrieval.models import Article
from retrieval.settings import Settings
from server.app import create_app
from server.keys import Keys

HashingEmbedder: Any = runpy.run_path(str(Path(__file__).parents[1] / "hashing_embedder.py"))["HashingEmbedder"]
ARTICLE = Article(id="حديقة", text="افتتحت البلدية حديقة المدينة يوم الخميس. قال المهندس سامر العلي إن فيها ألف شجرة.")
QUESTION = {"question": "من افتتح حديقة المدينة؟"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, list[dict[str, str]]]]:
    """A client, and the headers of: nobody known, two browsers, two keys, and a key with a browser."""
    settings = Settings(index=tmp_path_factory.mktemp("private"))
    embedder = HashingEmbedder()
    ingest_articles([ARTICLE], settings, embedder=embedder)
    with closing(Engine(settings, embedder=embedder)) as engine:
        keys = [{"X-API-Key": Keys(engine.database).create("key", ["ask", "read"])[1]} for _ in range(2)]
        browsers = [{"X-Sanad-Client": letter * 43} for letter in "ab"]
        yield TestClient(create_app(settings, engine)), [{}, *browsers, *keys, {**keys[0], **browsers[0]}]


def test_another_callers_conversation_is_as_one_that_does_not_exist(server) -> None:
    client, callers = server
    for owner in callers:
        conversation = client.post("/v1/answers", json=QUESTION, headers=owner).json()["conversation_id"]
        follow_up = {**QUESTION, "conversation_id": conversation}
        assert client.get(f"/v1/conversations/{conversation}", headers=owner).status_code == 200
        assert client.post("/v1/answers", json=follow_up, headers=owner).status_code == 200
        for other in callers:
            if other is owner:
                continue
            read = client.get(f"/v1/conversations/{conversation}", headers=other)
            unknown = client.get(f"/v1/conversations/{'0' * len(conversation)}", headers=other)
            assert read.status_code == unknown.status_code == 404
            told = read.text.replace(conversation, "")
            assert told == unknown.text.replace("0" * len(conversation), "")
            assert client.post("/v1/answers", json=follow_up, headers=other).status_code == 404
        assert len(client.get(f"/v1/conversations/{conversation}", headers=owner).json()["turns"]) == 2


def test_everybody_lists_his_own_and_nobody_in_particular_none(server) -> None:
    client, callers = server
    made = [client.post("/v1/answers", json=QUESTION, headers=owner).json()["conversation_id"] for owner in callers]
    for owner, own in zip(callers, made, strict=True):
        found = {item["id"] for item in client.get("/v1/conversations", headers=owner).json()["conversations"]}
        assert found & set(made) == ({own} if owner else set())


def test_nobody_else_can_rename_delete_export_or_rate(server) -> None:
    client, callers = server
    answer = client.post("/v1/answers", json=QUESTION, headers=callers[1]).json()
    address = f"/v1/conversations/{answer['conversation_id']}"
    for other in (callers[0], *callers[2:]):
        assert client.patch(address, json={"title": "x"}, headers=other).status_code == 404
        assert client.delete(address, headers=other).status_code == 404
        assert client.get(f"{address}/export", headers=other).status_code == 404
        rated = client.put(f"/v1/answers/{answer['id']}/feedback", json={"verdict": "down"}, headers=other)
        assert rated.status_code == 404
    assert client.get(address, headers=callers[1]).status_code == 200
