"""gensim's own KeyedVectors (`save`): a pickle, with NAME.vectors.npy next to it where the matrix is large.

A pickle can name any function of any module and have it called. The reader knows only the names in `STAND_INS`, and
imports none of them: each is replaced by a class or function below that stores its arguments. So no code of the file
runs. The result is strings, numbers, lists, dictionaries and raw bytes, which are checked like those of any other file.
A file that names anything else is refused.
"""

from __future__ import annotations

import json
import pickle
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from embgeo.errors import FormatError, ModelError
from embgeo.formats import npy
from embgeo.formats.plain_pickle import StandIn, UnknownNameError, read_plain
from embgeo.formats.stream import damaged, read_errors
from embgeo.formats.vector_file import VectorFile, VectorSource
from embgeo.formats.watched import Watched
from embgeo.formats.word_list import converting_words, mapped_file, read_word

FLOATS: Final = frozenset({"f2", "f4", "f8"})
INTEGERS: Final = frozenset(f"{kind}{size}" for kind in "iu" for size in (1, 2, 4, 8))
MATRICES: Final = ("vectors", "syn0", "vectors_docs")  # today's name, that before gensim 3.3, Doc2Vec's before 4.0


class SavedKeyedVectors(NamedTuple):
    """A KeyedVectors.

    Attributes:
        words: its keys as text.
        matrix: its rows [rows, dims], or the .npy file with them.
        empty: rows at the end that were reserved for more keys.
    """

    words: list[str]
    matrix: NDArray[Any] | Path
    empty: int


class _Vectors(StandIn):
    """Replaces gensim's classes."""


class _Array(StandIn):
    """Replaces a NumPy array: its state is (version, shape, dtype, column order, bytes)."""


class _Dtype(StandIn):
    """Replaces a NumPy dtype: its argument is the name, `f4`; the byte order is second in its state."""


def _make_array(*_: object) -> _Array:
    return _Array()


def _frombuffer(data: object, dtype: object, shape: object, order: object) -> _Array:
    array = _Array()
    array.state = (1, shape, dtype, order != "C", data)
    return array


def _scalar(dtype: Any, data: Any) -> int:
    """A NumPy integer, as keys can be."""
    kind, order = dtype.args[0], dtype.state[1]
    if kind not in INTEGERS or order not in ("<", "=", "|") or len(data) != int(kind[1]):
        raise pickle.UnpicklingError("a NumPy number that is not an integer")
    return int.from_bytes(data, "little", signed=kind[0] == "i")


def _encode(text: object, encoding: object = "") -> bytes:
    """Bytes as pickles of protocol 2 write them."""
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError("bytes in an unknown encoding")
    return text.encode("latin-1")


_NUMPY: Final = ("numpy", "numpy.core.multiarray", "numpy._core.multiarray")
_GENSIM: Final = "gensim.models.keyedvectors"
CLASSES: Final = ("KeyedVectors", "Word2VecKeyedVectors", "EuclideanKeyedVectors", "Doc2VecKeyedVectors")
STAND_INS: Final[dict[tuple[str, str], Any]] = {
    **{(_GENSIM, name): _Vectors for name in CLASSES},
    **{(_GENSIM, name): StandIn for name in ("Vocab", "CompatVocab", "SimpleVocab", "Doctag")},
    ("gensim.models.doc2vec", "Doctag"): StandIn,
    **{(module, "_reconstruct"): _make_array for module in _NUMPY},
    **{(module, "scalar"): _scalar for module in _NUMPY},
    **{(f"numpy.{core}.numeric", "_frombuffer"): _frombuffer for core in ("core", "_core")},
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Dtype,
    ("_codecs", "encode"): _encode,
    **{(module, name): StandIn for module in ("builtins", "__builtin__") for name in ("frozenset", "set")},
}


def read(source: VectorSource) -> VectorFile:
    """Map a KeyedVectors' .npy, or convert the matrix inside the pickle."""
    path, watched = source.path, Watched.of(source.path)
    native = read_native(path)
    notes = (f"{native.empty:,} rows without a key are left out",) if native.empty else ()
    if isinstance(native.matrix, Path):
        both = (watched, Watched.of(native.matrix))
        array = npy.read_array(native.matrix)
        words = _encoded(native, array.shape[0], path)
        if native.empty and array.by_rows:
            array = array._replace(shape=(len(native.words), array.shape[1]))
        elif native.empty:
            raise damaged(native.matrix, "its rows are not one after another")
        found = mapped_file(source, npy.locate_matrix(native.matrix, array, source), words, both)
        return replace(found, notes=notes + found.notes)
    rows, dims = native.matrix.shape
    with converting_words(source, dims) as out:
        out.words.add(_encoded(native, rows, path))
        out.matrix.add(np.asarray(native.matrix[: len(out.words.kept)], "<f4"))
    found = out.file(watched)
    return replace(found, notes=notes + found.notes)


def _encoded(native: SavedKeyedVectors, rows: int, path: Path) -> list[bytes]:
    words = native.words
    if len(words) + native.empty != rows or len(set(words)) != len(words):
        keys = f"{len(words):,} words, {len(set(words)):,} of them different"
        raise damaged(path, f"it has {keys}, for {rows - native.empty:,} rows")
    encoded = [word.encode("utf-8", "surrogatepass") for word in words]
    return [read_word(word, path, f"row {number:,}") for number, word in enumerate(encoded, 1)]


def read_native(path: Path) -> SavedKeyedVectors:
    """Read what gensim's `KeyedVectors.save` wrote.

    Raises:
        ModelError: the matrix is missing.
        FormatError: it is damaged, or holds something else, such as a whole Word2Vec model; the hint gives the Python
            line that converts it.
    """
    with read_errors(path), path.open("rb") as file:
        try:
            found = read_plain(file, path.stat().st_size, STAND_INS)
        except UnknownNameError as refused:
            raise _refusal(path, str(refused)) from None
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001  # a pickle's bytes decide what is raised
            raise damaged(path, f"it is not a complete pickle ({error!r:.100})") from None
    if not isinstance(found, _Vectors) or not isinstance(found.state, dict):
        raise _refusal(path, type(found).__name__)
    matrix = _matrix(found.state, path)
    rows = npy.read_array(matrix).shape[0] if isinstance(matrix, Path) else len(matrix)
    words = _words(found.state, rows, path)
    keys = words[: next((at for at, word in enumerate(words) if word is None), len(words))]
    if (
        not keys
        or not all(type(key) in (str, int) for key in keys)
        or any(word is not None for word in words[len(keys) :])
    ):
        raise damaged(path, "it has no list of words")
    return SavedKeyedVectors([str(key) for key in keys], matrix, len(words) - len(keys))


def _words(state: dict[Any, Any], rows: int, path: Path) -> list[Any]:
    """The key of each row: a text, an integer, or None for a row that has none."""
    if "offset2doctag" in state:  # Doc2Vec's before gensim 4: the numbers first, then the texts
        largest, texts = state.get("max_rawint"), state["offset2doctag"]
        if type(largest) is int and -1 <= largest < rows and isinstance(texts, list):
            return [*range(largest + 1), *texts]
        raise damaged(path, "it has no list of documents")
    words = state.get("index_to_key", state.get("index2word", state.get("index2entity")))  # the older are gensim 3's
    if not isinstance(words, list):
        raise damaged(path, "it has no list of words")
    return words


def _matrix(state: dict[Any, Any], path: Path) -> NDArray[Any] | Path:
    name = next((name for name in MATRICES if name in state), MATRICES[0])
    array = state.get(name)
    if array is None:
        apart = state.get("__numpys")
        name = next((one for one in MATRICES if isinstance(apart, list) and one in apart), name)
        beside = path.with_name(f"{path.name}.{name}.npy")
        if not beside.is_file():
            raise ModelError(f"'{beside.name}' is missing next to '{path}'", "gensim writes both; copy both.")
        return beside
    try:
        return _array(*array.state)
    except (AttributeError, ValueError, TypeError, IndexError, OverflowError, MemoryError) as error:
        raise damaged(path, f"its matrix can't be read ({error!s:.100})") from None


def _array(_version: object, shape: Any, dtype: Any, columns_first: object, data: Any) -> NDArray[Any]:
    """The array [rows, dims] of an `_Array`'s state; malformed parts raise any of the errors caught above."""
    kind, order = dtype.args[0], dtype.state[1] if dtype.state else "<"
    if not (isinstance(kind, str) and isinstance(order, str) and isinstance(data, bytes)):
        raise TypeError("an array of unknown dtype")
    rows, dims = (_length(length) for length in shape)
    if kind not in FLOATS or order not in ("<", "=", "|") or columns_first or min(rows, dims) < 1:
        raise ValueError(f"an array of {order[:1]}{kind[:9]} of {rows:,} x {dims:,}")
    return np.frombuffer(data, f"<{kind}").reshape(rows, dims)


def _length(value: object) -> int:
    if not isinstance(value, int) or value >= 2**48:
        raise ValueError("an impossible shape")
    return value


def _refusal(path: Path, what: str) -> FormatError:
    source, target = (json.dumps(name, ensure_ascii=False) for name in (str(path), f"{path.stem}.bin"))
    line = shlex.join([
        "python", "-c", f"from gensim.models import KeyedVectors; m = KeyedVectors.load({source}); "
        f'getattr(m, "wv", m).save_word2vec_format({target}, binary=True)',
    ])  # fmt: skip
    other = ' ("dv" for its documents)' if "doc2vec" in what else ""
    return FormatError(
        f"'{path}' is a pickle that holds {what[:80]}, which embgeo doesn't unpickle: it could run any code",
        f"If you trust it, convert it with gensim{other}: {line}",
    )
