"""Countries that a text names, as codes, in Arabic, English or Persian: «الكويتية» and Kuwait's are both ``KW``.

Names are those of the Unicode CLDR, by Babel; Arabic adjectives follow from them by rule, English ones where they begin
with the name. A country is the commonest name that a model puts in another's place, and the easiest to check.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from babel import Locale

from retrieval.analysis import normalise

_ALSO = {
    "US": ("أميركا", "أمريكا", "america", "usa", "آمریکا"), "GB": ("بريطانيا", "britain", "بریتانیا"),
    "SA": ("السعودية", "عربستان"), "AE": ("الإمارات", "emirates", "امارات"), "KR": ("كوريا الجنوبية",), "AM": ("أرمن",),
    "PS": ("فلسطين", "palestine"), "EU": ("أوروبا", "europe", "اروپا"),
}  # fmt: skip
# English adjectives that are not the name and an ending.
_ADJECTIVES = {
    "AF": "afghan afghans", "AR": "argentine argentinian", "BE": "belgian belgians", "CA": "canadian canadians",
    "CH": "swiss", "CN": "chinese", "CY": "cypriot cypriots", "CZ": "czech czechs", "DE": "german germans",
    "EU": "european europeans",
    "DK": "danish danes", "DZ": "algerian algerians", "ES": "spanish spaniards", "FI": "finnish finns", "FR": "french",
    "GB": "british britons", "GR": "greek greeks", "HU": "hungarian", "IE": "irish", "IQ": "iraqi iraqis",
    "IT": "italian italians", "LB": "lebanese", "MA": "moroccan moroccans",
    "MX": "mexican mexicans", "NL": "dutch", "NO": "norwegian norwegians",
    "PE": "peruvian", "PH": "filipino filipinos", "PL": "polish poles", "PS": "palestinian palestinians",
    "PT": "portuguese", "RO": "romanian", "SA": "saudi saudis", "SE": "swedish swedes", "TR": "turkish turks",
    "UA": "ukrainian ukrainians",
}  # fmt: skip
_NOT_COUNTRIES = {"مالي", "ماليه", "مان", "jersey", "نيجري", "جنوبي"}  # words of other senses
_WORD = re.compile(r"[^\W\d_]+")
_NISBA = ("", "ي", "يه", "يون", "يين", "يان", "يا", "اوي", "اويه", "اويين", "ويه", "وي")
_PREFIXES = ("", "و", "ب", "ل", "ف", "ك")
_DEMONYM = re.compile(r"|(?:n|an|ian|ean|i|er|man|men)?s?|ese|ish")  # Kenyan, and not Kenyatta
_LONGEST = 4  # words of a country's name


@lru_cache(maxsize=4096)
def countries(text: str) -> frozenset[str]:
    """Two-letter codes of the countries that a text names or uses the adjective of."""
    words = _WORD.findall(normalise(text))
    known = _names()
    found = set()
    at = 0
    while at < len(words):
        for length in range(min(_LONGEST, len(words) - at), 0, -1):
            code = known.get(" ".join((_bare(words[at]), *words[at + 1 : at + length])) if length > 1 else "")
            if length == 1:
                code = _single(words[at])
            if code:
                found.add(code)
                at += length - 1
                break
        at += 1
    return frozenset(found)


@lru_cache(maxsize=16384)
def _single(word: str) -> str | None:
    """The country of one word, as a name, an adjective or an English demonym that begins with the name."""
    singles = _singles()
    if word.isascii():
        names = [name for name in singles if word.startswith(name) and _DEMONYM.fullmatch(word, len(name))]
        return singles[max(names, key=len)] if names else None
    return singles.get(_bare(word))


def _bare(word: str) -> str:
    for prefix in _PREFIXES:
        for article in ("ال", "لل", ""):
            if word.startswith(prefix + article) and len(word) - len(prefix + article) >= 3:
                rest = word[len(prefix + article) :]
                if rest in _singles() or rest in _firsts():
                    return rest
    return word.removeprefix("ال")


@cache
def _names() -> dict[str, str]:
    """Every name of several words, the article of its first one left out, with its code."""
    return {name: code for name, code in _all() if " " in name}


@cache
def _firsts() -> frozenset[str]:
    return frozenset(name.split()[0] for name in _names())


@cache
def _singles() -> dict[str, str]:
    """Every name of one word without its article, and the Arabic adjectives made from it, with its code."""
    found: dict[str, str] = {}
    for name, code in _all():
        if " " in name or name in _NOT_COUNTRIES:
            continue
        found[name] = code
        if not name.isascii():
            base = name[:-2] if name.endswith("يا") and len(name) > 4 else re.sub("[اه]$", "", name)
            for ending in _NISBA[0 if name.endswith("يه") else 1 :]:  # of «السعودية» «السعودي» is the adjective
                found.setdefault(base + ending, code)
    return {name: code for name, code in found.items() if len(name) >= 3 and name not in _NOT_COUNTRIES}


@cache
def _all() -> tuple[tuple[str, str], ...]:
    pairs = []
    for language in ("ar", "en", "fa"):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                pairs.append((name, code))
    pairs += [(name, code) for code, names in _ALSO.items() for name in names]
    pairs += [(name, code) for code, names in _ADJECTIVES.items() for name in names.split()]
    # The article is looked for before letters are unified: «ألمانيا» has none.
    return tuple((" ".join(_WORD.findall(normalise(name.removeprefix("ال")))), code) for name, code in pairs)
