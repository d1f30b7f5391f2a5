"""Small talk, and requests that a news corpus cannot meet: told from questions by what the whole message says.

A message is small talk when nothing but courtesies is in it, and out of scope when what is left without them asks for
work that no article can do (a poem, a translation, the weather now). A question that opens with a greeting is a
question; :func:`without_courtesies` gives it without the greeting, which would only blur the search.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from retrieval.analysis import aligned, normalise, question_language
from retrieval.models import Language

Courtesy = Literal["greeting", "thanks", "goodbye", "identity"]
Request = Literal["writing", "translation", "weather", "time", "code", "arithmetic", "errand"]

# On normalised text, each line its phrases in one language.
_COURTESIES: tuple[tuple[Courtesy, Language, str], ...] = (
    (
        "greeting",
        "ar",
        r"مرحب(?:ا|تين)(?: بك(?:م)?)?|(?:يا )?(?:اهلا|اهلين|هلا)(?: وسهلا| والله| بك(?:م)?| فيك)?|هاي|هالو|الو|هلو"
        r"|تحيه طيبه"
        r"|(?:و ?عليكم السلام|ال?سلام عليكم)(?: ورحمه الله(?: وبركاته)?)?|سلام|صباح (?:الخير|النور|الورد)|صباحو"
        r"|مسا (?:الخير|النور)|حياكم? الله|نهارك سعيد|طاب يومك|كيف(?: هو)? (?:حالك(?:م)?|الحال|الاحوال|صحتك)(?: اليوم)?"
        r"|كيفك(?: اليوم)?|شلونك(?:م)?|شخبارك|ازيك(?:م)?|عامل(?:ه)? ايه|اخبارك ايه|لاباس|كي ?داير|واش راك|عساك بخير"
        r"|كل عام وانتم? بخير|رمضان كريم|عيد(?:كم)? مبارك|تشرفنا|سررت بلقايك|مرحبا انا \w+",
    ),
    (
        "greeting",
        "en",
        r"(?:hi|hello|hey|hiya|howdy)(?: there| everyone| again)?|good (?:morning|afternoon|evening|day)|greetings"
        r"|(?:and )?how(?: are| r) (?:you|u)(?: doing)?(?: today)?|how's it going|what's up|sup|salaa?m|marhaba"
        r"|nice to meet you|pleased to meet you",
    ),
    (
        "greeting",
        "fa",
        r"درود(?: بر شما)?|سلام (?:خوبي|چطوري)|(?:صبح|عصر|ظهر|وقت|روز)(?:تان|تون|ت)? بخير|حال(?:ت|تان|تون) چطور(?:ه"
        r"| است)"
        r"|حال شما چطور است|چطوري(?:د)?|خوبي(?:د)?|خسته نباشي(?:د)?",
    ),
    (
        "thanks",
        "ar",
        r"(?:الف )?شكرا?(?: (?:لك|لكم|ليك|الك|جزيلا|كثيرا|كتير|جدا|علي (?:المساعده|الاجابه|جوابك|مساعدتك|ذلك)))*"
        r"|مشكور(?:ين)?|يسلمو|تسلم(?: ايدك)?|متشكر(?:ين)?(?: جدا| اوي)?|جزاك الله (?:كل )?خيرا?|بارك الله فيك|احسنت"
        r"|ممتاز|رايع"
        r"|عظيم|تمام|حسنا|طيب|طب|اوكي?|ماشي|فهمت|مفهوم|جميل|يعطيك العافيه|كفو|ممنون(?:ك)?",
    ),
    (
        "thanks",
        "en",
        r"(?:many )?thanks(?: (?:a lot|so much|for your help|very much))?|thank (?:you|u)(?: (?:so|very) much"
        r"| for your help)?"
        r"|thx|ty|cheers|great|perfect|awesome|cool|nice|got it|ok|okay|well done|much appreciated|i see|good job",
    ),
    (
        "thanks",
        "fa",
        r"(?:خيلي )?(?:ممنون(?:م)?|متشكرم|مرسي|سپاس(?:گزارم)?)(?: از شما| از كمكت)?|دستت درد نكنه|عالي(?: بود)?"
        r"|باشه|خوبه",
    ),
    (
        "goodbye",
        "ar",
        r"مع (?:ال)?سلامه|الي اللقا|وداعا|باي(?: باي)?|تصبح(?:ون)? علي خير|في امان الله|اراك لاحقا|نشوفك(?: بعدين)?"
        r"|بشوفك|يلا باي|استودعك الله|ليله سعيده",
    ),
    (
        "goodbye",
        "en",
        r"(?:good ?)?bye(?: bye| for now)?|see (?:you|ya)(?: later| soon| tomorrow)?|good night|take care|farewell",
    ),
    ("goodbye", "fa", r"خدا ?حافظ|خدانگهدار|بدرود|شب(?:ت|تان|تون)? بخير|به اميد ديدار|فعلا"),
    (
        "identity",
        "ar",
        r"(?:و)?(?:من|مين|منو) (?:انت|تكون|حضرتك)(?: يا سند)?|(?:و)?(?:انت|حضرتك) (?:مين|منو|من|شو|ايه|وش)|(?:ما"
        r"|ايش|شو|وش) اسمك"
        r"|اسمك (?:ايه|شو|ايش)|عرف(?:ني)? (?:ب|علي |عن )?نفسك|(?:ما|من) هو سند|ما (?:هي )?(?:وظيفتك|مهمتك|قدراتك)"
        r"|(?:و)?(?:ماذا|شو|ايش|وش|ما الذي) (?:تستطيع|يمكنك|تقدر|بتقدر|فيك|تعرف|بتعرف|تفعل|بتعمل|تسوي)(?: ان)?"
        r"(?: (?:تفعل|تعمل|تسوي|فعله|عمله|تقدم|تساعدني)(?:ه)?(?: لي| به| فيه)?)?|بتعمل ايه|بتعرف تعمل ايه"
        r"|تقدر تسوي ايش|وش تقدر تسوي"
        r"|كيف (?:يمكنك|تستطيع|تقدر|بتقدر|ممكن)(?: ان)? (?:تساعدني|مساعدتي)|(?:بماذا|بم) (?:تساعدني|يمكنك مساعدتي)"
        r"|كيف (?:تعمل|بتشتغل|استخدمك|اسالك)|هل انت (?:روبوت|انسان|بشر|حقيقي|ذكا اصطناعي|برنامج|شات جي بي تي|chatgpt)"
        r"|من (?:صنعك|طورك|برمجك)|مساعده|ساعدني",
    ),
    (
        "identity",
        "en",
        r"(?:who|what) are you|what(?:'s| is) your name|what (?:can|do) you do(?: for me)?|how (?:can"
        r"|do) you (?:help(?: me)?|work)"
        r"|what (?:can|should) i ask(?: you)?|what is sanad|who (?:made|built|created) you|introduce yourself"
        r"|tell me about yourself"
        r"|are you (?:a |an )?(?:robot|bot|human|person|ai|real|chatgpt|machine|llm)|help(?: me)?",
    ),
    (
        "identity",
        "fa",
        r"(?:تو|شما) (?:كي|كيستي|كيستيد|چي|چيستي) ?(?:هستي|هستيد)?|(?:تو|شما) چه كسي هستي(?:د)?|اسم(?:ت|تان"
        r"|تون) چيست?ه?|كي هستي|خودت را معرفي كن"
        r"|چه (?:كار|كاري|كارهايي) (?:مي ?تواني|مي ?توانيد|بلدي|انجام مي ?دهي)(?: (?:انجام بدهي|بكني"
        r"|انجام دهي(?:د)?))?|چكار مي ?كني|كمك",
    ),
)
_ASKING = (
    r"(?:(?:من فضلك|لو سمحت|رجا|ممكن|هل يمكنك|هل تستطيع|هل يمكن|بتقدر|تقدر|اريدك|اريد منك|بدي اياك|عايزك|ابيك"
    r"|please|can you|could you"
    r"|would you|i want you to|لطفا|مي ?تواني|مي ?توانيد)(?: ان)? ){0,2}"
)
_WRITE = (
    r"(?:ا?كتب|تكتب|الف|تولف|انظم|تنظم|اعمل|تعمل|سوي|احك|احكي|تحكي|قل|قول|غن|غني|compose|write|tell|sing|make|give)"
)
_REQUESTS: tuple[tuple[Request, str], ...] = (
    (
        "code",
        rf"^{_ASKING}(?:{_WRITE}|صمم|برمج|debug|fix|generate|create)(?: (?:لي|لنا|me|us))?(?: (?:a|an|some|the))?"
        r" (?:\w+ )?(?:كود\w*|برنامج|برنامجا|سكربت|داله|دوال|موقعا|code|script|program|function|app|website|sql"
        r"|regex|python|javascript)\b"
        r"|\b(?:كد|برنامه|اسكريپت) (?:\S+ )*?بنويس",
    ),
    (
        "writing",
        rf"^{_ASKING}{_WRITE}(?: (?:لي|لنا|عليك?|me|us))?(?: (?:a|an|another|one|some))?"
        r" (?:(?:ال)?(?:قصيده|قصه|نكته|شعرا?|ابيات\w*|اغنيه|خاطره|روايه|رساله|سيره ذاتيه|ايميل|خطبه|لحنا|بيت شعر)"
        r"|(?:\w+ )?(?:poem|story|joke|song|haiku|essay|letter|email|novel|cv|cover letter|lyrics|limerick))\b"
        r"|\b(?:شعر|داستان|جوك|قصه|ترانه|انشا)(?:ي)? (?:\S+ )*?(?:بنويس|بگو|بساز|تعريف كن)",
    ),
    (
        "translation",
        rf"^{_ASKING}(?:ترجم|تترجم|ترجملي|ترجمي|ترجموا|translate)\b|^{_ASKING}(?:ترجمه|translation of) "
        r"|\bترجمه (?:كن|كنيد)\b|\bhow do (?:you|i) say\b.*\bin \w+$|^(?:كيف|شلون|ازاي) (?:اقول|نقول"
        r"|يقال)\b.*\bب(?:ال)?\w+يه$",
    ),
    (
        "weather",
        r"\b(?:حاله )?(?:الطقس|الجو|درجه الحراره)\b.*\b(?:اليوم|الان|غدا|بكره|النهارده|هلا|الحين|هالاسبوع|هذا الاسبوع)$"
        r"|^(?:(?:ما|ماهي|ما هي|كيف|شلون|شو|ايه|كم) )(?:هو |هي )?(?:حاله |اخبار )?(?:الطقس|الجو)(?: (?:في"
        r"|ب)\S*(?: \S+)?)?$"
        r"|^(?:هل|هتمطر|رح تمطر|هل سوف) (?:س?ت?ي?مطر|تمطر)\b.*\b(?:اليوم|غدا|بكره)$|^(?:الطقس|weather"
        r"|weather (?:today|now|in \w+))$"
        r"|\bweather\b.*\b(?:today|now|tomorrow|right now|this week|like|forecast)$|^what(?:'s"
        r"| is) the weather(?: in [\w ]+)?$"
        r"|^will it rain\b|^(?:هوا|آب و هوا|اب و هوا)\b.*\b(?:چطور|چطوره|چكونه)\b",
    ),
    (
        "time",
        r"^(?:كم|قديش|كام) الساعه(?: (?:الان|هلا|الحين|دلوقتي))?$|^الساعه كام(?: دلوقتي)?$|^what(?:'s"
        r"| is) the time(?: now)?$"
        r"|^what time is it(?: now)?$|^(?:ما|ماهو|ما هو) (?:تاريخ|يوم|التاريخ)(?: (?:اليوم|هذا))$|^what(?:'s"
        r"| is) (?:today's date|the date today)$"
        r"|^what day is (?:it|today)$|^ساعت چند(?: است|ه)?$",
    ),
    (
        "arithmetic",
        r"^(?:كم (?:يساوي|حاصل|ناتج)|احسب|ما (?:ناتج|حاصل)|what(?:'s| is)|calculate|compute|solve|حل المعادله)?"
        r" ?[\d(][\d\s.,()]*(?:[-+*/x×÷^]|\b(?:زايد|ناقص|ضرب|في|علي|plus|minus|times"
        r"|divided by)\b)[\d\s.,()+*/x×÷^-]*\d[\d\s()]*=?$",
    ),
    (
        "errand",
        rf"^{_ASKING}(?:شغل|تشغل|احجز|تحجز|ذكرني|تذكرني|اتصل|تتصل|ارسل|ترسل|ابعث|اطلب لي|افتح|ارسم|ترسم|play|book"
        rf"|remind|call|send|order"
        r"|open|draw|set|paint)(?: (?:لي|me))?(?: (?:a|an|the|my|some))? (?:\w+ )?(?:اغنيه|موسيقي|موعدا|موعد|رحله"
        r"|فندقا|طاوله|تذكره|منبها|منبه|رساله|ايميل"
        r"|صوره|لوحه|طعاما|بيتزا|music|song|flight|hotel|table|ticket|alarm|timer|reminder|message|email|picture"
        r"|image|pizza|taxi)\b",
    ),
)
_FILLERS = (
    r"يا|سند|صديقي|اخي|اختي|استاذ|من فضلك|لو سمحت|جدا|بوت|sanad|bot|friend|my friend|sir|please|there|لطفا|دوست من|و"
)
_COURTESY = [(kind, language, re.compile(rf"(?:{phrases})(?!\w)")) for kind, language, phrases in _COURTESIES]
_FILLER = re.compile(rf"(?:{_FILLERS})(?!\w)")
_REQUEST = [(kind, re.compile(pattern)) for kind, pattern in _REQUESTS]
_INTERROGATIVE = re.compile(
    r"(?:و|ف)?(?:ما|ماذا|من|مين|متي|امتي|ايمتي|اين|وين|فين|كيف|كم|قديش|لماذا|ليش|ليه|هل|اي|بماذا|بم|شو|ايش|وش|ايه"
    r"|لمن|الي من"
    r"|what|who|whom|whose|when|where|why|how|which|is|are|was|were|did|does|do|can|tell|چه|چرا|كي|كجا|كدام|چند|ايا"
    r"|چكونه)\b"
)
_LAST = re.compile(
    r"[\s,.!?;:]*\b(?:(?:الف )?شكرا?(?: (?:لك|لكم|جزيلا|كتير))?|من فضلك|لو سمحت|رجا|thanks|thank you|please|مرسي"
    r"|ممنون|لطفا)[\s.!?]*$"
)
_GAP = re.compile(r"[\s\W_]*")
_LONG = re.compile(r"(\w)\1{2,}")
_PRIORITY: tuple[Courtesy, ...] = ("identity", "goodbye", "thanks", "greeting")

_REPLIES: dict[str, dict[Language, str]] = {
    "greeting": {
        "ar": "أهلًا بك. اسألني عمّا في الأخبار المحفوظة هنا، وأجيبك بجمل منها مع مصدر كل جملة وقائلها.",
        "en": "Hello. Ask me about the news stored here: I answer with its own sentences, each with its source and "
        "speaker.",
        "fa": "سلام. دربارهٔ خبرهای موجود در اینجا بپرسید؛ با جمله‌های همان خبرها و با ذکر منبع و گویندهٔ هر جمله "
        "پاسخ می‌دهم.",
    },
    "thanks": {
        "ar": "على الرحب والسعة. هل من سؤال آخر عن الأخبار؟",
        "en": "You are welcome. Is there anything else you would like to know from the news?",
        "fa": "خواهش می‌کنم. پرسش دیگری دربارهٔ خبرها دارید؟",
    },
    "goodbye": {
        "ar": "مع السلامة.",
        "en": "Goodbye.",
        "fa": "خدانگهدار.",
    },
    "identity": {
        "ar": "أنا «سند»، برنامج يجيب عن الأسئلة من نصوص الأخبار المحفوظة هنا وحدها: كل جملة في الجواب مسندة إلى "
        "موضعها في مقال "
        "ومعها قائلها، وإن لم يكن الجواب في المقالات قلتُ ذلك. يمكنك أن تسأل بالعربية أو الإنجليزية أو الفارسية، "
        "وأن تطلب تلخيصًا أو "
        "مقارنة بين موقفين أو تسلسلًا زمنيًا.",
        "en": "I am Sanad, a program that answers from the news articles stored here and from nothing else: every "
        "sentence is "
        "cited to its place in an article, with who said it, and when the articles do not answer I say so. Ask in "
        "Arabic, "
        "English or Persian; you can also ask for a summary, a comparison of two positions, or a timeline.",
        "fa": "من «سند» هستم؛ برنامه‌ای که فقط از متن خبرهای موجود در اینجا پاسخ می‌دهد: هر جمله به جای خود در یک "
        "خبر و گویندهٔ آن "
        "ارجاع دارد، و اگر پاسخ در خبرها نباشد همین را می‌گویم. می‌توانید خلاصه، مقایسهٔ دو موضع یا گاه‌شمار هم "
        "بخواهید.",
    },
    "out_of_scope": {
        "ar": "هذا خارج ما أستطيعه: لا أجيب إلا من نصوص الأخبار المحفوظة هنا، ولا أكتب ولا أترجم ولا أعرف ما يجري "
        "الآن.",
        "en": "That is beyond what I can do: I only answer from the news articles stored here; I do not write or "
        "translate, and "
        "I do not know what is happening right now.",
        "fa": "این از توان من بیرون است: فقط از متن خبرهای موجود در اینجا پاسخ می‌دهم، نمی‌نویسم و ترجمه نمی‌کنم و "
        "از وضعیت همین "
        "لحظه خبر ندارم.",
    },
}


@dataclass(frozen=True)
class Talk:
    """A message that is no question to the articles: a stable code, and the reply in its language."""

    code: str
    language: Language
    reply: str


def small_talk(text: str) -> Talk | None:
    """What to reply to a message that asks nothing of the articles; ``None`` for a question.

    >>> small_talk("السلام عليكم").code, small_talk("اكتب لي قصيدة عن البحر").code
    ('small_talk:greeting', 'out_of_scope:writing')
    >>> small_talk("مرحبا، ما دور عمان؟") is None
    True
    """
    unified = _plain(text)
    said = _only_courtesies(unified)
    if said:
        kind = next(kind for kind in _PRIORITY if any(kind == one for one, _ in said))
        language = next(language for one, language in reversed(said) if one == kind)
        return Talk(f"small_talk:{kind}", language, _REPLIES[kind][language])
    rest = re.sub(r"[\s,.!?;:\"]+", " ", _plain(without_courtesies(text)))
    for request, pattern in _REQUEST:
        if pattern.search(rest.strip() if request != "arithmetic" else _plain(without_courtesies(text)).strip(" ?")):
            language = question_language(text)
            return Talk(f"out_of_scope:{request}", language, _REPLIES["out_of_scope"][language])
    return None


def without_courtesies(text: str) -> str:
    """A question without the greeting it opens with and the thanks it ends on; other text as it is.

    >>> without_courtesies("مرحبا، ما دور عمان؟ شكرًا")
    'ما دور عمان؟'
    """
    unified, offsets = aligned(text)
    start, end = 0, len(unified)
    while (next_start := _after_courtesy(unified, start)) is not None:
        start = next_start
    last = _LAST.search(unified, start)
    if last and re.search(r"\w", unified[start : last.start()]):
        mark = re.match(r"\s*[?!.]*", unified[last.start() :])
        end = last.start() + (mark.end() if mark else 0)
    if (start, end) == (0, len(unified)):
        return text
    rest = text[offsets[start] : offsets[end]].strip()
    return rest if re.search(r"\w", rest) else text


def _after_courtesy(text: str, start: int) -> int | None:
    """Where the message goes on after a courtesy: behind a comma or the like, or at a question word."""
    gap = _GAP.match(text, start)
    begin = gap.end() if gap else start
    for _, _, pattern in _COURTESY:
        match = pattern.match(text, begin)
        if not match:
            continue
        name = re.compile(r" (?:يا )?(?:سند|sanad)(?!\w)").match(text, match.end())
        end = name.end() if name else match.end()
        following = _GAP.match(text, end)
        after = following.end() if following else end
        if after < len(text) and (re.search(r"[^\w\s]", text[end:after]) or _INTERROGATIVE.match(text, after)):
            return after
    return None


def _only_courtesies(text: str) -> list[tuple[Courtesy, Language]]:
    """The courtesies of a message that holds nothing else, in order; else none."""
    said: list[tuple[Courtesy, Language]] = []
    at = _end(_GAP, text, 0)
    while at < len(text):
        matches = [(_end(pattern, text, at), kind, language) for kind, language, pattern in _COURTESY]
        end, kind, language = max(matches, key=lambda match: match[0])
        if end > at:
            said.append((kind, language))
        else:
            end = _end(_FILLER, text, at)
        if end <= at:
            return []
        at = _end(_GAP, text, end)
    return said


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at


def _plain(text: str) -> str:
    """Normalised, with «مرحباااا» shortened and apostrophes of one form."""
    return _LONG.sub(r"\1", normalise(text))
