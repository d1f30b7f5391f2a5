"""Word documents (.docx)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
from docx.table import Table

from ingest.readers.layout import detect_language, normalise_layout, slug
from ingest.readers.problems import ReadingProblem
from retrieval.models import Article

MAX_UNPACKED_BYTES = 100 * 1024 * 1024
MAX_MEMBERS = 5_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # what a password makes of a .docx


def read_word(path: Path, data: bytes) -> list[Article]:
    """Read a document's paragraphs and table cells, a line each.

    The title is the document's property, else a first paragraph in the style *Title*. The dates Word keeps
    are those of the file, not of publication, so ``published`` stays ``None``.

    Raises:
        UnreadableFile: for an encrypted, damaged or empty document, or one that unpacks to too much.
    """
    if data.startswith(_OLE):
        raise ReadingProblem(path, "encrypted")
    _check_archive(path, data)
    try:
        document = docx.Document(io.BytesIO(data))
        lines = list(_lines(document))
        stated = document.core_properties.title
    except Exception as error:  # python-docx lets errors of zip, XML and missing parts through as they are
        raise ReadingProblem(path, "damaged", " ".join(str(error).split()) or type(error).__name__) from error
    title = " ".join(normalise_layout(stated or "").split()) or None
    if lines and (lines[0] == ("Title", title) or (title is None and lines[0][0] == "Title")):
        title = lines.pop(0)[1]
    text = normalise_layout("\n".join(line for _, line in lines))
    if not text.strip():
        raise ReadingProblem(path, "empty")
    return [Article(id=slug(path.stem), title=title, language=detect_language(text), text=text)]


def _check_archive(path: Path, data: bytes) -> None:
    """Refuse an archive by its declared sizes before unpacking it; ``zipfile`` never reads beyond those."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise ReadingProblem(path, "damaged", str(error)) from error
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED_BYTES:
        raise ReadingProblem(path, "too-big", MAX_UNPACKED_BYTES // 2**20)


def _lines(container: Any) -> Iterator[tuple[str, str]]:
    """Style and text of every non-empty line, in reading order."""
    for block in container.iter_inner_content():
        if isinstance(block, Table):
            yield from _cells(block)
            continue
        style = block.style.name if block.style is not None else ""
        for line in normalise_layout(block.text).split("\n"):
            if line.strip():
                yield style, line.strip()


def _cells(table: Table) -> Iterator[tuple[str, str]]:
    seen: set[Any] = set()  # a merged cell is listed once for every place it covers
    for row in table.rows:
        for cell in row.cells:
            if cell._tc not in seen:
                seen.add(cell._tc)
                yield from _lines(cell)
