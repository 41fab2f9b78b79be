"""Unusual queries: each gives an answer or a one-line error, never a crash or a warning."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from conftest import Run, write_model
from embgeo import ModelError, load
from limits import assert_refused, limited
from test_layers import sentence_model, tiny_folder

WORDS = ["cat", "dog", "king", "queen", "man", "woman"]
ROWS = {
    "equal and huge": np.full((7, 4), 3e38),
    "huge and tiny": np.where(np.eye(7, 4) > 0, 3e38, 1e-38),
    "zero but one": np.eye(7, 4, k=-6),
}
DRAWN = (
    "plot space --samples 50", "plot direction cat dog --score king queen man", "plot similarity cat dog",
    "similarity cat dog --plot", "map --layout tsne -o OUT.html --force", "map --layout pca -o OUT.html --force",
)  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.slow
def test_pictures_of_extreme_numbers(name: str, run: Run, tmp_path: Path) -> None:
    """In the terminal and as SVG, with axes of a single number or of numbers up to 1e77."""
    model = write_model(tmp_path / "m", ROWS[name].astype(np.float32), WORDS)
    for line in DRAWN:
        command = [*line.replace("OUT", str(tmp_path / "out")).split(), "-m", str(model)]
        for more in ([], ["-o", str(tmp_path / "x.svg"), "--force"] if line.startswith("plot") else []):
            done = run(*command, *more)
            assert done.returncode in (0, 2, 3, 4), (line, done.stderr)
            assert not [one for one in done.stderr.splitlines() if not one.startswith(("note: ", "embgeo: "))], line
            assert "unexpected fault" not in done.stderr, line


def test_a_graph_of_a_word_without_neighbors(run: Run, tmp_path: Path) -> None:
    """In a model of one row, the error says that there is nothing to draw."""
    model = write_model(tmp_path / "m", np.ones((1, 4), np.float32), WORDS[:1])
    assert_refused(run("plot", "neighbors", "cat", "-m", str(model)), 2, "'cat' has no neighbors to draw")


def test_contexts_in_a_vocabulary_without_words(run: Run, tmp_path: Path) -> None:
    """No neighbors are listed, but the layers are compared."""
    done = run("context", "w5 w6 w7 w5", "w5 w8", "-w", "w5", "-m", str(tiny_folder(tmp_path, "bert")))
    assert (done.returncode, done.stderr) == (0, "")
    assert "layer" in done.stdout
    with pytest.raises(ModelError, match="no whole words"):
        load(tmp_path).words_at_layer(1)


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_an_export_to_a_folder(name: str, run: Run) -> None:
    """The error asks for a file."""
    assert_refused(run("export", name, "--to", "npy", "-m", "minilm"), 2, "is a folder. Name a file.")


def test_a_long_text_in_a_table(run: Run, tmp_path: Path) -> None:
    """A table and its title show the first 2,000 characters; JSON has the whole text."""
    model = str(sentence_model(tmp_path, "mean_tokens"))
    command = ("similarity", "--texts", "w5" + "x" * 20_000, "w6", "-m", model)
    table, whole = run(*command), run(*command, "--json")
    assert table.returncode == whole.returncode == 0
    assert "x" * 20_000 in whole.stdout
    assert "…" in table.stdout
    assert len(table.stdout) < 20_000


def test_an_invalid_pattern_in_gitignore(run: Run, tmp_path: Path) -> None:
    """It is ignored, and the other lines apply."""
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / ".gitignore").write_text("[z-a]\nskip.txt\n")
    for name in ("a.txt", "skip.txt"):
        (tmp_path / "texts" / name).write_text("a cat sleeps\n")
    done = run("search", "cat", str(tmp_path / "texts"), "--json", "-m", "minilm")
    assert (done.returncode, "a.txt" in done.stdout, "skip.txt" in done.stdout) == (0, True, False), done.stderr


def test_a_script_with_a_nul() -> None:
    """The line is refused before it runs."""
    done = limited("shell", "-m", "minilm", stdin=b"dot cat dog\nsearch cat 'a\0b'\n")
    assert done.returncode == 2
    assert "line 2" in done.stderr
    assert "NUL" in done.stderr
