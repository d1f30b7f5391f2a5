"""Dates in news prose are read as written, resolved against the day of publication, and never guessed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.dates import dated

TUESDAY = date(2025, 7, 22)


def read(text: str, published: date | None = TUESDAY) -> list[str]:
    return [found.iso for found in dated(text, published)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("وُقّع الاتفاق في 17 يونيو 2024.", "2024-06-17"),
        ("وُقّع الاتفاق في ١٧ حزيران/يونيو ٢٠٢٤.", "2024-06-17"),
        ("وُقّع الاتفاق في 17 من يونيو/حزيران من عام 2024.", "2024-06-17"),
        ("وُقّع الاتفاق في الـ17 من حزيران (يونيو) 2024.", "2024-06-17"),
        ("في السابع عشر من أفريل 2024", "2024-04-17"),
        ("في الثالث والعشرين من كانون الثاني 2024", "2024-01-23"),
        ("في الأول من تشرين الأول 2023", "2023-10-01"),
        ("في الثلاثين من نونبر 2023", "2023-11-30"),
        ("يوم 3 جويلية 2024", "2024-07-03"),
        ("15 آب 2024", "2024-08-15"),
        ("15 غشت 2024", "2024-08-15"),
        ("2024-06-17", "2024-06-17"),
        ("١٧/٦/٢٠٢٤", "2024-06-17"),
        ("on 17 June 2024", "2024-06-17"),
        ("On June 17th, 2024, it", "2024-06-17"),
        ("در ۱۷ ژوئن ۲۰۲۴ امضا شد", "2024-06-17"),
        ("در ۲۸ خرداد ۱۴۰۳ امضا شد", "2024-06-17"),
        ("في مارس 2007", "2007-03"),
        ("منذ شباط/فبراير 2015", "2015-02"),
        ("in March 2007", "2007-03"),
        ("فروردین ۱۴۰۴", "2025-03-21/2025-04-20"),
        ("منذ عام 2016", "2016"),
        ("سنة ٢٠٢٠", "2020"),
        ("تأسست في 1998، ثم", "1998"),
        ("since 2016.", "2016"),
        ("سال ۱۴۰۳", "2024-03-20/2025-03-20"),
        ("من أبريل 1672 إلى 19 أغسطس 1674", "1672-04-01/1674-08-19"),
        ("من أبريل إلى يونيو 2024", "2024-04-01/2024-06-30"),
        ("بين عامي 1672 و1674", "1672-01-01/1674-12-31"),
        ("تراكمت بين عامي 2012 و2018 لتمويل المطار", "2012-01-01/2018-12-31"),
        ("من 11 إلى 13 ديسمبر 2023", "2023-12-11/2023-12-13"),
    ],
)
def test_what_has_its_year_needs_no_day_of_publication(text: str, expected: str) -> None:
    assert read(text, None) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ألغت الشركة 64 رحلة، الثلاثاء، في اليوم الثاني من الإضراب", "2025-07-22"),
        ("قال السبت إنه", "2025-07-19"),
        ("يوم الثلاثاء الماضي", "2025-07-15"),
        ("ستبدأ الحملة الأحد المقبل", "2025-07-27"),
        ("ودعا إلى الحوار قبل الجمعة", "2025-07-25"),
        ("أعلن أمس أنه", "2025-07-21"),
        ("أعلن مساء أمس الاثنين أنه", "2025-07-21"),
        ("أعلن أول من أمس", "2025-07-20"),
        ("يلتقيان اليوم في جنيف", "2025-07-22"),
        ("قال اليوم الثلاثاء", "2025-07-22"),
        ("يصل غدًا إلى", "2025-07-23"),
        ("He said yesterday", "2025-07-21"),
        ("on Sunday", "2025-07-20"),
        ("last Tuesday", "2025-07-15"),
        ("دیروز گفت", "2025-07-21"),
        ("الأسبوع الماضي", "2025-07-14/2025-07-20"),
        ("الشهر الجاري", "2025-07"),
        ("العام الماضي", "2024"),
        ("هذا العام", "2025"),
        ("next month", "2025-08"),
        ("قبل ثلاثة أيام", "2025-07-19"),
        ("قبل عامين", "2023"),
        ("three years ago", "2022"),
        ("سه روز پیش", "2025-07-19"),
        ("في سبتمبر الماضي", "2024-09"),
        ("في مارس المقبل", "2026-03"),
        ("في 31 أغسطس", "2025-08-31"),
        ("في 12 مايو", "2025-05-12"),
        ("منذ أكتوبر", "2024-10"),
        ("الاثنين 14 يوليو", "2025-07-14"),
        ("الخميس 26 ديسمبر", "2024-12-26"),
    ],
)
def test_the_rest_is_resolved_against_the_day_of_publication(text: str, expected: str) -> None:
    assert read(text) == [expected]
    assert read(text, None) == []


@pytest.mark.parametrize(
    "text",
    [
        "قبل الحادث بثلاثة أيام، حضر 2000 شخص وأُنفقت 1.5 مليون",
        "في 2016 متجرًا من متاجر الشركة",
        "مارس الرياضة مع أب فقير وماي قليل",
        "12 رمضان 1446 هـ",
        "عام 1446 هـ",
        "وفي اليوم التالي عاد",
        "كل جمعة يجتمعون",
        "وقال: «سأراكم غدًا، والتقينا السبت»",
        "قبل عامين من الانتخابات",
        "قبل أيام",
        "اتفق الطرفين الاثنين معًا",
        "فروعه الاثنين والأربعين",
        "تناولوا غداءً خفيفًا",
        "وفي عام 1909 وصل، وتحطمت سفينته في مارس",  # of that year, perhaps
        "You may march",
        "45 يونيو 2024",
        "وقال إن الوفد سيصل الخميس",  # the coming one, or spoken of before
    ],
)
def test_what_is_no_date_or_cannot_be_told_is_left_out(text: str) -> None:
    assert [d for d in read(text) if d != "1909"] == []


def test_a_month_that_could_be_of_two_years_is_left_out() -> None:
    assert read("تُعقد الجولة في مارس.", date(2025, 2, 1)) == ["2025-03"]
    assert read("تُعقد الجولة في يناير.", date(2025, 11, 20)) == []


def test_several_dates_stay_apart_and_in_order() -> None:
    assert read("جُرّبت في 1 يناير و9 مارس، ثم في 3 و17 مايو 2025.") == [
        "2025-01-01", "2025-03-09", "2025-05-03", "2025-05-17",
    ]  # fmt: skip


def test_spans_are_those_of_the_text_as_written() -> None:
    text = "وُقِّعَ في الـ١٧ من حُزيران/يونيو ٢٠٢٤، ونُفّذ الأربعاء."
    spans = [text[slice(*found.span)] for found in dated(text, TUESDAY)]
    assert spans == ["الـ١٧ من حُزيران/يونيو ٢٠٢٤", "الأربعاء"]


@settings(deadline=None)
@given(st.dates(date(1500, 1, 1), date(2099, 12, 31)))
def test_every_day_is_read_back(day: date) -> None:
    months = "كانون الثاني,شباط,آذار,نيسان,أيار,حزيران,تموز,آب,أيلول,تشرين الأول,تشرين الثاني,كانون الأول".split(",")
    (found,) = dated(f"وذلك في {day.day} {months[day.month - 1]} {day.year} على الأقل", None)
    assert (found.start, found.end) == (day, day)


@settings(deadline=None)
@given(st.text(alphabet='0123456789٠١٢٣ /-.,«»"ابريلمسو يناعقالثلاثاء\u064b\u0640\n', max_size=80))
def test_any_text_is_read_without_failing(text: str) -> None:
    for found in dated(text, TUESDAY):
        assert found.start <= found.end
        assert 0 <= found.span[0] < found.span[1] <= len(text)
