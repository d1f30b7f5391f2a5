"""Requests for summaries, comparisons and timelines are told from questions that hold the same words."""

from __future__ import annotations

import pytest

from retrieval.forms import read_form


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("لخّص ما تقوله المصادر عن الإضراب", "الإضراب"),
        ("لخص لي ما قيل عن قمة ليما", "قمة ليما"),
        ("أعطني ملخصًا عن دور الوسيط", "دور الوسيط"),
        ("ما خلاصة ما تقوله المصادر عن العقوبات؟", "العقوبات"),
        ("اكتب ملخصا للمفاوضات", "المفاوضات"),
        ("Summarise what the sources say about the strike", "the strike"),
        ("Can you give me a summary of the Lima talks?", "the Lima talks"),
        ("خلاصه‌ای از مذاکرات لیما بده", "مذاکرات لیما"),
        ("مذاکرات را خلاصه کن", "مذاکرات"),
    ],
)
def test_summaries(text: str, topic: str) -> None:
    asking = read_form(text)
    assert (asking.form, asking.topic) == ("summary", topic)


@pytest.mark.parametrize(
    ("text", "parties", "topic"),
    [
        ("قارن بين موقفي اليابان والبيرو من الصيد", ("اليابان", "البيرو"), "الصيد"),
        ("قارن بين موقف الشركة وموقف النقابة", ("الشركة", "النقابة"), ""),
        ("مقارنة بين مطالب سهلان ومرجان بشأن السد", ("سهلان", "مرجان"), "السد"),
        ("ما الفرق بين موقفي سهلان ومرجان من السد؟", ("سهلان", "مرجان"), "السد"),
        ("compare Japan's and Peru's positions", ("Japan", "Peru"), ""),
        ("Compare the positions of Japan and the United States on whaling", ("Japan", "the United States"), "whaling"),
        ("How do the airline and the union differ on wages?", ("airline", "union"), "wages"),
        ("موضع ژاپن و پرو را مقایسه کن", ("ژاپن", "پرو"), ""),
    ],
)
def test_comparisons(text: str, parties: tuple[str, str], topic: str) -> None:
    asking = read_form(text)
    assert (asking.form, asking.parties, asking.topic) == ("comparison", parties, topic)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("تسلسل زمني لأحداث القمة", "القمة"),
        ("ما التسلسل الزمني للمفاوضات؟", "المفاوضات"),
        ("التسلسل الزمني للأحداث المرتبطة بالقناة السرية", "القناة السرية"),
        ("اعرض تسلسل الأحداث المتعلقة بالاتفاق النووي", "الاتفاق النووي"),
        ("رتّب أحداث الإضراب زمنيًا", "الإضراب"),
        ("Give me a timeline of the nuclear deal", "nuclear deal"),
        ("گاه‌شمار مذاکرات", "مذاکرات"),
    ],
)
def test_timelines(text: str, topic: str) -> None:
    asking = read_form(text)
    assert (asking.form, asking.topic) == ("timeline", topic)


@pytest.mark.parametrize(
    "text",
    [
        "متى بدأت المحادثات؟",
        "ما الجدول الزمني الذي اقترحته جورجيا؟",
        "ما الفرق بين عمان وقطر؟",
        "ما خلاصة المراجعة؟",
        "من لخص التقرير؟",
        "What was the summary judgement?",
        "ما ترتيب الفريق في الدوري؟",
        "في أي موقف ظهر الخلاف؟",
        "How do the opposition's and the minister's accounts of the warning differ?",
        "لخص",
        "",
    ],
)
def test_questions_stay_questions(text: str) -> None:
    assert read_form(text).form == "plain"
