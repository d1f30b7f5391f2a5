"""Summaries, comparisons and timelines over the shipped articles: cited sentence by sentence, in their own order."""

from __future__ import annotations

import pytest

from retrieval.engine import Engine
from retrieval.models import Answer


def check_citations(engine: Engine, answer: Answer) -> None:
    cited = {citation.number: citation for citation in answer.citations}
    for citation in cited.values():
        text = engine.article(citation.article_id, version=citation.article_version).text
        assert text[citation.start : citation.end] == citation.quote
    for sentence in answer.sentences:
        assert sentence.citations
        assert set(sentence.citations) <= set(cited)


@pytest.mark.parametrize(
    "request_", ["لخّص ما تقوله المصادر عن مفاوضات مسقط", "Summarise what the sources say about the Muscat talks"]
)
def test_a_summary_reads_several_articles_and_voices(engine: Engine, request_: str) -> None:
    answer = engine.answer(request_)
    assert answer.status != "abstained"
    check_citations(engine, answer)
    assert len(answer.sentences) > engine.settings.max_sentences
    assert len({citation.article_id for citation in answer.citations}) >= 3
    assert len(answer.perspectives) >= 2
    assert len({sentence.text for sentence in answer.sentences}) == len(answer.sentences)


def test_a_summary_of_what_is_not_there_is_an_abstention(engine: Engine) -> None:
    answer = engine.answer("لخص ما تقوله المصادر عن بطولة ويمبلدون للتنس")
    assert answer.status == "abstained"
    assert not answer.sentences


def test_a_comparison_hears_both_parties_side_by_side(engine: Engine) -> None:
    answer = engine.answer("قارن بين موقفي إيران والولايات المتحدة من البرنامج النووي")
    check_citations(engine, answer)
    assert answer.status == "answered"
    assert [perspective.speaker for perspective in answer.perspectives] == ["إيران", "الولايات المتحدة"]
    first, second = (
        " ".join(answer.sentences[index].text for index in perspective.sentences) for perspective in answer.perspectives
    )
    assert "العقوبات" in first
    assert "أميركيون" in second


def test_a_party_of_which_there_is_nothing_is_named(engine: Engine) -> None:
    answer = engine.answer("قارن بين موقف بقائي وموقف البرازيل من العقوبات")
    assert answer.status == "partial"
    assert "no_position:البرازيل" in answer.notes
    assert [perspective.speaker for perspective in answer.perspectives] == ["بقائي"]


def test_parties_of_which_there_is_nothing_at_all(engine: Engine) -> None:
    answer = engine.answer("قارن بين موقفي البرازيل واليابان من صيد الحيتان")
    assert answer.status == "abstained"
    assert len(answer.notes) == 2


@pytest.mark.parametrize("request_", ["تسلسل زمني للاتفاق النووي", "timeline of the nuclear deal"])
def test_a_timeline_is_in_the_order_of_its_dates(engine: Engine, request_: str) -> None:
    answer = engine.answer(request_)
    check_citations(engine, answer)
    dates = [sentence.when for sentence in answer.sentences]
    assert dates == sorted(dates, key=lambda when: when or "")
    assert "2015" in {(when or "")[:4] for when in dates}
    assert all(when and when[:4] in sentence.text for when, sentence in zip(dates, answer.sentences, strict=True))


def test_a_stream_gives_the_same_sentences(engine: Engine) -> None:
    *events, answer = engine.stream("تسلسل زمني للاتفاق النووي")
    assert isinstance(answer, Answer)
    assert [event.sentence for event in events if hasattr(event, "sentence")] == list(answer.sentences)
