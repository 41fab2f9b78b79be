"""Kill a command before each change it makes to the disk, run another command after it, and report what is left.

    python tests/killing.py SIGKILL FOLDER '["pull", "org/model"]' '["pull", "org/model"]' ['["pull", "org/model"]']

The arguments are the signal and the folder, then the command to kill, the one to run after it, and optionally one to
run before. Each run is a fork of this process, which has imported everything, so that a hundred runs take seconds.
Prints JSON: a `Kill` for each change; the last is an undisturbed run.
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
from pathlib import Path
from typing import Any, NamedTuple

from forking import in_fork

CHANGES = frozenset({"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir"})
LIST_MODULES = 60_000  # more changes than a command makes: this run lists the modules it imports, and is not killed
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Kill(NamedTuple):
    """One run that was killed before a change, and the run after it.

    Attributes:
        change: the file operation that was about to happen; empty for the undisturbed run.
        ended: exit code and stderr of the killed run.
        left: the files that it left.
        code: exit code of the next run.
        files: the files after the next run, with their digests.
    """

    change: str
    ended: list[Any]
    left: list[str]
    code: int
    files: dict[str, str]


def run_in_fork(line: list[str], folder: Path, kill_at: int, number: int = signal.SIGKILL) -> tuple[int, str, str]:
    """Run a command in a fork that is killed before its `kill_at`-th change; its exit code, stderr and that change."""
    read, write = os.pipe()
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

    def command() -> int:
        from embgeo.cli.main import run

        sys.addaudithook(hook)
        code = run([*line, "--json"])
        if kill_at == LIST_MODULES:
            os.write(write, " ".join(sys.modules).encode()[:LIST_MODULES])
        return code

    code, stderr = in_fork(command)
    os.close(write)
    with os.fdopen(read) as pipe:
        return code, stderr, pipe.read()


def import_modules(line: list[str], folder: Path) -> None:
    """Import in this process what a command imports, so that its forks start quickly."""
    for name in run_in_fork(line, folder, LIST_MODULES)[2].split():
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file in a folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(files)}


def kill_at_each_change(
    number: int, folder: Path, killed: list[str], after: list[str], before: list[str] | None = None
) -> list[Kill]:
    """Run `before`, the killed command and `after` once for each change; the last run is undisturbed."""
    import_modules(after, folder)
    results: list[Kill] = []
    change = "start"
    while change:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        if before:
            assert run_in_fork(before, folder, 0)[0] == 0
        *ended, change = run_in_fork(killed, folder, len(results) + 1, number)
        left = [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]
        for path in folder.rglob("*.part"):  # only old ones are removed
            os.utime(path, (0, 0))
        results.append(Kill(change, ended, left, run_in_fork(after, folder, 0)[0], digests(folder)))
    return results


def main() -> None:
    """Run from the command line."""
    name, folder, *lines = sys.argv[1:]
    result = kill_at_each_change(signal.Signals[name], Path(folder), *map(json.loads, lines))
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main()
