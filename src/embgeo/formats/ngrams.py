"""fastText's n-grams of letters: which rows a word is made of, and its vector, exactly as fastText computes them.

A word stands in angle brackets, and its n-grams are cut between letters of UTF-8: from each letter on, the shortest
first; a single bracket is none. The row of an n-gram is that of its bucket: FNV-1a in 32 bits, over signed bytes,
modulo the number of buckets. A word's vector is the float32 sum of its rows in this order, times one by their number
(fastText 0.9.2: `Dictionary::computeSubwords`, `Dictionary::hash` and `FastText::getWordVector`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from embgeo.numerics.dtypes import F32, Ids

if TYPE_CHECKING:
    from numpy.typing import NDArray

OFFSET: Final = np.uint32(2166136261)
PRIME: Final = np.uint32(16777619)


class NGrams(NamedTuple):
    """The n-grams of a fastText file.

    Attributes:
        path: the file.
        start: the byte of the first bucket's row.
        buckets: number of rows.
        dims: float32 numbers in a row.
        shortest, longest: letters of an n-gram.
    """

    path: str
    start: int
    buckets: int
    dims: int
    shortest: int
    longest: int

    def rows(self) -> np.memmap[tuple[int, int], np.dtype[np.float32]]:
        """The rows of the buckets [buckets, dims], mapped where they lie."""
        return np.memmap(self.path, "<f4", "r", self.start, (self.buckets, self.dims))

    def vector(self, word: str) -> tuple[F32, int] | None:
        """The vector [dims] of a word that isn't in the file, and of how many n-grams; None for a word without any."""
        _, buckets = buckets_of([word.encode("utf-8", "surrogateescape")], self)
        if not len(buckets):
            return None
        return means_of(self.rows(), buckets, np.array([0]))[0], len(buckets)  # [1, dims] -> [dims]


def buckets_of(words: Sequence[bytes], grams: NGrams) -> tuple[Ids, Ids]:
    """The n-grams of words, in fastText's order: the number of the word [n-grams] and the bucket [n-grams] of each."""
    texts = [b"<" + word + b">" for word in words]
    lengths = np.array([len(text) for text in texts], np.intp)
    width = int(lengths.max(initial=0)) + 1
    letters = np.frombuffer(b"".join(text.ljust(width, b"\0") for text in texts), np.uint8).reshape(-1, width)
    inner = (letters & 0xC0) == 0x80  # [words, width] bytes that don't begin a letter
    signed = letters.view(np.int8).astype(np.int32).view(np.uint32)  # [words, width]
    found: list[NDArray[np.int64]] = []
    for first in range(width - 1):
        active = np.flatnonzero((first < lengths) & ~inner[:, first])
        hashes, count = np.full(len(active), OFFSET), np.zeros(len(active), np.intp)
        at = first
        while len(active):
            hashes = (hashes ^ signed[active, at]) * PRIME
            at += 1
            count += ~inner[active, at]
            last = at == lengths[active]
            whole = ~inner[active, at] & (count >= grams.shortest) & ~((count == 1) & (last | (first == 0)))
            some = np.flatnonzero(whole)
            place = np.full(len(some), first * width + at)
            found.append(np.stack([active[some], place, hashes[some].astype(np.int64) % grams.buckets]))
            goes_on = ~last & ((count < grams.longest) | inner[active, at])
            active, hashes, count = active[goes_on], hashes[goes_on], count[goes_on]
    if not found:
        return np.empty(0, np.intp), np.empty(0, np.intp)
    word, place, bucket = np.concatenate(found, axis=1)  # [n-grams] each
    order = np.lexsort((place, word))
    return word[order], bucket[order]


def means_of(matrix: NDArray[np.float32], rows: Ids, starts: Ids) -> F32:
    """The means [words, dims] of rows of a matrix, added in order, as NumPy's own sums are not.

    Args:
        rows: [rows] those of all words, one word after the other.
        starts: [words] where each word's begin; none is empty.
    """
    counts = np.diff(np.append(starts, len(rows)))  # [words]
    sums = matrix[rows[starts]]  # [words, dims]
    for place in range(1, int(counts.max(initial=0))):
        longer = np.flatnonzero(counts > place)
        sums[longer] += matrix[rows[starts[longer] + place]]  # [longer words, dims]
    means: F32 = sums * (1 / counts).astype(np.float32)[:, None]  # [words, dims] * [words, 1]
    return means
