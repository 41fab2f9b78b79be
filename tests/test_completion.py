"""Tab: in the system's shell through its own protocol, and in `embgeo shell`; words come from the mapped vocabulary."""

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
    """What Click's script for bash is told at the end of a line."""
    position = str(len(line.split(" ")) - 1)
    typed = {"COMP_WORDS": line, "COMP_CWORD": position, "_EMBGEO_COMPLETE": "complete_bash", **env}
    done = subprocess.run(
        [sys.executable, "-m", "embgeo"], env={**os.environ, **typed}, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("embgeo neighbors kitt -m minilm", []),  # the cursor is in `minilm`, which is whole
        ("embgeo neighbors kitt", ["kitty", "kitten"]),
        ("embgeo dot cat -m minil", ["minilm"]),
        ("embgeo dot cat --format js", ["json", "jsonl"]),
        ("embgeo neigh", ["neighbors"]),
        ("embgeo eval analogies --refer", ["--reference"]),
    ],
)
def test_tab_in_the_systems_shell(line: str, offered: list[str]) -> None:
    """Words, models, choices, commands and options; without a model's name, the one that would answer."""
    assert [one for one in tab(line) if one != "minilm" or "minilm" in offered] == offered


def test_tab_imports_no_numpy() -> None:
    """Completing a word needs neither NumPy nor the other commands."""
    code = (
        "import sys; from embgeo.cli.main import run; run([]); "
        "loaded = [name for name in sys.modules if name == 'numpy' or name.startswith('embgeo.cli.commands.')]; "
        "sys.stderr.write(' '.join(loaded))"
    )
    typed = {"COMP_WORDS": "embgeo neighbors kitt", "COMP_CWORD": "2", "_EMBGEO_COMPLETE": "complete_bash"}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **typed}, capture_output=True, text=True, check=True
    )
    assert (done.stdout.split(), done.stderr) == (["kitty", "kitten"], "embgeo.cli.commands.neighbors")


@pytest.mark.parametrize("beginning", ["a", "qu", "the", "zzz", "Ber", "é"])
def test_words_are_the_vocabularys(minilm: EmbeddingSpace, beginning: str) -> None:
    """The 50 lowest rows among all whole words that begin so, found by looking at each."""
    table, small = minilm.vocabulary.table, beginning.lower()
    every = [minilm.vocabulary.token(row).text for row in range(len(table)) if table.flags[row] & WORD]
    expected = [text for text in every if text.startswith(small)][:50]
    found = [word for word in words("minilm", None, beginning) if word.isalpha()]
    assert found == expected[: len(found)]
    assert len(found) == len(expected) or len(expected) == 50


def test_words_of_a_models_own_file(tmp_path: Path) -> None:
    """A model in a folder, once it was opened; capitals count where its tokenizer keeps them."""
    folder = write_model(tmp_path / "model", np.eye(4, dtype=np.float32), ["Cat", "cat", "car", "dog"])
    assert words(str(folder), None, "ca") == []
    load(folder)
    assert words(str(folder), None, "ca") == ["cat", "car"]
    assert words(str(folder), None, "C") == ["Cat"]
    assert words(str(folder), None, "") == words("./nowhere", None, "c") == words("-", None, "c") == []
    assert model_names()[-1] == str(folder.resolve())


@pytest.mark.parametrize("cut", [4, 100])
def test_a_damaged_file_offers_nothing(tmp_path: Path, cut: int, own_store: Path) -> None:
    """Tab never fails: whoever asks a question next learns of the damage."""
    folder = write_model(tmp_path / "model", np.eye(2, dtype=np.float32), ["cat", "car"])
    load(folder)
    (prepared,) = own_store.glob("local/*/prepared.safetensors")
    for damaged in (prepared.read_bytes()[:cut], b"\xff" * cut, b""):
        prepared.write_bytes(damaged)
        assert words(str(folder), None, "ca") == []
        assert "minilm" in model_names()


def texts(typed: str, models: Sequence[str] = ("minilm",), **options: str) -> list[str]:
    """The whole line after each candidate."""
    session = Session()
    session.models, session.options = list(models), dict(options)
    return [typed[: len(typed) - one.length] + one.text for one in candidates(session, typed)]


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
    """What the word at the cursor becomes; the text before it stays."""
    start = max(typed.rfind(" "), typed.rfind("(")) + 1
    expected = [*command_names(), "help"] if endings == "ALL COMMANDS" else endings.split()
    assert texts(typed) == [typed[:start] + ending for ending in expected]


def test_commands_come_before_words() -> None:
    """The first word of a line may be either."""
    assert texts("neigh")[:2] == ["neighbors", "neighborhood"]


def test_tab_asks_the_model_of_the_line_and_of_the_shell(tmp_path: Path) -> None:
    """-m of a line goes first; with several models in the shell, the first one's words are offered."""
    folder = write_model(tmp_path / "model", np.eye(2, dtype=np.float32), ["kittiwake", "dog"])
    load(folder)
    assert texts(f"dot -m {folder} kitt") == [f"dot -m {folder} kittiwake"]
    assert texts("dot kitt", [str(folder), "minilm"]) == ["dot kittiwake"]
    assert texts("dot kitt", [], side="position") == []


def test_tab_names_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a command takes a file; a name with a space stands in quotes, a folder ends in a slash."""
    monkeypatch.chdir(tmp_path)
    Path("pairs.txt").touch()
    Path("pa irs").mkdir()
    assert texts("direction --pairs pa") == ["direction --pairs 'pa irs/'", "direction --pairs pairs.txt"]
    assert texts("search cat pair") == ["search cat pairs.txt"]
    assert texts("direction --save nothing") == []


@pytest.mark.parametrize("name", ["new line.vec", "quo'te.vec", 'dou"ble.vec', "back\\slash.vec", "#1 $HOME.vec"])
def test_tab_names_models_of_any_name(tmp_path: Path, name: str) -> None:
    """A line with a model's name from Tab runs as it stands, also where the beginning was typed in quotes."""
    file = tmp_path / "some models" / name
    file.parent.mkdir()
    file.write_text("cat 1 0\ndog 0 1\n")
    load(file)
    for line in ("dot cat dog -m ", "cat -m ", "models rm ", ":model "):
        for typed in (f"{tmp_path}/some", f"'{tmp_path}/some", f"'{tmp_path}/some mod", f"{tmp_path}/some\\ mod"):
            (completed,) = texts(line + typed)
            assert words_of(completed)[-1] == str(file), completed
    session = Session()
    session.answer(completed)
    assert session.models == [str(file)]


def test_tab_offers_nothing_that_cannot_be_typed(tmp_path: Path) -> None:
    """A line holds no line break, and a terminal would obey an escape sequence."""
    for name in ("new\nline.vec", "\x1b[31mred.vec"):
        (tmp_path / name).write_text("cat 1 0\ndog 0 1\n")
        load(tmp_path / name)
    assert len(model_names()) == len(ALIASES) + 1 + 2
    assert texts(f"dot cat dog -m {tmp_path}/") == texts(f":model {tmp_path}/") == []
