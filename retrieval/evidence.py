"""Evidence: which sentences of the candidate passages answer a question.

Each sentence gets a handful of named features in [0, 1] or close to it, and a probability from a logistic model over
them. The weights live in ``evidence_weights.json``, one set for Arabic questions and one for questions in another
language (where few words can match), and of each another one for topics: a topic asks nothing, so that nothing is near
to answering it, and the reader is not heard. ``python -m evals.fit`` makes that file from ``evals/development``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache
from importlib.resources import files

import numpy as np

from retrieval import analysis, facts, measures, naming
from retrieval.catalog import StoredSentence
from retrieval.late import PassageTokens, QuestionWords, within
from retrieval.models import Attribution, Evidence
from retrieval.questions import Question
from retrieval.reader import QuestionReading, Tokens
from retrieval.search import Candidate
from retrieval.sounds import name_sounds, sound_keys

WEIGHTS_FILE = "evidence_weights.json"
TOPIC = "_topic"
SIMILAR_WORDS = 0.5  # Dice of character trigrams from which two words count as forms of one
TOGETHER = 3  # chosen sentences in which a question's words are looked for
SAME_ROOT = 0.8  # what a word of the same root counts beside the same stem
# Questions whose first content word says what is asked for: «كم عاملًا», «متى استقال», «لماذا اعتذر».
FOCUSED = frozenset({"number", "when", "why"})
MET = 0.9  # about how well a word is met that a sentence does hold
# What only says that a measure follows: in «كم يبلغ عمق …» the depth is asked for.
MEASURING = frozenset(map(analysis.stem, "يبلغ تبلغ بلغ بلغت يصل تصل وصل وصلت يقدر تقدر قدر قدرت يساوي تساوي".split()))
_APART = re.compile(r"\bكم (?:كان|كانت|يكون|تكون|لدي|لديه|لديها|لديهم|عند|في|هناك|يوجد|توجد)\b.*?\bمن (\w+)")
COUNTED_WITHIN = 3  # words between a number and what it counts
CARRIED = 0.5  # what a word carried over from earlier turns weighs beside one that was asked


@dataclass(frozen=True)
class Terms:
    """The words of a question that a text can hold: stems (or sound keys of names) with their weights."""

    weights: Mapping[str, float]
    roots: Mapping[str, str]
    sounds: Mapping[str, float]
    figures: frozenset[str]

    @classmethod
    def of(cls, question: Question, idf: Callable[[str], float], carried: str = "") -> Terms:
        """Terms of a question; ``carried`` is the part of its text that came from earlier turns."""
        if question.language != "ar":
            return cls({}, {}, dict.fromkeys(name_sounds(question.text), 1.0), frozenset(facts.figures(question.text)))
        own = set(analysis.stems(question.text.replace(carried, " ") if carried else question.text))
        words = {analysis.stem(word): word for word in analysis.content_words(question.text)}
        return cls(
            weights={stem: idf(stem) * (1.0 if stem in own else CARRIED) for stem in words},
            roots={stem: analysis.root(word) for stem, word in words.items()},
            sounds={},
            figures=frozenset(facts.figures(question.text)),
        )

    def held(self, stem: str, words: Words) -> float:
        """How far a text holds a term: 1 for the stem, less for its root, Dice of trigrams for a similar word."""
        if stem in words.stems:
            return 1.0
        if len(self.roots[stem]) > 2 and self.roots[stem] in words.roots:
            return SAME_ROOT
        return similar(stem, words)


@dataclass(frozen=True)
class Words:
    """A text's words as they are matched; ``words`` are those of each of the texts that it was put together from."""

    stems: frozenset[str]
    roots: frozenset[str]
    words: frozenset[frozenset[str]]
    sounds: frozenset[str]
    figures: frozenset[str]

    @classmethod
    def of(cls, text: str) -> Words:
        """Analyse a text."""
        words = analysis.content_words(text)
        return cls(
            stems=frozenset(analysis.stem(word) for word in words),
            roots=frozenset(analysis.root(word) for word in words),
            words=frozenset([frozenset(word for word in words if not word[0].isdigit())]),
            sounds=frozenset(key for word in words if not word[0].isdigit() for key in sound_keys(word)),
            figures=frozenset(word for word in words if word[0].isdigit()),
        )

    def __or__(self, other: Words) -> Words:
        return Words(
            self.stems | other.stems,
            self.roots | other.roots,
            self.words | other.words,
            self.sounds | other.sounds,
            self.figures | other.figures,
        )


@lru_cache(maxsize=50_000)
def _trigrams(word: str) -> frozenset[str]:
    padded = f"_{word.removeprefix('ال')}_"
    return frozenset(padded[i : i + 3] for i in range(len(padded) - 2))


@lru_cache(maxsize=20_000)
def words_of(text: str) -> Words:
    """:meth:`Words.of`, remembered."""
    return Words.of(text)


def similar(stem: str, words: Words) -> float:
    """Dice of character trigrams with the most similar word of a text; 0 below a bound, or for too short a stem."""
    if len(stem) < 3 or stem[0].isdigit():
        return 0.0
    best = max((_most_similar(stem, text) for text in words.words), default=0.0)
    return best if best >= SIMILAR_WORDS else 0.0


# Remembered because a sentence is its own evidence and the neighbour of two others, in which a word is looked for anew.
@lru_cache(maxsize=20_000)
def _most_similar(stem: str, words: frozenset[str]) -> float:
    mine = _trigrams(stem)
    return max((2 * len(mine & other) / (len(mine) + len(other)) for other in map(_trigrams, words)), default=0.0)


def coverage(terms: Terms, words: Words) -> float:
    """Share of the question's term weight that a text holds; 1 for a question without terms."""
    total = sum(terms.weights.values()) + sum(terms.sounds.values())
    if total <= 0:
        return 1.0
    met = sum(weight * terms.held(stem, words) for stem, weight in terms.weights.items())
    met += sum(weight for key, weight in terms.sounds.items() if key in words.sounds)
    return met / total


def heaviest_missing(terms: Terms, words: Words) -> float:
    """The largest share of the question's weight that one wholly missing term has."""
    weights = {**terms.weights, **terms.sounds}
    top = max(weights.values(), default=0.0)
    if top <= 0:
        return 0.0
    missing = [w * (1 - terms.held(stem, words)) for stem, w in terms.weights.items()]
    missing += [w for key, w in terms.sounds.items() if key not in words.sounds]
    return max(missing, default=0.0) / top


@dataclass(frozen=True, eq=False)
class Scored:
    """A sentence with its features and probability.

    ``context`` are its words and those around it; ``met`` how well it meets each word of the question.
    """

    candidate: Candidate
    stored: StoredSentence
    features: dict[str, float]
    context: Words
    met: np.ndarray
    score: float = 0.0

    def evidence(self) -> Evidence:
        """As shown in the API."""
        return Evidence(
            article_id=self.candidate.stored.passage.article_id,
            article_version=self.candidate.stored.version,
            passage_id=self.stored.passage_id,
            sentence=self.stored.sentence,
            score=round(self.score, 4),
            features={name: round(value, 4) for name, value in self.features.items()},
        )


@dataclass(frozen=True)
class Logistic:
    """A logistic model over named features: probability = 1 / (1 + exp(-(bias + Σ weight·feature)))."""

    bias: float
    weights: Mapping[str, float] = field(default_factory=dict)

    def probability(self, features: Mapping[str, float]) -> float:
        """Probability for one example; a feature without a weight does not count."""
        total = self.bias + sum(weight * features[name] for name, weight in self.weights.items())
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


@dataclass(frozen=True)
class Model:
    """The fitted models: ``sentence`` and ``answer`` (confidence), by ``"arabic"`` or ``"foreign"`` question, and with
    ``TOPIC`` after it for what names a topic and asks nothing.
    """

    sentence: Mapping[str, Logistic]
    answer: Mapping[str, Logistic]

    @classmethod
    @cache
    def load(cls) -> Model:
        """The model that ships with the product."""
        data = json.loads(files("retrieval").joinpath(WEIGHTS_FILE).read_text("utf-8"))
        return cls(
            *(
                {side: Logistic(m["bias"], m["weights"]) for side, m in data[part].items()}
                for part in ("sentence", "answer")
            )
        )


def side(question: Question) -> str:
    """Whether a question is read as Arabic or as foreign."""
    return "arabic" if question.language == "ar" else "foreign"


@dataclass(frozen=True)
class Asked:
    """A question as evidence is weighed for it: ``vector`` is its (dimension,) embedding. ``topical`` is what names a
    topic and asks nothing.
    """

    question: Question
    vector: np.ndarray
    terms: Terms
    words: QuestionWords
    reading: QuestionReading
    topical: bool = False

    @property
    def weighed_by(self) -> str:
        """Which of the fitted models weighs its evidence."""
        return side(self.question) + (TOPIC if self.topical else "")

    @cached_property
    def to_be_named(self) -> int | None:
        """Which content word says whose name is asked for, if any does."""
        return naming.thing_named(self.words.stems) if self.question.asks_name else None


Sentences = Callable[[str, int], list[StoredSentence]]


class EvidenceSelector:
    """Weighs the sentences of candidate passages.

    Args:
        sentences: gives the sentences of an article version, in order.
        tokens: gives the token vectors of passages.
    """

    def __init__(self, sentences: Sentences, tokens: PassageTokens) -> None:
        self._sentences = sentences
        self._tokens = tokens

    def select(self, asked: Asked, candidates: Sequence[Candidate]) -> list[Scored]:
        """All sentences of the candidates, most probable first."""
        logistic = Model.load().sentence[asked.weighed_by]
        return rank(self.features(asked, candidates), logistic)

    def features(self, asked: Asked, candidates: Sequence[Candidate]) -> list[Scored]:
        """The sentences of the candidates with their features, not yet weighed."""
        tokens = self._tokens.load([candidate.stored for candidate in candidates])
        scored = [
            item
            for candidate in candidates
            for item in self._of_passage(asked, candidate, candidates[0].score, tokens[candidate.stored.passage.id])
        ]
        _add_relative(scored)
        return scored

    def _of_passage(self, asked: Asked, candidate: Candidate, best: float, tokens: Tokens) -> Iterator[Scored]:
        stored = candidate.stored
        article = self._sentences(stored.passage.article_id, stored.version)
        if not article:
            return  # replaced or deleted since it was found
        lead = words_of(f"{stored.title or ''} {article[0].sentence.text}")
        news = _unsaid(asked, lead)
        near = asked.words.near(tokens.vectors)
        read = asked.reading.near(tokens.vectors)
        for position, sentence in enumerate(article):
            if sentence.passage_id != stored.passage.id:
                continue
            own = words_of(_voiced(sentence))
            context = own | _neighbourhood(article, position, stored.title)
            span = sentence.sentence.start - stored.passage.start, sentence.sentence.end - stored.passage.start
            inside = within(tokens, *span)
            met = asked.words.met(near[:, inside])
            features = _features(asked, sentence, own, context)
            features["read"] = asked.reading.answered(read[:, inside])
            features["unnamed"] = float(not _named(asked, sentence, near, tokens, span))
            features["passage"] = candidate.score - best
            features["passage_cosine"] = candidate.dense
            features["words_met"] = float(met.mean()) if len(met) else 1.0
            features["weakest_word"] = float(met.min()) if len(met) else 1.0
            features["lead_coverage"] = coverage(asked.terms, own | lead)
            features["news_met"] = float(met @ news / news.sum()) if news.sum() > 0 else features["words_met"]
            yield Scored(candidate, sentence, features, context, met)


def _named(asked: Asked, stored: StoredSentence, near: np.ndarray, tokens: Tokens, span: tuple[int, int]) -> bool:
    """Whether a sentence gives the name that a question asks for; also where it asks for none."""
    thing = asked.to_be_named
    if thing is None:
        return True
    text, stem = stored.sentence.text, asked.words.stems[thing]
    offset = naming.mentioned(text, stem, asked.terms.roots.get(stem, ""))
    if offset is None:
        inside = np.flatnonzero(within(tokens, *span))
        if not len(inside):
            return False
        closest = asked.words.of_word(thing, near).max(axis=0)
        offset = int(tokens.spans[inside[closest[inside].argmax()], 0]) - span[0]
    return naming.gives_name(text, max(0, offset), frozenset(asked.words.stems))


def rank(scored: Sequence[Scored], logistic: Logistic) -> list[Scored]:
    """Weigh sentences and put the most probable first."""
    weighed = [replace(item, score=logistic.probability(item.features)) for item in scored]
    return sorted(weighed, key=lambda item: -item.score)


def _voiced(stored: StoredSentence) -> str:
    """A sentence together with who says it, which the words «وأضاف» alone do not hold."""
    attribution = stored.sentence.attribution
    if attribution is None:
        return stored.sentence.text
    return f"{voice_words(attribution)} {stored.sentence.text}".lstrip()


def voice_words(attribution: Attribution) -> str:
    """All that is told of who says a sentence: speaker, role and outlet."""
    return " ".join(filter(None, (attribution.speaker, attribution.role, attribution.outlet)))


def _unsaid(asked: Asked, lead: Words) -> np.ndarray:
    """How much each word of the question says beyond what the article is about anyway, in [0, 1].

    What an article is about is named in its title and first sentence and taken up by pronouns later: the sentence that
    names it again is not for that the one that answers.
    """
    terms = asked.terms
    return np.array([1.0 - terms.held(stem, lead) if stem in terms.weights else 1.0 for stem in asked.words.stems])


def _neighbourhood(article: Sequence[StoredSentence], position: int, title: str | None) -> Words:
    words = words_of(title or "")
    if position > 0:
        words = words | words_of(article[position - 1].sentence.text)
    if position + 1 < len(article):
        words = words | words_of(article[position + 1].sentence.text)
    return words


def _features(asked: Asked, stored: StoredSentence, own: Words, context: Words) -> dict[str, float]:
    question, terms, text = asked.question, asked.terms, stored.sentence.text
    meets = meets_kind(question, text)
    return {
        "cosine": float(stored.vector @ asked.vector),
        "led_cosine": float(stored.led_vector @ asked.vector),
        "coverage": coverage(terms, own),
        "context_coverage": coverage(terms, context),
        "missing": heaviest_missing(terms, context),
        "figures": _share(terms.figures, own.figures),
        "kind_met": float(meets is True),
        "kind_unmet": float(meets is False),
        "length": math.log1p(len(own.stems)) / 4,
        "purpose": float(question.kind == "goal" and facts.tells_purpose(text)),
        "cause": float(question.kind == "why" and facts.tells_cause(text)),
        "function": float(question.kind == "role" and facts.tells_function(text)),
        "spoken": float(question.of_positions and stored.sentence.attribution is not None),
        "named_voice": float(names_voice(terms, stored.sentence.attribution)),
    }


def names_voice(terms: Terms, attribution: Attribution | None) -> bool:
    """Whether a question names who says a sentence: its speaker or outlet, or a word of the speaker's name."""
    if attribution is None:
        return False
    voice = words_of(" ".join(name for name in (attribution.speaker, attribution.outlet) if name))
    return any(stem in voice.stems for stem in terms.weights) or any(key in voice.sounds for key in terms.sounds)


def _share(wanted: frozenset[str], present: frozenset[str]) -> float:
    return len(wanted & present) / len(wanted) if wanted else 0.0


def meets_kind(question: Question, text: str) -> bool | None:
    """Whether a sentence holds the kind of fact that is asked for; ``None`` where that cannot be told."""
    if question.kind == "when":
        return facts.tells_time(text)
    if question.kind == "number":
        # A figure that the question itself gives is not what it asks for.
        there = facts.numbers(text)
        told = measures.tells_measure(text, question.measure) if question.measure else facts.tells_quantity(text)
        return told and (not there or bool(there - facts.numbers(question.text)))
    return None


def _add_relative(scored: Sequence[Scored]) -> None:
    """How each sentence stands among all of this question's, in standard deviations below the best."""
    for name in ("cosine", "led_cosine", "words_met", "news_met"):
        values = np.array([item.features[name] for item in scored])
        spread = float(values.std()) if len(values) else 0.0
        for item in scored:
            item.features[f"{name}_gap"] = (item.features[name] - float(values.max())) / (spread or 1.0)
    nearest = max((item.features["read"] for item in scored), default=0.0)
    for item in scored:
        item.features["read_gap"] = item.features["read"] - nearest
    named = any(item.features["named_voice"] for item in scored)
    for item in scored:
        spoken = item.stored.sentence.attribution is not None
        item.features["other_voice"] = float(named and spoken and not item.features["named_voice"])
    most = max((item.features["coverage"] for item in scored), default=0.0)
    for item in scored:
        item.features["coverage_gap"] = item.features["coverage"] / (most or 1.0)


def answer_features(asked: Asked, ranked: Sequence[Scored], chosen: Sequence[Scored]) -> dict[str, float]:
    """What tells an answered question from one that the corpus does not answer.

    ``ranked`` are all weighed sentences, best first; ``chosen`` those that would be shown. The words of the question
    are looked for in the first three of these together: an answer may need more than one sentence.
    """
    first = chosen[:TOGETHER]
    together = first[0].context
    for item in first[1:]:
        together = together | item.context
    met = np.max([item.met for item in first], axis=0)
    texts = [item.stored.sentence.text for item in first]
    unmet = [meets_kind(asked.question, item.stored.sentence.text) is False for item in chosen]
    kind = asked.question.kind
    return {
        "score": ranked[0].score,
        "read": max(item.features["read"] for item in ranked),
        "cosine": max(item.features["cosine"] for item in ranked),
        "led_cosine": max(item.features["led_cosine"] for item in ranked),
        "passage_cosine": max(item.features["passage_cosine"] for item in ranked),
        "coverage": coverage(asked.terms, together),
        "missing": heaviest_missing(asked.terms, together),
        "words_met": float(met.mean()) if len(met) else 1.0,
        "weakest_word": float(met.min()) if len(met) else 1.0,
        "focus": float(met[_focus(asked)]) if len(met) and kind in FOCUSED else MET,
        "kind_unmet": float(all(unmet)),
        "unnamed": float(all(item.features["unnamed"] for item in first)),
        "uncounted": float(not _counts(asked, texts[0])),
        "uncaused": float(kind == "why" and not any(map(facts.tells_cause, texts))),
        "unvoiced": float(kind == "said" and not first[0].features["named_voice"]),
        "figures_missing": 1.0 - _share(asked.terms.figures, together.figures) if asked.terms.figures else 0.0,
    }


def _focus(asked: Asked) -> int:
    """Which content word says what is asked for: the first, for a number the first that is not «يبلغ».

    Where «كم» stands apart from what it counts, that follows «من»: «كم كان لديهم من سفينة».
    """
    if asked.question.kind != "number":
        return 0
    if (apart := _APART.search(analysis.normalise(asked.question.text))) and not analysis.is_stop(apart[1]):
        counted = analysis.stem(apart[1])
        if counted in asked.words.stems:
            return asked.words.stems.index(counted)
    return next((place for place, stem in enumerate(asked.words.stems) if stem not in MEASURING), 0)


def _counts(asked: Asked, text: str) -> bool:
    """Whether a text has a number near what the question wants counted: its first content word, «كم عاملًا …».

    Also where no number is asked for, nothing is named to be counted, or the question is in another language.
    """
    if asked.question.kind != "number" or not asked.words.stems or not asked.terms.roots:
        return True
    stem = asked.words.stems[_focus(asked)]
    root = asked.terms.roots.get(stem, "")
    words = analysis.tokens(text)
    numbers = [place for place, word in enumerate(words) if facts.tells_quantity(word)]
    counted = [
        place
        for place, word in enumerate(words)
        if not analysis.is_stop(word)
        and (analysis.stem(word) == stem or (len(root) > 2 and analysis.root(word) == root))
    ]
    return any(0 < abs(number - place) <= COUNTED_WITHIN for number in numbers for place in counted)
