"""The pairs of the verification benchmark come out of their script, and its figures are counted right."""

from __future__ import annotations

from evals import verification_pairs
from evals.verification import Judged, metrics
from evals.verification_pairs import FAITHFUL, FALSE, Pair, other_date, other_number, pairs, turned
from retrieval.verify import Support


def test_the_committed_pairs_are_what_the_script_makes() -> None:
    assert verification_pairs.build() == pairs()


def test_there_are_enough_of_every_kind_and_no_article_is_in_both_parts() -> None:
    every = pairs()
    test = [pair for pair in every if pair.part == "test"]
    assert len(test) >= 400
    assert {pair.edit for pair in test} == {*FAITHFUL, *FALSE}
    assert not {pair.article for pair in test} & {pair.article for pair in every if pair.part == "fit"}


def test_edits_change_one_thing() -> None:
    assert other_number("ألغت الشركة 64 رحلة عام 2019.") != "ألغت الشركة 64 رحلة عام 2019."
    assert "2019" in (other_number("ألغت الشركة 64 رحلة عام 2019.") or "")
    assert other_number("لا رقم هنا") is None
    assert other_date("يعود يوم الخميس") not in (None, "يعود يوم الخميس")
    assert turned("ونفى الوزير الخبر.") == "وأكد الوزير الخبر."
    assert turned("The road will not open.") == "The road will open."


def test_metrics_count_what_is_shown() -> None:
    def judged(edit: str, score: float) -> Judged:
        return Judged(Pair("a", "test", edit, "ar", "s", ()), Support(score, (0,)))

    found = metrics(
        [judged("paraphrase", 0.9), judged("paraphrase", 0.3), judged("number", 0.6), judged("number", 0.1)]
    )
    assert found["precision"] == 0.5
    assert found["recall"] == found["accepted_paraphrase"] == found["refused_number"] == 0.5
    assert found["auroc"] == found["auroc_number"] == 0.75
