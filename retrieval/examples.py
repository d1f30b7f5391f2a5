"""Example questions drawn from the articles at hand: who is quoted in them, and what their titles are about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from retrieval.models import ArticleDetail, Language

_SAID = {"ar": "ماذا قال {name}؟", "en": "What did {name} say?", "fa": "{name} چه گفت؟"}
_ABOUT = {
    "ar": "ماذا ورد بشأن {topic}؟",
    "en": "What do the articles say about {topic}?",
    "fa": "مقاله‌ها درباره {topic} چه می‌گویند؟",
}


def example_questions(articles: Sequence[ArticleDetail], *, language: Language, limit: int) -> list[str]:
    """Up to ``limit`` questions, alternating between topics and speakers, the most frequent first."""
    topics = Counter(topic for article in articles for topic in article.topics)
    speakers = Counter(
        sentence.attribution.speaker
        for article in articles
        for sentence in article.sentences
        # A name of several words in an unbroken run reads well in a question; a long role phrase does not.
        if sentence.attribution and sentence.attribution.speaker and 2 <= len(sentence.attribution.speaker.split()) <= 3
    )
    said = [_SAID[language].format(name=name) for name, _ in speakers.most_common(limit)]
    about = [_ABOUT[language].format(topic=topic) for topic, _ in topics.most_common(limit)]
    mixed = [question for pair in zip(said, about, strict=False) for question in pair]
    mixed += said[len(about) :] + about[len(said) :]
    return mixed[:limit]
