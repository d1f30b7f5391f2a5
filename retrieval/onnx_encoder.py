"""The layers of the default embedding model and of the reader on ONNX Runtime, in int8 or float32.

Three graphs: the layers below, which both share, and the last ones of each. Sentence-transformers' own ONNX backend is
not used: it takes the whole model, of which the token table is 82 % and only looked up (384 MB in float32, where the
file mapped here is float16), and its exporter needs an older ``transformers``.
``python -m retrieval.onnx_encoder MODEL FOLDER PRECISION`` is :func:`write_layers`.
"""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from onnxruntime import InferenceSession, SessionOptions
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidGraph, InvalidProtobuf, NoSuchFile
from safetensors import safe_open
from torch import nn
from transformers import BertConfig
from transformers.modeling_outputs import BaseModelOutputWithPastAndCrossAttentions
from transformers.models.bert.modeling_bert import BertEncoder

from retrieval.e5_weights import alone_making
from retrieval.reader import SHARED_LAYERS, Adapter
from retrieval.settings import Precision

logger = logging.getLogger(__name__)

PARTS = ("shared", "embedding", "reader")

_FORMAT = 1  # Raise it when what is written changes.
_OPSET = 17
_LENGTH = 16  # tokens of the example that is exported; the file takes any number


def layer_files(model: Path, precision: Precision) -> tuple[Path, ...]:
    """Where the files of ``PARTS`` are, in the folder of the model that they are made from."""
    stored = "uint8" if precision == "int8" and saturates() else precision
    made = {part: f"{_FORMAT}-{Adapter.load().revision}" if part == "reader" else str(_FORMAT) for part in PARTS}
    return tuple(model / f"{part}-{stored}-{version}.onnx" for part, version in made.items())


def write_layers(model: Path, folder: Path, precision: Precision) -> None:
    """Write the files of the BERT model in a sentence-transformers folder to another folder.

    In int8, weights have a scale for each output, and activations the range that each text's have (dynamic
    quantisation). The second matrix of each feed-forward block stays float32: what enters it has outliers, and
    quantising it too costs two thirds of the fidelity for a fifth of the time. Where int8 products saturate, weights
    are the same numbers as uint8, 128 higher with 128 for zero: a text's vectors are those of other processors.

    Raises:
        OSError: the model cannot be read or the folder not written.
    """
    encoder = _encoder(model)
    below, last = encoder.layer[:SHARED_LAYERS], encoder.layer[SHARED_LAYERS:]
    shared, embedding, reader = (folder / path.name for path in layer_files(model, precision))
    _write(below, encoder.config.hidden_size, shared, precision)
    _write(last, encoder.config.hidden_size, embedding, precision)
    weights = encoder.state_dict()
    for name, change in Adapter.load().changes().items():
        weights[f"{name}.weight"] += torch.from_numpy(change)
    _write(last, encoder.config.hidden_size, reader, precision)


def _write(layers: nn.ModuleList, dimension: int, file: Path, precision: Precision) -> None:
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    exact = file if precision == "float32" else file.with_suffix(".float32")
    torch.onnx.export(
        _Layers(layers).eval(),
        (torch.zeros(1, _LENGTH, dimension),),
        str(exact),
        dynamo=False,
        opset_version=_OPSET,
        input_names=["tokens"],
        output_names=["encoded"],
        dynamic_axes={"tokens": {1: "length"}, "encoded": {1: "length"}},
    )
    if precision == "float32":
        return
    products = [node.name for node in onnx.load(exact).graph.node if node.op_type == "MatMul"]
    quantize_dynamic(
        exact,
        file,
        per_channel=True,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=[name for name in products if re.search(r"layers\.\d+/output/dense", name)],
    )
    if saturates():
        quantised = onnx.load(file)
        for tensor in quantised.graph.initializer:
            if tensor.data_type == onnx.TensorProto.INT8:
                signed = onnx.numpy_helper.to_array(tensor).astype(np.int16)
                tensor.CopyFrom(onnx.numpy_helper.from_array((signed + 128).astype(np.uint8), tensor.name))
        onnx.save(quantised, file)


@cache
def saturates() -> bool:
    """Whether products of uint8 with int8 are wrong on this processor.

    Without VNNI, ONNX Runtime adds two of them in 16 bits on x86-64, which cuts off sums beyond 32767 (its
    documentation of quantisation, "When and why do I need to try U8U8?"); uint8 with uint8 is exact,
    and a little slower.
    """
    from onnx import TensorProto, helper, numpy_helper

    most = np.full((64, 16), 127, np.int8)
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["activations", "weights"], ["product"])],
        "most",
        [helper.make_tensor_value_info("activations", TensorProto.UINT8, ["length", 64])],
        [helper.make_tensor_value_info("product", TensorProto.INT32, ["length", 16])],
        [numpy_helper.from_array(most, "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=8)
    session = InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (product,) = session.run(None, {"activations": np.full((4, 64), 255, np.uint8)})
    return bool((product != 255 * 127 * 64).any())


def onnx_encoder(model: Path, precision: Precision, threads: int) -> OnnxEncoder:
    """The layers of the BERT model in a sentence-transformers folder, whose files are made there if absent or damaged.

    Any number of processes may call this at once: one makes the files, the others wait for it.

    Raises:
        OSError: the folder cannot be read or written.
        RuntimeError: the files could not be made; the message is the last line of what the exporter printed.
    """
    files = layer_files(model, precision)
    if found := _opened(files, threads):
        return found
    with alone_making(model / f"layers-{precision}") as partial:
        # Another process may have made them while this one waited for the lock.
        if found := _opened(files, threads):
            return found
        logger.info("Writing %s (once)", ", ".join(str(file) for file in files))
        # A process of its own: its memory, more than all of a server's, is given back.
        command = [sys.executable, "-m", __name__, str(model), str(partial), precision]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        if done.returncode:
            raise RuntimeError((done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1])
        for file in files:
            (partial / file.name).replace(file)
        return OnnxEncoder(files, threads)


def _opened(files: Sequence[Path], threads: int) -> OnnxEncoder | None:
    try:
        return OnnxEncoder(files, threads)
    except (NoSuchFile, InvalidProtobuf, InvalidGraph, Fail):
        return None


def _encoder(model: Path) -> BertEncoder:
    config = BertConfig.from_pretrained(model, attn_implementation="eager")
    encoder = BertEncoder(config)
    with safe_open(model / "model.safetensors", framework="pt") as weights:
        encoder.load_state_dict({name: weights.get_tensor(f"encoder.{name}") for name in encoder.state_dict()})
    return encoder


class _Layers(nn.Module):
    def __init__(self, layers: nn.ModuleList) -> None:
        super().__init__()
        self.layers = layers

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        for layer in self.layers:
            tokens = layer(tokens)
        return tokens


class OnnxEncoder(nn.Module):
    """Takes the place of ``BertModel.encoder``, and has the reader's layers beside it.

    Each text is encoded by itself, without its padding, on one thread of a pool: its vectors do not depend on what it
    shares a batch with, as the range of a batch's activations would make them, and no thread waits for another.

    Args:
        files: What :func:`write_layers` wrote, in the order of ``PARTS``.
        threads: Texts encoded at a time.
    """

    def __init__(self, files: Sequence[Path], threads: int) -> None:
        super().__init__()
        self._shared, self._embedding, self._reader = map(_session, files)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="sanad-embedding")

    def shared(self, tokens: np.ndarray) -> np.ndarray:
        """What the layers below make of a text's tokens, (length, dimension) float32 as all else here."""
        return _run(self._shared, tokens)

    def embedding(self, shared: np.ndarray) -> np.ndarray:
        """What the embedding model's last layers make of it."""
        return _run(self._embedding, shared)

    def reader(self, shared: np.ndarray) -> np.ndarray:
        """What the reader's layers make of it."""
        return _run(self._reader, shared)

    def each(self, encode: Callable[[np.ndarray], Any], texts: Sequence[np.ndarray]) -> list[Any]:
        """Apply a function to each text; a single one needs no other thread."""
        return list(map(encode, texts) if len(texts) == 1 else self._pool.map(encode, texts))

    def forward(
        self, hidden_states: torch.Tensor, attention_mask: torch.Tensor | None = None, **_: Any
    ) -> BaseModelOutputWithPastAndCrossAttentions:
        """Encode tokens (texts, length, dimension) float32; where the mask, (texts, 1, length, length) bool as for
        scaled dot-product attention, leaves out padding, zeros stand there.
        """
        texts, length, _dimension = hidden_states.shape
        lengths = [length] * texts if attention_mask is None else attention_mask[:, 0, 0].sum(dim=-1).tolist()
        rows = [row[:own].numpy() for row, own in zip(hidden_states, lengths, strict=True)]
        encoded = torch.zeros_like(hidden_states)
        for number, found in enumerate(self.each(lambda row: self.embedding(self.shared(row)), rows)):
            encoded[number, : len(found)] = torch.from_numpy(found)
        return BaseModelOutputWithPastAndCrossAttentions(last_hidden_state=encoded)


def _session(file: Path) -> InferenceSession:
    options = SessionOptions()
    options.intra_op_num_threads = 1
    # Texts differ in length, and the arena keeps the most that any of them needed.
    options.enable_cpu_mem_arena = False
    return InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def _run(session: InferenceSession, tokens: np.ndarray) -> np.ndarray:
    return session.run(None, {"tokens": tokens[None]})[0][0]


if __name__ == "__main__":
    write_layers(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])  # type: ignore[arg-type]
