"""`embgeo shell` at a pseudo-terminal: what a person types, and what appears on the screen."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("prompt_toolkit", reason="the prompt needs prompt_toolkit: pip install 'embgeo[shell]'")

SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r")
CTRL_C, CTRL_D, TAB, UP, ENTER = "\x03", "\x04", "\t", "\x1b[A", "\r"
# A process that leads a session gets the first terminal that it opens, whose Ctrl-C then reaches it.
ON_ITS_TERMINAL = "import os; os.open(os.ttyname(0), os.O_RDWR); from embgeo.cli.main import main; main()"
READY, PROMPT = "\x1b[?2004h", "<prompt>"  # bracketed paste is turned on at each prompt
PATIENCE = 20.0  # seconds; only a failing test waits this long


def plain(sent: str) -> str:
    """The text sent to a terminal without control sequences, with <prompt> where it waits for input."""
    return SEQUENCE.sub("", sent.replace(READY, PROMPT))


class Terminal:
    """The program on a terminal of 24 lines and 80 columns."""

    def __init__(self, *args: str, **env: str) -> None:
        environment = {**os.environ, "TERM": "xterm", "PYTHONIOENCODING": "utf-8", "PAGER": "cat", **env}
        environment |= {"PROMPT_TOOLKIT_NO_CPR": "1"}  # this terminal doesn't report the cursor's position
        environment.pop("COLUMNS", None)
        self.ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-c", ON_ITS_TERMINAL, "shell", *args], stdin=theirs, stdout=theirs, stderr=theirs,
            env=environment, start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        self.shown = self.before = ""

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self.ours, text.encode())

    def wait(self, text: str) -> str:
        """Wait for a text; returns what appeared before it. The next wait starts after it."""
        until = time.monotonic() + PATIENCE
        while text not in plain(self.shown):
            assert time.monotonic() < until, f"{text!r} is not on the screen: {self.shown!r}"
            if select.select([self.ours], [], [], 0.2)[0]:
                self.shown += os.read(self.ours, 1 << 16).decode("utf-8", "replace")
        self.before, _, self.shown = plain(self.shown).partition(text)
        return self.before

    def ask(self, line: str) -> str:
        """Type a line; returns its output up to the next prompt."""
        self.type(line + ENTER)
        return self.wait(PROMPT)

    def end(self) -> int:
        """Press Ctrl-D at a prompt; returns the program's exit code."""
        self.type(CTRL_D)
        return self.ended()

    def ended(self) -> int:
        """Wait for the program to end; returns its exit code."""
        with contextlib.suppress(OSError):  # how Linux reports that no writer is left
            while select.select([self.ours], [], [], PATIENCE)[0]:
                os.read(self.ours, 1 << 16)
        os.close(self.ours)
        return self.process.wait(PATIENCE)


Start = Callable[..., Terminal]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts shells with the bundled model; a shell that a failed test leaves running is killed."""
    started: list[Terminal] = []

    def begin(**env: str) -> Terminal:
        started.append(Terminal("-m", "minilm", **env))
        started[-1].wait(PROMPT)
        return started[-1]

    yield begin
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()
            os.close(one.ours)


@pytest.fixture
def terminal(start: Start) -> Terminal:
    """A shell with the bundled model."""
    return start()


def test_a_session(terminal: Terminal) -> None:
    """Answers, a one-line error, settings, help, and Ctrl-D, which exits with 0."""
    assert "queen  0.5115  3035" in terminal.ask("king - man + woman -k 2")
    error = terminal.ask("neighbors cat --metric manhattan")
    assert "embgeo: unknown metric 'manhattan'; expected cosine, dot or euclidean\n" in error
    assert "kitten" not in terminal.ask(":set top 1")
    assert "kitten" not in terminal.ask("cat")
    assert "king - man + woman -k 5" in terminal.ask(":help")
    assert terminal.end() == 0


@pytest.mark.slow
def test_ctrl_c_ends_a_query_but_not_the_shell(terminal: Terminal) -> None:
    """It interrupts a long query, and discards the line at the prompt."""
    terminal.type("parallel king man queen woman --samples 1000000" + ENTER)
    terminal.wait("Drawing random sides")
    terminal.type(CTRL_C)
    assert "embgeo: interrupted" in terminal.wait(PROMPT)
    terminal.type("dot cat nonsense" + CTRL_C)
    terminal.wait(PROMPT)
    assert "0.4239" in terminal.ask("dot cat dog")
    terminal.type(":quit" + ENTER)
    assert terminal.ended() == 0


def test_tab_and_history(terminal: Terminal, start: Start, own_store: Path) -> None:
    """Tab completes a word; the next shell has this one's history, which only its owner can read."""
    terminal.type("dot kitte")
    terminal.wait("kitte")
    terminal.type(TAB)
    terminal.wait("n")
    assert "kitten" in terminal.ask(" cat")
    assert terminal.end() == 0
    history = own_store / "shell" / "history"
    assert "+dot kitten cat\n" in history.read_text()
    assert history.stat().st_mode & 0o077 == 0
    again = start()
    again.type(UP)
    again.wait("dot kitten cat")
    again.type(ENTER)
    assert "0.56" in again.wait(PROMPT)
    assert again.end() == 0


@pytest.mark.slow
def test_long_answers_use_the_pager(start: Start) -> None:
    """An answer longer than the screen goes through the pager, a short one doesn't; `tour --pause` works too."""
    one = start(PAGER="tr a-z A-Z")
    assert "KITTEN" in one.ask("cat -k 40")
    assert "kitten" in one.ask("cat -k 4")
    assert "--METRIC" in one.ask("help neighbors")
    one.type("tour 2 --pause" + ENTER)
    assert "embgeo neighbors cat" in one.wait(PROMPT)
    assert one.end() == 0


@pytest.mark.slow
def test_a_pasted_block_is_answered_line_by_line(terminal: Terminal) -> None:
    """Several pasted lines, one of them continued, are answered in order; an error doesn't stop the others."""
    terminal.type("\x1b[200~embgeo dot cat \\\n  dog\nneighbors ☃☃\ndot red blue\n\x1b[201~" + ENTER)
    terminal.wait("0.4239")
    terminal.wait("embgeo: '☃☃' is not in this model's vocabulary")
    assert "red · blue" in terminal.wait(PROMPT)
    assert terminal.end() == 0


@pytest.mark.slow
def test_no_history_in_a_store_that_cannot_be_written(tmp_path: Path, start: Start) -> None:
    """A note says so, and the shell works."""
    (tmp_path / "file").touch()
    one = start(EMBGEO_HOME=str(tmp_path / "file"))
    assert "lines aren't kept for the next shell" in one.before
    assert "0.4239" in one.ask("dot cat dog")
    assert one.end() == 0


@pytest.mark.slow
def test_without_prompt_toolkit() -> None:
    """At a terminal the error says what to install; a script runs without it."""
    code = (
        "import sys; sys.modules['prompt_toolkit'] = None; from embgeo.cli.main import run; sys.exit(run(sys.argv[1:]))"
    )
    ours, theirs = pty.openpty()
    line = [sys.executable, "-c", code, "shell", "-m", "minilm"]
    done = subprocess.run(line, stdin=theirs, capture_output=True, text=True, check=False)
    os.close(theirs)
    os.close(ours)
    error = "embgeo: the prompt needs prompt_toolkit, which is not installed. Install it: pip install 'embgeo[shell]'\n"
    assert (done.returncode, done.stderr) == (2, error)
    done = subprocess.run(line, input="dot cat dog", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
