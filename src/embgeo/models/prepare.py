"""Prepare a model: compute once everything that questions need besides the matrix itself."""

from __future__ import annotations

import hashlib
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
from embgeo.numerics.dtypes import F64, as_bytes
from embgeo.numerics.kernels import norms_and_digest, pieces


def prepare(located: Located, place: Path, report: Report = silent) -> Model:
    """Compute what all questions need (norms, token table, digest), and write it to a folder.

    Raises:
        ModelError: the folder can't be written, or the tokenizer can't be read.
    """
    manifest, norms, table = measure(located, place, report)
    locks.remove_partial_files(place)
    store.write_prepared(place, manifest, norms, table)
    model = store.open_prepared(place)
    if model is None:
        raise FormatError(f"'{located.model}' changed while it was being prepared", "Run the command again.")
    return model


def measure(located: Located, place: Path, report: Report) -> tuple[Manifest, F64, TokenTable]:
    """Manifest, norms [rows] and token table of a matrix; errors as for `prepare`."""
    rows, size = map_tensor(located.matrix, located.tensor), located.tensor.stop - located.tensor.start
    table = _table(located, rows.shape[0])
    what = f"Preparing {located.model}"

    def passed(done: int) -> None:
        if located.matrix.stat().st_size < located.tensor.stop:  # reading past a mapped file's end is a SIGBUS
            raise FormatError(f"'{located.matrix}' was cut while it was read", "Fetch or copy the file again.")
        report(what, done, size)

    norms, digest = norms_and_digest(rows, located.tensor.dtype, passed)
    matrix = _describe_file(located.matrix, located, place)
    tokenizer = _describe_file(located.tokenizer, located, place) if located.tokenizer else ("", 0, 0)
    tokenizer_digest = OpenFile(located.tokenizer).sha256() if located.tokenizer else ""
    manifest = Manifest(
        model=located.model, revision=located.revision, source=located.source,
        unembedding=located.unembedding, side=located.side,
        matrix=matrix[0], tokenizer=tokenizer[0], tensor=located.tensor.name, dtype=located.tensor.dtype,
        shape=(rows.shape[0], rows.shape[1]), start=located.tensor.start,
        matrix_size=matrix[1], tokenizer_size=tokenizer[1], matrix_changed=matrix[2], tokenizer_changed=tokenizer[2],
        sha256=digest, zero_rows=int((norms == 0).sum()), bad_rows=int((~np.isfinite(norms)).sum()),
        scheme=table.scheme, tokenizer_sha256=tokenizer_digest, watched=_watched(located, place), notes=located.notes,
        transform=located.transform, made_of=located.made_of, scale=located.scale,
        headless=located.headless, ngrams=located.ngrams,
    )  # fmt: skip
    return manifest, norms, table


def _table(located: Located, rows: int) -> TokenTable:
    from embgeo.formats.tokenizer_json import read_tokens

    if located.table is not None:
        return located.table
    if located.tokenizer is None:
        raise ModelError(f"'{located.model}' has no tokenizer")
    return read_tokens(located.tokenizer, rows)


def _describe_file(path: Path, located: Located, place: Path) -> tuple[str, int, int]:
    """A manifest's path, size and time of change of a file; the time is 0 for the store's own files."""
    if path.parent == place:
        return path.name, path.stat().st_size, 0
    before = next((file for file in located.before if file.path == str(path.absolute())), None)
    file = before or Watched.of(path)  # as it was before it was read: a replacement since then must not pass for it
    return file.path, file.size, file.changed


def _watched(located: Located, place: Path) -> tuple[Watched, ...]:
    """The user's files on which a prepared form depends, matrix and tokenizer included."""
    own = [file for file in located.before if Path(file.path).parent != place]
    return tuple(dict.fromkeys((*located.watched, *own)))


def is_damaged(model: Model, report: Report = silent) -> bool:
    """Whether matrix or tokenizer no longer have the SHA-256 they were prepared with; reads all of both."""
    manifest, rows = model.manifest, model.weights.rows
    digest, done = hashlib.sha256(), 0
    for span in pieces(len(rows), rows.strides[0]):
        digest.update(as_bytes(rows[span]))
        done += rows[span].nbytes
        report(f"Checking {manifest.model}", done, rows.nbytes)
    if digest.hexdigest() != manifest.sha256:
        return True
    tokenizer = model.vocabulary.tokenizer
    return tokenizer is not None and tokenizer.sha256() != manifest.tokenizer_sha256
