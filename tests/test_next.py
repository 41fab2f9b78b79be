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
    """The text whose logits transformers gave."""
    return " ".join(word(number) for number in ids_of(family, length))


@pytest.mark.parametrize("family", ["gpt2", "llama", "gemma2", "gptj", "bloom"])
def test_logits_and_shares_are_those_of_transformers(tmp_path: Path, family: str) -> None:
    """All tokens, likeliest first, with the softmax of the stored logits."""
    space = lettered(tmp_path, family)
    answer = space.next(text_of(family, 18), k=40)
    logits = stored(family, "logits.18")
    assert logits is not None
    shares = np.exp(logits[0]) / np.exp(logits[0]).sum()
    assert [token.id for token in answer] == np.argsort(-logits[0]).tolist()
    assert [token.logit for token in answer] == pytest.approx(logits[0][[token.id for token in answer]], abs=1e-5)
    assert [token.probability for token in answer] == pytest.approx(shares[[token.id for token in answer]], abs=1e-6)
    assert answer.entropy == pytest.approx(-(shares * np.log(shares)).sum(), abs=1e-6)


def test_the_lens_ends_in_the_answer(tmp_path: Path) -> None:
    """Its last row is the model's own output with divergence 0; the first is the normalized embedding."""
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
    """Greedy ones take the first of each list; each step is the answer to the text so far; seeds repeat."""
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


def test_what_is_refused(tmp_path: Path, minilm: EmbeddingSpace) -> None:
    """Encoders, texts that grow past the model's limit, negative numbers."""
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


def test_at_the_command_line(run: Run, tmp_path: Path) -> None:
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


def test_a_continuation_stops_where_the_text_ends(tmp_path: Path) -> None:
    """After the token that config.json names; the same steps as with more allowed, and it says so."""
    space = lettered(tmp_path / "model", "llama")
    steps = space.next("ad ae", steps=6).steps
    end = steps[2].token.id
    assert end not in [step.token.id for step in steps[:2]]
    config = json.loads((tmp_path / "model" / "config.json").read_text())
    (tmp_path / "model" / "config.json").write_text(json.dumps({**config, "eos_token_id": [1, end]}))
    answer = load(tmp_path / "model").next("ad ae", steps=6)
    assert (answer.steps, answer.ended) == (steps[:3], True)
    assert not load(tmp_path / "model").next("ad ae", steps=2).ended


def test_tables_and_rows_say_what_their_numbers_are(tmp_path: Path, run: Run) -> None:
    """The lens has units; each row of a continuation in CSV names the token that was taken, which may not be listed."""
    lettered(tmp_path, "gpt2")
    done = run("next", "ad ae", "--lens", "-k", "1", "-m", str(tmp_path))
    assert "entropy and divergence from the last layer (Kullback-Leibler) in nats" in done.stdout
    line = ("next", "ad ae", "--steps", "4", "--seed", "3", "-T", "2", "-k", "1", "-m", str(tmp_path))
    steps = json.loads(run(*line, "--json").stdout)["steps"]
    rows = run(*line, "--format", "csv").stdout.splitlines()
    assert [row.split(",")[-2:] for row in rows[1:]] == [[s["token"]["text"], str(s["token"]["id"])] for s in steps]
    assert any(step["token"]["id"] != step["results"][0]["id"] for step in steps)
