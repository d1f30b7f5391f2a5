"""bfloat16 halves the time of the default model's layers; its vectors must stay those of float32."""

import numpy as np
import pytest
from pydantic import ValidationError

from retrieval.embedding import Embedder
from retrieval.settings import Settings

TEXTS = [
    "أعلنت وزارة النقل افتتاح خط القطار الجديد بين المدينتين في الثالث من أيار.",
    "The council approved a budget of 12 million for the harbour library.",
    "ارتفعت أسعار القمح.",
]


@pytest.fixture(scope="module")
def embedders() -> tuple[Embedder, Embedder]:
    return Embedder(precision="float32"), Embedder(precision="bfloat16")


def test_vectors_are_those_of_single_precision(embedders: tuple[Embedder, Embedder]) -> None:
    exact, fast = (embedder.passages(TEXTS) for embedder in embedders)
    assert fast.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(fast, axis=1), 1, atol=1e-5)
    assert (exact * fast).sum(axis=1).min() > 0.999
    assert not np.array_equal(exact, fast)  # It did compute in something else.


def test_token_vectors_too(embedders: tuple[Embedder, Embedder]) -> None:
    exact, fast = (embedder.passage_tokens(TEXTS) for embedder in embedders)
    for one, other in zip(exact, fast, strict=True):
        assert np.array_equal(one.spans, other.spans)
        cosines = (one.vectors.astype(np.float32) * other.vectors.astype(np.float32)).sum(axis=1)
        assert cosines.mean() > 0.995
        assert np.linalg.norm(other.pooled) == pytest.approx(1, abs=1e-5)


def test_both_precisions_are_one_model(embedders: tuple[Embedder, Embedder]) -> None:
    exact, fast = embedders
    assert exact.revision == fast.revision


def test_it_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANAD_EMBEDDING_PRECISION", "float32")
    assert Settings().embedding_precision == "float32"
    monkeypatch.setenv("SANAD_EMBEDDING_PRECISION", "int3")
    with pytest.raises(ValidationError, match="embedding_precision"):
        Settings()
