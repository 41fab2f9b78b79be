"""The matrix of a page that computes answers, rounded, and the unembedding that its shares of tokens come from."""

from __future__ import annotations

from typing import Final

import numpy as np

from embgeo.errors import REMARK, Report, UsageError, check_choice
from embgeo.models.choice import Choice
from embgeo.models.model import Model
from embgeo.models.sides import side_of
from embgeo.numerics.dtypes import Ids
from embgeo.numerics.kernels import pieces
from embgeo.questions.rows import listable
from embgeo.results.map import MapRows, MapSoftmax

LIVE: Final = ("float16", "int8")
LARGE_PAGE: Final = 20_000_000  # bytes of a matrix that a page warns of


def live_rows(model: Model, rows: Ids, numbers: str, report: Report) -> MapRows:
    """Some rows of a matrix as a page holds them.

    Raises:
        UsageError: an unknown dtype, or numbers too large for it.
    """
    check_choice("dtype of a live page", numbers, LIVE)
    dims = model.weights.shape[1]
    size = len(rows) * dims * (2 if numbers == "float16" else 1) * 4 // 3
    if size > LARGE_PAGE:
        less = "--words or --top N make it smaller" + (", or --live int8" if numbers == "float16" else "")
        report(f"the page holds the matrix, about {size / 1e6:,.0f} MB; {less}", 0, 0, REMARK)
    held = np.empty((len(rows), dims), np.float16 if numbers == "float16" else np.int8)
    scales, errors = np.ones(len(rows)), np.empty(len(rows))
    for part in pieces(len(rows), 8 * dims):
        exact = model.weights.take(rows[part])  # [piece, dims]
        if numbers == "int8":
            scales[part] = (np.abs(exact).max(axis=1) / 127).astype(np.float32)
            scales[part][scales[part] == 0] = 1.0
            held[part] = np.rint(exact / scales[part][:, None]).clip(-127, 127)
        else:
            with np.errstate(over="ignore"):
                held[part] = exact
        errors[part] = np.linalg.norm(held[part].astype(np.float64) * scales[part][:, None] - exact, axis=1)
    if not np.isfinite(errors).all():
        raise UsageError("some numbers of this matrix are too large for float16", "Try --live int8.")
    return MapRows(numbers, held, scales, errors)


def softmax_of(model: Model, rows: Ids, numbers: str, report: Report) -> MapSoftmax | None:
    """What the page needs for `unembed`: the model's other matrix if it has one; None if it has no unembedding.

    Args:
        rows: on the map.

    Raises:
        ModelError, NetworkError: as `sides.side_of`.
    """
    manifest = model.manifest
    if manifest.unembedding is None or manifest.row_transform:
        return None
    output = side_of(model, Choice("output"), report) if manifest.unembedding else model
    if output.weights.shape[1] != model.weights.shape[1]:
        return None
    norms = output.searchable().norms
    own = output.manifest.tensor != manifest.tensor
    if not np.isfinite(norms[rows]).all():
        return None
    others = listable(output, []) & np.isfinite(norms)
    others[rows] = False
    zeros = int((others & (norms == 0)).sum())  # the map leaves them out, and their logits are 0
    left = int(others.sum()) - zeros
    said = [
        *([f"{manifest.stand_in_note}."] if manifest.stand_in_note else []),
        *([f"Among the tokens on this map; the command counts {left:,} more."] if left else []),
        *(["Approximate: the rows are rounded to 8 bits."] if numbers == "int8" else []),
    ]
    return MapSoftmax(zeros, " ".join(said), live_rows(output, rows, numbers, report) if own else None)
