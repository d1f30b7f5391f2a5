"""Two or three questions asked at once are each answered, and what stays open is said."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from retrieval.engine import Engine
from retrieval.parts import parts

# Made up, as all in it.
ARTICLE = (
    "افتتح معهد الفلك في قرية السهلة مرصدًا جديدًا يوم الثلاثاء. وبلغت كلفة المرصد تسعة ملايين دينار. "
    "وتتولى إدارة المرصد عالمة الفلك ريم الحداد. ويصوّر المرصد المذنبات كل ليلة صافية. "
    "وكان المعهد قد اشترى الأرض من البلدية عام 2016."
)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("متى بدأت المحادثات وأين جرت؟", ("متى بدأت المحادثات", "وأين جرت")),
        ("متى وأين وُقّع الاتفاق؟", ("متى وُقّع الاتفاق", "وأين وُقّع الاتفاق")),
        ("كيف وصل المرض إلى أوروبا ومتى؟", ("كيف وصل المرض إلى أوروبا", "ومتى وصل المرض إلى أوروبا")),
        ("من قاد الوفد الأول ومن قاد الثاني؟", ("من قاد الوفد الأول", "ومن قاد الثاني")),
        ("أين جرت المفاوضات؟ ومتى بدأت؟", ("أين جرت المفاوضات", "ومتى بدأت")),
        ("When and where was it signed?", ("When was it signed", "where was it signed")),
        ("Why did it fail, and how did they react?", ("Why did it fail", "how did they react")),
        ("مذاکرات کجا برگزار شد و چه کسی آمد؟", ("مذاکرات کجا برگزار شد", "چه کسی آمد")),
        ("ماذا تريد طهران ومن يقود وفدها؟", ("ماذا تريد طهران", "ومن يقود وفدها")),
        ("متى بدأ وأين جرى وكم دام اللقاء؟", ("متى بدأ", "وأين جرى", "وكم دام اللقاء")),
    ],
)
def test_questions_asked_at_once_are_told_apart(question: str, expected: tuple[str, ...]) -> None:
    assert parts(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "ما دور سلطنة عمان في المحادثات؟",
        "ماذا تريد إيران من أميركا ومن إسرائيل؟",
        "متى جاء الرد من مسقط ومن يافا؟",
        "متى وصلت الرسائل من نوح ومن يوسف؟",
        "متى وصلت الوفود من طهران ومن يريفان؟",
        "كم عدد الأعضاء وكيفية اختيارهم؟",
        "وماذا قالا؟",
        "قارن بين موقفي إيران وأميركا",
        "What did he say about salt and pepper?",
        "متى وأين؟",
        "ماذا قالت واشنطن وماذا قالت طهران عن الحادثة؟",
        "متى جاء وأين نام وكم أكل وكيف عاد؟",
    ],
)
def test_one_question_stays_one(question: str) -> None:
    assert parts(question) == (question,)


@pytest.fixture(scope="module")
def observatory(engine_over: Callable[..., Engine]) -> Engine:
    return engine_over(ARTICLE)


def test_each_part_is_answered(observatory: Engine) -> None:
    answer = observatory.answer("كم بلغت كلفة المرصد ومن يتولى إدارته؟")
    assert answer.status == "answered"
    assert answer.notes == ()
    assert "تسعة ملايين" in answer.text
    assert "ريم الحداد" in answer.text


def test_the_part_that_stays_open_is_said(observatory: Engine) -> None:
    answer = observatory.answer("كم بلغت كلفة المرصد وكم قمرًا صناعيًا أطلقت الهند؟")
    assert answer.status == "partial"
    assert answer.notes == ("part_unanswered:وكم قمرًا صناعيًا أطلقت الهند",)
    assert "تسعة ملايين" in answer.text


def test_where_no_part_is_answered_nothing_is(observatory: Engine) -> None:
    answer = observatory.answer("كم قمرًا صناعيًا أطلقت الهند ومتى فازت البرازيل بكأس العالم؟")
    assert (answer.status, answer.notes, answer.sentences) == ("abstained", (), ())


def test_a_part_may_lean_on_an_earlier_turn(observatory: Engine) -> None:
    first = observatory.answer("من يتولى إدارة المرصد؟")
    answer = observatory.answer("وكم كلفته ومتى افتُتح؟", conversation_id=first.conversation_id)
    assert "تسعة ملايين" in answer.text
    assert "الثلاثاء" in answer.text
