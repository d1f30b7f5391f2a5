"""What a reader can do with an answer: see a quote, copy, ask again, edit the question, say what he thinks."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.browser

SIDES = "ماذا يقول كل طرف عن السوق؟"
PROMISE = "من وعد بثلاثة أرصفة؟"
MAYOR = "«لن نهدم السوق القديم، وسنضيف 3 أرصفة بكلفة 12.5 مليون دينار»"


def answered(page: Any, number: int) -> Any:
    """The turn with this index, once it is whole."""
    turn = page.locator(f'.sanad-turn[data-turn="{number}"]')
    turn.locator(".sanad-answer:not([data-status=pending])").wait_for()
    return turn


def test_pointing_at_a_citation_shows_its_words_and_where_they_stand(page: Any, ask: Any) -> None:
    cite = ask(page, PROMISE).locator(".sanad-cite").first
    cite.hover()
    quote = page.locator("[role=tooltip]")
    assert quote.locator("blockquote").inner_text() == MAYOR
    assert quote.locator("small").inner_text() == "ميناء مرجانة: توسعة وخلاف · صحيفة الشاطئ · 9 مارس 2029"
    box, button = quote.bounding_box(), cite.bounding_box()
    assert box["y"] >= button["y"] + button["height"] or box["y"] + box["height"] <= button["y"]
    page.mouse.move(700, 850)
    quote.wait_for(state="detached")


def test_a_tap_shows_the_quote_in_its_article(context: Any, page_server: Any, ask: Any, api_server: Any) -> None:
    phone = context.browser.new_context(
        has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844}, reduced_motion="reduce"
    )
    try:
        page = phone.new_page()
        page.goto(page_server.url)
        page.locator(".sanad-welcome").wait_for()
        ask(page, PROMISE).locator(".sanad-cite").first.tap()
        mark = page.locator("#sanad-panel mark")
        mark.wait_for()
        detail = page.request.get(f"{api_server.url}/v1/articles/ميناء-1").json()
        assert mark.text_content() == detail["text"][detail["text"].index(MAYOR) :][: len(MAYOR)] == MAYOR
        drawer, words = page.locator(".sanad-source").bounding_box(), mark.bounding_box()
        assert drawer["y"] <= words["y"] < words["y"] + words["height"] <= 844
        page.touchscreen.tap(195, 90)  # beside the drawer
        page.locator(".sanad-source").wait_for(state="detached")
    finally:
        phone.close()


def test_quote_is_shown_on_focus_described_to_screen_readers_and_put_away_by_escape(page: Any, ask: Any) -> None:
    turn = ask(page, PROMISE)
    turn.locator(".sanad-edit").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "sanad-cite"
    assert page.locator("[role=tooltip] blockquote").inner_text() == MAYOR
    described = page.evaluate("document.getElementById(document.activeElement.getAttribute('aria-describedby')).role")
    assert described == "tooltip"
    page.keyboard.press("Escape")
    page.locator("[role=tooltip]").wait_for(state="detached")
    assert page.evaluate("document.activeElement.className") == "sanad-cite"


def test_citations_count_up_as_one_reads_down_the_page(page: Any, ask: Any) -> None:
    turn = ask(page, "ما ترتيب الأقوال؟")
    shown = turn.locator(".sanad-sentence .sanad-cite")
    assert shown.all_inner_texts() == ["[1]", "[2]", "[3]"]
    tops = [shown.nth(index).bounding_box()["y"] for index in range(2)]
    assert tops[0] < tops[1]
    assert turn.locator(".sanad-sources .sanad-cite").all_inner_texts() == ["[1]", "[2]", "[3]"]
    words = turn.locator(".sanad-words").first.inner_text()
    assert words == "وأضافت أن الأشغال تنتهي في عام 2031."
    shown.first.click()
    page.locator("mark").wait_for()
    assert page.locator("mark").text_content() == words


def test_generative_answer_tells_what_was_dropped_and_a_fallback_that_it_is_one(page: Any, ask: Any) -> None:
    badges = ask(page, "سؤال إلى نموذج").locator(".sanad-badge").all_inner_texts()
    assert "صياغة نموذج لغة، تحقّق سند من كل جملة فيها" in badges
    assert "حُذفت جمل لم تسندها المصادر: 2" in badges
    badges = ask(page, "سؤال احتياط").locator(".sanad-badge").all_inner_texts()
    assert "لم يُجب نموذج اللغة، فهذه جمل المقالات كما هي." in badges


def test_greeting_is_answered_in_kind_and_not_as_a_question_that_failed(page: Any, ask: Any) -> None:
    turn = ask(page, "سلام عليكم")
    assert turn.locator(".sanad-reply").inner_text() == "وعليكم السلام."
    assert turn.locator(".sanad-abstained, .sanad-related, .sanad-badge").count() == 0


def test_answer_is_copied_with_its_citations(page: Any, context: Any, ask: Any) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, PROMISE).locator(".sanad-copy").click()
    page.locator(".sanad-copy.sanad-done").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert copied[0] == PROMISE
    assert f"{MAYOR} [1] (القائل: هالة السروجي)" in copied
    assert f"[1] ميناء مرجانة: توسعة وخلاف · صحيفة الشاطئ · 9 مارس 2029: «{MAYOR}»" in copied


def test_question_is_edited_in_place_and_asked_from_there(page: Any, ask: Any, canned_api: Any) -> None:
    first, second = ask(page, SIDES), ask(page, PROMISE)
    ask(page, "سؤال ثالث")
    replaced = canned_api.conversations[page.url.split("c=")[1]][1]["answer"]["id"]
    second.locator(".sanad-edit").click()
    field = second.locator(".sanad-edit-form textarea")
    assert field.input_value() == PROMISE
    assert not second.locator(".sanad-question").is_visible()
    page.keyboard.press("Escape")
    assert second.locator(".sanad-question").is_visible()
    second.locator(".sanad-edit").click()
    field.fill("من حذّر من ضيق المرسى؟")
    field.press("Enter")
    page.locator(".sanad-question", has_text="من حذّر").wait_for()
    answered(page, 1)
    assert page.locator(".sanad-question").all_inner_texts() == [SIDES, "من حذّر من ضيق المرسى؟"]
    assert canned_api.questions[-1]["replaces"] == replaced
    assert first.locator(".sanad-card").count() == 4
    page.reload()
    answered(page, 1)
    assert page.locator(".sanad-question").all_inner_texts() == [SIDES, "من حذّر من ضيق المرسى؟"]


def test_question_sent_the_moment_an_answer_is_seen_is_asked_too(page: Any, ask: Any, canned_api: Any) -> None:
    page.evaluate(
        """(question) => {
            const seen = new MutationObserver(() => {
                if (!document.querySelector("#sanad-live .sanad-answer:not([data-status=pending])")) return;
                seen.disconnect();
                const box = document.querySelector("#sanad-question textarea");
                box.value = question;
                box.dispatchEvent(new Event("input", { bubbles: true }));
                box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
            });
            seen.observe(document.body, { childList: true, subtree: true, attributes: true });
        }""",
        PROMISE,
    )
    ask(page, SIDES)
    answered(page, 1)
    assert page.locator(".sanad-question").all_inner_texts() == [SIDES, PROMISE]
    assert [asked["question"] for asked in canned_api.questions[-2:]] == [SIDES, PROMISE]


def test_button_pressed_twice_asks_once(page: Any, ask: Any, canned_api: Any) -> None:
    asked = len(canned_api.questions)
    page.locator(".sanad-welcome .sanad-ask").first.dblclick()
    answered(page, 0)
    last = ask(page, PROMISE)
    assert last.locator(".sanad-question").inner_text() == PROMISE
    assert len(canned_api.questions) == asked + 2


def test_answer_can_be_asked_for_again_while_another_is_on_its_way(page: Any, ask: Any, canned_api: Any) -> None:
    ask(page, PROMISE)
    page.fill("#sanad-question textarea", "سؤال بطيء")
    page.press("#sanad-question textarea", "Enter")
    page.locator("#sanad-live .sanad-turn[aria-busy=true]").wait_for()
    edit = page.locator("#sanad-past .sanad-turn").first
    edit.locator(".sanad-edit").click()
    edit.locator(".sanad-edit-form textarea").fill(SIDES)
    edit.locator(".sanad-edit-form textarea").press("Enter")
    page.locator(".sanad-question", has_text=SIDES).wait_for()
    answered(page, 0)
    assert page.locator(".sanad-question").all_inner_texts() == [SIDES]
    assert [asked["question"] for asked in canned_api.questions[-3:]] == [PROMISE, "سؤال بطيء", SIDES]


def test_asking_again_takes_the_place_of_the_answer(page: Any, ask: Any, canned_api: Any) -> None:
    turn = ask(page, PROMISE)
    replaced = canned_api.conversations[page.url.split("c=")[1]][0]["answer"]["id"]
    asked = len(canned_api.questions)
    turn.locator(".sanad-tools .sanad-ask").click()
    while len(canned_api.questions) == asked:  # until the test's time-out
        page.wait_for_timeout(50)
    answered(page, 0)
    page.locator("#sanad-send").wait_for()
    assert canned_api.questions[-1]["replaces"] == replaced
    assert page.locator(".sanad-turn").count() == 1


def test_thumb_down_asks_for_the_reason_and_keeps_it(page: Any, ask: Any, canned_api: Any) -> None:
    turn = ask(page, PROMISE)
    turn.locator("[data-verdict=down]").click()
    why = turn.locator(".sanad-why")
    why.wait_for()
    assert turn.locator("[data-verdict=down]").get_attribute("aria-pressed") == "true"
    assert canned_api.ratings[-1][1] == {"verdict": "down"}
    assert page.evaluate("document.activeElement.closest('.sanad-why') !== null")  # the focus goes to the reasons
    why.get_by_label("القائل غيره").check()
    why.locator("input[type=text]").fill("قالها نائبها")
    why.locator("button").click()
    turn.locator(".sanad-thanks").wait_for()
    answer, rating = canned_api.ratings[-1]
    assert rating == {"verdict": "down", "reason": "attribution", "text": "قالها نائبها"}
    assert answer == canned_api.conversations[page.url.split("c=")[1]][0]["answer"]["id"]


def test_thumb_up_is_kept_at_once_also_on_an_earlier_answer(page: Any, ask: Any, canned_api: Any) -> None:
    first = ask(page, PROMISE)
    ask(page, SIDES)
    first.locator("[data-verdict=up]").click()
    first.locator(".sanad-thanks").wait_for()
    assert canned_api.ratings[-1][1] == {"verdict": "up"}
    assert first.locator("[data-verdict=up]").get_attribute("aria-pressed") == "true"


def test_pointing_at_a_denial_marks_the_card_it_denies(page: Any, ask: Any) -> None:
    cards = ask(page, SIDES).locator(".sanad-card")
    cards.nth(2).locator(".sanad-goto").hover()
    assert "sanad-paired" in cards.nth(1).get_attribute("class")
    page.mouse.move(10, 10)
    assert "sanad-paired" not in cards.nth(1).get_attribute("class")
