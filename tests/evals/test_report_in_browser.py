"""The report page in real Chromium: it fits the screen, switches its language and asks for nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from evals.metrics import Check, Tally
from evals.report import html
from evals.runner import CaseResult, JudgedCitation, JudgedSentence, gather

pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")
RECORD = {"suites": [{"suite": "bridges", "cases": 20}], "target": "in-process", "date": "2026-01-01T10:11:12+00:00"}
QUOTE = "وأضاف أن العمل بدأ في مايو."


def case(number):
    passed = number > 3
    return CaseResult(
        suite="bridges",
        id=f"a-rather-long-name-of-a-case-{number}",
        tags=("a-rather-long-name-of-a-tag", f"tag-{number % 3}"),
        question="متى بدأ العمل في الجسر الذي يمتد اثني عشر كيلومترا؟",
        before=(),
        answerable=True,
        passed=passed,
        checks=(Check(name="must_include[0]", passed=passed, detail="يونيو | June 2024"),),
        status="answered",
        mode="extractive",
        confidence=number / 20,
        answer=f"{QUOTE} [1]",
        sentences=(JudgedSentence(text=QUOTE, citations=(1,), grounded=True),),
        citations=(
            JudgedCitation(
                number=1,
                article_id="bridge",
                article_version=1,
                passage_id="bridge-0",
                start=20,
                end=20 + len(QUOTE),
                quote=QUOTE,
                before="قال المهندس سالم. ",
                after=" ونفت البلدية التأخير.",
                exact=True,
            ),
        ),
        tally=Tally(passed=passed, answerable=True, confidence=number / 20, latency_ms=10.0 * (number + 1)),
    )


@pytest.fixture
def report(tmp_path):
    if not CHROMIUM.exists():
        pytest.skip(f"Chromium is not at {CHROMIUM}")
    file = tmp_path / "report.html"
    run = gather([case(number) for number in range(20)], RECORD)
    file.write_text(html(run, {"case_pass_rate": 0.9}, previous=run), encoding="utf-8")
    return file


@pytest.fixture
def visit(report, chromium):
    """Opens the report on a screen so many pixels wide; ``visit.asked`` are the addresses it asked for."""
    context = chromium.new_context()

    def open_at(width):
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        page.on("request", lambda request: visit_.append(request.url))
        page.goto(report.as_uri())
        return page

    visit_ = open_at.asked = []
    yield open_at
    context.close()


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("language", ["in-arabic", "in-english"])
def test_the_page_is_no_wider_than_the_screen(visit, width, language):
    page = visit(width)
    page.click(f"label[for={language}]")
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_one_language_is_shown_at_a_time_in_its_own_direction(visit):
    page = visit(1440)
    for language, other, direction in (("arabic", "english", "rtl"), ("english", "arabic", "ltr")):
        page.click(f"label[for=in-{language}]")
        heading = page.locator(f"h1 .{language[:2]}")
        assert heading.is_visible()
        assert not page.locator(f"h1 .{other[:2]}").is_visible()
        assert page.evaluate("getComputedStyle(document.querySelector('#page')).direction") == direction
        quote = page.evaluate("getComputedStyle(document.querySelector('#failing blockquote')).direction")
        assert quote == "rtl"


def test_only_the_file_itself_is_asked_for_and_its_font_is_in_it(visit, report):
    page = visit(1440)
    page.evaluate("document.fonts.ready")
    assert "loaded" in page.evaluate("[...document.fonts].map(font => font.status)")
    assert [url for url in visit.asked if not url.startswith("data:")] == [report.as_uri()]


def test_a_picture_of_it_is_taken(report, tmp_path):
    picture = tmp_path / "report.png"
    # In a process of its own: it starts Playwright, which runs once in a thread.
    command = [sys.executable, "-m", "evals.picture", report, picture, "--width", "600", "--height", "400", "--english"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    data = picture.read_bytes()
    assert data.startswith(b"\x89PNG")
    assert (int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")) == (600, 400)
