"""Near misses that are made of answered questions."""

from __future__ import annotations

from evals.swaps import Answered, Swaps

BRIDGE = "فتح سالم جسر نورس. عبر فايس نورس. فايس وسالم عند نورس. سالم وفايس. سالم فايس."
SCHOOL = "أسست ليلى مدرسة سمرقند. وتعلم جبران في سمرقند. جبران ليلى سمرقند. ليلى جبران. تلميذ واحد."
OPENED = Answered(0, "ar", "متى فتح سالم جسر نورس؟", ["فتح سالم جسر نورس."])
CROSSED = Answered(0, "ar", "متى عبر فايس؟", ["عبر فايس نورس."])
FOUNDED = Answered(1, "ar", "ماذا أسست ليلى؟", ["أسست ليلى مدرسة سمرقند."])
PUPILS = Answered(1, "ar", "كم تلميذًا في مدرسة ليلى؟", ["تلميذ واحد."])
SHIPS = Answered(0, "ar", "كم سفينةً عند نورس؟", ["عبر فايس نورس."])


def made(question: Answered, *others: Answered, seed: int = 0) -> list[str]:
    return list(Swaps([BRIDGE, SCHOOL], [question, *others], seed).of(question))


def test_a_name_gives_way_to_one_of_its_article_and_to_one_of_another() -> None:
    for seed in range(8):
        inside, outside = made(OPENED, CROSSED, FOUNDED, seed=seed)
        assert inside in ("متى فتح فايس جسر نورس؟", "متى فتح سالم جسر فايس؟")
        assert outside in ("متى فتح ليلى جسر نورس؟", "متى فتح سالم جسر ليلى؟")
    assert made(OPENED, CROSSED, FOUNDED, seed=5) == made(OPENED, CROSSED, FOUNDED, seed=5)


def test_what_the_answer_tells_as_well_is_no_other_name() -> None:
    told = Answered(0, "ar", "من عند نورس؟", ["فايس وسالم عند نورس."])
    assert made(told, OPENED, CROSSED) == []


def test_other_things_are_counted_that_the_article_does_not_speak_of() -> None:
    assert "كم تلميذًا عند نورس؟" in made(SHIPS, PUPILS)
    assert "كم سفينةً في مدرسة ليلى؟" in made(PUPILS, SHIPS)
    assert made(Answered(1, "ar", "كم سنةً؟", ["سنة."]), PUPILS) == []  # its article speaks of a pupil
    assert made(Answered(0, "ar", "كم بلغت الكلفة؟", ["مليون."]), PUPILS) == []  # a verb: nothing is named


def test_in_english_names_have_a_capital_and_do_not_begin_the_question() -> None:
    text = "Salim opened the bridge. Weiss crossed. Salim, Weiss, Salim, Weiss, Salim bridge bridge bridge."
    opened = Answered(0, "en", "When was it that Salim opened the bridge?", ["Salim opened the bridge."])
    crossed = Answered(0, "en", "Where did Weiss go?", ["Weiss crossed."])
    swaps = Swaps([text], [opened, crossed])
    assert list(swaps.of(opened)) == ["When was it that Weiss opened the bridge?"]
    many = Answered(0, "en", "How many boats came?", ["Three boats."])
    other = Answered(0, "en", "How many goats came?", ["Two goats."])
    assert list(Swaps([text], [many, other]).of(many)) == ["How many goats came?"]


def test_no_name_is_changed_that_another_article_has() -> None:
    shared = Answered(0, "ar", "متى عبر سالم؟", ["عبر."])
    assert list(Swaps([BRIDGE, BRIDGE], [shared, OPENED]).of(shared)) == []
