"""A store whose files are damaged by others: each command that may fetch makes it whole again."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from embgeo.cli.main import run
from fakehub import FakeHub
from pulled import LARGE, MODEL, ROWS, model, parts

Capture = pytest.CaptureFixture[str]
FETCHING = (["neighbors", "cat", "-m", MODEL], ["verify", MODEL], ["pull", MODEL])


@pytest.fixture
def place(hub: FakeHub, own_store: Path) -> Path:
    """The folder of a model that was fetched whole."""
    commit = hub.add(MODEL, model(), LARGE)
    assert run(["pull", MODEL, "--quiet"]) == 0
    return own_store / "hub" / "org--model" / commit


def damage(path: Path, how: str) -> None:
    """Take something away from a file, or add to it."""
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
    """The model answers, and is what was published."""
    assert run(["verify", MODEL]) == 0
    capfd.readouterr()
    assert run(["neighbors", "cat", "-m", MODEL, "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["revision"] == place.name
    assert (place / "embedding.safetensors").read_bytes()[-ROWS.nbytes :] == ROWS.tobytes()
    assert (place / "tokenizer.json").read_bytes() == model()["tokenizer.json"]
    assert parts(place) == []


@pytest.mark.parametrize("how", ["cut", "emptied", "lengthened", "gone", "folder"])
@pytest.mark.parametrize("name", ["tokenizer.json", "embedding.safetensors", "prepared.safetensors"])
def test_a_damaged_file(place: Path, capfd: Capture, name: str, how: str) -> None:
    """Whatever happened to a file of a model, and whichever command comes upon it first: the model is whole again."""
    for line in FETCHING:
        damage(place / name, how)
        assert run([*line, "--quiet"]) == 0, line
        is_whole(place, capfd)
