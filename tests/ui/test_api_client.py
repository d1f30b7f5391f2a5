"""The page's HTTP client: what it understands, and how it tells failures apart."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from anyio.from_thread import BlockingPortal

from ui.client import Answer, Api, ApiError, CitedSentence, Started

Handler = Callable[[httpx.Request], httpx.Response]

STARTED = {"id": "a", "conversation_id": "c", "standalone_question": "سؤال"}
SENTENCE = {"sentence": {"text": "جملة\u2028ثانية", "citations": [1]}, "citations": []}
ANSWER = {
    "conversation_id": "c",
    "standalone_question": "سؤال",
    "status": "answered",
    "mode": "extractive",
    "text": "جملة",
    "confidence": 0.9,
    "field_of_a_newer_server": True,
}


class Chunks(httpx.AsyncByteStream):
    """A body that arrives in pieces of one size, then perhaps breaks."""

    def __init__(self, body: str, size: int, error: Exception | None = None) -> None:
        self.body, self.size, self.error = body.encode(), size, error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self.body), self.size):
            yield self.body[start : start + self.size]
        if self.error:
            raise self.error


def event(name: str, data: Any, end: str = "\r\n") -> str:
    return f"event: {name}{end}data: {json.dumps(data, ensure_ascii=False)}{end}{end}"


def api(handler: Handler) -> Api:
    return Api("http://api.test", transport=httpx.MockTransport(handler))


@pytest.fixture
def events_of(portal: BlockingPortal) -> Callable[[httpx.AsyncByteStream], list[Any]]:
    """The events that the client reads from a stream."""

    async def collect(stream: httpx.AsyncByteStream) -> list[Any]:
        client = api(lambda _: httpx.Response(200, stream=stream))
        return [part async for part in client.answer("سؤال")]

    return lambda stream: portal.call(collect, stream)


@pytest.fixture
def error_of(portal: BlockingPortal) -> Callable[[Handler], ApiError]:
    """The error that the client makes of an answer."""

    async def collect(handler: Handler) -> None:
        async for _ in api(handler).answer("سؤال"):
            pass

    def error(handler: Handler) -> ApiError:
        with pytest.raises(ApiError) as caught:
            portal.call(collect, handler)
        return caught.value

    return error


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize("size", [1, 2, 7, 100_000])
def test_stream_is_read_however_it_is_cut(events_of: Any, end: str, size: int) -> None:
    body = f": ping{end}{end}" + event("started", STARTED, end) + event("unheard-of", {}, end)
    body += event("sentence", SENTENCE, end) + event("answer", ANSWER, end)
    started, sentence, answer = events_of(Chunks(body, size))
    assert isinstance(started, Started)
    assert isinstance(sentence, CitedSentence)
    assert isinstance(answer, Answer)
    assert sentence.sentence.text == "جملة\u2028ثانية"  # a line separator inside JSON ends no line
    assert answer.confidence == 0.9


def test_stream_that_ends_or_breaks_early_is_cut_off(events_of: Any) -> None:
    body = event("started", STARTED)
    for error in (None, httpx.ReadError("reset"), httpx.RemoteProtocolError("closed")):
        with pytest.raises(ApiError) as caught:
            events_of(Chunks(body, 64, error))
        assert caught.value.code == "cut-off"


def test_error_event_carries_the_servers_words(events_of: Any) -> None:
    problem = {"type": "urn:sanad:problem:internal-error", "detail": "Oops.", "detail_ar": "عذرًا."}
    with pytest.raises(ApiError) as caught:
        events_of(Chunks(event("started", STARTED) + event("error", problem), 64))
    assert caught.value.code == "internal-error"
    assert caught.value.messages == {"en": "Oops.", "ar": "عذرًا."}


@pytest.mark.parametrize(
    ("response", "code"),
    [
        (httpx.Response(422, json={"type": "urn:sanad:problem:empty-question", "detail": "Empty."}), "empty-question"),
        (httpx.Response(502, text="<html>"), "bad-response"),
        (httpx.Response(404, json={"detail": "Not Found"}), "bad-response"),
        (httpx.Response(500, json=["?"]), "bad-response"),
        (httpx.Response(200, text=event("answer", {"status": "perhaps"})), "bad-response"),
        (httpx.Response(200, text="event: answer\ndata: {not json\n\n"), "bad-response"),
        (httpx.Response(200, text="<html>a wholly different page</html>"), "cut-off"),
    ],
)
def test_refusals_and_strange_answers_have_a_code(error_of: Any, response: httpx.Response, code: str) -> None:
    assert error_of(lambda _: response).code == code


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (httpx.ConnectError("refused"), "unreachable"),
        (httpx.ConnectTimeout("no route"), "unreachable"),
        (httpx.ReadTimeout("slow"), "too-slow"),
        (httpx.ReadError("reset"), "cut-off"),
    ],
)
def test_failing_connections_are_told_apart(error_of: Any, failure: httpx.HTTPError, code: str) -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        raise failure

    assert error_of(handler).code == code


def test_ids_are_quoted_and_the_version_is_asked_for(portal: BlockingPortal) -> None:
    asked = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(200, json={"id": "x", "version": 3, "text": "نص"})

    article = portal.call(lambda: api(handler).article("../مقال ?1", version=3))
    assert article.text == "نص"
    assert asked[0].raw_path.startswith(b"/v1/articles/..%2F%D9%85")
    assert asked[0].params["version"] == "3"


def test_api_under_a_path_is_reached_there(portal: BlockingPortal) -> None:
    asked = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json={"questions": ["؟"]})

    client = Api("http://api.test/sanad", transport=httpx.MockTransport(handler))
    assert portal.call(client.examples, "ar") == ["؟"]
    assert asked == ["/sanad/v1/examples"]


@pytest.mark.parametrize(
    ("listed", "offered"),
    [(["sanad", "sanad-extractive"], ()), (["sanad", "sanad-generative"], ("extractive", "generative"))],
)
def test_a_choice_of_modes_is_there_when_the_server_has_a_language_model(
    portal: BlockingPortal, listed: list[str], offered: tuple[str, ...]
) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/models":
            return httpx.Response(200, json={"object": "list", "data": [{"id": name} for name in listed]})
        return httpx.Response(200, json={"status": "ready", "mode": "generative"})

    modes = portal.call(api(handler).modes)
    assert modes.offered == offered
    assert modes.usual == ("generative" if offered else "")


def test_the_mode_goes_with_the_question_only_when_one_is_chosen(portal: BlockingPortal) -> None:
    asked: list[dict[str, Any]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content))
        return httpx.Response(200, text=event("started", STARTED) + event("answer", ANSWER))

    async def ask_twice() -> None:
        for mode in (None, "generative"):
            async for _ in api(handler).answer("سؤال", mode=mode):
                pass

    portal.call(ask_twice)
    assert asked == [{"question": "سؤال"}, {"question": "سؤال", "mode": "generative"}]
