"""The pages on a real server, as ``sanad serve`` has them: files of every kind, hostile articles, a language model.

Everything else of the pages is tested over a canned API. Here nothing is canned but what the language model says.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import docx
import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from ingest.pipeline import ingest_articles
from retrieval.embedding import Embedder
from retrieval.engine import Engine
from retrieval.models import Article
from retrieval.settings import Settings
from server.app import create_app
from tests.ui.conftest import Served, free_port

pytestmark = pytest.mark.browser

EVIL = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>'
EVIL_SENTENCE = f"وقال سالم الراوي إن قطار الساحل {EVIL} سيتوقف أسبوعًا في 3 مارس 2030."
GARDEN = "افتتحت البلدية حديقة المدينة يوم الخميس. وقال المهندس سامر العلي إن الحديقة تضم ألف شجرة زيتون."
SECRET = "s" * 43


@pytest.fixture(scope="module")
def model() -> Iterator[Served]:
    """A language model that says one thing which the article says, and one which it does not."""
    app = FastAPI(openapi_url=None)

    async def chunks() -> Any:
        for text in ("قال المهندس سامر العلي إن الحديقة تضم ألف شجرة زيتون [1]. ", "وكلّفت الحديقة 45 مليون دينار [1]."):
            choice = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": None}
            chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
            yield f"data: {json.dumps(chunk)}\n\n"
        yield "data: [DONE]\n\n"

    @app.post("/v1/chat/completions")
    async def complete() -> StreamingResponse:
        return StreamingResponse(chunks(), media_type="text/event-stream")

    served = Served(app)
    served.start()
    yield served
    served.stop()


@pytest.fixture(scope="module")
def real(model: Served, embedder: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """API and pages on one port, over an index of a garden and of a hostile article."""
    from ui.app import mount

    folder = tmp_path_factory.mktemp("real")
    report = folder / "evaluation.json"
    group = {"cases": 1, "metrics": {"case_pass_rate": 1.0}}
    report.write_text(
        json.dumps(
            {
                "metrics": {EVIL: 0.5},
                "suites": {EVIL: group},
                "tags": {EVIL: group},
                "cases": [{"passed": True}],
                "run": {"date": "2030-04-01T10:00:00Z", "model": {"name": EVIL}},
            }
        )
    )
    settings = Settings(
        index=folder / "index", evaluation=report, llm_base_url=f"{model.url}/v1", llm_model="m", llm_timeout=60
    )
    hostile = Article(
        id=EVIL, title=f"قطار {EVIL}", source=EVIL, published="2030-03-02", topics=(EVIL,), text=EVIL_SENTENCE
    )
    ingest_articles([Article(id="garden", text=GARDEN), hostile], settings, embedder=embedder)
    port = free_port()
    with closing(Engine(settings, embedder=embedder)) as engine:
        app = create_app(settings, engine, root_page=False, page_secret=SECRET)
        served = Served(mount(app, f"http://127.0.0.1:{port}", secret=SECRET), port)
        served.start()
        yield served
        served.stop()


@pytest.fixture
def visit(context: Any, real: Served) -> Iterator[Any]:
    """Opens a path of the real server. What the page does that it may not is an error at the end."""
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.set_viewport_size({"width": 1440, "height": 900})
    wrong: list[str] = []
    page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: message.type == "error" and wrong.append(message.text))

    def visited(path: str = "") -> Any:
        page.goto(f"{real.url}/{path}")
        page.wait_for_selector(".sanad-explore h1, .sanad-welcome, .sanad-turn")
        return page

    yield visited
    page.evaluate("localStorage.clear()")
    page.close()
    assert wrong == []


def files_of_every_kind(folder: Path, page: Any) -> list[Path]:
    """A page of each format, a broken one, one that is not what its name says, and one with a hostile name."""
    (folder / "مكتبة.md").write_text("---\ntitle: مكتبة الواحة\n---\nافتتحت الواحة مكتبة عامة فيها عشرون ألف كتاب.")
    document = docx.Document()
    document.add_paragraph("يصل قطار الجبل بين القرى الخمس في ساعة واحدة.")
    document.save(str(folder / "قطار.docx"))
    page.set_content("<html dir=rtl><body><h1>ملعب البلدة</h1><p>افتتح ملعب البلدة مساء الجمعة بحضور ألفي متفرج.")
    page.pdf(path=str(folder / "ملعب.pdf"))
    (folder / "سوق.html").write_text("<html><body><h1>سوق السمك</h1><p>أغلق سوق السمك أبوابه في الميناء.</p></body>")
    (folder / "مبتور.pdf").write_bytes(b"%PDF-1.4\nnothing")
    (folder / "صورة.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    (folder / "<img src=x onerror=alert(1)>.txt").write_text("وصلت السفينة إلى المرفأ فجر الأحد.")
    names = (
        "مكتبة.md",
        "قطار.docx",
        "ملعب.pdf",
        "سوق.html",
        "مبتور.pdf",
        "صورة.txt",
        "<img src=x onerror=alert(1)>.txt",
    )
    return [folder / name for name in names]


def injected(page: Any) -> int:
    """How many elements on the page came out of somebody's text; the policy alone would keep them quiet."""
    assert page.evaluate("window.pwned") is None
    return page.locator("img[src=x], body script:not([nonce]):not([src])").count()


def test_files_of_every_kind_are_added_told_apart_and_read(visit: Any, tmp_path: Path) -> None:
    files = files_of_every_kind(tmp_path, visit("upload"))
    page = visit("upload")
    page.evaluate(
        """() => {
            window.stages = [];
            new MutationObserver(() => {
                const bar = document.querySelector('.sanad-outcome progress');
                if (bar) window.stages.push(bar.getAttribute('aria-label'));
            }).observe(document.querySelector('#sanad-result'), { childList: true, subtree: true });
        }"""
    )
    page.set_input_files("input[type=file]", files)
    page.locator(".sanad-outcome[data-state=done]").wait_for()
    rows = page.locator(".sanad-outcomes li")
    assert [rows.nth(n).get_attribute("data-outcome") for n in range(7)] == [*["added"] * 4, *["failed"] * 2, "added"]
    assert "تعذّرت قراءة الملف مبتور.pdf" in rows.nth(4).inner_text()
    assert "غير مدعوم" in rows.nth(5).inner_text()
    assert "onerror" in rows.nth(6).inner_text()
    assert page.evaluate("window.stages.length") > 1
    assert injected(page) == 0
    page.set_input_files("input[type=file]", files[:2])
    page.locator(".sanad-outcomes li[data-outcome=unchanged]").nth(1).wait_for()
    page.click(".sanad-outcome a")
    page.locator(".sanad-item").first.wait_for()
    page.fill("[name=q]", "ملعب")
    page.press("[name=q]", "Enter")
    page.wait_for_function("document.querySelectorAll('.sanad-item').length === 1")
    page.click(".sanad-item > a")
    page.locator(".sanad-reading").wait_for()
    assert "افتتح ملعب البلدة مساء الجمعة بحضور ألفي متفرج." in page.locator(".sanad-text").inner_text()


def test_markup_in_texts_names_and_questions_is_shown_everywhere_and_run_nowhere(visit: Any, ask: Any) -> None:
    page = visit()
    question = f"متى سيتوقف قطار الساحل؟ {EVIL}"
    turn = ask(page, question)
    assert turn.locator(".sanad-question").inner_text() == question
    assert EVIL in turn.locator(".sanad-words").first.inner_text()
    turn.locator(".sanad-cite").first.hover()
    page.locator("[role=tooltip]").wait_for()
    turn.locator(".sanad-cite").first.click()
    page.locator("#sanad-panel mark").wait_for()
    assert EVIL in page.locator("#sanad-panel h2").inner_text()
    page.locator(".sanad-open").first.wait_for()  # its title is the question
    assert injected(page) == 0
    for path, shown in (
        ("articles", ".sanad-item"),
        ("articles?q=" + "%3Cimg%20src=x%20onerror=alert(1)%3E", ".sanad-explore"),
        ("voices", ".sanad-chart-frame"),
        ("timeline", ".sanad-entry"),
        ("evaluation", ".sanad-figures"),
    ):
        page = visit(path)
        page.locator(shown).first.wait_for()
        assert "onerror" in page.locator("#sanad-exploring").inner_html(), path
        assert injected(page) == 0, path
    page = visit("articles")
    page.locator(".sanad-item > a", has_text="onerror").click()
    page.locator(".sanad-reading").wait_for()
    assert EVIL in page.locator(".sanad-text").inner_text()
    assert injected(page) == 0
    page = visit("timeline")
    page.locator(".sanad-moment", has_text="onerror").first.click()
    page.locator("#sanad-panel mark").wait_for()
    assert injected(page) == 0


def test_language_model_is_chosen_and_what_it_made_up_is_counted(visit: Any, ask: Any) -> None:
    page = visit()
    page.locator("#sanad-mode").get_by_text("بصياغة نموذج لغة").click()
    turn = ask(page, "كم شجرة تضم حديقة المدينة؟")
    badges = turn.locator(".sanad-badge").all_inner_texts()
    assert "صياغة نموذج لغة، تحقّق سند من كل جملة فيها" in badges
    assert "حُذفت جمل لم تسندها المصادر: 1" in badges
    assert "ألف شجرة زيتون" in turn.locator(".sanad-words").inner_text()
    assert "45" not in turn.inner_text()
    turn.locator(".sanad-cite").first.click()
    page.locator("#sanad-panel mark").wait_for()
    assert page.locator("#sanad-panel mark").inner_text() in GARDEN
    page.locator("#sanad-mode").get_by_text("بجمل المقالات كما هي").click()
    turn = ask(page, "كم شجرة تضم حديقة المدينة؟")
    assert "صياغة نموذج لغة، تحقّق سند من كل جملة فيها" not in turn.locator(".sanad-badge").all_inner_texts()
