"""Every command prints exactly what is stored in tests/golden (see golden.py): stdout, stderr and exit code."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from golden import CASES, FOLDER, printed

LAID_OUT_BY_TYPER = ("help-", "nothing", "bad-option", "bad-command", "bad-missing")


@pytest.mark.parametrize("name", CASES)
def test_printed(name: str, tmp_path: Path) -> None:
    """The command prints its stored output exactly."""
    if name.startswith(LAID_OUT_BY_TYPER) and not version("typer").startswith("0.28."):
        pytest.skip("help texts and usage errors are kept as Typer 0.28 words them")
    kept = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    assert printed(CASES[name], str(tmp_path)) == kept


def test_every_command_is_kept() -> None:
    """Each command of the program has a golden file for its help."""
    overview = (FOLDER / "nothing.txt").read_text(encoding="utf-8")
    listed = overview.split("Commands:\n")[1].split("\n\n")[0].splitlines()
    for line in listed:
        assert (FOLDER / f"help-{line.split()[0]}.txt").exists(), line
