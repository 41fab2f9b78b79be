"""Answers as plain data: objects by field, and the rows that CSV, data frames and notebooks show."""

from __future__ import annotations

import dataclasses
import functools
import operator
from collections.abc import Callable
from typing import Any, Final

Record = dict[str, Any]
OPTIONAL: Final = "transform"  # the field that is left out while it is empty


def as_data(value: object) -> Any:
    """A result in JSON's types: dataclasses become objects (`rank` first), tuples and vectors become lists."""
    if dataclasses.is_dataclass(value):
        return {name: as_data(item) for name, item in fields(value).items()}
    if isinstance(value, tuple):
        return [as_data(item) for item in value]
    return value.tolist() if hasattr(value, "tolist") else value


def fields(value: object) -> Record:
    """A dataclass's fields by name, `rank` first; those with `repr=False` are for Python alone."""
    return _reader(type(value))(value)  # type: ignore[arg-type]  # every type can be hashed


@functools.cache
def _reader(kind: type) -> Callable[[object], Record]:
    """The `fields` of one dataclass, compiled once: long lists call it a hundred thousand times."""
    names = sorted((field.name for field in dataclasses.fields(kind) if field.repr), key=lambda name: name != "rank")
    values = operator.attrgetter(*names)
    if OPTIONAL in names:
        return lambda value: {
            name: one for name, one in zip(names, values(value), strict=True) if name != OPTIONAL or one
        }
    return lambda value: dict(zip(names, values(value), strict=True))


def ids(tokens: tuple[Any, ...]) -> str:
    """The ids of a word's tokens, in one cell."""
    return " ".join(str(token.id) for token in tokens)
