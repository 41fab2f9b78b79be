"""Attention of texts of equal length, a block of texts or queries at a time."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from embgeo.transformer.activations import Floats
from embgeo.transformer.rotary import alibi_slopes

MAX_SCORES: Final = 1 << 17  # numbers in a block of scores, which stays in the processor's cache
MAX_EXPONENT: Final = 40.0  # e to the power of this, times all the keys there are, is far from float32's largest number


class Visibility(NamedTuple):
    """Which tokens each token of a layer sees, and how scores are adjusted.

    Attributes:
        causal: only tokens before them, and themselves.
        window: only tokens closer than this; None for all.
        scale: factor of the scores.
        cap: scores are squeezed between -cap and cap; None: not at all.
        alibi: whether scores fall with the distance.
        bias: [heads, length, length] added to the scores; None for nothing.
    """

    causal: bool
    window: int | None
    scale: float
    cap: float | None = None
    alibi: bool = False
    bias: Floats | None = None


def attend(q: Floats, k: Floats, v: Floats, seen: Visibility, out: Floats) -> None:
    """Scaled dot-product attention (Vaswani et al. 2017), a few texts at a time, or a few queries of long ones.

    Args:
        q: [texts, heads, length, head dims]; of the last tokens, if there are fewer than keys.
        k, v: [texts, heads of keys, keys, head dims]; each serves a run of query heads (Ainslie et al. 2023).
        out: [texts, heads, length, head dims], for the result.
    """
    texts, heads, length, _ = q.shape
    known = k.shape[2]
    some = max(1, MAX_SCORES // (heads * length * known))  # texts
    step = max(1, MAX_SCORES // (heads * known))  # queries
    for first in range(0, texts, some):
        part = slice(first, first + some)
        keys, values = k[part].swapaxes(-1, -2), v[part]  # [part, shared, dims, keys], [part, shared, keys, dims]
        for at in range(0, length, step):
            rows = slice(at, min(at + step, length))
            at_keys = slice(rows.start + known - length, rows.stop + known - length)  # the same tokens among the keys
            _attend(q[part, :, rows] * q.dtype.type(seen.scale), keys, values, at_keys, seen, out[part, :, rows])


def _attend(q: Floats, keys: Floats, values: Floats, rows: slice, seen: Visibility, out: Floats) -> None:
    """Attention of some queries [texts, heads, rows, dims], which are scaled and lie without gaps."""
    texts, heads, _, dims = q.shape
    shared, known = values.shape[1:3]
    grouped = q.reshape(texts, shared, -1, dims)  # [texts, shared, group * rows, dims]
    scores = grouped @ keys  # [texts, shared, group * rows, dims] @ [texts, shared, dims, keys] -> [..., keys]
    _weigh(scores.reshape(texts, heads, -1, known), rows, seen)
    sums = scores.reshape(-1, known) @ np.ones(known, scores.dtype)  # [texts * shared * group * rows]
    mixed = scores @ values  # [..., group * rows, keys] @ [texts, shared, keys, dims] -> [..., group * rows, dims]
    np.divide(mixed.reshape(out.shape), sums.reshape(*out.shape[:3], 1), out=out)


def _weigh(scores: Floats, rows: slice, seen: Visibility) -> None:
    """Turn scores [texts, heads, rows, keys] into weights whose sums are not 1 yet, in place."""
    _adjust(scores, seen, rows)
    hidden = _hidden(rows, scores.shape[-1], seen)
    # exp needs no largest score subtracted, if none is large enough for it to overflow or to make all weights 0
    small = scores.min() > -MAX_EXPONENT and scores.max() < MAX_EXPONENT
    if hidden is not None:
        scores[..., hidden] = -np.inf
    if not small:
        scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)


def _adjust(scores: Floats, seen: Visibility, rows: slice) -> None:
    """Cap and bias the scores [texts, heads, rows, length] of some queries in place."""
    heads, length = scores.shape[1], scores.shape[-1]
    if seen.cap is not None:
        scores /= seen.cap
        np.tanh(scores, out=scores)
        scores *= seen.cap
    if seen.alibi:
        scores += (alibi_slopes(heads)[:, None, None] * np.arange(length)).astype(scores.dtype)  # [heads, 1, length]
    if seen.bias is not None:
        scores += seen.bias[:, rows]  # [heads, rows, length]


def _hidden(rows: slice, length: int, seen: Visibility) -> NDArray[Any] | None:
    """Which keys each query doesn't see [rows, length]; None where all see everything."""
    behind = np.arange(rows.start, rows.stop)[:, None] - np.arange(length)  # [rows, length] how far the key is before
    near = seen.window is None or length <= seen.window
    if near and not seen.causal:
        return None
    hidden = behind < 0 if seen.causal else np.zeros(behind.shape, bool)
    hidden |= False if near else np.abs(behind) >= seen.window
    return hidden
