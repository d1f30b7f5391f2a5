"""The pages for exploring: each draws what its address says, and opens an article beside it at a citation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import gradio as gr

from ui import articles_html, evaluation_html, timeline_html, voices_html
from ui.address import Address
from ui.article_html import article_html, article_problem_html
from ui.client import Api, ApiError, Citation
from ui.explore_html import problem_html
from ui.explore_texts import explore_texts
from ui.header import Header
from ui.texts import Texts, texts_for

Draw = Callable[[Api, Address, Texts], Awaitable[str]]
"""Draws the page's main part. Raises ``ApiError``, which is then told in its place."""

Updates = dict[Any, Any]
NOTHING = "-"
"""In place of the address shown, when nothing could be drawn; an address never is this."""


def articles(api: Api, header: Header) -> None:
    """Lay out and wire the page of articles in the open Blocks."""
    _ExplorePage(api, header, articles_html.draw)


def voices(api: Api, header: Header) -> None:
    """Lay out and wire the page of who says what."""
    _ExplorePage(api, header, voices_html.draw)


def timeline(api: Api, header: Header) -> None:
    """Lay out and wire the timeline."""
    _ExplorePage(api, header, timeline_html.draw)


def evaluation(api: Api, header: Header) -> None:
    """Lay out and wire the page of the last evaluation."""
    _ExplorePage(api, header, evaluation_html.draw)


class _ExplorePage:
    """One page. It keeps nothing but the address that is drawn."""

    def __init__(self, api: Api, header: Header, draw: Draw) -> None:
        self.api = api
        self.header = header
        self.draw = draw
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        self.shown = gr.State(NOTHING)
        with gr.Row(elem_id="sanad-body"):
            with gr.Column(elem_id="sanad-explore"):
                self.main = _html("sanad.explore(element, trigger, watch)", "sanad-exploring")
            self.panel = _html("sanad.beside(element, trigger, watch)", "sanad-panel")
        here = [self.main, self.panel, self.shown]
        whole = [*header.outputs, *here]
        # In place of the panel's words, the browser sends its address, whatever the event was about: while a page is on
        # its way, Gradio only notes that there was another event, and runs it later with the data of the one before.
        addressed = "(locale, shown, _) => [locale, shown, location.search]"
        quiet |= {"inputs": [header.locale, self.shown, self.panel], "js": addressed}
        header.blocks.load(self.enter, outputs=whole, **quiet)
        header.html.select(self.redraw, outputs=whole, trigger_mode="multiple", **quiet)
        gr.on([self.main.select, self.panel.select], self.go, outputs=here, trigger_mode="always_last", **quiet)

    async def enter(self, locale: str, shown: str, search: str) -> Updates:
        """The page at the address that the reader came to."""
        texts = texts_for(locale)
        return {**self.header.drawn(texts), **await self._drawn(search, texts, NOTHING)}

    async def redraw(self, locale: str, shown: str, search: str, event: gr.EventData) -> Updates:
        """The same in the language and the digits just chosen."""
        texts = self.header.chosen(locale, event)
        return {**self.header.drawn(texts), **await self._drawn(search, texts, NOTHING)}

    async def go(self, locale: str, shown: str, search: str) -> Updates:
        """Another address of this page; what is already shown is not drawn again."""
        return await self._drawn(str(search or ""), texts_for(locale), shown)

    async def _drawn(self, search: str, texts: Texts, shown: str) -> Updates:
        address = Address.of(search)
        panel = await self._beside(address, texts)
        main = address.main.href
        if main == shown:
            return {self.panel: panel, self.main: gr.skip(), self.shown: shown}
        try:
            drawn = await self.draw(self.api, address.main, texts)
        except ApiError as error:
            drawn = problem_html(error, address, texts)
            main = NOTHING
        return {self.main: drawn, self.panel: panel, self.shown: main}

    async def _beside(self, address: Address, texts: Texts) -> str:
        """The article of the citation that the address names, open at its words."""
        article_id, span = address.get("cite"), address.span
        if not article_id or span is None:
            return ""
        version, opening = address.number("v") or None, uuid4().hex
        try:
            article = await self.api.article(article_id, version=version)
        except ApiError as error:
            words = texts.problem(error.code, error.messages)
            return article_problem_html(words, None, texts, opening=opening)
        citation = Citation(
            number=1,
            article_id=article.id,
            article_version=article.version,
            start=span[0],
            end=span[1],
            quote=article.text[slice(*span)],
        )
        more = Address().but(id=article.id, v=article.version, at=address.get("at")).href
        footer = f'<a class="sanad-firm sanad-whole" href="./articles{more}">{explore_texts(texts).open_article}</a>'
        return article_html(article, citation, texts, opening=opening, footer=footer)


def _html(script: str, elem_id: str) -> gr.HTML:
    return gr.HTML("", js_on_load=script, apply_default_css=False, elem_id=elem_id)
