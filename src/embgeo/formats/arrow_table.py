"""Parquet and Feather: a column of words, and columns of numbers or one of lists; read in batches with pyarrow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from embgeo.errors import FormatError, missing_package
from embgeo.formats.columns import TableColumns, choose_columns
from embgeo.formats.stream import MAX_ROW_NUMBERS, damaged, read_errors
from embgeo.formats.vector_file import VectorFile, VectorSource
from embgeo.formats.watched import Watched
from embgeo.formats.word_list import converting_words
from embgeo.numerics.dtypes import F32, to_float32

PARQUET: Final = b"PAR1"
OLD_FEATHER: Final = b"FEA1"
BATCH_ROWS: Final = 4096  # rows of Parquet at a time, fewer if they are wide; Feather has batches of its own
BLOCK_NUMBERS: Final = 1 << 20  # numbers at a time


def read(source: VectorSource) -> VectorFile:
    """Convert a file."""
    try:
        import pyarrow
    except ModuleNotFoundError:
        raise missing_package(f"reading '{source.path}'", "pyarrow", "parquet") from None
    path, watched = source.path, Watched.of(source.path)
    try:
        with read_errors(path):
            schema, batches, rows = _opened(path, 1)  # one row shows how wide they are
            columns = _columns(schema, path)
            first = next(batches, None)
            if first is None or not first.num_rows:
                raise FormatError(f"'{path}' has no rows")
            dims = _width(first, columns, path)
            _, batches, _ = _opened(path, max(1, min(BATCH_ROWS, BLOCK_NUMBERS // dims)))
            with converting_words(source, dims) as out:
                done = 0
                for batch in batches:
                    numbers = _numbers(batch, columns, dims, done, path)  # [batch, dims]
                    out.add(_words(batch.column(columns.word), done, path), numbers)
                    done += batch.num_rows
                    source.report(f"Converting {path.name}", done, rows or done, "rows")
                    if out.full:
                        break
    except (pyarrow.ArrowException, MemoryError, ValueError) as error:
        raise damaged(path, f"pyarrow can't read it ({error!s:.120})") from None
    return out.file(watched, notes=columns.notes())


def _opened(path: Path, step: int) -> tuple[Any, Iterator[Any], int]:
    """The schema, the batches of so many rows, and the number of rows, as far as it is known."""
    import pyarrow
    from pyarrow import parquet

    with path.open("rb") as file:
        magic = file.read(4)
    if magic == OLD_FEATHER:
        hint = 'Convert it: python -c \'import pandas; pandas.read_feather("OLD").to_feather("NEW")\''
        raise FormatError(f"'{path}' is Feather of version 1", hint)
    if magic == PARQUET:
        whole = parquet.ParquetFile(path, memory_map=True, pre_buffer=False)
        return whole.schema_arrow, whole.iter_batches(step), whole.metadata.num_rows
    table = pyarrow.ipc.open_file(pyarrow.memory_map(str(path)))
    return table.schema, (table.get_batch(at) for at in range(table.num_record_batches)), 0


def _columns(schema: Any, path: Path) -> TableColumns:
    from pyarrow import types

    kinds = [field.type for field in schema]
    numeric = [types.is_floating(kind) or types.is_integer(kind) for kind in kinds]
    lists = [
        (types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))
        and (types.is_floating(kind.value_type) or types.is_integer(kind.value_type))
        for kind in kinds
    ]
    return choose_columns(list(schema.names), numeric, lists, path)


def _width(batch: Any, columns: TableColumns, path: Path) -> int:
    """Numbers in a row."""
    if not columns.is_list:
        return len(columns.numbers)
    first = batch.column(columns.numbers[0])[0].as_py()
    if not first or len(first) > MAX_ROW_NUMBERS:
        raise damaged(path, f"row 1 has a list of {len(first or ()):,} numbers")
    return len(first)


def _numbers(batch: Any, columns: TableColumns, dims: int, done: int, path: Path) -> F32:
    """The numbers of a batch [rows, dims]; a row that lacks some is an error."""
    from pyarrow import compute

    found = [batch.column(at) for at in columns.numbers]
    for column in found:
        lengths = compute.list_value_length(column).to_numpy(zero_copy_only=False) if columns.is_list else None
        bad = np.asarray(column.is_null()) if lengths is None else lengths != dims
        if bad.any():
            raise damaged(path, f"row {done + int(bad.argmax()) + 1:,} is not a word with {dims:,} numbers")
    if columns.is_list:
        flat = found[0].flatten()
        if flat.null_count:
            row = int(np.asarray(flat.is_null()).argmax()) // dims
            raise damaged(path, f"row {done + row + 1:,} is not a word with {dims:,} numbers")
        return _float32(flat).reshape(-1, dims)  # [rows * dims] -> [rows, dims]
    return np.stack([_float32(column) for column in found], axis=1)


def _float32(column: Any) -> F32:
    return to_float32(column.to_numpy(zero_copy_only=False), "F64")


def _words(column: Any, done: int, path: Path) -> list[bytes]:
    words = [word if isinstance(word, str) else "" for word in column.to_pylist()]
    for number, word in enumerate(words, done + 1):
        if not word:
            raise damaged(path, f"row {number:,} has no word")
    return [word.encode("utf-8", "replace") for word in words]
