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
    """A loaded model: matrix, vocabulary, manifest. Everything is mapped or open, nothing is read yet.

    Attributes:
        place: the folder of its prepared form.
        manifest: what is known of it without touching the matrix.
        weights: the matrix [rows, dims] with its dtype and the lengths of its rows.
        vocabulary: its tokens, a row each.
        load_notes: how it was chosen, where that is worth a note.
        side_note: which matrix of the model this is, where it is not the embedding.
    """

    place: Path
    manifest: Manifest
    weights: Matrix
    vocabulary: Vocabulary
    load_notes: tuple[str, ...] = ()
    side_note: str = ""

    @property
    def notes(self) -> tuple[str, ...]:
        """How the model was chosen, made and what it lacks; every answer repeats these."""
        bad = self.manifest.bad_rows
        lacking = (f"{bad:,} rows hold NaN or infinity and are left out",) if bad else ()
        side = (self.side_note,) if self.side_note else ()
        return (*self.load_notes, *side, *self.manifest.notes, *lacking)

    def __repr__(self) -> str:
        manifest = self.manifest
        name = f"{manifest.model}@{manifest.revision[:12]}" if manifest.revision else manifest.model
        rows, dims = manifest.shape
        space = f", {manifest.transform}" if manifest.transform else ""
        return f"<{type(self).__name__} {name}{space}: {rows:,} x {dims:,} {manifest.dtype}>"

    def noted(self, *notes: str) -> Self:
        """The same model with more notes on how it was chosen."""
        return dataclasses.replace(self, load_notes=(*self.load_notes, *notes))

    def renamed(self, name: str) -> Self:
        """The same model under another name."""
        return dataclasses.replace(self, manifest=self.manifest._replace(model=name))

    def searchable(self) -> Matrix:
        """The whole matrix, for questions to all rows.

        Raises:
            UsageError: the model is only peeked at, so that single rows are fetched on demand.
        """
        if len(self.weights.norms) != len(self.weights.rows):
            raise UsageError("--peek fetches single rows, and this question needs all of them", "Leave out --peek.")
        return self.weights
