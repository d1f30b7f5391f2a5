"""The people and outlets an article names, and which of them a later short mention means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ingest.attribution import lexicon
from ingest.attribution.lexicon import Agreement, fold
from ingest.attribution.phrases import COMMAS, Phrase, PhraseReader, Range
from ingest.attribution.words import read_word

_BY = lexicon.words("قبل برئاسة بقيادة بزعامة بمشاركة بحضور يدعى ويدعى")
LONGEST_PRECEDING_NAME = 4
LONGEST_HOLDING = 6  # words from the comma after a name to the title: «، وكان يومها …»


@dataclass(slots=True)
class Speaker:
    """Someone who speaks in the article. ``span`` is where the text names them, ``at`` the first mention."""

    name: str
    span: Range
    forms: tuple[str, ...]
    role: str | None = None
    role_forms: frozenset[str] = frozenset()
    head: str | None = None  # the first word of the role
    gender: Agreement | None = None
    plural: bool = False
    outlet: bool = False
    cue: str | None = None
    document: bool = False
    named: bool = True  # by a name, not by what they are («مصدر مطلع»)

    @property
    def at(self) -> int:
        """The character offset of the mention."""
        return self.span[0]


@dataclass(slots=True)
class People:
    """Everyone named in one article, in the order of the text."""

    reader: PhraseReader
    speakers: list[Speaker] = field(default_factory=list)
    source: str | None = None

    def collect(self, sentences: Sequence[Range]) -> None:
        """Reads every naming mention of the sentences (token ranges): titles with names, names with titles, outlets."""
        for first, last in sentences:
            for phrase in self._mentions(first, last):
                self.add(self.describe(phrase))

    def recollect(self, sentences: Sequence[Range]) -> None:
        """Reads them again, now that the names given in full are known («محامي فلان» is not called فلان)."""
        self.speakers = []
        self.collect(sentences)

    def known(self) -> set[str]:
        """The words of the names of people, for recognising a surname on its own."""
        return {
            form
            for speaker in self.speakers
            if speaker.named and not speaker.outlet
            for form in speaker.forms
            if len(form) > 2 and form not in lexicon.NAME_PARTICLES
        }

    def surnames(self) -> set[tuple[str, ...]]:
        """The last words of the names given in full."""
        return {s.forms[-1:] for s in self.speakers if s.named and not s.outlet and len(s.forms) > 1}

    def names(self) -> set[tuple[str, ...]]:
        """Full names and surnames of people, for telling where a name stops."""
        people = [s.forms for s in self.speakers if s.named and not s.outlet and s.role]
        return {forms for forms in people if len(forms) <= 4} | {forms[-1:] for forms in people}

    def _mentions(self, first: int, last: int) -> Iterator[Phrase]:
        tokens, skip_to = self.reader.tokens, first
        for i in range(first, last):
            word = tokens[i].word
            if word.role and i > first and not (word.readings and not word.definite):
                preceding = self._preceding_name(i, first, last)
                if preceding:
                    yield preceding
            if i < skip_to or not word.alphabetic:
                continue
            phrase = None
            if word.role or word.cue:
                phrase = self.reader.read(i, last)
                if phrase and phrase.kind == "body" and word.cue:
                    yield phrase  # «وكالة الطاقة …»
            elif word.body and not word.definite:
                body = self.reader.read(i, last)
                if body and body.kind == "body" and body.definite and body.end - body.start > 1:
                    yield body
            elif word.clitic:
                rest = read_word(fold(tokens[i].raw)[1:])
                told = rest.role or rest.cue or rest.body or word.clitic == "لل"
                phrase = self.reader.read(i, last, clitic=True) if told else None
                if phrase and phrase.kind == "body" and phrase.definite and phrase.end - phrase.start > 1:
                    yield phrase
            elif word.form in lexicon.GIVEN_NAMES and (
                i == first or tokens[i - 1].word.form not in lexicon.NAME_PARTICLES
            ):
                phrase = self.reader.read(i, last)
                phrase = phrase if phrase and phrase.name and phrase.name[1] - phrase.name[0] > 1 else None
            elif word.form in _BY and i + 1 < last:
                phrase = self.reader.read(i + 1, last)
                phrase = phrase if phrase and phrase.name and phrase.name[1] - phrase.name[0] > 1 else None
            if phrase and phrase.name:
                skip_to = phrase.name[1]
                yield phrase

    def _preceding_name(self, i: int, first: int, last: int) -> Phrase | None:
        """«…فلان الفلاني، المتحدث باسم …»: the name before a title in apposition."""
        tokens = self.reader.tokens
        stop = next((k for k in range(i - 1, max(first, i - LONGEST_HOLDING), -1) if tokens[k].raw in COMMAS), first)
        if stop == first:
            return None
        for start in range(max(first, stop - LONGEST_PRECEDING_NAME), stop - 1):
            if stop - start > 2 and self._opens_clause(start, first):
                continue
            phrase = self._listed_name(start, last) if tokens[start - 1].raw in COMMAS else None
            phrase = phrase or self.reader.read(start, last)
            if phrase and phrase.name and phrase.name[0] == start and phrase.role and phrase.role[0] == i:
                return phrase
        return None

    def _opens_clause(self, start: int, first: int) -> bool:
        """Whether the word is more likely the verb or the object before a name than the first word of it."""
        word = self.reader.tokens[start].word
        if word.form in lexicon.GIVEN_NAMES or word.form in lexicon.NAME_PARTICLES:
            return False
        return start == first or word.definite or word.form[:1] in "يت"

    def _listed_name(self, start: int, last: int) -> Phrase | None:
        """«…، وفلان الفلاني، …»: a further name of a list, without its «و»."""
        token = self.reader.tokens[start]
        if token.word.form[:1] != "و" or token.word.form in lexicon.GIVEN_NAMES or len(token.word.form) < 4:
            return None
        stop = self.reader.name_end(start, last, read_word(token.raw[1:]))
        if stop <= start + 1:
            return None
        return self.reader.extend(Phrase("person", start, stop, name=(start, stop), skip=1), last)

    def describe(self, phrase: Phrase) -> Speaker:
        """The speaker a phrase names, by itself."""
        reader = self.reader
        part = phrase.name if phrase.name else None
        head = reader.tokens[phrase.start].word
        if phrase.skip:
            head = read_word(reader.text(phrase, (phrase.start, phrase.start + 1)))
        role = phrase.role if phrase.name and phrase.kind != "outlet" else None
        if role and reader.tokens[role[0]].word.form in lexicon.HONORIFICS and role[1] - role[0] == 1:
            role = None
        role_head = reader.tokens[phrase.role[0]].word if phrase.role and phrase.role[0] != phrase.start else head
        gender: Agreement | None = None
        if phrase.role and not phrase.plural:
            his = role_head.possessed and role_head.form in lexicon.KIN and not role_head.form.endswith("ته")
            hers = role_head.form in lexicon.KIN and role_head.form.endswith("تها")
            feminine = role_head.bare.endswith("ه") and role_head.form != "خليفه" and not his
            gender = "f" if feminine or hers else "m"
        elif phrase.kind == "outlet" or phrase.kind == "body":
            gender = "f" if head.bare.endswith("ه") or head.form in lexicon.COUNTRIES else None
        return Speaker(
            name=reader.text(phrase, part),
            span=reader.span(phrase, part),
            forms=reader.forms(phrase, part),
            role=reader.text(phrase, role) if role else None,
            role_forms=frozenset(reader.forms(phrase, phrase.role)) if phrase.role else frozenset(),
            head=role_head.bare if phrase.role else None,
            gender=gender,
            plural=phrase.plural,
            outlet=phrase.kind == "outlet",
            cue=head.bare if phrase.kind == "outlet" and head.cue else None,
            document=phrase.kind == "document",
            named=phrase.name is not None,
        )

    def add(self, speaker: Speaker) -> None:
        """Remembers a mention, or completes an earlier one of the same name."""
        for known in self.speakers:
            if known.forms == speaker.forms and known.outlet == speaker.outlet:
                if known.role is None and speaker.role:
                    known.role, known.role_forms, known.head = speaker.role, speaker.role_forms, speaker.head
                known.gender = known.gender or speaker.gender
                known.cue = known.cue or speaker.cue
                return
        self.speakers.append(speaker)

    def resolve(self, phrase: Phrase) -> Speaker:
        """Whom the phrase means: a surname → the full name; a title → its holder; «المصدر» → the source before."""
        mention = self.describe(phrase)
        if mention.outlet:
            return self._outlet(mention)
        if mention.named:
            return self._same_title(mention) or self._full_name(mention)
        if not phrase.definite:
            return mention
        full = self._full_name(mention)  # «الخطيب», «الشيخ»: a surname that is also a title
        if full is not mention:
            return full
        return self._holder(mention) if phrase.role else self._whole(mention)

    def _same_title(self, mention: Speaker) -> Speaker | None:
        """«الوزير الفلاني» where «الفلاني» is in the title of a minister named before: an adjective, not a surname."""
        said = mention.role_forms | frozenset(mention.forms)
        if not mention.role or len(mention.forms) > 1:
            return None
        return next(
            (
                known
                for known in self._before(mention.at)
                if known.named and known.head == mention.head and said <= known.role_forms
            ),
            None,
        )

    def _before(self, at: int) -> Iterator[Speaker]:
        """Speakers mentioned before ``at``, latest first, then those after it in order."""
        yield from sorted((s for s in self.speakers if s.at < at), key=lambda s: -s.at)
        yield from (s for s in self.speakers if s.at >= at)

    def _full_name(self, mention: Speaker) -> Speaker:
        n = len(mention.forms)
        for known in self._before(mention.at):
            longer = len(known.forms) > n and known.named and not known.outlet
            if known.forms == mention.forms or (
                longer and (known.forms[-n:] == mention.forms or known.forms[:n] == mention.forms)
            ):
                return Speaker(
                    known.name, mention.span, known.forms, mention.role or known.role,
                    known.role_forms or mention.role_forms, known.head or mention.head,
                    mention.gender or known.gender, named=known.named,
                )  # fmt: skip
        return mention

    def _whole(self, mention: Speaker) -> Speaker:
        """«الوزارة» → the ministry named in full before."""
        return next((known for known in self._before(mention.at) if _is_whole(known, mention)), mention)

    def _holder(self, mention: Speaker) -> Speaker:
        wanted = frozenset(mention.forms)
        for known in self._before(mention.at):
            if known.outlet or (known.at >= mention.at and not known.named):
                continue
            described = known.role_forms or frozenset(known.forms)
            if known.named and not known.role_forms:
                continue
            if len(wanted) == 1 and known.named and known.head not in wanted:
                continue  # «اللاعب» is not «وكيل أعمال اللاعب»
            if wanted <= described and (known.named or len(described) > len(wanted)):
                return known if known.named or not known.outlet else mention
        return mention

    def _outlet(self, mention: Speaker) -> Speaker:
        for known in self._before(mention.at):
            if not known.outlet:
                if not mention.named and _is_whole(known, mention):
                    return known  # «الوكالة» after «وكالة الطاقة …»
                continue
            if known.forms == mention.forms:
                return Speaker(
                    known.name,
                    mention.span,
                    known.forms,
                    outlet=True,
                    cue=known.cue,
                    gender=known.gender or mention.gender,
                )
            if not mention.named and len(mention.forms) == 1 and known.cue == mention.cue and known.at < mention.at:
                return known
        if not mention.named and len(mention.forms) == 1 and self.source:
            return Speaker(self.source, mention.span, mention.forms, outlet=True, cue=mention.cue)
        return mention


def _is_whole(known: Speaker, mention: Speaker) -> bool:
    """Whether what was named before by several words is meant by the first of them alone."""
    earlier = known.at < mention.at and not known.named
    return earlier and len(known.forms) > 1 and mention.forms == known.forms[:1]
