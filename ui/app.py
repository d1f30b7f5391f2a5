"""The page: a Gradio app that talks to the Sanad API over HTTP only.

``mount(app, api_url)`` puts it on a FastAPI app, after that app's own routes have been declared.

Another page is hung in here: write ``lay_out(api, header)`` in a module of its own, add a line to ``PAGES``, and name
the page in ``Texts.pages``. It is then served at ``/<path>`` and linked in every header.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from ui import chat, explore, upload
from ui.client import Api
from ui.header import Header
from ui.responses import PageResponses

HERE = Path(__file__).parent
ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"
    "%3Crect width='32' height='32' rx='8' fill='%230f6b5c'/%3E%3Cpath"
    " d='M9 10h14M9 16h14M9 22h8' stroke='white' stroke-width='3' stroke-linecap='round'/%3E%3C/svg%3E"
)

PAGES: dict[str, Callable[[Api, Header], None]] = {
    "": chat.lay_out,
    "articles": explore.articles,
    "voices": explore.voices,
    "timeline": explore.timeline,
    "upload": upload.lay_out,
    "evaluation": explore.evaluation,
}
"""What lays out the components of each page and wires them, by path."""


def build(api: Api) -> gr.Blocks:
    """All pages over the API."""
    blocks = gr.Blocks(title="سند · Sanad", analytics_enabled=False, fill_width=True)
    for path, lay_out in PAGES.items():
        # Gradio's own bar of pages knows no right-to-left; each page has the header instead.
        with blocks.route(path, path, show_in_navbar=False) if path else blocks:
            lay_out(api, Header(blocks, path, list(PAGES)))
    # Handlers only wait for the API, so many readers can be served at once.
    return blocks.queue(default_concurrency_limit=64)


def mount(app: FastAPI, api_url: str, *, key: str | None = None, secret: str | None = None) -> FastAPI:
    """Serve the pages at ``/`` of ``app``; routes declared before this call keep precedence.

    Args:
        key: An API key to ask with.
        secret: What the API believes this page by when it says whom it asks for.
    """
    options = mount_options()
    app.add_middleware(PageResponses, head=options["head"])
    fonts = StaticFiles(directory=HERE / "fonts")
    app.mount("/ui-fonts", fonts, name="ui-fonts")
    return gr.mount_gradio_app(app, build(Api(api_url, key=key, secret=secret)), path="/", **options)


def mount_options() -> dict[str, Any]:
    """Arguments of ``gr.mount_gradio_app`` for these pages: their look, and nothing fetched from elsewhere."""
    # In `head` and not `css`: Gradio prefixes every selector of `css`, which breaks those on html and body.
    style, script = (
        "".join((HERE / f"{name}.{kind}").read_text(encoding="utf-8") for name in ("page", "explore"))
        for kind in ("css", "js")
    )
    return {
        "theme": _theme(),
        "head": f'<style>{style}</style><script>{script}</script><link rel="icon" href="{ICON}">',
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
