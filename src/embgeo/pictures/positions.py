"""A position embedding: its curve through the first principal components, and cosines by distance."""

from __future__ import annotations

import math
from itertools import pairwise

from embgeo.pictures import colors
from embgeo.pictures.about import facts, model_named, percent
from embgeo.pictures.figure import Axis, Dot, Line, Panel, Picture, spread
from embgeo.results.plots.positions import PositionsPlot

CURVE_PARTS = 9  # of the curve, each in its own shade


def positions(answer: PositionsPlot) -> Picture:
    """The curve from two sides, stronger in contrast at later positions, and how cosines fall with distance."""
    panels = (_curve(answer, 0, 1), _curve(answer, 1, 2), *([_distance_panel(answer)] if answer.apart else []))
    caption = _caption(answer)
    return Picture(
        f"{len(answer.positions):,} positions of {answer.dimensions:,} dimensions",
        f"{model_named(answer)} · {answer.tensor}", panels, caption,
        f"A curve through the first three principal components of the positions. {' '.join(caption)}",
        facts(
            answer, tensor=answer.tensor, variance=list(answer.variance),
            cosine_by_distance=[[one.distance, one.cosine] for one in answer.apart],
        ), height=300.0,
    )  # fmt: skip


def _curve(answer: PositionsPlot, across: int, up: int) -> Panel:
    points = [(row[across], row[up]) for row in answer.coordinates]
    size = max(1, -(-len(points) // CURVE_PARTS))
    marks: list[Line | Dot] = [
        Line(tuple(points[start : start + size + 1]), colors.scale(start / max(1, len(points) - 1)))
        for start in range(0, len(points), size)
        if len(points[start : start + size + 1]) > 1
    ]
    named = sorted({round(part * (len(points) - 1)) for part in (0, 0.25, 0.5, 0.75, 1)})
    marks += [
        Dot(*points[at], str(answer.positions[at]), 1, title=f"position {answer.positions[at]}") for at in named
    ]  # fmt: skip
    x = Axis(
        *spread(tuple(x for x, _ in points), 0.12),
        f"component {across + 1} · {percent(answer.variance[across])} →",
    )
    y = Axis(*spread(tuple(y for _, y in points), 0.08), f"component {up + 1} · {percent(answer.variance[up])} →")
    return Panel(x, y, tuple(marks), title=f"Components {across + 1} and {up + 1}")


def _distance_panel(answer: PositionsPlot) -> Panel:
    at = [math.log2(one.distance) for one in answer.apart]
    line = Line(tuple((x, one.cosine) for x, one in zip(at, answer.apart, strict=True)), "c0", title="mean cosine")
    bars = [
        Line(((x, one.lowest), (x, one.highest)), "rule", title=f"{one.lowest:z.2f} to {one.highest:z.2f}")
        for x, one in zip(at, answer.apart, strict=True)
    ]
    dots = [
        Dot(x, one.cosine, color="c0", title=f"{one.distance} apart: mean cosine {one.cosine:z.3f}")
        for x, one in zip(at, answer.apart, strict=True)
    ]
    low = min(0.0, *(one.lowest for one in answer.apart))
    names = tuple((x, f"{one.distance:,}") for x, one in list(zip(at, answer.apart, strict=True))[::2])
    steps = tuple((value / 2, f"{value / 2:g}") for value in range(math.ceil(low * 2), 3))
    return Panel(
        Axis(-0.4, at[-1] + 0.4, "positions apart", names), Axis(low - 0.06, 1.06, "", steps), (*bars, line, *dots),
        title="Cosine by distance",
    )  # fmt: skip


def _caption(answer: PositionsPlot) -> tuple[str, ...]:
    said = [
        f"The three components hold {percent(sum(answer.variance))} of the positions' variance; more contrast: "
        "later positions. A curve that turns back shows positions as near in the picture that may be far apart in "
        "the space."
    ]
    if len(answer.apart) > 1:
        first, last = answer.apart[0], answer.apart[-1]
        falls = all(a.cosine > b.cosine for a, b in pairwise(answer.apart))
        how = "falls at every step" if falls else "does not fall at every step"
        said.append(
            f"The mean cosine goes from {first.cosine:z.2f} ({first.distance} apart) to {last.cosine:z.2f} "
            f"({last.distance:,} apart) and {how}; bars: lowest to highest."
        )
    return tuple(said)
