"""The timeline: dated sentences along time, as a strip to see them at a glance and as a list to read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from html import escape

from ui.address import Address
from ui.answer_html import attribution_html
from ui.client import Api, Timeline, TimelineEntry
from ui.explore_html import (
    empty_html,
    field_html,
    form_html,
    heading_html,
    origin_html,
    page_html,
    quoted_link,
    sentence_html,
    stance_words,
)
from ui.explore_texts import ExploreTexts, explore_texts
from ui.texts import Texts
from ui.voices_html import about

ENTRIES = 200
LANES = 6  # of marks above one another, before they share a place
NEAR = 1.6  # per cent of the strip: marks nearer than this to one another do not fit side by side
TICKS = 8  # most years named under the strip
UNSAID = "none"  # in place of a stance, for what the article itself says


async def draw(api: Api, address: Address, texts: Texts) -> str:
    """The timeline of the address's topic and time. Raises ``ApiError``."""
    words = explore_texts(texts)
    topic, since, until = address.get("q"), address.day("from"), address.day("to")
    found = await api.timeline(topic, since=since, until=until, limit=ENTRIES)
    fields = (
        field_html("q", words.topic, topic, placeholder=words.topic_example)
        + field_html("from", words.since, address.get("from"), kind="date")
        + field_html("to", words.until, address.get("to"), kind="date")
    )
    body = form_html(fields, words.show, words.clear, texts)
    if found.entries:
        body += heading_html(about(topic, words)) + _strip(found.entries, address, texts, words)
        body += _list(found, address, texts, words)
    else:
        body += empty_html(words.no_dates, words.no_dates_detail)
    return page_html(words.timeline, words.timeline_detail, body, texts)


def days_in_words(start: date, end: date, texts: Texts) -> str:
    """A day, a month, a year or an interval, as one says it."""
    if start == end:
        return texts.date(start)
    if start.day == 1 and (end + timedelta(1)).day == 1 and start.year == end.year:
        if start.month == end.month:
            return f"{texts.months[start.month - 1]} {start.year}"
        if (start.month, end.month) == (1, 12):
            return str(start.year)
    return explore_texts(texts).until_date.format(first=texts.date(start), last=texts.date(end))


def _list(found: Timeline, address: Address, texts: Texts, words: ExploreTexts) -> str:
    years: dict[int, list[str]] = {}
    for entry in found.entries:
        years.setdefault(entry.start.year, []).append(_entry(entry, address, texts, words))
    groups = "".join(
        f'<li class="sanad-year"><h3>{year}</h3><ol>{"".join(rows)}</ol></li>' for year, rows in years.items()
    )
    more = f'<p class="sanad-note">{words.truncated}</p>' if found.truncated else ""
    return f'<ol class="sanad-timeline">{groups}</ol>{more}'


def _entry(entry: TimelineEntry, address: Address, texts: Texts, words: ExploreTexts) -> str:
    days = days_in_words(entry.start, entry.end, texts)
    told = words.by_text.format(words=f"<bdi>{escape(entry.words)}</bdi>") if entry.words else words.by_publication
    quote = entry.citation.quote
    link = quoted_link(
        entry.citation, address, texts, label=f"{days}: {quote}", inner=sentence_html(quote), kind="sanad-moment"
    )
    return (
        f'<li class="sanad-entry" data-by="{escape(entry.dated_by)}"><p class="sanad-when">'
        f'<time datetime="{entry.start.isoformat()}">{days}</time> <small>{told}</small></p>{link}'
        f'<p class="sanad-whose">{attribution_html(entry.attribution, texts)} '
        f"<bdi>{escape(entry.citation.title or texts.untitled)}</bdi></p>"
        f"{origin_html(entry.citation.source, texts.date(entry.citation.published), texts)}</li>"
    )


def _strip(entries: Sequence[TimelineEntry], address: Address, texts: Texts, words: ExploreTexts) -> str:
    """Marks along time. The list below says the same, so that a screen reader and the tab key pass over the strip."""
    first, last = entries[0].start, max(entry.end for entry in entries)
    days = max((last - first).days, 1)
    lanes: list[float] = []
    marks = []
    for entry in entries:
        at = _share(entry.start, first, days)
        width = _share(entry.end, first, days) - at
        lane = next((n for n, busy in enumerate(lanes) if busy + NEAR <= at), len(lanes))
        lane = min(lane, LANES - 1)
        lanes[lane : lane + 1] = [at + width]
        marks.append(_tick_mark(entry, at, width, lane, address, texts))
    labels = "".join(
        f'<span class="sanad-tick" style="--at:{_share(date(year, 1, 1), first, days):.2f}%">{year}</span>'
        for year in _years(first, last)
    )
    return (
        f'<div class="sanad-strip" aria-hidden="true" title="{words.axis}" style="--lanes:{len(lanes)}">'
        f"{''.join(marks)}{labels}</div>{_legend(entries, texts)}"
    )


def _legend(entries: Sequence[TimelineEntry], texts: Texts) -> str:
    """What the colours of the marks stand for, in the order in which they come up."""
    rows = "".join(
        f'<li><i class="sanad-swatch sanad-stance-{escape(stance)}"></i>'
        f"{texts.article_itself if stance == UNSAID else stance_words(stance, texts)}</li>"
        for stance in dict.fromkeys(map(_stance, entries))
    )
    return f'<ul class="sanad-legend" aria-hidden="true">{rows}</ul>'


def _stance(entry: TimelineEntry) -> str:
    return entry.attribution.stance if entry.attribution else UNSAID


def _tick_mark(entry: TimelineEntry, at: float, width: float, lane: int, address: Address, texts: Texts) -> str:
    href = address.cited(entry.citation).href
    title = escape(f"{days_in_words(entry.start, entry.end, texts)}: {entry.citation.quote}")
    return (
        f'<a tabindex="-1" class="sanad-tick-mark sanad-stance-{escape(_stance(entry))}" href="{href}" title="{title}" '
        f'style="--at:{at:.2f}%;--for:{width:.2f}%;--lane:{lane}"></a>'
    )


def _share(day: date, first: date, days: int) -> float:
    """Where a day stands between the first and the last, in per cent."""
    return min(100.0, max(0.0, (day - first).days / days * 100))


def _years(first: date, last: date) -> list[int]:
    """Years to name under the strip, evenly apart."""
    years = [year for year in range(first.year, last.year + 1) if date(year, 1, 1) >= first]
    step = max(1, -(-len(years) // TICKS))
    return years[::step]
