"""«كم كان لديهم من سفينة» counts ships: what is counted stands apart from «كم»; on a made-up article."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from retrieval.engine import Engine

FLEET = """كان لدى شركة «المرفأ» قبل الاندماج 42 سفينة شحن، بينما كان لدى منافستها 17 رافعة.

وتوظف الشركة 900 بحار بعد الاندماج.

وكان الاندماج قد أُعلن في سبتمبر بعد مفاوضات طويلة."""


@pytest.fixture(scope="module")
def fleet(engine_over: Callable[..., Engine]) -> Engine:
    return engine_over(FLEET)


@pytest.mark.parametrize(
    "question",
    [
        "كم سفينة كانت لدى شركة المرفأ قبل الاندماج؟",
        "كم كان لدى شركة المرفأ من سفينة قبل الاندماج؟",
        "شحال كان عند شركة المرفأ من سفينة قبل الاندماج؟",
    ],
)
def test_what_is_counted_is_found_wherever_it_stands(fleet: Engine, question: str) -> None:
    answer = fleet.answer(question, before=())
    assert "42 سفينة" in answer.sentences[0].text
    assert answer.confidence >= fleet.answer("كم سفينة كانت لدى شركة المرفأ قبل الاندماج؟", before=()).confidence * 0.8


def test_what_nobody_counted_is_less_certain(fleet: Engine) -> None:
    counted = fleet.answer("كم كان لدى شركة المرفأ من سفينة قبل الاندماج؟", before=())
    other = fleet.answer("كم كان لدى شركة المرفأ من طائرة قبل الاندماج؟", before=())
    assert other.confidence < counted.confidence
