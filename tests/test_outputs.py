"""Output files: complete or absent, overwritten only with --force, with the user's permissions."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from conftest import write_model
from limits import assert_refused, limited

ROOM = 20_000  # bytes, after which the disk is full
WORDS = [f"word{number}" for number in range(3000)]


def everything(folder: Path) -> dict[str, int]:
    """The size of each file below a folder."""
    return {str(path.relative_to(folder)): path.stat().st_size for path in folder.rglob("*") if path.is_file()}


OUTPUTS = {
    "safetensors": ["export", "OUT.safetensors"], "npy": ["export", "OUT.npy"], "word2vec": ["export", "OUT.vec"],
    "word2vec-binary": ["export", "OUT.bin"], "projector": ["export", "OUT", "--to", "projector"],
    "misses.csv": ["eval", "analogies", "QUESTIONS", "--errors", "OUT.csv"],
    "misses.tsv": ["eval", "odd-one-out", "ODD", "--errors", "OUT.tsv"],
    "direction": ["direction", "--pairs", "PAIRS", "--method", "pca", "--components", "9", "--save", "OUT"],
}  # fmt: skip


def command(name: str, folder: Path) -> list[str]:
    """A command that writes more than the disk has room for."""
    (folder / "questions").write_text("cat dog man king\n" * 900)
    (folder / "odd").write_text("cat dog house\n" * 900 + "car lunch dinner breakfast\n" * 900)
    singular = "cat dog bird car eye hand book tree house girl".split()  # noqa: SIM905
    (folder / "pairs").write_text("".join(f"{word}s:{word}\n" for word in singular))
    names = {"QUESTIONS": folder / "questions", "ODD": folder / "odd", "PAIRS": folder / "pairs"}
    line = [str(names.get(part, part)) for part in OUTPUTS[name]]
    return [*(part.replace("OUT", str(folder / "new" / "out")) for part in line), "-m", "minilm"]


QUICK = ("npy",)
SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("misses.csv", "direction")]


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in OUTPUTS]
)
@pytest.mark.slow
def test_existing_files_are_kept(name: str, tmp_path: Path) -> None:
    """Without --force an existing file is an error before any work; with it, a full disk leaves the file as it was."""
    line = command(name, tmp_path)
    new = tmp_path / "new"
    new.mkdir()
    full = limited(*line, size=ROOM)
    assert full.returncode in {2, 4}, full.stderr
    assert "File too large" in full.stderr
    assert str(new) in full.stderr
    assert everything(new) == {}
    assert limited(*line).returncode == 0
    made = everything(new)
    assert sum(made.values()) > ROOM, "the output is small enough for the full disk"
    if name != "direction":  # only a saved direction is overwritten by a new one
        for path in new.rglob("*"):
            if path.is_file():
                path.write_text("mine")
    before = everything(new)
    assert_refused(limited(*line), 2, "already exists. --force overwrites it.")
    assert everything(new) == before
    assert limited(*line, "--force", size=ROOM).returncode in {2, 4}
    assert everything(new) == before
    assert limited(*line, "--force").returncode == 0
    assert everything(new) == made


@pytest.mark.parametrize("name", ["misses.csv", "misses.tsv", "direction"])
def test_output_paths_that_cannot_be_written(name: str, tmp_path: Path) -> None:
    """A folder, or a missing parent folder, is an error before the questions are read."""
    line = command(name, tmp_path)
    out = Path(next(part for part in line if part.startswith(str(tmp_path / "new"))))
    for path in tmp_path.iterdir():
        path.unlink()
    assert_refused(limited(*line), 2, f"can't write '{out}': there is no folder '{out.parent}'. Create it")
    assert not out.parent.exists()
    out.mkdir(parents=True)
    assert_refused(limited(*line), 2, f"'{out}' is a folder. Name a file.")
    assert_refused(limited(*line, "--force"), 2, f"'{out}' is a folder. Name a file.")


@pytest.mark.parametrize("name", ["npy", *SLOW])
@pytest.mark.slow
def test_links_are_followed(name: str, tmp_path: Path) -> None:
    """Output goes to a link's target, which may be missing, and only with --force; the link is kept."""
    line = command(name, tmp_path)
    new, far = tmp_path / "new", tmp_path / "far"
    new.mkdir()
    far.mkdir()
    out = next(Path(part) for part in line if part.startswith(str(new)))
    out.symlink_to(far / "target")
    assert_refused(limited(*line), 2, f"'{out}' already exists. --force overwrites it.")
    for _ in range(2):
        assert limited(*line, "--force").returncode == 0
        assert out.is_symlink()
        assert everything(far)["target"] > ROOM
        assert set(everything(far)) == {"target"}


@pytest.mark.parametrize("name", ["npy", *SLOW])
@pytest.mark.slow
def test_long_file_names(name: str, tmp_path: Path) -> None:
    """A name as long as the system allows, in multi-byte letters, can be written and overwritten."""
    line = command(name, tmp_path)
    new = tmp_path / "new"
    new.mkdir()
    out = next(part for part in line if part.startswith(str(new)))
    long = "ü" * 125 + Path(out).suffix
    line = [str(new / long) if part == out else part for part in line]
    for _ in range(2):
        done = limited(*line, "--force")
        assert done.returncode == 0, done.stderr
        assert long in everything(new)
        assert not [file for file in everything(new) if file.endswith(".part")]


def vectors(folder: Path, kind: str) -> Path:
    """A model whose files in the store are larger than the limit."""
    rows = np.random.default_rng(4).standard_normal((len(WORDS), 8)).astype(np.float32)
    text = "".join(f"{word} {' '.join(map(str, row))}\n" for word, row in zip(WORDS, rows, strict=True))
    match kind:
        case "text":
            (folder / "file").write_text(f"{len(rows)} 8\n{text}")
        case "gzip":
            (folder / "file").write_bytes(gzip.compress(text.encode()))
        case "npy by columns":
            np.save(folder / "file", np.asfortranarray(rows))
            (folder / "file.npy").rename(folder / "file")
            (folder / "file.txt").write_text("\n".join(WORDS))
        case "model2vec":
            write_model(folder / "file", rows, WORDS)
            save_file({"embeddings": rows, "weights": rows[:, 0].copy()}, folder / "file" / "model.safetensors")
        case "vocab.txt":
            write_model(folder / "file", rows, WORDS)
            (folder / "file" / "tokenizer.json").unlink()
            (folder / "file" / "vocab.txt").write_text("\n".join(["[UNK]", *WORDS[1:]]))
        case "folder":
            write_model(folder / "file", rows, WORDS)
    return folder / "file"


KINDS = ("gzip", "npy by columns", "model2vec", "vocab.txt")


@pytest.mark.parametrize("kind", ["text", "folder", *(pytest.param(kind, marks=pytest.mark.slow) for kind in KINDS)])
def test_full_store(kind: str, tmp_path: Path, own_store: Path) -> None:
    """If the store fills up, the error names it and nothing is left; other models answer, and later this one."""
    path = vectors(tmp_path, kind)
    assert_refused(limited("vector", "word7", "-m", path, size=ROOM), 4, f"can't write to '{own_store}")
    assert sum(everything(own_store).values()) == 0  # a lock may stay
    assert not [name for name in everything(own_store) if name.endswith(".part")]
    assert limited("vector", "cat", "-m", "minilm", size=ROOM).returncode == 0
    done = limited("vector", "word7", "-m", path, "--json")
    assert json.loads(done.stdout)["term"]["tokens"][0]["text"].strip() == "word7"


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o027])
def test_permissions_follow_the_umask(mask: int, tmp_path: Path, own_store: Path) -> None:
    """Every created file has the permissions that the umask allows, and no more."""
    path = vectors(tmp_path, "text")
    out = tmp_path / "out.vec"
    assert limited("export", out, "word7", "-m", path, mask=mask).returncode == 0
    assert limited("direction", "word7", "word8", "--save", tmp_path / "saved", "-m", path, mask=mask).returncode == 0
    made = [out, tmp_path / "saved", *(path for path in own_store.rglob("*") if path.suffix == ".safetensors")]
    assert {oct(path.stat().st_mode & 0o777) for path in made} == {oct(0o666 & ~mask)}
    folders = {oct(path.stat().st_mode & 0o777) for path in own_store.rglob("*") if path.is_dir()}
    assert folders == {oct(0o777 & ~mask)}
