"""word2vec's text, and fastText's .vec: a line of counts, then a word and its numbers on each line.

NumPy's own reader (`loadtxt`, in C) parses a block of lines at a time, after the words are split off at the first
space. Where that fails, as on a word that contains spaces (GloVe's 840B file has some), the block is read again line by
line: the last columns are the numbers, what comes before them is the word.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from embgeo.formats.detect import BOM, Counts, is_number, numbers_at_end, read_counts
from embgeo.formats.stream import MAX_ROW_NUMBERS, Stream, damaged, open_vectors
from embgeo.formats.vector_file import VectorFile, VectorSource
from embgeo.formats.watched import Watched
from embgeo.formats.word_list import ConvertedWords, converting_words, read_word
from embgeo.formats.writers import ExportRows, number_lines
from embgeo.numerics.dtypes import F32

COMMON_SHARE: Final = 0.01  # share of words with spaces from which on they are no accident
MAX_LINE_BYTES: Final = 32 << 20  # bytes


def read(source: VectorSource) -> VectorFile:
    """Convert a file."""
    path, watched = source.path, Watched.of(source.path)
    with open_vectors(path, source.report) as stream:
        rest = line_blocks(stream)
        block = next(rest, None)
        first, second = [*(block.lines if block else []), b"", b""][:2]
        counts = read_counts(first, second)
        if block is None or counts is None:
            raise damaged(path, f"line 1 is not the two counts of a word2vec file: '{first[:40]!r:.60}'")
        check_counts(counts, 2 * counts.dims + 1, stream)  # a letter, and a space and a digit for each number
        with converting_words(source, counts.dims) as out:
            convert(source, stream, block, rest, counts, out)
    return out.file(watched)


def write(files: list[IO[bytes]], rows: ExportRows, dtype: str) -> None:  # noqa: ARG001  # text holds float32
    """Write the counts, then a line for each word."""
    files[0].write(f"{len(rows.words)} {rows.dims}\n".encode())
    words = iter(rows.words)
    for block in rows.blocks:
        lines = zip(number_lines(block, " "), words, strict=False)  # in this order, so that no word is skipped
        files[0].write("".join(f"{word} {numbers}\n" for numbers, word in lines).encode())


class Block(NamedTuple):
    """Whole lines of a file; `first` is the number of the first of them."""

    lines: list[bytes]
    first: int

    def numbered(self) -> Iterator[tuple[int, bytes]]:
        """The lines that hold something, with their numbers."""
        return ((n, line) for n, line in enumerate(self.lines, self.first) if line and not line.isspace())


def line_blocks(stream: Stream) -> Iterator[Block]:
    """The file in blocks of whole lines, without their ends.

    Raises:
        FormatError: a line is longer than `MAX_LINE_BYTES`.
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
        if len(left) > MAX_LINE_BYTES:
            raise damaged(stream.path, f"line {number:,} has more than {MAX_LINE_BYTES:,} bytes")
        fresh = stream.read()
    if left:
        yield Block([left], number)


def convert(
    source: VectorSource,
    stream: Stream,
    block: Block,
    rest: Iterator[Block],
    counts: Counts | None,
    out: ConvertedWords,
) -> None:  # fmt: skip
    """Write a file's words and numbers.

    Args:
        block: the first one.
        rest: those after it.
        counts: of the first line, if it has them.

    Raises:
        FormatError: a line is not a word with its numbers, or there are more or fewer lines than the counts say; the
            line's number is named.
    """
    path, read, spaced = stream.path, 0, SpacedWords()
    if counts:
        block = Block(block.lines[1:], block.first + 1)
    while True:
        found, numbers = _parse(block, out.dims, source)
        read += len(found)
        spaced.look(found, block)
        if counts and read > counts.rows:
            raise damaged(path, f"its first line claims {counts.rows:,} rows but more follow")
        out.add(found, numbers)
        following = None if out.full else next(rest, None)
        if following is None:
            break
        block = following
    spaced.check(read, out.dims, path)
    if counts and read < counts.rows and not out.full:
        last = block.first + len(block.lines) - 1
        raise damaged(path, f"its first line claims {counts.rows:,} rows but it ends with {read:,}, at line {last:,}")


class SpacedWords:
    """Tells a line with too many numbers from a word with spaces that ends in a number, such as `windows 95`."""

    def __init__(self) -> None:
        self._plain = 0  # words with spaces that end in something else than a number
        self._doubtful = 0  # the first line with one that ends in a number

    def look(self, words: list[bytes], block: Block) -> None:
        """Count the words of a block."""
        if b" " not in b"".join(words):
            return
        for (number, _), word in zip(block.numbered(), words, strict=True):
            if b" " in word and is_number(word.rsplit(None, 1)[-1]):
                self._doubtful = self._doubtful or number
            else:
                self._plain += b" " in word

    def check(self, rows: int, dims: int, path: Path) -> None:
        """Refuse a line with more numbers than the others, unless one word in a hundred has spaces.

        Raises:
            FormatError: there is such a line.
        """
        if self._doubtful and self._plain < max(1, rows * COMMON_SHARE):
            raise damaged(path, f"line {self._doubtful:,} has more than {dims:,} numbers")


def check_counts(counts: Counts, least: int, stream: Stream) -> None:
    """Refuse counts for which the file is too short, before memory or disk is used for them.

    Args:
        least: the fewest bytes that a row can take.

    Raises:
        FormatError: they are false.
    """
    claim = f"line 1 claims {counts.rows:,} rows of {counts.dims:,} numbers"
    if counts.rows < 1 or not 1 <= counts.dims <= MAX_ROW_NUMBERS:
        raise damaged(stream.path, claim)
    need = counts.rows * least
    if not stream.packed and need > stream.size:
        raise damaged(stream.path, f"{claim}, at least {need:,} bytes; the file has {stream.size:,}")


def _parse(block: Block, dims: int, source: VectorSource) -> tuple[list[bytes], F32]:
    """The words of a block's lines, and their numbers [words, dims]."""
    parts = [line.partition(b" ") for _, line in block.numbered()]
    words = [word for word, _, _ in parts]
    numbers = parse_numbers([rest for _, _, rest in parts], dims)
    if numbers is None or not all(words):
        words, numbers = _parse_lines(block, dims, source.path)
    try:
        words = source.encoding.utf8(words)
    except UnicodeError:
        for number, line in block.numbered():
            read_word(line.rsplit(None, dims)[0], source.path, f"line {number:,}", source.encoding)
    return words, numbers


def parse_numbers(texts: list[bytes], dims: int) -> F32 | None:
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
    for number, line in block.numbered():
        word, *rest = line.rsplit(None, dims)
        row = parse_numbers([b" ".join(rest)], dims) if len(rest) == dims else None
        if row is None:
            have = numbers_at_end(line.split())
            raise damaged(path, f"line {number:,} is not a word with {dims:,} numbers: it ends with {have:,}")
        words.append(word)
        numbers.append(row)
    return words, np.concatenate(numbers)
