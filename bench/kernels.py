"""Time the product of one vector with every row: `embgeo.numerics.kernels.products` compared with plain NumPy.

    python bench/kernels.py [--runs N] [--model MODEL]

The model's matrix is measured as float32, float16 and bfloat16, each aligned and at an odd address, as in files with an
unpadded header (such as GPT-2's). NumPy has no kernel for the narrow dtypes: it converts, then multiplies. It copies
unaligned arrays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import common
import embgeo
from embgeo.numerics.dtypes import from_float32, to_float32
from embgeo.numerics.kernels import Matrix, products

if TYPE_CHECKING:
    from collections.abc import Callable

Array = NDArray[Any]
ROW = 3797
DTYPES = {"float32": "F32", "float16": "F16", "bfloat16": "BF16"}


def main() -> None:
    """Measure every dtype."""
    parser = common.options(__doc__ or "", runs=31)
    common.add_model(parser)
    args = parser.parse_args()
    with common.chosen_model(args.model) as model:
        matrix = embgeo.load(model).weights
        shape = f"{matrix.shape[0]:,} x {matrix.shape[1]}"
        rows = [measure(label, variant, args.runs) for label, variant in variants(matrix).items()]
    title = f"{args.model or 'random, GPT-2-shaped'}: {shape}, one vector with every row, {args.runs} runs in turns"
    common.show(title, ("", "NumPy, ms", "embgeo, ms", "embgeo by NumPy"), rows)


def variants(matrix: Matrix) -> dict[str, Matrix]:
    """Return the matrix in each dtype, aligned and unaligned, in memory."""
    wide = to_float32(np.array(matrix.rows), matrix.dtype)
    made = {}
    for label, dtype in DTYPES.items():
        rows = from_float32(wide, dtype)
        made[label] = Matrix(rows, dtype, matrix.norms)
        made[f"{label}, unaligned"] = Matrix(unaligned(rows), dtype, matrix.norms)
    return made


def unaligned(rows: Array) -> Array:
    """Copy an array to an odd address."""
    buffer = np.empty(rows.nbytes + 1, np.uint8)
    moved = buffer[1:].view(rows.dtype).reshape(rows.shape)
    moved[:] = rows
    return moved


def measure(label: str, matrix: Matrix, runs: int) -> common.Row:
    """Time one product both ways, in turns."""
    vector = matrix.take(np.array([ROW % matrix.shape[0]]))  # [1, dims]
    times = common.time_calls({"numpy": plain(matrix, vector[0]), "embgeo": lambda: products(matrix, vector)}, runs)
    return (
        label, common.milliseconds(times, "numpy"), common.milliseconds(times, "embgeo"),
        common.ratio(times, "embgeo", "numpy"),
    )  # fmt: skip


def plain(matrix: Matrix, vector: Array) -> Callable[[], Array]:
    """Return the product as one would write it with NumPy alone."""
    narrow = vector.astype(np.float32)  # [dims]

    def product() -> Array:
        result: Array = to_float32(matrix.rows, matrix.dtype) @ narrow  # [rows, dims] @ [dims] -> [rows]
        return result

    return product


if __name__ == "__main__":
    main()
