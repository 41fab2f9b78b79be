"""From a vector to tokens: dot products with the unembedding's rows, and their softmax at a temperature.

The last step of a transformer, put to any vector. Nothing of the layers between is applied, nor the last layer norm.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from embgeo.errors import TermError, UsageError
from embgeo.models.architectures import POSITION
from embgeo.models.model import Embedding
from embgeo.numerics.dtypes import F64, shortest, to_float64
from embgeo.numerics.kernels import Matrix, pieces
from embgeo.numerics.search import Mask
from embgeo.questions.neighbors import check_count
from embgeo.results.base import Query
from embgeo.results.unembed import Likely, Unembedded

NO_LOGITS: Final = "The unembedding reads the model's own vectors: leave the transformation out."


def unembed(
    space: Embedding, output: Embedding, term: str, k: int = 10, *, temperature: float = 1.0, multi: str = "mean"
) -> Unembedded:
    """The likeliest tokens for a term's vector.

    Args:
        space: where the term's vector is from.
        output: the same model's unembedding (the embedding again where the two are tied).
        term: as in `neighbours.neighbours`.
        k: how many; nothing is folded or left out, since probabilities belong to tokens.
        temperature: logits are divided by it before the softmax; at 0 all weight is on the highest (the lowest id of
            several).
        multi: as in `neighbours.neighbours`.

    Raises:
        TermError: the model has no vector for the term, no row of the unembedding has numbers, or the two matrices are
            of different widths.
        UsageError: a temperature below 0, a negative k, positions or word vectors instead of a language model's tokens,
            or rows that were transformed.
    """
    check_count(k)
    if space.manifest.unembedding is None:
        what = "positions" if space.manifest.side == POSITION else f"'{space.manifest.model}' has word vectors, which"
        raise UsageError(f"{what} are read by no unembedding")
    if space.manifest.transform:
        raise UsageError(f"{space.manifest.transform} has moved the rows", NO_LOGITS)
    if not (math.isfinite(temperature) and temperature >= 0):
        raise UsageError(f"'{temperature:g}' is no temperature", "Give a number from 0.")
    point = space.point(term, multi=multi)
    if space.matrix.shape[1] != output.matrix.shape[1]:
        widths = f"{space.matrix.shape[1]:,} and {output.matrix.shape[1]:,}"
        raise TermError(f"embedding and unembedding of this model have {widths} dimensions: they can't be multiplied")
    scores = logits(output.searchable(), point.vector, output.allowed([]))  # [rows]
    if not np.isfinite(scores).any():
        raise TermError(f"the unembedding of '{space.manifest.model}' has no row with numbers")
    chances = softmax(scores, temperature)  # [rows]
    best = np.lexsort((np.arange(len(scores)), -scores))[:k]
    found = [
        Likely(token.id, token.piece, token.text, rank, shortest(scores[token.id]), shortest(chances[token.id]))
        for rank, token in enumerate(map(output.vocabulary.token, best.tolist()), 1)
        if np.isfinite(scores[token.id])
    ]
    manifest = output.manifest
    bad = () if output is space else tuple(f"{manifest.tensor}: {note}" for note in output.notes)
    return Unembedded(
        "unembed", manifest.model, manifest.revision, manifest.dtype,
        (*space.notes, *bad, *space.split_notes([point], multi)), Query(term, (point.term,)), manifest.tensor,
        not manifest.unembedding, temperature, shortest(entropy(chances)), tuple(found),
        transform=manifest.transform,
    )  # fmt: skip


def logits(matrix: Matrix, vector: F64, allowed: Mask) -> F64:
    """Dot products [rows] with every row, in float64; -inf for rows that no token has or that hold no numbers."""
    rows, width = np.asarray(matrix.rows), matrix.rows.shape[1]
    found = np.empty(len(rows))
    with np.errstate(invalid="ignore", over="ignore"):
        for part in pieces(len(rows), 8 * width):
            found[part] = to_float64(rows[part], matrix.dtype) @ vector  # [piece, dims] @ [dims] -> [piece]
    found[~allowed | ~np.isfinite(found)] = -np.inf
    return found


def softmax(scores: F64, temperature: float) -> F64:
    """exp(score / T) / sum of all [rows], shifted by the maximum so that nothing overflows (Bridle 1990)."""
    best = int(scores.argmax())
    if temperature == 0 or not np.isfinite(scores[best]):
        chances = np.zeros(len(scores))
        chances[best] = 1
        return chances
    with np.errstate(over="ignore", under="ignore"):
        weights = np.exp((scores - scores[best]) / temperature)
    shares: F64 = weights / weights.sum()
    return shares


def entropy(chances: F64) -> float:
    """-sum of p log p, in nats (Shannon 1948); 0 log 0 is 0."""
    some = chances[chances > 0]
    return float(max(0.0, -(some * np.log(some)).sum()))
