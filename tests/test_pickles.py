"""Weights that exist only as a pickle: refused under every name and option, and never unpickled."""

from __future__ import annotations

import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from conftest import write_model
from embgeo import FormatError, ModelError, load
from embgeo.formats.detect import FORMATS
from test_vectors_bad import Bomb

NAMES = ("pytorch_model.bin", "model.pt", "model.pth", "model.ckpt", "model.pkl")


def bomb(path: Path, target: Path, *, packed: bool) -> Path:
    """A pickle, or PyTorch's archive of one, that creates a folder when loaded."""
    data = pickle.dumps({"wte.weight": Bomb(os.mkdir, str(target))}, 2)
    if packed:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("archive/data.pkl", data)
    else:
        path.write_bytes(data)
    return path


@pytest.mark.parametrize("packed", [True, False], ids=["archive", "bare"])
@pytest.mark.parametrize("name", NAMES)
def test_a_pickle_in_a_folder(name: str, packed: bool, tmp_path: Path) -> None:
    """A folder without safetensors: the error names the pickle and how to convert it, for every side and tensor."""
    folder = write_model(tmp_path / "m", np.ones((2, 2), np.float32), ["a", "b"])
    bomb(folder / name, tmp_path / "made", packed=packed)
    (folder / "model.safetensors").unlink()
    for options in ({}, {"side": "output"}, {"tensor": "wte.weight"}):
        with pytest.raises(ModelError, match=f"only as '{name}', a pickle, which could run any code") as refusal:
            load(folder, **options)  # type: ignore[arg-type]  # each is one of its options
        assert "safetensors/convert" in refusal.value.hint
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("form", [None, *FORMATS])
@pytest.mark.parametrize("packed", [True, False], ids=["archive", "bare"])
@pytest.mark.parametrize("name", ["model.bin", "model.safetensors", "model.kv"])
def test_a_pickle_named_directly(name: str, packed: bool, form: str | None, tmp_path: Path) -> None:
    """It is refused, whatever its name and --file-format."""
    path = bomb(tmp_path / name, tmp_path / "made", packed=packed)
    with pytest.raises(ModelError):
        load(path, file_format=form)  # type: ignore[arg-type]  # one of its formats
    assert not (tmp_path / "made").exists()


def test_an_array_of_objects(tmp_path: Path) -> None:
    """NumPy stores objects as a pickle inside .npy: not a float matrix, and never unpickled."""
    np.save(tmp_path / "file.npy", np.array([[Bomb(os.mkdir, str(tmp_path / "made"))]], object), allow_pickle=True)
    (tmp_path / "file.txt").write_text("a")
    with pytest.raises(FormatError, match="holds object of shape"):
        load(tmp_path / "file.npy")
    assert not (tmp_path / "made").exists()
