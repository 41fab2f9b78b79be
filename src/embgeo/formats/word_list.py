"""The words of a file of vectors: each once, as a token table of whole words, or read from a list beside a matrix."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from embgeo.errors import ModelError
from embgeo.formats.stream import damaged, reading
from embgeo.formats.token_table import NO_MARK, WORD, Scheme, Strings, TokenTable, fold_key

WHOLE = Scheme(NO_MARK)


class WordList:
    """Words in the order of their rows; of a word that comes twice the first is kept.

    Attributes:
        kept: the words, each once.
        doubled: how many rows were left out because their word was there already.
    """

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.doubled = 0
        self._seen: set[bytes] = set()

    def add(self, words: Sequence[bytes]) -> list[int]:
        """Take some more; returns which of them are new, by their place."""
        seen, places = self._seen, []
        for place, word in enumerate(words):
            if word not in seen:
                seen.add(word)
                places.append(place)
        self.kept.extend(words if len(places) == len(words) else [words[place] for place in places])
        self.doubled += len(words) - len(places)
        return places

    def notes(self) -> tuple[str, ...]:
        """What an answer should say of them."""
        if not self.doubled:
            return ()
        rows = "1 row" if self.doubled == 1 else f"{self.doubled:,} rows"
        return (f"{rows} of the file are left out: their word stands further up already",)


def word_table(words: Sequence[bytes]) -> TokenTable:
    """The token table of whole words, one for each row.

    `tokentable.build_table` would do, at several times the memory, which counts for the millions of words that vector
    files have.
    """
    fold, flags = np.arange(len(words), dtype=np.uint32), np.zeros(len(words), np.uint8)
    first: dict[bytes, int] = {}
    for row, word in enumerate(words):
        fold[row] = first.setdefault(fold_key(word), row)
        flags[row] = WORD if word.decode("utf-8", "replace").isalpha() else 0
    order = np.array(sorted(range(len(words)), key=words.__getitem__), np.uint32)
    strings = Strings.pack(words)
    return TokenTable(strings, strings, order, fold, flags, WHOLE)


def list_beside(matrix: Path) -> Path | None:
    """The list of words that belongs to a matrix: NAME.txt, NAME.vocab, else words.txt; None where there is none."""
    return next((path for path in _candidates(matrix) if path.is_file()), None)


def preferred(matrix: Path, listed: Path) -> list[Path]:
    """The lists that would have been taken instead of this one, had they been there."""
    candidates = _candidates(matrix)
    return list(candidates[: candidates.index(listed)])


def _candidates(matrix: Path) -> tuple[Path, ...]:
    return matrix.with_suffix(".txt"), matrix.with_suffix(".vocab"), matrix.with_name("words.txt")


def read_list(path: Path, rows: int, matrix: Path) -> list[bytes]:
    """The words of a list, one a line.

    Raises:
        FormatError: not one for each row, one twice, or not UTF-8.
        ModelError: it can't be read.
    """
    with reading(path):
        lines = path.read_bytes().removesuffix(b"\n").split(b"\n")
    words = [line.removesuffix(b"\r") for line in lines]
    if len(words) != rows:
        raise damaged(path, f"it has {len(words):,} words, a line each, but '{matrix.name}' has {rows:,} rows")
    places: dict[bytes, int] = {}
    for number, word in enumerate(words, 1):
        check_word(word, path, f"line {number:,}")
        if places.setdefault(word, number) != number:
            raise damaged(path, f"line {number:,} has the word of line {places[word]:,} again")
    return words


def check_word(word: bytes, path: Path, where: str) -> None:
    """Refuse a word that is empty or no UTF-8."""
    if not word:
        raise damaged(path, f"{where} has no word")
    try:
        word.decode()
    except UnicodeDecodeError as error:
        raise damaged(path, f"{where}: the word is not valid UTF-8 (its byte {error.start})") from None


def no_list(matrix: Path) -> ModelError:
    """The refusal of a matrix without words."""
    stem = matrix.with_suffix("").name
    names = f"{stem}.txt, {stem}.vocab or words.txt"
    return ModelError(f"no words for the rows of '{matrix}'", f"Put them beside it, one a line, as {names}.")
