"""The chat page as a reader meets it, in real Chromium; every assertion is on what is rendered."""

from __future__ import annotations

import json
import re
import threading
from typing import Any
from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.browser

SIDES = "ماذا يقول كل طرف عن السوق؟"
MAYOR = "«لن نهدم السوق القديم، وسنضيف 3 أرصفة بكلفة 12.5 مليون دينار»"


def style(locator: Any, name: str) -> str:
    return locator.evaluate("(element, name) => getComputedStyle(element).getPropertyValue(name)", name)


def overflows(page: Any) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def inside(page: Any, locator: Any) -> bool:
    box, size = locator.bounding_box(), page.viewport_size
    return box["x"] >= 0 and box["x"] + box["width"] <= size["width"]


def test_arabic_page_runs_right_to_left(page: Any) -> None:
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["ar", "rtl"]
    box = page.locator("#sanad-question textarea")
    send = page.locator("#sanad-send")
    assert style(box, "direction") == style(page.locator(".sanad-welcome"), "direction") == "rtl"
    assert send.bounding_box()["x"] + send.bounding_box()["width"] <= box.bounding_box()["x"]
    assert page.locator(".sanad-brand strong").bounding_box()["x"] > 1440 / 2
    assert page.locator("#sanad-language").bounding_box()["x"] < 1440 / 2
    assert not overflows(page)


def test_shipped_arabic_font_is_the_one_used(page: Any) -> None:
    page.evaluate("document.fonts.ready")
    loaded = page.evaluate("[...document.fonts].filter(f => f.status == 'loaded').map(f => f.family)")
    assert any("Sanad Arabic" in family for family in loaded)
    assert style(page.locator(".sanad-welcome h1"), "font-family").startswith('"Sanad Arabic"')
    assert any(url.endswith("arabic-400-normal.woff2") for url in page.requested)


def test_nothing_outside_is_requested(page: Any, ask: Any) -> None:
    ask(page, SIDES)
    page.locator(".sanad-cite").first.click()
    page.locator("mark").wait_for()
    outside = [
        url
        for url in page.requested
        if urlsplit(url).scheme not in ("data", "blob") and urlsplit(url).hostname != "127.0.0.1"
    ]
    assert page.requested
    assert outside == []


def test_answer_is_streamed_sentence_by_sentence(page: Any) -> None:
    page.fill("#sanad-question textarea", "سؤال بطيء عن الميناء")
    page.press("#sanad-question textarea", "Enter")
    page.locator(".sanad-turn .sanad-sentence").first.wait_for()
    answer = page.locator(".sanad-answer")
    assert answer.get_attribute("data-status") == "pending"
    assert page.locator(".sanad-sentence").count() < 3
    assert page.locator(".sanad-pending").is_visible()
    assert page.locator("#sanad-stop").is_visible()
    assert page.locator("#sanad-send").count() == 0
    page.locator(".sanad-answer[data-status=answered]").wait_for()
    assert page.locator(".sanad-sentence").count() == 3
    assert page.locator(".sanad-pending").count() == 0
    assert page.locator("#sanad-send").is_visible()


def test_stopping_keeps_what_has_come_and_frees_the_server(page: Any, ask: Any, canned_api: Any) -> None:
    page.fill("#sanad-question textarea", "سؤال بطيء آخر")
    page.press("#sanad-question textarea", "Enter")
    page.locator(".sanad-sentence").first.wait_for()
    page.click("#sanad-stop")
    page.locator(".sanad-answer[data-status=stopped]").wait_for()
    assert page.locator(".sanad-sentence .sanad-words").first.text_content() == MAYOR
    assert "أوقفتَ الإجابة" in page.locator(".sanad-answer .sanad-note").first.text_content()
    page.wait_for_timeout(1500)  # longer than two sentences take to come
    assert page.locator(".sanad-answer").get_attribute("data-status") == "stopped"
    assert canned_api.abandoned[-1] == "سؤال بطيء آخر"
    assert ask(page, "سؤال عادي").locator(".sanad-sentence").count() == 3


def test_citation_opens_its_article_at_the_exact_words(page: Any, ask: Any) -> None:
    turn = ask(page, "من وعد بثلاثة أرصفة؟")
    cite = turn.locator(".sanad-sentence .sanad-cite").first
    assert cite.text_content() == "[1]"
    assert "ميناء مرجانة" in cite.get_attribute("aria-label")
    cite.click()
    mark = page.locator("#sanad-panel mark")
    mark.wait_for()
    assert page.locator("#sanad-panel mark").count() == 1
    assert mark.text_content() == MAYOR
    assert style(mark, "background-color") not in ("rgba(0, 0, 0, 0)", "transparent")
    panel = page.locator(".sanad-source").text_content()
    for shown in ("ميناء مرجانة: توسعة وخلاف", "صحيفة الشاطئ", "9 مارس 2029", "هالة السروجي"):
        assert shown in panel
    chat = page.locator("#sanad-chat").bounding_box()
    assert page.locator(".sanad-source").bounding_box()["x"] < chat["x"]


def test_whole_article_is_kept_and_scrolled_to_the_citation(page: Any, ask: Any, api_server: Any) -> None:
    turn = ask(page, SIDES)
    turn.locator(".sanad-cite").nth(3).click()
    mark = page.locator("#sanad-panel mark")
    mark.wait_for()
    detail = page.request.get(f"{api_server.url}/v1/articles/ميناء-1").json()
    assert page.locator(".sanad-text").text_content() == detail["text"]
    text, words = page.locator(".sanad-text").bounding_box(), mark.bounding_box()
    assert text["y"] <= words["y"]
    assert words["y"] + words["height"] <= text["y"] + text["height"]


def test_citation_pressed_while_another_is_on_its_way_is_the_one_shown(page: Any, ask: Any, canned_api: Any) -> None:
    cites = ask(page, SIDES).locator(".sanad-sentence .sanad-cite")
    held = canned_api.held = threading.Event()
    cites.nth(0).click()
    while canned_api.held:  # until it has reached the API
        page.wait_for_timeout(20)
    cites.nth(3).click()
    held.set()
    page.wait_for_function(
        "words => document.querySelector('#sanad-panel mark')?.textContent === words",
        arg=page.locator(".sanad-words").nth(3).text_content(),
    )


def test_way_of_answering_is_chosen_where_the_server_has_a_language_model(
    open_page: Any, ask: Any, canned_api: Any
) -> None:
    page = open_page()
    ask(page, SIDES)
    assert not page.locator("#sanad-mode").is_visible()
    assert "mode" not in canned_api.questions[-1]
    canned_api.generative = True
    try:
        page.reload()
        page.locator("#sanad-mode").wait_for()
        assert page.get_by_role("radio", name="بجمل المقالات كما هي").is_checked()  # as the server is set
        page.locator("#sanad-mode").get_by_text("بصياغة نموذج لغة").click()
        turn = ask(page, "سؤال إلى نموذج")
        assert canned_api.questions[-1]["mode"] == "generative"
        assert "حُذفت جمل لم تسندها المصادر: 2" in turn.locator(".sanad-badge").all_inner_texts()
        page.reload()
        page.locator("#sanad-mode").wait_for()
        chosen = page.get_by_role("radio", name="بصياغة نموذج لغة")
        assert chosen.is_checked()
        assert contrast(page.locator("#sanad-mode label:has(:checked)")) >= 4.5
        assert page.locator("#sanad-mode").bounding_box()["y"] < page.locator("#sanad-question").bounding_box()["y"]
        chosen.focus()
        page.keyboard.press("ArrowUp")
        ask(page, SIDES)
        assert canned_api.questions[-1]["mode"] == "extractive"
        page.click("#sanad-language")
        page.get_by_role("radio", name="In the articles' own sentences").wait_for()
        page.set_viewport_size({"width": 390, "height": 844})
        assert not overflows(page)
    finally:
        canned_api.generative = False


def test_source_opens_and_closes_by_keyboard(page: Any, ask: Any) -> None:
    turn = ask(page, SIDES)
    cite = turn.locator(".sanad-cite").nth(1)
    cite.focus()
    page.keyboard.press("Enter")
    page.locator("#sanad-panel mark").wait_for()
    assert page.evaluate("document.activeElement.closest('.sanad-source') !== null")
    page.keyboard.press("Escape")
    page.locator(".sanad-source").wait_for(state="detached")
    assert cite.evaluate("element => element === document.activeElement")
    page.keyboard.press("Enter")  # the same place again
    page.locator("#sanad-panel mark").wait_for()


def test_each_sentence_says_who_says_it(page: Any, ask: Any) -> None:
    chips = ask(page, "من وعد بثلاثة أرصفة؟").locator(".sanad-sentence .sanad-chip").all_text_contents()
    assert chips == [
        "هالة السروجي · رئيسة بلدية مرجانة · اقتباس مباشر",
        "هالة السروجي · رئيسة بلدية مرجانة · منقول بالمعنى",
        "مصدر في شركة المقاولات · عبر Harbour Wire · يدّعي · منقول بالمعنى",
    ]


def test_sides_stand_beside_each_other_and_denials_lead_to_what_they_deny(page: Any, ask: Any) -> None:
    turn = ask(page, SIDES)
    cards = turn.locator(".sanad-card")
    assert cards.count() == 4
    first, second = cards.nth(0).bounding_box(), cards.nth(1).bounding_box()
    assert abs(first["y"] - second["y"]) < 2
    assert second["x"] + second["width"] <= first["x"]  # the first on the right
    denial = cards.nth(2)
    assert denial.get_attribute("data-stance") == "denies"
    link = denial.locator(".sanad-goto")
    assert link.text_content() == "ينفي رواية مصدر في شركة المقاولات"
    assert cards.nth(1).locator(".sanad-goto").text_content() == "ينفيه كريم الدالي"
    link.click()
    assert cards.nth(1).evaluate("element => element === document.activeElement")
    assert turn.locator(".sanad-sentence").count() == 5


def test_not_in_the_sources_looks_unlike_an_answer(page: Any, ask: Any) -> None:
    turn = ask(page, "سؤال غائب")
    notice = turn.locator(".sanad-abstained")
    assert notice.locator("h3").text_content() == "ليس في المصادر"
    assert "لا تجيب المقالات عن هذا السؤال." in notice.text_content()
    assert style(notice, "border-style") == "dashed"
    assert turn.locator(".sanad-sentence, .sanad-cite, .sanad-confidence").count() == 0
    assert turn.locator(".sanad-related li").count() == 2
    quote = turn.locator(".sanad-related blockquote").first.text_content()
    turn.locator(".sanad-read").first.click()
    page.locator("#sanad-panel mark").wait_for()
    assert page.locator("#sanad-panel mark").text_content() == quote


def test_confidence_is_given_in_words(page: Any, ask: Any) -> None:
    assert ask(page, SIDES).locator(".sanad-confidence").text_content() == "ثقة عالية"
    turn = ask(page, "مقال مفقود")
    assert turn.locator(".sanad-confidence").text_content() == "ثقة منخفضة"
    assert turn.locator(".sanad-partial").is_visible()
    assert turn.locator(".sanad-chip").text_content() == "رواية المقال"


def test_unavailable_article_says_so_and_shows_the_quote(page: Any, ask: Any) -> None:
    ask(page, "مقال مفقود").locator(".sanad-cite").first.click()
    page.locator(".sanad-source .sanad-alert").wait_for()
    assert "لا يوجد مقال بهذا المعرّف." in page.locator(".sanad-source").text_content()
    assert page.locator(".sanad-source blockquote").text_content() == "وأضافت أن الأشغال تنتهي في عام 2031."


def test_follow_up_shows_how_it_was_understood_and_stays_in_the_conversation(
    page: Any, ask: Any, canned_api: Any
) -> None:
    first = ask(page, SIDES)
    assert first.locator(".sanad-rewrite").count() == 0
    follow_up = ask(page, "وماذا عن الموعد؟")
    rewrite = follow_up.locator(".sanad-rewrite")
    assert not rewrite.locator("p").is_visible()
    rewrite.locator("summary").click()
    assert rewrite.locator("p").inner_text() == "ماذا قالت هالة السروجي عن موعد انتهاء الأشغال؟"
    before, asked = canned_api.questions[-2:]
    assert "conversation_id" not in before
    assert asked["conversation_id"] in canned_api.conversations


def test_examples_come_from_the_api_and_ask_when_pressed(page: Any, canned_api: Any) -> None:
    buttons = page.locator(".sanad-welcome .sanad-ask")
    assert buttons.all_text_contents() == ["ماذا يقول كل طرف عن السوق؟", "من وعد بثلاثة أرصفة؟"]
    page.fill("#sanad-question textarea", "مسودة لم ترسل")
    buttons.first.click()
    page.locator(".sanad-answer[data-status=answered]").wait_for()
    assert canned_api.questions[-1] == {"question": SIDES}
    assert page.locator(".sanad-welcome").count() == 0
    assert page.input_value("#sanad-question textarea") == "مسودة لم ترسل"


def test_english_switch_turns_the_page_but_not_the_quotes(page: Any, ask: Any) -> None:
    ask(page, SIDES).locator(".sanad-cite").first.click()
    page.locator("mark").wait_for()
    page.click("#sanad-language")
    page.wait_for_function("document.documentElement.dir === 'ltr'")
    assert page.evaluate("document.documentElement.lang") == "en"
    box, send = page.locator("#sanad-question textarea"), page.locator("#sanad-send")
    assert send.inner_text() == "Send"
    assert box.bounding_box()["x"] + box.bounding_box()["width"] <= send.bounding_box()["x"]
    assert "Ask about" in box.get_attribute("placeholder")
    assert page.locator("#sanad-renew").inner_text() == "New conversation"
    assert page.locator(".sanad-confidence").text_content() == "High confidence"
    assert page.locator(".sanad-card .sanad-goto").nth(1).text_content().startswith("denies the account of")
    assert "9 March 2029" in page.locator(".sanad-source dl").text_content()
    words = page.locator(".sanad-sentence > p").first
    assert style(words, "direction") == "rtl"
    assert style(page.locator(".sanad-turn"), "direction") == "ltr"
    labels = page.evaluate(
        "[...document.querySelectorAll('#sanad-header, #sanad-send, h3, .sanad-how, .sanad-badge, dt')]"
        ".map(element => element.innerText.replace('العربية', '')).join(' ')"
    )
    assert not re.search("[\u0600-\u06ff]", labels)


def test_reload_keeps_language_and_conversation_and_a_new_one_can_be_started(page: Any, ask: Any) -> None:
    ask(page, SIDES)
    page.click("#sanad-language")
    page.wait_for_function("document.documentElement.dir === 'ltr'")
    page.reload()
    page.locator(".sanad-turn").wait_for()
    page.wait_for_function("document.documentElement.dir === 'ltr'")
    assert page.locator(".sanad-question").text_content() == SIDES
    page.click("#sanad-renew")
    page.locator(".sanad-welcome").wait_for()
    assert page.locator(".sanad-turn").count() == 0
    page.reload()
    page.locator(".sanad-welcome").wait_for()
    assert page.locator(".sanad-turn").count() == 0


def test_script_in_an_article_or_question_is_shown_and_never_run(page: Any, ask: Any) -> None:
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    hostile = 'نص خبيث <script>window.pwned = true</script><img src=x onerror="window.pwned = true">'
    turn = ask(page, hostile)
    assert turn.locator(".sanad-question").text_content() == hostile
    assert "<script>window.pwned = true</script>" in turn.locator(".sanad-words").text_content()
    assert "{{constructor}} و ${window.pwned = true} & أخرى" in turn.locator(".sanad-words").text_content()
    turn.locator(".sanad-cite").first.click()
    page.locator("mark").wait_for()
    assert page.locator("mark").text_content() == turn.locator(".sanad-words").text_content()
    assert page.locator(".sanad-source h2").text_content() == "<b>عنوان</b>"
    assert page.locator(".sanad-source dd").all_text_contents()[:2] == ["غير معروف", "غير معروف"]
    page.wait_for_timeout(300)  # an onerror would run when its image had failed
    assert page.evaluate("window.pwned") is None
    assert dialogs == []
    assert page.locator("#sanad-body :is(img, script)").count() == 0


def test_refused_question_says_why_in_the_readers_language_and_stays_in_the_box(page: Any, ask: Any) -> None:
    alert = ask(page, "سؤال مرفوض").locator("[role=alert]")
    assert "السؤال أطول من الحد." in alert.text_content()
    assert page.input_value("#sanad-question textarea") == "سؤال مرفوض"
    page.click("#sanad-language")
    page.wait_for_function("document.documentElement.dir === 'ltr'")
    assert "The question is too long." in page.locator("[role=alert]").text_content()


@pytest.mark.parametrize(
    ("question", "message"),
    [("خادم تعطل", "وصل رد غير مفهوم من الخادم."), ("جواب ينقطع", "انقطع الاتصال قبل اكتمال الإجابة.")],
)
def test_broken_answers_are_told_apart(page: Any, ask: Any, question: str, message: str) -> None:
    turn = ask(page, question)
    assert message in turn.locator("[role=alert]").text_content()
    assert turn.locator(".sanad-alert .sanad-ask").get_attribute("data-question") == question
    assert turn.locator(".sanad-sentence").count() == (1 if "ينقطع" in question else 0)


def test_api_away_loses_nothing_and_the_next_try_answers(page: Any, ask: Any, api_server: Any) -> None:
    api_server.stop()
    try:
        turn = ask(page, SIDES)
        assert "تعذّر الاتصال بخادم سند" in turn.locator("[role=alert]").text_content()
        assert page.input_value("#sanad-question textarea") == SIDES
    finally:
        api_server.start()
    turn.locator(".sanad-alert .sanad-ask").click()
    page.locator(".sanad-answer[data-status=answered]").wait_for()
    assert page.locator(".sanad-turn").count() == 1  # the second try takes the place of the first
    assert page.input_value("#sanad-question textarea") == ""


def test_page_opens_while_the_api_is_away(open_page: Any, api_server: Any) -> None:
    api_server.stop()
    try:
        page = open_page()
        alert = page.locator(".sanad-welcome [role=alert]")
        alert.wait_for()
        assert "تعذّر الاتصال بخادم سند" in alert.text_content()
        assert page.locator("#sanad-question textarea").is_editable()
    finally:
        api_server.start()


def test_lost_conversation_starts_a_new_one_and_says_so(page: Any, ask: Any, canned_api: Any) -> None:
    ask(page, SIDES)
    canned_api.conversations.clear()
    turn = ask(page, "من وعد بثلاثة أرصفة؟")
    assert turn.locator(".sanad-answer").get_attribute("data-status") == "answered"
    assert "بدأت محادثة جديدة" in turn.locator(".sanad-note").text_content()
    assert "conversation_id" not in canned_api.questions[-1]


def test_blank_question_asks_nothing(page: Any, canned_api: Any) -> None:
    asked = len(canned_api.questions)
    page.fill("#sanad-question textarea", "   ")
    page.press("#sanad-question textarea", "Enter")
    page.click("#sanad-send")
    page.wait_for_timeout(400)
    assert len(canned_api.questions) == asked
    assert page.locator(".sanad-turn").count() == 0


@pytest.mark.parametrize("english", [False, True], ids=["arabic", "english"])
def test_phone_fits_and_the_source_is_a_drawer(open_page: Any, ask: Any, english: bool) -> None:
    page = open_page(390, 844)
    if english:
        page.click("#sanad-language")
        page.wait_for_function("document.documentElement.dir === 'ltr'")
    turn = ask(page, SIDES)
    assert not overflows(page)
    for control in ("#sanad-send", "#sanad-language", "#sanad-renew", "#sanad-question textarea"):
        assert inside(page, page.locator(control)), control
    cards = turn.locator(".sanad-card")
    assert cards.nth(0).bounding_box()["y"] < cards.nth(1).bounding_box()["y"]
    turn.locator(".sanad-cite").first.click()
    page.locator("mark").wait_for()
    drawer = page.locator(".sanad-source").bounding_box()
    assert drawer["width"] == 390
    assert abs(drawer["y"] + drawer["height"] - 844) <= 1
    page.mouse.click(195, 100)  # beside it
    page.locator(".sanad-source").wait_for(state="detached")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_stands_out_from_its_ground(open_page: Any, ask: Any, dark: bool) -> None:
    page = open_page(dark=dark)
    turn = ask(page, SIDES)
    turn.locator(".sanad-cite").first.click()
    page.locator("mark").wait_for()
    for selector in (
        ".sanad-words", ".sanad-chip .sanad-how", ".sanad-chip .sanad-stance", ".sanad-cite", ".sanad-goto",
        ".sanad-small-heading", ".sanad-origin small", "mark", "dt", "#sanad-send", ".sanad-pages a",
        ".sanad-menu summary",
    ):  # fmt: skip
        assert contrast(page.locator(selector).first) >= 4.5, selector


def contrast(locator: Any) -> float:
    """WCAG 2.2 contrast ratio of an element's text and the first opaque ground behind it."""
    ink, ground = json.loads(
        locator.evaluate(
            """element => {
                const solid = colour => !/^rgba\\(.*, 0(\\.\\d+)?\\)$|^color\\(/.test(colour);
                let behind = element;
                const back = () => getComputedStyle(behind).backgroundColor;
                while (behind && !solid(back())) behind = behind.parentElement;
                const numbers = colour => colour.match(/[\\d.]+/g).slice(0, 3).map(Number);
                const ground = getComputedStyle(behind ?? document.body).backgroundColor;
                return JSON.stringify([numbers(getComputedStyle(element).color), numbers(ground)]);
            }"""
        )
    )

    def luminance(colour: list[float]) -> float:
        parts = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted((luminance(ink), luminance(ground)))
    return (high + 0.05) / (low + 0.05)
