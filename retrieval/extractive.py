"""Extractive answers: the articles' own sentences, grouped by who says them, disagreement side by side."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from retrieval import polarity
from retrieval.analysis import content_words, normalise, stem, stems, tokens
from retrieval.catalog import StoredSentence
from retrieval.evidence import Scored, similar, voice_words, words_of
from retrieval.models import AnswerSentence, Attribution, Citation, Language, Perspective, Stance
from retrieval.parties import is_state, spoken_of, states_in
from retrieval.questions import Question, whom
from retrieval.sayings import beside_sayings, shares_name

# Shares of the best sentence's probability below which a sentence is not shown. On the development set, held out,
# these show 4 sentences on average, among which an answering one in 95 % of questions.
NARROW_FLOOR = 0.3
BROAD_FLOOR = 0.15
OTHER_VOICE_FLOOR = 0.1  # a speaker not yet heard is heard from further down
NARROW_LIMIT = 4  # sentences for a date, a person, a place or a number
SAME_WORDS = 0.75  # Jaccard of stems from which two sentences of one speaker say the same
LONGEST_NAME = 5  # words of a person's full name
# From plain telling to what sets someone most against another.
_STRENGTH: tuple[Stance, ...] = (
    "asserts", "claims", "judges", "proposes", "demands", "warns", "threatens", "rejects", "denies",
)  # fmt: skip
# What sort of voice it is, and no name: of outlets, and of people without a name.
_KINDS = frozenset(
    normalise(word).removeprefix("ال")
    for word in """
    وكالة صحيفة قناة إذاعة تلفزيون مجلة موقع منصة شبكة جريدة محطة بيان تقرير
    مصدر مصادر مسؤول مسؤولون مسؤولين دبلوماسي خبير محلل مراقب شاهد مواطن متحدث ناطق حزب حركة منظمة هيئة لجنة مجلس
    شركة جامعة بنك مصرف جيش شرطة اتحاد مكتب مركز وفد مستشار مدير عضو نائب مساعد زعيم
    """.split()
)
_OFFICE = re.compile(
    r"(?:ال)?(?:وزير|وزاره|خارجيه|متحدث|ناطق|رييس|رياسه|مسوول|مبعوث|مفاوض|سفير|حكومه|قايد|قياده|امين|مرشد|نايب)"
)
ABSTENTION: dict[Language, str] = {
    "ar": "لا تجيب المصادر المتاحة عن هذا السؤال.",
    "en": "The available sources do not answer this question.",
    "fa": "منابع موجود به این پرسش پاسخ نمی‌دهند.",
}

# The word or two after «ماذا تريد …», «ما هدف …», "what does … want", "the goals of …", "…'s aims".
_ASKED_WANTS = re.compile(
    r"\b(?:[يت]ريد|[يت]سعي|[يت]طلب|[يت]طالب|ترغب|يرغب|(?:ال)?(?:هدف|اهداف|مطلب|مطالب|شرط|شروط|غايه))"
    r" (\w+(?: \w+)?)"
    r"|\bwhat (?:does|do|did|is|are) (?:the )?(\w+(?: \w+)?) (?:really )?(?:want|seek|demand|aim|hope)"
    r"|\b(?:aims?|goals?|objectives?|demands?) of (?:the )?(\w+(?: \w+)?)"
    r"|\b(\w+)(?:['’]s?|s['’]) (?:\w+ )?(?:aims?|goals?|objectives?|demands?)\b"
)
_NO_NAME = r"(?!(?:in|on|at|of|during|between|for|with|play|have|had|played|within|regarding|as|and)\b)"
_ROLE_OF = re.compile(
    r"\b(?:دور|مهمه|وظيفه) (?P<whose>\w+(?: (?!في\b|خلال\b|من\b|عند\b|اثنا\b|عن\b|بين\b|هذه\b|هذا\b)\w+){0,2})"
    r"|(?:\b(?:is|was|are|were|of|about|describe|explain)|'s|^) (?:the )?"
    r"(?P<en>\w+(?: \w+){0,3}?)(?:['’]s?|s['’]) (?:\w+ )?role\b"
    rf"|\brole of (?:the )?(?P<en2>\w+(?: {_NO_NAME}\w+){{0,3}})"
    rf"|\b(?:role|part) (?:do|does|did|has|have|had|is|will) (?:the )?(?P<en3>\w+(?: {_NO_NAME}\w+){{0,3}}?)"
    r" (?:play|have|had|played|playing)\b"
    r"|^what(?:'s| is| was) (?!(?:the )?role\b)(?:the )?(?P<en4>\w+(?: \w+){0,2}?) role\b"
    r"|\bنقش (?!(?:را|در|مهمي|چه|چيست)\b)"
    r"(?P<fa>\w+(?: (?!در\b|براي\b|از\b|طي\b|چيست\b|چه\b|چگونه\b|ميان\b|بين\b)\w+){0,2})"
    r"|^(?P<fa2>\w+(?: (?!در\b)\w+){0,2}?) (?:در .+ )?چه نقشي\b"
)

_ROLE_ALONE: dict[Language, str] = {"ar": "ما دور {}؟", "en": "What is the role of {}?", "fa": "نقش {} چیست؟"}

Sentences = Callable[[str, int], list[StoredSentence]]


@dataclass(frozen=True)
class Composed:
    """The parts of an answer that are made from evidence."""

    sentences: tuple[AnswerSentence, ...]
    citations: tuple[Citation, ...]
    perspectives: tuple[Perspective, ...]

    @property
    def text(self) -> str:
        """The sentences, one a line, with their [n] marks."""
        return "\n".join(s.text + " " + "".join(f"[{number}]" for number in s.citations) for s in self.sentences)


def choose(question: Question, ranked: Sequence[Scored], limit: int) -> list[Scored]:
    """The sentences to show: the most probable ones, none twice, each speaker heard, denials with what they deny."""
    everything = ranked
    if refusal := question.refusal:
        ranked = _refusals(ranked, *refusal)
    elif not _heard(ranked, question.whose_words):
        ranked = []
    if not ranked:
        return []
    limit = min(limit, NARROW_LIMIT) if question.narrow else limit
    best = ranked[0].score
    floor = best * (NARROW_FLOOR if question.narrow else BROAD_FLOOR)
    chosen: list[Scored] = []
    whose = asked_role(question.text) if question.kind == "role" else ""
    if whose:
        # Somebody's role is told by what names them and says what they do, also where words of the talks are nearer.
        ranked = sorted(ranked, key=lambda item: (_far_from(item, whose), -item.features["function"]))
    for item in _in_turn(ranked, best) if open_to_all(question, ranked) else ranked:
        if len(chosen) == limit:
            break
        new_voice = not question.narrow and voice_of(item) not in {None, *map(voice_of, chosen)}
        heard = item.score >= (best * OTHER_VOICE_FLOOR if new_voice else floor)
        if heard and not any(repeats(item, other) for other in chosen):
            chosen.append(item)
    if wanting := asked_wants(question):
        chosen.sort(key=lambda item: _wants_of_others(item, wanting))
    return _with_counterparts(chosen, everything, limit)


def open_to_all(question: Question, ranked: Sequence[Scored]) -> bool:
    """Whether what parties want or say is asked, and of no party in particular: every voice belongs in the answer."""
    return question.of_positions and not any(item.features["named_voice"] for item in ranked)


def _refusals(ranked: Sequence[Scored], stance: Stance, refuser: str) -> list[Scored]:
    """The sentences that say no, of whom the question names as saying so, if anybody."""
    states = states_in(refuser)
    says_no = polarity.denies if stance == "denies" else polarity.refuses

    def fits(item: Scored) -> bool:
        sentence, who = item.stored.sentence, item.stored.sentence.attribution
        if not (says_no(sentence.text) or (who and who.stance == stance)):
            return False
        heard = voice_words(who) if who else sentence.text
        return not refuser or any(spoken_of(heard, state) for state in states) or shares_name(heard, refuser)

    return [item for item in ranked if fits(item)]


def _heard(ranked: Sequence[Scored], whose: str) -> bool:
    """Whether any sentence is said by who is asked about; also where nobody is, or a state, for which many speak."""
    if not whose or states_in(whose):
        return True
    # «البو سعيدي» may be written as one word.
    written = [stem(word) for word in (*content_words(whose), "".join(whose.split()))]
    for item in ranked:
        text, who = item.stored.sentence.text, item.stored.sentence.attribution
        speaker = voice_words(who) if who else beside_sayings(text)
        if shares_name(speaker, whose) or any(similar(word, words_of(speaker)) for word in written):
            return True
    return False


def asked_role(text: str) -> str:
    """Whose role a question asks for, normalised; empty where that is not said.

    >>> asked_role("What is Oman's role in the talks?")
    'oman'
    """
    return whom(_ROLE_OF.search(normalise(text).rstrip(" ?؟.!")))


def role_alone(question: Question) -> str:
    """The question of a role without what it is played in; empty where nothing more is said, or no role asked for.

    >>> role_alone(Question("ما دور سويسرا في محادثات الهدنة؟", "ar", "role"))
    'ما دور سويسرا؟'
    """
    whose = asked_role(question.text) if question.kind == "role" else ""
    alone = _ROLE_ALONE[question.language].format(whose) if whose else ""
    return alone if len(content_words(alone)) < len(content_words(question.text)) else ""


def asked_wants(question: Question) -> str:
    """Which state's aims a question asks for; empty where that is not said.

    >>> asked_wants(Question("ماذا تريد النرويج من المحادثات مع السويد؟", "ar", "goal"))
    'النرويج'
    """
    if question.kind != "goal":
        return ""
    states = states_in(whom(_ASKED_WANTS.search(normalise(question.text))))
    return states[0] if len(states) == 1 else ""


def _wants_of_others(item: Scored, state: str) -> int:
    """0 for what a state's own voices say, 1 for what others say of it or nobody does, 2 for what others say else."""
    who = item.stored.sentence.attribution
    if who is None:
        return 1
    heard = voice_words(who)
    if spoken_of(heard, state):
        return 0
    others = bool(states_in(heard)) and not spoken_of(item.stored.sentence.text, state, capital=False)
    return 2 if others else 1


def _far_from(item: Scored, whose: str) -> int:
    """0 where a sentence has the name of who is asked about, 1 where it has the capital's («مسقط» for «عُمان»), else 2.

    The capital may be only where something happens. A state is looked for by its names and not by sound, by which
    short names are easily mistaken («أمن» for "Oman").
    """
    text = item.stored.sentence.text
    state = next((name for name in (whose, *whose.split()) if is_state(name)), None)
    if state is None:
        return 0 if frozenset(stems(whose)) & _stems(item) or shares_name(text, whose) else 2
    if spoken_of(text, state, capital=False):
        return 0
    return 1 if spoken_of(text, state) else 2


def _in_turn(ranked: Sequence[Scored], best: float) -> list[Scored]:
    """The best sentence first; then speakers in turn: the best of each, their second, …; the narrator's last.

    Where aims are asked for, what a speaker says of aims comes before the rest of what that speaker says.
    """
    turns: dict[str | None, int] = {}
    keys: dict[int, tuple[int, float]] = {}
    for item in sorted(ranked, key=lambda item: (-item.features["purpose"], -item.score)):
        name = voice_of(item)
        turn = turns[name] = turns.get(name, -1) + 1
        keys[id(item)] = (turn if name and item.score >= best * OTHER_VOICE_FLOOR else len(ranked), -item.score)
    first, *rest = ranked
    return [first, *sorted(rest, key=lambda item: keys[id(item)])]


def voice_of(item: Scored) -> str | None:
    """Who is heard in a piece of evidence, if anybody."""
    attribution = item.stored.sentence.attribution
    return voice(attribution) if attribution else None


def voice(attribution: Attribution) -> str | None:
    """Who is heard in a sentence: its speaker, or the outlet when that is all there is."""
    name = attribution.speaker or attribution.outlet
    return normalise(name) if name else None


def repeats(item: Scored, other: Scored) -> bool:
    """Whether two sentences of one voice, or of the same words, say the same."""
    mine, theirs = _stems(item), _stems(other)
    alike = len(mine & theirs) / max(1, len(mine | theirs))
    return alike >= SAME_WORDS and (voice_of(item) == voice_of(other) or alike == 1.0)


def _stems(item: Scored) -> frozenset[str]:
    return words_of(item.stored.sentence.text).stems


def _with_counterparts(chosen: list[Scored], ranked: Sequence[Scored], limit: int) -> list[Scored]:
    """Add the denial of a report that is shown, and the report that a shown denial is about."""
    result = list(chosen)
    for item in ranked:
        if len(result) >= limit + 1:
            break
        if item in result:
            continue
        if any(denies(item, shown) or denies(shown, item) for shown in chosen):
            already = any(
                denies(item, shown) and any(denies(other, shown) for other in result) for shown in chosen
            ) or any(denies(shown, item) and any(denies(shown, other) for other in result) for shown in chosen)
            if not already:
                result.append(item)
    return result


def denies(item: Scored, other: Scored) -> bool:
    """Whether ``item`` denies a report of ``other``'s speaker or outlet, in the same article or another."""
    mine, theirs = item.stored.sentence.attribution, other.stored.sentence.attribution
    if mine is None or theirs is None or not mine.denies or mine.stance != "denies":
        return False
    return theirs.stance != "denies" and any(
        name and _same_name(mine.denies, name) for name in (theirs.outlet, theirs.speaker)
    )


def _same_name(one: str, other: str) -> bool:
    a, b = _name_words(one), _name_words(other)
    shorter = min(a, b, key=len)
    # «الوكالة» alone may be any agency, so it is nobody's name but its own.
    return bool(shorter) and (a == b or ((a <= b or b <= a) and not shorter <= _KINDS))


def full_names(names: Iterable[str]) -> dict[str, str]:
    """For each normalised name of a voice the one it goes by: of a bare family name the person's full one.

    «العلي» is «سامر العلي» where that is the only longer name that ends so. What is called by an office or a kind
    («نائب الرئيس»), or is a state, is nobody's family name.
    """
    known = dict.fromkeys(names)
    people = [name for name in known if not is_state(name) and _kind_of(name) not in _KINDS and not _OFFICE.match(name)]
    result = {name: name for name in known}
    for name in people:
        longer = [other for other in people if other != name and _ends_with(other, name)]
        if len(longer) == 1 and len(longer[0].split()) <= LONGEST_NAME:
            result[name] = longer[0]
    return result


def _kind_of(name: str) -> str:
    return name.split()[0].removeprefix("ال")


def _ends_with(name: str, last: str) -> bool:
    words, ending = ([word.removeprefix("ال") for word in text.split()] for text in (name, last))
    return len(words) > len(ending) and words[-len(ending) :] == ending


def compose(chosen: Sequence[Scored], sentences: Sentences) -> Composed:
    """Cite and group the chosen sentences; the group of the best evidence comes first."""
    groups: dict[str | None, list[Scored]] = {}
    full = full_names(name for item in chosen if (name := voice_of(item)))
    for position, item in enumerate(chosen):
        name = voice_of(item)
        groups.setdefault(full[name] if name else f"\0{position}", []).append(item)
    ordered = [item for group in groups.values() for item in group]
    citer = Citer(sentences)
    shown = tuple(citer.sentence(item) for item in ordered)
    return Composed(shown, tuple(citer.citations), perspectives(shown))


class Citer:
    """Numbers citations in the order in which they are first used; one number for one span."""

    def __init__(self, sentences: Sentences) -> None:
        self._sentences = sentences
        self._numbers: dict[tuple[str, int, int], int] = {}
        self.citations: list[Citation] = []

    def sentence(self, item: Scored) -> AnswerSentence:
        """The evidence sentence verbatim, headed by its speaker where only another sentence names him."""
        number = self.cite(item, item.stored)
        attribution = item.stored.sentence.attribution
        named = self._naming(item)
        if named is None:
            return AnswerSentence(text=item.stored.sentence.text, citations=(number,), attribution=attribution)
        name, naming = named
        text = f"{name}: {item.stored.sentence.text}"
        return AnswerSentence(text=text, citations=(number, self.cite(item, naming)), attribution=attribution)

    def naming(self, item: Scored, text: str) -> tuple[int, ...]:
        """The citations of a sentence in other words: the evidence and, where it names a speaker or an outlet whom only
        another sentence of the article names, that one.
        """
        own, attribution = item.stored.sentence.text, item.stored.sentence.attribution
        named = [self._naming(item)]
        if attribution and attribution.speaker and attribution.outlet:
            named.append(self._holding(item, attribution.outlet))
        numbers = [self.cite(item, item.stored)]
        for found in named:
            if found and shares_name(text, found[0]) and not shares_name(own, found[0]):
                numbers.append(self.cite(item, found[1]))
        return tuple(dict.fromkeys(numbers))

    def cites(self, item: Scored) -> bool:
        """Whether a piece of evidence is cited already."""
        sentence = item.stored.sentence
        return (item.candidate.stored.passage.article_id, sentence.start, sentence.end) in self._numbers

    def forget(self, kept: int) -> None:
        """Take back all citations but the first ``kept``: those of a sentence that is not shown after all."""
        del self.citations[kept:]
        self._numbers = {key: number for key, number in self._numbers.items() if number <= kept}

    def cite(self, item: Scored, stored: StoredSentence) -> int:
        """The number of the citation of a sentence of the item's article."""
        article, sentence = item.candidate.stored, stored.sentence
        key = (article.passage.article_id, sentence.start, sentence.end)
        if key not in self._numbers:
            self._numbers[key] = len(self.citations) + 1
            self.citations.append(
                Citation(
                    number=self._numbers[key],
                    article_id=article.passage.article_id,
                    article_version=article.version,
                    passage_id=stored.passage_id,
                    start=sentence.start,
                    end=sentence.end,
                    quote=sentence.text,
                    title=article.title,
                    source=article.source,
                    published=article.published,
                )
            )
        return self._numbers[key]

    def _naming(self, item: Scored) -> tuple[str, StoredSentence] | None:
        """The name of a speaker whom this sentence does not name, and a sentence of the article that holds it."""
        attribution, sentence = item.stored.sentence.attribution, item.stored.sentence
        if attribution is None or attribution.speaker_start is None or attribution.speaker_end is None:
            return None
        if _names(sentence.text, attribution):
            return None
        name = attribution.speaker or attribution.outlet or ""
        if found := self._holding(item, name):
            return found
        # The full name is never written in one piece: what is cited is the mention that was resolved.
        start, end = attribution.speaker_start, attribution.speaker_end
        for stored in self._article(item):
            if stored.sentence.start <= start < stored.sentence.end and stored.sentence.index != sentence.index:
                offset = stored.sentence.start
                return stored.sentence.text[start - offset : end - offset], stored
        return None

    def _holding(self, item: Scored, name: str) -> tuple[str, StoredSentence] | None:
        """A name and the sentence of the article that holds all of it: the last before this one, else the first."""
        whole = [s for s in self._article(item) if name in s.sentence.text]
        before = [s for s in whole if s.sentence.index < item.stored.sentence.index]
        return next(((name, s) for s in before[-1:] or whole), None)

    def _article(self, item: Scored) -> list[StoredSentence]:
        article = item.candidate.stored
        return self._sentences(article.passage.article_id, article.version)


def _names(text: str, attribution: Attribution) -> bool:
    """Whether a sentence holds a part of its speaker's name, as «وأضاف بقائي» does."""
    return bool(_name_words(attribution.speaker or attribution.outlet or "") & _name_words(text))


def _name_words(text: str) -> set[str]:
    return {token.removeprefix("ال") for token in tokens(text)}


def perspectives(sentences: Sequence[AnswerSentence]) -> tuple[Perspective, ...]:
    """Who says what: one entry a speaker (or outlet), with the entry that it denies."""
    groups: dict[str, list[int]] = {}
    heard = {n: name for n, s in enumerate(sentences) if s.attribution and (name := voice(s.attribution))}
    full = full_names(heard.values())
    for index, name in heard.items():
        groups.setdefault(full[name], []).append(index)
    attributions = {name: [a for i in indexes if (a := sentences[i].attribution)] for name, indexes in groups.items()}
    names = list(groups)
    result = []
    for name, indexes in groups.items():
        mine = attributions[name]
        target = next((a.denies for a in mine if a.stance == "denies" and a.denies), None)
        denied = next(
            (
                names.index(other)
                for other in names
                if other != name
                and target
                and any(n and _same_name(target, n) for a in attributions[other] for n in (a.speaker, a.outlet))
            ),
            None,
        )
        result.append(
            Perspective(
                speaker=max((a.speaker for a in mine if a.speaker), key=lambda name: len(name.split()), default=None),
                role=next((a.role for a in mine if a.role), None),
                outlet=next((a.outlet for a in mine if a.outlet), None),
                stance="denies" if denied is not None else max((a.stance for a in mine), key=_STRENGTH.index),
                sentences=tuple(indexes),
                denies=denied,
            )
        )
    return tuple(result)
