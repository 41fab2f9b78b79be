"""gensim's own files, including old ones, document vectors and reserved rows, are read as gensim reads them."""

from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gensim import models
from gensim.models import KeyedVectors
from gensim.models.doc2vec import Doctag
from gensim.models.keyedvectors import CompatVocab

from embgeo import FormatError, ModelError, load
from vector_files import keyed, rows

APART = pytest.mark.parametrize("apart", [False, True], ids=["inside", "apart"])


def save(vectors: Any, path: Path, *, apart: bool) -> Path:
    """Save with gensim, with the matrix in the pickle or in a .npy next to it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        vectors.save(str(path), sep_limit=0 if apart else 1 << 30)
    return path


def check_as_gensim(path: Path) -> None:
    """Check that embgeo and gensim load the same keys and vectors."""
    space, vectors = load(path), KeyedVectors.load(str(path))
    keys = [key for key in vectors.index_to_key if key is not None]
    assert [space.vocabulary.token(row).text for row in range(space.shape[0])] == [str(key) for key in keys]
    assert np.array_equal(space.matrix, np.array([vectors[key] for key in keys]))


def older(**state: Any) -> KeyedVectors:
    """A KeyedVectors with the attributes of an older gensim version."""
    vectors = KeyedVectors.__new__(KeyedVectors)
    vectors.__dict__.update(vector_size=3, **state)
    return vectors


@APART
def test_gensim_3_2(apart: bool, tmp_path: Path) -> None:
    """In gensim 3.2 the matrix is `syn0`, the words are `index2word`, and counts are in a dictionary."""
    words = ["cat", "dog", "Zürich"]
    vocab = {word: CompatVocab(index=row, count=9 - row) for row, word in enumerate(words)}
    vectors = older(syn0=rows(3, 3), syn0norm=None, index2word=words, vocab=vocab)
    path = save(vectors, tmp_path / "old.kv", apart=apart)
    assert (tmp_path / "old.kv.syn0.npy").exists() is apart
    check_as_gensim(path)


@APART
@pytest.mark.parametrize("largest", [-1, 1])
def test_documents_of_gensim_3(largest: int, apart: bool, tmp_path: Path) -> None:
    """Doc2Vec vectors of gensim 3 start with the numbered documents."""
    tags = ["a", "b"]
    doctags = {tag: Doctag(index, 1, 1) for index, tag in enumerate(tags)}
    count = largest + 1 + len(tags)
    vectors = older(doctags=doctags, offset2doctag=tags, max_rawint=largest, count=count, vectors_docs=rows(count, 3))
    path = save(vectors, tmp_path / "docs.kv", apart=apart)
    result = load(path)
    assert np.array_equal(result.matrix, rows(count, 3))
    assert [result.vocabulary.token(row).text for row in range(count)] == [*map(str, range(largest + 1)), *tags]


@APART
@pytest.mark.parametrize("tags", [[0, 1, 2], ["x", "y", "z"], ["x", 3, 1]], ids=["numbers", "texts", "both"])
def test_documents(tags: list[Any], apart: bool, tmp_path: Path) -> None:
    """The `dv` of a Doc2Vec model, with tags that are numbers, texts or both."""
    texts = [models.doc2vec.TaggedDocument(["cat", "dog", "mouse"], [tag]) for tag in tags]
    model = models.Doc2Vec(texts, vector_size=4, min_count=1, workers=1, epochs=1)
    check_as_gensim(save(model.dv, tmp_path / "dv.kv", apart=apart))


@APART
@pytest.mark.parametrize("kind", [int, np.int64, np.int16, np.uint8])
def test_integer_keys(kind: Any, apart: bool, tmp_path: Path) -> None:
    """Keys can be integers of Python or NumPy."""
    check_as_gensim(save(keyed([kind(3), kind(71), kind(0)], rows(3, 3)), tmp_path / "int.kv", apart=apart))


@APART
def test_reserved_rows(apart: bool, tmp_path: Path) -> None:
    """Reserved rows without a key are left out, with a note."""
    vectors = KeyedVectors(3, count=5)
    for word, row in zip(["cat", "dog"], rows(2, 3), strict=True):
        vectors.add_vector(word, row)
    path = save(vectors, tmp_path / "room.kv", apart=apart)
    check_as_gensim(path)
    assert load(path).info().notes == ("3 rows without a key are left out",)


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "a gap": ({"index_to_key": ["a", None, "b"], "vectors": rows(3, 3)}, "it has no list of words"),
    "no key": ({"index_to_key": [None, None], "vectors": rows(2, 3)}, "it has no list of words"),
    "a float": ({"index_to_key": ["a", 0.5], "vectors": rows(2, 3)}, "it has no list of words"),
    "a number twice": ({"index_to_key": ["1", 1], "vectors": rows(2, 3)}, "2 words, 1 of them different"),
    "too few rows": ({"index_to_key": ["a", "b", None], "vectors": rows(2, 3)}, "2 words, 2 of them different, for 1"),
    "documents": ({"offset2doctag": [], "max_rawint": 2**40, "vectors_docs": rows(2, 3)}, "no list of documents"),
}


@pytest.mark.parametrize("name", BAD)
def test_damaged(name: str, tmp_path: Path) -> None:
    """Keys that don't match the rows are an error."""
    state, why = BAD[name]
    with pytest.raises(FormatError, match=why):
        load(save(older(**state), tmp_path / "bad.kv", apart=False))


@pytest.mark.slow
def test_documents_of_a_whole_model(tmp_path: Path) -> None:
    """The error for a whole Doc2Vec model has a command that exports its words, and one for its documents."""
    texts = [models.doc2vec.TaggedDocument(["cat", "dog"], [f"d{number}"]) for number in range(3)]
    model = models.Doc2Vec(texts, vector_size=4, min_count=1, workers=1, epochs=1)
    path = save(model, tmp_path / "m.model", apart=False)
    with pytest.raises(ModelError, match=r"holds gensim\.models\.doc2vec\.Doc2Vec") as refusal:
        load(path)
    for name, vectors, word in (("wv", model.wv, "cat"), ("dv", model.dv, "d1")):
        code = refusal.value.hint.partition("python -c '")[2].partition("'")[0].replace('"wv"', f'"{name}"')
        subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True)
        assert np.allclose(load(tmp_path / "m.bin").vector(word).values, vectors[word])
    assert '("dv" for its documents)' in refusal.value.hint
