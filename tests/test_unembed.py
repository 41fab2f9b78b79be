"""Logits and softmax: by hand, against the formula written out with SciPy, and by their properties."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from conftest import Run, SpaceOf, write_model
from embgeo import EmbeddingSpace, UsageError, load
from embgeo.formats.safetensors import file_head
from embgeo.numerics.dtypes import F64, as_bytes, shortest
from embgeo.numerics.softmax import entropy, softmax
from embgeo.questions import models
from test_transform import with_head

NUMBERS = arrays.arrays(np.float64, st.integers(1, 30), elements=st.floats(-1e6, 1e6))
TEMPERATURES = st.floats(1e-3, 1e4)
ROWS = {"up": (0.0, 2.0), "right": (1.0, 0.0), "down": (0.0, -1.0)}


def test_probabilities_by_hand(space_of: SpaceOf) -> None:
    """Up (0, 2): logits 4, 0, -2; probabilities e^4, 1, e^-2 divided by their sum."""
    answer = space_of(ROWS).unembed("up")
    total = math.exp(4) + 1 + math.exp(-2)
    expected = [(" up", 4.0, math.exp(4) / total), (" right", 0.0, 1 / total), (" down", -2.0, math.exp(-2) / total)]
    assert [(n.text, n.logit, n.probability) for n in answer] == [(t, a, shortest(p)) for t, a, p in expected]
    assert answer.entropy == shortest(-sum(p * math.log(p) for _, _, p in expected))
    assert answer.tied


@pytest.mark.parametrize(("temperature", "probabilities"), [(0, [1, 0, 0]), (2.0, None)])
def test_temperature(space_of: SpaceOf, temperature: float, probabilities: list[float] | None) -> None:
    """At 0 all the weight is on the maximum; at 2 the logits are halved first."""
    answer = space_of(ROWS).unembed("up", temperature=temperature)
    weights = [math.exp(logit / 2) for logit in (4, 0, -2)]
    assert [n.probability for n in answer] == [
        shortest(p) for p in probabilities or [w / sum(weights) for w in weights]
    ]


@pytest.mark.parametrize("temperature", [-1.0, math.nan, math.inf])
def test_invalid_temperatures(space_of: SpaceOf, temperature: float) -> None:
    """Negative, infinite and NaN temperatures are errors."""
    with pytest.raises(UsageError, match="invalid temperature"):
        space_of(ROWS).unembed("up", temperature=temperature)


@settings(deadline=None)
@given(NUMBERS, TEMPERATURES)
def test_softmax_sums_to_one_and_keeps_the_order(scores: F64, t: float) -> None:
    """For any T > 0 the sum is 1, probabilities increase with scores, and entropy is between 0 and log n."""
    probabilities = softmax(scores, t)
    assert probabilities.sum() == pytest.approx(1)
    assert (np.diff(probabilities[np.argsort(scores, kind="stable")]) >= 0).all()
    assert 0 <= entropy(probabilities) <= math.log(len(scores)) + 1e-9


@settings(deadline=None)
@given(NUMBERS)
def test_softmax_at_temperature_0(scores: F64) -> None:
    """One token has probability 1: the first one with the highest score."""
    probabilities = softmax(scores, 0)
    assert probabilities.sum() == probabilities[scores.argmax()] == 1


def test_an_untied_head(space_of: SpaceOf) -> None:
    """If there is an lm_head, the vector is multiplied with it."""
    folder = Path(space_of(ROWS).info().path).parent
    rows = np.array(list(ROWS.values()), np.float32)
    head = file_head({"lm_head.weight": ("F32", (3, 2)), "wte.weight": ("F32", (3, 2))}, {})
    (folder / "model.safetensors").write_bytes(head + as_bytes(-rows).tobytes() + as_bytes(rows).tobytes())
    answer = load(folder).unembed("up", k=1)
    assert (answer.unembedding, answer.tied) == ("lm_head.weight", False)
    assert (answer[0].text, answer[0].logit) == (" down", 2.0)


def untied_space(folder: Path, head: F64) -> EmbeddingSpace:
    """The rows with a separate lm_head."""
    rows = np.array(list(ROWS.values()))
    space = write_model(folder, rows.astype(np.float32), list(ROWS))
    return load(with_head(space, rows, head, list(ROWS)))


def test_another_folder_of_the_same_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The unembedding is that of the queried model, whatever was loaded before, and has its name."""
    head = np.array(list(ROWS.values()))
    for name, factor in (("here", 1), ("there", -1)):
        untied_space(tmp_path / name / "model", factor * head)
    monkeypatch.chdir(tmp_path / "here")
    load("./model")
    monkeypatch.chdir(tmp_path / "there")
    answer = load("../here/model").unembed("up", k=1)
    assert (answer.model, answer[0].text, answer[0].logit) == ("../here/model", " up", 4.0)
    assert load("../here/model", transform="inner=causal").info().model == "../here/model"
    removed = models.remove("../here/model").removed
    assert [Path(one.model).resolve() for one in removed] == [tmp_path / "here/model"] * 3


def test_an_unembedding_with_nan(tmp_path: Path, run: Run) -> None:
    """Rows with NaN are excluded with a note; if no row is left, it is an error."""
    space = untied_space(tmp_path / "some", np.array([[np.nan, 0], [1.0, 1], [0, 2]]))
    answer = space.unembed("up")
    assert [one.text for one in answer] == [" down", " right"]
    assert answer.notes == ("lm_head.weight: 1 row holds NaN or infinity and is left out",)
    untied_space(tmp_path / "none", np.full((3, 2), np.nan))
    done = run("unembed", "up", "-m", str(tmp_path / "none"))
    assert (done.returncode, done.stdout) == (3, "")
    assert "the unembedding of" in done.stderr
    assert "has no finite row" in done.stderr


def test_positions_have_no_unembedding() -> None:
    """Positions have no unembedding, and so no causal inner product."""
    with pytest.raises(UsageError, match="needs an unembedding, and positions have none"):
        load("minilm", side="position").unembed("3")
    with pytest.raises(UsageError, match="needs an unembedding, and positions have none"):
        load("minilm", side="position", transform="inner=causal")


def test_minilm_against_numpy(minilm: EmbeddingSpace) -> None:
    """The softmax over the whole vocabulary in plain NumPy."""
    rows = np.asarray(minilm.matrix).astype(np.float64)
    scores = rows @ rows[4937]  # [rows, dims] @ [dims]
    weights = np.exp(scores / 0.5)
    answer = minilm.unembed("cat", k=5, temperature=0.5)
    assert [n.id for n in answer] == np.argsort(-scores)[:5].tolist()
    assert np.allclose([n.probability for n in answer], np.sort(weights / weights.sum())[::-1][:5], rtol=1e-6)


def test_command(run: Run) -> None:
    """The command prints what the library returns."""
    found = json.loads(run("unembed", "cat", "-m", "minilm", "-T", "0", "-k", "2", "--json").stdout)
    assert [(n["text"], n["probability"]) for n in found["results"]] == [("cat", 1.0), ("cats", 0.0)]
    assert (found["temperature"], found["entropy"], found["tied"]) == (0.0, 0.0, None)
    assert found["notes"] == ["minilm is an encoder without an output head; its embedding stands in"]
