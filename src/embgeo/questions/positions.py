"""Positions: what a model adds to a token's vector to say where in the text it stands.

For models that learn a vector for each position (Radford et al. 2018; Devlin et al. 2019): the sum of token and
position is what the first layer is given, but for what a note says.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from embgeo.errors import TermError, UsageError
from embgeo.formats.token_table import ABSENT
from embgeo.models.model import Embedding, Point
from embgeo.models.position_tables import is_normalised
from embgeo.numerics.dtypes import F64, shortest
from embgeo.numerics.kernels import pieces
from embgeo.numerics.search import COSINE, Ids, scan
from embgeo.questions.analogy import left_out
from embgeo.questions.direction import order_of
from embgeo.questions.neighbors import check_count, ranked
from embgeo.results.base import Query, Term
from embgeo.results.positions import Apart, Place, Positioned, Positions

NORMALISED: Final = (
    "before its first layer the model also normalises this sum, and BERT's kin add a segment's vector: not done here"
)


def positions(places: Embedding) -> Positions:
    """Lengths of a model's position vectors, and their cosines by distance.

    Args:
        places: the position embedding.

    Raises:
        TermError: no position of it has a vector with numbers.
    """
    rows = _rows(places)
    norms = places.matrix.norms[rows]  # [positions]
    finite = np.flatnonzero(np.isfinite(norms))
    if not len(finite):
        raise TermError(f"no position of '{places.manifest.model}' has a vector with numbers")
    low, high = finite[norms[finite].argmin()], finite[norms[finite].argmax()]
    steps = [2**power for power in range(len(rows).bit_length()) if 2**power < len(rows)]
    apart = tuple(filter(None, (_apart(places, rows, step) for step in steps)))
    manifest = places.manifest
    return Positions(
        "positions", manifest.model, manifest.revision, manifest.dtype, places.notes, manifest.tensor,
        len(rows), manifest.shape[1], int(rows[0]), shortest(float(norms[finite].mean())),
        Place(int(low), shortest(float(norms[low]))), Place(int(high), shortest(float(norms[high]))),
        tuple(shortest(float(norm)) if np.isfinite(norm) else None for norm in norms), apart,
        order_of([one.cosine for one in apart]), transform=manifest.transform,
    )  # fmt: skip


def positioned(
    space: Embedding, places: Embedding, term: str, at: int, k: int = 10, *,
    raw: bool = False, words: bool = False, multi: str = "mean",
) -> Positioned:  # fmt: skip
    """A term's vector at a position: token + position, and the tokens that the sum is nearest to by cosine.

    Args:
        space: the model's token embedding.
        places: its position embedding.
        term, k, raw, words, multi: as in `neighbours.neighbours`.
        at: the position, from 0.

    Raises:
        TermError: the model has no vector for the term, no such position, or its tokens have another width.
        UsageError: a negative position or k.
    """
    check_count(k)
    if space.manifest.transform:
        raise UsageError(f"{space.manifest.transform} has moved the rows", "Positions are added to the model's own.")
    point = space.point(term, multi=multi)
    row = _row(places, at)
    if space.matrix.shape[1] != places.matrix.shape[1]:
        widths = f"{space.matrix.shape[1]:,} and {places.matrix.shape[1]:,}"
        raise TermError(
            f"tokens and positions of '{space.manifest.model}' have {widths} numbers",
            "It projects its tokens before it adds positions, which is not done here.",
        )
    place = places.matrix.take(np.array([row]))[0]  # [dims]
    token = places.manifest.scale * point.vector  # [dims]
    total = token + place  # [dims]
    whole = Point(Term(f"{term} at {at}", 1.0, ()), total, point.parts, point.added + float(np.linalg.norm(place)))
    whole.unit()
    question = scan(space.searchable(), total[None, :], COSINE)  # [1, dims]
    mask, fold = space.allowed(point.ids, words=words, raw=raw), space.fold(raw=raw)
    hits = question.best(k, mask, fold)
    alone = _alone(space, point, k, words=words, raw=raw)
    manifest = space.manifest
    token_norm, position_norm = (shortest(float(np.linalg.norm(vector))) for vector in (token, place))
    return Positioned(
        "positions", manifest.model, manifest.revision, manifest.dtype, _notes(space, places, point, multi),
        Query(term, point.parts), "cosine", ranked(space, hits, "cosine", raw=raw),
        tensor=places.manifest.tensor, position=at, row=row, scale=shortest(places.manifest.scale),
        token_norm=token_norm, position_norm=position_norm, norm=shortest(whole.norm),
        between=shortest(_cosine(token, place)), cosine=shortest(_cosine(total, token)),
        excluded=left_out(space, question, point.ids, words=words, raw=raw),
        kept=len(alone & _groups(hits.ids, fold)), values=tuple(shortest(value) for value in total),
        transform=manifest.transform,
    )  # fmt: skip


def _rows(places: Embedding) -> Ids:
    """The rows [positions] that stand for positions, in their order."""
    return np.flatnonzero((places.vocabulary.table.flags & ABSENT) == 0)


def _row(places: Embedding, at: int) -> int:
    if at < 0:
        raise UsageError(f"'{at}' is no position", "Positions are counted from 0.")
    rows = _rows(places)
    if at >= len(rows):
        raise TermError(
            f"'{places.manifest.model}' has no position {at}", f"Its positions go from 0 to {len(rows) - 1}."
        )
    return int(rows[at])


def _apart(places: Embedding, rows: Ids, distance: int) -> Apart | None:
    """All pairs of positions at a distance; None where no two of them have a direction."""
    cosines = []
    for part in pieces(len(rows) - distance, 16 * places.matrix.shape[1]):
        first = places.matrix.take(rows[part])  # [piece, dims]
        second = places.matrix.take(rows[part.start + distance : part.stop + distance])  # [piece, dims]
        lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)  # [piece]
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            cosines.append((first * second).sum(axis=1) / lengths)
    every = np.concatenate(cosines)  # [pairs]
    found = every[np.isfinite(every)]
    if not len(found):
        return None
    numbers = (found.mean(), found.min(), found.max())
    return Apart(distance, len(found), *(shortest(float(number)) for number in numbers))


def _alone(space: Embedding, point: Point, k: int, *, words: bool, raw: bool) -> set[int]:
    """What is listed for a term without any position, as `_groups`; nothing where it has no direction."""
    if not point.norm:
        return set()
    question, fold = scan(space.searchable(), point.vector[None, :], COSINE), space.fold(raw=raw)  # [1, dims]
    return _groups(question.best(k, space.allowed(point.ids, words=words, raw=raw), fold).ids, fold)


def _groups(ids: Ids, fold: Ids | None) -> set[int]:
    """Listed rows, each by the group of variants that it stands for: two lists may show another one of these."""
    found: list[int] = (ids if fold is None else fold[ids]).tolist()
    return set(found)


def _notes(space: Embedding, places: Embedding, point: Point, multi: str) -> tuple[str, ...]:
    split = [part for part in point.parts if len(part.tokens) > 1]
    several = ("in a text each of these tokens stands at a position of its own",) if split else ()
    normalised = (NORMALISED,) if is_normalised(places.manifest.tensor) else ()
    split_notes = space.split_notes([point], multi)
    return tuple(dict.fromkeys((*places.notes, *space.notes, *split_notes, *several, *normalised)))


def _cosine(a: F64, b: F64) -> float:
    lengths = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / lengths if lengths > 0 else 0.0  # [dims] @ [dims]
