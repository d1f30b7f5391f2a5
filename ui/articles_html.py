"""The page of articles: a list to search and filter, or one article with who says each of its sentences."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from html import escape

from ui.address import Address
from ui.answer_html import attribution_html, words_html
from ui.client import Api, Article, ArticleListing, ArticleSentence, ListedArticle, Source
from ui.explore_html import empty_html, field_html, form_html, heading_html, origin_html, page_html, select_html
from ui.explore_texts import ExploreTexts, explore_texts
from ui.texts import Texts

PAGE = 20
_UNKNOWN = "?"
"""In the address, the source of the articles that have none: an empty value there means every source."""


async def draw(api: Api, address: Address, texts: Texts) -> str:
    """The list that the address asks for, or the article that it names. Raises ``ApiError``."""
    if address.get("id"):
        article = await api.article(address.get("id"), version=address.number("v") or None)
        return _article(article, address, texts)
    source = address.get("source")
    listing, sources = await asyncio.gather(
        api.articles(
            address.get("q"),
            source=("" if source == _UNKNOWN else source) if source else None,
            since=address.day("from"),
            until=address.day("to"),
            offset=address.number("offset"),
            limit=PAGE,
        ),
        api.sources(),
    )
    return _list(listing, sources, address, texts)


def _list(listing: ArticleListing, sources: list[Source], address: Address, texts: Texts) -> str:
    words = explore_texts(texts)
    if not sources:
        more = f'<a class="sanad-firm" href="./upload">{words.add_articles}</a>'
        found = empty_html(words.empty, words.empty_detail, more)
    elif not listing.articles:
        found = _form(sources, address, texts, words) + empty_html(words.nothing_found, words.nothing_found_detail)
    else:
        rows = "".join(_row(article, address, texts, words) for article in listing.articles)
        count = heading_html(words.found.format(count=listing.total))
        pager = _pager(listing, address, words)
        found = f'{_form(sources, address, texts, words)}{count}<ol class="sanad-found">{rows}</ol>{pager}'
    return page_html(words.articles, words.articles_detail, found, texts)


def _form(sources: list[Source], address: Address, texts: Texts, words: ExploreTexts) -> str:
    options = [("", words.every_source)]
    options += [(s.source or _UNKNOWN, f"{s.source or words.unknown_source} ({s.articles})") for s in sources]
    fields = (
        field_html("q", words.search_words, address.get("q"))
        + select_html("source", texts.source, address.get("source"), options)
        + field_html("from", words.since, address.get("from"), kind="date")
        + field_html("to", words.until, address.get("to"), kind="date")
    )
    return form_html(fields, words.search, words.clear, texts)


def _row(article: ListedArticle, address: Address, texts: Texts, words: ExploreTexts) -> str:
    topics = "".join(f'<bdi class="sanad-badge">{escape(topic)}</bdi>' for topic in article.topics)
    return (
        f'<li class="sanad-item"><a href="{address.but(id=article.id).href}" dir="auto">'
        f"{words_html(article.title or texts.untitled)}</a>"
        f"{origin_html(article.source, texts.date(article.published), texts)}"
        f"<small>{words.sentences.format(count=article.sentences)}</small>"
        f'<span class="sanad-topics">{topics}</span></li>'
    )


def _pager(listing: ArticleListing, address: Address, words: ExploreTexts) -> str:
    first = address.number("offset")
    last = first + len(listing.articles)
    if first == 0 and last >= listing.total:
        return ""
    before, after = address.but(offset=max(0, first - PAGE) or ""), address.but(offset=last)
    links = f'<a class="sanad-firm" rel="prev" href="{before.href}">{words.previous}</a>' if first else ""
    links += f'<a class="sanad-firm" rel="next" href="{after.href}">{words.next}</a>' if last < listing.total else ""
    shown = words.shown.format(first=first + 1, last=last, total=listing.total)
    return f'<nav class="sanad-pager" aria-label="{words.articles}"><bdi>{shown}</bdi>{links}</nav>'


# -- one article ----------------------------------------------------------------------------------------------------


def _article(article: Article, address: Address, texts: Texts) -> str:
    words = explore_texts(texts)
    said = [sentence for sentence in article.sentences if _voice(sentence)]
    listing = address.but(id="", v="", at="")
    count = words.attributed.format(count=len(said), total=len(article.sentences))
    return texts.shown(
        f'<article class="sanad-explore sanad-reading" dir="{texts.direction}">'
        f'<a class="sanad-back" href="{listing.href}">{words.back}</a>'
        f'<h1 tabindex="-1" dir="auto">{words_html(article.title or texts.untitled)}</h1>'
        f"{_facts(article, texts, words)}{_speakers(said, address, texts, words)}"
        f'<p class="sanad-lead">{count}</p>'
        f'<div class="sanad-text" role="group" aria-label="{escape(article.title or texts.untitled)}">'
        f"{''.join(_text(article, address, texts))}</div></article>"
    )


def _facts(article: Article, texts: Texts, words: ExploreTexts) -> str:
    language = words.languages.get(article.language or "", article.language) or texts.unknown
    facts = [(texts.source, article.source or texts.unknown), (texts.published, texts.date(article.published))]
    facts.append((words.language, language))
    if article.topics:
        facts.append(
            (words.topics, "، ".join(article.topics) if texts.direction == "rtl" else ", ".join(article.topics))
        )
    rows = "".join(f'<div><dt>{name}</dt><dd dir="auto">{escape(value)}</dd></div>' for name, value in facts)
    return f'<dl class="sanad-facts">{rows}</dl>'


def _speakers(said: list[ArticleSentence], address: Address, texts: Texts, words: ExploreTexts) -> str:
    """Everyone who speaks, each leading to the first sentence of theirs."""
    voices: dict[str, list[ArticleSentence]] = {}
    for sentence in said:
        voices.setdefault(_voice(sentence), []).append(sentence)
    links = "".join(
        f'<li><a class="sanad-voice" href="{_at(address, theirs[0]).href}"><bdi>{escape(name)}</bdi> '
        f"<small>{len(theirs)}</small></a></li>"
        for name, theirs in voices.items()
    )
    return f'<nav class="sanad-speakers" aria-label="{words.speakers}"><ul>{links}</ul></nav>' if links else ""


def _voice(sentence: ArticleSentence) -> str:
    said = sentence.attribution
    return (said.speaker or said.outlet or "") if said else ""


def _at(address: Address, sentence: ArticleSentence) -> Address:
    return address.but(at=f"{sentence.start}-{sentence.end}")


def _text(article: Article, address: Address, texts: Texts) -> Iterator[str]:
    """The text with every character kept: attributed sentences marked, each followed by its chip."""
    at = 0
    span = address.span
    for sentence in article.sentences:
        if not at <= sentence.start < sentence.end <= len(article.text):
            continue  # a version without these sentences: its text is shown as it is
        yield _marked(article.text, at, sentence.start, span)
        words = _marked(article.text, sentence.start, sentence.end, span)
        yield _said(words, sentence, address, texts) if _voice(sentence) else words
        at = sentence.end
    yield _marked(article.text, at, len(article.text), span)


def _said(words: str, sentence: ArticleSentence, address: Address, texts: Texts) -> str:
    stance = escape(sentence.attribution.stance if sentence.attribution else "")
    label = explore_texts(texts).link_here
    return (
        f'<span class="sanad-said" data-stance="{stance}">{words}</span>'
        f'<a class="sanad-chip-link" href="{_at(address, sentence).href}" title="{label}">'
        f"{attribution_html(sentence.attribution, texts)}</a>"
    )


def _marked(text: str, start: int, end: int, span: tuple[int, int] | None) -> str:
    """A stretch of the text, what of it lies in the span as ``<mark>``."""
    if span is None or span[1] <= start or end <= span[0]:
        return _flowing(text[start:end])
    first, last = max(start, span[0]), min(end, span[1])
    return f"{_flowing(text[start:first])}<mark>{_flowing(text[first:last])}</mark>{_flowing(text[last:end])}"


def _flowing(text: str) -> str:
    """Escaped text, its blank lines marked so that they can be drawn less tall."""
    return re.sub(r"\n\s*\n", r'<span class="sanad-gap">\g<0></span>', words_html(text))
