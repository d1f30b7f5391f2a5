"""How alternatives are looked for."""

import pytest

from evals.matching import answer_texts, matches, met


@pytest.mark.parametrize(
    ("alternative", "text"),
    [
        ("عُمان", "سلطنة عمان"),
        ("إيران", "ايران"),
        ("36 عاما", "على مدى ٣٦ عامًا"),
        ("ميسـّـر", "كانت ميسّرًا"),
        ("FACILITAT", "Oman facilitated the talks"),
        ("یک", "يك"),
        ("سطران هنا", "سطران\n  هنا"),
        (r"re:\b3[56]\b", "في ٣٦ مرة"),
        ("re:إ(ير|سل)ا", "الإسلام"),
        ("re:[أإ]حمد", "أحمد"),
        ("re:^OMAN", "oman said"),
    ],
)
def test_matches_however_it_is_written(alternative, text):
    assert matches(alternative, ["شيء آخر", text])


@pytest.mark.parametrize(
    ("alternative", "text"),
    [("عمان", "مسقط"), ("36", "63"), (r"re:\b36\b", "1365"), ("re:^عمان", "سلطنة عمان"), ("a.c", "abc")],
)
def test_does_not_match_what_is_not_there(alternative, text):
    assert not matches(alternative, [text])


def test_a_question_mark_in_a_pattern_is_that_mark_and_not_an_operator():
    assert matches("re:لماذا؟", ["لماذا؟"])
    assert not matches("re:لماذا؟", ["لماذ"])


def test_a_range_of_letters_stays_a_range():
    assert matches("re:^[ا-ي]{4}$", ["مسقط"])


def test_a_group_is_met_by_any_of_its_alternatives():
    assert met(["تيسير", "وساط"], ["دور الوساطة"])
    assert not met(["تيسير", "تسهيل"], ["دور الوساطة"])
    assert not met(["تيسير"], [])


def test_a_citation_mark_is_not_part_of_the_answer(make_answer):
    answer = make_answer("ونفت البلدية التأخير.", text="ونفت البلدية التأخير. [7] [3, 4]")
    texts = answer_texts(answer)
    assert not any(matches(digit, texts) for digit in "734")
    assert matches("البلدية", texts)


def test_the_words_of_a_sentence_count_even_if_the_text_lacks_them(make_answer):
    assert matches("البلدية", answer_texts(make_answer("ونفت البلدية التأخير.", text="نعم. [1]")))
