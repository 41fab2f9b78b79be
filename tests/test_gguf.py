"""GGUF: embedding and tokens of files written by the gguf package, and of hand-made files."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import Run
from embgeo import EmbgeoError, FormatError, ModelError, TermError, load
from fuzz_targets import gguf_text
from vector_files import read

PIECES = {
    "gpt2": ["Ġcat", "Ġdog", "cat", "Ã¼", "Ċ", "<|end|>", "Ġthe", "[PAD7]"],
    "llama": ["▁cat", "▁dog", "cat", "ü", "<0x0A>", "</s>", "▁the", "[PAD7]"],
    "bert": ["▁cat", "▁dog", "cat", "ü", "▁mouse", "[CLS]", "▁the", "[PAD7]"],
}
TYPES = {"gpt2": [1, 1, 1, 1, 1, 3, 1, 5], "llama": [1, 1, 1, 1, 6, 3, 1, 5], "bert": [1, 1, 1, 1, 1, 3, 1, 5]}
DIMS = 256


def rows(count: int = 8, dims: int = DIMS) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Random rows [count, dims]."""
    return np.random.default_rng(11).standard_normal((count, dims), np.float32)


def write(
    path: Path,
    matrix: Any,
    kind: str = "gpt2",
    raw: str | None = None,
    extra: Sequence[str] = (),
    architecture: str = "llama",
) -> Path:
    """Write a GGUF file with the gguf package; `raw` is the type of a matrix of quantized blocks."""
    gguf = pytest.importorskip("gguf", reason="the package gguf is not installed")
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_tokenizer_model(kind)
    writer.add_token_list(PIECES[kind])
    writer.add_token_types(TYPES[kind])
    writer.add_token_merges(["a b", "c d"])
    writer.add_tensor("output_norm.weight", np.ones(3, np.float32))
    writer.add_tensor("token_embd.weight", matrix, raw_dtype=raw and gguf.GGMLQuantizationType[raw])
    for name in extra:
        writer.add_tensor(name, np.ones((2, 2), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.mark.parametrize("kind", PIECES)
def test_tokens(kind: str, tmp_path: Path) -> None:
    """In every kind of vocabulary a word starts with a space, quoted text doesn't, and padding is not a token."""
    space = load(write(tmp_path / "file", rows(), kind))
    assert [token.id for word in ("cat", '"cat"', "the", '"ü"') for token in space.vector(word).term.tokens] == [
        0,
        2,
        6,
        3,
    ]
    table = space.vocabulary.table
    assert [table.texts[row] for row in (0, 2, 3)] == [b" cat", b"cat", "ü".encode()]
    assert space.info().tokens == 7
    assert [token.id for token in space.neighbors("cat", raw=True)].count(7) == 0


def test_byte_tokens(tmp_path: Path) -> None:
    """A byte token decodes to its byte, in both spellings."""
    for kind in ("gpt2", "llama"):
        assert load(write(tmp_path / kind, rows(), kind)).vocabulary.table.texts[4] == b"\n"


@pytest.mark.parametrize(("dtype", "name"), [("<f4", "F32"), ("<f2", "F16")])
def test_floats_are_mapped(dtype: str, name: str, tmp_path: Path) -> None:
    """float32 and float16 are mapped from the file."""
    path = write(tmp_path / "file", rows().astype(dtype))
    info = load(path).info()
    assert (info.path, info.dtype, info.tensor) == (str(path), name, "token_embd.weight")
    assert np.array_equal(load(path).matrix, rows().astype(dtype))


def test_bfloat16_is_mapped(tmp_path: Path) -> None:
    """NumPy lacks bfloat16, so its bits are mapped."""
    bits = (rows().view(np.uint32) >> 16).astype(np.uint16)
    path = write(tmp_path / "file", bits.view(np.uint8), raw="BF16")
    space = load(path)
    assert (space.info().path, space.info().dtype) == (str(path), "BF16")
    assert np.array_equal(space.matrix, bits)


@pytest.mark.parametrize("name", ["Q8_0", "Q4_0", "Q5_1", "Q4_K", "Q6_K"])
def test_quantized(name: str, tmp_path: Path) -> None:
    """Quantized blocks decode to exactly the numbers of the gguf package."""
    gguf = pytest.importorskip("gguf", reason="the package gguf is not installed")
    kind = gguf.GGMLQuantizationType[name]
    if name in ("Q4_K", "Q6_K"):  # the package decodes these but can't encode them: random blocks will do
        width, length = gguf.GGML_QUANT_SIZES[kind]
        blocks = np.random.default_rng(2).integers(0, 60, (8, DIMS // width * length), np.uint8)
    else:
        blocks = gguf.quants.quantize(rows(), kind)
    space = load(write(tmp_path / "file", blocks, raw=name))
    assert np.array_equal(space.matrix, gguf.quants.dequantize(blocks, kind))
    assert space.info().dtype == "F32"


def test_tied_or_not(tmp_path: Path) -> None:
    """A file with output.weight is untied, and --side output uses that tensor."""
    assert load(write(tmp_path / "one", rows())).info().tied is True
    assert load(write(tmp_path / "encoder", rows(), "bert", architecture="nomic-bert")).info().tied is None
    two = write(tmp_path / "two", rows(), extra=["output.weight"])
    assert load(two).info().tied is False
    assert load(two, side="output").matrix.tolist() == [[1, 1], [1, 1]]
    assert load(two, tensor="output.weight").info().tensor == "output.weight"
    with pytest.raises(ModelError, match=r"has no tensor wte") as refusal:
        load(two, tensor="wte")
    assert refusal.value.hint == "Its matrices are token_embd.weight, output.weight."


def test_text_is_not_split(tmp_path: Path) -> None:
    """Without a tokenizer, an unknown word is an error with similar spellings, and text can't be split."""
    space = load(write(tmp_path / "file", rows()))
    with pytest.raises(TermError, match="'cats' is not in this model's vocabulary") as refusal:
        space.vector("cats")
    assert "cat" in refusal.value.hint
    with pytest.raises(TermError, match=r"no tokenizer\.json"):
        space.tokens("the cat")


def texts(values: Sequence[str]) -> bytes:
    """An array of strings, as the value of a key."""
    return struct.pack("<IIQ", 9, 8, len(values)) + b"".join(gguf_text(value) for value in values)


def by_hand(*, version: int = 3, shape: Sequence[int] = (2, 3), kind: int = 0, at: int = 0, words: int = 3) -> bytes:
    """A hand-made file with three rows and two dimensions; arguments can make it invalid."""
    keys = [gguf_text("tokenizer.ggml.tokens") + texts(["Ġa", "Ġb", "Ġc"][:words])]
    keys += [gguf_text("tokenizer.ggml.model") + struct.pack("<I", 8) + gguf_text("gpt2")]
    head = b"GGUF" + struct.pack("<IQQ", version, 1, len(keys)) + b"".join(keys)
    head += gguf_text("token_embd.weight") + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, at)
    return head + bytes(-len(head) % 32) + np.arange(6, dtype="<f4").tobytes()


def test_a_hand_made_file(tmp_path: Path) -> None:
    """A file made by the specification, without the gguf package, is read."""
    space = read(tmp_path / "file", by_hand())
    assert space.matrix.tolist() == [[0, 1], [2, 3], [4, 5]]
    assert space.vector("b").values.tolist() == [2, 3]


HUGE = 2**60
ONE_KEY = b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + gguf_text("k")
INVALID = {
    "version 1": (by_hand(version=1), "its version 1 is not 2 or 3"),
    "big-endian": (b"GGUF\0\0\0\3" + bytes(16), "is not 2 or 3, or it is big-endian"),
    "magic alone": (b"GGUF", "it breaks off at byte 4"),
    "many tensors": (b"GGUF" + struct.pack("<IQQ", 3, HUGE, 0), "byte 8 claims 1,152,921,504,606,846,976 tensors"),
    "many keys": (b"GGUF" + struct.pack("<IQQ", 3, 0, HUGE), "byte 16 claims 1,152,921,504,606,846,976 keys"),
    "long name": (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 99) + bytes(9), "byte 24 claims 99 characters"),
    "unknown type": (ONE_KEY + struct.pack("<I", 77), "unknown type 77"),
    "nested arrays": (ONE_KEY + struct.pack("<II", 9, 9), "array of the"),
    "past the end": (by_hand(shape=(2, 999)), "ends at byte"),
    "far away": (by_hand(at=HUGE), "ends at byte"),
    "no matrix": (by_hand(shape=(6,)), "not that of a matrix"),
    "no numbers": (by_hand(shape=(0, 3)), "not that of a matrix"),
    "many dimensions": (by_hand(shape=(1,) * 9), "has 9 dimensions"),
    "no tokens": (by_hand(words=0), "has no tokens"),
    "half blocks": (by_hand(kind=8), "rows of 2 numbers are not whole blocks of 32"),
    "unknown quantization": (by_hand(kind=9999), "ggml's type 9999"),
}


@pytest.mark.parametrize(("content", "why"), INVALID.values(), ids=INVALID)
def test_refused(content: bytes, why: str, tmp_path: Path) -> None:
    """An invalid header is an error that names the problem, before any memory is allocated for it."""
    with pytest.raises(ModelError) as refusal:
        read(tmp_path / "file", content)
    assert why in refusal.value.message


def test_cut_off_anywhere(tmp_path: Path) -> None:
    """Every truncated file is an error."""
    whole = by_hand()
    for length in range(4, len(whole)):
        with pytest.raises(FormatError):
            read(tmp_path / "file", whole[:length])


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, len(by_hand()) - 1), value=st.integers(0, 255))
def test_one_changed_byte(at: int, value: int, tmp_path: Path) -> None:
    """A file with one changed byte is read, or raises an EmbgeoError."""
    content = bytearray(by_hand())
    content[at] = value
    with contextlib.suppress(EmbgeoError):
        assert read(tmp_path / "file", bytes(content)).shape[0] >= 1


def test_without_the_package(tmp_path: Path, run: Run) -> None:
    """If a quantization needs the missing package, the error has the command that installs it."""
    (tmp_path / "gguf.py").write_text("raise ModuleNotFoundError")
    (tmp_path / "file").write_bytes(by_hand(kind=2))
    done = run("info", "-m", str(tmp_path / "file"), PYTHONPATH=f"{tmp_path}:{Path(__file__).parents[1] / 'src'}")
    assert done.returncode == 4
    assert "needs the package gguf, which is not installed. Install it: pip install 'embgeo[gguf]'" in done.stderr
