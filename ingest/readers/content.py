"""What a file is, by what is in it: the name of an upload is whatever its sender liked."""

from __future__ import annotations

import codecs
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

from ingest.readers.markdown import read_markdown
from ingest.readers.pdf import read_pdf
from ingest.readers.plain import read_plain
from ingest.readers.problems import ReadingProblem
from ingest.readers.web import read_web_page
from ingest.readers.word import read_word
from retrieval.models import Article

Reader = Callable[[Path, bytes], list[Article]]

_HEAD = 4096  # bytes looked at
_PDF_MARK = 1024  # bytes within which readers of PDF look for its mark, as the format has it
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # a .docx with a password, or a .doc
_TEXT_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|article|main)\b", re.I | re.S
)
_FRONT_MATTER = re.compile(rb"\s*---[ \t]*\r?\n")
_HEADING = re.compile(rb"\s*#{1,6}[ \t]+\S")


def reader_of(path: Path, data: bytes) -> Reader:
    """The reader for a file's content. Of the name only ``.md`` is believed, as Markdown is text like any other.

    Raises:
        UnreadableFile: for what is none of the supported types.
    """
    head = data[:_HEAD]
    if b"%PDF-" in head[:_PDF_MARK]:
        return read_pdf
    if head.startswith(_OLE) or (head.startswith(_ZIP) and _is_word(data)):
        return read_word
    if b"\0" in head and not head.startswith(_TEXT_MARKS):
        raise ReadingProblem(path, "unsupported", "binary")
    text = head.removeprefix(codecs.BOM_UTF8)
    if text.startswith(_TEXT_MARKS):
        text = text.replace(b"\0", b"")[2:]
    if _HTML.match(text):
        return read_web_page
    if _FRONT_MATTER.match(text) or _HEADING.match(text) or path.suffix.lower() == ".md":
        return read_markdown
    return read_plain


def _is_word(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return True  # Its reader tells what is wrong with it.
