"""The reader: how near each sentence of a passage comes to answering a question, by trained late interaction.

Its layers are the embedding model's last ones in a second version. Low-rank changes of their matrices (LoRA, Hu et al.
2021) bring the tokens of a question near those of the sentence that answers it, read in its passage: «متى» near a
date, "who" near a name, beside what the words themselves mean, in three languages. The measure is ColBERT's maximum
similarity (Khattab and Zaharia 2020) with a learned weight for each token of the question. ``reader.npz`` holds the
changes; ``python -m evals.train_reader`` makes it from ``evals/reading``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files

import numpy as np

WEIGHTS_FILE = "reader.npz"
SHARED_LAYERS = 6  # of the embedding model, below the reader's own
DOWN, UP = ".down", ".up"  # the two factors of a matrix's change: down (rank, inputs), up (outputs, rank)


@dataclass(frozen=True)
class Adapter:
    """What turns the embedding model's last layers into the reader's.

    ``factors`` are by the name of the matrix in the model's encoder, with ``DOWN`` or ``UP``. A token's weight among
    those of its question is the softmax of its state · ``attention``.
    """

    factors: Mapping[str, np.ndarray]
    attention: np.ndarray
    revision: str

    @classmethod
    @cache
    def load(cls) -> Adapter:
        """The one that ships with the product."""
        with as_file(files("retrieval").joinpath(WEIGHTS_FILE)) as path:
            revision = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
            with np.load(path) as stored:
                arrays = {name: stored[name].astype(np.float32) for name in stored.files}
        return cls(
            {name: array for name, array in arrays.items() if name != "attention"}, arrays["attention"], revision
        )

    def changes(self) -> dict[str, np.ndarray]:
        """The change of each adapted matrix, (outputs, inputs), by its name in the model's encoder."""
        names = [name.removesuffix(DOWN) for name in self.factors if name.endswith(DOWN)]
        return {name: self.factors[name + UP] @ self.factors[name + DOWN] for name in names}


@dataclass(frozen=True)
class Tokens:
    """A text's tokens in context, special ones and those of a prompt left out: ``spans`` (tokens, 2) character offsets
    into it, and ``vectors`` (tokens, dimension) unit float16.
    """

    spans: np.ndarray
    vectors: np.ndarray


@dataclass(frozen=True)
class QuestionReading:
    """A question as the reader reads it: its own ``tokens``, and ``vectors`` (all tokens, dimension) unit float32 of
    these and of the special and prompt tokens, with how much each weighs, ``weights`` (all tokens,), 1 together.
    """

    tokens: Tokens
    vectors: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, tokens: Tokens, states: np.ndarray) -> QuestionReading:
        """Weigh the states, (all tokens, dimension), that the reader's layers give a question."""
        weighed = states @ Adapter.load().attention
        weights = np.exp(weighed - weighed.max())
        return cls(tokens, unit(states), weights / weights.sum())

    def near(self, vectors: np.ndarray) -> np.ndarray:
        """Cosines of all its tokens with the (tokens, dimension) unit vectors of a passage: (all tokens, tokens)."""
        return self.vectors @ vectors.astype(np.float32).T

    def answered(self, near: np.ndarray) -> float:
        """How near tokens of a passage come to answering, in [-1, 1], given their columns of :meth:`near`."""
        return float(self.weights @ near.max(axis=1)) if near.shape[1] else 0.0


def unit(vectors: np.ndarray) -> np.ndarray:
    """Rows of length 1."""
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
