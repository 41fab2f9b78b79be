"""fastText's .bin files: the vectors of known and unknown words are bit-identical to the fasttext package's."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import Run
from embgeo import FormatError, ModelError, TermError, load
from embgeo.formats.ngrams import NGrams, buckets_of

CORPUS = "the cat sat on the mat with a dog while 東京 and kätzchen naïve-té watched wellknown cats dogs a-b x\n"
MISSING = ["zebra", "kätzchens", "東京都", "naïveté", "ox", "🙂", "a b", "Ünïcödé" * 9]


def train(folder: Path, **options: Any) -> tuple[Path, Any]:
    """Train a small model with the fasttext package; returns its file and the model."""
    fasttext = pytest.importorskip("fasttext", reason="the package fasttext is not installed")
    (folder / "corpus.txt").write_text(CORPUS * 30, encoding="utf-8")
    settings = {"dim": 7, "minCount": 1, "bucket": 61, "minn": 2, "maxn": 5, "thread": 1, "epoch": 3, "verbose": 0}
    model = fasttext.train_unsupervised(str(folder / "corpus.txt"), **settings | options)
    model.save_model(str(folder / "model.bin"))
    return folder / "model.bin", model


def same(result: Any, expected: Any) -> bool:
    """Whether two vectors are the same float32 numbers."""
    return bool(np.array_equal(np.array(result, np.float32), expected))


@pytest.mark.parametrize(
    "options", [{}, {"model": "cbow"}, {"minn": 1, "maxn": 2}, {"minn": 3, "maxn": 30, "bucket": 2000}]
)
def test_known_and_unknown_words(tmp_path: Path, options: dict[str, Any]) -> None:
    """Words of the file and unknown words have the vectors of the package."""
    path, model = train(tmp_path, **options)
    space = load(path)
    assert [token.text for token in map(space.vocabulary.token, range(len(model.words)))] == model.words
    assert all(same(space.vector(f'"{word}"').values, model.get_word_vector(word)) for word in model.words)
    for word in MISSING:
        ngrams = len(model.get_subwords(word)[0])
        if not ngrams:
            continue
        answer = space.vector(word)
        assert same(answer.values, model.get_word_vector(word)), word
        assert answer.notes == (f"'{word}' is not in the vocabulary; the mean of its {ngrams:,} n-grams is used",)
        assert answer.term.tokens == ()


def test_without_ngrams(tmp_path: Path) -> None:
    """Without n-grams the rows are mapped in the file itself, and an unknown word is an error."""
    path, model = train(tmp_path, maxn=0)
    space = load(path)
    assert space.info().path == str(path)
    assert all(same(space.vector(word).values, model.get_word_vector(word)) for word in model.words)
    with pytest.raises(TermError, match="'zebra' is not in this model's vocabulary"):
        space.vector("zebra")


def test_a_classifier(tmp_path: Path) -> None:
    """A supervised model has its words, not its labels; a quantized model is an error."""
    fasttext = pytest.importorskip("fasttext", reason="the package fasttext is not installed")
    (tmp_path / "lines.txt").write_text(
        "__label__a the cat sat\n__label__b a dog ran\n" * 20 + " ".join(f"w{n}" for n in range(300))
    )
    model = fasttext.train_supervised(str(tmp_path / "lines.txt"), dim=5, minCount=1, thread=1, verbose=0)
    model.save_model(str(tmp_path / "model.bin"))
    space = load(tmp_path / "model.bin")
    assert space.info().tokens == len(model.words)
    assert all(same(space.vector(word).values, model.get_word_vector(word)) for word in model.words)
    model.quantize()
    model.save_model(str(tmp_path / "model.ftz"))
    with pytest.raises(ModelError, match=r"model\.ftz' is quantized by fastText") as caught:
        load(tmp_path / "model.ftz")
    assert ".vec" in caught.value.hint


def test_unknown_words_in_commands(run: Run, tmp_path: Path) -> None:
    """An unknown word has neighbors and can be used in expressions; invalid terms are still errors."""
    path, _ = train(tmp_path)
    done = run("neighbors", "catz", "-k", "2", "-m", str(path))
    assert done.returncode == 0
    assert "the mean of its" in done.stderr
    assert run("analogy", "cats", "cat", "dogz", "-k", "1", "-m", str(path)).returncode == 0
    space = load(path)
    catz, dog = (np.array(space.vector(word).values) for word in ("catz", "dog"))
    assert space.vector("catz - dog").values == pytest.approx((catz - dog).tolist(), abs=1e-7)
    with pytest.raises(TermError, match="did you mean 'cats - dog'"):
        space.vector("cats-dog")
    with pytest.raises(TermError, match="no token is exactly"):
        space.vector('"catz"')
    for bad in ("", "a\0b", "x" * 10_001):
        with pytest.raises(TermError):
            space.vector(bad)


def fnv(text: str, buckets: int) -> int:
    """FNV-1a of one n-gram, byte by byte, each sign-extended as in C++."""
    value = 2166136261
    for byte in text.encode():
        value = ((value ^ (byte - 256 if byte > 127 else byte)) * 16777619) % 2**32
    return value % buckets


def test_ngrams_by_hand() -> None:
    """N-grams start at each letter, the shortest first, without those that are a single bracket."""
    grams = NGrams("", 0, 1000, 1, 1, 3)
    words, buckets = buckets_of(["né".encode(), b"a"], grams)
    expected = ["<n", "<né", "n", "né", "né>", "é", "é>", "<a", "<a>", "a", "a>"]
    assert words.tolist() == [0] * 7 + [1] * 4
    assert buckets.tolist() == [fnv(text, 1000) for text in expected]


def fasttext_file(**changes: Any) -> bytes:
    """A file of two words and three buckets in two dimensions, with n-grams of three letters; changes damage it."""
    fields = {
        "version": 12,
        "dims": 2,
        "words": 2,
        "entries": 2,
        "buckets": 3,
        "columns": 2,
        "quantized": 0,
        "longest": 3,
        **changes,
    }
    head = struct.pack("<2i", 793712314, fields["version"])
    head += struct.pack(
        "<12id", fields["dims"], 5, 1, 1, 5, 1, 2, 2, fields["buckets"], 3, fields["longest"], 100, 1e-4
    )
    head += struct.pack("<3i2q", fields["entries"], fields["words"], 0, 9, -1)
    for word in (b"cat", fields.get("second", b"\xc3\xa9t\xc3\xa9")):
        head += word + b"\0" + struct.pack("<qb", 3, 0)
    return head + struct.pack("<?2q", fields["quantized"], 5, fields["columns"]) + np.arange(10, dtype="<f4").tobytes()


def test_vectors_by_hand(tmp_path: Path) -> None:
    """<cat> has the n-grams <ca, cat and at>: its vector is the mean of row 0 and three buckets."""
    (tmp_path / "small.bin").write_bytes(fasttext_file())
    rows = np.arange(10, dtype=np.float32).reshape(5, 2)
    expected = np.mean([rows[0], *(rows[2 + fnv(text, 3)] for text in ("<ca", "cat", "at>"))], axis=0)
    space = load(tmp_path / "small.bin")
    assert space.vector("cat").values == pytest.approx(expected.tolist(), abs=1e-6)
    assert space.vector("ox").values == pytest.approx(
        np.mean([rows[2 + fnv(text, 3)] for text in ("<ox", "ox>")], axis=0).tolist(), abs=1e-6
    )


def test_a_folder_of_vectors(tmp_path: Path, run: Run) -> None:
    """A .bin in a folder is identified by its content: as fastText, or as a pickle."""
    (tmp_path / "cc.en.300.bin").write_bytes(fasttext_file())
    done = run("info", "-m", str(tmp_path))
    assert done.returncode == 4
    assert "'cc.en.300.bin' in it is fastText's .bin" in done.stderr
    assert f"-m {tmp_path / 'cc.en.300.bin'}" in done.stderr
    (tmp_path / "cc.en.300.bin").write_bytes(b"\x80\x02}q\x00.")
    assert "a pickle" in run("info", "-m", str(tmp_path)).stderr


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "version": ({"version": 10}, "its version 10 is not 11 or 12"),
    "counts": ({"entries": 3}, "its header claims 2 words"),
    "dims": ({"dims": 3}, "its matrix is 5 x 2, for 5 rows of 3 numbers"),
    "buckets": ({"buckets": 4}, "its matrix is 5 x 2, for 6 rows"),
    "no UTF-8": ({"second": b"\xff"}, "word 2: the word is not valid UTF-8"),
    "quantized": ({"quantized": 1}, "is quantized by fastText"),
}


@pytest.mark.parametrize("name", BAD)
def test_damaged(name: str, tmp_path: Path) -> None:
    """Invalid headers are errors that name the field."""
    changes, message = BAD[name]
    (tmp_path / "bad.bin").write_bytes(fasttext_file(**changes))
    with pytest.raises(ModelError, match=message):
        load(tmp_path / "bad.bin")


@pytest.mark.parametrize("size", [4, 6, 30, 70, 100, 140, 150])
def test_cut_off(size: int, tmp_path: Path) -> None:
    """A truncated file is an error."""
    (tmp_path / "cut.bin").write_bytes(fasttext_file()[:size])
    with pytest.raises(FormatError, match="is damaged"):
        load(tmp_path / "cut.bin")
