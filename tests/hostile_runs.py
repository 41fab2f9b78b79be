"""Pull a model in forks of one process, each with a memory limit, from a Hub that misbehaves.

    python tests/hostile_runs.py MODEL [fast]    reads a store from each line; answers with [exit code, stderr, seconds]

With `fast`, the limits of the transfer are small, so that its waits are short.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
import time
from pathlib import Path

from forking import in_fork

MEMORY = 200_000_000  # bytes of address space that a run may use beyond its imports


def shorten_waits() -> None:
    """Shorten the waits, before other modules import them as defaults."""
    from embgeo.models.hub import transfer

    transfer.DEFAULT = transfer.Transfer(  # type: ignore[misc]
        first=1024, chunk=16_384, workers=2, tries=3, wait=0.005, longest_wait=0.3, timeout=0.25, opening=0.4,
        floor=500.0, window=0.25, stretch=8_192,
    )  # fmt: skip
    from embgeo.models.hub import repository

    repository.PATIENCE = repository.Patience(0.4, 1)  # type: ignore[misc]


def import_commands() -> None:
    """Import what every run needs."""
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

    session()  # reads the system's certificates


def pull(model: str, store: str) -> tuple[int, str, float]:
    """Pull a model into a store; returns exit code, stderr and seconds."""

    def command() -> int:
        os.environ["EMBGEO_HOME"] = store
        from embgeo.cli.main import run

        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        threads = 8 * 9_000_000  # address space that the stacks of the threads reserve
        resource.setrlimit(resource.RLIMIT_AS, (used + threads + MEMORY, -1))
        return run(["pull", model])

    started = time.monotonic()
    code, stderr = in_fork(command)
    return code, stderr, time.monotonic() - started


def main() -> None:
    """Run from the command line."""
    if "fast" in sys.argv[2:]:
        shorten_waits()
    import_commands()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(pull(sys.argv[1], line.strip())) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
