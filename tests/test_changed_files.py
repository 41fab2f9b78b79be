"""User files that are changed, restored or swapped: no answer comes from their earlier content."""

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
    """Write 400 words with 2 numbers each; the size of the file is the same for every seed."""
    rows = np.random.default_rng(seed).standard_normal((400, 2))
    lines = (f"w{number:04} {row[0]:+.4f} {row[1]:+.4f}\n" for number, row in enumerate(rows))
    path.write_text("400 2\n" + "".join(lines))
    return path


def dot(run: Run, first: str, second: str, *options: str) -> float:
    """The dot product that the command prints."""
    done = run("dot", first, second, "--json", *options)
    assert done.returncode == 0, done.stderr
    return float(json.loads(done.stdout)["pairs"][0]["dot"])


def swap(one: Path, other: Path) -> None:
    """Swap two files by renaming them; each keeps its modification time."""
    temporary = one.with_name("temporary")
    one.rename(temporary)
    other.rename(one)
    temporary.rename(other)


def test_a_restored_file(run: Run, tmp_path: Path) -> None:
    """A conversion that runs out of disk space leaves no numbers that are later taken for the restored file's."""
    model, other = write_words(tmp_path / "v.vec", 1), write_words(tmp_path / "other", 2)
    query = ("w0001", "w0002", "-m", str(model))
    right = dot(run, *query)
    swap(model, other)
    assert_refused(limited("dot", *query, size=6_000), 4, "can't write to")
    swap(model, other)
    assert dot(run, *query) == right


def test_a_transformed_space_of_a_restored_file(run: Run, tmp_path: Path) -> None:
    """The same for a centered space of a matrix that is mapped in place."""
    rows = np.random.default_rng(4).standard_normal((400, 2)).astype(np.float32)
    model, other = write_model(tmp_path / "m", rows, WORDS), write_model(tmp_path / "n", -2 * rows, WORDS)
    query = ("a", "b", "-m", str(model))
    right = dot(run, *query, "--center")
    files = (model / "model.safetensors", other / "model.safetensors")
    swap(*files)
    dot(run, *query)
    assert_refused(limited("dot", *query, "--center", size=6_000), 4, "can't write to")
    swap(*files)
    assert dot(run, *query, "--center") == right


def write_shards(folder: Path, factors: dict[str, int]) -> Path:
    """Write a model folder of shards that each have all tensors, with the rows times a factor."""
    write_model(folder, ROWS, WORDS)
    for name, factor in factors.items():
        write_model(folder, factor * ROWS, WORDS)
        (folder / "model.safetensors").rename(folder / name)
    return folder


def write_index(folder: Path, shard: str) -> None:
    """Write an index that places the embedding in this shard."""
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"wte.weight": shard}}))


def test_changes_that_select_another_weights_file(run: Run, tmp_path: Path) -> None:
    """An index that names another shard, a new model.safetensors next to shards, and a link to another file."""
    folder = write_shards(tmp_path / "m", {"one.safetensors": 1, "two.safetensors": 2, "three.safetensors": 3})
    query = ("a", "b", "-m", str(folder))
    write_index(folder, "one.safetensors")
    right = dot(run, *query)
    write_index(folder, "two.safetensors")
    assert dot(run, *query) == pytest.approx(4 * right)
    (folder / "model.safetensors").symlink_to("three.safetensors")
    assert dot(run, *query) == pytest.approx(9 * right)
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").symlink_to("one.safetensors")
    assert dot(run, *query) == right


def test_changes_that_select_other_words(run: Run, tmp_path: Path) -> None:
    """A tokenizer.json has precedence over a vocab.txt and word lists; a list named like the matrix over words.txt."""
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
    results = [dot(run, "a", "a", "-m", str(place)) for place in (folder, folder / "model.safetensors")]
    squares = (ROWS.astype(np.float64) ** 2).sum(axis=1)  # [rows]
    assert [*results, older, listed, named] == pytest.approx(squares[[0, 0, 1, 2, 3]])


def test_a_config_that_selects_another_tensor(run: Run, tmp_path: Path) -> None:
    """A corrected config.json changes which of two tensors is the embedding."""
    folder = write_model(tmp_path / "m", ROWS, WORDS)
    tensors = {"encoder.embed_tokens.weight": ("F32", (8, 4)), "decoder.embed_tokens.weight": ("F32", ROWS.shape)}
    eight = np.vstack([2 * ROWS, ROWS[:1]])
    data = file_head(tensors, {}) + as_bytes(eight).tobytes() + as_bytes(ROWS).tobytes()
    (folder / "model.safetensors").write_bytes(data)
    right = dot(run, "a", "b", "-m", str(folder))
    (folder / "config.json").write_text(json.dumps({"vocab_size": 8, "n_embd": 4}))
    assert dot(run, "a", "b", "-m", str(folder)) == pytest.approx(4 * right)


SWAP_AT_OPEN = """
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


@pytest.mark.parametrize("when", ["config.json", "tokenizer.json"], ids=["after the header", "before the rows"])
def test_a_file_swapped_during_preparation(run: Run, tmp_path: Path, when: str) -> None:
    """A file of the same shape that replaces the one being read is an error, and is read the next time."""
    folder = write_model(tmp_path / "m", ROWS, WORDS)
    new = write_model(tmp_path / "n", 2 * ROWS, WORDS) / "model.safetensors"
    query = ["dot", "a", "b", "-m", str(folder)]
    line = [sys.executable, "-c", SWAP_AT_OPEN, str(new), str(folder / "model.safetensors"), when, *query]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert_refused(done, 4, f"'{folder}' changed while it was being prepared. Run the command again.")
    assert dot(run, *query[1:]) == pytest.approx(4 * float(ROWS[0] @ ROWS[1]))


def reset_time(path: Path) -> None:
    """Set the modification time to 1970, as reproducible archives do."""
    os.utime(path, ns=(0, 0))


@pytest.mark.parametrize("how", ["renamed", "in place"])
def test_a_swapped_file_of_equal_size_and_time(how: str, run: Run, tmp_path: Path) -> None:
    """The inode or the change time (ctime), which only the system sets, tells the files apart."""
    model, other = write_words(tmp_path / "v.vec", 1), write_words(tmp_path / "other", 2)
    reset_time(model)
    reset_time(other)
    expected = dot(run, "w0001", "w0002", "-m", str(other), "--file-format", "word2vec")
    assert dot(run, "w0001", "w0002", "-m", str(model)) != expected
    if how == "renamed":
        other.rename(model)
    else:
        model.write_bytes(other.read_bytes())
        reset_time(model)
    assert dot(run, "w0001", "w0002", "-m", str(model)) == expected


def test_a_changed_word_list_of_equal_size_and_time(run: Run, tmp_path: Path) -> None:
    """A new word list of equal size and time is read, and so is a new matrix of equal size and time."""
    np.save(tmp_path / "m.npy", ROWS)
    (tmp_path / "words.txt").write_text("".join(f"{word}\n" for word in "abcdefg"))
    for path in tmp_path.iterdir():
        reset_time(path)
    before = dot(run, "a", "b", "-m", str(tmp_path / "m.npy"))
    (tmp_path / "words.txt").write_text("".join(f"{word}\n" for word in "cbadefg"))
    reset_time(tmp_path / "words.txt")
    assert dot(run, "c", "b", "-m", str(tmp_path / "m.npy")) == before
    np.save(tmp_path / "m.npy", ROWS[::-1])
    reset_time(tmp_path / "m.npy")
    assert dot(run, "c", "b", "-m", str(tmp_path / "m.npy")) != before


def answers_of(run: Run, folder: Path) -> tuple[object, object]:
    """The neighbors of the first row, and the digest of the matrix."""
    near, about = (
        json.loads(run(*line, "--json", "-m", str(folder)).stdout)
        for line in (("neighbors", "id:0", "--raw"), ("info",))
    )
    return near["results"], about["sha256"]


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("how", ["renamed", "in place"])
@pytest.mark.slow
def test_a_swapped_file_in_a_model_folder(how: str, name: str, run: Run, tmp_path: Path) -> None:
    """The matrix or the tokenizer of a model folder is replaced by one of equal size and time."""
    folder = write_model(tmp_path / "m", ROWS, WORDS)
    other = write_model(tmp_path / "n", ROWS[::-1], ["f", *WORDS[1:5], "a"])  # with the first and last word swapped
    for path in (*folder.iterdir(), *other.iterdir()):
        reset_time(path)
    assert answers_of(run, folder) != answers_of(run, other)
    if how == "renamed":
        (other / name).rename(folder / name)
    else:
        (folder / name).write_bytes((other / name).read_bytes())
        reset_time(folder / name)
    shutil.copytree(folder, tmp_path / "copy")
    assert answers_of(run, folder) == answers_of(run, tmp_path / "copy")


@pytest.mark.parametrize("how", ["overwritten", "cut", "words"])
@pytest.mark.slow
def test_a_file_that_changes_between_two_lines(how: str, tmp_path: Path) -> None:
    """A session that reads lines ends with one line, not with mixed numbers or a bus error."""
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
        out, stderr = session.communicate("w7\n")
    assert (session.returncode, out, stderr.count("\n")) == (4, "", 1), stderr
    assert "was changed while questions were answered" in stderr
