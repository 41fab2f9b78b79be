"""Whether the bytes that a prepared model was made from are still the same."""

from __future__ import annotations

import hashlib

from embgeo.errors import Report, silent
from embgeo.models.model import Model
from embgeo.numerics.dtypes import as_bytes
from embgeo.numerics.kernels import pieces


def is_damaged(model: Model, report: Report = silent) -> bool:
    """Whether the matrix or the tokenizer has another SHA-256 than when the model was prepared; reads all of both."""
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
