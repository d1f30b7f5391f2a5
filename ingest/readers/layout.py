"""Text as it is stored: lines, wrapped paragraphs, ids and language."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence

_NEWLINE = re.compile(r"\r\n|[\r\n\v\f\x85\u2028\u2029]")
_ENDS = re.compile(r"[.!?؟…۔:؛][»›\"“”')\]}\u200e\u200f]*$")
_ITEM = re.compile(r"\s*(?:[-*+•▪–—>|#]|\(?(?:\d{1,3}|[^\W\d_])[.)])")
_MARKS = re.compile("[\u0610-\u061a\u064b-\u065f\u0670ـ\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
LONGEST_ID = 80  # characters
NARROWEST, WIDEST = 40, 120  # columns of hard-wrapped text

_ARABIC_SCRIPT = re.compile(r"[\u0620-\u064a\u066e-\u06d3]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_PERSIAN = re.compile("[گچپژ]")
_PERSIAN_FORMS = re.compile("[یک]")
_ARABIC_FORMS = re.compile("[يكىة]")
_OTHER_ARABIC_SCRIPT = re.compile("[ٹڈڑںےہھێۆەڕڵښځڅډړږګېۍ]")  # Urdu, Kurdish, Pashto
_ENGLISH = frozenset(["the", "of", "and", "to", "in", "that", "is", "was", "for", "with", "on", "by"])
SAMPLE = 20_000  # characters looked at to tell the language


def normalise_layout(text: str) -> str:
    r"""Text as stored and quoted: ``\n`` line ends, no trailing spaces, no blank ends, NFC; no more."""
    lines = _NEWLINE.sub("\n", unicodedata.normalize("NFC", text).removeprefix("\ufeff")).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def ends_sentence(line: str) -> bool:
    """Whether a line ends with a stop, perhaps inside closing quotes or brackets."""
    return _ENDS.search(line[-20:].rstrip()) is not None


def is_item(line: str) -> bool:
    """Whether a line begins a list item, heading, quotation or table row: it never continues a line."""
    return _ITEM.match(line) is not None


def unwrap(text: str) -> str:
    """Join the lines of hard-wrapped paragraphs; any other text is returned as it is.

    Text is hard-wrapped when lines break only because the next word would not have fitted: in nine of ten
    breaks the line and the first word of the next are together wider than the widest line, and half of the
    lines stop mid-sentence. Paragraphs of one line each, verse and lists do not look like that.
    """
    lines = text.split("\n")
    breaks = [
        i
        for i in range(len(lines) - 1)
        if lines[i].strip() and lines[i + 1].strip() and lines[i][0] != "#" and not is_item(lines[i + 1])
    ]
    if len(breaks) < 3:
        return text
    width = max(len(lines[i]) for i in breaks)
    filled = sum(len(lines[i]) + 1 + len(lines[i + 1].split(None, 1)[0]) > width for i in breaks)
    open_ended = sum(not ends_sentence(lines[i]) for i in breaks)
    if not NARROWEST <= width <= WIDEST or filled < 0.9 * len(breaks) or open_ended < 0.5 * len(breaks):
        return text
    joins = set(breaks)
    pieces = [lines[0]]
    for i, line in enumerate(lines[1:]):
        pieces.append(" " + line.lstrip() if i in joins else "\n" + line)
    return "".join(pieces)


def slug(name: str) -> str:
    """An id from a file's name, safe in a URL path: letters (Arabic too), digits and ``-_.``."""
    plain = _MARKS.sub("", unicodedata.normalize("NFKC", name)).lower()
    kept = re.sub(r"[^\w.]+", "-", plain).strip("-.")[:LONGEST_ID].rstrip("-.")
    return kept or f"article-{digest(name)}"


def digest(text: str) -> str:
    """Twelve hexadecimal digits of the SHA-256 of text, blind to spacing."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:12]


def detect_language(text: str) -> str | None:
    """``"ar"``, ``"fa"`` or ``"en"`` by its letters (and commonest words); otherwise ``None``."""
    sample = text[:SAMPLE]
    arabic, latin = len(_ARABIC_SCRIPT.findall(sample)), len(_LATIN.findall(sample))
    if not arabic and not latin:
        return None
    if latin > arabic:
        return "en" if _is_english(sample) else None
    if len(_OTHER_ARABIC_SCRIPT.findall(sample)) > 0.015 * arabic:
        return None
    return "fa" if _is_persian(sample, arabic) else "ar"


def _is_persian(sample: str, letters: int) -> bool:
    own, forms = len(_PERSIAN.findall(sample)), len(_PERSIAN_FORMS.findall(sample))
    if own >= 0.01 * letters and sample.count("ة") < 0.01 * letters:  # Persian typed with Arabic ي and ك too
        return True
    return forms > len(_ARABIC_FORMS.findall(sample))


def _is_english(sample: str) -> bool:
    words: Sequence[str] = re.findall(r"[^\W\d_]+", sample.lower())
    if len(words) < 8:  # too short for its words to tell: a headline
        return sample.isascii()
    return sum(word in _ENGLISH for word in words) >= 0.05 * len(words)
