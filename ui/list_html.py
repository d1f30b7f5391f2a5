"""The reader's conversations as HTML: one to open, rename, keep as a file, share or delete."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ui.answer_html import words_html
from ui.client import ListedConversation
from ui.icons import icon
from ui.texts import Texts


def search_html(texts: Texts) -> str:
    """The heading and the search field, apart from the list so that typing survives a new list."""
    return (
        f'<div dir="{texts.direction}"><div class="sanad-list-head"><h2>{texts.conversations}</h2>'
        f'<button type="button" class="sanad-tool sanad-list-close" aria-label="{texts.show_conversations}">×</button>'
        f'</div><input type="search" class="sanad-field" id="sanad-search" dir="auto" maxlength="200" '
        f'aria-label="{texts.search_conversations}" placeholder="{texts.search_conversations}"></div>'
    )


def list_html(
    conversations: Sequence[ListedConversation],
    texts: Texts,
    *,
    current: str,
    more: bool = False,
    query: str = "",
    problem: str | None = None,
) -> str:
    """The conversations in the order given; ``more`` says that there are older ones."""
    if problem:
        return f'<p class="sanad-alert" role="alert" dir="{texts.direction}">{escape(problem)}</p>'
    if not conversations:
        empty = texts.none_found if query else texts.no_conversations
        return f'<p class="sanad-note" role="status" dir="{texts.direction}">{empty}</p>'
    rows = "".join(_row(conversation, texts, conversation.id == current) for conversation in conversations)
    older = f'<button type="button" class="sanad-firm sanad-more">{texts.more}</button>' if more else ""
    return texts.shown(f'<ul dir="{texts.direction}" aria-label="{texts.conversations}">{rows}</ul>{older}')


def _row(conversation: ListedConversation, texts: Texts, current: bool) -> str:
    title = conversation.title or texts.untitled_conversation
    day = texts.date(conversation.updated.date()) if conversation.updated else ""
    here = 'aria-current="true"' if current else ""
    return (
        f'<li class="sanad-row" data-id="{escape(conversation.id)}" {here}>'
        f'<button type="button" class="sanad-open"><span dir="auto">{words_html(title)}</span><small>{day}</small>'
        f"</button>{_actions(title, texts)}{_rename(title, texts)}{_confirm(texts)}</li>"
    )


def _actions(title: str, texts: Texts) -> str:
    label = escape(f"{texts.actions}: {title}")
    choices = (
        ("rename", "edit", texts.rename),
        ("markdown", "export", texts.export_markdown),
        ("json", "export", texts.export_json),
        ("share", "share", texts.share),
        ("delete", "delete", texts.delete),
    )
    buttons = "".join(
        f'<button type="button" data-action="{action}">{icon(drawing)}<span>{words}</span></button>'
        for action, drawing, words in choices
    )
    return (
        f'<details class="sanad-actions"><summary class="sanad-tool" aria-label="{label}">⋯</summary>'
        f"<div>{buttons}</div></details>"
    )


def _rename(title: str, texts: Texts) -> str:
    return (
        f'<form class="sanad-rename" hidden><input type="text" class="sanad-field" value="{escape(title)}" dir="auto" '
        f'maxlength="200" required aria-label="{texts.new_title}"><p>'
        f'<button class="sanad-firm">{texts.rename}</button>'
        f'<button type="button" class="sanad-cancel">{texts.cancel}</button></p></form>'
    )


def _confirm(texts: Texts) -> str:
    return (
        f'<div class="sanad-confirm" role="group" aria-label="{texts.delete}" hidden><p>{texts.really_delete}</p><p>'
        f'<button type="button" class="sanad-firm sanad-delete">{texts.do_delete}</button>'
        f'<button type="button" class="sanad-cancel">{texts.keep_it}</button></p></div>'
    )
