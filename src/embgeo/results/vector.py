"""A term's vector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embgeo.results.base import Answer, Term


@dataclass(frozen=True, slots=True)
class Vector(Answer):
    """A term's vector; NumPy reads it as an array of float32 [dims]."""

    term: Term
    norm: float
    values: tuple[float, ...]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.values, np.float32 if dtype is None else dtype)
