"""A word's way through the layers: cosines between its occurrences, against those of unrelated words."""

from __future__ import annotations

from typing import Final, NamedTuple

from embgeo.pictures import colors
from embgeo.pictures.about import facts, model_named, span
from embgeo.pictures.figure import Axis, Dot, Line, Panel, Picture, spread, ticks
from embgeo.pictures.similarity import heat_map, height
from embgeo.pictures.text import label, visible
from embgeo.results.context import Context, WordInText

MAX_LINES: Final = 6
MAX_SQUARES: Final = 12  # occurrences that have a row and a column
HEIGHT: Final = 300.0  # pixels
NAME_GAP: Final = 0.062  # of the height between the names of two lines
CONTEXT_LENGTH: Final = 24  # characters of a text that the caption keeps on each side of the word

IndexPair = tuple[int, int]


def context(answer: Context) -> Picture:
    """A line for every two occurrences over the layers, the unrelated words' in gray, and the last layer as squares."""
    pairs = answer.pairs(MAX_LINES)
    panels = [_lines(answer, pairs)]
    if len(answer.occurrences) > 2:
        panels.append(_squares(answer))
    caption = _caption(answer, pairs)
    count = len(answer.occurrences)
    rows = height(min(count, MAX_SQUARES)) if len(panels) > 1 else HEIGHT
    return Picture(
        f"{label(answer.word)} in {count} place{'s' if count != 1 else ''}, layer by layer",
        f"{model_named(answer)} · cosines of the word's states · {answer.precision}", tuple(panels), caption,
        f"Cosines between the occurrences of a word at each layer of a model. {' '.join(caption)}",
        facts(
            answer, word=answer.word, occurrences=[visible(_around(one)) for one in answer.occurrences],
            layers=[layer.layer for layer in answer.layers], unrelated=[layer.unrelated for layer in answer.layers],
            cosines={_name(pair): _along(answer, pair) for pair in pairs},
        ), max(HEIGHT, rows),
    )  # fmt: skip


def _name(pair: IndexPair) -> str:
    return f"{pair[0] + 1} and {pair[1] + 1}"


def _along(answer: Context, pair: IndexPair) -> list[float]:
    """The cosine of two occurrences at each layer."""
    return [layer.cosines[pair[0]][pair[1]] for layer in answer.layers]


def _lines(answer: Context, pairs: list[IndexPair]) -> Panel:
    numbers = [layer.layer for layer in answer.layers]
    usual = [(layer.layer, layer.unrelated) for layer in answer.layers if layer.unrelated is not None]
    curves = [_Curve(_name(pair), colors.group(at), numbers, _along(answer, pair)) for at, pair in enumerate(pairs)]
    if usual:
        curves.insert(0, _Curve("unrelated", "muted", [at for at, _ in usual], [value for _, value in usual]))
    low, high = spread((1.0, *(value for curve in curves for value in curve.values)))
    span_ = max(1, numbers[-1] - numbers[0])
    steps = tuple((float(number), f"{number}") for number in numbers[:: max(1, len(numbers) // 8)])
    across = Axis(numbers[0] - 0.06 * span_, numbers[-1] + 0.42 * span_, "layer", steps)
    marks = [mark for curve in curves for mark in curve.marks()]
    legend = _legend(curves, numbers[-1] + 0.12 * span_, low, (high - low) * NAME_GAP)
    return Panel(across, Axis(low, high, "cosine →", ticks(low, high)), (*marks, *legend), 1.6, "Cosines by layer")


class _Curve(NamedTuple):
    """A line with its name: its values at some layers."""

    name: str
    color: str
    layers: list[int]
    values: list[float]

    def marks(self) -> list[Line | Dot]:
        points = tuple((float(layer), value) for layer, value in zip(self.layers, self.values, strict=True))
        line = Line(points, self.color, dotted=self.color == "muted", title=self.name)
        return [line, *(Dot(x, y, color=self.color, title=f"{self.name}: {y:z.3f} at layer {x:g}") for x, y in points)]


def _legend(curves: list[_Curve], x: float, low: float, apart: float) -> list[Line | Dot]:
    """The lines' names next to their ends, far enough apart to be read, each joined to its line."""
    ordered = sorted(curves, key=lambda curve: (-curve.values[-1], curve.name))
    heights = [curve.values[-1] for curve in ordered]
    for at in range(1, len(heights)):
        heights[at] = min(heights[at], heights[at - 1] - apart)
    for at in reversed(range(len(heights))):  # and none below the panel
        heights[at] = max(heights[at], low + (len(heights) - at - 0.5) * apart)
    joined = [
        Line(((curve.layers[-1], curve.values[-1]), (x, y)), curve.color, dotted=True, guide=True)
        for curve, y in zip(ordered, heights, strict=True)
    ]  # fmt: skip
    return [*joined, *(Dot(x, y, one.name, 1, one.color) for one, y in zip(ordered, heights, strict=True))]


def _squares(answer: Context) -> Panel:
    last, count = answer.layers[-1], min(len(answer.occurrences), MAX_SQUARES)
    names = [str(number + 1) for number in range(count)]
    return heat_map(names, last.cosines, range(count), "cosine", f"At layer {last.layer}")


def _around(one: WordInText) -> str:
    """The word in brackets with some of its text."""
    before, after = one.text[: one.start], one.text[one.stop :]
    left = before if len(before) <= CONTEXT_LENGTH else "…" + before[-CONTEXT_LENGTH:]
    right = after if len(after) <= CONTEXT_LENGTH else after[:CONTEXT_LENGTH] + "…"
    return f"{left}[{one.text[one.start : one.stop]}]{right}"


def _caption(answer: Context, pairs: list[IndexPair]) -> tuple[str, ...]:
    shown = enumerate(answer.occurrences[:MAX_SQUARES], 1)
    said = [" · ".join(f"{number}: {visible(_around(one))}" for number, one in shown) + _more(answer)]
    if pairs:
        ends = dict.fromkeys((answer.layers[0], answer.layers[-1]))
        between = [(layer, [layer.cosines[a][b] for a, b in pairs]) for layer in ends]
        said.append("Cosines " + ", ".join(f"{span(found)} at layer {layer.layer}" for layer, found in between) + ".")
    usual = [layer.unrelated for layer in answer.layers if layer.unrelated is not None]
    if usual:
        said.append(
            f"Gray: the mean of unrelated words, {span(usual)}; only what lies above it is the word's own. Cosines of "
            "different layers can't be compared without it."
        )
    left = len(answer.occurrences) * (len(answer.occurrences) - 1) // 2 - len(pairs)
    if left > 0:
        said.append(f"Lines join occurrences with the first; {left:,} more pairs are in --json.")
    return tuple(said)


def _more(answer: Context) -> str:
    left = len(answer.occurrences) - MAX_SQUARES
    return f" · and {left:,} more" if left > 0 else ""
