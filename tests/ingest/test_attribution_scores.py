"""The grammar against the sentences annotated by hand, and the measure itself."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from evals.attribution import annotated_files, cases, halves, held_out, intervals, main, measure, same, score

FLOORS = {"attributed": 0.97, "speaker": 0.94, "outlet": 0.9, "role": 0.94, "verb": 0.95, "direct_quote": 0.93}
FLOORS |= {"stance": 0.95, "denies": 0.85}
HELD_OUT_FLOORS = {"attributed": 0.94, "speaker": 0.9, "verb": 0.94, "direct_quote": 0.93, "stance": 0.94}


@pytest.mark.parametrize("half", [0, 1])
def test_scores_do_not_fall(half: int) -> None:
    paths = [path for path in annotated_files() if not held_out(path)]
    names = halves(paths)[half]
    table = measure([case for path in paths for case in cases(path, names)])
    assert {field: values["f1"] for field, values in table.items() if values["f1"] < FLOORS[field]} == {}


def test_scores_on_held_out_articles_do_not_fall() -> None:
    table = measure([case for path in annotated_files() if held_out(path) for case in cases(path)])
    assert {field: table[field]["f1"] for field, floor in HELD_OUT_FLOORS.items() if table[field]["f1"] < floor} == {}


@pytest.mark.parametrize(
    ("gold", "found", "expected"),
    [
        ("صحيفة «الفجر»", "الفجر", True),
        ("أحمد الأسمر", "احمد أسمر", True),
        ("كريم زيدان", "زيدان", True),
        ("كريم زيدان", "كريم زيدانوف", False),
        ("كريم زيدان", None, False),
        (None, None, True),
        (False, None, True),
        (True, None, False),
    ],
)
def test_names_match_normalised_and_as_whole_words(gold: object, found: object, expected: bool) -> None:
    assert same(gold, found) is expected


@pytest.fixture
def annotated(tmp_path: Path) -> Path:
    (tmp_path / "articles").mkdir()
    text = "---\nid: x\nsource: null\n---\n\nقال كريم زيدان إن السد امتلأ. وهطلت الأمطار."
    (tmp_path / "articles" / "x.md").write_text(text, encoding="utf-8")
    rows = [
        {"sentence": "قال كريم زيدان إن السد امتلأ.", "speaker": "سالم زيدان", "verb": "قال", "stance": "asserts"},
        {"sentence": "وهطلت الأمطار."},
    ]
    path = tmp_path / "x-attributions.jsonl"
    path.write_text("\n".join(json.dumps({"article": "x"} | row) for row in rows), encoding="utf-8")
    return path


def test_a_wrong_speaker_costs_precision_and_recall(annotated: Path) -> None:
    result = score(annotated)
    assert result["sentences"] == 2
    assert result["fields"]["speaker"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 1}
    assert result["fields"]["verb"]["f1"] == 1.0
    assert [case.failing() for case in result["failing"]] == [["speaker"]]


def test_the_command_lists_what_fails(annotated: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(annotated)]) == 0
    printed = capsys.readouterr().out
    assert "2 sentences, 1 with a difference" in printed
    assert "speaker: wanted 'سالم زيدان', found 'كريم زيدان'" in printed


def test_failures_of_held_out_files_are_listed_only_when_asked(
    annotated: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hidden = annotated.rename(annotated.with_name("x-test-attributions.jsonl"))
    assert main([str(hidden)]) == 0
    printed = capsys.readouterr().out
    assert "held out: x-test-attributions.jsonl" in printed
    assert "speaker: wanted" not in printed
    assert main([str(hidden), "--failing"]) == 0
    assert "speaker: wanted" in capsys.readouterr().out


def test_articles_may_lie_in_a_folder_of_prose(annotated: Path) -> None:
    (annotated.parent / "articles").rename(annotated.parent / "prose")
    assert score(annotated)["sentences"] == 2


def test_intervals_hold_the_score_and_widen_with_the_articles_disagreeing(annotated: Path) -> None:
    found = list(cases(annotated))
    assert intervals(found)["speaker"] == (0.0, 0.0)
    right = [replace(case, article="y", gold=case.found) for case in found]
    low, high = intervals([*found, *right])["speaker"]
    assert low == 0.0
    assert high == 1.0


def test_bad_usage_and_foreign_sentences_are_refused(annotated: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["absent.jsonl"]) == 2
    assert main([str(annotated), "--half", "both"]) == 2
    assert "usage" in capsys.readouterr().err
    annotated.write_text(json.dumps({"article": "x", "sentence": "ليست فيه."}), encoding="utf-8")
    with pytest.raises(ValueError, match=r"x-attributions\.jsonl:1"):
        score(annotated)
