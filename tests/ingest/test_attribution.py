"""Every construction of the attribution grammar, on sentences of our own."""

from __future__ import annotations

import pytest

from ingest.attribution import attribute
from retrieval.models import Attribution


def only(sentence: str, source: str | None = None) -> Attribution | None:
    """The attribution of a text of one sentence."""
    return attribute(sentence, [(0, len(sentence))], source=source)[0]


VERB_FIRST = [
    ("قال وزير الطاقة صالح الخوالدة إن المحطة ستعمل.", "صالح الخوالدة", "وزير الطاقة", "قال"),
    ("وقال بشر الطراونة، نائب العمدة، إن الجسر آمن.", "بشر الطراونة", "نائب العمدة", "قال"),
    ("وقالت الباحثة في الشأن البحري ريم منصور إن الميناء ضيق.", "ريم منصور", "الباحثة في الشأن البحري", "قالت"),
    ("قال سامر البارحة إن الميناء ضيق.", "سامر", None, "قال"),
    ("وأبدى المدرب فارس النجار تفاؤله بقرب الفوز.", "فارس النجار", "المدرب", "أبدى"),
    ("وأكد العقيد طيار سمير حداد أن المطار آمن.", "سمير حداد", "العقيد طيار", "أكد"),
    ("وأمل رئيس البلدية في أن يفتح الجسر قريبًا.", "رئيس البلدية", None, "أمل"),
    ("وقال مدير المصرف بيير أوليفييه مورو إن الفائدة باقية.", "بيير أوليفييه مورو", "مدير المصرف", "قال"),
    ("وأعلنت كتائب «الفجر» أنها انسحبت.", "كتائب «الفجر»", None, "أعلنت"),
    ("وقالت القاضية أمينة بن سالم إن الأدلة كافية.", "أمينة بن سالم", "القاضية", "قالت"),
    ("وقال الوزير سلطان الحربي، إن الأدلة كافية.", "سلطان الحربي", "الوزير", "قال"),
    ("وقال عميد كلية الطب إن الأدلة كافية.", "عميد كلية الطب", None, "قال"),
    ("قال كبير المحللين لدى «نور بنك» يان هانسن إن الطلب باق.", "يان هانسن", "كبير المحللين لدى «نور بنك»", "قال"),
    ("وقالت منظمة هيومن كير ووتش إن المخيم مكتظ.", "منظمة هيومن كير ووتش", None, "قالت"),
    ("قال سمير حداد إن المصنع سيغلق.", "سمير حداد", None, "قال"),
    ("وقالت ليلى منصور، مديرة المتحف الوطني، إن المعرض تأجل.", "ليلى منصور", "مديرة المتحف الوطني", "قالت"),
    (
        "وقال رئيس لجنة المياه في مجلس النواب، سمير حداد، إن السد امتلأ.",
        "سمير حداد",
        "رئيس لجنة المياه في مجلس النواب",
        "قال",
    ),
    ("أعلن وزير الزراعة كريم زيدان أن الموسم جيد.", "كريم زيدان", "وزير الزراعة", "أعلن"),
    (
        "وأوضح المبعوث الأممي إلى ليبيا، هانز لارسن، على هامش مؤتمر برلين، أن الحوار مستمر.",
        "هانز لارسن",
        "المبعوث الأممي إلى ليبيا",
        "أوضح",
    ),
    (
        "وأكد الرئيس الفنلندي مارتن كوسكي، خلال مؤتمر صحفي أمس الأحد، أن بلاده مستعدة.",
        "مارتن كوسكي",
        "الرئيس الفنلندي",
        "أكد",
    ),
    (
        "وأعرب الأمين العام للأمم المتحدة بيدرو ألميدا عن قلقه من التصعيد.",
        "بيدرو ألميدا",
        "الأمين العام للأمم المتحدة",
        "أعرب",
    ),
    ("وقال السيد نادر الحلبي، الدبلوماسي المحترف، إن الطريق طويل.", "نادر الحلبي", "الدبلوماسي المحترف", "قال"),
    ("وقال كامل بشارة، الذي كان آنذاك نائب وزير المالية، إن القرض أُقر.", "كامل بشارة", "نائب وزير المالية", "قال"),
    ("وقالت مسافرة تدعى هند شريف (30 عامًا) إنها انتظرت يومين.", "هند شريف", "مسافرة", "قالت"),
    ("وشدد اللواء عمر الخطيب على ضرورة الالتزام.", "عمر الخطيب", "اللواء", "شدد"),
]


@pytest.mark.parametrize(("sentence", "speaker", "role", "verb"), VERB_FIRST)
def test_a_verb_is_followed_by_its_speaker_and_role(sentence: str, speaker: str, role: str | None, verb: str) -> None:
    found = only(sentence)
    assert found is not None
    assert (found.speaker, found.role, found.verb) == (speaker, role, verb)
    assert found.stance == "asserts"
    assert sentence[found.speaker_start : found.speaker_end] == speaker


SPEAKER_FIRST = [
    ("رئيس الوزراء كريم زيدان يؤكد أن الحدود مفتوحة.", "كريم زيدان", "يؤكد", "asserts"),
    ("لكن المتحدث باسم الشرطة، نادر الحلبي، نفى وقوع إصابات.", "نادر الحلبي", "نفى", "denies"),
    ("وكان كريم زيدان قد هدد مرارًا باستخدام القوة.", "كريم زيدان", "هدد", "threatens"),
    ("وكان المسؤولون الكنديون قد أكدوا في وقت سابق أن المحادثات انتهت.", "المسؤولون الكنديون", "أكدوا", "asserts"),
    ("كما كان المزارعون قد حددوا هدفهم في خفض الأسعار.", "المزارعون", "حددوا", "asserts"),
    ("وزارة البيئة: الهواء غير صالح في العاصمة.", "وزارة البيئة", None, "asserts"),
]


@pytest.mark.parametrize(("sentence", "speaker", "verb", "stance"), SPEAKER_FIRST)
def test_a_speaker_may_stand_before_the_verb(sentence: str, speaker: str, verb: str | None, stance: str) -> None:
    found = only(sentence)
    assert found is not None
    assert (found.speaker, found.verb, found.stance) == (speaker, verb, stance)


OUTLETS = [
    ('قالت عالمة الأحياء سلمى نجار لقناة "الواحة": "الطائر عاد إلى البحيرة بعد غياب".', "سلمى نجار", "الواحة"),
    ("وفي مقابلة مع صحيفة «الفجر الجديد»، قال كريم زيدان إن الخطة جاهزة.", "كريم زيدان", "الفجر الجديد"),
    ("نقلت وكالة «الضياء» عن مصدر عسكري أن القوات انسحبت.", "مصدر عسكري", "الضياء"),
    ('وكانت "رويترز" قد نقلت قبل يومين عن مصدر كندي أن الهدف هو التهدئة.', "مصدر كندي", "رويترز"),
    ("ونقلت صحيفة الفجر عن ثلاثة مسؤولين مطلعين قولهم إن العقد وُقّع.", "ثلاثة مسؤولين مطلعين", "الفجر"),
    ("ونُقل عن أحد الناجين أنه سبح ساعتين.", "أحد الناجين", None),
    ("وذكرت شبكة سي إن إن أن الطائرة هبطت.", None, "سي إن إن"),
    ("وأفادت قناة «الواحة»، نقلًا عن وزارة النقل، بأن الجسر سيفتح غدًا.", "وزارة النقل", "الواحة"),
    ("وقال مسؤول تركي كبير، طلب عدم نشر اسمه، لرويترز إن الاتفاق قريب.", "مسؤول تركي كبير", "رويترز"),
    ("بلغت الخسائر مليون دولار، بحسب صحيفة «الفجر الجديد».", None, "الفجر الجديد"),
    ("وبحسب تقرير نشرته مجلة «الكوكب»، ارتفعت الحرارة درجتين.", None, "الكوكب"),
]


@pytest.mark.parametrize(("sentence", "speaker", "outlet"), OUTLETS)
def test_the_outlet_is_told_from_the_speaker(sentence: str, speaker: str | None, outlet: str | None) -> None:
    found = only(sentence)
    assert found is not None
    assert (found.speaker, found.outlet) == (speaker, outlet)
    assert sentence[found.speaker_start : found.speaker_end] == (speaker or outlet)


WITHOUT_VERB = [
    ("وفقًا لوزيرة التعليم هند شريف، ستبدأ الدراسة غدًا.", "هند شريف"),
    ("ستبدأ الدراسة غدًا، بحسب مسؤول محلي.", "مسؤول محلي"),
    ("ورحب الوفدان بالعرض، بحسب دبلوماسي نرويجي حضر الجلسة.", "دبلوماسي نرويجي"),
    ("على حد قول ناشط بيئي، فإن الغابة احترقت كلها.", "ناشط بيئي"),
    ("وفقًا لمنظمة الصحة العالمية، تراجعت الإصابات.", "منظمة الصحة العالمية"),
]


@pytest.mark.parametrize(("sentence", "speaker"), WITHOUT_VERB)
def test_a_source_may_be_named_without_a_verb(sentence: str, speaker: str) -> None:
    found = only(sentence)
    assert found is not None
    assert (found.speaker, found.verb) == (speaker, None)


COLLECTIVE = [
    ('وقال أحد السكان في رسالة صوتية: "لا كهرباء منذ أيام".', "أحد السكان"),
    ("وأفادت مصادر أمنية بأن الطريق مغلق.", "مصادر أمنية"),
    ("واعتبر مراقبون أن الزيارة مهمة.", "مراقبون"),
    ("وجاء في بيان لوزارة الداخلية أن الحدود مفتوحة.", "وزارة الداخلية"),
    ("وأوضح بيان صادر عن مجلس إدارة البنك أن الأرباح زادت.", "مجلس إدارة البنك"),
    ("وأعلنت فرنسا وإيطاليا أنهما سترسلان مساعدات.", "فرنسا وإيطاليا"),
]


@pytest.mark.parametrize(("sentence", "speaker"), COLLECTIVE)
def test_bodies_and_unnamed_people_speak(sentence: str, speaker: str) -> None:
    found = only(sentence)
    assert found is not None
    assert found.speaker == speaker


STANCES = [
    ("وزعم كريم زيدان أن الأرقام مزورة.", "claims"),
    ("واتهم كريم زيدان الشركة بتلويث النهر.", "claims"),
    ("ورأى كريم زيدان أن القرار متأخر.", "judges"),
    ("وتوقع كريم زيدان ارتفاع الأسعار.", "judges"),
    ("ووصف كريم زيدان المحادثات بأنها بناءة.", "judges"),
    ("ووصف كريم زيدان كيف انهار السقف.", "asserts"),
    ("ورفض كريم زيدان المقترح.", "rejects"),
    ("وأعرب كريم زيدان عن رفضه للقرار.", "rejects"),
    ("وقال كريم زيدان إن بلاده ترفض أي وجود أجنبي.", "rejects"),
    ("وحذر كريم زيدان من مجاعة.", "warns"),
    ("وهدد كريم زيدان بالانسحاب.", "threatens"),
    ("وطالب كريم زيدان الحكومة بالاستقالة.", "demands"),
    ("ودعا كريم زيدان الطرفين إلى الحوار.", "demands"),
    ("واقترح كريم زيدان عقد قمة.", "proposes"),
    ("ونفى كريم زيدان صحة الخبر.", "denies"),
    ("وقال كريم زيدان إن هذه التقارير كاذبة.", "denies"),
]


@pytest.mark.parametrize(("sentence", "stance"), STANCES)
def test_the_stance_comes_from_verb_and_content(sentence: str, stance: str) -> None:
    found = only(sentence)
    assert found is not None
    assert (found.speaker, found.stance) == ("كريم زيدان", stance)


DENIALS = [
    ("ونفى كريم زيدان ما أوردته صحيفة «الفجر».", "الفجر"),
    ("ونفت وزارة النفط صحة التقرير الذي نشرته وكالة الضياء.", "الضياء"),
    ("وفند كريم زيدان تصريحات الوزير سامي نعمة.", "سامي نعمة"),
    ('ووصف كريم زيدان التقرير الذي نقلته وكالة "رويترز" عن مسؤولين كنديين بأنه "بلا أساس".', "رويترز"),
    ("ونفى كريم زيدان أن تكون المحادثات سرية.", None),
]


@pytest.mark.parametrize(("sentence", "denies"), DENIALS)
def test_a_denial_names_whose_report_it_denies(sentence: str, denies: str | None) -> None:
    found = only(sentence)
    assert found is not None
    assert found.speaker in ("كريم زيدان", "وزارة النفط")
    assert (found.stance, found.denies) == ("denies", denies)


LOOKALIKES = [
    "أضاف الفريق هدفًا ثانيًا في الدقيقة السبعين.",
    "وأضافت اللجنة فئة جديدة إلى الجائزة.",
    "وأضيفت ثلاث قرى إلى القائمة.",
    "ذُكر اسمه في القائمة.",
    "ذكر في القائمة اسم اللاعب الجديد.",
    "وأُعلنت العطلة يوم الأحد.",
    "وأشار بيده إلى الباب.",
    "بين العراق والأردن طريق طويل.",
    "كتب التاريخ مليئة بالعبر.",
    "كان إعلان النتائج مفاجئًا للجميع.",
    "أكد اختيار العاصمة أهمية الموقع.",
    "ويعتبر هذا الملف من أعقد الملفات.",
    "ولم يؤكد الجيش هذه الأنباء.",
    "ومن المتوقع أن يعلن الرئيس قراره غدًا.",
    "وبعد رفض كندا المقترح، ارتفعت الأسعار.",
    "ورفعوا لافتات تندد بالمشروع.",
    "ويكشف الموقع عن طبقات سكن متعاقبة.",
    "وفق الجدول الزمني، ينتهي العمل في مايو.",
    "ثمة أدلة تؤكد فرضية قديمة.",
    "يعتبر الحي مركز المدينة.",
    "وكان يعتقد أن الأرض مسطحة.",
    "وتحمل السفينة عبارة قديمة.",
    "وقام بترجمة وإضافة ملحق للكتاب.",
    "شارك في حملة عسكرية على الجزيرة.",
    "وصف الكاتب سبعين نباتًا طبيًا.",
    "وصل الطرد عبر البريد السريع: وحدة كاملة.",
    "شهدت العاصمة أمطارًا غزيرة.",
    "",
]


@pytest.mark.parametrize("sentence", LOOKALIKES)
def test_what_only_looks_like_a_report_is_not_attributed(sentence: str) -> None:
    assert only(sentence) is None


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("وَقَالَ سَمِير حَدَّاد إنَّ المَصنَع سَيُغلق.", "سمير حداد"),
        ("وقـــال سمير حداد ان المصنع سيغلق.", "سمير حداد"),
        ("وقال أحمد الأسمر إن المصنع سيغلق.", "أحمد الأسمر"),
    ],
)
def test_spelling_does_not_matter_and_spans_stay_exact(written: str, plain: str) -> None:
    found = only(written)
    assert found is not None
    assert found.speaker is not None
    assert "".join(c for c in found.speaker if not "\u064b" <= c <= "\u0652") == plain
    assert written[found.speaker_start : found.speaker_end] == found.speaker


def test_the_source_of_the_article_is_what_the_paper_means() -> None:
    found = only("وقال كريم زيدان للصحيفة إن الخطة جاهزة.", source="صحيفة المرفأ")
    assert found is not None
    assert (found.speaker, found.outlet) == ("كريم زيدان", "صحيفة المرفأ")


def test_no_sentences_give_no_attributions() -> None:
    assert attribute("", []) == []
    assert attribute("قال سمير حداد إن المصنع سيغلق.", []) == []


def test_text_in_other_scripts_is_left_alone() -> None:
    text = 'The minister said: "No." 12,5 % … «'
    assert attribute(text, [(0, len(text))]) == [None]


def test_a_refusal_of_ones_own_is_what_a_verb_reports() -> None:
    found = only("وجدد الرئيس سالم النوري رفضه تهجير السكان.")
    assert found is not None
    assert (found.speaker, found.role, found.stance) == ("سالم النوري", "الرئيس", "rejects")


@pytest.mark.parametrize("text", ["كان أمل الوزير في أن تنتهي الحرب كبيرًا.", "وفي نظر القانون أن المتهم بريء."])
def test_hope_and_view_that_nobody_tells(text: str) -> None:
    assert only(text) is None


def test_a_view_is_its_holders() -> None:
    found = only("وفي رأي الخبير سمير حداد أن الأسعار ستستقر.")
    assert found is not None
    assert (found.speaker, found.role) == ("سمير حداد", "الخبير")


def test_whom_a_woman_calls_on_does_not_speak() -> None:
    text = "وقالت الوزيرة ريم حداد إن العاصفة قريبة. ودعت السكان إلى البقاء في بيوتهم."
    second = attribute(text, [(0, text.index(".") + 1), (text.index("ودعت"), len(text))])[1]
    assert second is not None
    assert second.speaker == "ريم حداد"


def test_keeping_to_a_view_tells_nothing_of_it() -> None:
    text = "ويرى الباحث كريم زيدان أن النقش حديث. غير أن المدير تمسك برأيه."
    assert attribute(text, [(0, text.index(".") + 1), (text.index("غير"), len(text))])[1] is None
