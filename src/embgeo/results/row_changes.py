"""Which rows differ between two spaces of one vocabulary, as after fine-tuning."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer
from embgeo.results.other_space import OtherSpace
from embgeo.results.records import Record, as_data


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A word whose row changed.

    Attributes:
        text: of the first space's token.
        ids: its rows in the two spaces.
        distance: length of the difference.
        relative: that by the row's length before.
        cosine: of the row before with the row after.
    """

    text: str
    ids: tuple[int, int]
    distance: float
    relative: float
    cosine: float


@dataclass(frozen=True, slots=True)
class MovedAlong:
    """A word and how far its row moved along a direction."""

    text: str
    along: float


@dataclass(frozen=True, slots=True)
class CommonMove:
    """A direction that many rows moved along.

    Attributes:
        share: of the squared distances, from 0 to 1.
        ahead: the words that moved farthest along it.
        against: those that moved farthest the other way, where any did.
    """

    share: float
    ahead: tuple[MovedAlong, ...]
    against: tuple[MovedAlong, ...]


@dataclass(frozen=True, slots=True)
class RowChanges(Answer):
    """Which rows differ between two spaces, how far, and in which common directions.

    Attributes:
        other: the space after the change; the fields of every answer are those of the one before.
        words: shared words whose rows are compared.
        dimensions: of both.
        changed: how many rows have another number anywhere.
        median, farthest: of the distances of the changed rows; None where none changed.
        relative: the median distance of the changed rows by their length before; None where none changed.
        shift: share of the squared distances that is one shift of all changed rows, from 0 to 1; None likewise.
        effective: the effective number of directions, (sum of energies)^2 / sum of squares; None likewise.
        components_90: how many directions hold 90% of the squared distances; None likewise.
        moves: the first directions.
        rows: the rows that moved farthest.
    """

    other: OtherSpace
    words: int
    dimensions: int
    changed: int
    median: float | None
    farthest: float | None
    relative: float | None
    shift: float | None
    effective: float | None
    components_90: int | None
    moves: tuple[CommonMove, ...]
    rows: tuple[ChangedRow, ...]

    @property
    def heading(self) -> str:
        """The question in a few words."""
        return " to ".join(" ".join(filter(None, (one.model, one.transform))) for one in (self, self.other))

    def records(self) -> list[Record]:
        """A row for each of the words that moved farthest."""
        found = [as_data(row) for row in self.rows]
        return [{name: row[name] for name in row if name != "ids"} | {"id": row["ids"][0]} for row in found]
