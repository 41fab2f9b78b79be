"""Single rows without the matrix, and the size of a download in advance: kilobytes from a model of any size."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import word_tokenizer
from embgeo import UsageError, load
from embgeo.formats.safetensors import file_head
from embgeo.numerics.dtypes import from_float32
from embgeo.space import peek
from fakehub import FakeHub, safetensors_bytes

WORDS = ["cat", "dog", "king", "queen", "one", "two", "three"]
ROWS, DIMS = 5000, 128


class Sparse(bytes):
    """Bytes of a huge file of which only the beginning is stored; the rest reads as zeros."""

    size: int

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, key: Any) -> Any:
        stored = super().__getitem__(key)
        return stored + bytes(len(range(*key.indices(self.size))) - len(stored)) if isinstance(key, slice) else stored


def sharded(dtype: str = "BF16", more: int = 0) -> dict[str, bytes]:
    """A model in two shards; `more` pads the one with the embedding by this many bytes."""
    numbers = np.random.default_rng(9).standard_normal((ROWS, DIMS), np.float32)
    matrix = from_float32(numbers, dtype).tobytes()
    layout = {"model.embed_tokens.weight": (dtype, (ROWS, DIMS)), "layers.0": ("U8", (more,))}
    shard = Sparse(file_head(layout, {"format": "pt"}) + matrix)
    shard.size = bytes.__len__(shard) + more
    head = safetensors_bytes({"lm_head.weight": (dtype, (ROWS, DIMS), matrix)})
    index = {"model.embed_tokens.weight": "model-1.safetensors", "layers.0": "model-1.safetensors"}
    index["lm_head.weight"] = "model-2.safetensors"
    return {
        "config.json": json.dumps({"vocab_size": ROWS, "hidden_size": DIMS}).encode(),
        "tokenizer.json": word_tokenizer(WORDS).encode(),
        "model.safetensors.index.json": json.dumps({"weight_map": index}).encode(),
        "model-1.safetensors": shard, "model-2.safetensors": head,
    }  # fmt: skip


LARGE = ("model-1.safetensors", "model-2.safetensors")
QUESTIONS = (
    ["dot", "cat", "dog"], ["direction", "cat", "dog", "--score", "king", "queen"], ["vector", "two"],
    ["tokens", "cat dog"],
)  # fmt: skip


def ask(env: Mapping[str, str], *args: str) -> Any:
    """The program's answer as parsed JSON."""
    line = [sys.executable, "-m", "embgeo", *args, "-m", "org/model", "--json"]
    done = subprocess.run(line, env=env, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
def test_a_peek_gives_the_same_answers(
    hub: FakeHub, hub_env: Mapping[str, str], own_store: Path, tmp_path: Path
) -> None:
    """The answers of the whole model from a few kilobytes; no weights are stored, and no temporary file is left."""
    hub.add("org/model", sharded(), lfs=LARGE)
    env = {**hub_env, "TMPDIR": str(tmp_path)}
    before = sorted(tmp_path.rglob("*"))
    peeked = [ask(env, *question, "--peek") for question in QUESTIONS]
    assert hub.sent() < len(QUESTIONS) * 80_000 < ROWS * DIMS * 2
    assert list(own_store.rglob("*.safetensors")) == []
    assert sorted(tmp_path.rglob("*")) == before
    whole = [ask(env, *question) for question in QUESTIONS]
    for few, all_ in zip(peeked, whole, strict=True):
        assert few.pop("notes") == ["only the rows of these terms were fetched from model-1.safetensors"]
        assert all_.pop("notes") == []
        assert (few.pop("sha256"), len(all_.pop("sha256"))) == (None, 64)  # the digest needs all rows
        for score in few.get("scores", ()):
            assert score["percentile"] is None  # a percentile needs all rows
        for score in all_.get("scores", ()):
            assert 0 <= score["percentile"] <= 100
            score["percentile"] = None
        assert few == all_
    requests = len(hub.log)
    ask(env, *QUESTIONS[0], "--peek")  # a model that is already here is used, without the Hub
    assert len(hub.log) == requests


def test_a_peek_into_ten_gigabytes(hub: FakeHub) -> None:
    """Two words from a sharded 10 GB model: less than 100 kB transferred."""
    files = sharded(more=10_000_000_000)
    hub.oids |= {id(files["model-1.safetensors"]): "a" * 64}
    hub.add("org/model", files, lfs=LARGE)
    with peek("org/model") as space:
        found = space.dot("cat", "dog")
    assert found.pairs[0].cosine != 0
    assert hub.sent() < 100_000
    with peek("org/model", side="output") as space:
        assert space.info().tensor == "lm_head.weight"


def test_a_peek_refuses_neighbors(hub: FakeHub) -> None:
    """A query that needs all rows is an error with a hint."""
    hub.add("org/model", sharded(), lfs=LARGE)
    with peek("org/model") as space, pytest.raises(UsageError, match="--peek fetches single rows"):
        space.neighbors("cat")


@pytest.mark.parametrize("dtype", ["F32", "F16", "BF16"])
def test_rows_are_exact(hub: FakeHub, dtype: str) -> None:
    """The fetched row equals the row of the matrix, in every dtype."""
    hub.add("org/model", sharded(dtype), lfs=LARGE)
    with peek("org/model") as space:
        few = np.asarray(space["three"])
    assert np.array_equal(few, np.asarray(load("org/model")["three"]))


@pytest.mark.slow
def test_info_estimates_the_download(hub: FakeHub, hub_env: Mapping[str, str]) -> None:
    """The size of the tensor and of the repository; the pull then transfers the estimated bytes."""
    files = sharded()
    hub.add("org/model", files, lfs=LARGE)
    found = ask(hub_env, "info")
    assert found["repository_bytes"] == sum(map(len, files.values()))
    assert (found["bytes"], found["tensor"], found["file"]) == (
        2 * ROWS * DIMS, "model.embed_tokens.weight", "model-1.safetensors",
    )  # fmt: skip
    assert (found["tied"], found["unembedding"]) == (False, "lm_head.weight")
    before = hub.sent()
    assert before < 80_000
    line = [sys.executable, "-m", "embgeo", "pull", "org/model", "-q"]
    assert subprocess.run(line, env=hub_env, capture_output=True, check=False).returncode == 0
    assert found["travels"] <= hub.sent() - before <= found["travels"] + 70_000
    assert "sha256" in ask(hub_env, "info")


def test_a_static_model_cannot_be_peeked(hub: FakeHub) -> None:
    """Its rows are computed from the whole file, and the error says so."""
    tensors = {"embeddings": ("F32", (1, 2), bytes(8)), "mapping": ("I64", (1,), bytes(8))}
    hub.add(
        "org/model", {"tokenizer.json": word_tokenizer([]).encode(), "model.safetensors": safetensors_bytes(tensors)}
    )
    with pytest.raises(UsageError, match="computed from the whole file"), peek("org/model"):
        pass
