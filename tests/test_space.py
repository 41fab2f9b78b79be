"""`space`: by hand, against NumPy, SciPy and scikit-learn, and the number of passes over the matrix."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import Run, SpaceOf, write_model
from counting import with_read_count
from embgeo import EmbeddingSpace, ModelError, UsageError, load
from embgeo.cli.drawing import draw
from embgeo.cli.records import rows_to_csv, to_json
from embgeo.cli.tables import space as tables
from embgeo.numerics.dtypes import F64, to_float64
from embgeo.questions.space import rounded
from test_gpt2_words import published, space  # noqa: F401  # the 57 words, as fixtures

CROSS = {"right": (3.0, 0.0), "up": (0.0, 4.0), "left": (-1.0, 0.0), "far": (6.0, 0.0), "nothing": (0.0, 0.0)}


def rows_of(model: EmbeddingSpace) -> F64:
    """The matrix in float64 [rows, dims]."""
    return to_float64(np.asarray(model.matrix), model.manifest.dtype)


def test_figures_by_hand(space_of: SpaceOf) -> None:
    """(3, 0), (0, 4), (-1, 0), (6, 0), (0, 0): mean (1.6, .8), squares 9 + 16 + 1 + 36."""
    found = space_of(CROSS).space(samples=50)
    assert dataclasses.astuple(found.rows) == (5, 5, 0, 0, 1)
    assert (found.norms.min, found.norms.median, found.norms.max) == (0, 3, 6)
    assert found.norms.mean == pytest.approx(14 / 5)
    assert found.norms.deviation == pytest.approx((62 / 5 - (14 / 5) ** 2) ** 0.5)
    assert found.mean.norm == pytest.approx((1.6**2 + 0.8**2) ** 0.5)
    assert found.mean.by_mean_norm == pytest.approx((1.6**2 + 0.8**2) ** 0.5 / 2.8)
    assert found.mean.share == pytest.approx((1.6**2 + 0.8**2) / (62 / 5))
    assert [near.text for near in found.mean.nearest] == [" right", " left", " up", " far"]
    assert found.mean.nearest[0].distance == pytest.approx((1.4**2 + 0.8**2) ** 0.5)
    assert found.mean.median_distance == pytest.approx((2.6**2 + 0.8**2) ** 0.5)  # of all five; left is the third
    assert [(token.text, token.norm) for token in found.shortest] == [
        (" left", 1), (" right", 3), (" up", 4), (" far", 6),
    ]  # fmt: skip
    # right.far 1, right.left and left.far -1, the rest 0; six pairs
    assert found.anisotropy is not None
    assert found.anisotropy.cosine == pytest.approx(-1 / 6)
    assert found.anisotropy.pairs == 6
    assert sum(found.norms.histogram) == 5
    assert found.hubness is None


def test_spectrum_by_hand(space_of: SpaceOf) -> None:
    """Variances 46/5 - 1.6^2 = 6.64 and 16/5 - .8^2 = 2.56, covariance -1.28."""
    found = space_of(CROSS).space().spectrum
    trace, root = 9.2, ((6.64 - 2.56) ** 2 + 4 * 1.28**2) ** 0.5
    first, second = (trace + root) / 2, (trace - root) / 2
    assert found.variance == pytest.approx(trace)
    assert found.shares == pytest.approx((first / trace, second / trace))
    assert found.participation_ratio == pytest.approx(trace**2 / (first**2 + second**2))
    assert found.components_90 == 2


def test_random_pairs_by_hand(space_of: SpaceOf) -> None:
    """Cosines 1 or 0, a third of them 1: the deviation of such a sample is sqrt(p (1 - p) n / (n - 1))."""
    found = space_of({"right": (1.0, 0.0), "far": (2.0, 0.0), "up": (0.0, 1.0)}).space(samples=10).anisotropy
    assert found is not None
    assert found.cosine == pytest.approx(1 / 3)
    share = found.random.mean
    assert found.random.deviation == pytest.approx((share * (1 - share) * 10 / 9) ** 0.5)
    assert found.random.error == pytest.approx(found.random.deviation / 10**0.5)
    assert share in {number / 10 for number in range(1, 10)}


def check_against_numpy(model: EmbeddingSpace) -> None:
    """Compare norms, mean, cosines, distances and duplicates of all rows with NumPy."""
    found, rows = model.space(k=7, queries=20), rows_of(model)
    norms = np.linalg.norm(rows, axis=1)
    quantiles = (
        found.norms.min,
        found.norms.q05,
        found.norms.q25,
        found.norms.median,
        found.norms.q75,
        found.norms.q95,
    )
    assert quantiles == pytest.approx(np.quantile(norms, [0, 0.05, 0.25, 0.5, 0.75, 0.95]), rel=1e-6)
    assert found.norms.histogram == tuple(np.histogram(norms, 40)[0].tolist())
    middle = rows.mean(axis=0)
    assert found.mean.norm == pytest.approx(np.linalg.norm(middle), rel=1e-6)
    assert found.mean.share == pytest.approx((middle**2).sum() / (norms**2).mean(), rel=1e-6)
    far = np.linalg.norm(rows - middle, axis=1)
    assert [near.id for near in found.mean.nearest] == np.argsort(far.astype(np.float32), kind="stable")[:7].tolist()
    assert found.mean.median_distance == pytest.approx(np.median(far), rel=1e-6)
    units = rows / norms[:, None]
    parts = (units.sum(axis=0) ** 2 - (units**2).sum(axis=0)) / (len(rows) * (len(rows) - 1))  # [dims]
    assert found.anisotropy is not None
    assert found.anisotropy.cosine == pytest.approx(parts.sum(), rel=1e-5)
    random = found.anisotropy.random
    assert abs(random.mean - found.anisotropy.cosine) < 4 * random.error
    assert random.error == pytest.approx(random.deviation / 1000**0.5, rel=1e-6)
    for one in found.outliers.dimensions:
        assert one.mean == pytest.approx(middle[one.dimension], rel=1e-5)
        assert one.variance == pytest.approx(rows[:, one.dimension].var(), rel=1e-5)
        assert one.cosine_share == pytest.approx(parts[one.dimension] / parts.sum(), rel=1e-4)
        assert one.mean_sigmas == pytest.approx((middle[one.dimension] - middle.mean()) / middle.std(), rel=1e-4)
    assert found.duplicates.groups == len(rows) - len(np.unique(rows, axis=0))


def check_against_scikit_learn(model: EmbeddingSpace) -> None:
    """Compare the spectrum with that of `PCA`."""
    decomposition = pytest.importorskip("sklearn.decomposition", reason="scikit-learn is not installed")
    found, rows = model.space(queries=20).spectrum, rows_of(model)
    shares = decomposition.PCA(svd_solver="covariance_eigh").fit(rows).explained_variance_ratio_
    assert np.allclose(found.shares[: len(shares)], shares, rtol=1e-5, atol=1e-9)
    assert found.participation_ratio == pytest.approx(1 / (shares**2).sum(), rel=1e-5)
    assert found.components_90 == 1 + np.flatnonzero(np.cumsum(shares) >= 0.9)[0]


def test_gpt2s_words(space: EmbeddingSpace, published: dict[str, Any]) -> None:  # noqa: F811
    """57 words: also the mean of GPT-2's published cosines, and hubs as from SciPy."""
    check_against_numpy(space)
    check_against_scikit_learn(space)
    found = space.space()
    assert found.anisotropy is not None
    assert found.anisotropy.cosine == pytest.approx(np.mean(published["pairs"]), abs=1e-6)
    stats = pytest.importorskip("scipy.stats", reason="SciPy is not installed")
    rows = rows_of(space)
    norms = np.linalg.norm(rows, axis=1)
    cosines = (rows[:, None] * rows).sum(axis=2) / np.outer(norms, norms)  # [57, 57, dims] -> [57, 57]
    np.fill_diagonal(cosines, -2)
    order = np.argsort(-cosines.astype(np.float32), axis=1, kind="stable")  # published to 3 digits: there are ties
    counts = np.bincount(order[:, :10].ravel(), minlength=57)
    hubness = found.hubness
    assert hubness is not None
    assert (hubness.whole, hubness.error, hubness.queries) == (True, None, 57)
    assert hubness.skewness == pytest.approx(stats.skew(counts), rel=1e-6)
    assert hubness.never == pytest.approx(np.mean(counts == 0))
    assert [(hub.id, hub.occurrences) for hub in hubness.hubs] == [
        (int(row), int(counts[row])) for row in np.lexsort((np.arange(57), -counts))[:5]
    ]


@pytest.mark.slow
def test_minilm(minilm: EmbeddingSpace) -> None:
    """The bundled float16 rows."""
    check_against_numpy(minilm)
    check_against_scikit_learn(minilm)


@pytest.mark.slow
def test_minilm_float32(minilm_float32: EmbeddingSpace) -> None:
    """The published float32 rows."""
    check_against_scikit_learn(minilm_float32)


@pytest.mark.slow
def test_hubs_from_sampled_queries(minilm: EmbeddingSpace) -> None:
    """Hubs are counted from the lists of `neighbors`, for the sample that the seed gives."""
    found = minilm.space(k=3, queries=40, seed=1).hubness
    assert found is not None
    assert (found.whole, found.queries, found.never) == (False, 40, None)
    queries = np.random.default_rng((1, 1)).permutation(len(minilm))[:40]
    lists = [[n.id for n in minilm.neighbors(f"id:{row}", k=10, raw=True)] for row in queries]
    counts = np.bincount(np.ravel(lists), minlength=len(minilm))
    assert [(hub.id, hub.occurrences) for hub in found.hubs] == [
        (int(row), int(counts[row])) for row in np.lexsort((np.arange(len(minilm)), -counts))[:3]
    ]
    assert found.hubs[0].share == rounded(counts.max() / 40)


def test_rows_that_are_excluded(tmp_path: Path) -> None:
    """Rows without a token and rows with NaN are excluded from every figure; a zero row only has no direction."""
    rows = np.random.default_rng(0).normal(size=(60, 5)).astype(np.float32)
    rows[20], rows[21, 2], rows[22, 0], rows[40:] = 0, np.nan, np.inf, 1e6
    words = [f"w{row}" for row in range(40)]
    found = load(write_model(tmp_path / "padded", rows[np.r_[:40, 39, 40:60]], words)).space(k=50)
    assert dataclasses.astuple(found.rows) == (61, 39, 20, 2, 1)  # 40 words and <unk>, the row of w39 again
    counted = rows[[*range(21), *range(23, 40), 39]].astype(np.float64)
    assert found.mean.norm == pytest.approx(np.linalg.norm(counted.mean(axis=0)), rel=1e-6)
    assert found.spectrum.variance == pytest.approx(counted.var(axis=0).sum(), rel=1e-6)
    named = {token.id for token in (*found.shortest, *found.mean.nearest)}
    assert named == set(range(41)) - {20, 21, 22}
    assert found.hubness is not None
    assert found.hubness.queries == 38
    assert {hub.id for hub in found.hubness.hubs} <= named
    assert [[token.id for token in group] for group in found.duplicates.examples] == [[39, 40]]


def test_duplicates(space_of: SpaceOf) -> None:
    """Groups of identical rows, the largest first; rows of the same length and zero rows don't form a group."""
    rows = {f"w{number}": (float(value), 1.0) for number, value in enumerate([1, 2, 1, 3, 2, 2, 4])}
    rows |= {"across": (1.0, 3.0), "back": (-3.0, 1.0)}  # as long as w3
    found = space_of(rows | {"no": (0.0, 0.0), "nought": (0.0, 0.0)}).space(k=2).duplicates
    assert (found.groups, found.rows) == (2, 5)
    assert [[token.id for token in group] for group in found.examples] == [[1, 4], [0, 2]]


@pytest.fixture
def many(tmp_path: Path) -> EmbeddingSpace:
    """9,000 random rows of 6 dimensions."""
    rows = np.random.default_rng(0).normal(size=(9000, 6)).astype(np.float32)
    return load(write_model(tmp_path / "many", rows, [f"w{row}" for row in range(9000)]))


@pytest.mark.parametrize(("queries", "passes"), [(100, 2), (4096, 2), (4097, 3), (None, 4)])
@pytest.mark.slow
def test_passes(many: EmbeddingSpace, queries: int | None, passes: int) -> None:
    """Two passes over the matrix, and one more for each further 4,096 queries; samples are read row by row."""
    watched, rows = with_read_count(many)
    progress: dict[str, list[int]] = {}
    found = watched.space(
        queries=queries, report=lambda what, done, total, unit="": progress.setdefault(what, []).append(done)
    )
    assert found == many.space(queries=queries)
    sampled = 2 * 1000 + (queries or len(many))
    assert passes <= (rows.read - sampled) / len(many) < passes + 0.02
    assert len(progress) == passes
    assert all(done == sorted(done) and done[-1] == len(many) for done in progress.values())


def test_seeds(many: EmbeddingSpace) -> None:
    """A seed reproduces its samples, another seed gives others; the number of pairs doesn't change the queries."""
    first = many.space(queries=20, samples=50, seed=3)
    assert first == many.space(queries=20, samples=50, seed=3)
    other = many.space(queries=20, samples=50, seed=4)
    assert first.anisotropy is not None
    assert other.anisotropy is not None
    assert first.anisotropy.random.mean != other.anisotropy.random.mean
    assert first.hubness != other.hubness
    assert first.hubness == many.space(queries=20, samples=60, seed=3).hubness
    assert first.anisotropy.cosine == other.anisotropy.cosine


@pytest.mark.parametrize(
    "options",
    [{"k": -1}, {"samples": 1}, {"samples": 10**14}, {"queries": 0}, {"seed": -1}],
    ids=["k", "samples", "many samples", "queries", "seed"],
)
def test_invalid_numbers(minilm: EmbeddingSpace, options: dict[str, Any]) -> None:
    """They are refused."""
    with pytest.raises(UsageError, match="can't show"):
        minilm.space(**options)


@pytest.mark.parametrize(
    "rows",
    [{"a": (1.0, 2.0)}, {"a": (0.0, 0.0), "b": (0.0, 0.0)}, {"a": (1.0, 1.0), "b": (1.0, 1.0), "c": (2.0, 2.0)}],
    ids=["one row", "zero rows", "a line"],
)
def test_small_spaces(space_of: SpaceOf, rows: dict[str, tuple[float, float]]) -> None:
    """Undefined figures are None in the result, and in every format."""
    found = space_of(rows).space()
    assert found.hubness is None
    assert (found.anisotropy is None) == (sum(any(row) for row in rows.values()) < 2)
    assert json.loads(to_json(found, lines=True, ascii_only=True))["hubness"] is None
    assert f"rows.all,,,{len(rows)}\n" in rows_to_csv(found.records(), ",")
    assert draw(tables.table(found)).startswith("space")


def test_a_matrix_of_nan(space_of: SpaceOf) -> None:
    """The error says that there is no row to measure."""
    with pytest.raises(ModelError, match="has no row to measure"):
        space_of({"a": (np.nan, 1.0), "b": (np.inf, 1.0)}).space()


def test_huge_and_tiny_numbers(space_of: SpaceOf) -> None:
    """Squares outside float32's range become neither infinity nor zero."""
    huge = space_of({"a": (1e30, 0.0), "b": (0.0, 1e30)}).space()
    assert huge.spectrum.variance == pytest.approx(5e59)
    assert rounded(1e-60) == 1e-60
    assert rounded(0.1) == 0.1


@pytest.mark.parametrize("factor", [1e100, 1e-100])
def test_order_of_numbers_outside_float32(tmp_path: Path, factor: float) -> None:
    """The shortest rows and those nearest to the mean are ordered in float64 if float32 can't represent them."""
    lengths = (3.0, 2.0, 5.0, 1.0)
    np.save(tmp_path / "rows.npy", factor * np.outer(lengths, (1.0, 0.0)))
    (tmp_path / "rows.txt").write_text("a\nb\nc\nd\n")
    found = load(tmp_path / "rows.npy").space(2)
    assert [one.text for one in found.shortest] == ["d", "b"]
    assert [one.text for one in found.mean.nearest] == ["a", "b"]


def test_too_many_dimensions(tmp_path: Path) -> None:
    """A covariance that wouldn't fit into memory is refused; other queries work."""
    np.save(tmp_path / "rows.npy", np.eye(2, 70_000, dtype=np.float32))
    (tmp_path / "rows.txt").write_text("a\nb\n")
    wide = load(tmp_path / "rows.npy")
    with pytest.raises(UsageError, match=r"rows of 70,000 numbers have a covariance of 39 GB"):
        wide.space()
    with pytest.raises(UsageError, match="70,000 numbers"):
        load(tmp_path / "rows.npy", transform="whiten")
    assert wide.dot("a", "b").pairs[0].dot == 0


@pytest.mark.parametrize(
    ("rows", "sentence"), [(2, "2 rows span at most 1 of 3"), (3, "3 rows span at most 2 of 3"), (9, "")]
)
def test_fewer_rows_than_dimensions(space_of: SpaceOf, rows: int, sentence: str) -> None:
    """The reading says so, and doesn't describe the variance."""
    random = np.random.default_rng(0)
    names = {f"w{number}": tuple(random.normal(size=3)) for number in range(rows)}
    reading = space_of(names).space().reading  # type: ignore[arg-type]  # rows of three
    assert any(line.startswith(sentence) for line in reading)
    assert any(line.startswith("Variance fills") for line in reading) == (not sentence)


def test_sentences_about_a_narrow_cone(space_of: SpaceOf) -> None:
    """They describe the cone, the mean and the duplicates."""
    random = np.random.default_rng(0)
    rows = {f"w{number}": (5.0, *random.normal(size=3).round(2)) for number in range(30)}
    rows["again"] = rows["w3"]
    sentences = space_of(rows).space().reading
    assert any(line.startswith("Rows lie in a narrow cone") for line in sentences)
    assert any("centering takes it away" in line for line in sentences)
    assert any(line.startswith("2 rows are exact copies") for line in sentences)
    assert "candidates" in sentences[-1]


@pytest.mark.slow
def test_command(run: Run, minilm: EmbeddingSpace) -> None:
    """The command prints what the library returns, and refuses an invalid number of queries."""
    found = json.loads(run("space", "-m", "minilm", "--queries", "50", "--seed", "2", "-k", "2", "--json").stdout)
    expected = minilm.space(2, queries=50, seed=2)
    assert found["spectrum"]["shares"] == list(expected.spectrum.shares)
    assert expected.hubness is not None
    assert found["hubness"]["skewness"] == expected.hubness.skewness
    assert found["reading"] == list(expected.reading)
    refused = run("space", "-m", "minilm", "--queries", "some")
    assert (refused.returncode, refused.stderr) == (
        2, "embgeo: 'some' is not a number of queries. Give a whole number from 1, or all.\n",
    )  # fmt: skip
