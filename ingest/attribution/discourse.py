"""From the frames of sentences to attributions of an article: who «وأضاف» goes back to, and open quotations."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.attribution import lexicon
from ingest.attribution.frames import Frame, FrameReader
from ingest.attribution.interview import Turn, turns
from ingest.attribution.people import People, Speaker
from ingest.attribution.phrases import COMMAS, Phrase, PhraseReader
from ingest.attribution.stance import calls_false, denied_by, refers_back, stance_of
from ingest.attribution.words import Words
from retrieval.models import Attribution, Stance

SHORTEST_SPEECH = 5  # words; a shorter quotation is a term, unless the grammar says it is what was said
LONGEST_REFERENCE = 2  # sentences from a report to «نفى ذلك»
SHORTEST_CLAUSE = 3  # words, where it has a verb or a negation
_STATEMENTS = {("بيان",), ("رساله",), ("برقيه",)}
# Verbs that take up the last speech; the others, without a subject, may be about whom the sentence before is about.
_GOING_ON = frozenset(("أضاف", "تابع", "واصل", "أردف", "استطرد", "استدرك", "ختم", "اختتم"))
# «ما سماه "…"»: what follows is a term.
_NAMED_AS = lexicon.words(
    "سماه أسماه سمته أسمته سماها أسماها سمتها سموه أسموه يسميه تسميه يسمونه وصفه وصفته وصفها بـ ب"
)
_CLAUSE_OPENERS = lexicon.words("قد وقد لقد فقد ثم كان كانت وكان وكانت لكن ولكن أما وأما بينما فيما أن غير")
_STRONGER = frozenset(("denies", "threatens", "rejects", "claims"))
_ORDER = {"finite": 0, "document": 0, "headline": 0, "participle": 1, "according": 2}


def attribute(text: str, spans: Sequence[tuple[int, int]], *, source: str | None = None) -> list[Attribution | None]:
    """Says of every sentence who says it.

    Args:
        text: the article.
        spans: half-open character spans of its sentences, in order.
        source: the medium that publishes it, which «للصحيفة» and its like mean when no other is named.

    Returns:
        One attribution per span; ``None`` where the article speaks for itself. ``verb`` is the verb as written,
        without «و» or «ف»; ``None`` for «بحسب …» and headlines. Offsets are into ``text``.

    Example:
        >>> attribute('وقال الوزير سالم ناصر: "لا جديد لدينا اليوم".', [(0, 44)])[0].speaker
        'سالم ناصر'
    """
    return _Discourse(text, spans, source).attributions()


@dataclass(frozen=True, slots=True)
class _Said:
    """Who spoke in a sentence, for those that go back to it."""

    speaker: Speaker | None
    outlet: Speaker | None
    plural: bool
    index: int
    cited: bool = False  # the outlet passed the speaker's words on («نقلت … عن …»)

    def agrees(self, agreement: str | None) -> bool:
        """Whether a verb so inflected can have this subject."""
        who = self.speaker or self.outlet
        if who is None:
            return False
        if agreement == "p":
            return self.plural or not who.named
        return who.gender in (None, agreement)


class _Discourse:
    def __init__(self, text: str, spans: Sequence[tuple[int, int]], source: str | None) -> None:
        self.words = Words(text)
        self.spans = spans
        self.ranges = [self.words.between(start, end) for start, end in spans]
        own = tuple(lexicon.fold(word) for word in (source or "").split())
        outlets = {own[1:] if own[0] in lexicon.OUTLET_CUES else own} - {()} if own else set()
        self.reader = PhraseReader(self.words, outlets)
        self.people = People(self.reader, source=source)
        self.people.collect(self.ranges)
        self.reader.surnames = self.people.surnames()
        self.people.recollect(self.ranges)
        self.turns = turns(text, spans)
        self.frames = FrameReader(self.reader)
        self.frames.known = self.people.known()
        self.reader.names = self.people.names()
        self.history: list[_Said] = []
        self.results: list[Attribution | None] = []

    def attributions(self) -> list[Attribution | None]:
        """Goes through the sentences in order, each of them knowing those before it."""
        for index, (first, last) in enumerate(self.ranges):
            turn = self.turns[index]
            if turn:
                self.results.append(self._turn(turn, first, last) if turn.answer else None)
                continue
            found = self._sentence(first, last)
            if found is None:
                found = self._continued(index)
            self.results.append(found)
            self._back(index)
        return self.results

    # -- one sentence -------------------------------------------------------------------------------------

    def _sentence(self, first: int, last: int) -> Attribution | None:
        frames = self.frames.frames(first, last)
        main = self._main(frames)
        if main is None:
            return None
        speaker, outlet = self._who(main, frames, first)
        if speaker is None and outlet is None:
            return None
        if main.subject and main.agreement in ("m", "f") and speaker and speaker.gender is None:
            speaker.gender = main.agreement
        for who in (speaker, outlet):
            if who:
                self.people.add(who)
        previous = self.results[-1] if self.results else None
        stance, denies = stance_of(self.words, main, first, last), None
        if stance == "asserts":
            stance = self._strengthened(main, frames) or stance
        if stance == "denies":
            denies = self._denied(main, last, speaker)
        named = speaker or outlet
        assert named is not None
        result = Attribution(
            speaker=speaker.name if speaker else None,
            role=speaker.role if speaker else None,
            outlet=outlet.name if outlet else None,
            verb=main.surface if main.origin != "according" else None,
            direct_quote=self._direct(main, frames, first, last),
            stance=stance,
            denies=denies,
            speaker_start=named.span[0],
            speaker_end=named.span[1],
        )
        if result.direct_quote and stance != "denies" and self._repeats_denial(result, previous, main, last):
            result = result.model_copy(update={"stance": "denies", "denies": previous.denies if previous else None})
        plural = bool(main.subject and main.subject.plural) or main.agreement == "p"
        cited = main.complement == "source" or (outlet is not None and self._cited_by(speaker) is outlet)
        self.history.append(_Said(speaker, outlet, plural, len(self.results), cited))
        return result

    def _strengthened(self, main: Frame, frames: list[Frame]) -> Stance | None:
        """«أكد أن …، نافيًا …»: the stronger stance of a participle after a verb that only asserts."""
        later = (f.verb.stance for f in frames if f.origin == "participle" and f.at > main.at and f.verb)
        return next((stance for stance in later if stance in _STRONGER), None)

    def _turn(self, turn: Turn, first: int, last: int) -> Attribution | None:
        """A sentence of an answer: the interviewee's own words."""
        who = self._interviewee(turn, first, last)
        if who is None:
            return None
        start = next((i + 1 for i in range(first, last) if turn.opens and self.words.tokens[i].raw == ":"), first)
        denied = calls_false(self.words, start, last)
        self.history.append(_Said(who, None, False, len(self.results)))
        return Attribution(
            speaker=who.name, role=who.role, direct_quote=True, stance="denies" if denied else "asserts",
            speaker_start=who.span[0], speaker_end=who.span[1],
        )  # fmt: skip

    def _interviewee(self, turn: Turn, first: int, last: int) -> Speaker | None:
        if turn.opens and turn.label:
            phrase = self.reader.read(first, last)
            return self.people.resolve(phrase) if phrase else None
        if turn.label and self.history:
            return self.history[-1].speaker
        opening = self.turns.index(next(t for t in self.turns if t))
        before = self.ranges[opening][0]
        named = sorted((s for s in self.people.speakers if s.named and not s.outlet), key=lambda s: s.span[0])
        at = self.words.tokens[before].start if before < len(self.words.tokens) else 0
        introduced = [s for s in named if s.span[0] < at and (s.role or len(s.forms) > 1)]
        return next((s for s in introduced if s.role), introduced[0] if introduced else None)

    def _main(self, frames: list[Frame]) -> Frame | None:
        """The frame that says whose the sentence is: the first full verb, unless it only tells of an act."""
        ranked = sorted((f for f in frames if f.origin in _ORDER), key=lambda f: (_ORDER[f.origin], f.at))
        if not ranked:
            return None
        main = ranked[0]
        account = next((f for f in ranked if self._interposed(f, main)), None)
        if account:
            return account
        if main.origin == "finite" and main.complement in ("object", "preposition"):
            told = next(
                (f for f in ranked if f.origin == "according" and f.subject and f.subject.kind != "outlet"), None
            )
            return told or main
        return main

    def _interposed(self, account: Frame, main: Frame) -> bool:
        """«طهران، بحسب فلان، عرضت …»: the account stands between a verb and its subject, and all is told by it."""
        if account.origin != "according" or main.origin != "finite" or main.subject is None:
            return False
        outlet = account.subject is not None and account.subject.kind == "outlet"
        return not outlet and main.subject.start < account.at < main.at

    def _who(self, main: Frame, frames: list[Frame], first: int) -> tuple[Speaker | None, Speaker | None]:
        """The speaker and the outlet of the main frame, completed by the sentence's other frames."""
        outlet = self.people.resolve(main.outlet) if main.outlet else None
        outlet = outlet or self._venue(first, main.at)
        others = [f for f in frames if f is not main and f.subject]
        told = [f.subject for f in others if f.subject and (f.origin == "according" or f.complement == "after")]
        if main.complement == "source":
            return self._passed_on(main)
        subject = main.subject or self._clause_before(main, first)
        if subject is None:
            said = self._antecedent(main)
            if said is None:
                return None, None
            carried = said.outlet if said.speaker is None or said.cited else None
            return said.speaker, outlet or carried
        who = self._subject(main, subject)
        if who is None or not who.outlet:
            carried = next((self.people.resolve(p) for p in told if p.kind == "outlet"), None)
            carried = carried or self._received_by(main, first) or self._cited_by(who)
            return who, outlet or carried
        person = next((self.people.resolve(p) for p in told if p.kind != "outlet"), None)
        return person, who

    def _cited_by(self, who: Speaker | None) -> Speaker | None:
        """The outlet that cited an unnamed source before, when «المصدر» goes on."""
        if who is None or who.named:
            return None
        said = (one for one in reversed(self.history) if one.cited and one.speaker)
        return next((one.outlet for one in said if one.speaker and one.speaker.forms == who.forms), None)

    def _received_by(self, main: Frame, first: int) -> Speaker | None:
        """«تلقت القناة رسائل من ركاب قالوا …»: the outlet that the clause before is about."""
        if main.subject is None or main.subject.definite or main.subject.start == first or main.subject.start > main.at:
            return None
        before = self.frames.clause_subject(first, main.subject.start)
        return self.people.resolve(before) if before and before.kind == "outlet" else None

    def _venue(self, first: int, at: int) -> Speaker | None:
        """«وفي تصريح لقناة …، قال»: the outlet spoken to, named before the verb."""
        phrase = self.frames.venue_outlet(first, at)
        return self.people.resolve(phrase) if phrase else None

    def _clause_before(self, main: Frame, first: int) -> Phrase | None:
        """The subject of a clause of the same sentence, where the verb's own is left out."""
        if not self._needs_clause(main, first):
            return self._same_sentence(main, first)
        phrase = self.frames.clause_subject(first, main.at)
        one = phrase is not None and phrase.kind == "person" and phrase.name is not None
        return None if one else phrase

    def _same_sentence(self, main: Frame, first: int) -> Phrase | None:
        """«وصل فلان …، وقال إن …»: the subject of the clause before, where the verb agrees with it."""
        token = self.words.tokens[main.at]
        if main.origin != "finite" or main.at == first or not token.word.conjoined or main.agreement == "p":
            return None
        phrase = self.frames.clause_subject(first, main.at)
        if phrase is None or phrase.kind not in ("person", "body") or phrase.plural:
            return None
        return phrase if self.people.describe(phrase).gender in (None, main.agreement) else None

    def _needs_clause(self, main: Frame, first: int) -> bool:
        if main.at == first or main.agreement != "p":
            return False
        before = self.words.tokens[main.at - 1]
        noun = before.word.alphabetic and not before.word.function
        return noun or before.quote in self.reader.name_quotes

    def _subject(self, main: Frame, subject: Phrase) -> Speaker | None:
        if subject.kind == "document" and main.origin == "document":
            return self._issuer(subject)
        head = self.words.tokens[subject.start].word
        if head.definite and self.reader.forms(subject) in _STATEMENTS and self.history:
            return self.history[-1].speaker or self.history[-1].outlet
        return self.people.resolve(subject)

    def _issuer(self, document: Phrase) -> Speaker:
        """Whose the statement is: «بيان لوزارة …», or for «البيان» whoever spoke last."""
        for j in range(document.start + 1, document.end):
            phrase = self.reader.read(j, document.end, clitic=True)
            if phrase and phrase.kind != "document" and (phrase.kind != "person" or phrase.role):
                return self.people.resolve(phrase)
        last = next((said.speaker for said in reversed(self.history) if said.speaker), None)
        return last if last and document.definite else self.people.describe(document)

    def _passed_on(self, main: Frame) -> tuple[Speaker | None, Speaker | None]:
        said = self._antecedent(main)
        speaker = self.people.resolve(main.source) if main.source else (said.speaker if said else None)
        if main.subject:
            return speaker, self.people.resolve(main.subject)
        if main.impersonal:
            return speaker, None
        outlet = next((said.outlet for said in reversed(self.history) if said.outlet), None)
        return speaker, outlet

    def _antecedent(self, main: Frame) -> _Said | None:
        """Whom the sentence before is about, or else the latest speaker the verb agrees with, or the latest at all."""
        going_on = self.history and main.verb is not None and main.verb.lemma in _GOING_ON
        about = None if going_on else self._topic(len(self.results) - 1)
        if about and about.agrees(main.agreement):
            return about
        agreeing = [said for said in reversed(self.history) if said.agrees(main.agreement)]
        alive = (said for said in agreeing if said.speaker is None or not said.speaker.document)
        return next(alive, agreeing[0] if agreeing else self.history[-1] if self.history else None)

    def _topic(self, index: int) -> _Said | None:
        """The person a sentence that nobody is reported to say tells of: the named subject of one of its clauses."""
        if index < 0 or self.results[index] is not None:
            return None
        tokens, (first, last) = self.words.tokens, self.ranges[index]
        for i in range(first, last):
            if tokens[i].quote >= 0 or not self._begins_clause(i, first):
                continue
            for start in (i, i + 1) if self._may_be_verb(i) else (i,):
                phrase = self.reader.read(start, last)
                if phrase is None or phrase.kind != "person" or not self._recognised(phrase):
                    continue
                who = self.people.resolve(phrase)
                if who.named:
                    return _Said(who, None, False, index)
        return None

    def _begins_clause(self, i: int, first: int) -> bool:
        before = self.words.tokens[i - 1]
        return i == first or before.raw in COMMAS or before.word.form in _CLAUSE_OPENERS

    def _may_be_verb(self, i: int) -> bool:
        """Whether an unlisted verb may stand at ``i``: a bare word that is nothing else."""
        word = self.words.tokens[i].word
        known = word.function or word.noun or word.definite or word.time or word.preposition or word.clitic
        return word.alphabetic and not known

    def _recognised(self, phrase: Phrase) -> bool:
        """Whether the phrase is a title with its «ال» or name, or begins with a name of the article's people."""
        if phrase.role and phrase.role[0] == phrase.start:
            return phrase.name is not None or phrase.definite
        return phrase.name is not None and self.words.tokens[phrase.name[0]].word.form in self.frames.known

    # -- quotations ---------------------------------------------------------------------------------------

    def _direct(self, main: Frame, frames: list[Frame], first: int, last: int) -> bool:
        """Whether the sentence quotes the speaker's words, not just a term of theirs or a name."""
        tokens = self.words.tokens
        for i in range(first, last):
            quote = self.words.opening(i)
            if quote is None:
                if i == first and tokens[i].quote >= 0 and tokens[i].quote not in self.reader.name_quotes:
                    return True
                continue
            if tokens[i].quote in self.reader.name_quotes:
                continue
            if i > first and tokens[i - 1].word.form in _NAMED_AS:
                continue
            words = len(self.words.quoted_words(i))
            spoken = any(self._introduces(f) and f.content in (i, i - 1) for f in frames)
            spoken = spoken or (words > 1 and self._whole_clause(i, first, last)) or self._closed_by(i, frames)
            if spoken or words >= SHORTEST_SPEECH or (words >= SHORTEST_CLAUSE and self._is_clause(i)):
                return True
        return False

    def _whole_clause(self, i: int, first: int, last: int) -> bool:
        """«إن "…".»: what «إن» opens is quoted to the end of the clause."""
        stop = self.words.after_quote(i)
        ends = stop >= last or not self.words.tokens[stop].word.alphabetic
        return ends and i > first and self.words.tokens[i - 1].word.form in ("ان", "بان")

    def _closed_by(self, i: int, frames: list[Frame]) -> bool:
        """«…»، قال فلان: the quotation is all that the verb reports."""
        stop = self.words.after_quote(i)
        tokens = self.words.tokens
        return any(
            f.origin == "finite" and f.complement == "after" and f.at >= stop
            and all(not tokens[k].word.alphabetic or tokens[k].word.form in lexicon.AS_SAID for k in range(stop, f.at))
            for f in frames
        )  # fmt: skip

    def _is_clause(self, i: int) -> bool:
        """Whether the quotation opening at ``i`` begins like a verb or has a negation: a clause, not a term."""
        words = self.words.quoted_words(i)
        future = bool(words) and len(words[0]) > 4 and words[0][:2] in ("سي", "ست", "سن", "سا")
        verbal = bool(words) and len(words[0]) > 3 and words[0][0] in "يتن" and words[0][-1] not in "هءا"
        past = bool(words) and len(words[0]) > 3 and words[0].endswith("ت") and not words[0].endswith("ات")
        verbal = verbal or future or (past and not words[0].startswith("ال")) or words[:1] in (("نحن",), ("انا",))
        return verbal or any(word in lexicon.NEGATIONS or word in ("ليس", "ليست") for word in words)

    def _introduces(self, frame: Frame) -> bool:
        """Whether the frame's complement is speech: after a colon, or right after a verb that takes no object."""
        if frame.complement == "colon":
            return True
        return frame.complement == "quote" and (frame.verb is None or "object" not in frame.verb.takes)

    def _open_quotation(self, index: int) -> int:
        """The index of the quotation that the sentence begins inside of, or -1."""
        start = self.spans[index][0]
        at = bisect_right(self.words.quotes, start - 1, key=lambda quote: quote.start) - 1
        return at if at >= 0 and self.words.quotes[at].end > start and self.words.quotes[at].start < start else -1

    def _continued(self, index: int) -> Attribution | None:
        """A sentence inside a quotation opened before it keeps the speaker of the one before."""
        if index == 0 or self.results[index - 1] is None:
            return None
        previous = self.results[index - 1]
        first, last = self.ranges[index]
        whole = first < last and self.words.opening(first) and self.words.after_quote(first) >= last - 1
        adjoining = "\n" not in self.words.text[self.spans[index - 1][1] : self.spans[index][0]]
        spoken = whole and adjoining and previous and previous.direct_quote
        if previous and (self._open_quotation(index) >= 0 or spoken):
            return previous.model_copy(update={"direct_quote": True})
        return None

    def _back(self, index: int) -> None:
        """«جملة. جملة»، قال فلان: the earlier sentences of the quotation are his too."""
        found = self.results[index]
        quote = self._open_quotation(index)
        earlier = index - 1
        while found and quote >= 0 and earlier >= 0 and self.results[earlier] is None:
            if self.spans[earlier][1] <= self.words.quotes[quote].start:
                break
            self.results[earlier] = found.model_copy(update={"direct_quote": True})
            earlier -= 1

    # -- denials ------------------------------------------------------------------------------------------

    def _denied(self, main: Frame, last: int, speaker: Speaker | None) -> str | None:
        """Whose report is denied; for «نفى ذلك», «نفى هذه الأنباء» whoever spoke last."""
        phrase = denied_by(self.reader, main, last)
        if phrase:
            return self.people.resolve(phrase).name
        if main.object_at is None or not self.history or not refers_back(self.words, main.object_at):
            return None
        last_said = self.history[-1]
        if len(self.results) - last_said.index > LONGEST_REFERENCE:
            return None
        who = last_said.outlet or last_said.speaker
        return who.name if who and (speaker is None or who.name != speaker.name) else None

    def _repeats_denial(self, result: Attribution, previous: Attribution | None, main: Frame, last: int) -> bool:
        """The speaker of a denial goes on, quoted, with a negation: the same denial in their own words."""
        if (
            previous is None
            or previous.stance != "denies"
            or previous.speaker != result.speaker
            or main.surface is None
        ):
            return False
        spoken = next((i for i in range(main.content, last) if self.words.opening(i)), None)
        first = self.words.quoted_words(spoken)[:1] if spoken is not None else ()
        return bool(first) and first[0] in ("لا", "ليس", "ليست", "لم", "ما", "لن")
