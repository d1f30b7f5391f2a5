"""Where negation falls in a text: which words it is about, in Arabic, English and a little Persian.

A particle («لا», not) is about the next word that carries meaning, and reaches a few words on; a verb of denying or
refusing («نفى», denied) is about what follows it, up to the next verb of saying. Formulas that only look like
negation are left out: «لا يزال» (still), «لا غير» and «لم … سوى» (only), «لا بد» (must), «غير أنه» (but), "No. 81".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.analysis import is_stop, tokens

_PARTICLES = frozenset(
    """
لا لم لن ليس ليست ليسوا لست غير دون بلا عدم بدون بدلا بدل خلافا not no never without nothing nobody none neither nor
cannot instead rather unless non didn doesn isn wasn weren wouldn couldn hasn haven نه نيست نشد هرگز
""".split()
)
_DENYING = frozenset(
    """
نفي ينفي تنفي نفت نافيا نافيه نفيه نفيها كذب كذبت انكر انكرت ينكر تنكر فند فندت يفند
denied denies deny denying dismissed dismisses refuted disputes disputed
""".split()
)
_REFUSING = frozenset(
    """
رفض رفضت يرفض ترفض رافضا رافضه رفضه رفضها رفضهم امتنع امتنعت rejected rejects reject refused refuses
""".split()
)
_SAYING_NO = _DENYING | _REFUSING
_EMPTY = frozenset("خلا خلت تخلو يخلو".split())  # «تخلو من»; without «من», or after a word of time, it passes
_TIMES = frozenset("سنه سنوات عام اعوام عاما يوم ايام شهر اشهر قرن قرون".split())
_WANTING = frozenset(
    """
يقبل تقبل نقبل يقبلون يرغب ترغب نرغب يريد تريد نريد يريدون يوافق توافق نوافق يسمح تسمح نسمح يتفاوض تتفاوض نتفاوض
accept want agree allow negotiate
""".split()
)
_NEGATIVE = frozenset("untrue false baseless lack lacks lacked lacking".split())
# English words that are negative in themselves, where Arabic has «غير» or «عدم»: by their prefix, and by what follows
# it where the prefix has another sense as well.
_NEGATIVE_FORM = re.compile(
    r"un(?!der|it|io|iv|iq|if|til|less|an)[a-z]{4,}|non[a-z]{4,}"
    r"|in(?:abil|accura|activ|adequa|applic|approp|capab|compat|compet|complet|consist|corre|decis|direct|effect|effici"
    r"|equal|flexib|formal|frequen|hospit|human|just|secur|stab|suffici|toler|valid|visib|volunt)[a-z]*"
    r"|im(?:balanc|matur|moral|partial|patien|perfect|plausib|possib|probab|proper)[a-z]*"
    r"|ir(?:rational|regular|relevan|respons)[a-z]*|il(?:legal|legitim|liberal|litera|logical)[a-z]*"
)
# «ألا» and «إلا» are written alike once normalised; before a verb it is «أن لا».
_THAT_NOT = frozenset({"الا", "والا", "بالا"})
_VERB_OPENINGS = ("ي", "ت", "ن")
_STILL = frozenset("يزال تزال يزالون زال زالت نزال ازال".split())
_BUT = frozenset("ان انه انها انهم انهما اني انني اننا انك".split())  # «غير أنه»
_IN_PLACE_OF = frozenset("بدل بدلا instead rather".split())  # of a number it tells what the number was
_NO_NEGATION = frozenset("سيما بد".split())  # «لا سيما»: in particular; «لا بد»: must
_NOT_BEING = frozenset("ليس ليست ليسوا".split())
_AUXILIARY = frozenset("يعد تعد يكن تكن يكونوا يكون تكون يتم تتم".split())
_ONLY = frozenset("سوي الا غير only".split())
_SPEAKS_ON = frozenset(
    """
قايلا قايله معتبرا معتبره موكدا موكده موضحا موضحه مشيرا مشيره وقال وقالت واكد واكدت واضاف واضافت وذكر وذكرت واوضح واوضحت
وذكرت وعده ووصف ووصفته saying adding explaining calling said insisted recalled stressed
""".split()
)
_TRUE = frozenset("صحيح صحيحا true".split())
_REACH = 3  # words that a particle reaches
_BEFORE = 8  # words before a verb of denying that its pronoun may stand for
_OBJECT = re.compile("(?:ه|ها|هم)$")
_ANY = "اي"  # «لم يصدر … أي تعليق»: there was no comment


@dataclass(frozen=True)
class Polarity:
    """Negation in a text of numbered words.

    ``focuses`` are the words that a particle is about, ``reach`` all words that a negation may be about, ``denied``
    those that a verb of denying is about, ``after`` all words that follow a negation, until the speaker goes on to say
    something, ``count`` how many negations there are.
    """

    focuses: frozenset[int]
    reach: frozenset[int]
    denied: frozenset[int]
    after: frozenset[int]
    count: int

    @property
    def negated(self) -> bool:
        """Whether there is any negation."""
        return self.count > 0

    @classmethod
    def of(cls, text: str) -> Polarity:
        """Of a text, its words numbered as ``retrieval.analysis.tokens`` gives them."""
        return cls.over(tokens(text))

    @classmethod
    def over(cls, words: Sequence[str]) -> Polarity:
        """Of normalised words."""
        focuses: set[int] = set()
        reach: set[int] = set()
        denied: set[int] = set()
        following: set[int] = set()
        count = 0
        for at, word in enumerate(words):
            scope = _scope(words, at)
            if _is_any(word, _SAYING_NO) or _untrue(words, at) or _is_empty(words, at):
                denied.update(scope)
                reach.update(scope, [at])
            elif _is_particle(words, at):
                near = _content_after(words, at)
                focuses.update(near[:1])
                reach.update(near, _subject_of(words, at))
            elif word in _NEGATIVE or _NEGATIVE_FORM.fullmatch(word):
                reach.add(at)
            else:
                continue
            following.update(scope)
            count += 1
        return cls(frozenset(focuses), frozenset(reach), frozenset(denied), frozenset(following), count)


def denies(text: str) -> bool:
    """Whether a text says that something is denied."""
    words = tokens(text)
    return any(_is_any(word, _DENYING) or _untrue(words, at) for at, word in enumerate(words))


def refuses(text: str) -> bool:
    """Whether a text says that something is rejected, or not wanted."""
    words = tokens(text)
    return any(_is_any(word, _REFUSING) for word in words) or any(
        words[at] in _WANTING for at in Polarity.over(words).focuses
    )


def _is_any(word: str, verbs: frozenset[str]) -> bool:
    """Whether a word is one of some verbs, with or without a conjunction before it and an object after it."""
    bare = word[1:] if word[:1] in "وف" else word
    return _is_bare(word, verbs) or _OBJECT.sub("", bare) in verbs


def _is_bare(word: str, verbs: frozenset[str]) -> bool:
    """Whether a word is one of some verbs, with or without a conjunction before it."""
    return word in verbs or (word[:1] in "وف" and word[1:] in verbs)


def _untrue(words: Sequence[str], at: int) -> bool:
    """«ليس صحيحا أن», "it is not true that": as good as a verb of denying."""
    return _is_particle(words, at) and any(word in _TRUE for word in words[at + 1 : at + 3])


def _is_empty(words: Sequence[str], at: int) -> bool:
    """«تخلو المدينة من»: is without."""
    passed = bool(_TIMES.intersection(words[max(0, at - 1) : at]))
    return _is_any(words[at], _EMPTY) and not passed and not {"من", "منه", "منها"}.isdisjoint(words[at + 1 : at + 5])


def _is_particle(words: Sequence[str], at: int) -> bool:
    word, after = words[at], [*words[at + 1 : at + 7], ""]
    if word in _THAT_NOT:
        return after[0].startswith(_VERB_OPENINGS)
    bare = word[1:] if word[:1] in "وف" and word[1:] in _PARTICLES else word
    if bare not in _PARTICLES or after[0] in _STILL or _ONLY.intersection(after):
        return False
    if after[0] in _NO_NEGATION or (bare == "no" and after[0].isdigit()):  # No. 81
        return False
    if bare in _IN_PLACE_OF and any(word[:1].isdigit() for word in after[:2]):
        return False
    return not (bare == "غير" and (after[0] in _BUT or words[at - 1 : at] == ["لا"]))


def _content_after(words: Sequence[str], at: int) -> list[int]:
    found = [n for n in range(at + 1, len(words)) if not is_stop(words[n]) and words[n] not in _AUXILIARY]
    near = [n for n in found[:_REACH] if n <= at + _REACH + 2]
    return near + [n for n in found[_REACH : 2 * _REACH] if words[n - 1] == _ANY]


def _subject_of(words: Sequence[str], at: int) -> list[int]:
    """What «… لن يكون» and «… ليس» say is not so, when it stands before them."""
    of_being = words[at].removeprefix("و") in _NOT_BEING or "".join(words[at + 1 : at + 2]) in _AUXILIARY
    if not of_being:
        return []
    begin = next((n for n in range(at - 1, -1, -1) if words[n] in _BUT), -1) + 1
    return [n for n in range(max(begin, at - _REACH - 1), at) if not is_stop(words[n])]


def _scope(words: Sequence[str], at: int) -> list[int]:
    """The words after a verb of denying, up to where the speaker goes on to say something.

    Also those before one whose object is a pronoun, which stands for them: «… ورفضته».
    """
    end = next((n for n in range(at + 1, len(words)) if words[n] in _SPEAKS_ON), len(words))
    of_pronoun = _is_any(words[at], _SAYING_NO) and not _is_bare(words[at], _SAYING_NO)
    return [*(range(max(0, at - _BEFORE), at) if of_pronoun else ()), *range(at + 1, end)]
