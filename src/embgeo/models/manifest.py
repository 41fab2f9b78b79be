"""Descriptions of a model: where it came from, its files on disk, and the manifest of its prepared form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, NamedTuple

from embgeo.formats.ngrams import NGrams
from embgeo.formats.safetensors import Tensor
from embgeo.formats.token_marks import Scheme
from embgeo.formats.token_table import TokenTable
from embgeo.formats.watched import Watched
from embgeo.numerics.names import without_control

PREPARED_VERSION: Final = 2  # of the prepared form; models of another version are prepared again


class Origin(NamedTuple):
    """Where a model is from.

    Attributes:
        model: a Hub id, a full path, or the name of the bundled model.
        revision: a Hub commit (40 hexadecimal digits) or the version of the bundled model; empty for local files.
        source: `hub`, `cache`, `local` or `bundled`.
    """

    model: str
    revision: str
    source: str


class Located(NamedTuple):
    """A matrix on disk, with everything needed to prepare it.

    Attributes:
        model, revision, source: as in `Origin`.
        matrix: the safetensors file with the tensor.
        tensor: the matrix, of shape [rows, dims].
        tokenizer: the tokenizer.json; None if `table` takes its place.
        unembedding: the name of the model's output matrix; empty if it is tied to the embedding, or if that stands in
            for it; None for word vectors, which have none.
        headless: whether the model is an encoder without an output head, so that its embedding stands in.
        ngrams: what words that aren't in a fastText file are made of; None for others.
        side: `input`, `output` or `position`: which matrix this is.
        table: the tokens, if the file itself has them.
        watched: the user's files on which the result depends, as they were before they were read.
        before: matrix and tokenizer, if they are the user's files, as they were before they were read.
        notes: notes for every answer.
        scale: for positions: the factor by which the model multiplies tokens before it adds positions.
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
    headless: bool = False
    ngrams: NGrams | None = None


TEXTS: Final = ("model", "revision", "source", "side", "matrix", "tokenizer", "tensor", "dtype", "sha256")
NEEDED: Final = object()  # in place of a default, for fields without one
NUMBERS: Final = ("start", "matrix_size", "tokenizer_size", "zero_rows", "bad_rows")


class Manifest(NamedTuple):
    """Facts about a prepared model that need no access to its matrix.

    Attributes:
        model, revision, source, unembedding, side, headless, ngrams: as in `Located`.
        matrix, tokenizer: paths, absolute or relative to the prepared model's folder; no tokenizer is ''.
        tensor, dtype, shape, start: the matrix inside its file; `start` is a byte offset.
        matrix_size, tokenizer_size: bytes of the two files when they were prepared.
        matrix_changed, tokenizer_changed: their times of change in ns; 0 for the store's own files.
        sha256, tokenizer_sha256: SHA-256 of the matrix's bytes and of the tokenizer.json.
        zero_rows, bad_rows: how many rows have length zero, and how many hold NaN or infinity.
        scheme: as in `token_table.TokenTable`.
        watched, notes, scale: as in `Located`.
        transform: name of the transformation (`transform.Transform`) or of the control; empty for the model's own
            space.
        made_of: digests of everything that a transformed space was computed from.
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
    version: int = PREPARED_VERSION
    scale: float = 1.0
    transform: str = ""
    made_of: tuple[str, ...] = ()
    headless: bool = False
    ngrams: NGrams | None = None

    @property
    def tied(self) -> bool | None:
        """Whether the embedding is also the unembedding; None for a model that has no unembedding."""
        return None if self.headless or self.unembedding is None else not self.unembedding

    @property
    def row_transform(self) -> str:
        """The transformation that moved the rows, if one did; a control has none of its own."""
        return without_control(self.transform)

    @property
    def stand_in_note(self) -> str:
        """What to say of an encoder whose embedding stands in for an unembedding; empty for other models."""
        return f"{self.model} is an encoder without an output head; its embedding stands in" if self.headless else ""

    @property
    def full_name(self) -> str:
        """The model's name; for local files, the full path."""
        return str(Path(self.model).absolute()) if self.source == "local" else self.model

    def to_json(self) -> str:
        """Write it as JSON; fields with their default value are left out."""
        optional = {name: default for name, default in self._field_defaults.items() if name != "version"}
        fields = {name: value for name, value in self._asdict().items() if value != optional.get(name, NEEDED)}
        return json.dumps({**fields, "scheme": self.scheme._asdict()})

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        """Read the JSON of `to_json`.

        Raises:
            ValueError, TypeError, KeyError: another version wrote it, or it is not a manifest.
        """
        fields: dict[str, Any] = json.loads(text)
        if fields.get("version") != PREPARED_VERSION:
            raise ValueError(f"version {fields.get('version')}")
        rows, dims = fields["shape"]
        _check(int, rows, dims, *(fields[name] for name in NUMBERS))
        _check(str, *(fields[name] for name in TEXTS), fields["scheme"]["mark"])
        _check(str, *fields.get("notes", ()), *fields.get("made_of", ()), fields.get("transform", ""))
        fields |= {"shape": (rows, dims), "scheme": Scheme(**fields["scheme"])}
        fields |= {"watched": tuple(Watched(*file) for file in fields.get("watched", ()))}
        _check(bool, fields.get("headless", False))
        if fields.get("ngrams") is not None:
            path, *numbers = fields["ngrams"]
            _check(str, path)
            _check(int, *numbers)
            fields["ngrams"] = NGrams(path, *numbers)
        lists = {name: tuple(fields.get(name, ())) for name in ("notes", "made_of")}
        return cls(**{**fields, **lists})


def _check(kind: type, *values: object) -> None:
    if any(type(value) is not kind or (kind is int and value < 0) for value in values):  # type: ignore[operator]
        raise TypeError(f"{values!r:.80}: expected {kind.__name__}")
