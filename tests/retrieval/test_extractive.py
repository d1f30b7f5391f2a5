"""Choosing and composing: redundancy, limits, voices, denials, citation numbers; on articles made up here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from ingest.pipeline import ingest
from retrieval.embedding import Embedder
from retrieval.engine import Engine
from retrieval.evidence import Logistic, Words, coverage, heaviest_missing, names_voice, similar
from retrieval.extractive import asked_role, choose, role_alone
from retrieval.questions import read_question
from retrieval.settings import Settings

BRIDGE = """قال المهندس سامر العلي إن هدف المشروع هو ربط الضفتين بجسر جديد. وأضاف أن كلفة الجسر 40 مليون دينار.

ونقلت صحيفة «الشاطئ» عن مصدر في البلدية أن هدف المشروع هو رفع أسعار الأراضي. ونفت البلدية ما نقلته «الشاطئ».

وأعلنت النائبة ليلى حمدان أن هدف السكان هو تخفيف الزحام في المدينة القديمة."""
COPY = """قال المهندس سامر العلي إن هدف المشروع هو ربط الضفتين بجسر جديد. وبدأ العمل في يونيو 2019."""


@pytest.fixture(scope="module")
def bridge(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("bridge")
    (folder / "bridge.md").write_text(BRIDGE, "utf-8")
    (folder / "copy.md").write_text(COPY, "utf-8")
    settings = Settings(index=folder / "index", abstain_below=0.0)
    ingest([folder / "bridge.md", folder / "copy.md"], settings, embedder=embedder)
    engine = Engine(settings, embedder=embedder)
    yield engine
    engine.close()


def test_the_same_words_are_shown_once(bridge: Engine) -> None:
    answer = bridge.answer("ما هدف مشروع الجسر؟")
    assert sum("ربط الضفتين" in sentence.text for sentence in answer.sentences) == 1


def test_every_voice_is_heard(bridge: Engine) -> None:
    heard = {
        perspective.speaker or perspective.outlet for perspective in bridge.answer("ما هدف مشروع الجسر؟").perspectives
    }
    assert any("العلي" in (name or "") for name in heard)
    assert any("حمدان" in (name or "") for name in heard)


def test_a_speaker_named_elsewhere_heads_the_sentence(bridge: Engine) -> None:
    answer = bridge.answer("ماذا أضاف سامر العلي عن كلفة الجسر؟")
    [sentence] = [s for s in answer.sentences if "40 مليون" in s.text]
    assert sentence.text.partition(":")[0].endswith("سامر العلي")
    assert len(sentence.citations) == 2


def test_limits_and_order(bridge: Engine) -> None:
    asked = bridge.ask(read_question("متى بدأ العمل في الجسر؟"))
    ranked = bridge._selector.select(asked, bridge._search.candidates(asked.question.text, asked.vector, None))
    assert [item.score for item in ranked] == sorted((item.score for item in ranked), reverse=True)
    assert all(0 <= item.score <= 1 for item in ranked)
    assert "2019" in choose(asked.question, ranked, 6)[0].stored.sentence.text
    assert choose(asked.question, ranked, 1)[:1] == ranked[:1]
    assert choose(asked.question, [], 6) == []


def test_whose_role_is_asked_comes_first(engine_over: Callable[..., Engine]) -> None:
    text = "تؤدي دول أخرى مثل سورمان دور الوسيط في المحادثات. أما كاردينيا فتيسّر الحوار ولا تشارك في المحادثات."
    answer = engine_over(text).answer("ما دور كاردينيا في المحادثات؟", before=())
    assert len(answer.sentences) == 2
    assert answer.sentences[0].text.startswith("أما كاردينيا")


@pytest.mark.parametrize(
    "question",
    [
        "What is Qatar's role in the talks?",
        "What role does Qatar play in the talks?",
        "نقش قطر در مذاکرات چیست؟",
    ],
)
def test_whose_role_is_asked_comes_first_in_other_languages(engine_over: Callable[..., Engine], question: str) -> None:
    text = (
        "تحدث المهندس سامر العلي عن دوره في المحادثات وعن القطار. تؤدي دول أخرى مثل سورمان دور الوسيط في المحادثات. "
        "وعُقدت المحادثات في الدوحة. أما قطر فتيسّر الحوار ولا تشارك في المحادثات."
    )
    answer = engine_over(text, abstain_below=0.0).answer(question, before=())
    assert answer.sentences[0].text.startswith("أما قطر")


@pytest.mark.parametrize(
    ("question", "whose"),
    [
        ("ما دور سلطنة عُمان في المحادثات؟", "سلطنه عمان"),
        ("ما هو دور الوسيط العماني خلال الجولة؟", "الوسيط العماني"),
        ("ما الدور؟", ""),
        ("متى بدأت المحادثات؟", ""),
        ("What is Norway's role in the talks?", "norway"),
        ("What is the role of the Norwegian envoy in the talks?", "norwegian envoy"),
        ("What role did John Smith play?", "john smith"),
        ("What is the role?", ""),
        ("What is Norway role in the talks?", "norway"),
        ("نقش نروژ در مذاکرات چیست؟", "نروژ"),
        ("نروژ چه نقشی در مذاکرات دارد؟", "نروژ"),
        ("نقش چیست؟", ""),
    ],
)
def test_whose_role_a_question_asks_for(question: str, whose: str) -> None:
    assert asked_role(question) == whose


def test_a_role_is_also_asked_for_without_what_it_is_played_in() -> None:
    longer = read_question("What is Norway's role in the talks with Peru?")
    assert role_alone(longer) == "What is the role of norway?"
    assert role_alone(read_question("ما دور النرويج؟")) == ""
    assert role_alone(read_question("متى بدأت المحادثات؟")) == ""


def test_dates_meet_the_kind_of_question(bridge: Engine) -> None:
    scored = bridge.weigh(bridge.ask(read_question("متى بدأ العمل في الجسر؟")))
    by_text = {item.stored.sentence.text: item.features for item in scored}
    dated = next(features for text, features in by_text.items() if "2019" in text)
    undated = next(features for text, features in by_text.items() if "الزحام" in text)
    assert (dated["kind_met"], dated["kind_unmet"]) == (1.0, 0.0)
    assert (undated["kind_met"], undated["kind_unmet"]) == (0.0, 1.0)


def test_coverage_counts_words_met(bridge: Engine) -> None:
    terms = bridge.ask(read_question("كلفة الجسر بالدينار")).terms
    assert coverage(terms, Words.of("كلفة الجسر بالدينار")) == pytest.approx(1.0)
    assert heaviest_missing(terms, Words.of("كلفة الجسر بالدينار")) == pytest.approx(0.0)
    assert coverage(terms, Words.of("عصير برتقال")) < 0.2
    assert similar("جسر", Words.of("جسور")) == 0.0 or similar("جسر", Words.of("جسور")) >= 0.5


def test_a_named_voice_is_known_in_another_script(bridge: Engine) -> None:
    terms = bridge.ask(read_question("What did Layla Hamdan say?")).terms
    sentences = bridge.article("bridge").sentences
    [said] = [s for s in sentences if s.attribution and "حمدان" in (s.attribution.speaker or "")]
    assert names_voice(terms, said.attribution)
    assert not names_voice(terms, None)


def test_a_logistic_model_is_bounded() -> None:
    model = Logistic(0.0, {"a": 1000.0})
    assert model.probability({"a": 1.0, "b": 7.0}) == pytest.approx(1.0)
    assert model.probability({"a": 0.0}) == 0.5
    assert model.probability({"a": -1.0}) == pytest.approx(0.0)
