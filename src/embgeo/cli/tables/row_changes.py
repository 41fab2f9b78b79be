"""Which rows differ between two spaces, as a table."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.columns import columns
from embgeo.cli.drawing import COLUMN_GAP, facts, model_title
from embgeo.cli.text import token_text
from embgeo.results.row_changes import ChangedRow, CommonMove, MovedAlong, RowChanges


def changes_table(answer: RowChanges) -> RenderableType:
    """How many rows changed and how far, then the common directions and the rows that moved farthest."""
    parts: list[RenderableType] = [
        Text.assemble((answer.heading, "bold"), (f"   {answer.words:,} shared words\n", "dim")), facts(_figures(answer))
    ]  # fmt: skip
    for number, move in enumerate(answer.moves, 1):
        parts += [Text(), _move(number, move)]
    if answer.rows:
        parts += [Text(), _rows(answer.rows)]
    return Group(*parts)


def _figures(answer: RowChanges) -> list[tuple[str, str]]:
    lines = [
        ("before", f"{model_title(answer)}, {answer.dtype}"),
        ("after", f"{model_title(answer.other)}, {answer.other.dtype}"),
        ("changed", f"{answer.changed:,} of {answer.words:,} rows"),
    ]
    if answer.median is not None and answer.relative is not None:
        relative = f"{100 * answer.relative:.2f}% of the row's length"
        lines.append(("distance", f"median {answer.median:.4g} ({relative}), farthest {answer.farthest:.4g}"))
    if answer.shift is not None and answer.effective is not None:
        lines += [
            ("one shift for all", f"{100 * answer.shift:.2f}% of the squared distances"),
            ("directions", f"{answer.effective:.1f} effective of {answer.dimensions:,} dimensions; "
                           f"90% takes {answer.components_90:,}"),
        ]  # fmt: skip
    return lines


def _move(number: int, move: CommonMove) -> RenderableType:
    head = Text(f"direction {number}: {100 * move.share:.1f}% of the squared distances", "bold")
    ends = (("farthest along", move.ahead), ("against", move.against))
    return Group(
        head, facts([(name, _ends(words)) for name, words in ends if words], len("farthest along") + COLUMN_GAP)
    )


def _ends(words: tuple[MovedAlong, ...]) -> str:
    return ", ".join(f"{token_text(word.text.removeprefix(' '))} {word.along:z.3g}" for word in words)


def _rows(rows: tuple[ChangedRow, ...]) -> RenderableType:
    found = columns(
        ("moved farthest", "left"), ("distance", "right"), ("of its length", "right"), ("cosine", "right"),
        ("id", "right"),
    )  # fmt: skip
    for row in rows:
        found.add_row(
            Text(token_text(row.text), "bold"), f"{row.distance:.4g}", f"{100 * row.relative:.2f}%",
            f"{row.cosine:z.4f}", str(row.ids[0]),
        )  # fmt: skip
    return found
