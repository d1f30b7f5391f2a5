"""The default model's layers in int8: nearly the vectors of float32, and files that are made where they are wanted."""

import logging
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import pytest
from pydantic import ValidationError

from retrieval import onnx_encoder
from retrieval.e5_weights import restored
from retrieval.embedding import Embedder
from retrieval.errors import ModelUnavailable
from retrieval.onnx_encoder import layer_files
from retrieval.onnx_encoder import onnx_encoder as opened
from retrieval.reader import Adapter
from retrieval.settings import Settings

TEXTS = [
    "أعلنت وزارة النقل افتتاح خط القطار الجديد بين المدينتين في الثالث من أيار.",
    "The council approved a budget of 12 million for the harbour library.",
    "ارتفعت أسعار القمح.",
]


@pytest.fixture(scope="module")
def embedders() -> tuple[Embedder, Embedder]:
    return Embedder(precision="float32"), Embedder(precision="int8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The restored model without its layers' files; the large files are those of the cache."""
    model = restored().folder
    for path in model.iterdir():
        if path.is_file() and not path.name.startswith(".") and path.suffix != ".onnx":
            (tmp_path / path.name).symlink_to(path)
    return tmp_path


def test_vectors_are_nearly_those_of_single_precision(embedders: tuple[Embedder, Embedder]) -> None:
    exact, fast = (embedder.passages(TEXTS) for embedder in embedders)
    assert fast.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(fast, axis=1), 1, atol=1e-5)
    assert (exact * fast).sum(axis=1).min() > 0.995
    assert not np.array_equal(exact, fast)  # It did compute in something else.


def test_what_is_read_too(embedders: tuple[Embedder, Embedder]) -> None:
    exact, fast = (embedder.read(TEXTS) for embedder in embedders)
    for one, other in zip(exact, fast, strict=True):
        assert np.array_equal(one.spans, other.spans)
        cosines = (one.vectors.astype(np.float32) * other.vectors.astype(np.float32)).sum(axis=1)
        assert cosines.mean() > 0.98
        assert not np.array_equal(one.vectors, other.vectors)


def test_the_words_of_questions_and_of_what_is_verified_too(embedders: tuple[Embedder, Embedder]) -> None:
    exact, fast = ([embedder.query_tokens(text) for text in TEXTS] for embedder in embedders)
    for one, other in zip(exact, fast, strict=True):
        assert np.array_equal(one.spans, other.spans)
        assert (one.vectors.astype(np.float32) * other.vectors.astype(np.float32)).sum(axis=1).mean() > 0.99
        assert not np.array_equal(one.vectors, other.vectors)


def test_a_text_has_the_same_vectors_in_every_company(embedders: tuple[Embedder, Embedder]) -> None:
    fast = embedders[1]
    together = fast.passages([*TEXTS, "كلمة " * 600])[: len(TEXTS)]
    np.testing.assert_array_equal(together, np.concatenate([fast.passages([text]) for text in TEXTS]))
    for text, found in zip(TEXTS, fast.read(TEXTS), strict=True):
        np.testing.assert_array_equal(found.vectors, fast.read([text])[0].vectors)


@pytest.mark.parametrize("place", [0, 1])
def test_a_question_has_one_vector_however_it_is_asked_for(embedders: tuple[Embedder, Embedder], place: int) -> None:
    embedder = embedders[place]
    for text, vector in zip(TEXTS, embedder.queries(TEXTS), strict=True):
        np.testing.assert_allclose(embedder.question(text).embedding, vector, atol=1e-5)
        np.testing.assert_allclose(embedder.query_tokens(text).pooled, vector, atol=1e-5)


def test_both_precisions_are_one_model(embedders: tuple[Embedder, Embedder]) -> None:
    exact, fast = embedders
    assert exact.revision == fast.revision


@pytest.mark.long
def test_the_files_are_made_once_and_again_where_one_is_damaged(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, onnx_encoder.logger.name)
    with ThreadPoolExecutor(2) as pool:
        encoders = list(pool.map(lambda _: opened(folder, "int8", 1), range(2)))
    assert len(encoders) == len([text for text in caplog.messages if "Writing" in text]) + 1 == 2
    files = layer_files(folder, "int8")
    made = [file.read_bytes() for file in files]
    files[1].write_bytes(made[1][:100_000])
    opened(folder, "int8", 1)
    assert [file.read_bytes() for file in files] == made
    assert not [path for path in folder.iterdir() if path.is_dir()]  # nothing half-made is left


def test_a_model_that_cannot_be_exported_is_said_to_be_so(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(RuntimeError, match="SafetensorError"):
        opened(folder, "int8", 1)
    assert not any(file.exists() for file in layer_files(folder, "int8"))


def test_another_reader_has_a_file_of_its_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = layer_files(folder, "int8")
    monkeypatch.setattr(Adapter, "load", lambda: Adapter({}, np.zeros(384), "another"))
    after = layer_files(folder, "int8")
    assert before[:2] == after[:2]
    assert before[2] != after[2]


def test_the_embedder_says_that_its_model_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = subprocess.CompletedProcess([], 1, "", "Traceback\nMemoryError: 85 MB\n")
    monkeypatch.setattr(onnx_encoder, "_opened", lambda *_: None)
    monkeypatch.setattr(onnx_encoder.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(ModelUnavailable, match="MemoryError: 85 MB"):
        Embedder().query("سؤال")


def test_an_exporter_that_is_killed_says_at_least_that(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_encoder.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], -9, "", ""))
    with pytest.raises(RuntimeError, match="exit code -9"):
        opened(folder, "int8", 1)


def test_a_folder_that_cannot_be_written_needs_only_the_finished_files(folder: Path) -> None:
    for file in layer_files(restored().folder, "int8"):
        shutil.copy(file, folder / file.name)
    folder.chmod(0o500)
    try:
        assert opened(folder, "int8", 1) is not None
        assert not list(folder.glob("*.lock"))
    finally:
        folder.chmod(0o700)


def test_it_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANAD_EMBEDDING_PRECISION", "float32")
    assert Settings().embedding_precision == "float32"
    monkeypatch.setenv("SANAD_EMBEDDING_PRECISION", "int3")
    with pytest.raises(ValidationError, match="embedding_precision"):
        Settings()


def test_weights_as_uint8_are_the_same_numbers(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each kind says of itself what it stands for; only how this processor multiplies them can differ."""
    weights = []
    for unsigned in (False, True):
        monkeypatch.setattr(onnx_encoder, "saturates", lambda unsigned=unsigned: unsigned)
        written = tmp_path / str(unsigned)
        written.mkdir()
        onnx_encoder.write_layers(folder, written, "int8")
        graph = onnx.load(written / layer_files(folder, "int8")[0].name).graph
        stored = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
        products = [node for node in graph.node if node.op_type == "MatMulInteger"]
        assert {stored[node.input[1]].dtype for node in products} == {np.dtype(np.uint8 if unsigned else np.int8)}
        weights.append(
            [stored[node.input[1]].astype(int) - stored[node.input[3]].astype(int).reshape(1, -1) for node in products]
        )
    assert weights[0]
    for signed, unsigned in zip(*weights, strict=True):
        np.testing.assert_array_equal(signed, unsigned)


def test_a_cache_of_another_processor_is_not_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_encoder, "saturates", lambda: False)
    signed = layer_files(folder, "int8")
    monkeypatch.setattr(onnx_encoder, "saturates", lambda: True)
    assert not set(signed) & set(layer_files(folder, "int8"))
    assert {path.name.split("-")[1] for path in layer_files(folder, "float32")} == {"float32"}


@pytest.mark.parametrize("text", TEXTS)
def test_products_do_not_saturate(embedders: tuple[Embedder, Embedder], text: str) -> None:
    """Where they do, int8 weights leave .9963 to .9967."""
    exact, fast = (embedder.query_tokens(text).vectors.astype(np.float32) for embedder in embedders)
    assert (exact * fast).sum(axis=1).mean() > 0.9975
