"""Nearest neighbors as a table."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.drawing import added_rows, title
from embgeo.cli.lists import excluded, ranked, whole_words
from embgeo.cli.text import visible
from embgeo.numerics.objectives import METRICS
from embgeo.results.neighbors import Neighbors, NeighborsWithout


def table(answer: Neighbors) -> RenderableType:
    """The nearest tokens; and what was taken out of the query, where something was."""
    metric = METRICS[answer.metric]
    how = (metric.label, *added_rows(answer.query), *whole_words(answer))
    listed = (ranked(answer.results, metric.score_name), *_excluded(answer))
    if not isinstance(answer, NeighborsWithout):
        return Group(title(answer, answer.query.text, *how), *listed)
    gone = f"{100 * answer.share:z.1f} % of the squared length of '{visible(answer.query.text)}' was taken out"
    question = f"{answer.query.text} without {', '.join(answer.without)}"
    return Group(title(answer, question, *how), *listed, Text(f"\n{gone}"))


def _excluded(answer: Neighbors) -> list[RenderableType]:
    """Where the query's own tokens would stand; not said of a single token that would be first, as is usual."""
    usual = len(answer.excluded) == 1 and answer.excluded[0].rank == 1 and len(answer.query.terms) == 1
    return [] if usual else excluded(answer.excluded)
