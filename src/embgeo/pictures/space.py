"""A space as three small figures: lengths, spectrum, and cosines against those of random directions."""

from __future__ import annotations

import math
from collections.abc import Sequence

from embgeo.pictures.about import facts, model_named, percent
from embgeo.pictures.figure import QUARTERS, Area, Axis, Line, Panel, Picture, ticks
from embgeo.results.space import Anisotropy, Space

CURVE_POINTS = 60  # of a curve


def space(answer: Space) -> Picture:
    """The lengths, spectrum and cosines of the whole matrix, with what chance would give where that is known."""
    panels = [_lengths(answer), _spectrum(answer)]
    if answer.anisotropy is not None:
        panels.append(_cosines(answer.anisotropy, answer.dimensions))
    caption = _caption(answer)
    return Picture(
        f"{answer.rows.counted:,} rows of {answer.dimensions:,} dimensions", model_named(answer), tuple(panels),
        caption,
        f"Three figures of the matrix: lengths of rows, principal components, cosines. {' '.join(caption)}",
        facts(
            answer, participation_ratio=answer.spectrum.participation_ratio, median_length=answer.norms.median,
            mean_cosine=None if answer.anisotropy is None else answer.anisotropy.cosine,
        ), height=260.0,
    )  # fmt: skip


def _lengths(answer: Space) -> Panel:
    norms = answer.norms
    high = norms.max if norms.max > norms.min else norms.min + 1
    most = max(*norms.histogram, 1)
    room = (high - norms.min) * 0.04
    x = Axis(norms.min - room, high + room, "Euclidean length", ticks(norms.min, high, 5))
    heights = tuple(count / most for count in norms.histogram)
    middle = Line(((norms.median, 0.0), (norms.median, 1.04)), "c1", dotted=True, title=f"median {norms.median:.3f}")
    return Panel(x, Axis(0.0, 1.08), (Area(norms.min, high, heights), middle), title="Lengths of rows")


def _spectrum(answer: Space) -> Panel:
    shares = answer.spectrum.shares
    sums = [0.0]
    for share in shares:
        sums.append(sums[-1] + share)
    count = len(shares)
    even = Line(((0.0, 0.0), (float(count), 1.0)), "muted", dotted=True, title="equal variance in every direction")
    curve = Line(tuple((float(at), sums[at]) for at in _picked(count + 1)), "c0", title="share of the variance")
    marks = [even, curve]
    if at := answer.spectrum.components_90:
        marks.append(Line(((float(at), 0.0), (float(at), 0.9), (0.0, 0.9)), "c1", dotted=True, title=f"90%: {at}"))
    x = Axis(0.0, count * 1.02, "principal components", ticks(0.0, float(count), 5))
    return Panel(x, Axis(0.0, 1.04, "", QUARTERS), tuple(marks), title="Variance of the first components")


def _cosines(anisotropy: Anisotropy, dimensions: int) -> Panel:
    counts = anisotropy.random.histogram
    step = 2 / len(counts)
    places = [at for at, count in enumerate(counts) if count]
    wide = 5 / math.sqrt(dimensions)
    first = max(0, min(*places, int((1 - wide) / step)) - 1)
    last = min(len(counts) - 1, max(*places, int((1 + wide) / step)) + 1)
    low, high = -1 + first * step, -1 + (last + 1) * step
    chance = random_cosines(dimensions, low, high)
    total = anisotropy.random.samples
    expected = [(x, density * total * step) for x, density in chance]
    most = max(*counts, *(y for _, y in expected), 1.0)
    area = Area(low, high, tuple(count / most for count in counts[first : last + 1]))
    curve = Line(tuple((x, y / most) for x, y in expected), "c1", dotted=True, title="random directions")
    x = Axis(low, high, "cosine of random pairs", ticks(low, high, 5))
    return Panel(x, Axis(0.0, 1.08), (area, curve), title="Cosines against random directions")


def random_cosines(dimensions: int, low: float, high: float) -> list[tuple[float, float]]:
    """The density of the cosine of two random directions: proportional to (1 - x^2)^((dims - 3) / 2)."""
    if dimensions < 2:
        return []
    constant = math.lgamma(dimensions / 2) - math.lgamma((dimensions - 1) / 2) - math.log(math.pi) / 2
    xs = [low + (high - low) * at / CURVE_POINTS for at in range(CURVE_POINTS + 1)]
    return [
        (x, math.exp(constant + (dimensions - 3) / 2 * math.log(1 - x * x))) for x in xs if 1 - x * x > 1e-12
    ]  # fmt: skip


def _picked(count: int) -> Sequence[int]:
    """About a hundred evenly spaced points, with the first and the last."""
    step = max(1, count // 100)
    return sorted({*range(0, count, step), count - 1})


def _caption(answer: Space) -> tuple[str, ...]:
    norms, ratio = answer.norms, answer.spectrum.participation_ratio
    said = [
        f"Lengths from {norms.min:.3g} to {norms.max:.3g}, median {norms.median:.3g} (dotted). "
        f"{answer.spectrum.components_90} of {answer.dimensions:,} components hold 90% of the variance"
        + (f"; effective number {ratio:.0f}" if ratio else "")
        + f"; the first holds {percent(answer.spectrum.shares[0])}. Gray dots: equal variance in every direction."
    ]
    if anisotropy := answer.anisotropy:
        random = anisotropy.random
        said.append(
            f"Mean cosine of all pairs {anisotropy.cosine:z.3f}. Gray: {random.samples:,} random pairs (mean "
            f"{random.mean:z.3f}, deviation {random.deviation:.3f}); dotted: random directions in "
            f"{answer.dimensions:,} dimensions (mean 0, deviation {1 / math.sqrt(answer.dimensions):.3f})."
        )
    return tuple(said)
