"""Matrices with many ties, such as equal rows and scaled copies: lists are those of every exact cosine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import write_model
from counting import CountingRows
from embgeo import load
from embgeo.errors import EmbgeoError
from embgeo.numerics import batch_search, cosine_sweep, mutual_neighbors, units
from embgeo.numerics import neighbor_lists as neighbor_lists_file
from embgeo.numerics.analogies import analogy_queries, single_query, sum_queries
from embgeo.numerics.batch_search import search_batch
from embgeo.numerics.batches import RowFilter
from embgeo.numerics.correlation import cosines_between
from embgeo.numerics.dtypes import F32, Ids
from embgeo.numerics.kernels import Matrix
from embgeo.numerics.neighbor_lists import NeighborLists, neighbor_lists
from embgeo.numerics.objectives import ANALOGY_METHODS
from embgeo.numerics.rescoring import best_rows, ranked_rows
from embgeo.numerics.search import scan
from embgeo.questions.batch import analogy_batch, neighbors_batch
from embgeo.questions.ranking import ListOptions
from test_batch import check

DTYPES = {"F32": np.float32, "F64": np.float64, "F16": np.float16}


def matrix_with_ties(seed: int, rows: int, dims: int, dtype: str) -> Matrix:
    """Many copies of few rows: equal, off by a few units in the last place, scaled, negated or noisy; random rows."""
    random = np.random.default_rng(seed)
    kinds = random.normal(size=(int(random.integers(1, 6)), dims))
    if seed % 3 == 0:
        kinds = np.rint(2 * kinds)
    values = kinds[random.integers(0, len(kinds), rows)].astype(DTYPES[dtype])
    some = random.choice(["equal", "near", "scaled", "opposed", "noisy", "random"], int(random.integers(1, 7)))
    change = random.choice(some, rows)  # all kinds of change or only some
    near, noisy = change == "near", change == "noisy"
    values[near] = np.nextafter(values[near], random.choice([-9, 9], values[near].shape).astype(values.dtype))
    values[change == "scaled"] *= random.choice([2, 3, 0.5, 1e-3], (int((change == "scaled").sum()), 1)).astype(
        values.dtype
    )
    values[change == "opposed"] *= -1
    values[noisy] *= (1 + 1e-3 * random.normal(size=values[noisy].shape)).astype(values.dtype)
    values[change == "random"] = random.normal(size=values[change == "random"].shape)
    wide = values.astype(np.float64)
    return Matrix(values, dtype, np.sqrt((wide * wide).sum(axis=1)))


def scores_of(matrix: Matrix, rows: Ids) -> F32:
    """Every exact cosine, rounded to float32 once [rows, rows]."""
    taken = matrix.take(rows)
    return np.array([cosines_between(taken, np.broadcast_to(one, taken.shape)) for one in taken]).astype(np.float32)


def by_every_cosine(matrix: Matrix, rows: Ids, fold: Ids, k: int, shown: int) -> NeighborLists:
    """The lists, by sorting all cosines of each row."""
    scores = scores_of(matrix, rows)
    graph, listed = np.full((len(rows), k), -1), np.full((len(rows), shown), -1)
    cosines = np.zeros((len(rows), shown), np.float32)
    for place, row in enumerate(rows):
        order = [one for one in np.lexsort((rows, -scores[place])) if one != place]
        graph[place, : len(order[:k])] = rows[order[:k]]
        words: dict[int, int] = {}
        for one in order:
            if fold[rows[one]] != fold[row]:
                words.setdefault(int(fold[rows[one]]), one)
        some = list(words.values())[:shown]
        listed[place, : len(some)], cosines[place, : len(some)] = rows[some], scores[place, some]
    return NeighborLists(graph, listed, cosines)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32 - 1), st.integers(2, 200), st.sampled_from([1, 2, 5, 33]), st.sampled_from(list(DTYPES)),
    st.sampled_from([1, 40, 1 << 20]), st.sampled_from([1, 3, 40]), st.booleans(),
)  # fmt: skip
@pytest.mark.slow
def test_neighbor_lists(seed: int, rows: int, dims: int, dtype: str, room: int, spellings: int, some: bool) -> None:
    """With space for one pair, a few or all; one to forty spellings per word; all rows or some as queries."""
    matrix = matrix_with_ties(seed, rows, dims, dtype)
    usable = np.flatnonzero(matrix.norms > 0)
    if not len(usable):
        return
    random = np.random.default_rng(seed)
    fold = random.integers(0, max(1, rows // spellings), rows)
    queries = np.flatnonzero(random.random(len(usable)) < 0.5) if some else np.arange(len(usable))
    expected = by_every_cosine(matrix, usable, fold, 7, 5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cosine_sweep, "MAX_PENDING", room)
        patch.setattr(mutual_neighbors, "MAX_PENDING", room)
        patch.setattr(neighbor_lists_file, "FIRST_DEPTH", 7)
        patch.setattr(units, "BLOCK_NUMBERS", 1 << 12)
        found = neighbor_lists(matrix, usable, fold, 7, 5, queries=usable[queries] if some else None)
    for field, reference in zip(found, expected, strict=True):
        assert field.tolist() == reference[queries].tolist()


def test_ties_at_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    """Orthogonal rows have cosine 0, although float64 products are just above or below 0: lower rows come first."""
    rows = np.eye(100) * np.arange(1, 101)[:, None]
    matrix = Matrix(rows, "F64", np.arange(1.0, 101))
    monkeypatch.setattr(cosine_sweep, "MAX_PENDING", 1)
    found = neighbor_lists(matrix, np.arange(100), np.arange(100), 5, 5, queries=np.arange(100))
    assert found.graph.tolist() == [[one for one in range(6) if one != row][:5] for row in range(100)]
    assert not found.cosines.any()


@pytest.mark.parametrize("noise", [1e-7, 1e-4, 1e-3, 1e-2])
def test_nearly_equal_rows(noise: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows around one row: for all but the largest noise their cosines are equal within float32's error."""
    random = np.random.default_rng(1)
    rows = (random.normal(size=33) * (1 + noise * random.normal(size=(300, 33)))).astype(np.float32)
    matrix = Matrix(rows, "F32", np.sqrt((rows.astype(np.float64) ** 2).sum(axis=1)))
    monkeypatch.setattr(cosine_sweep, "MAX_PENDING", 1)
    monkeypatch.setattr(units, "BLOCK_NUMBERS", 1 << 12)
    found = neighbor_lists(matrix, np.arange(300), np.arange(300), 7, 5, queries=np.arange(300))
    for field, reference in zip(found, by_every_cosine(matrix, np.arange(300), np.arange(300), 7, 5), strict=True):
        assert field.tolist() == reference.tolist()


def orthogonal_rows(rows: int, dims: int) -> Matrix:
    """A row of integers, and rows whose dot products with it are exactly 0."""
    random = np.random.default_rng(0)
    values = random.integers(-9, 10, (rows, dims))
    values[0, -1] = 1
    values[1:, -1] = -values[1:, :-1] @ values[0, :-1]
    return Matrix(values.astype(np.float32), "F32", np.sqrt((values**2).sum(axis=1).astype(np.float64)))


@pytest.mark.parametrize("room", [1, 1 << 20])  # 1 leaves the decision to float64, the other value to float32
def test_ties_that_rounding_hides(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """All cosines with a row are exactly 0, but its rounded products differ: the lowest rows are listed, with 0.

    Without a margin for rounding, the rows with the largest rounded products would be listed.
    """
    matrix = orthogonal_rows(400, 33)
    wide = matrix.rows / matrix.norms[:, None]
    for dtype in (np.float32, np.float64):
        products = wide[1:].astype(dtype) @ wide[0].astype(dtype)
        assert len(np.unique(products)) > 100
        assert sorted(np.argsort(-products)[:5]) != [0, 1, 2, 3, 4]
    monkeypatch.setattr(cosine_sweep, "MAX_PENDING", room)
    monkeypatch.setattr(batch_search, "MAX_CANDIDATES", room)
    monkeypatch.setattr(units, "BLOCK_NUMBERS", 64)  # several blocks
    found = neighbor_lists(matrix, np.arange(400), np.arange(400), 7, 5, queries=np.array([0]))
    assert found.graph.tolist() == [[1, 2, 3, 4, 5, 6, 7]]
    assert found.cosines.tolist() == [[0, 0, 0, 0, 0]]
    batch = sum_queries(matrix.take(np.array([0])), np.array([[0]]))
    (candidates,) = search_batch(matrix, batch, RowFilter(np.ones(400, bool), np.arange(400), np.array([[0]])), 5)
    (ranked,) = ranked_rows(matrix, batch, candidates, np.arange(400), 5)
    assert ranked is not None
    assert ranked.rows[ranked.best].tolist() == [1, 2, 3, 4, 5]
    assert ranked.scores[ranked.best].tolist() == [0, 0, 0, 0, 0]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 2, 33, 1000]), st.sampled_from(list(DTYPES)), st.booleans())
@pytest.mark.slow
def test_error_bound_of_cosines(seed: int, dims: int, dtype: str, double: bool) -> None:
    """Block cosines are within their error bound, in float32 and float64, for lengths from 1e-30 to 1e30."""
    matrix = matrix_with_ties(seed, 50, dims, dtype)
    rows = np.flatnonzero(matrix.norms > 0)
    if not len(rows):
        return
    vectors = matrix.take(rows) * 10.0 ** np.random.default_rng(seed).integers(-30, 30, (len(rows), 1))
    error, blocks = units.cosine_blocks(matrix, vectors, rows, 32, double=double)
    ((ids, cosines),) = blocks
    exact = np.array([cosines_between(np.broadcast_to(one, vectors.shape), matrix.take(ids)) for one in vectors])
    assert np.abs(cosines[:, : len(ids)] - exact).max() <= error


@pytest.mark.parametrize("method", list(ANALOGY_METHODS))
@pytest.mark.parametrize("noise", [1e-3, 1e-5])
def test_analogies_of_nearly_equal_rows(method: str, noise: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Float32 can't find the best of 3,000 rows for any of 100 questions, but few rows are compared one by one."""
    random = np.random.default_rng(2)
    rows: Any = CountingRows((random.normal(size=33) + noise * random.normal(size=(3000, 33))).astype(np.float64))
    matrix = Matrix(rows, "F64", np.linalg.norm(rows.rows, axis=1))
    triples = np.array([random.choice(3000, 3, replace=False) for _ in range(100)])
    monkeypatch.setattr(batch_search, "MAX_CANDIDATES", 1 << 12)
    batch = analogy_queries(ANALOGY_METHODS[method], matrix.take(np.arange(3000)), triples)
    limits = RowFilter(np.ones(3000, bool), np.arange(3000), triples)
    (found,) = search_batch(matrix, batch, limits, 1)
    best = best_rows(matrix, batch, found, ~found.left_out)
    read = rows.read
    for question, answer in zip(triples, best, strict=True):
        vectors, objective = single_query(ANALOGY_METHODS[method], *matrix.take(question))
        scores = scan(matrix, vectors, objective).score(np.arange(3000))
        scores[question] = np.nan
        assert answer == np.nanargmax(scores)
    assert read < 20_000 < len(triples) * 3000


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32 - 1), st.integers(5, 120), st.sampled_from(list(ANALOGY_METHODS)),
    st.sampled_from(["F32", "F64", "F16"]), st.integers(1, 4), st.booleans(),
)  # fmt: skip
@pytest.mark.slow
def test_batches(
    tmp_path_factory: pytest.TempPathFactory, seed: int, rows: int, method: str, dtype: str, k: int, raw: bool
) -> None:
    """Neighbors and analogies in a batch with space for one pair, with three spellings per word."""
    random = np.random.default_rng(seed)
    matrix = matrix_with_ties(seed, rows, int(random.choice([2, 5, 33])), dtype).rows
    letters = "abcdefghij"
    words = [letters[i % 10].upper() * (i % 3 == 1) + letters[i % 10] * (1 + i % 3) + f"{i // 3}" for i in range(rows)]
    space = load(write_model(tmp_path_factory.mktemp("ties"), matrix, words))
    terms = [f"id:{row}" for row in random.integers(0, rows, 12)]
    triples = [(terms[i], terms[i + 1], terms[i + 2]) for i in range(9)]
    options = ListOptions(k, raw=raw)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cosine_sweep, "MAX_PENDING", 1)
        patch.setattr(batch_search, "MAX_CANDIDATES", 1)
        patch.setattr(units, "BLOCK_NUMBERS", 1 << 12)
        check(neighbors_batch(space, terms, options), [("neighbors", (term,)) for term in terms], space, options)
        found = analogy_batch(space, triples, options, method=method)
    for triple, answer in zip(triples, found, strict=True):
        if not isinstance(answer, EmbgeoError):
            assert answer.results == space.analogy(*triple, method=method, **options._asdict()).results
