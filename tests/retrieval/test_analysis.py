"""The analyser unifies the ways in which Arabic, Persian and English words and figures are written."""

from __future__ import annotations

import pytest

from retrieval.analysis import bare, grams, normalise, question_language, root, roots, stem, stems, tokens


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("مُحَمَّدٌ", "محمد"),
        ("جمــــيل", "جميل"),
        ("أحمد إلى آخر ٱلأمر", "احمد الي اخر الامر"),
        ("مدرسة", "مدرسه"),
        ("مستشفى", "مستشفي"),
        ("مسؤول شؤون", "مسوول شوون"),
        ("بقایی", "بقايي"),
        ("کتاب", "كتاب"),
        ("١٢٫٥ و۳۴", "12.5 و34"),
        ("  كلمتان \n\t معًا ", "كلمتان معا"),
        ("\u200fكلمة\u200e", "كلمه"),
        ("HELLO", "hello"),
        ("", ""),
    ],
)
def test_normalise_unifies(written: str, plain: str) -> None:
    assert normalise(written) == plain
    assert normalise(plain) == plain


@pytest.mark.parametrize("written", ["1,200,000", "١٬٢٠٠٬٠٠٠", "۱٬۲۰۰٬۰۰۰"])
def test_thousands_are_one_number(written: str) -> None:
    assert tokens(written) == ["1200000"]


def test_tokens_keep_decimals_and_order() -> None:
    assert tokens("نمو 3.5 في عام 2021، ثم 2022") == ["نمو", "3.5", "في", "عام", "2021", "ثم", "2022"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("الوساطة", "الوساطه"), ("والحكومة", "الحكومة"), ("للحكومة", "الحكومة"), ("negotiations", "negotiation")],
)
def test_forms_share_a_stem(one: str, other: str) -> None:
    assert stem(normalise(one)) == stem(normalise(other))


@pytest.mark.parametrize(
    ("plural", "singular"), [("أهداف", "هدف"), ("علماء", "عالم"), ("شروط", "شرط"), ("مدارس", "درس")]
)
def test_broken_plurals_share_a_root(plural: str, singular: str) -> None:
    assert root(normalise(plural)) == root(normalise(singular))


def test_stop_words_are_dropped_from_terms() -> None:
    assert stems("هل هو في البيت؟") == stems("البيت")
    assert stems("what is the of?") == []
    assert roots("من في على") == []
    assert grams("في هدف") == ["هدف"]


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("ما هي عاصمة اليابان؟", "ar"),
        ("هدف ایران از مذاکرات چیست؟", "fa"),
        ("رئیس جمهور چه گفت؟", "fa"),
        ("ما أهداف المفاوضات الجاریة فی القاهرة؟", "ar"),
        ("من هو رئیس الوزراء العراقی؟", "ar"),
        ("What is OPEC?", "en"),
        ("ما موقف OPEC من الأسعار؟", "ar"),
        ("2024", "ar"),
    ],
)
def test_language_of_a_question(question: str, language: str) -> None:
    assert question_language(question) == language


def test_bare_text_keeps_its_letters_and_loses_its_marks() -> None:
    assert bare("\u200fالسُّلطنة الـعُمانيّة أ") == "السلطنة العمانية أ"
    assert bare("أ\u0640") == bare("ا\u0654") == "أ"
