"""Measure how many neighbors a map keeps and how long its layout takes, next to openTSNE and UMAP if installed.

    python bench/map.py [--model NAME] [--top N] [--runs N]

Every layout gets the same unit rows, and openTSNE two threads. `kept` is the share of each token's ten nearest by
cosine that are also among its ten nearest in the plane. embgeo's time includes its exact neighbors; the others find
their own neighbors, with default settings except for the metric and the seed (UMAP: also 15 neighbors).

The neighbor graph is timed against the bare float32 products of all rows with all rows, in the blocks that NumPy
multiplies fastest, by wall time and by processor time, which other programs disturb less. `--random ROWSxDIMS` times
only the graph and one step of the layout, on random rows.
"""

from __future__ import annotations

import importlib
import statistics
import time
from collections.abc import Callable
from typing import Final

import numpy as np

import common
from embgeo import load
from embgeo.numerics.dtypes import F32, F64, Ids
from embgeo.numerics.kernels import Matrix
from embgeo.numerics.neighbor_lists import neighbor_lists
from embgeo.numerics.plane_neighbors import kept_counts, plane_neighbors
from embgeo.numerics.plane_start import principal_plane
from embgeo.numerics.repulsion import repulsion
from embgeo.numerics.tsne import attraction, rank_edges, tsne

OWN: Final = "embgeo"
NEAR: Final = 10  # neighbors that count as kept
SIDE: Final = 65535  # places are integers up to this
BLOCK: Final = 1024  # rows multiplied at a time
FINAL_SPREAD: Final = 40.0  # standard deviation of a layout near its end
PACKAGES: Final = {"openTSNE": "openTSNE", "UMAP": "umap"}
Layout = Callable[[], F64]


def main() -> None:
    """Lay out the tokens with each program, in turns."""
    parser = common.options(__doc__ or "", runs=1)
    parser.add_argument("--model", default="minilm")
    parser.add_argument("--top", type=int, help="use only this many tokens")
    parser.add_argument("--random", metavar="ROWSxDIMS", help="time only graph and step, on random rows: 262144x64")
    args = parser.parse_args()
    if args.random:
        count, dims = map(int, args.random.split("x"))
        made = np.random.default_rng(0).standard_normal((count, dims), np.float32)
        graph_and_steps(Matrix(made, "F32", np.linalg.norm(made.astype(np.float64), axis=1)), np.arange(count))
        return
    space = load(args.model)
    rows = np.flatnonzero(space.weights.norms > 0)[: args.top]
    fold = np.arange(len(space.weights.norms))
    truth = np.searchsorted(rows, neighbor_lists(space.weights, rows, fold, NEAR).graph)  # [rows, NEAR]
    layouts = {OWN: lambda: own(space.weights, rows, fold), **others(space.weights, rows)}
    seconds: dict[str, list[float]] = {name: [] for name in layouts}
    shares: dict[str, float] = {}
    for _ in range(args.runs):
        for name, layout in layouts.items():
            start = time.perf_counter()
            places = layout()
            seconds[name].append(time.perf_counter() - start)
            shares[name] = share(truth, places)
    table = []
    for name in layouts:
        took = statistics.median(seconds[name])
        by_kept, by_time = shares[OWN] / shares[name], statistics.median(seconds[OWN]) / took
        table.append((name, f"{100 * shares[name]:.1f}%", f"{took:.1f}", f"{by_kept:.2f}", f"{by_time:.2f}"))
    title = f"{args.model}, {len(rows):,} tokens, {args.runs} runs"
    common.show(title, ("", "kept", "s", "embgeo keeps, times", "embgeo's time by its"), table)
    graph_and_steps(space.weights, rows)


def graph_and_steps(matrix: Matrix, rows: Ids) -> None:
    """Print the times of the bare products, of the neighbor graph and of one step of the layout."""
    fold = np.arange(matrix.shape[0])
    taken = matrix.take(rows).astype(np.float32)  # [rows, dims]
    bare = seconds_of(lambda: products(taken))
    lists: list[Ids] = []
    graph = seconds_of(lambda: lists.append(neighbor_lists(matrix, rows, fold).graph))
    edges = rank_edges(np.searchsorted(rows, lists[0]))
    places = principal_plane(matrix, rows)
    places *= FINAL_SPREAD / places.std()
    step = seconds_of(lambda: (attraction(edges, places), repulsion(places)))
    print(f"\n{len(rows):,} x {matrix.shape[1]}, seconds on the clock and of all processors")
    for name, took in (("bare products", bare), ("neighbor graph", graph), ("forces of a step", step)):
        print(f"{name:17}{took[0]:9.2f}{took[1]:9.2f}")
    print(f"graph by products{graph[0] / bare[0]:9.2f}{graph[1] / bare[1]:9.2f}")


def seconds_of(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor seconds that a call takes."""
    start = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start[0], time.process_time() - start[1]


def products(rows: F32) -> None:
    """All products of rows [rows, dims] with each other, a block at a time."""
    out = np.empty((BLOCK, BLOCK), np.float32)
    for first in range(0, len(rows), BLOCK):
        lines = rows[first : first + BLOCK]
        for second in range(0, len(rows), BLOCK):
            columns = rows[second : second + BLOCK]
            np.matmul(lines, columns.T, out=out[: len(lines), : len(columns)])  # [BLOCK, dims] @ [dims, BLOCK]


def own(matrix: Matrix, rows: Ids, fold: Ids) -> F64:
    """The layout of `embgeo map`, without the store."""
    graph = np.searchsorted(rows, neighbor_lists(matrix, rows, fold).graph)
    return tsne(graph, principal_plane(matrix, rows))


def others(matrix: Matrix, rows: Ids) -> dict[str, Layout]:
    """The other programs that are installed; prints which are not."""
    taken = matrix.take(rows)  # [rows, dims]
    units = (taken / np.linalg.norm(taken, axis=1)[:, None]).astype(np.float32)
    calls: dict[str, Callable[[object], F64]] = {
        "openTSNE": lambda package: np.asarray(
            package.TSNE(n_jobs=2, random_state=0, metric="cosine").fit(units)  # type: ignore[attr-defined]
        ),
        "UMAP": lambda package: np.asarray(
            package.UMAP(n_neighbors=15, metric="cosine", random_state=0).fit_transform(units)  # type: ignore[attr-defined]
        ),
    }
    found: dict[str, Layout] = {}
    for name, module in PACKAGES.items():
        try:
            package = importlib.import_module(module)
        except ImportError as error:
            print(f"{name} is left out: {error}")
        else:
            found[name] = lambda call=calls[name], package=package: call(package)  # type: ignore[misc]
    return found


def share(truth: Ids, places: F64) -> float:
    """The share of the true neighbors [rows, NEAR] that are nearest in the plane [rows, 2], from 0 to 1."""
    low, span = places.min(axis=0), float(np.ptp(places, axis=0).max()) or 1.0
    whole = np.rint((places - low) / span * SIDE).astype(np.intp)  # as on the page
    return float(kept_counts(truth, plane_neighbors(whole, NEAR)).mean()) / NEAR


if __name__ == "__main__":
    main()
