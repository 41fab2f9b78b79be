"""Pull a model in forks of one process, each with a memory limit, from a Hub that misbehaves.

    python tests/hostile_runs.py MODEL [hurried]    reads stores, one per line; answers each with [exit code, stderr,
                                                    seconds]

With `hurried` the waits are short: the program's own `Transfer`, with other numbers.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

MEMORY = 200_000_000  # bytes of address space that a run may take beyond what its imports take


def hurried() -> None:
    """Shorten the waits, before anything takes them over as defaults."""
    from embgeo.models.hub import transfer

    transfer.DEFAULT = transfer.Transfer(  # type: ignore[misc]
        first=1024, chunk=16_384, workers=2, tries=3, wait=0.005, longest_wait=0.3, timeout=0.25, opening=0.4,
        floor=500.0, window=0.25, stretch=8_192,
    )  # fmt: skip
    from embgeo.models.hub import repository

    repository.PATIENCE = repository.Patience(0.4, 1)  # type: ignore[misc]


def imported() -> None:
    """Import what every run would."""
    for name in (
        "cli.main",
        "cli.commands.pull",
        "cli.tables.pull",
        "questions.pull",
        "models.local",
        "models.prepare",
    ):
        importlib.import_module(f"embgeo.{name}")
    for name in ("embgeo.formats.tokenizer_json", "embgeo.models.hub.fetch", "filelock", "mmap"):
        importlib.import_module(name)
    from embgeo.models.hub.client import session

    session()  # it reads the system's certificates


def pull(model: str, store: str) -> tuple[int, str, float]:
    """One run."""
    begun = time.monotonic()
    with tempfile.TemporaryFile("w+") as said:
        child = os.fork()
        if child:
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            said.seek(0)
            return code, said.read(), time.monotonic() - begun
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.dup2(said.fileno(), 2)
            os.environ["EMBGEO_HOME"] = store
            from embgeo.cli.main import run

            used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            threads = 8 * 9_000_000  # what the stacks of its threads reserve
            resource.setrlimit(resource.RLIMIT_AS, (used + threads + MEMORY, -1))
            os._exit(run(["pull", model]))
        finally:
            os._exit(99)


def main() -> None:
    """Run from the command line."""
    if "hurried" in sys.argv[2:]:
        hurried()
    imported()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(pull(sys.argv[1], line.strip())) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
