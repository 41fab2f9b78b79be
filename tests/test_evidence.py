"""Evidence for directions: equal to plain loops and SciPy, and able to tell signal from noise in real words."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from conftest import Run, SpaceOf, data_folder
from embgeo import EmbeddingSpace, UsageError
from embgeo.cli.drawing import cosine_bar
from embgeo.numerics.left_out_axes import left_out_axes
from embgeo.numerics.margins import PairSet
from embgeo.numerics.names import LEARNING_METHODS
from embgeo.numerics.objectives import DOT
from embgeo.numerics.search import scan
from embgeo.numerics.significance import agreement, binomial_tail, lowest_cosine, percentiles, sign_flip_test
from embgeo.numerics.subspace import learn
from embgeo.questions.rows import listable
from limits import limited

Floats = NDArray[np.float64]


def some_pairs(pairs: int, dims: int = 9, signal: float = 1.0) -> tuple[Floats, Floats]:
    """Pairs with a common direction of strength `signal`, plus noise."""
    random = np.random.default_rng(5)
    second = random.normal(size=(pairs, dims))
    return second + signal * random.normal(size=dims) + random.normal(size=(pairs, dims)), second


def plain_margins(first: Floats, second: Floats, method: str) -> Floats:
    """For each pair, the cosine of its difference with the direction learned from the other pairs."""
    if method == "pca":
        first = first / np.linalg.norm(first, axis=1)[:, None]
        second = second / np.linalg.norm(second, axis=1)[:, None]
    margins = []
    for pair in range(len(first)):
        rest = [other for other in range(len(first)) if other != pair]
        axis = learn(first[rest], second[rest], method).axes[0]
        own = first[pair] - second[pair]
        margins.append(own @ axis / np.linalg.norm(own) / np.linalg.norm(axis))
    return np.array(margins)


@pytest.mark.parametrize("method", LEARNING_METHODS)
@pytest.mark.parametrize("pairs", [2, 3, 12])
def test_held_out_pairs(method: str, pairs: int) -> None:
    """Margins of held-out pairs equal those of a plain loop, with more pairs than dimensions too."""
    first, second = some_pairs(pairs)
    assert np.allclose(PairSet.of(first, second, method).left_out(), plain_margins(first, second, method))


@pytest.mark.parametrize("method", LEARNING_METHODS)
def test_all_sign_flips(method: str) -> None:
    """With few pairs, every combination of flips is tried; p and accuracy are those of a plain loop."""
    first, second = some_pairs(5, signal=0.4)
    margins = []
    for flips in itertools.product((False, True), repeat=4):
        swap = np.array([False, *flips])[:, None]
        margins.append(plain_margins(np.where(swap, second, first), np.where(swap, first, second), method))
    means = np.mean(margins, axis=1)
    result = sign_flip_test(PairSet.of(first, second, method), 1000, 0)
    assert (result.tried, result.exact) == (16, True)
    assert result.p == pytest.approx(np.mean(means >= means[0] - 1e-12))
    assert result.accuracy == pytest.approx(np.mean(np.array(margins) > 0))
    assert np.mean(means > result.margin_high + 1e-12) <= 0.05


@pytest.mark.parametrize("method", LEARNING_METHODS)
def test_random_sign_flips(method: str) -> None:
    """With many pairs, flips are sampled, the same for the same seed; p counts the original pairs too."""
    first, second = some_pairs(14)
    result = sign_flip_test(PairSet.of(first, second, method), 200, 7)
    assert (result.tried, result.exact) == (200, False)
    assert result == sign_flip_test(PairSet.of(first, second, method), 200, 7)
    assert result != sign_flip_test(PairSet.of(first, second, method), 200, 8)
    assert result.p == pytest.approx(1 / 201)
    assert sign_flip_test(PairSet.of(*some_pairs(14, signal=0), method), 200, 7).p > 0.05


def test_flipping_all_pairs_changes_no_margin() -> None:
    """Flipping every pair also flips the direction, so the margins are the same."""
    first, second = some_pairs(6)
    for method in LEARNING_METHODS:
        assert np.allclose(PairSet.of(second, first, method).left_out(), PairSet.of(first, second, method).left_out())


def test_agreement_of_differences_as_scipy() -> None:
    """Mean and lowest cosines between the raw differences of pairs equal SciPy's."""
    distance = pytest.importorskip("scipy.spatial.distance", reason="SciPy is not installed")
    first, second = some_pairs(6)
    expected = 1 - distance.squareform(distance.pdist(first - second, "cosine"))
    others = expected[~np.eye(6, dtype=bool)].reshape(6, 5)
    assert np.allclose(agreement(first - second), others.mean(axis=1))
    assert np.allclose(agreement(first[:2] - second[:2], first - second), expected[:2].mean(axis=1))
    assert lowest_cosine(first - second) == pytest.approx(others.min())


@pytest.mark.parametrize(
    ("right", "of"),
    [(0, 1), (1, 1), (21, 22), (22, 22), (11, 22), (400, 1000), (3_000, 5_500), (2_700, 5_500), (0, 6_000)],
)
def test_sign_test_as_scipy(right: int, of: int) -> None:
    """The one-sided sign test equals SciPy's binomtest."""
    stats = pytest.importorskip("scipy.stats", reason="SciPy is not installed")
    assert binomial_tail(right, of) == pytest.approx(stats.binomtest(right, of, alternative="greater").pvalue)


def test_percentiles_as_scipy(minilm: EmbeddingSpace) -> None:
    """Percentiles equal SciPy's `percentileofscore` over the exact scores of all rows, with ties counted half."""
    stats = pytest.importorskip("scipy.stats", reason="SciPy is not installed")
    rows = np.asarray(minilm.matrix).astype(np.float64)
    axis = rows[8870] - rows[4937]  # cats - cat
    exact = (rows * axis).sum(axis=1).astype(np.float32)
    question = scan(minilm.weights, axis[None, :], DOT)
    scores = np.array([*exact[[2028, 4937, 8870, 0]], 0.0, 9.0, -9.0]).astype(np.float64)
    result = percentiles(question, scores, listable(minilm, []))
    assert result == pytest.approx([stats.percentileofscore(exact, score, kind="mean") for score in scores])


def test_percentiles_by_hand(space_of: SpaceOf) -> None:
    """Five rows score 0, 1, 1, 2, 3 along (1, 0): a score of 1 has one row below and two ties, (1 + 1) / 5."""
    rows = {"o": (0.0, 1.0), "a": (1.0, 0.0), "b": (1.0, 5.0), "c": (2.0, 0.0), "d": (3.0, 0.0)}
    space = space_of(rows)
    answer = (result := space.direction("d", "c")).with_evidence(result.score(["o", "a", "d"]))
    assert [score.percentile for score in answer.scores] == [10.0, 40.0, 90.0]
    assert [score.percentile for score in result.score(["o", "a", "d"]).scores] == [10.0, 40.0, 90.0]


@pytest.mark.parametrize(
    ("words", "order", "chance"),
    [
        ("oad", "increasing", 1 / 6),
        ("dcao", "decreasing", 1 / 24),
        ("oda", "none", None),
        ("ab", "none", None),
        ("a", "none", None),
    ],
)
def test_chance_of_an_order(space_of: SpaceOf, words: str, order: str, chance: float | None) -> None:
    """One of n! orders is increasing; equal scores have no order."""
    rows = {"o": (0.0, 1.0), "a": (1.0, 0.0), "b": (1.0, 5.0), "c": (2.0, 0.0), "d": (3.0, 0.0)}
    answer = space_of(rows).direction("d", "c").score(list(words))
    assert (answer.order, answer.order_chance) == (order, chance)


def test_the_table_of_scores(run: Run) -> None:
    """The table has percentiles, the names of both ends, a fixed scale, and the chance of the order."""
    table = run("direction", "man", "woman", "--score", "one", "two", "king", "-m", "minilm").stdout
    assert "percentile" in table
    assert "woman ← → man" in table
    assert "-0.5    cosine    0.5" in table
    small = run("direction", "cats", "cat", "--score", "one", "two", "three", "four", "-m", "minilm").stdout
    lines = {line.split()[0]: line.count("█") for line in small.splitlines() if "│" in line}
    assert lines == {"one": 1, "two": 0, "three": 0, "four": 1}
    assert "a random order would rise like this 1 time in 24." in small.replace("\n", " ")
    ends = run(
        "direction", "--pairs", str(Path(__file__).parent.parent / "docs" / "plurals.txt"), "-k", "2", "-m", "minilm"
    ).stdout
    assert "cat … ← → cats …" in ends
    assert "cat ← → cats" in run("direction", "cats - cat", "--score", "dog", "-m", "minilm").stdout
    assert "low ← → high" in run("direction", "cats - 2 * cat", "--score", "dog", "-m", "minilm").stdout


def test_bars() -> None:
    """Bars have one scale; values beyond it end with an arrow; both sides have the same length."""
    assert cosine_bar(0.25) == f"{' ' * 10}│{'█' * 5}{' ' * 5}"
    assert cosine_bar(-0.5) == f"{'█' * 10}│{' ' * 10}"
    assert cosine_bar(0.9) == f"{' ' * 10}│{'█' * 9}»"
    assert cosine_bar(-0.9) == f"«{'█' * 9}│{' ' * 10}"


def noun_plurals(space: EmbeddingSpace) -> list[tuple[str, str]]:
    """The plural and singular nouns of the Google set that are one token each."""
    path: Path = data_folder("EMBGEO_TEST_BENCHMARKS", "questions-words.txt") / "questions-words.txt"
    section = path.read_text().split(": gram8-plural\n")[1].split("\n:")[0]
    pairs = dict.fromkeys(
        (words[place + 1], words[place]) for words in map(str.split, section.splitlines()) for place in (0, 2)
    )
    vocabulary = space.vocabulary
    return [pair for pair in pairs if all(len(vocabulary.resolve(word).ids) == 1 for word in pair)]


def test_evidence_tells_signal_from_noise(minilm_float32: EmbeddingSpace) -> None:
    """Ten plurals classify at least 21 of 22 others correctly; with half of the pairs flipped they have no evidence."""
    space = minilm_float32
    pairs = noun_plurals(space)
    assert len(pairs) == 32
    learned, others = pairs[:10], pairs[10:]
    half_flipped = [pair if place % 2 else pair[::-1] for place, pair in enumerate(learned)]
    for training, real in ((learned, True), (half_flipped, False)):
        direction = space.direction(pairs=training)
        evidence = direction.with_evidence(direction.score(["one"]), test=others).evidence
        assert evidence is not None
        assert evidence.test is not None
        assert evidence.left_out is not None
        assert evidence.baseline is not None
        assert evidence.test_p is not None
        assert (evidence.test.right >= 21, evidence.holds) == (real, real)
        if real:
            assert (evidence.left_out.right, evidence.baseline.p) == (10, pytest.approx(1 / 512))
            assert evidence.test_p < 1e-5
        else:
            assert evidence.baseline.p > 0.5
            assert evidence.left_out.margin < evidence.baseline.margin_high


def test_evidence_in_plain_numpy(minilm: EmbeddingSpace) -> None:
    """The command's figures for five pairs match a loop over their rows."""
    pairs = [("cats", "cat"), ("dogs", "dog"), ("birds", "bird"), ("cars", "car"), ("eyes", "eye")]
    rows = {word: np.asarray(minilm[word]).astype(np.float64) for pair in pairs for word in pair}
    first, second = (np.array([rows[pair[side]] for pair in pairs]) for side in (0, 1))
    direction = minilm.direction(pairs=pairs)
    answer = direction.with_evidence(direction.score(["houses"]))
    assert answer.evidence is not None
    assert answer.evidence.left_out is not None
    expected = plain_margins(first, second, "mean")
    assert [pair.margin for pair in answer.evidence.left_out.pairs] == pytest.approx(expected.tolist(), abs=1e-6)
    assert answer.evidence.holds is None  # 16 sign patterns can't show one in twenty
    own = first - second
    lengths = np.linalg.norm(own, axis=1)
    cosines = own @ own.T / np.outer(lengths, lengths)
    assert answer.evidence.agreement == pytest.approx(cosines[~np.eye(5, dtype=bool)].mean(), abs=1e-6)
    others = (cosines.sum(axis=1) - 1) / 4
    assert [pair.agreement for pair in answer.evidence.left_out.pairs] == pytest.approx(others.tolist(), abs=1e-6)
    assert answer.norm == pytest.approx(np.linalg.norm(own.mean(axis=0)), abs=1e-6)


def test_invalid_permutations_and_seeds(minilm: EmbeddingSpace) -> None:
    """A baseline without permutations, or a negative seed, is an error."""
    direction = minilm.direction("cats", "cat")
    for options in ({"permutations": 0}, {"seed": -1}):
        with pytest.raises(UsageError, match="permutations"):
            direction.with_evidence(direction.score(["one"]), **options)  # type: ignore[arg-type]


def flipped_means(first: Floats, second: Floats, method: str, signs: Floats) -> list[float]:
    """The mean margin for each row of signs [flips, pairs], with every direction learned from scratch."""
    swaps = [line[:, None] < 0 for line in signs]
    flipped = [(np.where(swap, second, first), np.where(swap, first, second)) for swap in swaps]
    return [float(np.nan_to_num(plain_margins(*ends, method)).mean()) for ends in flipped]


@pytest.mark.parametrize("method", LEARNING_METHODS)
@pytest.mark.parametrize("kind", ["many", "few dimensions", "one is long", "nearly parallel", "repeated"])
def test_fast_margins(method: str, kind: str) -> None:
    """The fast margins equal those of directions learned from scratch, even where most digits cancel."""
    first, second = some_pairs(11, dims=3 if kind == "few dimensions" else 40)
    if kind == "one is long":
        first[4] *= 1e7
    elif kind == "nearly parallel":
        first = second + 1e-5 * (first - second) + 1
    elif kind == "repeated":
        first[3:6], second[3:6] = first[0], second[0]
    signs = np.random.default_rng(2).choice((1.0, -1.0), (6, 11))
    result = np.nan_to_num(PairSet.of(first, second, method).margins(signs)).mean(axis=1)
    assert result == pytest.approx(flipped_means(first, second, method, signs), abs=1e-7)


def test_left_out_axes() -> None:
    """Each axis is the first singular vector of the other rows, even with equal eigenvalues or orthogonal rows."""
    random = np.random.default_rng(3)
    sets = [random.normal(size=(pairs, dims)) for pairs, dims in ((2, 5), (7, 7), (40, 6), (3, 1))]
    sets += [np.diag([3.0, 2, 2, 1]), np.diag([5.0, 1, 1]), np.eye(6)[[0, 0, 1, 1, 2]], np.eye(4)]
    for rows in sets:
        for place, axis in enumerate(left_out_axes(rows)):
            rest = np.delete(rows, place, axis=0)
            assert np.linalg.norm(axis) == pytest.approx(1)
            assert np.linalg.norm(rest @ axis) == pytest.approx(np.linalg.norm(rest, 2))  # the largest singular value


def write_pairs(space: EmbeddingSpace, path: Path, pairs: int) -> Path:
    """Write a file of distinct pairs of random words."""
    table, random = space.vocabulary, np.random.default_rng(1)
    words = [text for text in dict.fromkeys(table.token(row).text for row in range(2000, 20_000)) if text.isalpha()]
    drawn = dict.fromkeys((int(a), int(b)) for a, b in random.integers(len(words), size=(2 * pairs, 2)) if a != b)
    path.write_text("".join(f"{words[a]}:{words[b]}\n" for a, b in list(drawn)[:pairs]), "utf-8")
    return path


@pytest.mark.parametrize("method", ["mean", pytest.param("pca", marks=pytest.mark.slow)])
def test_a_thousand_pairs(minilm: EmbeddingSpace, tmp_path: Path, method: str) -> None:
    """A thousand random pairs have no direction; the evidence is computed within 1 GB of address space."""
    path = write_pairs(minilm, tmp_path / "pairs", 1000)
    line = ("direction", "--pairs", path, "--method", method, "-m", "minilm", "-k", "0", "--json")
    done = limited(*line, memory=1 << 30)
    assert done.returncode == 0, done.stderr
    evidence = json.loads(done.stdout)["evidence"]
    assert (evidence["left_out"]["of"], evidence["holds"]) == (1000, False)


@pytest.mark.slow
def test_22000_pairs(minilm: EmbeddingSpace, tmp_path: Path) -> None:
    """22,000 pairs, which once caused a segmentation fault; for so many, no lowest cosine is computed."""
    path = write_pairs(minilm, tmp_path / "pairs", 22_000)
    line = [sys.executable, "-m", "embgeo", "direction", "--pairs", str(path), "-m", "minilm", "-k", "0"]
    done = subprocess.run([*line, "--permutations", "50"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "of 22000" in done.stdout
    assert "(lowest" not in done.stdout


def test_limits_of_samples_and_permutations(run: Run) -> None:
    """The errors name the limits of --samples and --permutations."""
    done = run("parallel", "king", "man", "queen", "woman", "--samples", "1000001", "-m", "minilm")
    assert (done.returncode, done.stdout) == (2, "")
    assert "1 to 1,000,000 samples" in done.stderr
    done = run("direction", "--pair", "cats:cat", "--pair", "dogs:dog", "--permutations", "9000000", "-m", "minilm")
    assert (done.returncode, done.stdout) == (2, "")
    assert "1 to 1,000,000 permutations" in done.stderr


@pytest.mark.slow
def test_a_long_question_shows_progress(minilm: EmbeddingSpace, tmp_path: Path) -> None:
    """On a terminal, a question that takes more than half a second shows progress."""
    path = write_pairs(minilm, tmp_path / "pairs", 3000)
    line = [sys.executable, "-m", "embgeo", "direction", "--pairs", str(path), "-m", "minilm", "-k", "0"]
    controller, terminal = pty.openpty()
    environment = {**os.environ, "NO_COLOR": "1"}
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=terminal, env=environment) as process:
        os.close(terminal)
        output = b""
        with contextlib.suppress(OSError):  # the other end is closed
            while part := os.read(controller, 4096):
                output += part
    os.close(controller)
    assert process.returncode == 0
    assert b"Flipping signs: 1,001 sign flips" in output
