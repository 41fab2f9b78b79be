"""How fast one vector is multiplied with every row: `embgeo.numerics.kernels.products` compared with plain NumPy.

    python bench/kernels.py [--runs N] [--model MODEL]

The model's matrix is measured as float32, float16 and bfloat16, and as float32 at an odd address, as in files whose
header was not padded (GPT-2's own among them). NumPy has no kernel for the narrow ones: it converts, then
multiplies; and it copies what is not aligned.
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
UNALIGNED = ("F32", "F16", "BF16")


def main() -> None:
    """Measure every dtype."""
    parser = common.options(__doc__ or "", runs=31)
    common.add_model(parser)
    given = parser.parse_args()
    with common.chosen_model(given.model) as model:
        matrix = embgeo.load(model).weights
        shape = f"{matrix.shape[0]:,} x {matrix.shape[1]}"
        rows = [measure(label, form, given.runs) for label, form in forms(matrix).items()]
    title = f"{given.model or 'random, GPT-2-shaped'}: {shape}, one vector with every row, {given.runs} runs in turns"
    common.show(title, ("", "NumPy, ms", "embgeo, ms", "embgeo by NumPy"), rows)


def forms(matrix: Matrix) -> dict[str, Matrix]:
    """Give the matrix in each dtype, in memory."""
    wide = to_float32(np.array(matrix.rows), matrix.dtype)
    made = {}
    for label, dtype in DTYPES.items():
        rows = from_float32(wide, dtype)
        made[label] = Matrix(rows, dtype, matrix.norms)
        if dtype in UNALIGNED:
            made[f"{label}, unaligned"] = Matrix(unaligned(rows), dtype, matrix.norms)
    return made


def unaligned(rows: Array) -> Array:
    """Copy an array to an odd address."""
    room = np.empty(rows.nbytes + 1, np.uint8)
    moved = room[1:].view(rows.dtype).reshape(rows.shape)
    moved[:] = rows
    return moved


def measure(label: str, matrix: Matrix, runs: int) -> common.Row:
    """Time both ways of one product, in turns."""
    vector = matrix.take(np.array([ROW % matrix.shape[0]]))  # [1, dims]
    times = common.time_calls({"numpy": plain(matrix, vector[0]), "embgeo": lambda: products(matrix, vector)}, runs)
    return (
        label, common.milliseconds(times, "numpy"), common.milliseconds(times, "embgeo"),
        common.ratio(times, "embgeo", "numpy"),
    )  # fmt: skip


def plain(matrix: Matrix, vector: Array) -> Callable[[], Array]:
    """Give what one would write with NumPy alone."""
    narrow = vector.astype(np.float32)  # [dims]

    def product() -> Array:
        result: Array = to_float32(matrix.rows, matrix.dtype) @ narrow  # [rows, dims] @ [dims] -> [rows]
        return result

    return product


if __name__ == "__main__":
    main()
