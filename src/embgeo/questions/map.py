"""A map: every token's place in a plane, its exact neighbors, and how well the picture keeps them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from embgeo.errors import Report, TermError, UsageError, silent
from embgeo.formats.pairs import read_pairs
from embgeo.models.model import Model
from embgeo.models.stored_arrays import stored_arrays
from embgeo.numerics.dtypes import F64, Ids
from embgeo.numerics.kernels import pieces
from embgeo.numerics.neighbor_lists import NeighborLists, neighbor_lists
from embgeo.numerics.plane_neighbors import kept, plane_neighbors
from embgeo.numerics.plane_start import principal_plane
from embgeo.numerics.tsne import VERSION, tsne
from embgeo.questions.map_live import held_rows, softmax_of
from embgeo.questions.map_tokens import kinds
from embgeo.questions.rows import about, listable
from embgeo.questions.terms import read_term
from embgeo.results.map import MapColor, MapContent, MapPair, Reading
from embgeo.results.sharing import command_line

LAYOUTS: Final = ("tsne", "pca")
GRAPH: Final = 15  # neighbors that the layout draws together
SHOWN: Final = 10  # neighbors that are listed and counted
SIDE: Final = 65535  # of the picture, in whole numbers
FEWEST: Final = 3


class MapOptions(NamedTuple):
    """What a map shows; see `EmbeddingSpace.map`."""

    layout: str = "tsne"
    words: bool = False
    top: int | None = None
    color: str | None = None
    pairs: Sequence[tuple[str, str]] = ()
    live: str | None = None
    multi: str = "mean"
    pairs_file: str = ""


def content(model: Model, options: MapOptions, report: Report = silent) -> MapContent:
    """All that the page shows.

    Raises:
        UsageError: an unknown layout or dtype, or fewer than three tokens.
        TermError: the model has no vector for a term of the layout, the color or a pair.
    """
    rows, without = _rows(model, options)
    matrix = None if options.live is None else held_rows(model, rows, options.live, report)
    shares = None if options.live is None else softmax_of(model, rows, options.live, report)
    color = None if options.color is None else _color(model, rows, options.color, options.multi)
    pairs, unplaced = _pairs(model, rows, options.pairs)
    axes = _axes(model, options.layout, options.multi)
    lists = _lists(model, rows, report)
    places = _whole(_places(model, rows, lists, axes, options.layout, report))
    near = min(SHOWN, len(rows) - 1)
    table, table_fold = model.vocabulary.table, model.vocabulary.table.fold[rows].astype(np.intp)
    _, first, spelling = np.unique(table_fold, return_index=True, return_inverse=True)
    scheme = table.scheme
    return MapContent(
        about={**about(model, "map", (*without, *unplaced))}, request=command_line(_request(model, options)),
        naming=command_line(_naming(model)), layout=options.layout,
        reading=Reading(scheme.mark, scheme.lowercase, scheme.strips_accents, model.vocabulary.folds),
        texts=tuple(table.texts[row].decode("utf-8", "replace") for row in rows.tolist()), ids=rows,
        fold=first[spelling.ravel()], kinds=kinds(table, rows), norms=model.weights.norms[rows], places=places,
        listed=lists.listed, cosines=lists.cosines, kept=kept(lists.graph[:, :near], plane_neighbors(places, near)),
        near=near, color=color, pairs=pairs, rows=matrix,
        softmax=shares,
    )  # fmt: skip


def pairs_of(pairs: str | os.PathLike[str] | Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """Pairs, read if it is a file that they stand in; errors as in `read_pairs`."""
    return read_pairs(os.fspath(pairs)) if isinstance(pairs, str | os.PathLike) else pairs


def _rows(model: Model, options: MapOptions) -> tuple[Ids, tuple[str, ...]]:
    """The rows on the map, and a note on those with a token that have no direction."""
    norms = model.searchable().norms
    mask = listable(model, [], words=options.words)
    directed = mask & np.isfinite(norms) & (norms > 0)
    rows = np.flatnonzero(directed)
    if options.top is not None:
        rows = rows[: max(0, options.top)]
    if len(rows) < FEWEST:
        few = f"a map needs {FEWEST} tokens at least, and there are {len(rows)}"
        raise UsageError(few, "Leave out --words and --top.")

    zero = int((mask & (norms == 0)).sum())
    left = f"not on the map, since a length of zero gives no direction: {zero:,} token{'s' if zero > 1 else ''}"
    return rows, (left,) if zero else ()


def _lists(model: Model, rows: Ids, report: Report) -> NeighborLists:
    """The nearest tokens of each, as places on the map."""
    fold = model.vocabulary.table.fold.astype(np.intp)

    def compute() -> dict[str, NDArray[np.generic]]:
        found = neighbor_lists(model.weights, rows, fold, GRAPH, SHOWN, report)
        place = np.full(len(fold) + 1, -1, np.int32)  # the last stays -1, for rows that are missing
        place[rows] = np.arange(len(rows))
        return {"graph": place[found.graph], "listed": place[found.listed], "cosines": found.cosines}

    arrays = stored_arrays(model, "map", [b"lists 1", rows.tobytes(), fold.tobytes()], compute)
    return NeighborLists(arrays["graph"].astype(np.intp), arrays["listed"].astype(np.intp), arrays["cosines"])


def _places(model: Model, rows: Ids, lists: NeighborLists, axes: tuple[F64, ...], layout: str, report: Report) -> F64:
    """Places [rows, 2] in any unit."""
    if layout == "pca":
        return principal_plane(model.weights, rows)
    if axes:
        units = np.array([axis / np.linalg.norm(axis) for axis in axes])  # [2, dims]
        return _dots(model, rows, units) / model.weights.norms[rows][:, None]

    def compute() -> dict[str, NDArray[np.generic]]:
        return {"places": tsne(lists.graph, principal_plane(model.weights, rows), report)}

    version = f"tsne {VERSION}".encode()
    arrays = stored_arrays(model, "map", [version, rows.tobytes(), lists.graph.tobytes()], compute)
    return np.asarray(arrays["places"], np.float64)


def _whole(places: F64) -> Ids:
    """Places as whole numbers from 0 to `SIDE` [rows, 2], both axes in the same unit, in the middle."""
    low, high = places.min(axis=0), places.max(axis=0)
    span = float((high - low).max()) or 1.0
    whole: Ids = np.rint((places - (low + high) / 2) / span * SIDE + SIDE / 2).astype(np.intp)
    return np.clip(whole, 0, SIDE)


def _axes(model: Model, layout: str, multi: str) -> tuple[F64, ...]:
    """The vectors of a layout by two directions; none for those that have a name."""
    if layout in LAYOUTS:
        return ()
    texts = [part.strip() for part in layout.split(",")]
    if len(texts) != len(LAYOUTS) or not all(texts):
        raise UsageError(
            f"unknown layout '{layout}'; expected tsne, pca or two directions",
            "As in: --layout 'woman - man,cats - cat'",
        )
    points = [read_term(model, text, multi=multi) for text in texts]
    for point in points:
        point.check_direction()
    return tuple(point.vector for point in points)


def _color(model: Model, rows: Ids, text: str, multi: str) -> MapColor:
    point = read_term(model, text, multi=multi)
    point.check_direction()
    return MapColor(text, _dots(model, rows, point.vector[None])[:, 0])


def _dots(model: Model, rows: Ids, vectors: F64) -> F64:
    """Dot products [rows, vectors] in float64."""
    parts = (model.weights.take(rows[part]) @ vectors.T for part in pieces(len(rows), 8 * vectors.shape[1]))
    return np.concatenate(list(parts))  # [piece, dims] @ [dims, vectors]


def _pairs(model: Model, rows: Ids, pairs: Sequence[tuple[str, str]]) -> tuple[tuple[MapPair, ...], tuple[str, ...]]:
    """The pairs whose words are tokens on the map, and a note on the others."""
    place = {row: at for at, row in enumerate(rows.tolist())}
    found, missing = [], []
    for a, b in pairs:
        tokens = [model.vocabulary.resolve(word).ids for word in (a, b)]
        at = [place.get(ids[0], -1) if len(ids) == 1 else -1 for ids in tokens]
        if min(at) < 0:
            missing.append(f"{a}:{b}")
        else:
            found.append(MapPair((a, b), (at[0], at[1])))
    if pairs and not found:
        raise TermError("no pair has two words that are tokens on the map", f"As in: {pairs[0][0]}:{pairs[0][1]}")
    note = f"not drawn, since a word is several tokens or not on the map: {', '.join(missing)}"
    return tuple(found), (note,) if missing else ()


def _naming(model: Model) -> list[str]:
    """The options that name the model, its matrix and its transformation."""
    manifest = model.manifest
    commit = f"@{manifest.revision}" if manifest.source in ("hub", "cache") else ""
    transform = [f"--{manifest.transform}"] if manifest.transform else []
    case = ["--case", model.vocabulary.case] if model.vocabulary.case else []
    return ["-m", manifest.model + commit, *model.options, *transform, *case]


def _request(model: Model, options: MapOptions) -> list[str]:
    """The command that makes this map again."""
    given = ["embgeo", "map", *_naming(model)]
    asked = {"layout": options.layout, "color": options.color, "pairs": options.pairs_file or None,
             "live": options.live, "top": options.top, "multi": options.multi}  # fmt: skip
    usual = {"layout": "tsne", "multi": "mean"}
    for name, value in asked.items():
        if value is not None and value != usual.get(name):
            given += [f"--{name}", str(value)]
    return [*given, "--words"] if options.words else given
