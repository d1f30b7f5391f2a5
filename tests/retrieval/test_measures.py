"""What a number question wants measured, and which sentences have a number in units of that."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from retrieval.engine import Engine
from retrieval.measures import asked_measure, tells_measure
from retrieval.questions import read_question


@pytest.mark.parametrize(
    ("question", "measure"),
    [
        ("كم يبعد السد عن العاصمة؟", "distance"),
        ("كم يبلغ عمق البحيرة؟", "depth"),
        ("ما المسافة بين المدينتين؟", "distance"),
        ("وصلوا إلى الجسر، كم طوله؟", "length"),
        ("How far is the dam from the capital?", "distance"),
        ("How deep is the lake?", "depth"),
        ("What is the height of the dam?", "height"),
        ("كم عرض القناة؟", "width"),
        ("فاصله سد از پایتخت چقدر است؟", "distance"),
        ("كم دام الإضراب؟", "duration"),
        ("شحال استغرق البناء؟", "duration"),
        ("How long did the strike last?", "duration"),
        ("اعتصاب چند روز طول کشید؟", "duration"),
        ("كم عمر اللاعب؟", "age"),
        ("كم يبلغ الوزير من العمر؟", "age"),
        ("How old is the minister?", "age"),
        ("سن بازیکن چقدر است؟", "age"),
        ("كم كلف السد؟", "money"),
        ("كم سيبلغ راتب المدرب؟", None),  # not read: taken for any number
        ("كم راتب المدرب؟", "money"),
        ("How much did the dam cost?", "money"),
        ("هزینه سد چقدر بود؟", "money"),
        ("كم بلغت نسبة البطالة؟", "share"),
        ("What percentage of voters took part?", "share"),
        ("كم تزن الكرة؟", "weight"),
        ("ما مساحة الغابة؟", "area"),
        # Things are counted, or nothing is measured.
        ("كم سفينة غرقت؟", None),
        ("كم مرة التقى الوفدان؟", None),
        ("How many ships sank?", None),
        ("How far did the talks get?", None),
        ("ما العرض الذي قدمته الشركة؟", None),
        ("ما طول الفترة؟", None),
        ("متى بُني السد؟", None),
        ("", None),
    ],
)
def test_what_is_to_be_measured(question: str, measure: str | None) -> None:
    assert asked_measure(question) == measure


@pytest.mark.parametrize(
    ("text", "measure"),
    [
        ("يبعد السد 40 كيلومترًا عن العاصمة.", "distance"),
        ("يقع على بعد ميلين من الساحل.", "distance"),
        ("ينزل المنجم 40 مترًا تحت الأرض.", "depth"),
        ("لا يزيد عرضه على 30 مترًا وعمقه على تسعة أمتار.", "depth"),
        ("The dam is 40 km away.", "length"),
        ("استمر الإضراب أربعة عشر أسبوعًا.", "duration"),
        ("غاب عامين ثم عاد.", "duration"),
        ("حكم من 1990 إلى 2004.", "duration"),
        ("بقي خارج البلاد حتى وفاة الحاكم.", "duration"),
        ("غاب بضع سنوات.", "duration"),
        ("كان عمره 39 حين لعب.", "age"),
        ("كانت النسبة 20 إلى 1.", "share"),
        ("كلف السد 2.3 مليار دولار.", "money"),
        ("دفعت $40 لكل راكب.", "money"),
        ("بلغت الميزانية 52 ألف دوكات.", "money"),  # a currency that no list has
        ("شارك 61 في المئة من الناخبين.", "share"),
        ("وافق نصف الأعضاء.", "share"),
        ("وزن الشحنة 400 طن.", "weight"),
        ("تمتد على 94 ألف كيلومتر مربع.", "area"),
        ("وُلد في طنجة عام 1961.", "age"),
    ],
)
def test_a_number_in_its_units(text: str, measure: str) -> None:
    assert tells_measure(text, measure)


@pytest.mark.parametrize(
    ("text", "measure"),
    [
        ("شُيّد السد قبل 40 عامًا.", "length"),
        ("لا يزيد عرضه عند أضيق نقاطه على 33 كيلومترًا.", "depth"),
        ("يبلغ ارتفاع السد 33 مترًا.", "distance"),
        ("غرقت 42 سفينة.", "money"),
        ("سقطت عشرات الأمتار من الجدار الذي كان الحراس يقفون عليه كل مساء في 1990.", "money"),
        ("ارتفع السعر إلى 40 دولارًا.", "weight"),
        ("غرقت خمس سفن في الميناء.", "share"),
        ("لم تُعلن الكلفة.", "money"),
        ("يبعد السد كثيرًا عن العاصمة.", "distance"),
        ("", "duration"),
    ],
)
def test_another_number_or_none_is_not(text: str, measure: str) -> None:
    assert not tells_measure(text, measure)


def test_a_measure_makes_a_number_question() -> None:
    assert read_question("ما ارتفاع الجبل؟").kind == "number"
    assert read_question("How deep is the lake?").kind == "number"
    assert read_question("متى بُني السد وكم كلف السد؟").measure is None  # the first asks when


DAM = """افتُتح سد الوادي الأخضر في يونيو 2019 بعد ستة أعوام من العمل.

وقال المدير سامي القاضي إن السد يبعد 40 كيلومترًا عن مدينة الرملة.

ويعمل في السد 250 عاملًا من أبناء المنطقة."""


@pytest.fixture(scope="module")
def dam(engine_over: Callable[..., Engine]) -> Engine:
    return engine_over(DAM)


@pytest.mark.parametrize(
    "question", ["كم يبعد سد الوادي الأخضر عن الرملة؟", "How far is the dam from the city of Ramla?"]
)
def test_the_sentence_that_measures_comes_first(dam: Engine, question: str) -> None:
    assert "40 كيلومتر" in dam.answer(question, before=()).sentences[0].text


@pytest.mark.parametrize(
    "question", ["كم يبلغ وزن السد؟", "كم كلف بناء سد الوادي الأخضر؟", "كم راتب المدير سامي القاضي؟"]
)
def test_what_nobody_measured_is_not_answered(dam: Engine, question: str) -> None:
    assert dam.answer(question, before=()).status == "abstained"
