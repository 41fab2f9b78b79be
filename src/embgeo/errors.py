"""Everything embgeo refuses, each with the exit code that the command line gives it.

EmbgeoError
├── UsageError      2  the request itself is wrong: a count, a metric, a method
├── TermError       3  a word the model has no vector for, or no direction
├── ModelError      4  a model that is not found, not readable or refused
│   └── FormatError 4  a file that is not what it should be
└── NetworkError    5  the Hub could not be reached, or broke off
"""

from __future__ import annotations

from typing import ClassVar


class EmbgeoError(Exception):
    """Base of all refusals: what is wrong, and how to go on.

    Args:
        message: one line that names the thing and quotes the user's own text.
        hint: one line that says how to go on; empty where nothing useful can be said.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(EmbgeoError):
    """The request itself is wrong, whatever the model."""

    exit_code = 2


class TermError(EmbgeoError):
    """The model has no vector for what was asked, or the vectors have no direction."""

    exit_code = 3


class ModelError(EmbgeoError):
    """The model is not there, can't be read, or is refused."""

    exit_code = 4


class FormatError(ModelError):
    """A file is damaged, or of another kind than its place says."""


class NetworkError(EmbgeoError):
    """The Hub could not be reached, or the transfer broke off for good."""

    exit_code = 5
