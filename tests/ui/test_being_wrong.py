"""What the reader sees when something fails; nothing that was typed is lost in any of it."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI

from tests.ui.conftest import Served
from ui.app import mount

pytestmark = pytest.mark.browser

SIDES = "ماذا يقول كل طرف عن السوق؟"
PROMISE = "من وعد بثلاثة أرصفة؟"


def box(page: Any) -> str:
    return page.input_value("#sanad-question textarea")


def test_rate_limit_says_how_long_and_lets_the_reader_try_again_then(page: Any, ask: Any) -> None:
    turn = ask(page, "سؤال مهلا")
    alert = turn.locator("[role=alert]")
    assert "أسئلة كثيرة في وقت قصير." in alert.inner_text()
    assert "ثانية" in alert.inner_text()
    again = alert.locator(".sanad-ask")
    assert again.is_disabled()
    assert box(page) == "سؤال مهلا"
    page.wait_for_function("!document.querySelector('.sanad-alert .sanad-ask').disabled")
    again.click()
    page.locator(".sanad-answer[data-status=answered]").wait_for()
    assert page.locator(".sanad-turn").count() == 1
    assert box(page) == ""


def test_slow_answer_says_that_it_is_slow(page: Any) -> None:
    page.fill("#sanad-question textarea", "سؤال بطيء جدًا")
    page.press("#sanad-question textarea", "Enter")
    slow = page.locator(".sanad-slow")
    slow.wait_for(state="attached")
    assert not slow.is_visible()  # at first it is not slow yet
    page.evaluate("document.querySelector('.sanad-slow').getAnimations()[0].finish()")
    assert slow.is_visible()
    page.click("#sanad-stop")


def test_escape_stops_an_answer(page: Any) -> None:
    page.fill("#sanad-question textarea", "سؤال بطيء للإيقاف")
    page.press("#sanad-question textarea", "Enter")
    page.locator(".sanad-sentence").first.wait_for()
    page.keyboard.press("Escape")
    page.locator(".sanad-answer[data-status=stopped]").wait_for()
    assert page.locator(".sanad-tools .sanad-ask").is_visible()


def test_shift_enter_begins_a_line_and_a_draft_outlives_a_reload(page: Any, canned_api: Any) -> None:
    asked = len(canned_api.questions)
    page.locator("#sanad-question textarea").press_sequentially("سطر")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("آخر")
    assert box(page) == "سطر\nآخر"
    page.reload()
    page.locator(".sanad-welcome").wait_for()
    page.wait_for_function("document.querySelector('#sanad-question textarea').value !== ''")
    assert box(page) == "سطر\nآخر"
    assert len(canned_api.questions) == asked


def test_answered_question_is_no_draft(page: Any, ask: Any) -> None:
    ask(page, PROMISE)
    page.locator("#sanad-send").wait_for()
    page.reload()
    page.locator(".sanad-turn").wait_for()
    page.wait_for_timeout(300)
    assert box(page) == ""


def test_pasted_50_kilobytes_are_refused_in_words_and_stay_in_the_box(page: Any) -> None:
    long = "مرفوض " + "كلمة " * 10_000
    page.locator("#sanad-question textarea").focus()
    page.evaluate("text => document.execCommand('insertText', false, text)", long)  # as pasting does
    page.keyboard.press("Enter")
    turn = page.locator(".sanad-turn")
    turn.locator(".sanad-answer[data-status=error]").wait_for()
    assert "السؤال أطول من الحد." in turn.locator("[role=alert]").inner_text()
    assert len(box(page)) == len(long)
    assert turn.locator(".sanad-question").bounding_box()["height"] < 300
    assert page.locator("#sanad-composer").bounding_box()["height"] < 300
    assert page.locator("[role=alert]").bounding_box()["y"] < 900


def test_conversation_that_is_gone_says_so(page: Any, page_server: Any) -> None:
    page.goto(f"{page_server.url}/?c=never-was")
    alert = page.locator(".sanad-welcome [role=alert]")
    alert.wait_for()
    assert "لم تعد هذه المحادثة محفوظة" in alert.inner_text()
    assert page.locator(".sanad-welcome .sanad-ask").count() == 2
    assert "c=" not in page.url


def test_empty_corpus_says_so(open_page: Any, canned_api: Any) -> None:
    canned_api.empty = True
    try:
        page = open_page()
        assert "لا مقالات بعد" in page.locator(".sanad-welcome [role=alert]").inner_text()
        assert page.locator(".sanad-welcome .sanad-ask").count() == 0
    finally:
        canned_api.empty = False


def test_page_without_its_own_server_says_so_keeps_the_text_and_comes_back(
    page: Any, ask: Any, page_server: Any
) -> None:
    ask(page, PROMISE)
    page.fill("#sanad-question textarea", "سؤال أثناء الانقطاع")
    page.route("**/gradio_api/queue/**", lambda route: route.abort())
    page.route(f"{page_server.url}/", lambda route: route.abort())
    page.press("#sanad-question textarea", "Enter")
    away = page.locator(".sanad-away")
    away.wait_for()
    assert "انقطع الاتصال بالصفحة" in away.inner_text()
    assert box(page) == "سؤال أثناء الانقطاع"
    assert not page.locator(".toast-wrap").is_visible()
    assert page.locator(".sanad-words").first.is_visible()
    page.unroute_all()
    away.wait_for(state="detached")
    page.wait_for_function("document.querySelector('#sanad-question textarea')?.value === 'سؤال أثناء الانقطاع'")
    page.locator(".sanad-words").first.wait_for(timeout=30_000)  # Gradio may load the page anew


def test_page_server_that_was_restarted_goes_on_with_the_conversation(
    context: Any, api_server: Any, canned_api: Any, ask: Any
) -> None:
    def served(port: int) -> Served:
        served = Served(mount(FastAPI(openapi_url=None), api_server.url), port)
        served.start()
        return served

    server, page = served(0), context.new_page()
    try:
        page.goto(server.url)
        page.locator(".sanad-welcome").wait_for()
        ask(page, PROMISE)
        page.locator("#sanad-send").wait_for()
        page.fill("#sanad-question textarea", SIDES)
        server.stop()
        server = served(server.port)  # which knows nothing of the session that the page had
        page.wait_for_function("!document.querySelector('.sanad-away')")
        page.locator(".sanad-words").first.wait_for()
        assert box(page) == SIDES
        page.press("#sanad-question textarea", "Enter")
        page.locator(".sanad-card").first.wait_for()
        assert page.locator(".sanad-question").all_inner_texts() == [PROMISE, SIDES]
        assert len(canned_api.conversations[canned_api.questions[-1]["conversation_id"]]) == 2
    finally:
        page.evaluate("localStorage.clear()")
        page.close()
        server.stop()


def test_fonts_away_leave_a_page_that_reads(context: Any, page_server: Any) -> None:
    page = context.new_page()
    page.route("**/ui-fonts/*", lambda route: route.abort())
    page.goto(page_server.url)
    page.locator(".sanad-welcome h1").wait_for()
    assert page.locator(".sanad-welcome h1").bounding_box()["height"] > 20
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.evaluate("localStorage.clear()")
    page.close()


def test_streamed_sentences_are_said_once_to_screen_readers(page: Any, ask: Any) -> None:
    ask(page, PROMISE)
    voice = page.locator("#sanad-voice")
    assert voice.get_attribute("aria-live") == "polite"
    said = voice.locator("p").all_inner_texts()
    assert len(said) == len(set(said)) == 4  # three sentences and the verdict
    assert said[-1] == "ثقة عالية"
