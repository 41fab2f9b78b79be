"""Rows as data frames of other libraries, where these are installed."""

from __future__ import annotations

from typing import Any

from embgeo.errors import missing_package
from embgeo.results.records import Record


def to_pandas(rows: list[Record]) -> Any:
    """A pandas DataFrame with a column for each name that any row has.

    Raises:
        UsageError: pandas is not installed.
    """
    try:
        import pandas
    except ModuleNotFoundError:
        raise missing_package("to_pandas", "pandas", "pandas") from None
    return pandas.DataFrame(_columns(rows))


def to_polars(rows: list[Record]) -> Any:
    """A polars DataFrame with a column for each name that any row has; a column of mixed kinds holds texts.

    Raises:
        UsageError: polars is not installed.
    """
    try:
        import polars
    except ModuleNotFoundError:
        raise missing_package("to_polars", "polars", "polars") from None
    return polars.DataFrame({name: _of_one_kind(values) for name, values in _columns(rows).items()}, strict=False)


def _columns(rows: list[Record]) -> dict[str, list[Any]]:
    """The rows by column; None where a row has no such value."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def _of_one_kind(values: list[Any]) -> list[Any]:
    """The values, as texts if they are not all numbers, all texts or all truth values."""
    kinds = {float if isinstance(value, float) or type(value) is int else type(value) for value in values} - {
        type(None)
    }
    return values if len(kinds) < 2 else [None if value is None else str(value) for value in values]
