"""The page for adding articles: files to the API's ingest job, and what becomes of each."""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator
from html import escape
from typing import Any

import gradio as gr

from ui.client import Api, ApiError, Job, JobFile
from ui.explore_html import page_html
from ui.explore_texts import ExploreTexts, explore_texts
from ui.header import Header
from ui.texts import Texts, texts_for

MEGABYTES = 20
"""Most that is sent at a time: the files pass through the page's server in memory. The API's own limit may be lower."""

FORMATS = ".md,.markdown,.txt,.html,.htm,.pdf,.docx"
Updates = dict[Any, Any]


def lay_out(api: Api, header: Header) -> None:
    """Lay out and wire the page in the open Blocks."""
    _UploadPage(api, header)


class _UploadPage:
    """A place to drop files, and under it how it goes."""

    def __init__(self, api: Api, header: Header) -> None:
        self.api = api
        self.header = header
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        self.outcome = gr.State(None)
        with gr.Row(elem_id="sanad-body"), gr.Column(elem_id="sanad-explore"):
            self.form = _html("sanad.upload(element, trigger)", "sanad-exploring")
            self.result = _html("sanad.outcome(element, watch)", "sanad-result")
        whole = [*header.outputs, self.form, self.result]
        header.blocks.load(self.enter, [header.locale], whole, **quiet)
        header.html.select(self.redraw, [header.locale, self.outcome], whole, trigger_mode="multiple", **quiet)
        self.form.upload(self.send, [header.locale], [self.result, self.outcome], **quiet)

    def enter(self, locale: str) -> Updates:
        """The page as one comes to it."""
        texts = texts_for(locale)
        return {**self.header.drawn(texts), self.form: form_html(texts), self.result: ""}

    def redraw(self, locale: str, outcome: Job | ApiError | None, event: gr.EventData) -> Updates:
        """The same in the language and the digits just chosen."""
        texts = self.header.chosen(locale, event)
        return {
            **self.header.drawn(texts),
            self.form: form_html(texts),
            self.result: outcome_html(outcome, texts) if outcome else "",
        }

    async def send(self, locale: str, event: gr.EventData) -> AsyncIterator[Updates]:
        """Send the files, and show how their job goes until it has ended."""
        texts = texts_for(locale)
        yield {self.result: sending_html(texts), self.outcome: None}
        try:
            taken = await self.api.add_articles(_files(event))
            yield self._now(taken, texts)
            async for job in self.api.follow(taken.id):
                yield self._now(job, texts)
        except ApiError as error:
            yield self._now(error, texts)

    def _now(self, outcome: Job | ApiError, texts: Texts) -> Updates:
        return {self.result: outcome_html(outcome, texts), self.outcome: outcome}


def _html(script: str, elem_id: str) -> gr.HTML:
    return gr.HTML("", js_on_load=script, apply_default_css=False, elem_id=elem_id)


def _files(event: gr.EventData) -> list[tuple[str, bytes]]:
    """What the browser sent; it may be anything.

    Raises:
        ApiError: it is not a list of files, or larger than is taken.
    """
    sent = event._data.get("files") if isinstance(event._data, dict) else None
    try:
        files = [(str(file["name"]), base64.b64decode(file["data"], validate=True)) for file in sent or []]
    except (TypeError, KeyError, ValueError, binascii.Error) as error:
        raise ApiError("bad-response") from error
    if sum(len(content) for _, content in files) > MEGABYTES * 2**20:
        raise ApiError("body-too-large")
    return files


def form_html(texts: Texts) -> str:
    """Where files are chosen or dropped, with what is taken."""
    words = explore_texts(texts)
    limit = words.limit.format(size=MEGABYTES)
    body = (
        f'<form class="sanad-drop" data-megabytes="{MEGABYTES}" data-sending="{words.sending}" '
        f'data-large="{escape(words.too_large)}"><label><input type="file" multiple accept="{FORMATS}" '
        f'aria-describedby="sanad-formats"><span class="sanad-firm">{words.choose}</span></label>'
        f'<span>{words.drop}</span><small id="sanad-formats">{words.formats} · {limit}</small>'
        f'<p class="sanad-drop-problem" role="alert"></p></form>'
    )
    return page_html(words.upload, words.upload_detail, body, texts)


def sending_html(texts: Texts) -> str:
    """While the files are on their way."""
    words = explore_texts(texts)
    return _section(f"<progress class='sanad-progress' aria-label='{words.sending}'></progress>", words.sending, texts)


def outcome_html(outcome: Job | ApiError, texts: Texts) -> str:
    """How far the job has come and what has become of each file, or why it was not taken."""
    words = explore_texts(texts)
    if isinstance(outcome, ApiError):
        message = escape(texts.problem(outcome.code, outcome.messages))
        return _section(f'<p class="sanad-alert" role="alert">{message}</p>', words.failed, texts)
    files = "".join(_file(file, texts, words) for file in outcome.files)
    listed = f'<ul class="sanad-outcomes">{files}</ul>'
    if outcome.ended:
        fine = outcome.state == "done"
        link = f'<a class="sanad-firm" href="./articles">{words.see_articles}</a>'
        return _section(listed + link, words.done if fine else words.failed, texts, state=outcome.state)
    stage = words.stages.get(outcome.state, outcome.state)
    known = f'value="{outcome.done}" max="{outcome.total}"' if outcome.total else ""
    bar = f'<progress class="sanad-progress" aria-label="{escape(stage)}" {known}></progress>'
    count = words.progress.format(done=outcome.done, total=outcome.total) if outcome.total else ""
    return _section(f"{bar}<small>{count}</small>{listed}", escape(stage), texts, state=outcome.state)


def _section(body: str, heading: str, texts: Texts, *, state: str = "") -> str:
    return texts.shown(
        f'<section class="sanad-explore sanad-outcome" dir="{texts.direction}" data-state="{escape(state)}">'
        f'<h2 class="sanad-found-heading" role="status">{heading}</h2>{body}</section>'
    )


def _file(file: JobFile, texts: Texts, words: ExploreTexts) -> str:
    detail = file.detail_ar if texts.language == "ar" else file.detail
    why = f'<small dir="auto">{escape(detail)}</small>' if detail else ""
    outcome = words.outcomes.get(file.outcome, file.outcome)
    return (
        f'<li data-outcome="{escape(file.outcome)}"><bdi>{escape(file.name)}</bdi>'
        f"<span>{escape(outcome)}</span>{why}</li>"
    )
