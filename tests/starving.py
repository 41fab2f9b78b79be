"""Take a resource away just before each access that a command makes to the store, and report how it ends.

    python tests/starving.py descriptors|memory FOLDER dot a b -m MODEL

The system itself refuses: the limit on open files, or that on the address space, falls to what is in use. First the
limit is lifted after that access, so that nothing stops a command that would now delete; in a second round it stays.
Each run is a fork. Prints JSON: exit code and stderr of each run, and whether FOLDER was then as before; the last one
is of an undisturbed run.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
from pathlib import Path
from typing import Any

from killing import LEARN, digests, fork

LOOKS = frozenset({"open", "os.listdir", "os.scandir", "mmap.__new__"})
LIMITS = {"descriptors": resource.RLIMIT_NOFILE, "memory": resource.RLIMIT_AS}


def lowered(what: str) -> int:
    """The limit at which the next access fails."""
    if what == "descriptors":
        free = os.dup(0)
        os.close(free)
        return free
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


class Hook:
    """Counts the accesses to a folder, and takes the resource away before one of them."""

    def __init__(self, what: str, folder: str, moment: int, *, once: bool) -> None:
        self.what, self.folder, self.moment, self.once = what, folder, moment, once
        self.seen, self.before, self.inside = 0, (0, 0), False

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        """Hear of an access."""
        if event not in LOOKS or self.inside:
            return
        limit = LIMITS[self.what]
        if self.before[1] and self.once:
            resource.setrlimit(limit, self.before)
            self.before = (0, 0)
        if event == "mmap.__new__" or str(args[0]).startswith(self.folder):
            self.seen += 1
            if self.seen == self.moment:
                self.inside, self.before = True, resource.getrlimit(limit)
                resource.setrlimit(limit, (lowered(self.what), self.before[1]))
                self.inside = False


def starved(what: str, folder: Path, line: list[str], moment: int, *, once: bool) -> tuple[int, str, bool]:
    """Run a command that is starved at its `moment`-th access; returns exit code, stderr, and whether that came."""
    read, write = os.pipe()
    with tempfile.TemporaryFile("w+") as said:
        child = os.fork()
        if child:
            os.close(write)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            said.seek(0)
            with os.fdopen(read) as pipe:
                return code, said.read(), bool(pipe.read())
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.dup2(said.fileno(), 2)
            from embgeo.cli.main import run

            hook = Hook(what, str(folder), moment, once=once)
            sys.addaudithook(hook)
            code = run([*line, "--json"])
            if hook.seen >= moment:
                os.write(write, b"x")
            os._exit(code)
        finally:
            os._exit(99)


def main() -> None:
    """Run from the command line."""
    what, folder, *line = sys.argv[1:]
    _, modules = fork(line, Path(folder), LEARN)
    for name in modules.split():
        if name not in sys.modules:
            __import__(name)
    before, ends = digests(Path(folder)), []
    for once in (True, False):
        moment, came = 1, True
        while came:
            code, said, came = starved(what, Path(folder), line, moment, once=once)
            ends.append([code, said, digests(Path(folder)) == before])
            moment += 1
    sys.stdout.write(json.dumps(ends))


if __name__ == "__main__":
    main()
