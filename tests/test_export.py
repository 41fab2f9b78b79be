"""Files from `embgeo export` give the same neighbors when embgeo or gensim reads them back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gensim.models import KeyedVectors

from conftest import Run, SpaceOf, write_model
from embgeo import EmbeddingSpace, TermError, UsageError, load
from embgeo.formats.token_marks import WORD
from embgeo.questions.rows import listable
from vector_files import WORDS, assert_same_as_gensim, keyed, rows

QUERIES = ["cat", "king", "paris", "running", "blue"]
NAMES = {
    "word2vec": "out.vec", "word2vec-binary": "out.bin", "npy": "out.npy", "safetensors": "out.safetensors",
}  # fmt: skip


def gensim_of(space: EmbeddingSpace) -> KeyedVectors:
    """The whole words of a model in gensim, without embgeo's export."""
    ids = np.flatnonzero(space.vocabulary.table.flags & WORD)
    words = [space.vocabulary.token(row).text.strip() for row in ids.tolist()]
    return keyed(words, np.asarray(space.matrix[ids], np.float32))


@pytest.mark.slow
@pytest.mark.parametrize("form", ["word2vec-binary", "npy", "safetensors"])
def test_same_neighbors_when_read_back(form: str, minilm: EmbeddingSpace, tmp_path: Path) -> None:
    """An exported file that is read back has the neighbors that gensim finds on the same rows."""
    out = tmp_path / NAMES[form]
    written = minilm.export(out, words=True)
    assert written.form == form
    again = load(out)
    assert again.shape == (written.rows, 384)
    assert_same_as_gensim(again, gensim_of(minilm), QUERIES)


@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
@pytest.mark.slow
def test_gensim_reads_exported_files(binary: bool, minilm: EmbeddingSpace, tmp_path: Path) -> None:
    """Gensim loads the word2vec files with the same words and bit-identical float32 numbers."""
    out, count = (tmp_path / "out.bin", None) if binary else (tmp_path / "out.txt", 1000)  # gensim is slow on text
    expected = gensim_of(minilm)
    minilm.export(out, *(expected.index_to_key[:count] if count else ()), words=binary)
    result = KeyedVectors.load_word2vec_format(str(out), binary=binary)
    assert result.index_to_key == expected.index_to_key[:count]
    assert np.array_equal(result.vectors, expected.vectors[:count])
    if binary:
        neighbors = [token.text for token in minilm.neighbors("cat", words=True, raw=True)]
        assert [word for word, _ in result.most_similar("cat")] == neighbors


def test_round_trip_of_odd_words(tmp_path: Path) -> None:
    """Words in any script, with quotes or digits, keep their rows in every format."""
    keyed().save_word2vec_format(str(tmp_path / "in"))
    for name in NAMES.values():
        folder = tmp_path / name.replace(".", "-")
        folder.mkdir()
        load(tmp_path / "in").export(folder / name)
        assert_same_as_gensim(load(folder / name), keyed(), WORDS)


def test_pieces_without_words(tmp_path: Path, space_of: SpaceOf) -> None:
    """The whole matrix is written with the vocabulary's own strings, without rows that have no token."""
    space = space_of({"cat": [1, 0], "dog": [0, 1]})
    space.export(tmp_path / "out.vec")
    assert (tmp_path / "out.vec").read_text() == "2 2\n▁cat 1 0\n▁dog 0 1\n"
    rows_of_three = np.eye(3, dtype=np.float32)
    padded = load(write_model(tmp_path / "padded", np.vstack([rows_of_three, rows_of_three]), ["a", "b", "c"]))
    assert padded.export(tmp_path / "padded.txt").rows == 4  # three words and <unk>; two rows are padding


def test_chosen_words(tmp_path: Path, minilm: EmbeddingSpace) -> None:
    """Terms are written as typed, in order; a word of several tokens is their mean, with a note."""
    terms = ["dog", "new york", "id:4937"]
    done = minilm.export(tmp_path / "out.npy", *terms, unit=True, dtype="F32")
    expected = [np.asarray(minilm.vector(term)) / minilm.vector(term).norm for term in terms]
    assert np.allclose(np.load(tmp_path / "out.npy"), expected, atol=1e-6)
    assert (tmp_path / "out.txt").read_text() == "dog\nnew york\nid:4937\n"
    assert any("2 tokens" in note for note in done.notes)
    with pytest.raises(TermError):
        minilm.export(tmp_path / "none.npy", "☃☃")
    assert not (tmp_path / "none.npy").exists()


def test_white_space_in_words(tmp_path: Path, minilm: EmbeddingSpace) -> None:
    """White space would end a word in a word2vec file, so it is written as ␣, with a note."""
    done = minilm.export(tmp_path / "out.txt", "new york", "ice")
    assert "1 word has white space, written as ␣" in done.notes
    assert KeyedVectors.load_word2vec_format(str(tmp_path / "out.txt")).index_to_key == ["new␣york", "ice"]


def test_repeated_words(tmp_path: Path, space_of: SpaceOf) -> None:
    """A repeated word is written once; a note counts the ones left out."""
    space = space_of({"ice": [1, 0], "dog": [0, 1]})
    done = space.export(tmp_path / "out.txt", "dog", "ice", "dog")
    assert (done.rows, done.notes) == (2, ("1 row is left out, as the word is empty or already written",))


@pytest.mark.parametrize(("dtype", "stored"), [("F32", "<f4"), ("F16", "<f2"), ("BF16", "<u2")])
def test_dtypes(dtype: str, stored: str, tmp_path: Path, space_of: SpaceOf) -> None:
    """Numbers are rounded to the nearest value of the dtype; the loaded file has that dtype."""
    space = space_of({"a": [1.0, 3.14159265, -1e-3], "b": [2.0, 0.1, 65000.0]})
    space.export(tmp_path / "out.safetensors", dtype=dtype)
    again = load(tmp_path / "out.safetensors")
    assert (again.info().dtype, again.matrix.dtype.str) == (dtype, stored)
    relative = {"F32": 0.0, "F16": 2.0**-11, "BF16": 2.0**-8}[dtype]
    read_back = np.array(again.vector("▁a"), np.float32)
    assert np.allclose(read_back, np.float32([1.0, 3.14159265, -1e-3]), rtol=relative, atol=0)


def test_the_default_dtype(minilm: EmbeddingSpace, tmp_path: Path) -> None:
    """Without --dtype the matrix's own dtype is used: the bundled float16 rows are written unchanged."""
    assert minilm.export(tmp_path / "out.npy").numbers == "F16"
    ids = np.flatnonzero(listable(minilm, [], raw=True))
    assert np.array_equal(np.load(tmp_path / "out.npy"), minilm.matrix[ids])


@pytest.mark.slow
def test_unit(minilm: EmbeddingSpace, tmp_path: Path) -> None:
    """With --unit every row has length 1, and the neighbors stay the same."""
    minilm.export(tmp_path / "out.bin", words=True, unit=True)
    result = KeyedVectors.load_word2vec_format(str(tmp_path / "out.bin"), binary=True)
    assert np.allclose(np.linalg.norm(result.vectors, axis=1), 1, atol=1e-6)
    assert_same_as_gensim(load(tmp_path / "out.bin"), gensim_of(minilm), ["cat"])


def test_unit_leaves_a_zero_row_unchanged(tmp_path: Path, space_of: SpaceOf) -> None:
    """A row of length zero has no direction, and is written unchanged."""
    space_of({"none": [0, 0], "dog": [3, 4]}).export(tmp_path / "out.npy", unit=True)
    assert np.allclose(np.load(tmp_path / "out.npy"), [[0, 0], [0.6, 0.8]])


def test_projector(tmp_path: Path, space_of: SpaceOf) -> None:
    """The Embedding Projector's files: numbers separated by tabs, one word per line, no header."""
    done = space_of({"ice": [1, 0.5], "dog": [0, -2]}).export(tmp_path / "new" / "folder", to="projector")
    assert (tmp_path / "new" / "folder" / "vectors.tsv").read_text() == "1\t0.5\n0\t-2\n"
    assert (tmp_path / "new" / "folder" / "metadata.tsv").read_text() == "▁ice\n▁dog\n"
    assert [Path(file.path).name for file in done.files] == ["vectors.tsv", "metadata.tsv"]


def test_existing_files_are_not_overwritten(tmp_path: Path, space_of: SpaceOf) -> None:
    """An existing file, or word list next to it, is not overwritten without --force."""
    space = space_of({"ice": [1, 0]})
    for name in ("out.npy", "out.txt"):
        path = tmp_path / name
        path.write_text("mine")
        with pytest.raises(UsageError, match="already exists"):
            space.export(tmp_path / "out.npy")
        assert path.read_text() == "mine"
        path.unlink()
    (tmp_path / "out.npy").write_text("mine")
    space.export(tmp_path / "out.npy", force=True)
    assert np.load(tmp_path / "out.npy").tolist() == [[1, 0]]


def test_a_failed_export_leaves_the_old_file(tmp_path: Path, space_of: SpaceOf) -> None:
    """If a number is outside float16's range, the old file is unchanged and no temporary file is left."""
    out = tmp_path / "out.npy"
    out.write_text("mine")
    with pytest.raises(UsageError, match="too large for F16"):
        space_of({"ice": [1, 70000.0]}).export(out, dtype="F16", force=True)
    assert out.read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "out.npy"]


@pytest.mark.slow
def test_a_slash_at_the_end_names_a_folder(tmp_path: Path, minilm: EmbeddingSpace) -> None:
    """`new/` is a folder for the projector, whether it exists or not; single-file formats refuse such a name."""
    done = minilm.export(f"{tmp_path}/new/", "cat")
    assert (done.form, sorted(path.name for path in (tmp_path / "new").iterdir())) == (
        "projector", ["metadata.tsv", "vectors.tsv"],
    )  # fmt: skip
    direction, name = minilm.direction("cats", "cat"), f"{tmp_path}/other/"
    for write in (
        lambda: minilm.export(name, "cat", to="npy"),
        lambda: minilm.export(f"{tmp_path}/other.npy/", "cat"),
        lambda: minilm.export_passages(f"{tmp_path}/other.npy/", __file__),
        lambda: direction.save(name),
        lambda: minilm.compare(minilm, queries=5, held_out=5, map_file=name),
    ):
        with pytest.raises(UsageError, match="/' names a folder"):
            write()
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


WRONG: dict[str, tuple[str, dict[str, Any], str]] = {
    "no suffix": ("out", {}, "has no suffix of a known format"),
    "format unknown": ("out", {"to": "glove"}, "unknown export format 'glove'; expected safetensors, npy"),
    "npy as bfloat16": ("out.npy", {"dtype": "BF16"}, "npy has no dtype BF16"),
    "text as float16": ("out.txt", {"dtype": "F16"}, "word2vec has no dtype F16"),
    "matrix as its words": ("out.txt", {"to": "npy"}, "would be both the matrix and its words"),
    "a folder": (".", {"to": "word2vec"}, "is a folder"),
}


@pytest.mark.parametrize(("name", "options", "why"), WRONG.values(), ids=WRONG)
def test_refused(name: str, options: dict[str, Any], why: str, tmp_path: Path, space_of: SpaceOf) -> None:
    """Exports that can't be written as requested are errors."""
    with pytest.raises(UsageError, match=why):
        space_of({"ice": [1, 0]}).export(tmp_path / name, **options)


def test_on_the_command_line(run: Run, tmp_path: Path) -> None:
    """Words come from a file and the command line; the answer names the files; an unwritable path is an error."""
    (tmp_path / "words").write_text("dog\n\n  house \n")
    line = [
        "export",
        str(tmp_path / "out.txt"),
        "cat",
        "--words-from",
        str(tmp_path / "words"),
        "-m",
        "minilm",
        "--json",
    ]
    done = run(*line)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    size = (tmp_path / "out.txt").stat().st_size
    assert (answer["rows"], answer["form"]) == (3, "word2vec")
    assert answer["files"] == [{"path": str(tmp_path / "out.txt"), "bytes": size}]
    assert KeyedVectors.load_word2vec_format(str(tmp_path / "out.txt")).index_to_key == ["cat", "dog", "house"]
    assert run(*line).returncode == 2
    table = run(*line[:-1], "--force").stdout
    assert "3 rows × 384 dimensions, F32" in table
    nowhere = run("export", str(tmp_path / "no" / "out.txt"), "cat", "-m", "minilm")
    assert nowhere.returncode == 4
    assert "can't write" in nowhere.stderr


@pytest.mark.slow
def test_progress_is_reported(tmp_path: Path) -> None:
    """Reading and writing report progress to the end."""
    reports: list[tuple[str, int, int]] = []
    keyed([f"w{row}" for row in range(9000)], rows(9000, 200)).save_word2vec_format(str(tmp_path / "in"))
    load(tmp_path / "in", report=lambda *step: reports.append(step)).export(
        tmp_path / "out.bin", report=lambda *step: reports.append(step)
    )
    for what in ("Converting in", "Writing out.bin"):
        steps = [(done, total) for name, done, total in reports if name == what]
        assert len(steps) > 1
        assert steps == sorted(steps)
        assert steps[-1][0] == steps[-1][1]
