"""The similarity of words as a heat map."""

from __future__ import annotations

from collections.abc import Sequence

from embgeo.pictures.about import facts, model_named
from embgeo.pictures.figure import Axis, Cell, Panel, Picture
from embgeo.pictures.text import label
from embgeo.results.similarity import Similarity

MAX_ROWS = 60  # words that have a row and a column
MAX_NAMED = 4  # words that a title lists
ROW_HEIGHTS = (14.0, 34.0)  # pixels, at least and at most
TOTAL_HEIGHT = 520.0  # pixels for all rows


def similarity(answer: Similarity) -> Picture:
    """A square for every two words, in the order given."""
    names = [term.term for term in answer.terms[:MAX_ROWS]]
    places = range(len(names))
    most = strongest(answer.matrix, places)
    caption = (*_caption(answer, names, most), *left_out(len(answer.terms)))
    metric = "cosine" if answer.metric == "cosine" else "dot product"
    return Picture(
        titled([term.term for term in answer.terms]), f"{model_named(answer)} · {metric} of every two words",
        (heat_map(names, answer.matrix, places, answer.metric),), caption,
        f"A heat map of {len(names)} words: {', '.join(map(label, names))}. {' '.join(caption)}",
        facts(answer, metric=answer.metric, terms=names, full=most), height(len(names)),
    )  # fmt: skip


def heat_map(
    names: Sequence[str], matrix: Sequence[Sequence[float]], order: Sequence[int], metric: str, title: str = ""
) -> Panel:
    """A heat map whose rows and columns stand in this order; colors are full at the strongest."""
    most, last = strongest(matrix, order), len(order) - 0.5
    ticks = tuple((float(at), names[place]) for at, place in enumerate(order))
    cells = tuple(
        Cell(
            float(column), float(row), matrix[a][b] / most, f"{matrix[a][b]:z.2f}",
            f"{label(names[a])} and {label(names[b])}: {metric} {matrix[a][b]:z.3f}",
        )
        for row, a in enumerate(order)
        for column, b in enumerate(order)
    )  # fmt: skip
    across, down = (Axis(*ends, "", ticks, named=True) for ends in ((-0.5, last), (last, -0.5)))
    return Panel(across, down, cells, title=title, bare=True)


def strongest(matrix: Sequence[Sequence[float]], places: Sequence[int]) -> float:
    """The largest number between two different words, without its sign."""
    return max((abs(matrix[a][b]) for a in places for b in places if a != b), default=1.0) or 1.0


def height(rows: int) -> float:
    """The height of a heat map in pixels."""
    return rows * max(ROW_HEIGHTS[0], min(ROW_HEIGHTS[1], TOTAL_HEIGHT / rows))


def titled(names: Sequence[str]) -> str:
    """The words, or how many they are."""
    return " · ".join(map(label, names)) if len(names) <= MAX_NAMED else f"{len(names):,} words"


def left_out(words: int) -> tuple[str, ...]:
    """A sentence on the words without a row."""
    return (
        (f"The first {MAX_ROWS} words are drawn; {words - MAX_ROWS:,} more are left out.",) if words > MAX_ROWS else ()
    )


def _caption(answer: Similarity, names: Sequence[str], most: float) -> tuple[str, ...]:
    between = [
        (answer.matrix[a][b], names[a], names[b]) for a in range(len(names)) for b in range(a + 1, len(names))
    ]  # fmt: skip
    high, low = max(between), min(between)
    mean = sum(value for value, _, _ in between) / len(between)
    said = f"Blue above zero, orange below; full at {most:.2f}, the strongest between two different words."
    if len(between) > 1:
        said += (
            f" Mean of these {mean:z.2f}, from {low[0]:z.2f} ({label(low[1])}, {label(low[2])}) to {high[0]:z.2f} "
            f"({label(high[1])}, {label(high[2])})."
        )
    return (said,)
