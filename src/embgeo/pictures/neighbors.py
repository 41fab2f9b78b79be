"""A word in the middle, its neighbors around it, and their neighbors beyond."""

from __future__ import annotations

import math

from embgeo.pictures.about import facts, model_named, span
from embgeo.pictures.figure import XY, Axis, Dot, Line, Panel, Picture
from embgeo.pictures.text import label
from embgeo.results.plots.neighbors import GraphNode, NeighborsPlot

HEIGHT = 560.0  # pixels
WIDTH = 820.0
CIRCLE_POINTS = 72  # points of a circle
RING_DEGREES = (30, 60, 90)  # degrees


def neighbors(answer: NeighborsPlot) -> Picture:
    """Distance from the middle is the angle to the word, in degrees; lines join a token to those that it lists."""
    at = [_place(node) for node in answer.nodes]
    far = max(_angle(node) for node in answer.nodes) * 1.12 or 1.0
    lines = [
        Line(
            (at[edge.start], at[edge.end]),
            "c0" if edge.start == 0 else "rule",
            title=_edge(answer, edge.start, edge.end),
        )
        for edge in answer.edges
        if edge.start == 0 or answer.nodes[edge.end].step == 2
    ]
    drawn = [angle for angle in RING_DEGREES if angle <= far]
    between = [
        Line((at[edge.start], at[edge.end]), "c1", dotted=True, title=_edge(answer, edge.start, edge.end))
        for edge in answer.edges
        if edge.start and answer.nodes[edge.end].step == 1 and (edge.start < edge.end or not edge.mutual)
    ]
    dots = [
        Dot(x, y, node.term, _side(x, node), ("c0", "ink", "muted")[node.step], _dot(node))
        for node, (x, y) in zip(answer.nodes, at, strict=True)
    ]
    wide = far * WIDTH / HEIGHT
    count = sum(node.step == 1 for node in answer.nodes)
    caption = _caption(answer)
    parts = " · no pieces" if answer.pieces is False else ""
    named = ", ".join(label(node.term) for node in answer.nodes if node.step == 1)
    return Picture(
        f"{label(answer.query)}: its {count} nearest, and theirs",
        f"{model_named(answer)} · distance from the middle: angle to {label(answer.query)}{parts}",
        (Panel(Axis(-wide, wide), Axis(-far, far), (*map(_ring, drawn), *lines, *between, *dots)),), caption,
        f"A graph with {label(answer.query)} in the middle and {named} around it. {' '.join(caption)}",
        facts(
            answer, query=answer.query, nodes=[[node.term, node.step, node.score] for node in answer.nodes],
            edges=[[edge.start, edge.end, edge.score, edge.mutual] for edge in answer.edges],
        ), height=HEIGHT, guides="Each ring is 30° farther out." if drawn else "",
    )  # fmt: skip


def _angle(node: GraphNode) -> float:
    """Degrees between the token and the query."""
    return math.degrees(math.acos(max(-1.0, min(1.0, node.score)))) if node.step else 0.0


def _degrees(angles: list[float]) -> str:
    return span(angles, "{:.0f}".format) + "°"


def _ring(angle: int) -> Line:
    turns = [math.tau * at / CIRCLE_POINTS for at in range(CIRCLE_POINTS + 1)]
    points = tuple((angle * math.cos(turn), angle * math.sin(turn)) for turn in turns)
    return Line(points, "rule", dotted=True, title=f"{angle}°", guide=True)


def _place(node: GraphNode) -> XY:
    angle, turn = _angle(node), math.tau * node.turn
    return round(angle * math.cos(turn), 6), round(angle * math.sin(turn), 6)


def _side(x: float, node: GraphNode) -> int:
    return 0 if not node.step else 1 if x >= 0 else -1


def _dot(node: GraphNode) -> str:
    if not node.step:
        return label(node.term)
    return f"{label(node.term)}: cosine {node.score:z.3f}, {_angle(node):.0f}° away"


def _edge(answer: NeighborsPlot, start: int, end: int) -> str:
    return f"{label(answer.nodes[start].term)} lists {label(answer.nodes[end].term)}"


def _caption(answer: NeighborsPlot) -> tuple[str, ...]:
    inner, outer = ([_angle(node) for node in answer.nodes if node.step == step] for step in (1, 2))
    beyond = f", theirs {_degrees(outer)}" if outer else ""
    query, back = label(answer.query), len(inner) - answer.outside
    listed = query if answer.inputs == 1 else f"a token of {query}"
    listing = f"{back} of the {len(inner)} list {listed} among their own {answer.each} nearest"
    return (
        f"The nearest lie {_degrees(inner)} from {query}{beyond}; 90° is a cosine of 0. Dotted: a neighbor that lists "
        "another. Only the distance from the middle is measured; places around it are spread evenly.",
        f"{listing}: being near is not mutual." if answer.outside else f"{listing}.",
    )
