"""An answer as text for a terminal, in the question's language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import indent

from retrieval.models import Answer, AnswerSentence, Attribution, Citation, Stance


@dataclass(frozen=True)
class Words:
    """Every word around an answer, in one language; ``comma`` comes with the space after it."""

    comma: str
    understood: str
    partial: str
    sources: str
    related: str
    article_itself: str
    via: str
    denies: str
    quoted: str
    stances: dict[Stance, str]
    notes: dict[str, str]


ARABIC = Words(
    comma="، ",
    understood="فُهم السؤال: {}",
    partial="إجابة جزئية: لا تغطي المصادر السؤال كله.",
    sources="المصادر",
    related="مقاطع قريبة من السؤال، وليست إجابة عنه",
    article_itself="رواية المقال",
    via="عبر {}",
    denies="ينفي رواية {}",
    quoted="اقتباس مباشر",
    stances={
        "claims": "يدّعي",
        "judges": "يرى",
        "denies": "ينفي",
        "rejects": "يرفض",
        "warns": "يحذّر",
        "threatens": "يهدّد",
        "demands": "يطالب",
        "proposes": "يقترح",
    },
    notes={
        "llm_failed": "تعذّر الجواب بنموذج اللغة ({})، فهذه جمل المقالات كما هي.",
        "sentences_dropped": "حُذفت جمل لم تسندها المصادر: {}",
        "no_position": "لا تنقل المصادر موقفًا لهذا الطرف: {}",
        "part_unanswered": "لا تجيب المصادر عن: {}",
        "no_dates": "لا تذكر المصادر تواريخ يمكن تحديدها.",
    },
)
ENGLISH = Words(
    comma=", ",
    understood="Understood as: {}",
    partial="A partial answer: the sources do not cover the whole question.",
    sources="Sources",
    related="Passages near the question, not an answer to it",
    article_itself="the article itself",
    via="via {}",
    denies="denies the account of {}",
    quoted="direct quote",
    stances={
        stance: stance
        for stance in ("claims", "judges", "denies", "rejects", "warns", "threatens", "demands", "proposes")
    },
    notes={
        "llm_failed": "The language model gave no answer ({}): these are the articles' own sentences.",
        "sentences_dropped": "Sentences dropped because the sources do not support them: {}",
        "no_position": "The sources have no position of this party: {}",
        "part_unanswered": "The sources do not answer: {}",
        "no_dates": "The sources name no dates that can be told.",
    },
)


def printed(answer: Answer) -> str:
    """Each sentence with its [n] and who says it, then what every [n] cites, word for word.

    Of an abstention: that it is one, then the nearest passages, called that.
    """
    words = ARABIC if answer.language == "ar" else ENGLISH
    return "\n\n".join(_blocks(answer, words))


def _blocks(answer: Answer, words: Words) -> Iterator[str]:
    if answer.standalone_question != answer.question:
        yield words.understood.format(answer.standalone_question)
    if answer.status == "abstained":
        yield answer.text
    elif answer.status == "partial":
        yield words.partial
    for sentence in answer.sentences:
        yield f"{_marked(sentence)}\n  — {who(sentence.attribution, words)}"
    for note in answer.notes:
        code, _, detail = note.partition(":")
        if code in {"small_talk", "out_of_scope"}:  # the reply has said it
            continue
        yield words.notes[code].format(detail) if code in words.notes else note
    for title, citations in ((words.sources, answer.citations), (words.related, answer.related)):
        if citations:
            yield "\n".join((title, *(_source(citation) for citation in citations)))


def who(attribution: Attribution | None, words: Words) -> str:
    """Who says a sentence, how, and through whom, in one line."""
    if attribution is None or not (attribution.speaker or attribution.outlet):
        return words.article_itself
    name = attribution.speaker or attribution.outlet or ""
    parts = [f"{name} ({attribution.role})" if attribution.role else name]
    if attribution.speaker and attribution.outlet:
        parts.append(words.via.format(attribution.outlet))
    if attribution.stance == "denies" and attribution.denies:
        parts.append(words.denies.format(attribution.denies))
    elif attribution.stance in words.stances:
        parts.append(words.stances[attribution.stance])
    if attribution.direct_quote:
        parts.append(words.quoted)
    return words.comma.join(parts)


def _marked(sentence: AnswerSentence) -> str:
    when = f"{sentence.when}: " if sentence.when else ""
    return f"{when}{sentence.text} {''.join(f'[{number}]' for number in sentence.citations)}"


def _source(citation: Citation) -> str:
    published = citation.published.isoformat() if citation.published else None
    about = [part for part in (citation.title, citation.source, published, citation.article_id) if part]
    return f"[{citation.number}] {' · '.join(about)}\n{indent(f'«{citation.quote}»', '    ')}"
