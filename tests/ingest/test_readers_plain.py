"""Plain text: one article or several, stable ids, hard-wrapped lines."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from ingest.readers import read
from ingest.readers.layout import unwrap

SHARED = Path(__file__).parents[3] / "shared" / "corpus" / "000_c4495bb39ea3b302.txt"


def paragraph(n: int) -> str:
    return f"في اليوم رقم {n} وصل الوفد إلى العاصمة لبحث الملف مع الوزير، ثم غادرها في المساء."


def block(*numbers: int) -> str:
    return "\n".join(paragraph(n) for n in numbers)


def articles(path: Path, text: str) -> dict[str, str]:
    path.write_text(text, encoding="utf-8")
    return {article.id: article.text for article in read(path)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "news.txt"


@pytest.mark.parametrize("gap", ["\n\n", "\n\n\n", "\n \t\n", "\r\n\r\n"])
def test_blank_lines_separate_articles_of_several_paragraphs(path: Path, gap: str) -> None:
    blocks = [block(1, 2, 3), block(4, 5), block(6, 7, 8, 9)]
    found = articles(path, gap.join(blocks) + "\n")
    assert list(found.values()) == blocks
    assert all(re.fullmatch(r"news-[0-9a-f]{12}", id_) for id_ in found)
    assert all(article.title is article.source is article.published is None for article in read(path))


def test_one_paragraph_article_among_longer_ones(path: Path) -> None:
    blocks = [block(1, 2), block(3), block(4, 5), block(6, 7)]
    assert list(articles(path, "\n\n".join(blocks)).values()) == blocks


@pytest.mark.parametrize(
    "text",
    [
        "\n\n".join(paragraph(n) for n in range(6)),
        f"عنوان الخبر\n\n{block(1, 2, 3)}",
        f"{block(1, 2)}\n\nعنوان فرعي\n\n{block(3, 4)}\n\n{block(5, 6)}",
        "خبز\nملح\nماء\n\nتمر\nلبن\n\nزيت\nزعتر",
        "\n\n".join(textwrap.fill(block(n, n + 1, n + 2), 60) for n in range(4)),
        block(1, 2, 3),
        "سطر واحد",
    ],
    ids=["paragraphs", "title", "sections", "lists", "hard-wrapped", "one block", "one line"],
)
def test_ordinary_file_is_one_article_named_after_it(path: Path, text: str) -> None:
    assert list(articles(path, text)) == ["news"]


def test_ids_outlast_other_articles_and_corrections(path: Path) -> None:
    first, second, third = block(1, 2, 3), block(4, 5, 6), block(7, 8, 9)
    by_text = {text: id_ for id_, text in articles(path, f"{first}\n\n{second}").items()}
    corrected = second.replace("رقم 6", "رقم 60")
    later = {text: id_ for id_, text in articles(path, f"{third}\n\n{corrected}\n\n{first}").items()}
    assert later[first] == by_text[first]
    assert later[corrected] == by_text[second]
    assert later[third] not in by_text.values()


def test_articles_that_open_alike_or_are_repeated(path: Path) -> None:
    found = articles(path, f"{block(1, 2)}\n\n{block(1, 3)}\n\n{block(1, 2)}")
    assert sorted(found.values()) == sorted([block(1, 2), block(1, 3)])


def test_hard_wrapped_paragraphs_are_joined() -> None:
    paragraphs = [block(1, 2, 3).replace("\n", " "), block(4, 5).replace("\n", " ")]
    wrapped = "\n\n".join(textwrap.fill(text, 70) for text in paragraphs)
    assert unwrap(wrapped) == "\n\n".join(paragraphs)


@pytest.mark.parametrize(
    "text",
    [
        block(1, 2, 3, 4, 5),
        "قفا نبك من ذكرى\nحبيب ومنزل\nبسقط اللوى بين\nالدخول فحومل\nفتوضح",
        "- أ\n- ب\n- ج\n- د",
        "",
    ],
    ids=["paragraphs", "verse", "list", "empty"],
)
def test_other_line_breaks_are_kept(text: str) -> None:
    assert unwrap(text) == text


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason=f"the shared real file {SHARED} is not on this machine")
def test_the_shared_file_holds_four_articles() -> None:
    found = read(SHARED)
    blocks = [part.strip("\n") for part in re.split(r"\n{2,}", SHARED.read_text(encoding="utf-8").strip())]
    assert [article.text for article in found] == blocks
    assert [len(article.text.split("\n")) for article in found] == [4, 4, 14, 19]
    assert len({article.id for article in found}) == 4
    assert {(article.title, article.source, article.language) for article in found} == {(None, None, "ar")}
    assert found == read(SHARED)
