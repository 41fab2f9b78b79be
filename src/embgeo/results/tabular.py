"""What every answer can be turned into: rows, data frames, and a table for notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from embgeo.results.records import Record, as_data


class Tabular:
    """An answer that has rows."""

    __slots__ = ()
    if TYPE_CHECKING:

        @property
        def command(self) -> str:
            """The command that prints it."""

    @property
    def heading(self) -> str:
        """The question in a few words; empty if the command says it all."""
        return ""

    def records(self) -> list[Record]:
        """The answer as rows, under the names that CSV has."""
        return [as_data(self)]

    def to_pandas(self) -> Any:
        """The rows of the answer as a pandas DataFrame.

        Raises:
            UsageError: pandas is not installed.
        """
        from embgeo.results.frames import to_pandas

        return to_pandas(self.records())

    def to_polars(self) -> Any:
        """The rows of the answer as a polars DataFrame.

        Raises:
            UsageError: polars is not installed.
        """
        from embgeo.results.frames import to_polars

        return to_polars(self.records())

    def _repr_html_(self) -> str:
        """The rows of the answer as a notebook shows them."""
        from embgeo.results.html import table

        model, revision, transform = (getattr(self, name, "") for name in ("model", "revision", "transform"))
        details = (self.command, f"{model}@{revision[:12]}" if revision else model, transform)
        return table(self.heading, details, self.records(), getattr(self, "notes", ()))
