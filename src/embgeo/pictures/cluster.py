"""Words in clusters: the tree of merges next to the heat map of their cosines."""

from __future__ import annotations

from embgeo.errors import first_of
from embgeo.pictures import colors
from embgeo.pictures.about import facts, model_named
from embgeo.pictures.figure import XY, Axis, Line, Panel, Picture, ticks
from embgeo.pictures.similarity import MAX_ROWS, heat_map, height, left_out, strongest, titled
from embgeo.pictures.text import label
from embgeo.results.cluster import Clustering

MAX_LISTED = 40  # groups, and of each as many members together, that the caption names


def cluster(answer: Clustering) -> Picture:
    """The tree at the left, whose leaves are the rows at the right; each group has a color."""
    order = leaves(answer)
    names = list(answer.order)
    shown = order[:MAX_ROWS]
    heat = heat_map(names, answer.cosines, shown, "cosine")
    far = max(merge.distance for merge in answer.merges)
    across = Axis(far * 1.05 or 1.0, -0.02 * far, "cosine distance", ticks(0.0, far, 4))
    tree = Panel(across, Axis(heat.y.low, heat.y.high), branches(answer, shown), share=0.4, bare=True)
    caption = (*_caption(answer, strongest(answer.cosines, shown)), *left_out(len(names)))
    count = len(answer.groups)
    return Picture(
        f"{titled([names[place] for place in order])} in {count} group{'s' if count > 1 else ''}",
        f"{model_named(answer)} · average linkage of cosine distance", (tree, heat), caption,
        f"A tree of merges beside a heat map of cosines. {' '.join(caption)}",
        facts(
            answer, linkage=answer.linkage, order=[names[place] for place in order],
            merges=[[merge.first, merge.second, merge.distance] for merge in answer.merges],
        ), height(len(shown)),
    )  # fmt: skip


def leaves(answer: Clustering) -> list[int]:
    """The words' numbers in the order of the tree, so that no two branches cross."""
    count = len(answer.order)
    parts: list[list[int]] = [[place] for place in range(count)]
    for merge in answer.merges:
        parts.append(parts[merge.first] + parts[merge.second])
    return parts[-1]


def branches(answer: Clustering, shown: list[int]) -> tuple[Line, ...]:
    """A bracket for each merge of words that are shown, in the color of the group that it lies within.

    A part whose words are all left out has no branch; one that is shown in part stands at what is shown of it.
    """
    row = {place: float(at) for at, place in enumerate(shown)}
    number = {one.term: at for at, group in enumerate(answer.groups) for one in group.members}
    ends: list[XY | None] = [(0.0, row[place]) if place in row else None for place in range(len(answer.order))]
    inside = [{number[term]} for term in answer.order]
    found = []
    for merge in answer.merges:
        one, other = ends[merge.first], ends[merge.second]
        groups = inside[merge.first] | inside[merge.second]
        inside.append(groups)
        if one is None or other is None:
            ends.append(one or other)
            continue
        color = colors.group(min(groups)) if len(groups) == 1 else "muted"
        points = (one, (merge.distance, one[1]), (merge.distance, other[1]), other)
        found.append(Line(points, color, title=f"merged at a distance of {merge.distance:.3f}"))
        ends.append((merge.distance, (one[1] + other[1]) / 2))
    return tuple(found)


def _caption(answer: Clustering, most: float) -> tuple[str, ...]:
    groups = answer.groups[:MAX_LISTED]
    most_members = max(3, MAX_LISTED // len(groups))
    said = " · ".join(
        f"{label(group.text)}: {first_of([label(one.term) for one in group.members], most_members)}" for group in groups
    )
    said += f" · and {len(answer.groups) - MAX_LISTED:,} more" if len(answer.groups) > MAX_LISTED else ""
    cut = "as many as requested" if answer.asked else "cut at the widest gap between merges"
    return (
        f"Groups, each named after the token nearest its mean ({cut}): {said}.",
        f"Cells: cosine, blue above zero and orange below, full at {most:.2f}. Unrelated words "
        "have a tree too: long stems between merges are what sets groups apart.",
    )
