"""Evidence: which sentences of the candidate passages answer a question.

Each sentence gets a handful of named features in [0, 1] or close to it, and a probability from a logistic model over
them. The weights live in ``evidence_weights.json``, one set for Arabic questions and one for questions in another
language (where few words can match); ``python -m evals.fit`` makes that file from ``evals/development``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files

import numpy as np

from retrieval import analysis, facts
from retrieval.catalog import StoredSentence
from retrieval.models import Evidence
from retrieval.questions import Question
from retrieval.search import Candidate
from retrieval.sounds import name_sounds, sound_keys

WEIGHTS_FILE = "evidence_weights.json"
SIMILAR_WORDS = 0.5  # Dice of character trigrams from which two words count as forms of one
CARRIED = 0.5  # what a word carried over from earlier turns weighs beside one that was asked


@dataclass(frozen=True)
class Terms:
    """The words of a question that a text can hold: stems (or sound keys of names) with their weights."""

    weights: Mapping[str, float]
    sounds: Mapping[str, float]
    figures: frozenset[str]

    @classmethod
    def of(cls, question: Question, idf: Callable[[str], float], carried: str = "") -> Terms:
        """Terms of a question; ``carried`` is the part of its text that came from earlier turns."""
        sound_weights: dict[str, float] = {}
        weights: dict[str, float] = {}
        if question.language == "ar":
            own = set(analysis.stems(question.text.replace(carried, " ") if carried else question.text))
            for stem in analysis.stems(question.text):
                weights[stem] = idf(stem) * (1.0 if stem in own else CARRIED)
        else:
            sound_weights = dict.fromkeys(name_sounds(question.text), 1.0)
        return cls(weights, sound_weights, frozenset(facts.figures(question.text)))


@dataclass(frozen=True)
class Words:
    """A text's words as they are matched."""

    stems: frozenset[str]
    trigrams: tuple[frozenset[str], ...]
    sounds: frozenset[str]
    figures: frozenset[str]

    @classmethod
    def of(cls, text: str) -> Words:
        """Analyse a text."""
        words = analysis.content_words(text)
        return cls(
            stems=frozenset(analysis.stem(word) for word in words),
            trigrams=tuple({_trigrams(word) for word in words if not word[0].isdigit()}),
            sounds=frozenset(key for word in words if not word[0].isdigit() for key in sound_keys(word)),
            figures=frozenset(word for word in words if word[0].isdigit()),
        )

    def __or__(self, other: Words) -> Words:
        return Words(
            self.stems | other.stems,
            self.trigrams + other.trigrams,
            self.sounds | other.sounds,
            self.figures | other.figures,
        )


def _trigrams(word: str) -> frozenset[str]:
    padded = f"_{word.removeprefix('ال')}_"
    return frozenset(padded[i : i + 3] for i in range(len(padded) - 2))


@cache
def words_of(text: str) -> Words:
    """:meth:`Words.of`, remembered."""
    return Words.of(text)


def held(stem: str, words: Words) -> float:
    """How far a text holds a stem: 1 for the stem itself, Dice of trigrams for a similar word, 0 below a bound."""
    if stem in words.stems:
        return 1.0
    if len(stem) < 3 or stem[0].isdigit():
        return 0.0
    mine = _trigrams(stem)
    best = max((2 * len(mine & other) / (len(mine) + len(other)) for other in words.trigrams), default=0.0)
    return best if best >= SIMILAR_WORDS else 0.0


def coverage(terms: Terms, words: Words) -> float:
    """Share of the question's term weight that a text holds; 1 for a question without terms."""
    total = sum(terms.weights.values()) + sum(terms.sounds.values())
    if total <= 0:
        return 1.0
    met = sum(weight * held(stem, words) for stem, weight in terms.weights.items())
    met += sum(weight for key, weight in terms.sounds.items() if key in words.sounds)
    return met / total


def heaviest_missing(terms: Terms, words: Words) -> float:
    """The largest share of the question's weight that one wholly missing term has."""
    weights = {**terms.weights, **terms.sounds}
    top = max(weights.values(), default=0.0)
    if top <= 0:
        return 0.0
    missing = [w * (1 - held(stem, words)) for stem, w in terms.weights.items()]
    missing += [w for key, w in terms.sounds.items() if key not in words.sounds]
    return max(missing, default=0.0) / top


@dataclass(frozen=True)
class Scored:
    """A sentence with its features and probability; ``context`` are the words around it too."""

    candidate: Candidate
    stored: StoredSentence
    features: dict[str, float]
    context: Words
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
    """The fitted models: ``sentence`` and ``answer`` (confidence), by ``"arabic"`` or ``"foreign"`` question."""

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
    """Which of the two fitted models reads a question."""
    return "arabic" if question.language == "ar" else "foreign"


class EvidenceSelector:
    """Weighs the sentences of candidate passages."""

    def __init__(self, model: Model | None = None) -> None:
        self._model = model

    @cached_property
    def model(self) -> Model:
        """The weights in use."""
        return self._model or Model.load()

    def select(
        self,
        question: Question,
        vector: np.ndarray,
        terms: Terms,
        candidates: Sequence[Candidate],
        sentences: Callable[[str, int], list[StoredSentence]],
    ) -> list[Scored]:
        """All sentences of the candidates, most probable first.

        Args:
            question: the standalone question.
            vector: its (dimension,) embedding.
            terms: its weighted terms.
            candidates: passages, best first.
            sentences: gives the sentences of an article version, in order.
        """
        scored = score_features(question, vector, terms, candidates, sentences)
        logistic = self.model.sentence[side(question)]
        rated = [
            Scored(s.candidate, s.stored, s.features, s.context, logistic.probability(s.features))
            for s in scored
        ]
        return sorted(rated, key=lambda s: -s.score)

    def confidence(self, question: Question, features: Mapping[str, float]) -> float:
        """Probability in [0, 1] that the best evidence answers the question."""
        return self.model.answer[side(question)].probability(features)


def score_features(
    question: Question,
    vector: np.ndarray,
    terms: Terms,
    candidates: Sequence[Candidate],
    sentences: Callable[[str, int], list[StoredSentence]],
) -> list[Scored]:
    """Features of every sentence of the candidates, unscored."""
    if not candidates:
        return []
    best = candidates[0].score
    result: list[Scored] = []
    for candidate in candidates:
        article = sentences(candidate.stored.passage.article_id, candidate.stored.version)
        for position, stored in enumerate(article):
            if stored.passage_id != candidate.stored.passage.id:
                continue
            own = words_of(_voiced(stored))
            around = _neighbourhood(article, position, candidate.stored.title)
            features = _features(question, terms, stored, own, own | around, candidate)
            features["passage"] = candidate.score - best
            features["cosine"] = float(stored.vector @ vector)
            features["lead"] = 1.0 if position == 0 else 0.0
            result.append(Scored(candidate, stored, features, own | around))
    _add_relative(result)
    return result


def _voiced(stored: StoredSentence) -> str:
    """A sentence together with who says it, which the words «وأضاف» alone do not hold."""
    attribution = stored.sentence.attribution
    if attribution is None:
        return stored.sentence.text
    return " ".join(
        part
        for part in (attribution.speaker, attribution.role, attribution.outlet, stored.sentence.text)
        if part
    )


def _neighbourhood(article: Sequence[StoredSentence], position: int, title: str | None) -> Words:
    words = words_of(title or "")
    if position > 0:
        words = words | words_of(article[position - 1].sentence.text)
    if position + 1 < len(article):
        words = words | words_of(article[position + 1].sentence.text)
    return words


def _features(
    question: Question, terms: Terms, stored: StoredSentence, own: Words, context: Words, candidate: Candidate
) -> dict[str, float]:
    text = stored.sentence.text
    return {
        "coverage": coverage(terms, own),
        "context_coverage": coverage(terms, context),
        "missing": heaviest_missing(terms, context),
        "figures": _share(terms.figures, own.figures),
        "kind_met": float(_meets_kind(question, text)),
        "kind_unmet": float(question.narrow and not _meets_kind(question, text)),
        "attributed": float(question.kind == "said" and stored.sentence.attribution is not None),
        "question": float(text.rstrip('"»” ').endswith(("؟", "?"))),
        "length": math.log1p(len(own.stems)) / 4,
        "passage_cosine": candidate.dense,
    }


def _share(wanted: frozenset[str], present: frozenset[str]) -> float:
    return len(wanted & present) / len(wanted) if wanted else 0.0


def _meets_kind(question: Question, text: str) -> bool:
    if question.kind == "when":
        return facts.tells_time(text)
    if question.kind == "number":
        # A figure that the question itself gives is not what it asks for.
        return facts.tells_quantity(text) and bool(
            facts.numbers(text) - facts.numbers(question.text) or not facts.numbers(text)
        )
    return False


def _add_relative(scored: Sequence[Scored]) -> None:
    """How each sentence stands among all of this question's: cosine and coverage against their best."""
    cosines = np.array([s.features["cosine"] for s in scored])
    spread = float(cosines.std()) or 1.0
    top = float(cosines.max())
    most = max(s.features["coverage"] for s in scored) or 1.0
    for item in scored:
        item.features["cosine_gap"] = (item.features["cosine"] - top) / spread
        item.features["coverage_gap"] = item.features["coverage"] / most


def answer_features(
    question: Question, terms: Terms, ranked: Sequence[Scored], chosen: Sequence[Scored]
) -> dict[str, float]:
    """What tells an answered question from one that the corpus does not answer.

    ``ranked`` are all weighed sentences, best first; ``chosen`` those that would be shown.
    """
    top = ranked[0]
    together = chosen[0].context
    for item in chosen[1:]:
        together = together | item.context
    return {
        "score": top.score,
        "cosine": max(s.features["cosine"] for s in ranked),
        "coverage": coverage(terms, together),
        "sentence_coverage": top.features["coverage"],
        "missing": heaviest_missing(terms, together),
        "kind_unmet": float(question.narrow and all(s.features["kind_unmet"] > 0 for s in chosen)),
        "figures_missing": 1.0 - _share(terms.figures, together.figures) if terms.figures else 0.0,
        "passage_cosine": max(s.features["passage_cosine"] for s in ranked),
    }
