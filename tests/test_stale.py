"""Files of the user's that change, come back or are swapped while they are read: no answer from what was before."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from conftest import Run, write_model
from limits import limited, refused

WORDS = ["a", "b", "c", "d", "e", "f"]


def write_words(path: Path, seed: int) -> Path:
    """A file of 400 words with 2 numbers each, of the same length whatever the numbers."""
    rows = np.random.default_rng(seed).standard_normal((400, 2))
    lines = (f"w{number:04} {row[0]:+.4f} {row[1]:+.4f}\n" for number, row in enumerate(rows))
    path.write_text("400 2\n" + "".join(lines))
    return path


def dot(run: Run, first: str, second: str, *options: str) -> float:
    """A dot product in a process of its own."""
    done = run("dot", first, second, "--json", *options)
    assert done.returncode == 0, done.stderr
    return float(json.loads(done.stdout)["pairs"][0]["dot"])


def swap(one: Path, other: Path) -> None:
    """Exchange two files by renaming: each keeps its time of change."""
    aside = one.with_name("aside")
    one.rename(aside)
    other.rename(one)
    aside.rename(other)


def test_an_old_file_that_comes_back(run: Run, tmp_path: Path) -> None:
    """A conversion for which the disk has no room must not leave its numbers to the file that was there before."""
    model, other = write_words(tmp_path / "v.vec", 1), write_words(tmp_path / "other", 2)
    ask = ("w0001", "w0002", "-m", str(model))
    right = dot(run, *ask)
    swap(model, other)
    refused(limited("dot", *ask, size=6_000), 4, "can't write to")
    swap(model, other)
    assert dot(run, *ask) == right


def test_a_space_of_an_old_file_that_comes_back(run: Run, tmp_path: Path) -> None:
    """The same for a transformed space of a matrix that is mapped where it lies."""
    rows = np.random.default_rng(4).standard_normal((400, 2)).astype(np.float32)
    model, other = write_model(tmp_path / "m", rows, WORDS), write_model(tmp_path / "n", -2 * rows, WORDS)
    ask = ("a", "b", "-m", str(model))
    right = dot(run, *ask, "--center")
    files = (model / "model.safetensors", other / "model.safetensors")
    swap(*files)
    dot(run, *ask)
    refused(limited("dot", *ask, "--center", size=6_000), 4, "can't write to")
    swap(*files)
    assert dot(run, *ask, "--center") == right
