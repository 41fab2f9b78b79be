"""`--limit`, `--encoding` and `--encoding-errors`: the first words of a file, and words in other encodings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import Run, write_model
from embgeo import FormatError, ModelError, UsageError, load
from vector_files import WORDS, keyed, rows

ALL = len(WORDS)


def text(path: Path) -> Path:
    """Write word2vec text."""
    keyed().save_word2vec_format(str(path))
    return path


def glove(path: Path) -> Path:
    """Write GloVe, which is word2vec text without a header."""
    keyed().save_word2vec_format(str(path), write_header=False)
    return path


def binary(path: Path) -> Path:
    """Write word2vec binary."""
    keyed().save_word2vec_format(str(path), binary=True)
    return path


def kv(path: Path) -> Path:
    """Write gensim's own format, in one file."""
    keyed().save(str(path))
    return path


def kv_apart(path: Path) -> Path:
    """Write gensim's own format, with a separate .npy."""
    keyed().save(str(path), sep_limit=0)
    return path


def npy(path: Path) -> Path:
    """Write a .npy and a list of words."""
    np.save(path.with_suffix(".npy"), rows())
    path.with_suffix(".txt").write_text("".join(f"{word}\n" for word in WORDS))
    return path.with_suffix(".npy")


def npy_by_columns(path: Path) -> Path:
    """Write a column-major .npy and a list of words."""
    npy(path)
    np.save(path.with_suffix(".npy"), np.asfortranarray(rows()))
    return path.with_suffix(".npy")


def exported(name: str) -> Callable[[Path], Path]:
    """A function that writes a file by `export`."""

    def make(path: Path) -> Path:
        out = path.with_name(name)
        load(text(path)).export(out)
        return out / "vectors.tsv" if name == "projector" else out

    make.__name__ = name
    return make


def projector(path: Path) -> Path:
    """Write the Embedding Projector's two files."""
    load(text(path)).export(path.with_name("folder"), to="projector")
    return path.with_name("folder") / "vectors.tsv"


def fasttext_bin(path: Path) -> Path:
    """Write fastText's format with n-grams (two words)."""
    from test_fasttext import fasttext_file

    path.write_bytes(fasttext_file())
    return path


def fasttext_words(path: Path) -> Path:
    """Write fastText's format without n-grams."""
    from test_fasttext import fasttext_file

    path.write_bytes(fasttext_file(longest=0))
    return path


MAKERS = (text, glove, binary, kv, kv_apart, npy, npy_by_columns, exported("w.safetensors"), projector, fasttext_bin,
          fasttext_words)  # fmt: skip


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_limit(make: Callable[[Path], Path], tmp_path: Path) -> None:
    """The rows are the first ones of the whole file, which is stored separately; a note gives the number."""
    path = make(tmp_path / "file")
    whole = load(path)
    count = 1 if whole.shape[0] == 2 else 5
    space = load(path, limit=count)
    assert np.array_equal(space.matrix, whole.matrix[:count])
    assert [space.vocabulary.token(row).text for row in range(count)] == [
        whole.vocabulary.token(row).text for row in range(count)
    ]
    note = "only the first 5 words of the file are read" if count == 5 else "only the first word of the file is read"
    assert space.info().notes == (note,)
    assert load(path).shape == whole.shape
    assert load(path, limit=count).info().notes == space.info().notes


def test_limit_equals_gensims(tmp_path: Path) -> None:
    """The same rows as with gensim's `limit`."""
    from gensim.models import KeyedVectors

    path = text(tmp_path / "file")
    assert np.array_equal(load(path, limit=7).matrix, KeyedVectors.load_word2vec_format(str(path), limit=7).vectors)


def test_a_limit_beyond_the_end(tmp_path: Path) -> None:
    """All words are read, without a note."""
    space = load(text(tmp_path / "file"), limit=ALL + 1)
    assert (space.shape[0], space.info().notes) == (ALL, ())


def test_lines_beyond_the_limit_are_not_read(tmp_path: Path) -> None:
    """A row that is missing after the limit doesn't matter, and repeated words count once."""
    (tmp_path / "file").write_text("5 2\ncat 1 0\ncat 2 2\ndog 0 1\ncow 1 1\n")
    space = load(tmp_path / "file", limit=2)
    assert space.matrix.tolist() == [[1, 0], [0, 1]]
    assert space.info().notes[1] == "1 row of the file is left out: an earlier row has the same word"


CODES = {"latin-1": "Zürich", "cp1251": "кошка", "gb18030": "电脑", "shift_jis": "ソファ", "utf-8": "猫"}


@pytest.mark.parametrize("form", ["word2vec", "word2vec-binary", "glove", "npy", "projector"])
@pytest.mark.parametrize("code", CODES)
def test_encodings(code: str, form: str, tmp_path: Path) -> None:
    """Words in another encoding are decoded, in every format that stores bytes."""
    word, path = CODES[code], tmp_path / "file"
    encoded, numbers = word.encode(code), np.array([[1, 2], [3, 4]], "<f4")
    match form:
        case "word2vec" | "glove":
            head = b"2 2\n" if form == "word2vec" else b""
            path.write_bytes(head + b"cat 1 2\n" + encoded + b" 3 4\n")
        case "word2vec-binary":
            path.write_bytes(b"2 2\ncat " + numbers[0].tobytes() + encoded + b" " + numbers[1].tobytes())
        case "npy":
            path = tmp_path / "file.npy"
            np.save(path, numbers)
            path.with_suffix(".txt").write_bytes(b"cat\n" + encoded + b"\n")
        case "projector":
            path = tmp_path / "vectors.tsv"
            path.write_text("1\t2\n3\t4\n")
            (tmp_path / "metadata.tsv").write_bytes(b"cat\n" + encoded + b"\n")
    if code != "utf-8":
        with pytest.raises(FormatError, match="the word is not valid UTF-8") as refusal:
            load(path)
        assert "--encoding" in refusal.value.hint
    assert load(path, encoding=code).vector(f'"{word}"').values.tolist() == [3, 4]


def test_errors_in_an_encoding(tmp_path: Path) -> None:
    """Invalid bytes are replaced or ignored, as in gensim; empty and repeated words are left out with a note."""
    from gensim.models import KeyedVectors

    path = tmp_path / "file"
    path.write_bytes(b"4 2\nca\xfft 1 2\n\xff 5 6\ncat 3 4\ndog 7 8\n")
    with pytest.raises(FormatError, match=r"line 2: the word is not valid UTF-8 \(its byte 2\)"):
        load(path, encoding_errors="strict")
    replaced = load(path, encoding_errors="replace")
    names = [replaced.vocabulary.token(row).text for row in range(4)]
    assert names == KeyedVectors.load_word2vec_format(str(path), unicode_errors="replace").index_to_key
    ignored = load(path, encoding_errors="ignore")
    assert ignored.matrix.tolist() == [[1, 2], [7, 8]]
    assert [note.rpartition(": ")[2] for note in ignored.info().notes] == [
        "an earlier row has the same word", "nothing of the word can be read",
    ]  # fmt: skip


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "limit 0": ({"limit": 0}, "--limit 0 reads no word"),
    "no encoding": ({"encoding": "klingon"}, "unknown encoding 'klingon'"),
    "no text": ({"encoding": "base64"}, "unknown encoding 'base64'"),
    "a null": ({"encoding": "a\0b"}, "unknown encoding"),
    "UTF-16": ({"encoding": "utf-16"}, "'utf-16' is an encoding whose letters and digits are not those of ASCII"),
    "EBCDIC": ({"encoding": "cp500"}, "'cp500' is an encoding whose letters"),
    "errors": (
        {"encoding_errors": "x"},
        "unknown treatment of encoding errors 'x'; expected strict, replace or ignore",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_invalid_options(name: str, tmp_path: Path) -> None:
    """The error names the option's value."""
    options, why = REFUSED[name]
    with pytest.raises(UsageError, match=why):
        load(text(tmp_path / "file"), **options)


def test_models_that_do_not_take_the_options(tmp_path: Path, run: Run) -> None:
    """Models with a tokenizer are read as a whole, and gensim's .kv is always Unicode."""
    folder = write_model(tmp_path / "m", np.ones((3, 2), np.float32), ["a", "b", "c"])
    for model in ("minilm", "gpt2", str(folder)):
        done = run("info", "-m", model, "--limit", "5")
        assert done.returncode == 2, model
        assert "--limit is for files of" in done.stderr
    with pytest.raises(UsageError, match=r"is gensim's .kv, whose words are always Unicode"):
        load(kv(tmp_path / "file"), encoding="latin-1")
    with pytest.raises(UsageError, match="has a tokenizer, and is read as a whole"):
        load(folder, encoding_errors="ignore")


def test_on_the_command_line(tmp_path: Path, run: Run) -> None:
    """`neighbors`, `info`, `export` and `pull` take the options."""
    path = tmp_path / "file"
    path.write_bytes(b"caf\xe9 1 0\ntea 0.5 1\nrum 0 1\n")
    options = ("-m", str(path), "--encoding", "latin-1", "--limit", "2")
    assert "tea" in run("neighbors", "café", *options).stdout
    assert "2 rows" in run("info", *options).stdout
    assert run("pull", str(path), *options[2:]).returncode == 0
    assert run("export", str(tmp_path / "out.vec"), *options).returncode == 0
    assert (tmp_path / "out.vec").read_text() == "2 2\ncafé 1 0\ntea 0.5 1\n"
    assert "rum" not in run("neighbors", "café", "-m", str(path), "--encoding-errors", "replace", "--limit", "2").stdout
    with pytest.raises(ModelError):
        load(path)
