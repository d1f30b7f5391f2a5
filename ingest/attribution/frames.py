"""Attribution frames: the reporting construction of one sentence, before names are resolved over the article."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ingest.attribution import lexicon
from ingest.attribution.clauses import ClauseReader, Complement, Scan
from ingest.attribution.lexicon import Agreement, Verb, VerbForm
from ingest.attribution.phrases import COMMAS, Phrase
from ingest.attribution.words import Token

Origin = Literal["finite", "participle", "according", "document", "headline", "relative"]

_KANA = frozenset(
    lexicon.fold(word) for word in ["كان", "كانت", "كانوا", "كانتا", "وكان", "وكانت", "وكانوا", "فكان", "فكانت"]
)
_SENTENCE_LINKS = lexicon.words("كما لكن ولكن فيما بينما وفيما وبينما أما وأما ثم إذ حيث وكما إلا غير بيد بدوره بدورها")
_PLUPERFECT = lexicon.words("قد وقد لقد فقد سبق أيضا")
_MASDARS = lexicon.words("رفض نقل ذكر وصف حث رد عرض نشر بث شرح كشف فصل ظن وعد زعم حمل ختم")
_ASIDES = lexicon.words("وهو وهي وهم الذي التي الذين وكان وكانت")
_VIEWED = lexicon.words("في وفي برأيه برأيها برأيهم بحسبه بحسبها بحسبهم")
_AUTHORED = frozenset(("كتب", "نشر", "بث", "غرّد"))
_GESTURES = lexicon.words("بيده بيدها برأسه برأسها بإصبعه بسبابته بعينيه")
_SPOKEN = frozenset(
    ("قال", "أضاف", "أكد", "أوضح", "ذكر", "تابع", "صرّح", "كتب", "أعلن", "رأى", "علّق", "تساءل", "سأل", "أردف")
)
_REPORTED = frozenset(("أورد", "نشر", "نقل", "أفاد", "أشار", "كشف", "زعم", "ادعى", "بيّن", "بث"))


@dataclass(frozen=True, slots=True)
class Frame:
    """A reporting construction. Token indexes; ``subject`` is ``None`` when it must be looked for earlier."""

    at: int
    origin: Origin
    subject: Phrase | None
    complement: Complement
    content: int
    verb: Verb | None = None
    surface: str | None = None
    agreement: Agreement | None = None
    outlet: Phrase | None = None
    source: Phrase | None = None
    impersonal: bool = False
    object_at: int | None = None


class FrameReader(ClauseReader):
    """Finds the frames of a sentence."""

    def frames(self, first: int, last: int) -> list[Frame]:
        """Every frame of the sentence ``tokens[first:last]``, in order; quoted words are not searched."""
        found: list[Frame] = []
        headline = self._headline(first, last)
        if headline:
            return [headline]
        for i in range(first, last):
            token = self.tokens[i]
            if token.quote >= 0 and token.quote not in self.reader.name_quotes:
                continue
            frame = self._at(i, first, last)
            if frame:
                found.append(frame)
        return found

    def _at(self, i: int, first: int, last: int) -> Frame | None:
        word = self.tokens[i].word
        if word.readings and not word.definite:
            return self._finite(i, first, last)
        if word.form in ("جاء", "وجاء", "ورد", "وورد"):
            return self._document(i, last)
        if word.participle:
            return self._participle(i, word.participle, first, last)
        viewed = word.form in _VIEWED and not self._within_report(i, first)
        if word.form in lexicon.ACCORDING or word.form in ("على", "وعلى", "براي") or viewed:
            according = self.according(i, last)
            return Frame(i, "according", according[0], "after", according[1]) if according else None
        return None

    def _within_report(self, i: int, first: int) -> bool:
        """Whether a verb of saying comes before: «أظهرت الدراسة أن …، في رأيه» is not his."""
        return any(
            self.tokens[k].word.readings and not self.tokens[k].word.definite and self.tokens[k].quote < 0
            for k in range(first, i)
        )

    # -- verbs --------------------------------------------------------------------------------------------

    def _finite(self, i: int, first: int, last: int) -> Frame | None:
        """The frame of the verb at ``i`` in the first of its readings that what follows allows."""
        word = self.tokens[i].word
        before = self._before(i, first)
        relative = before is not None and before.word.form in lexicon.RELATIVES and before.word.form != "فيما"
        as_said = self._as_said(i, first)
        if not as_said and before is not None and self._hypothetical(before, i, first):
            return None
        for reading in word.readings:
            if word.passive and not (reading.verb.lemma == "نقل" and self.form(i + 1, last) == "عن"):
                continue
            frame = self._reading(i, reading, first, last, as_said=as_said)
            if frame and reading.suffixed and self._describes_noun(i, first):
                relative = True
            if frame:
                return replace(frame, origin="relative") if relative and not as_said else frame
        return None

    def _describes_noun(self, i: int, first: int) -> bool:
        """«تقرير نشرته …»: a verb with a pronoun right after a noun is a clause about that noun."""
        before = self.tokens[i - 1].word if i > first and not self.tokens[i].word.conjoined else None
        return before is not None and before.alphabetic and not before.function

    def _before(self, i: int, first: int) -> Token | None:
        """The word before the verb, particles of tense aside."""
        j = i - 1
        while j >= first and self.tokens[j].word.form in _PLUPERFECT:
            j -= 1
        if (
            j >= first
            and self.tokens[j].word.form in ("ان", "وان")
            and j > first
            and self.tokens[j - 1].word.form == "سبق"
        ):
            j -= 2
        return self.tokens[j] if j >= first and not self.tokens[i].word.conjoined else None

    def _as_said(self, i: int, first: int) -> bool:
        """«كما قال», «حسبما ذكر», «وفق ما أورد»: what follows is the speaker, what was said stands before."""
        form = self.form(i - 1, i) if i > first else ""
        if form == "ما" and i - 2 >= first:
            return self.tokens[i - 2].word.form in lexicon.ACCORDING or self.tokens[i - 2].word.form in ("على", "علي")
        return (form in lexicon.AS_SAID and i - 1 > first) or form in ("حسبما", "بحسبما", "وفقما")

    def _hypothetical(self, before: Token, i: int, first: int) -> bool:
        """Not said: «أن يقول», «لم يؤكد», «إذا قال»; a verbal noun after a preposition («على رفض»)."""
        word, form = self.tokens[i].word, before.word.form
        if form in lexicon.NEGATIONS and form not in lexicon.RELATIVES:
            return not any(reading.verb.stance == "judges" and reading.present for reading in word.readings)
        if form in lexicon.SUBJUNCTIVES - lexicon.RELATIVES:
            return True
        masdar = word.form in _MASDARS
        return masdar and (before.word.preposition or bool(before.word.clitic) or before.word.thing or before.word.noun)

    def _reading(self, i: int, reading: VerbForm, first: int, last: int, *, as_said: bool) -> Frame | None:
        verb = reading.verb
        subject = None if as_said else self._preceding_subject(i, first, last)
        if subject is None and not as_said:
            subject = self._described(i, reading, first)
        contrasted = self._contrasted(i, first)
        if contrasted and (subject is None or subject.kind == "document"):
            return None
        if reading.present and subject is None and self._follows_noun(i, first):
            return None
        if "pass" in verb.takes:
            return self._passed_on(i, reading, subject, last)
        scan = self.scan(i + 1, last, verb, subject)
        if as_said and not scan.phrases and (i + 1 >= last or not self.tokens[i + 1].word.alphabetic):
            return Frame(i, "according", None, "after", i + 1, agreement=reading.agreement)
        if scan.phrases and scan.phrases[0].kind == "document" and self._no_speech(verb, scan.phrases[0]):
            return None
        if scan.complement is None:
            scan.complement = self._said_before(i, first, last, verb, scan, as_said)
        if scan.complement is None or not self._licensed(i, last, reading, scan):
            return None
        subject = self._subject(reading, scan)
        if subject is None and not self._may_be_implicit(i, first, reading, scan):
            return None
        outlet = scan.outlet
        return Frame(
            i, "finite", subject, scan.complement, scan.content, verb, self._surface(i), reading.agreement, outlet,
            object_at=scan.object_at,
        )  # fmt: skip

    def _no_speech(self, verb: Verb, document: Phrase) -> bool:
        """A text that is written, and figures that show: neither is said by anyone."""
        shown = "finding" in verb.takes or verb.lemma in ("كشف", "بيّن")
        owned = any(self.tokens[k].word.body for k in range(document.start + 1, document.end))
        data = self.tokens[document.start].word.bare in lexicon.DATA and not owned
        return verb.lemma in _AUTHORED or (shown and data)

    def _contrasted(self, i: int, first: int) -> bool:
        """«أما … فيكشف»: the verb answers «أما», and its subject stands between them."""
        token = self.tokens[i]
        led = token.word.conjoined and token.word.form[:1] == "ف"
        return led and any(self.tokens[k].raw in ("أما", "وأما", "اما", "واما") for k in range(first, i))

    def _described(self, i: int, reading: VerbForm, first: int) -> Phrase | None:
        """The unnamed people right before the verb that it is a clause about: «رسائل من ركاب قالوا إن …»."""
        token = self.tokens[i]
        if token.word.conjoined:
            return None
        for start in range(i - 1, max(first, i - 6), -1):
            word, before = self.tokens[start].word, self.tokens[start - 1].word
            if not word.alphabetic or self.tokens[start].quote >= 0:
                return None
            if word.definite or before.form not in ("من", "عن", "لدى", "الى", "مع"):
                continue
            if start == i - 1 and reading.agreement == "p" and word.form.endswith("ين") and not word.function:
                return Phrase("collective", start, i, role=(start, i), definite=False, plural=True)
            if not word.role:
                continue
            phrase = self.reader.read(start, i)
            if phrase is None or phrase.name or phrase.definite or phrase.end != i:
                return None
            agrees = phrase.plural == (reading.agreement == "p")
            return phrase if agrees and not reading.suffixed else None
        return None

    def _follows_noun(self, i: int, first: int) -> bool:
        """«أدلة تؤكد الفرضية»: an imperfect right after an indefinite noun describes that noun."""
        token, before = self.tokens[i], self.tokens[i - 1].word if i > first else None
        if before is None or token.word.conjoined or not before.alphabetic or before.definite:
            return False
        return not (before.function or before.time or before.adverbial)

    def _surface(self, i: int) -> str:
        token = self.tokens[i]
        conjoined = token.word.conjoined or (token.word.form[:1] in "وف" and token.word.form[1:] in lexicon.PARTICIPLES)
        return token.raw[1:].lstrip("\u064e\u064f\u0650") if conjoined else token.raw

    def _said_before(self, i: int, first: int, last: int, verb: Verb, scan: Scan, as_said: bool) -> Complement | None:
        """«…»، قال فلان: a quotation (or, for the commonest verbs, a clause) that the verb closes."""
        if as_said and scan.phrases and verb.lemma in _SPOKEN | _REPORTED:
            return "after"
        j = i - 1
        while j >= first and (self.tokens[j].raw in COMMAS or self.tokens[j].raw in ".؟!-–"):
            j -= 1
        if j < first or (j == i - 1 and not self._quoted(j)):
            return None
        if self._quoted(j) and self.tokens[j].quote not in self.reader.name_quotes:
            return "after"
        closing = bool(scan.phrases) and scan.content >= last - 1
        return "after" if verb.lemma in _SPOKEN and closing and not self.tokens[i].word.conjoined else None

    def _quoted(self, j: int) -> bool:
        return self.tokens[j].quote >= 0

    def _licensed(self, i: int, last: int, reading: VerbForm, scan: Scan) -> bool:
        """Whether what follows makes the verb one of reporting, not of doing («أضاف هدفًا») or another word."""
        form = self.tokens[i].word.form
        if self._other_sense(i, last, reading, scan):
            return False
        if form in lexicon.HOMOGRAPHS or (form[:1] in "وف" and form[1:] in lexicon.HOMOGRAPHS):
            return self._surely_verb(i, reading.verb, scan)
        return scan.complement != "object" or self._takes_object(last, reading.verb, scan)

    def _other_sense(self, i: int, last: int, reading: VerbForm, scan: Scan) -> bool:
        lemma = reading.verb.lemma
        if reading.present and lemma in ("اعتبر", "عدّ"):
            return scan.complement != "that"  # «يُعتبر الملف …»
        if lemma == "رد" and self.tokens[i].word.form == "ورد":
            return self.form(i + 1, last)[:1] in ("ب", "ف")  # «ورد في …»
        if lemma == "أشار":
            return any(self.form(k, last) in _GESTURES for k in (i + 1, i + 2))
        if "blame" in reading.verb.takes:
            following = (self.form(k, last) for k in range(i + 1, min(last, i + 12)))
            return not any(form.removeprefix("ال").startswith("مسءولي") for form in following)
        return False

    def _surely_verb(self, i: int, verb: Verb, scan: Scan) -> bool:
        """«بين», «كتب» …: the preposition or the noun, unless written with shadda or followed by a clause."""
        doubled = "\u0651" in self.tokens[i].raw
        if verb.lemma == "عبّر":
            return doubled or scan.complement == "preposition"
        at_once = scan.content == i + 1
        clause = scan.complement in ("that", "colon", "quote") and (at_once or bool(scan.phrases))
        if verb.lemma in ("بيّن", "عدّ") and not doubled and not (clause and at_once):
            return False
        return clause or (scan.complement == "after" and bool(scan.phrases))

    def _takes_object(self, last: int, verb: Verb, scan: Scan) -> bool:
        """Whether a plain noun is what the verb reports."""
        thing = self.tokens[scan.object_at].word if scan.object_at is not None else None
        speaker = scan.phrases[0] if scan.phrases else None
        if verb.lemma == "وصف":
            return any(self._attributes(k) for k in range(scan.content, last))
        if "blame" in verb.takes:
            return True
        if "finding" in verb.takes:
            return speaker is not None and speaker.kind == "document"
        if "deed" in verb.takes:
            return thing is not None and thing.thing and speaker is not None and speaker.kind != "outlet"
        if "aims" in verb.takes:
            return thing is not None and thing.form in lexicon.AIMS
        return bool(verb.takes & {"object", "patient"}) and (speaker is None or self.credible(speaker))

    def _attributes(self, k: int) -> bool:
        """Whether «ب…» or «على أنه» at ``k`` says what an object is described as."""
        word = self.tokens[k].word
        described = word.form == "ب" or word.clitic == "ب" or word.form.startswith("بال")
        return described or (word.form == "على" and self.form(k + 1, k + 2).startswith("ان"))

    def _subject(self, reading: VerbForm, scan: Scan) -> Phrase | None:
        """Which of the noun phrases before the complement speaks; ``None`` when they are what is spoken of."""
        if not scan.phrases:
            return None
        subject = scan.phrases[0]
        takes = reading.verb.takes
        if len(scan.phrases) == 1 and takes & {"object", "patient"} and not reading.suffixed:
            attributive = (
                scan.complement == "that" and self.form(scan.content, scan.content + 1) in lexicon.ATTRIBUTIVE_THAT
            )
            if subject.kind == "document" and (attributive or scan.complement != "that"):
                return None
            patient = "patient" in takes and scan.complement == "preposition"
            if (attributive or patient) and scan.object_at is None:
                return None
        return subject

    def _may_be_implicit(self, i: int, first: int, reading: VerbForm, scan: Scan) -> bool:
        """A verb without a subject goes back to the last speaker; an imperfect («يعتبر الملف…») is rather passive."""
        if reading.present and reading.verb.stance == "judges" and not reading.suffixed and reading.agreement != "p":
            return False  # «يُعتقد», «يُتوقع» without their tashkeel
        bare = i == first and not self.tokens[i].word.conjoined  # a new subject is due: «أكد اختيار فلان أن»
        if (reading.present or bare) and scan.complement == "object" and not reading.suffixed:
            return False
        if i == first or self.tokens[i].word.conjoined or reading.agreement == "p":
            return True
        if self.tokens[i - 1].raw in COMMAS and self._opens_with_noun(first):
            return False  # «مراجعة …، تظهر أن»: the verb is that noun's
        before = self.tokens[i - 1].word  # a noun before it makes the clause that noun's («لافتات تندد بـ»)
        return not before.alphabetic or before.function

    def _opens_with_noun(self, first: int) -> bool:
        word = self.tokens[first].word
        led = word.conjoined or word.readings or word.participle
        adverb = word.function or word.time or word.preposition or word.adverbial or word.clitic
        return word.alphabetic and (word.noun or word.thing) and not led and not adverb

    def credible(self, phrase: Phrase) -> bool:
        """Whether a phrase is known to name a speaker, not just placed like one."""
        if phrase.kind != "person" or phrase.role is not None:
            return True
        forms = self.reader.forms(phrase)
        if any(form in self.known for form in forms):
            return True
        word = self.tokens[phrase.start].word
        if len(forms) == 1:
            return not word.definite or word.form.endswith("ي")
        return True

    # -- subjects before the verb -------------------------------------------------------------------------

    def _preceding_subject(self, i: int, first: int, last: int) -> Phrase | None:
        """The subject of «فلان قال» and of «وكان فلان قد قال»."""
        if self.tokens[i].word.conjoined and self.tokens[i].word.form[:1] == "و":
            return None
        for start in self._subject_starts(i, first):
            phrase = self.reader.read(start, i, conjoined=start == first)
            if phrase is not None and self._reaches(phrase.end, i) and not self._verbal_name(phrase):
                return phrase
        return None

    def _verbal_name(self, phrase: Phrase) -> bool:
        """A bare «name» that looks like an imperfect («يختلف سكانها») and is nobody known."""
        if phrase.kind != "person" or phrase.role or phrase.name is None:
            return False
        form = self.tokens[phrase.start].word.form
        unknown = form not in lexicon.GIVEN_NAMES and not any(f in self.known for f in self.reader.forms(phrase))
        return unknown and form[0] in "يت" and len(form) > 3

    def _subject_starts(self, i: int, first: int) -> list[int]:
        starts = []
        for k in range(i - 1, max(first - 1, i - 30), -1):
            form = self.tokens[k].word.form
            if self.tokens[k].quote >= 0 and self.tokens[k].quote not in self.reader.name_quotes:
                continue
            if form in _KANA or form in ("لكن", "ولكن", "فيما", "بينما", "وفيما", "وبينما", "اما", "واما", "لان", "ان"):
                starts.append(k + 1)
        starts.append(first)
        if first < i and self.tokens[first].word.form in _SENTENCE_LINKS:
            starts.append(first + 1)
        return starts

    def _reaches(self, j: int, i: int) -> bool:
        """Whether only commas, adverbials and «قد» stand between a phrase's end and the verb."""
        while j < i:
            token = self.tokens[j]
            word = token.word
            if token.raw in COMMAS or word.form in _PLUPERFECT or token.raw in "()" or word.form == "ان":
                j += 1
                continue
            if word.form in _ASIDES and self.tokens[j - 1].raw in COMMAS:
                j = next((k for k in range(j + 1, i) if self.tokens[k].raw in COMMAS), i + 1)
                continue
            if word.form in lexicon.ACCORDING:
                according = self.according(j, i)
                if according:
                    j = according[1]
                    continue
            if not (word.time or word.preposition or word.clitic or word.adverbial):
                return False
            j, _ = self.adverbial(j, i, True)
        return j == i

    # -- other constructions ------------------------------------------------------------------------------

    def _passed_on(self, i: int, reading: VerbForm, subject: Phrase | None, last: int) -> Frame | None:
        """«نقلت وكالة … عن فلان أن/قوله», «نُقل عن فلان»: an outlet (or nobody) passes on another's words."""
        j, outlet = i + 1, subject
        while j < last and self.tokens[j].word.form not in ("عن", "عنه", "عنها", "عنهم"):
            token = self.tokens[j]
            if token.word.that or token.raw in ":.":
                return None
            phrase = None if outlet else self.reader.read(j, last)
            if phrase:
                outlet, j = phrase, phrase.end
                continue
            if (
                token.word.time
                or token.word.preposition
                or token.word.clitic
                or token.raw in COMMAS
                or token.word.adverbial
            ):
                j = j + 1 if token.raw in COMMAS else self.adverbial(j, last, True)[0]
                continue
            return None
        if j >= last:
            return None
        pronoun = self.tokens[j].word.form != "عن"
        source = None if pronoun else self.reader.read(j + 1, last)
        if source is None and not pronoun:
            return None
        content = source.end if source else j + 1
        passive = outlet is None and reading.agreement == "m"
        return Frame(
            i, "finite", outlet, "source", content, reading.verb, self._surface(i), reading.agreement,
            source=source, impersonal=passive,
        )  # fmt: skip

    def _document(self, i: int, last: int) -> Frame | None:
        """«وجاء في بيان لوزارة …: …»."""
        if self.form(i + 1, last) not in ("في", "على"):
            return None
        on_tongue = self.form(i + 2, last) == "لسان"
        start = i + 2 + on_tongue
        phrase = self.reader.read(start, last)
        if phrase is None or (not on_tongue and phrase.kind not in ("document", "outlet")):
            return None
        scan = self.scan(phrase.end, last, lexicon.verb("قال"), phrase)
        if scan.complement is None:
            return None
        token = self.tokens[i]
        surface = token.raw[1:] if token.word.form in ("وجاء", "وورد") else token.raw
        return Frame(
            i,
            "document",
            scan.phrases[0],
            scan.complement,
            scan.content,
            lexicon.verb("قال"),
            surface,
            "m",
            scan.outlet,
        )

    def _participle(self, i: int, reading: VerbForm, first: int, last: int) -> Frame | None:
        """«… قائلاً إن», «مؤكدًا أن»: the speaker is the subject of the clause before it."""
        if i == first:
            return None
        scan = self.scan(i + 1, last, reading.verb, None)
        if scan.complement not in ("that", "quote", "colon", "preposition") or scan.phrases:
            return None
        subject = self.clause_subject(first, i)
        return Frame(
            i, "participle", subject, scan.complement, scan.content, reading.verb, self._surface(i), reading.agreement
        )

    def clause_subject(self, first: int, i: int) -> Phrase | None:
        """The subject of the sentence's first clause, whatever its verb, where it is plainly a speaker."""
        starts = [first]
        for k in range(first, min(i, first + 30)):
            form = self.tokens[k].word.form
            if form in _KANA or form in _SENTENCE_LINKS or self.tokens[k].raw in COMMAS or k == first:
                starts.append(k + 1)
                starts.append(k + 2)
        for start in starts:
            if start >= i or (start > first and self.tokens[start - 1].word.preposition):
                continue
            phrase = self.reader.read(start, i, conjoined=True)
            if phrase is None or phrase.kind == "document":
                continue
            opens = phrase.name is not None and phrase.name[0] == first  # an unknown verb, rather than a name
            named = phrase.kind != "person" or (phrase.role is not None and not opens)
            if named or any(form in self.known for form in self.reader.forms(phrase)):
                return phrase
        return None

    def _headline(self, first: int, last: int) -> Frame | None:
        """«فلان: …» at the start of a sentence."""
        if first >= last or self.tokens[first].word.readings or self.words.opening(first):
            return None
        phrase = self.reader.read(first, last)
        if phrase is None or phrase.end >= last - 1 or self.tokens[phrase.end].raw != ":":
            return None
        unnamed = phrase.kind == "outlet" and phrase.name is None
        if phrase.kind == "document" or unnamed or self.reader.forms(phrase) == ("مصدر",) or last - phrase.end < 4:
            return None
        if phrase.kind == "outlet":
            return Frame(first, "headline", phrase, "colon", phrase.end)
        named = phrase.name is None or any(form in self.known for form in self.reader.forms(phrase))
        return Frame(first, "headline", phrase, "colon", phrase.end, None, None) if named else None
