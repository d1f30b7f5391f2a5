"""Courtesies and requests that no article can meet are told from questions, also from those that begin with one."""

from __future__ import annotations

import pytest

from retrieval.small_talk import small_talk, without_courtesies


@pytest.mark.parametrize(
    ("message", "code", "language"),
    [
        ("مرحبا", "greeting", "ar"),
        ("مرحبااااا!", "greeting", "ar"),
        ("السَّلام عليكم ورحمة الله وبركاته", "greeting", "ar"),
        ("صباح الخير يا سند 🌞", "greeting", "ar"),
        ("هلا والله، شلونك؟", "greeting", "ar"),
        ("ازيك، عامل إيه؟", "greeting", "ar"),
        ("أهلين، كيفك اليوم؟", "greeting", "ar"),
        ("Hello there!", "greeting", "en"),
        ("hi, how are you doing today?", "greeting", "en"),
        ("درود بر شما", "greeting", "fa"),
        ("سلام، خوبی؟", "greeting", "fa"),
        ("شكرًا جزيلًا لك", "thanks", "ar"),
        ("يسلمو، يعطيك العافية", "thanks", "ar"),
        ("ممتاز، شكرا", "thanks", "ar"),
        ("Thank you so much!!", "thanks", "en"),
        ("خیلی ممنون", "thanks", "fa"),
        ("مرسی، عالی بود", "thanks", "fa"),
        ("مع السلامة", "goodbye", "ar"),
        ("شكرا، إلى اللقاء", "goodbye", "ar"),
        ("Bye bye, see you later", "goodbye", "en"),
        ("خداحافظ", "goodbye", "fa"),
        ("من أنت؟", "identity", "ar"),
        ("مرحبا، إنت مين؟", "identity", "ar"),
        ("ماذا تستطيع أن تفعل؟", "identity", "ar"),
        ("شو بتعمل؟", "identity", "ar"),
        ("هل أنت روبوت؟", "identity", "ar"),
        ("Who are you?", "identity", "en"),
        ("What can you do for me?", "identity", "en"),
        ("تو کی هستی؟", "identity", "fa"),
        ("چه کاری می‌توانی انجام دهی؟", "identity", "fa"),
    ],
)
def test_courtesies(message: str, code: str, language: str) -> None:
    talk = small_talk(message)
    assert talk is not None
    assert (talk.code, talk.language) == (f"small_talk:{code}", language)
    assert talk.reply


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("اكتب لي قصيدة عن البحر", "writing"),
        ("احكِ لي نكتة", "writing"),
        ("من فضلك اكتب قصة قصيرة", "writing"),
        ("Write me a poem about Muscat", "writing"),
        ("Tell me a joke", "writing"),
        ("یک شعر درباره دریا بنویس", "writing"),
        ("ترجم هذه الجملة إلى الإنجليزية: أهلا", "translation"),
        ("Can you translate this text to French?", "translation"),
        ("این جمله را ترجمه کن", "translation"),
        ("كيف الطقس اليوم؟", "weather"),
        ("ما حالة الطقس في مسقط الآن؟", "weather"),
        ("ما حالة الطقس في عمّان؟", "weather"),
        ("What's the weather like today?", "weather"),
        ("هوا چطوره؟", "weather"),
        ("كم الساعة الآن؟", "time"),
        ("What time is it?", "time"),
        ("ما تاريخ اليوم؟", "time"),
        ("اكتب لي كود بايثون لترتيب قائمة", "code"),
        ("Write a Python function that sorts a list", "code"),
        ("مرحبا، كم يساوي 12 * 7؟", "arithmetic"),
        ("What is 12 + 30?", "arithmetic"),
        ("احجز لي رحلة إلى دبي", "errand"),
        ("play some music", "errand"),
    ],
)
def test_requests_outside_the_articles(message: str, code: str) -> None:
    talk = small_talk(message)
    assert talk is not None
    assert talk.code == f"out_of_scope:{code}"


@pytest.mark.parametrize(
    "question",
    [
        "مرحبا، ما دور عمان؟",
        "السلام عليكم، ماذا قال بقائي؟",
        "صباح الخير من الذي نفى التقرير؟",
        "Hi, who leads the Iranian delegation?",
        "سلام، هدف ایران چیست؟",
        "شكرا، وماذا عن قطر؟",
        "طيب إيمتى وصل اللقاح؟",
        "ما معنى السلام العادل؟",
        "عملية السلام",
        "من هو الوسيط؟",
        "من هو سند العلي؟",
        "ماذا تستطيع الحكومة أن تفعل؟",
        "What can Oman do?",
        "Who are they?",
        "من كتب قصيدة النصر؟",
        "من ترجم الرواية إلى الفرنسية؟",
        "ما الذي ترجمه الوسيط في الجلسة؟",
        "كيف كان الطقس يوم وصول الإعصار؟",
        "هل أثر الطقس في المباريات؟",
        "كم الساعة التي بدأ فيها الانقطاع؟",
        "متى انقطع التيار؟",
        "لخص ما تقوله المصادر عن الإضراب",
        "اكتب ملخصًا عن المفاوضات",
        "Tell me a summary of the talks",
        "Write about the strike",
        "ما نتيجة 5+1؟",
        "ماذا قدمت مجموعة 5+1؟",
        "وماذا عن عزيزي؟",
        "رسالة ترامب",
        "هل أرسل ترامب رسالة؟",
        "Thanks to whom was the deal reached?",
        "وداعا للسلاح: من مخرج الفيلم؟",
        "ما رأي الممتاز في الصفقة؟",
    ],
)
def test_questions_stay_questions(question: str) -> None:
    assert small_talk(question) is None


@pytest.mark.parametrize(
    ("message", "question"),
    [
        ("مرحبا، ما دور عمان؟", "ما دور عمان؟"),
        ("السلام عليكم. صباح الخير، ماذا قال بقائي؟ وشكرا", "ماذا قال بقائي؟ وشكرا"),
        ("صباح الخير يا سند من الذي نفى التقرير؟ شكرًا لك", "من الذي نفى التقرير؟"),
        ("Hi there, who leads the delegation? Thanks!", "who leads the delegation?"),
        ("طيب إيمتى وصل اللقاح؟", "إيمتى وصل اللقاح؟"),
        ("سلام الشجعان", "سلام الشجعان"),
        ("Thanks to whom was it reached?", "Thanks to whom was it reached?"),
        ("ما دور عمان؟", "ما دور عمان؟"),
        ("؟!", "؟!"),
        ("", ""),
    ],
)
def test_a_question_without_its_courtesies(message: str, question: str) -> None:
    assert without_courtesies(message) == question
