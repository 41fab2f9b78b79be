"""What a check of a model found."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer


@dataclass(frozen=True, slots=True)
class Check:
    """One line: what was looked at, what was due, what was found, and who says what is due."""

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
        """As for a model that is refused, where one failed."""
        return 0 if self.passed else 4
