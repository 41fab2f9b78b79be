"""Comparing words: similarity, clusters and parallels, against scikit-learn, SciPy and plain NumPy."""

from __future__ import annotations

import json
import random
import subprocess
import sys

import numpy as np
import pytest
from scipy.spatial.distance import cosine

from conftest import Run, SpaceOf, data_folder
from embgeo import EmbeddingSpace, TermError, UsageError
from embgeo.formats.benchmarks import read_analogies
from embgeo.numerics.dtypes import F64
from embgeo.numerics.parallelogram import chance_cosines
from test_gpt2_words import gram, published, space  # noqa: F401  # the 57 words, as fixtures

WORDS = ["cat", "dog", "horse", "red", "blue", "green", "one", "two", "three", "paris", "london", "berlin"]
ROWS = {"a": (2.0, 0.0), "b": (0.0, 1.0), "c": (3.0, 3.0), "d": (-1.0, 0.0), "nothing": (0.0, 0.0)}


def vectors(model: EmbeddingSpace, words: list[str]) -> F64:
    """Rows [words, dims] in float64."""
    return np.array([np.asarray(model[word]).astype(np.float64) for word in words])


def test_similarity_by_hand(space_of: SpaceOf) -> None:
    """Dots and cosines of (2, 0), (3, 3), (-1, 0)."""
    assert space_of(ROWS).similarity("a", "c", "d", metric="dot").matrix == ((4, 6, -2), (6, 18, -3), (-2, -3, 1))
    root = float(np.float32(np.sqrt(0.5)))
    found = np.array(space_of(ROWS).similarity("a", "c", "d").matrix)
    assert np.allclose(found, [[1, root, -1], [root, 1, -root], [-1, -root, 1]])


def test_similarity_equals_scikit_learns(minilm: EmbeddingSpace) -> None:
    """`cosine_similarity` on the same rows gives the same matrix."""
    pairwise = pytest.importorskip("sklearn.metrics.pairwise", reason="scikit-learn is not installed")
    found = np.array(minilm.similarity(*WORDS).matrix)
    assert np.allclose(found, pairwise.cosine_similarity(vectors(minilm, WORDS)), atol=1e-6)
    assert np.array_equal(found, found.T)


def test_similarity_of_gpt2s_words(space: EmbeddingSpace, published: dict[str, list[str]]) -> None:  # noqa: F811
    """The 57 words reproduce GPT-2's published cosines."""
    found = np.array(space.similarity(*published["words"]).matrix)
    assert np.allclose(found, gram(published), atol=1e-6)


@pytest.mark.slow
def test_groups_equal_scikit_learns(minilm: EmbeddingSpace) -> None:
    """Average linkage on cosines gives the same partition; names are the rows nearest to the centers in plain NumPy."""
    cluster = pytest.importorskip("sklearn.cluster", reason="scikit-learn is not installed")
    units = vectors(minilm, WORDS)
    units /= np.linalg.norm(units, axis=1)[:, None]
    labels = cluster.AgglomerativeClustering(4, metric="cosine", linkage="average").fit_predict(units)
    answer = minilm.cluster(*WORDS, groups=4)
    expected = {frozenset(np.array(WORDS)[labels == label]) for label in range(4)}
    assert {frozenset(member.term for member in group.members) for group in answer.groups} == expected
    rows = np.asarray(minilm.matrix).astype(np.float64)
    for group in answer.groups:
        middle = np.mean([units[WORDS.index(member.term)] for member in group.members], axis=0)
        cosines = rows @ middle / np.linalg.norm(rows, axis=1) / np.linalg.norm(middle)
        assert (group.id, group.cosine) == (int(np.argmax(cosines)), pytest.approx(float(cosines.max()), abs=1e-6))
        given = [member.cosine for member in group.members]
        assert given == sorted(given, reverse=True)


def test_many_groups_equal_scikit_learns(minilm: EmbeddingSpace) -> None:
    """60 random rows in 15 groups, for which other linkages or distances give different groups."""
    cluster = pytest.importorskip("sklearn.cluster", reason="scikit-learn is not installed")
    rows = np.random.default_rng(1).choice(np.arange(1996, 30522), 60, replace=False)
    names = [f"id:{row}" for row in rows]
    labels = cluster.AgglomerativeClustering(15, metric="cosine", linkage="average").fit_predict(vectors(minilm, names))
    expected = {frozenset(np.array(names)[labels == label]) for label in range(15)}
    answer = minilm.cluster(*names, groups=15)
    assert {frozenset(member.term for member in group.members) for group in answer.groups} == expected


def test_groups_by_hand(space_of: SpaceOf) -> None:
    """Two clusters at right angles: the widest gap separates them, and each is named after its central row."""
    rows = {"x": (9.0, 1.0), "X2": (9.0, -1.0), "mid": (1.0, 0.0), "y": (1.0, 9.0), "y2": (-1.0, 9.0), "up": (0.0, 1.0)}
    space = space_of(rows)  # noqa: F811
    answer = space.cluster("x", "y", "X2", "y2")
    assert [(group.text, {member.term for member in group.members}) for group in answer.groups] == [
        (" mid", {"x", "X2"}), (" up", {"y", "y2"})
    ]  # fmt: skip
    assert [len(space.cluster("x", "y", "X2", "y2", groups=count).groups) for count in (1, 2, 3, 4)] == [1, 2, 3, 4]
    assert len(space.cluster("x", "y").groups) == 1


def test_groups_of_gpt2s_words(space: EmbeddingSpace) -> None:  # noqa: F811
    """GPT-2's own cosines separate capitals, colors and fruit, both at the widest gap and with the number given."""
    kinds = [["Paris", "Berlin", "London"], ["red", "blue", "green"], ["apple", "pear", "peach"]]
    words = [kind[place] for place in range(3) for kind in kinds]
    for groups in (None, 3):
        answer = space.cluster(*words, groups=groups)
        assert [sorted(member.term for member in group.members) for group in answer.groups] == [*map(sorted, kinds)]


def test_parallel_by_hand(space_of: SpaceOf) -> None:
    """(2, 0) - (-1, 0) = (3, 0) and (3, 3) - (0, 1) = (3, 2): the angle's tangent is 2 / 3."""
    answer = space_of(ROWS).parallel("a", "d", "c", "b")
    assert answer.angle == pytest.approx(np.degrees(np.arctan(2 / 3)), abs=1e-5)
    assert answer.cosine == pytest.approx(3 / np.sqrt(13), abs=1e-6)
    assert answer.norms == pytest.approx((3.0, np.sqrt(13)), abs=1e-6)


def departing(corner: F64, near: F64, towards: F64) -> F64:
    """A vector as long as `near` and at the same angle to the corner, in the plane of corner and random row."""
    angle = np.arccos(1 - cosine(corner, near))
    away = towards - (towards @ corner) / (corner @ corner) * corner
    turned = np.cos(angle) * corner / np.linalg.norm(corner) + np.sin(angle) * away / np.linalg.norm(away)
    return np.linalg.norm(near) * turned


def test_chance_cosines_by_hand(minilm: EmbeddingSpace) -> None:
    """The random parallelograms have the lengths and side angles of the corners."""
    corners = vectors(minilm, ["king", "man", "queen", "woman"])
    draws = minilm.matrix[2000:2100].astype(np.float64).reshape(50, 2, -1)
    king, man, queen, woman = corners
    turned = [departing(king, queen, one) - departing(man, woman, other) for one, other in draws]
    expected = [1 - cosine(king - man, difference) for difference in turned]
    assert chance_cosines(corners, draws) == pytest.approx(expected, abs=1e-9)


def test_parallel_and_its_baseline(minilm: EmbeddingSpace) -> None:
    """The cosine, the two other sides, and a baseline that the seed determines."""
    answer = minilm.parallel("king", "man", "queen", "woman")
    king, man, queen, woman = vectors(minilm, ["king", "man", "queen", "woman"])
    assert answer.cosine == pytest.approx(1 - cosine(king - man, queen - woman), abs=1e-6)
    assert answer.sides == pytest.approx((1 - cosine(king, queen), 1 - cosine(man, woman)), abs=1e-6)
    assert answer.baseline is not None
    assert answer.baseline.samples == 2000
    assert answer.baseline.mean < answer.baseline.high < 1
    assert minilm.parallel("king", "man", "queen", "woman", seed=1).baseline != answer.baseline
    assert minilm.parallel("king", "man", "queen", "woman") == answer


def test_similar_corners_are_not_evidence(minilm: EmbeddingSpace) -> None:
    """King - car and queen - cars are parallel only because queen is close to king, and cars to car."""
    answer = minilm.parallel("king", "car", "queen", "cars")
    assert answer.cosine > 0.6
    assert answer.baseline is not None
    assert answer.baseline.reached > 0.5


@pytest.mark.slow
def test_true_relations_differ_from_shuffled_ones(minilm: EmbeddingSpace) -> None:
    """Ten relations of Google's set, and their words paired across two relations, 20 questions each."""
    path = data_folder("EMBGEO_TEST_BENCHMARKS", "questions-words.txt") / "questions-words.txt"
    known = [
        [four for four in section.questions if all(minilm.vocabulary.single_token(word) is not None for word in four)]
        for section in read_analogies(path).items
    ]
    relations = [random.Random(12).sample(questions, 20) for questions in known if len(questions) >= 200][:10]
    assert len(relations) == 10

    def reached(*four: str) -> float:
        baseline = minilm.parallel(*four, samples=200).baseline
        assert baseline is not None
        return baseline.reached

    claims = [np.mean([reached(*four) <= 0.05 for four in questions]) for questions in relations]
    nonsense = [
        np.mean([reached(one.a, two.a, one.b, two.b) <= 0.05 for one, two in zip(questions, others, strict=True)])
        for questions, others in zip(relations, relations[4:] + relations[:4], strict=True)
    ]
    assert np.mean(claims) > 0.4
    assert np.mean(nonsense) < 0.06
    assert sum(claim > shuffled for claim, shuffled in zip(claims, nonsense, strict=True)) >= 9


def test_invalid_arguments(space_of: SpaceOf) -> None:
    """Too few words, unknown metrics, impossible counts and zero differences are errors."""
    space = space_of(ROWS)  # noqa: F811
    for method in (space.similarity, space.cluster):
        with pytest.raises(UsageError, match="two or more terms"):
            method("a")
        with pytest.raises(TermError, match="'nothing' has no direction"):
            method("a", "nothing")
    with pytest.raises(UsageError, match="unknown metric 'euclidean'; expected cosine or dot"):
        space.similarity("a", "b", metric="euclidean")
    with pytest.raises(UsageError, match="can't make 3 groups of 2"):
        space.cluster("a", "b", groups=3)
    with pytest.raises(TermError, match="'a' and 'a' have the same vector"):
        space.parallel("a", "a", "b", "c")
    with pytest.raises(UsageError, match="0 samples"):
        space.parallel("a", "b", "c", "d", samples=0)


def test_without_scipy() -> None:
    """The error says how to install SciPy."""
    code = (
        "import sys; sys.modules['scipy.cluster'] = sys.modules['scipy'] = None; from embgeo.cli.main import run; "
        "sys.exit(run(['cluster', 'cat', 'dog', '-m', 'minilm']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'embgeo[cluster]'" in done.stderr


def test_heat_map_in_ascii(run: Run) -> None:
    """In ASCII every cell is a number with a distinct shade, in strips that fit the width."""
    line = ("similarity", *WORDS[:9], "-m", "minilm")
    done = run(*line, COLUMNS="60", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines()[2:])) <= 60
    rows = [text for text in done.stdout.splitlines() if text.startswith("cat ")]
    assert len(rows) == 2
    assert "1.00 ##" in rows[0]
    assert "0.42 ::" in rows[0]
    matrix = json.loads(run(*line, "--json").stdout)["matrix"]
    shown = [
        float(cell) for text in rows for cell in text.split()[1:] if cell.strip(".:*#")[:1].isdigit() or "-" in cell
    ]
    assert shown == pytest.approx([round(value, 2) for value in matrix[0]], abs=1e-9)
