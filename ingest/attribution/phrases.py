"""Noun phrases that name a speaker: where they begin, where they stop, and which part is name and which is role."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Set
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from ingest.attribution import lexicon
from ingest.attribution.lexicon import fold
from ingest.attribution.words import Token, Word, Words, read_word, rest_of

Kind = Literal["person", "collective", "body", "outlet", "document"]
Range = tuple[int, int]

LONGEST_NAME = 6  # words
LONGEST_QUOTED_NAME = 3  # words
LONGEST_COMPANY = 2  # words of a quoted name beside a complete one («شركة الكهرباء الوطنية "…"»)
LONGEST_PHRASE = 24  # words; a speaker described at more length is cut there
COMMAS = frozenset("،,")
_TOWARDS = lexicon.words("مبعوث سفير مندوب ممثل مفوض منسق")
_OF_SUBJECT = lexicon.words(
    """
    خبير باحث مختص متخصص محلل أستاذ مسؤول مصدر عضو كاتب مراسل قيادي ناشط مشرف طبيب مدير
    خبيرة باحثة مختصة متخصصة محللة أستاذة مسؤولة عضوة كاتبة مراسلة قيادية ناشطة مشرفة طبيبة مديرة
    """
)
_CALLED = lexicon.words("ويدعى وتدعى يدعى تدعى واسمه واسمها اسمه اسمها ويسمى وتسمى")
_HELD = lexicon.words(
    """
    كان كانت أصبح أصبحت يشغل شغل تشغل شغلت يتولى تتولى تولى تولت صار بات منصب آنذاك حينها وقتها يومها
    """
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase over tokens ``start:end``. ``name`` and ``role`` are token ranges inside or beside it.

    ``skip`` is the number of characters of a clitic («و», «ل») written onto its first word, ``article`` whether
    that clitic swallowed an «ا» of «ال» («للوكالة»). ``definite`` is false for «مصدر مطلع», true for «المصدر».
    """

    kind: Kind
    start: int
    end: int
    name: Range | None = None
    role: Range | None = None
    skip: int = 0
    article: bool = False
    definite: bool = True
    plural: bool = False


class PhraseReader:
    """Reads noun phrases of a text. ``outlets`` are the outlet names (folded words) known in it so far."""

    def __init__(self, words: Words, outlets: Set[tuple[str, ...]] = frozenset()) -> None:
        self.words = words
        self.tokens = words.tokens
        self.outlets = set(outlets)
        self.names: set[tuple[str, ...]] = set()  # full names and surnames of the article's people
        self.companies: set[tuple[str, ...]] = set()  # quoted names of bodies («شركة "…"»)
        self.surnames: set[tuple[str, ...]] = set()  # of people named in full
        self.cues: set[str] = set()  # of the outlets named so far
        self.name_quotes: set[int] = set()  # quotations that are names («وكالة "…"»), not speech
        forms = [token.word.form for token in self.tokens]
        self._counts = Counter(forms)
        self._pairs = Counter(pairwise(forms))

    # -- entry points -------------------------------------------------------------------------------------

    def read(self, i: int, end: int, *, conjoined: bool = False, clitic: bool = False) -> Phrase | None:
        """The phrase that begins at token ``i``, with its appositions, or ``None``.

        ``conjoined`` reads the first word without its «و»; ``clitic`` without the preposition written onto it.
        """
        if i >= end:
            return None
        token = self.tokens[i]
        if self.words.opening(i):
            return self._quoted_body(i, end) or self._quoted_outlet(i, end)
        word, skip, article = token.word, 0, False
        if clitic and word.clitic:
            word, start = rest_of(token)
            skip, article = start - token.start, token.word.clitic == "لل"
        elif conjoined and word.form[:1] == "و" and not word.noun:
            word, skip = read_word(token.raw[1:]), 1
            if not (word.noun or word.form in lexicon.COUNTRIES):
                return None
        phrase = self._read(i, end, word)
        if phrase is None:
            return None
        phrase = replace(phrase, skip=skip, article=article)
        return self.extend(phrase, end) if phrase.kind in ("person", "collective") else self._joined(phrase, end)

    def text(self, phrase: Phrase, part: Range | None = None) -> str:
        """The words of ``part`` (or of the whole phrase) as written, without outer quotation marks."""
        start, end = self.span(phrase, part)
        article = phrase.article and (part is None or part[0] == phrase.start)
        return ("ال" if article else "") + self.words.text[start:end]

    def span(self, phrase: Phrase, part: Range | None = None) -> tuple[int, int]:
        """The character span of ``part`` (or of the whole phrase)."""
        first, last = part or (phrase.start, phrase.end)
        start, end = self.tokens[first].start, self.tokens[last - 1].end
        if first == phrase.start:
            start += phrase.skip
        opening = self.words.opening(first)
        if opening and opening.end >= end:
            return opening.inner_start, opening.inner_end
        return start, end

    def forms(self, phrase: Phrase, part: Range | None = None) -> tuple[str, ...]:
        """The folded words of the part, without «ال», marks and clitics."""
        return tuple(fold(word).removeprefix("ال") for word in self._plain(phrase, part).split())

    def _plain(self, phrase: Phrase, part: Range | None) -> str:
        return "".join(c if c.isalnum() or lexicon.MARKS.match(c) else " " for c in self.text(phrase, part))

    # -- kinds --------------------------------------------------------------------------------------------

    def _read(self, i: int, end: int, word: Word) -> Phrase | None:
        if not word.alphabetic or word.that or word.time:
            return None
        if (
            word.adverbial
            and i
            and self.tokens[i - 1].word.form in ("ان", "لكن", "ولكن", "وان")
            and word.form[-1] == "ا"
        ):
            bare = read_word(word.form[:-1])  # «إلا أن سكانًا …»
            if bare.role and not bare.definite:
                return Phrase("collective", i, i + 1, role=(i, i + 1), definite=False, plural=True)
        if word.function and not word.quantifier and not self._mother(i, end, word):
            return None
        agency = self._agency(i, end, word, lexicon.AGENCIES | self.outlets)
        if agency:
            return Phrase("outlet", i, agency, name=(i, agency))
        if self._governs_a_field(i, end, word):
            stop, _ = self._chain(i, end, replace(word, body=True, cue=False))
            return Phrase("body", i, stop, definite=True)
        if word.cue or (word.bare == "وساءل" and i + 1 < end and "علام" in self.tokens[i + 1].word.form):
            outlet = self._outlet(i, end, word)
            return outlet if word.bare not in _WEAK_CUES or self._surely_outlet(outlet) else None
        if word.form in lexicon.SOMEONE:
            return Phrase(
                "collective", i, i + 1, role=(i, i + 1), definite=False, plural=not word.form.startswith("اح")
            )
        if word.quantifier:
            collective = self._collective(i, end)
            if collective or not word.body:
                return collective
        if word.role and not self._prince(i, end, word):
            return self._titled(i, end, word)
        if word.body and word.bare in lexicon.TITLE_NOUNS and not self._seat(i, end, word):
            return None
        if word.body or word.document or word.form in lexicon.COUNTRIES:
            stop, _ = self._chain(i, end, word)
            return Phrase("document" if word.document else "body", i, stop, definite=self._definite(i, stop, word))
        if i + 1 < end and self.tokens[i + 1].word.form in _CALLED and not word.definite:
            return Phrase("person", i, i + 1, role=(i, i + 1), definite=False)
        described = word.thing or word.venue or word.adverbial or word.clitic or word.participle
        if described and not self._descent(i, end):
            return None
        if self._described_noun(i, end, word):
            stop = self._adjective_end(i + 1, end)
            return Phrase("collective", i, stop, role=(i, stop), definite=False)
        stop = self._known_part(i, self.name_end(i, end, word))
        return Phrase("person", i, stop, name=(i, stop)) if stop > i else None

    def _governs_a_field(self, i: int, end: int, word: Word) -> bool:
        """«وكالة الطاقة …», «الوكالة الدولية للطاقة …»: an agency that is no news agency."""
        if word.bare != "وكاله":
            return False
        definite = word.definite or self.tokens[i].word.clitic == "لل"
        j = i + 1
        while definite and j < end and self.tokens[j].word.adjective and not self.tokens[j].word.clitic:
            j += 1
        field = self.tokens[j].word.form if j < end else ""
        return field[:2] == ("لل" if definite else "ال") and field[2:] in lexicon.AGENCY_FIELDS

    def _prince(self, i: int, end: int, word: Word) -> bool:
        """«أمير سعيد …»: a given name, as the title has «ال» before a name («الأمير فلان»)."""
        return word.form == "امير" and i + 1 < end and self.tokens[i + 1].word.form in lexicon.GIVEN_NAMES

    def _seat(self, i: int, end: int, word: Word) -> bool:
        """«البيت الأبيض», «القصر الجمهوري»: a house that stands for who governs from it."""
        following = self.tokens[i + 1].word if i + 1 < end else None
        return (
            word.definite
            and word.bare in _HOUSES
            and following is not None
            and following.definite
            and following.adjective
        )

    def _described_noun(self, i: int, end: int, word: Word) -> bool:
        """«كتل نيابية»: an unlisted noun, for an indefinite feminine adjective of relation is no surname."""
        if word.definite or i + 1 >= end or word.form in lexicon.GIVEN_NAMES or word.readings:
            return False
        following = self.tokens[i + 1].word
        relation = following.adjective and self.tokens[i + 1].raw.endswith("ية") and len(following.form) > 4
        return relation and not following.definite

    def _adjective_end(self, j: int, end: int) -> int:
        while j < end and self.tokens[j].word.adjective and not self.tokens[j].word.definite:
            j += 1
        return j

    def _mother(self, i: int, end: int, word: Word) -> bool:
        """«أم فلان»: a name, where «أم» is not «or»."""
        return word.form == "ام" and i + 1 < end and self.tokens[i + 1].word.form in lexicon.GIVEN_NAMES

    def _known_part(self, i: int, stop: int) -> int:
        """Cuts «فلان غياب …» after the name already known from elsewhere in the article."""
        forms = [token.word.form.removeprefix("ال") for token in self.tokens[i:stop]]
        if tuple(forms) in self.names:
            return stop
        return next((i + n for n in range(len(forms) - 1, 0, -1) if tuple(forms[:n]) in self.names), stop)

    def _definite(self, i: int, stop: int, head: Word) -> bool:
        following = self.tokens[i + 1].word if i + 1 < stop else None
        return head.definite or (following is not None and not following.adjective and not following.preposition)

    def _titled(self, i: int, end: int, word: Word) -> Phrase:
        stop, name_start = self._chain(i, end, word)
        if word.bare in lexicon.UNITS and i + 1 < end and self._ordinal(i + 1):
            return Phrase("body", i, stop)
        suffix = word.bare.endswith(("ون", "ين")) and word.bare[:-2] in lexicon.ROLES
        plural = suffix or word.bare.endswith("لو") or word.bare in _BROKEN_PLURALS
        definite = self._definite(i, stop, word)
        if name_start is None or plural:
            kind: Kind = "collective" if plural else "person"
            return Phrase(kind, i, stop, role=(i, stop), definite=definite, plural=plural)
        role_stop = stop
        while role_stop > i + 1 and self.tokens[role_stop - 1].word.form in lexicon.HONORIFICS:
            role_stop -= 1
        name_stop = self.name_end(name_start, end, self.tokens[name_start].word)
        if name_stop == name_start:
            return Phrase("person", i, stop, role=(i, stop), definite=definite)
        if name_stop == name_start + 1 and self._of_another(i, name_start):
            return Phrase("person", i, name_stop, role=(i, name_stop))
        return Phrase("person", i, name_stop, name=(name_start, name_stop), role=(i, role_stop))

    def _ordinal(self, j: int) -> bool:
        """Whether the word at ``j`` tells one of several by its number («الأسطول الخامس»), and no day of a month."""
        dated = j + 1 < len(self.tokens) and self.tokens[j + 1].word.form == "من"
        return self.tokens[j].word.definite and self.tokens[j].word.bare in lexicon.ORDINALS and not dated

    def _teen(self, j: int) -> bool:
        return self.tokens[j].word.form in lexicon.TEENS and self._ordinal(j - 1)

    def _of_another(self, i: int, at: int) -> bool:
        """«وكيل أعمال فلان», «محامي فلان»: whose agent, not the agent's name, as the construct is still open."""
        last = self.tokens[at - 1].word
        form = self.tokens[at].word.form.removeprefix("ال")
        if last.definite or last.form in lexicon.COUNTRIES or last.form in lexicon.KIN or last.adjective or last.noun:
            return last.role and at == i + 1 and last.form in _AGENTS and (form,) in self.surnames
        return (form,) in self.surnames

    def _collective(self, i: int, end: int) -> Phrase | None:
        """«أحد المواطنين», «عدد من النواب», «ثلاثة مصادر»."""
        j = i + 1
        while j < end and (self.tokens[j].word.form == "من" or self.tokens[j].word.quantifier):
            j += 1
        if j >= end or not self.tokens[j].word.alphabetic or self.tokens[j].word.function:
            return None
        head = self.tokens[j].word
        people = head.definite and (head.form.endswith(("ين", "ان", "اء")) or _AGENT_PLURAL.match(head.bare))
        if not head.noun and not people:
            return None
        stop, _ = self._chain(j, end, head)
        single = self.tokens[i].word.form in ("احد", "احدى", "واحد", "واحده")
        return Phrase("collective", i, stop, definite=False, plural=not single)

    # -- construct chains ---------------------------------------------------------------------------------

    def _chain(self, i: int, end: int, head: Word) -> tuple[int, int | None]:
        """Where the noun phrase headed at ``i`` stops, and where a personal name starts after it, if one does.

        ``open_`` holds while the construct («وزير خارجية …») still wants its second term; a definite word or a
        proper noun closes it, and a bare word after that can only begin a name.
        """
        end = min(end, i + LONGEST_PHRASE)
        closed = (
            head.definite
            or head.form in lexicon.COUNTRIES
            or head.form in lexicon.KIN
            or head.form in lexicon.POSSESSED
        )
        open_, indefinite, place = not closed, False, False
        titled, j = head.role, i + 1
        while j < end:
            token = self.tokens[j]
            word = token.word
            if self.words.opening(j):
                stop = self.words.after_quote(j)
                called = self.words.quoted_words(j)
                beside = not open_ and head.body and j > i + 1 and len(called) <= LONGEST_COMPANY
                if not ((open_ and not indefinite) or beside) or len(called) > LONGEST_QUOTED_NAME:
                    break
                self.name_quotes.add(token.quote)
                if head.body:
                    self.companies.add(called)
                j, open_ = stop, False
                continue
            if not word.alphabetic or word.that or word.participle or (word.time and not open_):
                break
            if word.form in _CALLED:
                break
            if not open_ and titled and self._prince(j, end, word):
                return j, j
            carried = word.form in lexicon.CARRIERS - lexicon.PAST_CARRIERS and token.raw[-1] in "ها"
            issuer = word.clitic in ("ل", "لل") or carried or word.form in lexicon.ISSUED
            if head.document and issuer:
                break
            if word.form[1:] != "" and word.form[1:] in lexicon.ROLES and word.form[0] == "و" and not word.role:
                break  # «وزير الداخلية وحاكم …»: a second speaker
            if word.form in _IN_NAME_OF:
                open_, indefinite = False, False
            elif word.form == "باسم":
                open_, indefinite = True, False
            elif word.preposition or word.clitic or self._governed(j):
                if word.preposition or word.clitic:
                    pass
                else:
                    open_, j = not self.tokens[j].word.definite, j + 1
                    continue
                if not self._inner(i, j, end, head, indefinite):
                    break
                rest = rest_of(token)[0] if word.clitic else word
                open_ = word.preposition or not (rest.definite or rest.form in lexicon.COUNTRIES)
                indefinite = False
            elif word.function or word.adverbial:
                break
            elif word.definite and j == i + 1 and self._sound_plural(head) and not word.adjective:
                break  # «محللون الهبوط»: with its «ن» no construct
            elif titled and not open_ and (stop := self._another_title(i, j, end)) > j:
                j = stop
                continue
            elif word.definite:
                country = self.tokens[j - 1].word.form in lexicon.COUNTRIES
                # «أمير كذا الشيخ فلان», «ملك كذا الملك فلان»
                again = titled and (word.form in lexicon.HONORIFICS or word.bare == head.bare)
                ends = country and (word.listed or word.noun) and not again
                follows = ends if place else not self._qualifies(word, i, j, head)
                if not open_ and follows:
                    named = titled and not word.thing and not word.noun and not word.venue and self._surname(i, j)
                    return j, j if named else None
                open_ = False
            elif word.form in _COUNTERPARTS or (word.form in _TERMS and not open_) or self._teen(j):
                pass
            elif word.form.startswith("وال") and len(word.form) > 4 and not open_:
                if not self._coordinates(i, j, word):
                    break
            elif open_ and self._carries_on(word, indefinite):
                pass
            elif open_ and word.adjective:
                indefinite = True
            elif self._purpose(j, end, word, head, open_):
                j += 1
            elif open_ and not indefinite:
                governed = self.tokens[j - 1].word.preposition or self.tokens[j - 1].word.form == "باسم"
                if (
                    not governed
                    and word.readings
                    and (word.conjoined or word.readings[0].suffixed or word.readings[0].agreement != "m")
                ):
                    break
                open_, place = False, True
                j += 1
                continue
            elif place and head.body and self._nameable(word, True) and self._names_until_clause(j + 1, end):
                j += 1  # «مجلس كهنة كذا يعارض», «منظمة كذا كذا كذا إن»
                continue
            elif place and head.bare in _FIRMS and word.form[0] not in "بل" and self._nameable(word, True):
                j += 1  # «نادي ريو فلانو»
                continue
            elif place and word.form in _OTHER:
                indefinite = True
            elif indefinite or not titled or (word.readings and word.form not in lexicon.GIVEN_NAMES):
                break
            elif self._located(i, j):
                pass
            elif not head.definite and self.tokens[i + 1].word.preposition:
                break  # «مصدر في الشركة فضّل …»: an unlisted verb
            else:
                named = self._named_like_an_office(j, end) or not (word.thing or word.noun)
                return j, j if named else None
            place = False
            j += 1
        return j, None

    def _named_like_an_office(self, j: int, end: int) -> bool:
        """«القاضية أمينة بن عمر», and not «النائب أمين سر اللجنة»: a name that is an office as well."""
        if self.tokens[j].word.form not in lexicon.NAMES_TOO or j + 1 >= end:
            return False
        following = self.tokens[j + 1].word
        return self._descent(j, end) or (self._nameable(following, True) and self._closes_name(j + 2, end))

    def _another_title(self, i: int, j: int, end: int) -> int:
        """Where one more title of several words stops that begins at ``j``, after a whole one or with its rank."""
        word, k = self.tokens[j].word, j + 1
        if word.form in lexicon.CLERICAL and k < end and self.tokens[k].word.definite:
            # «المرشد الأعلى آية الله …»
            return k + 1 + (k + 1 < end and self.tokens[k + 1].word.form in lexicon.GRADES)
        rank = j - 1 if j == i + 1 else j  # «اللواء الركن …», «قائد الجيش الفريق أول …»
        k = rank + 1
        while k < end and self.tokens[rank].word.form in lexicon.RANKS and self.tokens[k].word.form in lexicon.GRADES:
            k += 1
        return k if k > rank + 1 else j

    def _carries_on(self, word: Word, indefinite: bool) -> bool:
        """Whether an indefinite noun goes on with a construct: «رئيس لجنة …», «زوجة أحد …»."""
        if word.form in ("احد", "احدى"):
            return True
        return word.noun and not indefinite and not word.quantifier and not self._plain_adjective(word)

    def _sound_plural(self, head: Word) -> bool:
        return not head.definite and head.role and head.bare.endswith("ون") and head.bare[:-2] in lexicon.ROLES

    def _governed(self, j: int) -> bool:
        """«معنية بسلامة …»: a preposition written onto a noun no table holds, where an adjective calls for it."""
        form = self.tokens[j].word.form
        return form[:1] in "بل" and len(form) > 4 and _GOVERNING.match(self.tokens[j - 1].word.bare) is not None

    def _surname(self, i: int, j: int) -> bool:
        """Whether a word with «ال» after a longer title («عالم الاجتماع …») is a name, not the verb's object."""
        word = self.tokens[j].word
        known = word.bare in lexicon.GIVEN_NAMES or self._counts[word.form] > 1
        if j == i + 1 or word.form.endswith("ي") or known or j + 1 >= len(self.tokens):
            return True
        following = self.tokens[j + 1].word
        named = not following.definite and self._nameable(following, True)
        if following.definite and following.form.endswith("ي") and self._clause_follows(j + 2):
            return True  # «محامي الشركة الفلان الفلاني نفى»
        return not following.alphabetic or following.that or named or self.words.opening(j + 1) is not None

    def _clause_follows(self, j: int) -> bool:
        """Whether what is reported, or the verb that reports it, stands right at ``j``."""
        if j >= len(self.tokens):
            return False
        word = self.tokens[j].word
        verb = bool(word.readings) and not word.definite and not word.conjoined
        return word.that or verb or self.tokens[j].raw == ":" or self.words.opening(j) is not None

    def _names_until_clause(self, j: int, end: int) -> bool:
        """Whether a few words at most, all of which may be names, stand between ``j`` and what is reported."""
        for k in range(j, min(end, j + LONGEST_COMPANY)):
            if self._clause_follows(k):
                return True
            if not self.tokens[k].word.alphabetic or not self._nameable(self.tokens[k].word, True):
                return False
        return self._clause_follows(min(end, j + LONGEST_COMPANY))

    def _plain_adjective(self, word: Word) -> bool:
        return not word.definite and word.form.endswith(("ي", "يه")) and word.bare in lexicon.ADJECTIVES

    def _purpose(self, j: int, end: int, word: Word, head: Word, open_: bool) -> bool:
        """«المركز الوطني لرصد الزلازل»: a body's purpose, by a noun no table holds."""
        purpose = head.body and not open_ and word.form[:1] == "ل" and len(word.form) > 3
        return purpose and j + 1 < end and self.tokens[j + 1].word.definite

    def _qualifies(self, word: Word, i: int, j: int, head: Word) -> bool:
        """Whether a definite word after a closed noun phrase describes it («الإيراني») rather than follows it."""
        if head.role and not word.role and word.bare in lexicon.GIVEN_NAMES:
            return False  # «محامي البلدية الهادي …»
        if self._ordinal(j):
            return True
        if word.bare in lexicon.ADJECTIVES or lexicon.DEMONYMS.match(word.bare):
            return True
        if word.thing and not word.adjective:
            return False
        if head.role and word.role:
            return not word.bare.endswith(("ين", "ون")) or head.bare.endswith(("ين", "ون")) or word.bare in _SINGULAR
        if j > i + 1 or head.bare not in lexicon.TITLES:
            return word.adjective
        k = j + 1 + (j + 1 < len(self.tokens) and self.tokens[j + 1].raw in COMMAS)
        following = self.tokens[k].word if k < len(self.tokens) else None
        named = following is not None and not following.definite and self._nameable(following, True)
        return word.adjective and named  # «الرئيس الفنلندي فلان», but «الرئيس الفلاني»

    def _located(self, i: int, j: int) -> bool:
        """Whether the word after a complete title is a place with its preposition («… بماليزيا»), not a name («بدر»).

        It is when the article has the place by itself too; or when it stands alone after the title of an
        institution's officer and the article never names anyone so.
        """
        form = self.tokens[j].word.form
        if form[0] not in "بل" or len(form) < 5 or form in lexicon.GIVEN_NAMES:
            return False
        if self._counts[form[1:]]:
            return True
        seated = any(self.tokens[k].word.bare in _SEATS for k in range(i, j))
        following = self.tokens[j + 1].word if j + 1 < len(self.tokens) else None
        alone = following is None or not following.alphabetic or not self._nameable(following, True)
        return seated and self._counts[form] == 1 and alone

    def _coordinates(self, i: int, j: int, word: Word) -> bool:
        """«وزير الثقافة والإعلام»: the second of two terms, not a second speaker after a verb's subject."""
        return j > i + 1 and not read_word(self.tokens[j].raw[1:]).role

    def _inner(self, i: int, j: int, end: int, head: Word, indefinite: bool) -> bool:
        """Whether the preposition at ``j`` belongs to the title («لدى», «في مجلس …») and not to the verb."""
        token = self.tokens[j]
        if token.word.clitic:
            following, preposition = rest_of(token)[0], token.word.clitic
        else:
            if j + 1 < end and self.words.opening(j + 1):  # «كبير المحللين لدى «بنك كذا» فلان»
                named = len(self.words.quoted_words(j + 1)) <= LONGEST_COMPANY
                return token.word.form == "لدى" and named and not self.tokens[min(j + 2, end - 1)].word.thing
            if j + 1 >= end:
                return False
            following, preposition = self.tokens[j + 1].word, token.word.form
        venue = following.venue and not (following.body and preposition in ("ل", "لل"))
        outlet = following.cue and not (token.word.clitic and self._governs_a_field(j, end, following))
        if venue or following.time or following.function or outlet or not following.alphabetic:
            return False
        if token.word.form in lexicon.AUDIENCES:
            return False
        if following.role and preposition in ("ل", "لل"):
            # «النائب الأول لرئيس …», but «قال النائب لرئيس …» tells whom.
            return j > i + 1 and head.bare in lexicon.DEPUTIES
        if preposition == "ب" and following.form in lexicon.COUNTRIES and head.role:
            return True
        governs = _GOVERNING.match(self.tokens[j - 1].word.bare)
        if governs and preposition in ("ب", "في", "على", "عن", "من", "ل", "لل", "الى"):
            return True
        if preposition == "في" and (head.form in lexicon.KIN or head.form in lexicon.POSSESSED):
            return True
        loose = indefinite or (not head.definite and j == i + 1)
        if following.form in lexicon.COUNTRIES and head.body:
            return preposition in ("في", "لدى")
        if following.body:
            return preposition in ("في", "ل", "لل", "ب", "لدى", "الى", "من", "على")
        if preposition in ("ل", "لل"):
            told = (following.form,) in lexicon.AGENCIES | lexicon.AMBIGUOUS_AGENCIES | self.outlets
            spoken_to = j == i + 1 and head.bare in lexicon.TITLES
            return not (told or spoken_to or following.form.isascii())
        if preposition in ("الى", "لدى"):
            return head.bare in _TOWARDS
        if preposition in ("في", "ب", "عن", "على"):
            related = head.bare in _OF_SUBJECT and (preposition != "عن" or head.bare == "مسءول")
            if preposition == "عن" and head.bare in _ELECTED:
                return True
            return related and (following.definite or loose or preposition == "في")
        return preposition == "من" and (loose or self.tokens[j - 1].word.bare.startswith("مقرب"))

    # -- names --------------------------------------------------------------------------------------------

    def name_end(self, i: int, end: int, first: Word, *, apposed: bool = False) -> int:
        """Where the personal name that begins at ``i`` stops; ``i`` when none does.

        Where a name is due (``apposed``) a first word that is merely shaped like a verbal noun is taken for one.
        """
        j, definite, closed = i, 0, False
        limit = min(end, i + LONGEST_NAME)
        while j < limit:
            token = self.tokens[j]
            word = first if j == i else token.word
            if j > i and self._hyphenated(j, end):
                j, limit = j + 1, min(end, limit + 2)
                continue
            if not word.alphabetic or self.words.opening(j):
                break
            if (
                word.form in lexicon.NAME_PARTICLES
                and "إ" not in token.raw
                and j + 1 < end
                and self.tokens[j + 1].word.alphabetic
            ):
                following = self.tokens[j + 1].word
                if following.definite or (len(word.form) < 4 and not following.function):
                    j, closed = j + 2, False
                    continue
            given = (
                word.form in lexicon.GIVEN_NAMES
                or self._descent(j, end)
                or (j == i and self._named_like_an_office(j, end))
                or self._last_name(i, j)
                or self._family(i, j, end, first)
                or (j > i and word.form in lexicon.NAME_ENDINGS)
                or (apposed and j == i and self._merely_shaped(word))
            )
            surname = (
                j == i + 1
                and word.definite
                and (word.role or self._family_name(word, first))
                and self._closes_name(j + 1, end)
            )
            if not given and not surname and not self._nameable(word, j > i):
                break
            if not given and self._pronominal(i, j, end, word):
                break
            if j > i and not given and not word.definite and _MANNER.match(token.raw) and self._counts[word.form] == 1:
                break
            if not given and not word.definite and (closed or self._governs(i, j, end)):
                break
            if word.definite:
                definite += 1
                if definite > 1 and not word.form.endswith("ي"):
                    break
                closed = j > i and word.form not in _COMPOUND
            j += 1
        if i < j < end and self._ordinal(j):
            j += 1  # «الملك فلان الثاني»
        if i + 1 < j < end and self._teen(j):
            j += 1  # «البابا فلان الرابع عشر»
        return min(j, end)

    def _family(self, i: int, j: int, end: int, first: Word) -> bool:
        """«محمد إسلامي», «علي أكبر …»: with no «ال» an adjective right after a given name does not describe it.

        Before a definite word it may, as in «فرنسي الجنسية».
        """
        word = self.tokens[j].word
        if j != i + 1 or first.form not in lexicon.GIVEN_NAMES or word.definite or word.bare not in lexicon.ADJECTIVES:
            return False
        following = self.tokens[j + 1].word if j + 1 < end else None
        if word.form.endswith("ي"):
            return following is None or not following.definite
        return word.form in _COMPARED and following is not None and self._nameable(following, True)

    def _family_name(self, word: Word, first: Word) -> bool:
        """«صالح الخرابشة»: a definite word that is a noun by nothing but its «ـة», after a given name."""
        known = word.bare in lexicon.THINGS or word.noun or word.venue or word.time or word.function
        return first.form in lexicon.GIVEN_NAMES and word.bare.endswith("ه") and not known

    def _pronominal(self, i: int, j: int, end: int, word: Word) -> bool:
        """Whether the word is «فريقه» or «متابعيه» rather than a name; the article has a name more than once."""
        if self._counts[self.tokens[j].word.form] > 1:
            return False
        if j > i:
            return word.owned and not word.form.endswith("ييه")  # «أوليفييه»
        following = self.tokens[j + 1].word if j + 1 < end else None
        goes_on = following is not None and following.alphabetic and self._nameable(following, True)
        return word.possessed and not (goes_on and following is not None and not following.possessed)

    def _last_name(self, i: int, j: int) -> bool:
        """«عادل شكر قال»: whatever noun the last name is, between a given name and what is reported."""
        before = self.tokens[j - 1].word.form if j > i else ""
        word = self.tokens[j].word
        plain = word.thing and not word.definite and not word.noun and not word.readings
        return plain and before in lexicon.GIVEN_NAMES and self._clause_follows(j + 1)

    def _descent(self, j: int, end: int) -> bool:
        """«فلانة بنت فلان»: whatever its shape, the word before «بن» or «بنت» is a name."""
        return j + 1 < end and self.tokens[j + 1].word.form in _DESCENT

    def _hyphenated(self, j: int, end: int) -> bool:
        """Whether the token is the hyphen of «جان-بيار», with no space around it."""
        if self.tokens[j].raw not in "-‐‑" or j + 1 >= end:
            return False
        before, after = self.tokens[j - 1], self.tokens[j + 1]
        return before.end == self.tokens[j].start and self.tokens[j].end == after.start and after.word.alphabetic

    def _governs(self, i: int, j: int, end: int) -> bool:
        """Whether the word at ``j`` is no name but what the verb is about («انتقد فلان سياق الحملة», «فلان تحذير …»).

        The article tells, where it has the name without this word elsewhere; or the word governs a second term and
        is spelt like a noun.
        """
        if j < i + 2:
            return False
        before, word = self.tokens[j - 1].word, self.tokens[j].word
        pair = self._pairs[before.form, word.form]
        if self._counts[word.form] == pair == 1 and self._counts[before.form] > pair:
            return before.form not in lexicon.GIVEN_NAMES
        following = self.tokens[j + 1].word if j + 1 < end else None
        if following is None or self._counts[word.form] > 1:
            return False
        second = following.form in lexicon.COUNTRIES or (
            following.definite and not following.role and not following.form.endswith("ي")
        )
        return second and bool(_NOUN_SHAPE.match(lexicon.MARKS.sub("", self.tokens[j].raw)))

    def _merely_shaped(self, word: Word) -> bool:
        known = word.listed or word.noun or word.venue or word.function or word.definite
        return word.thing and not known and not word.readings

    def _nameable(self, word: Word, later: bool) -> bool:
        if word.function or word.that or word.time or word.adverbial or word.clitic or word.participle:
            return False
        if word.thing or word.preposition or word.noun or word.venue or word.form in lexicon.ACCORDING:
            return False
        if (word.readings and (later or not word.definite)) or (word.passive and word.form[0] in "يت"):
            return False
        if later and word.form in lexicon.COUNTRIES:
            return False
        if later and not word.definite and word.bare in lexicon.ADJECTIVES:
            return False
        if later and word.form.startswith("و") and len(word.form) > 3:
            rest = read_word(word.form[1:])
            return not (rest.definite or rest.noun or rest.thing or rest.venue or rest.function or rest.readings)
        return True

    # -- outlets ------------------------------------------------------------------------------------------

    def _agency(self, i: int, end: int, word: Word, names: Set[tuple[str, ...]]) -> int:
        """The end of the longest known outlet name at ``i``, or 0."""
        forms = [word.form] + [token.word.form for token in self.tokens[i + 1 : min(end, i + 4)]]
        return next((i + n for n in range(len(forms), 0, -1) if tuple(forms[:n]) in names), 0)

    def _quoted_body(self, i: int, end: int) -> Phrase | None:
        """A body by the quoted name it was given before."""
        stop = self.words.after_quote(i)
        if stop > end or self.words.quoted_words(i) not in self.companies:
            return None
        self.name_quotes.add(self.tokens[i].quote)
        return Phrase("body", i, stop)

    def _quoted_outlet(self, i: int, end: int) -> Phrase | None:
        """A known or plausible outlet in quotation marks, as a phrase; speech is not one."""
        stop = self.words.after_quote(i)
        name = self.words.quoted_words(i)
        known = name in self.outlets or name in lexicon.AGENCIES or name in lexicon.AMBIGUOUS_AGENCIES
        following = self.tokens[stop].word if stop < end else None
        plausible = following is not None and len(name) <= 3 and (following.that or following.form in ("عن", "قد"))
        if not name or stop > end or not (known or plausible):
            return None
        return self._name_outlet(i, stop, (i, stop))

    def _name_outlet(self, start: int, stop: int, name: Range) -> Phrase:
        """Records an outlet's name, so that later mentions without a cue are recognised."""
        first = self.tokens[name[0]]
        if self.words.opening(name[0]):
            self.name_quotes.add(first.quote)
        forms = self.part_forms(name)
        if forms and len(forms[0]) > 2 and forms not in lexicon.AMBIGUOUS_AGENCIES:
            self.outlets.add(forms)
        return Phrase("outlet", start, stop, name=name)

    def quoted_name(self, i: int, end: int) -> Phrase | None:
        """The short quotation at ``i`` as an outlet, where the syntax («لـ"…"», «مع "…"») says it is one."""
        stop = self.words.after_quote(i)
        if not self.words.opening(i) or stop > end or not 0 < len(self.words.quoted_words(i)) <= 4:
            return None
        return self._name_outlet(i, stop, (i, stop))

    def _outlet(self, i: int, end: int, cue: Word) -> Phrase:
        """«وكالة "…"», «صحيفة كذا», «وكالة الأنباء الكذائية», «التلفزيون الرسمي», «وسائل إعلام محلية»."""
        j = i + 1
        if j < end and self.words.opening(j):
            named = self.quoted_name(j, end)
            if named:
                stop = self._adjectives(named.end, end)
                return replace(named, start=i, end=stop)
        described_to = self._adjectives(j, end) if cue.definite else j
        if described_to > j and self.words.opening(described_to):
            named = self.quoted_name(described_to, end)  # «الصحيفة الفلانية "…"»
            if named:
                return replace(named, start=i)
        following = self.tokens[j].word if j < end else None
        if following is None or not (following.alphabetic or self.tokens[j].raw.isdigit()):
            return Phrase("outlet", i, j, definite=cue.definite)
        agency = self._agency(j, end, following, lexicon.AGENCIES | lexicon.AMBIGUOUS_AGENCIES | self.outlets)
        if agency:
            stop = self._adjectives(agency, end)
            return replace(self._name_outlet(i, stop, (j, agency)), end=self._news_tail(stop, end))
        described = following.form in lexicon.OUTLET_NOUNS or following.body or following.bare in ("علام", "اعلام")
        if cue.definite or described or (following.adjective and not following.definite):
            stop = self._adjectives(j + (described and not cue.definite), end)
            if described and stop < end and self._nameable(self.tokens[stop].word, True) and stop == j + 1:
                stop = self._adjectives(stop + 1, end)
            return Phrase("outlet", i, max(stop, i + 1), definite=cue.definite or described)
        stop = self.name_end(j, end, following)
        if following.definite or stop == j:
            return replace(self._definite_outlet(i, j, end), definite=True)
        named_to = stop
        while named_to > j + 1 and self.tokens[named_to - 1].word.definite:
            named_to -= 1  # «صحيفة كذا الأميركية»: the adjective is not in the name
        return replace(self._name_outlet(i, stop, (j, named_to)), end=self._news_tail(stop, end))

    def _surely_outlet(self, outlet: Phrase) -> bool:
        """«موقع», «منصة» are places too: an outlet by its name, its adjective or the verb before it."""
        head = self.tokens[outlet.start].word
        if outlet.name is None:
            return head.bare in self.cues or (outlet.end > outlet.start + 1 and not head.definite)
        forms = self.part_forms(outlet.name)
        described = any(self.tokens[j].word.form in lexicon.OUTLET_NOUNS for j in range(outlet.start, outlet.end))
        quoted = self.words.opening(outlet.name[0]) is not None
        told = outlet.start > 0 and bool(self.tokens[outlet.start - 1].word.readings)
        sure = quoted or described or told or forms in lexicon.AGENCIES or forms[0].isascii()
        if sure:
            self.cues.add(head.bare)
        elif forms not in lexicon.AGENCIES:
            self.outlets.discard(forms)
        return sure

    def part_forms(self, part: Range) -> tuple[str, ...]:
        """The folded words of a token range that may be a quotation."""
        if self.words.opening(part[0]):
            return self.words.quoted_words(part[0])
        return tuple(token.word.form for token in self.tokens[part[0] : part[1]])

    def _definite_outlet(self, i: int, j: int, end: int) -> Phrase:
        stop = j
        while stop < end and self.tokens[stop].word.definite and not self.tokens[stop].word.role:
            stop += 1
        return self._name_outlet(i, stop, (j, stop)) if stop > j else Phrase("outlet", i, j)

    def _news_tail(self, j: int, end: int) -> int:
        """Steps over «للأنباء», «للأخبار» after an agency's name."""
        tail = j < end and self.tokens[j].word.form in ("للانباء", "للاخبار", "الاخباري", "الاخباريه")
        return self._adjectives(j + tail, end)

    def _adjectives(self, j: int, end: int) -> int:
        while j < end:
            word = self.tokens[j].word
            if not (
                (word.adjective and not word.role)
                or word.form in ("عشره", "عشر")
                or self.tokens[j].raw.isdigit()
                or word.form in lexicon.OUTLET_NOUNS
                or self._ordinal(j)
            ):
                break
            j += 1
        return j

    # -- apposition ---------------------------------------------------------------------------------------

    def extend(self, phrase: Phrase, end: int) -> Phrase:
        """Adds what stands beside the phrase: «فلان، المتحدث باسم …،» and «رئيس اللجنة، فلان،»."""
        j = phrase.end
        longer = phrase.end - phrase.start > 1 and not phrase.name
        if longer and j + 1 < end and self.tokens[j].word.form in _SELF and self.tokens[j + 1].raw in COMMAS:
            j += 1  # «زميلها في البنك نفسه، فلان»
            phrase = replace(phrase, end=j, role=(phrase.start, j)) if phrase.role else replace(phrase, end=j)
        comma = j < end and self.tokens[j].raw in COMMAS
        k = j + comma
        if k >= end:
            return phrase
        if self.tokens[k].word.form in _CALLED:
            stop = self.name_end(k + 1, end, self.tokens[k + 1].word) if k + 1 < end else k + 1
            return (
                replace(phrase, kind="person", end=stop, name=(k + 1, stop), role=(phrase.start, j))
                if stop > k + 1
                else phrase
            )
        word = self.tokens[k].word
        short = phrase.role is None or (phrase.role[1] - phrase.role[0] == 1 and phrase.role[0] == phrase.start)
        honorific = phrase.role and short and self.forms(phrase, phrase.role)[0]
        told = "ال" + str(honorific) in lexicon.HONORIFICS
        full = phrase.name is not None and phrase.name[1] - phrase.name[0] > 1
        described = not comma and word.definite and word.role and full  # «فلان الفلاني المشرف على …»
        if phrase.name and (short if comma or described else phrase.role is None or told):
            head = self._held_role(k, end) if comma else k
            word = self.tokens[head].word
            if word.role and not (word.readings and not word.definite):
                stop, name_start = self._chain(head, end, word)
                if (name_start is None or self.tokens[stop - 1].word.definite) and (
                    phrase.role is None or told or (stop - head > 1 and self._definite(head, stop, word))
                ):
                    return replace(phrase, end=stop, role=(head, stop))
            return phrase
        if comma and phrase.role and not phrase.name and word.role and phrase.kind == "person":
            second = self._titled(k, end, word)
            if second.name and self._closes_name(second.end, end):
                return replace(phrase, end=second.end, name=second.name)
        if comma and phrase.role and not phrase.name and word.definite and lexicon.DEMONYMS.match(word.bare):
            k, word = k + 1, self.tokens[min(k + 1, end - 1)].word  # «رئيسة البعثة، السويسرية فلانة»
        if comma and k < end and phrase.role and not phrase.name and not word.readings and not word.noun:
            stop = self.name_end(k, end, word, apposed=True)
            if stop > k and not word.function and self._closes_name(stop, end):
                return replace(phrase, end=stop, name=(k, stop))
        return phrase

    def _joined(self, phrase: Phrase, end: int) -> Phrase:
        """«تونس وإيطاليا»: two countries (or bodies) that speak as one."""
        j = phrase.end
        if j < end and phrase.kind == "body" and self.tokens[j].word.form[:1] == "و":
            rest = read_word(self.tokens[j].raw[1:])
            if rest.form in lexicon.COUNTRIES:
                return replace(phrase, end=j + 1, plural=True)
        return phrase

    def _held_role(self, k: int, end: int) -> int:
        """Skips «الذي كان آنذاك …», «وكان يومها …», «وهو …» before a role; ``k`` when there is none."""
        form = self.tokens[k].word.form
        if form not in _HOLDING:
            return k
        j = k + 1
        while j < end - 1 and (self.tokens[j].word.form in _HELD or self.tokens[j].word.time):
            j += 1
        return j if j > k + 1 or form not in ("الذي", "التي") else k

    def _closes_name(self, stop: int, end: int) -> bool:
        """A name in apposition ends at a comma, a clause, speech, a preposition or the sentence's end."""
        if stop >= end:
            return True
        token: Token = self.tokens[stop]
        word = token.word
        if word.form == "من":
            return False
        return (
            not word.alphabetic
            or word.that
            or word.preposition
            or bool(word.clitic)
            or bool(word.readings)
            or word.time
        )


_COMPOUND = lexicon.words("الله الدين الإسلام الرحمن الرحيم الحق الملك النبي الزهراء الهدى")
_DESCENT = lexicon.words("بن ابن بنت ولد")
_IN_NAME_OF = lexicon.words("باسمه باسمها باسمهم")
_COMPARED = lexicon.words("أكبر أصغر")  # «علي أكبر», «علي أصغر» are given names too
_OTHER = lexicon.words("أخرى آخر آخرون آخرين ثانية")
_AGENTS = lexicon.words("محامي محامية وكيل والد والدة زوجة زوج شقيق شقيقة نجل ابن ابنة مستشار مساعد جار جارة")
_AGENT_PLURAL = re.compile("..اه$")  # «هواة», «رواة»
_ELECTED = lexicon.words("نائب نائبة عضو مرشح مرشحة مدافع ممثل")
_HOUSES = frozenset(("بيت", "قصر"))
_SELF = lexicon.words("نفسه نفسها ذاته ذاتها")
# «تقول فلانة ضاحكة»: how she says it, not a second name.
_MANNER = re.compile("[^ا]ا.{2,3}ة$")
_HOLDING = lexicon.words("الذي التي وهو وهي وكان وكانت")
_SEATS = lexicon.words(
    """
    لجنة مجلس بنك مصرف منظمة جامعة هيئة سفارة قنصلية محكمة مستشفى مركز معهد بلدية مديرية غرفة نادي قسم فرع جمعية
    نقابة برلمان مدرسة كلية اتحاد نيابة مكتب شرطة متحف مطار ميناء مصنع سجن مختبر دائرة شركة
    """
)
# A feminine noun, or the noun of action of a derived verb («تحرك», «إدخال», «مواصلة»).
_NOUN_SHAPE = re.compile("(.{2,}ة|ت.{3}|ت.{2}ي.|إ.{2}ا.|ا.ت.ا.|ان.{2}ا.|است.{2}ا.)$")
# Adjectives that take a preposition: «منظمات معنية بحقوق …», «مصدر مطلع على …», «خبير مقيم في …».
_GOVERNING = re.compile(
    "(معني|مهتم|مختص|متخصص|مكلف|مطلع|مقرب|قريب|مقيم|تابع|مسءول|منتم|منتمي|عامل|ناشط|مشارك|مشرف|معارض|موال|موالي|خبير|متضرر)"
    "(ه|ون|ين|ان|ات)?$"
)
_FIRMS = lexicon.words("شركة نادي بنك مصرف جامعة مجموعة مدينة")
_TERMS = lexicon.words("ولايته ولايتها")  # «الرئيس المنتهية ولايته»
_COUNTERPARTS = lexicon.words("ونظيره ونظيرته ونظيرها ونظيرتها")
_SINGULAR = lexicon.words("أمين")
_WEAK_CUES = lexicon.words("محطة محطات موقع منصة شبكة مواقع منصات شبكات دورية يومية دوريات يوميات")
_BROKEN_PLURALS = lexicon.words(
    """
    رؤساء وزراء مصادر مدراء أمناء نواب خبراء علماء سفراء أطباء وكلاء أعضاء قادة زعماء أئمة كتاب نشطاء قضاة
    شهود طلاب طلبة عمال سكان أهالي أقارب أهل كبار حكام ركاب تجار مرضى حجاج سياح زوار قراء زبائن عملاء جرحى ضيوف
    """
)
