"""model2vec's static models: rows shared between tokens, and a weight for each token.

A token's vector is embeddings[mapping[token]] * weights[token] (StaticModel in model2vec's model.py); either table may
be missing. embgeo keeps the product, a row for each token.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from embgeo.errors import FormatError
from embgeo.formats.atomic import storing
from embgeo.formats.safetensors import Header, Tensor, file_head, map_tensor, read_header
from embgeo.numerics.dtypes import as_bytes, from_float32, to_float32
from embgeo.numerics.kernels import pieces

ROWS: Final = "embeddings"
TABLES: Final = ("mapping", "weights")


def is_static(header: Header) -> bool:
    """Whether a file has rows that such tables index or scale."""
    return ROWS in header.tensors and any(name in header.tensors for name in TABLES)


def expand(weights: Path, target: Path) -> Tensor:
    """Write a row for each token of the model in `weights`, in the dtype of the shared rows; returns their tensor.

    Raises:
        FormatError: the tables do not fit the rows, or there are no rows.
        ModelError: the folder can't be written, or the disk is full.
    """
    header = read_header(weights)
    rows = map_tensor(weights, header.tensors[ROWS])  # [shared rows, dims]
    dtype = header.tensors[ROWS].dtype
    mapping, factors = _tables(weights, header, rows.shape[0])  # [tokens], [tokens]
    shape = (len(mapping), rows.shape[1])
    with storing(target) as file:
        file.write(file_head({ROWS: (dtype, shape)}, dict(header.metadata)))
        for span in pieces(shape[0], shape[1] * rows.itemsize):
            with np.errstate(invalid="ignore", over="ignore"):
                scaled = to_float32(rows[mapping[span]], dtype) * factors[span, None]  # [piece, dims] * [piece, 1]
                file.write(as_bytes(from_float32(scaled, dtype)))
    return read_header(target).tensors[ROWS]


def _tables(
    weights: Path, header: Header, rows: int
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], np.ndarray[tuple[int], np.dtype[np.float32]]]:
    """Row and factor of each token, checked against the number of rows."""
    tables = {name: header.tensors[name] for name in TABLES if name in header.tensors}
    lengths = {tensor.shape for tensor in tables.values()}
    if len(lengths) != 1 or len(next(iter(lengths))) != 1:
        raise FormatError(f"'{weights}' has tables of several lengths: {sorted(map(list, lengths))}")
    (tokens,) = lengths.pop()
    if "mapping" in tables and not tables["mapping"].dtype.startswith(("I", "U")):
        raise FormatError(f"'mapping' in '{weights}' is {tables['mapping'].dtype}, not whole numbers")
    mapping = map_tensor(weights, tables["mapping"]).astype(np.int64) if "mapping" in tables else np.arange(tokens)
    if mapping.min() < 0 or mapping.max() >= rows:
        raise FormatError(f"'mapping' in '{weights}' points outside its {rows:,} rows")
    if "weights" not in tables:
        return mapping, np.ones(tokens, np.float32)
    return mapping, to_float32(map_tensor(weights, tables["weights"]), tables["weights"].dtype).astype(np.float32)
