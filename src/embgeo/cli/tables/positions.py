"""Positions as a table."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.columns import columns
from embgeo.cli.drawing import bar, facts, title
from embgeo.cli.lists import excluded, left_out, ranked, sheet, whole_words
from embgeo.cli.outline import Outline, Sheet
from embgeo.cli.tables import patch_grid
from embgeo.results.positions import PatchGrid, Positions, TokenAtPosition


def table(answer: Positions | TokenAtPosition | PatchGrid) -> RenderableType:
    """The position embedding, a token at a position, or the grid of an image's patches."""
    if isinstance(answer, PatchGrid):
        return patch_grid.table(answer)
    return _positioned(answer) if isinstance(answer, TokenAtPosition) else _positions(answer)


def outline(answer: Positions | TokenAtPosition | PatchGrid) -> Outline:
    """The same, to show next to other models'."""
    if isinstance(answer, PatchGrid):
        return patch_grid.outline(answer)
    if isinstance(answer, TokenAtPosition):
        said = [f"{name}: {value}" for name, value in _lengths(answer)]
        listed = sheet(answer.results, "cosine", [*said, *left_out(answer.excluded), *_shared_with_token(answer)])
        return Outline(f"{answer.query.text} at position {answer.position:,}", [answer.metric], [listed])
    rows = [
        (f"{one.distance:,}", [f"{value:z.4f}" for value in (one.cosine, one.lowest, one.highest)])
        for one in answer.apart
    ]
    columns = (("mean cosine", "right"), ("lowest", "right"), ("highest", "right"))
    said = [f"{name}: {value}" for name, value in _shape(answer)]
    return Outline("positions", [], [Sheet("apart", columns, rows, [*said, reading(answer)])])


def reading(answer: Positions) -> str:
    """How similarity falls with distance, in a sentence."""
    if len(answer.apart) < 2:
        return "Too few positions have a direction to compare distances."
    if answer.order == "decreasing":
        return "The farther apart, the less alike: the mean cosine falls at every doubling."
    means = [one.cosine for one in answer.apart]
    turn = next((at for at in range(1, len(means)) if means[at] >= means[at - 1]), 0)
    if turn > 1:
        near, far = answer.apart[turn - 1].distance, answer.apart[turn].distance
        return f"The mean cosine falls up to a distance of {near:,}; at {far:,} it is higher again."
    return "The mean cosine does not fall with the distance."


def _shape(answer: Positions) -> list[tuple[str, str]]:
    before = f"; row {answer.offset} is position 0" if answer.offset else ""
    low, high = answer.shortest, answer.longest
    return [
        ("positions", f"{answer.positions:,}, {answer.dimensions:,} numbers each{before}"),
        ("lengths", f"mean {answer.norm:z.4f}, shortest {low.norm:z.4f} at {low.position:,}, "
                    f"longest {high.norm:z.4f} at {high.position:,}"),
    ]  # fmt: skip


def _positions(answer: Positions) -> RenderableType:
    table = columns(("apart", "right"), ("mean cosine", "right"), ("lowest", "right"), ("highest", "right"),
                    ("pairs", "right"), ("", "bar"))  # fmt: skip
    for one in answer.apart:
        numbers = (f"{value:z.4f}" for value in (one.cosine, one.lowest, one.highest))
        table.add_row(Text(f"{one.distance:,}", "bold"), *numbers, f"{one.pairs:,}", bar(one.cosine, 1.0))
    parts: list[RenderableType] = [table, Text()] if answer.apart else []
    return Group(
        title(answer, "positions", answer.tensor), facts(_shape(answer)), Text(), *parts, Text(reading(answer))
    )


def _lengths(answer: TokenAtPosition) -> list[tuple[str, str]]:
    times = f" (times {answer.scale:z.4f})" if answer.scale != 1 else ""
    return [
        ("tensor", f"{answer.tensor}, row {answer.row:,}"),
        ("token", f"length {answer.token_norm:z.4f}{times}"),
        ("position", f"length {answer.position_norm:z.4f}, cosine with the token {answer.between:z.4f}"),
        ("sum", f"length {answer.norm:z.4f}, cosine with the token {answer.cosine:z.4f}"),
    ]


def _shared_with_token(answer: TokenAtPosition) -> list[str]:
    count = len(answer.results)
    return [f"{answer.kept} of these {count} are also among the {count} nearest to the token alone."] if count else []


def _positioned(answer: TokenAtPosition) -> RenderableType:
    head = title(answer, f"{answer.query.text} at position {answer.position:,}", answer.metric, *whole_words(answer))
    parts: list[RenderableType] = [
        head,
        facts(_lengths(answer)),
        Text(),
        ranked(answer.results, "cosine"),
        *excluded(answer.excluded),
    ]
    return Group(*parts, *(Text(f"\n{line}") for line in _shared_with_token(answer)))
