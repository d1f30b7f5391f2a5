"""The kind of answer a question wants, in standard Arabic, dialects, English and Persian."""

from __future__ import annotations

import pytest

from retrieval.questions import read_question


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("متى افتُتح الميناء؟", "when"),
        ("إمتى فتح المينا؟", "when"),
        ("في أي عام افتتح الميناء؟", "when"),
        ("When did the port open?", "when"),
        ("بندر در چه سالی افتتاح شد؟", "when"),
        ("كم عدد العمال؟", "number"),
        ("ما نسبة التضخم؟", "number"),
        ("شحال من عامل كاين تما؟", "number"),
        ("قديش سعر التذكرة؟", "number"),
        ("How many workers are there?", "number"),
        ("چند کارگر آنجا هستند؟", "number"),
        ("أين يقع الميناء؟", "where"),
        ("وين صار الحفل؟", "where"),
        ("فين المتحف؟", "where"),
        ("Which city hosts the festival?", "where"),
        ("جشنواره کجا برگزار می‌شود؟", "where"),
        ("لماذا أغلق الميناء؟", "why"),
        ("ليش سكّروا المينا؟", "why"),
        ("Why was the port closed?", "why"),
        ("چرا بندر بسته شد؟", "why"),
        ("ما أهداف الخطة؟", "goal"),
        ("شو بدها النقابة؟", "goal"),
        ("What does the union want?", "goal"),
        ("ما دور الأمم المتحدة في الأزمة؟", "role"),
        ("What is the role of the bank?", "role"),
        ("ماذا قال الوزير عن الميزانية؟", "said"),
        ("شو قال الوزير؟", "said"),
        ("What did the minister say?", "said"),
        ("وزیر چه گفت؟", "said"),
        ("من افتتح المعرض؟", "who"),
        ("مين ربح الانتخابات؟", "who"),
        ("شكون ربح الانتخابات؟", "who"),
        ("Who won the election?", "who"),
        ("چه کسی برنده شد؟", "who"),
        ("كيف انتهت الأزمة؟", "how"),
        ("How did it end?", "how"),
        ("هل انتهت الأزمة؟", "other"),
    ],
)
def test_kind(text: str, kind: str) -> None:
    assert read_question(text).kind == kind


def test_narrow_and_of_positions() -> None:
    assert read_question("متى بدأ؟").narrow
    assert not read_question("ما أهداف الخطة؟").narrow
    assert read_question("ما أهداف الخطة؟").of_positions
    assert not read_question("متى بدأ؟").of_positions


@pytest.mark.parametrize("text", ["مَتَى اِفْتُتِحَ الميناء؟", "متــى افتتح الميناء", "متي افتتح الميناء"])
def test_spelling_does_not_change_the_kind(text: str) -> None:
    assert read_question(text).kind == "when"


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("ماذا نفى الوزير؟", ("denies", "الوزير")),
        ("ما الذي تنفيه النقابة عن الإضراب؟", ("denies", "النقابه")),
        ("وماذا رفضت إنغريد لوند في البرلمان؟", ("rejects", "انغريد لوند")),
        ("شو رفض الوزير؟", ("rejects", "الوزير")),
        ("ماذا نفى؟", ("denies", "")),
        ("What does the union deny about the strike?", ("denies", "the union")),
        ("What did the company's board reject?", ("rejects", "the company's board")),
        ("What has the ministry denied?", ("denies", "the ministry")),
        ("وزیر چه خبری را تکذیب کرد؟", ("denies", "وزير")),
        ("وزیر چه پیشنهادی را رد کرد؟", ("rejects", "وزير")),
    ],
)
def test_what_somebody_says_no_to_is_asked_for(text: str, refusal: tuple[str, str]) -> None:
    assert read_question(text).refusal == refusal


@pytest.mark.parametrize(
    "text",
    [
        "من نفى الخبر؟",
        "لماذا رفضت الشركة العرض؟",
        "هل نفت الوزارة الخبر؟",
        "ما موقف الشركة التي رفضت العرض؟",
        "متى رفضت المحكمة الطعن؟",
        "ما عدد الذين رفضوا؟",
        "Why did the board reject the offer?",
        "What did the minister say after he rejected the offer?",
    ],
)
def test_a_denial_that_a_question_only_mentions_is_not_asked_for(text: str) -> None:
    assert read_question(text).refusal is None
