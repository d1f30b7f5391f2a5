"""The list of conversations beside the chat, or over it on a phone."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

SIDES = "ماذا يقول كل طرف عن السوق؟"
PROMISE = "من وعد بثلاثة أرصفة؟"


@pytest.fixture
def two(page: Any, ask: Any, canned_api: Any) -> Any:
    """A page in the second of two conversations."""
    canned_api.conversations.clear()
    canned_api.titles.clear()
    ask(page, SIDES)
    page.click("#sanad-renew")
    page.locator(".sanad-welcome").wait_for()
    ask(page, PROMISE)
    page.locator(".sanad-row").nth(1).wait_for()
    return page


def act(page: Any, row: int, action: str) -> Any:
    """Choose an action of a conversation's menu; gives its row."""
    found = page.locator(".sanad-row").nth(row)
    found.locator("summary").click()
    found.locator(f"[data-action={action}]").click()
    return found


def test_conversations_are_listed_beside_the_chat_and_opened(two: Any) -> None:
    assert two.locator(".sanad-open span").all_inner_texts() == [PROMISE, SIDES]
    assert two.locator(".sanad-row[aria-current]").inner_text().startswith(PROMISE)
    listed, chat = two.locator("#sanad-list").bounding_box(), two.locator("#sanad-chat").bounding_box()
    assert listed["x"] >= chat["x"] + chat["width"]  # on the right, where an Arabic page begins
    two.locator(".sanad-open").nth(1).click()
    two.locator(".sanad-card").first.wait_for()
    assert two.locator(".sanad-question").inner_text() == SIDES
    assert two.locator(".sanad-row[aria-current]").inner_text().startswith(SIDES)


def test_back_and_forward_lead_through_the_conversations(two: Any) -> None:
    second = two.url
    two.locator(".sanad-open").nth(1).click()
    two.locator(".sanad-card").first.wait_for()
    two.go_back()
    two.locator(".sanad-question", has_text=PROMISE).wait_for()
    assert two.url == second
    two.go_forward()
    two.locator(".sanad-card").first.wait_for()


def test_search_narrows_the_list_and_says_when_nothing_is_found(two: Any) -> None:
    two.fill("#sanad-search", "السوق")
    two.wait_for_function("document.querySelectorAll('.sanad-row').length === 1")
    assert two.locator(".sanad-open span").inner_text() == SIDES
    two.fill("#sanad-search", "كلمة لم ترد")
    two.locator("#sanad-conversations .sanad-note").wait_for()
    assert "لا محادثة" in two.locator("#sanad-conversations").inner_text()
    assert two.evaluate("document.activeElement.id") == "sanad-search"


def test_what_was_typed_last_is_searched_for_however_slow_the_search(two: Any, canned_api: Any) -> None:
    held = canned_api.held = threading.Event()
    two.fill("#sanad-search", "كلمة لم ترد")
    while canned_api.held:  # until it has reached the API
        two.wait_for_timeout(20)
    two.fill("#sanad-search", "السوق")
    two.wait_for_timeout(400)  # longer than the page waits for another letter
    held.set()
    two.wait_for_function("document.querySelectorAll('.sanad-row').length === 1")
    assert two.locator(".sanad-open span").inner_text() == SIDES


def test_conversation_is_renamed(two: Any, canned_api: Any) -> None:
    row = act(two, 1, "rename")
    field = row.locator(".sanad-rename input")
    assert field.input_value() == SIDES
    field.press("Escape")
    assert not field.is_visible()
    act(two, 1, "rename")
    field.fill("خلاف السوق")
    field.press("Enter")
    two.locator(".sanad-open", has_text="خلاف السوق").wait_for()
    assert list(canned_api.titles.values()) == ["خلاف السوق"]


def test_deleting_asks_first_and_leaves_an_empty_conversation(two: Any, canned_api: Any) -> None:
    row = act(two, 0, "delete")
    assert "نهائيًا" in row.locator(".sanad-confirm").inner_text()
    row.locator(".sanad-confirm .sanad-cancel").click()
    assert len(canned_api.conversations) == 2
    act(two, 0, "delete").locator(".sanad-delete").click()
    two.locator(".sanad-welcome").wait_for()
    two.wait_for_function("document.querySelectorAll('.sanad-row').length === 1")
    assert two.locator(".sanad-open span").inner_text() == SIDES
    assert "c=" not in two.url
    assert len(canned_api.conversations) == 1


@pytest.mark.parametrize(("action", "suffix"), [("markdown", ".md"), ("json", ".json")])
def test_conversation_is_kept_as_a_file(two: Any, action: str, suffix: str) -> None:
    with two.expect_download() as download:
        act(two, 1, action)
    assert download.value.suggested_filename.endswith(suffix)
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert SIDES in text
    assert text.startswith("## " if suffix == ".md" else "{")


def test_conversation_is_shared_by_the_clipboard_where_there_is_no_share_sheet(two: Any, context: Any) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    two.evaluate("navigator.canShare = undefined")
    act(two, 1, "share")
    two.locator(".sanad-told").wait_for()
    assert two.locator(".sanad-told").inner_text() == "نُسخ"
    assert two.evaluate("navigator.clipboard.readText()") == f"## {SIDES}"


def test_second_tab_keeps_to_its_own_conversation(two: Any, open_page: Any, ask: Any) -> None:
    first = two.url
    other = open_page()  # what the browser remembers is the conversation of the first tab
    other.locator("#sanad-renew").click()
    other.locator(".sanad-welcome").wait_for()
    ask(other, "سؤال في لسان آخر")
    two.reload()
    two.locator(".sanad-turn").wait_for()
    assert two.url == first
    assert two.locator(".sanad-question").inner_text() == PROMISE


def test_turn_asked_in_another_tab_is_there_when_the_reader_comes_back(two: Any, canned_api: Any) -> None:
    turns = canned_api.conversations[two.url.split("c=")[1]]
    turns.append({"question": "سؤال من لسان آخر", "answer": {**turns[0]["answer"], "id": "elsewhere"}})
    two.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    two.locator(".sanad-question", has_text="سؤال من لسان آخر").wait_for()
    assert two.locator(".sanad-question").all_inner_texts() == [PROMISE, "سؤال من لسان آخر"]


@pytest.mark.parametrize("width", [1279, 1280, 1281])
def test_list_covers_nothing_unasked_at_any_width(open_page: Any, width: int) -> None:
    page = open_page(width, 720)
    page.locator("#sanad-question textarea").click(trial=True)
    page.locator("#sanad-send").click(trial=True)


def test_list_is_a_drawer_on_a_phone(open_page: Any, ask: Any) -> None:
    page = open_page(390, 844)
    ask(page, PROMISE)
    assert not page.locator("#sanad-list").is_visible()
    page.click("#sanad-list-button")
    drawer = page.locator("#sanad-list").bounding_box()
    assert drawer["x"] + drawer["width"] == 390
    assert drawer["width"] < 390
    assert page.evaluate("document.activeElement.id") == "sanad-search"
    page.keyboard.press("Escape")
    page.locator("#sanad-list").wait_for(state="hidden")
    assert page.evaluate("document.activeElement.id") == "sanad-list-button"
    page.click("#sanad-list-button")
    page.locator(".sanad-open").first.click()
    page.locator("#sanad-list").wait_for(state="hidden")
