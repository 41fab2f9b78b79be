"""Answer many command lines quickly: each in a fork of one process that has imported the program and run nothing.

    python tests/forking.py    reads requests, a line of JSON each: [arguments, environment]; answers each with a line:
                               [exit code, stdout, stderr]

A fork runs the program's own `main`, from its command line to its exit, with streams and an environment of its own. It
only saves the imports, which are most of what a short command costs.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import NamedTuple

QUICK = "EMBGEO_TEST_FORKS"  # set while slow tests are left out


class RunResult(NamedTuple):
    """How a run of the program ended."""

    code: int
    stdout: str
    stderr: str


class ForkServer:
    """The process that forks, seen from the tests."""

    def __init__(self) -> None:
        # With one thread nothing runs that a fork could leave behind in the middle of its work.
        environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "OPENBLAS_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [sys.executable, __file__], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )

    def run(
        self, arguments: Sequence[str], environment: Mapping[str, str], size: int = 0, mask: int = 0o022
    ) -> RunResult:
        """Run one command line in this environment; what Python itself reads of it when it starts has no effect.

        Args:
            arguments: the command line.
            environment: all its variables.
            size: bytes that a file may be written to; 0 for no limit.
            mask: the umask.
        """
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps([arguments, dict(environment), size, mask]) + "\n")
        self.process.stdin.flush()
        return RunResult(*json.loads(self.process.stdout.readline()))


@functools.cache
def fork_server() -> ForkServer | None:
    """The one server of this test process; None in the full run, where each run of the program is its own process."""
    if not os.environ.get(QUICK) or not hasattr(os, "fork"):
        return None
    server = ForkServer()
    atexit.register(server.process.communicate)
    return server


def fork(arguments: list[str], environment: dict[str, str], size: int, mask: int) -> RunResult:
    """Run a command line in a child."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if not child:
            try:
                for stream, number in ((os.open(os.devnull, os.O_RDONLY), 0), (out.fileno(), 1), (err.fileno(), 2)):
                    os.dup2(stream, number)
                sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)  # the other one has read the requests
                if size:
                    import resource

                    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
                os.umask(mask)
                os.environ.clear()
                os.environ.update(environment)
                sys.argv[1:] = arguments
                import_module("embgeo.cli.main").main()
            finally:
                os._exit(99)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        out.seek(0)
        err.seek(0)
        return RunResult(code, out.read().decode(), err.read().decode())


def import_program() -> None:
    """Import what commands use, but nothing that takes settings from the environment while it is imported."""
    import embgeo

    sys.modules["huggingface_hub"] = None  # type: ignore[assignment]  # what imports it fails, and is left out
    for module in pkgutil.walk_packages(embgeo.__path__, "embgeo."):
        if module.name != "embgeo.__main__":
            with contextlib.suppress(ImportError):
                import_module(module.name)
    del sys.modules["huggingface_hub"]
    for name in ("tokenizers", "simsimd", "rich.table"):
        import_module(name)


def main() -> None:
    """Import everything, then answer."""
    import_program()
    gc.freeze()  # a child that looked at these objects would copy their pages
    for line in sys.stdin:
        sys.stdout.write(json.dumps(fork(*json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
