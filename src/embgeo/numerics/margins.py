"""The margin of each pair with a direction learned from the other pairs, for any signs of the pairs.

What signs change is a sum, S = Σ sᵢ dᵢ of the differences. So for `mean` the margin of a pair is
(s S·d - d·d) / (|S - s d| |d|): S·d for all pairs is two matrix products, and no direction is learned again. For `pca`
a flip changes at most the sign of an axis. For `sum` the two sums are u + S and u - S, u that of all ends: u·S is one
more product. Wherever such a figure has lost digits, the direction is learned again.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from embgeo.errors import Report, silent
from embgeo.numerics.dtypes import F64, Ids
from embgeo.numerics.left_out_axes import left_out_axes
from embgeo.numerics.subspace import unit

BLOCK_NUMBERS: Final = 1 << 20  # numbers worked on at a time
MAX_EXPONENT: Final = 64  # powers of two from 1 within which squares and their sums keep their digits
MIN_RELATIVE_SQUARE: Final = 1e-4  # of a squared difference to its parts; below it, digits are lost: learn again


class PairSet(NamedTuple):
    """Pairs as the margins need them.

    Attributes:
        own: [pairs, dims] first minus second, of unit rows for `pca`; in fewer dimensions with the same dot products.
        squares: [pairs] their squared lengths.
        both: [pairs, dims] the sum of both ends of the other pairs; only for `sum`.
        axes: [pairs, dims] the axis of the other pairs; only for `pca`.
    """

    own: F64
    squares: F64
    both: F64 | None = None
    axes: F64 | None = None

    @classmethod
    def of(cls, first: F64, second: F64, method: str, report: Report = silent) -> PairSet:
        """The pairs of two arrays [pairs, dims], two at least; `method` as in `subspace.learn`."""
        first, second = _scaled(first, second)
        if method == "sum":
            both = _compact(np.concatenate([first, second]))  # [2 pairs, at most 2 pairs]
            first, second = both[: len(first)], both[len(first) :]
            added = first + second
            return cls(own := first - second, _dots(own, own), both=added.sum(axis=0) - added)
        own = _compact(first - second if method == "mean" else unit(first) - unit(second))
        return cls(own, _dots(own, own), axes=left_out_axes(own, report) if method == "pca" else None)

    def margins(self, signs: F64) -> F64:
        """Margins [flips, pairs] with the ends of pairs swapped where signs [flips, pairs] are -1; NaN for none."""
        # [dims, pairs] @ [pairs, flips]: ten times as fast in OpenBLAS as the other way round, for many pairs
        sums = (self.own.T @ signs.T).T  # [flips, dims]
        if self.axes is not None:
            margins, unsure = self._of_axes(self.axes, signs, sums)
        elif self.both is not None:
            margins, unsure = self._of_units(self.both, signs, sums)
        else:
            margins, unsure = self._of_sums(signs, sums)
        again = np.flatnonzero(unsure)
        margins.reshape(-1)[again] = self._learned(signs, sums, again)
        return margins

    def left_out(self) -> F64:
        """The margins [pairs] of the pairs as given, each direction learned by itself."""
        signs = np.ones((1, len(self.own)))
        return self._learned(signs, signs @ self.own, np.arange(len(self.own)))

    def _of_sums(self, signs: F64, sums: F64) -> tuple[F64, F64]:
        """Margins of `mean` [flips, pairs], and where they are unsure."""
        squares = self.squares
        along = (sums @ self.own.T) * signs  # [flips, dims] @ [dims, pairs]
        whole = (sums**2).sum(axis=1)[:, None] + squares  # [flips, pairs]
        left = whole - 2 * along  # [flips, pairs]: |S - s d|²
        unsure = ~(left > MIN_RELATIVE_SQUARE * whole)
        with np.errstate(invalid="ignore", divide="ignore"):
            return (along - squares) / np.sqrt(left * squares), unsure

    def _of_units(self, both: F64, signs: F64, sums: F64) -> tuple[F64, F64]:
        """Margins of `sum` [flips, pairs], and where they are unsure.

        With u the sum of both ends of the other pairs and v of their differences, the direction is
        unit(u + v) - unit(u - v), half of each being one end.
        """
        squares, along = self.squares, _dots(both, self.own)  # [pairs] each: d·d, u·d
        uu, uv = _dots(both, both), sums @ both.T - signs * along  # [pairs], [flips, dims] @ [dims, pairs]
        sd, whole = sums @ self.own.T, (sums**2).sum(axis=1)[:, None] + squares  # [flips, pairs] each
        vv = whole - 2 * signs * sd  # [flips, pairs]
        first, second = uu + vv + 2 * uv, uu + vv - 2 * uv  # [flips, pairs]: squared lengths of the sums
        across = uu * vv - uv**2  # [flips, pairs]: zero where u and v are parallel
        unsure = ~(
            (vv > MIN_RELATIVE_SQUARE * whole)
            & (across > MIN_RELATIVE_SQUARE * uu * vv)
            & (np.minimum(first, second) > MIN_RELATIVE_SQUARE * (uu + vv))
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            one, other = np.sqrt(first), np.sqrt(second)
            product, cosine = one * other, (uu - vv) / (one * other)  # [flips, pairs]
            apart = np.where(cosine > 0, 4 * across / product**2 / (1 + cosine), 1 - cosine)  # without 1 - 0.99...
            dots = (signs * sd - squares) * (one + other) - signs * along * 4 * uv / (one + other)  # [flips, pairs]
            return dots / product / np.sqrt(2 * apart * squares), unsure

    def _of_axes(self, axes: F64, signs: F64, sums: F64) -> tuple[F64, F64]:
        """Margins of `pca` [flips, pairs], and where they are unsure."""
        lengths = np.sqrt(self.squares)  # [pairs]
        own = _dots(self.own, axes)  # [pairs]
        along = sums @ axes.T - signs * own  # [flips, dims] @ [dims, pairs]: of the other pairs along their axis
        unsure = np.abs(along) <= MIN_RELATIVE_SQUARE * (np.linalg.norm(sums, axis=1)[:, None] + lengths)
        return np.where(along < 0, -signs, signs) * (own / lengths), unsure

    def _learned(self, signs: F64, sums: F64, places: Ids) -> F64:
        """Margins at places [margins] of the table [flips, pairs], each with the direction of the other pairs."""
        found = [np.empty(0)]
        step = max(1, BLOCK_NUMBERS // self.own.shape[1])
        for at in range(0, len(places), step):
            flip, pair = np.divmod(places[at : at + step], signs.shape[1])
            own = signs[flip, pair, None] * self.own[pair]  # [block, dims]
            directions = self._directions(sums[flip] - own, pair)  # [block, dims]
            lengths = np.linalg.norm(directions, axis=1) * np.linalg.norm(own, axis=1)  # [block]
            with np.errstate(invalid="ignore", divide="ignore"):
                found.append((directions * own).sum(axis=1) / np.where(lengths > 0, lengths, np.nan))
        return np.concatenate(found)

    def _directions(self, others: F64, pair: Ids) -> F64:
        """The directions [block, dims] of all pairs but one, whose differences add up to `others` [block, dims]."""
        if self.axes is not None:
            axes = self.axes[pair]  # [block, dims]
            return np.where((others * axes).sum(axis=1) < 0, -1.0, 1.0)[:, None] * axes
        if self.both is not None:
            total = self.both[pair]  # [block, dims]
            return unit((total + others) / 2) - unit((total - others) / 2)
        return others


def _scaled(first: F64, second: F64) -> tuple[F64, F64]:
    """Both times the power of two that brings the largest number near 1: the margins stay, and squares are in range."""
    largest = max(np.abs(first).max(), np.abs(second).max())
    shift = int(np.frexp(largest)[1])
    if not 0 < largest < np.inf or abs(shift) <= MAX_EXPONENT:
        return first, second
    return np.ldexp(first, -shift), np.ldexp(second, -shift)


def _dots(first: F64, second: F64) -> F64:
    """The dot products [pairs] of rows [pairs, dims] with as many others."""
    dots: F64 = np.einsum("pd,pd->p", first, second)
    return dots


def _compact(rows: F64) -> F64:
    """The same rows as coordinates in their span: fewer dimensions with the same dot products."""
    return np.linalg.qr(rows.T)[1].T if len(rows) < rows.shape[1] else rows  # [rows, at most rows]
