"""Comparing words: similarity, clusters and parallels, against scikit-learn, SciPy and plain NumPy."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from conftest import Run, SpaceOf
from embgeo import EmbeddingSpace, TermError, UsageError
from embgeo.questions.parallel import random_cosines
from test_gpt2_words import gram, published, space  # noqa: F401  # the 57 words, as fixtures

WORDS = ["cat", "dog", "horse", "red", "blue", "green", "one", "two", "three", "paris", "london", "berlin"]
ROWS = {"a": (2.0, 0.0), "b": (0.0, 1.0), "c": (3.0, 3.0), "d": (-1.0, 0.0), "nothing": (0.0, 0.0)}


def vectors(model: EmbeddingSpace, words: list[str]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Rows [words, dims] in float64."""
    return np.array([np.asarray(model[word]).astype(np.float64) for word in words])


def test_similarity_by_hand(space_of: SpaceOf) -> None:
    """Dots and cosines of (2, 0), (3, 3), (-1, 0)."""
    assert space_of(ROWS).similarity("a", "c", "d", metric="dot").matrix == ((4, 6, -2), (6, 18, -3), (-2, -3, 1))
    root = float(np.float32(np.sqrt(0.5)))
    found = np.array(space_of(ROWS).similarity("a", "c", "d").matrix)
    assert np.allclose(found, [[1, root, -1], [root, 1, -root], [-1, -root, 1]])


def test_similarity_as_scikit_learn_has_it(minilm: EmbeddingSpace) -> None:
    """`cosine_similarity` on the same rows gives the same matrix."""
    pairwise = pytest.importorskip("sklearn.metrics.pairwise", reason="scikit-learn is not installed")
    found = np.array(minilm.similarity(*WORDS).matrix)
    assert np.allclose(found, pairwise.cosine_similarity(vectors(minilm, WORDS)), atol=1e-6)
    assert np.array_equal(found, found.T)


def test_similarity_of_gpt2s_words(space: EmbeddingSpace, published: dict[str, list[str]]) -> None:  # noqa: F811
    """The 57 words reproduce GPT-2's published cosines."""
    found = np.array(space.similarity(*published["words"]).matrix)
    assert np.allclose(found, gram(published), atol=1e-6)


def test_groups_as_scikit_learn_has_them(minilm: EmbeddingSpace) -> None:
    """Average linkage on cosines gives the same partition; names are the rows nearest to the centres in plain NumPy."""
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


def test_many_groups_as_scikit_learn_has_them(minilm: EmbeddingSpace) -> None:
    """60 random rows in 15 groups, for which other linkages or distances give different groups."""
    cluster = pytest.importorskip("sklearn.cluster", reason="scikit-learn is not installed")
    rows = np.random.default_rng(1).choice(np.arange(1996, 30522), 60, replace=False)
    names = [f"id:{row}" for row in rows]
    labels = cluster.AgglomerativeClustering(15, metric="cosine", linkage="average").fit_predict(vectors(minilm, names))
    expected = {frozenset(np.array(names)[labels == label]) for label in range(15)}
    answer = minilm.cluster(*names, groups=15)
    assert {frozenset(member.term for member in group.members) for group in answer.groups} == expected


def test_groups_by_hand(space_of: SpaceOf) -> None:
    """Two bundles at right angles: the widest gap separates them, and each is named after its middle row."""
    rows = {"x": (9.0, 1.0), "X2": (9.0, -1.0), "mid": (1.0, 0.0), "y": (1.0, 9.0), "y2": (-1.0, 9.0), "up": (0.0, 1.0)}
    space = space_of(rows)  # noqa: F811
    answer = space.cluster("x", "y", "X2", "y2")
    assert [(group.text, {member.term for member in group.members}) for group in answer.groups] == [
        (" mid", {"x", "X2"}), (" up", {"y", "y2"})
    ]  # fmt: skip
    assert [len(space.cluster("x", "y", "X2", "y2", groups=count).groups) for count in (1, 2, 3, 4)] == [1, 2, 3, 4]
    assert len(space.cluster("x", "y").groups) == 1


def test_groups_of_gpt2s_words(space: EmbeddingSpace) -> None:  # noqa: F811
    """GPT-2's own cosines separate capitals, colours and fruit, both at the widest gap and with the number given."""
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


def test_parallel_and_random_words(minilm: EmbeddingSpace) -> None:
    """King - man is more parallel to queen - woman than any random pair; the random cosines agree with SciPy's."""
    answer = minilm.parallel("king", "man", "queen", "woman")
    king, man, queen, woman = vectors(minilm, ["king", "man", "queen", "woman"])
    first, second = king - man, queen - woman
    assert answer.cosine == pytest.approx(first @ second / np.linalg.norm(first) / np.linalg.norm(second), abs=1e-6)
    assert answer.baseline is not None
    drawn = random_cosines(minilm, 2000, 0)
    assert (answer.baseline.samples, answer.baseline.reached) == (2000, pytest.approx(1 / 2001))
    assert answer.baseline.mean == pytest.approx(drawn.mean(), abs=1e-6)
    assert answer.baseline.high == pytest.approx(np.sort(drawn)[1899], abs=1e-6)
    random = minilm.parallel("table", "river", "seven", "orange")
    assert random.baseline is not None
    assert random.baseline.reached > 0.01
    assert minilm.parallel("king", "man", "queen", "woman", seed=1).baseline != answer.baseline
    assert minilm.parallel("king", "man", "queen", "woman") == answer


def test_random_words_are_four_different_ones(space_of: SpaceOf) -> None:
    """With four words every draw uses all of them: three pairings, so three cosines and their negatives."""
    rows = {"a": (1.0, 0.0), "b": (0.0, 2.0), "c": (4.0, 1.0), "d": (-1.0, 3.0)}
    space = space_of(rows)  # noqa: F811
    four = np.array(list(rows.values()))
    pairings = [(0, 1, 2, 3), (0, 2, 1, 3), (0, 3, 1, 2)]
    found = [(four[i] - four[j], four[k] - four[m]) for i, j, k, m in pairings]
    expected = {round(float(a @ b / np.linalg.norm(a) / np.linalg.norm(b)), 6) for a, b in found}
    drawn = {round(abs(float(cosine)), 6) for cosine in random_cosines(space, 200, 0)}
    assert drawn == {abs(cosine) for cosine in expected}


def test_refused(space_of: SpaceOf) -> None:
    """Too few words, unknown metrics, impossible counts and zero differences are refused."""
    space = space_of(ROWS)  # noqa: F811
    for ask in (space.similarity, space.cluster):
        with pytest.raises(UsageError, match="two terms at least"):
            ask("a")
        with pytest.raises(TermError, match="'nothing' has no direction"):
            ask("a", "nothing")
    with pytest.raises(UsageError, match="unknown metric 'euclidean'; expected cosine or dot"):
        space.similarity("a", "b", metric="euclidean")
    with pytest.raises(UsageError, match="can't make 3 groups of 2"):
        space.cluster("a", "b", groups=3)
    with pytest.raises(TermError, match="'a' and 'a' have the same vector"):
        space.parallel("a", "a", "b", "c")
    with pytest.raises(UsageError, match="0 samples"):
        space.parallel("a", "b", "c", "d", samples=0)


def test_without_scipy() -> None:
    """The error contains the line that installs SciPy."""
    code = (
        "import sys; sys.modules['scipy.cluster'] = sys.modules['scipy'] = None; from embgeo.cli.main import run; "
        "sys.exit(run(['cluster', 'cat', 'dog', '-m', 'minilm']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'embgeo[cluster]'" in done.stderr


def test_heat_map_without_colour_or_unicode(run: Run) -> None:
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
