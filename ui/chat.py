"""The chat page: questions, their cited answers, and the article a citation stands in."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from html import escape
from typing import Any
from uuid import uuid4

import gradio as gr

from ui.answer_html import modes_html, turn_html, turns_html, welcome_html
from ui.article_html import article_html, article_problem_html
from ui.client import MODES, Api, ApiError, Article, Citation, Event, Feedback, Started
from ui.header import Header
from ui.list_html import list_html, search_html
from ui.texts import ARABIC, Texts, texts_for
from ui.turns import Turn

UNKNOWN = "unknown-conversation"
LISTED = 30
"""How many conversations are listed at first, and added each time."""

MOST_LISTED = 200
"""How many the API gives at most; older conversations are found by searching."""

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
        self.query = gr.State("")
        self.listed = gr.State(LISTED)
        # Remembered by the reader's browser, as the locale is; what the address names comes before it.
        self.conversation = gr.BrowserState(NEW, storage_key="sanad-conversation", secret="sanad")
        with gr.Row(elem_id="sanad-body"):
            with gr.Column(elem_id="sanad-list"):
                self.search = _html(search_html(texts), "sanad.search(element, trigger)")
                self.list = _html("", "sanad.list(element, trigger, watch)", elem_id="sanad-conversations")
            with gr.Column(elem_id="sanad-chat"):
                # Apart, so that a streamed sentence redraws its own turn and not the whole conversation.
                self.past = _html("", "sanad.turns(element, trigger, watch)", elem_id="sanad-past")
                self.live = _html("", "sanad.turns(element, trigger, watch, true)", elem_id="sanad-live")
                with gr.Row(elem_id="sanad-composer"):
                    self.mode = _html("", "sanad.modes(element, watch)", elem_id="sanad-mode")
                    self.question = gr.Textbox(
                        **_question(texts),
                        # As many at most as at least: Gradio then does not measure the text, which freezes the page
                        # for ten seconds when 50 kB are pasted. The style sheet lets the box grow instead.
                        lines=2,
                        max_lines=2,
                        container=False,
                        elem_id="sanad-question",
                        autofocus=True,
                    )
                    self.send = gr.Button(texts.send, variant="primary", elem_id="sanad-send")
                    self.stop = gr.Button(texts.stop, visible=False, elem_id="sanad-stop")
            self.panel = _html("", "sanad.source(element, trigger, watch)", elem_id="sanad-panel")
        # Not seen: where one is, for the address bar, and a file on its way to the reader.
        self.place = _html("", "sanad.place(element, trigger, watch)", elem_id="sanad-place")
        self.file = _html("", "sanad.file(element, watch)", elem_id="sanad-file")

    def _wire(self) -> None:
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        locale = self.header.locale
        here = [self.turns, self.conversation, self.place, self.list]
        drawn = [
            self.past, self.live, self.mode, self.question, self.send, self.stop, self.panel, self.search, self.list,
        ]  # fmt: skip
        idle = [self.live, self.send, self.stop]
        shown = [self.panel, self.opened]
        whole = [*self.header.outputs, *drawn, *here]
        whole = list(dict.fromkeys(whole))
        self.header.blocks.load(self.restore, [locale, self.conversation], whole, **quiet)
        asking = gr.on(
            [
                self.send.click, self.past.submit, self.live.submit,
                self.past.edit, self.live.edit,
            ],
            self.ask,
            [self.question, self.turns, locale, self.conversation, self.mode],
            [*idle, *here, *shown, self.past, self.question],
            # In place of the markup of the choice, the browser sends what is asked and what is chosen in it. A question
            # that comes while an answer is on its way is noted, and asked after it: it must never be lost.
            js="(...given) => [...given.slice(0, -1), sanad.wantedAnswer()]",
            trigger_mode="always_last",
            **quiet,
        )  # fmt: skip
        self.stop.click(self.halt, [self.turns, locale], idle, cancels=[asking], **quiet)
        gr.on(
            [self.past.select, self.live.select],
            self.open_source,
            [self.turns, locale, self.panel],
            shown,
            **_last_of("citation", 3),
            **quiet,
        )
        gr.on(
            [self.past.like, self.live.like],
            self.rate,
            [self.turns, locale],
            [self.past, self.live],
            trigger_mode="multiple",
            **quiet,
        )
        self.panel.clear(lambda: ("", None), None, shown, **quiet)
        emptied = list(dict.fromkeys([*idle, *shown, *here, self.past]))
        self.header.html.clear(self.start_over, [locale], emptied, cancels=[asking], **quiet).then(
            None, js="() => document.querySelector('#sanad-question textarea')?.focus()", **quiet
        )
        redrawn = [self.turns, self.opened, locale, self.conversation]
        self.header.html.select(self.redraw, redrawn, whole, trigger_mode="multiple", **quiet)
        gr.on(
            [self.list.select, self.place.select],
            self.go,
            [locale, self.place],
            emptied,
            cancels=[asking],
            **_last_of("conversation", 2),
            **quiet,
        )
        self.place.focus(self.revisit, [self.turns, locale, self.conversation], [*here, self.past, self.live], **quiet)
        listing = [locale, self.conversation, self.query, self.listed]
        found = [self.list, self.query, self.listed]
        self.search.input(self.find, [locale, self.conversation, self.search], found, **_last_of("query", 3), **quiet)
        self.list.expand(self.older, listing, [self.list, self.listed], **quiet)
        self.list.edit(self.rename, listing, [self.list], **quiet)
        self.list.delete(self.delete, listing, emptied, **quiet)
        self.list.download(self.export, [locale], [self.file, self.list], **quiet)

    # -- where one is -----------------------------------------------------------------------------------------------

    async def restore(self, locale: str, conversation: str, request: gr.Request) -> Updates:
        """The page as the reader left it: its language, and the conversation if the server still has it.

        What the address names comes before what the browser remembers, so that every tab has its own.
        """
        texts = texts_for(locale)
        addressed = request.query_params.get("c")
        conversation = addressed or conversation
        turns, problem = await self._turns(conversation)
        if problem and problem.code == UNKNOWN:
            conversation = NEW
            problem = problem if addressed else None  # nobody asked for the one that was only remembered
        drawn = await self._drawn(turns, None, texts, problem, conversation)
        return {**drawn, **self._at(conversation, turns), self.place: _place(conversation, restored=True)}

    async def go(self, locale: str, wanted: str) -> Updates:
        """Open another conversation, from the list or by the browser's own back and forward."""
        conversation = str(_data(wanted).get("conversation") or NEW)
        if conversation == NEW:
            return await self.start_over(locale)
        texts = texts_for(locale)
        turns, problem = await self._turns(conversation)
        if problem and problem.code == UNKNOWN:
            conversation = NEW
        return {
            self.past: await self._past(turns, texts, problem),
            **self._live(turns, texts),
            self.panel: "",
            self.opened: None,
            **self._busy(False),
            **self._at(conversation, turns),
            self.list: await self._list(texts, conversation),
        }

    async def start_over(self, locale: str) -> Updates:
        """An empty conversation; the server keeps the earlier one."""
        texts = texts_for(locale)
        return {
            self.past: await self._past([], texts),
            self.live: "",
            self.panel: "",
            self.opened: None,
            **self._busy(False),
            **self._at(NEW, []),
            self.list: await self._list(texts, NEW),
        }

    async def revisit(self, turns: list[Turn], locale: str, conversation: str) -> Updates:
        """Show what another tab has added meanwhile, when the reader comes back to this one."""
        if conversation == NEW or (turns and turns[-1].pending):
            return {self.list: gr.skip()}
        texts = texts_for(locale)
        found, problem = await self._turns(conversation)
        listed = {self.list: await self._list(texts, conversation)}
        if problem or len(found) <= sum(turn.answer is not None for turn in turns):
            return listed
        unanswered = [turn for turn in turns if turn.answer is None]
        turns = [*found, *unanswered]
        return {
            self.past: await self._past(turns, texts),
            **self._live(turns, texts),
            **self._at(conversation, turns),
            **listed,
        }

    async def redraw(
        self, turns: list[Turn], opened: Opened | None, locale: str, conversation: str, event: gr.EventData
    ) -> Updates:
        """The same page in the language and the digits just chosen."""
        return await self._drawn(turns, opened, self.header.chosen(locale, event), None, conversation)

    async def _turns(self, conversation: str) -> tuple[list[Turn], ApiError | None]:
        """The turns that the server has of a conversation, or why they cannot be had."""
        if conversation == NEW:
            return [], None
        try:
            return [Turn.past(turn) for turn in (await self.api.conversation(conversation)).turns], None
        except ApiError as error:
            return [], error

    # -- asking -----------------------------------------------------------------------------------------------------

    async def ask(
        self, box: str, turns: list[Turn], locale: str, conversation: str, wanted: str
    ) -> AsyncIterator[Updates]:
        """Ask what was in the box, on the button pressed or in an edited question, and show the answer as it comes."""
        wish = _data(wanted)
        question, mode = str(wish.get("question") or "").strip(), wish.get("mode")
        if not question:
            yield {self.live: gr.skip()}
            return
        texts = texts_for(locale)
        if not turns:  # this server's memory of the page may have ended, and not the conversation
            turns, _ = await self._turns(conversation)
        turns, replaced = _up_to(turns, wish.get("turn"))
        turn = Turn(question, kept=question == (box or "").strip())
        turns = [*turns, turn]
        closed = {self.panel: "", self.opened: None} if replaced else {}
        past = turns_html(turns[:-1], texts)
        yield {self.turns: turns, self.past: past, **closed, **self._live(turns, texts), **self._busy(True)}
        try:
            async for part in self._events(turn, conversation, replaced, mode if mode in MODES else None):
                turn.add(part)
                updates = self._live(turns, texts)
                if not turn.pending:  # who sees the answer can ask the next question
                    updates |= self._busy(False)
                if turn.kept:  # understood by the server: the box may take the next question
                    turn.kept = False
                    updates[self.question] = ""
                if isinstance(part, Started):
                    conversation = part.conversation_id
                    updates |= {self.conversation: conversation, self.place: _place(conversation)}
                yield updates
        except ApiError as error:
            turn.error = error
        # One last update: of two that follow closely, Gradio may draw only the second.
        listed = await self._list(texts, conversation)
        yield {**self._live(turns, texts), **self._busy(False), self.list: listed}

    async def _events(
        self, turn: Turn, conversation: str, replaced: str | None, mode: str | None
    ) -> AsyncIterator[Event]:
        """The API's events; in a new conversation when the server no longer has the one the reader was in."""
        known = None if conversation == NEW else conversation
        try:
            async for event in self.api.answer(turn.question, conversation_id=known, replaces=replaced, mode=mode):
                yield event
        except ApiError as error:
            if error.code != UNKNOWN or known is None:
                raise
            turn.expired = True
            async for event in self.api.answer(turn.question, mode=mode):
                yield event

    def halt(self, turns: list[Turn], locale: str) -> Updates:
        """Leave the answer as far as it has come."""
        if turns and turns[-1].pending:
            turns[-1].stopped = True
        return {**self._live(turns, texts_for(locale)), **self._busy(False)}

    async def rate(self, turns: list[Turn], locale: str, event: gr.EventData) -> Updates:
        """Keep what the reader thinks of an answer. The reason comes after the verdict, and replaces it."""
        index, verdict = _sent(event, "turn"), _sent(event, "verdict")
        if not isinstance(index, int) or not 0 <= index < len(turns) or verdict not in ("up", "down"):
            return {self.live: gr.skip()}
        turn = turns[index]
        reason, words = _sent(event, "reason"), str(_sent(event, "text") or "").strip()
        feedback = Feedback(verdict=verdict, reason=str(reason) if reason else None, text=words or None)
        turn.feedback_error = None
        try:
            await self.api.rate(turn.answer.id if turn.answer else "", feedback)
            turn.feedback = feedback
        except ApiError as error:
            turn.feedback_error = error
        texts = texts_for(locale)
        if index == len(turns) - 1:
            return self._live(turns, texts)
        return {self.past: turns_html(turns[:-1], texts)}

    async def open_source(self, turns: list[Turn], locale: str, wanted: str) -> Updates:
        """Open the article of the citation whose button was pressed last."""
        citation = _cited(turns, _data(wanted))
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

    # -- the list of conversations ----------------------------------------------------------------------------------

    async def find(self, locale: str, conversation: str, wanted: str) -> Updates:
        """The conversations that have the words typed."""
        query = str(_data(wanted).get("query") or "").strip()[:200]
        found = await self._list(texts_for(locale), conversation, query)
        return {self.list: found, self.query: query, self.listed: LISTED}

    async def older(self, locale: str, conversation: str, query: str, listed: int) -> Updates:
        """More of the list."""
        listed += LISTED
        return {self.list: await self._list(texts_for(locale), conversation, query, listed), self.listed: listed}

    async def rename(self, locale: str, conversation: str, query: str, listed: int, event: gr.EventData) -> Updates:
        """Give a conversation the title typed."""
        texts = texts_for(locale)
        title = str(_sent(event, "title") or "").strip()
        try:
            if title:
                await self.api.rename(str(_sent(event, "conversation") or ""), title)
        except ApiError as error:
            return {self.list: _list_problem(error, texts)}
        return {self.list: await self._list(texts, conversation, query, listed)}

    async def delete(self, locale: str, conversation: str, query: str, listed: int, event: gr.EventData) -> Updates:
        """Delete a conversation; when it is the one shown, an empty one takes its place."""
        texts = texts_for(locale)
        deleted = str(_sent(event, "conversation") or "")
        try:
            await self.api.delete(deleted)
        except ApiError as error:
            if error.code != UNKNOWN:
                return {self.list: _list_problem(error, texts)}
        if deleted == conversation:
            return await self.start_over(locale)
        return {self.list: await self._list(texts, conversation, query, listed)}

    async def export(self, locale: str, event: gr.EventData) -> Updates:
        """Hand a conversation to the browser as a file, to keep or to share."""
        action, conversation = _sent(event, "action"), str(_sent(event, "conversation") or "")
        file_format = "json" if action == "json" else "markdown"
        try:
            text = await self.api.export(conversation, file_format)
        except ApiError as error:
            return {self.list: _list_problem(error, texts_for(locale))}
        name = f"sanad-{conversation[:8]}.{'json' if file_format == 'json' else 'md'}"
        return {self.file: _file(name, text, shared=action == "share")}

    async def _list(self, texts: Texts, conversation: str, query: str = "", listed: int = LISTED) -> str:
        try:
            found = await self.api.conversations(query, limit=min(listed + 1, MOST_LISTED))
        except ApiError as error:
            return _list_problem(error, texts)
        return list_html(found[:listed], texts, current=conversation, more=len(found) > listed, query=query)

    # -- drawing ----------------------------------------------------------------------------------------------------

    async def _drawn(
        self, turns: list[Turn], opened: Opened | None, texts: Texts, problem: ApiError | None, conversation: str
    ) -> Updates:
        """Every component that holds words."""
        return {
            **self.header.drawn(texts),
            self.search: search_html(texts),
            self.list: await self._list(texts, conversation),
            self.past: await self._past(turns, texts, problem),
            self.mode: await self._modes(texts),
            **self._live(turns, texts),
            self.question: gr.update(**_question(texts)),
            self.send: texts.send,
            self.stop: texts.stop,
            self.panel: _panel(opened, texts) if opened else "",
        }

    async def _past(self, turns: list[Turn], texts: Texts, problem: ApiError | None = None) -> str:
        """All turns but the last, or the welcome when there is none."""
        if turns:
            return turns_html(turns[:-1], texts)
        examples: list[str] = []
        try:
            examples = await self.api.examples(texts.language)
            if not examples and await self.api.is_empty():
                problem = problem or ApiError("empty-index")
        except ApiError as error:
            problem = problem or error
        if problem is None:
            return welcome_html(examples, texts)
        words = texts.lost if problem.code == UNKNOWN else texts.problem(problem.code, problem.messages)
        return welcome_html(examples, texts, problem=words)

    async def _modes(self, texts: Texts) -> str:
        """The choice between ways to be answered; nothing where the server has one only, or is away."""
        try:
            return modes_html(await self.api.modes(), texts)
        except ApiError:
            return ""

    def _live(self, turns: list[Turn], texts: Texts) -> Updates:
        return {self.live: turn_html(turns[-1], len(turns) - 1, texts) if turns else ""}

    def _at(self, conversation: str, turns: list[Turn]) -> Updates:
        return {self.turns: turns, self.conversation: conversation, self.place: _place(conversation)}

    def _busy(self, busy: bool) -> Updates:
        return {self.send: gr.update(visible=not busy), self.stop: gr.update(visible=busy)}


def _html(value: str, script: str, elem_id: str | None = None) -> gr.HTML:
    return gr.HTML(value, js_on_load=script, apply_default_css=False, elem_id=elem_id)


def _question(texts: Texts) -> dict[str, Any]:
    return {"label": texts.question, "placeholder": texts.placeholder, "rtl": texts.direction == "rtl"}


def _place(conversation: str, *, restored: bool = False) -> str:
    """Where the reader is; ``restored`` says that he was there before, and the way back need not lead elsewhere."""
    return f'<span data-conversation="{escape(conversation)}" {"data-restored=true" if restored else ""}></span>'


def _file(name: str, text: str, *, shared: bool) -> str:
    """A file for the browser to save; ``data-nonce`` so that the same one twice is noticed."""
    return (
        f'<span data-name="{escape(name)}" data-text="{escape(text)}" data-shared="{str(shared).lower()}" '
        f'data-nonce="{uuid4().hex}"></span>'
    )


def _list_problem(error: ApiError, texts: Texts) -> str:
    return list_html([], texts, current=NEW, problem=texts.problem(error.code, error.messages))


def _up_to(turns: list[Turn], index: Any) -> tuple[list[Turn], str | None]:
    """The turns that stay when one is asked anew, and the id of the first answer that gives way."""
    if not isinstance(index, int) or not 0 <= index < len(turns):
        return turns, None
    answers = (turn.answer.id for turn in turns[index:] if turn.answer)
    return turns[:index], next(answers, None)


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


def _last_of(kind: str, inputs: int) -> dict[str, Any]:
    """How to listen so that the reader's last wish of a kind is met, also when it comes while one is being met.

    Gradio then only notes that there was another event, and runs it later with the data of the one before. The browser
    therefore sends what was wanted last, as JSON, in place of the last of the ``inputs``.
    """
    js = f"(...given) => [...given.slice(0, {inputs - 1}), sanad.wanted('{kind}')]"
    return {"js": js, "trigger_mode": "always_last"}


def _data(wanted: str) -> dict[str, Any]:
    """What the browser sent as JSON; it may be anything."""
    try:
        data = json.loads(wanted)
    except (TypeError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _cited(turns: list[Turn], wanted: dict[str, Any]) -> Citation | None:
    index, number = wanted.get("turn"), wanted.get("number")
    if not isinstance(index, int) or not isinstance(number, int) or not 0 <= index < len(turns):
        return None
    return turns[index].cited(number, related=wanted.get("related") is True)
