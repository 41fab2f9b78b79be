"""Answers as plain data: the whole of one for JSON, its rows for CSV and TSV."""

from __future__ import annotations

import csv
import dataclasses
import functools
import json
import operator
from collections.abc import Callable
from typing import Any, Final

Record = dict[str, Any]
ABSENT: Final = "transform"  # the field that is left out where it is empty

FORMULAS = tuple("=+-@＝＋－＠")  # what a spreadsheet takes for the beginning of one, the wide ones too


def as_data(value: object) -> Any:
    """A result as what JSON knows: dataclasses become objects (a rank first), tuples lists."""
    if dataclasses.is_dataclass(value):
        return {name: as_data(item) for name, item in _fields(value).items()}
    return [as_data(item) for item in value] if isinstance(value, tuple) else value


def _fields(value: object) -> Record:
    """A dataclass's fields by name, a rank first."""
    return _reader(type(value))(value)  # type: ignore[arg-type]  # every type can be hashed


@functools.cache
def _reader(kind: type) -> Callable[[object], Record]:
    """The `_fields` of one kind of dataclass: lists of many answers go through it a hundred thousand times."""
    names = sorted((field.name for field in dataclasses.fields(kind)), key=lambda name: name != "rank")
    values = operator.attrgetter(*names)
    if ABSENT in names:
        return lambda value: {
            name: one for name, one in zip(names, values(value), strict=True) if name != ABSENT or one
        }
    return lambda value: dict(zip(names, values(value), strict=True))


def to_json(answer: object, *, lines: bool, ascii_only: bool) -> str:
    """The whole answer; indented, or in one line. NaN and infinity can't be in it."""
    return (
        json.dumps(answer, default=_fields, ensure_ascii=ascii_only, allow_nan=False, indent=None if lines else 2)
        + "\n"
    )


def rows_to_csv(rows: list[Record], delimiter: str) -> str:
    """Rows under a line of their names; nothing where there are none."""
    if not rows:
        return ""
    lines = _Lines()
    names = dict.fromkeys(name for row in rows for name in row)
    writer = csv.DictWriter(lines, list(names), "", delimiter=delimiter, lineterminator=lines.end)
    writer.writeheader()
    writer.writerows({name: _harmless(value) for name, value in row.items()} for row in rows)
    return "".join(lines)


def ids(tokens: tuple[Any, ...]) -> str:
    """The rows that stand for a word, in one cell."""
    return " ".join(str(token.id) for token in tokens)


class _Lines(list[str]):
    """Lines of CSV: written with both characters that may end a line, so that a cell with either of them is quoted."""

    end = "\r\n"

    def write(self, line: str) -> None:
        self.append(line.removesuffix(self.end) + "\n")


def _harmless(value: object) -> object:
    return "'" + value if isinstance(value, str) and value.lstrip()[:1] in FORMULAS and value.strip() else value
