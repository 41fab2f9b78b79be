"""Damaged and hostile vector files: the error gives the line or byte, and nothing is stored."""

from __future__ import annotations

import contextlib
import gzip
import os
import pickle
import struct
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import Run
from embgeo import EmbgeoError, FormatError, ModelError, UsageError, load
from vector_files import WORDS, keyed, read, rows

ROW = struct.pack("<2f", 1, 0)
HUGE = "9" * 15

TEXTS = {
    "fewer rows": ("3 2\ncat 1 0\ndog 0 1\n", "claims 3 rows but it ends with 2, at line 3"),
    "more rows": ("1 2\ncat 1 0\ndog 0 1\n", "claims 1 rows but more follow"),
    "too few numbers": ("2 3\ncat 1 0 0\ndog 0 1\n", "line 3 is not a word with 3 numbers: it ends with 2"),
    "another length": ("cat 1 0 0\ndog 0 1 0\ncow 1 0\n", "line 3 is not a word with 3 numbers: it ends with 2"),
    "no number": ("2 3\ncat 1 0 0\ndog 0 x 1\n", "line 3 is not a word with 3 numbers: it ends with 1"),
    "no word": ("2 2\ncat 1 0\n 0 1\n", "line 3 is not a word with 2 numbers"),
    "huge count": (f"{HUGE} 2\ncat 1 0\n", "line 1 claims 999,999,999,999,999 rows of 2 numbers, at least"),
    "huge width": (f"1 {HUGE}\ncat 1 0\n", "line 1 claims 1 rows of 999,999,999,999,999 numbers"),
    "no rows": ("0 2\ncat 1 0\n", "line 1 claims 0 rows"),
    "only counts": ("2 2\n", "line 1 claims 2 rows"),
}
BYTES = {
    "bad UTF-8": (b"2 2\ncat 1 0\nd\xffg 0 1\n", "line 3: the word is not valid UTF-8 (its byte 1)"),
    "binary, cut off": (b"2 2\ncat " + ROW + b"dog " + ROW[:7], "breaks off in row 2 of 2, at byte 16"),
    "binary, a row missing": (b"2 1\n" + b"c" * 20 + b" " + ROW[:4], "ends before row 2 of 2, at byte 29"),
    "binary, more rows": (b"1 2\ncat " + ROW + b"dog " + ROW, "goes on after its last row, at byte 16"),
    "binary, bad UTF-8": (b"1 2\nc\xfft " + ROW, "row 1 of 1, at byte 4: the word is not valid UTF-8"),
    "binary, huge count": (b"999999999999 300\ncat " + ROW, "claims 999,999,999,999 rows of 300 numbers, at least"),
    "gzip, cut off": (gzip.compress(b"cat 1 0\n" * 99)[:-9], "its gzip data breaks off at byte"),
    "empty": (b"", "can't tell what"),
    "prose": (b"Once upon a time\nthere was a cat.\n", "can't tell what"),
    "zip": (b"PK\x03\x04glove.6B.50d.txt", "its zip data breaks off at byte"),
    "PyTorch": (b"PK\x03\x04....archive/data.pkl", "is PyTorch's pickle, which could run any code"),
    "packed .npy": (gzip.compress(b"\x93NUMPY\1\0"), "is npy packed with gzip"),
}
BAD = {name: (text.encode(), why) for name, (text, why) in TEXTS.items()} | BYTES


@pytest.mark.parametrize(("content", "why"), BAD.values(), ids=BAD)
def test_damaged_files(content: bytes, why: str, tmp_path: Path, own_store: Path) -> None:
    """The error says what is wrong and where; the store stays empty."""
    with pytest.raises(ModelError) as refusal:
        read(tmp_path / "file", content)
    assert why in refusal.value.message
    assert refusal.value.hint
    assert [path for path in own_store.rglob("*") if path.is_file() and path.suffix != ".lock"] == []


def npy(shape: str, dtype: str = "<f4", data: bytes = b"") -> bytes:
    """A .npy file with this text as its shape."""
    head = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(head)) + head.encode() + data


ARRAYS = {
    "huge": (npy(f"({HUGE}, 2)"), "takes 8,000,000,000,000,120 bytes"),
    "cut off": (npy("(2, 2)", data=bytes(15)), "takes 144 bytes with the header; it has 143"),
    "one dimension": (npy("(4,)", data=bytes(16)), "holds float32 of shape [4], not a matrix of floats"),
    "whole numbers": (npy("(2, 2)", "<i4", bytes(16)), "holds int32 of shape [2, 2], not a matrix"),
    "objects": (npy("(2, 2)", "|O", bytes(16)), "holds object of shape [2, 2], not a matrix"),
    "code": (npy("(__import__('os').getpid(), 2)"), "it has no .npy header"),
    "magic alone": (b"\x93NUMPY", "it has no .npy header"),
}


@pytest.mark.parametrize(("content", "why"), ARRAYS.values(), ids=ARRAYS)
def test_invalid_npy(content: bytes, why: str, tmp_path: Path) -> None:
    """A .npy with a false header, or without a matrix of floats."""
    (tmp_path / "words.txt").write_text("cat\ndog\n")
    with pytest.raises(FormatError) as refusal:
        read(tmp_path / "file.npy", content)
    assert why in refusal.value.message


LISTS = {
    "none": (None, "no words for the rows of"),
    "too short": (b"cat\n", "it has 1 words, one per line, but 'file.npy' has 2 rows"),
    "twice": (b"cat\ncat\n", "line 2 repeats the word of line 1"),
    "empty line": (b"cat\n\n", "line 2 has no word"),
    "bad UTF-8": (b"cat\n\xff\n", "line 2: the word is not valid UTF-8"),
}


@pytest.mark.parametrize(("words", "why"), LISTS.values(), ids=LISTS)
def test_word_lists_that_do_not_match(words: bytes | None, why: str, tmp_path: Path) -> None:
    """A missing, too short or invalid word list is an error."""
    if words is not None:
        (tmp_path / "file.vocab").write_bytes(words)
    with pytest.raises(ModelError) as refusal:
        read(tmp_path / "file.npy", npy("(2, 2)", data=bytes(16)))
    assert why in refusal.value.message


class Bomb:
    """Pickled, it creates a file when loaded."""

    def __init__(self, call: Any, *args: object) -> None:
        self.call, self.args = call, args

    def __reduce__(self) -> Any:
        return self.call, self.args


CALLS = {"os.mkdir": os.mkdir, "subprocess.Popen": subprocess.Popen, "builtins.eval": eval, "numpy.load": np.load}


@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize("name", CALLS)
def test_pickles_never_run_code(name: str, protocol: int, tmp_path: Path) -> None:
    """The error names the function that a pickle would call, and it isn't called."""
    target = tmp_path / "made"
    bomb = pickle.dumps([Bomb(CALLS[name], str(target))], protocol)
    with pytest.raises(FormatError, match=r"which embgeo doesn't unpickle: it could run any code") as refusal:
        read(tmp_path / "file.kv", bomb)
    assert name.rpartition(".")[2].split("_")[0] in refusal.value.message
    assert "KeyedVectors.load" in refusal.value.hint
    assert not target.exists()


def test_pickles_can_name_only_our_own_functions() -> None:
    """Every name in a pickle maps to a function or class of the reader."""
    from embgeo.formats import gensim_kv, plain_pickle

    homes = {thing.__module__ for thing in gensim_kv.STAND_INS.values()}
    assert homes == {gensim_kv.__name__, plain_pickle.__name__}


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.parametrize("form", ["native", "binary", "text"])
def test_random_damage(form: str, data: st.DataObject, tmp_path: Path) -> None:
    """Gensim's files with bytes changed or cut off are read or refused, never an unexpected error."""
    path = tmp_path / "file"
    if form == "native":
        keyed().save(str(path))
    else:
        keyed().save_word2vec_format(str(path), binary=form == "binary")
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(EmbgeoError):
        space = read(path, bytes(content[: data.draw(st.integers(len(content) // 2, len(content)))]))
        assert space.shape[0] <= 2 * len(WORDS)


def test_missing_matrix(tmp_path: Path) -> None:
    """A .kv without the .npy that gensim wrote next to it."""
    keyed().save(str(tmp_path / "file.kv"), sep_limit=0)
    (tmp_path / "file.kv.vectors.npy").unlink()
    with pytest.raises(ModelError, match=r"'file.kv.vectors.npy' is missing next to"):
        load(tmp_path / "file.kv")


def test_an_endless_line(tmp_path: Path) -> None:
    """It is an error before it exhausts the memory, even in compressed files."""
    with pytest.raises(FormatError, match="line 2 has more than 33,554,432 bytes"):
        read(tmp_path / "file", gzip.compress(b"cat 1 0\n" + b"1 " * (20 << 20)))


def test_invalid_file_formats(tmp_path: Path) -> None:
    """An unknown --file-format lists the known ones, and a model that isn't a file has none."""
    with pytest.raises(UsageError, match="unknown file format 'fast-text'; expected word2vec, glove"):
        read(tmp_path / "file", "cat 1 0\n", file_format="fast-text")
    with pytest.raises(UsageError, match="has one matrix"):
        load(tmp_path / "file", side="output")
    with pytest.raises(UsageError, match="'minilm' is not a file on this machine"):
        load("minilm", file_format="glove")


def test_no_unembedding(tmp_path: Path) -> None:
    """Word vectors have no unembedding, and no logits."""
    with pytest.raises(UsageError, match="unembed needs an unembedding, and the word vectors of"):
        read(tmp_path / "file", "cat 1 0\ndog 0 1\n").unembed("cat")


def test_missing_file(run: Run) -> None:
    """A name with the suffix of a vector file is not looked up on the Hub."""
    done = run("info", "-m", "nowhere.vec")
    assert (done.returncode, done.stdout) == (4, "")
    assert "no model at 'nowhere.vec'" in done.stderr


def test_nan_rows_are_excluded(tmp_path: Path) -> None:
    """NaN and infinity in a file are read, counted, and never shown."""
    space = read(tmp_path / "file", "4 2\ncat 1 0\ndog 0 1\nodd nan 1\nbig inf 1\n")
    assert [token.text for token in space.neighbors("cat")] == ["dog"]
    assert space.info().bad_rows == 2


def test_unwritable_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says that the store can't be written."""
    (tmp_path / "store").write_text("a file where a folder should be")
    monkeypatch.setenv("EMBGEO_HOME", str(tmp_path / "store"))
    np.save(tmp_path / "file.npy", np.asfortranarray(rows()))
    with pytest.raises(ModelError, match="can't write to"):
        read(tmp_path / "file", "cat 1 0\n")
