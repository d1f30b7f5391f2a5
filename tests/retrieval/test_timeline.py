"""Sentences along time: at the dates that they name, else once at their article's publication."""

from __future__ import annotations

from datetime import date

import numpy as np

from retrieval.catalog import StoredSentence
from retrieval.engine import Engine
from retrieval.models import Attribution, Sentence
from retrieval.statements import Statement
from retrieval.timeline import entries

NONE = np.zeros(0, np.float32)
DAY = date(2031, 5, 20)


def statement(text: str, article_id: str = "a", published: date | None = DAY, start: int = 0) -> Statement:
    said = Attribution(speaker="هند", stance="warns")
    sentence = Sentence(index=0, start=start, end=start + len(text), text=text, attribution=said)
    return Statement(article_id, 1, None, None, published, StoredSentence(sentence, "a#0", NONE, NONE))


def test_dates_named_in_a_sentence_are_told_with_their_words_and_sorted() -> None:
    found, more = entries(
        [
            statement("انتهى العمل في 14 نيسان 2031 بعد توقف."),
            statement("بدأ العمل في 3 آذار 2029، ثم توقف في عام 2030.", start=50),
        ],
        limit=10,
    )
    assert not more
    assert [(e.start, e.end) for e in found] == [
        (date(2029, 3, 3), date(2029, 3, 3)),
        (date(2030, 1, 1), date(2030, 12, 31)),
        (date(2031, 4, 14), date(2031, 4, 14)),
    ]
    assert [e.citation.number for e in found] == [1, 2, 3]
    assert all(e.dated_by == "text" and e.words and e.words in e.citation.quote for e in found)
    assert "آذار" in (found[0].words or "")
    assert found[0].attribution is not None
    assert found[0].attribution.stance == "warns"


def test_an_article_without_a_date_in_its_sentences_stands_once_at_its_publication() -> None:
    found, _ = entries([statement("افتتح الجسر."), statement("وعبره الناس.", start=20)], limit=10)
    assert [(e.start, e.end, e.dated_by, e.words, e.citation.quote) for e in found] == [
        (DAY, DAY, "publication", None, "افتتح الجسر.")
    ]
    assert entries([statement("افتتح الجسر.", published=None)], limit=10) == ((), False)


def test_the_interval_keeps_what_reaches_into_it() -> None:
    statements = [statement("بدأ ذلك في عام 2030."), statement("وانتهى في 2 شباط 2031.", start=30)]

    def years(since: date | None, until: date | None) -> list[int]:
        return [e.start.year for e in entries(statements, since=since, until=until, limit=10)[0]]

    assert years(None, None) == [2030, 2031]
    assert years(date(2030, 12, 31), None) == [2030, 2031]
    assert years(None, date(2030, 1, 1)) == [2030]
    assert years(date(2031, 1, 1), None) == [2031]
    assert years(date(2032, 1, 1), None) == []


def test_the_first_statements_are_kept_when_there_are_too_many() -> None:
    statements = [statement("في عام 2030 كان ذلك."), statement("في عام 2020 كان غيره.", "b")]
    found, more = entries(statements, limit=1)
    assert [e.start.year for e in found] == [2030]
    assert more


def test_entries_of_the_shipped_articles_are_cited_exactly(engine: Engine) -> None:
    found = engine.timeline()
    assert len(found.entries) > 5
    assert [e.start for e in found.entries] == sorted(e.start for e in found.entries)
    for entry in found.entries:
        text = engine.article(entry.citation.article_id, version=entry.citation.article_version).text
        assert text[entry.citation.start : entry.citation.end] == entry.citation.quote
        assert (entry.words is None) == (entry.dated_by == "publication")
        assert entry.words is None or entry.words in entry.citation.quote
    about = engine.timeline("الاتفاق النووي")
    assert 0 < len(about.entries) <= len(found.entries)
    assert engine.timeline("أسعار القطن في الأسواق").entries == ()
