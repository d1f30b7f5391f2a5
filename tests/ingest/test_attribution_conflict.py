"""Reports and their denials across articles: attributed, found together, and shown as perspectives."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ingest.attribution import attribute
from ingest.pipeline import ingest
from retrieval.embedding import Embedder
from retrieval.engine import Engine
from retrieval.extractive import perspectives
from retrieval.models import AnswerSentence, Attribution
from retrieval.segmentation import sentence_spans
from retrieval.settings import Settings

REPORT = """كشفت وكالة «السارية» عن خطة لإغلاق مصنع الورق في بلدة الحور قبل نهاية العام.

ونقلت الوكالة عن مصدر في النقابة أن إغلاق مصنع الورق سيطال 300 عامل."""
DENIAL = """زار وزير الصناعة نبيل عازار بلدة الحور صباح الأحد.

ونفى عازار ما نشرته وكالة «السارية» عن إغلاق مصنع الورق، مؤكدًا أن المصنع باق."""
VIEWS = """اعتبرت النائبة دلال شقير أن إغلاق مصنع الورق خطأ كبير.

وحذرت غرفة التجارة من إغلاق مصنع الورق لأن البلدة تعيش منه."""


@pytest.fixture(scope="module")
def mill(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("mill")
    for name, text in (("report", REPORT), ("denial", DENIAL), ("views", VIEWS)):
        (folder / f"{name}.md").write_text(text, "utf-8")
    settings = Settings(index=folder / "index", abstain_below=0.0)
    ingest([folder / f"{name}.md" for name in ("report", "denial", "views")], settings, embedder=embedder)
    engine = Engine(settings, embedder=embedder)
    yield engine
    engine.close()


def test_a_denial_names_the_outlet_of_another_article() -> None:
    found = attribute(DENIAL, sentence_spans(DENIAL))
    assert found[1] is not None
    assert (found[1].speaker, found[1].stance, found[1].denies) == ("نبيل عازار", "denies", "السارية")


def test_the_denial_stands_beside_the_report_of_another_article(mill: Engine) -> None:
    answer = mill.answer("ماذا قيل عن إغلاق مصنع الورق؟")
    [denial] = [one for one in answer.perspectives if one.denies is not None]
    assert (denial.speaker, denial.stance) == ("نبيل عازار", "denies")
    denied = answer.perspectives[denial.denies or 0]
    assert denied.outlet == "السارية"
    cited = {c.article_id for i in (*denial.sentences, *denied.sentences) for c in answer.citations
             if c.number in answer.sentences[i].citations}  # fmt: skip
    assert len(cited) == 2


def test_each_voice_has_one_perspective_with_its_stance(mill: Engine) -> None:
    answer = mill.answer("ما موقف الأطراف من إغلاق مصنع الورق؟")
    stances = {one.speaker: one.stance for one in answer.perspectives if one.speaker}
    assert {"دلال شقير": "judges", "غرفة التجارة": "warns"}.items() <= stances.items()
    assert len(stances) == len([one for one in answer.perspectives if one.speaker])


def test_a_denial_of_nobody_shown_points_nowhere() -> None:
    said = AnswerSentence(
        text="…", citations=(1,), attribution=Attribution(speaker="نبيل عازار", stance="denies", denies="الرابية")
    )
    [one] = perspectives([said])
    assert (one.stance, one.denies) == ("denies", None)
