"""Questions in dialect, put in the words of the standard language."""

from __future__ import annotations

import pytest

from retrieval.dialects import standard


@pytest.mark.parametrize(
    ("asked", "put"),
    [
        ("شحال من سفينة غرقت؟", "كم من سفينة غرقت؟"),
        ("شو بدها النقابة من الوزارة؟", "ماذا تريد النقابة من الوزارة؟"),
        ("شو بدو الوزير من النقابة؟", "ماذا يريد الوزير من النقابة؟"),
        ("ليش رفضوا العرض؟", "لماذا رفضوا العرض؟"),
        ("وين صار الاجتماع ومين حضره؟", "أين صار الاجتماع من حضره؟"),
        ("إمتى رجع الفريق؟", "متى رجع الفريق؟"),
        ("وكم بلغ المخزون؟", "كم بلغ المخزون؟"),
    ],
)
def test_question_words_become_those_of_the_standard_language(asked: str, put: str) -> None:
    assert standard(asked) == put


@pytest.mark.parametrize(
    "text",
    [
        "أية دولة استضافت القمة؟",
        "متى هاجر بدو الصحراء؟",
        "كمية القمح المستوردة",
        "فندق وينتر",
        "من قال ذلك ومن سمعه؟",
        "What did he say?",
        "",
    ],
)
def test_other_words_stay(text: str) -> None:
    assert standard(text) == text


def test_marks_go() -> None:
    assert standard("مَن حَـضَرَ؟") == "من حضر؟"
