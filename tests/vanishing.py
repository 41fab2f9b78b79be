"""Take a model away from a command before each look that it takes at the model's files, and tell how it ends.

    python tests/vanishing.py gone|folders MODEL COPY dot a b -m MODEL

`gone` removes MODEL, a file or a folder; `folders` puts a folder in the place of each of its files. Each run is a fork,
with a store of its own, and MODEL is made anew from COPY before it. Prints JSON: for each run its exit code and what
it said on stderr, the last of a run that nothing disturbed.
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
    """Make the model anew."""
    shutil.rmtree(model, ignore_errors=True)
    shutil.copytree(copy, model)


def take(model: Path, how: str) -> None:
    """Take its files away."""
    names = [path.name for path in model.iterdir()]
    shutil.rmtree(model)
    for name in names if how == "folders" else []:
        (model / name).mkdir(parents=True)


def fork(line: list[str], model: Path, how: str, moment: int) -> tuple[int, str]:
    """Run a command whose model is taken before the `moment`-th look; returns its exit code and stderr."""
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
    """Go."""
    how, model, copy, *line = sys.argv[1:]
    ends: list[tuple[int, str]] = []
    while not ends or not Path(model).is_dir() or any(path.is_dir() for path in Path(model).iterdir()):
        fill(Path(model), Path(copy))
        ends.append(fork(line, Path(model), how, len(ends) + 1))
    sys.stdout.write(json.dumps(ends))


if __name__ == "__main__":
    main()
