"""Sentence vectors of many texts, computed once and kept in the store under the hash of each text.

Each portion is its own file, written as a whole once it is computed, so that interrupted work is kept and concurrent
processes don't wait for each other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from embgeo.errors import FormatError, Report
from embgeo.formats.atomic import storing
from embgeo.formats.safetensors import array_file, map_tensor, read_header
from embgeo.models import places
from embgeo.models.sentence_rules import SentenceRules
from embgeo.numerics.dtypes import F32
from embgeo.questions.running import Runner, read_sentences, sentence_vectors

PORTION_TEXTS: Final = 512  # texts computed before they are written
KEY_BYTES: Final = 16


class PassageVectors(NamedTuple):
    """The vectors of some texts.

    Attributes:
        vectors: [texts, dims].
        cut: [texts] how many tokens past the model's limit were left out.
        computed: how many different texts were not in the store.
        folder: where the store keeps them.
        key: tells these texts in this order from others.
    """

    vectors: F32
    cut: NDArray[np.int32]
    computed: int
    folder: Path
    key: str


def passage_vectors(ready: Runner, rules: SentenceRules, texts: Sequence[str], report: Report) -> PassageVectors:
    """The vectors of texts; those that the store lacks are computed and added to it.

    Raises:
        ModelError: the store can't be written.
    """
    folder = places.texts_place(ready.model.place, ready.files.identity(ready.model))
    keys = _keys(rules, texts)
    which = {key: number for number, key in reversed(list(enumerate(keys)))}  # the first text of each key
    vectors = np.empty((len(texts), ready.transformer.settings.width), np.float32)
    cut = np.zeros(len(texts), np.int32)
    known = set[bytes]()
    for found, some, lost in stored_vectors(folder, vectors.shape[1]):
        rows = [row for row, key in enumerate(found) if key in which]
        numbers = [which[found[row]] for row in rows]
        vectors[numbers], cut[numbers] = some[rows], lost[rows]
        known.update(found[row] for row in rows)
    missing = [number for key, number in sorted(which.items(), key=lambda item: item[1]) if key not in known]
    done = 0
    for at in range(0, len(missing), PORTION_TEXTS):
        part = missing[at : at + PORTION_TEXTS]
        read = read_sentences(ready, rules, [texts[number] for number in part], cut=True)
        for rows, found_vectors in sentence_vectors(ready, rules, read):
            report("Encoding passages", done, len(missing), "passages")
            vectors[[part[row] for row in rows]] = found_vectors
            done += len(rows)
        cut[part] = [one.cut for one in read]
        _store(folder, [keys[number] for number in part], vectors[part], cut[part])
        report("Encoding passages", done, len(missing), "passages")
    again = [number for number, key in enumerate(keys) if which[key] != number]  # equal to an earlier text
    first = [which[keys[number]] for number in again]
    vectors[again], cut[again] = vectors[first], cut[first]
    whole = hashlib.sha256(b"".join(keys)).hexdigest()[:24]
    return PassageVectors(vectors, cut, len(missing), folder, whole)


def _keys(rules: SentenceRules, texts: Sequence[str]) -> list[bytes]:
    """The store's key for each text's vector: a hash of the text and of how it becomes a vector."""
    start = f"{rules!r}\n".encode()
    return [hashlib.sha256(start + text.encode("utf-8", "surrogatepass")).digest()[:KEY_BYTES] for text in texts]


def stored_vectors(folder: Path, width: int) -> Iterator[tuple[list[bytes], F32, NDArray[np.int32]]]:
    """The keys, vectors [texts, dims] and cuts [texts] of each file; a damaged one counts as absent."""
    for file in sorted(folder.glob("passages-*.safetensors")):
        try:
            tensors = read_header(file).tensors
            keys, vectors, cut = (np.asarray(map_tensor(file, tensors[name])) for name in ("keys", "vectors", "cut"))
        except (OSError, FormatError, KeyError):
            continue
        if vectors.shape == (len(keys), width) and vectors.dtype == np.float32 and cut.shape == (len(keys),):
            blob = keys.tobytes()
            yield [blob[at : at + KEY_BYTES] for at in range(0, len(blob), KEY_BYTES)], vectors, cut


def _store(folder: Path, keys: list[bytes], vectors: F32, cut: NDArray[np.int32]) -> None:
    blob = b"".join(keys)
    name = hashlib.sha256(blob).hexdigest()[:24]
    with storing(folder / f"passages-{name}.safetensors") as file:
        numbers = np.frombuffer(blob, np.uint8).reshape(len(keys), KEY_BYTES)
        file.writelines(array_file({"vectors": vectors, "cut": cut, "keys": numbers}, {}))
