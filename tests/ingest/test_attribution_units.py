"""Speakers that a number tells from others of their kind: units, channels, deputies; in sentences made up here."""

from __future__ import annotations

import pytest

from ingest.attribution import attribute
from retrieval.models import Attribution
from retrieval.segmentation import sentence_spans


def read(sentence: str) -> Attribution:
    found = attribute(sentence, [(0, len(sentence))])[0]
    assert found is not None
    return found


@pytest.mark.parametrize(
    "unit",
    [
        "الأسطول الخامس",
        "الأسطول الرابع الفنلندي",
        "الفيلق الثالث",
        "اللواء السابع",
        "اللواء الثاني عشر النرويجي",
        "الكتيبة التاسعة",
        "الفوج الحادي والعشرون",
        "لواء العاصفة الثالث",
        "الجيش الثالث",
    ],
)
def test_a_units_number_is_of_its_name(unit: str) -> None:
    assert read(f"وقال {unit} إن الطريق آمن.").speaker == unit


@pytest.mark.parametrize(
    ("sentence", "speaker", "role"),
    [
        ("قال قائد الأسطول الخامس إن الطريق آمن.", "قائد الأسطول الخامس", None),
        ("قال قائد الفرقة الثالثة سالم ناصر إن الطريق آمن.", "سالم ناصر", "قائد الفرقة الثالثة"),
        ("قال المتحدث باسم الفيلق السادس عشر نبيل طعمة إن الطريق آمن.", "نبيل طعمة", "المتحدث باسم الفيلق السادس عشر"),
        ("قال اللواء سالم ناصر إن الطريق آمن.", "سالم ناصر", "اللواء"),
        ("وقال الجيش الخامس من مارس إن الطريق آمن.", "الجيش", None),
        ("قال وزير الدفاع في اليوم الثالث إن الطريق آمن.", "وزير الدفاع", None),
    ],
)
def test_beside_a_title_a_name_or_a_date(sentence: str, speaker: str, role: str | None) -> None:
    assert (read(sentence).speaker, read(sentence).role) == (speaker, role)


@pytest.mark.parametrize(
    ("sentence", "speaker"),
    [
        ("قال الملك سالم الثاني إن الطريق آمن.", "سالم الثاني"),
        ("وقال الملك عبد الله الثالث إن الطريق آمن.", "عبد الله الثالث"),
        ("قال البابا نيقولا الرابع عشر إن الطريق آمن.", "نيقولا الرابع عشر"),
        ("قال الملك سالم الأول من أمس إن الطريق آمن.", "سالم"),
    ],
)
def test_a_number_is_of_the_name_of_who_bears_it(sentence: str, speaker: str) -> None:
    assert read(sentence).speaker == speaker


@pytest.mark.parametrize(
    ("sentence", "speaker", "role"),
    [
        ("قال النائب الثاني لرئيس البرلمان إن الطريق آمن.", "النائب الثاني لرئيس البرلمان", None),
        ("قال المستشار السابق للرئيس سالم ناصر إن الطريق آمن.", "سالم ناصر", "المستشار السابق للرئيس"),
        ("قالت المساعدة السياسية لوزير النقل إن الطريق آمن.", "المساعدة السياسية لوزير النقل", None),
        ("قال النائب لرئيس البرلمان إن الطريق آمن.", "النائب", None),
    ],
)
def test_a_deputy_is_called_by_whose_deputy_it_is(sentence: str, speaker: str, role: str | None) -> None:
    found = read(sentence)
    assert (found.speaker, found.role) == (speaker, role)


@pytest.mark.parametrize(
    ("sentence", "speaker", "role"),
    [
        ("وأكد العاهل النرويجي الملك سالم بن ناصر أن الطريق آمن.", "سالم بن ناصر", "العاهل النرويجي الملك"),
        ("قال المرشد الأعلى آية الله سالم ناصر إن الطريق آمن.", "سالم ناصر", "المرشد الأعلى آية الله"),
        ("قال الإمام آية الله العظمى سالم ناصر إن الطريق آمن.", "سالم ناصر", "الإمام آية الله العظمى"),
        ("قال أمير الكويت الشيخ سالم ناصر إن الطريق آمن.", "سالم ناصر", "أمير الكويت"),
        ("قال ملك البحرين الملك سالم بن ناصر إن الطريق آمن.", "سالم بن ناصر", "ملك البحرين الملك"),
        ("قال رئيس الأركان الفريق أول سالم ناصر إن الطريق آمن.", "سالم ناصر", "رئيس الأركان الفريق أول"),
        ("قال وزير الدفاع اللواء الركن سالم ناصر إن الطريق آمن.", "سالم ناصر", "وزير الدفاع اللواء الركن"),
        ("قال اللواء الركن سالم ناصر إن الطريق آمن.", "سالم ناصر", "اللواء الركن"),
    ],
)
def test_titles_may_follow_one_another(sentence: str, speaker: str, role: str) -> None:
    found = read(sentence)
    assert (found.speaker, found.role) == (speaker, role)


@pytest.mark.parametrize(
    "name", ["محمد إسلامي", "أحمد مدني", "علي أكبر صالحي", "علي أصغر ناصري", "أمير سعيد ناصري", "محمد ناصر زاده"]
)
def test_a_name_may_look_like_an_adjective_or_a_title(name: str) -> None:
    assert read(f"قال {name} إن الطريق آمن.").speaker == name
    assert read(f"وأكد رئيس البلدية {name} أن الطريق آمن.").speaker == name


@pytest.mark.parametrize(
    "sentence",
    [
        "وقالت الصحيفة النرويجية «الساحل» إن الطريق آمن.",
        "وزعم الموقع الإخباري «الساحل» أن الطريق آمن.",
        "وقالت صحيفة «الساحل» النرويجية إن الطريق آمن.",
    ],
)
def test_an_outlets_adjective_may_stand_before_its_name(sentence: str) -> None:
    found = read(sentence)
    assert (found.speaker, found.outlet) == (None, "الساحل")


def test_an_opinion_may_open_a_sentence() -> None:
    found = read("وبرأي الباحث في المعهد سالم ناصر، لا تملك المدينة خيارات كثيرة.")
    assert (found.speaker, found.role) == ("سالم ناصر", "الباحث في المعهد")


@pytest.mark.parametrize(
    "agency",
    [
        "الوكالة الدولية للطاقة الذرية",
        "الوكالة النرويجية للتنمية الدولية",
        "وكالة الفضاء الأوروبية",
        "وكالة الأمم المتحدة لغوث اللاجئين",
    ],
)
def test_an_agency_that_gathers_no_news_speaks_for_itself(agency: str) -> None:
    text = f"قالت {agency} إن الطريق آمن. وأضافت الوكالة أن الجسر مفتوح."
    found = attribute(text, sentence_spans(text))
    assert [(a.speaker, a.outlet) for a in found if a] == [(agency, None), (agency, None)]


def test_who_heads_such_an_agency_is_a_person() -> None:
    found = read("قال المدير العام للوكالة الدولية للطاقة الذرية سالم ناصر إن الطريق آمن.")
    assert (found.speaker, found.role) == ("سالم ناصر", "المدير العام للوكالة الدولية للطاقة الذرية")


def test_a_news_agency_is_an_outlet_beside_it() -> None:
    text = "قالت وكالة الفضاء إن الطريق آمن. وذكرت وكالة «الساحل» أن الجسر مفتوح. وأضافت الوكالة أن النفق مغلق."
    found = attribute(text, sentence_spans(text))
    assert [(a.speaker, a.outlet) for a in found if a] == [("وكالة الفضاء", None), (None, "الساحل"), (None, "الساحل")]


@pytest.mark.parametrize("name", ["آن ماري ناصر", "مايك والتز", "الأدميرال علي ناصر"])
def test_names_that_begin_like_other_words(name: str) -> None:
    assert read(f"قال {name} إن الطريق آمن.").speaker == name.removeprefix("الأدميرال ")


def test_who_is_told_is_not_of_the_speakers_name() -> None:
    found = read("وأبلغ مسؤول نرويجي «رويترز» أن الطريق آمن.")
    assert (found.speaker, found.outlet) == ("مسؤول نرويجي", "رويترز")


@pytest.mark.parametrize("denied", ["الرواية", "الفرضية", "القضية التي أثارتها «رويترز»"])
def test_what_is_denied_is_not_of_the_name_of_who_denies_it(denied: str) -> None:
    found = read(f"ونفت وزارة النقل {denied}.")
    assert (found.speaker, found.stance) == ("وزارة النقل", "denies")
