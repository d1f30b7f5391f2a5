"""What each endpoint answers to a good request."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from retrieval.errors import EmptyIndex
from retrieval.models import Answer, ArticleDetail, Conversation, Filters
from retrieval.settings import Settings
from server.app import create_app

QUESTION = "ماذا قال المهندس سامر العلي؟"


def ask(client, **body):
    return client.post("/v1/answers", json={"question": QUESTION, **body})


def test_an_answer_is_the_engines_with_citations_exact_in_the_article(client):
    response = ask(client)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    answer = Answer.model_validate_json(response.content)
    assert answer.status == "answered"
    assert answer.sentences
    for citation in answer.citations:
        text = client.get(f"/v1/articles/{quote(citation.article_id)}").json()["text"]
        assert text[citation.start : citation.end] == citation.quote


def test_arabic_is_sent_as_utf8_not_as_escapes(client):
    assert "سامر العلي".encode() in ask(client).content


def test_a_conversation_is_created_continued_and_read_back(client):
    first = ask(client).json()["conversation_id"]
    assert ask(client, question="وماذا عن قطار الساحل؟", conversation_id=first).json()["conversation_id"] == first
    assert ask(client).json()["conversation_id"] != first
    conversation = Conversation.model_validate_json(client.get(f"/v1/conversations/{first}").content)
    assert [turn.question for turn in conversation.turns] == [QUESTION, "وماذا عن قطار الساحل؟"]


def test_filters_and_mode_reach_the_engine(client, engine):
    body = {"filters": {"article_ids": ["قطار-الساحل"], "published_from": "2025-01-31"}, "mode": "extractive"}
    answer = ask(client, question="المدينة", **body).json()
    assert {citation["article_id"] for citation in answer["citations"]} == {"قطار-الساحل"}
    assert engine.calls[-1]["filters"] == Filters.model_validate(body["filters"])
    assert engine.calls[-1]["mode"] == "extractive"


def test_explicit_nulls_are_defaults(client):
    assert ask(client, conversation_id=None, mode=None, filters=None).status_code == 200


def test_an_abstention_is_an_answer(client):
    response = ask(client, question="كوكب زحل")
    assert response.status_code == 200
    assert response.json()["status"] == "abstained"


def test_a_body_with_a_byte_order_mark_is_read(client):
    body = b"\xef\xbb\xbf" + f'{{"question": "{QUESTION}"}}'.encode()
    response = client.post("/v1/answers", content=body, headers={"content-type": "Application/JSON; charset=utf-8"})
    assert response.status_code == 200


def test_search_gives_hits_best_first_within_the_limit(client):
    hits = client.get("/v1/search", params={"q": "قطار الساحل", "limit": 2}).json()["hits"]
    assert hits[0]["passage"]["article_id"] == "قطار-الساحل"
    assert len(hits) == 2
    assert hits[0]["score"] >= hits[1]["score"]


def test_articles_are_listed_by_page(client, texts):
    everything = client.get("/v1/articles").json()["articles"]
    assert [article["id"] for article in everything] == list(texts)
    assert "text" not in everything[0]
    assert client.get("/v1/articles", params={"offset": 1, "limit": 1}).json()["articles"] == everything[1:2]


@pytest.mark.parametrize("version", ["", "?version=1"])
@pytest.mark.parametrize("article_id", ["حديقة-المدينة", "harbour/lines"])
def test_an_article_is_found_by_its_id_whatever_letters_it_has(client, texts, article_id, version):
    response = client.get(f"/v1/articles/{quote(article_id, safe='')}{version}")
    article = ArticleDetail.model_validate_json(response.content)
    assert article.text == texts[article_id]
    assert all(article.text[s.start : s.end] == s.text for s in article.sentences)


def test_examples_are_in_the_language_asked_for(client):
    arabic = client.get("/v1/examples").json()["questions"]
    assert arabic
    assert arabic != client.get("/v1/examples", params={"language": "en"}).json()["questions"]


def test_readiness_follows_the_engine_and_health_does_not(client, engine, texts):
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {
        "status": "ready",
        "articles": len(texts),
        "generation": 3,
        "model": engine.settings.embedding_model,
        "mode": "extractive",
    }
    engine.unready = EmptyIndex(index="/nowhere")
    refused = client.get("/readyz")
    assert refused.status_code == 503
    assert refused.json()["type"] == "urn:sanad:problem:empty-index"
    assert client.get("/healthz").json() == {"status": "ok"}


def test_the_root_page_links_to_what_exists_and_can_be_left_out(client, engine):
    root = client.get("/").json()
    assert client.get(root["docs"]).status_code == 200
    assert client.get(root["openapi"]).json()["info"]["version"] == root["version"]
    bare = TestClient(create_app(engine.settings, engine, root_page=False))
    assert bare.get("/").status_code == 404


def test_every_response_has_a_request_id_and_security_headers(client):
    for response in (client.get("/healthz"), client.get("/nowhere"), ask(client, question="")):
        assert len(response.headers["x-request-id"]) == 32
        assert response.headers["x-content-type-options"] == "nosniff"
    assert client.get("/healthz", headers={"X-Request-ID": "abc-1"}).headers["x-request-id"] == "abc-1"
    assert client.get("/healthz", headers={"X-Request-ID": "a b"}).headers["x-request-id"] != "a b"


def test_an_engine_is_opened_and_closed_with_the_application(new_engine, monkeypatch):
    opened = []

    def open_engine(settings):
        opened.append(new_engine(settings))
        return opened[0]

    monkeypatch.setattr("server.app._open", open_engine)
    settings = Settings(question_characters=100)
    with TestClient(create_app(settings)) as client:
        assert ask(client).status_code == 200
        assert opened[0].settings is settings
        assert not opened[0].closed
    assert opened[0].closed


def test_a_given_engine_is_left_open(engine):
    with TestClient(create_app(engine.settings, engine)) as client:
        assert ask(client).status_code == 200
    assert not engine.closed
