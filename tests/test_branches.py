"""A branch that moves: all matrices of a model come from one commit until it is pulled again."""

from __future__ import annotations

import json

import numpy as np
import pytest

from conftest import Run, word_tokenizer
from fakehub import FakeHub, safetensors_bytes
from pulled import LARGE, MODEL

OFFLINE = {"HF_HUB_OFFLINE": "1"}
ROWS = np.random.default_rng(3).standard_normal((7, 4)).astype(np.float32)


def untied(factor: float) -> dict[str, bytes]:
    """A model with a separate unembedding."""
    tensors = {name: ("F32", ROWS.shape, (factor * ROWS).tobytes()) for name in ("wte.weight", "lm_head.weight")}
    words = ["cat", "dog", "king", "queen", "man", "woman"]
    config = json.dumps({"vocab_size": 7, "n_embd": 4}).encode()
    tokenizer = word_tokenizer(words).encode()
    return {"config.json": config, "tokenizer.json": tokenizer, "model.safetensors": safetensors_bytes(tensors)}


@pytest.mark.parametrize("sides", [("input", "output"), ("output", "input")], ids=lambda sides: f"{sides[0]} first")
@pytest.mark.slow
def test_both_sides_are_of_one_commit(hub: FakeHub, run: Run, sides: tuple[str, str]) -> None:
    """The second side comes from the commit of the first, also offline; pull moves both to the new commit."""
    commit = hub.add(MODEL, untied(1), LARGE)
    query = ["neighbors", "cat", "-m", MODEL, "--json", "--side"]
    assert run(*query, sides[0]).returncode == 0
    later = hub.add(MODEL, untied(2), LARGE)
    for side, env in ((sides[1], {}), (sides[0], OFFLINE), (sides[1], OFFLINE)):
        done = run(*query, side, **env)
        assert (done.returncode, json.loads(done.stdout)["revision"]) == (0, commit), done.stderr
    assert json.loads(run("pull", MODEL, "--side", sides[1], "--json").stdout)["revision"] == later
    assert json.loads(run(*query, sides[0]).stdout)["revision"] == later
