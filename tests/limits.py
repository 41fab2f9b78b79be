"""Run embgeo in a process whose memory, file size or permissions the operating system limits."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from forking import fork_server

START = """
import os, resource, sys
memory, size, mask = (int(number) for number in sys.argv[1:4])
os.umask(mask)
for limit, value in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, size)):
    if value:
        resource.setrlimit(limit, (value, resource.getrlimit(limit)[1]))
os.execv(sys.executable, [sys.executable, "-m", "embgeo", *sys.argv[4:]])
"""


def limited(
    *args: str | Path, memory: int = 0, size: int = 0, mask: int = 0o022, stdin: bytes = b"", **env: str
) -> subprocess.CompletedProcess[str]:
    """Run embgeo with limited resources.

    Args:
        args: the command-line arguments.
        memory: limit on the address space in bytes; 0 for no limit.
        size: limit on the size of a file in bytes, like a disk that fills up.
        mask: the umask.
        stdin: standard input.
        env: variables to set.
    """
    command = [sys.executable, "-c", START, str(memory), str(size), str(mask), *map(str, args)]
    # One BLAS thread: each further one reserves address space that it doesn't use.
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8", **env}
    server = fork_server()
    if server and not memory and not stdin and "-" not in args:
        return subprocess.CompletedProcess(command, *server.run([*map(str, args)], environment, size, mask))
    done = subprocess.run(command, input=stdin, capture_output=True, env=environment, timeout=120, check=False)
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


def assert_refused(done: subprocess.CompletedProcess[str], code: int, message: str) -> None:
    """The run ended with this exit code, no output, and a one-line error that contains `message`."""
    assert (done.returncode, done.stdout) == (code, ""), done.stderr[-2000:]
    assert done.stderr.startswith("embgeo: ")
    assert done.stderr.count("\n") == 1, done.stderr
    assert message in done.stderr, done.stderr
