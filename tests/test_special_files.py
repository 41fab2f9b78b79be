"""Devices, FIFOs, sockets and standard streams in place of files: a one-line error, never replaced, no hang."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from conftest import Run, write_model
from embgeo import UsageError, load
from embgeo.formats.atomic import replacing
from limits import assert_refused, limited

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs on this system")
WORDS = ["cat", "dog", "house", "king"]
ROWS = np.random.default_rng(1).standard_normal((5, 4)).astype("<f4")


def special_file(folder: Path, kind: str) -> Path:
    """A FIFO, a socket, or the null device."""
    path = folder / kind
    if kind == "FIFO":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as server, contextlib.chdir(folder):  # socket paths must be short
            server.bind(kind)
    else:
        path.symlink_to(os.devnull)
    return path


OUTPUTS = {
    "export": ["export", "OUT", "cat", "--to", "npy"],
    "direction": ["direction", "cats", "cat", "--save", "OUT"],
    "misses": ["eval", "odd-one-out", "ODD", "--errors", "OUT"],
}


@pytest.mark.parametrize("kind", ["FIFO", "socket", "device"])
@pytest.mark.parametrize("name", OUTPUTS)
def test_special_files_are_kept(name: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even with --force; the error names the kind of file."""
    monkeypatch.chdir(tmp_path)
    out = special_file(tmp_path, kind)
    before = stat.S_IFMT(out.stat().st_mode)
    names = {"OUT": str(out), "ODD": str(Path(__file__).parent / "data" / "odd.txt")}
    line = [names.get(part, part) for part in OUTPUTS[name]]
    assert_refused(limited(*line, "--force", "-m", "minilm"), 2, f"'{out}' is a {kind}. Name a file.")
    assert stat.S_IFMT(out.stat().st_mode) == before


def test_the_library_never_replaces_special_files(tmp_path: Path) -> None:
    """It raises before anything is written."""
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(OSError, match="a FIFO and not a file"), replacing(tmp_path / "fifo"):
        pass
    with pytest.raises(UsageError, match="a FIFO and not a file"):
        load("minilm").direction("cats", "cat").save(str(tmp_path / "fifo"))


def test_the_target_of_stdout_is_not_replaced(tmp_path: Path) -> None:
    """Otherwise the answer would be lost."""
    odd = Path(__file__).parent / "data" / "odd.txt"
    line = [sys.executable, "-m", "embgeo", "eval", "odd-one-out", str(odd), "-m", "minilm", "--force", "--errors"]
    with (tmp_path / "answer").open("w") as answer:
        done = subprocess.run([*line, "/dev/stdout"], stdout=answer, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, (tmp_path / "answer").read_text()) == (2, "")
    assert "'/dev/stdout' is where standard output goes" in done.stderr


READS = {
    "pairs": (["direction", "--pairs", "FIFO", "-m", "minilm"], 2),
    "words": (["export", "OUT.npy", "--words-from", "FIFO", "-m", "minilm"], 2),
    "scores": (["direction", "cats", "cat", "--score-from", "FIFO", "-m", "minilm"], 2),
    "saved": (["direction", "@FIFO", "-m", "minilm"], 2),
    "model": (["neighbors", "cat", "-m", "FIFO"], 4),
    "named format": (["neighbors", "cat", "-m", "FIFO", "--file-format", "glove"], 4),
    "binary": (["neighbors", "cat", "-m", "FIFO", "--file-format", "word2vec-binary"], 4),
    "gguf": (["neighbors", "cat", "-m", "FIFO", "--file-format", "gguf"], 4),
    "gensim": (["neighbors", "cat", "-m", "FIFO", "--file-format", "gensim"], 4),
    "npy": (["neighbors", "cat", "-m", "FIFO", "--file-format", "npy"], 4),
    "fasttext": (["neighbors", "cat", "-m", "FIFO", "--file-format", "fasttext"], 4),
    "analogies": (["eval", "analogies", "FIFO", "-m", "minilm"], 2),
}  # fmt: skip


@pytest.mark.parametrize("name", READS)
@pytest.mark.slow
def test_a_fifo_that_nothing_writes_to(name: str, tmp_path: Path) -> None:
    """Opening it would block; the error comes after two seconds at most."""
    os.mkfifo(tmp_path / "FIFO")
    line, code = READS[name]
    done = limited(*(part.replace("FIFO", str(tmp_path / "FIFO")).replace("OUT", str(tmp_path / "o")) for part in line))
    assert_refused(done, code, str(tmp_path / "FIFO"))
    assert "FIFO" in done.stderr.replace(str(tmp_path), "")


@pytest.mark.parametrize("name", ["config.json", "model.safetensors.index.json", "shard.safetensors", "tokenizer.json"])
def test_a_fifo_in_a_folder(name: str, tmp_path: Path) -> None:
    """The error comes at once, and names the folder."""
    folder = write_model(tmp_path / "model", ROWS, WORDS)
    if "index" in name or "shard" in name:
        (folder / "model.safetensors").rename(folder / "shard.safetensors")
        index = {"weight_map": {"wte.weight": "shard.safetensors"}}
        (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    (folder / name).unlink()
    os.mkfifo(folder / name)
    assert_refused(limited("neighbors", "cat", "-m", folder), 4, str(folder))


@pytest.mark.slow
def test_a_fifo_with_a_writer() -> None:
    """The shell's <(command) can be read."""
    pairs = "<(sleep 3; echo cats:cat; echo dogs:dog)"
    line = f"{sys.executable} -m embgeo direction --pairs {pairs} -m minilm -k 1 --json"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["pairs"]) == 2


def test_a_mistyped_path_leaves_the_store_empty(run: Run, own_store: Path) -> None:
    """Not even a lock file is created."""
    for line in (["neighbors", "cat"], ["info"], ["neighbors", "cat", "--file-format", "glove"]):
        assert run(*line, "-m", "./vectrs.txt").returncode == 4
    assert list(own_store.rglob("*")) == []
