"""Remove a model just before each access that a command makes to the model's files, and report how it ends.

    python tests/vanishing.py gone|folders MODEL COPY dot a b -m MODEL

`gone` removes the folder MODEL; `folders` replaces each of its files by a folder. Each run is a fork with its own
store, and MODEL is restored from COPY before it. Prints JSON: exit code and stderr of each run, the last undisturbed.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from forking import in_fork

ACCESSES = frozenset({"open", "os.listdir", "os.scandir"})


def restore(model: Path, copy: Path) -> None:
    """Restore the model from its copy."""
    shutil.rmtree(model, ignore_errors=True)
    shutil.copytree(copy, model)


def remove(model: Path, how: str) -> None:
    """Remove the model; with `folders`, put an empty folder in place of each of its files."""
    names = [path.name for path in model.iterdir()]
    shutil.rmtree(model)
    for name in names if how == "folders" else []:
        (model / name).mkdir(parents=True)


def run_while_removing(line: list[str], model: Path, how: str, moment: int) -> tuple[int, str]:
    """Run a command whose model is removed before the `moment`-th access; returns its exit code and stderr."""
    accesses = 0

    def hook(event: str, args: tuple[Any, ...]) -> None:
        nonlocal accesses
        if event in ACCESSES and isinstance(args[0], str | Path) and str(args[0]).startswith(str(model)):
            accesses += 1
            if accesses == moment:
                remove(model, how)

    def command() -> int:
        os.environ["EMBGEO_HOME"] = store
        from embgeo.cli.main import run

        sys.addaudithook(hook)
        return run(line)

    with tempfile.TemporaryDirectory() as store:
        return in_fork(command)


def main() -> None:
    """Run from the command line."""
    how, model, copy, *line = sys.argv[1:]
    ends: list[tuple[int, str]] = []
    while not ends or not Path(model).is_dir() or any(path.is_dir() for path in Path(model).iterdir()):
        restore(Path(model), Path(copy))
        ends.append(run_while_removing(line, Path(model), how, len(ends) + 1))
    sys.stdout.write(json.dumps(ends))


if __name__ == "__main__":
    main()
