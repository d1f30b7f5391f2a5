"""The pages for exploring as a reader meets them, in real Chromium; every assertion is on what is rendered."""

from __future__ import annotations

import threading
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from evals.metrics import METRICS
from ui.explore_texts import ARABIC, ENGLISH, ExploreTexts

pytestmark = pytest.mark.browser

PATHS = ("articles", "articles?id=ميناء-1", "voices", "timeline", "upload", "evaluation")
DENIAL = "ونفى المتحدث باسم البلدية كريم الدالي ما نقلته الوكالة، وقال إن «السوق باقٍ في مكانه»."


def style(locator: Any, name: str) -> str:
    return locator.evaluate("(element, name) => getComputedStyle(element).getPropertyValue(name)", name)


def shown(page: Any, words: str) -> None:
    page.wait_for_function(
        "words => document.querySelector('#sanad-exploring')?.textContent.includes(words)", arg=words
    )


def article(page: Any, api: Any) -> dict[str, Any]:
    return page.request.get(f"{api.url}/v1/articles/ميناء-1").json()


def outside(page: Any) -> list[str]:
    return [
        url
        for url in page.requested
        if urlsplit(url).scheme not in ("data", "blob") and urlsplit(url).hostname != "127.0.0.1"
    ]


# -- all pages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
def test_each_page_runs_right_to_left_and_fits_desktop_and_phone(open_page: Any, path: str) -> None:
    page = open_page(path=path)
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["ar", "rtl"]
    heading = page.locator("h1").bounding_box()
    column = page.locator(".sanad-explore").first.bounding_box()
    assert abs(heading["x"] + heading["width"] - column["x"] - column["width"]) < 2
    assert style(page.locator("h1"), "font-family").startswith('"Sanad Arabic"')
    current = page.locator(".sanad-pages a[aria-current]")
    assert current.get_attribute("data-path") == path.partition("?")[0]
    assert page.locator(".nav-holder").count() == 0 or not page.locator(".nav-holder").is_visible()
    for width in (1024, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), width
        page.evaluate("document.documentElement.dataset.list = 'open'")  # as the chat page may have left it
        page.locator("h1").click(trial=True)  # nothing lies over the page
        main = page.locator("#sanad-exploring").bounding_box()
        assert main["x"] >= 0
        assert main["x"] + main["width"] <= width
    assert outside(page) == []


@pytest.mark.parametrize("path", ["articles", "voices", "timeline", "evaluation"])
def test_each_page_turns_english_and_stays_where_it_was(open_page: Any, path: str) -> None:
    page = open_page(path=path)
    arabic = page.locator("h1").text_content()
    page.click("#sanad-language")
    page.wait_for_function("document.documentElement.dir === 'ltr'")
    page.wait_for_function("words => document.querySelector('h1').textContent !== words", arg=arabic)
    heading = page.locator("h1").bounding_box()
    column = page.locator(".sanad-explore").bounding_box()
    assert abs(heading["x"] - column["x"]) < 2
    assert urlsplit(page.url).path == f"/{path}"


@pytest.mark.parametrize(
    ("english", "dark", "width"), [(False, False, 1440), (True, True, 1440), (False, True, 390)],
    ids=["arabic-light", "english-dark", "phone-dark"],
)  # fmt: skip
def test_no_serious_violation(open_page: Any, page_server: Any, english: bool, dark: bool, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is missing")
    page = open_page(width, 900, dark=dark, path="voices")
    if english:
        page.click("#sanad-language")
        page.wait_for_function("document.documentElement.dir === 'ltr'")
    for path in PATHS:
        page.goto(f"{page_server.url}/{path}")
        page.wait_for_selector(".sanad-explore")
        if path in ("voices", "timeline"):
            page.locator(".sanad-dot, .sanad-moment").first.click()
            page.locator("#sanad-panel mark").wait_for()
        found = axe.Axe().run(page).response["violations"]
        serious = [
            (path, violation["id"], node["html"][:160])
            for violation in found
            if violation["impact"] in ("serious", "critical")
            for node in violation["nodes"]
        ]
        assert serious == []


# -- articles -------------------------------------------------------------------------------------------------------


def test_articles_are_searched_filtered_and_paged_and_the_address_keeps_it(open_page: Any) -> None:
    page = open_page(path="articles")
    assert page.locator(".sanad-item").count() == 20
    assert "26" in page.locator(".sanad-found-heading").text_content()
    page.click(".sanad-pager [rel=next]")
    page.wait_for_function("document.querySelectorAll('.sanad-item').length === 6")
    page.fill("[name=q]", "ميناء")
    page.press("[name=q]", "Enter")
    page.wait_for_function("document.querySelectorAll('.sanad-item').length === 1")
    assert page.evaluate("document.activeElement.className") == "sanad-found-heading"
    assert parse_qs(urlsplit(page.url).query) == {"q": ["ميناء"]}
    page.reload()
    page.wait_for_function("document.querySelectorAll('.sanad-item').length === 1")
    assert page.input_value("[name=q]") == "ميناء"
    page.go_back()
    page.wait_for_function("document.querySelectorAll('.sanad-item').length === 6")
    page.goto(page.url.partition("?")[0])
    page.wait_for_selector(".sanad-item")
    page.select_option("[name=source]", "الأنباء")
    page.fill("[name=from]", "2028-01-10")
    page.fill("[name=to]", "2028-01-12")
    page.click(".sanad-go")
    page.wait_for_function("document.querySelectorAll('.sanad-item').length === 3")
    page.select_option("[name=source]", label="مصدر غير معروف (1)")
    page.fill("[name=from]", "")
    page.fill("[name=to]", "")
    page.click(".sanad-go")
    page.wait_for_function("document.querySelectorAll('.sanad-item').length === 1")
    assert page.locator(".sanad-item > a").text_content() == "<b>عنوان</b>"


def test_an_article_is_read_with_who_says_each_sentence(open_page: Any, api_server: Any) -> None:
    page = open_page(path="articles?q=ميناء")
    page.click(".sanad-item > a")
    page.locator(".sanad-reading").wait_for()
    detail = article(page, api_server)
    read = page.evaluate(
        """() => {
            const text = document.querySelector('.sanad-reading .sanad-text').cloneNode(true);
            text.querySelectorAll('.sanad-chip-link').forEach(chip => chip.remove());
            return text.textContent;
        }"""
    )
    assert read == detail["text"]
    said = page.locator(".sanad-said").all_text_contents()
    assert said == [sentence["text"] for sentence in detail["sentences"]]
    chips = page.locator(".sanad-text .sanad-chip").all_text_contents()
    assert any("كريم الدالي" in chip and "ينفي رواية" in chip and "Harbour Wire" in chip for chip in chips)
    denied = page.locator(".sanad-said[data-stance=denies]")
    assert denied.text_content() == DENIAL
    denied.locator("xpath=following-sibling::a[1]").click()
    page.locator(".sanad-reading mark").first.wait_for()
    assert "".join(page.locator(".sanad-reading mark").all_text_contents()) == DENIAL
    start = detail["text"].index(DENIAL)
    assert parse_qs(urlsplit(page.url).query)["at"] == [f"{start}-{start + len(DENIAL)}"]
    page.click(".sanad-back")
    page.wait_for_selector(".sanad-item")
    assert page.input_value("[name=q]") == "ميناء"


def test_a_link_to_a_position_shows_it_in_the_middle_of_the_page(open_page: Any, api_server: Any) -> None:
    page = open_page(path="articles")
    text = article(page, api_server)["text"]
    start = text.index("فقرة خلفية رقم 20")
    page.goto(f"{page.url}?id=ميناء-1&at={start}-{start + 17}")
    mark = page.locator(".sanad-reading mark")
    mark.wait_for()
    assert mark.text_content() == text[start : start + 17]
    page.wait_for_function("document.querySelector('mark').getBoundingClientRect().bottom < innerHeight")
    assert mark.bounding_box()["y"] > 100


def test_markup_in_an_article_is_shown_and_not_run(open_page: Any) -> None:
    page = open_page(path="articles?id=evil")
    assert "<script>" in page.locator(".sanad-text").text_content()
    assert page.locator("h1").text_content() == "<b>عنوان</b>"
    assert page.evaluate("window.pwned") is None


# -- who says what --------------------------------------------------------------------------------------------------


def test_marks_stand_in_the_row_of_who_speaks_and_the_column_of_how(open_page: Any) -> None:
    page = open_page(path="voices")
    heads = page.locator(".sanad-chart thead th").all_text_contents()
    assert heads == ["القائل", "يقول", "يدّعي", "يحذّر", "ينفي"]
    row = page.locator(".sanad-chart tbody tr", has_text="كريم الدالي")
    dot, head = row.locator(".sanad-dot"), page.locator(".sanad-chart thead th").nth(4)
    assert dot.count() == 1
    middle = dot.bounding_box()["x"] + dot.bounding_box()["width"] / 2
    assert head.bounding_box()["x"] <= middle <= head.bounding_box()["x"] + head.bounding_box()["width"]
    assert dot.bounding_box()["x"] < row.locator("th").bounding_box()["x"]
    mayor = page.locator(".sanad-chart tbody tr", has_text="هالة السروجي").locator(".sanad-dot")
    assert mayor.count() == 2
    first, second = mayor.nth(0).bounding_box(), mayor.nth(1).bounding_box()
    assert second["x"] + second["width"] <= first["x"]


def test_a_mark_leads_to_its_sentence_in_the_article(open_page: Any, api_server: Any) -> None:
    page = open_page(path="voices")
    dot = page.locator(".sanad-chart tbody tr", has_text="كريم الدالي").locator(".sanad-dot")
    label = dot.get_attribute("aria-label")
    assert label.startswith("كريم الدالي")
    assert "ينفي رواية Harbour Wire" in label
    dot.hover()
    assert page.locator(".sanad-quote blockquote").text_content() == DENIAL
    dot.focus()
    page.keyboard.press("Enter")
    mark = page.locator("#sanad-panel mark")
    mark.wait_for()
    query = parse_qs(urlsplit(page.url).query)
    start, end = map(int, query["at"][0].split("-"))
    assert mark.text_content() == article(page, api_server)["text"][start:end] == DENIAL
    panel, chart = page.locator("#sanad-panel").bounding_box(), page.locator(".sanad-chart-frame").bounding_box()
    assert panel["x"] + panel["width"] <= chart["x"]
    page.keyboard.press("Escape")
    page.wait_for_function("!document.querySelector('.sanad-source')")
    assert page.evaluate("document.activeElement.classList.contains('sanad-dot')")
    page.go_back()
    page.locator("#sanad-panel mark").wait_for()
    page.click(".sanad-whole")
    page.locator(".sanad-reading mark").first.wait_for()
    assert "".join(page.locator(".sanad-reading mark").all_text_contents()) == DENIAL


def test_the_chart_becomes_a_list_on_a_phone_and_the_article_a_drawer(open_page: Any) -> None:
    page = open_page(390, 844, path="voices")
    row = page.locator(".sanad-chart tbody tr", has_text="كريم الدالي")
    assert row.locator("td:visible").count() == 1
    row.locator(".sanad-dot").click()
    page.locator("#sanad-panel mark").wait_for()
    box = page.locator("#sanad-panel").bounding_box()
    assert box["x"] == 0
    assert box["width"] == 390
    assert box["y"] > 100


def test_a_topic_is_asked_for_and_nothing_found_is_told(open_page: Any) -> None:
    page = open_page(path="voices")
    page.fill("[name=q]", "السوق القديم")
    page.press("[name=q]", "Enter")
    shown(page, "عن «السوق القديم»")
    page.fill("[name=q]", "كوكب زحل")
    page.click(".sanad-go")
    shown(page, "لا قول منسوبًا إلى أحد")
    assert page.locator(".sanad-chart").count() == 0
    assert "زحل" in unquote(page.url)
    page.click(".sanad-cancel")
    page.locator(".sanad-chart").wait_for()


# -- timeline -------------------------------------------------------------------------------------------------------


def test_statements_stand_along_time_and_lead_to_their_sentence(open_page: Any, api_server: Any) -> None:
    page = open_page(path="timeline")
    assert page.locator(".sanad-year h3").all_text_contents() == ["2029", "2030", "2031"]
    assert page.locator(".sanad-when time").all_text_contents() == ["9 مارس 2029", "أبريل 2030", "2031"]
    assert "تاريخ نشر المقال" in page.locator(".sanad-entry[data-by=publication]").text_content()
    assert "عام 2031" in page.locator(".sanad-when small").last.text_content()
    marks = [page.locator(".sanad-tick-mark").nth(n).bounding_box() for n in range(3)]
    starts = [box["x"] + box["width"] for box in marks]
    assert starts[0] > starts[1] > starts[2]  # time runs with the page, from right to left
    assert marks[2]["width"] > marks[0]["width"]  # a year is longer than a day
    assert page.locator(".sanad-legend li").all_inner_texts() == ["يحذّر", "ينفي", "يقول"]
    colour = "element => getComputedStyle(element).backgroundColor"
    swatches = [page.locator(".sanad-swatch").nth(n).evaluate(colour) for n in range(3)]
    assert swatches == [page.locator(".sanad-tick-mark").nth(n).evaluate(colour) for n in range(3)]
    assert len(set(swatches)) == 3
    page.locator(".sanad-moment").nth(1).click()
    mark = page.locator("#sanad-panel mark")
    mark.wait_for()
    assert mark.text_content() == page.locator(".sanad-moment").nth(1).text_content() == DENIAL
    assert DENIAL in article(page, api_server)["text"]
    page.locator(".sanad-tick-mark").nth(2).click()
    page.wait_for_function("document.querySelector('#sanad-panel mark')?.textContent.includes('2031')")


def test_the_timeline_is_narrowed_by_topic_and_time(open_page: Any) -> None:
    page = open_page(path="timeline")
    page.fill("[name=to]", "2029-12-31")
    page.click(".sanad-go")
    page.wait_for_function("document.querySelectorAll('.sanad-entry').length === 1")
    page.fill("[name=q]", "زحل")
    page.click(".sanad-go")
    shown(page, "لا جملة مؤرخة")


# -- adding articles ------------------------------------------------------------------------------------------------


def test_files_are_added_with_progress_and_each_told(open_page: Any, canned_api: Any, tmp_path: Any) -> None:
    page = open_page(path="upload")
    assert "20" in page.locator("#sanad-formats").text_content()
    content = "خبر جديد.\n".encode()
    files = [tmp_path / name for name in ("جديد.txt", "قديم.md", "مشفر.pdf")]
    for file in files:
        file.write_bytes(content)
    page.set_input_files("input[type=file]", files)
    page.locator("progress").wait_for()
    page.locator(".sanad-outcome[data-state=done]").wait_for()
    rows = page.locator(".sanad-outcomes li").all_text_contents()
    assert rows[0] == "جديد.txtأُضيف"
    assert "لم يتغير" in rows[1]
    assert "الملف مشفّر." in rows[2]
    assert canned_api.exploring.sent == [(file.name, content) for file in files]
    page.click("#sanad-language")
    page.wait_for_function("document.querySelector('.sanad-outcomes')?.textContent.includes('It is encrypted.')")
    assert "unchanged" in page.locator(".sanad-outcomes li").nth(1).text_content()


def test_files_can_be_dropped(open_page: Any, canned_api: Any) -> None:
    page = open_page(path="upload")
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(['خبر.'], 'مسحوب.txt'));
            const zone = document.querySelector('.sanad-drop');
            zone.dispatchEvent(new DragEvent('dragover', {bubbles: true, cancelable: true, dataTransfer: data}));
            window.over = zone.classList.contains('sanad-over');
            zone.dispatchEvent(new DragEvent('drop', {bubbles: true, cancelable: true, dataTransfer: data}));
        }"""
    )
    assert page.evaluate("window.over")
    page.locator(".sanad-outcome[data-state=done]").wait_for()
    assert canned_api.exploring.sent == [("مسحوب.txt", "خبر.".encode())]


def test_too_much_is_not_sent_and_a_refusal_is_told(open_page: Any, canned_api: Any, tmp_path: Any) -> None:
    page = open_page(path="upload")
    canned_api.exploring.sent = []
    large = tmp_path / "كبير.txt"
    with large.open("wb") as file:
        file.truncate(21 * 2**20)
    page.set_input_files("input[type=file]", large)
    page.wait_for_function("document.querySelector('.sanad-drop-problem').textContent.includes('21.0')")
    refused = tmp_path / "مرفوض.txt"
    refused.write_text("خبر.")
    page.set_input_files("input[type=file]", refused)
    page.locator(".sanad-outcome .sanad-alert").wait_for()
    assert "القائمة ممتلئة." in page.locator(".sanad-outcome").text_content()
    assert canned_api.exploring.sent == []


# -- evaluation -----------------------------------------------------------------------------------------------------


def test_the_last_evaluation_is_shown_with_intervals_by_suite_and_tag(open_page: Any) -> None:
    page = open_page(path="evaluation")
    tables = page.locator(".sanad-figures")
    assert tables.count() == 3
    row = tables.nth(0).locator("tbody tr", has_text="أسئلة اجتازت كل الفحوص")
    assert [row.locator("td").nth(n).text_content() for n in (0, 2)] == ["0.86", "0.78 – 0.93"]
    frame, bar = row.locator(".sanad-bar").bounding_box(), row.locator(".sanad-bar span").bounding_box()
    assert bar["width"] == pytest.approx(0.86 * frame["width"], abs=1.5)
    assert bar["x"] + bar["width"] == pytest.approx(frame["x"] + frame["width"], abs=1)  # it grows from the right
    line = row.locator(".sanad-bar i").bounding_box()
    assert line["width"] == pytest.approx(0.15 * frame["width"], abs=1.5)
    assert "لم يُقس" in tables.nth(2).locator("tr", has_text="denials").text_content()
    assert "44" in tables.nth(0).locator("tr", has_text="الوسيط").text_content()


@pytest.mark.parametrize("words", [ARABIC, ENGLISH], ids=["ar", "en"])
def test_every_figure_of_a_report_has_a_name(words: ExploreTexts) -> None:
    assert METRICS.keys() == words.metrics.keys()


def test_without_a_report_the_page_tells_how_to_make_one(open_page: Any, canned_api: Any) -> None:
    canned_api.exploring.evaluated = False
    try:
        page = open_page(path="evaluation")
        shown(page, "لا تقرير بعد: اكتبه.")
        assert page.locator(".sanad-figures").count() == 0
    finally:
        canned_api.exploring.evaluated = True


# -- when something is wrong ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["articles", "voices", "timeline"])
def test_an_empty_corpus_is_told(open_page: Any, canned_api: Any, path: str) -> None:
    canned_api.empty = True
    try:
        page = open_page(path=path)
        page.locator(".sanad-empty").wait_for()
        if path != "timeline":
            page.locator(".sanad-empty a[href='./upload']").wait_for()
    finally:
        canned_api.empty = False


def test_nothing_found_and_a_refusal_are_told_and_can_be_tried_again(open_page: Any) -> None:
    page = open_page(path="articles")
    page.fill("[name=q]", "لا وجود له")
    page.click(".sanad-go")
    shown(page, "لا مقال بهذه الشروط")
    page.fill("[name=q]", "تعطل")
    page.click(".sanad-go")
    page.locator(".sanad-alert[role=alert]").wait_for()
    assert "الفهرس لا يجيب." in page.locator(".sanad-alert").text_content()
    page.click(".sanad-alert a")
    page.wait_for_function("document.activeElement.closest('.sanad-alert')")
    page.go_back()
    shown(page, "لا مقال بهذه الشروط")


def test_going_back_while_a_page_is_on_its_way_is_not_forgotten(open_page: Any, canned_api: Any) -> None:
    page = open_page(path="articles")
    page.wait_for_selector(".sanad-item")
    held = canned_api.held = threading.Event()
    page.fill("[name=q]", "ميناء")
    page.press("[name=q]", "Enter")
    while canned_api.held:  # until the search has reached the API
        page.wait_for_timeout(20)
    page.go_back()
    held.set()
    page.wait_for_function(
        """() => document.querySelectorAll('.sanad-item').length === 20
            && document.querySelector('[name=q]').value === ''"""
    )
    assert urlsplit(page.url).query == ""


def test_a_server_that_is_away_is_told_and_found_again(open_page: Any, api_server: Any) -> None:
    page = open_page(path="voices")
    api_server.stop()
    try:
        page.fill("[name=q]", "السوق")
        page.click(".sanad-go")
        shown(page, "تعذّر الاتصال بخادم سند")
    finally:
        api_server.start()
    page.click(".sanad-alert a")
    page.locator(".sanad-chart").wait_for()
    assert page.input_value("[name=q]") == "السوق"


def test_an_article_that_is_gone_is_told_beside_the_chart(open_page: Any) -> None:
    page = open_page(path="voices?cite=gone&v=1&at=0-5")
    page.locator("#sanad-panel .sanad-alert").wait_for()
    assert "لا يوجد مقال" in page.locator("#sanad-panel").text_content()
    assert page.locator(".sanad-chart").is_visible()
    page.click(".sanad-close")
    page.wait_for_function("!document.querySelector('.sanad-source')")
    assert urlsplit(page.url).query == ""
