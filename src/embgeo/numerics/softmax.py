"""Logits of a vector, their softmax at a temperature, and its entropy."""

from __future__ import annotations

import numpy as np

from embgeo.numerics.dtypes import F64, Mask, to_float64
from embgeo.numerics.kernels import Matrix, pieces


def row_logits(matrix: Matrix, vector: F64, allowed: Mask) -> F64:
    """Dot products [rows] of every row with a vector [dims], in float64; -inf for rows not allowed or not finite."""
    rows, width = np.asarray(matrix.rows), matrix.rows.shape[1]
    scores = np.empty(len(rows))
    with np.errstate(invalid="ignore", over="ignore"):
        for part in pieces(len(rows), 8 * width):
            scores[part] = to_float64(rows[part], matrix.dtype) @ vector  # [piece, dims] @ [dims] -> [piece]
    scores[~allowed | ~np.isfinite(scores)] = -np.inf
    return scores


def softmax(scores: F64, temperature: float) -> F64:
    """exp(score / T) / the sum over all rows [rows], shifted by the maximum so that nothing overflows (Bridle 1990)."""
    best = int(scores.argmax())
    if temperature == 0 or not np.isfinite(scores[best]):
        probabilities = np.zeros(len(scores))
        probabilities[best] = 1
        return probabilities
    with np.errstate(over="ignore", under="ignore"):
        weights = np.exp((scores - scores[best]) / temperature)
    shares: F64 = weights / weights.sum()
    return shares


def entropy(probabilities: F64) -> float:
    """-sum of p log p, in nats (Shannon 1948); 0 log 0 is 0."""
    some = probabilities[probabilities > 0]
    return float(max(0.0, -(some * np.log(some)).sum()))
