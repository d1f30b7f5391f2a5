"""``sanad mcp``: the tools ``search`` and ``answer`` for assistants, by the Model Context Protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, closing
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec, Protocol, TypeVar

import anyio
import click
import httpx
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field, ValidationError

from ingest.cli import catalog_of, index_option, settings_for, worded
from retrieval.errors import SanadError
from retrieval.settings import without_password
from server.completion_schemas import ChatCompletion, Grounds
from server.schemas import SearchResults

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from retrieval.settings import Settings
    from server.workers import Workers

P = ParamSpec("P")
T = TypeVar("T")
TIMEOUT = 120.0  # seconds for an API to answer: it may ask a language model

_INSTRUCTIONS = """\
Sanad answers questions about a collection of news articles, Arabic first, and only from them. Every sentence of an
answer is cited by number to the exact words of an article, with who said them. Quote those, name the speaker, and keep
the citation; when `status` is `abstained` the articles do not answer, and `related` holds passages near but no answer.
يجيب سند من نصوص الأخبار وحدها، وكل جملة مسندة إلى موضعها وقائلها."""


class ApiFailed(SanadError):
    """The API at the given address does not answer, or not as Sanad does. Values: ``url``, ``reason``."""

    code, status = "api-failed", 502
    arabic = "لم تُجب واجهة سند في {url}: {reason}"
    english = "The Sanad API at {url} gave no answer: {reason}"


class SharedKey(SanadError):
    """Others than this machine would use the operator's API key. Values: ``host``."""

    code, status = "shared-key", 500
    arabic = "من يصل إلى {host} سيستعمل مفتاحك للواجهة: استمع على 127.0.0.1 أو احذف SANAD_API_KEY."
    english = "Whoever reaches {host} would use your API key: listen on 127.0.0.1, or leave SANAD_API_KEY out."


class CitedAnswer(Grounds):
    """An answer with what it rests on: its sentences with citations, and who says what."""

    text: str = Field(description="The sentences, one a line, with their [n].")


class Source(Protocol):
    """Where the tools get their answers from."""

    async def search(self, query: str, limit: int) -> SearchResults:
        """Passages, best first."""

    async def answer(self, question: str, earlier: tuple[str, ...]) -> CitedAnswer:
        """The cited answer."""


class LocalIndex:
    """Answers from an open engine."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers

    async def search(self, query: str, limit: int) -> SearchResults:
        """Passages, best first."""
        hits = await self._workers.run(partial(self._workers.engine.search, query, limit=limit))
        return SearchResults(hits=tuple(hits))

    async def answer(self, question: str, earlier: tuple[str, ...]) -> CitedAnswer:
        """The cited answer; nothing is stored."""
        answer = await self._workers.answer(question, before=earlier)
        return CitedAnswer(**Grounds.of(answer).model_dump(), text=answer.text)


class RemoteApi:
    """Answers from a Sanad API."""

    def __init__(self, url: str, key: str | None = None) -> None:
        self._url = without_password(url)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.AsyncClient(base_url=url.rstrip("/"), headers=headers, timeout=TIMEOUT)

    async def search(self, query: str, limit: int) -> SearchResults:
        """Passages, best first."""
        response = await self._sent(self._client.get("/v1/search", params={"q": query, "limit": limit}))
        return self._parsed(SearchResults.model_validate_json, response)

    async def answer(self, question: str, earlier: tuple[str, ...]) -> CitedAnswer:
        """The cited answer; nothing is stored."""
        messages = [{"role": "user", "content": text} for text in (*earlier, question)]
        body = {"model": "sanad", "messages": messages}
        response = await self._sent(self._client.post("/v1/chat/completions", json=body))
        completion = self._parsed(ChatCompletion.model_validate_json, response)
        # The footnotes after the blank line are the citations, which are there as data.
        text = completion.choices[0].message.content.partition("\n\n")[0]
        return CitedAnswer(**completion.sanad.model_dump(), text=text)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _sent(self, request: Coroutine[Any, Any, httpx.Response]) -> httpx.Response:
        try:
            response = await request
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ApiFailed(url=self._url, reason=str(error) or type(error).__name__) from error
        if not response.is_success:
            raise ApiFailed(url=self._url, reason=_told(response))
        return response

    def _parsed(self, parse: Callable[[bytes], T], response: httpx.Response) -> T:
        try:
            return parse(response.content)
        except ValidationError as error:
            raise ApiFailed(url=self._url, reason="it does not answer as Sanad does") from error


def _told(response: httpx.Response) -> str:
    """What an error response says: a problem's detail, or OpenAI's message, or only its status."""
    try:
        body = response.json()
        told = body.get("detail") or body["error"]["message"]
        return f"{told} · {body.get('detail_ar') or body['error'].get('message_ar', '')}"
    except (ValueError, KeyError, AttributeError, TypeError):
        return f"HTTP {response.status_code}"


def mcp_server(source: Source, version: str) -> MCPServer:
    """The MCP server whose tools ask ``source``."""
    server = MCPServer("sanad", title="Sanad · سند", instructions=_INSTRUCTIONS, version=version, log_level="ERROR")
    read_only = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)

    @server.tool(title="Search passages · ابحث في المقاطع", annotations=read_only)
    @_failures_told
    async def search(
        query: Annotated[str, Field(description="Words or a question, in Arabic, English or Persian.")],
        limit: Annotated[int, Field(ge=1, le=100, description="Most passages to return.")] = 10,
    ) -> SearchResults:
        """Find passages of the news articles by meaning and by words, best first."""
        return await source.search(query, limit)

    @server.tool(title="Answer with citations · أجب مع الإسناد", annotations=read_only)
    @_failures_told
    async def answer(
        question: Annotated[str, Field(description="A question; a follow-up may lean on the earlier questions.")],
        earlier_questions: Annotated[
            list[str], Field(max_length=100, description="The user's questions before this one, oldest first.")
        ] = [],  # noqa: B006  # Read by the SDK as the schema's default, and never changed.
    ) -> CitedAnswer:
        """Answer from what the news articles say; every sentence is cited to their exact words with who said them."""
        return await source.answer(question, tuple(earlier_questions))

    return server


def _failures_told(
    tool: Callable[P, Coroutine[Any, Any, T]],
) -> Callable[P, Coroutine[Any, Any, T]]:
    """Expected failures as tool errors that an assistant can read; the SDK hides the words of all others."""

    @wraps(tool)
    async def told(*arguments: P.args, **options: P.kwargs) -> T:
        try:
            return await tool(*arguments, **options)
        except SanadError as error:
            raise ToolError(worded(error)) from error

    return told


@click.command("mcp")
@index_option
@click.option("--api", metavar="URL", help="Ask this Sanad API instead of an index here.")
@click.option("--api-key", envvar="SANAD_API_KEY", help="The API's key; better in SANAD_API_KEY.")
@click.option("--http", is_flag=True, help="Serve streamable HTTP at /mcp instead of standard input and output.")
@click.option("--host", help="Address to listen on with --http; default: SANAD_HOST, else 127.0.0.1.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port with --http; 0 takes a free one; default: SANAD_PORT."
)
def command(
    index: Path | None, api: str | None, api_key: str | None, http: bool, host: str | None, port: int | None
) -> None:
    """Give assistants the tools search and answer, by the Model Context Protocol.

    أتح البحث والإجابة المسندة للمساعدات الذكية.
    """
    from server.serving import stop_on_signals

    settings = settings_for(index, host=host, port=port)
    if http:
        stop_on_signals()
    if api:
        if http and api_key and not settings.on_loopback:
            raise SharedKey(host=settings.host)
        _run(lambda: _remote(api, api_key), settings, http=http)
        return
    # An index that is not there is told at once, and not made.
    with catalog_of(settings):
        pass
    from retrieval.engine import Engine
    from server.workers import Workers

    with closing(Engine(settings)) as engine:
        engine.ready()
        workers = Workers(settings.threads, queue=settings.queue)
        workers.engine = engine
        _run(lambda: _local(workers), settings, http=http, guard=lambda app: _guarded(app, workers, settings))


@asynccontextmanager
async def _local(workers: Workers) -> AsyncIterator[Source]:
    yield LocalIndex(workers)


@asynccontextmanager
async def _remote(url: str, key: str | None) -> AsyncIterator[Source]:
    api = RemoteApi(url, key)
    try:
        yield api
    finally:
        await api.close()


def _guarded(app: ASGIApp, workers: Workers, settings: Settings) -> ASGIApp:
    """The keys, scopes and limits of the API, around an application that has none of its own."""
    from server.access import Access, Permitted
    from server.callers import Reception
    from server.connections import PromptBodies
    from server.keys import Keys
    from server.middleware import Envelope
    from server.rates import Rates

    access = Access(
        PromptBodies(Permitted(app, "ask")),
        reception=Reception(settings),
        rates=Rates(settings),
        find_key=lambda token: Keys(workers.engine.database).find(token),
        workers=workers,
    )
    return Envelope(access)


def _run(
    opened: Callable[[], Any],
    settings: Settings,
    *,
    http: bool,
    guard: Callable[[ASGIApp], ASGIApp] = lambda app: app,
) -> None:
    from importlib.metadata import version

    from server import serving

    async def by_stdio() -> None:
        async with opened() as source:
            await mcp_server(source, version("sanad")).run_stdio_async()

    if not http:
        anyio.run(by_stdio)
        return

    with closing(serving.bind(settings.host, settings.port)) as bound:

        async def by_http() -> None:
            async with opened() as source:
                app = mcp_server(source, version("sanad")).streamable_http_app(host=settings.host)
                await serving.serve(guard(app), bound, path="/mcp")

        anyio.run(by_http)
