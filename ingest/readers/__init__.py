"""Files to articles: Markdown, plain text, HTML, PDF and Word."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ingest.readers.markdown import read_markdown
from ingest.readers.pdf import read_pdf
from ingest.readers.plain import read_plain
from ingest.readers.problems import ReadingProblem
from ingest.readers.web import read_web_page
from ingest.readers.word import read_word
from retrieval.models import Article

MAX_BYTES = 20 * 1024 * 1024  # a news article with its pictures; more is a mistake or an attack
READERS = {
    ".md": read_markdown,
    ".txt": read_plain,
    ".html": read_web_page,
    ".htm": read_web_page,
    ".pdf": read_pdf,
    ".docx": read_word,
}

__all__ = ["MAX_BYTES", "READERS", "discover", "read"]


def read(path: Path) -> list[Article]:
    r"""Read the articles of one file, by its suffix. Only ``.txt`` files can hold several.

    An article's ``text`` is NFC with ``\n`` line ends and no trailing spaces; its title is not part of it.
    The same file always gives the same articles with the same ids.

    Raises:
        UnreadableFile: naming the file and the reason. Nothing else is raised for bad input.
    """
    path = Path(path)
    data = _bytes(path)
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise ReadingProblem(path, "unsupported", path.suffix or path.name)
    return reader(path, data)


def _bytes(path: Path) -> bytes:
    try:
        if not path.exists():
            raise ReadingProblem(path, "missing")
        if not path.is_file():
            raise ReadingProblem(path, "not-a-file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ReadingProblem(path, "no-access", error.strerror) from error
    if len(data) > MAX_BYTES:
        raise ReadingProblem(path, "too-big", MAX_BYTES // 2**20)
    return data


def discover(paths: Sequence[Path]) -> list[Path]:
    """The files to read: those named, and those of supported types in the folders named, recursively.

    In folders, hidden files, ``README.md`` and the lock files of Word are passed over. A file named outright
    is always kept, so that reading it can say what is wrong with it.

    Returns:
        Paths in order, each file once.

    Raises:
        UnreadableFile: for a path that does not exist, or a folder that cannot be listed.
    """
    found: dict[Path, Path] = {}  # by its real path, so that a file named twice is read once
    for path in map(Path, paths):
        if not path.exists():
            raise ReadingProblem(path, "missing")
        for file in _files(path) if path.is_dir() else [path]:
            found.setdefault(file.resolve(), file)
    return sorted(found.values())


def _files(folder: Path) -> list[Path]:
    files: list[Path] = []
    for parent, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        files.extend(Path(parent, name) for name in names if _is_wanted(name))
    return files


def _is_wanted(name: str) -> bool:
    passed_over = name.startswith((".", "~$")) or name.lower() == "readme.md"
    return not passed_over and Path(name).suffix.lower() in READERS


def _refuse(error: OSError) -> None:
    raise ReadingProblem(Path(error.filename), "no-access", error.strerror)
