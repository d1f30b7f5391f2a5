"""Sentence spans: what is cut, what is kept whole, exact offsets, and time linear in the length."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.segmentation import LONGEST_QUOTATION, sentence_spans

LONG = "أعلنت الوزارة أن الجولة المقبلة ستعقد خلال الأسبوعين القادمين بحضور الوفدين ووسطاء من المنطقة"


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    "parts",
    [
        ["وصل الوفد.", "ماذا بعد؟", "لا أحد يعلم!", "انتهى الخبر"],
        ["The talks began.", "Did they end?", "No!"],
        ["مذاکرات آغاز شد.", "نتیجه چه بود؟", "هیچ."],
        ["قال د. سالم إن أ.د. منى وصلت مع م. وليد.", "وعادوا مساء."],
        ["حضر د. فؤاد ود. وائل الاجتماع.", "ثم غادرا."],
        ["صدر عام 1445 هـ.", "وأعيد طبعه عام 2024 م. الموافق لذلك."],
        ["بدأ ذلك سنة 500 ق.م.، وانتهى بعدها.", "هذا كل شيء."],
        ["He lives in the U.S. and met Dr. Smith, e.g. at 5 p.m. on Sept. 3.", "The meeting ended."],
        ["J. K. Brown wrote it.", "He left Acme Inc. in May."],
        ["بلغت 3.5 و٣٫٥ و1,200 في 12.4.2025.", "ثم هبطت في 12. 4. 2025 كثيرًا."],
        ["انظر https://example.com/a.b?x=1.", "راسل a.b@example.com.", "انتهى"],
        ["تردد الوفد ... ثم وافق.", "وانتهى."],
        ["قال كلامًا طويلًا في ذلك اليوم...", "وأضاف أنه سيعود."],
        ["مسقط.. عاصمة المحادثات."],
        ["انتهى اللقاء.", "وقال آخر .", "وأضاف ثالث."],
        ["انتهى البيان.[1]", "وقال آخرون."],
        ["١. البند الأول.", "أ. البند الثاني."],
        ["حضر (وزير الخارجية. ونائبه) الاجتماع.", "وغادرا."],
    ],
)
def test_sentences_of_a_line(parts: list[str]) -> None:
    assert sentences(" ".join(parts)) == parts


def test_missing_space_after_a_stop() -> None:
    assert sentences("انتهى اللقاء.وقال آخر .وأضاف ثالث؟نعم") == [
        "انتهى اللقاء.",
        "وقال آخر .",
        "وأضاف ثالث؟",
        "نعم",
    ]


@pytest.mark.parametrize("marks", ["«»", '""', "“”", "”“"])
def test_quotation_is_not_cut_inside(marks: str) -> None:
    quote = f"{marks[0]}لن نقبل. هذا نهائي! لماذا نقبل؟ سنعود غدًا{marks[1]}"
    assert sentences(f"قال الوزير {quote} أمام الصحفيين. وغادر القاعة.") == [
        f"قال الوزير {quote} أمام الصحفيين.",
        "وغادر القاعة.",
    ]


@pytest.mark.parametrize(("opening", "closing"), ["«»", '""', "“”"])
def test_stop_inside_the_closing_quote_ends_the_sentence_after_it(opening: str, closing: str) -> None:
    first = f"وقال الناطق: {opening}هذه بداية. لا أكثر.{closing}"
    assert sentences(f"{first} وأضاف أن الوفد باق.") == [first, "وأضاف أن الوفد باق."]
    assert sentences(f"{first} الوفد الآخر غادر.") == [first, "الوفد الآخر غادر."]


@pytest.mark.parametrize(
    "text",
    [
        "«لن نقبل بهذا العرض.» قال الوزير للصحفيين.",
        "وصف ما جرى بأنه «بداية.»، ثم غادر.",
        "سأل الصحفي «هل تقبلون؟» ثم جلس.",
        "قال «نعم.» و«سنعود» في جملة واحدة.",
        'He asked "Will you go?" and left.',
        "The group (Acme Inc.) Bank is here.",
    ],
)
def test_sentence_goes_on_after_a_closed_quotation(text: str) -> None:
    assert sentences(text) == [text]


def test_very_long_quotation_is_cut() -> None:
    inner = [f"{LONG} رقم {i}." for i in range(LONGEST_QUOTATION // len(LONG) + 2)]
    text = "قال: «" + " ".join(inner) + "» ثم غادر."
    assert sentences(text) == ["قال: «" + inner[0], *inner[1:-1], inner[-1] + "»", "ثم غادر."]


@pytest.mark.parametrize("mark", ["«", '"', "“", "(", "["])
def test_unbalanced_mark_does_not_swallow_the_rest(mark: str) -> None:
    parts = [f"قال {mark}كذا وكذا.", "وغادر القاعة.", "وعاد مساء."]
    assert sentences(" ".join(parts)) == parts
    assert sentences("\n".join(parts)) == parts


def test_quote_left_open_before_another_quotation() -> None:
    assert sentences('قال "كذا. وقال "وكذا. وكذا". انتهى الكلام.') == [
        'قال "كذا.',
        'وقال "وكذا. وكذا".',
        "انتهى الكلام.",
    ]


def test_semicolon_ends_a_sentence_only_between_long_independent_clauses() -> None:
    assert sentences(f"{LONG}؛ {LONG}.") == [f"{LONG}؛", f"{LONG}."]
    for whole in (
        f"{LONG}؛ فغادر الوفد.",
        f"{LONG}؛ لأن {LONG}.",
        f"{LONG}؛ وأنه {LONG}.",
        f"قال «{LONG}؛ {LONG}».",
    ):
        assert sentences(whole) == [whole]


def test_line_breaks_headings_and_lists() -> None:
    text = "عنوان فرعي\r\nقال إن «الأمر\r\nانتهى». نعم\n\n- بند أول\n- بند ثان. وتتمته\r1. ثالث"
    assert sentences(text) == [
        "عنوان فرعي",
        "قال إن «الأمر",
        "انتهى».",
        "نعم",
        "- بند أول",
        "- بند ثان.",
        "وتتمته",
        "1. ثالث",
    ]


def test_tashkeel_tatweel_and_direction_marks() -> None:
    parts = ["وَصَلَ الوَفْدُ.\u200f", "وقـــالَ د\u064f. سَعِيدٌ: «نَعَمْ.»\u200f", "وأَضَافَ شَيْئًا."]
    assert sentences(" ".join(parts)) == parts


def test_marks_without_a_word_join_a_sentence() -> None:
    assert sentences("انتهى. . . ! وعاد.") == ["انتهى. . . !", "وعاد."]
    assert sentences("... وعاد.") == ["... وعاد."]


@pytest.mark.parametrize("text", ["", " ", "\n\r\n\t\u00a0\u2028"])
def test_blank_text_has_no_sentence(text: str) -> None:
    assert sentence_spans(text) == []


ALPHABET = 'ابدم وفهقال ABcd .!؟…؛;،:«»"“”()[]\n\r\t 1٣-\u064f\u0640\u200f\u2028\x1c@/'


@given(st.one_of(st.text(), st.text(alphabet=ALPHABET, max_size=200)))
@example("«. «.\n».»")
@example("www.")
def test_every_character_but_space_is_in_exactly_one_span(text: str) -> None:
    spans = sentence_spans(text)
    covered = [i for start, end in spans for i in range(start, end)]
    assert covered == sorted(set(covered))
    assert set(covered) >= {i for i, character in enumerate(text) if not character.isspace()}
    for start, end in spans:
        assert text[start:end] == text[start:end].strip() != ""


PATHOLOGICAL = [
    ".",
    ". ",
    '"',
    "«",
    "«»",
    "(. ",
    "كلمة.",
    "a@",
    "www.",
    "www. ",
    " ",
    "؛ ",
    "«([",
    '"a ',
    "م. ",
]
PATHOLOGICAL += [
    "[1]",
    ".\u200f",
    "(كذا.) كذا ",
    "«كذا.» قال ",
    "«كذا؟» س ",
    "https://",
    "1. ",
    "\n.",
    ")",
    "«.»،",
]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("unit", PATHOLOGICAL)
def test_a_megabyte_of_anything_is_split_in_linear_time(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    spans = sentence_spans(text)
    assert sum(end - start for start, end in spans) <= len(text)
    assert bool(spans) == bool(text.strip())
