"""What a state says of tokens: their logits, and those of every layer through the lens."""

from __future__ import annotations

import numpy as np

from embgeo.numerics.dtypes import F64, shortest
from embgeo.numerics.softmax import entropy, softmax
from embgeo.questions.running import Runner
from embgeo.questions.unembed import likeliest
from embgeo.results.next import LensLayer
from embgeo.transformer.activations import Floats
from embgeo.transformer.forward import final_norm
from embgeo.transformer.head import logits


def logits_of(ready: Runner, state: Floats) -> F64:
    """The logits [rows] of one state [1, dims] after the final norm."""
    rows = ready.model.manifest.shape[0]
    return np.asarray(logits(ready.transformer, state, rows)[0], np.float64)  # [1, dims] -> [1, rows] -> [rows]


def through_lens(ready: Runner, states: Floats, temperature: float, k: int) -> tuple[LensLayer, ...]:
    """Every layer's states [layers + 1, 1, dims] through the final norm, anew for each, and the unembedding."""
    normed = [final_norm(ready.transformer, state) for state in states[:-1]] + [states[-1]]
    found = [logits_of(ready, state) for state in normed]  # each [rows]
    all_shares = [softmax(scores, temperature) for scores in found]
    return tuple(
        LensLayer(
            layer=layer, entropy=shortest(entropy(shares)), results=likeliest(ready.model, scores, shares, k),
            divergence=shortest(_divergence(all_shares[-1], shares)),
        )
        for layer, (scores, shares) in enumerate(zip(found, all_shares, strict=True))
    )  # fmt: skip


def _divergence(last: F64, shares: F64) -> float:
    """Kullback-Leibler divergence of `shares` from `last`, both [rows], in nats; shares below 1e-300 count as that."""
    some = last > 0
    ratio = np.log(last[some]) - np.log(np.maximum(shares[some], 1e-300))
    return max(0.0, float(last[some] @ ratio))
