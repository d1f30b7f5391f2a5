"""Follow-ups become standalone questions; new subjects do not drag the old ones along."""

from __future__ import annotations

import pytest

from retrieval.conversation import Standalone, recalled, standalone
from retrieval.embedding import Embedder


def asked(embedder: Embedder, *questions: str) -> str:
    """The last question as understood, each turn recalled from what would be stored."""
    earlier: list[Standalone] = []
    for question in questions:
        current = standalone(question, earlier, embedder.queries)
        earlier.append(recalled(current.asked, current.text))
    return earlier[-1].text


@pytest.mark.parametrize(
    ("questions", "understood"),
    [
        (("ماذا تريد اليابان من الاتفاق؟", "وماذا عن كوريا؟"), "ماذا تريد كوريا من الاتفاق؟"),
        (("ماذا تريد اليابان من الاتفاق؟", "وماذا عن كوريا؟", "وماذا عن الصين؟"), "ماذا تريد الصين من الاتفاق؟"),
        (("ماذا تريد الولايات المتحدة من القمة؟", "وماذا عن فرنسا؟"), "ماذا تريد فرنسا من القمة؟"),
        (("من يرأس الوفد الفرنسي في القمة؟", "والوفد الألماني؟"), "من يرأس الوفد الألماني في القمة؟"),
        (("متى فاز ريال مدريد بالكأس؟", "وبرشلونة؟"), "متى فاز برشلونة بالكأس؟"),
        (("What does Japan want from the deal?", "And Korea?"), "What does Korea want from the deal?"),
        (("What does Japan want from the deal?", "What about China?"), "What does China want from the deal?"),
        (("What did the European Union propose?", "And China?"), "What did the China propose?"),
        (("هدف ژاپن از مذاکرات چیست؟", "چین چطور؟", "فرانسه چطور؟"), "هدف فرانسه از مذاکرات چیست؟"),
    ],
)
def test_another_subject_takes_the_place_of_the_last(
    embedder: Embedder, questions: tuple[str, ...], understood: str
) -> None:
    assert asked(embedder, *questions) == understood


@pytest.mark.parametrize(
    ("first", "follow_up", "kept"),
    [
        ("متى افتتح متحف القاهرة؟", "ومن افتتحه؟", "متحف القاهرة"),
        ("ماذا قال وزير المالية عن الضرائب؟", "ولماذا؟", "وزير المالية"),
        ("من هو سامر العلي؟", "ما دوره في المشروع؟", "سامر العلي"),
        ("متى بدأت قمة المناخ؟", "والسبب؟", "قمة المناخ"),
        ("Who is Karim Mansour?", "What did he say?", "Karim Mansour"),
        ("Who is Karim Mansour?", "And why?", "Karim Mansour"),
        ("وزیر دارایی کیست؟", "او چه گفت؟", "وزیر دارایی"),
    ],
)
def test_a_leaning_question_carries_the_topic(embedder: Embedder, first: str, follow_up: str, kept: str) -> None:
    text = asked(embedder, first, follow_up)
    assert text.startswith(follow_up)
    assert kept in text


@pytest.mark.parametrize(
    "question",
    [
        "من هو رئيس وزراء إسبانيا؟",
        "متى تولى محافظ المصرف المركزي منصبه الجديد؟",
        "ما أسباب ارتفاع أسعار القمح عالميًا؟",
        "Who is the president of Spain?",
    ],
)
def test_a_question_with_its_own_subject_stands_alone(embedder: Embedder, question: str) -> None:
    assert asked(embedder, "ماذا تريد اليابان من الاتفاق؟", question) == question


def test_a_correction_replaces(embedder: Embedder) -> None:
    text = asked(embedder, "ما عاصمة أستراليا؟", "أقصد: ما عاصمة نيوزيلندا وأكبر مدنها؟")
    assert "نيوزيلندا" in text
    assert "أستراليا" not in text


def test_the_first_question_is_never_rewritten(embedder: Embedder) -> None:
    assert asked(embedder, "وماذا عن كوريا؟") == "وماذا عن كوريا؟"


def test_a_word_of_the_articles_keeps_its_waw(embedder: Embedder) -> None:
    previous = Standalone("ماذا تريد طهران من المفاوضات؟", "ماذا تريد طهران من المفاوضات؟")

    def idf(stem: str) -> float:
        return 1.0 if stem.startswith("واشنط") else 9.0

    assert "واشنطن" in standalone("واشنطن؟", [previous], embedder.queries, idf).text


def test_recalled_keeps_what_was_carried_and_replaced() -> None:
    carried = recalled("ولماذا؟", "ولماذا؟ (بشأن: قمة المناخ)")
    assert (carried.asked, carried.carried) == ("ولماذا؟", "قمة المناخ")
    assert recalled("وماذا عن كوريا؟", "ماذا تريد كوريا؟").newcomer == "كوريا"


@pytest.mark.parametrize(
    ("questions", "understood"),
    [
        (("ماذا قالت وزارة المالية عن الأسعار؟", "لا، أقصد وزارة الطاقة"), "ماذا قالت وزارة الطاقة عن الأسعار؟"),
        (
            ("متى تبدأ المرحلة الثانية من المشروع؟", "عفوًا، قصدت المرحلة الثالثة"),
            "متى تبدأ المرحلة الثالثة من المشروع؟",
        ),
        (
            ("What does Japan want from the deal?", "And Korea?", "Sorry, I meant China."),
            "What does China want from the deal?",
        ),
        (("ماذا تريد اليابان من الاتفاق؟", "وماذا عن كوريا؟", "بل أعني الصين"), "ماذا تريد الصين من الاتفاق؟"),
    ],
)
def test_a_correction_takes_the_place_of_what_was_meant_otherwise(
    embedder: Embedder, questions: tuple[str, ...], understood: str
) -> None:
    assert asked(embedder, *questions) == understood


@pytest.mark.parametrize(
    "back",
    ["نعود إلى القمة: من حضرها؟", "بالعودة إلى موضوع القمة، من حضرها؟", "طيب وبخصوص القمة من حضرها؟"],
)
def test_a_return_carries_the_topic_that_was_left(embedder: Embedder, back: str) -> None:
    text = asked(embedder, "متى عقدت قمة المناخ في ليما؟", "كم سعر القمح اليوم في شيكاغو؟", back)
    assert text.startswith("من حضرها؟")
    assert "ليما" in text
    assert "القمح" not in text


def test_back_to_in_english(embedder: Embedder) -> None:
    text = asked(
        embedder, "Who opened the Lima summit?", "What is the wheat price in Chicago?", "Back to the summit: who left?"
    )
    assert text.startswith("who left?")
    assert "Lima" in text
    assert "Chicago" not in text


@pytest.mark.parametrize(
    "question",
    [
        "ما المركز الذي أنهى فيه الفريق الدوري؟",
        "هل يفضل الوزير الحرب أو السلام؟",
        "من قال إن البنك أخفى أن المؤشر هبط؟",
    ],
)
def test_words_that_only_look_like_pronouns_carry_nothing(embedder: Embedder, question: str) -> None:
    carried = asked(embedder, "كم سعر القمح اليوم في شيكاغو؟", question)
    assert carried == question


@pytest.mark.parametrize("question", ["بماذا هددت؟", "وليش انتشرت بسرعة؟", "شو رد عالصحيفة؟", "متى تُستأنف؟"])
def test_a_verb_without_a_subject_carries_the_topic(embedder: Embedder, question: str) -> None:
    assert "شيكاغو" in asked(embedder, "من هي وزيرة شيكاغو؟", question)


@pytest.mark.parametrize(
    "question", ["Where was the first round held?", "And how many trucks did the Red Crescent send?"]
)
def test_an_english_question_without_a_subject_of_its_own(embedder: Embedder, question: str) -> None:
    assert "Lima" in asked(embedder, "When did the Lima summit open?", question)


def test_marks_stay_inside_their_words(embedder: Embedder) -> None:
    assert asked(embedder, "كم قتيلًا خلّف إعصار بيلو؟", "بل أعني كاسيا").endswith("كاسيا؟")
    assert "قتيلًا" in asked(embedder, "كم قتيلًا خلّف إعصار بيلو؟", "بل أعني كاسيا").split()
