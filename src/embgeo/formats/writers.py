"""The formats that embgeo writes.

A new format is a row here and a module with `write(files, rows, dtype)`. No NumPy is loaded for the table: the command
line takes its choices from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple

from embgeo.errors import UsageError

if TYPE_CHECKING:
    from embgeo.numerics.dtypes import F32

SPACE_STAND_IN: Final = "␣"  # replaces white space that would end a word in the file


class ExportRows(NamedTuple):
    """What is to be written.

    Attributes:
        words: one for each row.
        blocks: the rows in order, [block, dims] each.
        dims: numbers in a row.
    """

    words: list[str]
    blocks: Iterator[F32]
    dims: int


class WritableFormat(NamedTuple):
    """A format for exported vectors.

    Attributes:
        name: for --to.
        module, function: the module in this package that writes it, and its function.
        suffixes: file names that end so get this format.
        dtypes: possible dtypes, the default first.
        lists_words: whether the words are in a file of their own, one per line.
        folder: names of the files where the output is a folder.
        quotes: whether words with spaces are quoted.
    """

    name: str
    module: str
    suffixes: tuple[str, ...] = ()
    dtypes: tuple[str, ...] = ("F32",)
    lists_words: bool = False
    folder: tuple[str, ...] = ()
    quotes: bool = False
    function: str = "write"

    def files(self, out: Path) -> list[Path]:
        """The files to write for an output name: the matrix first."""
        if self.folder:
            return [out / name for name in self.folder]
        return [out, out.with_suffix(".txt")] if out.name and self.lists_words else [out]

    def writable(self, word: str) -> str:
        """A word as a file can hold it, with ␣ for white space that would end it there."""
        ends = "\t\n\r\v\f\0".__contains__ if self.lists_words or self.quotes else str.isspace
        shown = "".join(SPACE_STAND_IN if ends(character) else character for character in word)
        return shown.encode("utf-8", "replace").decode()

    def write(self, files: list[IO[bytes]], rows: ExportRows, dtype: str) -> None:
        """Write rows and words into the open files of `files`.

        Raises:
            UsageError: a number is too large for the dtype.
        """
        getattr(import_module(f"embgeo.formats.{self.module}"), self.function)(files, rows, dtype)


TABLE: Final = (
    WritableFormat("safetensors", "safetensors_words", (".safetensors",), ("F32", "F16", "BF16"), lists_words=True),
    WritableFormat("npy", "npy", (".npy",), ("F32", "F16"), lists_words=True),
    WritableFormat("word2vec", "word2vec_text", (".txt", ".vec")),
    WritableFormat("word2vec-binary", "word2vec_binary", (".bin",)),
    WritableFormat("csv", "csv_table", (".csv",), quotes=True),
    WritableFormat("tsv", "csv_table", (".tsv",), quotes=True, function="write_tsv"),
    WritableFormat("projector", "projector", lists_words=True, folder=("vectors.tsv", "metadata.tsv")),
)
FORMATS: Final = {row.name: row for row in TABLE}
SUFFIXES: Final = {suffix: row for row in TABLE for suffix in row.suffixes}
DTYPES: Final = tuple(dict.fromkeys(dtype for row in TABLE for dtype in row.dtypes))


def write_rows(file: IO[bytes], rows: ExportRows, dtype: str) -> None:
    """Write the bits of all rows, rounded to a dtype.

    Raises:
        UsageError: a number is too large for it.
    """
    import numpy as np

    from embgeo.numerics.dtypes import as_bytes, from_float32

    for block in rows.blocks:
        with np.errstate(over="ignore"):
            narrow: Any = from_float32(block, dtype)
        if dtype == "F16" and (np.isinf(narrow) & np.isfinite(block)).any():
            raise UsageError("a number is too large for F16, which ends at 65,504", "Write --dtype BF16 or F32.")
        file.write(as_bytes(narrow))


def number_lines(block: F32, between: str) -> Iterator[str]:
    """Each row of a block [rows, dims] as text: nine digits, which read back to the same float32."""
    form = between.join(["%.9g"] * block.shape[1])
    return (form % tuple(row) for row in block.tolist())
