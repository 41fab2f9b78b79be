"""The words that two models share: tokens with the same text, regardless of word marks and case."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

import numpy as np

from embgeo.errors import TermError, check_choice
from embgeo.formats.token_table import TokenTable
from embgeo.models.model import Model
from embgeo.numerics.dtypes import Ids, Mask
from embgeo.questions.rows import listable
from embgeo.questions.terms import is_one_token
from embgeo.vocabulary.reading import CASES

MIN_SHARED = 3  # words that can be compared


class MatchedWords(NamedTuple):
    """Tokens of the same text in two models.

    Attributes:
        first, second: [words] rows of the one and of the other model, by rising `first`.
        folded: how many of them are the same in other capitals only.
        left_out: tokens of each model that have no partner.
        without_direction: pairs left out since one of the two rows is zero, NaN or infinite.
    """

    first: Ids
    second: Ids
    folded: int
    left_out: tuple[int, int]
    without_direction: int


def shared_words(first: Model, second: Model, *, words: bool = False, case: str = "fold") -> MatchedWords:
    """Match the tokens of two models by text.

    The beginning of a word counts, regardless of its mark: `Ġcat`, `▁cat` and WordPiece's `cat` are one word, and
    `##cat` is another. Tokens without an exact partner are then matched regardless of case (and of accents, if one of
    the two tokenizers removes them). No token has two partners.

    Args:
        words: only whole words of letters.
        case: `exact` leaves the second step out.

    Raises:
        TermError: fewer than three shared words.
        UsageError: unknown `case`.
    """
    check_choice("case", case, CASES)
    tables = first.vocabulary.table, second.vocabulary.table
    allowed = [listable(model, [], words=words) for model in (first, second)]
    if _same(*tables):
        rows = np.flatnonzero(allowed[0])
        pairs, folded = np.stack([rows, rows], axis=1), 0
    else:
        pairs, folded = _by_text(tables, allowed, case)
    left_out = tuple(int(mask.sum()) - len(pairs) for mask in allowed)
    directed = np.ones(len(pairs), bool)
    for side, model in enumerate((first, second)):
        norms = model.searchable().norms[pairs[:, side]]
        directed &= np.isfinite(norms) & (norms > 0)
    found = pairs[directed]
    if len(found) < MIN_SHARED:
        names = f"{first.manifest.model} and {second.manifest.model}"
        raise TermError(f"{names} share {len(found)} words; a comparison takes {MIN_SHARED} or more")
    lost = int(len(pairs) - directed.sum())
    return MatchedWords(found[:, 0], found[:, 1], folded, (left_out[0], left_out[1]), lost)


def shared_place(first: Model, second: Model, matched: MatchedWords, word: str) -> int:
    """The place of a word among the shared ones.

    Raises:
        TermError: one of the two models doesn't have it as one token, or has no direction for it.
    """
    lacking = []
    for model, rows in ((first, matched.first), (second, matched.second)):
        if not is_one_token(model, word):
            lacking.append(model.manifest.model)
            continue
        found = np.flatnonzero(rows == model.vocabulary.resolve(word, "error").ids[0])
        if len(found):
            return int(found[0])
    why = f"it is not one token of {lacking[0]}" if lacking else "it has no partner with a direction"
    raise TermError(f"'{word}' is not a shared word: {why}", "Words that are one token in both are compared.")


def _same(first: TokenTable, second: TokenTable) -> bool:
    """Whether the two vocabularies have the same tokens in the same rows."""
    return (
        first.scheme == second.scheme
        and np.array_equal(first.flags, second.flags)
        and np.array_equal(first.texts.starts, second.texts.starts)
        and np.array_equal(first.texts.blob, second.texts.blob)
    )


def _by_text(tables: tuple[TokenTable, TokenTable], allowed: list[Mask], case: str) -> tuple[Ids, int]:
    """Pairs of rows [pairs, 2] by rising first row, and how many of them differ in capitals."""
    ones, others = (_by_key(table, mask) for table, mask in zip(tables, allowed, strict=True))
    found = [(token, others[key]) for key, token in ones.items() if key in others]
    exact = len(found)
    if case == "fold":
        bare = any(table.scheme.strips_accents for table in tables)
        taken = {_folded(key, bare=bare) for key in ones if key in others}
        rest = [_by_fold(keys, taken, bare=bare) for keys in (ones, others)]
        found += [(token, rest[1][key]) for key, token in rest[0].items() if key in rest[1]]
    pairs = np.array(sorted(found), np.intp).reshape(-1, 2)
    return pairs, len(found) - exact


def _by_key(table: TokenTable, allowed: Mask) -> dict[bytes, int]:
    """The allowed tokens by their key; ordinary tokens and lower ids come first among those with one key."""
    found: dict[bytes, int] = {}
    for token in table.order[allowed[table.order]].tolist():
        found.setdefault(table.key(token), token)
    return found


def _by_fold(keys: dict[bytes, int], taken: set[bytes], *, bare: bool) -> dict[bytes, int]:
    """The tokens by their folded key, without keys that are taken; lower ids first."""
    found: dict[bytes, int] = {}
    for key, token in sorted(keys.items(), key=lambda one: one[1]):
        if (folded := _folded(key, bare=bare)) not in taken:
            found.setdefault(folded, token)
    return found


def _folded(key: bytes, *, bare: bool) -> bytes:
    """A key without case, and without accents if `bare`; bytes that are not text stay as they are."""
    text = key.decode("utf-8", "surrogateescape").casefold()
    if bare and not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")
    return text.encode("utf-8", "surrogateescape")
