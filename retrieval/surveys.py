"""Answers in other forms than a plain one: a summary, a comparison, a timeline; chosen from evidence, cited as ever.

A summary takes the sentences about its topic that are most central to all of them and least alike (maximal marginal
relevance, Carbonell and Goldstein 1998), and hears voices and articles that have not been heard. A comparison takes
what each party says, or is said to want. A timeline takes the sentences that name a date, in the order of the dates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.analysis import normalise
from retrieval.dates import Dated, dated
from retrieval.evidence import Scored, Terms, coverage, words_of
from retrieval.extractive import Citer, Composed, Sentences, perspectives, repeats, voice_of
from retrieval.facts import tells_purpose
from retrieval.forms import Form
from retrieval.models import Language, Perspective
from retrieval.parties import acts, spoken_of

PASSAGES = 16  # whose sentences are weighed: a survey looks further than a question
SUMMARY_SENTENCES = 10
TIMELINE_SENTENCES = 14
PARTY_SENTENCES = 4  # of one party in a comparison
NO_POSITION = "no_position"  # note: the sources have nothing from this party
NO_DATES = "no_dates"  # note: no sentence about the topic names a date that can be told
INSTRUCTIONS: dict[Form, str] = {
    "plain": "",
    "summary": "\nForm: a summary of what the evidence says of it, the main points first, all voices heard.",
    "comparison": "\nForm: what the first party says, then what the second says, then where they differ.",
    "timeline": "\nForm: a timeline. One sentence for each event, each with its date, the earliest first.",
}
TOUCHED = 0.5  # share of the topic's words that what a party says must hold, with its neighbours and title
LEAST = 0.6  # share of the topic's words that the best sentence, with its neighbours, title or lead, must hold
ON_TOPIC = 0.75  # of that share, what any other sentence must hold
NEAR = 1.5  # standard deviations below the best passage within which those of another language are on topic
FAR = 2.5  # standard deviations below the best passage within which an article's own best must be
DIVERSITY = 0.35  # weight of being unlike what is chosen, beside being relevant and central
OWN_WORDS, AIM, STANCE, OFFICE = 0.3, 0.4, 0.3, 0.3  # added to a sentence's probability where positions are asked for
_OFFICE = re.compile(
    r"\b(?:ال|لل)?(?:وزير|وزاره|خارجيه|متحدث|ناطق|رييس|رياسه|مسوول|مبعوث|مفاوض|سفير|حكومه|قايد|قياده|امين|مرشد|نايب)\w*"
)
UNHEARD = 0.1  # for a voice, and for an article, that has not been heard
SHORTEST = 4  # distinct words of a sentence that says something by itself
POSITION: dict[Language, tuple[str, str]] = {
    "ar": ("ما موقف {party}؟", "ما موقف {party} من {topic}؟"),
    "en": ("What is the position of {party}?", "What is the position of {party} on {topic}?"),
    "fa": ("موضع {party} چیست؟", "موضع {party} درباره {topic} چیست؟"),
}


@dataclass(frozen=True)
class Survey:
    """What an answer in another form is made from.

    ``sides`` are the parties of a comparison with their sentences, ``when`` the dates of a timeline's sentences as
    ISO 8601, by the place of ``chosen``.
    """

    chosen: list[Scored]
    notes: tuple[str, ...] = ()
    sides: tuple[tuple[str, int], ...] = ()
    when: tuple[str, ...] = ()

    def compose(self, sentences: Sentences) -> Composed:
        """Cite the sentences in their order; each party of a comparison is a perspective, under the name asked for."""
        citer = Citer(sentences)
        shown = tuple(citer.sentence(item) for item in self.chosen)
        if self.sides:
            return Composed(shown, tuple(citer.citations), self._parties())
        made = Composed(shown, tuple(citer.citations), () if self.when else perspectives(shown))
        return self.dated(made)

    def _parties(self) -> tuple[Perspective, ...]:
        found, start = [], 0
        for party, count in self.sides:
            if count:
                found.append(Perspective(speaker=party, sentences=tuple(range(start, start + count))))
            start += count
        return tuple(found)

    def dated(self, made: Composed) -> Composed:
        """Sentences of a timeline with the dates of what they cite, in the order of the dates."""
        if not self.when:
            return made
        known = {_place(item): when for item, when in zip(self.chosen, self.when, strict=True)}
        cited = {citation.number: (citation.article_id, citation.start) for citation in made.citations}
        timed = [
            sentence.model_copy(
                update={"when": next((known[cited[n]] for n in sentence.citations if cited[n] in known), None)}
            )
            for sentence in made.sentences
        ]
        order = {when: place for place, when in reversed(list(enumerate(self.when)))}
        timed.sort(key=lambda sentence: order.get(sentence.when or "", len(order)))
        return Composed(tuple(timed), made.citations, ())


def _place(item: Scored) -> tuple[str, int]:
    return item.candidate.stored.passage.article_id, item.stored.sentence.start


def on_topic(ranked: Sequence[Scored], *, foreign: bool) -> list[Scored]:
    """The sentences about a topic: its words are there or in the article's title and lead.

    Of a topic in another language than the articles' only names can be found, so the nearness of the passage decides.
    """
    if foreign:
        return [item for item in ranked if item.features["passage"] >= -NEAR]
    held = [max(item.features["lead_coverage"], item.features["context_coverage"]) for item in ranked]
    best = max(held, default=0.0)
    if best < LEAST:
        return []
    return [item for item, share in zip(ranked, held, strict=True) if share >= ON_TOPIC * best]


def summary(about: Sequence[Scored], limit: int = SUMMARY_SENTENCES) -> Survey:
    """The sentences of a summary, article by article as they are written, the article that says most first."""
    items = [item for item in about if len(item.context.stems) and _long_enough(item)]
    if not items:
        return Survey([])
    alike = _likeness(items)
    merit = (_scaled(np.array([item.score for item in items])) + _scaled(alike.mean(1))) / 2
    chosen: list[int] = []
    while len(chosen) < min(limit, len(items)):
        left = [n for n in range(len(items)) if n not in chosen]
        best = max(left, key=lambda n: _worth(n, chosen, items, merit, alike))
        chosen.append(best)
    kept: list[Scored] = []
    for number in chosen:
        if not any(repeats(items[number], other) for other in kept):
            kept.append(items[number])
    return Survey(_as_written(kept))


def _worth(number: int, chosen: Sequence[int], items: Sequence[Scored], merit: np.ndarray, alike: np.ndarray) -> float:
    said = max((float(alike[number, other]) for other in chosen), default=0.0)
    heard = {voice_of(items[other]) for other in chosen}
    read = {_article(items[other]) for other in chosen}
    new = (voice_of(items[number]) not in heard) + (_article(items[number]) not in read)
    return (1 - DIVERSITY) * float(merit[number]) - DIVERSITY * said + UNHEARD * new


def _likeness(items: Sequence[Scored]) -> np.ndarray:
    """Cosines between sentences, (n, n), spread to [0, 1]: those of E5 all lie close together."""
    vectors = np.stack([item.stored.vector for item in items]).astype(np.float32)
    return _scaled(vectors @ vectors.T)


def _scaled(values: np.ndarray) -> np.ndarray:
    low, high = float(values.min()), float(values.max())
    return (values - low) / (high - low) if high > low else np.zeros_like(values)


def _long_enough(item: Scored) -> bool:
    return len(set(item.stored.sentence.text.split())) > SHORTEST


def _article(item: Scored) -> str:
    return item.candidate.stored.passage.article_id


def _as_written(items: Sequence[Scored]) -> list[Scored]:
    """Article by article, in the order of the articles' best sentence."""
    order: dict[str, float] = {}
    for item in items:
        order[_article(item)] = max(order.get(_article(item), 0.0), item.score)
    return sorted(items, key=lambda item: (-order[_article(item)], _article(item), item.stored.sentence.index))


def timeline(about: Sequence[Scored], limit: int = TIMELINE_SENTENCES) -> Survey:
    """The most relevant sentences that name a date which can be told, in the order of their first date."""
    found: list[tuple[Scored, Dated]] = []
    for item in about:
        dates = dated(item.stored.sentence.text, item.candidate.stored.published)
        if dates and len(found) < limit and not any(repeats(item, other) for other, _ in found):
            found.append((item, dates[0]))
    found.sort(key=lambda entry: (entry[1].start, entry[1].end))
    notes = () if found or not about else (NO_DATES,)
    return Survey([item for item, _ in found], notes, when=tuple(date.iso for _, date in found))


def comparison(sides: Sequence[tuple[str, Sequence[Scored]]]) -> Survey:
    """What each party says, one after the other; a note names a party of which there is nothing."""
    missing = tuple(f"{NO_POSITION}:{party}" for party, items in sides if not items)
    chosen = [item for _, items in sides for item in items]
    return Survey(chosen, missing, tuple((party, len(items)) for party, items in sides))


def position_question(party: str, topic: str, language: Language) -> str:
    """What a comparison asks of each party."""
    without, about = POSITION[language]
    return about.format(party=party, topic=topic) if topic else without.format(party=party)


def heard(
    ranked: Sequence[Scored],
    party: str,
    other: str,
    on_point: Callable[[Scored], bool] = lambda item: False,
    limit: int = PARTY_SENTENCES,
) -> list[Scored]:
    """What a party says, and what is said of its aims in sentences that do not name the other one, the clearest first.

    Of a party that neither is heard nor has an aim, what it is told to do where the sentence itself is ``on_point``:
    «التزمت إيران ألا تتجاوز …» says where it stands.
    """
    found, done = [], []
    for item in ranked:
        text, own = item.stored.sentence.text, spoken_of(_voice_words(item), party)
        told = not own and spoken_of(text, party) and not spoken_of(f"{_voice_words(item)} {text}", other)
        weight = _takes_a_position(item)
        if own or (told and weight):
            found.append((item.score + weight + OWN_WORDS * own, item))
        elif told and acts(text, party) and on_point(item):
            done.append((item.score, item))
    found = found or done
    found.sort(key=lambda entry: -entry[0])
    chosen: list[Scored] = []
    for _, item in found:
        if len(chosen) < limit and not any(repeats(item, shown) for shown in chosen):
            chosen.append(item)
    return chosen


def on_point(topic: Terms, item: Scored) -> bool:
    """Whether a sentence itself, without its neighbours, is about a topic. A topic that nobody gave is no point."""
    return bool(topic.weights) and coverage(topic, words_of(item.stored.sentence.text)) >= TOUCHED


def _takes_a_position(item: Scored) -> float:
    """How plainly a sentence takes one: it tells an aim, or a stance beyond plain telling, or who speaks holds an "
    "office.
    """
    attribution = item.stored.sentence.attribution
    stance = attribution is not None and attribution.stance not in {"asserts", "claims"}
    office = attribution is not None and bool(_OFFICE.search(normalise(_voice_words(item))))
    return AIM * tells_purpose(item.stored.sentence.text) + STANCE * stance + OFFICE * office


def _voice_words(item: Scored) -> str:
    attribution = item.stored.sentence.attribution
    if attribution is None:
        return ""
    return " ".join(part for part in (attribution.speaker or attribution.outlet, attribution.role) if part)
