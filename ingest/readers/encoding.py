"""Bytes to text: UTF-8, UTF-16 by its mark, and windows-1256, once usual for Arabic news."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from ingest.readers.problems import ReadingProblem

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_ARABIC = re.compile(r"[ء-ي]")
_LETTER = re.compile(r"[^\W\d_]")
LEAST_ARABIC = 0.3  # share of letters for a text to be taken for windows-1256
MOST_TAH_ZAH = 0.25  # UTF-8 Arabic misread as windows-1256 is every other letter ط or ظ; real text 1 in 60
MOST_CONTROLS = 0.01


def decode(data: bytes, path: Path, *, declared: str | None = None) -> str:
    """Decode a text file without ever replacing a character.

    Args:
        data: the whole file.
        path: named in errors.
        declared: an encoding the file names for itself (HTML), tried when it is not UTF-8.

    Raises:
        UnreadableFile: for binary data, or text in none of the encodings.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _checked(_strictly(data, encoding, path), path)
    if b"\0" in data:
        raise ReadingProblem(path, "binary")
    try:
        return _checked(data.decode("utf-8"), path)
    except UnicodeDecodeError as error:
        detail = f"byte {error.start}"
    if declared:
        try:
            return _checked(data.decode(declared), path)
        except (LookupError, UnicodeError):
            pass
    text = data.decode("cp1256", errors="ignore")
    if len(text) == len(data) and _reads_as_arabic(text):
        return _checked(text, path)
    raise ReadingProblem(path, "encoding", detail)


def _strictly(data: bytes, encoding: str, path: Path) -> str:
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise ReadingProblem(path, "encoding", f"byte {error.start}") from error


def _checked(text: str, path: Path) -> str:
    if "\0" in text or len(_CONTROL.findall(text)) > MOST_CONTROLS * len(text):
        raise ReadingProblem(path, "binary")
    return text


def _reads_as_arabic(text: str) -> bool:
    arabic = len(_ARABIC.findall(text))
    if not arabic or arabic < LEAST_ARABIC * len(_LETTER.findall(text)):
        return False
    return text.count("ط") + text.count("ظ") <= MOST_TAH_ZAH * arabic
