"""Time `space.compare` against the two bare float32 products of the shared words.

    python bench/compare.py [--runs N] [--words N]

The bare products multiply each space's rows with themselves, 1,024 rows at a time, and discard the result. The
comparison computes the exact neighbor lists of both spaces (k = 10), CKA, the correlation of all cosines, and the
rotation with its precision.
"""

from __future__ import annotations

import itertools
import os
import tempfile
from pathlib import Path

import numpy as np

import common
import embgeo
from embgeo import EmbeddingSpace
from embgeo.numerics.dtypes import to_float32
from embgeo.numerics.units import VECTOR_BATCH

NOISE = 0.5  # added to the second space; the rows' standard deviation is 1


def main() -> None:
    """Measure."""
    parser = common.options(__doc__ or "", runs=3)
    parser.add_argument("--words", type=int, default=50_000, metavar="N", help="shared words (default: 50,000)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="embgeo-bench-") as folder:
        os.environ["EMBGEO_HOME"] = str(Path(folder) / "store")
        spaces = make_spaces(Path(folder), args.words)
        calls = {"bare products": lambda: products(spaces), "embgeo": lambda: spaces[0].compare(spaces[1])}
        times = common.time_calls(calls, args.runs, warm_up=0)
        rows = [(name, common.milliseconds(times, name), common.ratio(times, name, "bare products")) for name in calls]
        title = f"{args.words:,} shared words of {common.DIMS} dimensions, k = 10, {args.runs} runs in turns"
        common.show(title, ("", "ms", "by bare products"), rows)


def make_spaces(folder: Path, count: int) -> list[EmbeddingSpace]:
    """Write two files of vectors: random rows, and the same rows rotated at random, with noise."""
    random = np.random.default_rng(common.SEED)
    words = list(itertools.islice(common.invented_words(), count))
    rows = random.standard_normal((count, common.DIMS), np.float32)
    rotation = np.linalg.qr(random.standard_normal((common.DIMS, common.DIMS)))[0].astype(np.float32)
    rotated = rows @ rotation + np.float32(NOISE) * random.standard_normal(rows.shape, np.float32)  # [words, dims]
    spaces = []
    for name, matrix in (("first.npz", rows), ("second.npz", rotated)):
        np.savez(folder / name, words=np.array(words), vectors=matrix)
        spaces.append(embgeo.load(folder / name))
    return spaces


def products(spaces: list[EmbeddingSpace]) -> None:
    """Multiply the rows of each space with themselves, in float32."""
    for space in spaces:
        rows = to_float32(np.asarray(space.matrix), space.weights.dtype)  # [words, dims]
        out = np.empty((VECTOR_BATCH, len(rows)), np.float32)
        for at in range(0, len(rows), VECTOR_BATCH):
            some = rows[at : at + VECTOR_BATCH]
            np.matmul(some, rows.T, out=out[: len(some)])  # [1024, dims] @ [dims, words]


if __name__ == "__main__":
    main()
