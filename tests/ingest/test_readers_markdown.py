"""Markdown with front matter."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ingest.readers import read
from retrieval.errors import UnreadableFile
from retrieval.models import Article

TEXT = "وصل الوفد إلى العاصمة صباح اليوم.\n\nثم غادرها في المساء."


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "Muscat talks.md"


def article(path: Path, content: str) -> Article:
    path.write_text(content, encoding="utf-8")
    [found] = read(path)
    return found


def test_every_field(path: Path) -> None:
    front = "id: muscat\ntitle: محادثات مسقط\nsource: رويترز\npublished: 2025-04-12\n"
    front += "language: ar\ntopics: [عُمان, إيران]"
    assert article(path, f"---\n{front}\n---\n\n{TEXT}\n") == Article(
        id="muscat",
        title="محادثات مسقط",
        source="رويترز",
        published=date(2025, 4, 12),
        language="ar",
        topics=("عُمان", "إيران"),
        text=TEXT,
    )


def test_unknown_fields_stay_none(path: Path) -> None:
    front = "title:\nsource: null\npublished: ~\ntopics:\nlayout: post"
    expected = Article(id="muscat-talks", language="ar", text=TEXT)
    assert article(path, f"---\n{front}\n---\n{TEXT}") == expected
    assert article(path, f"---\n---\n{TEXT}") == expected
    assert article(path, TEXT) == expected


@pytest.mark.parametrize("published", ["2025-04-12", "'2025-04-12'", "2025-04-12T10:00:00+04:00", "'2025-04-12 10:00'"])
def test_forms_of_a_date(path: Path, published: str) -> None:
    assert article(path, f"---\npublished: {published}\n---\n{TEXT}").published == date(2025, 4, 12)


def test_heading_is_the_title_where_none_is_given(path: Path) -> None:
    headed = article(path, f"# محادثات مسقط\n\n{TEXT}")
    assert (headed.title, headed.text) == ("محادثات مسقط", TEXT)
    same = article(path, f"---\ntitle: محادثات مسقط\n---\n# محادثات مسقط\n{TEXT}")
    assert (same.title, same.text) == ("محادثات مسقط", TEXT)
    other = article(path, f"---\ntitle: عنوان\n---\n# محادثات مسقط\n{TEXT}")
    assert (other.title, other.text) == ("عنوان", f"# محادثات مسقط\n{TEXT}")
    assert article(path, f"## فرعي\n{TEXT}").title is None


@pytest.mark.parametrize("content", [f"\ufeff---\r\ntitle: ع\r\n---\r\n{TEXT}", f"\n---\ntitle: ع\n---\n{TEXT}"])
def test_mark_or_blank_line_before_the_front_matter(path: Path, content: str) -> None:
    assert article(path, content).title == "ع"


def test_topics_as_one_string_and_numbers_as_text(path: Path) -> None:
    found = article(path, f"---\nid: 7\ntitle: 1979\ntopics: عُمان، إيران, عُمان\n---\n{TEXT}")
    assert (found.id, found.title, found.topics) == ("7", "1979", ("عُمان", "إيران"))


@pytest.mark.parametrize(
    "front",
    [
        "title: [",
        "title: 'x",
        "- a\n- b",
        "just words",
        "title: {a: b}",
        "source: true",
        "published: yesterday",
        "published: 2025-02-31",
        "published: [2025]",
        "topics: {a: b}",
        "topics: [[a]]",
        "id: a/b",
        "id: 'a b'",
        "id: ../x",
        "id: " + "x" * 201,
        "x: !!python/object/apply:os.system [ls]",
    ],
)
def test_malformed_front_matter_is_refused(path: Path, front: str) -> None:
    path.write_text(f"---\n{front}\n---\n{TEXT}", encoding="utf-8")
    with pytest.raises(UnreadableFile, match=r"front matter is malformed: .+"):
        read(path)


def test_unclosed_front_matter_is_refused(path: Path) -> None:
    path.write_text(f"---\ntitle: x\n{TEXT}", encoding="utf-8")
    with pytest.raises(UnreadableFile, match="closing --- is missing"):
        read(path)


@pytest.mark.parametrize("content", ["---\ntitle: x\n---\n\n", "# عنوان فقط\n"])
def test_article_without_text_is_refused(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UnreadableFile, match="no text"):
        read(path)
