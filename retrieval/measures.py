"""Measures: a question of how far, how long or how much money is answered by a number in units of that.

The expected answer type of a question, finer than "a number" (Li and Roth 2002 call these ``NUM:distance``,
``NUM:period``, ``NUM:money``, ``NUM:percent``, ``NUM:weight``); what is counted («كم سفينة») is not read here.
"""

from __future__ import annotations

import re
from typing import Literal

from retrieval.analysis import normalise, tokens
from retrieval.facts import tells_quantity

Measure = Literal[
    "depth", "height", "width", "distance", "length", "duration", "age", "money", "share", "weight", "area"
]

_ASK_AR = r"\b[وف]?(?:كم|شحال|قديش|قداش|كام)(?: (?:هو|هي|كان|كانت|[يت]?بلغت?|[يت]صل|وصلت?|[يت]قدر|[يت]ساوي))? (?:ال)?"
_WHAT_AR = r"\b[وف]?ما (?:هو |هي |كان |كانت )?(?:ال)?"
_HOW_FA = r"\b.*\b(?:چقدر|چه قدر|چه ميزان|چند)\b"
_MEASURES: tuple[tuple[Measure, str], ...] = (
    (
        "age",
        rf"{_ASK_AR}(?:عمر|سن)(?:ه|ها)?\b|{_ASK_AR}(?:\w+ ){{1,4}}من العمر\b|{_WHAT_AR}(?:عمر|سن)\b|\bhow old\b"
        rf"|\bسن{_HOW_FA}|\bچند سال (?:دارد|داشت|سن)\b",
    ),
    (
        "depth",
        rf"(?:{_ASK_AR}|{_WHAT_AR})عمق(?:ه|ها)?\b|\bhow deep\b|\bwhat (?:is|was) the (?:\w+ )?depth\b"
        rf"|\bعمق{_HOW_FA}",
    ),
    (
        "height",
        rf"(?:{_ASK_AR}|{_WHAT_AR})(?:ارتفاع|علو)(?:ه|ها)?\b|\bhow tall\b|\bwhat (?:is|was) the (?:\w+ )?height\b"
        rf"|\bارتفاع{_HOW_FA}",
    ),
    (
        "width",
        rf"\b(?:كم|ما)(?: [يت]بلغ)? (?:عرض|سماكه)(?:ه|ها)?\b|\bhow (?:wide|thick)\b"
        rf"|\bwhat (?:is|was) the (?:\w+ )?width\b|\bعرض{_HOW_FA}",
    ),
    (
        "distance",
        rf"(?:{_ASK_AR}|{_WHAT_AR})مسافه\b|{_ASK_AR}[يت]بعد\b|\bhow far (?:away|apart|from|is|are|was|were)\b"
        rf"|\bwhat (?:is|was) the (?:\w+ )?distance\b|\bفاصله{_HOW_FA}",
    ),
    (
        "length",
        rf"(?:{_ASK_AR}|{_WHAT_AR})طول(?:ه|ها)?\b(?! (?:ال)?(?:فتره|مده))"
        rf"|{_ASK_AR}(?:كيلومترا?|مترا?|ميلا?)\b(?! (?:مربع|مكعب))",
    ),
    (
        "duration",
        rf"{_ASK_AR}(?:دامت?|[يت]دوم|استمرت?|[يت]ستمر|استغرقت?|[يت]ستغرق|لبثت?|مكثت?|بقيت?|من الوقت)\b"
        rf"|{_ASK_AR}(?:سنه|سنوات|عاما?|شهرا?|اسبوعا?|يوما?|ساعه|دقيقه|عقدا?)\b|(?:{_ASK_AR}|{_WHAT_AR})مده\b"
        r"|\bhow long (?!is\b|are\b|was\b|were\b)|\bhow many (?:years|months|weeks|days|hours|minutes|decades)\b"
        r"|\bچه مدت|\bچند (?:سال|ماه|هفته|روز|ساعت|دقيقه)\b|چقدر طول (?:كشيد|ميكشد|خواهد كشيد)",
    ),
    (
        "money",
        rf"{_ASK_AR}س?(?:كلفت?|[يت]كلف|ثمن|سعر|راتب|اجر|اجره|تكلفه|كلفه|ميزانيه|دفعت?|[يت]دفع|انفقت?|[يت]نفق)(?:ه|ها)?\b"
        rf"|{_WHAT_AR}(?:ثمن|سعر|راتب|تكلفه|كلفه|ميزانيه)\b"
        r"|\bhow much (?:money|(?:did|does|do|will|would|has|have|is|was|must|should)\b.*"
        r"\b(?:costs?|pay|paid|spend|spent|earn|charge|worth))\b"
        r"|\bwhat (?:is|was|were|are|will be) (?:\S+ )?(?:\S+ )?(?:price|cost|salary|budget|fee)\b"
        rf"|\b(?:هزينه|قيمت|بودجه|دستمزد|حقوق|كارمزد){_HOW_FA}",
    ),
    (
        "share",
        rf"{_ASK_AR}نسبه\b|{_ASK_AR}(?:في|ب)? ?(?:ال)?(?:مييه|ميه|مايه)\b|{_WHAT_AR}نسبه\b"
        rf"|\bwhat (?:percentage|share|percent)\b|\bچند درصد\b|\bدرصد{_HOW_FA}",
    ),
    (
        "weight",
        rf"{_ASK_AR}(?:[يت]زن|وزن)\b|{_WHAT_AR}وزن\b|\bhow (?:heavy\b|much (?:did|does|do) .*\bweigh)"
        rf"|\bوزن{_HOW_FA}",
    ),
    ("area", rf"(?:{_ASK_AR}|{_WHAT_AR})مساحه\b|\bwhat (?:is|was) the (?:\w+ )?area of\b|\bمساحت{_HOW_FA}"),
)  # fmt: skip
_ASKS = tuple((measure, re.compile(pattern)) for measure, pattern in _MEASURES)

_TIMES = """
سنه سنوات سنين عام عاما اعوام شهر شهرا اشهر شهور اسبوع اسبوعا اسابيع يوم يوما ايام ليله ليال ساعه ساعات دقيقه
دقايق ثانيه ثواني عقد عقدا عقود قرن قرنا قرون موسم مواسم year years month months week weeks day days hour hours
minute minutes decade decades century centuries سال ماه هفته روز ساعت دهه
"""
_LENGTHS = """
كيلومتر كيلومترا كيلومترات كلم كم متر مترا امتار سنتيمتر سنتيمترا سنتيمترات سم مليمتر مليمترا ملم
ميل ميلا اميال قدم قدما اقدام ذراع ذراعا بوصه بوصات فرسخ فراسخ kilometre kilometres kilometer
kilometers km metre metres meter meters mile miles feet foot inch inches كيلومتري متري مايل
"""
_UNIT_WORDS: dict[Measure, str] = {
    "duration": _TIMES,
    "age": f"{_TIMES} عمر عمره عمرها سن مواليد ولد ولدت aged born old متولد",
    **dict.fromkeys(("depth", "height", "width", "distance", "length"), _LENGTHS),
    "money": """
        دولار دولارا دولارات يورو ريال ريالا ريالات دينار دينارا دنانير درهم درهما دراهم جنيه جنيها جنيهات
        ليره ليرات روبل روبلا فرنك فرنكا فرنكات كرونه كرونات كرون ين ينا يوان يوانا روبيه روبيات شيكل شيكلا
        شواكل تومان بيزو بيزوس راند وون رينغيت زلوتي فورنت اوقيه اوقيات شلن شلنا نايرا مارك ماركا
        سنت سنتا قرش قرشا قروش مليم مجانا مجاني dollar dollars euro euros pound pounds rial rials franc
        francs yen yuan rouble roubles crown crowns free usd eur cents دلار پوند كلف كلفت كلفه تكلفه ثمن
        سعر راتب اجر ميزانيه قيمه مبلغ cost price salary budget worth
    """,
    "share": """
        المييه الميه المايه percent نصف ثلث ثلثا ثلثي ربع اغلبيه غالبيه معظم كثير كثيره قليل قليله درصد half
        third quarter most many few
    """,
    "weight": """
        طن طنا اطنان كيلوغرام كيلوغراما كيلوغرامات كيلوجرام كلغ كغ غرام غراما غرامات جرام جراما ملغ رطل
        رطلا ارطال قنطار قنطارا كيلو kilogram kilograms kilo kilos kg gram grams tonne tonnes ton tons
        pounds كيلوگرم گرم تن
    """,
    "area": """
        مربع مربعا مربعه هكتار هكتارا هكتارات فدان فدانا فدادين دونم دونما دونمات square hectare hectares
        acre acres مربعي
    """,
}  # fmt: skip
_UNITS = {measure: frozenset(words.split()) for measure, words in _UNIT_WORDS.items()}
# «لا يزيد عرضه على 33 كيلومترًا» does not say how deep.
_EXTENTS: dict[Measure, frozenset[str]] = {
    "depth": frozenset("عمق عمقا عمقه عمقها اعماق deep depth".split()),
    "height": frozenset("ارتفاع ارتفاعا ارتفاعه ارتفاعها علو علوه علوها high height tall".split()),
    "width": frozenset("عرض عرضا عرضه عرضها سماكه سماكته سماكتها wide width thick".split()),
    "distance": frozenset("مسافه مسافات يبعد تبعد بعد يفصل تفصل تفصله يفصله far distance away فاصله".split()),
    "length": frozenset("طول طولا طوله طولها يمتد تمتد long length".split()),
}
_DUAL = re.compile(r"(?:ين|ان)(?:ه|ها)?$")
_SIGNS: dict[Measure, re.Pattern[str]] = {
    "money": re.compile(r"[$€£¥₪﷼]"),
    "share": re.compile(r"[%٪]|\d ?(?:من|of|in|الي|to|:) ?(?:كل )?\d"),
    "duration": re.compile(r"(?:1[5-9]|20)\d\d\D+(?:1[5-9]|20)\d\d|\b(?:منذ|حتي|since|until|از سال|تا)\b|\b\d+:\d\d\b"),
    "age": re.compile(r"\b(?:مواليد|ولدت?|born|متولد)\b.*\b(?:1[5-9]|20)\d\d\b"),
}
_SOME = frozenset("عده بضع بضعه several few some چند".split())
WITHIN = 4  # words between a number and its unit: «عشرة مليارات و400 مليون دولار»


def asked_measure(question: str) -> Measure | None:
    """What a number question wants measured; ``None`` where it wants things counted, or anything else.

    >>> asked_measure("كم يبعد السد عن العاصمة؟")
    'distance'
    >>> asked_measure("كم سفينة غرقت؟") is None
    True
    """
    normal = normalise(question)
    return next((measure for measure, pattern in _ASKS if pattern.search(normal)), None)


def tells_measure(text: str, measure: Measure) -> bool:
    """Whether a text has a number in units of a measure, a dual of one («ميلين»), or a sign of one (``$``, ``%``).

    >>> tells_measure("يبعد السد 40 كيلومترًا", "distance"), tells_measure("شُيّد السد قبل 40 عامًا", "distance")
    (True, False)
    """
    if (sign := _SIGNS.get(measure)) and sign.search(normalise(text)):
        return True
    words = tokens(text)
    if _of_another_extent(words, measure):
        return False
    units = [place for place, word in enumerate(words) if _unit(word, measure)]
    numbers = [place for place, word in enumerate(words) if word in _SOME or tells_quantity(word)]
    alone = measure == "share"  # «نصف», «أغلبية»
    return any(
        alone or _DUAL.search(words[unit]) or any(abs(unit - number) <= WITHIN for number in numbers) for unit in units
    )


def _of_another_extent(words: list[str], measure: Measure) -> bool:
    """Whether only another extent than the one asked for is told: its width and not its depth."""
    if measure not in _EXTENTS or measure == "length":
        return False
    bare = {word.removeprefix("و").removeprefix("ب").removeprefix("ال") for word in words} | set(words)
    told = {extent for extent, names in _EXTENTS.items() if names & bare}
    return bool(told - {"distance"}) and measure not in told


def _unit(word: str, measure: Measure) -> bool:
    known = _UNITS[measure]
    for prefix in ("", "و", "ب", "ل", "ال", "وال", "بال", "لل", "ف"):
        if not word.startswith(prefix):
            continue
        bare = word[len(prefix) :]
        if bare in known or _DUAL.sub("", bare) in known or _DUAL.sub("ه", bare) in known:
            return True
        if bare.endswith(("تين", "تان")) and bare[:-3] + "ه" in known:
            return True
    return False
