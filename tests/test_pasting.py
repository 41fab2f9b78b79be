"""Printed commands that can be pasted, and small damage in files of words."""

from __future__ import annotations

import gzip
import pickle
import shlex
from pathlib import Path

import numpy as np
import pytest

from embgeo import FormatError, load
from limits import limited

HOSTILE = "a b'; touch owned; '$(touch owned).kv"


def test_a_path_in_printed_python(tmp_path: Path) -> None:
    """A quote in a path doesn't end the argument of the printed `python -c`."""
    path = tmp_path / HOSTILE
    path.write_bytes(pickle.dumps({1, 2}, protocol=4))
    done = limited("neighbors", "cat", "-m", path)
    _, found, line = done.stderr.rstrip("\n").partition("convert it with gensim: ")
    assert found
    program, option, code = shlex.split(line)
    assert (program, option) == ("python", "-c")
    assert f'KeyedVectors.load("{path}")' in code
    compile(code, "", "exec")


def test_a_path_in_a_printed_command(tmp_path: Path) -> None:
    """Spaces and quotes are quoted for the shell."""
    path = tmp_path / "my 'vectors'.gz"
    np.save(tmp_path / "m.npy", np.ones((2, 2), "<f4"))
    path.write_bytes(gzip.compress((tmp_path / "m.npy").read_bytes()))
    done = limited("neighbors", "cat", "-m", path)
    assert shlex.split(done.stderr.partition("as in: ")[2]) == ["gunzip", "-k", str(path)]


def test_a_byte_order_mark_in_a_list(tmp_path: Path) -> None:
    """It isn't part of the first word."""
    np.save(tmp_path / "m.npy", np.eye(3, dtype="<f4"))
    (tmp_path / "words.txt").write_bytes(b"\xef\xbb\xbfcat\ndog\nking\n")
    assert load(tmp_path / "m.npy").vector("cat").term.tokens[0].text == "cat"


@pytest.mark.parametrize("counts", ["", "5 3\n"])
def test_a_line_with_too_many_numbers(counts: str, tmp_path: Path) -> None:
    """It is an error with its line number, unless several words contain spaces."""
    lines = ["cat 1 2 3", "dog 1 2 3 4", "king 3 2 1", "house 1 1 2", "tree 5 5 1"]
    (tmp_path / "v.txt").write_text(counts + "\n".join(lines) + "\n")
    with pytest.raises(FormatError, match=f"line {2 + bool(counts)} has more than 3 numbers"):
        load(tmp_path / "v.txt")
    lines[1:3] = ["windows 95 1 2 3", "new york 3 2 1"]
    (tmp_path / "w.txt").write_text(counts + "\n".join(lines) + "\n")
    assert load(tmp_path / "w.txt").vector("'windows 95'").term.tokens[0].text == "windows 95"
