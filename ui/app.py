"""The chat page: a Gradio app that talks to the Sanad API over HTTP only.

``mount(app, api_url)`` puts it on a FastAPI app, after that app's own routes have been declared.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import gradio as gr
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from ui.answer_html import turn_html, turns_html, welcome_html
from ui.article_html import article_html, article_problem_html
from ui.client import Api, ApiError, Article, Citation, Event, Started
from ui.texts import ARABIC, ENGLISH, Texts
from ui.turns import Turn

HERE = Path(__file__).parent
ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"
    "%3Crect width='32' height='32' rx='8' fill='%230f6b5c'/%3E%3Cpath"
    " d='M9 10h14M9 16h14M9 22h8' stroke='white' stroke-width='3' stroke-linecap='round'/%3E%3C/svg%3E"
)

NEW = "-"
"""In place of the id of a conversation not begun yet; Gradio's ``BrowserState`` does not keep an empty string."""

Opened = tuple[Article | ApiError, Citation | None]
"""What the source panel shows: an article (or why it cannot be had) and the citation it is open at."""

Updates = dict[Any, Any]
"""New values by component, as Gradio takes them."""


def build(api_url: str) -> gr.Blocks:
    """The chat page over the API at ``api_url``."""
    return _ChatPage(Api(api_url)).blocks


def mount(app: FastAPI, api_url: str) -> FastAPI:
    """Serve the chat page at ``/`` of ``app``; routes declared before this call keep precedence."""
    fonts = StaticFiles(directory=HERE / "fonts")
    app.mount("/ui-fonts", fonts, name="ui-fonts")
    return gr.mount_gradio_app(app, build(api_url), path="/", **mount_options())


def mount_options() -> dict[str, Any]:
    """Arguments of ``gr.mount_gradio_app`` for this page: its look, and nothing fetched from elsewhere."""
    # In `head` and not `css`: Gradio prefixes every selector of `css`, which breaks those on html and body.
    style = f"<style>{(HERE / 'page.css').read_text(encoding='utf-8')}</style>"
    script = f"<script>{(HERE / 'page.js').read_text(encoding='utf-8')}</script>"
    return {
        "theme": _theme(),
        "head": f'{style}{script}<link rel="icon" href="{ICON}">',
        "footer_links": [],
        "run_history": False,
        "show_error": False,
        "max_file_size": "1kb",  # the page takes no files; Gradio's upload route cannot be switched off
    }


def _theme() -> gr.themes.Base:
    fonts = ["Sanad Arabic", "system-ui", "Segoe UI", "Tahoma", "sans-serif"]
    return gr.themes.Base(font=fonts, font_mono=["ui-monospace", "monospace"]).set(
        body_background_fill="#faf8f3",
        body_background_fill_dark="#11181b",
        body_text_color="#1c2b30",
        body_text_color_dark="#e9eeec",
    )


class _ChatPage:
    """The components and what happens to them. One serves all visitors; theirs is in Gradio's state."""

    def __init__(self, api: Api) -> None:
        self.api = api
        with gr.Blocks(title="سند · Sanad", analytics_enabled=False, fill_width=True) as self.blocks:
            self._lay_out(ARABIC)
            self._wire()
        # Handlers only wait for the API, so many readers can be served at once.
        self.blocks.queue(default_concurrency_limit=64)

    def _lay_out(self, texts: Texts) -> None:
        self.turns = gr.State([])
        self.opened = gr.State(None)
        # Remembered by the reader's browser. Strings, as Gradio 6 changes a dict in place when a generator skips
        # it. The secret guards nothing: a fixed one lets the browser remember across restarts.
        self.language = gr.BrowserState("ar", storage_key="sanad-language", secret="sanad")
        self.conversation = gr.BrowserState(NEW, storage_key="sanad-conversation", secret="sanad")
        with gr.Row(elem_id="sanad-header"):
            self.header = _html(_header(texts), "sanad.header(element, watch)")
            self.renew = gr.Button(texts.new_conversation, elem_id="sanad-renew", size="sm")
            self.switcher = gr.Button(texts.other_language, elem_id="sanad-language", size="sm")
        with gr.Row(elem_id="sanad-body"):
            with gr.Column(elem_id="sanad-chat"):
                # Apart, so that a streamed sentence redraws its own turn and not the whole conversation.
                turns_js = "sanad.turns(element, trigger, watch)"
                self.past = _html("", turns_js, elem_id="sanad-past")
                self.live = _html("", turns_js, elem_id="sanad-live")
                with gr.Row(elem_id="sanad-composer"):
                    self.question = gr.Textbox(
                        **_question(texts),
                        lines=1,
                        max_lines=6,
                        container=False,
                        elem_id="sanad-question",
                        autofocus=True,
                    )
                    self.send = gr.Button(texts.send, variant="primary", elem_id="sanad-send")
                    self.stop = gr.Button(texts.stop, visible=False, elem_id="sanad-stop")
            self.panel = _html("", "sanad.source(element, trigger, watch)", elem_id="sanad-panel")

    def _wire(self) -> None:
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        words = [self.header, self.renew, self.switcher, self.past, self.live, self.question, self.send, self.stop]
        drawn = [*words, self.panel, self.language]
        idle = [self.live, self.send, self.stop, self.switcher]
        self.blocks.load(
            self.restore, [self.language, self.conversation], [*drawn, self.turns, self.conversation], **quiet
        )
        asking = gr.on(
            [self.question.submit, self.send.click, self.past.submit, self.live.submit],
            self.ask,
            [self.question, self.turns, self.language, self.conversation],
            [*idle, self.past, self.question, self.turns, self.conversation],
            **quiet,
        )
        self.stop.click(self.halt, [self.turns, self.language], idle, cancels=[asking], **quiet)
        shown = [self.panel, self.opened]
        gr.on([self.past.select, self.live.select], self.open_source, [self.turns, self.language], shown, **quiet)
        self.panel.clear(lambda: ("", None), None, shown, **quiet)
        emptied = [*idle, *shown, self.past, self.turns, self.conversation]
        self.renew.click(self.start_over, [self.language], emptied, cancels=[asking], **quiet).then(
            None, js="() => document.querySelector('#sanad-question textarea')?.focus()", **quiet
        )
        self.switcher.click(self.switch, [self.turns, self.opened, self.language], drawn, **quiet)

    async def restore(self, language: str, conversation: str) -> Updates:
        """The page as the reader left it: its language, and the conversation if the server still has it."""
        texts = _texts(language)
        turns: list[Turn] = []
        problem = None
        if conversation != NEW:
            try:
                turns = [Turn.past(turn) for turn in (await self.api.conversation(conversation)).turns]
            except ApiError as error:
                if error.code == "unknown-conversation":
                    conversation = NEW
                else:
                    problem = error
        drawn = await self._drawn(turns, None, texts, problem)
        return {**drawn, self.turns: turns, self.conversation: conversation}

    async def ask(
        self, box: str, turns: list[Turn], language: str, conversation: str, event: gr.EventData
    ) -> AsyncIterator[Updates]:
        """Ask what is in the box or on the button pressed, and show the answer as it comes."""
        question = str(_sent(event, "question") or box or "").strip()
        if not question:
            yield {self.live: gr.skip()}
            return
        texts = _texts(language)
        if turns and turns[-1].error and turns[-1].question == question:
            turns = turns[:-1]  # this is its second try
        turn = Turn(question, kept=question == box.strip())
        turns = [*turns, turn]
        past = turns_html(turns[:-1], texts)
        yield {self.turns: turns, self.past: past, **self._live(turns, texts), **self._busy(True)}
        try:
            async for part in self._events(turn, conversation):
                turn.add(part)
                updates = self._live(turns, texts)
                if turn.kept:  # understood by the server: the box may take the next question
                    turn.kept = False
                    updates[self.question] = ""
                if isinstance(part, Started):
                    updates[self.conversation] = part.conversation_id
                yield updates
        except ApiError as error:
            turn.error = error
        yield {**self._live(turns, texts), **self._busy(False)}

    async def _events(self, turn: Turn, conversation: str) -> AsyncIterator[Event]:
        """The API's events; in a new conversation when the server no longer has the one the reader was in."""
        known = None if conversation == NEW else conversation
        try:
            async for event in self.api.answer(turn.question, conversation_id=known):
                yield event
        except ApiError as error:
            if error.code != "unknown-conversation" or known is None:
                raise
            turn.expired = True
            async for event in self.api.answer(turn.question):
                yield event

    def halt(self, turns: list[Turn], language: str) -> Updates:
        """Leave the answer as far as it has come."""
        if turns and turns[-1].pending:
            turns[-1].stopped = True
        return {**self._live(turns, _texts(language)), **self._busy(False)}

    async def open_source(self, turns: list[Turn], language: str, event: gr.EventData) -> Updates:
        """Open the article of the citation whose button was pressed."""
        citation = _cited(turns, event)
        opened: Opened
        if citation is None:
            opened = ApiError("unknown-citation"), None
        else:
            try:
                article = await self.api.article(citation.article_id, version=citation.article_version)
                opened = article, citation
            except ApiError as error:
                opened = error, citation
        return {self.panel: _panel(opened, _texts(language)), self.opened: opened}

    async def start_over(self, language: str) -> Updates:
        """An empty conversation; the server keeps the earlier one."""
        return {
            self.past: await self._welcome(_texts(language)),
            self.live: "",
            self.panel: "",
            self.turns: [],
            self.opened: None,
            self.conversation: NEW,
            **self._busy(False),
        }

    async def switch(self, turns: list[Turn], opened: Opened | None, language: str) -> Updates:
        """The whole page in the other language."""
        other = ENGLISH if _texts(language) is ARABIC else ARABIC
        return await self._drawn(turns, opened, other, None)

    async def _drawn(self, turns: list[Turn], opened: Opened | None, texts: Texts, problem: ApiError | None) -> Updates:
        """Every component that holds words."""
        return {
            self.header: _header(texts),
            self.renew: texts.new_conversation,
            self.switcher: texts.other_language,
            self.past: turns_html(turns[:-1], texts) if turns else await self._welcome(texts, problem),
            **self._live(turns, texts),
            self.question: gr.update(**_question(texts)),
            self.send: texts.send,
            self.stop: texts.stop,
            self.panel: _panel(opened, texts) if opened else "",
            self.language: texts.language,
        }

    async def _welcome(self, texts: Texts, problem: ApiError | None = None) -> str:
        examples: list[str] = []
        try:
            examples = await self.api.examples(texts.language)
        except ApiError as error:
            problem = problem or error
        return welcome_html(examples, texts, problem=texts.problem(problem.code, problem.messages) if problem else None)

    def _live(self, turns: list[Turn], texts: Texts) -> Updates:
        return {self.live: turn_html(turns[-1], len(turns) - 1, texts) if turns else ""}

    def _busy(self, busy: bool) -> Updates:
        return {
            self.send: gr.update(visible=not busy),
            self.stop: gr.update(visible=busy),
            self.switcher: gr.update(interactive=not busy),
        }


def _html(value: str, script: str, elem_id: str | None = None) -> gr.HTML:
    return gr.HTML(value, js_on_load=script, apply_default_css=False, elem_id=elem_id)


def _header(texts: Texts) -> str:
    return (
        f'<div class="sanad-brand" lang="{texts.language}" dir="{texts.direction}">'
        f"<strong>{texts.name}</strong><span>{texts.tagline}</span></div>"
    )


def _question(texts: Texts) -> dict[str, Any]:
    return {"label": texts.question, "placeholder": texts.placeholder, "rtl": texts.direction == "rtl"}


def _texts(language: str) -> Texts:
    """The words for a language; what a browser remembers may be anything."""
    return ENGLISH if language == "en" else ARABIC


def _panel(opened: Opened, texts: Texts) -> str:
    found, citation = opened
    opening = uuid4().hex
    if isinstance(found, Article) and citation:
        return article_html(found, citation, texts, opening=opening)
    code, messages = (found.code, found.messages) if isinstance(found, ApiError) else ("unknown-citation", {})
    return article_problem_html(texts.problem(code, messages), citation, texts, opening=opening)


def _sent(event: gr.EventData, name: str) -> Any:
    """A value that the browser sent with an event; it may be anything, or missing."""
    data = event._data
    return data.get(name) if isinstance(data, dict) else None


def _cited(turns: list[Turn], event: gr.EventData) -> Citation | None:
    index, number = _sent(event, "turn"), _sent(event, "number")
    if not isinstance(index, int) or not isinstance(number, int) or not 0 <= index < len(turns):
        return None
    return turns[index].cited(number, related=_sent(event, "related") is True)
