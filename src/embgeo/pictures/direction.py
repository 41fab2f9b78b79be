"""Words along a direction, in front of the whole vocabulary."""

from __future__ import annotations

from embgeo.pictures import colors
from embgeo.pictures.about import facts, model_named, percent
from embgeo.pictures.figure import Area, Axis, Dot, Line, Panel, Picture, ticks
from embgeo.pictures.text import label
from embgeo.results.plots.direction import DirectionPlot
from embgeo.results.records import as_data

MAX_ROWS = 60  # words that have a row
HISTOGRAM_ROWS = 4.0  # rows that the histogram takes
ROW_HEIGHT = 22.0  # pixels


def direction(answer: DirectionPlot) -> Picture:
    """A row for each word in the order given, under a histogram of the vocabulary: an order shows as a slope."""
    shown = answer.scores[:MAX_ROWS]
    most = max(*answer.histogram, 1)
    area = Area(answer.low, answer.high, tuple(-HISTOGRAM_ROWS * count / most for count in answer.histogram))
    last = max(1, len(shown) - 1)
    dots = tuple(
        Dot(score.dot, place + 1.0, color=colors.scale(place / last), title=_title(answer, place))
        for place, score in enumerate(shown)
    )
    slope = Line(tuple((score.dot, place + 1.0) for place, score in enumerate(shown)), "muted", dotted=True)
    room = (answer.high - answer.low) * 0.04
    low, high = answer.low - room, answer.high + room
    rows = sum(answer.histogram) + answer.outside
    x = Axis(low, high, f"dot product with {label(answer.direction)} · gray: all {rows:,} tokens", ticks(low, high))
    names = tuple((place + 1.0, _text(score.term, score.percentile)) for place, score in enumerate(shown))
    y = Axis(len(shown) + 0.8, -HISTOGRAM_ROWS * 1.12, "", names, named=True)
    words = f"{label(shown[0].term)} … {label(shown[-1].term)}" if len(shown) > 3 else ", ".join(
        label(score.term) for score in shown
    )  # fmt: skip
    words_of = "1 word" if len(answer.scores) == 1 else f"{len(answer.scores):,} words"
    return Picture(
        f"{words} along {label(answer.direction)}",
        f"{model_named(answer)} · {words_of} in the order given · %: tokens that score lower",
        (Panel(x, y, (area, slope, *dots)),), (_caption(answer), *_outside(answer)), _description(answer, names),
        _facts(answer), height=(len(shown) + 1.0 + HISTOGRAM_ROWS * 1.12) * ROW_HEIGHT,
    )  # fmt: skip


def _description(answer: DirectionPlot, names: tuple[tuple[float, str], ...]) -> str:
    return (
        "A histogram of the dot products of all tokens with a direction, and under it words, with the percentage of "
        f"tokens that score lower: {', '.join(name for _, name in names)}. {_caption(answer)}"
    )


def _outside(answer: DirectionPlot) -> tuple[str, ...]:
    beyond = [f"{answer.outside:,} tokens lie beyond the two ends."] if answer.outside else []
    left = len(answer.scores) - MAX_ROWS
    return (*beyond, *([f"The first {MAX_ROWS} words are drawn; {left:,} more are left out."] if left > 0 else []))


def _text(term: str, percentile: float | None) -> str:
    return label(term) if percentile is None else f"{label(term)} {percentile:.0f}%"


def _title(answer: DirectionPlot, place: int) -> str:
    score = answer.scores[place]
    below = "" if score.percentile is None else f", above {score.percentile:.1f}% of the tokens"
    return f"{label(score.term)}: dot product {score.dot:z.4f}, cosine {score.cosine:z.3f}{below}"


def _caption(answer: DirectionPlot) -> str:
    if answer.spearman is None or answer.chance is None:
        return "Fewer than three different scores: no order to compare with chance."
    pairs = f"{answer.pairs} random pairs" if answer.pairs > 1 else "a random pair"
    return (
        f"Spearman correlation with the order given {answer.spearman:z.2f}; {percent(answer.chance.share)} of "
        f"{answer.chance.samples:,} directions from {pairs} of rows correlate with it as strongly, up or down."
    )


def _facts(answer: DirectionPlot) -> dict[str, object]:
    scores = [
        {"term": s.term, "dot": s.dot, "cosine": s.cosine, "percentile": s.percentile} for s in answer.scores
    ]  # fmt: skip
    chance = as_data(answer.chance)
    return facts(answer, direction=answer.direction, scores=scores, spearman=answer.spearman, chance=chance)
