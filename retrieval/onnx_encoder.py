"""The layers of a BERT model in int8 on ONNX Runtime, inside the sentence-transformers model they came from.

Sentence-transformers' own ONNX backend is not used: it takes the whole model, of which the token table is 82 % and only
looked up (384 MB in float32, where the file mapped here is float16), and its exporter needs an older ``transformers``.
``python -m retrieval.onnx_encoder MODEL FOLDER`` is :func:`write_encoder`.
"""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
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

logger = logging.getLogger(__name__)

FILE = "encoder-int8-1.onnx"  # Raise the number when what is written changes.

_OPSET = 17
_LENGTH = 16  # tokens of the example that is exported; the file takes any number


def write_encoder(model: Path, folder: Path) -> None:
    """Write the layers of the BERT model in a sentence-transformers folder to ``FILE`` in another, float32 beside it.

    Weights are int8 with a scale for each output, activations int8 in the range that each text's have (dynamic
    quantisation). The second matrix of each feed-forward block stays float32: what enters it has outliers, and
    quantising it too costs two thirds of the fidelity for a fifth of the time.

    Raises:
        OSError: the model cannot be read or the folder not written.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    exact = folder / "float32.onnx"
    encoder = _encoder(model)
    torch.onnx.export(
        _Layers(encoder).eval(),
        (torch.zeros(1, _LENGTH, encoder.config.hidden_size),),
        str(exact),
        dynamo=False,
        opset_version=_OPSET,
        input_names=["tokens"],
        output_names=["encoded"],
        dynamic_axes={"tokens": {1: "length"}, "encoded": {1: "length"}},
    )
    products = [node.name for node in onnx.load(exact).graph.node if node.op_type == "MatMul"]
    quantize_dynamic(
        exact,
        folder / FILE,
        per_channel=True,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=[name for name in products if re.search(r"layer\.\d+/output/dense", name)],
    )


def int8_encoder(model: Path, threads: int) -> OnnxEncoder:
    """The encoder of the BERT model in a sentence-transformers folder, whose file is made there if absent or damaged.

    Any number of processes may call this at once: one makes the file, the others wait for it.

    Raises:
        OSError: the folder cannot be read or written.
        RuntimeError: the file could not be made; the message is the last line of what the exporter printed.
    """
    file = model / FILE
    if found := _opened(file, threads):
        return found
    with alone_making(file) as partial:
        # Another process may have made it while this one waited for the lock.
        if found := _opened(file, threads):
            return found
        logger.info("Writing %s (once)", file)
        # A process of its own: its memory, more than all of a server's, is given back.
        command = [sys.executable, "-m", __name__, str(model), str(partial)]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        if done.returncode:
            raise RuntimeError((done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1])
        (partial / FILE).replace(file)
        return OnnxEncoder(file, threads)


def _opened(file: Path, threads: int) -> OnnxEncoder | None:
    try:
        return OnnxEncoder(file, threads)
    except (NoSuchFile, InvalidProtobuf, InvalidGraph, Fail):
        return None


def _encoder(model: Path) -> BertEncoder:
    config = BertConfig.from_pretrained(model, attn_implementation="eager")
    encoder = BertEncoder(config)
    with safe_open(model / "model.safetensors", framework="pt") as weights:
        encoder.load_state_dict({name: weights.get_tensor(f"encoder.{name}") for name in encoder.state_dict()})
    return encoder


class _Layers(nn.Module):
    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.encoder(tokens).last_hidden_state


class OnnxEncoder(nn.Module):
    """Takes the place of ``BertModel.encoder``.

    Each text is encoded by itself, without its padding, on one thread of a pool: its vectors do not depend on what it
    shares a batch with, as the range of a batch's activations would make them, and no thread waits for another.

    Args:
        file: What :func:`write_encoder` wrote.
        threads: Texts encoded at a time.
    """

    def __init__(self, file: Path, threads: int) -> None:
        super().__init__()
        options = SessionOptions()
        options.intra_op_num_threads = 1
        # Texts differ in length, and the arena keeps the most that any of them needed.
        options.enable_cpu_mem_arena = False
        self._session = InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="sanad-embedding")

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
        # A question by itself needs no other thread.
        for number, found in enumerate(map(self._encode, rows) if texts == 1 else self._pool.map(self._encode, rows)):
            encoded[number, : len(found)] = torch.from_numpy(found)
        return BaseModelOutputWithPastAndCrossAttentions(last_hidden_state=encoded)

    def _encode(self, tokens: np.ndarray) -> np.ndarray:
        return self._session.run(None, {"tokens": tokens[None]})[0][0]


if __name__ == "__main__":
    write_encoder(Path(sys.argv[1]), Path(sys.argv[2]))
