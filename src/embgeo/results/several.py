"""The answers to one question about several terms."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer
from embgeo.results.records import Record
from embgeo.results.tabular import Tabular


@dataclass(frozen=True, slots=True)
class Several(Tabular):
    """One answer for each term, in the order given.

    Attributes:
        command: the command of each of them.
        notes: of all answers, each once.
        answers: as they are for one term.
    """

    command: str
    notes: tuple[str, ...]
    answers: tuple[Answer, ...]

    def records(self) -> list[Record]:
        """The rows of all answers, each with the term that it is for."""
        return [{"of": answer.heading, **row} for answer in self.answers for row in answer.records()]
