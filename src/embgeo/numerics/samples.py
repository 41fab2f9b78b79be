"""Random rows. Each kind has a random stream of its own, so that the size of one sample never changes the other."""

from __future__ import annotations

import numpy as np

from embgeo.numerics.dtypes import Ids


def random_pairs(rows: Ids, samples: int, seed: int) -> Ids:
    """Pairs [samples, 2] of different rows, drawn with replacement; none from fewer than two rows."""
    if len(rows) < 2:
        return np.empty((0, 2), np.intp)
    random = np.random.default_rng((seed, 0))
    first = random.integers(len(rows), size=samples)
    second = (first + random.integers(1, len(rows), size=samples)) % len(rows)
    return rows[np.stack([first, second], axis=1)]


def random_queries(rows: Ids, queries: int | None, seed: int) -> Ids:
    """Different rows [at most queries] in random order; all of them for None."""
    return np.random.default_rng((seed, 1)).permutation(rows)[:queries]
