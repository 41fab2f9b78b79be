"""gensim's own KeyedVectors (`save`): a pickle, and beside it NAME.vectors.npy where the matrix is large.

A pickle can name any function of any module and have it called. The reader here knows the few names in `STAND_INS`, and
for none of them is the real thing imported: each stands for a class or a function below that only keeps what it is
given. So whatever the file holds, nothing of it is run; what comes out is strings, numbers, lists, dictionaries and raw
bytes, which are then checked like any other file's. A file that names anything else is refused.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from embgeo.errors import FormatError, ModelError
from embgeo.formats.plain_pickle import StandIn, UnknownName, read_plain
from embgeo.formats.stream import damaged, reading

FLOATS: Final = frozenset({"f2", "f4", "f8"})


class Native(NamedTuple):
    """A KeyedVectors: its words, and its matrix [rows, dims] or the .npy file that holds it."""

    words: list[str]
    matrix: NDArray[Any] | Path


class _Vectors(StandIn):
    """Stands for gensim's classes."""


class _Array(StandIn):
    """Stands for a NumPy array: its state is (version, shape, dtype, column order, bytes)."""


class _Dtype(StandIn):
    """Stands for a NumPy dtype: made with its name, `f4`; the byte order comes second in its state."""


def _make_array(*_: object) -> _Array:
    return _Array()


def _frombuffer(data: object, dtype: object, shape: object, order: object) -> _Array:
    array = _Array()
    array.state = (1, shape, dtype, order != "C", data)
    return array


def _encode(text: object, encoding: object = "") -> bytes:
    """What pickles of protocol 2 spell bytes with."""
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError("bytes in an unknown spelling")
    return text.encode("latin-1")


_NUMPY: Final = ("numpy", "numpy.core.multiarray", "numpy._core.multiarray")
_GENSIM: Final = "gensim.models.keyedvectors"
STAND_INS: Final[dict[tuple[str, str], Any]] = {
    **{(_GENSIM, name): _Vectors for name in ("KeyedVectors", "Word2VecKeyedVectors", "EuclideanKeyedVectors")},
    **{(_GENSIM, name): StandIn for name in ("Vocab", "CompatVocab", "SimpleVocab")},
    **{(module, "_reconstruct"): _make_array for module in _NUMPY},
    **{(f"numpy.{core}.numeric", "_frombuffer"): _frombuffer for core in ("core", "_core")},
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Dtype,
    ("_codecs", "encode"): _encode,
    **{(module, name): StandIn for module in ("builtins", "__builtin__") for name in ("frozenset", "set")},
}


def read_native(path: Path) -> Native:
    """Read what gensim's `KeyedVectors.save` wrote.

    Raises:
        ModelError: the matrix is missing.
        FormatError: it is damaged, or holds something else, such as a whole Word2Vec model; the line of Python that
            converts that is named.
    """
    with reading(path), path.open("rb") as file:
        try:
            found = read_plain(file, path.stat().st_size, STAND_INS)
        except UnknownName as refused:
            raise _refusal(path, str(refused)) from None
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001  # a pickle's bytes decide what is raised
            raise damaged(path, f"it is no whole pickle ({error!r:.100})") from None
    if not isinstance(found, _Vectors) or not isinstance(found.state, dict):
        raise _refusal(path, type(found).__name__)
    state: dict[Any, Any] = found.state
    words = state.get("index_to_key", state.get("index2word"))  # the older name is gensim 3's
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise damaged(path, "it has no list of words")
    return Native(words, _matrix(state, path))


def _matrix(state: dict[Any, Any], path: Path) -> NDArray[Any] | Path:
    kept = state.get("vectors")
    if kept is None:
        beside = path.with_name(path.name + ".vectors.npy")
        if not beside.is_file():
            raise ModelError(f"'{beside.name}' is missing beside '{path}'", "gensim writes both; copy both.")
        return beside
    try:
        return _array(*kept.state)
    except (AttributeError, ValueError, TypeError, IndexError, OverflowError, MemoryError) as error:
        raise damaged(path, f"its matrix can't be read ({error!s:.100})") from None


def _array(_version: object, shape: Any, dtype: Any, columns_first: object, data: Any) -> NDArray[Any]:
    """The array [rows, dims] of an `_Array`'s state; any of the errors that wrong parts lead to if it is none."""
    kind, order = dtype.args[0], dtype.state[1] if dtype.state else "<"
    if not (isinstance(kind, str) and isinstance(order, str) and isinstance(data, bytes)):
        raise TypeError("an array of no known dtype")
    rows, dims = (_length(length) for length in shape)
    if kind not in FLOATS or order not in ("<", "=", "|") or columns_first or min(rows, dims) < 1:
        raise ValueError(f"an array of {order[:1]}{kind[:9]} of {rows:,} x {dims:,}")
    return np.frombuffer(data, f"<{kind}").reshape(rows, dims)


def _length(value: object) -> int:
    if not isinstance(value, int) or value >= 2**48:
        raise ValueError("a shape that no file has")
    return value


def _refusal(path: Path, what: str) -> FormatError:
    line = (
        f'python -c \'from gensim.models import KeyedVectors; m = KeyedVectors.load("{path}"); '
        f'getattr(m, "wv", m).save_word2vec_format("{path.stem}.bin", binary=True)\''
    )
    return FormatError(
        f"'{path}' is a pickle that holds {what[:80]}, which embgeo doesn't unpickle: it could run any code",
        f"If you trust it, convert it with gensim: {line}",
    )
