"""In which form an answer is asked: a plain one, or a summary, a comparison or a timeline, and of what.

«لخّص ما تقوله المصادر عن الإضراب», "compare Iran's and America's positions", «گاه‌شمار مذاکرات». A request is read
from how it is put, never from what it is about; a question that merely holds such a word («ما الجدول الزمني
للاتفاق؟») stays a question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from retrieval.analysis import aligned

Form = Literal["plain", "summary", "comparison", "timeline"]

_PLEASE = (
    r"^\s*(?:(?:من فضلك|لو سمحت|رجا|هل يمكنك(?: ان)?|هل يمكن|ممكن|اريد|نريد|اود|بدي|عايز|ابي|اعطني|اعطنا|عطني|هات"
    r"|قدم|اعرض|اكتب|ارسم|ضع|اعمل"
    r"|please|can you|could you|would you|i want|i need|i'd like|give|show|write|make|draw|build|create|me|us|a|an"
    r"|the|short|brief"
    r"|لي|لنا|لطفا|يك)[\s,]+)*"
)
_SOURCES = (
    r"(?:(?:كل )?(?:ما|الذي) (?:قالته|تقوله|ذكرته|تذكره|ورد في|جا في|نشرته|كتبته|قيل|يقال|نشر|كتب"
    r"|ورد)(?: (?:ال)?(?:مصادر|مقالات|اخبار|صحف|تقارير"
    r"|وسايل الاعلام))?(?: هنا)? ?)?(?:(?:ال)?(?:مصادر|مقالات|اخبار|تقارير) (?=عن|حول|بشان))?"
)
_OF = r"(?:(?:عن|حول|بشان|بخصوص|في|في شان|لما يتعلق ب|فيما يخص)\s+|ل(?=ل?\w))?"
_SUMMARY = re.compile(
    rf"{_PLEASE}(?:خلاصه ?اي|خلاصه|چكيده ?اي|چكيده)\s+(?!ما |عن |حول |بشان |ل)(?:از\s+)?"
    r"(?:انچه منابع (?:درباره|در مورد)\s+)?(?:درباره ?ي?\s+|در مورد\s+)?"
    r"(?P<fa>.+?)(?:\s+(?:مي ?گويند|گفته ?اند))?(?:\s+را)?(?:\s+(?:بده|بدهيد|بنويس|كن|كنيد|بگو))?$"
    rf"|{_PLEASE}(?:لخصي?|تلخصي?|الخص|اوجزي?|توجز|اختصري?|ملخصا?|تلخيصا?|خلاصه|موجزا?|نبذه|ايجازا?)\s+(?:(?:لي|لنا"
    rf"|سريعا?|قصيرا?|شاملا?|عاما?)\s+)*"
    rf"{_SOURCES}{_OF}(?P<ar>.+)$"
    rf"|^\s*ما (?:هي |هو )?(?:ال)?(?:خلاصه|ملخص|موجز)\s+(?=ما |ل|عن |حول ){_SOURCES}{_OF}(?P<ar2>.+)$"
    rf"|{_PLEASE}(?:summari[sz]e|sum up|summary|overview|recap|digest)(?: of| on| about)?(?: (?:what|everything"
    rf"|all))?(?: that)?"
    r"(?: (?:the |our |your )?(?:sources|articles|news|reports|coverage|papers)(?: (?:say|said|report|reported"
    r"|write|tell us))?)?"
    r"(?: (?:about|on|of|regarding))?\s+(?P<en>.+)$"
    r"|^\s*(?P<fa2>.+?)\s+را\s+خلاصه\s+(?:كن|كنيد)$"
)
_POSITION_AR = r"(?:موقفي|موقف|رايي|راي|مواقف|اراء?|رويتي|رويه|روايتي|روايه|تصريحات|مطالب|اهداف|وجهتي نظر|وجهه نظر)"
_TOPIC_AR = r"(?:\s+(?:من|حول|بشان|بخصوص|عن|ازا|تجاه|في شان|في مساله|في ملف|في)\s+(?P<{0}>.+))?"
_COMPARISON = re.compile(
    rf"{_PLEASE}(?:قارني?|تقارن|قارنوا|مقارنه|المقارنه)\s+(?:لي\s+)?(?:(?:ما )?بين\s+)?(?:ما (?:قاله|قالته|يقوله"
    rf"|تقوله|يريده|تريده)\s+)?"
    rf"(?:{_POSITION_AR}\s+(?:كل من\s+)?)?(?:كل من\s+)?(?P<a1>\S+(?: (?!و)\S+){{0,4}}?)\s+(?:و\s?|مع "
    rf"|ب)(?:بين\s+)?(?:ما (?:قاله|قالته)\s+)?"
    rf"(?:{_POSITION_AR}\s+)?(?P<b1>\S+(?:\s+\S+){{0,4}}?){_TOPIC_AR.format('t1')}$"
    rf"|^\s*(?:ما|ما هو|ماهو|وش|شو|ايه|كيف)\s+(?:الفرق|الاختلاف|الخلاف|الفروق"
    rf"|يختلف)\s+(?:ما )?(?:بين\s+)?{_POSITION_AR}\s+(?:كل من\s+)?"
    rf"(?P<a2>\S+(?: (?!و)\S+){{0,4}}?)\s+(?:و\s?"
    rf"|عن )(?:بين\s+)?(?:{_POSITION_AR}\s+)?(?P<b2>\S+(?:\s+\S+){{0,4}}?){_TOPIC_AR.format('t2')}$"
    rf"|{_PLEASE}(?:compare|comparison of|comparison between|contrast)\s+(?:the\s+)?(?:positions?|views?|stances?"
    rf"|opinions?|demands?|aims?|goals?)\s+"
    r"of\s+(?P<a3>.+?)\s+(?:and|with|to|vs\.?|versus)\s+(?P<b3>.+?)(?:\s+(?:on|about|regarding|over"
    r"|towards?)\s+(?P<t3>.+))?$"
    rf"|{_PLEASE}(?:compare|contrast|comparison of|comparison between)\s+(?:the\s+)?(?P<a4>.+?)(?:'s"
    rf"|s')?(?:\s+(?:position|view|stance))?\s+"
    r"(?:and|with|to|vs\.?|versus)\s+(?:the\s+|that of\s+)?(?P<b4>.+?)(?:'s|s')?"
    r"(?:\s+(?:positions?|views?|stances?|opinions?|demands?|aims?|goals?))?(?:\s+(?:on|about|regarding|over"
    r"|towards?)\s+(?P<t4>.+))?$"
    r"|^\s*how (?:do|does|did) (?:the\s+)?(?P<a5>[^']+?)\s+and\s+(?:the\s+)?(?P<b5>[^']+?)\s+(?:differ|disagree)"
    r"(?:\s+(?:on|about|regarding|over)\s+(?P<t5>.+))?$"
    r"|^\s*what(?:'s| is) the difference between (?:the\s+)?(?:positions? of\s+)?(?P<a6>.+?)(?:'s"
    r"|s')?\s+and\s+(?:the\s+)?(?P<b6>.+?)(?:'s|s')?\s+"
    r"(?:positions?|views?|stances?|demands?)(?:\s+(?:on|about|regarding|over)\s+(?P<t6>.+))?$"
    rf"|{_PLEASE}(?:مقايسه\s+)?(?:موضع|مواضع|نظر|ديدگاه"
    rf"|خواسته)(?:\s?هاي)?\s+(?P<a7>\S+(?: (?!و )\S+){{0,3}}?)\s+(?:و|با)\s+"
    r"(?:موضع\s+|نظر\s+)?(?P<b7>\S+(?: \S+){0,3}?)(?:\s+(?:درباره ?ي?|در مورد"
    r"|در باره)\s+(?P<t7>.+?))?\s+(?:را\s+)?(?:با هم\s+)?مقايسه\s+(?:كن|كنيد)$"
    rf"|{_PLEASE}مقايسه ?ي?\s+(?:موضع|مواضع|نظر|ديدگاه)(?:\s?هاي)?\s+(?P<a8>\S+(?: (?!و )\S+){{0,3}}?)\s+(?:و"
    rf"|با)\s+(?P<b8>\S+(?: \S+){{0,3}}?)"
    r"(?:\s+(?:درباره ?ي?|در مورد)\s+(?P<t8>.+))?$"
)
# «موقف إيران من العقوبات وموقف أميركا»: the topic stands with the first party.
_OF_TOPIC = re.compile(
    r"(?P<party>\S+(?: \S+){0,3}?) (?:من|حول|بشان|بخصوص|ازا|تجاه|في شان|في مساله|في ملف) (?P<topic>\S.*)"
)
_ABOUT = r"(?:(?:ال)?(?:متعلقه|خاصه|مرتبطه|متصله) ب)?"
_TIMELINE = re.compile(
    rf"{_PLEASE}(?:ما (?:هو |هي )?)?(?:ال)?(?:تسلسلا?|خطا?|سردا?|ترتيبا?|جدولا?(?=\s+زمنيا?\s+(?:ب|ل|عن))"
    rf"|عرضا?)\s+(?:ال)?زمنيا?\s+"
    r"(?:ب?(?:ال)?(?:احداث|وقايع|تطورات|مراحل|تواريخ)\s+)?(?:(?:عن|حول|بشان)\s+|ل(?:ل?احداث |وقايع |تطورات "
    rf"|مراحل )?)?{_ABOUT}(?P<ar>.+)$"
    rf"|{_PLEASE}(?:ما (?:هو |هي )?)?(?:ال)?(?:تسلسل|سرد|رتبي?|ترتيب|اسردي?|تتبعي?|سلسله)\s+(?:(?:لي"
    rf"|لنا)\s+)?(?:ال)?(?:احداث|وقايع|تطورات|مراحل|تواريخ)\s+"
    rf"{_ABOUT}(?P<ar2>.+?)"
    r"(?:\s+(?:زمنيا|تاريخيا|حسب التاريخ|بحسب التاريخ|بالتواريخ|بالترتيب(?: الزمني)?|حسب التسلسل الزمني"
    r"|وفق تسلسلها الزمني))?$"
    rf"|{_PLEASE}(?:timeline|chronology|chronological (?:order|list|account|summary|overview))\s+(?:of|for|on|about)\s+"
    r"(?:the\s+)?(?:events?\s+(?:of|in|around)\s+)?(?P<en>.+)$"
    rf"|{_PLEASE}(?:گاه ?شماري?|خط زماني|جدول زماني|ترتيب زماني|سير زماني|روزشمار)\s+(?:رويدادهاي\s+"
    rf"|وقايع\s+)?(?P<fa>.+?)"
    r"(?:\s+را)?(?:\s+(?:بده|بدهيد|بنويس|نشان بده|بگو))?$"
)


@dataclass(frozen=True)
class Asking:
    """A form, what it is to be about, and for a comparison the two parties, all in the request's own words."""

    form: Form
    topic: str
    parties: tuple[str, ...] = ()


def read_form(text: str) -> Asking:
    """The form in which an answer is asked.

    >>> read_form("قارن بين موقفي إيران وأميركا من العقوبات").parties
    ('إيران', 'أميركا')
    >>> read_form("متى بدأت المحادثات؟").form
    'plain'
    """
    unified, offsets = aligned(text)
    unified = unified.replace("\u200c", " ").rstrip(" ?.!؟")

    def words(match: re.Match[str], *names: str) -> str:
        name = next((name for name in names if match[name]), None)
        if name is None:
            return ""
        found = text[offsets[match.start(name)] : offsets[match.end(name)]].strip(" «»\"'،,:؟?")
        elided = found.startswith("ل") and unified[: match.start(name)].endswith(" ل")  # «للمحادثات» is for «المحادثات»
        return "ا" + found if elided else found

    match = _COMPARISON.match(unified)
    if match:
        numbers = [str(number) for number in range(1, 9)]
        parties = (words(match, *(f"a{n}" for n in numbers)), words(match, *(f"b{n}" for n in numbers)))
        topic = words(match, *(f"t{n}" for n in numbers))
        first, about = _with_topic(parties[0])
        if about and not topic:
            parties, topic = (first, parties[1]), about
        return Asking("comparison", topic, parties) if all(parties) else Asking("plain", text)
    match = _TIMELINE.match(unified)
    if match and (topic := words(match, "ar", "ar2", "en", "fa")):
        return Asking("timeline", topic)
    match = _SUMMARY.match(unified)
    if match and (topic := words(match, "ar", "ar2", "en", "fa", "fa2")):
        return Asking("summary", topic)
    return Asking("plain", text)


def _with_topic(party: str) -> tuple[str, str]:
    """A party and the topic that is written with it, if one is: «إيران من العقوبات»."""
    unified, offsets = aligned(party)
    match = _OF_TOPIC.fullmatch(unified)
    if match is None:
        return party, ""
    return party[: offsets[match.end("party")]].strip(), party[offsets[match.start("topic")] :].strip()
