"""Kill a command before each change it makes to the disk, run another command after it, and report what is there.

    python tests/killing.py SIGKILL FOLDER '["pull", "org/model"]' '["pull", "org/model"]' ['["pull", "org/model"]']

The arguments are the signal and the folder, then the command to kill, the one to run after it, and optionally one to
run before. Each run is a fork of this process, which has imported everything, so that a hundred of them take seconds.
Prints JSON: a `Kill` for each change, the last one for an undisturbed run.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import json
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

CHANGES = frozenset({"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir"})
LEARN = 60_000  # never reached: this run records the modules it imports, and the others load them first
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Kill(NamedTuple):
    """One kill: the change it came before, what it left, how the next run ended, and the files after that.

    Attributes:
        change: the file operation that was about to happen; empty for the undisturbed run.
        ended: exit code and stderr of the killed run.
        left: the files it left.
        code: exit code of the run that followed.
        files: the files after that run, and their digests.
    """

    change: str
    ended: list[Any]
    left: list[str]
    code: int
    files: dict[str, str]


def fork(line: list[str], folder: Path, kill_at: int, number: int = signal.SIGKILL) -> tuple[int, str]:
    """Run a command line in a child that dies before its `kill_at`-th change; returns its exit code and that change."""
    read, write = os.pipe()
    child = os.fork()
    if child:
        os.close(write)
        with os.fdopen(read) as pipe:
            told = pipe.read()
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), told
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        seen = 0

        def hook(event: str, args: tuple[Any, ...]) -> None:
            nonlocal seen
            if event not in CHANGES or not isinstance(args[0], str | Path) or not str(args[0]).startswith(str(folder)):
                return
            if event == "open" and not args[2] & WRITING:
                return
            seen += 1
            if seen == kill_at:
                os.write(write, f"{event} {Path(args[0]).relative_to(folder)}".encode())
                os.kill(os.getpid(), number)

        from embgeo.cli.main import run

        sys.addaudithook(hook)
        code = run([*line, "--json"])
        if kill_at == LEARN:
            os.write(write, " ".join(sys.modules).encode()[:LEARN])
        os._exit(code)
    finally:
        os._exit(99)


def digests(folder: Path) -> dict[str, str]:
    """Every file in a folder, with its SHA-256."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(files)}


def kill_at_each_change(
    number: int, folder: Path, killed: list[str], after: list[str], before: list[str] | None = None
) -> list[Kill]:
    """Kill at every moment; the last run is undisturbed."""
    _, modules = fork(after, folder, LEARN)
    for name in modules.split():
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    found: list[Kill] = []
    change, stderr = "start", os.dup(2)
    while change:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        if before:
            assert fork(before, folder, 0)[0] == 0
        with tempfile.TemporaryFile("w+") as said:
            os.dup2(said.fileno(), 2)
            code, change = fork(killed, folder, len(found) + 1, number)
            os.dup2(stderr, 2)
            said.seek(0)
            ended = [code, said.read()]
        left = [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]
        for path in folder.rglob("*.part"):  # fresh ones are never removed
            os.utime(path, (0, 0))
        found.append(Kill(change, ended, left, fork(after, folder, 0)[0], digests(folder)))
    return found


def main() -> None:
    """Run from the command line."""
    name, folder, *lines = sys.argv[1:]
    found = kill_at_each_change(signal.Signals[name], Path(folder), *map(json.loads, lines))
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
