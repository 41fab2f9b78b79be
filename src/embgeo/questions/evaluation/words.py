"""How a word of a benchmark file becomes a row, by embgeo's rules or by gensim's.

embgeo: the token for space + word, else for the bare word, as written (in lower case where the model's tokenizer writes
so); a word that is no token of its own is outside. Spellings of one word (case, leading space) form a group.

gensim (`KeyedVectors.evaluate_word_analogies`, `evaluate_word_pairs`): the vocabulary's own strings are the words; they
are put in upper case, and the lowest row of each upper-cased word is its row. These form a group. (`doesnt_match` takes
them as they are written.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from embgeo.errors import UsageError, check_choice
from embgeo.formats.token_table import ABSENT
from embgeo.models.model import Model
from embgeo.numerics.dtypes import Ids, Mask
from embgeo.numerics.names import REFERENCES

GENSIM_ROWS: Final = 300_000  # its own default for restrict_vocab


class WordRows(NamedTuple):
    """The words of a model, by one of the rules.

    Attributes:
        row: word -> row, -1 where it is outside.
        group: [rows] rows with the same number are spellings of one word.
        allowed: [rows] rows that may be answered.
    """

    row: Callable[[str], int]
    group: Ids
    allowed: Mask


def word_rows(model: Model, reference: str, restrict: int | None = None, *, fold: bool = True) -> WordRows:
    """The words of a model.

    Args:
        reference: `embgeo` or `gensim`.
        restrict: only the first so many rows count; without it all, or gensim's own 300,000.
        fold: put gensim's words in upper case; its `doesnt_match` doesn't.

    Raises:
        UsageError: no such rules, or fewer than one row.
    """
    check_choice("reference", reference, REFERENCES)
    if restrict is not None and restrict < 1:
        raise UsageError(f"can't restrict the vocabulary to {restrict} rows", "Give a whole number from 1.")
    gensim = reference == "gensim"
    norms = model.weights.norms
    allowed = np.isfinite(norms) & (norms > 0)
    allowed[restrict or (GENSIM_ROWS if gensim else len(allowed)) :] = False
    return _gensim(model, allowed, str.upper if fold else str) if gensim else _own(model, allowed)


def _own(model: Model, allowed: Mask) -> WordRows:
    table = model.vocabulary.table
    known: dict[str, int] = {}

    def row(word: str) -> int:
        if word not in known:
            found = model.vocabulary.whole(word)
            known[word] = -1 if found is None or not allowed[found] else found
        return known[word]

    return WordRows(row, table.fold.astype(np.intp), allowed & ((table.flags & ABSENT) == 0))


def _gensim(model: Model, allowed: Mask, fold: Callable[[str], str]) -> WordRows:
    pieces = model.vocabulary.table.pieces
    first: dict[str, int] = {}
    group = np.arange(len(pieces))
    for row in range(len(pieces)):
        group[row] = first.setdefault(fold(pieces[row].decode("utf-8", "replace")), row)

    def row_of(word: str) -> int:
        found = first.get(fold(word), -1)
        return found if found >= 0 and allowed[found] else -1

    return WordRows(row_of, group, allowed)
