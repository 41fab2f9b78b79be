"""spaCy's vectors: a folder with `vectors` (NumPy's .npy), `key2row` (hashes of words and their rows) and strings.json.

A hash is MurmurHash64A of a string's UTF-8 with seed 1; spaCy's own symbols have numbers instead. Several words can
share a row: each gets a row of its own here.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embgeo.errors import FormatError, ModelError
from embgeo.formats import npy
from embgeo.formats.spacy_symbols import NAMES
from embgeo.formats.stream import damaged, read_errors
from embgeo.formats.vector_file import VectorFile, VectorSource
from embgeo.formats.watched import Watched
from embgeo.formats.word_list import converting_words, mapped_file, with_notes
from embgeo.numerics.dtypes import to_float32
from embgeo.numerics.kernels import pieces

STRINGS_AT_ONCE: Final = 1 << 16  # strings at a time
MAX_STRINGS_BYTES: Final = 1 << 30  # bytes of a list of strings
MIX: Final = np.uint64(0xC6A4A7935BD1E995)
SHIFT: Final = np.uint64(47)
# The operations of MessagePack for integers and maps, and the form of what follows each.
INTEGERS: Final = {0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q"}
MAPS: Final = {0xDE: ">H", 0xDF: ">I"}


def read(source: VectorSource) -> VectorFile:
    """Map the rows if each has one word, else write a row for each word."""
    folder = vectors_folder(source.path)
    if folder is None:
        raise ModelError(
            f"'{source.path}' has no vectors of spaCy", "Name a folder with the files vectors and key2row."
        )
    files = [folder / name for name in ("vectors", "key2row", "strings.json")]
    watched = (*map(Watched.of, files), Watched.of(folder / "vectors.cfg"))
    for file in files:
        if not file.is_file():
            raise ModelError(f"'{file.name}' is missing in '{folder}'", "spaCy's Vocab.to_disk writes all of them.")
    _check_mode(folder / "vectors.cfg")
    array = npy.read_array(files[0])
    keys, rows = _keys(files[1])
    words, known = _words(_strings(files[2]), keys)
    rows = rows[known]
    if not words or int(rows.max()) >= array.shape[0]:
        raise damaged(files[1], f"its {len(keys):,} keys don't fit {array.shape[0]:,} rows and the strings next to it")
    missing = len(keys) - len(words)
    notes = (f"{missing:,} vectors are left out: strings.json lacks their words",) if missing else ()
    order = np.argsort(rows, kind="stable")
    words, rows = [words[at] for at in order.tolist()], rows[order]
    if np.array_equal(rows, np.arange(array.shape[0])):
        return with_notes(mapped_file(source, npy.locate_matrix(files[0], array, source), words, watched), *notes)
    if not array.by_rows:
        raise damaged(files[0], "its rows are not one after another")
    shared = len(rows) - len(np.unique(rows))
    if shared:
        notes = (*notes, f"{shared:,} words have the vector of another word, as in the file")
    matrix = np.memmap(files[0], np.dtype(array.dtype), "r", array.start, array.shape)  # [rows, dims]
    with converting_words(source, array.shape[1]) as out:
        for part in pieces(len(rows), 4 * array.shape[1]):
            out.add(words[part], to_float32(matrix[rows[part]], "F64"))  # [piece, dims]
            source.report(f"Converting {source.path.name}", part.stop, len(rows), "rows")
            if out.full:
                break
    return out.file(*watched, notes=notes)


def vectors_folder(path: Path) -> Path | None:
    """The folder with the vectors of a model, a vocabulary, or an installed package; None if there is none."""
    near = [path, path / "vocab", *sorted(folder.parent for folder in path.glob("*/vocab/key2row"))]
    return next((folder for folder in near if (folder / "key2row").is_file() and (folder / "vectors").is_file()), None)


def _check_mode(path: Path) -> None:
    if path.is_file() and _json(path).get("mode", "default") != "default":
        hint = "spaCy makes them of n-grams: write the words that you need as .npz, with nlp.vocab[word].vector."
        raise FormatError(f"'{path.parent}' has floret vectors, which have no words", hint)


def _json(path: Path) -> Any:
    with read_errors(path):
        if path.stat().st_size > MAX_STRINGS_BYTES:
            raise damaged(path, f"it has more than {MAX_STRINGS_BYTES:,} bytes")
        try:
            found = json.loads(path.read_bytes())
        except (ValueError, RecursionError) as error:
            raise damaged(path, f"it is not JSON ({error!s:.80})") from None
    if not isinstance(found, dict | list):
        raise damaged(path, "it is neither a list nor an object")
    return found


def _strings(path: Path) -> list[str]:
    found = _json(path)
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise damaged(path, "it is not a list of strings")
    return found


def _keys(path: Path) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The hash of each word, and its row [words]."""
    with read_errors(path):
        data = path.read_bytes()
    try:
        count, at = (data[0] & 15, 1) if 0x80 <= data[0] <= 0x8F else _integer(data, 0, MAPS)
        numbers = np.empty((min(count, len(data)), 2), np.uint64)  # false counts end with the data
        for number in range(2 * count):
            value, at = (data[at], at + 1) if data[at] < 0x80 else _integer(data, at, INTEGERS)
            numbers[number // 2, number % 2] = value
    except (ValueError, KeyError, IndexError, struct.error) as error:
        raise damaged(path, f"it is not a map of numbers ({error!s:.80})") from None
    if (numbers[:, 1] >= 1 << 48).any():
        raise damaged(path, "it has an impossible row")
    return numbers[:, 0], numbers[:, 1].astype(np.int64)


def _integer(data: bytes, at: int, forms: dict[int, str]) -> tuple[int, int]:
    form = forms[data[at]]
    return struct.unpack_from(form, data, at + 1)[0], at + 1 + struct.calcsize(form)


def _words(strings: list[str], keys: NDArray[np.uint64]) -> tuple[list[bytes], NDArray[np.bool_]]:
    """The words of the keys in their order, and which keys [keys] have one."""
    wanted = set(keys.tolist())
    found = {number: name.encode() for number, name in enumerate(NAMES, 1) if number in wanted}
    for at in range(0, len(strings), STRINGS_AT_ONCE):
        texts = [text.encode("utf-8", "surrogatepass") for text in strings[at : at + STRINGS_AT_ONCE] if text]
        for text, key in zip(texts, hashes(texts).tolist(), strict=True):
            if key in wanted:
                found.setdefault(key, text.decode("utf-8", "replace").encode())
    texts = [found.get(key, b"") for key in keys.tolist()]
    return [text for text in texts if text], np.array([bool(text) for text in texts], bool)


def hashes(texts: list[bytes]) -> NDArray[np.uint64]:
    """MurmurHash64A of each text [texts], with seed 1 (Appleby, MurmurHash2)."""
    found = np.zeros(len(texts), np.uint64)
    lengths = np.array([len(text) for text in texts])
    for length in np.unique(lengths).tolist():
        at = np.flatnonzero(lengths == length)
        block = np.frombuffer(b"".join(texts[one] for one in at.tolist()), np.uint8).reshape(len(at), length)
        found[at] = _murmur(block, length)
    return found


def _murmur(block: NDArray[np.uint8], length: int) -> NDArray[np.uint64]:
    """The hash of each row of bytes [texts, length]."""
    whole = length // 8
    words = np.zeros((len(block), 8 * (whole + 1)), np.uint8)
    words[:, :length] = block
    numbers = words.view("<u8").astype(np.uint64)  # [texts, whole + 1], the last filled up with zeros
    state = np.full(len(block), 1 ^ (length * int(MIX)) % 2**64, np.uint64)
    for at in range(whole):
        mixed = numbers[:, at] * MIX
        mixed = (mixed ^ (mixed >> SHIFT)) * MIX
        state = (state ^ mixed) * MIX
    if length % 8:
        state = (state ^ numbers[:, whole]) * MIX
    state = (state ^ (state >> SHIFT)) * MIX
    return state ^ (state >> SHIFT)
