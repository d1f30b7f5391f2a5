"""Clauses of a report: what stands between a reporting verb and its complement, and whom «بحسب …» names."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from ingest.attribution import lexicon
from ingest.attribution.lexicon import Verb
from ingest.attribution.phrases import COMMAS, Phrase, PhraseReader
from ingest.attribution.words import Word, read_word, rest_of

Complement = Literal["that", "quote", "colon", "object", "preposition", "after", "source"]

LONGEST_ASIDE = 8  # tokens read of an aside before it is seen to be one
LONGEST_PARENTHESIS = 20  # tokens
LONGEST_SUBJECT = 8  # tokens of a subject that no table knows
LONGEST_GAP = 60  # tokens between a verb and what it reports
_PRONOUN_OBJECTS = lexicon.words("ما ذلك هذا هذه تلك أي")
# What opens the clause reported by a verb of saying; «لأن», «كيف» and their like may open another clause too.
_REPORTED_THAT = lexicon.THAT - lexicon.words("لأن فإن كيف كيفية ألا بألا لأني لأنه لأنها وأن وإن")
_ASIDES = lexicon.words("وهو وهي وهم الذي التي الذين وكان وكانت")
_STEPPED = lexicon.words(
    "أيضا كذلك قد لي لنا له لها لهم إلي إلينا معي معنا منه منها منهم عنه عنها به بها إليه إليها عليه عليها"
)
_OTHER_CLAUSE = lexicon.words(
    "كما لكن ولكن فيما بينما وفيما وبينما حيث إذ عندما حين حينما بعدما قبلما لما كلما إذا لو لأن لأنه لأنها بعد حتى ما"
)
_BEFORE_COMPLEMENT = lexicon.PREPOSITIONS | {"listener"}
_TELLING = lexicon.words("لسان حد قول تعبير وصف زعم")
# «بحسب قوله», «في رأيها»: the account of someone named before.
_ACCOUNTS = re.compile(
    "(قول|قوال|تعبير|وصف|زعم|مزاعم|رءي|راي|روايت|كلام|حديث|تصريح|تصريحات|تقدير|تقديرات|اعتقاد|توصيف|شهادت|نظر|ادعاء|"
    "تاكيد|اعتراف|افادت|تقييم|تحليل)(ه|ها|هم|هما)$"
)
_VIEW_OF = lexicon.words("رأي نظر اعتقاد تقدير")  # «في رأي فلان أن»
_VIEWS = re.compile("(راي|نظر|تقدير|اعتقاد|تقييم)(ه|ها|هم|هما)$")
_CONTRACTED = {"عما": "عن", "مما": "من"}  # «عمّا», «ممّا»: the preposition and «ما»
_BOUND = {
    lexicon.fold(stem + pronoun): lexicon.fold(preposition)
    for preposition, stem in (("من", "من"), ("عن", "عن"), ("ب", "ب"), ("إلى", "إلي"), ("على", "علي"), ("في", "في"))
    for pronoun in ("ه", "ها", "هم")
}
_BEFORE_THAT = lexicon.words("قبل بعد دون منذ إلى غير سوى بدل عوض لحين ريثما وقبل وبعد ودون بمجرد")
# «X، ومقره كذا، »: what is said of whoever was named just before the comma, and of nobody's words.
_SEATED = re.compile("و(مقر|مركز|مكتب|مكاتب|عنوان)(ه|ها|هم)$")
LONGEST_CALLED = 4  # words of a quoted name that such an aside is about
# «يرى في», «قول», «رواية»: a masdar between «وفقًا لـ» and whom it names.
_ACCOUNT_OF = lexicon.words("قول رواية تعبير وصف زعم رأي كلام حديث تصريح تصريحات تقدير تقديرات شهادة أقوال تأكيد")


def _latin(form: str) -> bool:
    return form.isascii() and not form.isdigit()


@dataclass(slots=True)
class Scan:
    """What stands between a verb and its complement."""

    phrases: list[Phrase]
    outlet: Phrase | None = None
    complement: Complement | None = None
    content: int = 0
    object_at: int | None = None
    relative: bool = False
    bound: bool = False  # the verb's preposition came with a pronoun («سخر منها فلان»)


class ClauseReader:
    """Reads the clauses around a verb. ``known`` holds the words of the names of the article's people."""

    def __init__(self, reader: PhraseReader) -> None:
        self.reader = reader
        self.words = reader.words
        self.tokens = reader.tokens
        self.known: set[str] = set()

    def form(self, i: int, last: int) -> str:
        """The folded word at ``i``, or nothing from ``last`` on."""
        return self.tokens[i].word.form if 0 <= i < min(last, len(self.tokens)) else ""

    def scan(self, j: int, last: int, verb: Verb, subject: Phrase | None) -> Scan:
        """Reads subject, object, venue and time from ``j`` until the complement or the end of the clause."""
        scan = Scan([subject] if subject else [])
        stop = min(last, j + LONGEST_GAP)
        while j < stop:
            token = self.tokens[j]
            scan.content = j
            complement = self._complement_at(j, stop, verb, scan)
            if complement:
                scan.complement = complement
                return scan
            step = self._step(j, stop, verb, scan)
            if step <= j:
                step = self._past_aside(j, stop, scan)
            if scan.complement:
                return scan
            if step <= j:
                break
            if _BOUND.get(token.word.form) in verb.takes:
                scan.bound = True
            j = step
            if token.raw in COMMAS and self._breaks(j, stop, scan):
                break
        else:
            scan.content = j
        if scan.complement is None and scan.bound and scan.phrases:
            scan.complement = "preposition"
        return scan

    def scan_loosely(self, j: int, last: int, verb: Verb, scan: Scan) -> None:
        """Completes a scan that words outside the tables cut short, where a clause or speech plainly follows.

        Asides, clauses about an indefinite subject («سكان تحدثوا إلينا») and listeners are stepped over; another
        conjoined verb, or a new clause, ends the search. A subject that is no known noun is taken as it stands.
        """
        start = scan.phrases[0].end if scan.phrases else j
        for k in range(start, min(last, start + LONGEST_GAP)):
            token = self.tokens[k]
            word = token.word
            speech = self.words.opening(k) is not None
            if token.quote >= 0 and not speech:
                continue
            if token.raw in ".؟!؛" or word.form in _OTHER_CLAUSE:
                return
            if word.readings and not word.definite and (word.conjoined or not self._in_aside(start, k)):
                return
            if not scan.phrases and k == j + 1 and self._complement_at(k, last, verb, scan) == "preposition":
                subject = self._unlisted(j, k)
                if subject and subject.definite and self.tokens[j].raw.endswith("ة"):
                    scan.phrases, scan.complement, scan.content = [subject], "preposition", k
                return
            clause = word.form in _REPORTED_THAT and not self._temporal(k)
            named = speech and (token.quote in self.reader.name_quotes or self.tokens[k - 1].raw not in COMMAS | {":"})
            if not clause and token.raw != ":" and (not speech or named):
                continue
            subject = scan.phrases[0] if scan.phrases else self._unlisted(j, k)
            if subject is None:
                return
            scan.phrases[:1] = [subject]
            heard = [m for m in range(start, k) if self.tokens[m].word.cue and not self.tokens[m - 1].word.preposition]
            if heard and "listener" in verb.takes:
                scan.outlet = scan.outlet or self.reader.read(heard[-1], k)
            scan.complement, scan.content = "that" if clause else "quote" if speech else "colon", k
            return

    def _in_aside(self, start: int, k: int) -> bool:
        """Whether a verb at ``k`` is in a clause about the subject that ends at ``start``: next to it, or in commas."""
        if k == start:
            return True
        commas = sum(self.tokens[m].raw in COMMAS for m in range(start, k))
        return commas % 2 == 1 and self.tokens[start].raw in COMMAS

    def described_subject(self, j: int, last: int) -> tuple[Phrase, int] | None:
        """Whom an aside between commas describes: «X، ومقره …،», «X، وهو جمعية …،», «"X"، التي …،».

        The aside says that X is someone, so X may be any words, a quoted name too. Returns X and the token after the
        aside; ``None`` where no such aside follows the words at ``j`` or the clause does not resume behind it.
        """
        if j >= last:
            return None
        quoted = self.words.opening(j) is not None
        stop = self.words.after_quote(j) if quoted else self._commas(j, last)
        if not self._may_be_called(j, stop, quoted) or not self._describing(stop, last, quoted):
            return None
        closing = self._commas(stop + 1, min(last, stop + LONGEST_PARENTHESIS))
        if closing >= min(last, stop + LONGEST_PARENTHESIS):
            return None
        called = next((k for k in range(j, stop) if self.tokens[k].raw == "(" and not quoted), stop)
        return Phrase("body", j, called), closing + 1

    def seated(self, i: int) -> bool:
        """«ومقره», where someone sits; «ومقرة» may be who admits something."""
        return _SEATED.match(self.tokens[i].word.form) is not None and not self.tokens[i].raw.endswith("ة")

    def _commas(self, j: int, last: int) -> int:
        """The first comma from ``j`` on, or ``last``."""
        return next((k for k in range(j, last) if self.tokens[k].raw in COMMAS), last)

    def _may_be_called(self, j: int, stop: int, quoted: bool) -> bool:
        """Whether ``j:stop`` can be a name: a short quotation, or a few nouns that begin with none but a noun."""
        if quoted:
            return 0 < len(self.words.quoted_words(j)) <= LONGEST_CALLED
        head, inside = self.tokens[j].word, range(j, stop)
        led = head.function or head.clitic or head.preposition or head.time or head.participle or head.readings
        plain = all(self._plain(k) for k in inside)
        return 0 < stop - j <= LONGEST_SUBJECT and plain and not led and not head.adverbial

    def _plain(self, k: int) -> bool:
        return self.tokens[k].raw in "()" or (self.tokens[k].word.alphabetic and not self.tokens[k].word.that)

    def _describing(self, comma: int, last: int, quoted: bool) -> bool:
        """Whether an aside that says who or what someone is opens after the comma; after speech no «الذي» can."""
        if comma >= last or self.tokens[comma].raw not in COMMAS:
            return False
        form = self.form(comma + 1, last)
        following = self.tokens[comma + 2].word if comma + 2 < last else None
        named = form in ("وهو", "وهي", "وهم") and following is not None and following.noun and not following.definite
        return named or _SEATED.match(form) is not None or (quoted and form in ("الذي", "التي", "الذين"))

    def _unlisted(self, j: int, stop: int) -> Phrase | None:
        """The words after a verb as its subject, up to a comma, a preposition or a time."""
        k = j
        while k < stop and self.tokens[k].word.alphabetic and not self._loose(self.tokens[k].word):
            k += 1
        head = self.tokens[j].word
        if k == j or k - j > LONGEST_SUBJECT or head.function or head.listed or head.clitic or head.venue:
            return None
        return Phrase("collective", j, k, role=(j, k), definite=head.definite)

    def _loose(self, word: Word) -> bool:
        return word.preposition or word.time or word.that or word.adverbial or word.function or bool(word.readings)

    def _past_aside(self, j: int, stop: int, scan: Scan) -> int:
        """Steps over an aside between commas («، طلب عدم كشف هويته، إن …») that the clause resumes after."""
        commas = (
            [k for k in range(max(scan.phrases[0].end, j - LONGEST_ASIDE), j) if self.tokens[k].raw in COMMAS]
            if scan.phrases
            else []
        )
        if not commas:
            return j
        for k in range(j + 1, stop - 1):
            if self.tokens[k].raw in COMMAS:
                word = self.tokens[k + 1].word
                resumes = word.that or word.clitic in ("ل", "لل") or word.form in ("ل", "في", "خلال", "على")
                return k + 1 if resumes or self.words.opening(k + 1) else j
        return j

    def _complement_at(self, j: int, stop: int, verb: Verb, scan: Scan) -> Complement | None:
        token = self.tokens[j]
        word = token.word
        if word.that and not self._temporal(j) and not word.form.startswith("لان"):
            return "that"
        if token.raw == ":":
            return "colon"
        if word.participle and word.participle.verb.lemma == "قال" and j + 1 < stop:
            return self._complement_at(j + 1, stop, verb, scan)
        if self.words.opening(j) and self.reader.read(j, stop) is None:
            return "quote"
        if word.form in verb.takes or _CONTRACTED.get(word.form) in verb.takes:
            return "preposition"
        attached = word.form[:1] if word.clitic != "لل" else "ل"
        if attached in verb.takes and attached in ("ب", "ل") and (word.clitic or (scan.phrases and len(word.form) > 3)):
            outlet = word.clitic and attached == "ل" and (rest_of(token)[0].cue or rest_of(token)[0].role)
            return None if outlet or word.time else "preposition"
        return None

    def _temporal(self, j: int) -> bool:
        """«قبل أن», «دون أن»: not what is said."""
        return j > 0 and self.tokens[j].word.form == "ان" and self.tokens[j - 1].word.form in _BEFORE_THAT

    def _ceded(self, phrase: Phrase, stop: int, verb: Verb) -> Phrase:
        """The subject without a preposition that is the verb's own: «حذر خبراء | من موجة حر»."""
        if phrase.name or "من" not in verb.takes:
            return phrase
        for k in range(phrase.start + 1, phrase.end):
            later = any(self.tokens[m].word.form in verb.takes for m in range(phrase.end, stop))
            if self.tokens[k].word.form == "من" and self.tokens[k - 1].word.role and not later:
                return replace(phrase, end=k, role=(phrase.start, k) if phrase.role else None)
        return phrase

    def _parenthesis(self, j: int, stop: int, verb: Verb, scan: Scan) -> int:
        """Steps over «، … ،» right after the verb where the clause resumes behind it; ``j`` where it does not."""
        for k in range(j + 2, min(stop - 1, j + LONGEST_PARENTHESIS)):
            if self.words.opening(k) or self.tokens[k].word.that:
                return j
            if self.tokens[k].raw in COMMAS:
                return k + 1 if self._complement_at(k + 1, stop, verb, scan) else j
        return j

    def _step(self, j: int, stop: int, verb: Verb, scan: Scan) -> int:
        """Consumes one chunk at ``j``; returns where the next begins, or ``j`` where the clause ends."""
        token = self.tokens[j]
        word = token.word
        if token.raw in COMMAS and (not scan.phrases or self.tokens[j - 1].word.readings):
            resumed = self._parenthesis(j, stop, verb, scan)
            if resumed > j:
                scan.outlet = scan.outlet or self.venue_outlet(j + 1, resumed)
                return resumed
        if token.raw in COMMAS or token.raw in "()–-" or token.raw.isdigit():
            return j + 1
        if not word.alphabetic and not self.words.opening(j):
            return j
        transitive = bool(
            verb.takes & {"object", "patient", "aims", "deed", "finding", "blame", "speech", "cause", "estimate"}
        )
        if transitive and word.form in _PRONOUN_OBJECTS:
            return self._object(j, stop, None, transitive, scan)
        if word.form in ("وهو", "وهي", "وهم"):
            return self._past_relative(j, stop)
        if self.tokens[j - 1].raw in COMMAS and scan.phrases and self._opens_aside(word):
            closed = self._aside_end(j, stop, verb, scan)
            if closed > j:
                return closed
        if word.form in lexicon.RELATIVES and scan.phrases and word.form != "فيما":
            scan.relative = True
            return self._past_relative(j, stop)
        if scan.phrases and scan.phrases[-1].kind == "document" and scan.phrases[-1].end == j:
            issuer = self.issued_by(j, stop)
            if issuer:
                scan.phrases[-1] = issuer
                return issuer.end
        if word.form in lexicon.ACCORDING:
            according = self.according(j, stop)
            if according is None and self.form(j + 1, stop) == "ما":  # «وفق ما أوردته صحيفة …،»
                return next((k for k in range(j + 1, stop) if self.tokens[k].raw in COMMAS), j + 1)
            return according[1] if according else j + 1
        camera = word.form[:1] == "ل" and j + 1 < stop and self.tokens[j + 1].word.cue
        if camera or word.time or word.adverbial or word.preposition or word.clitic or word.form in _STEPPED:
            end, outlet = self.adverbial(j, stop, bool(scan.phrases))
            scan.outlet = scan.outlet or outlet
            return end
        owned = transitive and word.thing and word.possessed and not word.conjoined  # «رفضه»: his refusal
        if word.participle or (word.readings and scan.phrases and not owned and (word.conjoined or not word.noun)):
            return j
        phrase = self.reader.read(j, stop)
        if scan.phrases and not transitive and verb.takes & _BEFORE_COMPLEMENT and scan.object_at is None:
            scan.object_at = j  # «دعا فلان الطرفين إلى …»
            if phrase and phrase.kind == "outlet" and "listener" in verb.takes:
                scan.outlet = scan.outlet or phrase
            return phrase.end if phrase else self._qualifiers(j + 1, stop, word, True)
        if phrase is None or (scan.phrases and transitive):
            if scan.phrases and not scan.phrases[-1].definite and not transitive:
                aside = self._past_aside(j, stop, scan)
                return aside if aside > j else self._past_relative(j, stop)  # «رجل كان يقف قرب المبنى»
            if word.function and not word.quantifier:
                return j
            return self._object(j, stop, phrase, transitive, scan)
        if scan.phrases:
            return j
        phrase = self._ceded(phrase, stop, verb)
        if not transitive:
            phrase = self._unlikely_name(phrase, stop)
        scan.phrases.append(phrase)
        return phrase.end

    def _unlikely_name(self, phrase: Phrase, stop: int) -> Phrase:
        """«قالت الطبيبة إقبال …»: where no object can stand, a name shaped like a verbal noun."""
        j = phrase.end
        if phrase.name or phrase.kind != "person" or not phrase.role or not phrase.definite or j + 1 >= stop:
            return phrase
        end = self.reader.name_end(j, stop, self.tokens[j].word, apposed=True)
        if not self.tokens[j].word.thing or end < j + 2:
            return phrase
        return replace(phrase, end=end, name=(j, end))

    def _opens_aside(self, word: Word) -> bool:
        return word.form in lexicon.RELATIVES or word.form in _ASIDES or word.participle is not None or word.adverbial

    def _aside_end(self, j: int, stop: int, verb: Verb, scan: Scan) -> int:
        """«شكا فلان، الذي …، من …»: the end of an aside that the complement follows at once; ``j`` if none does."""
        for k in range(j + 1, min(stop - 1, j + LONGEST_PARENTHESIS)):
            if self.words.opening(k) or self.tokens[k].word.that:
                return j
            if self.tokens[k].raw in COMMAS:
                return k + 1 if self._complement_at(k + 1, stop, verb, scan) else j
        return j

    def issued_by(self, j: int, stop: int) -> Phrase | None:
        """Whose a document is: «بيان صادر عن …», «تقرير نشره …», «بيان لوزارة …»."""
        if j >= stop:
            return None
        word = self.tokens[j].word
        if word.clitic in ("ل", "لل"):
            return self.reader.read(j, stop, clitic=True)
        k = j + 1
        if word.form in lexicon.ISSUED and self.form(k, stop) == "عن":
            return self.reader.read(k + 1, stop)
        issued = word.form in lexicon.ISSUED
        return (
            self.reader.read(k, stop)
            if issued or (word.form in lexicon.CARRIERS and word.readings[0].suffixed)
            else None
        )

    def _object(self, j: int, stop: int, phrase: Phrase | None, transitive: bool, scan: Scan) -> int:
        """An object: the complement itself, unless «بأنه …» follows and says what is reported of it."""
        if not transitive or scan.object_at is not None:
            return j
        scan.object_at = j
        for k in range(j + 1, stop):
            if self.tokens[k].word.form in lexicon.ATTRIBUTIVE_THAT and self.tokens[k].quote < 0:
                scan.complement, scan.content = "that", k
                return stop
        scan.complement = "object"
        return stop

    def _past_relative(self, j: int, stop: int) -> int:
        for k in range(j + 1, stop):
            token = self.tokens[k]
            if token.word.that or token.raw == ":" or (self.words.opening(k) and self.reader.read(k, stop) is None):
                return k
        return j

    def _breaks(self, j: int, stop: int, scan: Scan) -> bool:
        """Whether the clause after a comma is a new one: it opens with a verb or «و»."""
        if j >= stop:
            return False
        word = self.tokens[j].word
        return bool(scan.phrases) and bool(word.readings) and not word.noun and not word.that

    def adverbial(self, j: int, stop: int, has_subject: bool) -> tuple[int, Phrase | None]:
        """Steps over a time, a venue or another prepositional phrase; returns its end and an outlet named in it."""
        token = self.tokens[j]
        word = token.word
        k = j + 1
        following = self.tokens[k].word if k < stop else None
        if word.form[:1] == "ل" and following is not None and following.cue and following.definite:
            phrase = self.reader.read(k, stop)
            if phrase and phrase.kind == "outlet":
                return phrase.end, phrase  # «لكاميرا القناة», «لمراسل الصحيفة»
        if word.clitic and not word.preposition:
            rest, _ = rest_of(token)
            if word.clitic in ("ل", "لل") and (rest.cue or _latin(rest.form) or self._is_agency(j, stop)):
                phrase = self.reader.read(j, stop, clitic=True)
                if phrase and phrase.kind == "outlet":
                    return phrase.end, phrase
                return k, Phrase("outlet", j, k, name=(j, k), skip=1)
            return self._qualifiers(k, stop, rest, has_subject), None
        if word.preposition and k < stop:
            towards = word.form in ("ل", "مع", "عبر", "الى", "على", "ب", "في")
            if self.words.opening(k):
                name = self.reader.quoted_name(k, stop) if word.form in ("ل", "مع", "عبر", "الى") else None
                return (name.end, name) if name else (k, None)
            following = self.tokens[k].word
            if following.that or not following.alphabetic:
                return k, None
            phrase = None if following.venue else self.reader.read(k, stop)
            if phrase and phrase.kind == "person" and not phrase.role and has_subject:
                return self._qualifiers(k + 1, stop, following, has_subject), None
            if phrase:
                return phrase.end, phrase if phrase.kind == "outlet" and towards else None
            if following.preposition or following.clitic:
                return k, None
            return self._qualifiers(k + 1, stop, following, has_subject), None
        if word.time:
            while k < stop and (self._timely(k) or self.tokens[k].raw.isdigit()):
                k += 1
        return k, None

    def venue_outlet(self, first: int, at: int) -> Phrase | None:
        """The outlet that the words ``first:at`` say something was told or sent to."""
        for j in range(first, at):
            word = self.tokens[j].word
            if self.tokens[j].quote >= 0 or not (word.clitic in ("ل", "لل") or word.form in ("ل", "مع", "عبر", "الى")):
                continue
            end, outlet = self.adverbial(j, at, True)
            if outlet and (word.clitic or self.words.opening(j + 1) is None or end <= at):
                return outlet
        return None

    def _timely(self, k: int) -> bool:
        word = self.tokens[k].word
        return word.time or (word.definite and not word.noun and word.adjective)

    def _is_agency(self, j: int, stop: int) -> bool:
        phrase = self.reader.read(j, stop, clitic=True)
        if phrase is not None:
            return phrase.kind == "outlet"
        rest, _ = rest_of(self.tokens[j])
        return (rest.form,) in lexicon.AMBIGUOUS_AGENCIES

    def _qualifiers(self, k: int, stop: int, head: Word, has_subject: bool) -> int:
        """The end of the noun phrase of a venue: «مؤتمر صحفي مشترك», «هامش مفاوضات …».

        Without a subject so far, a title or a bare word after a complete phrase is taken for the subject.
        """
        construct = not head.definite and not head.form.endswith(("ه", "ها", "هم"))
        while k < stop:
            word = self.tokens[k].word
            if not word.alphabetic or word.that or word.preposition or word.function or word.participle:
                break
            if word.readings and (word.conjoined or not construct):
                break
            if not has_subject and not construct and ((word.role and not word.adjective) or not self._qualifying(word)):
                break
            if word.clitic and not word.definite and word.clitic in ("ل", "لل", "ب"):
                break
            construct = not word.definite and (construct and not word.adjective)
            k += 1
        return k

    def _qualifying(self, word: Word) -> bool:
        return word.adjective or (word.definite and not word.noun)

    def according(self, i: int, last: int) -> tuple[Phrase | None, int] | None:
        """«بحسب …», «وفقًا لـ…», «نقلاً عن …», «على لسان …», «على حد قول …».

        Returns whom it names (``None`` for «على حد قوله») and the token after it; ``None`` when it is none of these.
        """
        form, j = self.tokens[i].word.form, i + 1
        if form in ("على", "وعلى"):
            if self.form(j, last) not in ("لسان", "حد"):
                return None
            while j < last and self.tokens[j].word.form in _TELLING:
                j += 1
            if _ACCOUNTS.match(self.form(j, last)):
                return None, j + 1
        elif form in ("في", "وفي", "فيما"):
            if form != "فيما" and self.form(j, last) in _VIEW_OF:
                phrase = self.spoken_by(j + 1, last)
                held = phrase is not None and (
                    self.form(phrase.end, last) in lexicon.THAT or self._commas(j, last) < last
                )
                return (phrase, phrase.end) if phrase and held and phrase.kind != "document" else None
            return (None, j + 1) if form != "فيما" and _VIEWS.match(self.form(j, last)) else None
        elif form in ("برايه", "برايها", "برايهم", "بحسبه", "بحسبها", "بحسبهم"):
            return None, j
        elif form in ("نقلا", "ونقلا", "استنادا"):
            if self.form(j, last) not in ("عن", "الى"):
                return None
            j += 1
        clitic = False
        said = self.form(j, last)
        if said == "ل" and _ACCOUNTS.match(self.form(j + 1, last)):
            return None, j + 2
        if _ACCOUNTS.match(said) or (said[:1] == "ل" and _ACCOUNTS.match(said[1:])):
            return None, j + 1
        account = said[1:] if form.removeprefix("و") in ("وفقا", "طبقا", "فقا") and said[:1] == "ل" else said
        if account in _ACCOUNT_OF and form not in ("على", "وعلى", "نقلا", "ونقلا", "استنادا"):
            phrase = self.spoken_by(j + 1, last)
            return (phrase, phrase.end) if phrase and phrase.kind != "document" else None
        if said == "ل":
            j += 1
        elif form.removeprefix("و") in ("وفقا", "طبقا", "فقا"):
            clitic = j < last and self.tokens[j].word.form.startswith("ل")
            if not clitic:
                return None
        phrase = self.spoken_by(j, last, clitic=clitic, surely=form in ("وفق", "ووفق"))
        if phrase and phrase.kind == "document":
            phrase = self.issued_by(phrase.end, last) or (phrase if phrase.definite else None)
        if phrase is None:
            return None
        return phrase, phrase.end

    def spoken_by(self, j: int, last: int, *, clitic: bool = False, surely: bool = False) -> Phrase | None:
        """The speaker after «بحسب» and its like; a law, a plan or a timetable is none."""
        if j >= last:
            return None
        if self.words.opening(j):
            return self.reader.read(j, last) or self.reader.quoted_name(j, last)
        token = self.tokens[j]
        if token.word.bare in lexicon.RULES or (clitic and token.word.form[1:].removeprefix("ال") in lexicon.RULES):
            return None
        if clitic and not token.word.clitic:
            rest = read_word(token.raw[1:])
            if rest.function or rest.thing:
                return None
            stop = self.reader.name_end(j, last, rest)
            if rest.form not in self.known and (stop == j + 1 or rest.form.endswith("يه")):
                return None  # «وفقًا لبنود المعاهدة», «وفقًا لنظرية كذا»
            return self.reader.extend(Phrase("person", j, stop, name=(j, stop), skip=1), last) if stop > j else None
        phrase = self.reader.read(j, last, clitic=clitic)
        if (phrase is None or (phrase.kind == "person" and not phrase.role)) and token.word.plural:
            return Phrase("collective", j, j + 1, role=(j, j + 1), definite=False, plural=True)  # «مصرفيين»
        if phrase and token.word.form == "عدد" and self.form(j + 1, last) != "من":
            return None  # «حسب عدد السكان»
        if phrase is None or phrase.kind != "person" or phrase.role:
            return phrase
        forms = self.reader.forms(phrase)
        known = any(form in self.known for form in forms)
        if surely and not known:
            return None
        return phrase if known or (len(forms) > 1 and not self.tokens[j + 1].word.adjective) else None
