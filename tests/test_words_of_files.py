"""`--limit`, `--encoding` and `--encoding-errors`: the first words of a file, and words that are not UTF-8."""

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
    """As text."""
    keyed().save_word2vec_format(str(path))
    return path


def glove(path: Path) -> Path:
    """Without counts."""
    keyed().save_word2vec_format(str(path), write_header=False)
    return path


def binary(path: Path) -> Path:
    """As word2vec binary."""
    keyed().save_word2vec_format(str(path), binary=True)
    return path


def kv(path: Path) -> Path:
    """What gensim writes, in one file."""
    keyed().save(str(path))
    return path


def kv_apart(path: Path) -> Path:
    """What gensim writes, with its .npy."""
    keyed().save(str(path), sep_limit=0)
    return path


def npy(path: Path) -> Path:
    """NumPy's, and a list."""
    np.save(path.with_suffix(".npy"), rows())
    path.with_suffix(".txt").write_text("".join(f"{word}\n" for word in WORDS))
    return path.with_suffix(".npy")


def npy_by_columns(path: Path) -> Path:
    """The same, column by column."""
    npy(path)
    np.save(path.with_suffix(".npy"), np.asfortranarray(rows()))
    return path.with_suffix(".npy")


def exported(name: str) -> Callable[[Path], Path]:
    """As embgeo writes it."""

    def make(path: Path) -> Path:
        out = path.with_name(name)
        load(text(path)).export(out)
        return out / "vectors.tsv" if name == "projector" else out

    make.__name__ = name
    return make


def projector(path: Path) -> Path:
    """The Projector's two files."""
    load(text(path)).export(path.with_name("folder"), to="projector")
    return path.with_name("folder") / "vectors.tsv"


def fasttext_bin(path: Path) -> Path:
    """What fastText writes, with n-grams: two words."""
    from test_fasttext import fasttext_file

    path.write_bytes(fasttext_file())
    return path


def fasttext_words(path: Path) -> Path:
    """What fastText writes, without n-grams."""
    from test_fasttext import fasttext_file

    path.write_bytes(fasttext_file(longest=0))
    return path


MAKERS = (text, glove, binary, kv, kv_apart, npy, npy_by_columns, exported("w.safetensors"), projector, fasttext_bin,
          fasttext_words)  # fmt: skip


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_the_first_words(make: Callable[[Path], Path], tmp_path: Path) -> None:
    """The first rows are those of the whole file, which stays a model of its own; a note says how many were read."""
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


def test_gensim_agrees(tmp_path: Path) -> None:
    """As gensim's own limit."""
    from gensim.models import KeyedVectors

    path = text(tmp_path / "file")
    assert np.array_equal(load(path, limit=7).matrix, KeyedVectors.load_word2vec_format(str(path), limit=7).vectors)


def test_more_than_there_are(tmp_path: Path) -> None:
    """A limit beyond the end is no limit."""
    space = load(text(tmp_path / "file"), limit=ALL + 1)
    assert (space.shape[0], space.info().notes) == (ALL, ())


def test_what_follows_is_not_read(tmp_path: Path) -> None:
    """A row that is missing after the last requested word doesn't matter, and equal words count once."""
    (tmp_path / "file").write_text("5 2\ncat 1 0\ncat 2 2\ndog 0 1\ncow 1 1\n")
    space = load(tmp_path / "file", limit=2)
    assert space.matrix.tolist() == [[1, 0], [0, 1]]
    assert space.info().notes[1] == "1 row of the file is left out: an earlier row has the same word"


CODES = {"latin-1": "Zürich", "cp1251": "кошка", "gb18030": "电脑", "shift_jis": "ソファ", "utf-8": "猫"}


@pytest.mark.parametrize("form", ["word2vec", "word2vec-binary", "glove", "npy", "projector"])
@pytest.mark.parametrize("code", CODES)
def test_encodings(code: str, form: str, tmp_path: Path) -> None:
    """A word in another encoding is read under its own letters, in every format that stores bytes."""
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
    """Replaced or left out, as gensim does; what then is empty or there already is left out with a note."""
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
def test_refused(name: str, tmp_path: Path) -> None:
    """Before any file is read."""
    options, why = REFUSED[name]
    with pytest.raises(UsageError, match=why):
        load(text(tmp_path / "file"), **options)


def test_where_they_make_no_sense(tmp_path: Path, run: Run) -> None:
    """A model with a tokenizer is read as a whole, and Unicode has no encoding."""
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
    """Questions, `info`, `export` and `pull` take them."""
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
