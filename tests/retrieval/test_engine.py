"""The engine over the shipped articles: citations, abstention, filters, conversations, bad questions, noise."""

from __future__ import annotations

import pytest

from retrieval.engine import Engine
from retrieval.errors import (
    EmptyIndex,
    EmptyQuestion,
    QuestionTooLong,
    UnknownAnswer,
    UnknownArticle,
    UnknownConversation,
)
from retrieval.models import Answer, Filters
from retrieval.settings import Settings
from retrieval.verify import supported

QUESTIONS = [
    "ما أهداف المفاوضات؟",
    "متى انسحب ترامب من الاتفاق النووي؟",
    "ما موقف خامنئي من التفاوض؟",
    "لماذا تثق إيران بعمان؟",
    "ماذا قال بقائي؟",
    "كيف وصف درويش بور ترامب وخامنئي؟",
    "What does Iran want from the talks?",
    "هدف ایران از مذاکرات مسقط چیست؟",
]
NOWHERE = ["من فاز بكأس العالم للسيدات؟", "ما سعر الذهب في طوكيو؟", "Who invented the telephone?"]


def check_citations(engine: Engine, answer: Answer) -> None:
    cited = {citation.number: citation for citation in answer.citations}
    assert list(cited) == list(range(1, len(cited) + 1))
    for citation in cited.values():
        article = engine.article(citation.article_id, version=citation.article_version)
        assert article.text[citation.start : citation.end] == citation.quote
    for sentence in answer.sentences:
        assert sentence.citations
        quotes = [cited[number].quote for number in sentence.citations]
        assert supported(sentence.text, quotes)
        speaker = sentence.attribution and sentence.attribution.speaker
        if speaker:
            assert any(word in " ".join(quotes) for word in speaker.split())


@pytest.mark.parametrize("question", QUESTIONS)
def test_citations_are_exact_and_answers_repeat(engine: Engine, question: str) -> None:
    answer = engine.answer(question)
    assert answer.status != "abstained"
    check_citations(engine, answer)
    texts = [sentence.text for sentence in answer.sentences]
    assert len(set(texts)) == len(texts)
    assert [sentence.text for sentence in engine.answer(question).sentences] == texts
    assert all(f"[{number}]" in answer.text for sentence in answer.sentences for number in sentence.citations)


def test_a_speaker_whom_the_sentence_does_not_name_is_cited(engine: Engine) -> None:
    answer = engine.answer("ماذا قال درويش بور عن إسرائيل؟")
    headed = [s for s in answer.sentences if s.attribution and s.text.startswith(f"{s.attribution.speaker}: ")]
    assert headed
    assert all(len(sentence.citations) == 2 for sentence in headed)


def test_goals_put_the_denial_beside_the_report(engine: Engine) -> None:
    answer = engine.answer("ما أهداف المفاوضات؟")
    [denial] = [perspective for perspective in answer.perspectives if perspective.denies is not None]
    assert denial.stance == "denies"
    assert "بقائي" in (denial.speaker or "")
    denied = answer.perspectives[denial.denies or 0]
    assert "رويترز" in (denied.outlet or "", denied.speaker or "")
    assert len(answer.perspectives) >= 3


def test_narrow_questions_get_fewer_sentences(engine: Engine) -> None:
    assert len(engine.answer("متى انسحب ترامب من الاتفاق النووي؟").sentences) <= 4
    assert len(engine.answer("ما أهداف المفاوضات؟").sentences) > 4


@pytest.mark.parametrize("question", NOWHERE)
def test_abstention_offers_passages_and_no_sentences(engine: Engine, question: str) -> None:
    answer = engine.answer(question)
    assert answer.status == "abstained"
    assert not answer.sentences
    assert not answer.citations
    assert answer.confidence < engine.settings.abstain_below
    assert 1 <= len(answer.related) <= 3
    for related in answer.related:
        assert engine.article(related.article_id).text[related.start : related.end] == related.quote


def test_filters_limit_the_articles(engine: Engine) -> None:
    only = Filters(article_ids=("khamenei-on-negotiation",))
    answer = engine.answer("ما موقف خامنئي من التفاوض؟", filters=only)
    assert {citation.article_id for citation in answer.citations} == {"khamenei-on-negotiation"}
    nothing = engine.answer("ما موقف خامنئي من التفاوض؟", filters=Filters(article_ids=("absent",)))
    assert nothing.status == "abstained"
    assert not nothing.related


BASE = "متى انسحب ترامب من الاتفاق النووي في عام 2018؟"


@pytest.mark.parametrize(
    ("base", "written"),
    [
        pytest.param(BASE, "مَتَى انْسَحَبَ تْرامْب مِنَ الاتِّفاقِ النَّوَوِيِّ في عامِ 2018؟", id="tashkeel"),
        pytest.param(BASE, "متـــى انسحـــب ترامب من الاتفـــاق النووي في عام 2018؟", id="tatweel"),
        pytest.param(BASE, BASE.replace("2018", "٢٠١٨"), id="arabic-indic digits"),
        pytest.param(BASE, BASE.replace("2018", "۲۰۱۸"), id="persian digits"),
        pytest.param(BASE, "متى  انسحب ترامب،من الاتفاق النووي في عام 2018 ؟؟؟!!", id="keyboard noise"),
        pytest.param("ما أهداف إيران؟", "ما اهداف ايران؟", id="no hamzas"),
        pytest.param("متى بدأت المفاوضات في العاصمة العمانية؟", "متى بدأت المفاوضات في العاصمه العمانيه؟", id="ha"),
        pytest.param("كم موقفًا عبّر فيه خامنئي عن رأيه؟", "كم موقفا عبر فيه خامنئى عن رأيه؟", id="alef maqsura"),
    ],
)
def test_spelling_keeps_the_best_evidence(engine: Engine, base: str, written: str) -> None:
    assert engine.answer(written).evidence[0].sentence.text == engine.answer(base).evidence[0].sentence.text


def test_a_conversation_remembers(engine: Engine) -> None:
    first = engine.answer("ماذا تريد إيران من المفاوضات؟")
    second = engine.answer("وماذا عن قطر؟", conversation_id=first.conversation_id)
    third = engine.answer("وماذا عن الولايات المتحدة؟", conversation_id=first.conversation_id)
    assert second.standalone_question == "ماذا تريد قطر من المفاوضات؟"
    assert third.standalone_question == "ماذا تريد الولايات المتحدة من المفاوضات؟"
    assert first.conversation_id
    turns = engine.conversation(first.conversation_id).turns
    assert [turn.question for turn in turns] == [first.question, "وماذا عن قطر؟", "وماذا عن الولايات المتحدة؟"]


def test_a_conversation_that_the_asker_keeps_is_understood_alike_and_not_stored(engine: Engine) -> None:
    questions = ["ماذا قال بقائي عن المفاوضات؟", "وماذا عن عزيزي؟", "وماذا قال عن التقرير؟"]
    stored = None
    for number, question in enumerate(questions):
        stored = engine.answer(question, conversation_id=stored.conversation_id if stored else None)
        kept = engine.answer(question, before=["؟", *questions[:number]])
        assert kept.standalone_question == stored.standalone_question
        assert kept.text == stored.text
        assert kept.conversation_id is None
    assert stored is not None
    assert stored.standalone_question != questions[-1]
    too_long = "س" * (engine.settings.question_characters + 1)
    assert engine.answer(questions[0], before=[too_long]).text == engine.answer(questions[0], before=[]).text


def test_a_change_of_topic_forgets(engine: Engine) -> None:
    first = engine.answer("ما أهداف المفاوضات؟")
    other = engine.answer("من هو بيل بيرنز؟", conversation_id=first.conversation_id)
    assert other.standalone_question == "من هو بيل بيرنز؟"


def test_an_edited_question_takes_the_place_of_its_turn_and_of_those_after_it(engine: Engine) -> None:
    first = engine.answer("ما دور سلطنة عمان في المحادثات؟")
    conversation = first.conversation_id
    assert conversation
    second = engine.answer("وماذا عن قطر؟", conversation_id=conversation)
    engine.answer("وماذا عن الولايات المتحدة؟", conversation_id=conversation)
    edited = engine.answer("وماذا عن إيران؟", conversation_id=conversation, replaces=second.id)
    assert [turn.answer.id for turn in engine.conversation(conversation).turns] == [first.id, edited.id]
    assert "إيران" in edited.standalone_question
    with pytest.raises(UnknownAnswer):
        engine.answer("وماذا عن قطر؟", conversation_id=conversation, replaces=second.id)
    anew = engine.answer("ما أهداف المفاوضات؟", conversation_id=conversation, replaces=first.id)
    kept = engine.conversation(conversation)
    assert [turn.answer.id for turn in kept.turns] == [anew.id]
    assert kept.title == "ما أهداف المفاوضات؟"


def test_an_unknown_conversation_or_article_is_an_error(engine: Engine) -> None:
    with pytest.raises(UnknownConversation):
        engine.answer("ما أهداف المفاوضات؟", conversation_id="absent")
    with pytest.raises(UnknownConversation):
        engine.conversation("absent")
    with pytest.raises(UnknownArticle):
        engine.article("absent")


@pytest.mark.parametrize("question", ["", "   ", "؟؟!!..", "\u200f", "\ud800", "،،"])
def test_an_empty_question_is_an_error(engine: Engine, question: str) -> None:
    with pytest.raises(EmptyQuestion):
        engine.answer(question)
    with pytest.raises(EmptyQuestion):
        engine.search(question)


def test_a_long_question_is_an_error(engine: Engine) -> None:
    limit = engine.settings.question_characters
    with pytest.raises(QuestionTooLong):
        engine.answer("س" * (limit + 1))
    assert engine.answer("ما أهداف المفاوضات؟".ljust(limit, "؟")).status


@pytest.mark.parametrize("noise", ["\ud800", "\x00", "\U0001f54a", "\u202e", "'; DROP TABLE articles; --", "(* AND OR"])
def test_stray_characters_do_no_harm(engine: Engine, noise: str) -> None:
    answer = engine.answer(f"متى انسحب ترامب من الاتفاق النووي؟ {noise}")
    assert Answer.model_validate_json(answer.model_dump_json()) == answer
    assert answer.conversation_id
    assert engine.conversation(answer.conversation_id).turns[0].answer == answer
    engine.search(f"ترامب {noise}")


def test_an_empty_index_cannot_answer(tmp_path, embedder) -> None:
    empty = Engine(Settings(index=tmp_path / "none"), embedder=embedder)
    with pytest.raises(EmptyIndex):
        empty.answer("ما الأخبار؟")
    with pytest.raises(EmptyIndex):
        empty.ready()
    empty.close()


def test_examples_are_answered(engine: Engine) -> None:
    questions = engine.examples(language="ar", limit=4)
    assert len(questions) == len(set(questions)) == 4
    assert sum(engine.answer(question).status != "abstained" for question in questions) >= 3


def test_the_real_articles_are_cited_exactly(tmp_path, embedder, shared_file) -> None:
    from ingest.pipeline import ingest

    settings = Settings(index=tmp_path / "index")
    assert not ingest([shared_file], settings, embedder=embedder).failed
    real = Engine(settings, embedder=embedder)
    answer = real.answer("ما أهداف المفاوضات؟")
    assert answer.sentences
    check_citations(real, answer)
    real.close()


@pytest.mark.parametrize(
    ("message", "note", "language"),
    [
        ("السلام عليكم", "small_talk:greeting", "ar"),
        ("Thank you!", "small_talk:thanks", "en"),
        ("تو کی هستی؟", "small_talk:identity", "fa"),
        ("اكتب لي قصيدة عن مسقط", "out_of_scope:writing", "ar"),
    ],
)
def test_small_talk_is_replied_to_without_an_answer(engine: Engine, message: str, note: str, language: str) -> None:
    events = list(engine.stream(message))
    assert [type(event).__name__ for event in events] == ["Started", "Answer"]
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert (answer.status, answer.notes, answer.language) == ("abstained", (note,), language)
    assert [answer.sentences, answer.citations, answer.related, answer.evidence] == [()] * 4
    assert answer.text
    assert answer.question == message
    assert answer.confidence == 0.0


def test_a_greeting_before_a_question_changes_nothing(engine: Engine) -> None:
    plain = engine.answer("ما دور عمان؟")
    greeted = engine.answer("مرحبا، ما دور عمان؟ شكرًا")
    assert (greeted.question, greeted.standalone_question) == ("مرحبا، ما دور عمان؟ شكرًا", "ما دور عمان؟")
    assert greeted.text == plain.text
    assert greeted.status == "answered"


def test_small_talk_between_two_questions_keeps_the_topic(engine: Engine) -> None:
    first = engine.answer("من هو مهرداد درويش بور؟")
    engine.answer("شكرا", conversation_id=first.conversation_id)
    third = engine.answer("وماذا قال عن ترامب؟", conversation_id=first.conversation_id)
    assert "درويش بور" in third.standalone_question


@pytest.mark.parametrize(
    ("typed", "meant"), [("lh hghjthr hgk,,d", "ما الاتفاق النووي"), ("المفاوظات النووية", "المفاوضات النووية")]
)
def test_a_search_is_read_as_a_question_is(engine: Engine, typed: str, meant: str) -> None:
    found = [hit.passage.id for hit in engine.search(typed)]
    assert found
    assert found == [hit.passage.id for hit in engine.search(meant)]
