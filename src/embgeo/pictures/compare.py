"""Two spaces compared: overlap by band, how many words have how much in common, and what moved."""

from __future__ import annotations

import math
from typing import Final

from embgeo.pictures.about import facts, model_named, percent
from embgeo.pictures.figure import QUARTERS, Area, Axis, Dot, Line, Panel, Picture, ticks
from embgeo.pictures.text import label
from embgeo.results.compare import Alignment, ComparedSpace, Comparison

MAX_NAMED: Final = 5  # words that the last panel names


def compare(answer: Comparison) -> Picture:
    """Overlap, words in common and what moved, each with what chance would give."""
    panels = [_bands(answer), _shares(answer), *([_moved(answer, answer.alignment)] if answer.alignment else [])]
    first, second = (_named(one) for one in answer.spaces)
    caption = _caption(answer)
    return Picture(
        f"{first} and {second}", f"{answer.shared.words:,} shared words · the {answer.k} nearest of each by cosine",
        tuple(panels), caption, f"Two spaces compared in three figures. {' '.join(caption)}",
        facts(
            answer, other=answer.spaces[1].model, overlap=answer.overlap, cka=answer.cka, cosines=answer.cosines,
            bands=[[band.by, band.first, band.last, band.words, band.overlap] for band in answer.bands],
        ), height=260.0,
    )  # fmt: skip


def _named(space: ComparedSpace) -> str:
    return model_named(space) if space.side == "input" else f"{model_named(space)} · {space.side}"


def _bands(answer: Comparison) -> Panel:
    """A step for each band of ids, as wide as its ids."""
    bands = [band for band in answer.bands if band.by == "id"]
    marks = [
        Line(
            ((float(band.first), band.overlap), (float(band.last), band.overlap)), "c0",
            title=f"ids {band.first:,} to {band.last:,}: {percent(band.overlap)} of {band.words:,} words' lists",
        )
        for band in bands
    ]  # fmt: skip
    low, high = float(bands[0].first), float(max(band.last for band in bands))
    high = high if high > low else low + 1
    chance = Line(((low, answer.overlap_chance), (high, answer.overlap_chance)), "c1", dotted=True, title="by chance")
    x = Axis(low, high, "id in the first space", ticks(low, high, 4))
    return Panel(x, Axis(0.0, 1.04, "", QUARTERS), (chance, *marks), title="Overlap by id")


def _shares(answer: Comparison) -> Panel:
    """How many words have 0, 1, ..., k words in common."""
    most = max(*answer.shares, 1)
    area = Area(-0.5, answer.k + 0.5, tuple(count / most for count in answer.shares))
    mean = answer.overlap * answer.k
    line = Line(((mean, 0.0), (mean, 1.04)), "c1", dotted=True, title=f"mean {mean:.1f} of {answer.k}")
    names = tuple((float(at), str(at)) for at in range(0, answer.k + 1, max(1, -(-answer.k // 5))))
    x = Axis(-0.7, answer.k + 0.7, f"words in common of {answer.k}", names)
    return Panel(x, Axis(0.0, 1.08), (area, line), title="Words by overlap")


def _moved(answer: Comparison, found: Alignment) -> Panel:
    """The cosines of rotated words with their own rows, and the words that moved most or were named."""
    counts = found.histogram
    step = 2 / len(counts)
    named = [(one.text, one.aligned) for one in answer.asked if one.aligned is not None]
    named += [(word.text, word.cosine) for word in found.moved[: MAX_NAMED - len(named)]]
    filled = [at for at, count in enumerate(counts) if count]
    first = min(filled[0], *(math.floor((cosine + 1) / step) for _, cosine in named), len(counts) - 1)
    low = max(-1.0, -1 + first * step - 2 * step)
    shown = counts[max(0, first - 2) :]
    most = max(*shown, 1)
    area = Area(low, 1.0, tuple(count / most for count in shown))
    dots = [
        Dot(cosine, 0.3 + 0.6 * at / MAX_NAMED, text.strip(), 1, "c1", f"{label(text)}: cosine {cosine:z.3f}")
        for at, (text, cosine) in enumerate(named)
    ]
    mean = Line(((found.mean_cosine, 0.0), (found.mean_cosine, 1.04)), "c1", dotted=True,
                title=f"mean of the words held out {found.mean_cosine:z.3f}")  # fmt: skip
    x = Axis(low, 1.0, "cosine after the rotation", ticks(low, 1.0, 5))
    return Panel(x, Axis(0.0, 1.08), (area, mean, *dots), title="What moved")


def _caption(answer: Comparison) -> tuple[str, ...]:
    of = "" if answer.queries == answer.shared.words else f" (from {answer.queries:,} random words)"
    said = [
        f"The {answer.k} nearest have {percent(answer.overlap)} in common on average{of}; by chance "
        f"{100 * answer.overlap_chance:.2g}%, the dotted line on the left; the other two are means."
    ]
    if answer.cka is not None and answer.cka_chance is not None:
        cosines = "" if answer.cosines is None else f"; correlation of all cosines {answer.cosines:z.3f}"
        said[0] += f" Linear CKA {answer.cka:.3f}, by chance {answer.cka_chance:.3f}{cosines}."
    if found := answer.alignment:
        others = f"{found.held_out:,} others (mean cosine {found.mean_cosine:z.2f})"
        own = f"{percent(found.cosine.at_1)} of {others} are nearest to their own row"
        said.append(
            f"After a rotation fitted on {found.fitted:,} words, {own}, {percent(found.csls.at_1)} by CSLS; by chance "
            f"{100 * found.chance.at_1:.2g}%. Dots: words that moved most, or were named; their height means nothing."
        )
    return tuple(said)
