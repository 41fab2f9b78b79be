"""Answers that are a ranked list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Generic, TypeVar

from embgeo.results.records import Record, as_data

Item = TypeVar("Item")


class Ranked(Generic[Item]):
    """An answer that is a sequence of its `results`, best first."""

    __slots__ = ()
    if TYPE_CHECKING:

        @property
        def results(self) -> tuple[Item, ...]:
            """Best first."""

    def __len__(self) -> int:
        return len(self.results)

    def __getitem__(self, index: int) -> Item:
        return self.results[index]

    def __iter__(self) -> Iterator[Item]:
        return iter(self.results)

    def records(self) -> list[Record]:
        """A row for each result."""
        return [as_data(result) for result in self.results]
