"""Attention of texts of equal length, a block of queries at a time."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from embgeo.transformer.activations import Floats
from embgeo.transformer.rotary import alibi_slopes

MOST_SCORES: Final = 1 << 22  # numbers in a block of scores


class Seen(NamedTuple):
    """What the tokens of one layer see.

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


def attend(q: Floats, k: Floats, v: Floats, seen: Seen) -> Floats:
    """Scaled dot-product attention (Vaswani et al. 2017).

    Args:
        q: [texts, heads, length, head dims]; of the last tokens, if there are fewer than keys.
        k, v: [texts, heads of keys, keys, head dims]; each serves a run of query heads (Ainslie et al. 2023).

    Returns:
        [texts, heads, length, head dims].
    """
    texts, heads, length, dims = q.shape
    shared, known = k.shape[1:3]
    grouped = q.reshape(texts, shared, heads // shared, length, dims) * q.dtype.type(seen.scale)
    keys, values = (
        k[:, :, None].swapaxes(-1, -2),
        v[:, :, None],
    )  # [texts, shared, 1, dims, keys], [..., keys, dims]
    result = np.empty_like(grouped)
    step = max(1, MOST_SCORES // (texts * heads * known))
    for at in range(0, length, step):
        rows = slice(at, min(at + step, length))
        # [texts, shared, group, rows, dims] @ [texts, shared, 1, dims, keys] -> [texts, shared, group, rows, keys]
        scores = grouped[..., rows, :] @ keys
        at_keys = slice(rows.start + known - length, rows.stop + known - length)  # the same tokens among the keys
        _adjust(scores.reshape(texts, heads, -1, known), at_keys, seen)
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=-1, keepdims=True)
        result[..., rows, :] = scores @ values  # [..., rows, keys] @ [..., keys, dims] -> [..., rows, dims]
    mixed: Floats = result.reshape(q.shape)
    return mixed


def _adjust(scores: Floats, rows: slice, seen: Seen) -> None:
    """Cap, bias and mask the scores [texts, heads, rows, length] of some queries in place."""
    heads, length = scores.shape[1], scores.shape[-1]
    if seen.cap is not None:
        scores /= seen.cap
        np.tanh(scores, out=scores)
        scores *= seen.cap
    if seen.alibi:
        scores += (alibi_slopes(heads)[:, None, None] * np.arange(length)).astype(scores.dtype)  # [heads, 1, length]
    if seen.bias is not None:
        scores += seen.bias[:, rows]  # [heads, rows, length]
    if (hidden := _hidden(rows, length, seen)) is not None:
        scores[..., hidden] = -np.inf


def _hidden(rows: slice, length: int, seen: Seen) -> NDArray[Any] | None:
    """Which keys each query doesn't see [rows, length]; None where all see everything."""
    behind = np.arange(rows.start, rows.stop)[:, None] - np.arange(length)  # [rows, length] how far the key is before
    near = seen.window is None or length <= seen.window
    if near and not seen.causal:
        return None
    hidden = behind < 0 if seen.causal else np.zeros(behind.shape, bool)
    hidden |= False if near else np.abs(behind) >= seen.window
    return hidden
