"""Every command prints exactly what is stored in tests/golden (see golden.py): stdout, stderr and exit code."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from embgeo.cli.startup import command_names
from forking import Forks
from golden import CASES, FOLDER, printed

LAID_OUT_BY_TYPER = ("help-", "nothing", "bad-option", "bad-command", "bad-missing")


# Always run in processes of their own too: an answer, a table, the overview, an error of the program and one of Typer.
IN_A_PROCESS = ("analogy-json", "neighbors-table", "nothing", "bad-unknown-word", "bad-command")


def kept(name: str) -> str:
    """What the golden file says."""
    if name.startswith(LAID_OUT_BY_TYPER) and not version("typer").startswith("0.28."):
        pytest.skip("help texts and usage errors are kept as Typer 0.28 words them")
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CASES)
def test_printed(name: str, tmp_path: Path, forks: Forks) -> None:
    """The command prints what is kept, to the letter."""
    assert printed(CASES[name], str(tmp_path), forks.run) == kept(name)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in IN_A_PROCESS else pytest.mark.slow) for name in CASES]
)
def test_printed_in_a_process(name: str, tmp_path: Path) -> None:
    """It does so when it is started as a user starts it."""
    assert printed(CASES[name], str(tmp_path)) == kept(name)


def test_every_command_is_kept() -> None:
    """Each command of the program has a golden file for its help, and stands in the overview."""
    overview = (FOLDER / "nothing.txt").read_text(encoding="utf-8")
    for name in command_names():
        assert f"\n  {name} " in overview, name
        assert (FOLDER / f"help-{name}.txt").exists(), name
