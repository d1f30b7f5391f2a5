"""Sentences whose subject is only a pronoun: «He said …», «وأضاف أن …», «او گفت …». Alone they do not say who.

Arabic leaves the pronoun out: a verb of saying that a particle follows has no subject («قال إن»), nor has a verb in the
plural that opens a sentence («رفضوا المقترح»), since before its subject a verb stands in the singular. A singular verb
of another kind («رفض المقترح») is not told from one with its subject, and passes.
"""

from __future__ import annotations

import re

from retrieval.analysis import normalise, question_language
from retrieval.sayings import is_saying, sayings

# What may stand before the subject of a sentence without being it.
_EN_OPENING = (
    r"(?:(?:and|but|so|yet|then|also|still|later|however)\s+|(?:however|also|meanwhile|then|later|earlier|today|"
    r"yesterday|separately|additionally|furthermore|moreover|instead|therefore|thus|still|afterwards|"
    r"(?:on|in|at|during|for|by|since)\s[^,]{1,60}),\s*)*"
)
_EN_BARE = re.compile(
    rf"\W*{_EN_OPENING}(?:(?:he|she|they|his|her|their)\b(?!['’]s\b)|it\s+(?:also\s+)?(?P<said>[a-z]+))"
)
_EN_NAMED_LAST = re.compile(
    r"[,”\"]\s*(?!and\b|but\b|which\b|who\b|he\b|she\b|they\b)(?P<last>[^\s,”\"]+(?:\s+[^\s,”\"]+){1,5})$"
)  # «He would not sign, Araghchi said.»
_AR_OPENING = frozenset("كما ثم لكن ولكن ايضا قد وقد فقد لا ولا لم ولم لن ولن كذلك وكذلك لقد".split())
_AR_ASIDE = re.compile(r"(?:و|ف)?(?:من (?:جهت|جانب|ناحيت)|ب?دور|في الوقت نفس)(?:ها|هم|ه)\s*،?\s*")
_AR_PRONOUNS = frozenset(
    "هو هي هم هما وهو وهي وهم وهما لكنه لكنها لكنهم ولكنه ولكنها ولكنهم انهم بلاده بلادها بلادهم".split()
)
_AR_PLURAL_VERB = re.compile(r"(?:و|ف)?(?:\w{2,}وا|س?ي\w{2,}(?<!ي)ون)")  # «سيرفضون»; not «يونانيون», nor «سجون»
_AR_PARTICLES = frozenset("ان انه انها انهم بان بانه بانها بانهم ما مما من الي عن علي في لن لم".split())
_FA_PRONOUNS = frozenset(normalise("او وی آنها آنان ایشان").split())
_FA_OPENING = frozenset(normalise("و اما همچنین نیز سپس ولی").split())
_FA_SAID = frozenset(normalise("گفت گفته گفتند افزود افزودند").split())
_FA_SAID_OF_TWO = frozenset(normalise("اعلام تأکید تصریح اظهار بیان اضافه خاطرنشان").split())
_UNIT = re.compile(r"[^\W_]+|[^\w\s]")


def leans_on_before(sentence: str) -> bool:
    """Whether nothing in a sentence says who its subject is.

    >>> leans_on_before("He said the talks would go on."), leans_on_before("Haddad said she would go on.")
    (True, False)
    """
    language = question_language(sentence)
    if language == "en":
        return _english(sentence)
    text = normalise(sentence)
    return _persian(text) if language == "fa" else _arabic(text)


def _english(sentence: str) -> bool:
    text = normalise(sentence).strip(" .!?")
    found = _EN_BARE.match(text)
    if found is None or (found["said"] and not is_saying(found["said"])):
        return False  # «It is raining»
    last = _EN_NAMED_LAST.search(text, found.end())
    return not (last and sayings(last["last"]))


def _arabic(text: str) -> bool:
    units = _UNIT.findall(_AR_ASIDE.sub("", text))
    while units and (units[0] in _AR_OPENING or not units[0].isalnum()):
        units = units[1:]
    if not units:
        return False
    first, *rest = units
    if first in _AR_PRONOUNS:
        return True
    if _AR_PLURAL_VERB.fullmatch(first):
        return True
    after = rest[0] if rest else ""
    return _speaks(first) and (after in _AR_PARTICLES or not after.isalpha())


def _speaks(word: str) -> bool:
    verb = word[1:] if word[:1] in "وف" and is_saying(word[1:]) else word
    return is_saying(verb) and verb not in {"بحسب", "حسب", "وفق", "وفقا"}


def _persian(text: str) -> bool:
    units = [unit for unit in _UNIT.findall(text) if unit.isalnum()]
    while units and units[0] in _FA_OPENING:
        units = units[1:]
    return bool(units) and (units[0] in _FA_PRONOUNS or units[0] in _FA_SAID or units[0] in _FA_SAID_OF_TWO)
