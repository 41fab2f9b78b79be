"""fastText's own .bin: its words, and a matrix of their rows and those of the n-grams' buckets.

Without n-grams the words' rows are their vectors, mapped where they lie. Else a word's vector is the mean of its own
row and its n-grams' rows. These are computed once; the buckets stay where they are, for words that the file lacks.
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np

from embgeo.errors import ModelError
from embgeo.formats.converted import ConvertedMatrix
from embgeo.formats.ngrams import NGrams, buckets_of, means_of
from embgeo.formats.safetensors import Tensor
from embgeo.formats.stream import MAX_ROW_NUMBERS, MAX_WORD_BYTES, damaged, read_errors
from embgeo.formats.vector_file import VectorFile, VectorSource
from embgeo.formats.watched import Watched
from embgeo.formats.word_list import converting_words, mapped_file, read_word
from embgeo.numerics.dtypes import Ids

MAGIC: Final = struct.pack("<i", 793712314)
VERSIONS: Final = (11, 12)
SETTINGS: Final = "<12id"  # dim, ws, epoch, minCount, neg, wordNgrams, loss, model, bucket, minn, maxn, lrUpdateRate, t
COUNTS: Final = "<3i2q"  # entries, words, labels, tokens, pruned n-grams
SUPERVISED: Final = 3
END: Final = b"</s>"  # the end of a sentence has no n-grams
BLOCK_WORDS: Final = 2048  # words at a time,
MAX_BLOCK_NUMBERS: Final = 1 << 22  # of so many numbers at most


class FastText(NamedTuple):
    """What the file says before its numbers.

    Attributes:
        words: without the labels of a classifier.
        start: the byte of the input matrix's first number.
        dims: numbers in a row.
        buckets: rows after those of the words.
        shortest, longest: letters of an n-gram; longest is 0 without n-grams.
    """

    words: list[bytes]
    start: int
    dims: int
    buckets: int
    shortest: int
    longest: int


def read(source: VectorSource) -> VectorFile:
    """Map the words' vectors, or compute them from their n-grams."""
    path, watched = source.path, (Watched.of(source.path),)
    with read_errors(path), path.open("rb") as file:
        try:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                head = _Reader(source, data).header()
        except ValueError as error:  # also of mmap, for an empty file
            raise damaged(path, str(error)) from None
    words, dims = len(head.words), head.dims
    stop = head.start + 4 * words * dims
    if not head.longest:
        tensor = Tensor("input", "F32", (words, dims), head.start, stop)
        return mapped_file(source, (path, tensor), source.encoding.utf8(head.words), watched)
    grams = NGrams(str(path.absolute()), stop, head.buckets, dims, head.shortest, head.longest)
    with converting_words(source, dims) as out:
        places = out.words.add(source.encoding.utf8(head.words))
        own = [head.words[place] for place in places]  # n-grams are of the file's bytes
        _compute(head, own, grams, out.matrix, source)
    return replace(out.file(*watched), ngrams=grams)


def _compute(head: FastText, words: list[bytes], grams: NGrams, out: ConvertedMatrix, source: VectorSource) -> None:
    """Write the vectors of the first words of a file, a block at a time."""
    count = len(head.words)
    matrix = np.memmap(grams.path, "<f4", "r", head.start, (count + head.buckets, head.dims))  # [rows, dims]
    step = max(1, min(BLOCK_WORDS, MAX_BLOCK_NUMBERS // head.dims))
    for at in range(0, len(words), step):
        block = words[at : at + step]
        rows, starts = _rows_of(block, at, count, grams)
        out.add(means_of(matrix, rows, starts))  # [rows of the block] -> [block, dims]
        source.report(f"Converting {source.path.name}", min(at + step, len(words)), len(words))


def _rows_of(block: list[bytes], at: int, count: int, grams: NGrams) -> tuple[Ids, Ids]:
    """The rows of each word, its own first, and where each word's rows begin [block]."""
    word, bucket = buckets_of([b"" if one == END else one for one in block], grams)
    kept = np.array([one != END for one in block])[word]
    word, bucket = word[kept], bucket[kept]
    own = np.arange(len(block))
    order = np.argsort(np.concatenate([own, word]), kind="stable")
    rows = np.concatenate([at + own, count + bucket])[order]
    starts = np.concatenate([[0], np.cumsum(1 + np.bincount(word, minlength=len(block)))[:-1]])
    return rows, starts


class _Reader:
    """Reads the header from its first byte; errors say what is wrong."""

    def __init__(self, source: VectorSource, data: mmap.mmap) -> None:
        self.path, self.encoding, self.data, self.at = source.path, source.encoding, data, len(MAGIC)

    def take(self, form: str) -> tuple[int, ...]:
        if self.at + struct.calcsize(form) > len(self.data):
            raise ValueError(f"it breaks off at byte {len(self.data):,}, inside the header")
        found = struct.unpack_from(form, self.data, self.at)
        self.at += struct.calcsize(form)
        return found

    def header(self) -> FastText:
        (version,) = self.take("<i")
        if version not in VERSIONS:
            raise ValueError(f"its version {version} is not 11 or 12")
        dims, *_, model, buckets, shortest, longest, _, _ = self.take(SETTINGS)
        entries, words, labels, _, pruned = self.take(COUNTS)
        if (
            not 1 <= dims <= MAX_ROW_NUMBERS
            or min(words, labels, buckets) < 0
            or entries != words + labels
            or words < 1
        ):
            raise ValueError(f"its header claims {words:,} words, {labels:,} labels and {dims:,} numbers a row")
        found = [self.word(number, words) for number in range(entries)][:words]
        self.at += 8 * max(0, pruned)
        if self.take("<?")[0]:
            raise ModelError(
                f"'{self.path}' is quantized by fastText (.ftz)", "Use the .bin or .vec file that it was made from."
            )
        rows, columns = self.take("<2q")
        if (rows, columns) != (words + buckets, dims):
            raise ValueError(f"its matrix is {rows:,} x {columns:,}, for {words + buckets:,} rows of {dims:,} numbers")
        if self.at + 4 * rows * columns > len(self.data):
            raise ValueError(
                f"it has {len(self.data):,} bytes, and its matrix ends at {self.at + 4 * rows * columns:,}"
            )
        if version == 11 and model == SUPERVISED:  # as fastText reads its older files
            longest = 0
        if longest and not (buckets and 0 <= shortest <= longest):
            raise ValueError(f"it has n-grams of {shortest:,} to {longest:,} letters in {buckets:,} buckets")
        return FastText(found, self.at, dims, buckets, shortest, longest)

    def word(self, number: int, words: int) -> bytes:
        end = self.data.find(b"\0", self.at)
        if not 0 <= end - self.at <= MAX_WORD_BYTES:
            raise ValueError(
                f"it breaks off in word {number + 1:,} of {words:,}, or that has over {MAX_WORD_BYTES:,} bytes"
            )
        word = self.data[self.at : end]
        if number < words:
            read_word(word, self.path, f"word {number + 1:,}", self.encoding)
        self.at = end + 1
        self.take("<qb")  # how often it occurs, and whether it is a label
        return word
