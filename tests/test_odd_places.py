"""Unusual paths: invalid UTF-8, link loops, missing folders; and files that vanish while they are read."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from conftest import Run, write_model
from fakehub import FakeHub
from limits import assert_refused
from pulled import LARGE, MODEL, model

ROWS = np.random.default_rng(4).standard_normal((3, 4)).astype(np.float32)
WORDS = ["a", "b"]


@pytest.mark.slow
def test_a_path_that_is_not_utf8(tmp_path: Path, run: Run) -> None:
    """Such a folder works with every output format, `models` and `models rm`; its name is printed with escapes."""
    folder = str(write_model(tmp_path / "m\udcff", ROWS, WORDS))
    for form in ("table", "json", "jsonl", "csv", "tsv"):
        done = run("dot", "a", "b", "--center", "-m", folder, "--format", form)
        assert (done.returncode, done.stderr.count("unexpected")) == (0, 0), done.stderr
    assert json.loads(run("info", "-m", folder, "--json").stdout)["model"] == folder
    assert "m\\udcff" in run("info", "-m", folder).stdout
    assert [entry["model"] for entry in json.loads(run("models", "--json").stdout)["models"][1:]] == [folder] * 2
    saved = str(tmp_path / "direction")
    for line in (["direction", "a", "b", "--save", saved], ["project", "a", "--onto", f"@{saved}"], ["verify", folder]):
        done = run(*line, *(["-m", folder] if line[0] != "verify" else []))
        assert done.returncode == 0, done.stderr
    assert run("models", "rm", folder).returncode == 0
    missing = run("models", "rm", folder)
    assert (missing.returncode, missing.stdout) == (4, "")


@pytest.mark.slow
def test_paths_that_cannot_exist(tmp_path: Path, run: Run) -> None:
    """A link loop, a name that is too long, and the home of an unknown user give one line that names the path."""
    circle = tmp_path / "circle"
    circle.symlink_to(circle)
    for place in (str(circle), f"{tmp_path}/{'x' * 300}", "x" * 300, f"./{'x' * 300}", "~nobody-here/x"):
        for line in (["dot", "a", "b", "-m", place], ["models", "rm", place]):
            assert_refused(run(*line), 4, place.removeprefix("./"))


def test_homes_of_unknown_users(run: Run) -> None:
    """A store in an unknown user's home is an error; a cache there counts as empty."""
    done = run("models", EMBGEO_HOME="~nobody-here/x")
    assert_refused(done, 4, "EMBGEO_HOME is '~nobody-here/x', but there is no such user")
    done = run("dot", "cat", "dog", HF_HUB_CACHE="~nobody-here/x", HF_HUB_OFFLINE="1")
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows can't remove the current folder")
@pytest.mark.slow
def test_a_deleted_current_folder(tmp_path: Path) -> None:
    """A relative path gives an error that asks for the full path; an absolute path works."""
    folder = write_model(tmp_path / "m", ROWS, WORDS)
    script = 'mkdir "$0" && cd "$0" && rmdir "$0" && exec "$@"'
    for place, code in (("./x", 4), ("x.vec", 4), (str(folder), 0)):
        # -P, as the installed program has it: with the current folder on its path, Python 3.13.0 itself fails there.
        embgeo = [sys.executable, "-P", "-m", "embgeo"]
        line = ["sh", "-c", script, str(tmp_path / "gone"), *embgeo, "dot", "a", "b", "-m", place]
        done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == code, done.stderr
        if code:
            assert_refused(
                done, code, f"can't tell where '{Path(place)}' is: No such file or directory. Give its full path."
            )


@pytest.mark.parametrize("content", [b"\xff\xfe\x80", b"a\0b", b"x" * 300, b""], ids=["bytes", "null", "long", "empty"])
@pytest.mark.slow
def test_a_damaged_branch_file(hub: FakeHub, own_store: Path, run: Run, tmp_path: Path, content: bytes) -> None:
    """If the commit of a branch in the store or another tool's cache is garbage, a request is sent to the Hub."""
    hub.add(MODEL, model(), LARGE)
    cache = tmp_path / "cache"
    (cache / "models--org--model" / "refs").mkdir(parents=True)
    (cache / "models--org--model" / "refs" / "main").write_bytes(content)
    (own_store / "hub" / "org--model" / "refs").mkdir(parents=True)
    (own_store / "hub" / "org--model" / "refs" / "main").write_bytes(content)
    done = run("dot", "cat", "dog", "-m", MODEL, HF_HUB_CACHE=str(cache))
    assert done.returncode == 0, done.stderr
    (own_store / "hub" / "org--model" / "refs" / "main").write_bytes(content)
    assert run("models", "rm", MODEL).returncode == 0


def write_words(folder: Path) -> Path:
    """A word-vector file in its own folder."""
    folder.mkdir()
    (folder / "v.vec").write_text("2 2\na 1 2\nb 3 4\n")
    return folder


def write_older(folder: Path) -> Path:
    """A model folder with an older tokenizer."""
    write_model(folder, ROWS, WORDS)
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.txt").write_text("a\nb\n[UNK]\n")
    return folder


@pytest.mark.parametrize("how", ["gone", pytest.param("folders", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "kind", [*(pytest.param(kind, marks=pytest.mark.slow) for kind in ("folder", "older")), "words"]
)
@pytest.mark.slow
def test_files_that_vanish(tmp_path: Path, how: str, kind: str) -> None:
    """A model removed while it is first read: an answer, or one line that names it."""
    copy, place = tmp_path / "copy", tmp_path / "m"
    match kind:
        case "folder":
            write_model(copy, ROWS, WORDS)
        case "older":
            write_older(copy)
        case "words":
            write_words(copy)
    name = str(place / "v.vec") if kind == "words" else str(place)
    script = str(Path(__file__).with_name("vanishing.py"))
    line = [sys.executable, script, how, str(place), str(copy), "dot", "a", "b", "-m", name]
    done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    ends = json.loads(done.stdout)
    assert len(ends) > 3
    assert ends[-1][0] == 0
    for code, message in ends:
        assert code in (0, 4), message
        if code:
            assert message.startswith("embgeo: ")
            assert message.count("\n") == 1
            assert str(place) in message
