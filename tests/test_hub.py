"""Models from the Hub: requests, fetched bytes and stored files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from embgeo.formats.safetensors import map_tensor
from embgeo.models.hub.fetch import fetch_model
from embgeo.models.hub.repository import Repository, resolve
from fakehub import FakeHub, safetensors_bytes
from hub_models import DIMS, LARGE, LARGE_NAME, MATRIX, NAMES, QUICK, ROWS, TOKENIZER, model_files


def test_one_request_pins_a_model(hub: FakeHub) -> None:
    """One request gives the commit and the list of files."""
    commit = hub.add("org/model", model_files(), LARGE)
    result = resolve("org/model", None)
    assert result == Repository("org/model", commit, NAMES)
    assert [request.path for request in hub.log] == ["/api/models/org/model?blobs=true"]


def test_a_revision_and_an_old_name_are_followed(hub: FakeHub) -> None:
    """A branch resolves to its commit, and an old name to the current name."""
    first = hub.add("org/model", model_files(), LARGE, refs=("v1",), alias="old-name")
    second = hub.add("org/model", model_files(bytes(len(MATRIX))), LARGE)
    assert resolve("org/model", "v1").commit == first
    assert resolve("org/model", first).commit == first
    assert resolve("old-name", None) == Repository("org/model", second, NAMES)


def test_only_the_embedding_is_fetched(hub: FakeHub, tmp_path: Path) -> None:
    """The fetched tensor has the published bytes, and little else is transferred."""
    commit = hub.add("org/model", model_files(), LARGE)
    located = fetch_model(resolve("org/model", None), tmp_path, transfer=QUICK)
    assert (located.model, located.revision, located.source, located.unembedding) == ("org/model", commit, "hub", "")
    assert (located.tensor.name, located.tensor.shape) == ("wte.weight", (ROWS, DIMS))
    assert map_tensor(located.matrix, located.tensor).tobytes() == MATRIX
    assert located.tokenizer.read_bytes() == TOKENIZER
    assert hub.sent("cdn") == len(MATRIX) + QUICK.first
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "config.json",
        "embedding.safetensors",
        "tokenizer.json",
    ]


def test_the_file_names_its_origin(hub: FakeHub, tmp_path: Path) -> None:
    """The stored safetensors file names its repository, commit, file and ETag, and other tools can read it."""
    safetensors = pytest.importorskip("safetensors")
    commit = hub.add("org/model", model_files(), LARGE)
    located = fetch_model(resolve("org/model", None), tmp_path, transfer=QUICK)
    with safetensors.safe_open(located.matrix, "numpy") as file:
        metadata = file.metadata()
        assert file.get_tensor("wte.weight").tobytes() == MATRIX
    etag = hub.oids[id(hub.repos["org/model"].commits[commit][LARGE_NAME])]  # type: ignore[union-attr]  # no alias
    expected = {"repository": "org/model", "commit": commit, "file": LARGE_NAME, "etag": etag, "unembedding": ""}
    layer_bytes = (DIMS * 512 + ROWS * DIMS) * 4  # all other tensors, for `info`
    assert metadata == expected | {"layer_bytes": str(layer_bytes)}


def test_an_untied_model(hub: FakeHub, tmp_path: Path) -> None:
    """A model with an lm_head is untied, even if its matrix was fetched by an earlier run."""
    weights = safetensors_bytes(dict.fromkeys(("wte.weight", "lm_head.weight"), ("F32", (ROWS, DIMS), MATRIX)))
    hub.add("org/model", {**model_files(), LARGE_NAME: weights}, LARGE)
    repository = resolve("org/model", None)
    results = [fetch_model(repository, tmp_path, transfer=QUICK).unembedding for _ in range(2)]
    assert results == ["lm_head.weight", "lm_head.weight"]


def test_finished_files_are_not_fetched_again(hub: FakeHub, tmp_path: Path) -> None:
    """A second run makes no request; if the matrix is truncated, only the matrix is fetched again."""
    hub.add("org/model", model_files(), LARGE)
    repository = resolve("org/model", None)
    first = fetch_model(repository, tmp_path, transfer=QUICK)
    hub.log.clear()
    assert fetch_model(repository, tmp_path, transfer=QUICK) == first
    assert not hub.log
    os.truncate(first.matrix, 5000)
    assert fetch_model(repository, tmp_path, transfer=QUICK) == first
    assert map_tensor(first.matrix, first.tensor).tobytes() == MATRIX
    assert hub.sent() - hub.sent("hub", "/resolve/") == len(MATRIX) + QUICK.first


def test_a_branch_that_moves_changes_nothing_midway(hub: FakeHub, tmp_path: Path) -> None:
    """A push between two requests never mixes two commits."""
    hub.add("org/model", model_files(), LARGE)
    repository = resolve("org/model", "main")
    hub.add("org/model", {**model_files(bytes(len(MATRIX))), "tokenizer.json": b"{}"}, LARGE)
    located = fetch_model(repository, tmp_path, transfer=QUICK)
    assert map_tensor(located.matrix, located.tensor).tobytes() == MATRIX
    assert located.tokenizer.read_bytes() == TOKENIZER


def test_the_token_stays_at_the_hub(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A private model is fetched with the token, which is never sent to the CDN or printed."""
    hub.add("org/model", model_files(), LARGE, private=True)
    monkeypatch.setenv("HF_TOKEN", hub.token)
    located = fetch_model(resolve("org/model", None), tmp_path, transfer=QUICK)
    assert map_tensor(located.matrix, located.tensor).tobytes() == MATRIX
    assert {request.origin: request.authorized for request in hub.log} == {"hub": True, "cdn": False}
    assert hub.token not in "".join(capfd.readouterr())
