"""Write passages with their vectors: Parquet, Lance, or a matrix with a file of JSON lines next to it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from embgeo.errors import UsageError, missing_package
from embgeo.formats.atomic import check_free, replacing
from embgeo.formats.passages import Passage
from embgeo.numerics.dtypes import F32


class PassageTable(NamedTuple):
    """Passages and their vectors.

    Attributes:
        ids: one for each passage.
        cut: [passages] how many tokens past the model's limit are not in the vector.
        vectors: [passages, dims].
        notes: what the file says of its model.
    """

    ids: Sequence[str]
    passages: Sequence[Passage]
    cut: NDArray[np.int32]
    vectors: F32
    notes: Mapping[str, str]

    def columns(self) -> dict[str, list[Any]]:
        """Everything but the vectors."""
        return {
            "id": list(self.ids), "file": [one.file for one in self.passages],
            "line": [one.first for one in self.passages], "last_line": [one.last for one in self.passages],
            "text": [one.text for one in self.passages], "cut": self.cut.tolist(),
        }  # fmt: skip


def write(table: PassageTable, out: Path, form: str) -> None:
    """Write a file, or for Lance a folder, whole or not at all.

    Args:
        form: one of `FORMATS`.

    Raises:
        UsageError: the package that writes this format is not installed.
        OSError: the file can't be written.
    """
    FORMATS[form](table, out)


def files_of(out: Path, form: str) -> list[Path]:
    """What is written for an output name: the vectors first."""
    return [out, out.with_suffix(".jsonl")] if form == "npy" else [out]


def check_files(out: Path, form: str, *, force: bool) -> None:
    """Raise an error if an output exists, unless `force` is set and it is a file or a Lance folder.

    Raises:
        UsageError: something is there.
    """
    if form == "lance" and out.is_dir():
        if not (out / "_versions").is_dir():
            raise UsageError(f"'{out}' is a folder, but not a Lance dataset", "Name another place.")
        if not force:
            raise UsageError(f"'{out}' already exists", "--force overwrites it.")
        return
    for path in files_of(out, form):
        check_free(path, force=force)


def _parquet(table: PassageTable, out: Path) -> None:
    arrow = _arrow(table, out)
    from pyarrow import parquet

    with replacing(out) as file:
        parquet.write_table(arrow, file, compression="zstd")


def _npy(table: PassageTable, out: Path) -> None:
    matrix, beside = files_of(out, "npy")
    columns = table.columns()
    with replacing(matrix) as numbers, replacing(beside) as lines:
        np.save(numbers, table.vectors)
        for values in zip(*columns.values(), strict=True):
            row = dict(zip(columns, values, strict=True))
            lines.write(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n")


def _lance(table: PassageTable, out: Path) -> None:
    arrow = _arrow(table, out)
    try:
        import lance
    except ModuleNotFoundError:
        raise missing_package(f"writing '{out}'", "pylance", "lance") from None
    part = out.with_name(f"{out.name}.embgeo-{os.urandom(6).hex()}.part")
    try:
        lance.write_dataset(arrow, str(part))
        if out.is_dir():
            shutil.rmtree(out)
        part.replace(out)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _arrow(table: PassageTable, out: Path) -> Any:
    """A table of Arrow: the columns, and the vectors as lists of one length."""
    try:
        import pyarrow
    except ModuleNotFoundError:
        raise missing_package(f"writing '{out}'", "pyarrow", "parquet") from None
    kinds = {"line": pyarrow.int32(), "last_line": pyarrow.int32(), "cut": pyarrow.int32()}
    columns = {
        name: pyarrow.array(values, kinds.get(name, pyarrow.string())) for name, values in table.columns().items()
    }
    flat = pyarrow.array(np.ascontiguousarray(table.vectors).reshape(-1))  # [passages * dims]
    columns["vector"] = pyarrow.FixedSizeListArray.from_arrays(flat, table.vectors.shape[1])
    return pyarrow.table(columns, metadata=dict(table.notes))


FORMATS: Final[Mapping[str, Callable[[PassageTable, Path], None]]] = {
    "parquet": _parquet, "npy": _npy, "lance": _lance,
}  # fmt: skip
