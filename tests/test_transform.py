"""Transformations: by hand, against NumPy, SciPy and scikit-learn, and by the papers' definitions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.linalg import fractional_matrix_power
from sklearn.decomposition import PCA

from conftest import SpaceOf, write_model
from embgeo import EmbeddingSpace, ModelError, UsageError, load
from embgeo.formats.safetensors import file_head
from embgeo.numerics.dtypes import F64, as_bytes
from embgeo.numerics.names import parse_transform, selected_transform
from embgeo.numerics.transform import centering, principal_components, removal, whitening
from embgeo.questions.verify import FACTS
from test_gpt2_words import gram

THREE = {"right": (1.0, 0.0), "far": (3.0, 0.0), "up": (2.0, 3.0)}
MANY = arrays.arrays(np.float64, st.tuples(st.integers(8, 40), st.integers(2, 6)), elements=st.floats(-100, 100))


def rows_of(space: EmbeddingSpace) -> F64:
    """The whole matrix [rows, dims] in float64."""
    return np.asarray(space.matrix).astype(np.float64)


def covariance(rows: F64) -> F64:
    """NumPy's own covariance, for a whole population [dims, dims]."""
    return np.asarray(np.cov(rows, rowvar=False, ddof=0)).reshape(rows.shape[1], -1)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("center", [(-1, -1), (1, -1), (0, 2)]),
        ("remove-top=1", [(-1, 0), (1, 0), (0, 0)]),  # variances 2/3 along x, and 2 along y, which is removed
        ("whiten", [(-(1.5**0.5), -(0.5**0.5)), (1.5**0.5, -(0.5**0.5)), (0, 2**0.5)]),
        ("inner=causal", [(-(1.5**0.5), -(0.5**0.5)), (1.5**0.5, -(0.5**0.5)), (0, 2**0.5)]),
    ],
)
def test_transformations_by_hand(space_of: SpaceOf, name: str, expected: list[tuple[float, float]]) -> None:
    """(1, 0), (3, 0), (2, 3): mean (2, 1), no covariance between x and y."""
    space = load(space_of(THREE).manifest.model, transform=name)
    assert np.allclose(rows_of(space), expected, atol=1e-7)
    assert space["far"].transform == name


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("MiniLM, float16", "MiniLM, float32")]


@pytest.fixture(params=["57 words", *SLOW])
def real(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A real model: vectors with GPT-2's published cosines, or all-MiniLM-L6-v2."""
    if request.param == "57 words":
        published = json.loads(FACTS.read_text(encoding="utf-8"))["cosines"]
        values, vectors = np.linalg.eigh(gram(published))
        return str(write_model(tmp_path, (vectors * np.sqrt(values)).astype(np.float32), published["words"]))
    if request.param == "MiniLM, float16":
        return "minilm"
    space: EmbeddingSpace = request.getfixturevalue("minilm_float32")
    return space.manifest.model


def test_against_scikit_learn_and_scipy(real: str) -> None:
    """Every row of a real space equals that of the other libraries within float32's rounding."""
    before = rows_of(load(real))
    mean, pca = before.mean(axis=0), PCA(svd_solver="full").fit(before)
    near = {"rtol": 0, "atol": 1e-6 * np.abs(before).max()}
    assert np.allclose(rows_of(load(real, transform="center")), before - mean, **near)
    top = pca.components_[:4]  # [4, dims]
    expected = before - mean - pca.transform(before)[:, :4] @ top  # [rows, 4] @ [4, dims]
    assert np.allclose(rows_of(load(real, transform="remove-top=4")), expected, **near)
    white = load(real, transform="whiten")
    rank = int((pca.singular_values_ > 1e-6 * pca.singular_values_[0]).sum())
    real_axes, sizes = pca.components_[:rank], np.sqrt(pca.explained_variance_[:rank] * (1 - 1 / len(before)))
    expected = (before - mean) @ real_axes.T / sizes @ real_axes  # [rows, dims] @ [dims, rank] @ [rank, dims]
    assert np.allclose(rows_of(white), expected, atol=1e-5)
    dropped = before.shape[1] - rank
    assert dropped == (1 if len(before) == 57 else 0)
    assert ("1 component has no variance and is dropped" in white.info().notes[0]) == bool(dropped)
    if not dropped:
        root = np.real(fractional_matrix_power(covariance(before), -0.5))  # [dims, dims]
        assert np.allclose(rows_of(white), (before - mean) @ root, atol=1e-5)


def test_neighbors_in_a_transformed_space(real: str) -> None:
    """Neighbors and cosines match plain NumPy on the transformed rows."""
    space = load(real, transform="remove-top=4")
    rows = rows_of(space)
    king = space["king"].term.tokens[0].id
    cosines = rows @ rows[king] / np.linalg.norm(rows, axis=1) / np.linalg.norm(rows[king])
    expected = [row for row in np.argsort(-cosines, kind="stable").tolist() if row != king][:5]
    answer = space.neighbors("king", k=5, raw=True)
    assert [n.id for n in answer] == expected
    assert np.allclose([n.score for n in answer], cosines[expected], atol=1e-6)
    assert answer.transform == "remove-top=4"


@settings(deadline=None)
@given(MANY)
def test_centering_gives_mean_zero(rows: F64) -> None:
    """The mean is zero for any rows."""
    rule, _ = centering(rows.mean(axis=0), len(rows))
    assert np.allclose(rule(rows).mean(axis=0), 0, atol=1e-12 * (1 + np.abs(rows).max()))


@settings(deadline=None)
@given(MANY, st.integers(1, 5))
def test_removing_top_components(rows: F64, top: int) -> None:
    """Coordinates along the removed components become 0; the others are those of the centered rows."""
    varied = rows + np.random.default_rng(0).standard_normal(rows.shape)
    mean, found = varied.mean(axis=0), principal_components(varied.mean(axis=0), covariance(varied), "these")
    if top >= found.rank:
        with pytest.raises(UsageError, match=f"can't remove {top} components"):
            removal(mean, found, top)
        return
    after, before = removal(mean, found, top).rule(varied) @ found.axes.T, (varied - mean) @ found.axes.T
    assert np.allclose(after[:, :top], 0, atol=1e-9)
    assert np.allclose(after[:, top:], before[:, top:], atol=1e-9)
    assert (np.diff(found.variances) <= 0).all()


@settings(deadline=None)
@given(MANY)
def test_whitening_gives_the_identity_covariance(rows: F64) -> None:
    """Mean zero and covariance I; the multiplier is symmetric, so that axes keep their meaning."""
    varied = rows + np.random.default_rng(0).standard_normal(rows.shape)
    found = principal_components(varied.mean(axis=0), covariance(varied), "these")
    white = whitening(varied.mean(axis=0), found).rule(varied)
    assert np.allclose(white.mean(axis=0), 0, atol=1e-9)
    assert np.allclose(covariance(white), np.eye(rows.shape[1]), atol=1e-6)
    root = whitening(np.zeros(rows.shape[1]), found).rule(np.eye(rows.shape[1]))
    assert np.allclose(root, root.T, atol=1e-9 * np.abs(root).max())


@pytest.mark.parametrize("count", [7, 49, 30_000])
def test_identical_rows_have_no_variance(tmp_path: Path, count: int) -> None:
    """Not even rounding error is left: the mean of many equal float64 rows isn't exactly that row."""
    row = np.random.default_rng(3).standard_normal(8)
    np.save(tmp_path / "rows.npy", np.tile(row, (count, 1)))
    (tmp_path / "rows.txt").write_text("".join(f"w{number}\n" for number in range(count)))
    with pytest.raises(ModelError, match="don't differ"):
        load(tmp_path / "rows.npy", transform="whiten")
    assert load(tmp_path / "rows.npy").space(queries=10).spectrum.participation_ratio is None


@settings(deadline=None)
@given(MANY)
def test_whitening_of_dependent_columns(rows: F64) -> None:
    """A column that repeats another: one component is dropped, and the covariance is a projector of that rank."""
    varied = rows + np.random.default_rng(0).standard_normal(rows.shape)
    doubled = np.column_stack([varied, varied[:, 0]])
    found = principal_components(doubled.mean(axis=0), covariance(doubled), "these")
    white = whitening(doubled.mean(axis=0), found)
    assert found.rank == rows.shape[1]
    assert "1 component has no variance and is dropped" in white.note
    after = covariance(white.rule(doubled))
    assert np.allclose(after @ after, after, atol=1e-6)
    assert np.trace(after) == pytest.approx(found.rank)


def with_head(folder: Path, rows: F64, head: F64, words: list[str]) -> Path:
    """A model with a separate unembedding."""
    write_model(folder, rows.astype(np.float32), words)
    layout = {"lm_head.weight": ("F32", head.shape), "wte.weight": ("F32", rows.shape)}
    data = [as_bytes(part.astype(np.float32)).tobytes() for part in (head, rows)]
    (folder / "model.safetensors").write_bytes(file_head(layout, {}) + b"".join(data))
    return folder


def test_causal_inner_product(tmp_path: Path) -> None:
    """Rows g = Cov(gamma)^(-1/2) gamma, with gamma the centered unembedding (Park et al. 2023), for either side."""
    random = np.random.default_rng(4)
    words = [f"word{row}" for row in range(50)]
    rows, head = (random.standard_normal((50, 6)) @ random.standard_normal((6, 6)) + 1 for _ in range(2))
    rows, head = (part.astype(np.float32).astype(np.float64) for part in (rows, head))
    folder = with_head(tmp_path, rows, head, words)
    gamma = head - head.mean(axis=0)
    root = fractional_matrix_power(gamma.T @ gamma / len(gamma), -0.5)  # [6, 6]
    found = load(folder, side="output", transform="inner=causal")
    assert np.allclose(rows_of(found), gamma @ root, atol=1e-5)
    assert any("the unembedding itself answers, so this is whitening" in note for note in found.info().notes)
    answer = load(folder, transform="inner=causal")
    assert np.allclose(rows_of(answer), (rows - rows.mean(axis=0)) @ root, atol=1e-5)
    assert any("inverse covariance of the unembedding lm_head.weight" in note for note in answer.info().notes)
    same = load(folder, tensor="wte.weight", transform="inner=causal")
    assert np.array_equal(rows_of(same), rows_of(answer))


@pytest.mark.slow
def test_causal_equals_whitening_if_tied(minilm: EmbeddingSpace) -> None:
    """The same rows to the last bit, with the name of the request and a note."""
    causal, white = load("minilm", transform="inner=causal"), load("minilm", transform="whiten")
    assert np.array_equal(rows_of(causal), rows_of(white))
    assert not np.array_equal(rows_of(white), rows_of(minilm))
    notes = causal.info().notes
    assert (causal.info().transform, white.info().transform) == ("inner=causal", "whiten")
    assert (
        notes[0]
        == "inner=causal: minilm is an encoder without an output head; its embedding stands in, so this is whitening"
    )


def test_causal_needs_two_sides_of_one_width(tmp_path: Path) -> None:
    """Rows of a different width than the unembedding's are refused."""
    random = np.random.default_rng(4)
    folder = with_head(tmp_path, random.random((9, 4)), random.random((9, 3)), [f"word{row}" for row in range(9)])
    with pytest.raises(UsageError, match="has 4 and 3 dimensions on its two sides"):
        load(folder, transform="inner=causal")


def test_rows_that_are_excluded(tmp_path: Path) -> None:
    """Zero rows, non-finite rows and rows without a token don't count in the mean; only the last are moved."""
    words = ["a", "b", "zero", "bad", "worse"]  # row 5 is <unk>, row 6 has no token
    nan, inf = np.nan, np.inf
    rows = np.array([(1, 2), (3, 6), (0, 0), (nan, 1), (2, inf), (5, 1), (900, 900)], np.float32)
    folder = write_model(tmp_path, rows, words)
    expected = {
        "center": [(-2, -1), (0, 3), (0, 0), (nan, 1), (2, inf), (2, -2), (897, 897)],
        "whiten": [(-(1.5**0.5), -0.5), (0, 1.5), (0, 0), (nan, 1), (2, inf), (1.5**0.5, -1)],
    }
    space = load(folder, transform="center")
    assert np.array_equal(rows_of(space), np.array(expected["center"]), equal_nan=True)
    assert (space.info().zero_rows, space.info().bad_rows) == (1, 2)
    white = rows_of(load(folder, transform="whiten"))
    assert np.allclose(covariance(white[[0, 1, 5]]), np.eye(2), atol=1e-6)
    assert np.array_equal(white[2:5], np.array(expected["whiten"])[2:5], equal_nan=True)


def test_components_of_equal_variance(tmp_path: Path) -> None:
    """A note says that the choice between them is arbitrary."""
    cross = np.array([(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 0.5), (0, 0, -0.5)], np.float32)
    space = load(write_model(tmp_path, cross, list("abcdef")), transform="remove-top=1")
    assert "components 1 and 2 have the same, so which of them goes is arbitrary" in space.info().notes[0]
    assert "arbitrary" not in load(tmp_path, transform="remove-top=2").info().notes[0]


@pytest.mark.parametrize(
    ("rows", "name", "message"),
    [
        ([(1, 2), (1, 2)], "whiten", "don't differ: there is no variance"),
        ([(0, 0), (np.nan, 1)], "center", "no usable row in"),
        ([(1.2e154, 0), (-1.2e154, 0)], "whiten", "too large for a covariance"),
        ([(1, 2), (3, 5), (4, 4)], "remove-top=2", "can't remove 2 components"),
    ],
)
def test_untransformable_rows(tmp_path: Path, rows: list[tuple[float, float]], name: str, message: str) -> None:
    """Rows without a covariance or with too few components give an error, each time."""
    matrix = np.array(rows, np.float64)
    folder = write_model(tmp_path, matrix, [f"word{row}" for row in range(len(rows))])
    with pytest.raises((ModelError, UsageError), match=message):
        load(folder, transform=name)
    with pytest.raises((ModelError, UsageError), match=message):
        load(folder, transform=name)


@pytest.mark.parametrize("name", ["center", "remove-top=4", "whiten", "inner=causal"])
def test_names_can_be_parsed(name: str) -> None:
    """The name in an answer is a valid name in a request."""
    assert parse_transform(name).name == name


@pytest.mark.parametrize(
    "name", ["", "centre", "remove-top", "remove-top=0", "remove-top=-1", "remove-top=²", "inner=x"]
)
def test_unknown_transformations(name: str) -> None:
    """Any other name is an error."""
    with pytest.raises(UsageError, match="unknown transformation"):
        parse_transform(name)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({}, None),
        ({"center": True}, "center"),
        ({"center": True, "remove_top": 3}, "remove-top=3"),
        ({"center": True, "whiten": True}, "whiten"),
        ({"inner": "causal", "center": True}, "inner=causal"),
    ],
)
def test_options_select_one_transformation(options: dict[str, Any], name: str | None) -> None:
    """All transformations center, so --center adds nothing to another one."""
    assert (
        selected_transform(**({"center": False, "remove_top": None, "whiten": False, "inner": None} | options)) == name
    )


def test_options_that_exclude_each_other() -> None:
    """After whitening there is no top component; two inner products can't be combined."""
    with pytest.raises(UsageError, match="--remove-top=3 and --whiten can't be combined"):
        selected_transform(center=False, remove_top=3, whiten=True, inner=None)
    with pytest.raises(UsageError, match="--whiten and --inner=causal"):
        selected_transform(center=False, remove_top=None, whiten=True, inner="causal")
