"""PDF files: their text layer, with lines joined to paragraphs."""

from __future__ import annotations

import shutil
import subprocess
import textwrap
from collections.abc import Sequence
from pathlib import Path

import pytest
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from ingest.readers import read
from retrieval.errors import UnreadableFile

FIRST = (
    "The delegation arrived in the capital on Saturday morning and met the foreign minister for two hours. "
    "It left in the evening, and the talks are to be resumed in the same city within two weeks."
)
SECOND = "The minister said that the aim of the talks is known to all, and that the sanctions come first."


def write_pdf(
    path: Path, pages: Sequence[Sequence[str]], title: str | None = None, password: str | None = None
) -> Path:
    """A PDF of text lines, each letter a byte that the font's ToUnicode table maps to its character."""
    writer = PdfWriter()
    letters = sorted({letter for page in pages for line in page for letter in line})
    codes = {letter: code for code, letter in enumerate(letters, start=1)}
    mapping = "\n".join(f"<{code:02x}> <{ord(letter):04x}>" for letter, code in codes.items())
    table = DecodedStreamObject()
    table.set_data(
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <00> <ff> "
        f"endcodespacerange {len(codes)} beginbfchar\n{mapping}\nendbfchar endcmap end end".encode()
    )
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
            NameObject("/ToUnicode"): writer._add_object(table),
        }
    )
    fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
    for lines in pages:
        page = writer.add_blank_page(width=595, height=842)
        shown = " ".join(f"<{''.join(f'{codes[c]:02x}' for c in line)}> Tj 0 -14 Td" for line in lines)
        content = DecodedStreamObject()
        content.set_data(f"BT /F1 11 Tf 50 800 Td {shown} ET".encode())
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        page[NameObject("/Contents")] = writer._add_object(content)
    if title is not None:
        writer.add_metadata({"/Title": title})
    if password is not None:
        writer.encrypt(password, algorithm="RC4-128")
    writer.write(path)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "muscat.pdf"


def test_lines_of_a_paragraph_are_joined(path: Path) -> None:
    lines = ["The talks in Muscat", *textwrap.wrap(FIRST, 60), *textwrap.wrap(SECOND, 60)]
    [article] = read(write_pdf(path, [lines], title="Talks"))
    assert article.text.replace("\n", " ") == f"The talks in Muscat {FIRST} {SECOND}"
    assert article.text.split("\n")[0] == "The talks in Muscat"
    assert article.text.split("\n")[-1] == SECOND
    assert (article.id, article.title, article.language) == ("muscat", "Talks", "en")
    assert article.published is article.source is None


def test_paragraph_goes_on_across_a_page_without_its_running_lines(path: Path) -> None:
    words = textwrap.wrap(f"{FIRST} {SECOND}", 60)
    pages = [["Daily News 3", *words[i : i + 2], f"- {i} -"] for i in (0, 2, 4)]
    [article] = read(write_pdf(path, pages))
    assert "Daily News" not in article.text
    assert "-" not in article.text
    assert article.text.replace("\n", " ") == " ".join(words[:6])


def test_hyphenated_words_are_joined(path: Path) -> None:
    [article] = read(write_pdf(path, [["The delegation met the for-", "eign minister."]]))
    assert article.text == "The delegation met the foreign minister."


ARABIC = "وصل الوفد في عام 2025 إلى العاصمة، ونقلت Al Reuters عن 12 مسؤولا (بينهم وزير) أن «اللقاء» دام 3.5 ساعات."
DRAWN = ".تاعاس 3.5 ماد «ءاقللا» نأ (ريزو مهنيب) الوؤسم 12 نع Al Reuters تلقنو ،ةمصاعلا ىلإ 2025 ماع يف دفولا لصو"


def test_arabic_line_is_put_back_in_reading_order(path: Path) -> None:
    [article] = read(write_pdf(path, [[DRAWN]]))
    assert article.text == ARABIC
    assert article.language == "ar"


def test_arabic_line_written_unreversed_is_kept(path: Path) -> None:
    line = "وصل الوفد إلى العاصمة صباح السبت والتقى الوزير."
    assert read(write_pdf(path, [[line]]))[0].text == line


def test_letter_forms_and_ligatures_become_letters(path: Path) -> None:
    drawn = "\ufe94\ufeee\ufef3\ufe8e\ufea9 \ufefb"  # a word, then the ligature «لا» to its right, as drawn
    assert read(write_pdf(path, [[drawn]]))[0].text == "لا دايوة"


@pytest.mark.browser
@pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium, which prints the PDF, is not installed")
def test_arabic_page_printed_by_a_browser(tmp_path: Path) -> None:
    paragraphs = [f"{ARABIC} وقال الناطق: «لن نقبل بذلك.» وأضاف أن الموعد غدا.", "ثم عاد الوفد الثاني إلى بلاده."]
    page, printed = tmp_path / "page.html", tmp_path / "page.pdf"
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    page.write_text(f'<html lang="ar" dir="rtl"><meta charset="utf-8"><body>{body}', encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
    options += [f"--user-data-dir={tmp_path / 'profile'}", f"--print-to-pdf={printed}"]
    subprocess.run(["chromium", *options, page.as_uri()], check=True, timeout=120, capture_output=True)
    text = read(printed)[0].text
    assert text.replace("\n", " ") == " ".join(paragraphs)
    assert text.endswith("\n" + paragraphs[1])


@pytest.mark.parametrize("title", ["Microsoft Word - a.doc", "untitled", "a.pdf", "", "  "])
def test_file_name_is_not_a_title(path: Path, title: str) -> None:
    assert read(write_pdf(path, [["Some text."]], title=title))[0].title is None


def test_password_is_refused(path: Path) -> None:
    with pytest.raises(UnreadableFile, match="password"):
        read(write_pdf(path, [["Some text."]], password="secret"))


def test_pdf_without_a_text_layer_is_refused(path: Path) -> None:
    with pytest.raises(UnreadableFile, match="scanned"):
        read(write_pdf(path, [[], []]))


@pytest.mark.parametrize("kept", [0, 5, 300])
def test_damaged_pdf_is_refused(path: Path, kept: int) -> None:
    path.write_bytes(write_pdf(path, [["Some text."]]).read_bytes()[:kept])
    with pytest.raises(UnreadableFile) as caught:
        read(path)
    assert caught.value.reason_code in {"damaged", "scanned"}
