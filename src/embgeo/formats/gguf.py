"""GGUF files, as llama.cpp reads them: the token embedding and the tokens.

A shape has the shortest stride first: an embedding is [dims, rows] there. Quantized matrices are converted to float32,
which represents their blocks exactly.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import numpy as np

from embgeo.errors import FormatError, ModelError, Report, missing_package
from embgeo.formats.converted import MATRIX, ConvertedMatrix, converting
from embgeo.formats.gguf_header import Gguf, GgufTensor, read_gguf
from embgeo.formats.gguf_tokens import KEYS, token_table
from embgeo.formats.safetensors import Tensor
from embgeo.formats.stream import damaged
from embgeo.formats.vector_file import VectorFile, VectorSource
from embgeo.formats.watched import Watched
from embgeo.numerics.kernels import pieces

ARCHITECTURE: Final = "general.architecture"
ENCODERS: Final = re.compile("bert|^t5encoder$")  # bert, nomic-bert, jina-bert-v2, ...
EMBEDDING: Final = "token_embd.weight"
UNEMBEDDING: Final = "output.weight"
MAPPED: Final = {0: "F32", 1: "F16", 28: "F64", 30: "BF16"}
ITEM: Final = {"F32": 4, "F16": 2, "F64": 8, "BF16": 2}
Q8_0: Final = 8
Q8_0_BLOCK: Final = np.dtype([("scale", "<f2"), ("values", "i1", 32)])


def read(source: VectorSource) -> VectorFile:
    """Map the requested matrix, or convert it where it is quantized."""
    watched = (Watched.of(source.path),)
    header = read_gguf(source.path, KEYS | {ARCHITECTURE})
    name = tensor_name(header, source.tensor, source.side)
    tensor, (rows, dims, _) = mapped(header, name), _matrix(header, name)
    matrix, table = source.path, token_table(header, rows)
    if tensor is None:
        with converting(source.place, dims) as out:
            convert(header, name, out, source.report)
        matrix, tensor = source.place / MATRIX, out.tensor()._replace(name=name)
    unembedding = UNEMBEDDING if UNEMBEDDING in header.tensors else ""
    headless = not unembedding and ENCODERS.search(str(header.keys.get(ARCHITECTURE, ""))) is not None
    return VectorFile(matrix, tensor, table, watched, unembedding, headless=headless)


def tensor_name(gguf: Gguf, tensor: str | None, side: str) -> str:
    """The name of a tensor by its own name, or by its side of the model, `input` or `output`.

    Raises:
        ModelError: the file has none of that name.
    """
    tied = side == "input" or UNEMBEDDING not in gguf.tensors
    name = tensor or (EMBEDDING if tied else UNEMBEDDING)
    if name not in gguf.tensors:
        matrices = [tensor for tensor, stored in gguf.tensors.items() if len(stored.shape) == 2]
        hint = f"Its matrices are {', '.join(matrices[:5])}." if matrices else "Is it a language model's own file?"
        raise ModelError(f"'{gguf.path}' has no tensor {name}", hint)
    return name


def mapped(gguf: Gguf, name: str) -> Tensor | None:
    """A matrix [rows, dims] that can be mapped without a conversion; None where it must be converted.

    Raises:
        FormatError: it reaches past the end of the file, isn't a matrix, or its rows aren't whole blocks.
        ModelError: the quantization needs the package `gguf`, and that is not installed.
    """
    rows, dims, stored = _matrix(gguf, name)
    if stored.kind not in MAPPED:
        _blocks(gguf, name)
        return None
    dtype = MAPPED[stored.kind]
    stop = stored.start + rows * dims * ITEM[dtype]
    _check_end(gguf, name, stop)
    return Tensor(name, dtype, (rows, dims), stored.start, stop)


def convert(gguf: Gguf, name: str, out: ConvertedMatrix, report: Report) -> None:
    """Write a quantized matrix as float32.

    Raises:
        as `mapped`.
    """
    rows, dims, stored = _matrix(gguf, name)
    row_bytes, decode = _blocks(gguf, name)
    blocks = np.memmap(gguf.path, np.uint8, "r", stored.start, (rows, row_bytes))
    for part in pieces(rows, 4 * dims):
        block = np.ascontiguousarray(blocks[part])
        with np.errstate(invalid="ignore", over="ignore"):  # a scale may be NaN or infinite
            numbers = decode(block).astype("<f4", copy=False)
        out.add(numbers.reshape(len(block), dims))
        report(f"Converting {gguf.path.name}", part.stop * row_bytes, rows * row_bytes)


def _blocks(gguf: Gguf, name: str) -> tuple[int, Any]:
    """Bytes of a row of a quantized matrix, and what turns rows [rows, bytes] into numbers."""
    rows, dims, stored = _matrix(gguf, name)
    width, length, decode = _quantisation(stored.kind, gguf.path)
    if dims % width:
        raise damaged(gguf.path, f"rows of {dims:,} numbers are not whole blocks of {width}")
    row_bytes = dims // width * length
    _check_end(gguf, name, stored.start + rows * row_bytes)
    return row_bytes, decode


def _quantisation(kind: int, path: Path) -> tuple[int, int, Any]:
    """Numbers and bytes of a block, and what turns blocks [rows, bytes] into numbers."""
    if kind == Q8_0:
        return 32, Q8_0_BLOCK.itemsize, _decode_q8_0
    try:
        from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType
        from gguf.quants import dequantize
    except ModuleNotFoundError:
        missing = missing_package(f"ggml's quantization {kind} of '{path}'", "the package gguf", "gguf")
        raise ModelError(missing.message, missing.hint) from None
    try:
        named = GGMLQuantizationType(kind)
        width, length = GGML_QUANT_SIZES[named]
        dequantize(np.zeros((1, length), np.uint8), named)
    except (ValueError, KeyError, NotImplementedError):
        raise FormatError(f"the token embedding of '{path}' has ggml's type {kind}, which can't be read") from None
    return width, length, lambda blocks: dequantize(blocks, named)


def _decode_q8_0(blocks: Any) -> Any:
    """A float16 scale and 32 whole numbers a block: the products are exact in float32 (11 and 8 bits of 24)."""
    parts = blocks.reshape(-1).view(Q8_0_BLOCK)  # [blocks]
    return parts["scale"].astype(np.float32)[:, None] * parts["values"]  # [blocks, 1] * [blocks, 32]


def _matrix(gguf: Gguf, name: str) -> tuple[int, int, GgufTensor]:
    stored = gguf.tensors[name]
    if len(stored.shape) != 2 or min(stored.shape) < 1:
        raise damaged(gguf.path, f"{name} has the shape {list(stored.shape)}, not that of a matrix")
    return stored.shape[1], stored.shape[0], stored


def _check_end(gguf: Gguf, name: str, stop: int) -> None:
    if stop > gguf.size:
        raise damaged(gguf.path, f"{name} ends at byte {stop:,} but the file has {gguf.size:,}")
