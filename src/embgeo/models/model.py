"""A loaded model: matrix, vocabulary, manifest."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from embgeo.errors import UsageError
from embgeo.models.manifest import Manifest
from embgeo.numerics.kernels import Matrix
from embgeo.vocabulary.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True, repr=False)
class Model:
    """A loaded model: matrix, vocabulary, manifest. Everything is mapped or open; nothing is read yet.

    Attributes:
        place: the folder of its prepared form.
        manifest: facts that need no access to the matrix.
        weights: the matrix [rows, dims] with its dtype and row norms.
        vocabulary: its tokens, one per row.
        load_notes: notes on how the model was chosen.
        side_note: a note on the matrix in use, unless it is the embedding.
        options: those of the command line that choose this matrix of the model.
    """

    place: Path
    manifest: Manifest
    weights: Matrix
    vocabulary: Vocabulary
    load_notes: tuple[str, ...] = ()
    side_note: str = ""
    options: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """How the model was chosen and prepared, and what is missing; every answer repeats these notes."""
        bad = self.manifest.bad_rows
        rows = "1 row holds NaN or infinity and is" if bad == 1 else f"{bad:,} rows hold NaN or infinity and are"
        missing = (f"{rows} left out",) if bad else ()
        side = (self.side_note,) if self.side_note else ()
        return (*self.load_notes, *side, *self.manifest.notes, *missing)

    def __repr__(self) -> str:
        manifest = self.manifest
        name = f"{manifest.model}@{manifest.revision[:12]}" if manifest.revision else manifest.model
        rows, dims = manifest.shape
        space = f", {manifest.transform}" if manifest.transform else ""
        return f"<{type(self).__name__} {name}{space}: {rows:,} x {dims:,} {manifest.dtype}>"

    def with_notes(self, *notes: str) -> Self:
        """The same model with more notes on how it was chosen."""
        return dataclasses.replace(self, load_notes=(*self.load_notes, *notes))

    def with_case(self, case: str | None) -> Self:
        """The same model with another `case` of its vocabulary; see `Vocabulary.with_case`."""
        return dataclasses.replace(self, vocabulary=self.vocabulary.with_case(case))

    def with_name(self, name: str) -> Self:
        """The same model under another name."""
        return dataclasses.replace(self, manifest=self.manifest._replace(model=name))

    @property
    def has_all_rows(self) -> bool:
        """Whether the whole matrix is available, and not only the rows that --peek fetches."""
        return len(self.weights.norms) == len(self.weights.rows)

    def searchable(self) -> Matrix:
        """The matrix, for questions that need all rows.

        Raises:
            UsageError: the model was opened with --peek, which fetches single rows.
        """
        if not self.has_all_rows:
            raise UsageError("--peek fetches single rows, and this question needs all of them", "Leave out --peek.")
        return self.weights


def check_is_model(value: object) -> None:
    """Raise a `UsageError` unless something is a loaded model: a name is not enough to compare two."""
    if not isinstance(value, Model):
        raise UsageError(f"expected a loaded model, not {value!r:.60}", "Load it first: embgeo.load('gpt2')")
