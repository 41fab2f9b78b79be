"""The Embedding Projector's two files: tab-separated numbers, and the words in a metadata.tsv next to them."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Final

from embgeo.errors import ModelError
from embgeo.formats.detect import BOM
from embgeo.formats.encoding import Encoding
from embgeo.formats.stream import damaged, open_vectors, read_errors
from embgeo.formats.vector_file import VectorFile, VectorSource
from embgeo.formats.watched import Watched
from embgeo.formats.word2vec_text import Block, line_blocks, parse_numbers
from embgeo.formats.word_list import converting_words, read_word, write_list
from embgeo.formats.writers import ExportRows, number_lines

METADATA: Final = {"vectors": "metadata", "vecs": "meta", "tensors": "metadata"}  # as tutorials name the two files
NAMES: Final = (b"word", b"token", b"label", b"name")  # of the column with the words, where there are several


def read(source: VectorSource) -> VectorFile:
    """Convert the numbers; the rows' words are in the metadata."""
    listed = _find_metadata(source.path)
    watched = Watched.of(source.path), Watched.of(listed)
    labels = _labels(listed, source.encoding)
    rows = 0
    with open_vectors(source.path, source.report) as stream:
        parts = line_blocks(stream)
        block = next(parts, None)
        dims = len(block.lines[0].split()) if block else 0
        with converting_words(source, dims or 1) as out:
            while block:
                lines = [line for _, line in block.numbered()]
                numbers = parse_numbers(lines, dims)  # [lines, dims]
                if numbers is None:
                    raise damaged(source.path, _first_bad(block, dims))
                own = labels[rows : rows + len(lines)]
                out.add(own, numbers[: len(own)])
                rows += len(lines)
                block = None if out.full else next(parts, None)
    if rows != len(labels) and not out.full:
        raise damaged(listed, f"it has {len(labels):,} words, but '{source.path.name}' has {rows:,} rows")
    return out.file(*watched)


def _find_metadata(vectors: Path) -> Path:
    stem = vectors.name.lower()
    near = [vectors.with_name(vectors.name.replace(own, other)) for own, other in METADATA.items() if own in stem]
    for path in (*near, vectors.with_name("metadata.tsv")):
        if path.is_file() and path != vectors:
            return path
    raise ModelError(
        f"no words for the rows of '{vectors}'",
        "Put them next to it as metadata.tsv, one per line. If the first column holds them, use --file-format glove.",
    )


def _labels(path: Path, encoding: Encoding) -> list[bytes]:
    """The words of a metadata file: its only column, or one of several, which have a line of names.

    Raises:
        ModelError: it can't be read.
        FormatError: a line has no word, or one that is not UTF-8.
    """
    with read_errors(path):
        lines = path.read_bytes().removeprefix(BOM).removesuffix(b"\n").split(b"\n")
    rows = [line.removesuffix(b"\r").split(b"\t") for line in lines]
    first = 1
    column = 0
    if len(rows[0]) > 1:
        names = [name.strip().lower() for name in rows.pop(0)]
        column = next((names.index(name) for name in NAMES if name in names), 0)
        first = 2
    labels = []
    for number, row in enumerate(rows, first):
        if len(row) <= column:
            raise damaged(path, f"line {number:,} has {len(row):,} columns, and the words are in column {column + 1}")
        labels.append(read_word(row[column], path, f"line {number:,}", encoding))
    return labels


def _first_bad(block: Block, dims: int) -> str:
    for number, line in block.numbered():
        if parse_numbers([line], dims) is None:
            return f"line {number:,} is not {dims:,} numbers"
    return f"a line is not {dims:,} numbers"


def write(files: list[IO[bytes]], rows: ExportRows, dtype: str) -> None:  # noqa: ARG001  # text holds float32
    """Write the numbers, and the words without a header line: the Projector wants none for a single column."""
    for block in rows.blocks:
        files[0].write("".join(f"{numbers}\n" for numbers in number_lines(block, "\t")).encode())
    write_list(files[1], rows.words)
