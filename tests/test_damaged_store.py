"""A store with files damaged from outside: each command that may fetch repairs it."""

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
def place(hub: FakeHub, own_store: Path) -> Path:
    """The folder of a completely fetched model."""
    commit = hub.add(MODEL, model(), LARGE)
    assert run(["pull", MODEL, "--quiet"]) == 0
    return own_store / "hub" / "org--model" / commit


def damage(path: Path, how: str) -> None:
    """Truncate a file, or append to it."""
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


def is_whole(place: Path, capfd: Capture) -> None:
    """The model answers, and its bytes are the published ones."""
    assert run(["verify", MODEL]) == 0
    capfd.readouterr()
    assert run(["neighbors", "cat", "-m", MODEL, "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["revision"] == place.name
    assert (place / "embedding.safetensors").read_bytes()[-ROWS.nbytes :] == ROWS.tobytes()
    assert (place / "tokenizer.json").read_bytes() == model()["tokenizer.json"]
    assert parts(place) == []


@pytest.mark.parametrize("how", ["cut", "emptied", "lengthened", "gone", "folder"])
@pytest.mark.parametrize("name", ["tokenizer.json", "embedding.safetensors", "prepared.safetensors"])
@pytest.mark.slow
def test_a_damaged_file(place: Path, capfd: Capture, name: str, how: str) -> None:
    """Whatever happened to a file of a model, the first command that needs it repairs the model."""
    for line in FETCHING:
        damage(place / name, how)
        assert run([*line, "--quiet"]) == 0, line
        is_whole(place, capfd)


def test_a_branch_that_is_not_known(place: Path, hub: FakeHub, capfd: Capture) -> None:
    """Without the stored commit of a branch the Hub is asked once, and nothing else is fetched."""
    (place.parent / "refs" / "main").unlink()
    hub.log.clear()
    for _ in range(2):
        assert run(["dot", "cat", "dog", "-m", MODEL]) == 0
    assert [request.path for request in hub.log] == [f"/api/models/{MODEL}/revision/main?blobs=true"]
    is_whole(place, capfd)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["cut", pytest.param("emptied", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "name",
    ["model.safetensors", *(pytest.param(f"{name}.json", marks=pytest.mark.slow) for name in ("tokenizer", "config"))],
)
def test_a_damaged_copy_of_another_tool(
    hub: FakeHub, hub_env: Mapping[str, str], tmp_path: Path, own_store: Path, name: str, how: str
) -> None:
    """A damaged file in another tool's cache is fetched; without a network, the error names that file."""
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


@pytest.mark.parametrize("ahead", [-10, 1_000_000_000], ids=["a moment ago", "in years"])
def test_a_clock_that_was_put_back(hub: FakeHub, hub_env: Mapping[str, str], own_store: Path, ahead: int) -> None:
    """A note that GPT-2 was out of reach only suppresses the next attempt if it is recent."""
    hub.add("openai-community/gpt2", model(), LARGE)
    mark = own_store / "unreachable" / "openai-community%2Fgpt2"
    mark.parent.mkdir()
    mark.touch()
    os.utime(mark, (time.time() + ahead,) * 2)
    found = json.loads(finish(start(hub_env, "dot", "cat", "dog", "--json"))[1])["model"]
    assert found == ("minilm" if ahead < 0 else "openai-community/gpt2")
