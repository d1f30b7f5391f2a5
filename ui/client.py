"""The page's only way to data: the Sanad API over HTTP.

What comes back is read into small types of the page's own, which keep the fields the page shows and ignore
any other, so a newer server does not break an older page.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from ipaddress import ip_address
from typing import Any, Literal, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ValidationError

from ui.visitor import introduction

# Reading waits longest: a language model may think for half a minute before its first verified sentence.
TIMEOUT = httpx.Timeout(10.0, connect=5.0, read=90.0)


class Attribution(BaseModel):
    """Who a sentence is said by and how."""

    speaker: str | None = None
    role: str | None = None
    outlet: str | None = None
    direct_quote: bool = False
    stance: str = "asserts"
    denies: str | None = None


class Citation(BaseModel):
    """The words of an article that an answer stands on: ``article.text[start:end] == quote``."""

    number: int
    article_id: str
    article_version: int
    start: int
    end: int
    quote: str
    title: str | None = None
    source: str | None = None
    published: date | None = None


class AnswerSentence(BaseModel):
    """One sentence of an answer with the numbers of its citations."""

    text: str
    citations: list[int] = []
    attribution: Attribution | None = None
    when: str | None = None


class Perspective(BaseModel):
    """What one speaker or outlet says: indexes of answer sentences, and of the perspective it denies."""

    speaker: str | None = None
    role: str | None = None
    outlet: str | None = None
    stance: str = "asserts"
    sentences: list[int]
    denies: int | None = None


class Answer(BaseModel):
    """A whole answer."""

    id: str = ""
    conversation_id: str | None = None
    standalone_question: str
    status: Literal["answered", "partial", "abstained"]
    mode: str
    text: str
    sentences: list[AnswerSentence] = []
    citations: list[Citation] = []
    perspectives: list[Perspective] = []
    related: list[Citation] = []
    confidence: float
    notes: list[str] = []


class Started(BaseModel):
    """The first event of a streamed answer."""

    conversation_id: str
    standalone_question: str


class CitedSentence(BaseModel):
    """A sentence as it is streamed, with the citations it is the first to use."""

    sentence: AnswerSentence
    citations: list[Citation] = []


class ArticleSentence(BaseModel):
    """A sentence's span in its article, and who says it."""

    start: int
    end: int
    attribution: Attribution | None = None


class Article(BaseModel):
    """A stored article version."""

    id: str
    version: int
    title: str | None = None
    source: str | None = None
    published: date | None = None
    language: str | None = None
    topics: list[str] = []
    text: str
    sentences: list[ArticleSentence] = []


class Feedback(BaseModel):
    """What the reader thinks of an answer: ``up`` or ``down``, why, and in his own words."""

    verdict: str
    reason: str | None = None
    text: str | None = None


class ListedArticle(BaseModel):
    """An article as it is listed."""

    id: str
    title: str | None = None
    source: str | None = None
    published: date | None = None
    topics: list[str] = []
    sentences: int = 0


class ArticleListing(BaseModel):
    """A page of the articles that fit, and how many fit in all."""

    articles: list[ListedArticle]
    total: int


class Source(BaseModel):
    """A source of articles; ``source`` is ``None`` for the unknown one."""

    source: str | None = None
    articles: int


class _Sources(BaseModel):
    sources: list[Source]


class Mark(BaseModel):
    """A sentence that a voice says."""

    stance: str
    outlet: str | None = None
    denies: str | None = None
    citation: Citation


class Voice(BaseModel):
    """A person, body or medium, and what is attributed to it."""

    speaker: str | None = None
    role: str | None = None
    outlet: str | None = None
    marks: list[Mark]


class Voices(BaseModel):
    """Who says what about a topic."""

    topic: str | None = None
    voices: list[Voice]
    truncated: bool = False


class TimelineEntry(BaseModel):
    """A sentence at a date, or from one to another."""

    start: date
    end: date
    dated_by: str
    words: str | None = None
    attribution: Attribution | None = None
    citation: Citation


class Timeline(BaseModel):
    """Dated sentences, earliest first."""

    topic: str | None = None
    entries: list[TimelineEntry]
    truncated: bool = False


class Figure(BaseModel):
    """A figure with the bounds of its interval."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


class EvaluatedGroup(BaseModel):
    """The figures of some of the questions."""

    cases: int
    metrics: dict[str, Figure]


class Evaluation(BaseModel):
    """The last evaluation."""

    date: datetime
    model: str | None = None
    cases: int
    passed: int
    metrics: dict[str, Figure]
    suites: dict[str, EvaluatedGroup] = {}
    tags: dict[str, EvaluatedGroup] = {}


class JobFile(BaseModel):
    """A file that was sent, and what became of it."""

    name: str
    outcome: str
    detail: str | None = None
    detail_ar: str | None = None


class Job(BaseModel):
    """How the adding of articles goes: ``done`` of ``total`` files or articles, by ``state``."""

    id: str
    state: str
    done: int = 0
    total: int | None = None
    files: list[JobFile] = []

    @property
    def ended(self) -> bool:
        """Whether nothing more will change."""
        return self.state in ("done", "failed", "interrupted")


class PastTurn(BaseModel):
    """A question of an earlier conversation with its answer."""

    question: str
    answer: Answer
    feedback: Feedback | None = None


class Conversation(BaseModel):
    """The turns of a conversation in order."""

    id: str
    turns: list[PastTurn]


class ListedConversation(BaseModel):
    """A conversation without its turns."""

    id: str
    title: str | None = None
    updated: datetime | None = None
    turns: int = 0


class _Conversations(BaseModel):
    conversations: list[ListedConversation]


class _Articles(BaseModel):
    articles: list[dict[str, Any]]


class _Examples(BaseModel):
    questions: list[str]


class _ListedModel(BaseModel):
    id: str


class _Models(BaseModel):
    data: list[_ListedModel]


class _Readiness(BaseModel):
    mode: str


MODES = ("extractive", "generative")
GENERATIVE_MODEL = "sanad-generative"
"""What ``/v1/models`` lists once a language model is set on the server."""


class Modes(BaseModel):
    """The ways to be answered that can be chosen, none if there is one only; ``usual`` is the server's own."""

    offered: tuple[str, ...] = ()
    usual: str = ""


Event = Started | CitedSentence | Answer
_EVENTS: dict[str, type[BaseModel]] = {"started": Started, "sentence": CitedSentence, "answer": Answer}
_Model = TypeVar("_Model", bound=BaseModel)


class ApiError(Exception):
    """A request that gave no answer.

    ``code`` is the server's problem code, or one of the page's own: ``unreachable`` (no connection),
    ``too-slow``, ``cut-off`` (the stream ended early), ``bad-response`` (not this API). ``messages``
    holds the server's own words by language where it sent them; ``retry_after`` the seconds it asks to wait.
    """

    def __init__(self, code: str, messages: dict[str, str] | None = None, *, retry_after: int | None = None) -> None:
        self.code = code
        self.messages = messages or {}
        self.retry_after = retry_after
        super().__init__(self.messages.get("en") or code)


async def _introduce(request: httpx.Request) -> None:
    """Say whom the page asks for: the visitor whose event is being handled."""
    request.headers.update(introduction())


class Api:
    """Client of one Sanad server; one instance serves every visitor of the page.

    Example:
        >>> api = Api("http://127.0.0.1:8000")
        >>> async for event in api.answer("ما دور سلطنة عمان؟"):
        ...     print(event)
    """

    def __init__(
        self,
        url: str,
        *,
        key: str | None = None,
        secret: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """``key`` is an API key; ``secret`` what the server that this page runs in knows the page by."""
        # A proxy named in the environment is for the outside; it cannot reach this machine's own loopback.
        outside = not _is_loopback(url)
        known = {"X-API-Key": key, "X-Sanad-Page": secret}
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={name: value for name, value in known.items() if value},
            event_hooks={"request": [_introduce]},
            timeout=TIMEOUT,
            transport=transport,
            trust_env=outside,
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def answer(
        self,
        question: str,
        *,
        conversation_id: str | None = None,
        replaces: str | None = None,
        mode: str | None = None,
    ) -> AsyncIterator[Event]:
        """Ask, and yield ``Started``, each ``CitedSentence`` as it is verified, then the ``Answer``.

        ``replaces`` is the id of an answer of the conversation; it and what follows it give way to this one.
        ``mode`` is one of ``MODES``; without it the server answers as it is set.

        Raises:
            ApiError: the server is away, refuses the question, or stops before the answer is whole.
        """
        body = {"question": question}
        if conversation_id:
            body["conversation_id"] = conversation_id
            if replaces:
                body["replaces"] = replaces
        if mode:
            body["mode"] = mode
        headers = {"Accept": "text/event-stream"}
        try:
            async with self._http.stream("POST", "v1/answers", json=body, headers=headers) as response:
                if response.is_error:
                    await response.aread()
                    raise _refusal(response)
                async for name, data in _server_sent(response):
                    if name == "error":
                        raise _problem(_json(data))
                    if name in _EVENTS:
                        event: Any = _parse(_EVENTS[name], _json(data))
                        yield event
                    if name == "answer":
                        return
        except httpx.HTTPError as error:
            raise _transport(error) from error
        raise ApiError("cut-off")

    async def article(self, article_id: str, *, version: int | None = None) -> Article:
        """The article version with its full text. Raises ``ApiError``."""
        params = {} if version is None else {"version": version}
        return await self._get(Article, f"v1/articles/{quote(article_id, safe='')}", params)

    async def conversation(self, conversation_id: str) -> Conversation:
        """An earlier conversation. Raises ``ApiError`` (``unknown-conversation`` when lost)."""
        return await self._get(Conversation, f"v1/conversations/{quote(conversation_id, safe='')}", {})

    async def examples(self, language: str) -> list[str]:
        """Questions that the articles at hand answer. Raises ``ApiError``."""
        return (await self._get(_Examples, "v1/examples", {"language": language})).questions

    async def modes(self) -> Modes:
        """The ways to be answered that a reader can choose between. Raises ``ApiError``."""
        models = (await self._get(_Models, "v1/models", {})).data
        if GENERATIVE_MODEL not in [model.id for model in models]:
            return Modes()
        return Modes(offered=MODES, usual=(await self._get(_Readiness, "readyz", {})).mode)

    async def is_empty(self) -> bool:
        """Whether there are no articles at all. Raises ``ApiError``."""
        return not (await self._get(_Articles, "v1/articles", {"limit": 1})).articles

    async def conversations(self, query: str, *, limit: int) -> list[ListedConversation]:
        """This reader's conversations, the latest first; with a query, those that hold its words."""
        params = {"limit": limit} | ({"q": query} if query else {})
        return (await self._get(_Conversations, "v1/conversations", params)).conversations

    async def rename(self, conversation_id: str, title: str) -> None:
        """Give a conversation another title. Raises ``ApiError``."""
        await self._request("PATCH", f"v1/conversations/{quote(conversation_id, safe='')}", json={"title": title})

    async def delete(self, conversation_id: str) -> None:
        """Delete a conversation for good. Raises ``ApiError``."""
        await self._request("DELETE", f"v1/conversations/{quote(conversation_id, safe='')}")

    async def export(self, conversation_id: str, file_format: str) -> str:
        """A conversation as a file's text, in ``markdown`` or ``json``. Raises ``ApiError``."""
        path = f"v1/conversations/{quote(conversation_id, safe='')}/export"
        return (await self._request("GET", path, params={"format": file_format})).text

    async def rate(self, answer_id: str, feedback: Feedback) -> None:
        """Tell what the reader thinks of an answer, in place of what he thought before. Raises ``ApiError``."""
        body = feedback.model_dump(exclude_none=True)
        await self._request("PUT", f"v1/answers/{quote(answer_id, safe='')}/feedback", json=body)

    async def articles(
        self,
        query: str = "",
        *,
        source: str | None = None,
        since: date | None = None,
        until: date | None = None,
        offset: int = 0,
        limit: int = 20,
    ) -> ArticleListing:
        """The articles that fit, newest or best first; ``source=""`` is the unknown one. Raises ``ApiError``."""
        given = {"q": query or None, "source": source, "published_from": since, "published_to": until}
        return await self._get(ArticleListing, "v1/articles", _given(given) | {"offset": offset, "limit": limit})

    async def sources(self) -> list[Source]:
        """Where the articles come from. Raises ``ApiError``."""
        return (await self._get(_Sources, "v1/sources", {})).sources

    async def voices(self, topic: str = "", *, limit: int) -> Voices:
        """Who says what about a topic, or about anything. Raises ``ApiError``."""
        return await self._get(Voices, "v1/voices", _given({"q": topic or None}) | {"limit": limit})

    async def timeline(
        self, topic: str = "", *, since: date | None = None, until: date | None = None, limit: int
    ) -> Timeline:
        """Dated sentences about a topic, or about anything. Raises ``ApiError``."""
        given = {"q": topic or None, "from": since, "to": until}
        return await self._get(Timeline, "v1/timeline", _given(given) | {"limit": limit})

    async def evaluation(self) -> Evaluation:
        """The last evaluation. Raises ``ApiError`` (``no-evaluation`` when there is none)."""
        return await self._get(Evaluation, "v1/evaluation", {})

    async def add_articles(self, files: Sequence[tuple[str, bytes]]) -> Job:
        """Send files, each a name and its content, to become articles. Raises ``ApiError``."""
        parts = [("files", (name, content, "application/octet-stream")) for name, content in files]
        response = await self._request("POST", "v1/articles", files=parts)
        return _parse(Job, _json(response.text))

    async def follow(self, job_id: str) -> AsyncIterator[Job]:
        """A job whenever it has changed, until it has ended. Raises ``ApiError``."""
        headers = {"Accept": "text/event-stream"}
        path = f"v1/jobs/{quote(job_id, safe='')}"
        try:
            async with self._http.stream("GET", path, headers=headers) as response:
                if response.is_error:
                    await response.aread()
                    raise _refusal(response)
                async for name, data in _server_sent(response):
                    if name == "job":
                        job = _parse(Job, _json(data))
                        yield job
                        if job.ended:
                            return
        except httpx.HTTPError as error:
            raise _transport(error) from error
        raise ApiError("cut-off")

    async def _get(self, model: type[_Model], path: str, params: dict[str, Any]) -> _Model:
        response = await self._request("GET", path, params=params)
        return _parse(model, _json(response.text))

    async def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            response = await self._http.request(method, path, **options)
        except httpx.HTTPError as error:
            raise _transport(error) from error
        if response.is_error:
            raise _refusal(response)
        return response


def _given(values: dict[str, Any]) -> dict[str, Any]:
    """The values that are there, dates as ISO 8601 has them."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
        if value is not None
    }


async def _server_sent(response: httpx.Response) -> AsyncIterator[tuple[str, str]]:
    """The (event, data) pairs of a ``text/event-stream`` body (WHATWG HTML standard, section 9.2)."""
    name = "message"
    data: list[str] = []
    async for line in _lines(response):
        if not line:
            if data:
                yield name, "\n".join(data)
            name, data = "message", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)


async def _lines(response: httpx.Response) -> AsyncIterator[str]:
    """Lines ended by LF, CR LF or CR only.

    ``httpx.Response.aiter_lines`` also breaks at U+2028 and U+0085, which JSON may hold unescaped.
    """
    rest = ""
    async for chunk in response.aiter_text():
        rest += chunk
        held = rest.endswith("\r")  # its LF may be in the next chunk
        *lines, rest = (rest[:-1] if held else rest).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        rest += "\r" if held else ""
        for line in lines:
            yield line
    if rest:
        yield rest.removesuffix("\r")


def _is_loopback(url: str) -> bool:
    host = httpx.URL(url).host
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ApiError("bad-response") from error


def _parse(model: type[_Model], value: Any) -> _Model:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise ApiError("bad-response") from error


def _problem(value: Any) -> ApiError:
    """An RFC 9457 problem as an error; anything else is not this API."""
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        return ApiError("bad-response")
    details = {"en": value.get("detail"), "ar": value.get("detail_ar")}
    messages = {language: text for language, text in details.items() if isinstance(text, str) and text}
    return ApiError(value["type"].rsplit(":", 1)[-1], messages)


def _refusal(response: httpx.Response) -> ApiError:
    """The problem of a refused request, with the time to wait if the server named one (RFC 9110, 10.2.3)."""
    error = _problem(_json(response.text))
    wait = response.headers.get("retry-after", "")
    error.retry_after = int(wait) if wait.isdigit() else None
    return error


def _transport(error: httpx.HTTPError) -> ApiError:
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return ApiError("unreachable")
    if isinstance(error, httpx.TimeoutException):
        return ApiError("too-slow")
    return ApiError("cut-off")
