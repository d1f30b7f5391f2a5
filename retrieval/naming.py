"""Names that are asked for: «ما اسم الفندق؟» is answered where the hotel is named, not where it is only spoken of.

What a sentence calls the thing is found by its word, else by meaning (see :mod:`retrieval.late`), since «معركة» may
stand for the «موقعة» of a question and «فندق» for "hotel"; whether a name follows it there, by how Arabic puts names:
after the noun and its adjectives, after a comma, or between quotation marks. «في فندق بالعاصمة», «مصدر عُماني أن» name
nobody.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from retrieval.analysis import is_stop, normalise, root, stem

NAME_STEMS = frozenset({stem("اسم"), stem("name"), stem("نام")})
LONGEST_QUOTED = 4  # words between quotation marks that are a name and not a saying
LOOKED_THROUGH = 9  # words and marks after a noun, among which its name would begin
_LETTERS = r"[^\W_](?:[^\W_]|[\u064b-\u065f\u0670\u0640])*"  # with tashkeel
_WORD = re.compile(_LETTERS)
_PIECE = re.compile(rf'(?P<quoted>[«"“][^»"”]*[»"”])|(?P<comma>[،,(–—-])|(?P<end>[.:؛;!؟?«»")])|(?P<word>{_LETTERS})')
# Said of a name: «اسمها بيلا», «المعروفة بـ», «سمته». «المتحدث باسم» names nobody.
_NAMING = re.compile(
    r"\b(?:و|ف)?(?:(?<!باسم )اسم(?:ه|ها|هم|هما|اهما)?|[يت]سمي|(?:ال)?مسم(?:ي|اه)|سمي|سميت|سم(?:ته|اه|اها|وه|وها|تها)"
    r"|[يت]دعي|(?:ال)?مدعو|(?:ال)?معروفه? ب\w+|[يت]عرف(?:ون)?(?: \w+){0,6}? ب\w+"
    r"|بعنوان|(?:ال)?ملقبه? ب\w+|[يت]?لقبه? ب\w+)\b"
)
_COPULAS = frozenset(map(normalise, ("هو", "هي", "هما", "هم", "كان", "كانت", "كانا")))
# «فندق بوسط المدينة»: where it is, and no name that begins with ب.
_PLACED = frozenset(
    f"ب{normalise(word)}"
    for word in """
    وسط شمال جنوب شرق غرب شمالي جنوبي شرقي غربي مدينة ضاحية ضواحي حي شارع قرية بلدة منطقة محافظة ولاية قلب جوار قرب داخل
    خارج ساحل ميناء مطار طريق صحبة رفقة حضور اسم سبب تهمة كفالة
    """.split()
)
_NISBA = ("ي", "يه", "يان", "يين", "يون", "يتان", "يتين", "يات")


def thing_named(stems: Sequence[str]) -> int | None:
    """Which content word of a question follows «اسم», "name" or «نام»: what is to be named."""
    place = next((place for place, found in enumerate(stems) if found in NAME_STEMS), None)
    return None if place is None or place + 1 >= len(stems) else place + 1


def mentioned(text: str, thing: str, of_root: str) -> int | None:
    """Where a sentence has a word with the stem of a thing, else with its root; ``None`` where it has neither."""
    words = [(match.start(), normalise(match.group())) for match in _WORD.finditer(text)]
    for start, word in words:
        if stem(word) == thing:
            return start
    return next((start for start, word in words if len(of_root) > 2 and root(word) == of_root), None)


def gives_name(text: str, offset: int, asked: Collection[str]) -> bool:
    """Whether a sentence names the thing that it speaks of at ``offset``; ``asked`` are the question's own stems.

    >>> gives_name("ونزل الوفد في فندق بالعاصمة النمساوية.", 14, ())
    False
    >>> gives_name("ونزل الوفد في فندق كوبورغ بالعاصمة.", 14, ())
    True
    """
    if _NAMING.search(normalise(text)):
        return True
    thing = next((word for word in _WORD.finditer(text) if word.start() <= offset < word.end()), None)
    if thing is None:
        return False
    before = text[: thing.start()].rstrip()
    last = [normalise(word) for word in _WORD.findall(before)][-1:]
    if before.endswith(("،", ",")) and any(word and _is_name(word, asked) for word in last):
        return True  # «نبيل الخوري، محامي الشركة»
    return _follows(text[thing.end() :], asked)


def _follows(text: str, asked: Collection[str]) -> bool:
    apart = False
    for count, piece in enumerate(_PIECE.finditer(text)):
        if count >= LOOKED_THROUGH or piece["end"]:
            return False
        if piece["quoted"]:
            return len(_WORD.findall(piece["quoted"])) <= LONGEST_QUOTED
        if piece["comma"]:
            apart = True
            continue
        word = normalise(piece["word"])
        if not word or word in _COPULAS or _describes(word, asked):  # nothing is left of «ـــ», a dash to some
            continue
        return _is_name(word, asked) and not (apart and word.startswith("و"))
    return False


def _describes(word: str, asked: Collection[str]) -> bool:
    """Whether a word only goes on describing the thing: with its article, of a country, a figure, or the question's."""
    return (
        word.startswith(("ال", "لل")) or word.endswith(_NISBA) or word[0].isdigit() or stem(word) in asked
    ) and not is_stop(word)


def _is_name(word: str, asked: Collection[str]) -> bool:
    if is_stop(word) or word in _PLACED or (word.startswith(("و", "ف", "ب", "ل")) and is_stop(word[1:])):
        return False
    return not word.startswith(("بال", "وال", "فال", "كال")) and stem(word) not in asked
