"""The tokens that label their region of a map, by hand."""

from __future__ import annotations

import numpy as np

from embgeo.pictures.map.central import central


def test_central_by_hand() -> None:
    """Each token that lists it adds to a token's score, less from afar; scores are in 1/16 octaves above 1/1024."""
    places = np.array([(0, 0), (2000, 0), (0, 0), (60000, 60000)])
    listed = np.array([(1, 2), (0, 2), (0, -1), (0, 1)])
    score = np.array([1 / 2 + 1 + 1 / 1801, 1 / 2 + 1 / (1 + (58**2 + 60**2) / 4), 1 + 1 / 2, 0])
    score *= [1, 0.3 / 2.5, 0.02 / 4, 1]  # kinds, then places in the vocabulary
    steps = [int(np.floor(np.log2(one))) * 16 + int(one / 2 ** np.floor(np.log2(one)) * 16) - 16 for one in score[:3]]
    expected = [max(0, step + 160) for step in steps]
    assert central(places, listed, np.array([0, 1, 5, 0])).tolist() == [*expected, 0]
    assert expected == sorted(expected, reverse=True)
