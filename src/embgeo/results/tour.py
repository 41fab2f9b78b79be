"""A walk through the classic claims, and what one model says to each."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that one of a stop's commands gives."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Stop:
    """One claim.

    Attributes:
        name: what it is about.
        claim: what is said of embeddings.
        rule: when it counts as holding.
        figures: what was found.
        verdict: `holds`, `holds in part`, `does not hold here` or `not asked here`, from the figures by the rule.
        reason: why, in words.
        commands: what gives these figures again.
        notes: on words of several tokens.
    """

    number: int
    name: str
    claim: str
    rule: str
    figures: tuple[Figure, ...]
    verdict: str
    reason: str
    commands: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tour(Answer):
    """All stops, and how many of them came to each verdict."""

    stops: tuple[Stop, ...]
    holds: int
    in_part: int
    fails: int
    not_asked: int
