"""Nearest neighbors as a table."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.drawing import added_rows, title
from embgeo.cli.lists import ranked
from embgeo.cli.text import visible
from embgeo.numerics.objectives import METRICS
from embgeo.results.neighbors import Neighbors, NeighborsWithout


def table(answer: Neighbors) -> RenderableType:
    """The nearest tokens; and what was taken out of the query, where something was."""
    metric = METRICS[answer.metric]
    if not isinstance(answer, NeighborsWithout):
        return Group(
            title(answer, answer.query.text, metric.label, *added_rows(answer.query)),
            ranked(answer.results, metric.score_name),
        )
    gone = f"{100 * answer.share:z.1f} % of the squared length of '{visible(answer.query.text)}' was taken out"
    question = f"{answer.query.text} without {', '.join(answer.without)}"
    head = title(answer, question, metric.label, *added_rows(answer.query))
    return Group(head, ranked(answer.results, metric.score_name), Text(f"\n{gone}"))
