"""CSV and TSV with a line of names: a column of words, and columns of numbers or one of lists."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
from collections.abc import Iterator
from typing import IO, Final, NamedTuple

from embgeo.formats.columns import TableColumns, choose_columns
from embgeo.formats.detect import is_number, table_header
from embgeo.formats.stream import Stream, damaged, open_vectors
from embgeo.formats.vector_file import VectorFile, VectorSource
from embgeo.formats.watched import Watched
from embgeo.formats.word2vec_text import line_blocks, parse_numbers
from embgeo.formats.word_list import ConvertedWords, converting_words
from embgeo.formats.writers import ExportRows, number_lines

BLOCK_NUMBERS: Final = 1 << 18  # numbers at a time: as text they take 60 bytes each
MAX_FIELD_LENGTH: Final = 32 << 20  # characters; what a quote that is never closed may hold
SPACES: Final = str.maketrans("[],\n", "    ")


class CsvRow(NamedTuple):
    """A row of the table, and the number of its last line."""

    fields: list[str]
    line: int


def read(source: VectorSource) -> VectorFile:
    """Convert a file."""
    path, watched = source.path, Watched.of(source.path)
    with open_vectors(path, source.report) as stream, _long_fields():
        records = _records(stream, source)
        names, first = next(records, None), next(records, None)
        if names is None or first is None or len(first.fields) != len(names.fields):
            raise damaged(path, "it has no line of names with a row of as many fields after it")
        texts = [field.strip() for field in first.fields]
        lists = [text.startswith("[") for text in texts]
        columns = choose_columns(names.fields, [is_number(text.encode()) for text in texts], lists, path)
        dims = len(_numbers(first.fields, columns).split()) if columns.is_list else len(columns.numbers)
        if not dims:
            raise damaged(path, f"line {first.line:,} has an empty list")
        with converting_words(source, dims) as out:
            step = max(1, BLOCK_NUMBERS // dims)
            records = itertools.chain([first], records)
            while not out.full and (batch := list(itertools.islice(records, step))):
                _add(batch, columns, len(names.fields), out, source)
    return out.file(watched, notes=columns.notes())


def _add(batch: list[CsvRow], columns: TableColumns, width: int, out: ConvertedWords, source: VectorSource) -> None:
    for record in batch:
        if len(record.fields) != width:
            why = f"line {record.line:,} has {len(record.fields):,} fields, and the line of names {width:,}"
            raise damaged(source.path, why)
        if not record.fields[columns.word]:
            raise damaged(source.path, f"line {record.line:,} has no word")
    texts = [_numbers(record.fields, columns).encode() for record in batch]
    numbers = parse_numbers(texts, out.dims)  # [batch, dims]
    if numbers is None:
        bad = next((n for n, text in enumerate(texts) if parse_numbers([text], out.dims) is None), 0)
        raise damaged(source.path, f"line {batch[bad].line:,} is not a word with {out.dims:,} numbers")
    out.add([record.fields[columns.word].encode("utf-8", "replace") for record in batch], numbers)


def _numbers(fields: list[str], columns: TableColumns) -> str:
    if columns.is_list:
        return fields[columns.numbers[0]].translate(SPACES)
    return " ".join(fields[at] or "-" for at in columns.numbers)  # an empty field is no number


def _records(stream: Stream, source: VectorSource) -> Iterator[CsvRow]:
    """The rows of a file that are not empty."""
    reader = None
    lines = _lines(stream, source)
    first = next(lines, None)
    if first is None:
        return
    delimiter = table_header(first.encode("utf-8", "replace")) or ","
    reader = csv.reader(itertools.chain([first], lines), delimiter=delimiter, strict=True)
    while True:
        try:
            fields = next(reader, None)
        except csv.Error as error:
            raise damaged(source.path, f"line {reader.line_num:,}: {error}") from None
        if fields is None:
            return
        if fields:
            yield CsvRow(fields, reader.line_num)


def _lines(stream: Stream, source: VectorSource) -> Iterator[str]:
    for block in line_blocks(stream):
        for number, line in enumerate(block.lines, block.first):
            try:
                yield line.decode(source.encoding.name, source.encoding.errors) + "\n"
            except UnicodeError:
                raise damaged(source.path, f"line {number:,} is not valid {source.encoding.title}") from None


@contextlib.contextmanager
def _long_fields() -> Iterator[None]:
    """Let a field be as long as a list of many numbers."""
    before = csv.field_size_limit(MAX_FIELD_LENGTH)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def write(files: list[IO[bytes]], rows: ExportRows, dtype: str, delimiter: str = ",") -> None:  # noqa: ARG001  # float32
    """Write a line of names (word, 0, 1, ...), then each word with its numbers."""
    names = ["word", *map(str, range(rows.dims))]
    files[0].write(f"{delimiter.join(names)}\n".encode())
    words = iter(rows.words)
    for block in rows.blocks:
        lines = zip(number_lines(block, delimiter), words, strict=False)  # in this order, so that no word is skipped
        files[0].write("".join(f"{_quoted(word, delimiter)}{delimiter}{line}\n" for line, word in lines).encode())


def write_tsv(files: list[IO[bytes]], rows: ExportRows, dtype: str) -> None:
    """Write the same with tabs."""
    write(files, rows, dtype, "\t")


def _quoted(word: str, delimiter: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="").writerow([word])
    return out.getvalue()
