"""Verification: whether quotes support a sentence. Deterministic, no model needed.

A sentence is supported when it is in a quote verbatim, or when everything checkable agrees: every figure of the
sentence is in the quotes, whoever it says is speaking is named there (and as the speaker, where the same verb of saying
is there), negation has the same parity in the sentence and the part of the quotes it is closest to, and nearly all of
its content words are in the quotes as the same stem or a similar form. A generated sentence in
another language than the quotes shares no words with them: it is checked on figures, names (by sound) and, where an
embedding is given, on cosine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from retrieval import facts
from retrieval.analysis import content_words, is_stop, normalise, question_language, stem, tokens
from retrieval.evidence import Words, similar
from retrieval.segmentation import sentence_spans
from retrieval.sounds import name_sounds, sound_keys

NAME = "lexical-1"
WORDS_SUPPORTED = 0.75  # share of a sentence's content words that its quotes must hold
FOREIGN_COSINE = 0.86  # e5 cosine from which a translated sentence is taken to say what the quote says

# Verbs and phrases of saying, on normalised text; what follows (or, for want of that, precedes) says who speaks.
_SAYING = frozenset(
    """
قال قالت قالوا يقول تقول يقولون صرح صرحت صرحوا اكد اكدت اكدوا يوكد توكد اعلن اعلنت اعلنوا يعلن تعلن اضاف اضافت ذكر ذكرت
يذكر تذكر اوضح اوضحت يوضح راي رات يري تري نفي نفت ينفي تنفي كتب كتبت روي روت نقل نقلت افاد افادت اشار اشارت يشير لفت
رجح رجحت يرجح توقع توقعت يتوقع حذر حذرت يحذر هدد هددت يهدد شدد شددت طالب طالبت يطالب اعتبر اعتبرت يعتبر اقترح اقترحت
زعم زعمت ادعي ادعت كشف كشفت بحسب حسب
said says stated announced announces denied denies added told claimed claims wrote warned warns demanded demands
reported confirmed rejected insisted according گفت گفته افزود اعلام
""".split()
)
_HEAD_LAST = frozenset(
    "said says stated announced announces denied denies added told claimed claims wrote warned "
    "warns demanded demands reported confirmed rejected insisted گفت گفته افزود اعلام".split()
)
_PRONOUN = re.compile("(?:قول|تعبير|روايت|راي|تصريح|وصف|بيان)(?:ه|ها|هم)")  # «بحسب قوله»
_UNIT = re.compile(r"[^\W\d_]+|[^\w\s]")
_SPEAKER_WORDS = 6  # looked at beside a verb of saying
_BEFORE = 3  # words before the start of a verbatim run in which a negation would turn its sense

Embed = Callable[[Sequence[str]], np.ndarray]


def supported(sentence: str, quotes: Sequence[str], embed: Embed | None = None) -> bool:
    """Whether ``quotes`` together support ``sentence``.

    Args:
        sentence: one sentence of an answer.
        quotes: the exact words cited for it.
        embed: maps n texts to (n, dimension) unit vectors; without it a sentence in another language than its
            quotes is never supported.
    """
    if not quotes:
        return False
    plain = _plain(sentence)
    if not plain:
        return False
    if any(_holds_verbatim(quote, plain) for quote in quotes):
        return True
    parts = _speaker_and_quote(sentence)
    if parts and any(_holds_verbatim(quote, _plain(parts[1])) for quote in quotes):
        return names(" ".join(quotes), parts[0])
    if facts.numbers(sentence) - set().union(*(facts.numbers(quote) for quote in quotes)):
        return False
    if not _same_speakers(sentence, quotes):
        return False
    if _words_share(sentence, quotes) >= WORDS_SUPPORTED:
        return _same_polarity(sentence, quotes)
    foreign = question_language(sentence) != question_language(" ".join(quotes))
    return foreign and embed is not None and _foreign_support(sentence, quotes, embed)


def names(text: str, name: str) -> bool:
    """Whether a text holds every content word of a name, as the same stem or, in another script, by sound."""
    return not (_name_words(name) - _held(text, _name_words(name)))


def shares_name(text: str, name: str) -> bool:
    """Whether a text holds a content word of a name."""
    return bool(_held(text, _name_words(name)))


def strangers(sentence: str, name: str, quote: str) -> set[str]:
    """The words of a name that a sentence holds and the quote does not."""
    words = _name_words(name)
    return _held(sentence, words) - _held(quote, words)


def _name_words(name: str) -> set[str]:
    return {word for word in content_words(name) if not word[0].isdigit()}


def _held(text: str, words: set[str]) -> set[str]:
    there = [word for word in tokens(text) if not word[0].isdigit() and not is_stop(word)]
    stems = {stem(word) for word in there}
    keys = {(_latin(word), key) for word in there for key in sound_keys(word)}
    return {
        word
        for word in words
        if stem(word) in stems or any((not _latin(word), key) in keys for key in sound_keys(word))
    }


def _latin(word: str) -> bool:
    return word[:1].isascii()


def speakers(sentence: str) -> list[str]:
    """Who a sentence says is speaking, in order: the words beside each verb of saying, normalised."""
    return [who for _, who in _sayings(sentence)]


def _sayings(sentence: str) -> list[tuple[str, str]]:
    """The verbs of saying of a sentence, without conjunction, each with the words of its subject."""
    units = _UNIT.findall(normalise(sentence))
    found = []
    for at, unit in enumerate(units):
        verb = unit[1:] if unit[:1] in "وف" and unit[1:] in _SAYING else unit
        if verb not in _SAYING:
            continue
        before, after = _run(reversed(units[:at]))[::-1], _run(units[at + 1 + (verb == "according") :])
        subject = (before or after) if verb in _HEAD_LAST else (after or before)
        if subject:
            found.append((stem(verb.removesuffix("ت")), " ".join(subject)))
    return found


def _run(units: Iterable[str]) -> list[str]:
    """The words of a subject: up to a particle or punctuation; pronouns («قوله») and verbs of saying are none."""
    words: list[str] = []
    for unit in units:
        article = unit in {"the", "ال"}
        if article and not words:
            continue
        if is_stop(unit) or not unit[0].isalpha() or unit in _SAYING or len(words) == _SPEAKER_WORDS:
            break
        words.append(unit)
    return [] if words and _PRONOUN.fullmatch(words[0]) else words


def _same_speakers(sentence: str, quotes: Sequence[str]) -> bool:
    """Whether everybody who speaks in the sentence is named in the quotes, and speaks there for the same verb."""
    text = " ".join(quotes)
    there = [saying for quote in quotes for saying in _sayings(quote)]
    foreign = question_language(sentence) != question_language(text)
    for verb, who in _sayings(sentence):
        if not (shares_name(text, who) if foreign else names(text, who)):
            return False
        same_verb = [other for other_verb, other in there if other_verb == verb]
        if same_verb and not any(shares_name(other, who) for other in same_verb):
            return False
    parts = _speaker_and_quote(sentence)
    return not parts or len(parts[0].split()) > _SPEAKER_WORDS or shares_name(text, parts[0])


def _holds_verbatim(quote: str, plain: str) -> bool:
    """Whether a quote holds whole words of a text, and not right after a negation that they leave out."""
    whole = _plain(quote)
    for match in re.finditer(rf"(?<!\w){re.escape(plain)}(?!\w)", whole):
        before = re.split(r"[.,;:!?\"]", whole[: match.start()])[-1].split()[-_BEFORE:]
        if not before or facts.negations(" ".join(before)) == 0:
            return True
    return False


def _plain(text: str) -> str:
    return normalise(text).strip(" .،؛:!?\"'")


def _speaker_and_quote(sentence: str) -> tuple[str, str] | None:
    """The two parts of «speaker: exact words», as extractive answers write them."""
    speaker, colon, words = sentence.partition(": ")
    return (speaker, words) if colon and words.strip() else None


def _words_share(sentence: str, quotes: Sequence[str]) -> float:
    words = [word for word in content_words(sentence) if not word[0].isdigit()]
    if not words:
        return 1.0
    there = Words.of(" ".join(quotes))
    return sum(stem(word) in there.stems or similar(stem(word), there) > 0 for word in words) / len(words)


def _same_polarity(sentence: str, quotes: Sequence[str]) -> bool:
    """Compare negation with the sentence of the quotes that shares most words with this one."""
    mine = {stem(word) for word in content_words(sentence)}
    parts = [quote[start:end] for quote in quotes for start, end in sentence_spans(quote)] or list(quotes)
    closest = max(parts, key=lambda part: len(mine & {stem(word) for word in content_words(part)}))
    return (facts.negations(sentence) > 0) == (facts.negations(closest) > 0)


def _foreign_support(sentence: str, quotes: Sequence[str], embed: Embed) -> bool:
    there = Words.of(" ".join(quotes))
    named = name_sounds(sentence)
    if named and not any(name in there.sounds for name in named):
        return False
    if facts.negations(sentence) and not facts.negations(" ".join(quotes)):
        return False
    vectors = embed([sentence, *quotes])
    return float((vectors[1:] @ vectors[0]).max()) >= FOREIGN_COSINE
