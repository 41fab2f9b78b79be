"""Compressed vector files: gzip, bzip2, xz and zip, whole, damaged and hostile."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embgeo import FormatError, ModelError, load
from limits import assert_refused, limited
from vector_files import WORDS, assert_same_as_gensim, keyed, read, rows

TEXT = b"cat 1 0\ncats 0.9 0.1\ndog 0 1\n"


def zipped(*files: tuple[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return out.getvalue()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zip": lambda data: zipped(("vectors", data)),
    "zip, stored": lambda data: zipped(("vectors", data), how=zipfile.ZIP_STORED),
}


@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
@pytest.mark.parametrize("name", PACKED)
def test_compressed_files_by_gensim(name: str, binary: bool, tmp_path: Path) -> None:
    """Compressed in any way, a file by gensim gives the same neighbors as in gensim."""
    keyed().save_word2vec_format(str(tmp_path / "plain"), binary=binary)
    packed = PACKED[name]((tmp_path / "plain").read_bytes())
    assert_same_as_gensim(read(tmp_path / "file", packed), keyed(), WORDS[:9])


@pytest.mark.slow
@pytest.mark.parametrize("name", PACKED)
def test_many_blocks(name: str, tmp_path: Path) -> None:
    """A matrix much larger than the buffer for decompression."""
    words, matrix = [f"w{number}" for number in range(3000)], rows(3000, 900)
    plain = b"3000 900\n" + b"".join(
        word.encode() + b" " + row.tobytes() for word, row in zip(words, matrix, strict=True)
    )
    assert np.array_equal(read(tmp_path / "file", PACKED[name](plain)).matrix, matrix)


def test_concatenated_streams(tmp_path: Path) -> None:
    """Files joined by `cat`, and the zero padding that xz allows."""
    cut = 12
    for pack, filling in ((bz2.compress, b""), (lzma.compress, b"\0" * 8), (gzip.compress, b"")):
        space = read(tmp_path / pack.__module__, pack(TEXT[:cut]) + filling + pack(TEXT[cut:]) + filling)
        assert space.matrix[:, 0].tolist() == [1, np.float32(0.9), 0]


def test_other_files_in_an_archive(tmp_path: Path) -> None:
    """Folders, a README and the files that macOS adds are ignored."""
    archive = zipped(("d/", b""), ("d/README.md", b"x"), ("__MACOSX/d/._v.txt", b"x"), ("d/v.txt", TEXT))
    assert read(tmp_path / "v.zip", archive).shape == (3, 2)


def encrypted() -> bytes:
    """An archive whose file is marked as encrypted."""
    data = bytearray(zipped(("v.txt", TEXT)))
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    return bytes(data)


def wide_xz() -> bytes:
    """An xz file that asks for a dictionary of 1.5 GB."""
    return lzma.compress(TEXT, filters=[{"id": lzma.FILTER_LZMA2, "preset": 1, "dict_size": 1536 << 20}])


def flipped(data: bytes) -> bytes:
    """The data with one bit flipped in the middle."""
    return data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 16]) + data[len(data) // 2 + 1 :]


LONG = b"".join(b"word%d 0.%d 1\n" % (number, number) for number in range(9999))
BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "bzip2, cut off": (lambda: bz2.compress(TEXT * 9999)[:-9], "its bzip2 data breaks off at byte"),
    "bzip2, flipped": (lambda: flipped(bz2.compress(LONG)), "its bzip2 data breaks off at byte"),
    "bzip2, garbage after": (lambda: bz2.compress(LONG) + b"garbage", "its bzip2 data breaks off at byte"),
    "xz, cut off": (lambda: lzma.compress(LONG)[:-30], "its xz data breaks off at byte"),
    "xz, flipped": (lambda: flipped(lzma.compress(LONG)), "its xz data breaks off at byte"),
    "xz, 1.5 GB of dictionary": (wide_xz, "Memory usage limit exceeded"),
    "zip, cut off": (lambda: zipped(("v.txt", LONG))[:-40], "its zip data breaks off at byte"),
    "zip, another checksum": (lambda: zipped(("v", LONG), how=0).replace(b"word7 0.7", b"word7 0.8"), "Bad CRC-32"),
    "zip, encrypted": (encrypted, "'v.txt' in '{path}' is encrypted"),
    "zip, packed with bzip2": (lambda: zipped(("v", TEXT), how=zipfile.ZIP_BZIP2), "in a way that embgeo doesn't"),
    "zip of two": (lambda: zipped(("a.txt", TEXT), ("b.txt", TEXT)), "holds 2 files: a.txt, b.txt"),
    "zip of none": (lambda: zipped(("README", TEXT)), "holds no file"),
    "bzip2 in gzip": (lambda: gzip.compress(bz2.compress(TEXT)), "is bzip2 packed with gzip"),
    ".npy in xz": (lambda: lzma.compress(b"\x93NUMPY\1\0"), "is npy packed with xz"),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.slow
def test_damaged_and_unsupported_files(name: str, tmp_path: Path) -> None:
    """The error gives the byte of the damage, or says how to decompress an unsupported file."""
    make, why = BAD[name]
    path = tmp_path / "file"
    with pytest.raises(ModelError) as refusal:
        read(path, make())
    assert why.format(path=path) in refusal.value.message
    assert refusal.value.hint


def test_the_command_in_the_hint(tmp_path: Path) -> None:
    """For an archive with several files, the hint extracts one."""
    with pytest.raises(ModelError) as refusal:
        read(tmp_path / "glove.zip", zipped(("glove.50d.txt", TEXT), ("glove.300d.txt", TEXT)))
    assert refusal.value.hint.endswith(f"unzip '{tmp_path}/glove.zip' 'glove.300d.txt'")


def huge_directory() -> bytes:
    """A zip archive that claims 2 GB for the list of its files."""
    data = zipped(("v", TEXT))
    return data[:-10] + struct.pack("<I", 2**31 - 1) + data[-6:]


BOMBS: dict[str, Callable[[], bytes]] = {
    "bzip2": lambda: bz2.compress(b"cat 1 1\n" + b"1" * 400_000_000),
    "xz": lambda: lzma.compress(b"cat 1 1\n" + b"1" * 400_000_000, preset=0),
    "zip": lambda: zipped(("v", b"cat 1 1\n" + b"1" * 400_000_000)),
    "zip of many": lambda: zipped(*((f"v{number}", b"") for number in range(60_000))),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_bombs(name: str, tmp_path: Path) -> None:
    """A file that expands beyond memory gives a one-line error, within 1 GB of address space."""
    (tmp_path / "file").write_bytes(BOMBS[name]())
    assert_refused(limited("info", "-m", tmp_path / "file", memory=1 << 30), 4, str(tmp_path / "file"))


def test_a_huge_zip_directory(tmp_path: Path) -> None:
    """A directory that claims to be larger than the archive is an error."""
    with pytest.raises(FormatError, match="its zip data breaks off"):
        read(tmp_path / "file", huge_directory())


def test_the_names_of_compressed_files(run: Any, tmp_path: Path) -> None:
    """A name with a compression suffix is a file; its content decides the format."""
    for name, suffix in (("bzip2", "bz2"), ("xz", "xz"), ("zip", "zip")):
        assert "no model at" in run("info", "-m", f"nowhere.{suffix}").stderr
        (tmp_path / f"v.txt.{suffix}").write_bytes(PACKED[name](TEXT))
        assert load(tmp_path / f"v.txt.{suffix}").info().rows == 3
