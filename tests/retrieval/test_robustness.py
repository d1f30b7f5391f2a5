"""A question that is spelt or typed otherwise keeps its evidence, in the real engine over the shipped articles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from evals import metamorphic
from retrieval.embedding import Embedder
from retrieval.engine import Engine
from retrieval.settings import Settings
from tests.postgresql import copy_index

QUESTIONS = (
    "ما دور سلطنة عمان في المحادثات؟",
    "من نفى تقرير رويترز؟",
    "متى عقدت الجولة الأولى من المفاوضات؟",
    "لماذا اختيرت مسقط مكانا للمفاوضات؟",
    "ماذا قال بقائي عن رفع العقوبات؟",
    "كم موقفا أعلنه خامنئي من التفاوض خلال 36 عاما؟",
)
# What changes no word for the analyser, nor much for the model, must not change the evidence either.
HARMLESS = ("tashkeel", "tatweel", "without hamzas", "final letters", "eastern digits", "decomposed")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, corpus_index: Path, embedder: Embedder) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("metamorphic") / "index"
    copy_index(corpus_index, folder)
    with closing(Engine(Settings(index=folder), embedder=embedder)) as opened:
        yield opened


@pytest.fixture(scope="module")
def kept(engine: Engine) -> dict[str, metamorphic.Kept]:
    return metamorphic.measure(engine.answer, QUESTIONS)


@pytest.mark.parametrize("name", [*HARMLESS, "latin keys"])
def test_spelling_and_layout_keep_the_evidence(kept: dict[str, metamorphic.Kept], name: str) -> None:
    assert kept[name].asked
    assert kept[name].share == 1.0, kept[name].lost


@pytest.mark.parametrize("name", ["typo", "dropped letter", "egyptian", "levantine", "gulf", "stray latin"])
def test_slips_and_dialects_mostly_keep_the_evidence(kept: dict[str, metamorphic.Kept], name: str) -> None:
    assert kept[name].asked >= 3
    assert kept[name].share is not None
    assert kept[name].share >= 0.5, kept[name].lost
