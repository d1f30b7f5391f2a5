"""Conversations and feedback over HTTP, with the real engine and catalog."""

from __future__ import annotations

import json
import re
import runpy
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ingest.pipeline import ingest_articles
from retrieval import history
from retrieval.engine import Engine
from retrieval.errors import StorageFailed
from retrieval.models import Article
from retrieval.settings import Settings
from retrieval.tables import ConversationRow
from server import retention
from server.app import create_app
from server.owner import owner_of

HashingEmbedder: Any = runpy.run_path(str(Path(__file__).parents[1] / "hashing_embedder.py"))["HashingEmbedder"]
pytestmark = pytest.mark.database
ARTICLES = [
    Article(
        id="جسر",
        title="جسر <b>جديد</b>",
        source="وكالة *النهر*",
        text="قالت الوزيرة هالة سمير إن الجسر [الجديد](http://x) يفتح في أيار. وقال المهندس إن طول الجسر ألف متر.",
    ),
    Article(id="harbour", title="Harbour", text="The harbour master said that the negotiations ended on Monday."),
]
BRIDGE = "ماذا قالت الوزيرة هالة سمير عن الجسر الجديد؟"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(index=tmp_path_factory.mktemp("conversations"), abstain_below=0)
    ingest_articles(ARTICLES, settings, embedder=HashingEmbedder())
    return settings


@pytest.fixture(scope="module")
def real(index: Settings) -> Iterator[Engine]:
    with closing(Engine(index, embedder=HashingEmbedder())) as engine:
        yield engine


@pytest.fixture
def app(real: Engine) -> FastAPI:
    real.history.forget(datetime.now(UTC) + timedelta(days=1))
    return create_app(real.settings, real)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """A browser: whoever tells nothing of himself has no conversations to list."""
    with TestClient(app, headers={"X-Sanad-Client": "b" * 43}) as client:
        yield client


def ask(client: TestClient, question: str = BRIDGE, **body: Any) -> dict[str, Any]:
    response = client.post("/v1/answers", json={"question": question, **body})
    assert response.status_code == 200, response.text
    return dict(response.json())


def listed(client: TestClient, **params: Any) -> list[dict[str, Any]]:
    response = client.get("/v1/conversations", params=params)
    assert response.status_code == 200, response.text
    return list(response.json()["conversations"])


def test_conversations_are_listed_the_one_asked_last_first(client: TestClient) -> None:
    assert listed(client) == []
    first = ask(client)["conversation_id"]
    second = ask(client, "ماذا عن الميناء؟")["conversation_id"]
    assert [c["id"] for c in listed(client)] == [second, first]
    ask(client, "وما طوله؟", conversation_id=first)
    found = listed(client)
    assert [(c["id"], c["title"], c["turns"]) for c in found] == [(first, BRIDGE, 2), (second, "ماذا عن الميناء؟", 1)]
    assert datetime.fromisoformat(found[0]["updated"]).tzinfo is not None
    assert [c["id"] for c in listed(client, offset=1, limit=1)] == [second]


@pytest.mark.parametrize("query", ["الوَزيرة", "وزيره", "للجسر هاله", "الوزي", "  "])
def test_conversations_are_found_by_words_in_any_form(query: str, client: TestClient) -> None:
    found = ask(client)["conversation_id"]
    if query.strip():
        ask(client, "When did the negotiations end?")
    assert [c["id"] for c in listed(client, q=query)] == [found]


def test_every_word_has_to_occur_in_the_title_or_a_question(client: TestClient) -> None:
    conversation = ask(client, "When did the negotiations end?")["conversation_id"]
    ask(client, "ماذا عن الجسر؟", conversation_id=conversation)
    client.patch(f"/v1/conversations/{conversation}", json={"title": "100% Harbour_talks"})
    for query, hits in (("negotiating جسر", 1), ("harbour negotiation", 1), ("harbour قطار", 0), ("0%", 1), ("%", 1)):
        assert len(listed(client, q=query)) == hits, query


def test_a_title_is_the_first_question_on_one_line_until_it_is_renamed(client: TestClient) -> None:
    conversation = ask(client, "ماذا   قيل\nعن الجسر؟")["conversation_id"]
    assert listed(client)[0]["title"] == "ماذا قيل عن الجسر؟"
    renamed = client.patch(f"/v1/conversations/{conversation}", json={"title": " جسر\nالنهر "})
    assert (renamed.status_code, renamed.json()["title"]) == (200, "جسر النهر")
    ask(client, "وما طوله؟", conversation_id=conversation)
    assert listed(client)[0]["title"] == "جسر النهر"
    long = ask(client, "كلمة " * 100)["conversation_id"]
    title = client.get(f"/v1/conversations/{long}").json()["title"]
    assert len(title) <= history.TITLE_CHARACTERS
    assert title.endswith("كلمة…")


@pytest.mark.parametrize("body", [{}, {"title": ""}, {"title": " \n"}, {"title": "x" * 201}, {"title": None}, {"x": 1}])
def test_a_title_must_be_one(body: dict[str, Any], client: TestClient) -> None:
    conversation = ask(client)["conversation_id"]
    assert client.patch(f"/v1/conversations/{conversation}", json=body).status_code == 422
    assert listed(client)[0]["title"] == BRIDGE


def test_a_deleted_conversation_is_gone_everywhere(client: TestClient, real: Engine) -> None:
    kept, answer = ask(client), ask(client)
    conversation, feedback = answer["conversation_id"], f"/v1/answers/{answer['id']}/feedback"
    client.put(feedback, json={"verdict": "up"})
    deleted = client.delete(f"/v1/conversations/{conversation}")
    assert (deleted.status_code, deleted.content) == (204, b"")
    for response in (
        client.get(f"/v1/conversations/{conversation}"),
        client.get(f"/v1/conversations/{conversation}/export"),
        client.patch(f"/v1/conversations/{conversation}", json={"title": "x"}),
        client.delete(f"/v1/conversations/{conversation}"),
        client.post("/v1/answers", json={"question": BRIDGE, "conversation_id": conversation}),
    ):
        assert (response.status_code, response.json()["type"]) == (404, "urn:sanad:problem:unknown-conversation")
    for response in (client.put(feedback, json={"verdict": "up"}), client.delete(feedback)):
        assert (response.status_code, response.json()["type"]) == (404, "urn:sanad:problem:unknown-answer")
    assert [c["id"] for c in listed(client)] == [kept["conversation_id"]]
    with real.database.read() as session:
        connection = session.connection()
        assert not connection.exec_driver_sql("SELECT * FROM feedback").all()
        turns = connection.exec_driver_sql("SELECT answer_id FROM turn").scalars().all()
        assert turns == [kept["id"]]


def test_a_conversation_deleted_while_it_is_answered_does_not_come_back(client: TestClient, real: Engine) -> None:
    conversation = ask(client)["conversation_id"]
    with real.database.read() as session:
        owner = session.get_one(ConversationRow, conversation).owner
    steps = real.stream("وما طوله؟", conversation_id=conversation, owner=owner)
    next(steps)
    client.delete(f"/v1/conversations/{conversation}")
    with pytest.raises(history.UnknownConversation):
        list(steps)
    assert listed(client) == []


def test_feedback_is_read_back_with_the_conversation_replaced_and_taken_back(client: TestClient) -> None:
    answer = ask(client)
    address, conversation = f"/v1/answers/{answer['id']}/feedback", f"/v1/conversations/{answer['conversation_id']}"
    said = {"verdict": "down", "reason": "incomplete", "text": "لم يُذكر اليوم."}
    assert client.put(address, json=said).json() == said
    assert client.get(conversation).json()["turns"][0]["feedback"] == said
    assert client.put(address, json={"verdict": "up"}).status_code == 200
    assert client.get(conversation).json()["turns"][0]["feedback"] == {"verdict": "up", "reason": None, "text": None}
    assert (client.delete(address).status_code, client.delete(address).status_code) == (204, 204)
    assert client.get(conversation).json()["turns"][0]["feedback"] is None


@pytest.mark.parametrize(
    "body",
    [{}, {"verdict": "maybe"}, {"verdict": "up", "reason": "because"}, {"verdict": "up", "text": "x" * 2001}, {"x": 1}],
)
def test_feedback_must_be_as_documented(body: dict[str, Any], client: TestClient) -> None:
    answer = ask(client)
    assert client.put(f"/v1/answers/{answer['id']}/feedback", json=body).status_code == 422


def test_an_answer_that_is_replaced_takes_its_feedback_along(client: TestClient) -> None:
    answer = ask(client)
    client.put(f"/v1/answers/{answer['id']}/feedback", json={"verdict": "up"})
    again = ask(client, "ما طول الجسر؟", conversation_id=answer["conversation_id"], replaces=answer["id"])
    turns = client.get(f"/v1/conversations/{answer['conversation_id']}").json()["turns"]
    assert [(turn["answer"]["id"], turn["feedback"]) for turn in turns] == [(again["id"], None)]


def test_a_markdown_export_has_every_citation_as_a_footnote_with_its_exact_words(client: TestClient) -> None:
    answer = ask(client)
    conversation = answer["conversation_id"]
    ask(client, "When did the negotiations end?", conversation_id=conversation)
    client.put(f"/v1/answers/{answer['id']}/feedback", json={"verdict": "down", "text": "<script>x</script>"})
    response = client.get(f"/v1/conversations/{conversation}/export")
    assert response.headers["content-type"] == "text/markdown; charset=utf-8"
    assert response.headers["content-disposition"].endswith(f"sanad-{conversation}.md")
    text = response.text
    assert text.startswith(f"# {BRIDGE}\n")
    notes = dict(re.findall(r"^\[\^(\S+)\]: (.*)$", text, re.MULTILINE))
    assert set(re.findall(r"\[\^(\S+?)\](?!:)", text)) == set(notes)
    unescaped = {label: re.sub(r"\\(.)", r"\1", note) for label, note in notes.items()}
    for number, turn in enumerate(client.get(f"/v1/conversations/{conversation}").json()["turns"], 1):
        for citation in turn["answer"]["citations"]:
            note = unescaped[f"{number}-{citation['number']}"]
            assert note.startswith(f"«{citation['quote']}» — {citation['title']}")
            assert f"{citation['start']}–{citation['end']}" in note
    # What articles and readers wrote is not read as markup.
    assert not re.search(r"(?<!\\)<|(?<!\\)\[(?!\^)|(?<!\\)\*النهر", text)
    assert "وكالة *النهر*" in unescaped["1-1"]


def test_a_json_export_is_the_conversation(client: TestClient) -> None:
    conversation = ask(client)["conversation_id"]
    response = client.get(f"/v1/conversations/{conversation}/export", params={"format": "json"})
    assert json.loads(response.content) == client.get(f"/v1/conversations/{conversation}").json()
    assert "الجسر" in response.text
    assert client.get(f"/v1/conversations/{conversation}/export", params={"format": "pdf"}).status_code == 422


def test_another_keys_conversation_is_unknown(app: FastAPI) -> None:
    owner: list[str | None] = ["one"]
    app.dependency_overrides[owner_of] = lambda: owner[0]
    with TestClient(app, headers={"X-Sanad-Client": "b" * 43}) as client:
        answer = ask(client)
        conversation = f"/v1/conversations/{answer['conversation_id']}"
        for other in ("two", None):
            owner[0] = other
            assert listed(client) == []
            for response in (
                client.get(conversation),
                client.get(f"{conversation}/export"),
                client.patch(conversation, json={"title": "x"}),
                client.delete(conversation),
                client.put(f"/v1/answers/{answer['id']}/feedback", json={"verdict": "up"}),
                client.delete(f"/v1/answers/{answer['id']}/feedback"),
                client.post("/v1/answers", json={"question": BRIDGE, "conversation_id": answer["conversation_id"]}),
            ):
                assert response.status_code == 404
        owner[0] = "one"
        assert [turn["question"] for turn in client.get(conversation).json()["turns"]] == [BRIDGE]


def test_order_does_not_depend_on_the_clock(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(datetime):
        moment = datetime(2030, 1, 1, tzinfo=UTC)

        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return cls.moment

    monkeypatch.setattr(history, "datetime", Clock)
    first = ask(client)["conversation_id"]
    questions = [BRIDGE]
    for year in (2020, 2035, 1999):
        Clock.moment = datetime(year, 1, 1, tzinfo=UTC)
        questions.append(f"ماذا قيل عن الجسر سنة {year}؟")
        ask(client, questions[-1], conversation_id=first)
    second = ask(client)["conversation_id"]
    assert [turn["question"] for turn in client.get(f"/v1/conversations/{first}").json()["turns"]] == questions
    assert [c["id"] for c in listed(client)] == [second, first]


def test_conversations_are_forgotten_after_the_days_of_the_setting(
    app: FastAPI, real: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    class LongAgo(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) - timedelta(days=8)

    with TestClient(app, headers={"X-Sanad-Client": "b" * 43}) as client:
        with monkeypatch.context() as patched:
            patched.setattr(history, "datetime", LongAgo)
            old, continued = ask(client)["conversation_id"], ask(client)["conversation_id"]
        ask(client, "وما طوله؟", conversation_id=continued)
    kept = create_app(real.settings, real)
    with TestClient(kept, headers={"X-Sanad-Client": "b" * 43}) as client:
        assert {c["id"] for c in listed(client)} == {old, continued}
    forgetful = create_app(real.settings.model_copy(update={"retention_days": 7}), real)
    with TestClient(forgetful, headers={"X-Sanad-Client": "b" * 43}) as client:
        assert [c["id"] for c in listed(client)] == [continued]
        assert client.get(f"/v1/conversations/{old}").status_code == 404


def test_forgetting_goes_on_while_serving(real: Engine, app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "EVERY_SECONDS", 0.01)
    forgotten = threading.Event()
    failures = iter([StorageFailed(reason="disk I/O error", retry_after=30)])

    def forget(before: datetime) -> int:
        for failure in failures:
            raise failure  # The first time, which stops nothing.
        forgotten.set()
        return 0

    monkeypatch.setattr(real.history, "forget", forget)
    with TestClient(create_app(real.settings.model_copy(update={"retention_days": 7}), real)):
        assert forgotten.wait(20)
