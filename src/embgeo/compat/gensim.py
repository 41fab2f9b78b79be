"""gensim's KeyedVectors as a thin face of an embedding space; gensim itself is not needed."""

from __future__ import annotations

import functools
import numbers
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embgeo.errors import TermError
from embgeo.space import EmbeddingSpace

BLOCK_ROWS: Final = 8192  # rows in memory at once
CANCELLATION: Final = 1e-12  # a mean shorter than this share of what was added is rounding error

F64 = NDArray[np.float64]
Key = str | int
Similar = list[tuple[str, float]]


class KeyedVectors:
    """The look-ups and questions of gensim 4's `KeyedVectors`, answered by embgeo's exact search.

    As in gensim: a missing key is a `KeyError`, vectors are float32, rows are scaled to length 1 before they are added,
    and lists leave out the input keys alone, not their other spellings. Differences: nothing can be added or trained,
    `topn` is a number, and a vector without a direction is a `TermError`.

    A key is the word that `space[word]` reads as that row; a row that no word reads as has its piece (`##ing`), and one
    without a token `id:ROW`.

    >>> from embgeo import load
    >>> vectors = KeyedVectors(load("minilm"))
    >>> vectors.most_similar(positive=["king", "woman"], negative=["man"], topn=1)[0][0]
    'queen'
    """

    def __init__(self, space: EmbeddingSpace) -> None:
        self.space = space

    @functools.cached_property
    def index_to_key(self) -> list[str]:
        """The key of every row [rows]."""
        vocabulary = self.space.vocabulary
        tokens = [vocabulary.token(row) for row in range(len(self.space))]
        if vocabulary.tokenizer is None:
            return [token.piece or f"id:{token.id}" for token in tokens]
        words = [token.text.strip() for token in tokens]
        read = [vocabulary.single_token(word) if word else None for word in words]
        taken = {word for word, row, token in zip(words, read, tokens, strict=True) if row == token.id}
        return [
            word if row == token.id else f"id:{token.id}" if not token.piece or token.piece in taken else token.piece
            for word, row, token in zip(words, read, tokens, strict=True)
        ]

    @functools.cached_property
    def key_to_index(self) -> dict[str, int]:
        """The row of every key; of equal keys the first."""
        found: dict[str, int] = {}
        for row, key in enumerate(self.index_to_key):
            found.setdefault(key, row)
        return found

    @functools.cached_property
    def vectors(self) -> NDArray[np.float32]:
        """All rows [rows, dims] as float32: the mapped file itself if it holds float32, else a copy."""
        matrix = self.space.matrix
        if matrix.dtype == np.float32:
            own: NDArray[np.float32] = matrix
            return own
        copied = np.empty(self.space.shape, np.float32)
        for at in range(0, len(copied), BLOCK_ROWS):
            copied[at : at + BLOCK_ROWS] = self._rows(range(at, min(at + BLOCK_ROWS, len(copied))))
        return copied

    @property
    def vector_size(self) -> int:
        """The number of dimensions."""
        return self.space.shape[1]

    def __len__(self) -> int:
        return len(self.space)

    def __contains__(self, key: object) -> bool:
        return key in self.key_to_index

    def __getitem__(self, key: Key | Sequence[Key]) -> NDArray[np.float32]:
        """The vector [dims] of a key, or the vectors [n, dims] of several."""
        keys = [key] if isinstance(key, str | int) else list(key)
        rows = self._rows([self.get_index(one) for one in keys]).astype(np.float32)
        found: NDArray[np.float32] = rows[0] if isinstance(key, str | int) else rows
        return found

    def get_vector(self, key: Key, norm: bool = False) -> NDArray[np.float32]:
        """The vector [dims] of a key, with length 1 if `norm`."""
        row = self._rows([self.get_index(key)])[0]  # [dims]
        return (_unit(row) if norm else row).astype(np.float32)

    def get_index(self, key: Key, default: int | None = None) -> int:
        """The row of a key; a number is a row itself.

        Raises:
            KeyError: no such key, and no default.
        """
        found = self.key_to_index.get(key) if isinstance(key, str) else None
        if found is None and isinstance(key, numbers.Integral) and 0 <= key < len(self):
            found = int(key)
        if found is None and default is None:
            raise KeyError(f"Key '{key}' not present")
        return default if found is None else found  # type: ignore[return-value]  # one of them is a row

    def most_similar(
        self, positive: Any = None, negative: Any = None, topn: int = 10, restrict_vocab: int | None = None
    ) -> Similar:
        """The keys nearest to the mean of the positive keys' unit vectors minus the negative ones', with cosines.

        Args:
            positive, negative: a key, a vector [dims] (taken as it is), or a list of these, of which each can be a pair
                (key, weight); as in gensim, the weight of a negative key is then what was given, minus sign and all.
            topn: how many keys.
            restrict_vocab: search only the first `restrict_vocab` rows.

        Raises:
            KeyError: a missing key.
            ValueError: no input.
            TermError: the inputs cancel out.
        """
        weighted = [*_weighted(positive, 1.0), *_weighted(negative, -1.0)]
        if not weighted:
            raise ValueError("cannot compute mean with no input")
        rows = [self.get_index(key) for key, _ in weighted if not isinstance(key, np.ndarray)]
        parts = [
            np.asarray(key, np.float64) if isinstance(key, np.ndarray) else _unit(self._rows([self.get_index(key)])[0])
            for key, _ in weighted
        ]
        weights = np.array([weight for _, weight in weighted])
        total = weights @ np.array(parts)  # [inputs] @ [inputs, dims] -> [dims]
        if np.linalg.norm(total) <= CANCELLATION * np.abs(weights).sum():
            raise TermError("the inputs cancel out, which gives no direction")
        return self._nearest(total, rows, int(topn), restrict_vocab)

    def similar_by_vector(
        self, vector: NDArray[Any], topn: int = 10, restrict_vocab: int | None = None
    ) -> Similar:  # fmt: skip
        """The keys nearest to a vector [dims], with cosines."""
        return self._nearest(np.asarray(vector, np.float64), [], int(topn), restrict_vocab)

    def similar_by_word(self, word: Key, topn: int = 10, restrict_vocab: int | None = None) -> Similar:
        """The keys nearest to a key, with cosines."""
        return self.most_similar([word], topn=topn, restrict_vocab=restrict_vocab)

    similar_by_key = similar_by_word

    def similarity(self, w1: Key, w2: Key) -> float:
        """The cosine of two keys."""
        first, second = (_unit(row) for row in self._rows([self.get_index(w1), self.get_index(w2)]))
        return float(first @ second)  # [dims] @ [dims]

    def distance(self, w1: Key, w2: Key) -> float:
        """1 - their cosine."""
        return 1 - self.similarity(w1, w2)

    def n_similarity(self, ws1: Sequence[Key], ws2: Sequence[Key]) -> float:
        """The cosine of the means of two sets of keys' raw vectors.

        Raises:
            ZeroDivisionError: an empty set, as in gensim.
        """
        if not (len(ws1) and len(ws2)):
            raise ZeroDivisionError("At least one of the passed list is empty.")
        first, second = (_unit(self._rows([self.get_index(key) for key in keys]).mean(axis=0)) for keys in (ws1, ws2))
        return float(first @ second)  # [dims] @ [dims]

    def doesnt_match(self, words: Iterable[Key]) -> str:
        """The key that least matches the others, of those that are there.

        Raises:
            ValueError: none is there.
            UsageError: fewer than three are there.
        """
        there = [word for word in words if word in self.key_to_index]
        if not there:
            raise ValueError("cannot select a word from an empty list")
        odd = self.space.odd(*(f"id:{self.get_index(word)}" for word in there)).words[0]
        return self.index_to_key[odd.tokens[0].id]

    def most_similar_to_given(self, key1: Key, keys_list: Sequence[Key]) -> Key:
        """The key of a list with the highest cosine with a key; the first of several."""
        return keys_list[int(np.argmax([self.similarity(key1, key) for key in keys_list]))]

    def _rows(self, rows: Sequence[int]) -> F64:
        found: F64 = self.space.weights.take(np.array(rows, np.intp))  # [n, dims]
        return found

    def _nearest(self, vector: F64, inputs: list[int], topn: int, restrict: int | None) -> Similar:
        if restrict is None:
            listed = self.space.neighbors(vector, topn + len(inputs) if topn else 0, raw=True)
            found = [(token.id, token.score) for token in listed]
        else:
            found = self._within(vector, min(int(restrict), len(self)))
        left = [(self.index_to_key[row], score) for row, score in found if row not in inputs]
        return left[: max(0, topn)]

    def _within(self, vector: F64, restrict: int) -> list[tuple[int, float]]:
        """The first rows by their cosines, best first; rows without a direction are left out."""
        cosines = np.empty(restrict)
        for at in range(0, restrict, BLOCK_ROWS):
            rows = self._rows(range(at, min(at + BLOCK_ROWS, restrict)))  # [block, dims]
            with np.errstate(invalid="ignore", divide="ignore"):
                cosines[at : at + BLOCK_ROWS] = rows @ _unit(vector) / np.linalg.norm(rows, axis=1)
        order = np.argsort(-cosines, kind="stable")
        return [(int(row), float(cosines[row])) for row in order if np.isfinite(cosines[row])]


def _weighted(keys: Any, sign: float) -> list[tuple[Any, float]]:
    """The inputs on one side, each with its weight."""
    if keys is None:
        return []
    if isinstance(keys, str | int | np.integer) or (isinstance(keys, np.ndarray) and keys.ndim == 1):
        return [(keys, sign)]
    return [(key[0], float(key[1])) if isinstance(key, tuple) else (key, sign) for key in keys]


def _unit(vector: F64) -> F64:
    """The vector with length 1; itself if it is zero, as in gensim."""
    length = np.linalg.norm(vector)
    return vector / length if length else vector
