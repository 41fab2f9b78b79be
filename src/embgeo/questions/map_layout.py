"""Where the tokens of a map lie, and which are nearest to each other; the store keeps both."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from embgeo.errors import Report, UsageError
from embgeo.models.model import Model
from embgeo.models.stored_arrays import stored_arrays
from embgeo.numerics.dtypes import F64, Ids
from embgeo.numerics.neighbor_lists import NeighborLists, neighbor_lists
from embgeo.numerics.plane_start import principal_plane
from embgeo.numerics.tsne import VERSION, tsne
from embgeo.numerics.umap_plane import check_umap, umap_plane
from embgeo.questions.map_marks import dot_products
from embgeo.questions.terms import read_term

UMAP: Final = "umap"
LAYOUTS: Final = ("tsne", "pca", UMAP)
GRAPH_NEIGHBORS: Final = 15  # neighbors that the layout draws together
LISTED_NEIGHBORS: Final = 10  # neighbors that are listed and counted
PICTURE_SIDE: Final = 65535  # of the picture, in whole numbers


def axes_of(model: Model, layout: str, multi: str) -> tuple[F64, ...]:
    """The vectors of a layout by two directions, at length 1; none for those that have a name."""
    if layout == UMAP:
        check_umap()
    if layout in LAYOUTS:
        return ()
    texts = [part.strip() for part in layout.split(",")]
    if len(texts) != 2 or not all(texts):
        raise UsageError(
            f"unknown layout '{layout}'; expected tsne, pca, umap or two directions",
            "As in: --layout 'woman - man,cats - cat'",
        )
    return tuple(read_term(model, text, multi=multi).unit() for text in texts)


def lists_of(model: Model, rows: Ids, report: Report) -> NeighborLists:
    """The nearest tokens of each, as places on the map."""
    fold = model.vocabulary.table.fold.astype(np.intp)

    def compute() -> dict[str, NDArray[np.generic]]:
        found = neighbor_lists(model.weights, rows, fold, GRAPH_NEIGHBORS, LISTED_NEIGHBORS, report)
        place = np.full(len(fold) + 1, -1, np.int32)  # the last stays -1, for rows that are missing
        place[rows] = np.arange(len(rows))
        return {"graph": place[found.graph], "listed": place[found.listed], "cosines": found.cosines}

    arrays = stored_arrays(model, [b"lists 1", rows.tobytes(), fold.tobytes()], compute)
    return NeighborLists(arrays["graph"].astype(np.intp), arrays["listed"].astype(np.intp), arrays["cosines"])


def layout_places(
    model: Model, rows: Ids, lists: NeighborLists, axes: tuple[F64, ...], layout: str, report: Report
) -> Ids:
    """Places of rows as whole numbers from 0 to `PICTURE_SIDE` [rows, 2], both axes in the same unit, in the middle."""
    exact = _places(model, rows, lists, axes, layout, report)
    low, high = exact.min(axis=0), exact.max(axis=0)
    span = float((high - low).max()) or 1.0
    whole: Ids = np.rint((exact - (low + high) / 2) / span * PICTURE_SIDE + PICTURE_SIDE / 2).astype(np.intp)
    return np.clip(whole, 0, PICTURE_SIDE)


def _places(model: Model, rows: Ids, lists: NeighborLists, axes: tuple[F64, ...], layout: str, report: Report) -> F64:
    """Places [rows, 2] in any unit."""
    if layout == "pca":
        return principal_plane(model.weights, rows)
    if axes:
        return dot_products(model, rows, np.array(axes)) / model.weights.norms[rows][:, None]
    if layout == UMAP:
        return umap_plane(model.weights, rows, GRAPH_NEIGHBORS, report)

    def compute() -> dict[str, NDArray[np.generic]]:
        return {"places": tsne(lists.graph, principal_plane(model.weights, rows), report)}

    version = f"tsne {VERSION}".encode()
    arrays = stored_arrays(model, [version, rows.tobytes(), lists.graph.tobytes()], compute)
    return np.asarray(arrays["places"], np.float64)
