"""Attribution frames: the reporting construction of one sentence, before names are resolved over the article."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from ingest.attribution import lexicon
from ingest.attribution.clauses import LONGEST_ASIDE, ClauseReader, Complement, Scan
from ingest.attribution.lexicon import Agreement, Verb, VerbForm
from ingest.attribution.phrases import COMMAS, Phrase
from ingest.attribution.words import Token

Origin = Literal["finite", "participle", "according", "document", "headline", "relative"]

_KANA = frozenset(
    lexicon.fold(word) for word in "كان كانت كانوا كانتا وكان وكانت وكانوا فكان فكانت زال زالت يزال تزال".split()
)
_SENTENCE_LINKS = lexicon.words("كما لكن ولكن فيما بينما وفيما وبينما أما وأما ثم إذ حيث وكما إلا غير بيد بدوره بدورها")
_PLUPERFECT = lexicon.words("قد وقد لقد فقد سبق أيضا")
_MASDARS = lexicon.words("رفض نقل ذكر وصف حث رد عرض نشر بث شرح كشف فصل ظن وعد زعم حمل ختم")
_ASIDES = lexicon.words("وهو وهي وهم الذي التي الذين وكان وكانت")
_VIEWED = lexicon.words("في وفي برأيه برأيها برأيهم بحسبه بحسبها بحسبهم")
_CALLING = frozenset(("دعا", "حث", "طالب"))
# «تمسك برأيه»: nothing is told of what he thinks.
_KEEPING = lexicon.words("تمسك تمسكت يتمسك تتمسك احتفظ احتفظت أدلى أدلت يدلي أخذ أخذت اعتد جاهر جاهرت يجاهر اقتنع")
_AUTHORED = frozenset(("كتب", "نشر", "بث", "غرّد"))
_SAYING = re.compile("(قول|تاكيد|تصريح|تصريحات|كلام|اقوال)(ه|ها|هم)?$")
_ADDRESSED = frozenset(("object", "patient", "listener", "ب", "ل", "الى", "من"))
LONGEST_TEXT = 5  # words naming a text that no table knows
_THUS = lexicon.words("هكذا بهذه بهذا بتلك العبارة العبارات الكلمات الكلام الجملة القول")
# Verbs that tell how one spoke and leave what was said to a participle or «بالقول».
_INTRODUCING = frozenset(
    (
        "رد",
        "علّق",
        "عقّب",
        "أجاب",
        "تحدث",
        "صرّح",
        "ختم",
        "اختتم",
        "استهل",
        "أنهى",
        "تابع",
        "مضى",
        "استطرد",
        "أردف",
        "زاد",
        "اكتفى",
        "غرّد",
        "كتب",
        "واصل",
        "استرسل",
        "تساءل",
        "خاطب",
        "برر",
        "شرح",
        "توجه",
    )
)
LONGEST_AUTHOR = 14  # words from a text to what its author says in it
_IN_IT = lexicon.words("فيه فيها فيهما خلاله خلالها عبره عبرها")
_POSTS = lexicon.words("تغريدة منشور تدوينة كلمة تسجيل فيديو مقطع تصريح تصريحات خطبة خطاب مقابلة مؤتمر")
LONGEST_OPENING = 6  # words before the subject of a clause whose verb no table knows
LONGEST_ENOUGH = 14  # words from «اكتفى» to «بالقول»
_PUBLISHED = frozenset(("أورد", "نشر", "بث", "ذكر", "أفاد"))
_IMPERSONAL = re.compile("[وف]?\u064e?[يت]\u064f")
_BACK = lexicon.words(
    "معه معها معهم إليه إليها إليهم منه منها منهم عنه عنها عنهم به بها بهم له لها لهم عليه عليها عليهم"
)
_FACTS = frozenset(("finding", "speech", "cause", "estimate"))
_ROUGHLY = re.compile("ب(نحو|حوالي|اكثر|اقل|ما|قراب.|زهاء|[0-9]+|ملي.*)?$")
# «ختم حديثه», «استهل كلمته», «اختتم سلسلة تغريداته»
_SPEECH = re.compile(
    "(سلسله|حديث|كلمت|كلمه|كلام|تصريح|تصريحات|مداخلت|خطاب|خطبت|تغريدت|رسالت|بيان|مقابلت|موءتمر|تعليق|رد)(ه|ها|هم|هما)?$"
)
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
                found.append(self._completing(frame, found, first))
        return found

    def _completing(self, frame: Frame, before: list[Frame], first: int) -> Frame:
        """«ردّ فلان متهمًا …», «ختم بالتأكيد أن …»: the verb of speaking before a participle is the sentence's verb."""
        if frame.origin != "participle" or any(one.origin == "finite" for one in before):
            return frame
        spoke = [i for i in range(first, frame.at) if self._speaks_of(i, first)]
        if not spoke:
            return frame
        reading = self.tokens[spoke[0]].word.readings[0]
        return replace(frame, surface=self._surface(spoke[0]), agreement=reading.agreement)

    def _speaks_of(self, i: int, first: int) -> bool:
        word = self.tokens[i].word
        opens = i == first or word.conjoined or not self.tokens[i - 1].word.noun
        return (
            opens
            and self.tokens[i].quote < 0
            and not word.definite
            and any(reading.verb.lemma in _INTRODUCING and not reading.suffixed for reading in word.readings)
        )

    def _at(self, i: int, first: int, last: int) -> Frame | None:
        word = self.tokens[i].word
        if word.readings and not word.definite:
            return self._finite(i, first, last)
        if word.form[:2] in ("لي", "لت") and not word.readings:
            return self._purposed(i, first, last)
        if word.form in ("جاء", "وجاء", "ورد", "وورد"):
            return self._document(i, last)
        if word.participle:
            return self._participle(i, word.participle, first, last)
        kept = i > first and self.tokens[i - 1].word.form.removeprefix("و") in _KEEPING
        viewed = word.form in _VIEWED and not kept and not self._within_report(i, first)
        if word.form in lexicon.ACCORDING or word.form in ("على", "وعلى", "براي", "وبراي") or viewed:
            according = self.according(i, last)
            return Frame(i, "according", according[0], "after", according[1]) if according else None
        return None

    def _purposed(self, i: int, first: int, last: int) -> Frame | None:
        """«عاد فلان ليقول إن …»: said after an act of the same subject."""
        for reading in lexicon.VERB_FORMS.get(self.tokens[i].word.form[1:], ()):
            scan = self.scan(i + 1, last, reading.verb, None)
            if reading.present and scan.complement in ("that", "quote", "colon") and not scan.phrases:
                subject = self.clause_subject(first, i)
                surface = self.tokens[i].raw[1:].lstrip("\u0650")
                return Frame(
                    i, "finite", subject, scan.complement, scan.content, reading.verb, surface, reading.agreement
                )  # fmt: skip
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
            passing = reading.verb.lemma in ("نقل", "نسب") and self.form(i + 1, last)[:2] in ("عن", "ال")
            if word.passive and not passing:
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
        if form in ("ما", "لما") and i - 2 >= first:
            return self.tokens[i - 2].word.form in lexicon.ACCORDING or self.tokens[i - 2].word.form in ("على", "علي")
        return (form in lexicon.AS_SAID and i - 1 > first) or form in ("حسبما", "بحسبما", "وفقما")

    def _hypothetical(self, before: Token, i: int, first: int) -> bool:
        """Not said: «أن يقول», «لم يؤكد», «إذا قال»; a verbal noun after a preposition («على رفض»)."""
        word, form = self.tokens[i].word, before.word.form
        if form in ("من", "في", "ومن", "وفي"):
            return True  # «من أبرز …», «هناك من يقول …»: nobody is named
        if form in lexicon.NEGATIONS and form not in lexicon.RELATIVES:
            return not any(reading.verb.stance == "judges" and reading.present for reading in word.readings)
        if form in lexicon.SUBJUNCTIVES - lexicon.RELATIVES:
            return True
        masdar = word.form in _MASDARS
        return masdar and (before.word.preposition or bool(before.word.clitic) or before.word.thing or before.word.noun)

    def _reading(self, i: int, reading: VerbForm, first: int, last: int, *, as_said: bool) -> Frame | None:
        verb = reading.verb
        if self.form(i + 1, last) in _IN_IT and not self.tokens[i].word.conjoined:
            return self._written(i, reading, first, last)
        subject = None if as_said else self._preceding_subject(i, first, last)
        if subject is None and not as_said:
            subject = self._described(i, reading, first)
        contrasted = self._contrasted(i, first)
        if contrasted and subject is None:
            subject = self._opposed(i, first)
        if contrasted and (subject is None or subject.kind == "document"):
            return None
        if reading.present and subject is None and self._follows_noun(i, first):
            return None
        if "pass" in verb.takes or (verb.lemma in _PUBLISHED and self._carries(i, last)):
            return self._passed_on(i, reading, subject, last)
        if "ascribe" in verb.takes:
            outlet = self.reader.read(i + 1, last)
            told = any(_SAYING.match(self.form(k, last)) for k in range(i + 2, last))
            told = told or (outlet is not None and outlet.kind == "outlet")
            return self._passed_on(i, reading, subject, last, "الى") if told else None
        scan = self.scan(i + 1, last, verb, subject)
        homograph = self._homograph(i)
        if scan.complement is None and not as_said and not homograph and reading.verb.takes.isdisjoint(_FACTS):
            self.scan_loosely(i + 1, last, verb, scan)
        if not as_said and self._unread(scan):
            scan = self._scan_described(i, last, verb) or scan
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
        told = as_said and i - 2 >= first and self.tokens[i - 2].word.form in lexicon.ACCORDING  # «بحسب ما قاله»
        surface = None if told else self._surface(i)
        return Frame(
            i, "finite", subject, scan.complement, scan.content, verb, surface, reading.agreement, outlet,
            object_at=scan.object_at,
        )  # fmt: skip

    def _unread(self, scan: Scan) -> bool:
        """Whether no subject was read, or the words after the verb were taken for one for want of a better one."""
        if not scan.phrases or scan.complement is None:
            return True
        return scan.complement == "object" and not self.credible(scan.phrases[0])

    def _scan_described(self, i: int, last: int, verb: Verb) -> Scan | None:
        """«ردّ X، ومقره …، بأن»: with a subject that no table knows, where the clause resumes behind the aside."""
        described = self.described_subject(i + 1, last)
        if described is None:
            return None
        subject, resumed = described
        scan = self.scan(resumed, last, verb, subject)
        if scan.complement not in ("that", "quote", "colon", "preposition"):
            return None
        if self.words.opening(subject.start):
            self.reader.name_quotes.add(self.tokens[subject.start].quote)
        return scan

    def _written(self, i: int, reading: VerbForm, first: int, last: int) -> Frame | None:
        """«تغريدة لفلان كتب فيها: …», «رسالة قال فيها إن …»: its author, or the subject of the clause before."""
        scan = self.scan(i + 2, last, reading.verb, None)
        told = scan.complement in ("that", "quote", "colon")
        if (
            scan.complement is None
            or not (told or (scan.complement == "preposition" and scan.content == i + 2))
            or scan.phrases
        ):
            return None
        texts = [k for k in range(max(first, i - LONGEST_AUTHOR), i) if self._names_text(k)]
        subject = self.issued_by(texts[-1] + 1, i) if texts else None
        apart = bool(texts) and self.form(texts[-1] + 1, i) in ("منه", "منها", "عنه", "عنها")
        subject = subject or (None if apart else self.clause_subject(first, i))
        return Frame(
            i, "finite", subject, scan.complement, scan.content, reading.verb, self._surface(i), reading.agreement
        )  # fmt: skip

    def _names_text(self, k: int) -> bool:
        word = self.tokens[k].word
        bare = word.bare[1:] if word.clitic or word.form[:1] == "ب" else word.bare
        return bare in lexicon.DOCUMENTS or bare in _POSTS or word.bare in _POSTS

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

    def _opposed(self, i: int, first: int) -> Phrase | None:
        """«أما نظيره في كذا، فلان، فقال»: what «أما» is about, with a name in apposition between commas."""
        after = [k + 1 for k in range(first, i) if self.tokens[k].word.form in ("اما", "واما")]
        if not after:
            return None
        commas = [k for k in range(after[-1], i) if self.tokens[k].raw in COMMAS]
        stop = commas[0] if commas else i
        head = self.tokens[after[-1]].word
        if stop == i == after[-1] + 1 and head.alphabetic and not head.listed:
            return Phrase("person", after[-1], i, name=(after[-1], i))  # whatever it looks like: «أما فلان فقال»
        if not head.role or stop == after[-1]:
            return None
        role = (after[-1], stop)
        if len(commas) > 1:
            name_stop = self.reader.name_end(commas[0] + 1, i, self.tokens[commas[0] + 1].word, apposed=True)
            if name_stop == commas[1]:
                return Phrase("person", after[-1], name_stop, name=(commas[0] + 1, name_stop), role=role)
        return Phrase("person", after[-1], stop, role=role)

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
        while j >= first and (
            self.tokens[j].raw in COMMAS or self.tokens[j].raw in ".؟!-–" or self.tokens[j].word.form in _THUS
        ):
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
        if self._other_sense(i, last, reading, scan):
            return False
        if self._homograph(i):
            return self._surely_verb(i, reading.verb, scan)
        return scan.complement != "object" or self._takes_object(last, reading.verb, scan)

    def _homograph(self, i: int) -> bool:
        form = self.tokens[i].word.form
        return form in lexicon.HOMOGRAPHS or (form[:1] in "وف" and form[1:] in lexicon.HOMOGRAPHS)

    def _other_sense(self, i: int, last: int, reading: VerbForm, scan: Scan) -> bool:
        lemma = reading.verb.lemma
        if reading.present and lemma in ("اعتبر", "عدّ"):
            return scan.complement != "that"  # «يُعتبر الملف …»
        if lemma == "رد" and self.tokens[i].word.form == "ورد":
            speaker = any(one.start == i + 1 and one.kind != "document" for one in scan.phrases)
            return self.form(i + 1, last)[:1] in ("ب", "ف") and not speaker  # «ورد في …», but «ورد فريق …، بأن»
        if lemma == "أبلغ" and reading.present:  # «يبلغ متوسط العمر …»
            return scan.complement not in ("that", "colon")
        if lemma == "اكتفى":  # «اكتفى بالقول»: not with anything else
            near = range(i + 1, min(last, i + LONGEST_ENOUGH))
            spoken = (self.tokens[k].word.participle or self.tokens[k].raw == ":" or self._names_text(k) for k in near)
            return not any(spoken)
        if lemma == "بيّن" and self.form(i, last).removeprefix("و") == "تبين" and not scan.phrases:
            return True  # «تبيّن لاحقًا أن»: it turned out
        if lemma in ("ذهب", "توصل"):  # «ذهب إلى أن», «ذهب إلى القول إن»: not to a place
            towards = self.form(scan.content + 1, last)
            return scan.complement != "preposition" or not (towards in lexicon.THAT or towards == "القول")
        if lemma == "أشار":
            return any(self.form(k, last) in _GESTURES for k in (i + 1, i + 2))
        if "blame" in reading.verb.takes:
            following = (self.form(k, last) for k in range(i + 1, min(last, i + 12)))
            return not any(form.removeprefix("ال").startswith("مسءولي") for form in following)
        return False

    def _surely_verb(self, i: int, verb: Verb, scan: Scan) -> bool:
        """«بين», «كتب» …: the preposition or the noun, unless written with shadda or followed by a clause."""
        doubled = "\u0651" in self.tokens[i].raw
        if verb.lemma == "لوّح":
            return doubled or scan.complement == "preposition"
        if "blame" in verb.takes or (verb.takes & _FACTS and scan.complement == "object"):
            return self._takes_object(len(self.tokens), verb, scan)
        if verb.lemma == "عبّر":
            return doubled or scan.complement == "preposition"
        if verb.lemma == "أمل" and scan.complement == "preposition":
            opens = self.tokens[i].word.conjoined or i == 0 or not self.tokens[i - 1].word.alphabetic
            return opens and bool(scan.phrases) and self.form(scan.content + 1, len(self.tokens)) in lexicon.THAT
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
        if "estimate" in verb.takes:
            return speaker is not None and any(_ROUGHLY.match(self.form(k, last)) for k in range(scan.content, last))
        if "speech" in verb.takes:
            return thing is not None and _SPEECH.match(thing.form) is not None and speaker is not None
        if "cause" in verb.takes:
            return speaker is not None and any(self.form(k, last) == "الى" for k in range(scan.content, last))
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
        called_on = takes & {"object", "patient", "listener"} or reading.verb.lemma in _CALLING
        if called_on and reading.agreement == "f" and self.tokens[subject.start].word.bare in lexicon.MEN:
            return None  # «ودعت السكان إلى …»: with a verb in the feminine it is they who are called on
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
        if reading.present and _IMPERSONAL.match(self.tokens[i].raw):
            return False  # «يُذكر أن»
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
            if phrase is None or self._verbal_name(phrase):
                continue
            if self._reaches(phrase.end, i) or (not phrase.definite and self._about(phrase.end, i)):
                return phrase
        return None

    def _about(self, j: int, i: int) -> bool:
        """«سكانًا تواصلت معهم القناة أكدوا»: a short clause that refers back to the indefinite subject."""
        back = any(self.tokens[k].word.form in _BACK for k in range(j, i))
        return back and 0 < i - j <= LONGEST_OPENING and not any(self.tokens[k].word.that for k in range(j, i))

    def _verbal_name(self, phrase: Phrase) -> bool:
        """A bare «name» that looks like an imperfect («يختلف سكانها») and is nobody known."""
        if phrase.kind != "person" or phrase.role or phrase.name is None:
            return False
        form = self.tokens[phrase.start].word.form
        unknown = form not in lexicon.GIVEN_NAMES and not any(f in self.known for f in self.reader.forms(phrase))
        return unknown and len(form) > 2 and (form[0] in "يت" or form[-1] == "ت")

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
            if j > 0 and self.tokens[j - 1].raw in COMMAS and self._closes_aside(j, i):
                return True
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

    def _closes_aside(self, j: int, i: int) -> bool:
        """«تقرير الديوان، المنشور أمس، يقول»: from ``j`` one short aside whose comma stands right before the verb."""
        k = i - 1
        while k > j and self.tokens[k].word.form in _PLUPERFECT:
            k -= 1
        if self.tokens[k].raw not in COMMAS or not 0 < k - j <= LONGEST_ASIDE:
            return False
        inside = range(j, k)
        return not any(self.tokens[m].raw in COMMAS or self.tokens[m].word.that for m in inside)

    # -- other constructions ------------------------------------------------------------------------------

    def _passed_on(
        self, i: int, reading: VerbForm, subject: Phrase | None, last: int, through: str = "عن"
    ) -> Frame | None:
        """«نقلت وكالة … عن فلان أن/قوله», «نُقل عن فلان»: an outlet (or nobody) passes on another's words.

        ``through`` is the preposition before whose words they are: «نسبت إلى فلان قوله».
        """
        j, outlet = i + 1, subject
        bound = {through, *(through.replace("ى", "ي") + pronoun for pronoun in ("ه", "ها", "هم"))}
        while j < last and self.tokens[j].word.form not in bound:
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
        pronoun = self.tokens[j].word.form != through
        source = None if pronoun else self.reader.read(j + 1, last) or self._unlisted_source(j + 1, last)
        if source is None and not pronoun:
            return None
        content = source.end if source else j + 1
        passive = outlet is None and reading.agreement == "m"
        return Frame(
            i, "finite", outlet, "source", content, reading.verb, self._surface(i), reading.agreement,
            source=source, impersonal=passive,
        )  # fmt: skip

    def _carries(self, i: int, last: int) -> bool:
        """«أوردت وكالة كذا عن مصدر … أن»: an outlet, then «عن» and someone who speaks."""
        outlet = self.reader.read(i + 1, last)
        if outlet is None or outlet.kind != "outlet" or self.form(outlet.end, last) != "عن":
            return False
        source = self.reader.read(outlet.end + 1, last)
        return source is not None and (source.role is not None or source.kind in ("collective", "body"))

    def _unlisted_source(self, j: int, last: int) -> Phrase | None:
        """«نقلت … عن هواة رصد أن»: the words up to what they said, whatever they are."""
        stop = next((k for k in range(j, last) if self._loose(self.tokens[k].word)), last)
        told = stop < last and (self.tokens[stop].word.that or _SAYING.match(self.form(stop, last)) is not None)
        if not told or not 0 < stop - j <= LONGEST_TEXT:
            return None
        return Phrase("collective", j, stop, role=(j, stop), definite=self.tokens[j].word.definite)

    def _document(self, i: int, last: int) -> Frame | None:
        """«وجاء في بيان لوزارة …: …»."""
        if self.form(i + 1, last) not in ("في", "على"):
            return None
        on_tongue = self.form(i + 2, last) == "لسان"
        start = i + 2 + on_tongue
        phrase = self.reader.read(start, last)
        if not on_tongue and (phrase is None or phrase.kind not in ("document", "outlet")):
            phrase = self._quoted_text(start, last)
        if phrase is None:
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

    def _quoted_text(self, start: int, last: int) -> Phrase | None:
        """«جاء في … أن»: whatever noun stands there is a text."""
        stop = next(
            (k for k in range(start, last) if not self.tokens[k].word.alphabetic or self._loose(self.tokens[k].word)),
            last,
        )
        ends = start < stop < last and (self.tokens[stop].word.that or self.tokens[stop].raw == ":")
        return Phrase("document", start, stop) if ends and stop - start <= LONGEST_TEXT else None

    def _participle(self, i: int, reading: VerbForm, first: int, last: int) -> Frame | None:
        """«… قائلاً إن», «مؤكدًا أن»: the speaker is the subject of the clause before it."""
        if i == first or self.tokens[i - 1].word.preposition or self.seated(i):
            return None
        scan = self.scan(i + 1, last, reading.verb, None)
        complement: Complement = scan.complement or "object"
        if complement in ("preposition", "object") and self._describes(i):
            return None
        if (
            complement in ("object", "after", "source") or scan.phrases
        ):  # the subject is told already: a noun phrase here is an object
            addressed = reading.verb.takes & _ADDRESSED
            ahead = any(self._complement_at(k, last, reading.verb, scan) for k in range(i + 2, min(last, i + 9)))
            if not addressed or not (scan.phrases or scan.complement == "object" or ahead):
                return None
        subject = self.clause_subject(first, i)
        return Frame(
            i, "participle", subject, complement, scan.content, reading.verb, self._surface(i), reading.agreement
        )

    def _describes(self, i: int) -> bool:
        """«أول حالة مؤكدة في …»: a feminine participle after an indefinite feminine noun is its adjective."""
        before = self.tokens[i - 1]
        return self.tokens[i].raw.endswith("ة") and before.raw.endswith("ة") and not before.word.definite

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
            head = self.tokens[phrase.start].word
            if phrase.kind == "collective" and not (phrase.plural or head.noun):
                continue
            opens = phrase.name is not None and phrase.name[0] == first  # an unknown verb, rather than a name
            named = phrase.kind != "person" or (phrase.role is not None and not opens)
            if named or any(form in self.known for form in self.reader.forms(phrase)):
                return phrase
        return self._free_subject(first, i)

    def _free_subject(self, first: int, i: int) -> Phrase | None:
        """The first title or body of the clause that no preposition and no noun governs."""
        for k in range(first + 1, min(i, first + LONGEST_OPENING)):
            word, before = self.tokens[k].word, self.tokens[k - 1].word
            act = before.thing and not before.readings and not before.function
            governed = before.preposition or before.noun or act or before.clitic or before.definite
            if self.tokens[k].quote >= 0 or governed or not before.alphabetic or not (word.role or word.body):
                continue
            phrase = self.reader.read(k, i)
            if phrase and phrase.kind in ("person", "body") and (phrase.definite or phrase.name):
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
