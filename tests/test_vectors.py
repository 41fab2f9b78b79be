"""Word-vector files: gensim's files are read as in gensim, and all common formats are detected."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gensim import models
from gensim.models import KeyedVectors

from conftest import Run
from embgeo import TermError, load
from vector_files import DIMS, WORDS, assert_same_as_gensim, keyed, read, rows


def _packed(path: Path) -> Path:
    target = path.with_name(path.name + ".gz")
    target.write_bytes(gzip.compress(path.read_bytes()))
    return target


def _text(folder: Path) -> Path:
    keyed().save_word2vec_format(str(folder / "file.one"))
    return folder / "file.one"


def _binary(folder: Path) -> Path:
    keyed().save_word2vec_format(str(folder / "file.two"), binary=True)
    return folder / "file.two"


def _glove(folder: Path) -> Path:
    keyed().save_word2vec_format(str(folder / "file.three"), write_header=False)
    return folder / "file.three"


def _native(folder: Path) -> Path:
    keyed().save(str(folder / "file.four"))
    return folder / "file.four"


def _native_apart(folder: Path) -> Path:
    keyed().save(str(folder / "file.five"), sep_limit=0)
    return folder / "file.five"


def _native_old_pickle(folder: Path) -> Path:
    keyed().save(str(folder / "file.six"), pickle_protocol=2)
    return folder / "file.six"


def _npy(folder: Path) -> Path:
    np.save(folder / "file.npy", rows())
    (folder / "file.txt").write_text("".join(f"{word}\n" for word in WORDS))
    return folder / "file.npy"


MAKERS = (_text, _binary, _glove, _native, _native_apart, _native_old_pickle, _npy)


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__.strip("_"))
def test_files_by_gensim(make: Callable[[Path], Path], tmp_path: Path) -> None:
    """Same neighbors and scores as gensim, in every format it writes; file names don't matter."""
    path = make(tmp_path)
    for _ in ("cold", "warm"):
        space = load(path)
        assert space.shape == (len(WORDS), DIMS)
        assert_same_as_gensim(space, keyed(), WORDS)


@pytest.mark.parametrize("make", [_text, _binary, _glove], ids=lambda make: make.__name__.strip("_"))
def test_gzip(make: Callable[[Path], Path], tmp_path: Path) -> None:
    """The same files compressed with gzip."""
    assert_same_as_gensim(load(_packed(make(tmp_path))), keyed(), WORDS)


def test_numbers_are_those_of_the_file(tmp_path: Path) -> None:
    """Every number is the float32 nearest to the decimal number in the file."""
    written = ["0.1", "-1e-3", "123456.789", "1e-45", "3", "-.5", "+2.50", "1E5"]
    space = read(tmp_path / "odd.vec", f"1 {len(written)}\nword {' '.join(written)}\n")
    assert space.matrix[0].tolist() == [float(np.float32(float(number))) for number in written]


@pytest.mark.parametrize(
    "text",
    [
        "2 2\ncat 1 0\ndog 0 1\n",
        "2 2\ncat 1 0 \ndog 0 1 \n",
        "2 2\r\ncat 1 0\r\ndog 0 1\r\n",
        "2 2\ncat 1 0\n\n   \ndog 0 1",
        "2 2\ncat\t1\t0\ndog\t0\t1\n",
        "\ufeff2 2\ncat 1 0\ndog 0 1\n",
        "cat 1 0\ndog 0 1\n",
        "cat 1 0\ndog 0 1",
    ],
    ids=["plain", "trailing", "crlf", "empty-lines", "tabs", "bom", "glove", "no-end"],
)
def test_variants_of_the_text_format(text: str, tmp_path: Path) -> None:
    """Trailing spaces, empty lines, tabs, other line ends, a byte-order mark: the same two rows."""
    space = read(tmp_path / "file", text)
    assert space.matrix.tolist() == [[1, 0], [0, 1]]
    assert [(*space.vector(word).values,) for word in ("cat", "dog")] == [(1, 0), (0, 1)]


@pytest.mark.parametrize("head", ["4 3\n", ""], ids=["word2vec", "glove"])
def test_words_with_spaces(head: str, tmp_path: Path) -> None:
    """The numbers are the last columns, as GloVe's largest file needs; whatever precedes them is the word."""
    space = read(tmp_path / "file", head + "cat 1 0 0\n. . . 0 1 0\nat 5 0 0 1\nNew York 1 1 1\n")
    read_back = [(*space.vector(word).values,) for word in (". . .", "at 5", "New York")]
    assert read_back == [(0, 1, 0), (0, 0, 1), (1, 1, 1)]


def test_a_numeric_word_is_not_a_header(tmp_path: Path) -> None:
    """A first line of two numbers may be a word with its vector."""
    space = read(tmp_path / "file", "5 3\n7 4\ncat 2\n")
    assert [(*space.vector(f'"{word}"').values,) for word in "57"] == [(3,), (4,)]


def test_repeated_words(tmp_path: Path) -> None:
    """The first row counts, as in gensim, and a note gives the number of rows left out."""
    path = tmp_path / "file"
    space = read(path, "5 2\ncat 1 0\ncat 0 1\ndog 1 1\ncat 2 2\ndog 3 3\n")
    assert space.matrix.tolist() == [[1, 0], [1, 1]]
    note = "3 rows of the file are left out: an earlier row has the same word"
    assert load(path).neighbors("cat").notes == space.info().notes == (note,)


@pytest.mark.slow
def test_many_blocks(tmp_path: Path) -> None:
    """A file much larger than a block gives the same matrix as in gensim."""
    words, matrix = [f"w{number}" for number in range(9000)], rows(9000, 120)
    vectors = keyed(words, matrix)
    for name, binary in (("file.txt", False), ("file.bin", True)):
        vectors.save_word2vec_format(str(tmp_path / name), binary=binary)
        assert np.array_equal(load(tmp_path / name).matrix, matrix)


def test_words_are_not_split(tmp_path: Path) -> None:
    """A word is in the vocabulary or not, in the case as written; lists fold case."""
    space = read(tmp_path / "file", "cat 1 0\nCat 0.9 0.1\ndog 0 1\nkitten 1 0.5\n")
    assert space.vector("cat").values.tolist() == [1, 0]
    assert [token.text for token in space.neighbors("cat")] == ["kitten", "dog"]
    with pytest.raises(TermError, match="'kittn' is not in this model's vocabulary") as refusal:
        space.vector("kittn")
    assert refusal.value.hint == "Similar spellings: kitten."


def test_text_is_split_at_spaces(tmp_path: Path) -> None:
    """Text is split at white space; an unknown word is an error."""
    space = read(tmp_path / "file", "cat 1 0\nthe 0 1\n")
    assert [token.text for token in space.tokens("the  cat").tokens] == ["the", "cat"]
    with pytest.raises(TermError, match="'dog' is not in this model's vocabulary"):
        space.tokens("the dog")


def test_converted_again_after_a_change(tmp_path: Path) -> None:
    """A converted file is used until the size or time of the original changes."""
    path = tmp_path / "file"
    assert read(path, "cat 1 0\n").matrix.tolist() == [[1, 0]]
    os.utime(path, ns=(1, 1))
    path.write_text("cat 2 2\n")
    assert load(path).matrix.tolist() == [[2, 2]]


def test_a_changed_word_list(tmp_path: Path) -> None:
    """A changed word list next to the same .npy is read again."""
    path = _npy(tmp_path)
    assert load(path).vocabulary.token(0).text == "cat"
    path.with_suffix(".txt").write_text("".join(f"{word}\n" for word in ["tiger", *WORDS[1:]]))
    assert load(path).vocabulary.token(0).text == "tiger"


ORDERS = {
    "f4": (rows(), True),
    "f2": (rows().astype("<f2"), True),
    "f8": (rows().astype("<f8"), True),
    "columns": (np.asfortranarray(rows()), False),
    "big-endian": (rows().astype(">f4"), False),
}


@pytest.mark.parametrize(("matrix", "mapped"), ORDERS.values(), ids=ORDERS)
def test_npy_files_are_mapped_in_place(matrix: Any, mapped: bool, tmp_path: Path) -> None:
    """Little-endian row-major matrices are mapped; others are converted."""
    np.save(tmp_path / "file.npy", matrix)
    (tmp_path / "words.txt").write_text("\n".join(WORDS))
    space = load(tmp_path / "file.npy")
    assert np.array_equal(space.matrix, matrix)
    assert (space.info().path == str(tmp_path / "file.npy")) is mapped


def test_gensims_npy_is_mapped_in_place(tmp_path: Path) -> None:
    """The .npy that gensim writes next to a large matrix isn't copied."""
    path = _native_apart(tmp_path)
    assert load(path).info().path == f"{path}.vectors.npy"


def test_file_format_option(tmp_path: Path) -> None:
    """--file-format reads a file as the given format, even if its content looks like another."""
    space = read(tmp_path / "file", "5 1\n7 4\n", file_format="glove")
    assert space.matrix.tolist() == [[1], [4]]


def test_on_the_command_line(run: Run, tmp_path: Path) -> None:
    """A file name is a model; `models` lists it, and `models rm` removes its converted form."""
    path = tmp_path / "tiny.vec"
    path.write_text("3 2\ncat 1 0\ncats 0.9 0.1\ndog 0 1\n")
    assert "cats" in run("neighbors", "cat", "-m", str(path), "-k", "1").stdout
    assert str(path) in run("models", COLUMNS="1000").stdout
    assert "freed" in run("models", "rm", str(path)).stdout
    assert path.exists()
    assert str(path) not in run("models", COLUMNS="1000").stdout


def test_a_warm_query_does_not_open_the_file(tmp_path: Path) -> None:
    """After the first use the file itself isn't opened."""
    path = tmp_path / "file"
    before = read(path, "cat 1 0\ndog 0 1\n").neighbors("cat")
    opened, watching = [], [True]
    sys.addaudithook(lambda event, args: opened.append(str(args[0])) if watching and event == "open" else None)
    assert load(path).neighbors("cat") == before
    watching.clear()
    assert any(name.endswith("embedding.safetensors") for name in opened)
    assert str(path) not in opened


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["Word2Vec", "FastText"])
def test_pickled_models_can_be_converted(kind: str, tmp_path: Path, run: Run) -> None:
    """A pickled model isn't unpickled; the command in the hint converts it."""
    model = getattr(models, kind)([["cat", "dog", "mouse"]] * 5, vector_size=8, min_count=1, workers=1, seed=1)
    path = tmp_path / "file.model"
    (model.wv if kind == "FastText" else model).save(str(path))
    done = run("info", "-m", str(path))
    assert done.returncode == 4
    assert "which embgeo doesn't unpickle: it could run any code" in done.stderr
    _, _, code = done.stderr.partition("python -c '")
    subprocess.run([sys.executable, "-c", code.strip().rstrip("'")], cwd=tmp_path, check=True, capture_output=True)
    assert np.allclose(load(tmp_path / "file.bin").vector("cat").values, model.wv["cat"])


def test_gensim_reads_its_own_file(tmp_path: Path) -> None:
    """A check of the reference that these tests compare with."""
    assert np.array_equal(KeyedVectors.load_word2vec_format(str(_text(tmp_path))).vectors, rows())
