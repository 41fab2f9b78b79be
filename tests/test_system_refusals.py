"""A process that the system refuses memory, descriptors or access: it says so, and nothing good is deleted."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from conftest import write_model
from embgeo.cli.main import run
from embgeo.models.loader import BUNDLE
from fakehub import FakeHub
from pulled import LARGE, MODEL, model

SLOW = pytest.mark.slow
Capture = pytest.CaptureFixture[str]
REFUSED = {"descriptors": "Too many open files", "memory": "memory"}


def ends(what: str, folder: Path, env: Mapping[str, str], *line: str) -> list[list[object]]:
    """How the command ends, starved at each of its accesses to the folder."""
    command = [sys.executable, str(Path(__file__).with_name("starving.py")), what, str(folder), *line]
    done = subprocess.run(command, env=dict(env), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found: list[list[object]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("what", REFUSED)
@pytest.mark.parametrize(
    "command",
    [
        ["neighbors", "cat", "-m"],
        pytest.param(["dot", "cat", "dog", "--center", "-m"], marks=pytest.mark.slow),
        pytest.param(["pull"], marks=SLOW),
    ],
    ids=["neighbors", "transformed", "pull"],
)
@pytest.mark.slow
def test_a_good_model_stays(
    hub: FakeHub, hub_env: Mapping[str, str], own_store: Path, what: str, command: list[str]
) -> None:
    """Refused at any access, a command names the resource and ends with 1; the store is as it was."""
    hub.add(MODEL, model(), LARGE)
    assert run(["dot", "cat", "dog", "--center", "-m", MODEL, "--quiet"]) == 0
    env = {**hub_env, "HF_HUB_OFFLINE": "0" if command == ["pull"] else "1"}
    found = ends(what, own_store, env, *command, MODEL)
    assert sum(code == 1 for code, *_ in found) >= 4
    check(found, what)


@pytest.mark.slow
@pytest.mark.parametrize("what", REFUSED)
def test_a_model_of_the_user_s_own(hub_env: Mapping[str, str], own_store: Path, tmp_path: Path, what: str) -> None:
    """The same for a folder, whose prepared form stays too."""
    folder = write_model(tmp_path / "m", np.eye(3, 4, dtype=np.float32), ["cat", "dog", "king"])
    assert run(["dot", "cat", "dog", "-m", str(folder), "--quiet"]) == 0
    check(ends(what, own_store, hub_env, "dot", "cat", "dog", "-m", str(folder)), what)
    (own_store / "elsewhere").mkdir()
    fresh = {**hub_env, "EMBGEO_HOME": str(own_store / "elsewhere")}
    check(ends(what, folder, fresh, "dot", "cat", "dog", "-m", str(folder)), what)


@pytest.mark.slow
@pytest.mark.parametrize("what", REFUSED)
def test_the_bundled_model(hub_env: Mapping[str, str], what: str) -> None:
    """It is not called damaged."""
    check(ends(what, BUNDLE, hub_env, "neighbors", "cat", "-m", "minilm"), what)


def check(found: list[list[object]], what: str) -> None:
    """Each run answered, or named the resource in one line; all of them left the folder as it was."""
    for code, said, same in found:
        assert same, said
        assert code in (0, 1), said
        if code:
            assert REFUSED[what] in str(said)
            assert str(said).count("\n") == 1
    assert found[-1][0] == 0


@pytest.mark.parametrize(
    ("name", "command"),
    [("{}/prepared.safetensors", "neighbors"), ("{}/prepared.safetensors", "pull"), ("refs/main", "neighbors")],
)
def test_a_disk_that_fails(hub: FakeHub, own_store: Path, capfd: Capture, name: str, command: str) -> None:
    """A read error within a good file (here /proc/self/mem, whose first byte can't be read): nothing is deleted."""
    commit = hub.add(MODEL, model(), LARGE)
    assert run(["pull", MODEL, "--quiet"]) == 0
    good = own_store / "hub" / "org--model" / name.format(commit)
    kept = good.rename(good.with_name("kept"))
    good.symlink_to("/proc/self/mem")
    before = sorted(own_store.rglob("*"))
    capfd.readouterr()
    assert run(["pull", MODEL] if command == "pull" else ["neighbors", "cat", "-m", MODEL]) == 1
    assert capfd.readouterr().err == (
        f"embgeo: can't read '{good}': Input/output error. Check the disk; nothing was changed.\n"
    )
    assert sorted(own_store.rglob("*")) == before
    kept.replace(good)
    assert run(["neighbors", "cat", "-m", MODEL, "--quiet"]) == 0


def test_a_store_of_another_user(hub: FakeHub, hub_env: Mapping[str, str], own_store: Path) -> None:
    """A prepared form that may not be read is named, with exit code 1, and stays."""
    hub.add(MODEL, model(), LARGE)
    assert run(["pull", MODEL, "--quiet"]) == 0
    (prepared,) = own_store.rglob("prepared.safetensors")
    prepared.chmod(0)
    command = [sys.executable, "-m", "embgeo", "dot", "cat", "dog", "-m", MODEL]
    if os.geteuid() == 0:  # whom no mode keeps out, unless it gives that right up
        if shutil.which("setpriv") is None:
            pytest.skip("root reads every file, and setpriv is not there to change that")
        command = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *command]
    done = subprocess.run(command, env=dict(hub_env), capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert f"can't read '{prepared}': Permission denied. Check who owns it" in done.stderr
    prepared.chmod(0o600)
    assert run(["neighbors", "cat", "-m", MODEL, "--quiet"]) == 0
