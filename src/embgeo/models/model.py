"""A model's matrix and vocabulary together: from terms to vectors, and which rows may be answered."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from embgeo.errors import TermError, UsageError
from embgeo.formats.token_table import ABSENT, WORD
from embgeo.models.manifest import Manifest
from embgeo.models.store import Prepared
from embgeo.numerics.dtypes import F64
from embgeo.numerics.kernels import Matrix
from embgeo.numerics.search import Ids, Mask
from embgeo.results.base import Term, Token
from embgeo.vocabulary.vocabulary import Vocabulary

CANCELLED = 1e-12  # a sum shorter than this by what was added is rounding, not a direction


@dataclass(frozen=True, slots=True)
class Point:
    """A term or an expression as a vector.

    Attributes:
        term: the whole, with its weight and the tokens of all its parts.
        vector: [dims] the row, the mean or sum of the rows, or the weighted sum of the parts' raw vectors; not yet
            weighted itself.
        parts: the terms that an expression adds up, each with its weight in there; the term alone where it is one.
        added: the sum of the lengths that were added up; what `vector` is short of, they cancelled out.
    """

    term: Term
    vector: F64
    parts: tuple[Term, ...]
    added: float

    @property
    def ids(self) -> list[int]:
        """The rows that stand for the term."""
        return [token.id for token in self.term.tokens]

    @property
    def norm(self) -> float:
        """Euclidean length."""
        return _length(self.vector)

    def unit(self) -> F64:
        """The vector [dims] with length 1.

        Raises:
            TermError: it is zero, or holds NaN or infinity.
        """
        norm = self.norm
        if not CANCELLED * self.added < norm < math.inf:
            raise TermError(f"the vector of '{self.term.term}' has no direction (length {norm:g})")
        return self.vector / norm


@dataclass(frozen=True, slots=True)
class Embedding:
    """What every question is put to.

    Attributes:
        manifest: what is known of the model.
        notes: how it was chosen; part of every answer.
    """

    manifest: Manifest
    matrix: Matrix
    vocabulary: Vocabulary
    prepared: Prepared
    notes: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, prepared: Prepared, notes: tuple[str, ...] = ()) -> Embedding:
        """Put together what the store has mapped."""
        vocabulary = Vocabulary(prepared.table, prepared.tokenizer)
        notes = (*notes, *prepared.manifest.notes)
        bad = prepared.manifest.bad_rows
        if bad:
            notes = (*notes, f"{bad:,} rows hold NaN or infinity and are left out")
        return cls(prepared.manifest, prepared.matrix, vocabulary, prepared, notes)

    def point(self, term: str, weight: float = 1.0, multi: str = "mean") -> Point:
        """The vector of a term, as `Vocabulary.resolve` reads it, or of an expression of such terms (`expression`).

        Raises:
            TermError: the model has no token for a term, or the expression is malformed.
        """
        if len(term.split()) > 1:  # else there is no operator set off by spaces, and nothing to import
            from embgeo.vocabulary.expression import is_expression

            if is_expression(term):
                return self._sum(term, weight, multi)
        return self._term(term, weight, multi)

    def _term(self, term: str, weight: float, multi: str) -> Point:
        ids = self.vocabulary.resolve(term, multi).ids
        rows = self.matrix.take(np.array(ids))  # [tokens, dims]
        vector = rows[0] if len(ids) == 1 else rows.sum(axis=0) if multi == "sum" else rows.mean(axis=0)  # [dims]
        norm = _length(vector)
        if not (math.isfinite(norm) or np.isfinite(vector).all()):
            raise TermError(f"the row of '{term}' holds NaN or infinity", "`embgeo info` counts such rows.")
        _refuse_endless(norm, term)
        named = Term(term, weight, tuple(map(self.vocabulary.token, ids)))
        return Point(named, vector, (named,), norm)

    def _sum(self, text: str, weight: float, multi: str) -> Point:
        from embgeo.vocabulary.expression import parse

        points = [self._term(part.term, part.weight, multi) for part in parse(text)]
        weights = np.array([point.term.weight for point in points])
        with np.errstate(over="ignore", invalid="ignore"):
            vector = weights @ np.array([point.vector for point in points])  # [parts] @ [parts, dims] -> [dims]
        _refuse_endless(_length(vector), text)
        tokens = {token.id: token for point in points for token in point.term.tokens}
        added = float(np.abs(weights) @ [point.norm for point in points])
        whole = Term(text, weight, tuple(tokens.values()))
        return Point(whole, vector, tuple(point.term for point in points), added)

    def searchable(self) -> Matrix:
        """The whole matrix, for questions to all rows.

        Raises:
            UsageError: only the rows that are asked for are fetched (see `peek`).
        """
        if len(self.matrix.norms) != len(self.matrix.rows):
            raise UsageError("a peek has only the rows that are asked for by name", "Load the model to ask all rows.")
        return self.matrix

    def split_notes(self, points: list[Point], multi: str) -> tuple[str, ...]:
        """A note for each term that is more than one token."""
        several = (part for point in points for part in point.parts if len(part.tokens) > 1)
        return tuple(dict.fromkeys(_split_note(part.term, part.tokens, multi) for part in several))

    def allowed(self, without: list[int], *, words: bool = False, raw: bool = False) -> Mask:
        """Rows [rows] that a list may show.

        Args:
            without: rows to leave out, and unless `raw` their variants.
            words: only whole words of letters.
        """
        flags = self.vocabulary.table.flags
        mask: Mask = (flags & (WORD | ABSENT)) == WORD if words else (flags & ABSENT) == 0
        if raw or not without:
            mask[without] = False
            return mask
        fold = self.vocabulary.table.fold
        for group in {int(fold[token]) for token in without}:
            mask &= fold != group
        return mask

    def fold(self, *, raw: bool = False) -> Ids | None:
        """The group of variants [rows] that each row belongs to; None where lists are raw."""
        return None if raw else self.vocabulary.table.fold.astype(np.intp)

    def variants(self, ids: Ids, *, raw: bool = False) -> list[int]:
        """How many other rows are variants of each of these."""
        if raw:
            return [0] * len(ids)
        sizes: list[int] = self.vocabulary.group_sizes[self.vocabulary.table.fold[ids]].tolist()
        return [size - 1 for size in sizes]


def _length(vector: F64) -> float:
    with np.errstate(over="ignore", invalid="ignore"):
        return math.sqrt(vector.dot(vector))


def _refuse_endless(length: float, term: str) -> None:
    if not math.isfinite(length):
        raise TermError(f"the vector of '{term}' is longer than any number", "Take smaller factors, or smaller rows.")


def _split_note(term: str, tokens: tuple[Token, ...], multi: str) -> str:
    parts = " + ".join(repr(token.text) for token in tokens)
    return f"'{term}' is {len(tokens)} tokens: {parts}; their {multi} is used"
