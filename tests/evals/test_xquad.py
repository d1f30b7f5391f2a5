"""Retrieval on a part of XQuAD, as a guard against getting worse: the whole of it takes minutes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from evals.cli import benchmark

SHARED = Path(__file__).parents[3] / "shared" / "benchmarks"


@pytest.fixture
def part(tmp_path: Path) -> Path:
    """The first six articles (thirty paragraphs) of XQuAD-ar."""
    path = SHARED / "xquad.ar.json"
    if not path.exists():
        pytest.skip(f"XQuAD is not on this machine: {path}")
    data = json.loads(path.read_text("utf-8"))
    part = tmp_path / "part.json"
    part.write_text(json.dumps({"data": data["data"][:6]}), "utf-8")
    return part


@pytest.mark.long
@pytest.mark.shared
def test_hybrid_search_finds_the_paragraph_and_beats_dense_search(part: Path) -> None:
    run = CliRunner().invoke(benchmark, [str(part), "--limit", "60", "--baseline"])
    assert run.exit_code == 0, run.stderr
    figures = json.loads(run.stdout)
    assert figures["hybrid"]["recall@1"] >= 0.95
    assert figures["hybrid"]["recall@5"] >= 0.985
    assert figures["hybrid"]["mrr@10"] > figures["dense"]["mrr@10"]
    assert figures["answer_hit@3"] >= 0.85
    assert figures["abstained"] <= 0.15
