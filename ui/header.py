"""The header of every page: where one is, the other pages, and how this reader wants to read."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import gradio as gr

from ui.icons import icon
from ui.texts import DIGITS, Texts, texts_for


class Header:
    """The header as a component, and the reader's choices in it.

    ``locale`` is a ``gr.BrowserState`` for ``texts_for``: an input of every handler that makes text. A page redraws
    itself in one handler of ``html.select``, from the texts that ``chosen`` gives, and in one of ``blocks.load``;
    both have ``outputs`` among their outputs and ``drawn(texts)`` among their updates.
    """

    def __init__(self, blocks: gr.Blocks, path: str, paths: Sequence[str]) -> None:
        self.blocks = blocks
        self.path = path
        self.paths = paths
        # A string, as Gradio 6 changes a dict in place when a generator skips it. The secret guards nothing: a fixed
        # one lets the browser remember across restarts.
        self.locale = gr.BrowserState("ar", storage_key="sanad-language", secret="sanad")
        self.html = gr.HTML(
            self._html(texts_for("ar")),
            js_on_load="sanad.header(element, trigger, watch)",
            apply_default_css=False,
            elem_id="sanad-header",
        )
        self.outputs = [self.html, self.locale]

    def chosen(self, locale: str, event: gr.EventData) -> Texts:
        """The words for what was chosen in the header, in place of ``locale``."""
        data = event._data if isinstance(event._data, dict) else {}
        return texts_for(str(data.get("locale") or locale))

    def drawn(self, texts: Texts) -> dict[Any, Any]:
        """The header in these words, which are remembered, as updates of ``outputs``."""
        return {self.html: self._html(texts), self.locale: texts.locale}

    def _html(self, texts: Texts) -> str:
        links = self._links(texts)
        return (
            f'<header class="sanad-header" lang="{texts.language}" dir="{texts.direction}" '
            f'data-away="{texts.page_away}" data-back="{texts.page_back}" data-copied="{texts.copied}">'
            f'<a class="sanad-skip" href="#sanad-main">{texts.skip}</a>'
            f"{self._list_button(texts)}"
            f'<a class="sanad-brand" href="./"><strong>{texts.name}</strong></a>'
            f'<nav class="sanad-pages" aria-label="{texts.pages_label}">{links}</nav>'
            f"{self._new_button(texts)}"
            f'<button type="button" id="sanad-language" data-locale="{texts.other_locale}" '
            f'lang="{"en" if texts.language == "ar" else "ar"}">{texts.other_language}</button>'
            f'<details class="sanad-menu"><summary>{texts.settings}</summary><div>'
            f'<nav class="sanad-menu-pages" aria-label="{texts.pages_label}">{links}</nav>'
            f"{_digits(texts)}{_looks(texts)}</div></details></header>"
        )

    def _list_button(self, texts: Texts) -> str:
        if self.path:
            return ""
        return (
            f'<button type="button" id="sanad-list-button" aria-controls="sanad-list" aria-expanded="false" '
            f'aria-label="{texts.show_conversations}" title="{texts.show_conversations}">{icon("list")}</button>'
        )

    def _new_button(self, texts: Texts) -> str:
        if self.path:
            return ""
        return (
            f'<button type="button" id="sanad-renew" aria-label="{texts.new_conversation}">{icon("new")}'
            f"<span>{texts.new_conversation}</span></button>"
        )

    def _links(self, texts: Texts) -> str:
        here = 'aria-current="page"'
        return "".join(
            f'<a href="./{path}" data-path="{path}" {here if path == self.path else ""}>{texts.pages[path]}</a>'
            for path in self.paths
        )


def _digits(texts: Texts) -> str:
    """How numbers are shown, as a choice; the samples are never converted themselves."""
    chosen = texts.digits
    options = "".join(
        _option("sanad-digits", texts.with_digits(digits).locale, label, digits == chosen)
        for digits, label in zip(DIGITS, texts.digit_names, strict=True)
    )
    return f"<fieldset><legend>{texts.digits_label}</legend>{options}</fieldset>"


def _looks(texts: Texts) -> str:
    """Light or dark; the browser remembers it by itself, and marks what is chosen."""
    options = "".join(_option("sanad-look", look, label, False) for look, label in texts.looks.items())
    return f"<fieldset><legend>{texts.look_label}</legend>{options}</fieldset>"


def _option(name: str, value: str, label: str, chosen: bool) -> str:
    return (
        f'<label><input type="radio" name="{name}" value="{escape(value)}" {"checked" if chosen else ""}>'
        f'<span class="sanad-as-written">{escape(label)}</span></label>'
    )
