"""The parts of articles that an answer cites, each once, with every quote in its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from evals.runner import ShownCitation

_BLANK_LINES = re.compile(r"\n\s*\n")


class Piece(NamedTuple):
    """A run of an article's text; ``numbers`` of the citations that end with it, ``cited`` if it is quoted."""

    text: str
    cited: bool = False
    numbers: tuple[int, ...] = ()


class Excerpt(NamedTuple):
    """A part of one article version around quotes near to one another; ``cut`` when it begins inside the article."""

    citations: tuple[ShownCitation, ...]
    pieces: tuple[Piece, ...]
    cut: bool

    @property
    def first(self) -> ShownCitation:
        """A citation of the article, which has its title and source."""
        return self.citations[0]


def excerpts(citations: Sequence[ShownCitation]) -> list[Excerpt]:
    """Citations of one article version whose contexts meet share an excerpt; in order of their lowest number."""

    def article(citation: ShownCitation) -> tuple[str, int]:
        return citation.article_id, citation.article_version

    # One whose quote is not the stored text has no place there, so it stands alone.
    placed = [citation for citation in citations if citation.before or citation.after]
    found = [
        Excerpt((citation,), (Piece(citation.quote, True, (citation.number,)),), False)
        for citation in citations
        if citation not in placed
    ]
    for _, group in groupby(sorted(placed, key=lambda one: (article(one), one.start)), key=article):
        found += [_excerpt(near) for near in _near(group)]
    return sorted(found, key=lambda excerpt: min(citation.number for citation in excerpt.citations))


def _near(citations: Iterable[ShownCitation]) -> Iterator[list[ShownCitation]]:
    near: list[ShownCitation] = []
    reach = 0
    for citation in citations:
        if near and citation.start - len(citation.before) > reach:
            yield near
            near, reach = [], 0
        near.append(citation)
        reach = max(reach, citation.end + len(citation.after))
    yield near


def _excerpt(near: Sequence[ShownCitation]) -> Excerpt:
    begin, text = _joined(near)
    edges = sorted({0, len(text), *(edge - begin for one in near for edge in (one.start, one.end))})
    pieces = []
    for start, end in pairwise(edges):
        pieces.append(
            Piece(
                _BLANK_LINES.sub("\n", text[start:end]),
                any(one.start - begin <= start and end <= one.end - begin for one in near),
                tuple(sorted(one.number for one in near if one.end - begin == end)),
            )
        )
    return Excerpt(tuple(near), tuple(pieces), begin > 0)


def _joined(near: Sequence[ShownCitation]) -> tuple[int, str]:
    """Where the contexts of citations in order of their start begin, and their text as one."""
    begin = min(citation.start - len(citation.before) for citation in near)
    text = ""
    for citation in sorted(near, key=lambda one: one.start - len(one.before)):
        window = citation.before + citation.quote + citation.after
        text += window[max(0, begin + len(text) - (citation.start - len(citation.before))) :]
    return begin, text
