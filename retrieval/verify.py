"""Verification: how far evidence supports a sentence, and what in the sentence speaks against it.

Two things are asked of a sentence. What can be checked must agree: every number, date and unit is in the evidence;
who it says is speaking is who speaks there, by the words themselves or by the grammar of ingest; nobody else of the
articles is named. One disagreement refuses the sentence. The rest is weighed: how much of it the evidence holds word
for word, how near the other words come (:mod:`retrieval.alignment`), which of them are rare enough to be invented
names, whether negation falls on the same words, whether words are borrowed from other evidence and whether their
order is turned. A logistic model makes a probability of these; its weights are in ``verification_weights.json``,
fitted by ``python -m evals.verification --fit`` on articles that its benchmark does not use.

A sentence that one piece of evidence does not support may join several: then each of its clauses must be supported.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files

import numpy as np

from retrieval import quantities
from retrieval.alignment import Aligned, Read, Word, words
from retrieval.analysis import normalise, question_language
from retrieval.evidence import Logistic
from retrieval.models import Attribution
from retrieval.places import countries
from retrieval.polarity import Polarity
from retrieval.sayings import (
    SPEAKER_WORDS,
    accounts,
    beside_sayings,
    names,
    sayings,
    shares_name,
    speaker_and_quote,
    strangers,
)
from retrieval.sounds import likeness

NAME = "aligned-2"
WEIGHTS_FILE = "verification_weights.json"
SUPPORTED = 0.5  # score from which a sentence is shown
LOOKED_AT = 3  # pieces of evidence, those that share most words with the sentence, that are read closely
REFUSED = 0.01  # what a checkable disagreement leaves of a score
_SHORTEST_CLAUSE = 3  # words
_AGENT_WORDS = 4
_SAME_SOUND = 0.75
_FAR, _NEAR = 0.75, 0.95  # cosines of token vectors, which are all high, between unlike and like words
_CONTRARY = ("negation_added", "negation_dropped", "denial_added", "denial_dropped")
_OUTLETS = frozenset("وكاله قناه صحيفه موقع شبكه اذاعه مجله جريده".split())  # which names of outlets go without
_STATEMENTS = frozenset("بيان تقرير تصريح منشور تغريده رساله".split())
_WANTING = frozenset(
    "يريد تريد يريدون ارادت اراد يرغب ترغب يرغبون يسعي تسعي يسعون يطلب تطلب يشترط تشترط تطمح يطمح "
    "wants want seeks seek desires خواهان خواستار".split()
)
_HIS_COUNTRY = frozenset("بلاده بلادها بلادهم بلده بلدها بلدهم".split())
_GAP = 4  # words between two that neighbour in the sentence
_SAME, _FOREIGN = "same_language", "foreign"
_CLAUSES = re.compile(
    r"[،,;؛]\s*(?:و(?=\w)|لكن\s+|بينما\s+|في حين\s+|فيما\s+|غير أن\s+|ثم\s+|while\s+|but\s+|and\s+|whereas\s+)"
    r"|\s+(?:بينما|في حين|فيما|while|whereas)\s+"
)


@dataclass(frozen=True)
class Source:
    """A piece of evidence: its exact words, and who says them according to the grammar of ingest."""

    quote: str
    attribution: Attribution | None = None

    @property
    def voice(self) -> str:
        """The names of who speaks, in one string; empty for the article's own account."""
        said = self.attribution
        return " ".join(name for name in (said.speaker, said.role, said.outlet) if name) if said else ""


@dataclass(frozen=True)
class Support:
    """How far evidence supports a sentence.

    ``score`` is in [0, 1]; ``sources`` are the positions of the evidence that does; ``reasons`` stable codes of what
    disagrees (``number``, ``date``, ``speaker``, ``stranger``, …); ``features`` what was weighed.
    """

    score: float
    sources: tuple[int, ...] = ()
    reasons: tuple[str, ...] = ()
    features: dict[str, float] = field(default_factory=dict)

    @property
    def supported(self) -> bool:
        """Whether the sentence may be shown with these sources."""
        return not self.reasons and self.score >= SUPPORTED


UNSUPPORTED = Support(0.0, reasons=("no_evidence",))


def supported(sentence: str, quotes: Sequence[str], read: Read | None = None) -> bool:
    """Whether ``quotes`` together support ``sentence``.

    Args:
        sentence: one sentence of an answer.
        quotes: the exact words cited for it; a speaker may be named in another one than what is said.
        read: token vectors of a text (``Embedder.query_tokens``); without it only words count, and a sentence in
            another language than its quotes is never supported.
    """
    together = " ".join(quotes)
    return support(sentence, [Source(quote) for quote in quotes], read, naming=together).supported


def support(
    sentence: str, evidence: Sequence[Source], read: Read | None = None, *, naming: str = "", others: Sequence[str] = ()
) -> Support:
    """Weigh a sentence against evidence, best first where several pieces support it.

    Args:
        sentence: one sentence, without citation marks.
        evidence: what it may rest on.
        read: token vectors of a text.
        naming: where else a speaker may be named, for evidence without attribution.
        others: names of who else speaks in the articles; one who is named without being in the evidence refuses it.
    """
    if not evidence or not words(sentence):
        return UNSUPPORTED
    verbatim = _verbatim(sentence, evidence, naming)
    if verbatim is not None:
        return verbatim
    voices = [*others, *(source.voice for source in evidence if source.voice)]
    order = sorted(range(len(evidence)), key=lambda at: -_shared(sentence, evidence[at]))[:LOOKED_AT]
    found = [_weighed(sentence, at, evidence, read, naming, voices) for at in order]
    best = max(found, key=lambda one: one.score)
    if best.supported:
        return best
    return _joined(sentence, evidence, read, naming, others) or best


def _shared(sentence: str, source: Source) -> float:
    """A quick look at how alike two texts are: words in common; figures and names tell across languages."""
    mine = {word.text for word in words(sentence) if word.content}
    aligned = Aligned.of(sentence, source.quote, None, source.voice)
    return sum(held for held, word in zip(aligned.held, aligned.sentence, strict=True) if word.content) / max(
        1, len(mine)
    )


def _verbatim(sentence: str, evidence: Sequence[Source], naming: str) -> Support | None:
    """Whole words of one quote, alone or as «speaker: exact words», not out of the reach of a negation before them."""
    plain, parts = _plain(sentence), speaker_and_quote(sentence)
    for at, source in enumerate(evidence):
        if _holds(source.quote, plain):
            return Support(1.0, (at,))
    if parts is None:
        return None
    for at, source in enumerate(evidence):
        if _holds(source.quote, _plain(parts[1])):
            named = names(f"{source.voice} {naming} {'' if source.voice else source.quote}", parts[0])
            return Support(1.0, (at,)) if named else Support(0.0, (at,), ("speaker",))
    return None


def _holds(quote: str, plain: str) -> bool:
    whole = _plain(quote)
    # «ألا» is a negation by the verb after it, which is where the sentence begins.
    begins = " ".join(plain.split()[:1])
    own = Polarity.of(begins).count
    for match in re.finditer(rf"(?<!\w){re.escape(plain)}(?!\w)", whole):
        before = re.split(r"[.;!?]", whole[: match.start()])[-1]
        if Polarity.of(f"{before} {begins}").count == own:
            return True
    return False


def _plain(text: str) -> str:
    return normalise(text).strip(" .,،؛:!?\"'")


def _joined(
    sentence: str, evidence: Sequence[Source], read: Read | None, naming: str, others: Sequence[str]
) -> Support | None:
    """The support of a sentence whose clauses rest on different evidence: that of its weakest clause."""
    clauses = [clause.strip() for clause in _CLAUSES.split(sentence)]
    if len(clauses) < 2 or len(evidence) < 2 or any(len(clause.split()) < _SHORTEST_CLAUSE for clause in clauses):
        return None
    found = [
        support(_with_subject(clause, clauses), evidence, read, naming=naming, others=others) for clause in clauses
    ]
    if len({at for one in found for at in one.sources}) < 2:
        return None
    weakest = min(found, key=lambda one: (one.supported, one.score))
    return replace(weakest, sources=tuple(dict.fromkeys(at for one in found for at in one.sources)))


def _with_subject(clause: str, clauses: Sequence[str]) -> str:
    """A clause that says «وأضاف …» without a subject, under the speaker of the first clause."""
    first = sayings(clauses[0])
    verb = re.match(r"(?:قال|أضاف|أكد|ذكر|أوضح)ت?(?= إن| أن)", clause)
    return f"{verb.group()} {first[0][1]}{clause[verb.end() :]}" if verb and first else clause


# -- one sentence, one piece of evidence -----------------------------------------------------------------------------


def _weighed(
    sentence: str, at: int, evidence: Sequence[Source], read: Read | None, naming: str, voices: Sequence[str]
) -> Support:
    source = evidence[at]
    aligned = Aligned.of(sentence, source.quote, read, source.voice)
    reasons = _reasons(sentence, source, naming, voices)
    if aligned.foreign and read is None:
        return Support(0.0, (at,), (*reasons, "language"))
    features = _features(sentence, aligned, source, [other for n, other in enumerate(evidence) if n != at], naming)
    if any(features[name] for name in _CONTRARY):
        reasons = (*reasons, "negation")
    score = Weights.load()[_FOREIGN if aligned.foreign else _SAME].probability(features)
    return Support(score * (REFUSED if reasons else 1.0), (at,), reasons, features)


def _reasons(sentence: str, source: Source, naming: str, voices: Sequence[str]) -> tuple[str, ...]:
    """What is in the sentence and, checkably, not in the evidence."""
    there = f"{source.quote} {source.voice}"
    found = []
    if quantities.missing(sentence, there):
        found.append("number")
    if quantities.calendar(sentence) - quantities.calendar(source.quote, certain=False):
        found.append("date")
    if countries(sentence) - countries(f"{there} {naming}"):
        found.append("country")
    if not _same_speakers(sentence, source, naming):
        found.append("speaker")
    if source.voice and _another_wants(sentence, f"{there} {naming}"):
        found.append("speaker")
    if any(_brings_in(sentence, name, f"{there} {naming}") for name in voices):
        found.append("stranger")
    return tuple(found)


def _another_wants(sentence: str, there: str) -> bool:
    """Whether a sentence has somebody want something who is not in its evidence: «Tehran wants …» for what an American
    official says they want. Who wants need not speak, so that the verbs of saying do not tell it.
    """
    every = words(sentence)
    for before, verb in itertools.pairwise(every):
        if verb.text.removeprefix("و") not in _WANTING or not before.content or before.text in _HIS_COUNTRY:
            continue
        if before.text[0].isascii() and not before.capital:
            continue  # «the union» is not known by its sound
        if not shares_name(there, before.text) and not countries(before.text) & countries(there):
            return True
    return False


def _brings_in(sentence: str, name: str, there: str) -> bool:
    """Whether a sentence has the name of somebody who is not in its evidence: the last word of a name of several."""
    parts = [word.text for word in words(name) if word.content]
    if len(parts) < 2 or countries(parts[-1]):
        return False  # a word alone may be an office, and «an Iranian official» is nobody
    held = strangers(_capitals(sentence), name, there)
    return parts[-1] in held and (len(held) > 1 or not shares_name(there, " ".join(parts[:-1])))


def _capitals(sentence: str) -> str:
    """The words of a sentence that may be names: in Latin script those with a capital."""
    return " ".join(word.text for word in words(sentence) if word.capital or not word.text[0].isascii())


def _same_speakers(sentence: str, source: Source, naming: str) -> bool:
    """Whether who speaks in the sentence, by each verb of saying, speaks in the evidence."""
    voice = f"{source.voice or beside_sayings(source.quote)} {naming}".strip()
    foreign = question_language(sentence) != question_language(source.quote)
    parts = speaker_and_quote(sentence)
    if parts and len(parts[0].split()) <= SPEAKER_WORDS and not shares_name(voice, parts[0]):
        return False
    capitals = {word.text for word in words(sentence) if word.capital}
    told = sayings(source.quote)
    there = [] if source.voice else told
    said = sayings(sentence)
    if len(said) > 1 and _one_by_one(said, told):
        return True  # «قال فلان إن الوزارة اقترحت …»: who speaks within what is said is no stranger to it
    for verb, who in said:
        agent = _agent(who)
        latin = foreign and agent[0].isascii()
        if latin:
            agent = " ".join(word for word in agent.split() if word in capitals)
        if not agent:
            continue  # «the union» is not known by its sound
        if who in accounts(sentence) and any(shares_name(other, agent) for other in accounts(source.quote)):
            continue
        same_verb = [other for other_verb, other in there if other_verb == verb]
        if same_verb and not any(shares_name(other, agent) for other in same_verb):
            return False
        if not shares_name(voice or source.quote, agent) and (not latin or shares_name(source.quote, agent)):
            return False  # a name may also have been translated: across languages only another of the quote's is sure
        first = agent.split()[0]
        if voice and not foreign and not shares_name(voice, first) and shares_name(source.quote, first):
            return False  # somebody of whom the evidence speaks, made to speak
    return True


def _one_by_one(said: Sequence[tuple[str, str]], told: Sequence[tuple[str, str]]) -> bool:
    """Whether as many speak in both texts, and each is the other's in order."""
    return len(said) == len(told) and all(
        shares_name(theirs, _agent(mine)) for (_, mine), (_, theirs) in zip(said, told, strict=True)
    )


def _agent(subject: str) -> str:
    """The words of a subject that can be its name and office, without what follows them."""
    parts = subject.split()
    if parts[0] in _STATEMENTS and parts[1:] and parts[1].startswith("ل"):
        parts = [parts[1].removeprefix("ل"), *parts[2:]]  # «بيان لمنظمة …»: it is she who speaks
    return " ".join(parts[1 if parts[0] in _OUTLETS and len(parts) > 1 else 0 :][:_AGENT_WORDS])


def _features(
    sentence: str, aligned: Aligned, source: Source, others: Sequence[Source], naming: str
) -> dict[str, float]:
    content = aligned.content()
    met = np.array([aligned.met[at] for at in content] or [1.0])
    unheld = [at for at in content if not aligned.held[at]]
    named = _named(sentence, aligned, f"{source.voice} {naming}") if aligned.foreign else []
    return {
        "unheld": len(unheld) / max(1, len(content)),
        "met": float(met.mean()),
        "weakest": float(np.sort(met)[:2].mean()),
        "rare": float(max((aligned.pieces[at] - 1 for at in unheld), default=0)) / 3,
        "rarity": sum(aligned.pieces[at] - 1 for at in unheld) / max(1, len(content)),
        "speaker_unheld": _speaker_unheld(sentence, aligned),
        "replaced": _replaced(aligned),
        "name_weakest": min(named, default=1.0),
        "name_mean": float(np.mean(named)) if named else 1.0,
        "cosine": aligned.cosine,
        "turned": 0.0 if aligned.foreign else _turned(aligned),
        "apart": _apart(aligned),
        "borrowed": _borrowed(aligned, others, naming),
        "unit": float(_unit_differs(sentence, source.quote)) if not aligned.foreign else 0.0,
        **_polarity(aligned, source),
    }


def _named(sentence: str, aligned: Aligned, voice: str) -> list[float]:
    """For each word with a capital that is no date and no country: 1 where the evidence has one of the same sound, else
    how near a word it has (North Sea, «بحر الشمال»), in about [0, 1].
    """
    sounding = [word.text for word in (*aligned.quote, *words(voice)) if word.content]
    found = []
    for at in aligned.content():
        word = aligned.sentence[at]
        if not word.capital or quantities.calendar(word.text, certain=False) or countries(word.text):
            continue
        sounds = any(likeness(word.text, other) >= _SAME_SOUND for other in sounding)
        found.append(1.0 if sounds else (aligned.met[at] - _FAR) / (_NEAR - _FAR))
    return found


def _speaker_unheld(sentence: str, aligned: Aligned) -> float:
    """Share of the words of who speaks, in the sentence, that the evidence has not."""
    spoken = {word for _, who in sayings(sentence) for word in _agent(who).split()}
    there = [
        at
        for at in aligned.content()
        if aligned.sentence[at].text in spoken and (aligned.sentence[at].capital or not aligned.foreign)
    ]
    return sum(not aligned.held[at] for at in there) / max(1, len(there))


def _replaced(aligned: Aligned) -> float:
    """How rare the words are that stand, between held neighbours, where the evidence has others: a name for a name."""
    content = aligned.content()
    most = 0.0
    for n, at in enumerate(content):
        if aligned.held[at]:
            continue
        before = aligned.target[content[n - 1]] if n and aligned.held[content[n - 1]] else None
        after = aligned.target[content[n + 1]] if n + 1 < len(content) and aligned.held[content[n + 1]] else None
        if before is not None or after is not None:
            both = before is not None and after is not None and 1 < after - before <= _GAP
            most = max(most, (1.0 + both) * (1.0 - aligned.met[at]) * aligned.pieces[at])
    return most


def _polarity(aligned: Aligned, source: Source) -> dict[str, float]:
    """Negation on the words of the sentence against negation on the words they stand for."""
    mine = Polarity.over([word.text for word in aligned.sentence])
    theirs = Polarity.over([word.text for word in aligned.quote])
    placed = {at: target for at, target in enumerate(aligned.target) if target is not None}
    same = {at: target for at, target in placed.items() if aligned.held[at]}
    back_near = {target: at for at, target in placed.items()}
    back = back_near if aligned.foreign else {target: at for at, target in same.items()}
    fewer = mine.count < theirs.count
    added = any(at in same and same[at] not in theirs.reach for at in mine.focuses)
    dropped = any(at in back and back[at] not in mine.reach for at in theirs.focuses) and (fewer or not aligned.foreign)
    return {
        "negation_added": float(added),
        "negation_dropped": float(dropped),
        "negation_more": float(mine.count > theirs.count),
        "negation_fewer": float(fewer),
        "denial_added": float(_denies_else(aligned.sentence, mine, theirs, placed, source)),
        "denial_dropped": float(not mine.denied and _denies_else(aligned.quote, theirs, mine, back_near, source)),
    }


def _denies_else(
    text: Sequence[Word], denying: Polarity, other: Polarity, placed: Mapping[int, int], source: Source
) -> bool:
    """Whether one text denies something that the other tells without a negation before it."""
    voice = {word.text for word in words(source.voice)}
    denied = {at for at in denying.denied if text[at].content and text[at].text not in voice}
    covered = [placed[at] for at in denied if at in placed]
    return bool(covered) and not any(at in other.after for at in covered)


def _apart(aligned: Aligned) -> float:
    """Share of neighbouring held words between which the evidence has many others."""
    held = [at for at in aligned.content() if aligned.held[at] and aligned.target[at] is not None]
    gaps = [
        abs((aligned.target[later] or 0) - (aligned.target[earlier] or 0))
        for earlier, later in itertools.pairwise(held)
    ]
    return sum(gap > _GAP for gap in gaps) / max(1, len(gaps))


def _turned(aligned: Aligned) -> float:
    """Share of neighbouring held words that stand the other way round in the evidence."""
    places = [
        target
        for at, target in enumerate(aligned.target)
        if target is not None and aligned.held[at] and aligned.sentence[at].content
    ]
    places = [place for n, place in enumerate(places) if n == 0 or place != places[n - 1]]
    turns = sum(later < earlier for earlier, later in itertools.pairwise(places))
    return turns / max(1, len(places) - 1)


def _borrowed(aligned: Aligned, others: Sequence[Source], naming: str) -> float:
    """Share of the words that this evidence does not hold and other evidence does."""
    unheld = [at for at in aligned.content() if not aligned.held[at]]
    there = " ".join([*(f"{other.quote} {other.voice}" for other in others)])
    if not unheld or not there:
        return 0.0
    text = " ".join(aligned.sentence[at].text for at in unheld)
    elsewhere = Aligned.of(text, there, None)
    return sum(elsewhere.held) / max(1, len(aligned.content()))


def _unit_differs(sentence: str, quote: str) -> bool:
    """Whether a number that both have counts something else in the sentence."""
    there: dict[float, set[str]] = {}
    for quantity in quantities.quantities(quote):
        there.setdefault(quantity.value, set()).add(quantity.counted)
    for quantity in quantities.quantities(sentence):
        known = there.get(quantity.value)
        if known and quantity.counted and all(known) and not any(_alike(quantity.counted, unit) for unit in known):
            return True
    return False


def _alike(one: str, other: str) -> bool:
    if "%" in (one, other):
        return one == other
    return any(Aligned.of(one, other, None).held)


class Weights(dict[str, Logistic]):
    """The fitted models, for sentences in the language of their evidence and in another."""

    @classmethod
    @cache
    def load(cls) -> Weights:
        """The weights that ship with the product."""
        data = json.loads(files("retrieval").joinpath(WEIGHTS_FILE).read_text("utf-8"))
        return cls({name: Logistic(model["bias"], model["weights"]) for name, model in data.items()})
