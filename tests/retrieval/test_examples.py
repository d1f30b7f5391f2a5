"""Example questions come from the articles' own speakers and topics."""

from __future__ import annotations

import pytest

from retrieval.examples import example_questions
from retrieval.models import ArticleDetail, Attribution, Sentence


def article(topics: tuple[str, ...], speakers: tuple[str, ...]) -> ArticleDetail:
    sentences = tuple(
        Sentence(index=i, start=i, end=i + 1, text="س", attribution=Attribution(speaker=speaker))
        for i, speaker in enumerate(speakers)
    )
    return ArticleDetail(
        id="a", version=1, title=None, source=None, published=None, language="ar", topics=topics, text="س" * 20,
        sentences=sentences,
    )  # fmt: skip


@pytest.mark.parametrize(("language", "said"), [("ar", "ماذا قال"), ("en", "What did"), ("fa", "چه گفت")])
def test_speakers_and_topics_take_turns(language, said: str) -> None:
    details = [article(("الماء", "السدود"), ("ليلى حمدان", "ليلى حمدان", "سامر العلي"))]
    questions = example_questions(details, language=language, limit=3)
    assert len(questions) == 3
    assert said in questions[0]
    assert "ليلى حمدان" in questions[0]
    assert any("الماء" in question for question in questions)


def test_long_role_phrases_and_single_words_are_no_names() -> None:
    details = [article((), ("حمدان", "متحدث باسم وزارة الأشغال العامة"))]
    assert example_questions(details, language="ar", limit=4) == []


def test_no_articles_give_no_questions() -> None:
    assert example_questions([], language="en", limit=4) == []
