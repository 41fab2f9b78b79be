"""The odd one out: the word that is least like the mean of them all (gensim's `doesnt_match`)."""

from __future__ import annotations

import numpy as np

from embgeo.errors import UsageError
from embgeo.models.model import Embedding
from embgeo.numerics.dtypes import F32, F64, shortest
from embgeo.results.eval import Odd, Placed


def odd(space: Embedding, terms: list[str], *, multi: str = "mean") -> Odd:
    """Which of the terms does not belong: the lowest cosine with the mean of the terms' unit vectors.

    Args:
        terms: three or more; of equal ones the first is the odd one.
        multi: as in `neighbours`.

    Raises:
        TermError: the model has no vector for a term, or it has no direction.
        UsageError: fewer than three terms.
    """
    if len(terms) < 3:
        raise UsageError("the odd one out takes three words or more", "As in: embgeo odd breakfast lunch dinner car")
    points = [space.point(term, multi=multi) for term in terms]
    scores = centralities(np.array([point.unit() for point in points]))
    order = np.argsort(scores, kind="stable")
    placed = tuple(
        Placed(rank, points[i].term.term, points[i].term.tokens, shortest(scores[i]))
        for rank, i in enumerate(order.tolist(), 1)
    )
    manifest = space.manifest
    return Odd(
        "odd", manifest.model, manifest.revision, manifest.dtype, (*space.notes, *space.split_notes(points, multi)),
        tuple(point.term for point in points), placed[0].term, placed, transform=manifest.transform,
    )  # fmt: skip


def centralities(vectors: F64) -> F32:
    """Cosine of each vector [words, dims] with the mean of all, each made length 1 first [words].

    Rounded to float32 as it is shown: two that differ by less are told apart by nothing but the order of additions.
    """
    units = vectors / np.linalg.norm(vectors, axis=1)[:, None]  # [words, dims]
    mean = units.mean(axis=0)  # [dims]
    length = float(np.linalg.norm(mean))
    found: F64 = (units * (mean / length if length > 0 else mean)).sum(axis=1)  # [words, dims] * [dims] -> [words]
    return found.astype(np.float32)
