"""Every command on every kind of stdout and stderr: closed, full, narrow, a terminal, or a pipe without a reader."""

from __future__ import annotations

import json
import os
import pty
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

import golden
from conftest import Run
from embgeo.cli.main import Outcome, attempt
from fakehub import FakeHub
from pulled import LARGE, MODEL, finish, model, start, wait_until

QUERIES = [f"{line.replace('<data>', 'data')} -q -m minilm" for line in golden.IN_EVERY_FORMAT.values()]
OTHERS = ["info -m minilm", "models", "verify minilm", "pull minilm", "", "--help", "--version", "neighbors -h"]
EVERY = [*QUERIES, *OTHERS]
LINES = [f"{line} --format {form}" for line in (*QUERIES, "models") for form in ("table", "jsonl")]

# Runs every line of a JSON list in its own child, whose stdout is a pipe without a reader, or a full device.
FORKING = """
import json, os, sys
sys.path.insert(0, sys.argv.pop())
from forking import import_program
import_program()
from embgeo.cli import output
from embgeo.cli.main import run
kind, lines = sys.argv[1], json.loads(sys.argv[2])
output.prepare_streams()
codes = []
for line in lines:
    child = os.fork()
    if not child:
        if kind == "pipe":
            read, write = os.pipe()
            os.close(read)
        else:
            write = os.open("/dev/full", os.O_WRONLY)
        os.dup2(write, 1)
        os._exit(run(line))
    codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print(json.dumps(codes))
"""

# Python's own errors after Ctrl-C during its start.
EARLY = ("Fatal Python error", "Could not import runpy module")

# Runs every line in this process, whose stdout has the encoding set by its environment.
PRINTING = """
import json, sys
from embgeo.cli import output
from embgeo.cli.main import run
output.prepare_streams()
print(sys.stdout.encoding)
for line in json.loads(sys.argv[1]):
    print("exit", run(line), flush=True)
"""


def words(lines: list[str]) -> str:
    """Command lines as lists of words, in JSON."""
    return json.dumps([shlex.split(line) for line in lines])


def child(code: str, *args: str, **env: str) -> tuple[int, bytes, str]:
    """Run a script in the folder of the tests; returns its exit code, stdout as bytes, and stderr."""
    line = [sys.executable, "-c", code, *args]
    done = subprocess.run(
        line, env={**os.environ, "OPENBLAS_NUM_THREADS": "1", **env}, capture_output=True, timeout=300, check=False,
        cwd=golden.HERE,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")


@pytest.mark.slow
def test_a_pipe_without_a_reader() -> None:
    """As with `| head -0`: every command ends quietly, with exit code 0."""
    code, out, err = child(FORKING, "pipe", words(EVERY), str(Path(__file__).parent))
    assert (code, json.loads(out), err) == (0, [0] * len(EVERY), "")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_stdout() -> None:
    """A full stdout gives one line on stderr and exit code 1, for every command."""
    code, out, err = child(FORKING, "full", words(EVERY), str(Path(__file__).parent))
    assert (code, json.loads(out)) == (0, [1] * len(EVERY))
    assert err == "embgeo: can't write the answer: No space left on device.\n" * len(EVERY)


@pytest.mark.slow
def test_a_reader_that_closes_the_pipe() -> None:
    """`| head -1` on thousands of lines ends with exit code 0."""
    line = [sys.executable, "-m", "embgeo", "neighbors", "cat", "-k", "20000", "-m", "minilm", "--format", "csv"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8") as started:
        assert started.stdout is not None
        assert started.stderr is not None
        assert started.stdout.readline().startswith("rank,")
        started.stdout.close()
        assert (started.wait(timeout=60), started.stderr.read()) == (0, "")


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The lines that every command prints in UTF-8."""
    store = str(tmp_path_factory.mktemp("store"))
    code, out, _ = child(PRINTING, words(LINES), PYTHONIOENCODING="utf-8", EMBGEO_HOME=store)
    assert code == 0
    return out.decode("utf-8").split("\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("encoding", "env"),
    [
        ("iso8859-1", {"PYTHONIOENCODING": "latin-1"}),
        ("ascii", {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": ""}),
    ],
    ids=["latin-1", "LC_ALL=C"],
)
def test_a_narrow_stdout(wide: list[str], encoding: str, env: Mapping[str, str]) -> None:
    """Every command works in a locale that lacks its drawing characters; the JSON is the same."""
    code, out, _ = child(PRINTING, words(LINES), **env)
    assert code == 0
    printed = out.decode(encoding).split("\n")
    assert printed[0].replace("us-", "").replace("ansi_x3.4-1968", "ascii") in (encoding, "latin-1")
    assert printed.count("exit 0") == len(LINES)
    assert len(printed) == len(wide)
    found, before = ([json.loads(line) for line in lines if line.startswith("{")] for lines in (printed, wide))
    assert len(found) >= len(golden.IN_EVERY_FORMAT)
    assert found == before


def test_an_error_in_an_ascii_locale(run: Run) -> None:
    """An unknown word that the locale can't show is quoted with escapes, on one line."""
    done = run("neighbors", "\N{SNOWMAN}\N{SNOWMAN}", "-m", "minilm", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert r"'\u2603\u2603'" in done.stderr


CLOSED = [">&-", "<&- >&- 2>&-", *(pytest.param(one, marks=pytest.mark.slow) for one in ("<&-", "2>&-", "2>/dev/full"))]


@pytest.mark.parametrize("closed", CLOSED)
@pytest.mark.parametrize("line", ["neighbors cat -m minilm", "neighbors - -m minilm", "neighbors ☃☃ -m minilm", "-h"])
@pytest.mark.slow
def test_closed_streams(closed: str, line: str) -> None:
    """Closed streams don't change the exit code, and nothing hangs."""
    script = f"{sys.executable} -m embgeo {line} {closed}"
    done = subprocess.run(["bash", "-c", script], input=b"cat\n", capture_output=True, timeout=60, check=False)
    assert done.returncode == (3 if "☃" in line else 0)
    assert b"Traceback" not in done.stderr


def test_stderr_without_a_reader() -> None:
    """It doesn't change the exit code."""
    read, write = os.pipe()
    os.close(read)
    line = [sys.executable, "-m", "embgeo", "neighbors", "\N{SNOWMAN}\N{SNOWMAN}", "-m", "minilm"]
    assert subprocess.run(line, stderr=write, stdout=write, timeout=60, check=False).returncode == 3
    os.close(write)


def on_terminal(env: Mapping[str, str], *line: str) -> str:
    """Everything a command prints on a terminal, stdout and stderr together."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "embgeo", *line]
    with subprocess.Popen(command, env={**env, "COLUMNS": "80"}, stdout=theirs, stderr=theirs, stdin=theirs) as started:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 65_536):
                shown += piece
        except OSError:  # how Linux reports that the other end is closed
            pass
        os.close(ours)
        assert started.wait(timeout=60) == 0
    return shown.decode("utf-8")


@pytest.mark.parametrize("plain", [{"NO_COLOR": "1", "TERM": "xterm"}, {"TERM": "dumb"}], ids=["NO_COLOR", "dumb"])
def test_a_plain_terminal(hub: FakeHub, hub_env: Mapping[str, str], plain: Mapping[str, str]) -> None:
    """With NO_COLOR or TERM=dumb no control codes are sent; a fetch reports each step in one line."""
    hub.add(MODEL, model(), LARGE)
    shown = on_terminal({**hub_env, "PYTHONIOENCODING": "utf-8", **plain}, "neighbors", "cat", "-m", MODEL)
    assert "\x1b" not in shown
    assert shown.count("Fetching model.safetensors: 57.6 kB") == 1
    assert shown.count("Preparing org/model: ") == 1


def test_a_terminal_with_colors(hub: FakeHub, hub_env: Mapping[str, str]) -> None:
    """Otherwise a progress bar is drawn, and removed before the answer."""
    hub.add(MODEL, model(), LARGE)
    env = {name: value for name, value in hub_env.items() if name != "NO_COLOR"}
    assert "\x1b[" in on_terminal({**env, "TERM": "xterm"}, "neighbors", "cat", "-m", MODEL)


@pytest.mark.parametrize("line", ["neighbors - -m minilm", "eval analogies FIFO -m minilm"])
@pytest.mark.slow
def test_ctrl_c_while_waiting_for_input(run: Run, tmp_path: Path, line: str) -> None:
    """Ctrl-C before a line has arrived, or a file has been read: exit code 130, and one line."""
    run("models")  # so that compiled modules exist
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    command = [sys.executable, "-m", "embgeo", *line.replace("FIFO", str(fifo)).split()]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as started:
        wait_until(lambda: "embgeo/data" in Path(f"/proc/{started.pid}/maps").read_text())
        time.sleep(0.3)
        started.send_signal(signal.SIGINT)
        out, err = started.communicate(timeout=30)
        assert (started.returncode, out, err) == (130, "", "embgeo: interrupted\n")


class Interrupted:
    """A descriptor whose class creation is interrupted by Ctrl-C, as can happen while NumPy is imported."""

    def __set_name__(self, owner: type, name: str) -> None:
        raise KeyboardInterrupt


def test_ctrl_c_during_class_creation() -> None:
    """Python 3.11 wraps the interruption in another error."""

    def work() -> int:
        type("Made", (), {"field": Interrupted()})
        return 0

    assert attempt(work) == Outcome(130, "interrupted")


@pytest.mark.slow
def test_ctrl_c_during_startup(hub_env: Mapping[str, str]) -> None:
    """However early it comes: exit code 130, and no traceback of embgeo."""
    for delay in (0.06, 0.1, 0.15, 0.2, 0.3):
        started = start(hub_env, "neighbors", "-", "-m", "minilm")
        wait_until(lambda pid=started.pid: "embgeo" in Path(f"/proc/{pid}/cmdline").read_text())
        time.sleep(delay)
        started.send_signal(signal.SIGINT)
        code, _, err = finish(started)
        assert code in (0, 130, -signal.SIGINT) or err.startswith(EARLY)
        assert "embgeo/cli" not in err
