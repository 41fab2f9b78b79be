"""Nearest neighbors as a table and as rows."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.drawing import title
from embgeo.cli.lists import ranked
from embgeo.cli.records import Record, as_data
from embgeo.cli.text import visible
from embgeo.results.neighbors import Neighbors, NeighborsWithout


def table(answer: Neighbors) -> RenderableType:
    """The nearest tokens; and what was taken out of the query, where something was."""
    score = "distance" if answer.metric == "euclidean" else answer.metric
    if not isinstance(answer, NeighborsWithout):
        return Group(title(answer, answer.query.text, answer.metric), ranked(answer.results, score))
    gone = f"{100 * answer.share:z.1f} % of the squared length of '{visible(answer.query.text)}' was taken out"
    question = f"{answer.query.text} without {', '.join(answer.without)}"
    return Group(title(answer, question, answer.metric), ranked(answer.results, score), Text(f"\n{gone}"))


def rows(answer: Neighbors) -> list[Record]:
    """A row for each token."""
    return [as_data(token) for token in answer.results]
