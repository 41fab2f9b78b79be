"""Every command prints exactly what is stored in tests/golden (see golden.py): stdout, stderr and exit code."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

import pytest

from embgeo.cli.startup import command_names
from forking import fork_server
from golden import CASES, FOLDER, in_a_process, output_of

PRINTED_BY_TYPER = ("help-", "nothing", "bad-option", "bad-command", "bad-missing")


# Slow cases whose numbers other formats or tests cover too.
COVERED_ELSEWHERE = re.compile(
    ".*-(jsonl|csv|tsv)|help-.*|(eval-.*|plot-space|plot-context|plot-cluster|tour|context|space-control)-.*"
    "|(plot-.*|cluster|space|between|compare.*)-json|.*-(causal|whitened)"
).fullmatch

# Run as separate processes in the quick run too: JSON, a table, the overview, an error of embgeo and one of Typer.
IN_A_PROCESS = ("analogy-json", "neighbors-table", "nothing", "bad-unknown-word", "bad-command")


def golden_text(name: str) -> str:
    """The content of the golden file of a case."""
    if name.startswith(PRINTED_BY_TYPER) and not version("typer").startswith("0.28."):
        pytest.skip("help texts and usage errors are stored as Typer 0.28 prints them")
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if COVERED_ELSEWHERE(name) else ()) for name in CASES]
)
def test_output(name: str, tmp_path: Path) -> None:
    """The command prints exactly the text of its golden file."""
    server = fork_server()
    run = server.run if server and name not in IN_A_PROCESS else in_a_process
    assert output_of(CASES[name], str(tmp_path), run) == golden_text(name)


def test_every_command_has_golden_help() -> None:
    """Each command has a golden file for its help, and is listed in the overview."""
    overview = (FOLDER / "nothing.txt").read_text(encoding="utf-8")
    for name in command_names():
        assert f"\n  {name} " in overview, name
        assert (FOLDER / f"help-{name}.txt").exists(), name
