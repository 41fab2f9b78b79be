"""Answers as text for programs: JSON, CSV and TSV."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, Final

from embgeo import __version__
from embgeo.results.records import Record, fields

VERSION_KEY: Final = "embgeo_version"  # the last key of every JSON answer

FORMULAS = tuple("=+-@＝＋－＠")  # the first characters of a spreadsheet formula, full-width ones included


def to_json(answer: object, *, lines: bool, ascii_only: bool) -> str:
    """The whole answer, indented or on one line.

    Raises:
        ValueError: a number in it is NaN or infinite.
    """
    document = {**fields(answer), VERSION_KEY: __version__}
    return (
        json.dumps(document, default=_plain, ensure_ascii=ascii_only, allow_nan=False, indent=None if lines else 2)
        + "\n"
    )


def rows_to_csv(rows: list[Record], delimiter: str) -> str:
    """Rows under a header line; an empty text if there are none."""
    if not rows:
        return ""
    import csv

    lines = _Lines()
    names = dict.fromkeys(name for row in rows for name in row)
    writer = csv.DictWriter(lines, list(names), "", delimiter=delimiter, lineterminator=lines.end)
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return "".join(lines)


class _Lines(list[str]):
    """Lines of CSV. The writer sees CR LF as its line end, so that it quotes cells that hold either of them."""

    end = "\r\n"

    def write(self, line: str) -> None:
        self.append(line.removesuffix(self.end) + "\n")


def _plain(value: Any) -> Any:
    """What JSON can't write by itself: dataclasses, and vectors, whose numbers are rounded as all others."""
    if dataclasses.is_dataclass(value):
        return fields(value)
    from embgeo.numerics.dtypes import shortest_of

    return shortest_of(value)


def _cell(value: Any) -> Any:
    """A value that no spreadsheet takes for a formula; NumPy's float64 is rounded as all other numbers are."""
    if isinstance(value, str) and value.lstrip()[:1] in FORMULAS and value.strip():
        return "'" + value
    if type(value) is float or not hasattr(value, "dtype"):
        return value
    from embgeo.numerics.dtypes import shortest

    return shortest(value)
