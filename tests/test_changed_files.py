"""User files that are changed, restored or swapped while they are read: no answer from their earlier content."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from conftest import Run, write_model
from embgeo.formats.safetensors import file_head
from embgeo.numerics.dtypes import as_bytes
from limits import assert_refused, limited

ROWS = np.random.default_rng(5).standard_normal((7, 4)).astype(np.float32)
WORDS = ["a", "b", "c", "d", "e", "f"]


def write_words(path: Path, seed: int) -> Path:
    """A file of 400 words with 2 numbers each, of the same length for any numbers."""
    rows = np.random.default_rng(seed).standard_normal((400, 2))
    lines = (f"w{number:04} {row[0]:+.4f} {row[1]:+.4f}\n" for number, row in enumerate(rows))
    path.write_text("400 2\n" + "".join(lines))
    return path


def dot(run: Run, first: str, second: str, *options: str) -> float:
    """A dot product from a separate process."""
    done = run("dot", first, second, "--json", *options)
    assert done.returncode == 0, done.stderr
    return float(json.loads(done.stdout)["pairs"][0]["dot"])


def swap(one: Path, other: Path) -> None:
    """Swap two files by renaming: each keeps its modification time."""
    aside = one.with_name("aside")
    one.rename(aside)
    other.rename(one)
    aside.rename(other)


def test_an_old_file_that_comes_back(run: Run, tmp_path: Path) -> None:
    """A conversion that runs out of disk space must not leave its numbers under the earlier file's name."""
    model, other = write_words(tmp_path / "v.vec", 1), write_words(tmp_path / "other", 2)
    ask = ("w0001", "w0002", "-m", str(model))
    right = dot(run, *ask)
    swap(model, other)
    assert_refused(limited("dot", *ask, size=6_000), 4, "can't write to")
    swap(model, other)
    assert dot(run, *ask) == right


def test_a_space_of_an_old_file_that_comes_back(run: Run, tmp_path: Path) -> None:
    """The same for a transformed space of a matrix that is mapped in place."""
    rows = np.random.default_rng(4).standard_normal((400, 2)).astype(np.float32)
    model, other = write_model(tmp_path / "m", rows, WORDS), write_model(tmp_path / "n", -2 * rows, WORDS)
    ask = ("a", "b", "-m", str(model))
    right = dot(run, *ask, "--center")
    files = (model / "model.safetensors", other / "model.safetensors")
    swap(*files)
    dot(run, *ask)
    assert_refused(limited("dot", *ask, "--center", size=6_000), 4, "can't write to")
    swap(*files)
    assert dot(run, *ask, "--center") == right


def write_shards(folder: Path, factors: dict[str, int]) -> Path:
    """A model folder of whole shards, each with the rows times a factor."""
    write_model(folder, ROWS, WORDS)
    for name, factor in factors.items():
        write_model(folder, factor * ROWS, WORDS)
        (folder / "model.safetensors").rename(folder / name)
    return folder


def index(folder: Path, shard: str) -> None:
    """Set which shard holds the embedding."""
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"wte.weight": shard}}))


def test_what_decides_on_a_folder_s_files(run: Run, tmp_path: Path) -> None:
    """An index that names another shard, a model.safetensors next to shards, and a link to another file."""
    folder = write_shards(tmp_path / "m", {"one.safetensors": 1, "two.safetensors": 2, "three.safetensors": 3})
    ask = ("a", "b", "-m", str(folder))
    index(folder, "one.safetensors")
    right = dot(run, *ask)
    index(folder, "two.safetensors")
    assert dot(run, *ask) == pytest.approx(4 * right)
    (folder / "model.safetensors").symlink_to("three.safetensors")
    assert dot(run, *ask) == pytest.approx(9 * right)
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").symlink_to("one.safetensors")
    assert dot(run, *ask) == right


def test_what_decides_on_the_words(run: Run, tmp_path: Path) -> None:
    """A tokenizer.json next to an older vocab.txt, and next to a word list; a list with the matrix's own name."""
    folder = write_model(tmp_path / "m", ROWS, WORDS)
    tokenizer = (folder / "tokenizer.json").read_text()
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.txt").write_text("b\na\n[UNK]\n")
    older = dot(run, "a", "a", "-m", str(folder))
    (folder / "words.txt").write_text("\n".join(["x", "y", "a", "z", "v", "w", "u"]))
    listed = dot(run, "a", "a", "-m", str(folder / "model.safetensors"))
    (folder / "model.vocab").write_text("\n".join(["x", "y", "z", "a", "v", "w", "u"]))
    named = dot(run, "a", "a", "-m", str(folder / "model.safetensors"))
    (folder / "tokenizer.json").write_text(tokenizer)
    found = [dot(run, "a", "a", "-m", str(place)) for place in (folder, folder / "model.safetensors")]
    squares = (ROWS.astype(np.float64) ** 2).sum(axis=1)  # [rows]
    assert [*found, older, listed, named] == pytest.approx(squares[[0, 0, 1, 2, 3]])


def test_another_shape_in_the_config(run: Run, tmp_path: Path) -> None:
    """A corrected config.json changes which of two tensors is the embedding."""
    folder = write_model(tmp_path / "m", ROWS, WORDS)
    tensors = {"encoder.embed_tokens.weight": ("F32", (8, 4)), "decoder.embed_tokens.weight": ("F32", ROWS.shape)}
    eight = np.vstack([2 * ROWS, ROWS[:1]])
    data = file_head(tensors, {}) + as_bytes(eight).tobytes() + as_bytes(ROWS).tobytes()
    (folder / "model.safetensors").write_bytes(data)
    right = dot(run, "a", "b", "-m", str(folder))
    (folder / "config.json").write_text(json.dumps({"vocab_size": 8, "n_embd": 4}))
    assert dot(run, "a", "b", "-m", str(folder)) == pytest.approx(4 * right)


SWAPPED = """
import os, sys
from pathlib import Path
new, old = Path(sys.argv[1]), Path(sys.argv[2])
def swap(event, args):
    if event == "open" and str(args[0]) == str(old.with_name(sys.argv[3])) and new.exists():
        new.replace(old)
sys.addaudithook(swap)
from embgeo.cli.main import run
sys.exit(run(sys.argv[4:]))
"""


@pytest.mark.parametrize("when", ["config.json", "tokenizer.json"], ids=["header read", "rows to be read"])
def test_swapped_while_it_is_prepared(run: Run, tmp_path: Path, when: str) -> None:
    """A file of the same shape that replaces the one being read is refused now, and read the next time."""
    folder = write_model(tmp_path / "m", ROWS, WORDS)
    new = write_model(tmp_path / "n", 2 * ROWS, WORDS) / "model.safetensors"
    ask = ["dot", "a", "b", "-m", str(folder)]
    line = [sys.executable, "-c", SWAPPED, str(new), str(folder / "model.safetensors"), when, *ask]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert_refused(done, 4, f"'{folder}' changed while it was being prepared. Run the command again.")
    assert dot(run, *ask[1:]) == pytest.approx(4 * float(ROWS[0] @ ROWS[1]))


def same_time(path: Path) -> None:
    """Set the modification time of 1970, as reproducible archives do."""
    os.utime(path, ns=(0, 0))


@pytest.mark.parametrize("how", ["renamed", "in place"])
def test_a_swapped_file_of_equal_size_and_time(how: str, run: Run, tmp_path: Path) -> None:
    """The inode, or the time of change that only the system sets, tells them apart."""
    model, other = write_words(tmp_path / "v.vec", 1), write_words(tmp_path / "other", 2)
    same_time(model)
    same_time(other)
    expected = dot(run, "w0001", "w0002", "-m", str(other), "--file-format", "word2vec")
    assert dot(run, "w0001", "w0002", "-m", str(model)) != expected
    if how == "renamed":
        other.rename(model)
    else:
        model.write_bytes(other.read_bytes())
        same_time(model)
    assert dot(run, "w0001", "w0002", "-m", str(model)) == expected


def test_a_list_of_words_in_another_order(run: Run, tmp_path: Path) -> None:
    """Of equal size and time, next to a matrix that is mapped where it is; and that matrix itself."""
    np.save(tmp_path / "m.npy", ROWS)
    (tmp_path / "words.txt").write_text("".join(f"{word}\n" for word in "abcdefg"))
    for path in tmp_path.iterdir():
        same_time(path)
    before = dot(run, "a", "b", "-m", str(tmp_path / "m.npy"))
    (tmp_path / "words.txt").write_text("".join(f"{word}\n" for word in "cbadefg"))
    same_time(tmp_path / "words.txt")
    assert dot(run, "c", "b", "-m", str(tmp_path / "m.npy")) == before
    np.save(tmp_path / "m.npy", ROWS[::-1])
    same_time(tmp_path / "m.npy")
    assert dot(run, "c", "b", "-m", str(tmp_path / "m.npy")) != before


def seen(run: Run, folder: Path) -> tuple[object, object]:
    """The cosines of all tokens with the first, and the digest that was computed with the lengths of the rows."""
    near, about = (
        json.loads(run(*line, "--json", "-m", str(folder)).stdout)
        for line in (("neighbors", "id:0", "--raw"), ("info",))
    )
    return near["results"], about["sha256"]


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("how", ["renamed", "in place"])
@pytest.mark.slow
def test_a_swapped_part_of_a_folder(how: str, name: str, run: Run, tmp_path: Path) -> None:
    """The same for the matrix and the tokenizer of a model's folder, both of equal size and time."""
    folder = write_model(tmp_path / "m", ROWS, WORDS)
    other = write_model(tmp_path / "n", ROWS[::-1], ["f", *WORDS[1:5], "a"])  # with the first and last word swapped
    for path in (*folder.iterdir(), *other.iterdir()):
        same_time(path)
    assert seen(run, folder) != seen(run, other)
    if how == "renamed":
        (other / name).rename(folder / name)
    else:
        (folder / name).write_bytes((other / name).read_bytes())
        same_time(folder / name)
    shutil.copytree(folder, tmp_path / "copy")
    assert seen(run, folder) == seen(run, tmp_path / "copy")


@pytest.mark.parametrize("how", ["overwritten", "cut", "words"])
@pytest.mark.slow
def test_a_file_that_changes_between_two_lines(how: str, tmp_path: Path) -> None:
    """A session that reads lines ends with one line: no mixed numbers, and no bus error past the end of the file."""
    rows = np.random.default_rng(3).standard_normal((20_000, 16)).astype("<f4")
    np.save(tmp_path / "m.npy", rows)
    (tmp_path / "words.txt").write_text("".join(f"w{number}\n" for number in range(len(rows))))
    line = [sys.executable, "-m", "embgeo", "neighbors", "-", "-m", str(tmp_path / "m.npy")]
    pipe = subprocess.PIPE
    with subprocess.Popen(line, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as session:
        assert session.stdin is not None
        assert session.stdout is not None
        session.stdin.write("w7\n")
        session.stdin.flush()
        assert json.loads(session.stdout.readline())["results"]
        if how == "cut":
            os.truncate(tmp_path / "m.npy", 500)
        elif how == "words":
            (tmp_path / "words.txt").write_text("".join(f"x{number}\n" for number in range(len(rows))))
        else:
            with (tmp_path / "m.npy").open("r+b") as file:
                file.seek(-64, os.SEEK_END)
                file.write(bytes(64))
        out, said = session.communicate("w7\n")
    assert (session.returncode, out, said.count("\n")) == (4, "", 1), said
    assert "was changed while questions were answered" in said
