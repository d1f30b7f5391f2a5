"""Markdown files with YAML front matter: ``id, title, source, published, language, topics``, all optional."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from frontmatter.default_handlers import YAMLHandler

from ingest.readers.encoding import decode
from ingest.readers.layout import detect_language, normalise_layout, slug, unwrap
from ingest.readers.problems import ReadingProblem
from retrieval.models import Article

_HEADING = re.compile(r"#[ \t]+(.+?)[ \t#]*(?:\n|$)")
_ID = re.compile(r"\w[\w.\-]{0,199}")


def read_markdown(path: Path, data: bytes) -> list[Article]:
    """Read one article. A ``# heading`` first is its title, unless the front matter gives another.

    Fields the product does not know are ignored, as other tools keep theirs in the same place.
    """
    fields, body = _front_matter(path, decode(data, path))
    text = unwrap(normalise_layout(body))
    title = _text(path, fields, "title")
    heading = _HEADING.match(text)
    if heading and title in (None, heading[1]):
        title, text = heading[1], text[heading.end() :].lstrip("\n")
    if not text.strip():
        raise ReadingProblem(path, "empty")
    return [
        Article(
            id=_id(path, fields),
            title=title,
            source=_text(path, fields, "source"),
            published=_date(path, fields),
            language=_text(path, fields, "language") or detect_language(text),
            topics=_topics(path, fields),
            text=text,
        )
    ]


def _front_matter(path: Path, text: str) -> tuple[Mapping[str, Any], str]:
    handler = YAMLHandler()
    text = text.lstrip("\ufeff\r\n")
    if not handler.detect(text):
        return {}, text
    try:
        block, body = handler.split(text)
    except ValueError as error:
        raise ReadingProblem(path, "front-matter", "the closing --- is missing") from error
    try:
        fields = handler.load(block)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: a date like 2025-02-31
        raise ReadingProblem(path, "front-matter", " ".join(str(error).split())) from error
    if fields is None:
        return {}, body
    if not isinstance(fields, dict):
        raise ReadingProblem(path, "front-matter", "it is not a list of fields")
    return fields, body


def _text(path: Path, fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ReadingProblem(path, "front-matter", f"{name} must be text")
    return normalise_layout(str(value)).strip() or None


def _id(path: Path, fields: Mapping[str, Any]) -> str:
    value = _text(path, fields, "id")
    if value is None:
        return slug(path.stem)
    if not _ID.fullmatch(value):
        raise ReadingProblem(path, "front-matter", "id may have letters, digits, '-', '_' and '.' only")
    return value


def _date(path: Path, fields: Mapping[str, Any]) -> date | None:
    value = fields.get("published")
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    try:
        return datetime.fromisoformat(str(value).strip()).date()
    except ValueError as error:
        raise ReadingProblem(path, "front-matter", "published must be a date like 2025-04-12") from error


def _topics(path: Path, fields: Mapping[str, Any]) -> tuple[str, ...]:
    value = fields.get("topics")
    if value is None:
        return ()
    topics = re.split(r"[,،]", value) if isinstance(value, str) else value
    if not isinstance(topics, list) or not all(isinstance(topic, str | int) for topic in topics):
        raise ReadingProblem(path, "front-matter", "topics must be a list of words")
    return tuple(dict.fromkeys(name for topic in topics if (name := normalise_layout(str(topic)).strip())))
