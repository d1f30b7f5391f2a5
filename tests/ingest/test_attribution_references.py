"""Who «وأضاف», a surname, a title or «المصدر» goes back to, over the sentences of an article."""

from __future__ import annotations

import sys

import pytest

from ingest.attribution import attribute
from retrieval.models import Attribution


def read(*sentences: str, source: str | None = None) -> tuple[str, list[Attribution | None]]:
    """The text of the sentences, a space between them, and their attributions."""
    spans, position = [], 0
    for sentence in sentences:
        spans.append((position, position + len(sentence)))
        position += len(sentence) + 1
    text = " ".join(sentences)
    return text, attribute(text, spans, source=source)


def speakers(found: list[Attribution | None]) -> list[str | None]:
    return [one.speaker if one else None for one in found]


FIRST = "قال نادر الحلبي، المتحدث باسم وزارة المياه، إن السد امتلأ."


@pytest.mark.parametrize(
    "later",
    [
        "وأضاف: «لن يعطش أحد في هذا الصيف».",
        "وأضاف الحلبي أن القنوات نُظفت.",
        "وأكد المتحدث أن القنوات نُظفت.",
        "وأكد المتحدث ذاته أن القنوات نُظفت.",
        "وأشار إلى أن القنوات نُظفت.",
    ],
)
def test_later_sentences_go_back_to_the_full_name(later: str) -> None:
    text, found = read(FIRST, later)
    assert found[1] is not None
    assert (found[1].speaker, found[1].role) == ("نادر الحلبي", "المتحدث باسم وزارة المياه")
    named = text[found[1].speaker_start : found[1].speaker_end]
    if "الحلبي" in later:
        assert (named, (found[1].speaker_start or 0) > len(FIRST)) == ("الحلبي", True)
    else:
        assert (named, found[1].speaker_start) == ("نادر الحلبي", text.index("نادر"))


def test_gender_chooses_among_earlier_speakers() -> None:
    _, found = read(
        "قالت الوزيرة هند شريف إن الخطة جاهزة.",
        "وقال النائب كريم زيدان إن الخطة ناقصة.",
        "وأضافت أن التنفيذ يبدأ غدًا.",
        "وأضاف أن المجلس سيصوت ضدها.",
    )
    assert speakers(found) == ["هند شريف", "كريم زيدان", "هند شريف", "كريم زيدان"]


def test_a_name_given_before_anyone_speaks_is_completed() -> None:
    _, found = read(
        "ترأس الوفد كريم زيدان، وزير المالية، في جولة أولى.",
        "وقال زيدان إن الجولة انتهت.",
    )
    assert found[0] is None
    assert found[1] is not None
    assert (found[1].speaker, found[1].role) == ("كريم زيدان", "وزير المالية")


def test_a_holder_of_a_title_is_found_by_part_of_it() -> None:
    _, found = read(
        "قال وزير المالية كريم زيدان إن العجز تراجع.",
        "وقالت محافظة البنك سلوى نجار إن الفائدة ثابتة.",
        "وأوضح الوزير أن الدين انخفض.",
    )
    assert speakers(found)[2] == "كريم زيدان"


def test_bodies_sources_and_outlets_are_referred_to_by_their_kind() -> None:
    _, found = read(
        "ونقلت وكالة الضياء عن مصدر عسكري أن القوات انسحبت.",
        "وأضاف المصدر أن الانسحاب بدأ ليلًا.",
        "وذكرت الوكالة أن الجسر أُغلق.",
        "لكن وزارة الدفاع نفت ما أوردته الوكالة.",
        "وقالت الوزارة إن القوات في مواقعها.",
    )
    assert speakers(found) == ["مصدر عسكري", "مصدر عسكري", None, "وزارة الدفاع", "وزارة الدفاع"]
    assert found[2] is not None
    assert found[2].outlet == "الضياء"
    assert found[3] is not None
    assert (found[3].stance, found[3].denies) == ("denies", "الضياء")


def test_that_is_denied_which_was_said_just_before() -> None:
    _, found = read("وزعم موقع «الشرفة» أن الفيلم سُحب.", "ونفى المخرج سامي نعمة ذلك.")
    assert found[1] is not None
    assert (found[1].speaker, found[1].denies) == ("سامي نعمة", "الشرفة")


def test_a_report_of_a_report_keeps_its_own_speaker() -> None:
    _, found = read(
        FIRST,
        'ووصف التقرير الذي نقلته وكالة "رويترز" عن مزارعين بأنه "بلا أساس".',
        'وكانت "رويترز" قد نقلت عن مزارع محلي أن السد متشقق.',
    )
    assert speakers(found) == ["نادر الحلبي", "نادر الحلبي", "مزارع محلي"]
    assert found[1] is not None
    assert (found[1].stance, found[1].denies) == ("denies", "رويترز")


def test_a_quotation_over_several_sentences_keeps_its_speaker() -> None:
    _, found = read(
        "قالت الطبيبة هند شريف: «المستشفى ممتلئ.", "لا أسرّة للمرضى.", "نحتاج إلى المساعدة».", "وأُغلقت الطريق."
    )
    assert speakers(found) == ["هند شريف"] * 3 + [None]
    assert all(one is not None and one.direct_quote for one in found[:3])


def test_a_speaker_named_after_the_quotation_has_all_of_it() -> None:
    _, found = read("«انهار كل شيء.", "لم يبق لنا بيت»، تقول النازحة هند شريف.")
    assert speakers(found) == ["هند شريف", "هند شريف"]


def test_a_stray_quotation_mark_stays_in_its_paragraph() -> None:
    text = "قال كريم زيدان: «بدأ العمل.\nوهطلت الأمطار على المدينة.\nوفاز الفريق «الأزرق» بالكأس."
    lines = [(m, m + len(line)) for line in text.split("\n") for m in [text.index(line)]]
    assert speakers(attribute(text, lines)) == ["كريم زيدان", None, None]


QUOTES = [
    ('وقال كريم زيدان: "بدأنا العمل"، و"سننتهي في الصيف".', True),
    ("«بدأنا العمل منذ شهر»، قال كريم زيدان، «وسننتهي في الصيف».", True),
    ("“بدأنا العمل منذ شهر كامل”، يقول كريم زيدان.", True),
    ("وقال كريم زيدان إن الهدف هو العمل و«فقط رفع الأجور وتحسين السكن».", True),
    ("وقال كريم زيدان إن المدرسة «لا تتسع لأحد».", True),
    ("وقال كريم زيدان إن سد «الياسمين» ممتلئ.", False),
    ("ورفض كريم زيدان ما وصفه بـ«الحصص الظالمة».", False),
    ("وقال كريم زيدان لقناة «نجوم الليل الطويل جدا» إن السد ممتلئ.", False),
    ("وقال كريم زيدان إن السد ممتلئ.", False),
]


@pytest.mark.parametrize(("sentence", "direct"), QUOTES)
def test_speech_is_told_from_names_and_terms(sentence: str, direct: bool) -> None:
    _, found = read(sentence)
    assert found[0] is not None
    assert (found[0].speaker, found[0].direct_quote) == ("كريم زيدان", direct)


def test_work_is_linear_in_the_number_of_sentences() -> None:
    block = [FIRST, "وأضاف أن القنوات نُظفت.", "وهطلت الأمطار.", "ونقلت وكالة الضياء عن مصدر محلي أن السد متشقق."]

    def calls(times: int) -> int:
        """Functions called, which a busy machine does not change as it does times."""
        number = 0

        def count(_frame: object, event: str, _argument: object) -> None:
            nonlocal number
            number += event in {"call", "c_call"}

        sys.setprofile(count)
        try:
            _, found = read(*block * times)
        finally:
            sys.setprofile(None)
        assert len(found) == 4 * times
        return number

    calls(5)  # what is remembered of words is filled
    assert calls(200) < 8 * calls(25) * 1.5


def test_any_cut_of_a_text_is_read_without_failing() -> None:
    text, _ = read(
        FIRST, 'ووصف التقرير الذي نقلته وكالة "رويترز" عن مزارعين بأنه "بلا أساس".', *(one for one, _ in QUOTES)
    )
    for start in range(0, len(text), 3):
        for end in range(start + 1, min(start + 90, len(text)), 7):
            cut = text[start:end]
            found = attribute(cut, [(0, len(cut))])[0]
            assert found is None or 0 <= (found.speaker_start or 0) < (found.speaker_end or 0) <= len(cut)
