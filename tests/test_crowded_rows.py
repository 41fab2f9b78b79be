"""Rows that tie by the thousand, such as equal rows and scaled copies: the lists are those of every exact cosine."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import write_model
from embgeo import load
from embgeo.errors import EmbgeoError
from embgeo.numerics import batch_search, cosine_sweep, mutual_neighbors, units
from embgeo.numerics import neighbor_lists as neighbor_lists_file
from embgeo.numerics.correlation import cosines_between
from embgeo.numerics.dtypes import F32, Ids
from embgeo.numerics.kernels import Matrix
from embgeo.numerics.neighbor_lists import NeighborLists, neighbor_lists
from embgeo.numerics.objectives import ANALOGY_METHODS
from embgeo.questions.batch import analogy_batch, neighbors_batch
from embgeo.questions.ranking import ListOptions
from test_batch import check

DTYPES = {"F32": np.float32, "F64": np.float64, "F16": np.float16}


def crowded(seed: int, rows: int, dims: int, dtype: str) -> Matrix:
    """Few distinct rows, many times over: equal, a unit in the last place apart, scaled, opposed; and others."""
    random = np.random.default_rng(seed)
    kinds = random.normal(size=(int(random.integers(1, 6)), dims))
    if seed % 3 == 0:
        kinds = np.rint(2 * kinds)
    made = kinds[random.integers(0, len(kinds), rows)].astype(DTYPES[dtype])
    some = random.choice(["equal", "near", "scaled", "opposed", "noisy", "random"], int(random.integers(1, 7)))
    change = random.choice(some, rows)  # of all kinds or of few
    near, noisy = change == "near", change == "noisy"
    made[near] = np.nextafter(made[near], random.choice([-9, 9], made[near].shape).astype(made.dtype))
    made[change == "scaled"] *= random.choice([2, 3, 0.5, 1e-3], (int((change == "scaled").sum()), 1)).astype(
        made.dtype
    )
    made[change == "opposed"] *= -1
    made[noisy] *= (1 + 1e-3 * random.normal(size=made[noisy].shape)).astype(made.dtype)
    made[change == "random"] = random.normal(size=made[change == "random"].shape)
    wide = made.astype(np.float64)
    return Matrix(made, dtype, np.sqrt((wide * wide).sum(axis=1)))


def scores_of(matrix: Matrix, rows: Ids) -> F32:
    """Every exact cosine, rounded once [rows, rows]."""
    taken = matrix.take(rows)
    return np.array([cosines_between(taken, np.broadcast_to(one, taken.shape)) for one in taken]).astype(np.float32)


def by_every_cosine(matrix: Matrix, rows: Ids, fold: Ids, k: int, shown: int) -> NeighborLists:
    """The lists by sorting all cosines of each row."""
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
def test_lists_are_those_of_every_cosine(
    seed: int, rows: int, dims: int, dtype: str, room: int, spellings: int, some: bool
) -> None:
    """With room for one pair, for a few and for all, one to forty spellings a word, all rows asked or some."""
    matrix = crowded(seed, rows, dims, dtype)
    usable = np.flatnonzero(matrix.norms > 0)
    if not len(usable):
        return
    random = np.random.default_rng(seed)
    fold = random.integers(0, max(1, rows // spellings), rows)
    queries = np.flatnonzero(random.random(len(usable)) < 0.5) if some else np.arange(len(usable))
    expected = by_every_cosine(matrix, usable, fold, 7, 5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cosine_sweep, "WAITING", room)
        patch.setattr(mutual_neighbors, "WAITING", room)
        patch.setattr(neighbor_lists_file, "DEEP", 7)
        patch.setattr(units, "BLOCK_NUMBERS", 1 << 12)
        found = neighbor_lists(matrix, usable, fold, 7, 5, queries=usable[queries] if some else None)
    for own, other in zip(found, expected, strict=True):
        assert own.tolist() == other[queries].tolist()


def test_cosines_of_exactly_zero_tie(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows at right angles, which float64 products place on either side of 0: the lower row first, each cosine 0."""
    rows = np.eye(100) * np.arange(1, 101)[:, None]
    matrix = Matrix(rows, "F64", np.arange(1.0, 101))
    monkeypatch.setattr(cosine_sweep, "WAITING", 1)
    found = neighbor_lists(matrix, np.arange(100), np.arange(100), 5, 5, queries=np.arange(100))
    assert found.graph.tolist() == [[one for one in range(6) if one != row][:5] for row in range(100)]
    assert not found.cosines.any()


@pytest.mark.parametrize("noise", [1e-7, 1e-4, 1e-3, 1e-2])
def test_rows_that_are_nearly_equal(noise: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few hundred rows around one: their cosines lie within float32's error of each other, up to the last noise."""
    random = np.random.default_rng(1)
    rows = (random.normal(size=33) * (1 + noise * random.normal(size=(300, 33)))).astype(np.float32)
    matrix = Matrix(rows, "F32", np.sqrt((rows.astype(np.float64) ** 2).sum(axis=1)))
    monkeypatch.setattr(cosine_sweep, "WAITING", 1)
    monkeypatch.setattr(units, "BLOCK_NUMBERS", 1 << 12)
    found = neighbor_lists(matrix, np.arange(300), np.arange(300), 7, 5, queries=np.arange(300))
    for own, other in zip(found, by_every_cosine(matrix, np.arange(300), np.arange(300), 7, 5), strict=True):
        assert own.tolist() == other.tolist()


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32 - 1), st.integers(5, 120), st.sampled_from(list(ANALOGY_METHODS)),
    st.sampled_from(["F32", "F64", "F16"]), st.integers(1, 4), st.booleans(),
)  # fmt: skip
@pytest.mark.slow
def test_questions_are_answered_as_one_at_a_time(
    tmp_path_factory: pytest.TempPathFactory, seed: int, rows: int, method: str, dtype: str, k: int, raw: bool
) -> None:
    """Neighbors and analogies in a batch with room for one pair, in a vocabulary of three spellings a word."""
    random = np.random.default_rng(seed)
    matrix = crowded(seed, rows, int(random.choice([2, 5, 33])), dtype).rows
    letters = "abcdefghij"
    words = [letters[i % 10].upper() * (i % 3 == 1) + letters[i % 10] * (1 + i % 3) + f"{i // 3}" for i in range(rows)]
    space = load(write_model(tmp_path_factory.mktemp("crowded"), matrix, words))
    terms = [f"id:{row}" for row in random.integers(0, rows, 12)]
    triples = [(terms[i], terms[i + 1], terms[i + 2]) for i in range(9)]
    options = ListOptions(k, raw=raw)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cosine_sweep, "WAITING", 1)
        patch.setattr(batch_search, "MOST", 1)
        patch.setattr(units, "BLOCK_NUMBERS", 1 << 12)
        check(neighbors_batch(space, terms, options), [("neighbors", (term,)) for term in terms], space, options)
        found = analogy_batch(space, triples, options, method=method)
    for triple, answer in zip(triples, found, strict=True):
        if not isinstance(answer, EmbgeoError):
            assert answer.results == space.analogy(*triple, method=method, **options._asdict()).results
