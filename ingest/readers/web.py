"""Saved web pages: the article's paragraphs, and what the page itself states about it."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path

from bs4 import BeautifulSoup, NavigableString, PageElement, Tag

from ingest.readers.encoding import decode
from ingest.readers.layout import detect_language, normalise_layout, slug
from ingest.readers.problems import ReadingProblem
from retrieval.models import Article

_DROPPED = frozenset(
    ("script", "style", "noscript", "template", "nav", "footer", "aside", "form", "button", "iframe", "svg", "head")
)
_BLOCKS = frozenset(
    (
        *("address", "article", "blockquote", "br", "caption", "dd", "details", "div", "dl", "dt", "fieldset"),
        *("figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p"),
        *("pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    )
)
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_PUBLISHED = (
    "article:published_time",
    "datepublished",
    "date",
    "pubdate",
    "publishdate",
    "dc.date",
    "dcterms.date",
)


def read_web_page(path: Path, data: bytes) -> list[Article]:
    """Read the article of an HTML page, one line a paragraph.

    The text is that of ``<article>`` (the longest), else ``<main>``, else ``<body>``, without scripts,
    navigation, forms and footers. What the page does not state about the article stays ``None``.
    """
    found = _CHARSET.search(data[:4096])
    markup = decode(data, path, declared=found[1].decode("ascii") if found else None)
    try:
        soup = BeautifulSoup(markup, "lxml")
        meta = _meta(soup)
        title, language = _title(soup, meta), _language(soup)
        text = _text(soup)
    except RecursionError as error:  # tags nested thousands deep
        raise ReadingProblem(path, "damaged", "nested too deeply") from error
    first, _, rest = text.partition("\n")
    if title and first == title:
        text = rest.lstrip("\n")
    if not text.strip():
        raise ReadingProblem(path, "empty")
    article = Article(
        id=slug(path.stem),
        title=title,
        source=_first(meta, "og:site_name", "author", "article:author"),
        published=_published(meta, soup),
        language=language or detect_language(text),
        topics=_topics(meta),
        text=text,
    )
    return [article]


def _meta(soup: BeautifulSoup) -> dict[str, list[str]]:
    """What the page's meta elements say: lower-case name → values in order."""
    meta: dict[str, list[str]] = {}
    for element in soup.find_all("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        value = normalise_layout(str(element.get("content") or "")).strip()
        if name and value:
            meta.setdefault(str(name).lower(), []).append(value)
    return meta


def _first(meta: dict[str, list[str]], *names: str) -> str | None:
    return next((meta[name][0] for name in names if name in meta), None)


def _title(soup: BeautifulSoup, meta: dict[str, list[str]]) -> str | None:
    # <title> comes last: it often carries the site's name as well.
    elements = (soup.select_one("article h1"), soup.h1, soup.title)
    texts = (" ".join(element.get_text().split()) for element in elements if element)
    title = _first(meta, "og:title") or next(filter(None, texts), None)
    return " ".join(normalise_layout(title).split()) if title else None


def _language(soup: BeautifulSoup) -> str | None:
    stated = str(soup.html.get("lang") or "") if soup.html else ""
    language = re.split(r"[-_]", stated.strip().lower())[0]
    return language if re.fullmatch(r"[a-z]{2,3}", language) else None


def _published(meta: dict[str, list[str]], soup: BeautifulSoup) -> date | None:
    element = soup.select_one('time[itemprop="datePublished"], time[pubdate]')
    stated = [_first(meta, *_PUBLISHED), str(element.get("datetime") or "") if element else None]
    for value in filter(None, stated):
        try:
            return datetime.fromisoformat(value.strip()).date()
        except ValueError:  # a page is not written for us: a date in another form is unknown, not an error
            continue
    return None


def _topics(meta: dict[str, list[str]]) -> tuple[str, ...]:
    stated = meta.get("article:tag") or re.split(r"[,،]", _first(meta, "keywords") or "")
    return tuple(dict.fromkeys(topic.strip() for topic in stated if topic.strip()))


def _text(soup: BeautifulSoup) -> str:
    container = _container(soup)
    if container is None:
        return ""
    dropped = _DROPPED | {"header"} if container.name == "body" else _DROPPED  # the site's, not the article's
    lines = (line.strip() for line in _with_breaks(container, dropped).split("\n"))
    return normalise_layout("\n".join(line for line in lines if line))


def _container(soup: BeautifulSoup) -> Tag | None:
    inner: set[int] = set()
    outermost: list[Tag] = []
    for article in soup.find_all("article"):
        if id(article) not in inner:
            outermost.append(article)
            inner.update(map(id, article.find_all("article")))
    if outermost:
        return max(outermost, key=lambda article: len(article.get_text()))
    return soup.find("main") or soup.find(role="main") or soup.body


def _with_breaks(container: Tag, dropped: frozenset[str]) -> str:
    """Text whose line breaks are those of blocks; those of the markup are spaces.

    One walk without recursion or changes to the tree: either takes quadratic time, or fails, on a page of
    thousands of nested or neighbouring tags.
    """
    pieces: list[str] = []
    waiting: list[PageElement | str] = [container]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Tag):
            if node.name in dropped or node.has_attr("hidden"):
                continue
            if node.name in _BLOCKS:
                pieces.append("\n")
                waiting.append("\n")
            waiting.extend(reversed(node.contents))
        elif type(node) is NavigableString:  # its subclasses are comments and the like
            pieces.append(re.sub(r"\s+", " ", node))
        elif type(node) is str:
            pieces.append(node)
    return "".join(pieces)
