"""A store with damaged files: each command that may use the network repairs it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from embgeo.cli.main import run
from fakehub import FakeHub
from pulled import LARGE, MODEL, ROWS, finish, model, parts, start

Capture = pytest.CaptureFixture[str]
FETCHING = (["neighbors", "cat", "-m", MODEL], ["verify", MODEL], ["pull", MODEL])


@pytest.fixture
def model_folder(hub: FakeHub, own_store: Path) -> Path:
    """The folder of a completely fetched model."""
    commit = hub.add(MODEL, model(), LARGE)
    assert run(["pull", MODEL, "--quiet"]) == 0
    return own_store / "hub" / "org--model" / commit


def damage(path: Path, how: str) -> None:
    """Truncate, extend or delete a file, or replace it by a folder."""
    size = path.stat().st_size
    match how:
        case "cut":
            os.truncate(path, size // 2)
        case "emptied":
            os.truncate(path, 0)
        case "lengthened":
            path.write_bytes(path.read_bytes() + b"x")
        case "gone":
            path.unlink()
        case "folder":
            path.unlink()
            (path / "within").mkdir(parents=True)


def check_model(model_folder: Path, capfd: Capture) -> None:
    """Check that the model answers, and that its bytes are the published ones."""
    assert run(["verify", MODEL]) == 0
    capfd.readouterr()
    assert run(["neighbors", "cat", "-m", MODEL, "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["revision"] == model_folder.name
    assert (model_folder / "embedding.safetensors").read_bytes()[-ROWS.nbytes :] == ROWS.tobytes()
    assert (model_folder / "tokenizer.json").read_bytes() == model()["tokenizer.json"]
    assert parts(model_folder) == []


@pytest.mark.parametrize("how", ["cut", "emptied", "lengthened", "gone", "folder"])
@pytest.mark.parametrize("name", ["tokenizer.json", "embedding.safetensors", "prepared.safetensors"])
@pytest.mark.slow
def test_a_damaged_file(model_folder: Path, capfd: Capture, name: str, how: str) -> None:
    """Whatever the damage to a file of a model, the first command that needs it repairs the model."""
    for line in FETCHING:
        damage(model_folder / name, how)
        assert run([*line, "--quiet"]) == 0, line
        check_model(model_folder, capfd)


def test_a_missing_branch(model_folder: Path, hub: FakeHub, capfd: Capture) -> None:
    """If the stored commit of a branch is gone, it is requested once, and nothing else is fetched."""
    (model_folder.parent / "refs" / "main").unlink()
    hub.log.clear()
    for _ in range(2):
        assert run(["dot", "cat", "dog", "-m", MODEL]) == 0
    assert [request.path for request in hub.log] == [f"/api/models/{MODEL}/revision/main?blobs=true"]
    check_model(model_folder, capfd)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["cut", pytest.param("emptied", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "name",
    ["model.safetensors", *(pytest.param(f"{name}.json", marks=pytest.mark.slow) for name in ("tokenizer", "config"))],
)
def test_a_damaged_copy_of_another_tool(
    hub: FakeHub, hub_env: Mapping[str, str], tmp_path: Path, own_store: Path, name: str, how: str
) -> None:
    """A damaged file in another tool's cache is fetched from the Hub; without a network, the error names that file."""
    commit = hub.add(MODEL, model(), LARGE)
    snapshot = tmp_path / "cache" / "models--org--model" / "snapshots" / commit
    snapshot.mkdir(parents=True)
    (tmp_path / "cache" / "models--org--model" / "refs").mkdir()
    (tmp_path / "cache" / "models--org--model" / "refs" / "main").write_text(commit)
    for file, content in model().items():
        (snapshot / file).write_bytes(content)
    damage(snapshot / name, how)
    env = {**hub_env, "HF_HUB_CACHE": str(tmp_path / "cache")}
    code, out, err = finish(start({**env, "HF_HUB_OFFLINE": "1"}, "neighbors", "cat", "-m", MODEL))
    assert (code, out, err.count("\n")) == (4, "", 1)
    assert f"{snapshot}/{name}" in err
    for line in FETCHING:
        code, _, err = finish(start(env, *line, "--quiet"))
        assert (code, err) == (0, ""), line
        (matrix,) = own_store.rglob("embedding.safetensors")
        assert matrix.read_bytes()[-ROWS.nbytes :] == ROWS.tobytes()
        assert finish(start(env, "models", "rm", MODEL))[0] == 0


@pytest.mark.parametrize("ahead", [-10, 1_000_000_000], ids=["recent", "far future"])
def test_a_clock_that_was_set_back(hub: FakeHub, hub_env: Mapping[str, str], own_store: Path, ahead: int) -> None:
    """A marker that GPT-2 was unreachable suppresses the next attempt only if it is recent."""
    hub.add("openai-community/gpt2", model(), LARGE)
    marker = own_store / "unreachable" / "openai-community%2Fgpt2"
    marker.parent.mkdir()
    marker.touch()
    os.utime(marker, (time.time() + ahead,) * 2)
    result = json.loads(finish(start(hub_env, "dot", "cat", "dog", "--json"))[1])["model"]
    assert result == ("minilm" if ahead < 0 else "openai-community/gpt2")
