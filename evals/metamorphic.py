"""The same question, spelt or typed otherwise, must keep its evidence: ``python -m evals.metamorphic [SUITE …]``.

Metamorphic testing (Chen et al. 1998) needs no gold answer: what is compared is the answer to a question with the
answer to the same question perturbed. Evidence is kept when the first sentence cited for the plain question is cited
for the perturbed one too. Questions that are abstained from unperturbed are left out.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from evals.suite import load
from evals.targets import fresh_settings, load_embedder
from retrieval.analysis import bare, is_stop, normalise, question_language

DEFAULT_SUITE = Path(__file__).parent / "suites" / "muscat.yaml"
_HARAKAT = "\u064e\u064f\u0650\u0652"
_LETTER = re.compile("[\u0621-\u064a]")
_WORD = re.compile("[\u0621-\u064a]+")
_DIALECTS: dict[str, Mapping[str, str]] = {
    "egyptian": {"ماذا": "إيه", "ما": "إيه", "لماذا": "ليه", "أين": "فين", "متى": "إمتى", "من": "مين", "كيف": "إزاي"},
    "levantine": {"ماذا": "شو", "ما": "شو", "لماذا": "ليش", "أين": "وين", "متى": "إيمتى", "من": "مين", "كيف": "كيف"},
    "gulf": {"ماذا": "وش", "ما": "وش", "لماذا": "ليش", "أين": "وين", "متى": "متى", "من": "منو", "كيف": "شلون"},
}
_EASTERN = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_HAMZAS = str.maketrans("أإآؤئ", "اااوي")
_KEYS = dict(zip("ضصثقفغعهخحجدشسيبلاتنمكطئءؤرىةوزظذ", "qwertyuiop[]asdfghjkl;'zxcvnm,./`", strict=True)) | {
    "أ": "H",
    "إ": "Y",
    "آ": "N",
    "؟": "?",
}

Perturbation = Callable[[str, random.Random], str]


def tashkeel(text: str, chance: random.Random) -> str:
    """A vowel mark on about half of the letters."""
    return _LETTER.sub(lambda m: m.group() + (chance.choice(_HARAKAT) if chance.random() < 0.5 else ""), text)


def tatweel(text: str, chance: random.Random) -> str:
    """One stretched letter in every word of four letters and more."""
    return _WORD.sub(lambda m: m.group()[:2] + "ـــ" + m.group()[2:] if len(m.group()) > 3 else m.group(), text)


def without_hamzas(text: str, chance: random.Random) -> str:
    """Hamzas left out, as most people type: «ايران», «الاهداف», «مسوول»."""
    return text.translate(_HAMZAS).replace("ء", "")


def final_letters(text: str, chance: random.Random) -> str:
    """Ta marbuta written as ha and ya as alef maqsura."""
    return re.sub("ي\\b", "ى", re.sub("ة\\b", "ه", text))


def eastern_digits(text: str, chance: random.Random) -> str:
    """Arabic-Indic digits."""
    return text.translate(_EASTERN)


def decomposed(text: str, chance: random.Random) -> str:
    """Letters and their hamzas as separate code points (NFD), with a direction mark in front."""
    return "\u200f" + unicodedata.normalize("NFD", text)


def _longest_word(text: str) -> re.Match[str] | None:
    words = [m for m in _WORD.finditer(text) if not is_stop(normalise(m.group())) and len(m.group()) > 4]
    return max(words, key=lambda match: len(match.group()), default=None)


def typo(text: str, chance: random.Random) -> str:
    """Two neighbouring letters swapped inside the longest content word."""
    word = _longest_word(text)
    if word is None:
        return text
    at = word.start() + chance.randrange(2, len(word.group()) - 2)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def dropped_letter(text: str, chance: random.Random) -> str:
    """One letter missing inside the longest content word."""
    word = _longest_word(text)
    if word is None:
        return text
    at = word.start() + chance.randrange(2, len(word.group()) - 1)
    return text[:at] + text[at + 1 :]


def dialect(name: str) -> Perturbation:
    """The question's first word in a dialect."""

    def perturb(text: str, chance: random.Random) -> str:
        first, space, rest = text.partition(" ")
        return _DIALECTS[name].get(first, first) + space + rest

    return perturb


def stray_latin(text: str, chance: random.Random) -> str:
    """Some Latin letters left from the wrong layout at the start."""
    return "".join(chance.choice("abdfghjk") for _ in range(3)) + " " + text


def latin_keys(text: str, chance: random.Random) -> str:
    """The whole question typed with the Latin layout on."""
    return "".join(_KEYS.get(character, character) for character in bare(text).replace("لا", "b"))


PERTURBATIONS: dict[str, Perturbation] = {
    "tashkeel": tashkeel,
    "tatweel": tatweel,
    "without hamzas": without_hamzas,
    "final letters": final_letters,
    "eastern digits": eastern_digits,
    "decomposed": decomposed,
    "typo": typo,
    "dropped letter": dropped_letter,
    "egyptian": dialect("egyptian"),
    "levantine": dialect("levantine"),
    "gulf": dialect("gulf"),
    "stray latin": stray_latin,
    "latin keys": latin_keys,
}


class Kept(NamedTuple):
    """What became of the questions that a perturbation changed."""

    asked: int
    kept: int
    lost: tuple[str, ...]

    @property
    def share(self) -> float | None:
        """Share of the changed questions that kept their evidence; ``None`` when none was changed."""
        return self.kept / self.asked if self.asked else None


def measure(ask: Callable[[str], Any], questions: Sequence[str], seed: int = 0) -> dict[str, Kept]:
    """Ask questions as they are and perturbed.

    Args:
        ask: gives the ``Answer`` to a question.
        questions: Arabic ones.
        seed: of what is left to chance.

    Returns:
        For each name in ``PERTURBATIONS``, how many questions it changed, how many of those kept the evidence, and
        the perturbed questions that lost it.
    """
    plain = {question: ask(question) for question in questions}
    found = {}
    for name, perturb in PERTURBATIONS.items():
        chance = random.Random(f"{seed} {name}")
        asked, lost = 0, []
        for question, answer in plain.items():
            changed = perturb(question, chance)
            if not answer.citations or changed == question:
                continue
            asked += 1
            if _place(answer.citations[0]) not in {_place(citation) for citation in ask(changed).citations}:
                lost.append(changed)
        found[name] = Kept(asked, asked - len(lost), tuple(lost))
    return found


def _place(citation: Any) -> tuple[str, int, int]:
    return citation.article_id, citation.start, citation.end


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the share of evidence kept, a line for each perturbation; 1 when it is below ``--min``."""
    from ingest.pipeline import ingest
    from retrieval.engine import Engine

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("suites", nargs="*", type=Path, default=[DEFAULT_SUITE])
    parser.add_argument("--json", type=Path, help="write the figures and the questions that lost their evidence here")
    parser.add_argument("--min", type=float, default=0.0, help="exit 1 when any share is below this")
    options = parser.parse_args(arguments)
    totals: dict[str, list[Kept]] = {name: [] for name in PERTURBATIONS}
    for file in options.suites:
        suite = load(file)
        questions = [
            c.question for c in suite.cases if c.answerable and not c.before and question_language(c.question) == "ar"
        ]
        with fresh_settings() as settings:
            embedder = load_embedder(settings)
            ingest(suite.articles, settings, embedder=embedder)
            with closing(Engine(settings, embedder=embedder)) as engine:
                for name, kept in measure(engine.answer, questions).items():
                    totals[name].append(kept)
    shares: dict[str, float] = {}
    for name, parts in totals.items():
        changed, same = sum(part.asked for part in parts), sum(part.kept for part in parts)
        if changed:
            shares[name] = same / changed
            print(f"{name:16s} {same / changed:.3f}  ({same} of {changed})")
    if options.json:
        lost = {name: [question for part in parts for question in part.lost] for name, parts in totals.items()}
        options.json.write_text(
            json.dumps({"kept": shares, "lost": lost}, ensure_ascii=False, indent=2) + "\n", "utf-8"
        )
    return int(any(share < options.min for share in shares.values()))


if __name__ == "__main__":
    sys.exit(main())
