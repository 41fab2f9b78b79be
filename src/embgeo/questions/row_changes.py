"""Which rows differ between two spaces of one vocabulary, how far, and in which common directions."""

from __future__ import annotations

from typing import Final

import numpy as np

from embgeo.errors import Report, UsageError, is_whole, silent
from embgeo.models.model import Model, check_is_model
from embgeo.numerics.dtypes import F64, Ids, shortest
from embgeo.numerics.row_changes import Changes, measure_changes
from embgeo.numerics.spectrum import components_for, participation_ratio
from embgeo.questions.common_neighbors import text_of
from embgeo.questions.compare import left_out_notes
from embgeo.questions.rows import about, identity
from embgeo.questions.shared_words import MatchedWords, shared_words
from embgeo.results.other_space import OtherSpace
from embgeo.results.row_changes import ChangedRow, CommonMove, MovedAlong, RowChanges

SHOWN_DIRECTIONS: Final = 3  # that are shown


def row_changes(
    first: Model, second: Model, top: int = 5, *, words: bool = False, case: str = "fold", report: Report = silent
) -> RowChanges:
    """The rows that differ; parameters as in `EmbeddingSpace.compare_rows`."""
    check_is_model(second)
    if not is_whole(top, 0):
        raise UsageError(f"--top {top} is too small", "Give a whole number from 0.")
    dims, other = first.weights.shape[1], second.weights.shape[1]
    if dims != other:
        raise UsageError(
            f"rows of {dims:,} and of {other:,} numbers have no difference",
            "Without --moved, `embgeo compare` takes spaces of different width.",
        )
    matched = shared_words(first, second, words=words, case=case)
    count = len(matched.first)

    def pairs(places: Ids) -> tuple[F64, F64]:
        report("Comparing rows", int(places[-1]) + 1, count, "words")
        return first.weights.take(matched.first[places]), second.weights.take(matched.second[places])

    found = measure_changes(pairs, count, dims, SHOWN_DIRECTIONS)
    moved = found.distances[found.changed]
    total = float(found.energies.sum())
    lengths = first.weights.norms[matched.first][found.changed]
    any_moved = total > 0
    effective = participation_ratio(found.energies)
    return RowChanges(
        **about(first, "compare", _notes(first, second, matched)), other=OtherSpace(**identity(second)),
        words=count, dimensions=dims, changed=int(found.changed.sum()),
        median=shortest(float(np.median(moved))) if any_moved else None,
        farthest=shortest(float(moved.max())) if any_moved else None,
        relative=shortest(float(np.median(moved / lengths))) if any_moved else None,
        shift=shortest(len(moved) * float(found.shift @ found.shift) / total) if any_moved else None,
        effective=None if effective is None else shortest(effective), components_90=components_for(0.9, found.energies),
        moves=_moves(first, matched, found, top, total), rows=_rows(first, matched, found, top),
    )  # fmt: skip


def _notes(first: Model, second: Model, matched: MatchedWords) -> tuple[str, ...]:
    notes = left_out_notes(first, second, matched)
    dtypes = first.manifest.dtype, second.manifest.dtype
    if dtypes[0] != dtypes[1]:
        notes = (*notes, f"the rows are {dtypes[0]} and {dtypes[1]}: rounding alone may change them")
    return notes


def _rows(model: Model, matched: MatchedWords, found: Changes, top: int) -> tuple[ChangedRow, ...]:
    """The rows that moved farthest; lower ids first among equal ones."""
    order = np.argsort(-found.distances, kind="stable")[: min(top, int(found.changed.sum()))]
    return tuple(
        ChangedRow(
            text_of(model, matched, place), (int(matched.first[place]), int(matched.second[place])),
            shortest(float(found.distances[place])),
            shortest(float(found.distances[place] / model.weights.norms[matched.first[place]])),
            shortest(float(found.cosines[place])),
        )
        for place in order.tolist()
    )  # fmt: skip


def _moves(model: Model, matched: MatchedWords, found: Changes, top: int, total: float) -> tuple[CommonMove, ...]:
    """The common directions with the words that moved farthest along each."""
    moves = []
    for axis in range(len(found.axes)):
        along = found.along[:, axis]
        ends = []
        for sign in (1, -1):
            order = np.argsort(-sign * along, kind="stable")[:top]
            ends.append(
                tuple(
                    MovedAlong(text_of(model, matched, place), shortest(float(along[place])))
                    for place in order.tolist()
                    if sign * along[place] > 0
                )
            )
        moves.append(CommonMove(shortest(float(found.energies[axis]) / total), ends[0], ends[1]))
    return tuple(moves)
