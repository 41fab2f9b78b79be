"""Whether the bytes that a prepared model was made from are still the same."""

from __future__ import annotations

import hashlib

from embgeo.formats.safetensors import as_bytes
from embgeo.models.store import Prepared
from embgeo.numerics.kernels import pieces
from embgeo.progress import Report, silent


def is_damaged(prepared: Prepared, report: Report = silent) -> bool:
    """Whether the matrix or the tokenizer has another SHA-256 than when the model was prepared; reads all of both."""
    manifest, rows = prepared.manifest, prepared.matrix.rows
    digest, done = hashlib.sha256(), 0
    for span in pieces(len(rows), rows.strides[0]):
        digest.update(as_bytes(rows[span]))
        done += rows[span].nbytes
        report(f"Checking {manifest.model}", done, rows.nbytes)
    if digest.hexdigest() != manifest.sha256:
        return True
    return prepared.tokenizer is not None and prepared.tokenizer.sha256() != manifest.tokenizer_sha256
