"""The tour's later stops: against float64 NumPy, on rows that satisfy or violate each rule, and on texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import SpaceOf, write_model
from embgeo import EmbeddingSpace, load
from embgeo.cli.main import run as embgeo
from embgeo.questions.tour_stops.matrix import LIFELESS, LIVING
from fakehub import FakeHub
from test_layers import tiny_folder
from test_tour import FAILS, HOLDS, IN_PART, NOT_TESTED, TEXTS, stop


def figures(space: EmbeddingSpace, name: str) -> list[float]:
    """The figures of a stop."""
    return [one.value for one in stop(space, name).figures]


@pytest.fixture
def rows(tmp_path: Path) -> np.ndarray[Any, Any]:
    """The bundled rows in float64, written by the command that the stops print."""
    out = tmp_path / "rows.npy"
    assert embgeo(["export", str(out), "-m", "minilm", "-q"]) == 0
    return np.load(out).astype(np.float64)


@pytest.mark.slow
def test_single_coordinates_of_the_bundled_model(minilm: EmbeddingSpace) -> None:
    """Shares of the squared length, and their medians after random rotations drawn by another method."""
    largest, rotated, block, rotated_block = figures(minilm, "single coordinates")
    direction = np.sum([minilm[word] for word in LIVING], axis=0) - np.sum([minilm[word] for word in LIFELESS], axis=0)
    shares = direction**2 / (direction @ direction)
    assert largest == pytest.approx(shares.max(), rel=1e-6)
    assert block == pytest.approx(shares.reshape(6, 64).sum(axis=1).max(), rel=1e-6)
    random = np.random.default_rng(7)
    rotations = np.array([np.linalg.qr(random.standard_normal((384, 384)))[0][0] ** 2 for _ in range(100)])
    assert rotated == pytest.approx(np.median(rotations.max(axis=1)), rel=0.1)
    assert rotated_block == pytest.approx(np.median(rotations.reshape(100, 6, 64).sum(axis=2).max(axis=1)), rel=0.05)


@pytest.mark.slow
def test_superposition_and_frequency_of_the_bundled_model(minilm: EmbeddingSpace, rows: np.ndarray[Any, Any]) -> None:
    """Compared with other random pairs, generated random vectors, and SciPy's rank correlation."""
    spearmanr = pytest.importorskip("scipy.stats").spearmanr
    share, chance, best, of_random = figures(minilm, "superposition")
    random = np.random.default_rng(7)
    limit = np.sin(np.radians(5))

    def near(vectors: Any) -> float:
        units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        first, second = random.integers(0, len(units), (2, 20_000))
        return float(np.mean(np.abs((units[first] * units[second]).sum(axis=1)) < limit))

    assert share == pytest.approx(near(rows), abs=0.015)
    made = random.standard_normal(rows.shape)
    assert chance == pytest.approx(near(made), abs=0.012)
    for found, matrix in ((best, rows), (of_random, made)):
        units = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
        asked = random.standard_normal((16, rows.shape[1]))
        matches = (asked / np.linalg.norm(asked, axis=1, keepdims=True) @ units.T).max(axis=1)
        assert found == pytest.approx(matches.mean(), abs=0.02)
    of_words, of_all = figures(minilm, "frequency")
    lengths = np.linalg.norm(rows, axis=1)
    assert of_all == pytest.approx(spearmanr(np.arange(len(lengths)), lengths)[0], abs=1e-6)
    words = [row for row in range(len(rows)) if minilm.vocabulary.token(row).text.isalpha()]
    assert of_words == pytest.approx(spearmanr(words, lengths[words])[0], abs=1e-6)


def living(step: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Rows with this difference between living and lifeless things."""
    return dict.fromkeys(LIVING, step) | dict.fromkeys(LIFELESS, -step)


RANDOM = np.random.default_rng(3).standard_normal(256)
ONE = 0.1 * RANDOM + 40 * np.eye(256)[9]
SOMEWHAT = RANDOM + 8 * np.eye(256)[9]
BLOCK = 0.1 * RANDOM + np.repeat([0, 3, 0, 0], 64) * np.random.default_rng(4).standard_normal(256)


@pytest.mark.parametrize(
    ("step", "verdict"),
    [(ONE, HOLDS), (BLOCK, HOLDS), (SOMEWHAT, IN_PART), (RANDOM, FAILS), (np.zeros(256), NOT_TESTED),
     (np.array([1.0, 0.2]), FAILS)],
)  # fmt: skip
def test_single_coordinates(space_of: SpaceOf, step: np.ndarray[Any, Any], verdict: str) -> None:
    """All in one coordinate or block, one outlier, or none; in two dimensions chance alone gives half."""
    assert stop(space_of(living(step)), "single coordinates").verdict == verdict


LETTERS = "abcdefghij"
WORDS = [a + b + c for a in LETTERS for b in LETTERS for c in LETTERS]


@pytest.mark.parametrize(("shift", "verdict"), [(0.0, HOLDS), (0.2, IN_PART), (1.0, FAILS)])
def test_superposition(tmp_path: Path, shift: float, verdict: str) -> None:
    """Random rows are as perpendicular as chance, with a common component less so, or hardly at all."""
    matrix = np.random.default_rng(5).standard_normal((1000, 300)) + shift * np.ones(300)
    assert stop(load(write_model(tmp_path, matrix.astype(np.float32), WORDS)), "superposition").verdict == verdict


@pytest.mark.parametrize(("noise", "verdict"), [(0.0, HOLDS), (1.0, IN_PART), (30.0, FAILS)])
def test_frequency(tmp_path: Path, noise: float, verdict: str) -> None:
    """Norms that decrease with the row, partly decrease, or are random."""
    random = np.random.default_rng(6)
    units = random.standard_normal((1000, 4))
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    lengths = np.exp(np.linspace(1, 0, 1000) + noise * random.standard_normal(1000) * 0.8)
    matrix = (units * lengths[:, None]).astype(np.float32)
    assert stop(load(write_model(tmp_path, matrix, WORDS)), "frequency").verdict == verdict


def test_too_few_rows(space_of: SpaceOf) -> None:
    """Three words are too few for chance to mean anything."""
    space = space_of({"cat": (1, 0), "dog": (1, 1), "government": (0, 1)})
    assert [stop(space, name).verdict for name in ("superposition", "frequency")] == [NOT_TESTED, NOT_TESTED]


E = np.eye(6)
FOOD = {"japan": E[0], "germany": E[1], "italy": E[2], "sushi": E[0] + 3 * E[3], "hitler": E[1] + 3 * E[4]}
RIGHT = {"bratwurst": E[1] + 3 * E[3], "mussolini": E[2] + 3 * E[4]}


@pytest.mark.parametrize(
    ("named", "verdict"),
    [
        (RIGHT, HOLDS),
        (RIGHT | {"mussolini": E[5], "cars": E[2] + 3 * E[4]}, IN_PART),
        (RIGHT | {"mussolini": E[5], "bratwurst": E[5], "cars": E[2] + 3 * E[4] + 3 * E[3]}, FAILS),
        ({"bratwurst": E[5]}, NOT_TESTED),
    ],
)
def test_country_of_origin(space_of: SpaceOf, named: dict[str, Any], verdict: str) -> None:
    """Both answers right, one right, none right, or a word missing."""
    assert stop(space_of(FOOD | named), "country of origin").verdict == verdict


def test_an_answer_of_several_tokens_can_be_right(minilm: EmbeddingSpace) -> None:
    """'bratwurst' is three tokens of the bundled model; a note says so, and the figures name the nearer token."""
    found = stop(minilm, "country of origin")
    assert "'bratwurst' is 3 tokens: 'brat' + '##wu' + '##rst'; their mean is used" in found.notes
    names = [one.name for one in found.figures]
    assert names[:2] == ["bratwurst for sushi + Germany - Japan", "german before it"]


def test_senses_of_mole_and_bank(minilm: EmbeddingSpace) -> None:
    """In the bundled model the moles of chemistry and skin are separate, but those of animals are near the spy's."""
    found = stop(minilm, "mole")
    assert (found.verdict, found.reason) == (
        IN_PART, "6 of 8 are, and 0 at layer 0; nearest to another sense: animal to spy.",
    )  # fmt: skip
    names = [one.name for one in found.figures[2:6]]
    assert names == ["unit, nearest to its own"] * 2 + ["birthmark, nearest to its own"] * 2
    assert stop(minilm, "bank").reason.startswith("5 of 6 are, and 0 at layer 0")


def test_stops_on_texts_need_layers(space_of: SpaceOf, minilm: EmbeddingSpace) -> None:
    """A matrix without layers, and the next token of an encoder, can't be tested."""
    space = space_of({"cat": (1, 0), "dog": (1, 1)})
    assert [stop(space, name).verdict for name in TEXTS] == [NOT_TESTED] * 3
    assert "is an encoder" in stop(minilm, "next token").reason


def test_the_next_token_of_a_decoder(tmp_path: Path) -> None:
    """In a folder with GPT-2's layers, the figures are those of `next`."""
    space = load(tiny_folder(tmp_path, "gpt2"))
    found = stop(space, "next token")
    answers = [space.next("The cat sat on the", k=1, temperature=t) for t in (0.5, 1, 2)]
    assert [one.value for one in found.figures] == [one[0].probability for one in answers] + [
        one.entropy for one in answers
    ]
    assert (found.verdict, len(found.commands)) == (HOLDS, 3)


def test_layers_are_not_fetched_for_a_tour(hub: FakeHub, tmp_path: Path) -> None:
    """If only the matrix is stored, the reason says how to fetch the layers; once stored, they are tested."""
    folder = tiny_folder(tmp_path, "gpt2")
    names = ("config.json", "tokenizer.json", "model.safetensors")
    hub.add("org/model", {name: (folder / name).read_bytes() for name in names}, lfs={"model.safetensors"})
    space = load("org/model")
    sent = len(hub.log)
    for name in TEXTS:
        found = stop(space, name)
        assert found.verdict == NOT_TESTED
        assert "not on this machine. To fetch them: embgeo pull org/model --layers all" in found.reason
    assert len(hub.log) == sent
    space.next("w1", k=1)
    assert stop(space, "next token").verdict == HOLDS
