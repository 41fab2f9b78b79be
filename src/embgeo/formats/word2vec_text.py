"""Vectors as text: word2vec's with a line of counts, fastText's .vec the same, GloVe's without one.

A line is a word and its numbers. NumPy's own reader (`loadtxt`, in C) parses a block of lines at a time, after the
words are split off at the first space. Where that fails, as on a word that has spaces itself (GloVe's 840B file has
such), the block is read again line by line: the last columns are the numbers, what stands before them is the word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from embgeo.formats.converted import Converted
from embgeo.formats.stream import LARGEST_ROW, Stream, damaged
from embgeo.formats.word_list import WordList, check_word
from embgeo.numerics.dtypes import F32

LONGEST_LINE: Final = 32 << 20  # bytes
BOM: Final = b"\xef\xbb\xbf"
LOOKED_AT: Final = 100  # lines from which a file without counts tells how many numbers a line has


class Counts(NamedTuple):
    """The first line of a file that has one: how many rows, and how many numbers each."""

    rows: int
    dims: int


class Block(NamedTuple):
    """Whole lines of a file; `first` is the number of the first of them."""

    lines: list[bytes]
    first: int


def read_counts(first: bytes, second: bytes) -> Counts | None:
    """The counts in a first line; None where it is a word and its numbers."""
    fields = first.split()
    if len(fields) != 2 or not all(field.isdigit() and len(field) < 16 for field in fields):
        return None
    counts = Counts(int(fields[0]), int(fields[1]))
    # A word "5" with the one number "3" looks the same; what follows then has one number too.
    following = second.split()
    return None if len(following) == 2 and _numbers_at_end(following) == 1 and counts.dims != 1 else counts


def count_numbers(lines: list[bytes]) -> int:
    """How many numbers most of these lines end with (fewer if in doubt: a word may look like a number); 0 if none."""
    counts = Counter(_numbers_at_end(line.split()) for line in lines[:LOOKED_AT] if line.strip())
    return max(counts, key=lambda count: (counts[count], -count), default=0)


def blocks(stream: Stream) -> Iterator[Block]:
    """The file in blocks of whole lines, without their ends.

    Raises:
        FormatError: a line beyond all measure.
    """
    left, number, fresh = b"", 1, stream.read().removeprefix(BOM)
    while fresh:
        whole, end, rest = fresh.rpartition(b"\n")
        if end:
            lines = (left + whole).split(b"\n")
            yield Block(lines, number)
            number, left = number + len(lines), rest
        else:
            left += fresh
        if len(left) > LONGEST_LINE:
            raise damaged(stream.path, f"line {number:,} has more than {LONGEST_LINE:,} bytes")
        fresh = stream.read()
    if left:
        yield Block([left], number)


def convert(stream: Stream, block: Block, rest: Iterator[Block], counts: Counts | None, out: Converted) -> WordList:
    """Write a file's numbers; returns its words.

    Args:
        block: the first one.
        rest: those after it.
        counts: of the first line, if it has them.

    Raises:
        FormatError: a line that is no word with its numbers, or more or fewer lines than the counts say; its number is
            named.
    """
    words, path, read = WordList(), stream.path, 0
    if counts:
        block = Block(block.lines[1:], block.first + 1)
    while True:
        found, numbers = _parse(block, out.dims, path)
        read += len(found)
        if counts and read > counts.rows:
            raise damaged(path, f"its first line claims {counts.rows:,} rows but more follow")
        fresh = words.add(found)
        out.add(numbers if len(fresh) == len(found) else numbers[fresh])
        following = next(rest, None)
        if following is None:
            break
        block = following
    if counts and read < counts.rows:
        last = block.first + len(block.lines) - 1
        raise damaged(path, f"its first line claims {counts.rows:,} rows but it ends with {read:,}, at line {last:,}")
    return words


def check_counts(counts: Counts, least: int, stream: Stream) -> None:
    """Refuse counts that the file has not the bytes for, before anything is made for them.

    Args:
        least: bytes that a row takes at least.

    Raises:
        FormatError: they are false.
    """
    claim = f"line 1 claims {counts.rows:,} rows of {counts.dims:,} numbers"
    if counts.rows < 1 or not 1 <= counts.dims <= LARGEST_ROW:
        raise damaged(stream.path, claim)
    need = counts.rows * least
    if not stream.packed and need > stream.size:
        raise damaged(stream.path, f"{claim}, at least {need:,} bytes; the file has {stream.size:,}")


def _parse(block: Block, dims: int, path: Path) -> tuple[list[bytes], F32]:
    """The words of a block's lines, and their numbers [words, dims]."""
    lines = [line for line in block.lines if line and not line.isspace()]
    parts = [line.partition(b" ") for line in lines]
    words = [word for word, _, _ in parts]
    numbers = _numbers([rest for _, _, rest in parts], dims)
    if numbers is None or not all(words):
        words, numbers = _parse_lines(block, dims, path)
    try:
        b"\n".join(words).decode()
    except UnicodeDecodeError:
        for number, line in enumerate(block.lines, block.first):
            if line and not line.isspace():
                check_word(line.rsplit(None, dims)[0], path, f"line {number:,}")
    return words, numbers


def _numbers(texts: list[bytes], dims: int) -> F32 | None:
    """The numbers of each text [texts, dims]; None where one is not just so many numbers."""
    if not texts:
        return np.empty((0, dims), np.float32)
    if not texts[0].decode("latin-1").strip():  # of which loadtxt warns; to it, more characters are white space
        return None
    try:
        found: NDArray[np.float32] = np.loadtxt(texts, np.float32, comments=None, ndmin=2)
    except ValueError:
        return None
    return found if found.shape == (len(texts), dims) else None


def _parse_lines(block: Block, dims: int, path: Path) -> tuple[list[bytes], F32]:
    """The same line by line, and the refusal of the first that can't be read."""
    words: list[bytes] = []
    numbers: list[F32] = []
    for number, line in enumerate(block.lines, block.first):
        if not line or line.isspace():
            continue
        word, *rest = line.rsplit(None, dims)
        row = _numbers([b" ".join(rest)], dims) if len(rest) == dims else None
        if row is None:
            have = _numbers_at_end(line.split())
            raise damaged(path, f"line {number:,} is no word with {dims:,} numbers: it ends with {have:,}")
        words.append(word)
        numbers.append(row)
    return words, np.concatenate(numbers)


def _numbers_at_end(fields: list[bytes]) -> int:
    count = 0
    for field in reversed(fields[1:]):
        try:
            float(field)
        except ValueError:
            break
        count += 1
    return count
