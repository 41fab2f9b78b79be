"""A map: every token's place in a plane, its exact neighbors, and how well the picture keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from embgeo.errors import Report, UsageError, silent
from embgeo.models.model import Model
from embgeo.numerics.dtypes import Ids
from embgeo.numerics.names import parse_control
from embgeo.numerics.plane_neighbors import kept_counts, plane_neighbors
from embgeo.questions import map_marks as marks
from embgeo.questions.map_layout import LISTED_NEIGHBORS, axes_of, layout_places, lists_of
from embgeo.questions.map_live import live_rows, softmax_of
from embgeo.questions.map_tokens import token_kinds
from embgeo.questions.rows import about, listable
from embgeo.results.local_paths import command_line
from embgeo.results.map import MapContent, Reading

MIN_TOKENS: Final = 3


class MapOptions(NamedTuple):
    """What a map shows; see `EmbeddingSpace.map`."""

    layout: str
    words: bool
    top: int | None
    color: str | None
    pairs: marks.PathLike | Sequence[tuple[str, str]]
    groups: marks.PathLike | marks.WordGroups | None
    live: str | None
    multi: str


def map_content(model: Model, options: MapOptions, report: Report = silent) -> MapContent:
    """All that the page shows; errors as in `EmbeddingSpace.map`."""
    given_pairs, given_groups = marks.pairs_of(options.pairs), marks.groups_of(options.groups)
    rows, without = _rows(model, options)
    matrix = None if options.live is None else live_rows(model, rows, options.live, report)
    shares = None if options.live is None else softmax_of(model, rows, options.live, report)
    color = None if options.color is None else marks.color_of(model, rows, options.color, options.multi)
    pairs, unplaced = marks.placed_pairs(model, rows, given_pairs)
    groups, uncolored = marks.placed_groups(model, rows, given_groups)
    axes = axes_of(model, options.layout, options.multi)
    lists = lists_of(model, rows, report)
    where = layout_places(model, rows, lists, axes, options.layout, report)
    near = min(LISTED_NEIGHBORS, len(rows) - 1)
    table, table_fold = model.vocabulary.table, model.vocabulary.table.fold[rows].astype(np.intp)
    _, first, spelling = np.unique(table_fold, return_index=True, return_inverse=True)
    scheme = table.scheme
    return MapContent(
        about={**about(model, "map", (*without, *unplaced, *uncolored))},
        request=command_line(_request(model, options)), naming=command_line(_naming(model)), layout=options.layout,
        reading=Reading(scheme.mark, scheme.lowercase, scheme.strips_accents, model.vocabulary.folds),
        texts=tuple(table.texts[row].decode("utf-8", "replace") for row in rows.tolist()), ids=rows,
        fold=first[spelling.ravel()], kinds=token_kinds(table, rows), norms=model.weights.norms[rows], places=where,
        listed=lists.listed, cosines=lists.cosines,
        kept=kept_counts(lists.graph[:, :near], plane_neighbors(where, near)),
        near=near, color=color, pairs=pairs, rows=matrix, groups=groups, softmax=shares,
    )  # fmt: skip


def _rows(model: Model, options: MapOptions) -> tuple[Ids, tuple[str, ...]]:
    """The rows on the map, and a note on those with a token that have no direction."""
    norms = model.searchable().norms
    mask = listable(model, [], words=options.words)
    directed = mask & np.isfinite(norms) & (norms > 0)
    rows = np.flatnonzero(directed)
    if options.top is not None:
        rows = rows[: max(0, options.top)]
    if len(rows) < MIN_TOKENS:
        few = f"a map needs at least {MIN_TOKENS} tokens, and there are {len(rows)}"
        raise UsageError(few, _remedy(options, int(mask.sum() - directed.sum())))

    zero = int((mask & (norms == 0)).sum())
    left = f"not on the map, since a length of zero gives no direction: {zero:,} token{'s' if zero > 1 else ''}"
    return rows, (left,) if zero else ()


def _remedy(options: MapOptions, without: int) -> str:
    """What to do about a map of too few tokens; `without` more have no direction."""
    if options.words or options.top is not None:
        return "Omit --words and --top."
    if without:
        return f"{without:,} more have no direction: their numbers are all zero, or NaN or infinite."
    return "Use a model with more tokens."


def _naming(model: Model) -> list[str]:
    """The options that name the model, its matrix and its transformation."""
    manifest = model.manifest
    commit = f"@{manifest.revision}" if manifest.source in ("hub", "cache") else ""
    transform = [f"--{manifest.row_transform}"] if manifest.row_transform else []
    if found := parse_control(manifest.transform):
        transform += ["--control", found[0], "--seed", str(found[1])]
    case = ["--case", model.vocabulary.case] if model.vocabulary.case else []
    return ["-m", manifest.model + commit, *model.options, *transform, *case]


def _request(model: Model, options: MapOptions) -> list[str]:
    """The command that makes this map again."""
    given = ["embgeo", "map", *_naming(model)]
    asked = {
        "layout": options.layout, "color": options.color, "pairs": marks.file_name(options.pairs),
        "groups": marks.file_name(options.groups), "live": options.live, "top": options.top, "multi": options.multi,
    }  # fmt: skip
    usual = {"layout": "tsne", "multi": "mean"}
    for name, value in asked.items():
        if value not in (None, "", usual.get(name)):
            given += [f"--{name}", str(value)]
    return [*given, "--words"] if options.words else given
