"""The OpenAI-compatible routes, asked by OpenAI's own client over a socket."""

from __future__ import annotations

import json
import socket
import threading
import time

import httpx
import openai
import pytest
import uvicorn

from retrieval.errors import ModelUnavailable
from retrieval.models import Answer
from retrieval.settings import Settings
from server.app import create_app

QUESTION = "ماذا قالت البلدية عن حديقة المدينة والميناء؟"


@pytest.fixture
def url(app):
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    server.should_exit = True
    thread.join()


@pytest.fixture
def sdk(url):
    with openai.OpenAI(
        base_url=url, api_key="none", max_retries=0, http_client=httpx.Client(trust_env=False)
    ) as client:
        yield client


def user(text):
    return {"role": "user", "content": text}


def test_an_answer_has_footnotes_and_the_answer_as_data(sdk, engine, texts):
    completion = sdk.chat.completions.create(model="sanad", messages=[user(QUESTION)])
    text = completion.choices[0].message.content
    grounds = completion.sanad
    assert completion.object == "chat.completion"
    assert completion.choices[0].finish_reason == "stop"
    assert len(grounds["sentences"]) > 2
    body, notes = text.split("\n\nالمصادر:\n\n")
    assert body.split("\n") == [
        f"{s['text']} {''.join(f'[{n}]' for n in s['citations'])}" for s in grounds["sentences"]
    ]
    for citation, note in zip(grounds["citations"], notes.split("\n\n"), strict=True):
        assert note == f"[{citation['number']}] {citation['article_id']}: «{citation['quote']}»"
        assert texts[citation["article_id"]][citation["start"] : citation["end"]] == citation["quote"]
    assert {"status", "mode", "confidence", "perspectives", "standalone_question"} <= grounds.keys()
    usage = completion.usage
    assert usage.prompt_tokens == engine.token_count(QUESTION)
    assert usage.completion_tokens == engine.token_count(text)
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens


def test_a_stream_makes_the_same_text_and_ends_with_done(sdk, url):
    whole = sdk.chat.completions.create(model="sanad", messages=[user(QUESTION)])
    chunks = list(
        sdk.chat.completions.create(
            model="sanad", messages=[user(QUESTION)], stream=True, stream_options={"include_usage": True}
        )
    )
    assert chunks[0].choices[0].delta.role == "assistant"
    pieces = [chunk.choices[0].delta.content or "" for chunk in chunks[:-1]]
    assert "".join(pieces) == whole.choices[0].message.content
    assert len([piece for piece in pieces if piece]) == len(whole.sanad["sentences"]) + 1
    assert [chunk.choices[0].finish_reason for chunk in chunks[:-1]] == [None] * (len(chunks) - 2) + ["stop"]
    assert chunks[-2].sanad["citations"] == whole.sanad["citations"]
    assert (chunks[-1].choices, chunks[-1].usage) == ([], whole.usage)
    assert len({chunk.id for chunk in chunks}) == 1
    raw = httpx.post(
        f"{url}/chat/completions",
        json={"model": "sanad", "messages": [user(QUESTION)], "stream": True},
        trust_env=False,
    )
    assert raw.headers["content-type"].startswith("text/event-stream")
    assert raw.text.rstrip().splitlines()[-1] == "data: [DONE]"
    assert "usage" not in raw.text


def test_earlier_questions_go_along_and_nothing_is_stored(sdk, engine):
    messages = [
        {"role": "system", "content": "Be brief."},
        user("ماذا قال سامر العلي؟"),
        {"role": "assistant", "content": "قال … [1]", "refusal": None},
        {"role": "user", "content": [{"type": "text", "text": "وماذا عن"}, {"type": "text", "text": "الميناء؟"}]},
    ]
    completion = sdk.chat.completions.create(model="sanad-extractive", messages=messages)
    assert engine.calls[-1]["question"] == "وماذا عن\nالميناء؟"
    assert engine.calls[-1]["before"] == ("ماذا قال سامر العلي؟",)
    assert engine.calls[-1]["mode"] == "extractive"
    assert "conversation_id" not in completion.sanad


def test_an_abstention_says_so(sdk):
    completion = sdk.chat.completions.create(model="sanad", messages=[user("xyz?")])
    assert completion.sanad["status"] == "abstained"
    assert completion.choices[0].message.content == "لا جواب في المصادر."
    chunks = list(sdk.chat.completions.create(model="sanad", messages=[user("xyz?")], stream=True))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "لا جواب في المصادر."


@pytest.mark.parametrize("stream", [False, True])
def test_a_budget_leaves_out_whole_sentences(sdk, stream):
    asked = {"model": "sanad", "messages": [user(QUESTION)], "max_completion_tokens": 1}
    if stream:
        chunks = list(sdk.chat.completions.create(**asked, stream=True))
        text, reason = "".join(c.choices[0].delta.content or "" for c in chunks), chunks[-1].choices[0].finish_reason
    else:
        choice = sdk.chat.completions.create(**asked).choices[0]
        text, reason = choice.message.content, choice.finish_reason
    body, notes = text.split("\n\nالمصادر:\n\n")
    assert reason == "length"
    assert len(body.split("\n")) == len(notes.split("\n\n")) == 1
    assert body.endswith(". [1]")


def test_parameters_that_only_steer_sampling_change_nothing(sdk):
    plain = sdk.chat.completions.create(model="sanad", messages=[user(QUESTION)])
    steered = sdk.chat.completions.create(
        model="sanad",
        messages=[user(QUESTION)],
        temperature=1.5,
        top_p=0.1,
        seed=7,
        user="u",
        n=1,
        presence_penalty=1,
        metadata={"a": "b"},
        response_format={"type": "text"},
        tools=[],
        tool_choice="auto",
    )
    assert steered.choices == plain.choices


@pytest.mark.parametrize(
    ("asked", "param"),
    [
        ({"n": 2}, "n"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"logprobs": True}, "logprobs"),
        ({"stop": ["x"]}, "stop"),
        ({"stop": "x"}, "stop"),
        ({"modalities": ["text", "audio"]}, "modalities"),
    ],
)
def test_what_quotations_cannot_give_is_refused_by_name(sdk, asked, param):
    with pytest.raises(openai.BadRequestError) as caught:
        sdk.chat.completions.create(model="sanad", messages=[user(QUESTION)], **asked)
    assert (caught.value.param, caught.value.code) == (param, "unsupported_parameter")
    assert param in caught.value.body["message_ar"]


@pytest.mark.parametrize(
    ("asked", "code", "param"),
    [
        ({"extra_body": {"temprature": 1}}, "unknown_parameter", "temprature"),
        ({"temperature": 3}, "invalid_value", "temperature"),
        ({"messages": []}, "invalid_value", "messages"),
        ({"messages": [{"role": "cat", "content": "x"}]}, "invalid_value", "messages[0].role"),
        ({"messages": [user("؟")]}, "empty_question", None),
        ({"messages": [{"role": "user", "content": None}]}, "empty_question", None),
        ({"messages": [user("x" * 2001)]}, "question_too_long", None),
        ({"messages": [user("س"), {"role": "assistant", "content": "ج"}]}, "no_question", None),
        ({"model": "sanad-generative"}, "llm_not_configured", None),
    ],
)
def test_bad_requests_have_openais_shape(sdk, asked, code, param):
    with pytest.raises(openai.BadRequestError) as caught:
        sdk.chat.completions.create(**{"model": "sanad", "messages": [user(QUESTION)], **asked})
    error = caught.value
    assert (error.code, error.param, error.type) == (code, param, "invalid_request_error")
    assert any("\u0621" <= c <= "\u064a" for c in error.body["message_ar"])


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{", {"content-type": "application/json"}, 400, "malformed_json"),
        (b"\xff", {"content-type": "application/json"}, 400, "not_utf_8"),
        (b"{}", {"content-type": "text/plain"}, 415, "unsupported_media_type"),
        (b" " * (2**20 + 1), {"content-type": "application/json"}, 413, "body_too_large"),
    ],
)
def test_requests_that_cannot_be_read_too(client, body, headers, status, code):
    response = client.post("/v1/chat/completions", content=body, headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert response.headers["content-type"] == "application/json"


def test_a_long_history_fits(client, engine):
    earlier = [user("سؤال " * 20), {"role": "assistant", "content": "جواب " * 2000}] * 20
    response = client.post(
        "/v1/chat/completions",
        content=json.dumps({"model": "sanad", "messages": [*earlier, user(QUESTION)]}, ensure_ascii=False).encode(),
        headers={"content-type": "application/json"},
    )
    assert response.status_code == 200
    assert len(engine.calls[-1]["before"]) == 20


def test_an_unknown_model_is_not_found(sdk):
    with pytest.raises(openai.NotFoundError) as caught:
        sdk.chat.completions.create(model="gpt-4o", messages=[user(QUESTION)])
    assert caught.value.code == "model_not_found"
    with pytest.raises(openai.NotFoundError):
        sdk.models.retrieve("gpt-4o")


def test_a_failure_in_the_middle_of_a_stream_is_told_to_the_client(sdk, engine):
    engine.fails_after = (1, ModelUnavailable(model="m", reason="gone"))
    stream = sdk.chat.completions.create(model="sanad", messages=[user(QUESTION)], stream=True)
    assert next(stream).choices
    with pytest.raises(openai.APIError, match="Cannot load the embedding model m") as caught:
        list(stream)
    assert caught.value.code == "model_unavailable"


def test_what_nobody_foresaw_is_500_and_tells_nothing(client, engine, monkeypatch):
    monkeypatch.setattr(engine, "answer", lambda *a, **k: 1 / 0)
    response = client.post("/v1/chat/completions", json={"model": "sanad", "messages": [user(QUESTION)]})
    assert response.status_code == 500
    assert response.json()["error"]["type"] == "server_error"
    assert "division" not in response.text


def test_models_are_those_that_can_be_asked(portal, sdk, new_engine):
    assert [model.id for model in sdk.models.list()] == ["sanad", "sanad-extractive"]
    assert sdk.models.retrieve("sanad").owned_by == "sanad"
    engine = new_engine(Settings(llm_base_url="http://127.0.0.1:1/v1", llm_model="m"))
    transport = httpx.ASGITransport(create_app(engine.settings, engine))

    async def listed():
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return (await client.get("/v1/models")).json()

    assert [model["id"] for model in portal.call(listed)["data"]] == ["sanad", "sanad-extractive", "sanad-generative"]


def test_the_text_of_an_answer_from_the_shipped_articles_is_cited_exactly(corpus_index, embedder):
    from fastapi.testclient import TestClient

    from retrieval.engine import Engine

    engine = Engine(Settings(index=corpus_index), embedder=embedder)
    try:
        with TestClient(create_app(engine.settings, engine)) as client:
            before = [user("ماذا قال بقائي عن المفاوضات؟"), {"role": "assistant", "content": "…"}]
            body = client.post(
                "/v1/chat/completions", json={"model": "sanad", "messages": [*before, user("وماذا عن عزيزي؟")]}
            ).json()
            asked = client.post("/v1/answers", json={"question": before[0]["content"]}).json()
            stored = client.post(
                "/v1/answers", json={"question": "وماذا عن عزيزي؟", "conversation_id": asked["conversation_id"]}
            ).json()
    finally:
        engine.close()
    answer = Answer.model_validate_json(json.dumps(stored))
    assert body["sanad"]["standalone_question"] == answer.standalone_question != answer.question
    assert body["sanad"]["citations"] == stored["citations"]
    assert body["choices"][0]["message"]["content"].startswith(answer.text)
    assert body["usage"]["completion_tokens"] > 20
