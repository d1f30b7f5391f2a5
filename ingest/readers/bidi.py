"""Lines of right-to-left text as drawn on a page, back to the order they are read in.

A PDF keeps glyphs as drawn, from left to right. Reading an Arabic line back means taking its runs from right
to left: letters of Arabic script reversed and their brackets mirrored, numbers and Latin words as they are
(the reordering of the Unicode Bidirectional Algorithm, UAX #9 rule L2, undone). What the drawing no longer
tells, such as whether «May 15» was written «15 May», cannot be restored.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_DIGIT = "0-9٠-٩۰-۹"
_LATIN = "A-Za-z\u00c0-\u024f"
_LEFT_TO_RIGHT = re.compile(
    rf"[{_LATIN}](?:[{_LATIN}{_DIGIT} .,:'’&/@_+()\-]*[{_LATIN}{_DIGIT}])?"
    rf"|[+\-#$€£]?[{_DIGIT}]+(?:[.,:/+\-٫٬][{_DIGIT}]+)*[%٪°]?"
)
_MIRROR = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")
_PRESENTATION = re.compile("[\ufb50-\ufbff\ufe70-\ufefc]+")
_ARABIC = re.compile("[\u0620-\u064a\u066e-\u06d3\ufb50-\ufbff\ufe70-\ufefc]")
_LATIN_LETTER = re.compile(f"[{_LATIN}]")
_GAP = re.compile(r"(?<=[(\[{«‹“]) +| +(?=[)\]}»›”،؛؟!.:])")
_FORWARD = re.compile(r"\b[وفبك]?ال\w|\w[ةى]\b")  # the article begins a word; ta marbuta and alef maqsura end one
_BACKWARD = re.compile(r"\wلا[وفبك]?\b|\b[ةى]\w")


def is_right_to_left(text: str) -> bool:
    """Whether most letters are of Arabic script."""
    return len(_ARABIC.findall(text)) > len(_LATIN_LETTER.findall(text))


def fold_glyphs(text: str) -> str:
    """Text with Arabic glyph forms (U+FB50–FBFF, U+FE70–FEFC) as ordinary letters."""
    return _PRESENTATION.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)


def reading_order(lines: Sequence[str]) -> list[str]:
    """Lines as drawn, from left to right, in reading order and ordinary letters.

    Some programs write Arabic into a PDF unreversed; lines that read forwards as they are keep their order.
    """
    drawn = fold_glyphs("\n".join(lines))
    turned = [_turn(line) for line in lines]
    if _forwardness("\n".join(turned)) > _forwardness(drawn) or _forwardness(drawn) <= 0:
        return turned
    return drawn.split("\n") if lines else []


def _forwardness(text: str) -> int:
    return len(_FORWARD.findall(text)) - len(_BACKWARD.findall(text))


def _turn(line: str) -> str:
    if not is_right_to_left(line):
        return fold_glyphs(line)
    pieces: list[str] = []
    at = 0
    for run in _LEFT_TO_RIGHT.finditer(line):
        pieces += [line[at : run.start()][::-1].translate(_MIRROR), run.group()]
        at = run.end()
    pieces.append(line[at:][::-1].translate(_MIRROR))
    # A ligature is one glyph of two letters in reading order: it is unfolded only now.
    # The gaps of a change of font or direction beside a bracket are not spaces of the text.
    return _GAP.sub("", fold_glyphs("".join(reversed(pieces))))
