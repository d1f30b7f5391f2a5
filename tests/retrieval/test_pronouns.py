"""Which sentences do not say who their subject is."""

from __future__ import annotations

import pytest

from retrieval.pronouns import leans_on_before

LEANING = """
He said the talks would go on.
They rejected the proposal.
However, she denied the report.
On Monday, he met the minister.
But they refused to sign.
It said the talks had failed.
His country wants only the sanctions lifted.
He said: "We will not sign."
قال إن بلاده تريد رفع العقوبات.
وأضاف أن المحادثات مستمرة.
وقالت: «لن نوقع».
كما أكد أن الوفد سيعود.
من جهتها، قالت إن المستشفى سيُفتح.
نفى ما نقلته الصحيفة.
لكنه نفى التقرير.
رفضوا المقترح.
وسيرفضون المقترح.
هو يرفض الاتفاق.
او گفت مذاکرات ادامه دارد.
وی افزود که توافق نزدیک است.
آنها پیشنهاد را رد کردند.
گفت که این گزارش درست نیست.
همچنین تأکید کرد که تحریم‌ها باید برداشته شود.
"""
SAYING_WHO = """
Haddad said she would open it.
The minister said he would go.
On Monday, Haddad said she would go.
It is unclear when the talks go on.
He would not sign, Haddad said.
Hebron is calm.
There were 43 dead.
According to Haddad, she will go.
قال منصور إن بلاده تريد رفع العقوبات.
وقالت وزيرة الصحة سلمى حداد إن المستشفى سيضم 250 سريرًا.
سيضم المستشفى 250 سريرًا.
من جهته، قال كريم منصور إن الميزانية لا تكفي.
سلمى حداد: وأضافت أن الوزارة لا تتوقع ذلك.
بحسب الصحيفة، تعود الوفود غدًا.
يونانيون يحتجون على الاتفاق.
سجون البلاد مكتظة.
ونقلت الصحيفة عن مسؤول أن الاتفاق قريب.
سلمی حداد گفت بیمارستان ۲۵۰ تخت دارد و در ماه مه باز می‌شود.
وزیر بهداشت گفت که این بیمارستان باز می‌شود.
"""


@pytest.mark.parametrize("sentence", LEANING.strip().splitlines())
def test_a_sentence_that_leans_on_the_one_before(sentence: str) -> None:
    assert leans_on_before(sentence)


@pytest.mark.parametrize("sentence", SAYING_WHO.strip().splitlines())
def test_a_sentence_that_says_who(sentence: str) -> None:
    assert not leans_on_before(sentence)
