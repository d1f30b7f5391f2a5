"""Names in a sentence and who it says is speaking, for holding a sentence against its evidence.

Rules over verbs of saying and what stands beside them, in Arabic, English and a little Persian. The names are the
text's own: no list of people. Across scripts a name is known by its sound (:mod:`retrieval.sounds`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from retrieval.analysis import content_words, is_stop, normalise, stem, tokens
from retrieval.sounds import sound_keys

# Verbs and phrases of saying, on normalised text; what follows (or, for want of that, precedes) says who speaks.
_SAYING = frozenset(
    """
قال قالت قالوا يقول تقول يقولون صرح صرحت صرحوا اكد اكدت اكدوا يوكد توكد اعلن اعلنت اعلنوا يعلن تعلن اضاف اضافت ذكر ذكرت
يذكر تذكر اوضح اوضحت يوضح راي رات يري تري نفي نفت ينفي تنفي كتب كتبت كتبوا روي روت نقل نقلت افاد افادت اشار اشارت يشير
لفت رجح رجحت يرجح توقع توقعت يتوقع حذر حذرت يحذر هدد هددت يهدد شدد شددت طالب طالبت يطالب تطالب اعتبر اعتبرت يعتبر
اقترح اقترحت زعم زعمت ادعي ادعت كشف كشفت كذب كذبت انكر انكرت اقر اقرت اعترف اعترفت دعا دعت حث حثت اتهم اتهمت تعهد تعهدت
توعد توعدت لوح لوحت نبه نبهت انتقد انتقدت رفض رفضت صرحوا ابلغ ابلغت يعتقد تعتقد بحسب حسب وفق وفقا
said says stated announced announces denied denies added told claimed claims wrote warned warns demanded demands
reported confirmed rejected insisted admitted proposed suggested accused threatened stressed explained estimated
believes noted argued refused called urged declared according گفت گفته افزود اعلام
""".split()
)
_HEAD_LAST = frozenset(
    "said says stated announced announces denied denies added told claimed claims wrote warned "
    "warns demanded demands reported confirmed rejected insisted admitted proposed suggested accused threatened "
    "stressed explained estimated believes noted argued refused called urged declared گفت گفته افزود اعلام".split()
)
_RELATIVE = frozenset(
    "ما مما عما بما what which that who الذي التي".split()
)  # «ما نقلته رويترز»: reported, not speaking
# Before a subjunctive («ألا توقع»), and where who spoke before goes on («قال إنه يتوقع»).
_AFTER = [[word] for word in "ان لن الا بالا كي to انه انها انهم انهما بانه بانها بانهم".split()]
_THAT = frozenset({"بان", "وان", "بانهم"})
_ACCORDING = frozenset("بحسب حسب وفق وفقا according".split())
_TRANSMITTED = frozenset("نقل نقلت".split())  # says something where it goes on «عن …»; else things are carried
_JOINING = frozenset("and but".split())
_PRONOUN = re.compile("(?:قول|تعبير|روايت|راي|تصريح|وصف|بيان|تقدير)(?:ه|ها|هم)")  # «بحسب قوله»
_UNIT = re.compile(r"[^\W\d_]+|[^\w\s]")
_LONGEST_ASIDE = 15  # words
SPEAKER_WORDS = 6  # looked at beside a verb of saying


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


def speakers(sentence: str) -> list[str]:
    """Who a sentence says is speaking, in order: the words beside each verb of saying, normalised."""
    return [who for _, who in sayings(sentence)]


def sayings(sentence: str) -> list[tuple[str, str]]:
    """The verbs of saying of a sentence, as stems without conjunction, each with the words of its subject."""
    units = _UNIT.findall(normalise(sentence))
    found = []
    for at, unit in enumerate(units):
        joined = unit[:1] in "وف" and unit[1:] in _SAYING
        verb = unit[1:] if joined else unit
        if verb not in _SAYING or _RELATIVE.intersection(units[max(0, at - 2) : at]) or units[at - 1 : at] in _AFTER:
            continue
        if verb in _TRANSMITTED and "عن" not in units[at + 1 : at + 1 + SPEAKER_WORDS]:
            continue
        # «… وقالت إن», "… and said": who spoke before speaks on, whatever word stands before.
        goes_on = verb in _HEAD_LAST and bool(_JOINING.intersection(units[max(0, at - 1) : at]))
        before = [] if joined else _run(reversed(units[: _before_aside(units, at)]))[::-1]
        after = [] if goes_on else _run(units[at + 1 + (verb == "according") :])
        subject = (before or after) if verb in _HEAD_LAST else (after or before)
        if subject:
            found.append((stem(verb.removesuffix("ت")), " ".join(subject)))
    return found


def is_saying(word: str) -> bool:
    """Whether a normalised word, without a conjunction, is a verb or phrase of saying."""
    return word in _SAYING


def accounts(sentence: str) -> list[str]:
    """Whose account a sentence says it follows («بحسب …», "according to …"): a person's, or a schedule's."""
    return [who for verb, who in sayings(sentence) if verb in {stem(phrase) for phrase in _ACCORDING}]


def beside_sayings(text: str) -> str:
    """The words after each verb of saying, whatever they are: where an unattributed speaker is looked for."""
    units = [unit for unit in _UNIT.findall(normalise(text)) if unit[0].isalpha()]
    said = [at for at, unit in enumerate(units) if unit in _SAYING or (unit[:1] in "وف" and unit[1:] in _SAYING)]
    return " ".join(word for at in said for word in units[max(0, at - 2) : at + SPEAKER_WORDS])


def speaker_and_quote(sentence: str) -> tuple[str, str] | None:
    """The two parts of «speaker: exact words», as extractive answers write them."""
    speaker, colon, words = sentence.partition(": ")
    return (speaker, words) if colon and words.strip() else None


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


def _before_aside(units: Sequence[str], at: int) -> int:
    """Where what stands before a verb ends, without an aside between commas: "The official, who …, said"."""
    if units[at - 1 : at] != [","]:
        return at
    return next((n for n in range(at - 2, max(-1, at - 2 - _LONGEST_ASIDE), -1) if units[n] == ","), at)


def _run(units: Iterable[str]) -> list[str]:
    """The words of a subject: up to a particle or punctuation; pronouns («قوله») and verbs of saying are none."""
    words: list[str] = []
    for unit in units:
        article = unit in {"the", "ال"}
        if article and not words:
            continue
        said = (
            is_stop(unit)
            or unit in _SAYING
            or (unit[:1] == "و" and unit[1:] in _SAYING)
            or unit.removesuffix("ه").removesuffix("ها") in _THAT
        )
        if said or not unit[0].isalpha() or len(words) == SPEAKER_WORDS:
            break
        words.append(unit)
    return [] if words and _PRONOUN.fullmatch(words[0]) else words
