"""word2vec's binary file: a line of counts, then for each word its bytes, a space and its float32 numbers."""

from __future__ import annotations

from typing import IO

from embgeo.formats.detect import Counts, read_counts
from embgeo.formats.stream import BLOCK_BYTES, MAX_WORD_BYTES, Stream, damaged, open_vectors
from embgeo.formats.vector_file import VectorFile, VectorSource
from embgeo.formats.watched import Watched
from embgeo.formats.word2vec_text import check_counts
from embgeo.formats.word_list import ConvertedWords, converting_words, read_word
from embgeo.formats.writers import ExportRows


def read(source: VectorSource) -> VectorFile:
    """Convert a file."""
    path, watched = source.path, Watched.of(source.path)
    with open_vectors(path, source.report) as stream:
        start = stream.read()
        first, end, _ = start.partition(b"\n")
        counts = read_counts(first, b"")
        if not end or counts is None:
            raise damaged(path, "line 1 is not the two counts of a word2vec file")
        check_counts(counts, 4 * counts.dims + 2, stream)  # a letter, a space and the numbers
        with converting_words(source, counts.dims) as out:
            convert(source, stream, start, counts, out)
    return out.file(watched)


def write(files: list[IO[bytes]], rows: ExportRows, dtype: str) -> None:  # noqa: ARG001  # the format has only float32
    """Write the counts, then each word with its float32 numbers and a line feed, as word2vec's own program does."""
    files[0].write(f"{len(rows.words)} {rows.dims}\n".encode())
    words = iter(rows.words)
    for block in rows.blocks:
        little = block.astype("<f4", copy=False)
        for row, word in zip(little, words, strict=False):
            files[0].write(word.encode() + b" " + row.tobytes() + b"\n")


def convert(source: VectorSource, stream: Stream, start: bytes, counts: Counts, out: ConvertedWords) -> None:
    """Write a file's words and numbers. Some writers end a row with a line feed, some don't.

    Args:
        start: the bytes that were read already, the counts among them.

    Raises:
        FormatError: the file breaks off, goes on after its last row, or has a word that is empty or not UTF-8; the
            byte is named.
    """
    length, data, at = 4 * counts.dims, start, start.index(b"\n") + 1
    gone = 0  # bytes of the file before `data`
    for row in range(counts.rows):
        space = data.find(b" ", at)
        if space < 0 or space + 1 + length > len(data):
            data, gone, at = data[at:] + stream.read(BLOCK_BYTES + length), gone + at, 0
            space = data.find(b" ")
        where = f"row {row + 1:,} of {counts.rows:,}, at byte {gone + at:,}"
        if not 0 <= space - at <= MAX_WORD_BYTES:
            raise damaged(stream.path, f"{where}, has no word" if data else f"it ends before {where}")
        if space + 1 + length > len(data):
            raise damaged(stream.path, f"it breaks off in {where}")
        word = read_word(data[at:space].lstrip(b"\n"), stream.path, where, source.encoding)
        if out.words.add([word]):
            out.matrix.add(data[space + 1 : space + 1 + length])
        at = space + 1 + length
        if out.full:
            return
    if (data[at:] + stream.read()).strip(b"\n"):
        raise damaged(stream.path, f"it goes on after its last row, at byte {gone + at:,}")
