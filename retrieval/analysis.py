"""Arabic, Persian and English text analysis: one analyser for ingest and query.

Letters and digits that are written in several ways are unified (tashkeel, tatweel, alef, ya, ta marbuta and hamza
forms, Persian letters, Arabic-Indic and Persian digits), words are split, stop words dropped, and what remains is
stemmed with Snowball (Arabic and English).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import Stemmer

from retrieval.models import Language

if TYPE_CHECKING:
    from nltk.stem.isri import ISRIStemmer

# Marks that change no word: harakat, Quranic signs, superscript alef, tatweel, bidi controls, joiners.
_MARKS = re.compile(
    "[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
_LETTERS = str.maketrans(
    {
        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ئ": "ي", "ؤ": "و", "ء": "",
        "ة": "ه", "ۀ": "ه", "ە": "ه", "ہ": "ه", "ک": "ك", "ڪ": "ك", "٫": ".", "٬": ",", "؛": ";", "،": ",",
        "؟": "?", "«": '"', "»": '"', "“": '"', "”": '"', "„": '"', "’": "'", "‘": "'", "–": "-", "—": "-",
        **{chr(0x660 + d): str(d) for d in range(10)},
        **{chr(0x6F0 + d): str(d) for d in range(10)},
    }
)  # fmt: skip
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_ARABIC = re.compile("[\u0600-\u06ff]")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")

_AR_STOP = """
في من الي عن علي مع هذا هذه ذلك تلك هذان هاتان هولا اوليك التي الذي الذين اللذان اللتان اللواتي ان انه انها انهم
كان كانت كانوا يكون تكون كون قد لقد ثم او ام لا لم لن ما ماذا لماذا متي اين كيف كم من اي ايه ايا هل هو هي هم هن
هما نحن انا انت انتم و ف ب ل ك بل لكن حتي اذا اذ لو عند عندما بعد قبل بين خلال حول دون غير سوي كل بعض جميع اي
كما مثل منذ حيث فيه فيها فيهم به بها بهم له لها لهم منه منها منهم عنه عنها عنهم عليه عليها عليهم اليه اليها
اليهم لدي لديه لديها ليس ليست فقط ايضا هنا هناك الا اما انما كي لكي مما ممن عما فان وان كانه ذات ذي ذو بان وقد
وهو وهي ومن وفي وعلي ولم ولا وما فما بما لما وكان وكانت التى الى على حين حينما بينما ضمن نحو عبر اثناء بشان بسبب
وراء امام تحت فوق جدا شو ليش ايش وش وين مين امتي ازاي ليه فين منو شنو هيك علشان عشان اللي دي ده دا مش يعني
شحال قديش اديش قداش شكد شقد كام علاش لاش فوقاش وقتاش امتين امتا ايمتي منين شكون اشكون كيفاش شلون اشنو
""".split()
_EN_STOP = """
a an the and or but if of at by for with about against between into through during before after above below to
from up down in out on off over under again then once here there when where why how all any both each few more
most other some such no nor not only own same so than too very s t can will just don should now is am are was
were be been being have has had having do does did doing would could i me my we our you your he him his she her
it its they them their what which who whom this that these those as until while ll re ve d m
""".split()
_FA_STOP = """
و در به از که این ان را با است بود شد برای تا هم یا یک می خود بر نیز اما اگر هر بی چه چی چیست چرا کجا کی چگونه
ایا کدام چند چقدر کسی کسانی های ها هایی شده کرد کرده کند باید توسط درباره مورد بین پس پیش روی
""".split()


_PERSIAN_LETTERS = re.compile("[پچژگیک]")
_PERSIAN_WORDS = frozenset(
    """
است چه چی کدام آیا در را از که برای این چرا چند چگونه کی کجا شد کرد با ها
""".split()
)
_LATIN = re.compile("[A-Za-z]")


def question_language(text: str) -> Language:
    """Arabic, English or Persian, by script and, within the Arabic script, by Persian letters and words.

    Some keyboards write Arabic with Persian ya and kaf, so two signs are asked for.
    """
    if len(_LATIN.findall(text)) > len(_ARABIC.findall(text)):
        return "en"
    words = re.findall(r"\w+", text)
    signs = sum(bool(_PERSIAN_LETTERS.search(word)) for word in words) + 2 * sum(w in _PERSIAN_WORDS for w in words)
    arabic_signs = sum(bool(re.search("[ةأإىكي]|^ال", word)) for word in words)
    return "fa" if signs >= 2 and signs > arabic_signs else "ar"


def bare(text: str) -> str:
    """A text without the marks that change no word, for a model that has read few of them.

    >>> bare("السُّلطنة الـعُمانيّة")
    'السلطنة العمانية'
    """
    return _MARKS.sub("", unicodedata.normalize("NFC", text)).strip()


def normalise(text: str) -> str:
    """Unify how letters and digits are written; lower case; white space runs become one space.

    >>> normalise("السُّلطنة  العُمانيّة ١٢")
    'السلطنه العمانيه 12'
    """
    text = _MARKS.sub("", unicodedata.normalize("NFKC", text)).translate(_LETTERS).casefold()
    return _SPACE.sub(" ", text).strip()


def aligned(text: str) -> tuple[str, list[int]]:
    """A text with its letters and digits unified as by :func:`normalise`, and where each character came from.

    White space is kept, so that spans found in the unified text can be told in the text itself: its character ``i``
    is written at ``offsets[i]``; one more offset marks the end.

    >>> aligned("١٧ مـايو")
    ('17 مايو', [0, 1, 2, 3, 5, 6, 7, 8])
    """
    unified: list[str] = []
    offsets: list[int] = []
    for offset, character in enumerate(text):
        for letter in _MARKS.sub("", character).translate(_LETTERS).casefold():
            unified.append(letter)
            offsets.append(offset)
    return "".join(unified), [*offsets, len(text)]


_STOP = frozenset(normalise(word) for word in (*_AR_STOP, *_EN_STOP, *_FA_STOP))
# PyStemmer objects keep a buffer each and are not safe to share between threads; one word is cached once instead.
_ARABIC_STEMMER = Stemmer.Stemmer("arabic", 0)
_ENGLISH_STEMMER = Stemmer.Stemmer("english", 0)


def tokens(text: str) -> list[str]:
    """Normalised words and numbers in order, stop words kept; ``1,200`` is ``1200``."""
    return _WORD.findall(_THOUSANDS.sub("", normalise(text)))


def is_stop(token: str) -> bool:
    """Whether a normalised word carries no topic (particles, pronouns, question words)."""
    return token in _STOP


@lru_cache(maxsize=200_000)
def stem(token: str) -> str:
    """The stem of one normalised word: Snowball Arabic or English by script; numbers, and nothing, stay.

    Normalising has merged final ha with ta marbuta; Snowball is given the ta marbuta, which is far more frequent
    (XQuAD-ar BM25 recall@1 stays within .003 and «الوساطه» meets «الوساطة»). It also leaves the conjunction in
    «والـ» and the elided alef of «للـ», so both are undone first.
    """
    if not token or token[0].isdigit():
        return token
    if not _ARABIC.match(token):
        return _ENGLISH_STEMMER.stemWord(token) or token
    word = token
    if word.endswith("ه") and len(word) > 3:
        word = word[:-1] + "ة"
    if word.startswith(("وال", "فال")) and len(word) > 5:
        word = word[1:]
    elif word.startswith("لل") and len(word) > 4:
        word = "ال" + word[2:]
    return normalise(_ARABIC_STEMMER.stemWord(word)) or token


@lru_cache(maxsize=200_000)
def root(token: str) -> str:
    """The consonantal root of a normalised Arabic word (ISRI, Taghva et al. 2005); its stem in another script.

    Roots join what stems keep apart («أهداف» and «هدف», «وسيط» and «وساطة») and some words that only look related, so
    they count for less than stems.
    """
    return _roots().stem(token) if _ARABIC.match(token) else stem(token)


@cache
def _roots() -> ISRIStemmer:
    # With it comes all of NLTK, seconds that a command which compares no words does not wait for.
    from nltk.stem.isri import ISRIStemmer

    return ISRIStemmer()


def content_words(text: str) -> list[str]:
    """Normalised words and numbers without stop words, in order."""
    return [token for token in tokens(text) if token not in _STOP]


def stems(text: str) -> list[str]:
    """Index terms of a text: stems of its words without stop words, in order."""
    return [stem(token) for token in content_words(text)]


def roots(text: str) -> list[str]:
    """Roots of the content words of a text, in order."""
    return [root(token) for token in content_words(text)]


def grams(text: str, size: int = 4) -> list[str]:
    """Character n-grams of the content words (a shorter word is its own gram): they forgive spelling and affixes."""
    return [token[i : i + size] for token in content_words(text) for i in range(max(1, len(token) - size + 1))]
