"""Printed interviews: whose the answers are, in the layouts the press uses; and articles that are none."""

from __future__ import annotations

import pytest

from ingest.attribution import attribute
from ingest.attribution.interview import turns
from retrieval.models import Attribution
from retrieval.segmentation import sentence_spans

INTRODUCTION = "التقينا الدكتورة سحر الباشا، مديرة مرصد الطيور، في مكتبها وكان هذا الحوار."
LABELLED = f"""{INTRODUCTION}

«الرابية»: متى بدأ الرصد؟

الباشا: بدأ قبل عشرة أعوام. كنا ثلاثة متطوعين فقط.

«الرابية»: هل صحيح أن المرصد سيغلق؟

الباشا: هذا غير صحيح، فالتمويل مضمون حتى 2030.

وختمت الباشا حديثها بدعوة المتطوعين إلى التسجيل."""
LETTERED = f"""{INTRODUCTION}

س: متى بدأ الرصد؟

ج: بدأ قبل عشرة أعوام.

س: وكم متطوعًا لديكم؟

ج: لدينا ثلاثون متطوعًا."""
DASHED = f"""{INTRODUCTION}

- متى بدأ الرصد؟

- بدأ قبل عشرة أعوام.

- وكم متطوعًا لديكم؟

- لدينا ثلاثون متطوعًا. وسيزيدون في الربيع.

- وماذا عن التمويل؟

- مضمون حتى 2030.

ويقع المرصد على تلة شرق المدينة."""
HEADLINES = """الوزير: السد امتلأ ولا خوف من الجفاف هذا العام.

المعارضة: الأرقام التي أعلنها الوزير غير دقيقة.

وزار الوفد السد مساء الأحد."""
RHETORIC = """من يدفع الثمن؟

لا أحد يجيب عن السؤال في المدينة.

إلى متى؟

حتى تنتهي الحملة."""


def read(text: str) -> list[tuple[str, Attribution | None]]:
    spans = sentence_spans(text)
    return [(text[start:end], found) for (start, end), found in zip(spans, attribute(text, spans), strict=True)]


@pytest.mark.parametrize(("text", "answers"), [(LABELLED, 3), (LETTERED, 2), (DASHED, 4)])
def test_answers_are_the_interviewee_s_own_words(text: str, answers: int) -> None:
    said = [found for _, found in read(text) if found and found.verb is None]
    assert len(said) == answers
    assert {(one.speaker, one.role, one.direct_quote) for one in said} == {("سحر الباشا", "مديرة مرصد الطيور", True)}


@pytest.mark.parametrize("text", [LABELLED, LETTERED, DASHED])
def test_questions_and_the_frame_are_nobody_s(text: str) -> None:
    assert [found for sentence, found in read(text) if sentence.rstrip().endswith("؟")] == [None] * (
        2 + (text is DASHED)
    )
    assert read(text)[0][1] is None


def test_an_answer_may_deny_and_reporting_goes_on_after_it() -> None:
    found = dict(read(LABELLED))
    [denial] = [one for sentence, one in found.items() if "غير صحيح" in sentence]
    assert denial is not None
    assert denial.stance == "denies"
    last = read(LABELLED)[-1][1]
    assert last is not None
    assert (last.speaker, last.verb) == ("سحر الباشا", "ختمت")
    assert read(DASHED)[-1][1] is None


@pytest.mark.parametrize("text", [HEADLINES, RHETORIC, "", "قال سامر بدوان إن الجسر آمن."])
def test_other_articles_are_no_interviews(text: str) -> None:
    assert not any(turns(text, sentence_spans(text)))
