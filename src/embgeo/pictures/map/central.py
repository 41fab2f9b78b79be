"""Which tokens name their surroundings on a map: those that many tokens near them count among their nearest."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

HALF_WEIGHT_DISTANCE: Final = 2000  # places, of 65536, at which a token counts half
# Among tokens that are equally central a word says more than a part of one, and special tokens say nothing.
WEIGHTS: Final = np.array([1.0, 0.3, 0.3, 0.3, 0.3, 0.02])
MIN_POWER: Final = -10  # the power of two below which a score is 0
STEP: Final = 19  # bits of a float32 below the first four of its fraction: a step is a sixteenth of a power of two


def central(places: Any, listed: Any, kinds: Any) -> NDArray[np.uint8]:
    """How well each token names what is around it, from 0 to 255 [tokens].

    A token scores 1 / (1 + (d / 2000)^2) for each token that lists it at distance d in the picture; common tokens, with
    which vocabularies begin, score higher than equally central rare ones. Steps are a sixteenth of a power of two.

    Args:
        places: [tokens, 2] from 0 to 65535.
        listed: [tokens, n] the nearest tokens of each; -1 for none.
        kinds: [tokens] numbers of kinds.
    """
    count = len(places)
    score = np.zeros(count)
    for others in listed.T:  # [tokens]
        there = np.flatnonzero(others >= 0)
        near = others[there]
        gaps = places[there].astype(np.int64) - places[near]  # [there, 2]
        score += np.bincount(near, 1 / (1 + (gaps**2).sum(axis=1) / HALF_WEIGHT_DISTANCE**2), count)
    score *= WEIGHTS[kinds] / (1 + 6 * np.arange(count) / count)
    steps = score.astype(np.float32).view(np.int32) >> STEP  # exponent and four bits: exact on every machine
    from_lowest: NDArray[np.uint8] = np.clip(steps - ((127 + MIN_POWER) << (23 - STEP)), 0, 255).astype(np.uint8)
    return from_lowest
