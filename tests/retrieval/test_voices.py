"""Who says what: speakers merged across articles when there is no doubt, and kept apart when there is."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.catalog import StoredSentence
from retrieval.engine import Engine
from retrieval.models import Attribution, Sentence
from retrieval.statements import Statement
from retrieval.voices import voices

NONE = np.zeros(0, np.float32)


def said(article_id: str, speaker: str | None, *, score: float | None = None, **attribution: object) -> Statement:
    fields = {"speaker": speaker, **attribution}
    sentence = Sentence(index=0, start=4, end=9, text="جملة.", attribution=Attribution.model_validate(fields))
    stored = StoredSentence(sentence, f"{article_id}#0", NONE, NONE)
    return Statement(article_id, 2, "عنوان", None, None, stored, score)


def names(*statements: Statement) -> list[tuple[str | None, int]]:
    return [(voice.speaker, len(voice.marks)) for voice in voices(statements)]


def test_a_surname_joins_the_full_name_in_its_article_and_in_others() -> None:
    statements = [
        said("a", "سليم البستاني", role="رئيس المرفأ"),
        said("a", "البستاني"),
        said("b", "البُستاني", outlet="صوت الميناء"),
    ]
    [voice] = voices(statements)
    assert voice.speaker == "سليم البستاني"
    assert voice.role == "رئيس المرفأ"
    assert voice.outlet == "صوت الميناء"
    assert voice.names == ("سليم البستاني", "البستاني", "البُستاني")
    assert [mark.outlet for mark in voice.marks] == [None, None, "صوت الميناء"]
    assert [mark.citation.number for mark in voice.marks] == [1, 2, 3]


def test_a_surname_of_two_people_joins_neither_unless_its_article_tells() -> None:
    two = [said("a", "سليم البستاني"), said("b", "هند البستاني")]
    assert names(*two, said("c", "البستاني")) == [("سليم البستاني", 1), ("هند البستاني", 1), ("البستاني", 1)]
    assert names(*two, said("b", "البستاني")) == [("هند البستاني", 2), ("سليم البستاني", 1)]


def test_the_beginning_of_a_name_is_only_looked_for_in_its_own_article() -> None:
    ministry, country = "وزارة الزراعة", "وزارة الزراعة اللبنانية"
    assert names(said("a", country), said("a", ministry)) == [(country, 2)]
    assert names(said("a", country), said("b", ministry)) == [(country, 1), (ministry, 1)]


@pytest.mark.parametrize("unnamed", ["مصدر مطلع", "مسؤولون محليون", "شهود عيان"])
def test_the_unnamed_stay_apart_by_article_and_medium(unnamed: str) -> None:
    assert names(said("a", unnamed), said("a", unnamed)) == [(unnamed, 2)]
    assert names(said("a", unnamed), said("b", unnamed)) == [(unnamed, 1), (unnamed, 1)]
    assert len(names(said("a", unnamed, outlet="الأنباء"), said("a", unnamed, outlet="الساحل"))) == 2
    assert len(names(said("a", unnamed.split()[0]), said("a", unnamed))) == 2


def test_a_medium_alone_is_a_voice_without_a_speaker() -> None:
    [voice] = voices([said("a", None, outlet="الأنباء"), said("b", None, outlet="وكالة الأنباء")])
    assert (voice.speaker, voice.outlet, len(voice.marks)) == (None, "وكالة الأنباء", 2)


def test_sentences_of_the_article_itself_are_no_voice() -> None:
    assert voices([said("a", None)]) == ()


def test_with_a_topic_the_best_sentence_leads_and_without_one_the_most_heard() -> None:
    assert names(said("a", "هند"), said("a", "سليم"), said("b", "سليم")) == [("سليم", 2), ("هند", 1)]
    ranked = [said("a", "هند", score=0.9), said("a", "سليم", score=0.8), said("b", "سليم", score=0.7)]
    assert names(*ranked) == [("هند", 1), ("سليم", 2)]


@pytest.mark.parametrize("topic", [None, "رفع العقوبات"])
def test_marks_of_the_shipped_articles_are_cited_exactly(engine: Engine, topic: str | None) -> None:
    found = engine.voices(topic)
    marks = [mark for voice in found.voices for mark in voice.marks]
    assert len(marks) > 2
    assert sorted(mark.citation.number for mark in marks) == list(range(1, len(marks) + 1))
    for voice in found.voices:
        for mark in voice.marks:
            article = engine.article(mark.citation.article_id, version=mark.citation.article_version)
            assert article.text[mark.citation.start : mark.citation.end] == mark.citation.quote
            [sentence] = [s for s in article.sentences if s.start == mark.citation.start]
            assert sentence.attribution is not None
            assert (sentence.attribution.speaker or sentence.attribution.outlet) in voice.names
            assert (mark.score is None) == (topic is None)


def test_a_topic_is_heard_in_every_sentence_that_is_about_it_by_its_words(engine: Engine) -> None:
    marks = [mark for voice in engine.voices("رفع العقوبات").voices for mark in voice.marks]
    holding = [mark for mark in marks if "عقوبات" in mark.citation.quote]
    assert len({mark.citation.article_id for mark in holding}) > 1
    said = {
        sentence.text
        for article in engine.articles(limit=100)
        for sentence in engine.article(article.id).sentences
        if sentence.attribution and "رفع العقوبات" in sentence.text
    }
    assert len(said) > 2
    assert said <= {mark.citation.quote for mark in holding}


def test_a_topic_that_is_not_there_has_no_voices_and_the_limit_is_kept(engine: Engine) -> None:
    assert engine.voices("أسعار القطن في الأسواق").voices == ()
    few = engine.voices(limit=3)
    assert sum(len(voice.marks) for voice in few.voices) == 3
    assert few.truncated
    assert not engine.voices(limit=300).truncated
