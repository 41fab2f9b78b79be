"""word2vec's binary file: a line of counts, then for each word its bytes, a space and its float32 numbers."""

from __future__ import annotations

from typing import Final

from embgeo.formats.converted import Converted
from embgeo.formats.stream import BLOCK, Stream, damaged
from embgeo.formats.word2vec_text import Counts
from embgeo.formats.word_list import WordList, check_word

LONGEST_WORD: Final = 10_000  # bytes


def convert(stream: Stream, start: bytes, counts: Counts, out: Converted) -> WordList:
    """Write a file's numbers; returns its words. Some writers end a row with a line feed, some don't.

    Args:
        start: the bytes that were read already, the counts among them.

    Raises:
        FormatError: the file breaks off, goes on after its last row, or has a word that is none; the byte is named.
    """
    words, length = WordList(), 4 * counts.dims
    data, at, gone = start, start.index(b"\n") + 1, 0  # `gone`: bytes of the file before `data`
    for row in range(counts.rows):
        space = data.find(b" ", at)
        if space < 0 or space + 1 + length > len(data):
            data, gone, at = data[at:] + stream.read(BLOCK + length), gone + at, 0
            space = data.find(b" ")
        where = f"row {row + 1:,} of {counts.rows:,}, at byte {gone + at:,}"
        if not 0 <= space - at <= LONGEST_WORD:
            raise damaged(stream.path, f"{where}, has no word" if data else f"it ends before {where}")
        if space + 1 + length > len(data):
            raise damaged(stream.path, f"it breaks off in {where}")
        word = data[at:space].lstrip(b"\n")
        check_word(word, stream.path, where)
        if words.add([word]):
            out.add(data[space + 1 : space + 1 + length])
        at = space + 1 + length
    if (data[at:] + stream.read()).strip(b"\n"):
        raise damaged(stream.path, f"it goes on after its last row, at byte {gone + at:,}")
    return words
