"""Take a resource away just before each access that a command makes to the store, and report how it ends.

    python tests/starving.py descriptors|memory FOLDER dot a b -m MODEL

The limit on open files, or on the address space, is lowered to what is in use, so that the system itself refuses the
access. In the first round the limit is raised again after that access, so that a command could go on to delete files;
in the second it stays. Each run is a fork. Prints JSON: exit code and stderr of each run, and whether FOLDER was then
unchanged; the last run of a round is undisturbed.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

from forking import in_fork
from killing import digests, import_modules

ACCESSES = frozenset({"open", "os.listdir", "os.scandir", "mmap.__new__"})
LIMITS = {"descriptors": resource.RLIMIT_NOFILE, "memory": resource.RLIMIT_AS}


def amount_in_use(what: str) -> int:
    """The limit at which the next access fails: what the process has in use."""
    if what == "descriptors":
        free = os.dup(0)
        os.close(free)
        return free
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


class Hook:
    """Counts accesses to a folder, and takes the resource away before one of them."""

    def __init__(self, what: str, folder: str, moment: int, *, once: bool) -> None:
        self.what, self.folder, self.moment, self.once = what, folder, moment, once
        self.seen, self.before, self.inside = 0, (0, 0), False

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        """Handle an audit event of Python."""
        if event not in ACCESSES or self.inside:
            return
        limit = LIMITS[self.what]
        if self.before[1] and self.once:
            resource.setrlimit(limit, self.before)
            self.before = (0, 0)
        if event == "mmap.__new__" or str(args[0]).startswith(self.folder):
            self.seen += 1
            if self.seen == self.moment:
                self.inside, self.before = True, resource.getrlimit(limit)
                resource.setrlimit(limit, (amount_in_use(self.what), self.before[1]))
                self.inside = False


def starve(what: str, folder: Path, line: list[str], moment: int, *, once: bool) -> tuple[int, str, bool]:
    """Run a command that is starved at its `moment`-th access; returns exit code, stderr, and whether it got there."""
    read, write = os.pipe()

    def command() -> int:
        from embgeo.cli.main import run

        hook = Hook(what, str(folder), moment, once=once)
        sys.addaudithook(hook)
        code = run([*line, "--json"])
        if hook.seen >= moment:
            os.write(write, b"x")
        return code

    code, stderr = in_fork(command)
    os.close(write)
    with os.fdopen(read) as pipe:
        return code, stderr, bool(pipe.read())


def main() -> None:
    """Run from the command line."""
    what, folder, *line = sys.argv[1:]
    import_modules(line, Path(folder))
    before, ends = digests(Path(folder)), []
    for once in (True, False):
        moment, reached = 1, True
        while reached:
            code, stderr, reached = starve(what, Path(folder), line, moment, once=once)
            ends.append([code, stderr, digests(Path(folder)) == before])
            moment += 1
    sys.stdout.write(json.dumps(ends))


if __name__ == "__main__":
    main()
