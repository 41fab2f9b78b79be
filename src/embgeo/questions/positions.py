"""Positions: what a model adds to a token's vector to say where in the text it stands.

For models that learn a vector for each position (Radford et al. 2018; Devlin et al. 2019): the sum of token and
position is what the first layer is given, but for what a note says.
"""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np

from embgeo.errors import Report, TermError, UsageError, silent
from embgeo.formats.token_table import ABSENT
from embgeo.models.architectures import EMBEDDING, POSITION, POSITIONS, is_normalized
from embgeo.models.model import Model
from embgeo.models.sides import side_of
from embgeo.numerics.dtypes import F64, Ids, shortest
from embgeo.numerics.kernels import pieces
from embgeo.numerics.objectives import COSINE
from embgeo.numerics.search import scan
from embgeo.questions.axes import order_of
from embgeo.questions.ranking import check_count, excluded_tokens, ranked
from embgeo.questions.rows import about, fold_groups, identity, listable
from embgeo.questions.terms import Point, read_term, split_notes
from embgeo.results.base import Query, Term
from embgeo.results.positions import DistanceCosines, PositionLength, Positions, TokenAtPosition

NORMALIZED: Final = (
    "before its first layer the model also normalizes this sum, and BERT's kin add a segment's vector: not done here"
)


def positions(model: Model, report: Report = silent) -> Positions:
    """Lengths of a model's position vectors, and their cosines by distance.

    Args:
        model: any matrix of the model; its position embedding is opened where it is another.

    Raises:
        TermError: no position has a vector with numbers.
        ModelError: the model stores no position embedding.
    """
    places = _places(model, report)
    rows = _rows(places)
    norms = places.weights.norms[rows]  # [positions]
    finite = np.flatnonzero(np.isfinite(norms))
    if not len(finite):
        raise TermError(f"no position of '{places.manifest.model}' has a vector with numbers")
    low, high = finite[norms[finite].argmin()], finite[norms[finite].argmax()]
    steps = [2**power for power in range(len(rows).bit_length()) if 2**power < len(rows)]
    apart = tuple(filter(None, (_apart(places, rows, step) for step in steps)))
    manifest = places.manifest
    return Positions(
        **about(places, "positions"), tensor=manifest.tensor, positions=len(rows),
        dimensions=manifest.shape[1], offset=int(rows[0]), norm=shortest(float(norms[finite].mean())),
        shortest=PositionLength(position=int(low), norm=shortest(float(norms[low]))),
        longest=PositionLength(position=int(high), norm=shortest(float(norms[high]))),
        norms=tuple(shortest(float(norm)) if np.isfinite(norm) else None for norm in norms), apart=apart,
        order=order_of([one.cosine for one in apart]),
    )  # fmt: skip


def token_at_position(
    model: Model, term: str, at: int = 0, k: int = 10, *,
    raw: bool = False, words: bool = False, multi: str = "mean", report: Report = silent,
) -> TokenAtPosition:  # fmt: skip
    """A term's vector at a position: token + position, and the tokens that the sum is nearest to by cosine.

    Args:
        model: any matrix of the model; the other is opened, too.
        term, k, raw, words, multi: as in `neighbors`.
        at: the position, from 0.

    Raises:
        TermError: the model has no vector for the term, no such position, or its tokens have another width.
        UsageError: a negative position or k.
    """
    check_count(k)
    places = _places(model, report)
    if model.manifest.side == POSITION:
        model = side_of(places, EMBEDDING, report)
    if model.manifest.transform:
        raise UsageError(f"{model.manifest.transform} has moved the rows", "Positions are added to the model's own.")
    point = read_term(model, term, multi=multi)
    row = _row(places, at)
    if model.weights.shape[1] != places.weights.shape[1]:
        widths = f"{model.weights.shape[1]:,} and {places.weights.shape[1]:,}"
        raise TermError(
            f"tokens and positions of '{model.manifest.model}' have {widths} numbers",
            "It projects its tokens before it adds positions, which is not done here.",
        )
    place = places.weights.take(np.array([row]))[0]  # [dims]
    token = places.manifest.scale * point.vector  # [dims]
    total = token + place  # [dims]
    added = point.added + float(np.linalg.norm(place))
    whole = Point(Term(f"{term} at {at}", 1.0, ()), total, float(np.linalg.norm(total)), point.parts, added)
    whole.check_direction()
    question = scan(model.searchable(), total[None, :], COSINE)  # [1, dims]
    mask, fold = listable(model, point.ids, words=words, raw=raw), fold_groups(model, raw=raw)
    hits = question.best(k, mask, fold)
    alone = _alone(model, point, k, words=words, raw=raw)
    token_norm, position_norm = (shortest(float(np.linalg.norm(vector))) for vector in (token, place))
    return TokenAtPosition(
        **identity(model), command="positions", notes=_notes(model, places, point, multi),
        query=Query(term, point.parts), metric="cosine", results=ranked(model, hits, raw=raw),
        tensor=places.manifest.tensor, position=at, row=row, scale=shortest(places.manifest.scale),
        token_norm=token_norm, position_norm=position_norm,
        norm=shortest(whole.norm), between=shortest(_cosine(token, place)), cosine=shortest(_cosine(total, token)),
        excluded=excluded_tokens(model, question, point.ids, words=words, raw=raw),
        kept=len(alone & _groups(hits.ids, fold)), values=tuple(shortest(value) for value in total),
    )  # fmt: skip


def _places(model: Model, report: Report) -> Model:
    if model.manifest.side == POSITION:
        return dataclasses.replace(model, side_note="")
    return side_of(model, POSITIONS, report)


def _rows(places: Model) -> Ids:
    """The rows [positions] that stand for positions, in their order."""
    return np.flatnonzero((places.vocabulary.table.flags & ABSENT) == 0)


def _row(places: Model, at: int) -> int:
    if at < 0:
        raise UsageError(f"'{at}' is no position", "Positions are counted from 0.")
    rows = _rows(places)
    if at >= len(rows):
        raise TermError(
            f"'{places.manifest.model}' has no position {at}", f"Its positions go from 0 to {len(rows) - 1}."
        )
    return int(rows[at])


def _apart(places: Model, rows: Ids, distance: int) -> DistanceCosines | None:
    """All pairs of positions at a distance; None where no two of them have a direction."""
    cosines = []
    for part in pieces(len(rows) - distance, 16 * places.weights.shape[1]):
        first = places.weights.take(rows[part])  # [piece, dims]
        second = places.weights.take(rows[part.start + distance : part.stop + distance])  # [piece, dims]
        lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)  # [piece]
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            cosines.append((first * second).sum(axis=1) / lengths)
    every = np.concatenate(cosines)  # [pairs]
    found = every[np.isfinite(every)]
    if not len(found):
        return None
    numbers = (found.mean(), found.min(), found.max())
    return DistanceCosines(distance, len(found), *(shortest(float(number)) for number in numbers))


def _alone(model: Model, point: Point, k: int, *, words: bool, raw: bool) -> set[int]:
    """What is listed for a term without any position, as `_groups`; nothing where it has no direction."""
    if not point.norm:
        return set()
    question, fold = scan(model.searchable(), point.vector[None, :], COSINE), fold_groups(model, raw=raw)  # [1, dims]
    return _groups(question.best(k, listable(model, point.ids, words=words, raw=raw), fold).ids, fold)


def _groups(ids: Ids, fold: Ids | None) -> set[int]:
    """Listed rows, each by the group of variants that it stands for: two lists may show another one of these."""
    found: list[int] = (ids if fold is None else fold[ids]).tolist()
    return set(found)


def _notes(model: Model, places: Model, point: Point, multi: str) -> tuple[str, ...]:
    split = [part for part in point.parts if len(part.tokens) > 1]
    several = ("in a text each of these tokens stands at a position of its own",) if split else ()
    normalized = (NORMALIZED,) if is_normalized(places.manifest.tensor) else ()
    both = (*places.notes, *model.notes)
    return tuple(dict.fromkeys((*both, *split_notes([point], multi), *several, *normalized)))


def _cosine(a: F64, b: F64) -> float:
    lengths = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / lengths if lengths > 0 else 0.0  # [dims] @ [dims]
