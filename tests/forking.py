"""Run many commands quickly: each in a fork of one process that has imported the program but run nothing.

    python tests/forking.py    reads requests as lines of JSON, [arguments, environment, folder, size, mask], and
                               answers each with a line: [exit code, stdout, stderr]

A fork runs the program's `main` from command line to exit, with its own streams and environment. Only the imports are
saved, which take most of the time of a short command.
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
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

QUICK = "EMBGEO_TEST_FORKS"  # set while slow tests are left out


class RunResult(NamedTuple):
    """Exit code and output of one command."""

    code: int
    stdout: str
    stderr: str


class ForkServer:
    """The client side of a process that forks once for each command."""

    def __init__(self) -> None:
        # One BLAS thread: a fork would not copy the others, which may hold locks.
        environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "OPENBLAS_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [sys.executable, __file__], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )

    def run(
        self, arguments: Sequence[str], environment: Mapping[str, str], size: int = 0, mask: int = 0o022
    ) -> RunResult:
        """Run one command in this process's current folder. Variables that Python reads at startup have no effect.

        Args:
            arguments: the command-line arguments.
            environment: the whole environment.
            size: limit on the size of a file in bytes; 0 for no limit.
            mask: the umask.
        """
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps([arguments, dict(environment), str(Path.cwd()), size, mask]) + "\n")
        self.process.stdin.flush()
        return RunResult(*json.loads(self.process.stdout.readline()))


def in_fork(work: Callable[[], int]) -> tuple[int, str]:
    """Run a function in a fork without stdout; returns its exit code (99 if it raised an exception) and its stderr."""
    with tempfile.TemporaryFile("w+") as stderr:
        child = os.fork()
        if not child:
            try:
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
                os.dup2(stderr.fileno(), 2)
                os._exit(work())
            finally:
                os._exit(99)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        stderr.seek(0)
        return code, stderr.read()


@functools.cache
def fork_server() -> ForkServer | None:
    """The fork server of this test process; None in the full run, where each command is a separate process."""
    if not os.environ.get(QUICK) or not hasattr(os, "fork"):
        return None
    server = ForkServer()
    atexit.register(server.process.communicate)
    return server


def fork(arguments: list[str], environment: dict[str, str], folder: str, size: int, mask: int) -> RunResult:
    """Run one command in a fork."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if not child:
            try:
                for stream, number in ((os.open(os.devnull, os.O_RDONLY), 0), (out.fileno(), 1), (err.fileno(), 2)):
                    os.dup2(stream, number)
                sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)  # the parent's has read ahead in the requests
                if size:
                    import resource

                    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
                os.umask(mask)
                os.chdir(folder)
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
    """Import what commands use, except modules that read the environment when they are imported."""
    import embgeo

    sys.modules["huggingface_hub"] = None  # type: ignore[assignment]  # modules that import it fail, and are skipped
    for module in pkgutil.walk_packages(embgeo.__path__, "embgeo."):
        if module.name != "embgeo.__main__":
            with contextlib.suppress(ImportError):
                import_module(module.name)
    del sys.modules["huggingface_hub"]
    for name in ("tokenizers", "simsimd", "rich.table"):
        import_module(name)


def main() -> None:
    """Import the program, then answer requests until standard input ends."""
    import_program()
    gc.freeze()  # keeps the collector of a fork from copying pages of these objects
    for line in sys.stdin:
        sys.stdout.write(json.dumps(fork(*json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
