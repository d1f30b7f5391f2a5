"""``sanad mcp``, asked by the official SDK's client over both transports, of an index and of an API."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from anyio.from_thread import BlockingPortal
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from tests.environment import without_settings
from tests.postgresql import copy_index

SANAD = Path(sys.executable).with_name("sanad")
QUESTION = "من نفى تقرير رويترز؟"
pytestmark = pytest.mark.timeout(300)


def environment() -> dict[str, str]:
    return without_settings() | {"NO_PROXY": "*"}


@contextmanager
def listening(*arguments: str | Path, **settings: str) -> Iterator[str]:
    """A ``sanad`` command that serves; yields the address that it prints."""
    process = subprocess.Popen([SANAD, *arguments], stdout=subprocess.PIPE, text=True, env=environment() | settings)
    try:
        assert process.stdout is not None
        line = next((line for line in process.stdout if "http://" in line), None)
        assert line, "it did not start: what it said is on standard error"
        yield line[line.index("http://") :].strip()
    finally:
        process.terminate()
        assert process.wait(timeout=30) == 0


def stdio(*arguments: str | Path) -> StdioServerParameters:
    return StdioServerParameters(command=str(SANAD), args=["mcp", *map(str, arguments)], env=environment())


async def check(server: str | StdioServerParameters, corpus_articles: Path) -> None:
    """Both tools are there, described, and give what they promise."""
    async with Client(server) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert tools.keys() == {"search", "answer"}
        for tool in tools.values():
            assert tool.description
            assert tool.output_schema
            assert tool.annotations.read_only_hint

        found = await client.call_tool("search", {"query": "رفع العقوبات", "limit": 2})
        assert not found.is_error
        assert len(found.structured_content["hits"]) == 2

        before = {"earlier_questions": ["ماذا قال بقائي عن المفاوضات؟"]}
        follow_up = await client.call_tool("answer", {"question": "وماذا عن عزيزي؟", **before})
        assert "المفاوضات" in follow_up.structured_content["standalone_question"]

        answer = (await client.call_tool("answer", {"question": QUESTION})).structured_content
        assert answer["status"] == "answered"
        assert answer["text"].endswith("]")
        assert all(sentence["citations"] for sentence in answer["sentences"])
        for citation in answer["citations"]:
            article = (corpus_articles / f"{citation['article_id']}.md").read_text("utf-8")
            assert " ".join(citation["quote"].split()) in " ".join(article.split())

        empty = await client.call_tool("answer", {"question": "؟"})
        assert empty.is_error
        assert "The question is empty" in empty.content[0].text
        assert "السؤال فارغ" in empty.content[0].text
        assert (await client.call_tool("search", {"query": "س", "limit": 0})).is_error


def test_over_standard_input_and_output(portal: BlockingPortal, corpus_index: Path, corpus_articles: Path) -> None:
    portal.call(check, stdio("--index", corpus_index), corpus_articles)


def test_over_streamable_http(portal: BlockingPortal, corpus_index: Path, corpus_articles: Path) -> None:
    with listening("mcp", "--http", "--port", "0", "--index", corpus_index) as url:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/mcp", url)
        portal.call(check, url, corpus_articles)


def test_over_http_the_keys_of_the_api_hold(corpus_index: Path, tmp_path: Path) -> None:
    index = copy_index(corpus_index, tmp_path / "index")
    command = ("mcp", "--http", "--port", "0", "--index", index)
    called = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    with listening(*command, SANAD_ANONYMOUS_SCOPES="") as url, httpx.Client(trust_env=False) as client:
        without = client.post(url, json=called)
        assert without.status_code == 401
        assert without.json()["detail_ar"]
        assert client.post(url, json=called, headers={"X-API-Key": "sanad_guess"}).status_code == 401
        made = subprocess.run(
            [SANAD, "key", "create", "assistant", "ask", "--index", index],
            capture_output=True,
            text=True,
            check=True,
            env=environment(),
        )
        key = re.search(r"sanad_\S+", made.stdout)
        assert key
        assert client.post(url, json=called, headers={"X-API-Key": key.group()}).status_code not in (401, 403, 500)


def test_an_operators_key_is_not_lent_to_the_network() -> None:
    done = subprocess.run(
        [SANAD, "mcp", "--http", "--host", "0.0.0.0", "--api", "http://127.0.0.1:9", "--api-key", "sanad_x"],
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
    )
    assert done.returncode == 1
    assert "would use your API key" in done.stderr


def test_of_an_api(portal: BlockingPortal, corpus_index: Path, corpus_articles: Path) -> None:
    with listening("serve", "--no-ui", "--port", "0", "--index", corpus_index) as url:
        portal.call(check, stdio("--api", url), corpus_articles)


def test_an_api_that_is_not_there_is_told(portal: BlockingPortal) -> None:
    async def ask() -> None:
        async with Client(stdio("--api", "http://127.0.0.1:9")) as client:
            failed = await client.call_tool("answer", {"question": QUESTION})
            assert failed.is_error
            assert "http://127.0.0.1:9 gave no answer" in failed.content[0].text

    portal.call(ask)


def test_without_an_index_it_says_so_at_once(tmp_path: Path) -> None:
    done = subprocess.run(
        [SANAD, "mcp", "--index", tmp_path / "none"], capture_output=True, text=True, check=False, env=environment()
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "run sanad ingest first" in done.stderr
    assert not (tmp_path / "none").exists()
