"""What comes after the embedding: the unembedding's softmax, and the positions that are added."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final

from embgeo.questions.command_log import CommandLog
from embgeo.questions.tour_stops.claims import (
    FAILS,
    HOLDS,
    IN_PART,
    NOT_ASKED,
    Claim,
    Finding,
    is_rising,
    verdict_by_count,
)
from embgeo.results.next import Next
from embgeo.results.tour import Figure
from embgeo.results.unembed import Unembedded

TEMPERATURES: Final = (0.1, 0.5, 1.0, 2.0)  # at 0.1 the softmax is seen where rows are short, as an encoder's


def _softmax(log: CommandLog) -> Finding:
    found = by_temperature([log.unembed("cat", temperature) for temperature in TEMPERATURES])
    return found._replace(reason=f"The {found.reason} with the temperature.")


def by_temperature(answers: Sequence[Unembedded | Next]) -> Finding:
    """Whether the first token's probability falls and the entropy rises from one temperature to the next."""
    figures = [
        Figure(name=f"probability of {one[0].text.strip()} at T = {one.temperature:g}", value=one[0].probability)
        for one in answers
    ]
    figures += [Figure(name=f"entropy at T = {one.temperature:g}", value=one.entropy) for one in answers]
    falls, rises = is_rising([one[0].probability for one in answers[::-1]]), is_rising([one.entropy for one in answers])
    probability, entropy = "falls" if falls else "does not fall", "rises" if rises else "does not rise"
    reason = f"probability {probability} and the entropy {entropy}"
    return Finding(figures, verdict_by_count(falls + rises, 2, least=1), reason)


def _positions(log: CommandLog) -> Finding:
    answer = log.positions()
    figures = [Figure(name=f"{one.distance:,} apart", value=one.cosine) for one in answer.apart]
    means = [one.cosine for one in answer.apart]
    if len(means) < 2:
        return Finding(figures, NOT_ASKED, "Too few positions have a direction to compare distances.")
    falls = sum(after < before for before, after in itertools.pairwise(means))
    highest = means[0] > max(means[1:])
    verdict = HOLDS if answer.order == "decreasing" else IN_PART if highest else FAILS
    ends = "adjacent positions are the most alike" if highest else "adjacent positions are not the most alike"
    return Finding(figures, verdict, f"The mean cosine falls at {falls} of {len(means) - 1} doublings; {ends}.")


SOFTMAX: Final = Claim(
    "softmax and temperature", "Softmax turns the dot products with all rows of the unembedding into probabilities; a "
    "low temperature favors the likeliest token, a high one evens them out.",
    "holds if its probability falls and the entropy rises from T = 0.1 to 2; in part, if one of them does", _softmax,
)  # fmt: skip
NEAR_POSITIONS: Final = Claim(
    "positions", "A position vector is added to the token's vector; nearby positions have similar vectors.",
    "holds if the mean cosine falls each time the distance doubles; in part, if it is highest for adjacent ones",
    _positions,
)  # fmt: skip
