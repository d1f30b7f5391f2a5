"""What a frame does with what it reports: asserts, denies, rejects, warns … and whose report is denied."""

from __future__ import annotations

import re

from ingest.attribution import lexicon
from ingest.attribution.frames import Frame
from ingest.attribution.lexicon import fold
from ingest.attribution.phrases import COMMAS, Phrase, PhraseReader
from ingest.attribution.words import Words
from retrieval.models import Stance

_REFUSED_IN_SPEECH = re.compile("(لن|لا) (نقبل|اقبل|نسمح|اسمح|نمرر|نوافق|اوافق|نوقع|نرضخ|نخضع)|نرفض|ارفض|مرفوض")
_REFUSAL = re.compile("رفض(ه|ها|هم|نا)?$")
_BELIEF = re.compile("(اعتقاد|ظن|قناع)(ه|ها|هم|ته|تها|تهم)?$")
_OWN = lexicon.words(
    """
    إنه إنها إنهم إننا إنني أنه أنها أنهم أننا أنني بأنه بأنها بلاده بلادها بلادهم حكومته حكومتها حزبه حركته
    نحن
    """
)
_STANCES_IN_CLAUSE = frozenset(("rejects", "denies", "threatens", "demands", "warns", "proposes"))
_CLAUSE_WORDS = 4
_TURNS = lexicon.words("لكن ولكن غير إلا بيد وهو بينما فيما")
DENIAL_WORDS = 9  # of what is said, that may call a report false
_DENIAL = re.compile("(كل )?(هذا|هذه|ذلك|تلك|ما (يقال|نشر|قيل|ذكر|يتردد|تردد|يشاع|اشيع|ورد)|لا صحه|لا اساس) ?")


def stance_of(words: Words, frame: Frame, first: int, last: int) -> Stance:
    """The stance of a frame whose sentence is ``tokens[first:last]``, from its verb and then from what is said."""
    verb = frame.verb
    stance: Stance = verb.stance if verb else "asserts"
    if stance not in ("asserts", "judges"):
        return stance
    if (
        verb
        and verb.lemma == "وصف"
        and frame.content < last
        and words.tokens[frame.content].word.form.startswith("كيف")
    ):
        return "asserts"
    last = _own_clause(words, frame, last)
    content = range(min(frame.at + 1, last), last)
    forms = [words.tokens[i].word.form for i in content]
    joined = " ".join(forms)
    if calls_false(words, frame.content, last):
        return "denies"
    if _is_report(words, frame, last) and lexicon.FALSEHOODS.search(joined):
        return "denies"
    if verb and verb.lemma == "وصف" and lexicon.REFUSALS.search(joined):
        return "rejects"
    return _stance_in_content(words, frame, first, last) or stance


def _own_clause(words: Words, frame: Frame, last: int) -> int:
    """Where another's answer begins in the same sentence: «…، وهو ما نفته …», «…، لكن الوزارة …»."""
    for i in range(frame.content + 1, last):
        token = words.tokens[i]
        if token.quote < 0 and token.word.form in _TURNS and words.tokens[i - 1].raw in COMMAS:
            return i
    return last


def calls_false(words: Words, start: int, last: int) -> bool:
    """Whether what is said from token ``start`` on opens with a verdict on a report: «هذا غير صحيح», «لا صحة لـ …»."""
    forms = [token.word.form for token in words.tokens[start:last] if token.word.alphabetic]
    while forms and forms[0] in lexicon.THAT:
        forms = forms[1:]
    said = " ".join(forms[:DENIAL_WORDS])
    return bool(_DENIAL.match(said)) and lexicon.FALSEHOODS.search(said) is not None


def _is_report(words: Words, frame: Frame, last: int) -> bool:
    """Whether what is spoken of is someone's report («التقرير», «ما أوردته …»)."""
    for i in range(frame.at + 1, last):
        word = words.tokens[i].word
        if words.tokens[i].quote >= 0:
            continue
        if word.bare in lexicon.REPORTS or (word.form in lexicon.CARRIERS and words.tokens[i - 1].word.form == "ما"):
            return True
    return False


def _stance_in_content(words: Words, frame: Frame, first: int, last: int) -> Stance | None:
    tokens = words.tokens
    start = min(frame.content, last)
    if frame.complement == "object" and frame.object_at is not None:
        return "rejects" if _REFUSAL.match(tokens[frame.object_at].word.form) else None
    if frame.complement == "preposition" and start + 1 < last:
        form = tokens[start + 1].word.form
        return "rejects" if _REFUSAL.match(form) else "judges" if _BELIEF.match(form) else None
    if frame.complement in ("quote", "colon", "after"):
        openings = (i for i in range(first, last) if words.opening(i))
        said = (" ".join(token.word.form for token in tokens[i + 1 : i + 4]) for i in openings)
        return "rejects" if any(_REFUSED_IN_SPEECH.match(words_) for words_ in said) else None
    clause = tokens[start : min(last, start + _CLAUSE_WORDS)]
    if not any(token.word.form in _OWN for token in clause):
        return None
    for token in clause:
        for reading in token.word.readings:
            if reading.present and reading.verb.stance in _STANCES_IN_CLAUSE and token.word.form not in lexicon.THAT:
                return reading.verb.stance
    return None


def denied_by(reader: PhraseReader, frame: Frame, last: int) -> Phrase | None:
    """Whose report a denial denies: «ما أوردته وكالة …», «التقرير الذي نشرته …», «تصريحات فلان», «تقرير القناة»."""
    tokens = reader.tokens
    for i in range(frame.at + 1, last - 1):
        word = tokens[i].word
        if tokens[i].quote >= 0 and tokens[i].quote not in reader.name_quotes:
            continue
        carried = word.form in lexicon.CARRIERS and tokens[i - 1].word.form in lexicon.RELATIVES | {"قد"}
        reported = word.bare in lexicon.REPORTS and not word.definite
        if carried or reported:
            phrase = reader.read(i + 1, last)
            if phrase and (carried or (phrase.kind in ("outlet", "person", "body") and _speaks(reader, phrase))):
                return phrase
    return None


def _speaks(reader: PhraseReader, phrase: Phrase) -> bool:
    head = reader.tokens[phrase.start].word
    return not (head.adjective and not head.role) and fold(head.form) not in lexicon.REPORTS


def refers_back(words: Words, i: int) -> bool:
    """Whether the object at token ``i`` is a report told just before: «ذلك», «هذه الاتهامات», «صحة الخبر»."""
    word = words.tokens[i].word
    if word.form in ("ذلك", "هذا", "هذه", "تلك"):
        return True
    if word.form == "صحه" and i + 1 < len(words.tokens):
        word = words.tokens[i + 1].word
    following = words.tokens[i + 2].word.form if i + 2 < len(words.tokens) else ""
    return word.definite and word.bare in lexicon.REPORTS and following not in lexicon.RELATIVES
