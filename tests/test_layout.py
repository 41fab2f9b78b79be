"""The layout of a map: exact neighbor lists, forces by their definition, and identical bytes everywhere."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from numpy._core._multiarray_umath import __cpu_dispatch__  # the names differ between NumPy versions

from conftest import SpaceOf
from embgeo import EmbeddingSpace
from embgeo.numerics import plane_neighbors as plane_neighbors_file
from embgeo.numerics.dtypes import F64, Ids
from embgeo.numerics.neighbor_lists import neighbor_lists
from embgeo.numerics.plane_neighbors import kept_counts, plane_neighbors
from embgeo.numerics.plane_start import principal_plane
from embgeo.numerics.repulsion import repulsion
from embgeo.numerics.tsne import attraction, rank_edges, tsne


def test_lists_match_the_full_cosine_matrix(minilm: EmbeddingSpace) -> None:
    """Order and cosines of a thousand rows; the lists that are shown fold spellings."""
    rows = np.arange(2000, 3000)
    fold = minilm.vocabulary.table.fold.astype(np.intp)
    found = neighbor_lists(minilm.weights, rows, fold)
    units = minilm.weights.take(rows) / minilm.weights.norms[rows][:, None]  # [rows, dims]
    cosines = units @ units.T  # [rows, dims] @ [dims, rows]
    np.fill_diagonal(cosines, -2)
    assert np.array_equal(found.graph, rows[np.argsort(-cosines, axis=1)[:, :15]])
    cosines[fold[rows][:, None] == fold[rows]] = -2
    alone = np.array([row for row in range(1000) if len(set(fold[found.graph[row]].tolist())) == 15])
    assert len(alone) > 900
    assert np.abs(found.cosines[alone] + np.sort(-cosines[alone], axis=1)[:, :10]).max() < 1e-6


def test_lists_fold_spellings(space_of: SpaceOf) -> None:
    """`Cat` is a spelling of `cat`: a neighbor in the graph, but not in the list of its neighbors."""
    space = space_of({"cat": (1, 0), "Cat": (1, 0.1), "dog": (1, 1), "Dog": (1, 1.1), "sun": (0, 1)})
    fold = space.vocabulary.table.fold.astype(np.intp)
    found = neighbor_lists(space.weights, np.arange(5), fold, k=3, shown=2)
    assert found.graph[0].tolist() == [1, 2, 3]
    assert found.listed[0].tolist() == [2, 4]
    assert [round(float(cosine), 4) for cosine in found.cosines[0]] == [0.7071, 0.0]
    expected = [token.id for token in space.neighbors("cat", k=2)]
    assert found.listed[0].tolist() == expected


def test_lists_of_few_rows_end_in_minus_one(space_of: SpaceOf) -> None:
    """Two rows have one neighbor each."""
    space = space_of({"cat": (1, 0), "dog": (1, 1)})
    found = neighbor_lists(space.weights, np.arange(2), np.arange(2), k=3, shown=2)
    assert found.graph.tolist() == [[1, -1, -1], [0, -1, -1]]
    assert found.listed.tolist() == [[1, -1], [0, -1]]


@pytest.mark.slow
def test_the_initial_layout_is_the_plane_of_the_principal_components(minilm: EmbeddingSpace) -> None:
    """The same plane as from a singular value decomposition, up to the rounding of rows to integers."""
    rows = np.arange(2000, 4000)
    start = principal_plane(minilm.weights, rows)
    units = minilm.weights.take(rows) / minilm.weights.norms[rows][:, None]  # [rows, dims]
    left, values, _ = np.linalg.svd(units - units.mean(axis=0), full_matrices=False)
    for axis in (0, 1):
        cosine = start[:, axis] @ left[:, axis] / np.linalg.norm(start[:, axis])
        assert abs(cosine) > 0.9999
    assert np.linalg.norm(start[:, 0]) / np.linalg.norm(start[:, 1]) == pytest.approx(values[0] / values[1], rel=1e-3)


def exact_repulsion(places: F64) -> tuple[F64, float]:
    """The repulsion by its definition: the sum over all pairs."""
    gaps = places[:, None] - places  # [points, points, 2]
    near = 1 / (1 + (gaps * gaps).sum(axis=2))
    return (gaps * (near * near)[:, :, None]).sum(axis=1), float(near.sum()) - len(places)


@pytest.mark.parametrize(("spread", "error"), [(1e-4, 0.01), (1, 0.002), (5, 0.02), (10, 0.1)])
@pytest.mark.slow
def test_repulsion_is_the_sum_over_all_pairs(spread: float, error: float) -> None:
    """Within the error of quadratic interpolation, for the spreads of a layout from its start to its end."""
    places = np.random.default_rng(0).normal(size=(1500, 2)) * spread
    push, total = repulsion(places)
    exact, exact_total = exact_repulsion(places)
    assert np.abs(push - exact).max() < error * np.abs(exact).max()
    assert total == pytest.approx(exact_total, rel=0.005)


def test_edges_weigh_by_rank() -> None:
    """Three points with two neighbors: weight 2 for the nearest and 1 for the next, symmetrized and normalized."""
    edges = rank_edges(np.array([[1, 2], [0, 2], [1, -1]]))
    assert list(zip(edges.a.tolist(), edges.b.tolist(), strict=True)) == [(0, 1), (0, 2), (1, 2)]
    assert (edges.weight * 16).tolist() == [4, 1, 3]


def test_attraction_is_the_sum_over_the_edges() -> None:
    """Two points at a distance of 3 that share all the weight: 1/2 x 3 / (1 + 9) toward each other."""
    pull = attraction(rank_edges(np.array([[1], [0]])), np.array([[0.0, 0.0], [3.0, 0.0]]))
    assert pull.tolist() == [[pytest.approx(-0.15), 0], [pytest.approx(0.15), 0]]


def nearest(places: Ids, k: int) -> Ids:
    """The k nearest other points of each point, by all distances."""
    gaps = places[:, None] - places
    distances = (gaps * gaps).sum(axis=2)
    np.fill_diagonal(distances, np.iinfo(np.int64).max)
    order: Ids = np.argsort(distances, axis=1, kind="stable")[:, :k]
    return order


@pytest.mark.parametrize("kind", ["even", "clusters", "equal", "line"])
def test_neighbors_in_the_plane_are_the_nearest(kind: str) -> None:
    """For evenly spread points, tight clusters far apart, duplicate points and points on a line."""
    random = np.random.default_rng(1)
    even = random.integers(0, 65536, (700, 2))
    spots = random.integers(0, 65000, (5, 2))[random.integers(0, 5, 700)] + random.integers(0, 90, (700, 2))
    places = {"even": even, "clusters": spots, "equal": even // 30000, "line": even * [1, 0]}[kind]
    assert np.array_equal(plane_neighbors(places, 10), nearest(places, 10))


@pytest.mark.parametrize("seed", range(20))
def test_nearest_among_many_duplicates(seed: int) -> None:
    """Many duplicates, few distinct places and an outlier: the same as from all distances."""
    random = np.random.default_rng(seed)
    count, k = int(random.integers(5, 200)), int(random.integers(1, 5))
    places = random.integers(0, random.choice([1, 3, 50, 65536]), (count, 2))
    places[: count // 2 * (seed % 2)] = places[0]
    places[-1] = (65535, 65535) if seed % 3 == 0 else places[-1]
    assert np.array_equal(plane_neighbors(places, k), nearest(places, k))


@pytest.mark.parametrize("place", ["one place", "a corner"])
def test_dense_points_take_few_distances(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """20,000 points at one place, or in a corner with one outlier, take fewer than 200 distances each."""
    places = np.random.default_rng(0).integers(0, 1 if place == "one place" else 150, (20_000, 2))
    places[-1] = (65535, 65535)
    distances = []
    runs = plane_neighbors_file._runs
    monkeypatch.setattr(plane_neighbors_file, "_runs", lambda counts: distances.append(counts.sum()) or runs(counts))
    plane_neighbors(places, 10)
    assert sum(distances) < 200 * len(places)


def test_kept_counts_common_neighbors() -> None:
    """Two of three neighbors in common, then none."""
    assert kept_counts(np.array([[1, 2, 3], [0, 2, 3]]), np.array([[3, 9, 1], [5, 6, 7]])).tolist() == [2, 0]


@pytest.mark.slow
def test_clusters_are_separated() -> None:
    """Three tight groups of rows: more than 95% of the neighbors in the plane are in a point's own group."""
    random = np.random.default_rng(2)
    group = np.repeat(np.arange(3), 60)
    rows = np.eye(3)[group] + 0.05 * random.normal(size=(180, 3))
    graph = np.argsort(-(rows @ rows.T) / np.linalg.norm(rows, axis=1), axis=1)[:, 1:16]
    places = tsne(graph, rows[:, :2] - rows[:, :2].mean(axis=0))
    whole = np.rint(places * 1000).astype(np.intp)
    assert (group[plane_neighbors(whole, 10)] == group[:, None]).mean() > 0.95


LAYOUT = """
import hashlib, numpy as np
from embgeo import load
from embgeo.numerics import tsne
from embgeo.numerics.neighbor_lists import neighbor_lists
from embgeo.numerics.plane_start import principal_plane
tsne.EXAGGERATED_STEPS, tsne.STEPS = {steps}
space, rows = load("minilm"), np.arange(2000, {stop})
graph = neighbor_lists(space.weights, rows, np.arange(len(space))).graph - 2000
places = tsne.tsne(graph, principal_plane(space.weights, rows))
print(hashlib.sha256(places.tobytes()).hexdigest())
"""
MACHINES = [
    {"OPENBLAS_NUM_THREADS": "1"},
    {"OPENBLAS_NUM_THREADS": "2"},
    {"OPENBLAS_CORETYPE": "Haswell"},
    {"OPENBLAS_CORETYPE": "Nehalem", "NPY_DISABLE_CPU_FEATURES": " ".join(__cpu_dispatch__)},
]


def digests(code: str) -> set[str]:
    """A program's distinct outputs on these machines; one may crash, as a processor may lack a kernel of OpenBLAS."""
    line = [sys.executable, "-W", "ignore", "-c", code]
    done = [
        subprocess.run(line, env={**os.environ, **env}, capture_output=True, text=True, check=False) for env in MACHINES
    ]
    ran = [one for one in done if one.returncode >= 0]
    assert [one.stderr for one in ran if one.returncode] == []
    assert len(ran) >= 3
    return {one.stdout for one in ran}


@pytest.mark.slow
def test_the_same_bytes_on_every_machine() -> None:
    """With one and two threads, and with other kernels of BLAS and NumPy: a few steps on six hundred rows."""
    assert len(digests(LAYOUT.format(steps=(10, 25), stop=2600))) == 1


@pytest.mark.slow
def test_the_same_bytes_of_a_full_layout() -> None:
    """All steps on three thousand rows."""
    assert len(digests(LAYOUT.format(steps=(200, 600), stop=4000))) == 1
