"""Speakers that no table knows, told by what an aside between commas says of them; in sentences made up here."""

from __future__ import annotations

import pytest

from ingest.attribution import attribute

MINISTER = "قال وزير النقل سالم ناصر إن الميناء عاد إلى العمل."


def heard(sentence: str) -> str | None:
    """Who is heard in a sentence that comes after one of the minister's."""
    spans = [(0, len(MINISTER)), (len(MINISTER) + 1, len(MINISTER) + 1 + len(sentence))]
    found = attribute(f"{MINISTER} {sentence}", spans)[-1]
    return (found.speaker or found.outlet) if found else None


@pytest.mark.parametrize(
    ("sentence", "speaker"),
    [
        ("وردّ منتدى الملاحة، ومقره صور، بأن الرصيف مغلق.", "منتدى الملاحة"),
        ("ورد بيت البحارة، ومقره صور، بأن الرصيف مغلق.", "بيت البحارة"),
        ("وأوضح الحوض الجاف، ومقره صور، أن الرصيف مغلق.", "الحوض الجاف"),
        ("وأوضحت الموانئ العالمية، ومقرها صور، أن الرصيف مغلق.", "الموانئ العالمية"),
        ("وردّت «رابطة الأمواج»، ومقرها صور، بأن الرصيف مغلق.", "رابطة الأمواج"),
        ("وأكدت «رابطة الأمواج»، التي تأسست عام 1990، أن الرصيف مغلق.", "رابطة الأمواج"),
        ("وأوضح بيت البحارة، وهو جمعية تعاونية، أن الرصيف مغلق.", "بيت البحارة"),
        ("ورد منتدى الملاحة (مدى)، ومقره صور، بأن الرصيف مغلق.", "منتدى الملاحة"),
    ],
)
def test_whom_an_aside_describes_speaks(sentence: str, speaker: str) -> None:
    assert heard(sentence) == speaker


@pytest.mark.parametrize(
    "sentence",
    [
        "وأضاف، وهو طبيب سابق، أن الرصيف مغلق.",
        "وأضاف الوزير، ومقره العاصمة، أن الرصيف مغلق.",
        "وقال أمس، ومعه مدير الميناء، إن الرصيف مغلق.",
        "وأضاف «لا جديد»، وهو يغادر القاعة، إن الرصيف مغلق.",
        "وحذر من إغلاق الحوض الجاف، ومقره صور، وقال إن العمل مستمر.",
    ],
)
def test_what_else_stands_before_an_aside_does_not(sentence: str) -> None:
    assert heard(sentence) == "سالم ناصر"
