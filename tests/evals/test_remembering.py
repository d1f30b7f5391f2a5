"""The embedder that encodes every text once."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np

from evals.remembering import RememberingEmbedder

HashingEmbedder: Any = runpy.run_path(str(Path(__file__).parents[1] / "hashing_embedder.py"))["HashingEmbedder"]
TEXTS = ["جسر الوادي", "سوق السمك", "جسر الوادي"]


def test_it_gives_what_the_other_gives_and_asks_it_once():
    inner, plain = HashingEmbedder(), HashingEmbedder()
    embedder = RememberingEmbedder(inner)
    done: list[int] = []
    np.testing.assert_array_equal(embedder.passages(TEXTS, done.append), plain.passages(TEXTS))
    embedder.passages(TEXTS[1:])
    assert inner.encoded == 2
    assert done == [3]
    np.testing.assert_array_equal(embedder.queries(TEXTS), plain.queries(TEXTS))
    np.testing.assert_array_equal(embedder.query(TEXTS[0]), plain.query(TEXTS[0]))
    for found, wanted in zip(embedder.read(TEXTS), plain.read(TEXTS), strict=True):
        np.testing.assert_array_equal(found.vectors, wanted.vectors)
    assert (embedder.name, embedder.revision, embedder.dimension) == (inner.name, inner.revision, inner.dimension)


def test_no_texts_have_no_vectors():
    embedder = RememberingEmbedder(HashingEmbedder(dimension=8))
    assert embedder.passages([]).shape == embedder.queries([]).shape == (0, 8)
    assert embedder.read([]) == []
