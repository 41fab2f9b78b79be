"""Controls: rows unrelated to their words, the same on every machine, and searched as exactly as a model's."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from scipy import stats

from conftest import Run, SpaceOf
from embgeo import EmbeddingSpace, EmbgeoError, TermError, UsageError, load, peek
from embgeo.cli.records import to_json
from embgeo.numerics import controls
from embgeo.numerics.controls import RandomRows, quantiles, random_matrix
from embgeo.numerics.dtypes import to_float64
from embgeo.numerics.objectives import COSINE
from embgeo.numerics.search import scan
from test_numbers import MATRICES, queries
from test_numbers import space_of as extreme
from test_transform import with_head

WORDS = {"cat": (3, 0, 1), "cats": (3, 1, 1), "king": (0, 1, 3), "man": (1, 1, 3), "dog": (3, 0, 0), "car": (0, 2, 1)}
MASK = (1 << 64) - 1


def philox(counter: int, key: tuple[int, int]) -> list[int]:
    """Philox 4x64-10 (Salmon et al. 2011) in plain Python integers."""
    c, (first, second) = [(counter >> (64 * word)) & MASK for word in range(4)], key
    for _ in range(10):
        low, high = 0xD2E7470EE14C6C93 * c[0], 0xCA5A826395121157 * c[2]
        c = [(high >> 64) ^ c[1] ^ first, high & MASK, (low >> 64) ^ c[3] ^ second, low & MASK]
        first, second = (first + 0x9E3779B97F4A7C15) & MASK, (second + 0xBB67AE8584CAA73B) & MASK
    return c


def test_the_generator_is_the_published_one() -> None:
    """The first known answer of its authors' code; NumPy's generator increments the counter before it draws."""
    assert philox(0, (0, 0)) == [0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B]
    drawn = np.random.Philox(key=np.array([5, 7], np.uint64), counter=41).random_raw(4)
    assert drawn.tolist() == philox(42, (5, 7))


def test_a_row_depends_on_its_number_and_the_seed_only() -> None:
    """Each 16 bits, lowest first, choose a normal quantile; computed with this file's own generator."""
    dims, row, seed, stream = 20, 5, 3, 2
    counts = math.ceil(dims / 16)
    words = [word for at in range(counts) for word in philox(row * counts + at + 1, (seed, stream))]
    codes = [(word >> shift) & 0xFFFF for word in words for shift in (0, 16, 32, 48)][:dims]
    expected = np.array([NormalDist(0, 0.02).inv_cdf((code + 0.5) / 65_536) for code in codes], np.float32)
    assert RandomRows((9, dims), seed, stream)[row : row + 1][0].tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("shape", "seed", "stream", "digest"),
    [((100, 768), 0, 0, "89a6f932d395c9ad496096e4a25e8777baab999b4aef3ce6531d047c973b2b39"),
     ((100, 768), 7, 1, "c3efbab67ca906187e3b59d455886e7403724cb44074d0c4d2ab6d6d18731787"),
     ((64, 50), MASK, 2, "669f9ad799e64c6089cfe43b4da09bfb86d3cc7002466ab7dde47cee85388896")],
)  # fmt: skip
def test_rows_never_change(shape: tuple[int, int], seed: int, stream: int, digest: str) -> None:
    """The rows are the same on every machine, and in every version of NumPy and Python."""
    assert hashlib.sha256(np.asarray(RandomRows(shape, seed, stream)).astype("<f4").tobytes()).hexdigest() == digest


def test_quantiles_are_those_of_the_normal_distribution() -> None:
    """SciPy's quantiles, symmetric; none is so close to a rounding boundary that another libm could change it."""
    exact = 0.02 * stats.norm.ppf((np.arange(65_536) + 0.5) / 65_536)
    np.testing.assert_allclose(quantiles(), exact, rtol=1e-7)
    assert (quantiles() == -quantiles()[::-1]).all()
    assert quantiles().astype(np.float64).std() == pytest.approx(0.02, rel=1.1e-5)
    half = np.spacing(np.abs(quantiles())).astype(np.float64) / 2
    off = np.abs(np.abs(exact - quantiles()) - half)
    assert (off / np.abs(exact)).min() > 5e-14


def test_rows_are_normal_and_independent() -> None:
    """Mean, variance, kurtosis and distribution are normal; neighboring rows and columns are uncorrelated."""
    rows = np.asarray(RandomRows((2000, 100), 11)).astype(np.float64) / 0.02
    error = 1 / math.sqrt(rows.size)
    assert abs(rows.mean()) < 4 * error
    assert abs(rows.var() - 1) < 4 * math.sqrt(2) * error
    assert abs(stats.kurtosis(rows.ravel())) < 4 * math.sqrt(24) * error
    assert stats.kstest(rows.ravel(), "norm").pvalue > 0.001
    for a, b in ((rows[1:], rows[:-1]), (rows[:, 1:], rows[:, :-1]), (rows[:, 16:], rows[:, :-16])):
        assert abs((a * b).mean()) < 4 * error
    other = np.asarray(RandomRows((2000, 100), 11, 1)) / 0.02
    assert abs((rows * other).mean()) < 4 * error


def test_rows_generated_in_any_selection() -> None:
    """Rows are the same whether they are generated alone, in any order, or all together."""
    rows = RandomRows((500, 33), 1)
    whole = np.asarray(rows)
    assert whole.shape == rows.shape == (500, 33)
    for which in (slice(0, 500), slice(13, 14), slice(490, 600), slice(5, 5), np.array([499, 0, 7, 7])):
        assert (rows[which] == whole[which]).all()


QUESTIONS: list[Callable[[EmbeddingSpace], object]] = [
    lambda space: space.neighbors("cat", k=5),
    lambda space: space.neighbors_batch(["cat", "dog", "king - man"], k=5),
    lambda space: space.dot("cat", "dog", "car"),
]
SLOW_QUESTIONS: list[Callable[[EmbeddingSpace], object]] = [
    lambda space: space.analogy("king", "man", "woman", k=3, method="3cosmul"),
    lambda space: space.direction("cats", "cat").ends(3),
    lambda space: space.direction("cats", "cat").score(["dog", "one"]),
    lambda space: space.unembed("cat", k=3),
    lambda space: space.space(queries=20, samples=20),
    lambda space: space.parallel("king", "man", "queen", "woman", samples=10),
    lambda space: space.eval_analogies("tests/data/analogies.txt"),
    lambda space: space.positions("cat", 5, 3),
]


@pytest.mark.parametrize(
    "asking", [QUESTIONS, pytest.param(SLOW_QUESTIONS, marks=pytest.mark.slow)], ids=["quick", "slow"]
)
@pytest.mark.parametrize("kind", ["random", "shuffled"])
def test_generated_rows_answer_as_rows_in_memory(
    kind: str,
    asking: list[Callable[[EmbeddingSpace], object]],
    minilm: EmbeddingSpace,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    """A matrix too large for memory gives the same answers, to the last digit."""
    monkeypatch.chdir(request.config.rootpath)
    in_memory = minilm.control(kind, seed=2)
    monkeypatch.setattr(controls, "MAX_BYTES_IN_MEMORY", 0)
    generated = minilm.control(kind, seed=2)
    assert isinstance(in_memory.matrix, np.ndarray)
    assert isinstance(generated.matrix, controls.GeneratedRows)
    assert (generated.matrix.nbytes, generated.matrix.dtype) == (in_memory.matrix.nbytes, in_memory.matrix.dtype)
    for ask in asking:
        assert ask(generated) == ask(in_memory)


@pytest.mark.parametrize("kind", ["random", "shuffled"])
def test_neighbors_in_plain_numpy(kind: str, minilm: EmbeddingSpace) -> None:
    """Neighbors in a control, computed by NumPy in float64."""
    space = minilm.control(kind, seed=4)
    rows = to_float64(np.asarray(space.matrix), space.manifest.dtype)
    query = rows[space["cat"].term.tokens[0].id]
    cosines = (rows @ query) / (np.linalg.norm(rows, axis=1) * np.linalg.norm(query))  # [rows, dims] @ [dims]
    cosines[space["cat"].term.tokens[0].id] = -1
    result = space.neighbors("cat", k=20, raw=True)
    assert [one.id for one in result] == np.argsort(-cosines, kind="stable")[:20].tolist()
    np.testing.assert_allclose([one.score for one in result], np.sort(cosines)[::-1][:20], rtol=1e-6)


def test_a_large_control_is_never_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search over 41 MB of rows uses the memory of a few blocks."""
    monkeypatch.setattr(controls, "MAX_BYTES_IN_MEMORY", 0)
    quantiles()
    tracemalloc.start()
    matrix = random_matrix((20_000, 512), 0)
    scan(matrix, np.ones((1, 512)), COSINE).best(5)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20e6 < matrix.rows.nbytes


def test_shuffled_rows_are_those_of_the_model(minilm: EmbeddingSpace) -> None:
    """Each row is there once, under another word, with its norm and dtype."""
    space = minilm.control("shuffled", seed=1)
    before, after = np.asarray(minilm.matrix), np.asarray(space.matrix)
    assert after.dtype == before.dtype
    assert not (before == after).all(axis=1).any()
    assert np.array_equal(np.sort(before.view(np.uint16), axis=0), np.sort(after.view(np.uint16), axis=0))
    np.testing.assert_array_equal(np.sort(space.weights.norms), np.sort(minilm.weights.norms))
    lengths = np.sqrt(np.einsum("rd,rd->r", after.astype(np.float64), after.astype(np.float64)))
    np.testing.assert_allclose(space.weights.norms, lengths, rtol=1e-12)
    assert not np.array_equal(after, np.asarray(minilm.control("shuffled", seed=2).matrix))


def test_rows_without_a_token_stay_where_they_are(space_of: SpaceOf) -> None:
    """Padding rows are not shuffled with words."""
    space = space_of({**WORDS, "<pad>": (9, 9, 9)})
    flags = space.vocabulary.table.flags
    moved = space.control("shuffled")
    stay = np.flatnonzero(flags & 8)
    assert np.array_equal(np.asarray(moved.matrix)[stay], np.asarray(space.matrix)[stay])


def test_each_matrix_of_a_model_has_its_own_random_rows(minilm: EmbeddingSpace) -> None:
    """Positions get other random rows than tokens; a question that needs a second matrix uses its control."""
    tokens, places = minilm.control(seed=3), load("minilm", side="position").control(seed=3)
    assert not np.array_equal(tokens.matrix[:10], places.matrix[:10])
    assert tokens.positions().apart == places.positions().apart
    assert max(abs(one.cosine) for one in tokens.positions().apart) < 0.02
    assert tokens.positions().transform == "control=random seed=3"


def test_a_separate_unembedding_has_its_own_control(tmp_path: Path) -> None:
    """For an untied model, logits are products of two different random matrices."""
    rows = np.arange(12.0).reshape(6, 2)
    with_head(tmp_path, rows, rows, list(WORDS))
    space, output = load(tmp_path).control(seed=1), load(tmp_path, side="output").control(seed=1)
    assert not np.array_equal(space.matrix, output.matrix)
    logits = output.matrix.astype(np.float64) @ space.matrix[0].astype(np.float64)  # [rows, dims] @ [dims]
    answer = space.unembed("cat", 6)
    assert (answer.transform, answer.tied) == ("control=random seed=1", False)
    np.testing.assert_allclose([one.logit for one in answer], np.sort(logits)[::-1], rtol=1e-6)


@pytest.mark.parametrize("name", MATRICES)
def test_the_controls_of_extreme_matrices(name: str, tmp_path: Path) -> None:
    """Controls of extreme matrices give finite answers; the rows of a random one are finite themselves."""
    space = extreme(name, tmp_path)
    for kind in ("random", "shuffled"):
        answers = []
        for query in queries(space.control(kind)):
            with contextlib.suppress(EmbgeoError):
                answers.append(json.loads(to_json(query(), lines=True, ascii_only=False), parse_constant=pytest.fail))
        assert len(answers) >= 2
    assert np.isfinite(space.control().weights.norms).all()


@pytest.mark.parametrize("kind", ["random", "shuffled"])
@pytest.mark.slow
def test_the_claims_of_the_tour_fail(kind: str, minilm: EmbeddingSpace) -> None:
    """Claims about what a model has learned don't hold; look-up and softmax hold for any matrix.

    So does superposition for random rows. Claims that hold by chance now and then (docs/control.md) don't hold, or only
    in part, with this seed.
    """
    tour = minilm.control(kind, seed=0).tour()
    verdicts = {stop.name: stop.verdict for stop in tour.stops}
    for_any_matrix = {"lookup", "softmax and temperature"} | ({"superposition"} if kind == "random" else set())
    assert {name for name, verdict in verdicts.items() if verdict == "holds"} == for_any_matrix
    assert {verdicts[name] for name in ("neighbours", "gender", "country and capital", "family words", "plural")} == {
        "does not hold here"
    }
    assert f"--control {kind} --seed 0" in tour.stops[1].commands[0]


def test_the_commands_of_a_tour_repeat_its_numbers(minilm: EmbeddingSpace, run: Run) -> None:
    """The commands in a control's tour name the control and give the same numbers."""
    import shlex

    stop = minilm.control("random", seed=6).tour(stop=8).stops[0]
    done = run(*shlex.split(stop.commands[0])[1:], "--json")
    result = json.loads(done.stdout)["models"][1]
    assert [pair["dot"] for pair in result["pairs"][:2]] == [figure.value for figure in stop.figures[:2]]


def test_the_control_follows_the_real_answer(run: Run, minilm: EmbeddingSpace) -> None:
    """JSON names the control and its seed; the table explains the control."""
    question = ("dot", "cat", "dog", "-m", "minilm", "--control", "random", "--seed", "5")
    real, control = json.loads(run(*question, "--json").stdout)["models"]
    assert real["pairs"][0]["dot"] == minilm.dot("cat", "dog").pairs[0].dot
    assert "transform" not in real
    assert (control["transform"], control["sha256"]) == ("control=random seed=5", None)
    assert control["pairs"][0]["dot"] == minilm.control(seed=5).dot("cat", "dog").pairs[0].dot
    assert "2  minilm@53aa51172d14-f16 · before training (control, random, seed 5)" in run(*question).stdout
    shuffled = run(*question[:5], "--control", "shuffled", "--center", COLUMNS="120").stdout
    assert "2  minilm@53aa51172d14-f16 · center · rows under other words (control, shuffled, seed 0)" in shuffled


def test_the_seed_of_a_question_is_that_of_its_control(run: Run) -> None:
    """`parallel` uses the same --seed for its baseline and for the control."""
    done = run(
        "parallel", "king", "man", "queen", "woman", "-m", "minilm", "--control", "random", "--seed", "9", "--json"
    )
    real, control = json.loads(done.stdout)["models"]
    assert (real["baseline"]["seed"], control["transform"]) == (9, "control=random seed=9")


def test_a_control_follows_each_model(run: Run) -> None:
    """Each model is followed by its control; without --control there are no controls."""
    done = run("dot", "cat", "dog", "-m", "minilm", "-m", "minilm", "--control", "shuffled", "--json")
    assert [one.get("transform", "") for one in json.loads(done.stdout)["models"]] == [
        "",
        "control=shuffled seed=0",
    ] * 2
    assert "models" not in json.loads(run("dot", "cat", "dog", "-m", "minilm", "--json").stdout)


@pytest.mark.parametrize("what", ["similarity tests/data/rated.tsv", "analogies tests/data/analogies.txt"])
def test_a_control_is_one_more_row_of_an_evaluation(what: str, run: Run, request: pytest.FixtureRequest) -> None:
    """The control comes after the model and its transformations."""
    kind, file = what.split()
    path = str(request.config.rootpath / file)
    command = (
        "eval",
        kind,
        path,
        "-m",
        "minilm",
        "--transform",
        "none",
        "--transform",
        "center",
        "--control",
        "random",
    )
    models = json.loads(run(*command, "--json").stdout)["models"]
    assert [model.get("transform") for model in models] == [None, "center", "control=random seed=0"]


def test_vectors_of_a_control_and_of_the_model_do_not_mix(minilm: EmbeddingSpace) -> None:
    """Vectors of a control and of the model can't be subtracted; repr names the control."""
    control = minilm.control("shuffled", seed=1)
    with pytest.raises(TermError, match="control=shuffled seed=1"):
        _ = control["cat"] - minilm["cat"]
    assert repr(control) == "<EmbeddingSpace minilm@53aa51172d14, control=shuffled seed=1: 30,522 x 384 F16>"


def test_citing_a_control(minilm: EmbeddingSpace) -> None:
    """The citation names the control and its seed, and has no digest of a file."""
    cited = minilm.control(seed=8).cite()
    assert "30,522 × 384 F32, control=random seed=8), read with embgeo" in cited.text
    assert "SHA" not in cited.text + cited.bibtex
    assert minilm.control().info().path == ""


@pytest.mark.parametrize(
    ("ask", "why"),
    [(lambda space: space.control("zero"), "unknown control 'zero'; expected random or shuffled"),
     (lambda space: space.control(seed=-1), "invalid seed '-1'"),
     (lambda space: space.control(seed=1 << 64), "invalid seed"),
     (lambda space: space.control().control(), "'minilm' is already a control"),
     (lambda space: space.control().verify(), "a control is not kept on disk"),
     (lambda space: space.control().encode(["a cat"]), "layers start from its own embedding")],
)  # fmt: skip
def test_refused(ask: Callable[[EmbeddingSpace], object], why: str, minilm: EmbeddingSpace) -> None:
    """Invalid kinds and seeds, and questions that need more than the rows."""
    with pytest.raises(UsageError, match=why):
        ask(minilm)


def test_the_control_of_a_centered_space(minilm: EmbeddingSpace) -> None:
    """Shuffled rows are the centered ones; random rows are not centered."""
    centered = load("minilm", transform="center")
    shuffled = centered.control("shuffled")
    assert shuffled.manifest.transform == "center control=shuffled seed=0"
    assert np.array_equal(np.sort(shuffled.weights.norms), np.sort(centered.weights.norms))
    assert np.array_equal(centered.control("random").matrix, minilm.control("random").matrix)


def test_the_control_of_a_peeked_model() -> None:
    """A local model that is only peeked at has the same control as the loaded one."""
    with peek("minilm") as space:
        assert space.control().dot("cat", "dog") == load("minilm").control().dot("cat", "dog")
