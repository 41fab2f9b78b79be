"""Time analogies on rows that float32 can't tell apart, against the bare float64 products of their vectors.

    python bench/near_duplicates.py [--runs N] [--rows N] [--questions N]

The rows are one random vector plus noise; at noise 1 they are an ordinary matrix. A few answers are checked against a
search for that question alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

import common
from embgeo.numerics.analogies import analogy_queries, single_query
from embgeo.numerics.batch_search import search_batch
from embgeo.numerics.batches import RowFilter
from embgeo.numerics.kernels import Matrix
from embgeo.numerics.objectives import ANALOGY_METHODS
from embgeo.numerics.rescoring import best_rows
from embgeo.numerics.search import scan

if TYPE_CHECKING:
    from embgeo.numerics.dtypes import Ids

DIMS = 300
WORDS = 900  # distinct words in the questions, as in Google's set
NOISES = (1.0, 1e-3, 1e-5)
CHECKED = 5


def main() -> None:
    """Measure each method at each noise level."""
    parser = common.options(__doc__ or "", runs=3)
    parser.add_argument("--rows", type=int, default=50_000, metavar="N")
    parser.add_argument("--questions", type=int, default=2_000, metavar="N")
    args = parser.parse_args()
    random = np.random.default_rng(0)
    words = random.choice(args.rows, min(WORDS, args.rows), replace=False)
    triples = np.array([random.choice(words, 3, replace=False) for _ in range(args.questions)])
    rows = []
    for noise in NOISES:
        made = (random.normal(size=DIMS) + noise * random.normal(size=(args.rows, DIMS))).astype(np.float32)
        matrix = Matrix(made, "F32", np.linalg.norm(made.astype(float), axis=1))
        rows += [measure(method, noise, matrix, triples, args.runs) for method in ANALOGY_METHODS]
    title = f"{args.rows:,} x {DIMS}, {args.questions:,} questions with {len(words)} words, {args.runs} runs in turns"
    common.show(title, ("", "noise", "products, ms", "embgeo, ms", "embgeo by products"), rows)


def measure(method: str, noise: float, matrix: Matrix, triples: Ids, runs: int) -> common.Row:
    """Time the questions and the products in turns, and check some answers."""
    vectors = matrix.take(np.unique(triples))  # [words, dims]
    found = answers(method, matrix, triples)
    for question, answer in zip(triples[:CHECKED], found, strict=False):
        scores = scan(matrix, *single_query(ANALOGY_METHODS[method], *matrix.take(question)))
        allowed = ~np.isin(np.arange(len(matrix.norms)), question)
        assert scores.best(1, allowed).ids[0] == answer
    wide = matrix.rows.astype(np.float64)
    times = common.time_calls(
        {"products": lambda: wide @ vectors.T, "embgeo": lambda: answers(method, matrix, triples)}, runs
    )
    return (
        method, f"{noise:g}", common.milliseconds(times, "products"), common.milliseconds(times, "embgeo"),
        common.ratio(times, "embgeo", "products"),
    )  # fmt: skip


def answers(method: str, matrix: Matrix, triples: Ids) -> Ids:
    """The best row for each question, its own words excluded [questions]."""
    numbers, places = np.unique(triples, return_inverse=True)
    batch = analogy_queries(ANALOGY_METHODS[method], matrix.take(numbers), places.reshape(-1, 3))
    limits = RowFilter(np.ones(len(matrix.norms), bool), np.arange(len(matrix.norms)), triples)
    parts = [best_rows(matrix, batch, part, ~part.left_out) for part in search_batch(matrix, batch, limits)]
    return np.concatenate(parts)


if __name__ == "__main__":
    main()
