"""spaCy's vectors and finalfusion's files, compared with the libraries themselves."""

from __future__ import annotations

import json
import shlex
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import Run
from embgeo import FormatError, ModelError, load
from embgeo.formats.spacy_symbols import NAMES
from embgeo.formats.spacy_vectors import hashes
from vector_files import WORDS, read, rows

SYMBOLS = ["agent", "mark", "root", "number", "det", "ORTH"]
ALL = [*WORDS, *SYMBOLS, "a", "ab" * 50]


def packed(pairs: dict[int, int]) -> bytes:
    """A map of integers in MessagePack."""
    head = b"\xde" + struct.pack(">H", len(pairs))
    return head + b"".join(b"\xcf" + struct.pack(">Q", key) + b"\xcd" + struct.pack(">H", row)
                           for key, row in pairs.items())  # fmt: skip


def folder_of(folder: Path, strings: list[str], pairs: dict[int, int], matrix: Any) -> Path:
    """Write the files of a vocabulary by hand."""
    folder.mkdir(parents=True)
    with (folder / "vectors").open("wb") as file:
        np.save(file, matrix)
    (folder / "key2row").write_bytes(packed(pairs))
    (folder / "strings.json").write_text(json.dumps(strings))
    (folder / "vectors.cfg").write_text('{"mode": "default"}')
    return folder


def keys(*words: str) -> list[int]:
    """The hashes of words."""
    return [int(key) for key in hashes([word.encode() for word in words])]


def test_hashes_by_hand() -> None:
    """Two hashes from spaCy's documentation."""
    assert keys("coffee", "apple") == [3197928453018144401, 8566208034543834098]


def test_vectors_by_spacy(tmp_path: Path) -> None:
    """Words and vectors are spaCy's, from the folder of a vocabulary, a model or a package."""
    spacy = pytest.importorskip("spacy", reason="the package spacy is not installed")
    vocab = spacy.blank("en").vocab
    vocab.vectors = spacy.vectors.Vectors(strings=vocab.strings, data=rows(len(ALL)), keys=ALL)
    for word in ALL:
        vocab.strings.add(word)
    (tmp_path / "pack" / "en_x-1.0").mkdir(parents=True)
    vocab.to_disk(tmp_path / "pack" / "en_x-1.0" / "vocab")
    for name in ("pack/en_x-1.0/vocab", "pack/en_x-1.0", "pack"):
        space = load(tmp_path / name)
        assert [space.vocabulary.token(row).text for row in range(len(ALL))] == ALL
        assert np.array_equal(space.matrix, np.array([vocab[word].vector for word in ALL]))
    assert load(tmp_path / "pack").info().path.endswith("vocab/vectors")
    assert load(tmp_path / "pack", limit=4).shape == (4, 7)
    vocab.vectors.to_disk(tmp_path / "alone")
    assert np.array_equal(load(tmp_path / "alone").matrix, rows(len(ALL)))


def test_symbols_and_hashes_are_spacys() -> None:
    """All symbols, and the hashes of all strings in spaCy's list."""
    spacy = pytest.importorskip("spacy", reason="the package spacy is not installed")
    assert {name: number for number, name in enumerate(NAMES, 1)} == {k: v for k, v in spacy.symbols.IDS.items() if k}
    strings = [word for word in spacy.blank("en").vocab.strings if word and word not in spacy.symbols.IDS]
    assert keys(*strings) == [spacy.strings.hash_string(word) for word in strings]


def test_pruned_vectors(tmp_path: Path) -> None:
    """Words that share a row all have its vector, with a note; words without a vector are missing."""
    one, two, three = keys("cat", "kitten", "dog")
    path = folder_of(tmp_path / "v", ["", "dog", "kitten", "cat", "ferret"], {two: 0, one: 0, three: 2}, rows(3, 2))
    space = load(path)
    assert [space.vocabulary.token(row).text for row in range(3)] == ["kitten", "cat", "dog"]
    assert np.array_equal(space.matrix, rows(3, 2)[[0, 0, 2]])
    assert space.info().notes == ("1 words have the vector of another word, as in the file",)


def test_missing_strings(tmp_path: Path) -> None:
    """A hash without a string is omitted, with a note."""
    path = folder_of(tmp_path / "v", ["cat"], dict(zip(keys("cat", "dog"), (0, 1), strict=True)), rows(2, 2))
    assert load(path).shape == (1, 2)
    assert load(path).info().notes == ("1 vectors are left out: strings.json lacks their words",)


BAD: dict[str, tuple[str, bytes, str]] = {
    "no map": ("key2row", b"\xc0", "it is not a map of numbers"),
    "cut off": ("key2row", packed({keys("cat")[0]: 0})[:-1], "it is not a map of numbers"),
    "a huge map": ("key2row", b"\xdf\xff\xff\xff\xff\x01\x02", "it is not a map of numbers"),
    "another row": ("key2row", packed({keys("cat")[0]: 9}), "its 1 keys don't fit 2 rows"),
    "no word": ("key2row", packed({5_000_000: 0}), "its 1 keys don't fit"),
    "no JSON": ("strings.json", b"[", "it is not JSON"),
    "no list": ("strings.json", b"{}", "it is not a list of strings"),
    "floret": ("vectors.cfg", b'{"mode": "floret"}', "has floret vectors, which have no words"),
    "no matrix": ("vectors", b"\x93NUMPY", "it has no .npy header"),
}


@pytest.mark.parametrize("name", BAD)
def test_damaged_folder(name: str, tmp_path: Path) -> None:
    """The error says what is wrong with the damaged file."""
    file, content, why = BAD[name]
    path = folder_of(tmp_path / "v", ["cat", "dog"], dict(zip(keys("cat", "dog"), (0, 1), strict=True)), rows(2, 2))
    (path / file).write_bytes(content)
    with pytest.raises(FormatError, match=why):
        load(path)


def test_incomplete_folders(run: Run, tmp_path: Path) -> None:
    """A folder without strings.json, and a folder without spaCy's vectors."""
    path = folder_of(tmp_path / "v", ["cat"], {keys("cat")[0]: 0}, rows(1, 2))
    (path / "strings.json").unlink()
    with pytest.raises(ModelError, match=r"'strings.json' is missing"):
        load(path)
    assert "has no vectors of spaCy" in run("info", "-m", str(tmp_path), "--file-format", "spacy").stderr


def fifu(
    words: list[bytes], matrix: Any, kind: int = 1, more: bytes = b"", array: int = 2, size: int | None = None
) -> bytes:
    """A finalfusion file made by hand."""
    head = struct.pack("<Q", len(words)) if kind == 1 else struct.pack("<QIII", len(words), 3, 6, 21)
    content = head + b"".join(struct.pack("<I", len(word)) + word for word in words)
    data = b"FiFu" + struct.pack("<5I", 0, 3, kind, array, 6) + struct.pack("<IQ", kind, len(content)) + content
    shape = struct.pack("<QII", *matrix.shape, 10)
    padding = bytes(4 - (len(data) + 12 + len(shape)) % 4)
    content = shape + padding + matrix.tobytes()
    whole: bytes = data + struct.pack("<IQ", array, len(content) if size is None else size) + content + more
    return whole


@pytest.mark.parametrize("kind", ["simple", "bucket", "fasttext"])
def test_files_by_finalfusion(kind: str, tmp_path: Path) -> None:
    """Words and vectors are finalfusion's, for each of its vocabularies, with and without stored norms."""
    ff = pytest.importorskip("finalfusion", reason="the package finalfusion is not installed")
    from finalfusion import vocab as v
    from finalfusion.subword import FastTextIndexer, FinalfusionHashIndexer

    vocab = {
        "simple": lambda: v.SimpleVocab(WORDS),
        "bucket": lambda: v.FinalfusionBucketVocab(WORDS, FinalfusionHashIndexer(4)),
        "fasttext": lambda: v.FastTextVocab(WORDS, FastTextIndexer(20)),
    }[kind]()
    matrix = rows(vocab.upper_bound)
    norms = ff.norms.Norms(np.ones(len(WORDS), np.float32)) if kind == "bucket" else None
    whole = ff.Embeddings(ff.storage.NdArray(matrix), vocab, norms)
    whole.write(str(tmp_path / "file.fifu"))
    space = load(tmp_path / "file.fifu")
    assert [space.vocabulary.token(row).text for row in range(len(space))] == WORDS
    assert np.array_equal(space.matrix, np.array([whole[word] for word in WORDS]))
    assert space.info().path == str(tmp_path / "file.fifu")
    notes = {"simple": 0, "bucket": 2, "fasttext": 1}[kind]
    assert len(space.info().notes) == notes
    assert load(tmp_path / "file.fifu", limit=2).shape == (2, 7)


@pytest.mark.parametrize("kind", ["explicit", "quantized"])
def test_unsupported_finalfusion_files(kind: str, tmp_path: Path) -> None:
    """The command in the hint converts the file to one with the same vectors."""
    ff = pytest.importorskip("finalfusion", reason="the package finalfusion is not installed")
    from finalfusion import vocab as v
    from finalfusion.subword import FinalfusionHashIndexer

    path, vocab, storage = tmp_path / "file.fifu", v.SimpleVocab(WORDS), ff.storage.NdArray(rows())
    if kind == "explicit":
        vocab = v.FinalfusionBucketVocab(WORDS, FinalfusionHashIndexer(4)).to_explicit()
        storage = ff.storage.NdArray(rows(vocab.upper_bound))
    else:
        quantizer = ff.storage.quantized.PQ(rows(4 * 3, 7).reshape(1, 12, 7), None)
        storage = ff.storage.QuantizedArray(quantizer, np.zeros((len(WORDS), 1), np.uint8), None)
    ff.Embeddings(storage, vocab).write(str(path))
    with pytest.raises(FormatError, match="is quantized" if kind == "quantized" else "explicit n-grams") as refusal:
        load(path)
    line = shlex.split(refusal.value.hint.partition("python ")[2])
    subprocess.run([sys.executable, *line], cwd=tmp_path, check=True, capture_output=True)
    whole = ff.load_finalfusion(str(path))
    assert np.allclose(load(tmp_path / "vectors.bin").matrix, np.array([whole[word] for word in WORDS]), atol=1e-6)


def test_finalfusion_by_hand(tmp_path: Path) -> None:
    """A file written by hand, for names of several lengths."""
    for words in ([b"a", b"bc"], [b"abc", b"de"], [b"abcd", b"efgh"]):
        assert np.array_equal(read(tmp_path / words[0].decode(), fifu(words, rows(2, 3))).matrix, rows(2, 3))


FIFU: dict[str, tuple[bytes, str]] = {
    "version": (b"FiFu" + struct.pack("<II", 7, 0), "its version 7 is not 0"),
    "cut off": (fifu([b"a"], rows(1, 3))[:-4], "a chunk ends at byte"),
    "quantized": (fifu([b"a"], rows(1, 3), array=4), "is quantized by finalfusion"),
    "no words": (fifu([b"a"], rows(1, 3), kind=5), "it has no chunk of words"),
    "too few rows": (fifu([b"a", b"b"], rows(1, 3)), "its matrix is 1 x 3 of type 10, for 2 words"),
    "not UTF-8": (fifu([b"\xff"], rows(1, 3)), "word 1: the word is not valid UTF-8"),
    "twice": (fifu([b"a", b"a"], rows(2, 3)), "several of its rows have the same word"),
    "a huge chunk": (fifu([b"a"], rows(1, 3), size=2**63), "a chunk ends at byte"),
    "only magic": (b"FiFu", "is damaged"),
}


@pytest.mark.parametrize("name", FIFU)
def test_damaged_finalfusion(name: str, tmp_path: Path) -> None:
    """The error says what is wrong."""
    content, why = FIFU[name]
    with pytest.raises(FormatError, match=why):
        read(tmp_path / "file", content)
