"""A config.json whose every key is read, known to change nothing, or refused by name."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any, Final

from embgeo.errors import ModelError
from embgeo.transformer.ignored_keys import is_ignored

MISSING: Final = object()
MAX_VALUE: Final = (1 << 31) - 1


class Config:
    """A config.json of which every key must be read or known to change nothing.

    Args:
        file: its name in errors.
    """

    def __init__(self, values: Mapping[str, Any], file: str) -> None:
        self.values, self.file, self.read = values, file, set[str]()

    def get(self, *names: str, default: Any = MISSING) -> Any:
        """The value of the first of these keys that is there and not null.

        Raises:
            ModelError: none is, and there is no default.
        """
        self.read.update(names)
        for name in names:
            if self.values.get(name) is not None:
                return self.values[name]
        if default is MISSING:
            raise ModelError(f"{self.file} has no '{names[0]}', which the layers need")
        return default

    def count(self, *names: str, default: Any = MISSING) -> int:
        """A whole number from 1."""
        return self.counted(*names, least=1, most=MAX_VALUE, default=default)

    def number(self, *names: str, default: Any = MISSING) -> float:
        """A positive number."""
        value = self.get(*names, default=default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= sys.float_info.max:
            raise self._wrong(names, value, "a positive number")
        return float(value)

    def counted(self, name: str, *others: str, least: int, most: int, default: Any = MISSING) -> int:
        """A whole number in a range."""
        value = self.get(name, *others, default=default)
        if type(value) is not int or not least <= value <= most:
            raise self._wrong((name, *others), value, f"a whole number from {least:,} to {most:,}")
        return value

    def listed(self, name: str) -> list[Any] | None:
        """A list; None if there is none."""
        value = self.get(name, default=None)
        if value is not None and not isinstance(value, list):
            raise self._wrong((name,), value, "a list")
        return value

    def mapping(self, name: str) -> dict[str, Any]:
        """An object; {} if there is none."""
        value = self.get(name, default={})
        if not isinstance(value, dict):
            raise self._wrong((name,), value, "an object")
        return value

    def _wrong(self, names: tuple[str, ...], value: Any, expected: str) -> ModelError:
        name = next((name for name in names if self.values.get(name) is not None), names[0])  # as the file has it
        return ModelError(f"{self.file} has {name} = {as_short_json(value)}; expected {expected}")

    def refuse_unread(self, family: str) -> None:
        """Raise an error if a key is left that nothing has read.

        Raises:
            ModelError: its name and value.
        """
        for name, value in self.values.items():
            if name not in self.read and value is not None and not is_ignored(name):
                raise unknown_value(self.file, name, value, family)


def unknown_value(file: str, name: str, value: Any, family: str) -> ModelError:
    """The error for a key whose value the pass isn't for."""
    what = f"{file} has {name} = {as_short_json(value)}, which embgeo's pass for {family} doesn't know"
    return ModelError(what, "Questions about its embedding work all the same.")


def as_short_json(value: Any) -> str:
    """A value as JSON, cut to fit a line."""
    return json.dumps(value, default=str)[:60]
