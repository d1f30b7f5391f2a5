"""What an article says of its people outside reports, and what looks like a speaker beside one but is none."""

from __future__ import annotations

import pytest

from ingest.attribution import attribute
from retrieval.models import Attribution


def read(*sentences: str) -> list[Attribution | None]:
    """The attributions of the sentences of one article."""
    spans, position = [], 0
    for sentence in sentences:
        spans.append((position, position + len(sentence)))
        position += len(sentence) + 1
    return attribute(" ".join(sentences), spans)


def last(*sentences: str) -> tuple[str | None, str | None, str | None, str | None] | None:
    """Speaker, role, outlet and verb of the last sentence."""
    found = read(*sentences)[-1]
    return (found.speaker, found.role, found.outlet, found.verb) if found else None


MINISTER = "قالت وزيرة النقل سهى قبلان إن الميناء عاد إلى العمل."


@pytest.mark.parametrize(
    ("sentence", "speaker", "role"),
    [
        (
            "قال مدير مركز الأرصاد في المطار بأوغندا، جورج أوكيلو، إن العاصفة ابتعدت.",
            "جورج أوكيلو",
            "مدير مركز الأرصاد في المطار بأوغندا",
        ),
        (
            "قال إلياس طعمة، رئيس لجنة المزارعين في المجلس البلدي بزحلة، إن الموسم ضعيف.",
            "إلياس طعمة",
            "رئيس لجنة المزارعين في المجلس البلدي بزحلة",
        ),
        ("قال رئيس لجنة المزارعين في المجلس البلدي بزحلة إن الموسم ضعيف.", None, None),
        ("قال رئيس اتحاد العمال بدر شاهين إن الموسم ضعيف.", "بدر شاهين", "رئيس اتحاد العمال"),
        ("قالت عميدة الكلية بيسان لبيب إن الموسم ضعيف.", "بيسان لبيب", "عميدة الكلية"),
    ],
)
def test_a_place_with_its_preposition_is_not_the_name_of_the_holder(
    sentence: str, speaker: str | None, role: str | None
) -> None:
    found = read(sentence)[0]
    assert found is not None
    if speaker is None:
        assert found.speaker is not None
        assert found.speaker.startswith("رئيس لجنة المزارعين")
    else:
        assert (found.speaker, found.role) == (speaker, role)


@pytest.mark.parametrize(
    "when",
    [
        "يومها",
        "حينها",
        "آنذاك",
        "وقتها",
        "ساعتها",
        "يومذاك",
        "عندئذ",
        "لاحقًا",
        "لاحقا",
        "مساءً",
        "أمس",
        "ليلتها",
        "بعدها",
    ],
)
def test_a_time_after_the_verb_is_not_its_subject(when: str) -> None:
    assert last(MINISTER, f"وقالت {when} إن الرسوم لن ترتفع.") == ("سهى قبلان", "وزيرة النقل", None, "قالت")
    assert last(f"وقالت {when} إن الرسوم لن ترتفع.") is None


def test_a_verb_without_subject_goes_to_whom_the_sentence_before_is_about() -> None:
    about = "ففي ربيع ذلك العام، ولم تكن المدينة قد هدأت، زار قبلاوي حي الميناء."
    known = "توفي المؤرخ جبران قبلاوي عن تسعين عامًا."
    assert last(known, about, "وقال يومها إن البيوت ستعود.") == ("جبران قبلاوي", "المؤرخ", None, "قال")
    # a verb of going on still takes up the last speech
    speech = "قال النائب كرم حايك إن الدعم سيستمر."
    assert last(known, speech, about, "وأضاف أن المبلغ كاف.") == ("كرم حايك", "النائب", None, "أضاف")
    assert last(known, speech, about, "وقال يومها إن البيوت ستعود.") == ("جبران قبلاوي", "المؤرخ", None, "قال")


INTRODUCED = [
    (
        "فقد اختصر المتحدث باسم وزارة البيئة النرويجية إريك هانسن مطلب بلاده في شرط واحد.",
        "وقال هانسن إن الشرط معروف.",
        "إريك هانسن",
        "المتحدث باسم وزارة البيئة النرويجية",
    ),
    (
        "وسلّم الرسالة نائب وزير الزراعة جابر سلوم.",
        "وقال سلوم إن الرد قريب.",
        "جابر سلوم",
        "نائب وزير الزراعة",
    ),
    (
        "التقى منير الصباغ، وزير المالية، وفدًا من التجار.",
        "وأكد الصباغ أن الرسوم ثابتة.",
        "منير الصباغ",
        "وزير المالية",
    ),
    (
        "وزار المصنع دانيال كروفت، وكان حينها نائب وزير التجارة البريطاني، ثلاث مرات.",
        "وكتب كروفت: «لم أر مصنعًا كهذا من قبل».",
        "دانيال كروفت",
        "نائب وزير التجارة البريطاني",
    ),
    (
        "وقد وضع السيد ماهر الخوري، وهو مهندس متقاعد، خطة الجسر.",
        "وقال الخوري: «الجسر يحتاج إلى سنتين».",
        "ماهر الخوري",
        "مهندس متقاعد",
    ),
    (
        "لم يغب هذا الخلاف عن بال البطريرك الأرمني هاكوب ساركيسيان طوال عشرين عامًا.",
        "وأكد ساركيسيان أن الكنيسة باقية.",
        "هاكوب ساركيسيان",
        "البطريرك الأرمني",
    ),
    (
        "لم يغب هذا الخلاف عن بال البطريرك الأرمني هاكوب ساركيسيان طوال عشرين عامًا.",
        "وأكد البطريرك أن الكنيسة باقية.",
        "هاكوب ساركيسيان",
        "البطريرك الأرمني",
    ),
    (
        "وشارك في الورشة جوليا روسي، منسقة البرنامج لشؤون المياه، وفؤاد طراد، المهندس المشرف.",
        "وقال طراد إن الورشة مفيدة.",
        "فؤاد طراد",
        "المهندس المشرف",
    ),
    (
        "ويرأس اللجنة نزيه عبود، وهو وزير الثقافة، ويعاونه خبيران.",
        "وأوضح الوزير أن العمل بدأ.",
        "نزيه عبود",
        "وزير الثقافة",
    ),
]


@pytest.mark.parametrize(("first", "later", "speaker", "role"), INTRODUCED)
def test_any_sentence_may_introduce_who_speaks_later(first: str, later: str, speaker: str, role: str) -> None:
    found = last(first, later)
    assert found is not None
    assert found[:2] == (speaker, role)


@pytest.mark.parametrize(
    "sentence",
    [
        "أما قراءة أرقام المبيعات، مقارنة بالعام الماضي، فتكشف كيف تغير السوق.",
        "أما البيانات فتظهر أن الطلب تراجع.",
        "أما دراسة العينات فتبيّن أن المياه ملوثة.",
        "وقد كتبت اليوميات بعد أن تركت المنصب.",
        "ونشرت الدراسة قبل أن تغادر البلاد.",
        "وأصدر الكتاب بعد أن تقاعد بعامين.",
    ],
)
def test_things_that_show_and_texts_that_are_written_do_not_speak(sentence: str) -> None:
    assert read(MINISTER, sentence)[1] is None


def test_who_is_set_against_others_speaks() -> None:
    assert last(MINISTER, "أما النائب كرم حايك فيؤكد أن الميناء متوقف.") == ("كرم حايك", "النائب", None, "يؤكد")


def test_a_source_keeps_the_outlet_it_was_cited_by() -> None:
    found = read(
        "نقلت وكالة «الضياء» عن مصدر ملاحي أن السفينة جنحت.",
        "وأضاف المصدر الملاحي أن الطاقم بخير.",
        "وقال المصدر إن القاطرات وصلت.",
        "وأضاف أن الرياح هدأت.",
        "وقال قبطان السفينة ماهر الخوري إن المحرك تعطل.",
        "ونقلت صحيفة «الفجر» عن مصدر في الميناء أن السفينة قديمة.",
        "وأوضح المصدر أن عمرها أربعون عامًا.",
    )
    outlets = [one.outlet if one else None for one in found]
    assert outlets == ["الضياء", "الضياء", "الضياء", "الضياء", None, "الفجر", "الفجر"]


@pytest.mark.parametrize(
    ("sentence", "verb"),
    [
        ("وأشارت، من ناحية أخرى، إلى أن كندا شددت على خفض الرسوم.", "أشارت"),
        ("ولفتت، في المحصلة النهائية، إلى أن كندا رفضت خفض الرسوم.", "لفتت"),
        ("وأكدت، في الوقت نفسه، أن البنك نفى وجود خسائر.", "أكدت"),
        ("وقالت، بعد جولة طويلة على الأرصفة، إن الشركة أعلنت إفلاسها.", "قالت"),
    ],
)
def test_the_outer_of_two_reports_says_whose_the_sentence_is(sentence: str, verb: str) -> None:
    assert last(MINISTER, sentence) == ("سهى قبلان", "وزيرة النقل", None, verb)


ACCORDING = [
    "فالميناء، بحسب قولها، جاهز لاستقبال السفن.",
    "والرصيف الثالث، على حد تعبيرها، أفضل من السابق.",
    "وستبقى الرسوم، كما قالت، على حالها.",
    "وستبقى الرسوم على حالها، كما تقول.",
    "والميناء في رأيها جاهز لاستقبال السفن.",
    "وستبقى الرسوم على حالها، وفق تصريحها.",
    "فالميناء، بحسب الوزيرة نفسها، جاهز لاستقبال السفن.",
    "لكن الشركة، وفقًا لروايتها، عرضت أن تدفع نصف الكلفة.",
    "لكن الشركة، وفقًا لرواية الوزيرة، رفضت أن تدفع نصف الكلفة.",
    "غير أن البنك، بحسب كلامها، أعلن أن القرض مستحيل.",
]


@pytest.mark.parametrize("sentence", ACCORDING)
def test_by_her_own_account_means_the_last_speaker(sentence: str) -> None:
    found = read(MINISTER, sentence)[1]
    assert found is not None
    assert (found.speaker, found.role, found.verb) == ("سهى قبلان", "وزيرة النقل", None)
    assert found.stance in ("asserts", "judges")


def test_by_her_own_account_of_nobody_is_not_attributed() -> None:
    assert read("فالميناء، بحسب قولها، جاهز لاستقبال السفن.") == [None]


@pytest.mark.parametrize(
    ("sentence", "speaker", "outlet"),
    [
        ("وتلقت قناة «الواحة» شكاوى من مزارعين تحدثوا عن «موسم ضائع».", "مزارعين", "الواحة"),
        ("وتلقت صحيفة «الفجر» اتصالات من ركاب قالوا إن الرحلة أُلغيت.", "ركاب", "الفجر"),
        ("ووصلت الرسالة من طبيبة قالت إن الدواء نفد.", "طبيبة", None),
    ],
)
def test_a_clause_about_unnamed_people_is_theirs(sentence: str, speaker: str, outlet: str | None) -> None:
    found = read(sentence)[0]
    assert found is not None
    assert (found.speaker, found.outlet) == (speaker, outlet)


@pytest.mark.parametrize(
    ("sentence", "speaker"),
    [
        ("قال جان-بيار موريل إن المعرض ناجح.", "جان-بيار موريل"),
        ("وقالت كلير ماري-لور دوبوا إن المعرض ناجح.", "كلير ماري-لور دوبوا"),
        ("وقال سالم ولد بوبكر إن المعرض ناجح.", "سالم ولد بوبكر"),
        ("وقال حمد بن راشد المري إن المعرض ناجح.", "حمد بن راشد المري"),
        ("وقال يوسف أبو زهرة إن المعرض ناجح.", "يوسف أبو زهرة"),
        ("وانتقد ماهر الخوري تعاطي البلدية مع الحريق.", "ماهر الخوري"),
        ("وانتقد ماهر الخوري تلكؤ البلدية في إخماد الحريق.", "ماهر الخوري"),
        ("ورفض توم بيكر نهج الشركة.", "توم بيكر"),
        ("وانتقد دانيال فان كروفت سلوك إيطاليا.", "دانيال فان كروفت"),
        ('قال طبيب العيون السويدي، نيلس بيري لوند، لقناة "الواحة": "الجراحة آمنة في معظم الحالات".', "نيلس بيري لوند"),
        ("وقال نصر الله حبيب إن المعرض ناجح.", "نصر الله حبيب"),
    ],
)
def test_names_are_whole_and_leave_the_object_out(sentence: str, speaker: str) -> None:
    found = read(sentence)[0]
    assert found is not None
    assert found.speaker == speaker


def test_a_name_stops_where_the_article_elsewhere_stops_it() -> None:
    found = read("وجّه المدرب أندريه سوكول تحذير شفهي إلى اللاعبين.", "وقال سوكول إن الفريق متعب.")[1]
    assert found is not None
    assert (found.speaker, found.role) == ("أندريه سوكول", "المدرب")


def test_what_someone_speaks_of_may_be_a_clause() -> None:
    assert last("وتحدث ماهر الخوري، نقيب الأطباء، عما جرى ليلة الحريق.") == (
        "ماهر الخوري", "نقيب الأطباء", None, "تحدث",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sentence", "verb"),
    [("يُظهر تقرير لوزارة الزراعة أن المحصول تراجع.", "يُظهر"), ("ويُحذّر خبراء من موجة جفاف.", "يُحذّر")],
)
def test_a_vowelled_present_of_a_derived_form_is_active(sentence: str, verb: str) -> None:
    found = read(sentence)[0]
    assert found is not None
    assert found.verb == verb


def test_an_adjective_of_a_title_is_not_a_surname() -> None:
    first = "قال وزير الداخلية البلخستاني راؤول مينديز إن الحدود آمنة."
    later = "وقال الوزير البلخستاني لاحقًا إن الدوريات زادت."
    assert last(first, later) == ("راؤول مينديز", "وزير الداخلية البلخستاني", None, "قال")
    plain = "وقال الوزير الكولومبي لاحقًا إن الدوريات زادت."
    assert last("وصل وزير الداخلية الكولومبي راؤول مينديز أمس.", plain) == (
        "راؤول مينديز", "وزير الداخلية الكولومبي", None, "قال",
    )  # fmt: skip


def test_an_aside_may_stand_between_a_speaker_and_the_verb() -> None:
    found = read("وكان المفاوض روبرتو سيلفا، وهو أميرال متقاعد، قد حذر من التأخير.")[0]
    assert found is not None
    assert (found.speaker, found.role, found.stance) == ("روبرتو سيلفا", "المفاوض", "warns")


def test_an_aside_may_stand_between_the_verb_and_what_is_said() -> None:
    sentence = "وكانت الشركة الكورية قد ألمحت، في ردها على طلب النقابة منتصف مايو (أيار) الماضي، إلى رفع الأجور."
    found = read(sentence)[0]
    assert found is not None
    assert (found.speaker, found.verb) == ("الشركة الكورية", "ألمحت")


@pytest.mark.parametrize(
    "sentence",
    [
        "ووُزعت المقاعد وفقًا لبنود المعاهدة.",
        "وتأتي المدينة ثالثة حسب عدد السكان.",
        "وحُسب المدار وفقًا لنظرية كوفاليف.",
        "أما الصورة الجوية، وهي حديثة، فتكشف كيف توسع الحي.",
        "مراجعة لـ45 سجلًا من سجلات الميناء، مع وثيقتين، تُظهر أن الحركة تراجعت.",
        "ووضع عالم الآثار القطع المكتشفة في صناديق.",
    ],
)
def test_measures_theories_and_things_are_no_sources(sentence: str) -> None:
    assert read("وصف عالم الآثار فريد طعمة الموقع بأنه نادر.", sentence)[1] is None


@pytest.mark.parametrize(
    ("sentence", "speaker", "verb"),
    [
        ("وكان الوزير قد ألمح إلى رفع الأجور.", "الوزير", "ألمح"),
        ("وألمحت الشركة الكورية إلى رفع الأجور.", "الشركة الكورية", "ألمحت"),
        ("وقالت إليزابيث ألبير المصري إن الأجور ثابتة.", "إليزابيث ألبير المصري", "قالت"),
    ],
)
def test_a_word_in_hamza_and_lam_has_no_article(sentence: str, speaker: str, verb: str) -> None:
    found = read(sentence)[0]
    assert found is not None
    assert (found.speaker, found.verb) == (speaker, verb)
