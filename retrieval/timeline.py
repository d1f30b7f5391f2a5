"""When things were, by what sentences say: each at the dates it names, or at its article's publication."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from retrieval.dates import dated
from retrieval.models import TimelineEntry
from retrieval.statements import Statement


@dataclass(frozen=True)
class _At:
    """A statement at a date; ``words`` tell it, or are ``None`` at the date of publication."""

    start: date
    end: date
    words: str | None
    statement: Statement


def entries(
    statements: Iterable[Statement], *, since: date | None = None, until: date | None = None, limit: int
) -> tuple[tuple[TimelineEntry, ...], bool]:
    """Statements along time, earliest first; of statements in order of preference the first ``limit`` dates are kept.

    A sentence that names several dates is there at each. Of an article with a known publication date, the first
    statement that names none stands at that date; the others of it would only repeat the date.

    Args:
        since, until: keep what reaches into this interval, both inclusive.

    Returns:
        The entries, and whether there were more than ``limit``.
    """
    kept: list[_At] = []
    for at in _placed(statements):
        if (since and at.end < since) or (until and at.start > until):
            continue
        if len(kept) == limit:
            return _numbered(kept), True
        kept.append(at)
    return _numbered(kept), False


def _placed(statements: Iterable[Statement]) -> Iterator[_At]:
    published: set[str] = set()
    for statement in statements:
        text = statement.stored.sentence.text
        named = {(found.start, found.end): found for found in dated(text, statement.published)}
        for found in named.values():
            yield _At(found.start, found.end, text[slice(*found.span)], statement)
        if not named and statement.published and statement.article_id not in published:
            published.add(statement.article_id)
            yield _At(statement.published, statement.published, None, statement)


def _order(at: _At) -> tuple[date, date, str, int]:
    return at.start, at.end, at.statement.article_id, at.statement.stored.sentence.start


def _numbered(kept: list[_At]) -> tuple[TimelineEntry, ...]:
    ordered = sorted(
        kept, key=lambda at: (at.start, at.end, at.statement.article_id, at.statement.stored.sentence.start)
    )
    return tuple(
        TimelineEntry(
            start=at.start,
            end=at.end,
            dated_by="publication" if at.words is None else "text",
            words=at.words,
            attribution=at.statement.stored.sentence.attribution,
            citation=at.statement.citation(number),
        )
        for number, at in enumerate(ordered, start=1)
    )
