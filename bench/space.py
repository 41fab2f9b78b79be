"""Time `embgeo space` against reading the matrix once and against its bare matrix products.

    python bench/space.py [--runs N] [--model MODEL]

The bare products are the least that any program needs for the same figures: the rows times themselves in float64,
block by block, and the rows times the 2,048 queries in float32, without norms, bounds or lists. The rows are counted as
they are read: the passes are the rows read divided by the number of rows.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import common
import embgeo
from embgeo import EmbeddingSpace
from embgeo.numerics.dtypes import to_float32, to_float64
from embgeo.numerics.kernels import Matrix
from embgeo.numerics.moments import blocks
from embgeo.questions.space import DEFAULT_QUERIES

if TYPE_CHECKING:
    from collections.abc import Callable

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from counting import with_read_count


def main() -> None:
    """Time the figures, and count the passes."""
    parser = common.options(__doc__ or "", runs=7)
    common.add_model(parser)
    args = parser.parse_args()
    with common.chosen_model(args.model) as model:
        space = embgeo.load(model)
        matrix = space.weights
        calls: dict[str, Callable[[], object]] = {
            "reading once": np.asarray(matrix.rows).sum,
            "bare products": lambda: products(matrix),
            "embgeo": space.space,
        }
        times = common.time_calls(calls, args.runs, warm_up=1)
        rows = [
            (name, common.milliseconds(times, name), *(common.ratio(times, name, base) for base in list(calls)[:2]))
            for name in calls
        ]
        shape = f"{matrix.shape[0]:,} x {matrix.shape[1]:,} {matrix.dtype}"
        title = (
            f"{args.model or 'random, GPT-2-shaped'}: {shape}, {DEFAULT_QUERIES:,} queries, {args.runs} runs in turns"
        )
        common.show(title, ("", "ms", "by reading once", "by bare products"), rows)
        common.say(f"\npasses over the matrix: {passes(space):.4f}")
        idle = common.peak_memory([sys.executable, "-c", "import numpy"])
        peak = common.peak_memory([sys.executable, "-m", "embgeo", "space", "--json", "-m", model])
        if idle and peak:
            common.say(f"anonymous memory of the command: {peak.anonymous - idle.anonymous:.0f} MB above import numpy")


def products(matrix: Matrix) -> None:
    """Do the products that the figures need, and nothing else."""
    dims = matrix.shape[1]
    vectors = (
        matrix.take(np.arange(min(DEFAULT_QUERIES, matrix.shape[0]))).astype(np.float32).T.copy()
    )  # [dims, queries]
    total, room = np.zeros((dims, dims)), np.empty((dims, dims))
    for part in blocks(matrix):
        block = np.asarray(matrix.rows[part])
        wide = to_float64(block, matrix.dtype)
        total += np.matmul(wide.T, wide, out=room)  # [dims, block] @ [block, dims]
        np.matmul(to_float32(block, matrix.dtype), vectors)  # [block, dims] @ [dims, queries]


def passes(space: EmbeddingSpace) -> float:
    """Count the rows that are read, divided by the number of rows."""
    counted_space, rows = with_read_count(space)
    counted_space.space()
    return float(rows.read / len(rows))


if __name__ == "__main__":
    main()
