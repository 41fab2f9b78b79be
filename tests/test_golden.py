"""Every command prints exactly what is stored in tests/golden (see golden.py): stdout, stderr and exit code."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

import pytest

from embgeo.cli.startup import command_names
from forking import fork_server
from golden import CASES, FOLDER, in_a_process, output_of

LAID_OUT_BY_TYPER = ("help-", "nothing", "bad-option", "bad-command", "bad-missing")


# Seconds of work, whose numbers other formats or tests show again.
AGAIN = re.compile(
    ".*-(jsonl|csv|tsv)|help-.*|(eval-.*|plot-space|plot-context|plot-cluster|tour|context|space-control)-.*"
    "|(plot-.*|cluster|space|between|compare.*)-json|.*-(causal|whitened)"
).fullmatch

# Processes of their own in the quick run too: an answer, a table, the overview, one error of ours and one of Typer.
IN_A_PROCESS = ("analogy-json", "neighbors-table", "nothing", "bad-unknown-word", "bad-command")


def kept(name: str) -> str:
    """What the golden file says."""
    if name.startswith(LAID_OUT_BY_TYPER) and not version("typer").startswith("0.28."):
        pytest.skip("help texts and usage errors are kept as Typer 0.28 words them")
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.slow if AGAIN(name) else ()) for name in CASES])
def test_printed(name: str, tmp_path: Path) -> None:
    """The command prints what the golden file says, to the letter."""
    server = fork_server()
    run = server.run if server and name not in IN_A_PROCESS else in_a_process
    assert output_of(CASES[name], str(tmp_path), run) == kept(name)


def test_every_command_is_kept() -> None:
    """Each command of the program has a golden file for its help, and stands in the overview."""
    overview = (FOLDER / "nothing.txt").read_text(encoding="utf-8")
    for name in command_names():
        assert f"\n  {name} " in overview, name
        assert (FOLDER / f"help-{name}.txt").exists(), name
