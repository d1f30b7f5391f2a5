"""The source panel as HTML: an article open at the words that were cited."""

from __future__ import annotations

import re
from html import escape

from ui.answer_html import attribution_html, words_html
from ui.client import Article, Attribution, Citation
from ui.texts import Texts


def article_html(article: Article, citation: Citation, texts: Texts, *, opening: str, footer: str = "") -> str:
    """The whole article, the cited span in one ``<mark>`` whose text is the quote; ``footer`` is markup under it.

    ``opening`` is any text new for each opening, so that the page notices the same place opened again.
    """
    start, end = citation.start, citation.end
    before, words, after = article.text[:start], article.text[start:end], article.text[end:]
    title = article.title or texts.untitled
    said_by = attribution_html(_said_by(article, start), texts)
    changed = "" if words == citation.quote else f'<p class="sanad-alert" role="alert">{texts.changed}</p>'
    return _panel(
        title,
        f'<dl><div><dt>{texts.source}</dt><dd dir="auto">{escape(article.source or texts.unknown)}</dd></div>'
        f"<div><dt>{texts.published}</dt><dd>{texts.date(article.published)}</dd></div>"
        f"<div><dt>{texts.said_by}</dt><dd>{said_by}</dd></div></dl>"
        f'{changed}<div class="sanad-text" tabindex="0" role="group" aria-label="{escape(title)}">'
        f"{_flowing(before)}<mark>{_flowing(words)}</mark>{_flowing(after)}</div>{footer}",
        texts,
        opening,
    )


def article_problem_html(message: str, citation: Citation | None, texts: Texts, *, opening: str) -> str:
    """The panel when the article cannot be had: why, and the quote that the page already holds."""
    quote = f'<blockquote dir="auto">{words_html(citation.quote)}</blockquote>' if citation else ""
    title = citation.title if citation else None
    body = f'<p class="sanad-alert" role="alert">{escape(message)}</p>{quote}'
    return _panel(title or texts.source_panel, body, texts, opening)


def _panel(title: str, body: str, texts: Texts, opening: str) -> str:
    return texts.shown(
        f'<section class="sanad-source" dir="{texts.direction}" aria-label="{texts.source_panel}" '
        f'data-opening="{escape(opening)}">'
        f'<header><h2 dir="auto" tabindex="-1">{escape(title)}</h2>'
        f'<button type="button" class="sanad-close" aria-label="{texts.close}">×</button></header>'
        f"{body}</section>"
    )


def _flowing(text: str) -> str:
    """Escaped text, every character kept, with its blank lines marked so that they can be drawn less tall."""
    return re.sub(r"\n\s*\n", r'<span class="sanad-gap">\g<0></span>', words_html(text))


def _said_by(article: Article, start: int) -> Attribution | None:
    """The attribution of the sentence that holds the offset."""
    holding = (sentence for sentence in article.sentences if sentence.start <= start < sentence.end)
    return next((sentence.attribution for sentence in holding), None)
