"""The system refuses memory, file descriptors or access: the error says so, and no intact file is deleted."""

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
    """The results of a command that is starved at each of its accesses to the folder."""
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
def test_an_intact_model_is_kept(
    hub: FakeHub, hub_env: Mapping[str, str], own_store: Path, what: str, command: list[str]
) -> None:
    """At any access, a command names the missing resource and exits with 1; the store is unchanged."""
    hub.add(MODEL, model(), LARGE)
    assert run(["dot", "cat", "dog", "--center", "-m", MODEL, "--quiet"]) == 0
    env = {**hub_env, "HF_HUB_OFFLINE": "0" if command == ["pull"] else "1"}
    found = ends(what, own_store, env, *command, MODEL)
    assert sum(code == 1 for code, *_ in found) >= 4
    check(found, what)


@pytest.mark.slow
@pytest.mark.parametrize("what", REFUSED)
def test_a_local_model_is_kept(hub_env: Mapping[str, str], own_store: Path, tmp_path: Path, what: str) -> None:
    """The same for a folder and its prepared form."""
    folder = write_model(tmp_path / "m", np.eye(3, 4, dtype=np.float32), ["cat", "dog", "king"])
    assert run(["dot", "cat", "dog", "-m", str(folder), "--quiet"]) == 0
    check(ends(what, own_store, hub_env, "dot", "cat", "dog", "-m", str(folder)), what)
    (own_store / "elsewhere").mkdir()
    fresh = {**hub_env, "EMBGEO_HOME": str(own_store / "elsewhere")}
    check(ends(what, folder, fresh, "dot", "cat", "dog", "-m", str(folder)), what)


@pytest.mark.slow
@pytest.mark.parametrize("what", REFUSED)
def test_the_bundled_model_is_not_called_damaged(hub_env: Mapping[str, str], what: str) -> None:
    """The error names the missing resource."""
    check(ends(what, BUNDLE, hub_env, "neighbors", "cat", "-m", "minilm"), what)


def check(found: list[list[object]], what: str) -> None:
    """Each run answered, or named the missing resource in one line, and left the folder unchanged."""
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
    """A read error in an intact file (here /proc/self/mem, whose first byte can't be read): nothing is deleted."""
    commit = hub.add(MODEL, model(), LARGE)
    assert run(["pull", MODEL, "--quiet"]) == 0
    intact = own_store / "hub" / "org--model" / name.format(commit)
    moved = intact.rename(intact.with_name("kept"))
    intact.symlink_to("/proc/self/mem")
    before = sorted(own_store.rglob("*"))
    capfd.readouterr()
    assert run(["pull", MODEL] if command == "pull" else ["neighbors", "cat", "-m", MODEL]) == 1
    assert capfd.readouterr().err == (
        f"embgeo: can't read '{intact}': Input/output error. Check the disk; nothing was changed.\n"
    )
    assert sorted(own_store.rglob("*")) == before
    moved.replace(intact)
    assert run(["neighbors", "cat", "-m", MODEL, "--quiet"]) == 0


def test_a_store_of_another_user(hub: FakeHub, hub_env: Mapping[str, str], own_store: Path) -> None:
    """A prepared form without read permission is named, with exit code 1, and kept."""
    hub.add(MODEL, model(), LARGE)
    assert run(["pull", MODEL, "--quiet"]) == 0
    (prepared,) = own_store.rglob("prepared.safetensors")
    prepared.chmod(0)
    command = [sys.executable, "-m", "embgeo", "dot", "cat", "dog", "-m", MODEL]
    if os.geteuid() == 0:  # root can read it unless it drops its capabilities
        if shutil.which("setpriv") is None:
            pytest.skip("root can read every file, and setpriv is not installed")
        command = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *command]
    done = subprocess.run(command, env=dict(hub_env), capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert f"can't read '{prepared}': Permission denied. Check who owns it" in done.stderr
    prepared.chmod(0o600)
    assert run(["neighbors", "cat", "-m", MODEL, "--quiet"]) == 0


SPARE = """
import resource, sys
import embgeo.cli.main, numpy
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize() + int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_AS, (size, size))
embgeo.cli.main.main()
"""


@pytest.mark.parametrize(("spare", "code"), [(2_000_000, 1), (30_000_000, 1), (100_000_000, 0)])
def test_little_memory_is_an_error_of_ours(tmp_path: Path, spare: int, code: int) -> None:
    """Where OpenBLAS would find no memory for its buffer and end the process, embgeo says so in its own words."""
    folder = write_model(tmp_path / "own", np.eye(3, dtype=np.float32), ["cat", "dog", "cow"])
    run(["neighbors", "cat", "-m", str(folder), "--quiet"])
    line = [sys.executable, "-c", SPARE, str(spare), "neighbors", "cat", "-m", str(folder), "--quiet"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    error = "embgeo: there is not enough memory for this. Ask for less at once, or free some.\n"
    assert (done.returncode, done.stderr) == (code, error if code else "")
