"""LayerNorm and RMSNorm, a few rows at a time, so that temporaries stay in the processor's cache."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from embgeo.transformer.activations import Floats, row_pieces
from embgeo.transformer.settings import Settings
from embgeo.transformer.weights import Weights


class Norm(NamedTuple):
    """LayerNorm (Ba et al. 2016) or RMSNorm (Zhang & Sennrich 2019) over the last axis.

    Attributes:
        weight, bias: [width]; without a weight, the norm is the identity.
        epsilon: added to variances.
        centered: whether the mean is subtracted: LayerNorm.
    """

    weight: Floats | None
    bias: Floats | None = None
    epsilon: float = 0.0
    centered: bool = True

    def __call__(self, x: Floats, out: Floats | None = None) -> Floats:
        """The norm of x [..., width]: a new array or `out`, which may be x itself."""
        if self.weight is None:
            return x
        y = np.empty_like(x) if out is None else out
        for piece in row_pieces(x):
            self._normalize(x[piece], y[piece], self.weight)
        return y

    def _normalize(self, x: Floats, y: Floats, weight: Floats) -> None:
        if self.centered:
            x = np.subtract(x, x.mean(axis=-1, keepdims=True), out=y)
        square = np.einsum("...d,...d->...", x, x)[..., None] / x.shape[-1]  # [..., 1]
        np.divide(x, np.sqrt(square + x.dtype.type(self.epsilon)), out=y)
        y *= weight
        if self.bias is not None:
            y += self.bias


def norm_of(settings: Settings, weights: Weights, name: str, width: int) -> Norm:
    """A model's norm by its name, of vectors of this width; the identity if it has none."""
    if not weights.has(f"{name}.weight"):
        return Norm(None)
    weight = weights.vector(f"{name}.weight", width)  # [width]
    bias = weights.vector(f"{name}.bias", width) if weights.has(f"{name}.bias") else None
    kind = settings.family.norm
    return Norm(weight + 1 if kind == "rms+1" else weight, bias, settings.epsilon, kind == "layer")
