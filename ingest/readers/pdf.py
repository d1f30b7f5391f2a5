"""PDF files with a text layer, their lines joined to paragraphs again."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from pypdf import PageObject, PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError

from ingest.readers.bidi import fold_glyphs, is_right_to_left, reading_order
from ingest.readers.layout import detect_language, ends_sentence, is_item, normalise_layout, slug
from ingest.readers.problems import ReadingProblem
from retrieval.models import Article

FULL = 0.6  # share of the usual line length below which a line is a heading or the last of its paragraph
_PAGE_NUMBER = re.compile(r"\W*\d{1,4}\W*")
_DIGITS = re.compile(r"\d+")
_FILE_NAME = re.compile(r"(?i)untitled.*|microsoft word\b.*|.*\.(?:docx?|pdf|indd|odt|rtf|txt|html?)")


def read_pdf(path: Path, data: bytes) -> list[Article]:
    """Read the text layer of a PDF. Arabic lines are put back in reading order, and letters
    stored as glyph forms become ordinary letters.

    Raises:
        UnreadableFile: for a password-protected or damaged file, and for one without a text layer.
    """
    title, pages = _extract(path, data)
    text = normalise_layout(_reflow(_without_running_lines(pages)))
    if not text.strip():
        raise ReadingProblem(path, "scanned")
    return [Article(id=slug(path.stem), title=title, language=detect_language(text), text=text)]


def _extract(path: Path, data: bytes) -> tuple[str | None, list[list[str]]]:
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ReadingProblem(path, "encrypted")
        pages = [_page_lines(page) for page in reader.pages]
        return _title(reader), pages
    except ReadingProblem:
        raise
    except (FileNotDecryptedError, DependencyError) as error:  # the cipher is not installed
        raise ReadingProblem(path, "encrypted") from error
    except Exception as error:  # a damaged PDF makes its parser raise nearly anything
        raise ReadingProblem(path, "damaged", " ".join(str(error).split()) or type(error).__name__) from error


def _page_lines(page: PageObject) -> list[str]:
    """A page's lines in reading order, spaces single.

    pypdf's plain mode reverses each Arabic run but leaves the runs of a line, parted by numbers and Latin
    words, from left to right: sentences come out shuffled. Its layout mode keeps lines as drawn, which
    ``reading_order`` undoes.
    """
    text = page.extract_text()
    if is_right_to_left(text):
        drawn = page.extract_text(extraction_mode="layout").splitlines()
        lines = reading_order([" ".join(line.split()) for line in drawn])
    else:
        lines = [" ".join(fold_glyphs(line).split()) for line in text.splitlines()]
    return [line for line in lines if line]


def _title(reader: PdfReader) -> str | None:
    stated = reader.metadata.title if reader.metadata else None
    title = " ".join(normalise_layout(stated).split()) if isinstance(stated, str) else ""
    return title if title and not _FILE_NAME.fullmatch(title) else None


def _without_running_lines(pages: Sequence[Sequence[str]]) -> list[list[str]]:
    """Each page's lines, without page numbers and the head and foot lines that most pages repeat."""
    heads_and_feet = [{_DIGITS.sub("", line) for line in (*page[:1], *page[-1:])} for page in pages]
    counts = Counter(line for lines in heads_and_feet for line in lines)
    repeated = {line for line, count in counts.items() if len(pages) >= 3 and count > len(pages) / 2}
    return [
        [
            line
            for i, line in enumerate(page)
            if i not in (0, len(page) - 1) or not (_PAGE_NUMBER.fullmatch(line) or _DIGITS.sub("", line) in repeated)
        ]
        for page in pages
    ]


def _reflow(pages: Sequence[Sequence[str]]) -> str:
    """Join the lines of a paragraph, across pages too: full lines that stop mid-sentence."""
    lines = [line for page in pages for line in page]
    if not lines:
        return ""
    usual = sorted(len(line) for line in lines)[int(len(lines) * 0.9)]
    joined = [lines[0]]
    for before, line in pairwise(lines):
        if not _continues(before, line, usual):
            joined.append(line)
        elif re.search(r"[a-z]-$", before) and line[0].islower():
            joined[-1] = joined[-1][:-1] + line
        else:
            joined[-1] += " " + line
    return "\n".join(joined)


def _continues(before: str, line: str, usual: int) -> bool:
    if line[0] in "،,؛;.)]»" or (line[0].islower() and line[0].isascii()):
        return True
    return len(before) >= FULL * usual and not ends_sentence(before) and not is_item(line)
