"""A plane by UMAP (McInnes et al. 2018), through the package umap-learn."""

from __future__ import annotations

import importlib.util
import warnings

import numpy as np

from embgeo.errors import REMARK, Report, missing_package
from embgeo.numerics.dtypes import F64, Ids
from embgeo.numerics.kernels import Matrix

SEED = 0  # its layout is random; with a seed it is the same on one machine, and uses one thread


def check_umap() -> None:
    """Raise an error before any work is done if UMAP can't be used.

    Raises:
        UsageError: umap-learn is not installed.
    """
    if importlib.util.find_spec("umap") is None:
        raise missing_package("--layout umap", "umap-learn", "umap")


def umap_plane(matrix: Matrix, rows: Ids, neighbors: int, report: Report) -> F64:
    """Coordinates [rows, 2] of unit rows, in no particular unit.

    Args:
        rows: numbers of rows that have a direction.
        neighbors: number of neighbors of each row that the layout draws together.

    Raises:
        UsageError: umap-learn is not installed.
    """
    check_umap()
    import umap

    report("UMAP is laying out the map; it does not report progress", 0, 0, REMARK)
    taken = matrix.take(rows)  # [rows, dims]
    units = (taken / np.linalg.norm(taken, axis=1)[:, None]).astype(np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a seed leaves it one thread
        layout = umap.UMAP(n_neighbors=min(neighbors, len(rows) - 1), metric="cosine", random_state=SEED)
        return np.asarray(layout.fit_transform(units), np.float64)
