"""Tab completion in the system's shell (through Click's protocol) and in `embgeo shell`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from conftest import write_model
from embgeo import EmbeddingSpace, load
from embgeo.cli.shell.candidates import candidates
from embgeo.cli.shell.reading import words_of
from embgeo.cli.shell.session import Session
from embgeo.cli.startup import command_names
from embgeo.formats.token_marks import WORD
from embgeo.models.completion import model_names, words
from embgeo.models.reference import ALIASES


def tab(line: str, **env: str) -> list[str]:
    """The candidates that Click's bash script gets at the end of a line."""
    position = str(len(line.split(" ")) - 1)
    variables = {"COMP_WORDS": line, "COMP_CWORD": position, "_EMBGEO_COMPLETE": "complete_bash", **env}
    done = subprocess.run(
        [sys.executable, "-m", "embgeo"], env={**os.environ, **variables}, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("embgeo neighbors kitt -m minilm", []),  # the cursor is at `minilm`, which is complete
        ("embgeo neighbors kitt", ["kitty", "kitten"]),
        ("embgeo dot cat -m minil", ["minilm"]),
        ("embgeo dot cat --format js", ["json", "jsonl"]),
        ("embgeo neigh", ["neighbors"]),
        ("embgeo eval analogies --refer", ["--reference"]),
    ],
)
def test_tab_in_the_systems_shell(line: str, expected: list[str]) -> None:
    """Words, models, choices, commands and options; without -m, words of the default model."""
    assert [result for result in tab(line) if result != "minilm" or "minilm" in expected] == expected


def test_tab_does_not_import_numpy() -> None:
    """Completing a word needs neither NumPy nor the other commands."""
    code = (
        "import sys; from embgeo.cli.main import run; run([]); "
        "loaded = [name for name in sys.modules if name == 'numpy' or name.startswith('embgeo.cli.commands.')]; "
        "sys.stderr.write(' '.join(loaded))"
    )
    variables = {"COMP_WORDS": "embgeo neighbors kitt", "COMP_CWORD": "2", "_EMBGEO_COMPLETE": "complete_bash"}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **variables}, capture_output=True, text=True, check=True
    )
    assert (done.stdout.split(), done.stderr) == (["kitty", "kitten"], "embgeo.cli.commands.neighbors")


@pytest.mark.parametrize("beginning", ["a", "qu", "the", "zzz", "Ber", "é"])
def test_words_of_the_vocabulary(minilm: EmbeddingSpace, beginning: str) -> None:
    """The 50 lowest rows among the whole words with this beginning."""
    table, small = minilm.vocabulary.table, beginning.lower()
    every = [minilm.vocabulary.token(row).text for row in range(len(table)) if table.flags[row] & WORD]
    expected = [text for text in every if text.startswith(small)][:50]
    results = [word for word in words("minilm", None, beginning) if word.isalpha()]
    assert results == expected[: len(results)]
    assert len(results) == len(expected) or len(expected) == 50


def test_words_of_a_local_model(tmp_path: Path) -> None:
    """A model in a folder has candidates once it was opened; capitals matter if its tokenizer keeps them."""
    folder = write_model(tmp_path / "model", np.eye(4, dtype=np.float32), ["Cat", "cat", "car", "dog"])
    assert words(str(folder), None, "ca") == []
    load(folder)
    assert words(str(folder), None, "ca") == ["cat", "car"]
    assert words(str(folder), None, "C") == ["Cat"]
    assert words(str(folder), None, "") == words("./nowhere", None, "c") == words("-", None, "c") == []
    assert model_names()[-1] == str(folder.resolve())


@pytest.mark.parametrize("cut", [4, 100])
def test_a_damaged_file_has_no_candidates(tmp_path: Path, cut: int, own_store: Path) -> None:
    """Tab never fails; the next command reports the damage."""
    folder = write_model(tmp_path / "model", np.eye(2, dtype=np.float32), ["cat", "car"])
    load(folder)
    (prepared,) = own_store.glob("local/*/prepared.safetensors")
    for damaged in (prepared.read_bytes()[:cut], b"\xff" * cut, b""):
        prepared.write_bytes(damaged)
        assert words(str(folder), None, "ca") == []
        assert "minilm" in model_names()


def completed(typed: str, models: Sequence[str] = ("minilm",), **options: str) -> list[str]:
    """The line after each candidate is accepted."""
    session = Session()
    session.models, session.options = list(models), dict(options)
    return [typed[: len(typed) - result.length] + result.text for result in candidates(session, typed)]


@pytest.mark.parametrize(
    ("typed", "endings"),
    [
        ("kitt", "kitty kitten"), ("king - kitt", "kitty kitten"), ("2 * (Kitt", "Kitty Kitten"),
        ("king - man --metr", "--metric"), ("king --metric dot -m minil", "minilm"),
        ("analogy king man kitt", "kitty kitten"), ("direction cats cat --score kitt", "kitty kitten"),
        ("direction cats cat --score one kitt", "kitty kitten"), ("dot cat --quiet kitt", "kitty kitten"),
        ("neighbors nurse --without 'woman - kitt", "kitty kitten"), ("plot similarity kitt", "kitty kitten"),
        ("dot cat --format j", "json jsonl"), ("eval an", "analogies"), ("eval analogies --meth", "--method"),
        ("eval nothing x", ""), ("tour kitt", ""), ("tokens kitt", ""),
        ("neighbors cat --metric euc", "euclidean"), ("help neig", "neighbors"), (":s", ":set"),
        (":model minil", "minilm"), (":set form", "format"), (":set --format j", "json jsonl"), (":nonsense x", ""),
        ("", "ALL COMMANDS"),
    ],
)  # fmt: skip
def test_tab_in_the_shell(typed: str, endings: str) -> None:
    """The word at the cursor is completed; the text before it stays."""
    start = max(typed.rfind(" "), typed.rfind("(")) + 1
    expected = [*command_names(), "help"] if endings == "ALL COMMANDS" else endings.split()
    assert completed(typed) == [typed[:start] + ending for ending in expected]


def test_commands_come_before_words() -> None:
    """The first word of a line may be a command or a term; commands come first."""
    assert completed("neigh")[:2] == ["neighbors", "neighborhood"]


def test_tab_uses_the_model_of_the_line_or_of_the_shell(tmp_path: Path) -> None:
    """Words come from the model that -m names, else from the first model of the shell."""
    folder = write_model(tmp_path / "model", np.eye(2, dtype=np.float32), ["kittiwake", "dog"])
    load(folder)
    assert completed(f"dot -m {folder} kitt") == [f"dot -m {folder} kittiwake"]
    assert completed("dot kitt", [str(folder), "minilm"]) == ["dot kittiwake"]
    assert completed("dot kitt", [], side="position") == []


def test_tab_completes_file_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Options and arguments that take files; a name with a space is quoted, a folder ends with a slash."""
    monkeypatch.chdir(tmp_path)
    Path("pairs.txt").touch()
    Path("pa irs").mkdir()
    assert completed("direction --pairs pa") == ["direction --pairs 'pa irs/'", "direction --pairs pairs.txt"]
    assert completed("search cat pair") == ["search cat pairs.txt"]
    assert completed("direction --save nothing") == []


@pytest.mark.parametrize("name", ["new line.vec", "quo'te.vec", 'dou"ble.vec', "back\\slash.vec", "#1 $HOME.vec"])
def test_tab_completes_models_of_any_name(tmp_path: Path, name: str) -> None:
    """A model's name is completed so that the line runs, even if the beginning was typed in quotes."""
    file = tmp_path / "some models" / name
    file.parent.mkdir()
    file.write_text("cat 1 0\ndog 0 1\n")
    load(file)
    for line in ("dot cat dog -m ", "cat -m ", "models rm ", ":model "):
        for typed in (f"{tmp_path}/some", f"'{tmp_path}/some", f"'{tmp_path}/some mod", f"{tmp_path}/some\\ mod"):
            (whole,) = completed(line + typed)
            assert words_of(whole)[-1] == str(file), whole
    session = Session()
    session.answer(whole)
    assert session.models == [str(file)]


def test_tab_skips_names_that_cannot_be_typed(tmp_path: Path) -> None:
    """Names with a line break or an escape sequence are not completed."""
    for name in ("new\nline.vec", "\x1b[31mred.vec"):
        (tmp_path / name).write_text("cat 1 0\ndog 0 1\n")
        load(tmp_path / name)
    assert len(model_names()) == len(ALIASES) + 1 + 2
    assert completed(f"dot cat dog -m {tmp_path}/") == completed(f":model {tmp_path}/") == []
