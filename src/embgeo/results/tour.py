"""Common claims about embeddings, and one model's verdict on each."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer
from embgeo.results.records import Record, as_data


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure from one of a stop's commands."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Stop:
    """One claim.

    Attributes:
        number: from 1.
        name: its subject.
        claim: the claim about embeddings.
        rule: when the claim holds.
        figures: the model's figures.
        verdict: `holds`, `holds in part`, `does not hold here` or `not asked here`.
        reason: for the verdict.
        commands: that print these figures.
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
    """The stops that were visited, and the number of stops with each verdict."""

    stops: tuple[Stop, ...]
    holds: int
    in_part: int
    fails: int
    not_asked: int

    def records(self) -> list[Record]:
        """A row for each number of each stop; one row for a stop without numbers."""
        return [
            {"number": stop.number, "stop": stop.name, "verdict": stop.verdict} | figure
            for stop in self.stops
            for figure in [as_data(figure) for figure in stop.figures] or [{"name": "", "value": None}]
        ]
