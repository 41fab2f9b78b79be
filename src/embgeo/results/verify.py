"""The checks of a model."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer
from embgeo.results.records import Record, as_data


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        name: what was checked.
        passed: whether `found` agrees with `expected`.
        source: where the expected value comes from.
    """

    name: str
    passed: bool
    expected: str
    found: str
    source: str


@dataclass(frozen=True, slots=True)
class Verification(Answer):
    """All checks of a model."""

    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether all of them passed."""
        return all(check.passed for check in self.checks)

    @property
    def exit_code(self) -> int:
        """0 if all checks passed, else 4, as for an unreadable model."""
        return 0 if self.passed else 4

    def records(self) -> list[Record]:
        """A row for each check."""
        return [as_data(check) for check in self.checks]
