"""Answers as plain data: a whole answer for JSON, rows for CSV and TSV."""

from __future__ import annotations

import csv
import dataclasses
import functools
import json
import operator
from collections.abc import Callable
from typing import Any, Final

from embgeo import __version__

VERSION: Final = "embgeo_version"  # the last key of every JSON answer
Record = dict[str, Any]
OPTIONAL: Final = "transform"  # the field that is left out while it is empty

FORMULAS = tuple("=+-@＝＋－＠")  # the first characters of a spreadsheet formula, full-width ones included


def as_data(value: object) -> Any:
    """A result in JSON's types: dataclasses become objects (`rank` first), tuples and vectors become lists."""
    if dataclasses.is_dataclass(value):
        return {name: as_data(item) for name, item in fields(value).items()}
    if isinstance(value, tuple):
        return [as_data(item) for item in value]
    return _numbers(value) if hasattr(value, "tolist") else value


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


def _plain(value: Any) -> Any:
    """What JSON can't write by itself: dataclasses, and vectors, whose numbers are rounded as all others."""
    return fields(value) if dataclasses.is_dataclass(value) else _numbers(value)


def _numbers(array: Any) -> list[float]:
    from embgeo.numerics.dtypes import shortest_of

    return shortest_of(array)


def to_json(answer: object, *, lines: bool, ascii_only: bool) -> str:
    """The whole answer, indented or on one line.

    Raises:
        ValueError: a number in it is NaN or infinite.
    """
    document = {**fields(answer), VERSION: __version__}
    return (
        json.dumps(document, default=_plain, ensure_ascii=ascii_only, allow_nan=False, indent=None if lines else 2)
        + "\n"
    )


def rows_to_csv(rows: list[Record], delimiter: str) -> str:
    """Rows under a header line; an empty text if there are none."""
    if not rows:
        return ""
    lines = _Lines()
    names = dict.fromkeys(name for row in rows for name in row)
    writer = csv.DictWriter(lines, list(names), "", delimiter=delimiter, lineterminator=lines.end)
    writer.writeheader()
    writer.writerows({name: _harmless(value) for name, value in row.items()} for row in rows)
    return "".join(lines)


def ids(tokens: tuple[Any, ...]) -> str:
    """The ids of a word's tokens, in one cell."""
    return " ".join(str(token.id) for token in tokens)


class _Lines(list[str]):
    """Lines of CSV. The writer sees CR LF as its line end, so that it quotes cells that hold either of them."""

    end = "\r\n"

    def write(self, line: str) -> None:
        self.append(line.removesuffix(self.end) + "\n")


def _harmless(value: object) -> object:
    return "'" + value if isinstance(value, str) and value.lstrip()[:1] in FORMULAS and value.strip() else value
