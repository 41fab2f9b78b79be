"""Two spaces compared, as a table."""

from __future__ import annotations

from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.columns import columns
from embgeo.cli.drawing import facts, in_columns, model_title
from embgeo.cli.tables.row_changes import changes_table
from embgeo.cli.text import token_text, visible
from embgeo.results.compare import (
    Alignment,
    ComparedSpace,
    Comparison,
    MovedWord,
    NearWord,
    OverlapBand,
    WordLists,
    WordOverlap,
)
from embgeo.results.row_changes import RowChanges

MAX_NAMED: Final = 4  # words of two lists that are named


def table(answer: Comparison | RowChanges) -> RenderableType:
    """The figures of the whole, then the bands, the rotation, and the words that stand out or were named."""
    if isinstance(answer, RowChanges):
        return changes_table(answer)
    first, second = (visible(_short(one)) for one in answer.spaces)
    details = f"{answer.shared.words:,} shared words"
    parts: list[RenderableType] = [
        Text.assemble((f"{first} and {second}", "bold"), (f"   {details}\n", "dim")), facts(_figures(answer)), Text(),
        *([in_columns([_bands(answer), *_aligned(answer.alignment)])]),
    ]  # fmt: skip
    if answer.asked:
        return Group(*parts, *(part for one in answer.asked for part in _lists(one)))
    if answer.most:
        parts += [Text(), _words("most in common", answer.most), Text(), _words("least in common", answer.least)]
    if answer.alignment and answer.alignment.moved:
        parts += [Text(), _moved(answer.alignment.moved)]
    return Group(*parts)


def _short(space: ComparedSpace) -> str:
    """A space in a few words: what tells it from another of the same model."""
    return " ".join([space.model, *filter(None, [space.transform]), *([space.side] if space.side != "input" else [])])


def _figures(answer: Comparison) -> list[tuple[str, str]]:
    first, second = answer.spaces
    of = "" if answer.queries == answer.shared.words else f", from {answer.queries:,} random words"
    lines = [
        *(
            (name, f"{model_title(one)}, {one.rows:,} × {one.dimensions:,} {one.dtype}")
            for name, one in (("A", first), ("B", second))
        ),
        ("overlap", f"{answer.overlap:z.4f} of the {answer.k} nearest{of} (by chance {answer.overlap_chance:.4f})"),
    ]
    if answer.cka is not None and answer.cka_chance is not None:
        lines.append(("linear CKA", f"{answer.cka:z.4f} (by chance {answer.cka_chance:.4f})"))
    means = f"mean cosines {first.mean_cosine:z.4f} and {second.mean_cosine:z.4f}"
    if answer.cosines is None:
        lines.append(("cosines", f"they don't vary; {means}"))
    else:
        lines.append(("cosines", f"correlation {answer.cosines:z.4f} over all {answer.pairs:,} pairs; {means}"))
    if found := answer.alignment:
        held = f"fitted on {found.fitted:,} words, judged on {found.held_out:,} others (seed {found.seed})"
        lines.append(("rotation", held if found.determined else f"{held}; fewer words than dimensions"))
        cosine = (
            f"mean cosine with the own row {found.mean_cosine:z.4f} (of the fitted words {found.fitted_cosine:z.4f})"
        )
        lines.append(("", cosine))
        if found.saved:
            lines.append(("saved", f"use it with --through {visible(found.saved)}"))
    return lines


def _bands(answer: Comparison) -> RenderableType:
    by_count = any(band.by == "count" for band in answer.bands)
    kinds = [_banded(f"{kind}s", [band for band in answer.bands if band.by == kind]) for kind in ("id", "count")]
    return Group(kinds[0], Text(), kinds[1]) if by_count else kinds[0]


def _banded(name: str, bands: list[OverlapBand]) -> RenderableType:
    found = columns((name, "left"), ("words", "right"), ("overlap", "right"))
    for band in bands:
        found.add_row(f"{band.first:,} to {band.last:,}", f"{band.words:,}", f"{band.overlap:z.4f}")
    return found


def _aligned(found: Alignment | None) -> list[RenderableType]:
    if found is None:
        return []
    table = columns(("rotated, found", "left"), ("nearest", "right"), ("in the 10", "right"))
    for name, one in (("by cosine", found.cosine), ("by CSLS", found.csls), ("by chance", found.chance)):
        table.add_row(name, f"{100 * one.at_1:z.2f}%", f"{100 * one.at_10:z.2f}%")
    return [table]


def _words(name: str, words: tuple[WordOverlap, ...]) -> RenderableType:
    found = columns((name, "left"), ("overlap", "right"), ("in both lists", "left"))
    for word in words:
        common = ", ".join(token_text(text.removeprefix(" ")) for text in word.common[:MAX_NAMED])
        common += f" +{len(word.common) - MAX_NAMED}" if len(word.common) > MAX_NAMED else ""
        found.add_row(Text(token_text(word.text), "bold"), f"{word.overlap:z.2f}", common)
    return found


def _moved(words: tuple[MovedWord, ...]) -> RenderableType:
    found = columns(("moved most", "left"), ("cosine after the rotation", "right"), ("", "left"))
    for word in words:
        found.add_row(
            Text(token_text(word.text), "bold"), f"{word.cosine:z.4f}", "held out" if word.held_out else "fitted"
        )  # fmt: skip
    return found


def _lists(word: WordLists) -> list[RenderableType]:
    aligned = "" if word.aligned is None else f" · cosine after the rotation {word.aligned:z.4f}"
    head = Text.assemble((f"\n{token_text(word.text)}", "bold"), (f"   overlap {word.overlap:z.2f}{aligned}", "dim"))
    return [head, in_columns([_list("in A", word.first), _list("in B", word.second)])]


def _list(name: str, words: tuple[NearWord, ...]) -> RenderableType:
    found = columns((name, "left"), ("cosine", "right"), ("", "left"))
    for word in words:
        found.add_row(
            Text(token_text(word.text), "bold" if word.in_both else ""), f"{word.cosine:z.4f}",
            "in both" if word.in_both else "",
        )  # fmt: skip
    return found
