"""Parties as news names them: a country by its name, its people or its capital, in Arabic, English and Persian.

Who is asked about as «الولايات المتحدة» is quoted as «مسؤول أميركي», or as «واشنطن». The table is of states and the
like, whatever the articles are about; a party that is not in it is known by its own name.
"""

from __future__ import annotations

import re

from retrieval.analysis import content_words, normalise
from retrieval.verify import names

# A line a party: every word by which it goes.
_STATES = """
الولايات المتحدة|أميركا|أمريكا|أميركي|أمريكي|واشنطن|البيت الأبيض|United States|US|USA|America|American|Washington|آمریکا
إيران|إيراني|طهران|Iran|Iranian|Tehran|ایران|تهران
عُمان|سلطنة عمان|عماني|مسقط|Oman|Omani|Muscat|عمان
قطر|قطري|الدوحة|Qatar|Qatari|Doha
السعودية|سعودي|الرياض|Saudi Arabia|Saudi|Riyadh|عربستان
الإمارات|إماراتي|أبوظبي|أبو ظبي|UAE|United Arab Emirates|Emirates|Emirati|Abu Dhabi|امارات
الكويت|كويتي|Kuwait|Kuwaiti|کویت
البحرين|بحريني|المنامة|Bahrain|Bahraini|Manama
اليمن|يمني|صنعاء|Yemen|Yemeni|Sanaa
العراق|عراقي|بغداد|Iraq|Iraqi|Baghdad
سوريا|سورية|سوري|دمشق|Syria|Syrian|Damascus|سوریه
لبنان|لبناني|بيروت|Lebanon|Lebanese|Beirut
الأردن|أردني|Jordan|Jordanian|Amman
فلسطين|فلسطيني|رام الله|Palestine|Palestinian|فلسطینی
إسرائيل|إسرائيلي|تل أبيب|Israel|Israeli|Tel Aviv|اسرائیل
مصر|مصري|القاهرة|Egypt|Egyptian|Cairo
السودان|سوداني|الخرطوم|Sudan|Sudanese|Khartoum
ليبيا|ليبي|طرابلس|Libya|Libyan|Tripoli
تونس|تونسي|Tunisia|Tunisian|Tunis
الجزائر|جزائري|Algeria|Algerian|Algiers
المغرب|مغربي|الرباط|Morocco|Moroccan|Rabat
موريتانيا|موريتاني|نواكشوط|Mauritania|Mauritanian|Nouakchott
تركيا|تركي|أنقرة|Turkey|Turkish|Ankara|Türkiye|ترکیه
روسيا|روسي|موسكو|الكرملين|Russia|Russian|Moscow|Kremlin|روسیه
أوكرانيا|أوكراني|كييف|Ukraine|Ukrainian|Kyiv|اوکراین
الصين|صيني|بكين|China|Chinese|Beijing|چین
الهند|هندي|نيودلهي|India|Indian|New Delhi|هند
باكستان|باكستاني|إسلام آباد|Pakistan|Pakistani|Islamabad
أفغانستان|أفغاني|كابول|Afghanistan|Afghan|Kabul
اليابان|ياباني|طوكيو|Japan|Japanese|Tokyo|ژاپن
كوريا الجنوبية|كوري جنوبي|سيول|South Korea|Seoul
كوريا الشمالية|بيونغ يانغ|North Korea|Pyongyang
فرنسا|فرنسي|باريس|الإليزيه|France|French|Paris|فرانسه
ألمانيا|ألماني|برلين|Germany|German|Berlin|آلمان
بريطانيا|المملكة المتحدة|بريطاني|لندن|Britain|United Kingdom|UK|British|London|انگلیس|بریتانیا
إيطاليا|إيطالي|روما|Italy|Italian|Rome
إسبانيا|إسباني|مدريد|Spain|Spanish|Madrid
اليونان|يوناني|أثينا|Greece|Greek|Athens
النرويج|نرويجي|أوسلو|Norway|Norwegian|Oslo
السويد|سويدي|ستوكهولم|Sweden|Swedish|Stockholm
البرازيل|برازيلي|برازيليا|Brazil|Brazilian
إثيوبيا|إثيوبي|أديس أبابا|Ethiopia|Ethiopian|Addis Ababa
نيجيريا|نيجيري|أبوجا|Nigeria|Nigerian|Abuja
الاتحاد الأوروبي|أوروبي|بروكسل|European Union|EU|European|Brussels|اتحادیه اروپا
الأمم المتحدة|أممي|United Nations|UN|سازمان ملل
"""
_BEFORE, _AFTER = "[وف]?[بلك]?(?:ال|لل)?", "(?:ي|يه|يا|يون|يين|يات|ون|ين|ه|s)?"  # «وللإيرانيين»
_GROUPS = [line.split("|") for line in _STATES.strip().splitlines()]
_GROUP_OF = {normalise(name): group for group in _GROUPS for name in group}
# Words that only say what kind of party it is, and that a quotation seldom repeats.
_KINDS = frozenset(
    normalise(word)
    for word in """
الحكومة حكومة الإدارة إدارة الوفد وفد الجانب جانب الطرف طرف دولة جمهورية
مسؤولي مسؤولون المسؤولون المسؤولين السيد الرئيس الوزير
the government administration side party delegation officials president minister mr state republic دولت جمهوری طرف
""".split()
)


def is_state(name: str) -> bool:
    """Whether a name is one of a state of the table, or of its capital."""
    normal = normalise(name)
    return normal in _GROUP_OF or normal.removeprefix("ال") in _GROUP_OF


def states_in(text: str) -> list[str]:
    """The states of the table that a text names, each by its first name."""
    return [group[0] for group in _GROUPS if any(_holds(text, name) for name in group)]


def spoken_of(text: str, party: str, *, capital: bool = True) -> bool:
    """Whether a text names a party: by its name, an adjective of it, or another name that it goes by.

    Without ``capital`` a state is not named by the place it is governed from, where anybody may meet.

    >>> spoken_of("أعلن مسؤولون أميركيون ذلك", "الولايات المتحدة")
    True
    """
    words = [word for word in content_words(party) if word not in _KINDS] or content_words(party)
    group = _GROUP_OF.get(normalise(party).removeprefix("the ")) or _GROUP_OF.get(" ".join(words))
    if group is None and len(words) == 1:
        group = next(
            (group for name, group in _GROUP_OF.items() if name in {words[0], words[0].removeprefix("ال")}), None
        )
    if group:
        return any(_holds(text, name) for name in (group if capital else _own_names(group)))
    return names(text, " ".join(words)) or _holds(text, " ".join(words))


def acts(text: str, party: str) -> bool:
    """Whether a text names a party itself, as who does something may be: no adjective of it, and no preposition.

    >>> acts("التزمت إيران بالحد المتفق عليه", "إيران")
    True
    >>> acts("بلغ البرنامج الإيراني حده", "إيران")
    False
    """
    group = _GROUP_OF.get(normalise(party).removeprefix("the ")) or [party]
    there = " ".join(re.findall(r"\w+", normalise(text)))
    return any(re.search(rf"(?:^| )[وف]?{re.escape(normalise(name))}(?: |$)", there) for name in group)


def _own_names(group: list[str]) -> list[str]:
    """The Arabic names of a line up to its adjective, which the capital comes after."""
    adjectives = [place for place, name in enumerate(group) if name.endswith("ي") and not name.startswith("أبو")]
    return group[: max(adjectives, default=0) + 1]


def _holds(text: str, name: str) -> bool:
    """Whether a text has every word of a name, with an article or an ending («الإيرانية» for «إيران»)."""
    parts = [word.removeprefix("ال") for word in content_words(name)]
    there = content_words(text)
    forms = [re.compile(f"{_BEFORE}{re.escape(part)}{_AFTER}") for part in parts]
    return bool(forms) and all(any(form.fullmatch(word) for word in there) for form in forms)
