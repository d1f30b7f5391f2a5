"""Word documents."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path

import docx
import pytest

from ingest.readers import read, word
from retrieval.errors import UnreadableFile
from retrieval.models import Article


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "muscat.docx"


def test_paragraphs_and_tables_in_order(path: Path) -> None:
    document = docx.Document()
    document.core_properties.title = "محادثات مسقط"
    document.core_properties.created = datetime(2025, 4, 12)
    document.add_heading("محادثات مسقط", level=0)
    document.add_paragraph("وصل الوفد.")
    table = document.add_table(rows=1, cols=3)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "الجولة الأولى"
    table.cell(0, 2).text = "السبت"
    document.add_paragraph("")
    document.add_paragraph("ثم غادر.\nوعاد.")
    document.save(path)
    assert read(path) == [
        Article(
            id="muscat",
            title="محادثات مسقط",
            language="ar",
            text="وصل الوفد.\nالجولة الأولى\nالسبت\nثم غادر.\nوعاد.",
        )
    ]


def test_title_from_the_style_or_none(path: Path) -> None:
    document = docx.Document()
    document.core_properties.title = ""
    document.add_paragraph("عنوان", style="Title")
    document.add_paragraph("نص.")
    document.save(path)
    assert (read(path)[0].title, read(path)[0].text) == ("عنوان", "نص.")
    untitled = docx.Document()
    untitled.core_properties.title = ""
    untitled.add_paragraph("نص.")
    untitled.save(path)
    assert (read(path)[0].title, read(path)[0].text) == (None, "نص.")


def test_document_without_text_is_refused(path: Path) -> None:
    docx.Document().save(path)
    with pytest.raises(UnreadableFile, match="no text"):
        read(path)


def test_archive_that_unpacks_to_too_much_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 3_000_000)
    assert path.stat().st_size < 10_000
    monkeypatch.setattr(word, "MAX_UNPACKED_BYTES", 2_000_000)
    with pytest.raises(UnreadableFile) as caught:
        read(path)
    assert caught.value.reason_code == "too-big"


def test_archive_of_too_many_members_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word, "MAX_MEMBERS", 1)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", b"")
        archive.writestr("b", b"")
    with pytest.raises(UnreadableFile, match="larger than"):
        read(path)


def test_encrypted_document_is_refused(path: Path) -> None:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512))
    with pytest.raises(UnreadableFile, match="password"):
        read(path)


def test_damaged_documents_are_refused(path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("نص.")
    whole = io.BytesIO()
    document.save(whole)
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("a.txt", b"not a document")
    for data in (b"plain", b"", whole.getvalue()[:2000], other.getvalue()):
        path.write_bytes(data)
        with pytest.raises(UnreadableFile, match=r"damaged: .+"):
            read(path)
