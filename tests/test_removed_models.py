"""`models` and `models rm` for models that no longer open, were renamed, or are in use."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from conftest import Run, write_model
from fakehub import FakeHub
from limits import assert_refused
from pulled import LARGE, MODEL, finish, model, start, wait_until

ROWS = np.random.default_rng(4).standard_normal((3, 4)).astype(np.float32)


def left(store: Path) -> list[str]:
    """The files in the store, without locks."""
    return [path.name for path in store.rglob("*") if path.is_file() and path.suffix != ".lock"]


def words(path: Path) -> str:
    """A word-vector file."""
    path.write_text("2 2\na 1 2\nb 3 4\n")
    return str(path)


@pytest.mark.parametrize("fate", ["deleted", "changed"])
def test_a_deleted_or_changed_source_file(tmp_path: Path, run: Run, own_store: Path, fate: str) -> None:
    """Its converted form is listed, and removed by the path of the file."""
    name = words(tmp_path / "v.vec")
    assert run("dot", "a", "b", "--center", "-m", name).returncode == 0
    listed = json.loads(run("models", "--json").stdout)["models"]
    Path(name).unlink()
    if fate == "changed":
        Path(name).write_text("1 2\na 1 2\n")
    assert json.loads(run("models", "--json").stdout)["models"] == listed
    done = run("models", "rm", name, "--json")
    assert [entry["model"] for entry in json.loads(done.stdout)["removed"]] == [name, name]
    assert json.loads(done.stdout)["bytes"] == sum(entry["bytes"] for entry in listed[1:])
    assert left(own_store) == []
    assert_refused(run("models", "rm", name), 4, f"the store has no '{name}'")


@pytest.mark.parametrize("kind", ["local", "hub"])
def test_a_truncated_prepared_form(hub: FakeHub, tmp_path: Path, run: Run, own_store: Path, kind: str) -> None:
    """A folder that can't be identified is still removed with its model."""
    hub.add(MODEL, model(), LARGE)
    name = str(write_model(tmp_path / "m", ROWS, ["a", "b"])) if kind == "local" else MODEL
    assert run("dot", "id:0", "id:1", "--center", "-m", name).returncode == 0
    for path in own_store.rglob("prepared.safetensors"):
        os.truncate(path, 50)
    done = run("models", "rm", name, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["bytes"] > 100
    assert [file for file in left(own_store) if file != "main"] == []


def test_a_repository_that_was_renamed(hub: FakeHub, run: Run, own_store: Path) -> None:
    """A model fetched under its old name can be removed under either name."""
    hub.add("new/name", model(), LARGE, alias="old/name")
    for name in ("old/name", "new/name"):
        assert run("dot", "cat", "dog", "--center", "-m", "old/name").returncode == 0
        removed = json.loads(run("models", "rm", name, "--json").stdout)["removed"]
        assert sorted(entry.get("transform", "") for entry in removed) == ["", "center"]
        assert left(own_store) == []


@pytest.mark.slow
def test_a_model_that_is_being_fetched(hub: FakeHub, hub_env: Mapping[str, str], own_store: Path) -> None:
    """While another process fetches it, `models rm` is refused; afterwards the leftovers can be removed."""
    hub.add(MODEL, model(), LARGE)
    hub.fault("/bridge/", "pass")
    hub.fault("/bridge/", "stall", 99, 60)
    fetching = start(hub_env, "pull", MODEL)
    wait_until(lambda: list(own_store.rglob("*.journal.part")))
    message = f"embgeo: another embgeo is using '{MODEL}'. Wait until it has finished, or stop it.\n"
    assert finish(start(hub_env, "models", "rm", MODEL)) == (4, "", message)
    fetching.send_signal(signal.SIGINT)
    assert finish(fetching)[0] == 130
    assert finish(start(hub_env, "models", "rm", MODEL))[0] == 0
    assert left(own_store) == []
