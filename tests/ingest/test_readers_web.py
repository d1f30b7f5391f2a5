"""Saved web pages."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ingest.readers import read
from retrieval.errors import UnreadableFile
from retrieval.models import Article

PAGE = """<!DOCTYPE html><html lang="ar-OM"><head><title>محادثات مسقط - صحيفة</title>
<meta property="og:site_name" content="صحيفة"><meta name="author" content="محرر">
<meta property="article:published_time" content="2025-04-12T18:30:00+04:00">
<meta name="keywords" content="عُمان، إيران"><style>p {color: red}</style><script>var x = "سر";</script></head>
<body><header>شعار</header><nav><a>الرئيسية</a></nav>
<article><p>خبر قصير.</p></article>
<article><h1>محادثات مسقط</h1><!-- تعليق -->
<p>قال <b>الوزير</b>: «نعم.
سنعود&nbsp;غدًا»<script>alert(1)</script>.</p><p>سطر أول<br/>سطر ثان</p>
<div>نص <div>داخل</div> بعده</div><ul><li>بند</li><li>آخر</li></ul><aside>إعلان</aside></article>
<footer>حقوق</footer></body></html>"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "page.html"


def article(path: Path, content: str | bytes) -> Article:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    [found] = read(path)
    return found


def test_page_of_an_article(path: Path) -> None:
    assert article(path, PAGE) == Article(
        id="page",
        title="محادثات مسقط",
        source="صحيفة",
        published=date(2025, 4, 12),
        language="ar",
        topics=("عُمان", "إيران"),
        text="قال الوزير: «نعم. سنعود غدًا».\nسطر أول\nسطر ثان\nنص\nداخل\nبعده\nبند\nآخر",
    )


def test_page_that_states_nothing(tmp_path: Path) -> None:
    found = article(tmp_path / "page.htm", "<body><header>شعار</header><p>وصل الوفد.<p>ثم غادر.</body>")
    assert found == Article(id="page", language="ar", text="وصل الوفد.\nثم غادر.")


def test_main_part_without_an_article_element(path: Path) -> None:
    found = article(path, "<body><div>قائمة</div><main><h2>فرعي</h2><p>وصل الوفد.</p></main></body>")
    assert found.text == "فرعي\nوصل الوفد."


def test_author_stands_for_a_missing_site(path: Path) -> None:
    assert article(path, '<meta name="author" content="منى"><p>نص.</p>').source == "منى"


@pytest.mark.parametrize("stated", ["أمس", "12/04/2025", "2025-13-01", ""])
def test_date_in_another_form_is_unknown(path: Path, stated: str) -> None:
    assert article(path, f'<meta name="date" content="{stated}"><p>نص.</p>').published is None


def test_date_of_a_time_element(path: Path) -> None:
    page = '<article><time itemprop="datePublished" datetime="2025-04-12">السبت</time><p>نص.</p></article>'
    assert article(path, page).published == date(2025, 4, 12)


def test_declared_encoding(path: Path) -> None:
    page = '<html><head><meta charset="iso-8859-6"></head><body><p>وصل الوفد.</p></body></html>'
    assert article(path, page.encode("iso-8859-6")).text == "وصل الوفد."


@pytest.mark.parametrize("content", ["<html></html>", "<script>x</script>", "<h1>عنوان</h1>", "<p> </p>"])
def test_page_without_text_is_refused(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UnreadableFile, match="no text"):
        read(path)


@pytest.mark.timeout(30)
@pytest.mark.parametrize("tag", ["div", "b", "article"])
def test_thousands_of_nested_tags_are_read_in_time(path: Path, tag: str) -> None:
    assert article(path, f"<{tag}>" * 20_000 + "نص." + f"</{tag}>" * 20_000).text == "نص."


@pytest.mark.timeout(30)
def test_thousands_of_neighbouring_tags_are_read_in_time(path: Path) -> None:
    assert article(path, "<p>نص.<br>آخر." * 20_000).text.count("\n") == 2 * 20_000 - 1
