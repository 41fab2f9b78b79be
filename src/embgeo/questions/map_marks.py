"""What a map shows in addition to its tokens: a direction or groups as colors, and pairs as arrows."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

import numpy as np

from embgeo.errors import TermError
from embgeo.formats.lines import read_groups
from embgeo.formats.pairs import read_pairs
from embgeo.models.model import Model
from embgeo.numerics.dtypes import F64, Ids
from embgeo.numerics.kernels import pieces
from embgeo.questions.terms import read_term
from embgeo.results.map import MapColor, MapGroups, MapPair

PathLike = str | os.PathLike[str]
WordGroups = Mapping[str, Sequence[str]]


def pairs_of(pairs: PathLike | Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """Pairs as given, or read from a file; errors as in `read_pairs`."""
    return read_pairs(os.fspath(pairs)) if isinstance(pairs, str | os.PathLike) else pairs


def file_name(given: object) -> str:
    """The name of the file that was given; empty if something else was."""
    return os.fspath(given) if isinstance(given, str | os.PathLike) else ""


def groups_of(groups: PathLike | WordGroups | None) -> WordGroups:
    """Groups of words by name, as given or read from a file; errors as in `read_groups`."""
    return read_groups(os.fspath(groups)) if isinstance(groups, str | os.PathLike) else groups or {}


def color_of(model: Model, rows: Ids, text: str, multi: str) -> MapColor:
    """Every token's dot product with an expression."""
    point = read_term(model, text, multi=multi)
    point.check_direction()
    return MapColor(text, dot_products(model, rows, point.vector[None])[:, 0])


def dot_products(model: Model, rows: Ids, vectors: F64) -> F64:
    """Dot products [rows, vectors] in float64."""
    parts = (model.weights.take(rows[part]) @ vectors.T for part in pieces(len(rows), 8 * vectors.shape[1]))
    return np.concatenate(list(parts))  # [piece, dims] @ [dims, vectors]


def placed_pairs(
    model: Model, rows: Ids, pairs: Sequence[tuple[str, str]]
) -> tuple[tuple[MapPair, ...], tuple[str, ...]]:
    """The pairs whose words are tokens on the map, and a note on the others."""
    place = {row: at for at, row in enumerate(rows.tolist())}
    found, missing = [], []
    for a, b in pairs:
        at = [_place(model, place, word) for word in (a, b)]
        if min(at) < 0:
            missing.append(f"{a}:{b}")
        else:
            found.append(MapPair((a, b), (at[0], at[1])))
    if pairs and not found:
        hint = f"The first is {pairs[0][0]}:{pairs[0][1]}. Raise or omit --top, and name words of one token."
        raise TermError("no pair has two words that are tokens on the map", hint)
    note = f"not drawn, since a word is several tokens or not on the map: {', '.join(missing)}"
    return tuple(found), (note,) if missing else ()


def placed_groups(model: Model, rows: Ids, groups: WordGroups) -> tuple[MapGroups | None, tuple[str, ...]]:
    """The groups whose words are tokens on the map, and a note on the words that are not.

    Raises:
        TermError: no word is.
    """
    if not groups:
        return None, ()
    place = {row: at for at, row in enumerate(rows.tolist())}
    numbers, missing = np.zeros(len(rows), np.uint16), []
    for number, words in enumerate(groups.values(), 1):
        for word in words:
            at = _place(model, place, word)
            if at < 0:
                missing.append(word)
            else:
                numbers[at] = number
    if not numbers.any():
        raise TermError("no word of the groups is a token on the map", "embgeo tokens WORD shows how a word splits.")
    note = f"in no color, since a word is several tokens or not on the map: {', '.join(missing)}"
    return MapGroups(tuple(groups), numbers), (note,) if missing else ()


def _place(model: Model, place: dict[int, int], word: str) -> int:
    """Where a word is on the map, -1 if it is several tokens or not on it."""
    ids = model.vocabulary.resolve(word).ids
    return place.get(ids[0], -1) if len(ids) == 1 else -1
