"""From files that lie on the disk to a prepared model: everything that no later question should have to compute."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from embgeo.errors import FormatError, ModelError, Report, silent
from embgeo.formats.open_file import OpenFile
from embgeo.formats.safetensors import map_tensor
from embgeo.formats.token_table import TokenTable
from embgeo.formats.watched import Watched
from embgeo.models import locks, store
from embgeo.models.manifest import Located, Manifest
from embgeo.models.model import Model
from embgeo.numerics.dtypes import F64
from embgeo.numerics.kernels import norms_and_digest


def prepare(located: Located, place: Path, report: Report = silent) -> Model:
    """Compute what every later question needs (norms, token table, digest), and write it into a folder.

    Raises:
        ModelError: the folder can't be written, or the tokenizer can't be read.
    """
    manifest, norms, table = measured(located, place, report)
    locks.remove_partial_files(place)
    store.write_prepared(place, manifest, norms, table)
    prepared = store.open_prepared(place)
    if prepared is None:
        raise FormatError(f"'{located.model}' changed while it was being prepared", "Run the command again.")
    return prepared


def measured(located: Located, place: Path, report: Report) -> tuple[Manifest, F64, TokenTable]:
    """What is kept of a matrix beside itself: manifest, norms [rows] and token table; as `prepare`."""
    rows, size = map_tensor(located.matrix, located.tensor), located.tensor.stop - located.tensor.start
    table = _table(located, rows.shape[0])
    what = f"Preparing {located.model}"
    norms, digest = norms_and_digest(rows, located.tensor.dtype, lambda done: report(what, done, size))
    matrix = _remembered(located.matrix, located, place)
    tokenizer = _remembered(located.tokenizer, located, place) if located.tokenizer else ("", 0, 0)
    tokenizer_digest = OpenFile(located.tokenizer).sha256() if located.tokenizer else ""
    manifest = Manifest(
        model=located.model, revision=located.revision, source=located.source,
        unembedding=located.unembedding, side=located.side,
        matrix=matrix[0], tokenizer=tokenizer[0], tensor=located.tensor.name, dtype=located.tensor.dtype,
        shape=(rows.shape[0], rows.shape[1]), start=located.tensor.start,
        matrix_size=matrix[1], tokenizer_size=tokenizer[1], matrix_changed=matrix[2], tokenizer_changed=tokenizer[2],
        sha256=digest, zero_rows=int((norms == 0).sum()), bad_rows=int((~np.isfinite(norms)).sum()),
        scheme=table.scheme, tokenizer_sha256=tokenizer_digest, watched=located.watched, notes=located.notes,
        transform=located.transform, made_of=located.made_of, scale=located.scale,
    )  # fmt: skip
    return manifest, norms, table


def _table(located: Located, rows: int) -> TokenTable:
    from embgeo.formats.tokenizer_json import read_tokens

    if located.table is not None:
        return located.table
    if located.tokenizer is None:
        raise ModelError(f"'{located.model}' has no tokenizer")
    return read_tokens(located.tokenizer, rows)


def _remembered(path: Path, located: Located, place: Path) -> tuple[str, int, int]:
    """How a manifest names a file: path, size, and time of change where others could change it."""
    if path.parent == place:
        return path.name, path.stat().st_size, 0
    # As it was before it was read: what came in its place since must not pass for it.
    return next((seen for seen in located.before if seen.path == str(path.absolute())), None) or Watched.of(path)
