"""`next`: a decoder's own logits, the lens, and continuations."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from conftest import Run
from embgeo import EmbeddingSpace, load
from embgeo.errors import UsageError
from test_context import lettered, word
from test_schema import validator
from tiny_transformers import ids_of, stored


def text_of(family: str, length: int) -> str:
    """The text for which transformers' logits are stored."""
    return " ".join(word(number) for number in ids_of(family, length))


@pytest.mark.parametrize("family", ["gpt2", "llama", "gemma2", "gptj", "bloom"])
def test_logits_and_probabilities_are_those_of_transformers(tmp_path: Path, family: str) -> None:
    """All tokens with the stored logits and their softmax, most probable first."""
    space = lettered(tmp_path, family)
    answer = space.next(text_of(family, 18), k=40)
    logits = stored(family, "logits.18")
    assert logits is not None
    probabilities = np.exp(logits[0]) / np.exp(logits[0]).sum()
    assert [token.id for token in answer] == np.argsort(-logits[0]).tolist()
    assert [token.logit for token in answer] == pytest.approx(logits[0][[token.id for token in answer]], abs=1e-5)
    assert [token.probability for token in answer] == pytest.approx(
        probabilities[[token.id for token in answer]], abs=1e-6
    )
    assert answer.entropy == pytest.approx(-(probabilities * np.log(probabilities)).sum(), abs=1e-6)


def test_the_last_layer_of_the_lens_is_the_answer(tmp_path: Path) -> None:
    """The last layer of the lens is the model's output, with divergence 0; layer 0 is the normalized embedding."""
    space = lettered(tmp_path, "gpt2")
    answer = space.next("ad ae", k=5, lens=True)
    assert [layer.layer for layer in answer.lens] == [0, 1, 2]
    assert answer.lens[-1].results == answer.results
    assert answer.lens[-1].divergence == 0
    assert all(layer.divergence > 0 for layer in answer.lens[:-1])
    # By hand: the state before the first layer, normalized by the final norm's own weights.
    state = space.hidden_states("ad ae")[0, 1]
    weights = {name: _tensor(tmp_path, f"transformer.ln_f.{name}") for name in ("weight", "bias")}
    normed = (state - state.mean()) / np.sqrt(state.var() + 1e-5) * weights["weight"] + weights["bias"]
    logits = np.asarray(space.matrix).astype(np.float64) @ normed
    assert answer.lens[0].results[0].logit == pytest.approx(logits.max(), abs=1e-5)


def _tensor(folder: Path, name: str) -> np.ndarray:
    from embgeo.formats.safetensors import map_tensor, read_header

    file = folder / "model.safetensors"
    return np.asarray(map_tensor(file, read_header(file).tensors[name])).astype(np.float64)


def test_continuations(tmp_path: Path) -> None:
    """Greedy steps take the most probable token; each step is the answer to the text so far; seeds reproduce."""
    space = lettered(tmp_path, "llama")
    answer = space.next("ad ae", k=3, steps=4)
    text = "ad ae"
    for step in answer.steps:
        alone = space.next(text, k=3)
        assert step.results == alone.results
        assert step.token.id == alone[0].id
        text += f" {step.token.text}"
    assert answer.continued == text
    drawn = [space.next("ad ae", steps=4, seed=seed, temperature=2).continued for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert space.next("ad ae", steps=4, seed=3, temperature=0).continued == answer.continued


def test_errors_of_next(tmp_path: Path, minilm: EmbeddingSpace) -> None:
    """Encoders, texts that grow beyond the model's limit, negative numbers."""
    space = lettered(tmp_path, "gpt2")
    with pytest.raises(UsageError, match="minilm is an encoder"):
        minilm.next("The cat")
    assert len(space.next("ad " * 63, steps=2).steps) == 2
    with pytest.raises(UsageError, match=r"63 \+ 3 tokens are too many; .* at most 64"):
        space.next("ad " * 63, steps=3)
    with pytest.raises(UsageError, match="invalid temperature"):
        space.next("ad", temperature=-1)
    with pytest.raises(UsageError, match="invalid number of steps"):
        space.next("ad", steps=-1)


def test_output_of_the_command(run: Run, tmp_path: Path) -> None:
    """Table, JSON and CSV of tokens, the lens and steps."""
    lettered(tmp_path, "gpt2")
    line = ["next", "ad ae", "-m", str(tmp_path), "-k", "2"]
    assert "entropy" in run(*line).stdout
    answer = json.loads(run(*line, "--lens", "--steps", "2", "--json").stdout)
    assert [error.message for error in validator("next").iter_errors(answer)] == []
    assert (len(answer["results"]), len(answer["lens"]), len(answer["steps"])) == (2, 3, 2)
    assert run(*line, "--lens", "--format", "csv").stdout.count("\n") == 7
    table = run(*line, "--lens", "--steps", "2").stdout
    assert answer["continued"] in table


def test_a_continuation_stops_at_the_end_token(tmp_path: Path) -> None:
    """It ends with a token that config.json names as end of text, and sets `ended`."""
    space = lettered(tmp_path / "model", "llama")
    steps = space.next("ad ae", steps=6).steps
    end = steps[2].token.id
    assert end not in [step.token.id for step in steps[:2]]
    config = json.loads((tmp_path / "model" / "config.json").read_text())
    (tmp_path / "model" / "config.json").write_text(json.dumps({**config, "eos_token_id": [1, end]}))
    answer = load(tmp_path / "model").next("ad ae", steps=6)
    assert (answer.steps, answer.ended) == (steps[:3], True)
    assert not load(tmp_path / "model").next("ad ae", steps=2).ended


def test_units_and_columns_are_labeled(tmp_path: Path, run: Run) -> None:
    """The lens has units; each CSV row of a continuation names the token taken, which may not be in the list."""
    lettered(tmp_path, "gpt2")
    done = run("next", "ad ae", "--lens", "-k", "1", "-m", str(tmp_path))
    assert "entropy and divergence from the last layer (Kullback-Leibler) in nats" in done.stdout
    line = ("next", "ad ae", "--steps", "4", "--seed", "3", "-T", "2", "-k", "1", "-m", str(tmp_path))
    steps = json.loads(run(*line, "--json").stdout)["steps"]
    rows = run(*line, "--format", "csv").stdout.splitlines()
    assert [row.split(",")[-2:] for row in rows[1:]] == [[s["token"]["text"], str(s["token"]["id"])] for s in steps]
    assert any(step["token"]["id"] != step["results"][0]["id"] for step in steps)
