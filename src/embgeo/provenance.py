"""Where a model came from: what a source found, and what is remembered of it once it is prepared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, NamedTuple

from embgeo.tensorfile import Tensor
from embgeo.tokentable import Scheme

VERSION: Final = 2  # of the prepared form; another number is prepared anew


class Origin(NamedTuple):
    """Where a model is from.

    Attributes:
        model: what answers call it: a Hub id, a path, or the name of the bundled model.
        revision: a Hub commit (40 hexadecimal digits) or the version of a bundle; empty for local files.
        source: `hub`, `cache`, `local` or `bundled`.
    """

    model: str
    revision: str
    source: str


class Located(NamedTuple):
    """An embedding matrix on disk, with what is needed to prepare it.

    Attributes:
        model, revision, source: as in `Origin`.
        matrix: the safetensors file that holds the tensor.
        tensor: the embedding, of shape [rows, dims].
        tokenizer: the tokenizer.json.
        unembedding: the name of the model's output matrix; empty where that is the embedding again (tied).
        side: `input` or `output`: which of the two this is.
    """

    model: str
    revision: str
    source: str
    matrix: Path
    tensor: Tensor
    tokenizer: Path
    unembedding: str
    side: str = "input"


class Manifest(NamedTuple):
    """What is known of a prepared model without touching its matrix.

    Attributes:
        model, revision, source, unembedding, side: as in `Located`.
        matrix, tokenizer: paths; relative ones count from the prepared model's folder.
        tensor, dtype, shape, start: the embedding inside its file, `start` in bytes.
        matrix_size, tokenizer_size: bytes of the two files when they were prepared.
        matrix_changed, tokenizer_changed: their times of change in ns; 0 for files that the store itself keeps.
        sha256, tokenizer_sha256: of the matrix's bytes, and of the tokenizer.json.
        zero_rows, bad_rows: how many rows have length zero, and how many hold NaN or infinity.
        scheme: as in `tokentable.TokenTable`.
    """

    model: str
    revision: str
    source: str
    unembedding: str
    side: str
    matrix: str
    tokenizer: str
    tensor: str
    dtype: str
    shape: tuple[int, int]
    start: int
    matrix_size: int
    tokenizer_size: int
    matrix_changed: int
    tokenizer_changed: int
    sha256: str
    zero_rows: int
    bad_rows: int
    scheme: Scheme
    tokenizer_sha256: str = ""
    version: int = VERSION

    def to_json(self) -> str:
        """As the text that is kept."""
        return json.dumps({**self._asdict(), "scheme": self.scheme._asdict()})

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        """Read it back.

        Raises:
            ValueError, TypeError, KeyError: it was written by another version, or is no manifest.
        """
        fields: dict[str, Any] = json.loads(text)
        if fields.get("version") != VERSION:
            raise ValueError(f"version {fields.get('version')}")
        rows, dims = fields["shape"]
        return cls(**{**fields, "shape": (int(rows), int(dims)), "scheme": Scheme(**fields["scheme"])})
