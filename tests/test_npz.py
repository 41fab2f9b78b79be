"""NumPy's .npz, read without unpickling, and files whose error has a command that converts them."""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import Run
from embgeo import FormatError, ModelError, load
from vector_files import WORDS, read, rows


def saved(compressed: bool = False, **arrays: Any) -> bytes:
    """The bytes of an .npz file that NumPy writes."""
    out = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(out, **arrays)
    return out.getvalue()


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("dtype", ["<f2", "<f4", ">f4", "<f8"])
def test_matrix_and_words(dtype: str, compressed: bool, tmp_path: Path) -> None:
    """Arrays of any name, byte order and compression give the numbers and words that were saved."""
    space = read(tmp_path / "file", saved(compressed, vocab=np.array(WORDS), E=rows().astype(dtype)))
    assert np.array_equal(space.matrix, rows().astype(dtype).astype(np.float32))
    assert [space.vocabulary.token(row).text for row in range(space.shape[0])] == WORDS
    assert load(tmp_path / "file", limit=3).shape == (3, 7)


def test_words_as_bytes_or_in_a_list(tmp_path: Path) -> None:
    """Words as an array of bytes in any encoding, or in a list next to the file."""
    words = np.array([word.encode("cp1252") for word in ("cat", "Zürich")])
    (tmp_path / "a.npz").write_bytes(saved(x=rows(2, 3), words=words))
    with pytest.raises(FormatError, match="its arrays can't be read"):
        load(tmp_path / "a.npz")
    assert np.array_equal(load(tmp_path / "a.npz", encoding="cp1252").matrix, rows(2, 3))
    (tmp_path / "b.npz").write_bytes(saved(x=rows(2, 3)))
    (tmp_path / "b.txt").write_text("cat\ndog\n")
    assert np.array_equal(load(tmp_path / "b.npz").matrix, rows(2, 3))
    (tmp_path / "b.txt").write_text("cat\ncow\n")
    assert load(tmp_path / "b.npz").vector("cow").norm > 0


def test_several_matrices(tmp_path: Path) -> None:
    """Of several matrices the one with as many rows as words; a note names the rest."""
    space = read(tmp_path / "file", saved(words=np.array(["a", "b"]), E=rows(2, 3), W=rows(3, 3), n=np.arange(2)))
    assert np.array_equal(space.matrix, rows(2, 3))
    assert space.info().notes == ("arrays left out: W, n",)


def truncated_array() -> bytes:
    """An archive whose matrix is truncated."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        whole = io.BytesIO()
        np.save(whole, rows(9, 3))
        archive.writestr("E.npy", whole.getvalue()[:-4])
        words = io.BytesIO()
        np.save(words, np.array(list("abcdefghi")))
        archive.writestr("words.npy", words.getvalue())
    return out.getvalue()


WIDE = b"\x93NUMPY\1\0v\0" + b"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 99999999999), }".ljust(117) + b"\n"


def huge_shape() -> bytes:
    """An archive whose array claims 10^11 numbers per row."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("E.npy", WIDE)
    return out.getvalue()


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "objects": (lambda: saved(E=rows(2, 3), words=np.array(["a", None], object)), "'words' in .* is a pickle"),
    "no matrix": (lambda: saved(words=np.array(["a"]), n=np.arange(1)), "has 0 matrices of floats"),
    "two matrices": (lambda: saved(a=rows(2, 3), b=rows(2, 3), words=np.array(["x", "y"])), "has 2 matrices"),
    "no words": (lambda: saved(E=rows(2, 3)), "no words for the rows"),
    "an empty word": (lambda: saved(E=rows(2, 3), words=np.array(["a", ""])), "row 2 has no word"),
    "columns": (lambda: saved(E=np.asfortranarray(rows(2, 3)), words=np.array(["a", "b"])), "column by column"),
    "cut off": (lambda: saved(E=rows(2, 3), words=np.array(["a", "b"]))[:-30], "can't be read"),
    "an array cut off": (truncated_array, "an array ends too early"),
    "a false shape": (huge_shape, "its matrix is 3 x 99,999,999,999"),
}


@pytest.mark.parametrize("name", BAD)
def test_invalid_files(name: str, tmp_path: Path, own_store: Path) -> None:
    """The error says what is missing or damaged; objects aren't unpickled, and the store stays empty."""
    make, why = BAD[name]
    with pytest.raises(ModelError, match=why) as refusal:
        read(tmp_path / "file", make())
    assert refusal.value.hint
    assert [path for path in own_store.rglob("*") if path.is_file() and path.suffix != ".lock"] == []


def test_object_arrays_are_never_unpickled(tmp_path: Path) -> None:
    """A pickle inside an .npz doesn't run."""

    class Bomb:
        def __reduce__(self) -> Any:
            return os.mkdir, (str(tmp_path / "made"),)

    with pytest.raises(FormatError, match="is a pickle, which could run any code"):
        read(tmp_path / "file", saved(E=rows(1, 3), words=np.array([Bomb()], object)))
    assert not (tmp_path / "made").exists()


def _converted(run: Run, path: Path, title: str) -> None:
    """Check that the error names the format, and run the command in its hint."""
    done = run("info", "-m", str(path))
    assert done.returncode == 4
    assert f"is {title}" in done.stderr
    line = done.stderr.partition("Convert it: python ")[2].rpartition(" . It writes")[0]
    subprocess.run([sys.executable, *shlex.split(line)], cwd=path.parent, check=True, capture_output=True)


def test_hdf5(run: Run, tmp_path: Path) -> None:
    """The command in the hint converts the file."""
    h5py = pytest.importorskip("h5py", reason="the package h5py is not installed")
    with h5py.File(tmp_path / "it's.h5", "w") as file:
        file["layer/embedding/weights"] = rows(9, 3)
        file["layer/dense/weights"] = rows(3, 3)
        file["layer/bias"] = rows(1, 3)[0]
    _converted(run, tmp_path / "it's.h5", "HDF5")
    (tmp_path / "vectors.txt").write_text("\n".join("abcdefghi"))
    assert np.array_equal(load(tmp_path / "vectors.npy").matrix, rows(9, 3))


def test_onnx(run: Run, tmp_path: Path) -> None:
    """The command in the hint converts the file."""
    onnx = pytest.importorskip("onnx", reason="the package onnx is not installed")
    tensors = [onnx.numpy_helper.from_array(array, name) for name, array in (("E", rows(9, 3)), ("W", rows(3, 3)))]
    ids = onnx.helper.make_tensor_value_info("ids", onnx.TensorProto.INT64, ["n"])
    out = onnx.helper.make_tensor_value_info("out", onnx.TensorProto.FLOAT, ["n", 3])
    gather = onnx.helper.make_node("Gather", ["E", "ids"], ["out"])
    graph = onnx.helper.make_graph([gather], "graph", [ids], [out], tensors)
    onnx.save(onnx.helper.make_model(graph, producer_name="pytorch"), str(tmp_path / "model.onnx"))
    _converted(run, tmp_path / "model.onnx", "ONNX")
    (tmp_path / "vectors.txt").write_text("\n".join("abcdefghi"))
    assert np.array_equal(load(tmp_path / "vectors.npy").matrix, rows(9, 3))


def test_pytorch(run: Run, tmp_path: Path) -> None:
    """The error names both of its formats; where PyTorch is installed, the command in the hint converts the file."""
    (tmp_path / "old.pt").write_bytes(b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.")
    (tmp_path / "new.pth").write_bytes(b"PK\x03\x04" + bytes(26) + b"archive/data.pkl")
    for name in ("old.pt", "new.pth"):
        done = run("info", "-m", str(tmp_path / name))
        assert (done.returncode, done.stdout) == (4, "")
        assert "is PyTorch's pickle, which could run any code. Convert it: python -c" in done.stderr
    torch = pytest.importorskip("torch", reason="the package torch is not installed")
    for name, new in (("old.pt", False), ("new.pth", True)):
        torch.save({"wte.weight": torch.tensor(rows(9, 3))}, tmp_path / name, _use_new_zipfile_serialization=new)
        _converted(run, tmp_path / name, "PyTorch's pickle")
        (tmp_path / "model.txt").write_text("\n".join("abcdefghi"))
        assert np.array_equal(load(tmp_path / "model.safetensors").matrix, rows(9, 3))
