"""How text is set: directions of mixed runs, digits, line height, light and dark, and the HTML behind them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ui.answer_html import words_html
from ui.texts import ARABIC, ENGLISH, texts_for

SIDES = "ماذا يقول كل طرف عن السوق؟"
PROMISE = "من وعد بثلاثة أرصفة؟"

browser = pytest.mark.browser


def left_of(words: Any, part: str) -> float:
    """The left edge in pixels of a part of an element's text as drawn."""
    return words.evaluate(
        """(element, part) => {
            const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
            while (walker.nextNode()) {
                const at = walker.currentNode.textContent.indexOf(part);
                if (at < 0) continue;
                const range = document.createRange();
                range.setStart(walker.currentNode, at);
                range.setEnd(walker.currentNode, at + part.length);
                return range.getBoundingClientRect().left;
            }
            throw new Error(part);
        }""",
        part,
    )


@browser
@pytest.mark.parametrize("english", [False, True], ids=["arabic", "english"])
def test_latin_name_stands_between_its_arabic_neighbours(open_page: Any, ask: Any, english: bool) -> None:
    page = open_page()
    if english:
        page.click("#sanad-language")
        page.wait_for_function("document.documentElement.dir === 'ltr'")
    words = ask(page, PROMISE).locator(".sanad-words").nth(2)
    before, name, after = (left_of(words, part) for part in ("وكالة", "Harbour Wire", "عن"))
    assert before > name > after
    assert words.locator("bdi").all_inner_texts() == ["Harbour Wire"]
    assert words.evaluate("element => getComputedStyle(element).direction") == "rtl"


@browser
def test_sentence_that_opens_with_a_latin_name_still_runs_from_the_right(page: Any) -> None:
    page.fill("#sanad-question textarea", "Reuters ماذا نقلت؟")
    page.press("#sanad-question textarea", "Enter")
    question = page.locator(".sanad-question")
    question.wait_for()
    assert question.evaluate("element => getComputedStyle(element).direction") == "rtl"
    assert left_of(question, "Reuters") > left_of(question, "نقلت")


@browser
def test_digits_are_the_readers_choice_and_no_offset_moves(page: Any, ask: Any) -> None:
    turn = ask(page, PROMISE)
    words, mark = turn.locator(".sanad-words").first, page.locator("#sanad-panel mark")
    written = words.inner_text()
    assert "12.5" in written
    page.click(".sanad-menu summary")
    page.locator(".sanad-menu").get_by_label("١٢٣").check()
    page.wait_for_function("document.querySelector('.sanad-words').innerText.includes('١٢.٥')")
    assert len(words.inner_text()) == len(written)
    assert turn.locator(".sanad-cite").first.inner_text() == "[١]"
    assert "٩ مارس ٢٠٢٩" in turn.locator(".sanad-sources").inner_text()
    turn.locator(".sanad-cite").first.click()
    mark.wait_for()
    assert mark.inner_text() == words.inner_text()
    page.reload()
    page.locator(".sanad-words").first.wait_for()
    assert "١٢.٥" in words.inner_text()
    page.click(".sanad-menu summary")
    page.locator(".sanad-menu").get_by_label("كما كُتبت").check()
    page.wait_for_function("document.querySelector('.sanad-words').innerText.includes('12.5')")
    assert words.inner_text() == written


@browser
def test_look_is_chosen_and_kept_whatever_the_device(page: Any) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.click(".sanad-menu summary")
    page.locator(".sanad-menu").get_by_label("داكن").check()
    page.wait_for_function(f"{ground} !== '{light}'")
    page.reload()
    page.locator(".sanad-welcome").wait_for()
    assert page.evaluate("document.body.classList.contains('dark')")
    page.emulate_media(color_scheme="light")
    assert page.evaluate("document.documentElement.dataset.look") == "dark"  # the choice, not the device


@browser
def test_lines_are_wide_apart_and_no_control_is_clipped_or_mirrored(page: Any, ask: Any) -> None:
    turn = ask(page, SIDES)
    for selector in (".sanad-words", ".sanad-question"):
        size, height = turn.locator(selector).first.evaluate(
            "element => ['fontSize', 'lineHeight'].map(name => parseFloat(getComputedStyle(element)[name]))"
        )
        assert height / size >= 1.6, selector
    clipped = page.evaluate(
        """[...document.querySelectorAll('button, summary, input, textarea')]
            .filter(e => e.checkVisibility() && getComputedStyle(e).overflowX !== 'auto')
            .filter(e => e.scrollWidth > e.clientWidth + 1 || getComputedStyle(e).transform.startsWith('matrix(-1'))
            .map(e => e.outerHTML.slice(0, 80))"""
    )
    assert clipped == []


@browser
@pytest.mark.parametrize("path", ["", "articles", "articles?id=ميناء-1", "voices", "timeline", "upload", "evaluation"])
def test_no_letter_loses_its_dots(open_page: Any, ask: Any, path: str) -> None:
    """A final yeh's dots reach .53 em down: lines of 1.73 hold them, and no box around one can cut them off."""
    page = open_page(path=path)
    if not path:
        ask(page, SIDES).locator("[data-verdict=down]").click()
        page.locator(".sanad-why").wait_for()
        page.locator(".sanad-cite").first.click()
        page.locator("mark").wait_for()
    tight = page.evaluate(
        """() => {
            const found = new Set();
            const check = (element) => {
                if (!element.checkVisibility() || element.closest('.sanad-unseen, .sr-only')) return;
                const own = getComputedStyle(element);
                const lines = parseFloat(own.lineHeight) / parseFloat(own.fontSize);
                let cut = element;
                while (cut && getComputedStyle(cut).overflowY === 'visible') cut = cut.parentElement;
                const boxed = cut && cut.getBoundingClientRect().height < 3 * parseFloat(own.lineHeight);
                if (lines < 1.4 || (lines < 1.73 && boxed)) found.add(`${lines}: ${element.outerHTML.slice(0, 100)}`);
            };
            const texts = document.createTreeWalker(document.querySelector('.gradio-container'), NodeFilter.SHOW_TEXT);
            while (texts.nextNode()) {
                if (/[\\u0620-\\u064a]/.test(texts.currentNode.textContent)) check(texts.currentNode.parentElement);
            }
            document.querySelectorAll('input:not([type=radio], [type=file]), textarea, select').forEach(check);
            return [...found];
        }"""
    )
    assert tight == []


@browser
def test_skip_link_leads_past_the_header(page: Any) -> None:
    page.locator("#sanad-list-button").focus()
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.className") == "sanad-skip"
    assert page.locator(".sanad-skip").bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"


def test_latin_names_are_isolated_and_every_character_is_kept() -> None:
    text = "قالت Harbour Wire & Co. إن طائرة F-16 «سقطت» <b>؟"
    html = words_html(text)
    assert "<bdi>Harbour Wire &amp; Co</bdi>. إن" in html
    assert "<bdi>F-16</bdi>" in html
    assert re.sub("</?bdi>", "", html) == text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert words_html("Plain <English>") == "Plain &lt;English&gt;"


@pytest.mark.parametrize(
    ("locale", "shown"),
    [
        ("ar", 'في 12.5% <i data-n="7">F-16</i> ٣ &#x27;'),
        ("ar-u-nu-arab", 'في ١٢.٥% <i data-n="7">F-16</i> ٣ &#x27;'),
        ("en-u-nu-latn", 'في 12.5% <i data-n="7">F-16</i> 3 &#x27;'),
    ],
)
def test_digits_change_in_text_only(locale: str, shown: str) -> None:
    assert texts_for(locale).shown('في 12.5% <i data-n="7">F-16</i> ٣ &#x27;') == shown


@pytest.mark.parametrize("stored", ["", "fr", "ar-u-nu-thai", '"><script>'])
def test_unknown_locale_is_arabic(stored: str) -> None:
    assert texts_for(stored) == ARABIC


def test_locale_round_trip() -> None:
    assert texts_for("en-u-nu-arab").locale == "en-u-nu-arab"
    assert texts_for(texts_for("en-u-nu-arab").other_locale).locale == "ar-u-nu-arab"
    assert texts_for("en") == ENGLISH
