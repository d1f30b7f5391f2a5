"""Questions and answers of a printed interview: which sentences the interviewee says though no verb reports them.

Three layouts are known: turns that open with who speaks («فلان: …», «المجلة: …»), with «س» and «ج», and questions
that are paragraphs of their own, their answers being the paragraphs after them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

FEWEST_TURNS = 2  # questions, and answers, of an article with labelled turns
FEWEST_QUESTIONS = 3  # paragraphs that ask, of one without labels
_LABEL = re.compile(r"\s*[*_•■●▪□-]*\s*([^:\n؟?.!،]{1,40}?)[*_]*\s*:")
_ASKING = ("س", "سؤال", "السؤال")
_ANSWERING = ("ج", "جواب", "الجواب")
_ANNOUNCED = re.compile("حوار|مقابل|لقاء|حاور|أجوب|التقين|التقته|سألن")


@dataclass(frozen=True, slots=True)
class Turn:
    """What a sentence is in an interview. ``label`` is the text before its colon, or of the turn it goes on with."""

    answer: bool
    label: str | None = None
    opens: bool = False


def turns(text: str, spans: Sequence[tuple[int, int]]) -> list[Turn | None]:
    """The turn of every sentence, ``None`` outside of the interview; all ``None`` in an article that holds none."""
    paragraphs = _paragraphs(text, spans)
    labelled = _labelled(text, spans, paragraphs)
    if labelled:
        return labelled
    return _alternating(text, spans, paragraphs) or [None] * len(spans)


def _paragraphs(text: str, spans: Sequence[tuple[int, int]]) -> list[list[int]]:
    groups: list[list[int]] = [[0]] if spans else []
    for index, (before, after) in enumerate(pairwise(spans), 1):
        if "\n" in text[before[1] : after[0]]:
            groups.append([])
        groups[-1].append(index)
    return groups


def _asks(text: str, spans: Sequence[tuple[int, int]], paragraph: Sequence[int]) -> bool:
    end = spans[paragraph[-1]]
    return text[end[0] : end[1]].rstrip(' *_»"”').endswith(("؟", "?"))


def _labelled(
    text: str, spans: Sequence[tuple[int, int]], paragraphs: Sequence[Sequence[int]]
) -> list[Turn | None] | None:
    labels: list[str | None] = []
    for paragraph in paragraphs:
        start, end = spans[paragraph[0]]
        found = _LABEL.match(text[start:end])
        labels.append(found.group(1).strip(' «»"“”*_-–') if found else None)
    asking: Counter[str] = Counter()
    telling: Counter[str] = Counter()
    for paragraph, label in zip(paragraphs, labels, strict=True):
        if label:
            (asking if label in _ASKING or _asks(text, spans, paragraph) else telling)[label] += 1
    questioners = {label for label in asking if asking[label] > telling[label]}
    answerers = {label for label in telling if telling[label] >= FEWEST_TURNS and label not in questioners}
    if sum(asking[label] for label in questioners) < FEWEST_TURNS or not answerers:
        return None
    found_turns: list[Turn | None] = [None] * len(spans)
    current: Turn | None = None
    last = max(at for at, label in enumerate(labels) if label in questioners | answerers)
    for at, (paragraph, label) in enumerate(zip(paragraphs, labels, strict=True)):
        if label in questioners:
            current = Turn(False)
        elif label in answerers:
            current = Turn(True, None if label in _ANSWERING else label, True)
        elif at > last:
            current = None
        for index in paragraph:
            found_turns[index] = current
            current = Turn(True, current.label) if current and current.answer else current
    return found_turns


def _alternating(
    text: str, spans: Sequence[tuple[int, int]], paragraphs: Sequence[Sequence[int]]
) -> list[Turn | None] | None:
    asking = [at for at, paragraph in enumerate(paragraphs) if _asks(text, spans, paragraph)]
    answered = [at for at in asking if at + 1 < len(paragraphs) and at + 1 not in asking]
    if len(answered) < FEWEST_QUESTIONS:
        return None
    opening = text[: spans[paragraphs[asking[0]][0]][0]]
    marked = all(re.match(r"\s*[-–—*•■●▪]", text[spans[paragraphs[at][0]][0] :]) for at in answered)
    if not marked and not _ANNOUNCED.search(opening):
        return None
    found_turns: list[Turn | None] = [None] * len(spans)
    for at in range(asking[0], len(paragraphs)):
        after_last = at > asking[-1] + 1
        for index in paragraphs[at]:
            found_turns[index] = Turn(False) if at in asking else None if after_last else Turn(True)
    return found_turns
