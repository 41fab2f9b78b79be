"""GloVe's text: a word and its numbers on each line, without a line of counts."""

from __future__ import annotations

from embgeo.errors import FormatError, silent
from embgeo.formats.detect import count_numbers, is_number
from embgeo.formats.stream import damaged, open_vectors
from embgeo.formats.vector_file import VectorFile, VectorSource
from embgeo.formats.watched import Watched
from embgeo.formats.word2vec_text import Block, convert, line_blocks
from embgeo.formats.word_list import converting_words


def read(source: VectorSource) -> VectorFile:
    """Convert a file; its first lines show how many numbers per line has."""
    path, watched = source.path, Watched.of(source.path)
    with open_vectors(path, source.report) as stream:
        rest = line_blocks(stream)
        block = next(rest, None)
        dims = count_numbers(block.lines) if block else 0
        if block is None or not dims:
            raise damaged(path, "line 1 is not a word followed by numbers")
        if not source.forced and _only_numbers(block):
            _check_words(source)
        with converting_words(source, dims) as out:
            convert(source, stream, block, rest, None, out)
    return out.file(watched)


def _only_numbers(block: Block) -> bool:
    return all(is_number(line.split(None, 1)[0]) for _, line in block.numbered())


def _check_words(source: VectorSource) -> None:
    """Look through the whole file for a word that is not a number.

    Raises:
        FormatError: there is none: it is a matrix, and its first column is no word.
    """
    with open_vectors(source.path, silent) as stream:
        if all(map(_only_numbers, line_blocks(stream))):
            raise FormatError(
                f"every word of '{source.path}' is a number: it looks like a matrix without words",
                "Save it as .npy, with the words next to it, one per line, as NAME.txt; "
                "or name --file-format glove, if the first column holds the words.",
            )
