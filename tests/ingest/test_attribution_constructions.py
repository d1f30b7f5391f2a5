"""Reporting constructions one by one, in sentences made up here: who speaks, and what only looks like speaking."""

from __future__ import annotations

import pytest

from evals.attribution import same
from ingest.attribution import attribute
from retrieval.models import Attribution
from retrieval.segmentation import sentence_spans

SPEAKERS = [
    # a title without a comma before the name, also where the name has «ال»
    ("محامي البلدية الهادي السويسي نفى أن تكون الرخصة مزورة.", "الهادي السويسي", "محامي البلدية"),
    ("وزير الطاقة البرتغالي دواردو كوردييرو قال إن المحطة ستعمل.", "دواردو كوردييرو", "وزير الطاقة البرتغالي"),
    ("وقالت المهندسة ريتا شلهوب، مديرة ورشة الترميم، إن الأعمال توقفت.", "ريتا شلهوب", "مديرة ورشة الترميم"),
    ("وقال ممثلهم في باريس، أوليفييه سانتوس، إن العرض ضعيف.", "أوليفييه سانتوس", "ممثلهم في باريس"),
    ("وقالت رئيسة البعثة، الفنلندية هيلا كورهونن، إن الطريق سالك.", "هيلا كورهونن", "رئيسة البعثة"),
    ("أما زميله في الوفد، رامز عيتاني، فقال إن الجلسة تأجلت.", "رامز عيتاني", "زميله في الوفد"),
    ("وردّ وزير العلوم عادل شكر بأن الكلفة ارتفعت.", "عادل شكر", "وزير العلوم"),
    # people and bodies without a name
    ("وتقول كتل نيابية إن الموازنة لا تلبي حاجات الناس.", "كتل نيابية", None),
    ("وتقول منظمات معنية بسلامة الطرق إن الحوادث زادت.", "منظمات معنية بسلامة الطرق", None),
    ("ويؤكد سكان محليون تحدثوا إلينا أن المياه ملوثة.", "سكان محليون", None),
    ("وصرح مصدر في الشركة فضّل عدم ذكر اسمه بأن الصفقة ألغيت.", "مصدر في الشركة", None),
    ("وشكا أهالي البلدة، الذين تجمعوا أمام المبنى، من غياب المعلومات.", "أهالي البلدة", None),
    ("وردّ الأسطول الجنوبي، ومقره الجزيرة، بأن الملاحة لن تتعطل.", "الأسطول الجنوبي", None),
    ("وأعرب البيت الأبيض عن قلقه من التطورات.", "البيت الأبيض", None),
    ("غير أن مجلس شيوخ نورادا يعارض الخطة.", "مجلس شيوخ نورادا", None),
    ("وعزا محللون الهبوط إلى جني الأرباح.", "محللون", None),
    ("«لن أعود»، قال لي أحدهم.", "أحدهم", None),
    # verbs of telling how
    ("وأنهى الوزير كلمته بالتأكيد على حق اللاجئين في العودة.", "الوزير", None),
    ("وعلّق الناقد حازم فرحات على الفيلم قائلًا: «هذا أضعف أعماله».", "حازم فرحات", "الناقد"),
    ("ويذهب مراقبون إلى أن الخطوة رسالة.", "مراقبون", None),
    ("واكتفى الحارس رامي طعمة بالقول إنه مرهق.", "رامي طعمة", "الحارس"),
    ("وحمّل قائد الفريق ياسر طعمة زملاءه مسؤولية الخسارة.", "ياسر طعمة", "قائد الفريق"),
    ("ودخلت الخارجية النرويجية على الخط داعية الطرفين إلى ضبط النفس.", "الخارجية النرويجية", None),
    # another's words passed on
    ("ونسبت الوكالة إلى مسؤول لم تسمه قوله إن المفاوضات تعثرت.", "مسؤول", None),
    ("وأوردت صحيفة «الرابية» عن مصدر قضائي أن التحقيق أُغلق.", "مصدر قضائي", None),
    ("وذكر موقع «الرابية» نقلًا عن مصرفيين أن العملة ستهبط.", "مصرفيين", None),
    ("ونقلت صحيفة «الرابية» عن هواة رصد أن القمر انحرف.", "هواة رصد", None),
    ("وجاء في منطوق الحكم أن المتهم أخفى الوثائق.", "منطوق الحكم", None),
    ("وبدأ الجدل بتغريدة لوزير النقل سامي الدروبي كتب فيها: «لا تراجع عن القرار».", "سامي الدروبي", "وزير النقل"),
    ("وبحسب ما قاله تاجر في السوق لرويترز، فإن الطلب ضعيف.", "تاجر في السوق", None),
    ("والقرار نهائي، وفقًا لما أعلنته وزيرة الصيد إيفا لوند.", "إيفا لوند", "وزيرة الصيد"),
]  # fmt: skip
SILENT = [
    "واتفق الطرفان على مواصلة الحوار.",
    "وتضيف السيارة الجديدة ميزات كثيرة.",
    "ووجد رجال الإنقاذ الطفل حيًا.",
    "وزاد عدد السكان بمقدار الثلث.",
    "ومضى الموكب نحو المقبرة.",
    "وأنهى الفريق الموسم في المركز الثاني.",
    "ورصدت الكاميرات مرور السيارة.",
    "وتوصل الطرفان إلى اتفاق أولي.",
    "ويُذكر أن المصنع افتتح عام 2001.",
    "ومن أبرز عيوبها أنها لا تعمل في البرد.",
    "يبلغ متوسط عمر الطائر أربعة أعوام.",
    "واكتفى الملك بلقب «حارس الأبواب».",
    "ومن بينها «الغزالة» المعروضة في المحطة.",
    "وسرت شائعة تقول إن الجسر مسكون.",
    "وحسب بنود العقد، يدفع المستأجر مقدمًا.",
    "سجلت المستشفى أول حالة مؤكدة في القرية.",
]


def read(text: str) -> list[Attribution | None]:
    return attribute(text, sentence_spans(text))


@pytest.mark.parametrize(("sentence", "speaker", "role"), SPEAKERS)
def test_who_speaks(sentence: str, speaker: str, role: str | None) -> None:
    [found] = read(sentence)
    assert found is not None
    assert same(speaker, found.speaker), found.speaker
    assert len(found.speaker or "") <= len(speaker)
    assert found.role == role


@pytest.mark.parametrize("sentence", SILENT)
def test_nobody_is_reported(sentence: str) -> None:
    assert read(sentence) == [None]


def test_a_representative_of_someone_known_is_not_called_so() -> None:
    found = read("سجل المهاجم نديم بصبوص هدفين. وقال وكيل أعمال بصبوص إن اللاعب باق. واكتفى بصبوص بالقول إنه سعيد.")
    assert [one and (one.speaker, one.role) for one in found] == [
        None,
        ("وكيل أعمال بصبوص", None),
        ("نديم بصبوص", "المهاجم"),
    ]


def test_a_body_answers_to_its_quoted_name() -> None:
    found = read("وعزت شركة الكهرباء الوطنية «نورال» العطل إلى محول قديم. ونفت «نورال» وجود إهمال.")
    assert [one and one.stance for one in found] == ["asserts", "denies"]
    assert found[1] is not None
    assert found[1].speaker == "نورال"


def test_the_subject_of_the_same_sentence_comes_before_the_last_speaker() -> None:
    found = read("قال رئيس النادي سامر بدوان إن الموسم طويل. وخرج المدرب أيهم زعرور من القاعة، وقال إن فريقه ظُلم.")
    assert found[1] is not None
    assert found[1].speaker == "أيهم زعرور"


@pytest.mark.parametrize(
    ("sentence", "direct"),
    [
        ("وقال المنسق إن «النافذة تضيق».", True),
        ("وقال القائد إن قواته «غادرت الحي منذ أسبوع».", True),
        ("وقال القائد إن التحقيق «سيجيب عن كل شيء».", True),
        ("وندد الحزب بما سماه «مزايدات انتخابية رخيصة».", False),
        ("وقال القائد إن القرار «صادم».", False),
    ],
)
def test_a_clause_is_a_quotation_and_a_term_is_not(sentence: str, direct: bool) -> None:
    [found] = read(sentence)
    assert found is not None
    assert found.direct_quote is direct


def test_a_participle_strengthens_the_stance() -> None:
    [found] = read("لكن إدارة الميناء أكدت أن الصورة قديمة، نافية إغلاق أي رصيف.")
    assert found is not None
    assert found.stance == "denies"


def test_another_answer_in_the_sentence_leaves_the_stance() -> None:
    [found] = read("وأفادت صحيفة «الرابية» نقلًا عن ضابط متقاعد بأن فدية دُفعت، وهو ما وصفته الوزارة بأنه خبر مختلق.")
    assert found is not None
    assert (found.speaker, found.stance) == ("ضابط متقاعد", "asserts")
