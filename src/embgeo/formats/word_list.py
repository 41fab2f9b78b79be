"""The words of a vector file as a token table; they are in the file itself, or in a list next to the matrix."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

import numpy as np

from embgeo.errors import FormatError, ModelError
from embgeo.formats.converted import MATRIX, ConvertedMatrix, converting
from embgeo.formats.detect import BOM
from embgeo.formats.encoding import UTF8, Encoding
from embgeo.formats.safetensors import Tensor
from embgeo.formats.stream import damaged, read_errors
from embgeo.formats.token_marks import NO_MARK, WORD, Scheme, fold_key
from embgeo.formats.token_table import Strings, TokenTable
from embgeo.formats.vector_file import VectorFile, VectorSource
from embgeo.formats.watched import Watched
from embgeo.numerics.dtypes import F32

WHOLE = Scheme(NO_MARK)


class WordList:
    """Words in the order of their rows; the first of equal words is kept.

    Attributes:
        kept: the words, each once.
        doubled: how many rows were left out because their word had come before.
        empty: how many rows were left out because their word can't be decoded.
        full: whether the requested number of words has been reached.
    """

    def __init__(self, limit: int | None = None) -> None:
        self.kept: list[bytes] = []
        self.doubled = self.empty = 0
        self.full, self._limit = False, limit
        self._seen: set[bytes] = set()

    def add(self, words: Sequence[bytes]) -> list[int]:
        """Append words, up to the limit; returns the positions of those that are new."""
        seen = self._seen
        places: list[int] = []
        room = len(words) if self._limit is None else self._limit - len(self.kept)
        for place, word in enumerate(words):
            if word in seen:
                self.doubled += 1
            elif not word:
                self.empty += 1
            elif len(places) == room:
                break
            else:
                seen.add(word)
                places.append(place)
        self.kept.extend(words if len(places) == len(words) else [words[place] for place in places])
        self.full = len(self.kept) == self._limit
        return places

    def notes(self) -> tuple[str, ...]:
        """What an answer should mention."""
        reasons = (
            (self.doubled, "an earlier row has the same word"), (self.empty, "nothing of the word can be read"),
        )  # fmt: skip
        first = ("only the first word of the file is read",) if self.full else ()
        if self.full and len(self.kept) > 1:
            first = (f"only the first {len(self.kept):,} words of the file are read",)
        return first + tuple(f"{_left_out(count)}: {why}" for count, why in reasons if count)


def _left_out(count: int) -> str:
    return "1 row of the file is left out" if count == 1 else f"{count:,} rows of the file are left out"


def word_table(words: Sequence[bytes]) -> TokenTable:
    """The token table of whole words, one for each row.

    `token_table.build_table` would take several times the memory, which matters for the millions of words in vector
    files.
    """
    fold, flags = np.arange(len(words), dtype=np.uint32), np.zeros(len(words), np.uint8)
    first: dict[bytes, int] = {}
    for row, word in enumerate(words):
        fold[row] = first.setdefault(fold_key(word), row)
        flags[row] = WORD if word.decode("utf-8", "replace").isalpha() else 0
    order = np.array(sorted(range(len(words)), key=words.__getitem__), np.uint32)
    strings = Strings.pack(words)
    return TokenTable(strings, strings, order, fold, flags, WHOLE)


class ConvertedWords:
    """Words and their rows as they are written into the store; see `converting_words`.

    Attributes:
        words, matrix: what is written so far.
        dims: numbers in a row.
    """

    def __init__(self, source: VectorSource, matrix: ConvertedMatrix) -> None:
        self.words, self.matrix, self.dims = WordList(source.limit), matrix, matrix.dims
        self._source = source

    def add(self, words: Sequence[bytes], numbers: F32) -> None:
        """Append words and their rows [words, dims]; what `WordList` leaves out, and its rows, are not written."""
        fresh = self.words.add(words)
        self.matrix.add(numbers if len(fresh) == len(words) else numbers[fresh])

    @property
    def full(self) -> bool:
        """Whether as many words are there as were requested."""
        return self.words.full

    def file(self, *watched: Watched, notes: Iterable[str] = ()) -> VectorFile:
        """The finished file.

        Raises:
            FormatError: it has no words.
        """
        if not self.words.kept:
            raise FormatError(f"'{self._source.path}' has no words")
        matrix, table = self._source.place / MATRIX, word_table(self.words.kept)
        return VectorFile(matrix, self.matrix.tensor(), table, watched, notes=(*self.words.notes(), *notes))


@contextlib.contextmanager
def converting_words(source: VectorSource, dims: int) -> Iterator[ConvertedWords]:
    """Convert a file into the store; errors as for `converted.converting`."""
    with converting(source.place, dims) as matrix:
        yield ConvertedWords(source, matrix)


def mapped_file(
    source: VectorSource, found: tuple[Path, Tensor], words: Sequence[bytes], watched: tuple[Watched, ...]
) -> VectorFile:
    """A file whose matrix has a row for each of these different words; of both the first that were requested."""
    (path, tensor), count = found, len(words)
    listed = WordList(source.limit)
    places = listed.add(words)
    if listed.doubled or listed.empty or len(places) < min(count, source.limit or count):
        raise damaged(source.path, "several of its rows have the same word, or one that is empty")
    rows, dims = len(listed.kept), tensor.shape[1]
    stop = tensor.start + (tensor.stop - tensor.start) // tensor.shape[0] * rows
    cut = tensor if rows == count else tensor._replace(shape=(rows, dims), stop=stop)
    return VectorFile(path, cut, word_table(listed.kept), watched, notes=listed.notes())


def with_notes(found: VectorFile, *notes: str) -> VectorFile:
    """The same file with more notes."""
    return replace(found, notes=(*found.notes, *notes))


def has_list(matrix: Path) -> bool:
    """Whether a list of words is next to a matrix: NAME.txt, NAME.vocab or words.txt."""
    return any(path.is_file() for path in _candidates(matrix))


def find_list(matrix: Path) -> Path:
    """The list of words for a matrix: the first of NAME.txt, NAME.vocab and words.txt.

    Raises:
        ModelError: there is none.
    """
    for path in _candidates(matrix):
        if path.is_file():
            return path
    names = f"{matrix.stem}.txt, {matrix.stem}.vocab or words.txt"
    raise ModelError(f"no words for the rows of '{matrix}'", f"Put them next to it, one per line, as {names}.")


def list_watched(matrix: Path, listed: Path) -> tuple[Watched, ...]:
    """A matrix and its list of words as they are now, and the absent lists that would be preferred."""
    candidates = _candidates(matrix)
    preferred = candidates[: candidates.index(listed)]
    return Watched.of(matrix), Watched.of(listed), *map(Watched.absent, preferred)


def _candidates(matrix: Path) -> tuple[Path, ...]:
    return matrix.with_suffix(".txt"), matrix.with_suffix(".vocab"), matrix.with_name("words.txt")


def write_list(file: IO[bytes], words: Sequence[str]) -> None:
    """Write words, one per line."""
    file.write("".join(f"{word}\n" for word in words).encode())


def read_list(path: Path, rows: int, matrix: Path, encoding: Encoding = UTF8) -> list[bytes]:
    """The words of a list, one per line.

    Raises:
        FormatError: there is not one word for each row, one comes twice, or one is not UTF-8.
        ModelError: it can't be read.
    """
    with read_errors(path):
        lines = path.read_bytes().removeprefix(BOM).removesuffix(b"\n").split(b"\n")
    words = [line.removesuffix(b"\r") for line in lines]
    if len(words) != rows:
        raise damaged(path, f"it has {len(words):,} words, one per line, but '{matrix.name}' has {rows:,} rows")
    places: dict[bytes, int] = {}
    words = [read_word(word, path, f"line {number:,}", encoding) for number, word in enumerate(words, 1)]
    for number, word in enumerate(words, 1):
        if places.setdefault(word, number) != number:
            raise damaged(path, f"line {number:,} repeats the word of line {places[word]:,}")
    return words


def read_word(word: bytes, path: Path, where: str, encoding: Encoding = UTF8) -> bytes:
    """A word as UTF-8; refuse one that is empty, or not in this encoding."""
    if not word:
        raise damaged(path, f"{where} has no word")
    try:
        return encoding.utf8([word])[0]
    except UnicodeError as error:
        at = f" (its byte {error.start})" if isinstance(error, UnicodeDecodeError) else ""
        raise FormatError(
            f"'{path}' is damaged: {where}: the word is not valid {encoding.title}{at}",
            "Name the words' --encoding, or say --encoding-errors replace or ignore.",
        ) from None
