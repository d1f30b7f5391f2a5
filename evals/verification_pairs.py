"""Builds the labelled pairs of the verification benchmark: ``python -m evals.verification_pairs``.

``evals/verification/sentences.yaml`` rewords sentences of our own articles by hand: paraphrases, translations,
contraries, exchanged roles, facts joined and facts wrongly merged. From these, and from the articles' own sentences,
this script makes edits that turn a true sentence into a false one: another number, date, speaker or name, a flipped
negation, the speaker or number of one evidence sentence on another. Every choice follows from a checksum of the text,
so that the same file comes out on every machine. Articles are taken in turns for fitting and for testing: no article
is in both.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from ingest.attribution import attribute
from ingest.readers import read
from retrieval.models import Attribution
from retrieval.segmentation import sentence_spans

ROOT = Path(__file__).parents[1]
HERE = Path(__file__).parent / "verification"
SENTENCES, PAIRS = HERE / "sentences.yaml", HERE / "pairs.jsonl"
ARTICLES = ("evals/development/articles", "evals/development/prose", "corpus/articles")
FAITHFUL = ("verbatim", "paraphrase", "translation", "joined")
FALSE = ("number", "date", "speaker", "name", "negation", "roles", "merged")

Part = Literal["fit", "test"]

_SPEAKER, _OTHER = re.compile(r"\{([^}]*)\}"), re.compile("‹([^›]*)›")
_MARKED = re.compile(r"[{}‹›]")
_YEAR = re.compile(r"(?<![\d,.])(?:1[89]|20)\d\d(?![\d,.])")
_DIGITS = re.compile(r"(?<![\d,.])\d+(?:[,.]\d+)*(?![\d,.])")
# Words of one list stand for each other in the same sentence without hurting its grammar.
_NUMBER_WORDS = (
    "ثلاث أربع خمس ست سبع ثماني تسع عشر",
    "ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة عشرة",
    "عشرين ثلاثين أربعين خمسين ستين سبعين ثمانين تسعين",
    "السبعة الثلاثة الخمسة التسعة",
    "ثاني ثالث رابع خامس",
    "two three four five six seven eight nine ten",
    "twenty thirty forty fifty sixty seventy eighty ninety",
    "first second third fourth",
)
_DATE_WORDS = (
    "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    "السبت الأحد الاثنين الثلاثاء الأربعاء الخميس الجمعة",
    "الصيف الخريف الشتاء الربيع",
    "January February March April May June July August September October November December",
    "Saturday Sunday Monday Tuesday Wednesday Thursday Friday",
    "summer autumn winter spring",
)
# What turns a sentence round, the first that is found: negations dropped, verbs of denying and refusing turned, and,
# where there is nothing to drop, a negation put in.
_TURNED = (
    (r"\b(و?)نفى\b", r"\1أكد"), (r"\b(و?)نفت\b", r"\1أكدت"), (r"\b(و?)رفضت\b", r"\1قبلت"), (r"\b(و?)رفض\b", r"\1قبل"),
    (r"\b(و?)كذّبت\b", r"\1أكدت"), (r"\b(و?)كذّب\b", r"\1أكد"), (r"\b(و?)لا (?=[تين])(?!\w?زال)", r"\1"),
    (r"\b(و?)لم (?=[تين])", r"\1"), (r"\b(و?)لن (?=[تين])", r"\1س"), (r"\bليس بوسعها\b", "بوسعها"),
    (r"\bغير قانوني\b", "قانوني"), (r"\bغير راغبة\b", "راغبة"), (r"\bإن (?!لم)(\w+)", r"إنه ليس صحيحًا أن \1"),
    (r"\bأن (\w+)", r"أنه ليس صحيحًا أن \1"),
    (r"\bdid not (\w+)", r"did \1"), (r"\bwill not\b", "will"), (r"\bdoes not\b", "does"), (r"\bno longer\b", "still"),
    (r"\bdenied\b", "confirmed"), (r"\brejected\b", "accepted"), (r"\brefused\b", "agreed"),
    (r"\bcontains no\b", "contains"), (r"\bwould\b", "would not"), (r"\bwill\b", "will not"),
    (r"\b(is|was|were|are) (?!not)", r"\1 not "),
)  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """A sentence, the evidence it is held against, and whether that supports it. ``edit`` says how it was made."""

    article: str
    part: Part
    edit: str
    language: str
    sentence: str
    evidence: tuple[dict[str, Any], ...]

    @property
    def label(self) -> bool:
        """Whether the evidence supports the sentence."""
        return self.edit in FAITHFUL


def pairs() -> list[Pair]:
    """The committed pairs."""
    rows = (json.loads(line) for line in PAIRS.read_text("utf-8").splitlines())
    return [Pair(**{**row, "evidence": tuple(row["evidence"])}) for row in rows]


def build() -> list[Pair]:
    """All pairs, made anew."""
    entries = yaml.safe_load(SENTENCES.read_text("utf-8"))
    texts = {a.id: a.text for folder in ARTICLES for path in sorted((ROOT / folder).glob("*.md")) for a in read(path)}
    named = list(dict.fromkeys(entry["article"] for entry in entries))
    found: list[Pair] = []
    for position, article in enumerate(named):
        workshop = Workshop(article, "fit" if position % 2 == 0 else "test", texts[article], entries)
        found += workshop.pairs()
    return list(dict.fromkeys(found))


class Workshop:
    """Makes the pairs of one article."""

    def __init__(self, article: str, part: Part, text: str, entries: Sequence[Mapping[str, Any]]) -> None:
        spans = sentence_spans(text)
        attributions = attribute(text, spans)
        self._article, self._part = article, part
        self._sentences = [
            (text[s:e], _source(text[s:e], said)) for (s, e), said in zip(spans, attributions, strict=True)
        ]
        self._entries = [entry for entry in entries if entry["article"] == article]
        self._others = [entry for entry in entries if entry["article"] != article]

    def pairs(self) -> Iterator[Pair]:
        """Every pair."""
        for entry in self._entries:
            if isinstance(entry["of"], list):
                yield from self._of_two(entry)
            else:
                yield from self._of_one(entry)

    def _of_one(self, entry: Mapping[str, Any]) -> Iterator[Pair]:
        [evidence] = self._evidence(entry)
        yield self._pair("verbatim", "ar", evidence["quote"], evidence)
        yield self._pair("paraphrase", "ar", entry["says"], evidence)
        yield self._pair("translation", "en", entry["en"], evidence)
        for edit, key in (("negation", "contrary"), ("roles", "roles")):
            if key in entry:
                yield self._pair(edit, "ar", entry[key], evidence)
        for language, key in (("ar", "says"), ("en", "en")):
            if "roles" in entry and (exchanged := exchanged_names(entry[key])) is not None:
                yield self._pair("roles", language, exchanged, evidence)
        for language, text in (("ar", evidence["quote"]), ("ar", entry["says"]), ("en", entry["en"])):
            yield from self._edited(language, text, evidence)
        yield from self._other_speakers(entry, evidence)
        yield from self._other_names(entry, evidence)
        yield from self._of_neighbour(entry, evidence)

    def _of_two(self, entry: Mapping[str, Any]) -> Iterator[Pair]:
        evidence = self._evidence(entry)
        if "joined" in entry:
            yield self._pair("joined", "ar", entry["joined"], *evidence)
        if "merged" in entry:
            yield self._pair("merged", "ar", entry["merged"], *evidence)

    def _edited(self, language: str, text: str, evidence: dict[str, Any]) -> Iterator[Pair]:
        for edit, edited in (("number", other_number(text)), ("date", other_date(text)), ("negation", turned(text))):
            if edited is not None:
                yield self._pair(edit, language, edited, evidence)

    def _other_speakers(self, entry: Mapping[str, Any], evidence: dict[str, Any]) -> Iterator[Pair]:
        """Somebody else of the same article speaks."""
        for language, key in (("ar", "says"), ("en", "en")):
            speaker = _first(_SPEAKER, entry[key])
            others = [name for name in self._speakers(key) if speaker and not _alike(name, speaker)]
            if others:
                edited = _SPEAKER.sub(_pick(others, entry[key]), entry[key])
                yield self._pair("speaker", language, edited, evidence)
        voices = list(dict.fromkeys(source["speaker"] for _, source in self._sentences if source["speaker"]))
        others = [voice for voice in voices if evidence["speaker"] and not _alike(voice, evidence["speaker"])]
        if others:
            edited = f"{_pick(others, evidence['quote'])}: {evidence['quote']}"
            yield self._pair("speaker", "ar", edited, evidence)

    def _other_names(self, entry: Mapping[str, Any], evidence: dict[str, Any]) -> Iterator[Pair]:
        """A name of another article."""
        for language, key in (("ar", "says"), ("en", "en")):
            which = _OTHER if _OTHER.search(entry[key]) else _SPEAKER
            pool = [name for other in self._others for name in which.findall(other.get(key, ""))]
            mine = _first(which, entry[key])
            others = [name for name in pool if mine and not _alike(name, mine)]
            if others:
                edited = which.sub(_pick(others, entry[key]), entry[key], count=1)
                yield self._pair("name", language, edited, evidence)

    def _of_neighbour(self, entry: Mapping[str, Any], evidence: dict[str, Any]) -> Iterator[Pair]:
        """The speaker or the number of another sentence, which is evidence too."""
        for other in self._entries:
            if other is entry or isinstance(other["of"], list):
                continue
            [beside] = self._evidence(other)
            mine, theirs = _first(_SPEAKER, entry["says"]), _first(_SPEAKER, other["says"])
            if mine and theirs and not _alike(mine, theirs) and _turn(entry["says"] + other["says"], 3) == 0:
                yield self._pair("merged", "ar", _SPEAKER.sub(theirs, entry["says"]), evidence, beside)
            number, another = _DIGITS.search(_bare(entry["says"])), _DIGITS.search(_bare(other["says"]))
            years = [match for match in (number, another) if match and _YEAR.fullmatch(match.group())]
            different = number and another and number.group() not in beside["quote"]
            if number and another and different and not years and _turn(entry["says"] + other["says"], 3) == 1:
                edited = _bare(entry["says"]).replace(number.group(), another.group(), 1)
                yield self._pair("merged", "ar", edited, evidence, beside)

    def _speakers(self, key: str) -> list[str]:
        return list(dict.fromkeys(n for entry in self._entries for n in _SPEAKER.findall(entry.get(key, ""))))

    def _evidence(self, entry: Mapping[str, Any]) -> list[dict[str, Any]]:
        wanted = entry["of"] if isinstance(entry["of"], list) else [entry["of"]]
        return [next(source for text, source in self._sentences if part in text) for part in wanted]

    def _pair(self, edit: str, language: str, sentence: str, *evidence: dict[str, Any]) -> Pair:
        frozen = tuple(_Frozen(source) for source in evidence)
        return Pair(self._article, self._part, edit, language, _bare(sentence), frozen)


class _Frozen(dict[str, Any]):
    """A dictionary that can be a part of a key, so that pairs made twice are kept once."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(self["quote"])


def other_number(text: str) -> str | None:
    """A sentence with one of its figures changed, no year; ``None`` without one."""
    plain = _bare(text)
    figures = [match for match in _DIGITS.finditer(plain) if not _YEAR.fullmatch(match.group())]
    if figures:
        match = figures[_turn(plain, len(figures))]
        return plain[: match.start()] + _another_figure(match.group()) + plain[match.end() :]
    return _other_word(plain, _NUMBER_WORDS)


def other_date(text: str) -> str | None:
    """A sentence with one of its years, months or days changed; ``None`` without one."""
    plain = _bare(text)
    years = list(_YEAR.finditer(plain))
    if years and (_turn(plain, 2) or _other_word(plain, _DATE_WORDS) is None):
        match = years[_turn(plain, len(years))]
        year = str(int(match.group()) + (1 + _turn(plain, 6)))
        return plain[: match.start()] + year + plain[match.end() :]
    return _other_word(plain, _DATE_WORDS)


def exchanged_names(text: str) -> str | None:
    """A sentence whose speaker and first other name have changed places; ``None`` without both."""
    speaker, other = _first(_SPEAKER, text), _first(_OTHER, text)
    if speaker is None or other is None:
        return None
    return _SPEAKER.sub("{}", text).replace(f"‹{other}›", f"‹{speaker}›", 1).replace("{}", f"{{{other}}}")


def turned(text: str) -> str | None:
    """A sentence that says the contrary; ``None`` where no rule applies."""
    plain = _bare(text)
    for pattern, replacement in _TURNED:
        edited, count = re.subn(pattern, replacement, plain, count=1)
        if count:
            return edited
    return None


def _other_word(plain: str, groups: Sequence[str]) -> str | None:
    for group in groups:
        words = group.split()
        for word in words:
            if found := re.search(rf"(?<!\w){word}(?!\w)", plain):
                other = words[(words.index(word) + 1 + _turn(plain, len(words) - 1)) % len(words)]
                return plain[: found.start()] + other + plain[found.end() :]
    return None


def _another_figure(figure: str) -> str:
    digits = list(figure)
    at = _turn(figure, len([d for d in digits if d.isdigit()]))
    position = [index for index, digit in enumerate(digits) if digit.isdigit()][at]
    digits[position] = str((int(digits[position]) + 1 + _turn(figure, 7)) % 9 + 1)
    changed = "".join(digits)
    return changed if changed != figure else figure + "0"


def _turn(text: str, count: int) -> int:
    """A number below ``count`` that follows from a text alone."""
    return zlib.crc32(text.encode()) % max(1, count)


def _pick(names: Sequence[str], text: str) -> str:
    return names[_turn(text, len(names))]


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found.group(1) if found else None


def _alike(one: str, other: str) -> bool:
    """Whether two names share a word: the same person, or a relative."""
    return bool({word.removeprefix("ال") for word in one.split()} & {word.removeprefix("ال") for word in other.split()})


def _bare(text: str) -> str:
    return _MARKED.sub("", text)


def _source(quote: str, said: Attribution | None) -> dict[str, Any]:
    fields = ("speaker", "role", "outlet", "verb", "stance", "denies")
    return {"quote": quote, **{field: getattr(said, field) if said else None for field in fields}}


def main() -> None:
    """Write the pairs."""
    made = build()
    rows = [json.dumps(asdict(pair), ensure_ascii=False) for pair in made]
    PAIRS.write_text("\n".join(rows) + "\n", "utf-8")
    print(f"wrote {len(made)} pairs to {PAIRS}")


if __name__ == "__main__":
    main()
