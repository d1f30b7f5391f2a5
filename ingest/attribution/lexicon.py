"""The words the attribution grammar knows: reporting verbs, and the nouns that name who can speak.

These are tables of general written Arabic. No person, and of institutions only the world's news agencies, is
named here: names are recognised by where they stand, not by a list. Entries are compared after :func:`fold`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast

from retrieval.models import Stance

MARKS = re.compile("[\u0610-\u061a\u064b-\u065f\u0670\u0640\u200c-\u200f]")
_LETTERS = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ؤ": "ء", "ئ": "ء", "ة": "ه", "ی": "ي", "ک": "ك"})

Agreement = Literal["m", "f", "p"]


def fold(word: str) -> str:
    """``word`` without tashkeel and tatweel, its hamza seats and ta marbuta unified.

    The final ى is kept apart from ي: it is what tells the verb «رأى» from the noun «رأي», «على» from «علي».
    """
    return MARKS.sub("", word).translate(_LETTERS).lower()


def words(text: str) -> frozenset[str]:
    """The folded words of ``text``."""
    return frozenset(fold(word) for word in text.split())


@dataclass(frozen=True, slots=True)
class Verb:
    """A reporting verb. ``takes`` are the complements, beside a clause or a quotation, that make it one.

    Prepositions stand for themselves («إلى», «ب» …). The rest:

    - ``object``: a plain noun («نفى التقرير»); ``aims``: only a goal or a position («حدد هدفه»); ``deed``: only
      something proposed («عرض زيادة»); ``blame``: only «المسؤولية»; ``finding``: a noun, if data say it.
    - ``patient``: a lone noun phrase before the complement is whom it is said about («اتهم فلانًا بـ»).
    - ``speech``: their own speaking («ختم حديثه بدعوة …»); ``cause``: a noun that «إلى» gives the cause of;
      ``estimate``: a noun that «بنحو …» puts a figure to;
      ``ascribe``: another's words («نسبت إليه قوله»).
    - ``listener``: whom it is told may stand before the clause («أبلغ الصحفيين أن»).
    - ``pass``: it passes on another's words («نقل عن»).
    """

    lemma: str
    stance: Stance
    takes: frozenset[str]


@dataclass(frozen=True, slots=True)
class VerbForm:
    """An inflected form of a verb and what it says about its subject."""

    verb: Verb
    agreement: Agreement
    present: bool = False
    suffixed: bool = False


# lemma | imperfect | stance | complements beside «أن…» and a quotation
_VERBS = """
قال | يقول | asserts |
أضاف | يضيف | asserts |
أشار | يشير | asserts | إلى
لفت | يلفت | asserts | إلى
نوّه | ينوه | asserts | إلى ب
أكد | يؤكد | asserts | على object
شدد | يشدد | asserts | على
أوضح | يوضح | asserts | object
صرّح | يصرح | asserts | ب
ذكر | يذكر | asserts |
أفاد | يفيد | asserts | ب
أعلن | يعلن | asserts | عن object
كشف | يكشف | asserts | عن
تابع | يتابع | asserts |
واصل | يواصل | asserts |
أردف | يردف | asserts |
استطرد | يستطرد | asserts |
استدرك | يستدرك | asserts |
ختم | يختم | asserts | speech
اختتم | يختتم | asserts | speech
كتب | يكتب | asserts |
غرّد | يغرد | asserts |
بيّن | يبين | asserts |
أظهر | يظهر | asserts | finding
خلص | يخلص | asserts | إلى
أبلغ | يبلغ | asserts | listener
أخبر | يخبر | asserts | listener
أقر | يقر | asserts | ب
اعترف | يعترف | asserts | ب
أجاب | يجيب | asserts |
رد | يرد | asserts |
علّق | يعلق | asserts |
تساءل | يتساءل | asserts | عن
سأل | يسأل | asserts |
تحدث | يتحدث | asserts | عن
روى | يروي | asserts | object
شرح | يشرح | asserts | object
فصّل | يفصل | asserts |
ألمح | يلمح | asserts | إلى
لمّح | يلمح | asserts | إلى
أعرب | يعرب | asserts | عن
عبّر | يعبر | asserts | عن
أبدى | يبدي | asserts | object
جدد | يجدد | asserts | object
كرر | يكرر | asserts | object
تعهد | يتعهد | asserts | ب
وعد | يعد | asserts | ب
التزم | يلتزم | asserts |
وافق | يوافق | asserts | على
أصر | يصر | asserts | على
حدد | يحدد | asserts | aims
ذكّر | يذكّر | asserts | ب
رحب | يرحب | asserts | ب
أشاد | يشيد | asserts | ب
نقل | ينقل | asserts | pass
أورد | يورد | asserts |
نشر | ينشر | asserts |
بث | يبث | asserts |
تناقل | يتناقل | asserts |
جزم | يجزم | asserts | ب
أقسم | يقسم | asserts |
تمنى | يتمنى | asserts | object
زعم | يزعم | claims | object
ادعى | يدعي | claims | object
اتهم | يتهم | claims | ب patient
حمّل | يحمّل | claims | blame
وصف | يصف | judges | ب patient
اعتبر | يعتبر | judges | object
عدّ | يعد | judges |
رأى | يرى | judges |
اعتقد | يعتقد | judges |
ظن | يظن | judges |
توقع | يتوقع | judges | object
رجّح | يرجح | judges | object
استبعد | يستبعد | judges | object
قدّر | يقدر | judges | estimate
انتقد | ينتقد | judges | object
ندد | يندد | judges | ب
أدان | يدين | judges | object
استنكر | يستنكر | judges | object
نفى | ينفي | denies | object
أنكر | ينكر | denies | object
كذّب | يكذب | denies | object
فنّد | يفند | denies | object
دحض | يدحض | denies | object
رفض | يرفض | rejects | object
عارض | يعارض | rejects | object
اعترض | يعترض | rejects | على
حذّر | يحذر | warns | من
نبّه | ينبه | warns | إلى من
هدد | يهدد | threatens | ب
توعد | يتوعد | threatens | ب object
لوّح | يلوح | threatens | ب
طالب | يطالب | demands | ب
دعا | يدعو | demands | إلى ل
حث | يحث | demands | على object
ناشد | يناشد | demands | object
اشترط | يشترط | demands | object
أوصى | يوصي | proposes | ب
نصح | ينصح | proposes | ب
اقترح | يقترح | proposes | object
عرض | يعرض | proposes | deed
اكتفى | يكتفي | asserts |
شكك | يشكك | judges | في
استغرب | يستغرب | judges | object
أبرز | يبرز | asserts |
اشتكى | يشتكي | asserts | من
تبرأ | يتبرأ | denies | من
احتج | يحتج | rejects | على
برر | يبرر | asserts | object
استشهد | يستشهد | asserts |
زاد | يزيد | asserts |
مضى | يمضي | asserts |
أكمل | يكمل | asserts |
استرسل | يسترسل | asserts |
استأنف | يستأنف | asserts |
عقّب | يعقب | asserts |
استهل | يستهل | asserts | speech
أنهى | ينهي | asserts | speech
لخّص | يلخص | asserts |
عزا | يعزو | asserts | object
أرجع | يرجع | asserts | cause
فسّر | يفسر | asserts | ب
علّل | يعلل | asserts | ب
وجد | يجد | asserts |
اكتشف | يكتشف | asserts |
لاحظ | يلاحظ | asserts | object
استنتج | يستنتج | asserts |
استخلص | يستخلص | asserts |
توصل | يتوصل | asserts | إلى
أثبت | يثبت | asserts |
رصد | يرصد | asserts |
شكا | يشكو | asserts | من
تذمر | يتذمر | asserts | من
تأسف | يتأسف | asserts | ل على
أسف | يأسف | asserts | ل على
أمل | يأمل | asserts | في ب
طمأن | يطمئن | asserts | listener إلى
ثمّن | يثمن | asserts | object
أثنى | يثني | asserts | على
امتدح | يمتدح | asserts | object
بشّر | يبشر | asserts | ب
تخوف | يتخوف | asserts | من
خشي | يخشى | asserts | من
صاح | يصيح | asserts |
صرخ | يصرخ | asserts |
هتف | يهتف | asserts |
همس | يهمس | asserts |
أسر | يسر | asserts |
خاطب | يخاطب | asserts | listener
ذهب | يذهب | judges | إلى
نسب | ينسب | asserts | ascribe
جادل | يجادل | judges | ب
حاجج | يحاجج | judges | ب
دافع | يدافع | judges | عن
تنبأ | يتنبأ | judges | ب
تكهن | يتكهن | judges | ب
سخر | يسخر | judges | من
تهكم | يتهكم | judges | على
شجب | يشجب | judges | object
استهجن | يستهجن | judges | object
قلل | يقلل | judges | من
هوّن | يهون | judges | من
شبّه | يشبه | judges | patient
أنذر | ينذر | warns |
"""

# Verbs whose bare past form is better known as another word; a clause must follow at once, or a shadda be written.
HOMOGRAPHS = words(
    "عبر بين عد كتب ظن بث ختم رد حمل فصل علق قدر عرض زاد وجد عقب فسر اسر امل اسف نسب علل شبه رصد مضى ثمن لوح"
)

# Participles of manner: «… قائلاً», «… مؤكدًا أن». participle stem | lemma of the verb above
_PARTICIPLES = """
قائل قال | مضيف أضاف | مشير أشار | لافت لفت | مؤكد أكد | مشدد شدد | موضح أوضح | معلن أعلن | كاشف كشف
متابع تابع | معتبر اعتبر | واصف وصف | متوقع توقع | مرجح رجّح | مستبعد استبعد | ناف نفى | نافي نفى | رافض رفض
محذر حذّر | منبه نبّه | مهدد هدد | متوعد توعد | ملوح لوّح | مطالب طالب | داع دعا | داعي دعا | مقترح اقترح
متهم اتهم | زاعم زعم | مدع ادعى | مدعي ادعى | معرب أعرب | معبر عبّر | متعهد تعهد | منوه نوّه | مبين بيّن | مصرح صرّح
منتقد انتقد | مندد ندد | محمل حمّل | مذكر ذكّر | مستنكر استنكر | مناشد ناشد | مطمءن طمأن | مبرر برر | معلل علّل
معترف اعترف | مقر أقر | متساءل تساءل | ساخر سخر | شاك شكا | مستدرك استدرك | معلق علّق | مكذب كذّب | مفند فنّد
مستغرب استغرب | مشبه شبّه | عاز عزا | متحدث تحدث | مشيد أشاد | مثمن ثمّن | محتج احتج | ملمح ألمح | مستشهد استشهد
جازم جزم
"""


def _past(lemma: str) -> dict[str, tuple[Agreement, bool]]:
    """Third-person past forms, without and with an object pronoun: form → (agreement, suffixed)."""
    weak = lemma[-1] in "ىا"
    stem = lemma[:-1] if weak else lemma
    forms: dict[str, tuple[Agreement, bool]] = {lemma: ("m", False), stem + "ت": ("f", False)}
    forms |= {stem + "وا": ("p", False), stem + "تا": ("f", False), stem + ("يا" if weak else "ا"): ("p", False)}
    for pronoun in ("ه", "ها", "هم", "هما", "ني"):
        forms[stem + ("ا" if weak else "") + pronoun] = ("m", True)
        forms[stem + "ت" + pronoun] = ("f", True)
        forms[stem + "و" + pronoun] = ("p", True)
    return forms


def _imperfect(present: str) -> dict[str, tuple[Agreement, bool]]:
    """Third-person imperfect forms: form → (agreement, suffixed)."""
    stem = present[1:]
    short = stem[:-1] if stem[-1] in "ىيو" else stem
    forms: dict[str, tuple[Agreement, bool]] = {}
    singular: tuple[tuple[str, Agreement], ...] = (("ي", "m"), ("ت", "f"))
    for letter, agreement in singular:
        forms[letter + stem] = (agreement, False)
        if stem[-1] == "ي" and stem != "دعي":
            forms[letter + short + "ى"] = (agreement, False)  # as the Egyptian press writes it
        forms[letter + short + "ون"] = forms[letter + short + "ان"] = ("p", False)
        bound = short + "ا" if stem[-1] == "ى" else stem
        for pronoun in ("ه", "ها", "هم", "ني"):
            forms[letter + bound + pronoun] = (agreement, True)
            forms[letter + short + "ون" + pronoun] = ("p", True)
    return forms


_AMONG = words("بينه بينها بينهم بينهما")  # «من بينها»


def _conjugate() -> dict[str, tuple[VerbForm, ...]]:
    table: dict[str, list[VerbForm]] = {}
    for row in _VERBS.strip().splitlines():
        lemma, present, stance, takes = (cell.strip() for cell in row.split("|"))
        verb = Verb(lemma, cast(Stance, stance), frozenset(fold(cell) for cell in takes.split()))
        for form, (agreement, suffixed) in _past(fold(lemma)).items():
            table.setdefault(form, []).append(VerbForm(verb, agreement, suffixed=suffixed))
        for form, (agreement, suffixed) in _imperfect(fold(present)).items():
            table.setdefault(form, []).append(VerbForm(verb, agreement, present=True, suffixed=suffixed))
    return {form: tuple(readings) for form, readings in table.items() if form not in _AMONG}


VERB_FORMS = _conjugate()
_LEMMA_FORMS = {fold(form.verb.lemma) for forms in VERB_FORMS.values() for form in forms}
_LEMMAS = {form.verb.lemma: form.verb for forms in VERB_FORMS.values() for form in forms}


def _participles() -> dict[str, VerbForm]:
    table: dict[str, VerbForm] = {}
    for pair in _PARTICIPLES.replace("\n", "|").split("|"):
        if not pair.strip():
            continue
        stem, lemma = fold(pair.split()[0]), pair.split()[1]
        endings: tuple[tuple[str, Agreement], ...] = (("ا", "m"), ("ه", "f"), ("ين", "p"))
        for ending, agreement in endings:
            table[stem + ending] = VerbForm(_LEMMAS[lemma], agreement)
    return table


# «ختم بالتأكيد أن», «اكتفى بالقول إن»: the noun of action of a verb of saying, after «ب».
_SAYING_NOUNS = "القول قال | التأكيد أكد | التشديد شدد | الإشارة أشار | التحذير حذّر | التذكير ذكّر | التنويه نوّه"
_NOT_PARTICIPLES = words("مذكرة")
PARTICIPLES = {form: said for form, said in _participles().items() if form not in _NOT_PARTICIPLES} | {
    fold("ب" + pair.split()[0]): VerbForm(_LEMMAS[pair.split()[1]], "m") for pair in _SAYING_NOUNS.split("|")
}


def verb(lemma: str) -> Verb:
    """The verb of the table with this lemma. Raises ``KeyError``."""
    return _LEMMAS[lemma]


def _inflected(bases: str, plurals: str = "") -> frozenset[str]:
    """Every noun of ``bases`` with its regular feminine and plurals, and the broken ``plurals`` as they are."""
    endings = ("", "ه", "ون", "ين", "ان", "و", "ي", "ات", "تان", "تين")
    regular = {fold(base) + ending for base in bases.split() for ending in endings}
    return frozenset(regular | words(plurals))


ROLES = _inflected(
    """
    رئيس وزير متحدث ناطق مصدر مسؤول مدير أمين نائب خبير محلل عالم باحث سفير مبعوث طبيب مستشار مساعد وكيل
    مندوب ممثل منسق مفوض محافظ عضو قائد زعيم مرشد إمام خطيب مفاوض دبلوماسي صحفي صحافي صحافى مراسل كاتب ناشط
    معارض سياسي نقيب لواء عميد عقيد جنرال أميرال  ملازم ضابط جندي قاض محام مدع شاهد مواطن ساكن معلم مدرس
    أستاذ بروفيسور طالب عامل موظف مهندس مدرب لاعب مؤرخ أكاديمي اقتصادي مالك مؤسس مشرف مسعف متظاهر محتج ناج
    ضحية قيادي كبير دكتور سيد شيخ ملك أمير سلطان بابا مطران بطريرك رائد مخرج مغن مؤلف شاعر روائي ناقد مراقب
    مختص متخصص أخصائي استشاري جراح قنصل حاكم عمدة والد والدة شقيق نجل زوج مقرر مزارع مسافر راكب متسوق ناخب
    مرشح قاطن حارس بطل متزلج سباح عداء مهاجم حكم رسام نحات ممثلة طيار قبطان شرطي نجم
    فنان مطرب رياضي إطفائي تاجر مستثمر سائق عاهل مشير أدميرال
    سيناتور مشرع مفتي مفت حاخام قس كاردينال إعلامي مذيع محرر
    صياد بائع أسير لاجئ نازح متطوع
    """,
    """
    رؤساء وزراء مصادر مدراء أمناء نواب خبراء علماء سفراء أطباء مستشارون وكلاء ممثلون أعضاء قادة زعماء أئمة
    صحفيو كتاب نشطاء ناشطو قضاة محامون شهود أساتذة طلاب طلبة عمال أكاديميون سكان أهالي أقارب أهل كبار ذوو
    شيوخ ملوك أمراء سفيرة رجل رجال امرأة نساء شاب شابة شبان فتاة طفل طفلة أطفال شخص أشخاص جار جيران نظيره
    نظيرته نظيرها نظيرتها زميله زميلته زميلها زميلتها وكيله وكيلها مساعده نائبه نائبته مدربه ممثله سلفه خلفه شقيقه
    شقيقته شقيقها والده والدته والدها والدتها زوجه زوجته زوجها نجله
    نجلها ابنه ابنته ابنها ابنتها جاره جارته محاميه محاميته آية حجة مسؤولون مسؤولين مسؤولو مسؤولي محللون
    دبلوماسيون ولي المدعي مدعي محامي محامية قاضي قاضية حكام
    ركاب تجار مرضى حجاج سياح زوار قراء زبائن عملاء جرحى ضيوف
    """,
)
POSSESSED = frozenset(
    (form[:-1] + "ت" if form.endswith("ه") else form) + suffix
    for form in ROLES
    if len(form) > 3
    for suffix in (("ه", "ها", "هم") if form.endswith("ه") else ("ها", "هم"))
)
KIN = words(
    """
    شقيقه شقيقته شقيقها والده والدته والدها والدتها زوجته زوجها نجله نجلها ابنه ابنته ابنها ابنتها محاميه
    محاميته محاميها نظيره نظيرته نظيرها نظيرتها زميله زميلته زميلها زميلتها وكيله وكيلها مساعده مساعدته نائبه نائبته
    نائبها مدربه مدربها جاره جارته ممثله ممثلها سلفه خلفه
    """
)
HONORIFICS = words("السيد السيدة الدكتور الدكتورة الأستاذ الأستاذة الشيخ سيد دكتور")
# A title that a name may follow even where the two agree in «ال» («الرئيس الفلاني»).
TITLES = words("""
    رئيس ملك امير شيخ سيد سيده دكتور دكتوره جنرال وزير سلطان لواء عميد عقيد بابا مرشد امام استاذ
    """)

# Bodies that speak, and nouns that carry on a title's construct chain («وزير خارجية …», «رئيس أركان …»).
BODIES = _inflected(
    """
    وزارة حكومة خارجية جيش شرطة حزب حركة مجلس لجنة بنك منظمة اتحاد شركة جامعة هيئة سفارة محكمة نيابة رئاسة
    ديوان إدارة مكتب وفد جماعة تحالف برلمان كونغرس كنيست سلطة مفوضية بعثة قيادة مؤسسة مركز معهد نقابة جمعية
    دائرة مديرية بلدية ولاية محافظة مقاطعة دولة مملكة جمهورية سلطنة إمارة مدينة غرفة صندوق قصر بيت حرس قوة
     كتيبة فصيل طرف معارضة ائتلاف كتلة تيار جبهة نادي فريق مصلحة جهاز وكالة أمانة قضاء بورصة مصرف مستشفى
    عيادة مختبر مجموعة شبكة عائلة أسرة قبيلة عشيرة نظام كيان دفاع داخلية مالية عدل صحة تعليم نفط طاقة اقتصاد
    اتصال إعلام ثقافة تجارة زراعة نقل عمل بيئة سياحة شؤون أمن استخبار مخابر تحرير أركان قسم فرع شعبة وحدة
    قطاع مشروع برنامج حلف تنظيم ميليشيا مدرسة كلية متحف مهرجان مفاوضة تخطيط علاقة تواصل إقليم حملة
    رابطة تجمع جالية طائفة كنيسة مرصد تعاونية عمادة أسطول فيلق فرقة فوج
    """,
    """
    كتائب سرايا بحرية جوية مقاومة إطفائية جمارك درك دفاع ناخبون قوات سلطات وزارات حكومات أحزاب دول أمم ولايات مجالس لجان
    فصائل جهات أوساط دوائر هيئات منظمات شركات بنوك مكاتب مؤسسات مراكز استخبارات مخابرات اتصالات كرملين
    بنتاغون حوثيون فاتيكان أطراف ناتو عائلات بلدان عاصمة
    """,
)
# Nouns of a title («وزير الصحة», «مدير العلاقات») that do not speak by themselves.
TITLE_NOUNS = _inflected(
    """
    علاقة تواصل عمل بيئة سياحة تخطيط اتصال إعلام ثقافة تجارة زراعة نقل نفط طاقة تعليم عدل اقتصاد تحرير شؤون مشروع برنامج
    إقليم حملة قوة مدينة دولة عاصمة مفاوضة طرف بيت قصر
    """,
    "الاتصالات دول بلدان",
) - words("الطرفان طرفان أطراف")
DOCUMENTS = _inflected(
    """
    بيان تقرير دراسة رسالة وثيقة مذكرة استطلاع نص مسودة برقية خطاب تسجيل نشرة كتاب مقال بحث تحليل تقدير مؤشر
    إحصاء إحصائية مراجعة سجل محضر تعميم بلاغ منطوق مسح
    """,
    """
    تقارير دراسات رسائل وثائق مذكرات بيانات تسجيلات مقالات أبحاث تحليلات إحصاءات إحصائيات أرقام استطلاعات
    نتائج معلومات محاضر مسودات بلاغات تعاميم
    """,
)
# Documents that show rather than speak, unless someone issued them: «أظهرت نتائج أولية أن …».
DATA = words("مراجعة مراجعات تحليل تحليلات نتائج بيانات أرقام معلومات إحصاءات إحصائيات تقدير تقديرات مؤشر مؤشرات")
OUTLET_CUES = _inflected(
    "وكالة قناة صحيفة موقع شبكة إذاعة مجلة دورية يومية راديو مدونة محطة تلفزيون تليفزيون فضائية جريدة منصة",
    "وكالات صحف قنوات مواقع",
)
# Generic nouns that, after a cue, are part of the outlet's name («وكالة الأنباء …»).
OUTLET_NOUNS = words("أنباء الأنباء الإذاعة إذاعة التلفزيون أخبار الأخبار إخباري الإخباري إخبارية الإخبارية")


# News agencies and broadcasters known the world over, by their Arabic names (general knowledge, not a corpus's).
def _names(text: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(fold(word) for word in name.split()) for name in text.split("|"))


AGENCIES = _names(
    """
    رويترز|فرانس برس|أسوشيتد برس|أسوشييتد برس|أسوشيتدبرس|الأناضول|بي بي سي|سي إن إن|شينخوا|
    سبوتنيك|إنستغرام|فيسبوك|تويتر|تلغرام|تيك توك|يوتيوب|
    بلومبرغ|بلومبيرغ|سكاي نيوز عربية|سكاي نيوز|دويتشه فيله|فرانس 24|واشنطن بوست|
    نيويورك تايمز|وول ستريت جورنال|فايننشال تايمز|الغارديان|أكسيوس|بوليتيكو|فوكس نيوز|إن بي سي|
    إن بي سي نيوز|سي بي إس|إيه بي سي|ميدل إيست آي|يورونيوز|تايمز أوف إسرائيل|هآرتس|cnn|bbc|
    reuters|afp
    """
)
# Names that are also common words: outlets only in quotation marks or after a cue.
AMBIGUOUS_AGENCIES = _names(
    """
    الجزيرة|العربية|الشرق الأوسط|الأهرام|الميادين|المنار|تاس|واس|وام|سانا|إرنا|تسنيم|كونا|
    بترا|وفا|مهر|فارس|الحدث|الشرق|الحرة|النهار
    """
)
QUANTIFIERS = words(
    """
    أحد إحدى بعض عدد كل كلا كلتا معظم كثير كثيرون جميع واحد واحدة مجموعة عشرات مئات غالبية أغلبية ثلاثة
    أربعة
    """
)

ADJECTIVES = _inflected(
    """
    كبير بارز سابق مطلع رفيع أول عام خاص أعلى مقرب موثوق رسمي محلي متعدد جديد حالي راحل مكلف مقيم مساعد
    تنفيذي مشترك أبيض متحد محترف معروف مستقل مختص معني مسؤول حاكم منتخب مخضرم شهير مؤقت دائم مركزي أسبق أكبر
    أوسط إسلامي وطني حربي شعبي مسلح مقدس مطلوب متخصص مدني عسكري سياسي أمني شاب مسن مخول مختلف كثير أخير صوتي
    مصور عليا كبرى صغرى وسطى أولى متقاعد متشدد معتدل يميني يساري ليبرالي
    إصلاحي كردي محتل راعي مضيف مصنع منتج ناشئ معزول مخلوع مكلفة
    منتهي إقليمي عالمي قديم حديث
    """,
    "أخرى آخر آخرون آخرين أخريات ثانية",
)

# With «ال» they say which of several something is: «الأسطول الخامس», «القناة الثانية».
ORDINALS = words(
    """
    أول أولى ثاني ثانية ثالث ثالثة رابع رابعة خامس خامسة سادس سادسة سابع سابعة ثامن ثامنة تاسع تاسعة عاشر عاشرة
    حادي حادية عشرون عشرين ثلاثون ثلاثين أربعون أربعين خمسون خمسين ستون ستين سبعون سبعين ثمانون ثمانين تسعون تسعين
    """
)
# Of the teens: «الثاني عشر», «الثالثة عشرة».
TEENS = words("عشر عشرة")
# Who stands in for somebody, or beside them, and is called by whom that is: «المستشار السياسي لرئيس …».
DEPUTIES = words(
    "نائب نائبة مساعد مساعدة مستشار مستشارة معاون معاونة ممثل ممثلة مبعوث مبعوثة وكيل وكيلة سكرتير سكرتيرة"
)
# What agencies that gather no news are for: «وكالة الطاقة …», «الوكالة … للتنمية».
AGENCY_FIELDS = words(
    """
    طاقة فضاء أدوية غذاء دواء استخبارات مخابرات تنمية بيئة إغاثة غوث لاجئين سياحة أمن طيران صحة أمم تعاون هجرة
    استثمار حماية ضرائب زراعة مياه تخطيط إحصاء شراكة
    """
)
# Clerical titles of two words: «آية الله», «حجة الإسلام».
CLERICAL = words("آية حجة")
# What may follow such a title or a rank: «آية الله العظمى», «الفريق أول», «اللواء الركن».
GRADES = words("أول ثان ثاني ركن الركن طيار الطيار بحري مهندس المهندس متقاعد المتقاعد حقوقي العظمى")
RANKS = words("الفريق اللواء العميد العقيد المقدم الرائد النقيب الملازم")
# Ranks that are units too: «اللواء السابع» is nobody's name.
UNITS = words("لواء")
# What follows «في/خلال/على هامش…» when it says where something was said rather than what the speaker is.
VENUES = _inflected(
    """
    مؤتمر مقابلة تصريح حديث بيان كلمة خطاب رسالة تغريدة منشور حوار لقاء اتصال جلسة اجتماع ختام وقت تقرير
    تعليق رد مداخلة إحاطة تدوينة برنامج ندوة محاضرة زيارة جولة مقطع فيديو حسابه صفحته مستهل معرض ظل إطار
    سياق إشارة خضم أعقاب نهاية بداية ساعة يوم أسبوع شهر سنة مقال كتاب مذكراته تسجيل حفل قمة منتدى مناسبة
    محادثة مفاوضة خطبة رسالته بيانه كلمته حديثه تصريحه خطابه مقابلته هامش آخر أثناء موقف أعمال صلاة نشرة
    مكالمة محكمته شهادته شهادة
    """,
    """
    أول تصريحات مقابلات محادثات مفاوضات كلمات منشورات حساب صفحة مذكرات أحاديث لقاءات وسائل افتتاح اختتام
    """,
)
AUDIENCES = words(
    """
    للصحفيين للصحافيين للمراسلين لصحفيين لصحافيين للإعلام للجمهور للنواب للأعضاء للإعلاميين لنا له لها لهم
    لي
    """
)
THINGS = words(
    """
    غياب حضور وصول خروج دخول سقوط ظهور صدور وفاة مقتل موت قتل جرح سفر عبور مرور رحيل صعود هبوط نزول لجوء
    نزوح خطاب دخل كلفة تكلفة بقاء رجوع بناء إغلاق سحب دفع بيع شراء نشر بث طرح طرد سجن حبس اعتقال حظر منع
    حصار قطع ربط ضم فصل فقدان نجاح فشل فوز خسارة هزيمة مشاركة مساعدة مقاطعة مغادرة مواجهة مقابلة مهلة فرصة
    مبادرة محاولة معاهدة رواية نظرية فرضية دعوة دعوى قرض ضمان ضمانات تمويل ميزانية موازنة سوء نقص ضعف كثرة قلة
    ارتفاع انخفاض
    انتشار احتمال إمكانية حاجة صحة جدوى حجم عدد نسبة مستوى معدل نمو ركود بطالة فساد عنف إضراب احتجاج مظاهرة
    حملة غارة صاروخ صواريخ طائرة طائرات قنبلة قصة صورة صور مقطع أسلوب أداء عمل أعمال جهود جهد دعاية لوم ذنب
    مسؤولية عواقب تداعيات آثار أثر وضعية حالة حالات ظروف ظرف مرحلة فترة مدة زمن أول ثاني ثالث مزيد جميع سائر
    سلسلة جملة وعد وعود تعهد تعهدات قرار هجوم خبر نبأ موقف ملف وضع أمر هدف حديث كلام قول خطة خطوة قصف حرب
    سلام عقوبة ضربة مقترح عرض طلب لقاء رد شرط شروط حل أزمة نزاع صراع مسار نووي نقاش حوار سلاح صفقة قانون نص
    مشروع يوم عام شيء واقع وجود دور حق حقوق ضغط ضغوط أهمية ضرورة خطر مخاطر سياسة عقد وقف إجراء فتح رفع نقل
    منح دعم ضرب شن بدء عودة عدم فرض تنفيذ زيادة خفض إطلاق مزاعم أنباء خيار ثمن سعر أسعار مشهد حدث أحداث ذلك
    هذا هذه تلك نتيجة نتائج فكرة قضية مسألة موعد اتفاق اتفاقية هدنة ما أي غير تفاوض تعاون تبادل تراجع تصاعد
    تقارب تفاهم تجاوز تنازل تضامن تفاؤل تشاؤم تحالف تجاهل تكامل تدهور تقليص تقدم اتهام اتهامات ادعاء ادعاءات
    بطء سرعة كثافة شح وفرة ضخامة خفة تأخر تأخير
    طريقة سبب أسباب نية رغبة استعداد قلق أمل رفض تأييد شكر امتنان أسف حزن غضب ارتياح
    نهج سلوك غاية تعامل تعاطي تصرف تصرفات مبدأ مسعى مساعي تفاصيل ملامح معالم مطلب مطالب توجه تردد تمسك تلكؤ صمت
    منطق ذريعة حجة رؤية رأي آراء فحوى مضمون مضامين جوهر مغزى
    """
)
# Proper nouns of the shape of a verbal noun («ا..ا.»).
NOT_THINGS = words("إيران إسلام إحسان إيمان إلهام إكرام أنصار إيلان تشاد تيار اسحاق")
AIMS = words(
    """
    هدف أهداف شرط شروط موقف أولويات أولوية مطالب مطلب رؤية شروطه هدفه هدفها هدفهم أهدافه أهدافها أهدافهم
    موقفه موقفها موقفهم شروطها شروطهم مطالبه مطالبها مطالبهم أولوياته أولوياتها أولوياتهم الهدف الأهداف
    """
)
# Plurals of men, which take no verb in the feminine after them.
MEN = words("سكان مواطنون مواطنين طرفان طرفين جانبان جانبين لاعبون لاعبين موظفون موظفين ناخبون ناخبين مسؤولون مسؤولين")
# Given names that are offices as well.
NAMES_TOO = words("أمين أمينة سلطان سيد عميد رائد")
# A report that a denial can be aimed at, and the verdicts that deny rather than judge it.
REPORTS = _inflected(
    "تقرير خبر نبأ تصريح ادعاء زعم رواية اتهام معلومة كلام قول ما شائعة صحة مزاعم ذلك وجود حديث",
    "أنباء أخبار تقارير تصريحات ادعاءات اتهامات معلومات أقوال شائعات روايات إشاعات مزاعم تسريبات",
)
FALSEHOODS = re.compile(
    "بلا اساس|لا اساس|دون اساس|عار من الصحه|عاريه (عن|من) الصحه|عار عن الصحه|غير صحيح|كاذب|كذب|مفبرك|مختلق|ملفق|افتراء|"
    "باطل|لا صحه|غير دقيق|مجرد شاءعات|محض"
)
REFUSALS = re.compile("غير مقبول|مرفوض|رفضه|رفضها|رفضهم|لن نقبل|لن يقبل|لن تقبل")
CARRIERS = frozenset(
    form
    for form, readings in VERB_FORMS.items()
    for reading in readings
    if reading.verb.lemma
    in {"نقل", "أورد", "نشر", "ذكر", "بث", "قال", "زعم", "أعلن", "ادعى", "تناقل", "كتب", "كشف", "صرّح", "تحدث", "أكد"}
)

# Bare past forms are nouns too («نقل», «نشر»); only the others mark a clause on whose report something is.
PAST_CARRIERS = frozenset(_LEMMA_FORMS)
ISSUED = words(
    """
    صادر صادرة صدر صدرت الصادر الصادرة أصدره أصدرته أصدرها أصدرتها أعده أعدته أعدها أعدتها أجراه
    أجرته أجراها أجرتها أنجزه أنجزته نفذه نفذته وضعه وضعته وجهه وجهته وجهها وجهتها ألقاها ألقاه ألقته
    """
)

PREPOSITIONS = words(
    """
    في على خلال عن من إلى مع بعد قبل أثناء عقب عبر لدى أمام ضد نحو حول تجاه بين فوق تحت منذ حتى وسط ضمن بشأن
    بخصوص بيده بيدها برأسه برأسها بإصبعه بسبابته بعينيه بمناسبة بالتزامن بسبب بعيد قبيل لـ بـ ل ب بجانب رغم
    دون بدون برفقة عند حيال إزاء إثر ردا تعليقا تعقيبا بحضور فيه فيها طوال طيلة إبان غداة وراء خلف
    بواسطة بفضل بلا بعيدا
    """
)
TIMES = words(
    """
    كالعادة كالمعتاد اليوم أمس يوم مساء صباح الليلة ليل فجر ظهر
    الأحد الاثنين الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت
    أيضا أيضاً مرارا مراراً سابقا سابقاً لاحقا لاحقاً حينها آنذاك وقتها مؤخرا مجددا صراحة علنا بوضوح بالقول
    كذلك قائلا مرة تكرارا هنا هناك الآن حديثا أخيرا فورا غدا بدوره بدورها بدورهم أولا ثانيا مباشرة ذاته
    ذاتها نفسه نفسها أنفسهم تلفزيونيا رسميا بشدة بقوة شخصيا جميعا كتابة هاتفيا البارحة بعدها قبلها بعدئذ
    """
)
# «يومها», «ساعتئذ», «حينذاك»: a time that points back, made of a noun of time.
POINTING_TIME = re.compile("(يوم|حين|وقت|ساعت|ليلت|لحظت|عام|سنت|ايام|عند)(ها|ذاك|ءذ)$|انءذ$")
CONJUNCTIONS = words(
    """
    و ف كما فكما لكن ولكن فيما بينما أما وأما غير كذلك بدوره بدورها ثم إذ حيث عندما حين حينما وفيما وبينما كذا
    هذا وهذا
    """
)
RELATIVES = words("الذي التي الذين اللذان اللذين اللتان اللواتي اللاتي ما مما بما فيما والذي والتي والذين وما")
SUBJUNCTIVES = words("أن لن كي لكي حتى ألا بأن لأن إن إذا لو لا لم ما ليس وألا")
AS_SAID = words("كما حسبما بحسبما وفقما مثلما")  # «…، كما قال فلان»
NEGATIONS = words("لم لن لا ما ولم ولن ولا وما فلم")
PRONOUNS = words(
    """
    له لها لهم لهما لنا به بها بهم بهما فيه فيها فيهم منه منها
    منهم عنه عنها عنهم عليه عليها عليهم إليه إليها إليهم معه معها معهم لديه
    لي لنا إلي إلينا معي معنا منا عنا بنا فينا لديها
    لديهم عنده عندها عندهم تم يتم تمت فقد يمكن يجب ينبغي يبدو العديد عدة
    """
)
FUNCTION_WORDS = (
    PRONOUNS |
    PREPOSITIONS | CONJUNCTIONS | RELATIVES | SUBJUNCTIVES | NEGATIONS
    | words(
        """
    قد وقد لقد كان كانت كانوا وكان وكانت يكون تكون هو هي هم وهو وهي كل كلا كلاً هذه هذا ذلك تلك ليس ليست أو
    أم بل إلا سوى أي ثمة هل كيف لماذا متى أين نحن نعم عدم بأنه بأنها بأنهم بأنهما أنه إنه أنها إنها أنهم
    إنهم إننا إنني أنني أننا أنهما إنهما قوله قولها قولهم قولهما بعض جدا فقط مثل لعل ليت كأن سبق عقب لئلا
    وأن وإن مضيفا يا ويا أيا هيا
    """
    )
)  # fmt: skip
THAT = words(
    """
    إن أن إنه إنها إنهم إنهما إننا إنني إني إنهن أنه أنها أنهم أنهما أننا أنني أني بأن بأنه بأنها بأنهم
    بأنهما بأننا بأنني لأن فإن كيف كيفية ألا بألا وأن وإن
    """
)
ATTRIBUTIVE_THAT = words("بأنه بأنها بأنهم بأنهما")
# «بحسب X»: whose words the sentence tells, without a verb.
ACCORDING = words("بحسب حسب وفقا وفق طبقا نقلا استنادا وبحسب وحسب ووفقا ووفق وطبقا ونقلا")
# Countries, and the capitals that stand for their governments: a name never runs on into one.
COUNTRIES = words(
    """
    إيران العراق سوريا سورية لبنان الأردن فلسطين إسرائيل مصر السودان ليبيا تونس الجزائر المغرب موريتانيا
    اليمن السعودية الكويت قطر البحرين الإمارات عمان عُمان تركيا روسيا أوكرانيا الصين اليابان الهند باكستان
    أفغانستان فرنسا بريطانيا ألمانيا إيطاليا إسبانيا أمريكا أميركا كندا البرازيل المكسيك أستراليا إثيوبيا
    الصومال نيجيريا كينيا اليونان بولندا هولندا بلجيكا سويسرا السويد النرويج فنزويلا كوبا الأرجنتين كوريا
    أرمينيا أذربيجان جورجيا قبرص المجر النمسا أوروبا أفريقيا غزة واشنطن طهران موسكو بكين لندن باريس برلين
    بغداد دمشق بيروت القاهرة الرياض الدوحة أنقرة كييف بروكسل مسقط أبوظبي صنعاء الخرطوم طرابلس الرباط حماس
    ماليزيا إندونيسيا سنغافورة تايلاند تايلند فيتنام الفلبين كمبوديا ميانمار بنغلاديش سريلانكا كازاخستان
    أوزبكستان طاجيكستان تركمانستان قرغيزستان منغوليا تايوان رومانيا بلغاريا صربيا كرواتيا سلوفينيا سلوفاكيا
    التشيك البوسنة ألبانيا مقدونيا كوسوفو مولدوفا بيلاروسيا بيلاروس ليتوانيا لاتفيا إستونيا فنلندا النرويج
    الدنمارك أيسلندا أيرلندا إيرلندا البرتغال لوكسمبورغ السنغال غانا الكاميرون أنغولا زامبيا زيمبابوي موزمبيق
    تنزانيا أوغندا رواندا بوروندي الكونغو الغابون مدغشقر إريتريا جيبوتي النيجر ناميبيا بوتسوانا ليبيريا تشيلي
    كولومبيا الإكوادور بوليفيا أوروغواي باراغواي كوستاريكا غواتيمالا هندوراس نيكاراغوا هايتي نيوزيلندا طوكيو
    سيول نيودلهي كابل جنيف فيينا مدريد أثينا لشبونة ستوكهولم كوبنهاغن هلسنكي أوسلو وارسو بودابست بوخارست
    بلغراد نيروبي أوتاوا نواكشوط مقديشو
    """
)
_REGULAR_DEMONYMS = {re.sub("(يا|ا|ه)$", "", name.removeprefix("ال")).removesuffix("ي") + "ي" for name in COUNTRIES}
# Adjectives of origin: the regular ones of the places above, and those of irregular form.
DEMONYMS = re.compile(
    "("
    + "|".join(sorted(_REGULAR_DEMONYMS))
    + "|"
    + fold(
        "(?:أمريكي|أميركي|إيراني|عماني|عراقي|سوري|لبناني|أردني|فلسطيني|إسرائيلي|مصري|سوداني|ليبي|تونسي|جزائري|مغربي|"
        "موريتاني|يمني|سعودي|كويتي|قطري|بحريني|إماراتي|تركي|روسي|أوكراني|صيني|ياباني|هندي|باكستاني|أفغاني|فرنسي|"
        "بريطاني|ألماني|إيطالي|إسباني|أوروبي|عربي|أممي|دولي|كوري|كندي|برازيلي|إثيوبي|صومالي|كردي|سويسري|نرويجي|"
        "سويدي|هولندي|بلجيكي|بولندي|يوناني|مكسيكي|أسترالي|أفريقي|خليجي|غربي|نيجيري|كيني|فنزويلي|كوبي|أرجنتيني)"
    )
    + ")(ه|ون|ين|ان|ات)?$"
)
# «أحدهم», «بعضهم»: someone of those spoken of.
SOMEONE = words("أحدهم إحداهن أحدهما إحداهما بعضهم بعضهن كثيرون آخرون عديدون")
# What sets rules rather than tells: «وفقًا لبنود المعاهدة», «حسب الجدول».
RULES = words(
    """
    بند بنود مادة مواد قانون قوانين قاعدة قواعد خطة خطط جدول نظرية قرار قرارات عقد عقود اتفاق اتفاقية معاهدة دستور
    تقويم نظام أنظمة شروط شرط معايير معيار أحكام لوائح تعليمات توقيت مقياس نسبة عدد حجم نوع حالة ترتيب تصنيف
    """
)
NAME_PARTICLES = words(
    """
    بن ابن بنت أبو أبي أبا آل عبد ولد دي فان فون أم ابنة بو دو لو ذو نور سيف صلاح علاء بهاء شمس ضياء عز حسام
    جمال تقي دا
    """
)
# Written apart, the ends of Persian family names: «حاجي زاده», «درويش بور».
NAME_ENDINGS = words("زاده زادة بور نجاد نيا خواه")
# Common given names: only to tell «علي فلان» from «موقف فلان» when a surname is looked up in the article.
GIVEN_NAMES = words(
    """
    محمد أحمد محمود علي حسن حسين عمر عثمان خالد يوسف إبراهيم إسماعيل مصطفى عبدالله سعيد سعد سالم سلمان فيصل
    فهد ناصر طارق زياد رامي سامي سمير كريم جمال كمال جلال بلال هشام هاني وليد وائل ياسر عماد عادل ماجد نبيل
    نزار أنور أكرم أشرف أيمن باسم بسام حمد حمدان راشد رشيد رضا زكريا عيسى موسى هارون داود سليمان يحيى فاطمة
    عائشة خديجة مريم زينب ليلى سارة نور هدى منى سلمى رنا ريم مها جون جورج ديفيد مايكل روبرت جيمس وليام توماس
    والتر والترز والتز والاس
    بيتر بول مارك جاك بيير فرانسوا إيمانويل أنجيلا هيلاري باراك جوزيف فلاديمير سيرغي بدر قاسم حامد حميد مجيد
    عزت رفعت طلعت نشأت حكمت مدحت بهجت شوكت جودت ثروت حشمت
    توفيق تهاني إلهام إكرام ابتسام أنيس أنس أسامة أسعد إدريس آدم أريج بشار بشير بلقيس تامر تميم ثامر جابر جاسم جبر
    جمانة حازم حاتم حبيب حسام حليمة حنان حيدر خليل داليا دانة ذياب رأفت رؤوف راغب رحاب رزان رشا رغد رفيق رندة روان
    زهير سلوى سمر سناء سهيل سوزان شادي شريف شفيق شكري شيماء صالح صبري ضرار طلال طه عائدة عارف عاصم عامر عبير عصام
    عفاف علاء عمار عواد غازي غدير فادي فاروق فايز فتحي فدوى فراس فريد فهيم فوزي قيس كاميليا كاظم لبنى لطفي لمى لينا
    ليث مازن ماهر مجدي محي مراد مروة مصعب معاذ معتز منال منير مهند مؤيد ميساء نادية ناهد نائل نبيلة نجلاء نجوى نسرين
    نعمان نوال نورة هاجر هالة هديل هيثم هيفاء وجدان وسام يارا ياسمين يزن يونس ستيف ستيفن بيل توم آنا ماريا لوران
    أندريه ألكسندر إيلون دونالد نزيه وجيه فقيه نبيه عبده أدهم ملهم عباس جعفر صادق مهدي هادي تقي باقر جواد محسن منصور
    أمير بهرام رستم نجيب فؤاد فارس غسان مروان عدنان غادة ديما
    بشر بكر حمزة زكي ضياء ظافر لؤي مأمون مشعل ممدوح مناف نايف نعيم نواف نوري وسيم يعقوب أمجد إياد إيهاب سامر منذر
    دينا سعاد هناء هند رانيا رولا عبلة كوثر لطيفة ماجدة نهى وداد يسرى بثينة
    """
)
