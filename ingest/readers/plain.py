"""Plain text files, which may hold one article or several."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from ingest.readers.encoding import decode
from ingest.readers.layout import detect_language, digest, ends_sentence, normalise_layout, slug, unwrap
from ingest.readers.problems import ReadingProblem
from retrieval.models import Article

SHORTEST_PARAGRAPH = 40  # characters; a shorter line without a full stop reads as a heading
MOSTLY = 2 / 3

_BLANK = re.compile(r"\n(?:[^\S\n]*\n)+")


def read_plain(path: Path, data: bytes) -> list[Article]:
    """Read a text file. Plain text states neither a title nor a source, so both are ``None``.

    One article has the file's name as its id. Of several, each has the file's name and a digest of its
    opening paragraph (of its whole text where two open alike): an article keeps its id when others are added,
    removed or moved around it, which a number would not, and a correction further down is a new version of
    the same article. A new opening paragraph makes a new article; the old one goes with ``--prune``.
    """
    text = unwrap(normalise_layout(decode(data, path)))
    if not text.strip():
        raise ReadingProblem(path, "empty")
    texts = split_articles(text)
    stem = slug(path.stem)
    if len(texts) == 1:
        return [Article(id=stem, text=texts[0], language=detect_language(texts[0]))]
    texts = list(dict.fromkeys(texts))
    openings = Counter(_opening(article) for article in texts)
    keys = [opening if openings[opening := _opening(article)] == 1 else article for article in texts]
    return [
        Article(id=f"{stem}-{digest(key)}", text=article, language=detect_language(article))
        for key, article in zip(keys, texts, strict=True)
    ]


def split_articles(text: str) -> list[str]:
    """Split a text at its blank lines where they separate articles, not paragraphs.

    Blank lines separate articles when single line breaks already separate paragraphs: at least two thirds of
    the blocks have several lines, most lines are prose ending with a full stop, and no block is a lone
    heading (which would belong to what follows it). Otherwise the text is one article.
    """
    blocks = [block.strip("\n") for block in _BLANK.split(text) if block.strip()]
    several = [block for block in blocks if "\n" in block]
    lines = [line for block in blocks for line in block.split("\n")]
    prose = sum(_is_paragraph(line) for line in lines)
    if len(blocks) < 2 or len(several) < max(2, MOSTLY * len(blocks)) or prose < MOSTLY * len(lines):
        return [text]
    if any("\n" not in block and not _is_paragraph(block) for block in blocks):
        return [text]
    return blocks


def _is_paragraph(line: str) -> bool:
    return len(line) >= SHORTEST_PARAGRAPH and ends_sentence(line)


def _opening(text: str) -> str:
    return " ".join(text.split("\n", 1)[0].split())
