"""For each format, how a file becomes a matrix that can be mapped and a table of words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from embgeo.errors import FormatError, Report
from embgeo.formats import gguf as gguf_file
from embgeo.formats import npy as numpy_file
from embgeo.formats import word2vec_binary, word2vec_text
from embgeo.formats.converted import FILE, Converted, writing
from embgeo.formats.detect import SAFETENSORS
from embgeo.formats.older_tokenizers import TOKENIZER
from embgeo.formats.safetensors import Tensor, read_header
from embgeo.formats.stream import damaged, opened
from embgeo.formats.token_table import TokenTable
from embgeo.formats.word_list import WordList, check_word, list_beside, no_list, preferred, read_list, word_table
from embgeo.models.architectures import EMBEDDING, Choice, choose
from embgeo.models.manifest import Located, Watched

Reader = Callable[[Path, Path, Report], Located]


def _text(path: Path, place: Path, report: Report) -> Located:
    """word2vec's text, with counts; a .vec of fastText is the same."""
    watched = (Watched.of(path),)
    with opened(path, report) as stream:
        rest = word2vec_text.blocks(stream)
        block = next(rest, None)
        first, second = [*(block.lines if block else []), b"", b""][:2]
        counts = word2vec_text.read_counts(first, second)
        if block is None or counts is None:
            raise damaged(path, f"line 1 is not the two counts of a word2vec file: '{first[:40]!r:.60}'")
        word2vec_text.check_counts(
            counts, 2 * counts.dims + 1, stream
        )  # a letter, and a space and a digit for each number
        with writing(place, counts.dims) as out:
            words = word2vec_text.convert(stream, block, rest, counts, out)
    return _converted(path, place, out, words, watched)


def _glove(path: Path, place: Path, report: Report) -> Located:
    """The same without counts: the lines themselves tell how many numbers there are."""
    watched = (Watched.of(path),)
    with opened(path, report) as stream:
        rest = word2vec_text.blocks(stream)
        block = next(rest, None)
        dims = word2vec_text.count_numbers(block.lines) if block else 0
        if block is None or not dims:
            raise damaged(path, "line 1 is no word with its numbers")
        with writing(place, dims) as out:
            words = word2vec_text.convert(stream, block, rest, None, out)
    return _converted(path, place, out, words, watched)


def _binary(path: Path, place: Path, report: Report) -> Located:
    """word2vec's binary file."""
    watched = (Watched.of(path),)
    with opened(path, report) as stream:
        start = stream.read()
        first, end, _ = start.partition(b"\n")
        counts = word2vec_text.read_counts(first, b"")
        if not end or counts is None:
            raise damaged(path, "line 1 is not the two counts of a word2vec file")
        word2vec_text.check_counts(counts, 4 * counts.dims + 2, stream)  # a letter and a space, and the numbers
        with writing(place, counts.dims) as out:
            words = word2vec_binary.convert(stream, start, counts, out)
    return _converted(path, place, out, words, watched)


def _npy(path: Path, place: Path, report: Report) -> Located:
    """A .npy with its list of words."""
    listed = list_beside(path)
    if listed is None:
        raise no_list(path)
    watched = _both(path, listed)
    array = numpy_file.read_array(path)
    table = word_table(read_list(listed, array.shape[0], path))
    return _array(path, place, array, table, watched, report)


def _safetensors(path: Path, place: Path, report: Report) -> Located:  # noqa: ARG001  # it is mapped as it lies
    """A .safetensors without a tokenizer, with a list of words."""
    listed = list_beside(path)
    if listed is None:
        raise no_list(path)
    watched = (*_both(path, listed), Watched.absent(path.with_name(TOKENIZER)))
    header = read_header(path)
    matrices = [tensor for tensor in header.tensors.values() if len(tensor.shape) == 2]
    tensor = matrices[0] if len(matrices) == 1 else choose(header, {}, str(path))
    return _located(path, path, tensor, word_table(read_list(listed, tensor.shape[0], path)), watched)


def _both(path: Path, listed: Path) -> tuple[Watched, ...]:
    """A matrix and its list of words, and the lists that would be preferred to that."""
    return Watched.of(path), Watched.of(listed), *map(Watched.absent, preferred(path, listed))


def _gensim(path: Path, place: Path, report: Report) -> Located:
    """A KeyedVectors as gensim saves it; its .npy is mapped where it lies."""
    from embgeo.formats.gensim_kv import read_native

    watched = (Watched.of(path),)
    native = read_native(path)
    if isinstance(native.matrix, Path):
        beside, array = native.matrix, numpy_file.read_array(native.matrix)
        table = _native_table(native.words, array.shape[0], path)
        located = _array(beside, place, array, table, (*watched, Watched.of(beside)), report)
        return located._replace(model=str(path))
    rows, dims = native.matrix.shape
    table = _native_table(native.words, rows, path)
    with writing(place, dims) as out:
        out.add(np.asarray(native.matrix, "<f4"))
    return _located(path, place / FILE, out.tensor(), table, watched)


def _native_table(words: list[str], rows: int, path: Path) -> TokenTable:
    if len(words) != rows or len(set(words)) != rows:
        raise damaged(path, f"it has {len(words):,} words, {len(set(words)):,} of them different, for {rows:,} rows")
    written = [word.encode("utf-8", "surrogatepass") for word in words]
    for number, word in enumerate(written, 1):
        check_word(word, path, f"row {number:,}")
    return word_table(written)


def gguf(path: Path, place: Path, report: Report, choice: Choice = EMBEDDING) -> Located:
    """A GGUF file; a quantised matrix is converted."""
    from embgeo.formats.gguf_tokens import KEYS, token_table

    watched = (Watched.of(path),)
    header = gguf_file.read_gguf(path, KEYS)
    name = gguf_file.chosen(header, choice.tensor, choice.side)
    tensor, (rows, dims) = gguf_file.mapped(header, name), gguf_file.shape(header, name)
    matrix, table = path, token_table(header, rows)
    if tensor is None:
        with writing(place, dims) as out:
            gguf_file.convert(header, name, out, report)
        matrix, tensor = place / FILE, out.tensor()._replace(name=name)
    head = gguf_file.UNEMBEDDING if gguf_file.UNEMBEDDING in header.tensors else ""
    return _located(path, matrix, tensor, table, watched)._replace(unembedding=head, side=choice.side)


def _converted(path: Path, place: Path, out: Converted, words: WordList, watched: tuple[Watched, ...]) -> Located:
    if not words.kept:
        raise FormatError(f"'{path}' has no words")
    located = _located(path, place / FILE, out.tensor(), word_table(words.kept), watched)
    return located._replace(notes=words.notes())


def _array(
    path: Path, place: Path, array: numpy_file.Array, table: TokenTable, watched: tuple[Watched, ...], report: Report
) -> Located:
    tensor = array.tensor()
    if tensor is not None:
        return _located(path, path, tensor, table, watched)
    with writing(place, array.shape[1]) as out:
        numpy_file.convert(path, array, out, report)
    return _located(path, place / FILE, out.tensor(), table, watched)


def _located(path: Path, matrix: Path, tensor: Tensor, table: TokenTable, watched: tuple[Watched, ...]) -> Located:
    return Located(str(path.absolute()), "", "local", matrix, tensor, None, None, table=table, watched=watched)


READERS: Final[dict[str, Reader]] = {
    "word2vec": _text, "glove": _glove, "word2vec-binary": _binary, "npy": _npy, "gensim": _gensim,
    SAFETENSORS: _safetensors,
}  # fmt: skip
