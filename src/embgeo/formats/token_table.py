"""The vocabulary as arrays that can be mapped: no parsing and no dictionary; tokens are found by bisection.

Every token has a *piece* (the vocabulary's own string), a *text* (the bytes it decodes to; not always valid UTF-8) and
a *key*: its text with the beginning of a word marked by one leading space, whatever mark the tokenizer uses. So ` cat`
finds `Ġcat`, `▁cat`, WordPiece's `cat` and CLIP's `cat</w>` alike, and `cat` finds `cat` and `##cat`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from embgeo.formats.token_marks import (
    ABSENT,
    BYTE,
    CONTINUES,
    PREFIX_MARK,
    SPECIAL,
    SUFFIX_MARK,
    WORD,
    Scheme,
    fold_key,
    key_of,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(slots=True, eq=False, repr=False)  # the rest would take a warm command half a millisecond
class Strings:
    """Concatenated byte strings: string i is blob[starts[i]:starts[i + 1]]."""

    blob: NDArray[np.uint8]
    starts: NDArray[np.uint32]

    @classmethod
    def pack(cls, strings: Sequence[bytes]) -> Strings:
        """Concatenate strings."""
        starts = np.zeros(len(strings) + 1, np.uint32)
        np.cumsum([len(string) for string in strings], out=starts[1:])
        return cls(np.frombuffer(b"".join(strings), np.uint8), starts)

    def fit(self, count: int) -> bool:
        """Whether this is a valid table of `count` strings."""
        starts = self.starts
        return (
            starts.shape == (count + 1,) and self.blob.shape == (starts[-1],) and self.blob.dtype == np.uint8
            and starts[0] == 0 and starts.dtype == np.uint32 and bool((starts[1:] >= starts[:-1]).all())
        )  # fmt: skip

    def __getitem__(self, index: int) -> bytes:
        return self.blob[self.starts[index] : self.starts[index + 1]].tobytes()

    def __len__(self) -> int:
        return len(self.starts) - 1


@dataclass(slots=True, eq=False, repr=False)
class TokenTable:
    """The tokens of a matrix, a row each.

    Attributes:
        pieces, texts: strings [rows]; empty where `flags` says ABSENT.
        order: ids [tokens], sorted by key; among equal keys ordinary tokens come first, then lower ids.
        fold: [rows] the lowest id among the token's variants (equal after dropping space marks and case).
        flags: [rows] the constants above, added up.
        scheme: how the tokenizer writes and reads.
    """

    pieces: Strings
    texts: Strings
    order: NDArray[np.uint32]
    fold: NDArray[np.uint32]
    flags: NDArray[np.uint8]
    scheme: Scheme

    def __len__(self) -> int:
        return len(self.flags)

    def continuations(self) -> NDArray[np.bool_]:
        """The tokens [rows] that the tokenizer marks as parts of longer words: `##s`, or `cat` as opposed to `cat</w>`.

        Other tokenizers mark only the beginnings of words, and a text may begin with an unmarked token.
        """
        starts, ends, blob = self.texts.starts[:-1], self.texts.starts[1:], self.texts.blob
        found = np.zeros(len(self), np.bool_)
        if self.scheme.mark == PREFIX_MARK:
            long = np.flatnonzero(ends - starts > len(CONTINUES))
            found[long] = (blob[starts[long]] == CONTINUES[0]) & (blob[starts[long] + 1] == CONTINUES[1])
        elif self.scheme.mark == SUFFIX_MARK:
            some = np.flatnonzero(ends > starts)
            found[some] = (blob[ends[some] - 1] != ord(" ")) & (self.flags[some] & SPECIAL == 0)
        return found

    def key(self, token: int) -> bytes:
        """The key of a token (see the module docstring)."""
        return key_of(self.texts[token], self.scheme.mark)

    def find(self, key: bytes) -> int | None:
        """The token with this key, or None."""
        low, high = 0, len(self.order)
        while low < high:
            middle = (low + high) // 2
            if self.key(int(self.order[middle])) < key:
                low = middle + 1
            else:
                high = middle
        if low < len(self.order) and self.key(token := int(self.order[low])) == key:
            return token
        return None

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays for `from_arrays`, by name."""
        return {
            "order": self.order, "fold": self.fold, "flags": self.flags, "texts": self.texts.blob,
            "text_starts": self.texts.starts, "pieces": self.pieces.blob, "piece_starts": self.pieces.starts,
        }  # fmt: skip

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]], scheme: Scheme) -> TokenTable:
        """The inverse of `arrays`.

        Raises:
            ValueError: they don't fit together, so that a lookup could go out of range. Every number is checked; there
                are only a few for each row of the matrix.
        """
        table = cls(
            Strings(arrays["pieces"], arrays["piece_starts"]), Strings(arrays["texts"], arrays["text_starts"]),
            arrays["order"], arrays["fold"], arrays["flags"], scheme,
        )  # fmt: skip
        rows = len(table.flags)
        whole = table.fold.shape == table.flags.shape == (rows,) and table.order.ndim == 1 and table.order.size <= rows
        if not (whole and all(_below(ids, rows) for ids in (table.fold, table.order))
                and all(strings.fit(rows) for strings in (table.pieces, table.texts))):  # fmt: skip
            raise ValueError("a token table that doesn't fit together")
        return table


class Entry(NamedTuple):
    """A token of a tokenizer file."""

    id: int
    piece: str
    text: bytes
    flags: int = 0


def build_table(entries: Iterable[Entry], rows: int, scheme: Scheme) -> TokenTable:
    """The token table for a matrix of `rows` rows; tokens past the last row are dropped."""
    by_id = {entry.id: entry for entry in entries if 0 <= entry.id < rows}
    pieces, texts, flags = [b""] * rows, [b""] * rows, np.full(rows, ABSENT, np.uint8)
    fold = np.arange(rows, dtype=np.uint32)
    keys: dict[int, bytes] = {}
    first: dict[bytes, int] = {}
    for token in sorted(by_id):
        entry = by_id[token]
        key = keys[token] = key_of(entry.text, scheme.mark)
        pieces[token], texts[token] = entry.piece.encode("utf-8", "surrogatepass"), entry.text
        flags[token] = entry.flags | (WORD if _is_word(key) and not entry.flags & SPECIAL else 0)
        fold[token] = first.setdefault(fold_key(key), token)
    order = sorted(keys, key=lambda token: (keys[token], by_id[token].flags & (BYTE | SPECIAL), token))
    return TokenTable(Strings.pack(pieces), Strings.pack(texts), np.array(order, np.uint32), fold, flags, scheme)


def _below(ids: NDArray[Any], rows: int) -> bool:
    return ids.dtype == np.uint32 and (ids.size == 0 or int(ids.max()) < rows)


def _is_word(key: bytes) -> bool:
    return key.startswith(b" ") and key[1:].decode("utf-8", "replace").isalpha()
