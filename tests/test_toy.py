"""Answers by hand, on spaces small enough for mental arithmetic."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from conftest import SpaceOf, write_model
from embgeo import TermError, UsageError, load
from embgeo.cli.drawing import draw
from embgeo.cli.tables import neighbors
from embgeo.numerics.dtypes import shortest
from embgeo.numerics.objectives import METRICS, Objective

# Royalty along x, male and female along y and z: the analogy holds exactly.
ROYAL = {
    "king": (2.0, 1.0, 0.0),
    "queen": (2.0, 0.0, 1.0),
    "man": (0.0, 1.0, 0.0),
    "woman": (0.0, 0.0, 1.0),
    "stone": (-1.0, 0.0, 0.0),
    "nothing": (0.0, 0.0, 0.0),
}


def test_offset_analogy_is_exact(space_of: SpaceOf) -> None:
    """King - man + woman = (2, 0, 1) is queen's own row: cosine 1; king would be next with 4/5."""
    answer = space_of(ROYAL).analogy("king", "man", "woman", method="offset")
    assert [(n.text, n.score) for n in answer] == [(" queen", 1.0), (" stone", shortest(-2 / math.sqrt(5)))]
    assert [(left.text, left.rank, left.score) for left in answer.excluded] == [
        (" king", 2, shortest(4 / 5)),
        (" woman", 3, shortest(1 / math.sqrt(5))),
        (" man", 4, 0.0),
    ]


def test_3cosadd_adds_unit_vectors(space_of: SpaceOf) -> None:
    """unit(king) - man + woman = (2, 1 - r, r) / r with r = sqrt 5; the cosine of queen with it follows from that."""
    r = math.sqrt(5)
    target = np.array([2 / r, 1 / r - 1, 1])
    expected = target @ np.array([2, 0, 1]) / np.linalg.norm(target) / r
    answer = space_of(ROYAL).analogy("king", "man", "woman", k=1)
    assert [(n.text, n.score) for n in answer] == [(" queen", shortest(expected))]


def test_3cosmul_multiplies(space_of: SpaceOf) -> None:
    """queen: cosines 4/5 with king, 0 with man, 1/sqrt 5 with woman, so .9 (1 + 1/sqrt 5)/2 / (.5 + 1e-6)."""
    expected = 0.9 * (1 + 1 / math.sqrt(5)) / 2 / (0.5 + 1e-6)
    answer = space_of(ROYAL).analogy("king", "man", "woman", k=1, method="3cosmul")
    assert [(n.text, n.score) for n in answer] == [(" queen", shortest(expected))]


def test_a_new_metric_needs_one_objective(space_of: SpaceOf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Manhattan distances from (2, 1, 0): 2 to queen and man, 3 to the zero row; ties by id."""
    manhattan = Objective(
        "manhattan", "manhattan", lambda rows, vectors: -abs(rows - vectors[0]).sum(axis=1), lowest_first=True
    )  # fmt: skip
    monkeypatch.setitem(METRICS, "manhattan", manhattan)
    space = space_of(ROYAL)
    expected = [(" queen", 2.0), (" man", 2.0), (" nothing", 3.0)]
    answer = space.neighbors("king", k=3, metric="manhattan")
    assert [(n.text, n.score) for n in answer] == expected
    assert space.neighbors_batch(["king"] * 5, k=3, metric="manhattan") == [answer] * 5
    assert "manhattan" in draw(neighbors.table(answer))


def test_keep_inputs_of_an_analogy(space_of: SpaceOf) -> None:
    """With its inputs kept, a - a + b is b, followed by the neighbors of b."""
    answer = space_of(ROYAL).analogy("man", "man", "king", keep_inputs=True)
    assert [n.text for n in answer][:2] == [" king", " queen"]
    assert answer.excluded == ()


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("cosine", [(" queen", 0.8), (" man", 1 / math.sqrt(5)), (" woman", 0.0), (" stone", -2 / math.sqrt(5))]),
        ("dot", [(" queen", 4.0), (" man", 1.0), (" woman", 0.0), (" nothing", 0.0), (" stone", -2.0)]),
        ("euclidean", [(" queen", math.sqrt(2)), (" man", 2.0), (" nothing", math.sqrt(5))]),
    ],
)
def test_metrics(space_of: SpaceOf, metric: str, expected: list[tuple[str, float]]) -> None:
    """Neighbors of king (2, 1, 0): ties by id; a zero row has a dot product, but no cosine."""
    answer = space_of(ROYAL).neighbors("king", metric=metric, k=len(expected))
    assert [(n.text, n.score) for n in answer] == [(text, shortest(score)) for text, score in expected]
    assert [n.rank for n in answer] == list(range(1, len(expected) + 1))


def test_ties_go_to_the_lower_id(space_of: SpaceOf) -> None:
    """Rows that are multiples of each other have equal cosines; the lower id comes first, in float16 too."""
    rows = {"a": (1, 0), "b": (3, 3), "c": (7, 7), "d": (5, 5), "e": (1, 1)}
    for dtype in ("<f4", "<f2", "<f8"):
        assert [n.text for n in space_of(rows, dtype).neighbors("a")] == [" b", " c", " d", " e"]


@pytest.mark.parametrize("dtype", ["<f4", "<f2", "<u2"])
def test_data_at_an_odd_offset(tmp_path: Path, dtype: str) -> None:
    """With a header like that of GPT-2's published file: the same answers, by every metric."""
    rows = np.array([(2, 1), (1, 1), (1, 2), (-1, 0)], np.float32)
    stored = (rows.view(np.uint32) >> 16).astype(np.uint16) if dtype == "<u2" else rows.astype(dtype)
    folder = write_model(tmp_path, stored, ["a", "b", "c", "d"])
    whole = (folder / "model.safetensors").read_bytes()
    data = whole[-stored.nbytes :]
    head = whole[: -stored.nbytes]
    odd = head.rstrip(b" ") + b" " * (1 - len(head.rstrip(b" ")) % 2)
    (folder / "model.safetensors").write_bytes((len(odd) - 8).to_bytes(8, "little") + odd[8:] + data)
    assert len(odd) % 2 == 1
    space = load(folder)
    assert [n.text for n in space.neighbors("a")] == [" b", " c", " d"]
    assert [n.score for n in space.neighbors("a", metric="dot")] == [4.0, 3.0, -2.0]


def test_variants_are_folded(space_of: SpaceOf) -> None:
    """cat, Cat and CAT are one entry in a list, shown as the best-ranked spelling; raw lists show each."""
    rows = {"pet": (1, 0), "CAT": (1, 3), "cat": (1, 1), "Cat": (1, 2), "dog": (1, 4)}
    folded = space_of(rows).neighbors("pet")
    assert [(n.text, n.variants) for n in folded] == [(" cat", 2), (" dog", 0)]
    raw = space_of(rows).neighbors("pet", raw=True)
    assert [(n.text, n.variants) for n in raw] == [(" cat", 0), (" Cat", 0), (" CAT", 0), (" dog", 0)]


def test_inputs_are_excluded_with_their_variants(space_of: SpaceOf) -> None:
    """The neighbors of cat exclude Cat too; raw lists exclude only the input row."""
    rows = {"cat": (1, 1), "Cat": (1, 2), "dog": (1, 4)}
    assert [n.text for n in space_of(rows).neighbors("cat")] == [" dog"]
    assert [n.text for n in space_of(rows).neighbors("cat", raw=True)] == [" Cat", " dog"]


def test_words_option(space_of: SpaceOf) -> None:
    """--words lists only tokens of letters."""
    rows = {"a": (1, 0), "b2": (1, 0), "...": (1, 0), "é": (1, 1)}
    assert [n.text for n in space_of(rows).neighbors("a", words=True)] == [" é"]


@pytest.mark.parametrize(("k", "expected"), [(0, 0), (2, 2), (1000, 4)])
def test_any_number_of_results(space_of: SpaceOf, k: int, expected: int) -> None:
    """K = 0 gives an empty list, a large k all rows except the input and those without a direction."""
    assert len(space_of(ROYAL).neighbors("king", k=k)) == expected


def test_scores_of_a_direction(space_of: SpaceOf) -> None:
    """Woman - man = (0, -1, 1), length sqrt 2: queen scores 1, king -1, and the cosines follow."""
    answer = space_of(ROYAL).direction("woman", "man").score(["king", "stone", "queen"])
    assert answer.norm == shortest(math.sqrt(2))
    assert [(s.dot, s.cosine) for s in answer.scores] == [
        (-1.0, shortest(-1 / math.sqrt(10))),
        (0.0, 0.0),
        (1.0, shortest(1 / math.sqrt(10))),
    ]
    assert answer.order == "increasing"


@pytest.mark.parametrize(
    ("words", "order"),
    [
        (["king", "queen"], "increasing"),
        (["queen", "king"], "decreasing"),
        (["king", "king"], "none"),
        (["king"], "none"),
    ],
)
def test_order_of_scores(space_of: SpaceOf, words: list[str], order: str) -> None:
    """Increasing and decreasing are strict, and need two words."""
    assert space_of(ROYAL).direction("woman", "man").score(words).order == order


def test_ends_of_a_direction(space_of: SpaceOf) -> None:
    """The ends of (0, -1, 1) are queen with 1 and king with -1; the pair itself is excluded."""
    ends = space_of(ROYAL).direction("woman", "man").ends(1)
    assert [(end.text, end.dot) for end in ends.top] == [(" queen", 1.0)]
    assert [(end.text, end.dot) for end in ends.bottom] == [(" king", -1.0)]


def test_relations_of_dot_products(space_of: SpaceOf) -> None:
    """King and queen are aligned, man and woman perpendicular, king and stone opposed."""
    pairs = {(p.a, p.b): p for p in space_of(ROYAL).dot("king", "queen", "man", "woman", "stone").pairs}
    assert len(pairs) == 10
    assert (pairs["king", "queen"].dot, pairs["king", "queen"].cosine) == (4.0, 0.8)
    found = [pairs[pair].relation for pair in (("king", "queen"), ("man", "woman"), ("king", "stone"))]
    assert found == ["aligned", "perpendicular", "opposed"]
    angle = math.degrees(math.acos(0.8))
    assert pairs["king", "queen"].angle == pytest.approx(angle)
    assert pairs["man", "woman"].angle == 90.0
    assert pairs["king", "stone"].angle == pytest.approx(180 - math.degrees(math.atan2(1, 2)))


def test_a_vector_of_length_zero_has_no_angle(space_of: SpaceOf) -> None:
    """Its dot product is 0, and so is its cosine by definition; there is no angle."""
    (pair,) = space_of({"a": (1.0, 0.0), "none": (0.0, 0.0)}).dot("a", "none").pairs
    assert (pair.dot, pair.cosine, pair.angle) == (0.0, 0.0, None)


def test_rows_with_nan_are_excluded(space_of: SpaceOf) -> None:
    """NaN and infinite rows never appear in a list; a note counts them."""
    rows = {"a": (1.0, 0.0), "bad": (math.nan, 1.0), "worse": (math.inf, 0.0), "b": (1.0, 1.0)}
    for metric in ("cosine", "dot", "euclidean"):
        answer = space_of(rows).neighbors("a", metric=metric)
        assert [n.text for n in answer] == [" b"]
        assert answer.notes == ("2 rows hold NaN or infinity and are left out",)
    for method in (space_of(rows).vector, space_of(rows).neighbors, lambda word: space_of(rows).dot("a", word)):
        with pytest.raises(TermError, match="'worse' holds NaN or infinity"):
            method("worse")


def test_padding_rows_are_never_listed(tmp_path: Path) -> None:
    """A matrix larger than the vocabulary (a, b and <unk>): extra rows are counted, but never in an answer."""
    rows = np.array([(1, 0), (1, 1), (1, 2), (9, 9), (9, 9)], np.float32)
    space = load(write_model(tmp_path, rows, ["a", "b"]))
    assert [n.text for n in space.neighbors("a", metric="dot")] == [" b", "<unk>"]
    assert (space.info().rows, space.info().tokens) == (5, 3)
    with pytest.raises(TermError, match="'id:3' is a row without a token"):
        space.neighbors("id:3")


def test_vectors_without_a_direction(space_of: SpaceOf) -> None:
    """A zero vector, or two equal ones, have no direction: an error names them."""
    space = space_of({**ROYAL, "monarch": (2.0, 1.0, 0.0)})
    with pytest.raises(TermError, match="'nothing' has no direction"):
        space.neighbors("nothing")
    with pytest.raises(TermError, match="'king' and 'monarch' have the same vector"):
        space.direction("king", "monarch")
    with pytest.raises(TermError, match="cancel out"):
        space.analogy("nothing", "king", "king", method="offset")


def test_invalid_options(space_of: SpaceOf) -> None:
    """The error names an unknown metric or method, or an invalid count."""
    space = space_of(ROYAL)
    with pytest.raises(UsageError, match="unknown metric 'nonsense'"):
        space.neighbors("king", metric="nonsense")
    with pytest.raises(UsageError, match="unknown analogy method 'magic'; expected 3cosadd, 3cosmul, "):
        space.analogy("king", "man", "woman", method="magic")
    with pytest.raises(UsageError, match="-1"):
        space.neighbors("king", k=-1)
    with pytest.raises(UsageError, match="two or more terms"):
        space.dot("king")


def test_a_vector_is_an_array(space_of: SpaceOf) -> None:
    """space["king"] is the frozen result, and NumPy converts it to the row."""
    found = space_of(ROYAL)["king"]
    assert found.norm == shortest(math.sqrt(5))
    assert np.array_equal(np.asarray(found), np.array([2, 1, 0], np.float32))
