"""Whom the page asks for, and what a document of it may do."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ui.app import mount
from ui.client import Api


def page_of(app: FastAPI | None = None) -> TestClient:
    return TestClient(mount(app or FastAPI(), "http://127.0.0.1:9"))


def test_a_browser_gets_a_token_of_its_own_once() -> None:
    with page_of() as client:
        cookie = client.get("/").headers["set-cookie"]
        assert re.fullmatch(
            r"sanad-client=[\w-]{43}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax", cookie, re.ASCII
        )
        assert "set-cookie" not in client.get("/").headers  # the client has sent it back
        assert client.cookies["sanad-client"] == cookie[13:56]
    with page_of() as another:
        assert another.get("/").headers["set-cookie"] != cookie
        assert "Secure" in page_of().get("/", headers={"x-forwarded-proto": "https"}).headers["set-cookie"]


@pytest.mark.parametrize("sent", ["sanad-client=short", "sanad-client=" + "x" * 44, 'sanad-client="a b"', "x"])
def test_a_cookie_that_is_none_of_ours_is_replaced(sent: str) -> None:
    with page_of() as client:
        assert "sanad-client=" in client.get("/", headers={"cookie": sent}).headers["set-cookie"]


def test_only_documents_have_a_cookie_and_a_policy() -> None:
    app = FastAPI()
    app.get("/v1/thing")(lambda: {"from": "api"})
    with page_of(app) as client:
        for path in ("/v1/thing", "/ui-fonts/OFL.txt"):
            assert {"set-cookie", "content-security-policy"}.isdisjoint(client.get(path).headers)


def test_every_script_in_the_document_is_marked_with_a_number_used_once() -> None:
    with page_of() as client:
        first, second = client.get("/"), client.get("/")
    nonces = re.findall(r"'nonce-([\w-]+)'", first.headers["content-security-policy"])
    assert len(nonces) == 1
    assert nonces[0] not in second.headers["content-security-policy"]
    assert len(re.findall(r"<script[\s>]", first.text)) == first.text.count(f'<script nonce="{nonces[0]}"') > 0
    rules = dict(rule.strip().split(" ", 1) for rule in first.headers["content-security-policy"].split(";"))
    assert "'unsafe-inline'" not in rules["script-src"]
    assert rules["object-src"] == rules["frame-ancestors"] == "'none'"
    assert not any("http" in sources or "*" in sources for sources in rules.values())


@pytest.mark.browser
def test_what_gets_into_the_page_runs_nothing_and_sends_nothing(page: Any) -> None:
    page.evaluate(
        """() => {
            const box = document.createElement('div');
            box.innerHTML = '<img src=x onerror="window.pwned = true"><a href="javascript:window.pwned = true">x</a>';
            document.body.append(box);
            box.querySelector('a').click();
            const script = document.createElement('script');
            script.textContent = 'window.pwned = true';
            document.body.append(script);
        }"""
    )
    refused = page.evaluate("fetch('http://192.0.2.1/').then(() => 'sent', (error) => error.name)")
    page.wait_for_timeout(200)
    assert page.evaluate("window.pwned") is None
    assert refused == "TypeError"


@pytest.mark.browser
def test_the_page_breaks_none_of_its_own_rules(open_page: Any, ask: Any) -> None:
    page = open_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.reload()
    page.wait_for_selector(".sanad-welcome")
    ask(page, "ماذا يقول كل طرف عن السوق؟")
    page.locator(".sanad-cite").first.click()
    page.locator("mark").wait_for()
    assert [line for line in said if "Security Policy" in line or "rror" in line] == []


@pytest.mark.browser
def test_the_api_is_told_which_browser_asks(context: Any, page_server: Any, canned_api: Any, ask: Any) -> None:
    told: list[dict[str, str]] = []
    canned_api.heard = told.append
    browsers = [context.browser.new_context() for _ in range(2)]
    try:
        for browser in browsers:
            page = browser.new_page()
            page.goto(page_server.url)
            page.wait_for_selector(".sanad-welcome")
            ask(page, "سؤال عن الميناء")
            ask(page, "سؤال ثان عن الميناء")
    finally:
        canned_api.heard = None
        for browser in browsers:
            browser.close()
    tokens = [headers["x-sanad-client"] for headers in told]
    assert len(tokens) == 4
    assert tokens[0] == tokens[1] != tokens[2] == tokens[3]
    assert {headers["x-forwarded-for"] for headers in told} == {"127.0.0.1"}
    assert told[0]["x-forwarded-host"] == page_server.url.removeprefix("http://")


def test_the_key_and_the_secret_go_to_the_api_only(api_server: Any, canned_api: Any) -> None:
    heard: list[dict[str, str]] = []
    canned_api.heard = heard.append

    async def ask_once() -> None:
        api = Api(api_server.url, key="sanad_key", secret="page-secret")
        async for _ in api.answer("سؤال"):
            pass
        await api.aclose()

    try:
        with ThreadPoolExecutor() as threads:  # the browser of other tests has an event loop in this one
            threads.submit(anyio.run, ask_once).result()
    finally:
        canned_api.heard = None
    assert heard[0]["x-api-key"] == "sanad_key"
    assert heard[0]["x-sanad-page"] == "page-secret"
    assert "x-sanad-client" not in heard[0]
    with TestClient(mount(FastAPI(), api_server.url, key="sanad_key", secret="page-secret")) as client:
        for path in ("/", "/config", "/gradio_api/info"):
            response = client.get(path)
            assert "sanad_key" not in response.text
            assert "page-secret" not in response.text
