"""Find the row of a word in a benchmark file, by embgeo's rules or by gensim's.

embgeo: the token for space + word, as written (in lower case if the tokenizer lower-cases). A word that is not a single
token is outside the vocabulary, even if a piece of other words is spelled so. Spellings of one word (case, leading
space) form a group.

gensim (`KeyedVectors.evaluate_word_analogies`, `evaluate_word_pairs`): the words are the vocabulary's own strings in
upper case. Strings with the same upper case form a group, and its lowest row is the word's row. (`doesnt_match` uses
the strings as written.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from embgeo.errors import UsageError, check_choice
from embgeo.formats.token_marks import ABSENT
from embgeo.models.model import Model
from embgeo.numerics.dtypes import Ids, Mask
from embgeo.numerics.names import REFERENCES

GENSIM_ROWS: Final = 300_000  # gensim's default for restrict_vocab


class WordRows(NamedTuple):
    """The words of a model, by embgeo's or gensim's rules.

    Attributes:
        row: word -> row, or -1 if the word is outside the vocabulary.
        group: [rows] rows with the same number are spellings of one word.
        allowed: [rows] whether a row may be an answer.
    """

    row: Callable[[str], int]
    group: Ids
    allowed: Mask


def word_rows(model: Model, reference: str, restrict: int | None = None, *, fold: bool = True) -> WordRows:
    """The words of a model.

    Args:
        reference: `embgeo` or `gensim`.
        restrict: use only the first so many rows; None: all, or 300,000 as in gensim.
        fold: fold gensim's words to upper case, which its `doesnt_match` does not.

    Raises:
        UsageError: an unknown reference, or fewer than one row.
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
            token = model.vocabulary.single_token(word)
            known[word] = -1 if token is None or not allowed[token] else token
        return known[word]

    return WordRows(row, table.fold.astype(np.intp), allowed & ((table.flags & ABSENT) == 0))


def _gensim(model: Model, allowed: Mask, fold: Callable[[str], str]) -> WordRows:
    pieces = model.vocabulary.table.pieces
    first: dict[str, int] = {}
    group = np.arange(len(pieces))
    for row in range(len(pieces)):
        group[row] = first.setdefault(fold(pieces[row].decode("utf-8", "replace")), row)

    def row_of(word: str) -> int:
        lowest = first.get(fold(word), -1)
        return lowest if lowest >= 0 and allowed[lowest] else -1

    return WordRows(row_of, group, allowed)
