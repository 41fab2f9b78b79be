"""Remove a model just before each access that a command makes to the model's files, and report how it ends.

    python tests/vanishing.py gone|folders MODEL COPY dot a b -m MODEL

`gone` removes MODEL, a file or a folder; `folders` replaces each of its files by a folder. Each run is a fork with its
own store, and MODEL is restored from COPY before it. Prints JSON: exit code and stderr of each run, the last one of an
undisturbed run.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

LOOKS = frozenset({"open", "os.listdir", "os.scandir"})


def fill(model: Path, copy: Path) -> None:
    """Restore the model."""
    shutil.rmtree(model, ignore_errors=True)
    shutil.copytree(copy, model)


def take(model: Path, how: str) -> None:
    """Remove its files."""
    names = [path.name for path in model.iterdir()]
    shutil.rmtree(model)
    for name in names if how == "folders" else []:
        (model / name).mkdir(parents=True)


def fork(line: list[str], model: Path, how: str, moment: int) -> tuple[int, str]:
    """Run a command whose model is removed before the `moment`-th access; returns its exit code and stderr."""
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryDirectory() as store:
        child = os.fork()
        if child:
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            said.seek(0)
            return code, said.read()
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.dup2(said.fileno(), 2)
            os.environ["EMBGEO_HOME"] = store
            looks = 0

            def hook(event: str, args: tuple[Any, ...]) -> None:
                nonlocal looks
                if event in LOOKS and isinstance(args[0], str | Path) and str(args[0]).startswith(str(model)):
                    looks += 1
                    if looks == moment:
                        take(model, how)

            from embgeo.cli.main import run

            sys.addaudithook(hook)
            os._exit(run(line))
        finally:
            os._exit(99)


def main() -> None:
    """Run from the command line."""
    how, model, copy, *line = sys.argv[1:]
    ends: list[tuple[int, str]] = []
    while not ends or not Path(model).is_dir() or any(path.is_dir() for path in Path(model).iterdir()):
        fill(Path(model), Path(copy))
        ends.append(fork(line, Path(model), how, len(ends) + 1))
    sys.stdout.write(json.dumps(ends))


if __name__ == "__main__":
    main()
