"""How alike the positions of patches are, as maps of shades."""

from __future__ import annotations

from itertools import groupby

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.drawing import facts, shade, title
from embgeo.cli.outline import Outline, Sheet
from embgeo.results.positions import PatchGrid, PatchMap


def table(answer: PatchGrid) -> RenderableType:
    """Facts, then a map for some patches, which stand where the patches do."""
    low, high = _range(answer)
    parts: list[RenderableType] = [title(answer, "patches", answer.tensor), facts(_facts(answer))]
    for _, maps in groupby(answer.maps, key=lambda one: one.row):
        parts += [Text(), Text(_side_by_side(list(maps), low, high))]
    count = len(answer.maps)
    legend = (
        f"a map for each of {count} patches (+): its cosines with the others, {low:z.2f} (blank) to {high:z.2f} (█)"
    )
    return Group(*parts, Text(f"\n{legend}", "dim"))


def outline(answer: PatchGrid) -> Outline:
    """The facts, to show next to other models'."""
    return Outline("patches", [], [Sheet("grid", (), [], [f"{name}: {value}" for name, value in _facts(answer)])])


def _facts(answer: PatchGrid) -> list[tuple[str, str]]:
    kinds = {
        "next to each other": answer.adjacent, "in one row": answer.same_row, "in one column": answer.same_column,
        "in neither": answer.elsewhere,
    }  # fmt: skip
    means = [(name, f"mean cosine {cosine:z.3f}") for name, cosine in kinds.items() if cosine is not None]
    special = [
        (name, f"its own position before the patches, mean cosine with them {cosine:z.3f}")
        for name, cosine in zip(("class token", "second token"), answer.special, strict=False)
    ]
    size = f"{answer.rows} × {answer.columns}, {answer.dimensions:,} numbers each, mean length {answer.norm:z.3f}"
    return [("patches", size), *special, *means]


def _range(answer: PatchGrid) -> tuple[float, float]:
    """The lowest and highest cosine of two different patches."""
    found = [
        cosine for one in answer.maps for row, line in enumerate(one.cosines) for column, cosine in enumerate(line)
        if (row, column) != (one.row, one.column)
    ]  # fmt: skip
    return (min(found), max(found)) if found else (0.0, 1.0)


def _side_by_side(maps: list[PatchMap], low: float, high: float) -> str:
    """Maps next to each other, one character per patch."""
    lines = zip(*([_line(one, row, low, high) for row in range(len(one.cosines))] for one in maps), strict=True)
    return "\n".join("  ".join(line) for line in lines)


def _line(one: PatchMap, row: int, low: float, high: float) -> str:
    return "".join(
        "+" if (row, column) == (one.row, one.column) else shade((cosine - low) / (high - low) if high > low else 0.0)
        for column, cosine in enumerate(one.cosines[row])
    )
