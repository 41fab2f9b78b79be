"""The nearest rows of every row from half of the products: the same lists as from one search per row."""

from __future__ import annotations

import numpy as np
import pytest

from conftest import SpaceOf
from embgeo import EmbeddingSpace
from embgeo.numerics import mutual_neighbors
from embgeo.numerics.dtypes import Ids
from embgeo.numerics.kernels import Matrix
from embgeo.numerics.neighbor_lists import neighbor_lists


def mutual_lists(matrix: Matrix, rows: Ids, k: int) -> Ids:
    """The graph of all rows."""
    return neighbor_lists(matrix, rows, np.arange(matrix.shape[0]), k, 0).graph


@pytest.mark.parametrize("k", [1, 10, 40, pytest.param(300, marks=pytest.mark.slow)])
@pytest.mark.slow
def test_the_lists_are_those_of_the_batched_search(minilm: EmbeddingSpace, k: int) -> None:
    """For 2,200 rows, which aren't a whole number of blocks, and several lengths of lists."""
    rows = np.sort(np.random.default_rng(k).choice(30_522, 2200, replace=False))
    expected = neighbor_lists(minilm.weights, rows, np.arange(30_522), k, 0, queries=rows).graph
    assert mutual_lists(minilm.weights, rows, k).tolist() == expected.tolist()


def test_equal_rows_are_ordered_by_id(space_of: SpaceOf) -> None:
    """Rows that float32 can't tell apart, and equal rows: float64 decides, then the lower row."""
    space = space_of({"a": [1, 0], "b": [1, 0], "c": [1, 1e-3], "d": [0, 1], "e": [1, 3e-3], "f": [2, 0]})
    assert mutual_lists(space.weights, np.arange(6), 3).tolist() == [
        [1, 5, 2], [0, 5, 2], [0, 1, 5], [4, 2, 0], [2, 0, 1], [0, 1, 2],
    ]  # fmt: skip


def test_a_small_buffer_of_pairs_gives_the_same_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pairs that can't be among the nearest are dropped whenever the buffer is full."""
    rows = np.random.default_rng(0).standard_normal((2100, 12))
    matrix = Matrix(rows, "F64", np.linalg.norm(rows, axis=1))
    expected = mutual_lists(matrix, np.arange(2100), 5)
    monkeypatch.setattr(mutual_neighbors, "MAX_PENDING", 5000)
    assert (mutual_lists(matrix, np.arange(2100), 5) == expected).all()
    cosines = rows @ rows.T / np.multiply.outer(matrix.norms, matrix.norms)
    np.fill_diagonal(cosines, -2)
    assert (expected == np.argsort(-cosines, axis=1)[:, :5]).all()
