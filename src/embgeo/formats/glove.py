"""GloVe's text: a word and its numbers on each line, without a line of counts."""

from __future__ import annotations

from embgeo.formats.converted import writing
from embgeo.formats.detect import count_numbers
from embgeo.formats.stream import damaged, opened
from embgeo.formats.vector_file import VectorFile, VectorSource
from embgeo.formats.watched import Watched
from embgeo.formats.word2vec_text import blocks, convert
from embgeo.formats.word_list import converted_file


def read(source: VectorSource) -> VectorFile:
    """Convert a file; its first lines show how many numbers a line has."""
    path, watched = source.path, Watched.of(source.path)
    with opened(path, source.report) as stream:
        rest = blocks(stream)
        block = next(rest, None)
        dims = count_numbers(block.lines) if block else 0
        if block is None or not dims:
            raise damaged(path, "line 1 is not a word followed by numbers")
        with writing(source.place, dims) as out:
            words = convert(stream, block, rest, None, out)
    return converted_file(source, out, words, watched)
