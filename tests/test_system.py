"""Errors of the system and endless input: one line, never "unexpected fault"."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from embgeo.cli.main import NO_MEMORY, Outcome, attempt
from limits import assert_refused, limited

LONG = "n" * 300


def run_in_shell(*line: str, shell: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    """Run embgeo in a process of its own, from a shell that runs some commands first."""
    command = f'{shell}\n"$@"' if shell else '"$@"'
    whole = ["bash", "-c", command, "bash", sys.executable, "-m", "embgeo", *line]
    return subprocess.run(
        whole, capture_output=True, text=True, env={**os.environ, **env}, check=False, stdin=subprocess.DEVNULL
    )


@pytest.mark.parametrize("line", [["export", f"{LONG}.npy", "cat"], ["direction", "cats", "cat", "--save", LONG]])
def test_a_name_that_is_too_long(line: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error has the system's message."""
    monkeypatch.chdir(tmp_path)
    assert_refused(limited(*line, "-m", "minilm"), 2, "File name too long")


@pytest.mark.parametrize("line", [["models"], ["models", "rm", "gpt2"]])
def test_a_store_whose_path_is_too_long(line: list[str], tmp_path: Path) -> None:
    """The error names it; from Python 3.13 on, where `Path.glob` ignores it, the store counts as empty."""
    done = limited(*line, EMBGEO_HOME=str(tmp_path / LONG))
    assert "unexpected" not in done.stderr
    if sys.version_info < (3, 13):
        assert_refused(done, done.returncode, "File name too long")


@pytest.mark.parametrize("line", [["models"], ["models", "rm", "gpt2"], ["neighbors", "cat", "-m", "minilm"]])
def test_a_store_that_cannot_be_read(line: list[str], tmp_path: Path) -> None:
    """It gives at most one line (root can read it anyway)."""
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "hub").mkdir(mode=0)
    (tmp_path / "store").chmod(0)
    try:
        done = limited(*line, EMBGEO_HOME=str(tmp_path / "store"), HOME=str(tmp_path / "store"))
    finally:
        (tmp_path / "store").chmod(0o700)
    assert "unexpected" not in done.stderr
    assert done.stderr.count("\n") <= 1


def test_a_read_only_stdout() -> None:
    """File descriptor 1 is open for reading only."""
    done = run_in_shell("dot", "cat", "dog", "-m", "minilm", shell="exec 1</dev/null")
    assert (done.returncode, done.stderr) == (1, "embgeo: can't write the answer: Bad file descriptor.\n")


@pytest.mark.slow
def test_endless_lines(tmp_path: Path) -> None:
    """A line of four million characters is refused wherever lines are read."""
    endless = tmp_path / "endless"
    endless.write_bytes(b"a" * 5_000_000)
    assert_refused(limited("export", tmp_path / "o.npy", "--words-from", endless, "-m", "minilm"), 2, "line 1 of")
    done = limited("neighbors", "-", "-m", "minilm", stdin=endless.read_bytes())
    assert_refused(done, 2, "line 1 has 4,000,000 characters or more")
    if Path("/dev/zero").exists():
        line = ("export", tmp_path / "o.npy", "--words-from", "/dev/zero", "-m", "minilm")
        assert_refused(limited(*line, memory=2 << 30), 2, "1,000,000 bytes or more")


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the limit counts what Linux lists in /proc/self/statm"
)
def test_too_little_memory_for_a_library() -> None:
    """A library that can't be mapped is reported as a lack of memory."""
    start = """
import resource, sys
from embgeo.__main__ import main
import embgeo.cli.main, numpy
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 1_000_000, -1))
main()
"""
    line = [sys.executable, "-c", start, "neighbors", "cat", "-m", "minilm"]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(line, capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "memory" in done.stderr
    assert "unexpected" not in done.stderr


def test_too_few_descriptors_for_a_library() -> None:
    """A library that can't be opened isn't an unexpected fault."""
    start = """
import resource, sys
from embgeo.__main__ import main
import embgeo.cli.main, numpy
resource.setrlimit(resource.RLIMIT_NOFILE, (4, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
main()
"""
    done = subprocess.run([sys.executable, "-c", start, "models"], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1)
    assert "unexpected" not in done.stderr


@pytest.mark.slow
def test_too_little_memory(tmp_path: Path) -> None:
    """A query that doesn't fit into memory gives exit code 1 and an error that says so."""
    words = tmp_path / "words"
    words.write_text("cat\n" * 40_000_000)
    done = limited("export", tmp_path / "o.npy", "--words-from", words, "-m", "minilm", memory=1 << 30)
    assert_refused(done, 1, "there is not enough memory for this")
    assert not (tmp_path / "o.npy").exists()


def test_c_code_that_fails_without_an_exception() -> None:
    """It counts as a lack of memory, its usual cause; other SystemErrors are unexpected faults."""

    def fail(message: str) -> int:
        raise SystemError(message)

    for message in ("error return without exception set", "<f> returned NULL without setting an exception"):
        assert attempt(lambda message=message: fail(message)).message == NO_MEMORY  # type: ignore[misc]
    assert attempt(lambda: fail("bad call")).message.startswith("unexpected fault: SystemError: bad call")


def test_a_mapping_that_fails_for_lack_of_memory() -> None:
    """The error is about memory, not about writing the answer."""

    def fail() -> int:
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    assert attempt(fail) == Outcome(1, NO_MEMORY)
