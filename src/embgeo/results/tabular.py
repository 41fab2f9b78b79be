"""What answers can be turned into: rows, data frames, tables for notebooks, and some into pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

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
        """The answer as rows, under the names that CSV has: one row of all fields unless there is a list in it."""
        return [{name: value for name, value in as_data(self).items() if name not in ("command", "notes")}]

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
        details = (self.command, at_revision(model, revision), transform)
        return table(self.heading, details, self.records(), getattr(self, "notes", ()))


def at_revision(model: str, revision: str) -> str:
    """A model and its revision, if it has one: `gpt2@607a30d783df`."""
    return f"{model}@{short_revision(revision)}" if revision else model


def short_revision(revision: str) -> str:
    """The first twelve digits of a commit; any other revision in full."""
    return revision[:12] if len(revision) == 40 else revision


class Drawable:
    """An answer with a picture. `embgeo.space` fills in how pictures are drawn: results know nothing of that."""

    __slots__ = ()
    draw: ClassVar[Callable[[object], str]]

    def svg(self) -> str:
        """The answer as the text of an SVG file."""
        return Drawable.draw(self)

    def _repr_svg_(self) -> str:
        return self.svg()
