"""Extreme numbers: every query has a defined answer that matches float64 NumPy and contains no NaN."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from conftest import write_model
from embgeo import EmbeddingSpace, EmbgeoError, TermError, load
from embgeo.cli.records import to_json
from embgeo.numerics.dtypes import shortest, to_float64
from embgeo.questions.analogy import analogy
from embgeo.questions.batch import analogy_batch, neighbors_batch
from embgeo.questions.neighbors import neighbors
from embgeo.questions.ranking import ListOptions

WORDS = ["a", "b", "c", "d", "e", "f", "g", "h"]
ROWS = np.random.default_rng(8).standard_normal((8, 3)).astype(np.float32)


def with_rows(**rows: list[float]) -> NDArray[np.float32]:
    """The rows, some of them replaced."""
    matrix = ROWS.copy()
    for word, row in rows.items():
        matrix[WORDS.index(word)] = row
    return matrix


SIGNS = np.sign(ROWS)
SIZES = (ROWS * 10.0 ** np.arange(-38, 38, 10)[:, None]).astype("<f4")
MATRICES: dict[str, NDArray[Any]] = {
    "float32 near its largest": (SIGNS * np.abs(ROWS).clip(0.1, 1) * 3e38).astype(np.float32),
    "float32 whose products overflow": ROWS * np.float32(1e20),
    "float32 denormals": (ROWS * 1e-42).astype(np.float32),
    "float32 whose products vanish": (ROWS * 1e-30).astype(np.float32),
    "float32 of all sizes": SIZES,
    "float16 at its largest": (SIGNS * [65504, 60000, 65472]).astype(np.float16),
    "float16 denormals": (ROWS * 6e-8).astype(np.float16),
    "bfloat16 of all sizes": (SIZES.view("<u4") >> 16).astype("<u2"),
    "float64 beyond float32": ROWS.astype(np.float64) * 1e100,
    "float64 below float32": ROWS.astype(np.float64) * 1e-100,
    "float64 denormals": ROWS.astype(np.float64) * 1e-310,
    "float64 too long": ROWS.astype(np.float64) * 1e200,
    "NaN and infinity": with_rows(b=[math.nan, 0, 1], c=[0, math.inf, 1], d=[-math.inf, math.inf, 0]),
    "zero rows": with_rows(b=[0, 0, 0], c=[-0.0, 0, -0.0]),
    "only zero rows": np.zeros((8, 3), np.float32),
    "only NaN": np.full((8, 3), np.nan, np.float32),
    "equal rows": np.ones((8, 3), np.float32),
    "one column": ROWS[:, :1].copy(),
    "one row": ROWS[:1].copy(),
    "more rows than tokens": np.concatenate([ROWS, ROWS, ROWS]),
    "more tokens than rows": ROWS[:3].copy(),
}  # fmt: skip


def space_of(name: str, folder: Path) -> EmbeddingSpace:
    """Load a matrix with a token for each row, unless its name says otherwise."""
    matrix = MATRICES[name]
    words = WORDS if name.startswith("more") else WORDS[: len(matrix)]
    return load(write_model(folder, matrix, words))


def queries(space: EmbeddingSpace) -> Iterator[Callable[[], object]]:
    """Every kind of query, some for more results than there are tokens."""
    for k in (0, 1, 99):
        for metric in ("cosine", "dot", "euclidean"):
            yield lambda k=k, metric=metric: space.neighbors("a", k=k, metric=metric, raw=k == 1)
        for method in ("3cosadd", "3cosmul", "offset", "pairdirection"):
            yield lambda k=k, method=method: space.analogy("a", "b", "c", k=k, method=method)
        yield lambda k=k: space.direction("a", "b").ends(k)
    pairs = [("a", "b"), ("c", "d"), ("e", "f")]
    yield lambda: space.neighbors("1e300 * a - 1e300 * b + 1e200 * c")
    yield lambda: space.dot("a", "b", "c", "1e300 * d")
    yield lambda: space.vector("a")
    yield lambda: space.direction("a", "b").score(["c", "d"])
    for method in ("mean", "pca", "sum"):
        yield lambda method=method: (found := space.direction(pairs=pairs, method=method)).with_evidence(
            found.score(["g", "h"]), permutations=20
        )
    yield lambda: space.project("a", "b - c")
    yield lambda: space.reject("a", "b - c")
    yield lambda: space.parallel("a", "b", "c", "d", samples=10)
    yield lambda: space.similarity("a", "b", "c", metric="dot")
    yield lambda: space.cluster("a", "b", "c")
    yield lambda: space.odd("a", "b", "c")
    yield lambda: space.unembed("a", 3)
    yield lambda: space.unembed("a", 3, temperature=0)
    yield lambda: space.tokens("a b h")
    yield space.info


@pytest.mark.parametrize("name", MATRICES)
def test_every_query_has_a_defined_answer(name: str, tmp_path: Path) -> None:
    """JSON without NaN and infinity or an EmbgeoError, and no warning."""
    answers = []
    for query in queries(space_of(name, tmp_path)):
        with contextlib.suppress(EmbgeoError):
            answers.append(json.loads(to_json(query(), lines=True, ascii_only=False), parse_constant=pytest.fail))
    assert len(answers) >= 2


def in_float64(matrix: NDArray[Any]) -> NDArray[np.float64]:
    """The numbers of a matrix in float64."""
    return to_float64(matrix, {"u2": "BF16", "f8": "F64"}.get(matrix.dtype.str[1:], ""))


def numpy_order(name: str, metric: str, word: int) -> list[int]:
    """The order of the rows by NumPy in float64, with scores rounded to float32 within its range; ties by id."""
    rows = in_float64(MATRICES[name])  # [rows, dims]
    with np.errstate(all="ignore"):
        norms = np.sqrt((rows * rows).sum(axis=1))  # [rows]
        dots = (rows * rows[word]).sum(axis=1)  # [rows]
        found = {
            "dot": dots,
            "cosine": np.where(norms > 0, dots / (norms * norms[word]), np.nan),
            "euclidean": -np.sqrt(((rows - rows[word]) ** 2).sum(axis=1)),
        }[metric]  # fmt: skip
        rounded = found.astype(np.float32)
    scores = found if (np.isinf(rounded) & np.isfinite(found)).any() else rounded
    allowed = [row for row in range(min(len(rows), len(WORDS) + 1)) if np.isfinite(norms[row]) and row != word]
    return sorted((row for row in allowed if np.isfinite(scores[row])), key=lambda row: (-scores[row], row))


@pytest.mark.parametrize("metric", ["cosine", "dot", "euclidean"])
@pytest.mark.parametrize("name", [name for name in MATRICES if name not in {"float64 too long", "only NaN"}])
def test_neighbors_are_in_float64_order(name: str, metric: str, tmp_path: Path) -> None:
    """All rows in the order that NumPy gives, with the right ranks."""
    space = space_of(name, tmp_path)
    if metric == "cosine" and not space["a"].norm:
        with pytest.raises(TermError, match="has no direction"):
            space.neighbors("a")
        return
    found = space.neighbors("a", k=99, metric=metric, raw=True)
    assert [token.id for token in found] == numpy_order(name, metric, 0)
    assert [token.rank for token in found] == list(range(1, len(found.results) + 1))


@pytest.mark.parametrize("name", [name for name in MATRICES if name not in {"float64 too long", "only NaN"}])
def test_dot_products_match_float64(name: str, tmp_path: Path) -> None:
    """`dot` of the first and the last finite row, in float32 precision within its range."""
    space, rows = space_of(name, tmp_path), in_float64(MATRICES[name])
    finite = [row for row in range(min(len(rows), len(WORDS))) if np.isfinite(rows[row]).all()]
    first, last = finite[0], finite[-1]
    answer = space.dot(WORDS[first], WORDS[last]).pairs[0]
    exact = float(rows[first] @ rows[last])
    assert answer.dot == pytest.approx(shortest(exact), rel=1e-6, abs=0)


def test_float16_sums_do_not_overflow(tmp_path: Path) -> None:
    """768 values of 65,504: the dot product, 3.3e12, and the length, 1.8e6, are far beyond float16's own range."""
    matrix = np.full((3, 768), 65504, np.float16)
    matrix[1] = 1
    space = load(write_model(tmp_path, matrix, WORDS[:3]))
    assert space.dot("a", "c").pairs[0].dot == shortest(768 * 65504.0**2)
    assert space["a"].norm == shortest(math.sqrt(768) * 65504)
    found = [(token.id, token.score) for token in space.neighbors("a", metric="dot", raw=True)]
    assert found == [(2, shortest(768 * 65504.0**2)), (1, shortest(768 * 65504.0))]


def test_tiny_rows_do_not_count_as_zero(tmp_path: Path) -> None:
    """An analogy has the same answer with rows of length 1e-30 as with length 1."""
    rows = np.array([[2, 1, 0], [0, 1, 0], [0, 0, 1], [2, 0, 1], [5, 5, 5]], np.float32)
    expected = load(write_model(tmp_path / "one", rows, WORDS[:5])).analogy("a", "b", "c", method="offset")
    found = load(write_model(tmp_path / "small", rows * np.float32(1e-30), WORDS[:5])).analogy(
        "a", "b", "c", method="offset"
    )
    assert [token.id for token in found] == [token.id for token in expected] == [3, 4]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.1, 0.1),
        (1e39, 1e39),
        (-1e39, -1e39),
        (1e-60, 1e-60),
        (0.0, 0.0),
        (1e-45, 1e-45),
        (3.4028234e38, 3.4028235e38),
    ],
)
def test_numbers_beyond_float32(value: float, written: float) -> None:
    """A number outside float32's range is kept, and doesn't become infinity or zero."""
    assert shortest(value) == written


@pytest.mark.parametrize("name", MATRICES)
@pytest.mark.slow
def test_a_batch_gives_the_answers_of_single_queries(name: str, tmp_path: Path) -> None:
    """The same answers and errors, bit for bit, as for each query outcome."""
    space = space_of(name, tmp_path)
    terms = [*WORDS, *WORDS, "1e300 * a - 1e300 * b", "a + b"]
    for metric in ("cosine", "dot", "euclidean"):
        found = neighbors_batch(space, terms, ListOptions(9), metric=metric)
        assert [printed(one) for one in found] == [
            printed(outcome(lambda term=term, metric=metric: neighbors(space, term, 9, metric=metric)))
            for term in terms
        ]
    triples = 4 * [("a", "b", "c"), ("c", "a", "a + b"), ("h", "g", "f"), ("a", "a", "a")]
    for method in ("3cosadd", "3cosmul", "offset", "pairdirection"):
        found = analogy_batch(space, triples, ListOptions(9), method=method)
        assert [printed(one) for one in found] == [
            printed(outcome(lambda three=three, method=method: analogy(space, *three, 9, method=method)))
            for three in triples
        ]


def outcome(query: Callable[[], object]) -> object:
    """The answer to a query, or the error that it raises."""
    try:
        return query()
    except EmbgeoError as error:
        return error


def printed(one: object) -> str:
    """An answer as it is printed, or the error message."""
    return one.message if isinstance(one, EmbgeoError) else to_json(one, lines=True, ascii_only=False)
