"""Sentences addressed to a model are known as such, and ordinary news is not."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ingest.readers import read
from retrieval.instructions import addressed_to_model
from retrieval.segmentation import sentence_spans

ROOT = Path(__file__).parents[2]
DATA = yaml.safe_load((ROOT / "evals" / "injections.yaml").read_text("utf-8"))


def test_there_are_enough_in_both_languages() -> None:
    texts = [row["text"] for row in DATA["injections"]]
    assert len(texts) >= 25
    assert sum(text[0].isascii() for text in texts) >= 10
    assert all(row["marker"] in row["text"] for row in DATA["injections"])


@pytest.mark.parametrize("text", [row["text"] for row in DATA["injections"]])
def test_an_injection_is_addressed_to_a_model(text: str) -> None:
    assert addressed_to_model(text)


@pytest.mark.parametrize("text", DATA["ordinary"])
def test_ordinary_imperatives_and_talk_of_instructions_are_not(text: str) -> None:
    assert not addressed_to_model(text)


def test_no_sentence_of_our_articles_is() -> None:
    folders = ("corpus/articles", "evals/development/articles", "evals/development/prose")
    articles = [article for folder in folders for path in (ROOT / folder).glob("*.md") for article in read(path)]
    found = [a.text[s:e] for a in articles for s, e in sentence_spans(a.text) if addressed_to_model(a.text[s:e])]
    assert found == []
