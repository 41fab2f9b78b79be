"""An answer in parts that can be shown side by side with other models': question, rows by a common key, sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

LEFT, RIGHT = "left", "right"


class Sheet(NamedTuple):
    """One model's rows of a table that several models have in common.

    Attributes:
        key: heading of the first column, which names the rows.
        columns: (heading, `left` or `right`) of the others.
        rows: the name of each row, and its cells.
        said: sentences about them.
        list: the key in the answer, where the rows are a ranked list.
        heading: what the sheet is about, where there are several.
        about: (name, text) of what is said before the rows, the same for every model.
    """

    key: str
    columns: tuple[tuple[str, str], ...]
    rows: Sequence[tuple[str, Sequence[str]]]
    said: Sequence[str] = ()
    list: str = ""
    heading: str = ""
    about: Sequence[tuple[str, str]] = ()


class Outline(NamedTuple):
    """An answer without its model.

    Attributes:
        question: what was asked.
        how: the details of a title.
        sheets: the same number for each model.
    """

    question: str
    how: Sequence[str]
    sheets: Sequence[Sheet]
