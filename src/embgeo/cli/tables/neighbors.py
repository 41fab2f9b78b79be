"""Nearest neighbors as a table."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.drawing import added_rows, model_title, title
from embgeo.cli.lists import excluded, left_out, ranked, sheet, whole_words
from embgeo.cli.outline import Outline
from embgeo.cli.text import visible
from embgeo.numerics.objectives import METRICS
from embgeo.results.neighbors import ExcludedToken, Neighbors
from embgeo.results.neighbors_across import NeighborsAcross
from embgeo.results.neighbors_without import NeighborsWithout


def table(answer: Neighbors) -> RenderableType:
    """The nearest tokens; and what was taken out of the query, where something was."""
    listed = (ranked(answer.results, METRICS[answer.metric].score_name), *excluded(_excluded_shown(answer)))
    return Group(
        title(answer, _question(answer), *_how(answer)), *listed, *(Text(f"\n{one}") for one in _removed(answer))
    )


def outline(answer: Neighbors) -> Outline:
    """The same, to show next to other models'."""
    said = [*left_out(_excluded_shown(answer)), *_removed(answer)]
    return Outline(
        _question(answer), _how(answer), [sheet(answer.results, METRICS[answer.metric].score_name, said)]
    )  # fmt: skip


def _question(answer: Neighbors) -> str:
    without = answer.without if isinstance(answer, NeighborsWithout) else ()
    return f"{answer.query.text} without {', '.join(without)}" if without else answer.query.text


def _how(answer: Neighbors) -> list[str]:
    way = [f"through a rotation to {model_title(answer.to)}"] if isinstance(answer, NeighborsAcross) else []
    return [*way, METRICS[answer.metric].label, *added_rows(answer.query), *whole_words(answer)]


def _removed(answer: Neighbors) -> list[str]:
    if not isinstance(answer, NeighborsWithout):
        return []
    return [f"{100 * answer.share:z.1f}% of the squared length of '{visible(answer.query.text)}' was taken out"]


def _excluded_shown(answer: Neighbors) -> tuple[ExcludedToken, ...]:
    """The query's own tokens; not a single one that would be first, as is usual."""
    usual = len(answer.excluded) == 1 and answer.excluded[0].rank == 1 and len(answer.query.terms) == 1
    return () if usual else answer.excluded
