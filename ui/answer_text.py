"""An answer as plain text, to be pasted somewhere: every sentence with its [n], and what each [n] stands for."""

from __future__ import annotations

from ui.client import Citation
from ui.texts import Texts
from ui.turns import Turn


def answer_text(turn: Turn, texts: Texts) -> str:
    """The question, the answer as it stands on the page, and its citations with their words."""
    if turn.answer and turn.answer.status == "abstained":
        return f"{turn.question}\n\n{turn.answer.text}"
    numbers = turn.numbers()
    lines = []
    for index in turn.order():
        sentence = turn.sentences[index]
        marks = "".join(f"[{numbers[number]}]" for number in sentence.citations)
        said = sentence.attribution and (sentence.attribution.speaker or sentence.attribution.outlet)
        lines.append(f"{sentence.text} {marks}" + (f" ({texts.said_by}: {said})" if said else ""))
    cited = [
        f"[{shown}] {_origin(citation, texts)}: «{citation.quote}»"
        for number, shown in numbers.items()
        if (citation := turn.citations.get(number))
    ]
    return "\n".join([turn.question, "", *lines, "", f"{texts.sources}:", *cited])


def _origin(citation: Citation, texts: Texts) -> str:
    known = [citation.source, texts.date(citation.published) if citation.published else None]
    return " · ".join([citation.title or texts.untitled, *[part for part in known if part]])
