"""JSON lines: an object per line, with a word, and numbers or one list of them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from embgeo.formats.columns import TableColumns, choose_columns
from embgeo.formats.stream import Stream, damaged, open_vectors
from embgeo.formats.vector_file import VectorFile, VectorSource
from embgeo.formats.watched import Watched
from embgeo.formats.word2vec_text import line_blocks
from embgeo.formats.word_list import ConvertedWords, converting_words
from embgeo.numerics.dtypes import to_float32

BLOCK_NUMBERS: Final = 1 << 18  # numbers at a time: as Python's they take 32 bytes each
NumberedObject = tuple[int, dict[str, Any]]


def read(source: VectorSource) -> VectorFile:
    """Convert a file."""
    path, watched = source.path, Watched.of(source.path)
    with open_vectors(path, source.report) as stream:
        objects = _objects(stream, source)
        first = next(objects, None)
        if first is None:
            raise damaged(path, "it has no line")
        names, values = list(first[1]), list(first[1].values())
        columns = choose_columns(
            names, [_is_number(value) for value in values], [_is_list(value) for value in values], path
        )
        dims = len(values[columns.numbers[0]]) if columns.is_list else len(columns.numbers)
        with converting_words(source, dims) as out:
            rest = itertools.chain([first], objects)
            while not out.full and (batch := list(itertools.islice(rest, max(1, BLOCK_NUMBERS // dims)))):
                _add_batch(batch, columns, names, out, source)
    return out.file(watched, notes=columns.notes())


def _add_batch(
    batch: list[NumberedObject], columns: TableColumns, names: list[str], out: ConvertedWords, source: VectorSource
) -> None:
    found: list[bytes] = []
    rows: list[Any] = []
    keys = [names[at] for at in columns.numbers]
    for number, line in batch:
        word, row = line.get(names[columns.word]), [line.get(key) for key in keys]
        if columns.is_list:
            row = row[0] if isinstance(row[0], list) else []
        if not isinstance(word, str) or not word:
            raise damaged(source.path, f"line {number:,} has no word")
        if len(row) != out.dims or not all(map(_is_number, row)):
            raise damaged(source.path, f"line {number:,} is not a word with {out.dims:,} numbers")
        found.append(word.encode("utf-8", "replace"))
        rows.append(row)
    out.add(found, to_float32(np.array(rows, np.float64), "F64"))  # [batch, dims]


def _objects(stream: Stream, source: VectorSource) -> Iterator[NumberedObject]:
    for block in line_blocks(stream):
        for number, line in block.numbered():
            try:
                found = json.loads(line, parse_int=float)
            except (ValueError, RecursionError) as error:
                raise damaged(source.path, f"line {number:,} is not JSON ({error!s:.80})") from None
            if not isinstance(found, dict):
                raise damaged(source.path, f"line {number:,} is not an object")
            yield number, found


def _is_number(value: object) -> bool:
    return isinstance(value, float)


def _is_list(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_number, value))
