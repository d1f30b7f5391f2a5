"""A name that is asked for: a sentence that only speaks of the thing is no answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from retrieval.engine import Engine
from retrieval.naming import gives_name, thing_named
from retrieval.questions import read_question

# Made up, as all in it.
ARTICLE = (
    "رست السفينة «نورس الشمال» في ميناء دارين يوم الأحد. وكان على متنها 40 بحارًا، ورافقتها ناقلة من البحرية. "
    "وقال قبطانها، هيثم الرفاعي، إن الرحلة استغرقت تسعة أيام. ونزل البحارة في فندق بوسط المدينة. "
    "واستقبلهم مسؤول محلي في الميناء وقدّم لهم وجبة ساخنة. وقاد الناقلة ضابط سابق لم يشأ أن يتحدث إلى الصحافة."
)


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("ما اسم السفينة التي رست في دارين؟", True),
        ("ما أسماء البحارة؟", True),
        ("وما هو اسم القبطان؟", True),
        ("شو اسم الفندق اللي نزلوا فيه؟", True),
        ("What was the name of the hotel?", True),
        ("نام کشتی چه بود؟", True),
        ("ما الاسم الآخر للميناء؟", False),
        ("متى رست السفينة باسم الشركة؟", False),
        ("من قبطان السفينة؟", False),
        ("What did the minister say in the name of the company?", False),
    ],
)
def test_questions_for_a_name_are_told_by_the_word(question: str, asks: bool) -> None:
    assert read_question(question).asks_name is asks


def test_what_is_to_be_named_follows_the_word() -> None:
    assert thing_named(["اسم", "فندق", "جرت"]) == 1
    assert thing_named(["name", "hotel"]) == 1
    assert thing_named(["اسم"]) is None
    assert thing_named(["فندق"]) is None


@pytest.mark.parametrize(
    ("sentence", "thing", "given"),
    [
        ("ونزل الوفد في فندق كوبورغ بالعاصمة.", "فندق", True),
        ("ونزل الوفد في فندق بالعاصمة النمساوية.", "فندق", False),
        ("وقال قبطانها، هيثم الرفاعي، إن الرحلة طالت.", "قبطانها", True),
        ("وقال هيثم الرفاعي، قبطان السفينة، إن الرحلة طالت.", "قبطان", True),
        ("وقال القبطان إن الرحلة طالت.", "القبطان", False),
        ("ونقلت الوكالة عن مصدر عُماني أن اللقاء تأجّل.", "مصدر", False),
        ("وقال المصدر، وهو دبلوماسي، إن اللقاء تأجّل.", "المصدر", False),
        ("وغرقت السفينة «نورس» أمام الساحل.", "السفينة", True),
        ("وقالت السفينة «لن نغادر الميناء قبل أن يأتي المدد» ثم صمتت.", "السفينة", False),
        ("ويُعرَف المعلّم الروحي في الهندوسية بـــغورو.", "المعلّم", True),
        ("وعادت السفينة ـــ نورس ـــ إلى الميناء.", "السفينة", True),
        ("وحملت السفينة اسمها من نجم.", "السفينة", True),
        ("وقال المتحدث باسم الشركة إن السفينة في الميناء.", "السفينة", False),
        ("وكان هناك موقع للمستعمرة الفرنسية فورت كارولين.", "للمستعمرة", True),
        ("واستقبل وزير الطاقة سامر نوح الوفد.", "وزير", True),
        ("ونفى وزير الطاقة الخبر.", "وزير", False),
        ("وتعرّضت 2 ناقلتان في خليج عُمان لانفجار.", "ناقلتان", False),
    ],
)
def test_a_name_stands_where_arabic_puts_it(sentence: str, thing: str, given: bool) -> None:
    assert gives_name(sentence, sentence.index(thing), ()) is given


def test_the_questions_own_words_name_nothing() -> None:
    sentence = "ونزل الوفد في فندق كوبورغ."
    assert gives_name(sentence, sentence.index("فندق"), {"كوبورغ"}) is False
    assert gives_name("", 0, ()) is False
    assert gives_name("قال.", 40, ()) is False


@pytest.fixture(scope="module")
def harbour(engine_over: Callable[..., Engine]) -> Engine:
    return engine_over(ARTICLE)


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("ما اسم السفينة التي رست في ميناء دارين؟", "نورس الشمال"),
        ("ما اسم قبطان السفينة التي رست في دارين؟", "هيثم الرفاعي"),
        ("What is the name of the ship's captain?", "هيثم الرفاعي"),
    ],
)
def test_a_name_that_is_given_is_answered(harbour: Engine, question: str, name: str) -> None:
    answer = harbour.answer(question)
    assert answer.status != "abstained"
    assert name in answer.text


def test_tatweel_for_a_dash_does_no_harm(engine_over: Callable[..., Engine]) -> None:
    engine = engine_over("رست السفينة ـــ نورس الشمال ـــ في ميناء دارين يوم الأحد.", abstain_below=0.0)
    assert "نورس" in engine.answer("ما اسم السفينة التي رست في دارين؟").text


@pytest.mark.parametrize("question", ["ما اسم الفندق الذي نزل فيه البحارة؟", "ما اسم الضابط السابق الذي قاد الناقلة؟"])
def test_a_thing_without_a_name_is_not_named(harbour: Engine, question: str) -> None:
    answer = harbour.answer(question)
    assert answer.status == "abstained"
    assert answer.related
