"""Pairs as arrows in a plane."""

from __future__ import annotations

from embgeo.errors import first_of
from embgeo.pictures.about import facts, model_named, percent, span
from embgeo.pictures.figure import Arrow, Axis, Dot, Panel, Picture, spread
from embgeo.pictures.text import label
from embgeo.results.plots.pairs import PairsChance, PairsPlot, PlaneAxis, PlottedPair, PlottedWord
from embgeo.results.records import as_data

LABEL_MARGIN = 0.13  # of the width on both sides, for labels
MIN_FLIPS = 20  # sign flips; fewer can't reach p = 0.05


def pairs(answer: PairsPlot) -> Picture:
    """Words as points, pairs as arrows; caption and facts say how much of them the plane shows."""
    at = {word.term: word for word in answer.words}
    arrows = [
        Arrow((at[one.first].x, at[one.first].y), (at[one.second].x, at[one.second].y), one.weak, _pair(one))
        for one in answer.pairs
    ]
    firsts = {pair.first for pair in answer.pairs}
    dots = [Dot(word.x, word.y, word.term, _side(word, at, answer, firsts)) for word in answer.words]
    x = Axis(*spread(tuple(word.x for word in answer.words), LABEL_MARGIN), _axis(answer.x))
    y = Axis(*spread(tuple(word.y for word in answer.words), 0.08), _axis(answer.y))
    first = answer.pairs[0]
    others = len(answer.pairs) - 1
    more = f" and {others} more pair{'s' if others > 1 else ''}" if others else ""
    title = f"{label(first.first)} → {label(first.second)}{more}"
    return Picture(
        title, f"{model_named(answer)} · {len(answer.words):,} words as unit vectors",
        (Panel(x, y, (*arrows, *dots)),), _caption(answer), _description(answer), _facts(answer),
    )  # fmt: skip


def _side(word: PlottedWord, at: dict[str, PlottedWord], answer: PairsPlot, firsts: set[str]) -> int:
    """Away from the word's arrow."""
    pair = next(pair for pair in answer.pairs if word.term in (pair.first, pair.second))
    other = at[pair.second if word.term == pair.first else pair.first]
    if other.x == word.x:
        return -1 if word.term in firsts else 1
    return -1 if word.x < other.x else 1


def _axis(axis: PlaneAxis) -> str:
    return f"{axis.name} · {percent(axis.variance)} of the variance →"


def _pair(pair: PlottedPair) -> str:
    cosine = "" if pair.cosine is None else f", cosine with the others' mean {pair.cosine:z.2f}"
    return f"{label(pair.first)} → {label(pair.second)}: {percent(pair.share)} of its length in the plane{cosine}"


def _caption(answer: PairsPlot) -> tuple[str, ...]:
    total = answer.x.variance + answer.y.variance
    shares = [pair.share for pair in answer.pairs]
    weak = sum(pair.weak for pair in answer.pairs)
    dotted = f" Dotted: less than half ({weak} of {len(shares)})." if weak else ""
    mean = f" (mean {percent(answer.share)})" if len(shares) > 1 else ""
    said = [
        f"The plane shows {percent(total)} of the words' variance, and "
        f"{span(shares, percent)} of {'each' if len(shares) > 1 else 'the'} arrow's length{mean}.{dotted}"
    ]
    if answer.chance:
        cosines = [pair.cosine or 0.0 for pair in answer.pairs]
        said.append(
            f"Cosine of an arrow with the mean of the others: {span(cosines)} (mean {answer.cosine:z.2f}; "
            f"{_chance(answer.chance)}). Along their own mean, arrows show {percent(answer.across)} of their length; "
            f"with random ends {percent(answer.chance.across)}."
        )
    else:
        said.append("One pair always lies along its own difference: this picture is no evidence of a direction.")
    return tuple(said)


def _chance(chance: PairsChance) -> str:
    if chance.turnings < MIN_FLIPS:
        return f"too few pairs to rule out chance, p = {chance.p:.2g}"
    high = f"at most {chance.cosine_high:z.2f} in 95% of {chance.turnings:,} trials"
    return f"with random ends {high}, p = {chance.p:.2g}"


def _description(answer: PairsPlot) -> str:
    arrows = first_of([f"{label(pair.first)} to {label(pair.second)}" for pair in answer.pairs], 12)
    return f"Arrows in a plane: {arrows}. Across: {answer.x.name}. Up: {answer.y.name}. {' '.join(_caption(answer))}"


def _facts(answer: PairsPlot) -> dict[str, object]:
    return facts(
        answer, axes=answer.axes, variance=[answer.x.variance, answer.y.variance], share_of_length=answer.share,
        pairs=[{"pair": [p.first, p.second], "share": p.share, "cosine": p.cosine} for p in answer.pairs],
        chance=as_data(answer.chance),
    )  # fmt: skip
