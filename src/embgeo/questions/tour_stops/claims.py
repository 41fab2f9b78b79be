"""What a stop is: a claim, the rule for its verdict, and what was found."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from embgeo.questions.command_log import CommandLog
from embgeo.results.tour import Figure

HOLDS: Final = "holds"
IN_PART: Final = "holds in part"
FAILS: Final = "does not hold here"
NOT_ASKED: Final = "not asked here"


class Finding(NamedTuple):
    """The outcome of a stop: its figures, the verdict and the reason."""

    figures: list[Figure]
    verdict: str
    reason: str


class Claim(NamedTuple):
    """A claim about embeddings, the rule for its verdict, and the function that checks it."""

    name: str
    claim: str
    rule: str
    ask: Callable[[CommandLog], Finding]


def verdict_by_count(count: int, of: int, *, least: int) -> str:
    """The verdict where `count` of `of` cases are as claimed, and `least` of them hold in part."""
    return HOLDS if count == of else IN_PART if count >= least else FAILS


def is_rising(values: Sequence[float]) -> bool:
    """Whether numbers rise from first to last; a step may be too small for float32 to show."""
    return values[0] < values[-1] and all(before <= after for before, after in itertools.pairwise(values))
