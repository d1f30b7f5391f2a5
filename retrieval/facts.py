"""Hard facts in a text that must not change between a source and what is said of it: numbers, dates, negation."""

from __future__ import annotations

import re

from retrieval.analysis import tokens

_MONTHS = """
يناير فبراير مارس ابريل نيسان مايو ايار يونيو حزيران يوليو تموز اغسطس اب سبتمبر ايلول اكتوبر نوفمبر ديسمبر شباط
اذار january february march april may june july august september october november december ژانويه فوريه مارس
اوريل مه ژوين ژوييه اوت سپتامبر اكتبر نوامبر دسامبر
""".split()
_DAYS = """
السبت الاحد الاثنين الثلاثا الاربعا الخميس الجمعه saturday sunday monday tuesday wednesday thursday friday شنبه
يكشنبه دوشنبه سهشنبه چهارشنبه پنجشنبه جمعه
""".split()
_TIME = """
عام عاما سنه سنوات اعوام شهر اشهر يوم ايام اسبوع اسابيع عقد عقود امس اليوم غدا صباح مسا ليله قبل بعد منذ حقبه
عهد الستينيات السبعينيات الثمانينيات التسعينيات العشرينيات ستينيات سبعينيات ثمانينيات تسعينيات year years month
day week decade ago yesterday today since سال ماه روز هفته
""".split()
_UNITS = {
    "واحد": 1, "واحده": 1, "اثنان": 2, "اثنين": 2, "اثنتان": 2, "اثنتين": 2, "ثلاثه": 3, "ثلاث": 3, "اربعه": 4,
    "اربع": 4, "خمسه": 5, "خمس": 5, "سته": 6, "ست": 6, "سبعه": 7, "سبع": 7, "ثمانيه": 8, "ثماني": 8, "ثمان": 8,
    "تسعه": 9, "تسع": 9, "عشره": 10, "عشر": 10, "عشرون": 20, "عشرين": 20, "ثلاثون": 30, "ثلاثين": 30,
    "اربعون": 40, "اربعين": 40, "خمسون": 50, "خمسين": 50, "ستون": 60, "ستين": 60, "سبعون": 70, "سبعين": 70,
    "ثمانون": 80, "ثمانين": 80, "تسعون": 90, "تسعين": 90, "مايه": 100, "ميه": 100, "مييه": 100, "مايتان": 200,
    "مايتين": 200, "الف": 1000, "الفان": 2000, "الفين": 2000, "مليون": 10**6, "مليونان": 2 * 10**6, "مليار": 10**9,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "hundred": 100,
    "thousand": 1000, "million": 10**6, "billion": 10**9,
}  # fmt: skip
_ORDINAL = """
الاول الاولي الثاني الثانيه الثالث الثالثه الرابع الرابعه الخامس الخامسه السادس السادسه اولي ثاني ثالث رابع خامس
رسالتان رسالتين مرتين مرتان ضعف ضعفي نصف ربع ثلث عشرات مييات مءات الاف ملايين جولتان جولتين يومين يومان عامين
عامان شهرين اسبوعين first second third fourth fifth twice half
""".split()
_PURPOSE = """
هدف اهداف غايه غايات غرض يريد تريد يريدون اراد ارادت رغبه ترغب يرغب راغبه يسعي تسعي يسعون سعي مسعي ترمي يرمي
تهدف يهدف بهدف بغيه اجل لاجل كي لكي يطالب تطالب طالب طالبت مطلب مطالب شرط شروط مقابل
goal aim objective purpose want wants seek seeks demand demands
""".split()
_CAUSE = """
لان لانه لانها لانهم بسبب سبب اسباب نظرا اذ نتيجه جراء بفضل بفعل لذلك ولهذا لهذا لذا يعود تعود دفع دفعت ادي ادت
حاجه بداعي عزا عزت مرده كونه كونها حرصا خشيه خوفا because since due cause caused reason
""".split()
_FUNCTION = """
دور دورا مبعوث يعد تعد يعتبر تعتبر بصفته بصفتها بوصفه بوصفها باعتباره باعتبارها يعمل تعمل
يقوم تقوم يتولي تتولي تولي تولت يراس تراس يقود تقود يشغل تشغل رييس رييسه وزير وزيره مدير مديره ناطق متحدث خبير
عالم باحث مهمه مهمته مهمتها وظيفه يمثل تمثل تودي يودي role
""".split()
_TEMPORAL = frozenset((*_MONTHS, *_DAYS, *_TIME))
_PURPOSES, _CAUSES, _FUNCTIONS = frozenset(_PURPOSE), frozenset(_CAUSE), frozenset(_FUNCTION)
_QUANTITY = frozenset((*_UNITS, *_ORDINAL))
_NEGATION = frozenset(
    """
لا لم لن ليس ليست ليسوا ما غير دون بلا عدم نفي ينفي تنفي نفت رفض رفضت يرفض ترفض بدون not no never without
denied denies deny rejected rejects none neither nor cannot نه نيست نشد هرگز بدون
""".split()
)
_YEAR = re.compile(r"(1[5-9]|20|21)\d\d")


def numbers(text: str) -> set[str]:
    """Figures of a text, those written in words included (each number word on its own): ``{"36", "1989"}``."""
    found: set[str] = set()
    for token in tokens(text):
        word = token.removeprefix("و") if token.startswith("و") and token[1:] in _UNITS else token
        if word[0].isdigit():
            found.add(word)
        elif word in _UNITS:
            found.add(str(_UNITS[word]))
    return found


def figures(text: str) -> set[str]:
    """Figures of a text written in digits."""
    return {token for token in tokens(text) if token[0].isdigit()}


def tells_time(text: str) -> bool:
    """Whether a text holds a year, a month, a day or another expression of time."""
    return any(_bare(token) in _TEMPORAL or _YEAR.fullmatch(token) for token in tokens(text))


def tells_quantity(text: str) -> bool:
    """Whether a text holds a number in digits or words."""
    return any(token[0].isdigit() or _bare(token) in _QUANTITY for token in tokens(text))


def _holds(text: str, words: frozenset[str]) -> bool:
    return any(token in words or _without_clitics(token) in words for token in tokens(text))


def tells_purpose(text: str) -> bool:
    """Whether a text speaks of aims: wants, seeks, demands, in order to, in return for."""
    return _holds(text, _PURPOSES)


def tells_cause(text: str) -> bool:
    """Whether a text speaks of causes: because, due to, led to."""
    return _holds(text, _CAUSES)


def tells_function(text: str) -> bool:
    """Whether a text says what somebody is or does: is considered, serves as, heads, minister of."""
    return _holds(text, _FUNCTIONS)


def negations(text: str) -> int:
    """How many negating words a text has."""
    return sum(token.removeprefix("و") in _NEGATION or token in _NEGATION for token in tokens(text))


def _bare(token: str) -> str:
    for prefix in ("", "و", "ب", "ل", "ال", "وال", "بال", "ولل", "لل", "في"):
        if token.startswith(prefix) and token[len(prefix) :] in _TEMPORAL | _QUANTITY:
            return token[len(prefix) :]
    return token


def _without_clitics(token: str) -> str:
    """A word without its conjunction, preposition or article, and without a final accusative alef."""
    bare = token
    for prefix in ("وال", "فال", "بال", "لل", "ال", "و", "ف", "ل", "ب"):
        if bare.startswith(prefix) and len(bare) - len(prefix) >= 3:
            bare = bare[len(prefix) :]
            break
    return bare[:-1] if bare.endswith("ا") and len(bare) > 3 else bare
