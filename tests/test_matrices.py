"""Text files of numbers without words are refused; the two files of the Embedding Projector are read."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from conftest import Run
from embgeo import EmbeddingSpace, FormatError, load
from embgeo.errors import ModelError
from vector_files import rows

TABLE = rows(6, 5)


@pytest.mark.parametrize("number_format", ["%.18e", "%d", "%.3f"])
def test_a_matrix_has_no_words(number_format: str, tmp_path: Path) -> None:
    """A file by `np.savetxt` is refused, and the hint names the option that reads it anyway."""
    np.savetxt(tmp_path / "matrix.txt", 100 * TABLE, fmt=number_format)
    with pytest.raises(FormatError, match=r"every word of '.+matrix\.txt' is a number") as caught:
        load(tmp_path / "matrix.txt")
    assert "--file-format glove" in caught.value.hint
    forced = load(tmp_path / "matrix.txt", file_format="glove")
    assert forced.shape == (6, 4)


def test_numbers_before_words(tmp_path: Path) -> None:
    """A sorted file may begin with many numbers as words; one other word is enough to accept the file."""
    lines = [f"{number} 1 {number}" for number in range(200_000)] + ["cat 0 1"]
    (tmp_path / "sorted.txt").write_text("\n".join(lines))
    assert load(tmp_path / "sorted.txt").vector("1990").values.tolist() == [1, 1990]


def test_a_header_before_numeric_words(tmp_path: Path) -> None:
    """A header with the counts shows that the first column contains words, even if all are numbers."""
    (tmp_path / "years.vec").write_text("2 2\n1990 1 0\n1991 0 1\n")
    assert load(tmp_path / "years.vec").vector("1991").values.tolist() == [0, 1]


def test_an_export_for_the_projector_can_be_loaded(run: Run, tmp_path: Path, minilm: EmbeddingSpace) -> None:
    """The vectors.tsv that `export` writes has the same vectors and neighbors."""
    run("export", str(tmp_path / "out"), "cat", "dog", "king", "queen", "--to", "projector", "-m", "minilm")
    space = load(tmp_path / "out" / "vectors.tsv")
    assert space.shape == (4, 384)
    assert space.vector("queen").values.tolist() == minilm.vector("queen").values.tolist()
    assert [token.text for token in space.neighbors("cat", 1)] == ["dog"]


def test_other_names_and_columns(tmp_path: Path) -> None:
    """File names as in the Projector's tutorials; of several columns, the one named `Word` has the words."""
    numbers = "".join("\t".join(map(str, row)) + "\n" for row in TABLE.tolist())
    (tmp_path / "vecs.tsv.gz").write_bytes(gzip.compress(numbers.encode()))
    words = ["Count\tWord", *(f"{number}\tw{number}" for number in range(6))]
    (tmp_path / "meta.tsv.gz").write_text("\r\n".join(words))
    space = load(tmp_path / "vecs.tsv.gz")
    assert np.array_equal(space.matrix, TABLE)
    assert space.vector("w3").term.tokens[0].id == 3


BAD = {
    "no words": (None, "no words for the rows of '.+'"),
    "too few": ("a\nb\n", "it has 2 words, but 'vectors.tsv' has 6 rows"),
    "no column": ("id\tword\n1\ta\n2\n3\tc\n4\td\n5\te\n6\tf\n", "line 3 has 1 columns, and the words are in column 2"),
    "empty": ("a\n\nc\nd\ne\nf\n", "line 2 has no word"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_metadata(name: str, tmp_path: Path) -> None:
    """The error says what is missing or doesn't match."""
    written, message = BAD[name]
    np.savetxt(tmp_path / "vectors.tsv", TABLE, delimiter="\t")
    if written is not None:
        (tmp_path / "metadata.tsv").write_text(written)
    with pytest.raises(ModelError, match=message):
        load(tmp_path / "vectors.tsv")


def test_a_bad_row(tmp_path: Path) -> None:
    """The error gives the number of a line with too few numbers."""
    (tmp_path / "vectors.tsv").write_text("1\t2\n" * 200 + "1\n")
    (tmp_path / "metadata.tsv").write_text("".join(f"w{number}\n" for number in range(201)))
    with pytest.raises(FormatError, match="line 201 is not 2 numbers"):
        load(tmp_path / "vectors.tsv")
