"""The chat page: questions, their cited answers, and the article a citation stands in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import gradio as gr

from ui.answer_html import turn_html, turns_html, welcome_html
from ui.article_html import article_html, article_problem_html
from ui.client import Api, ApiError, Article, Citation, Event, Started
from ui.header import Header
from ui.texts import ARABIC, Texts, texts_for
from ui.turns import Turn

NEW = "-"
"""In place of the id of a conversation not begun yet; Gradio's ``BrowserState`` does not keep an empty string."""

Opened = tuple[Article | ApiError, Citation | None]
"""What the source panel shows: an article (or why it cannot be had) and the citation it is open at."""

Updates = dict[Any, Any]
"""New values by component, as Gradio takes them."""


def lay_out(api: Api, header: Header) -> None:
    """Lay out and wire the chat page in the open Blocks."""
    _ChatPage(api, header)


class _ChatPage:
    """The components and what happens to them. One serves all visitors; theirs is in Gradio's state."""

    def __init__(self, api: Api, header: Header) -> None:
        self.api = api
        self.header = header
        self._lay_out(ARABIC)
        self._wire()

    def _lay_out(self, texts: Texts) -> None:
        self.turns = gr.State([])
        self.opened = gr.State(None)
        # Remembered by the reader's browser, as the locale is.
        self.conversation = gr.BrowserState(NEW, storage_key="sanad-conversation", secret="sanad")
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
        locale = self.header.locale
        drawn = [self.past, self.live, self.question, self.send, self.stop, self.panel]
        idle = [self.live, self.send, self.stop]
        restored = [*self.header.outputs, *drawn, self.turns, self.conversation]
        self.header.blocks.load(self.restore, [locale, self.conversation], restored, **quiet)
        asking = gr.on(
            [self.question.submit, self.send.click, self.past.submit, self.live.submit],
            self.ask,
            [self.question, self.turns, locale, self.conversation],
            [*idle, self.past, self.question, self.turns, self.conversation],
            **quiet,
        )
        self.stop.click(self.halt, [self.turns, locale], idle, cancels=[asking], **quiet)
        shown = [self.panel, self.opened]
        gr.on([self.past.select, self.live.select], self.open_source, [self.turns, locale], shown, **quiet)
        self.panel.clear(lambda: ("", None), None, shown, **quiet)
        emptied = [*idle, *shown, self.past, self.turns, self.conversation]
        self.header.html.clear(self.start_over, [locale], emptied, cancels=[asking], **quiet).then(
            None, js="() => document.querySelector('#sanad-question textarea')?.focus()", **quiet
        )
        self.header.html.select(self.redraw, [self.turns, self.opened, locale], [*self.header.outputs, *drawn], **quiet)

    async def restore(self, locale: str, conversation: str) -> Updates:
        """The page as the reader left it: its language, and the conversation if the server still has it."""
        texts = texts_for(locale)
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
        self, box: str, turns: list[Turn], locale: str, conversation: str, event: gr.EventData
    ) -> AsyncIterator[Updates]:
        """Ask what is in the box or on the button pressed, and show the answer as it comes."""
        question = str(_sent(event, "question") or box or "").strip()
        if not question:
            yield {self.live: gr.skip()}
            return
        texts = texts_for(locale)
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

    def halt(self, turns: list[Turn], locale: str) -> Updates:
        """Leave the answer as far as it has come."""
        if turns and turns[-1].pending:
            turns[-1].stopped = True
        return {**self._live(turns, texts_for(locale)), **self._busy(False)}

    async def open_source(self, turns: list[Turn], locale: str, event: gr.EventData) -> Updates:
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
        return {self.panel: _panel(opened, texts_for(locale)), self.opened: opened}

    async def start_over(self, locale: str) -> Updates:
        """An empty conversation; the server keeps the earlier one."""
        return {
            self.past: await self._welcome(texts_for(locale)),
            self.live: "",
            self.panel: "",
            self.turns: [],
            self.opened: None,
            self.conversation: NEW,
            **self._busy(False),
        }

    async def redraw(self, turns: list[Turn], opened: Opened | None, locale: str, event: gr.EventData) -> Updates:
        """The same page in the language and the digits just chosen."""
        return await self._drawn(turns, opened, self.header.chosen(locale, event), None)

    async def _drawn(self, turns: list[Turn], opened: Opened | None, texts: Texts, problem: ApiError | None) -> Updates:
        """Every component that holds words."""
        return {
            **self.header.drawn(texts),
            self.past: turns_html(turns[:-1], texts) if turns else await self._welcome(texts, problem),
            **self._live(turns, texts),
            self.question: gr.update(**_question(texts)),
            self.send: texts.send,
            self.stop: texts.stop,
            self.panel: _panel(opened, texts) if opened else "",
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
        }


def _html(value: str, script: str, elem_id: str | None = None) -> gr.HTML:
    return gr.HTML(value, js_on_load=script, apply_default_css=False, elem_id=elem_id)


def _question(texts: Texts) -> dict[str, Any]:
    return {"label": texts.question, "placeholder": texts.placeholder, "rtl": texts.direction == "rtl"}


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
