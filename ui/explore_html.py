"""What the pages for exploring have in common, as HTML. All that comes from elsewhere is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ui.address import Address
from ui.answer_html import words_html
from ui.client import ApiError, Citation
from ui.explore_texts import explore_texts
from ui.texts import Texts


def page_html(title: str, detail: str, body: str, texts: Texts) -> str:
    """A page: its heading, what it is, and its parts."""
    return texts.shown(
        f'<div class="sanad-explore" dir="{texts.direction}"><h1 tabindex="-1">{title}</h1>'
        f'<p class="sanad-lead">{detail}</p>{body}</div>'
    )


def form_html(fields: str, button: str, clear: str, texts: Texts) -> str:
    """A form whose fields make the address; without script it does the same by itself."""
    return (
        f'<form class="sanad-form" method="get" role="search">{fields}<div class="sanad-form-buttons">'
        f'<button class="sanad-firm sanad-go">{button}</button>'
        f'<a class="sanad-cancel" href="?">{clear}</a></div></form>'
    )


def field_html(name: str, label: str, value: str, *, kind: str = "search", placeholder: str = "") -> str:
    """A labelled field of a form."""
    return (
        f'<label class="sanad-labelled sanad-labelled-{kind}"><span>{label}</span><input class="sanad-field" '
        f'type="{kind}" name="{name}" value="{escape(value)}" placeholder="{placeholder}" maxlength="500">'
        "</label>"
    )


def select_html(name: str, label: str, chosen: str, options: Sequence[tuple[str, str]]) -> str:
    """A labelled choice of a form: (value, words) each."""
    rows = "".join(
        f'<option value="{escape(value)}" {"selected" if value == chosen else ""}>{escape(words)}</option>'
        for value, words in options
    )
    return (
        f'<label class="sanad-labelled"><span>{label}</span>'
        f'<select class="sanad-field" name="{name}" dir="auto">{rows}</select></label>'
    )


def heading_html(words: str) -> str:
    """The heading of what was found, which takes the focus when it is drawn anew."""
    return f'<h2 class="sanad-found-heading" tabindex="-1" data-focus>{words}</h2>'


def empty_html(title: str, detail: str, more: str = "") -> str:
    """Nothing to show, and what to do about it."""
    return (
        f'<div class="sanad-empty" role="status"><h2 tabindex="-1" data-focus>{title}</h2><p>{detail}</p>{more}</div>'
    )


def problem_html(error: ApiError, address: Address, texts: Texts) -> str:
    """A page that could not be had, and a way to try again."""
    words = explore_texts(texts)
    if error.code == "empty-index":
        more = f'<a class="sanad-firm" href="./upload">{words.add_articles}</a>'
        return texts.shown(
            f'<div class="sanad-explore" dir="{texts.direction}">{empty_html(words.empty, words.empty_detail, more)}'
            "</div>"
        )
    message = escape(texts.problem(error.code, error.messages))
    return texts.shown(
        f'<div class="sanad-explore" dir="{texts.direction}"><div class="sanad-alert" role="alert">'
        f'<p tabindex="-1" data-focus>{message}</p>'
        f'<a class="sanad-firm" href="{address.href}">{words.retry}</a></div></div>'
    )


def origin_html(source: str | None, published: str, texts: Texts) -> str:
    """Source and date, what is unknown said to be so."""
    return (
        f"<small>{texts.source}: <bdi>{escape(source or texts.unknown)}</bdi> · "
        f"{texts.published}: <bdi>{published}</bdi></small>"
    )


def quoted_link(citation: Citation, address: Address, texts: Texts, *, label: str, inner: str, kind: str) -> str:
    """A link that opens the article beside the page at the citation; pointing at it shows the quote."""
    origin = " · ".join(
        [citation.title or texts.untitled, citation.source or texts.unknown, texts.date(citation.published)]
    )
    return (
        f'<a class="{kind}" href="{address.cited(citation).href}" data-quote="{escape(citation.quote)}" '
        f'data-origin="{escape(origin)}" aria-label="{escape(label)}">{inner}</a>'
    )


def stance_words(stance: str, texts: Texts) -> str:
    """A stance as a verb."""
    return texts.stances.get(stance) or explore_texts(texts).says


def sentence_html(text: str) -> str:
    """A sentence in its own direction, names of the other script isolated."""
    return f'<span dir="auto">{words_html(text)}</span>'
