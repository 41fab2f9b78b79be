"""Where a model came from: what a source found, and what is remembered of it once it is prepared."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from embgeo.errors import ModelError
from embgeo.formats.safetensors import Tensor
from embgeo.formats.token_table import Scheme, TokenTable
from embgeo.formats.watched import Watched

VERSION: Final = 2  # of the prepared form; another number is prepared anew


class Origin(NamedTuple):
    """Where a model is from.

    Attributes:
        model: what it is called: a Hub id, a path in full, or the name of the bundled model.
        revision: a Hub commit (40 hexadecimal digits) or the version of a bundle; empty for local files.
        source: `hub`, `cache`, `local` or `bundled`.
    """

    model: str
    revision: str
    source: str


def users_path(text: str) -> Path:
    """A path as it is typed, a ~ at its start resolved where it stands for somebody's folder."""
    with suppress(RuntimeError):
        return Path(text).expanduser()
    return Path(text)


def in_full(path: Path) -> Path:
    """A path without links; also one that leads nowhere, or round in a circle.

    Raises:
        ModelError: it counts from the current folder, and that is gone.
    """
    try:
        return Path(os.path.realpath(path))
    except OSError as error:
        raise ModelError(f"can't tell where '{path}' is: {error.strerror}", "Name its full path.") from None


class Located(NamedTuple):
    """An embedding matrix on disk, with what is needed to prepare it.

    Attributes:
        model, revision, source: as in `Origin`.
        matrix: the safetensors file that holds the tensor.
        tensor: the embedding, of shape [rows, dims].
        tokenizer: the tokenizer.json; None where there is none, and then `table` is there.
        unembedding: the name of the model's output matrix; empty where that is the embedding again (tied), None for
            word vectors, which have no such thing.
        side: `input`, `output` or `position`: which of them this is.
        table: the tokens, where the file itself tells them.
        watched: files of the user's that matrix and table were made from or chosen by, as they were before.
        before: matrix and tokenizer, so far as they are the user's, as they were before they were read.
        notes: what every answer should say of it.
        scale: of positions: what the model multiplies tokens by before it adds these.
        transform, made_of: as in `Manifest`.
    """

    model: str
    revision: str
    source: str
    matrix: Path
    tensor: Tensor
    tokenizer: Path | None
    unembedding: str | None
    side: str = "input"
    table: TokenTable | None = None
    watched: tuple[Watched, ...] = ()
    notes: tuple[str, ...] = ()
    scale: float = 1.0
    transform: str = ""
    made_of: tuple[str, ...] = ()
    before: tuple[Watched, ...] = ()


TEXTS: Final = ("model", "revision", "source", "side", "matrix", "tokenizer", "tensor", "dtype", "sha256")
NUMBERS: Final = ("start", "matrix_size", "tokenizer_size", "zero_rows", "bad_rows")


class Manifest(NamedTuple):
    """What is known of a prepared model without touching its matrix.

    Attributes:
        model, revision, source, unembedding, side: as in `Located`.
        matrix, tokenizer: paths; relative ones count from the prepared model's folder. No tokenizer: an empty text.
        tensor, dtype, shape, start: the embedding inside its file, `start` in bytes.
        matrix_size, tokenizer_size: bytes of the two files when they were prepared.
        matrix_changed, tokenizer_changed: their times of change in ns; 0 for files that the store itself keeps.
        sha256, tokenizer_sha256: of the matrix's bytes, and of the tokenizer.json.
        zero_rows, bad_rows: how many rows have length zero, and how many hold NaN or infinity.
        scheme: as in `tokentable.TokenTable`.
        watched, notes, scale: as in `Located`.
        transform: the name of the transformation (`transform.Transform`) that made this space from the model's own;
            empty for that.
        made_of: digests of all that a transformed space was computed from.
    """

    model: str
    revision: str
    source: str
    unembedding: str | None
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
    watched: tuple[Watched, ...] = ()
    notes: tuple[str, ...] = ()
    version: int = VERSION
    scale: float = 1.0
    transform: str = ""
    made_of: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """What the model is called wherever it is asked for: a path of the user's own in full."""
        return str(Path(self.model).absolute()) if self.source == "local" else self.model

    def to_json(self) -> str:
        """As the text that is kept."""
        usual = {"watched": (), "notes": (), "scale": 1.0, "transform": "", "made_of": ()}
        fields = {name: value for name, value in self._asdict().items() if name not in usual or value != usual[name]}
        return json.dumps({**fields, "scheme": self.scheme._asdict()})

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
        _check(int, rows, dims, *(fields[name] for name in NUMBERS))
        _check(str, *(fields[name] for name in TEXTS), fields["scheme"]["mark"])
        _check(str, *fields.get("notes", ()), *fields.get("made_of", ()), fields.get("transform", ""))
        fields |= {"shape": (rows, dims), "scheme": Scheme(**fields["scheme"])}
        fields |= {"watched": tuple(Watched(*file) for file in fields.get("watched", ()))}
        lists = {name: tuple(fields.get(name, ())) for name in ("notes", "made_of")}
        return cls(**{**fields, **lists})


def _check(kind: type, *values: object) -> None:
    if any(type(value) is not kind or (kind is int and value < 0) for value in values):  # type: ignore[operator]
        raise TypeError(f"among {values!r:.80} is one that is no {kind.__name__}")
