"""A conversation as a Markdown file, with its citations as footnotes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from retrieval.models import Answer, Attribution, Citation, Conversation, Feedback, Language

ExportFormat = Literal["markdown", "json"]

# Whatever Markdown or HTML would read as more than text; CommonMark takes a backslash before any of these.
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~&^$])|^(\s*)([-=:]|\d+[.)])", re.MULTILINE)

_WORDS: dict[Language, dict[str, str]] = {
    "ar": {"understood": "فُهم السؤال", "related": "أقرب ما في المصادر، وليس جوابًا", "comma": "، ", "version": "النسخة"},
    "en": {
        "understood": "Understood as",
        "related": "Nearest in the sources, not an answer",
        "comma": ", ",
        "version": "version",
    },
    "fa": {
        "understood": "پرسش چنین فهمیده شد",
        "related": "نزدیک‌ترین متن‌ها، نه پاسخ",
        "comma": "، ",
        "version": "نسخه",
    },
}
_VERDICTS = {"up": "👍", "down": "👎"}


def as_markdown(conversation: Conversation) -> str:
    """The questions as headings, the answers' sentences as paragraphs, each citation as a footnote.

    A footnote has the exact words of the article, then title, source and date where they are known, and where in
    which version of which article the words stand. What articles and readers wrote is text in it, never markup.
    """
    parts = [f"# {_text(conversation.title or conversation.id)}", f"{conversation.updated:%Y-%m-%d %H:%M} UTC"]
    for number, turn in enumerate(conversation.turns, start=1):
        parts.append(f"## {_text(turn.question)}")
        parts += _answer(turn.answer, turn.question, number)
        if turn.feedback:
            parts.append(_feedback(turn.feedback))
    for number, turn in enumerate(conversation.turns, start=1):
        language = turn.answer.language
        parts += [_footnote(c, number, language) for c in (*turn.answer.citations, *turn.answer.related)]
    return "\n\n".join(parts) + "\n"


def _answer(answer: Answer, asked: str, turn: int) -> Iterator[str]:
    words = _WORDS[answer.language]
    if answer.standalone_question != asked:
        yield f"*{words['understood']}: {_text(answer.standalone_question)}*"
    if not answer.sentences:
        yield _text(answer.text)
    for sentence in answer.sentences:
        voice = _voice(sentence.attribution, words["comma"])
        yield _text(sentence.text) + voice + _marks(sentence.citations, turn)
    if answer.related:
        numbers = [citation.number for citation in answer.related]
        yield f"{words['related']}: {_marks(numbers, turn)}"


def _voice(attribution: Attribution | None, comma: str) -> str:
    if attribution is None:
        return ""
    named = comma.join(_text(name) for name in (attribution.speaker, attribution.role, attribution.outlet) if name)
    return f" — *{named}*" if named else ""


def _marks(numbers: Sequence[int], turn: int) -> str:
    return "".join(f"[^{turn}-{number}]" for number in numbers)


def _footnote(citation: Citation, turn: int, language: Language) -> str:
    words = _WORDS[language]
    published = citation.published.isoformat() if citation.published else None
    known = [_text(value) for value in (citation.title, citation.source, published) if value]
    place = f"{words['version']} {citation.article_version}{words['comma']}{citation.start}–{citation.end}"
    # Indented, so that a quote of several paragraphs stays in its footnote.
    quote = _escaped(citation.quote).replace("\n", "\n    ")
    about = words["comma"].join([*known, _text(citation.article_id), place])
    return f"[^{turn}-{citation.number}]: «{quote}» — {about}"


def _feedback(feedback: Feedback) -> str:
    said = [_VERDICTS[feedback.verdict], feedback.reason, _text(feedback.text) if feedback.text else None]
    return "> " + " · ".join(part for part in said if part)


def _text(text: str) -> str:
    """A text on one line of Markdown."""
    return _escaped(" ".join(text.split()))


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda match: f"\\{match[1]}" if match[1] else _escaped_start(match), text)


def _escaped_start(match: re.Match[str]) -> str:
    """What opens a list, a rule or a heading's underline only at the start of a line."""
    opening = match[3]
    marked = f"{opening[:-1]}\\{opening[-1]}" if opening[0].isdigit() else f"\\{opening}"
    return match[2] + marked
