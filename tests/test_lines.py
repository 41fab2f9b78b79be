"""Questions from standard input: JSON lines in order, as they arrive."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import Run
from embgeo.questions.workers import processors
from limits import limited

COMMAND = (sys.executable, "-m", "embgeo", "neighbors", "-", "-m", "minilm", "-k", "1")
WORDS = ("cat", "dog", "house", "tree", "king", "queen", "☃☃")
threads = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2,
    reason="needs Linux and two processors",
)


def test_neighbours_of_lines(run: Run) -> None:
    """One line of JSON for each good line, in order; bad ones are reported by number, and counted."""
    done = run("neighbors", "-", "-m", "minilm", "-k", "1", stdin="cat\n\n☃☃\nhouse\n\x00\ndog\nkings\n")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["query"]["text"], one["results"][0]["text"]) for one in answers] == [
        ("cat", "cats"), ("house", "houses"), ("dog", "dogs"), ("kings", "king"),
    ]  # fmt: skip
    first, second, count = done.stderr.splitlines()
    assert first.startswith("line 3: '☃☃' is not in this model's vocabulary")
    assert second.startswith("line 5: ")
    assert count == "2 of 6 lines could not be answered"
    assert done.returncode == 0


def test_line_is_what_the_question_alone_prints(run: Run) -> None:
    """The same line of JSON as `neighbors WORD --format jsonl`, through the batched search too."""
    words = ["cat", "dog", "house", "embeddings", "tree"]
    together = run("neighbors", "-", "-m", "minilm", stdin="\n".join(words)).stdout.splitlines()
    alone = [run("neighbors", word, "-m", "minilm", "--format", "jsonl").stdout.strip() for word in words]
    assert together == alone


def test_analogies_of_lines(run: Run) -> None:
    """Three words per line, separated by tabs or spaces; any other count is a bad line."""
    done = run("analogy", "-", "-m", "minilm", "-k", "1", stdin="king man woman\nking man\nking\tman\twoman\n1 2 3 4\n")
    assert [json.loads(line)["results"][0]["text"] for line in done.stdout.splitlines()] == ["queen", "queen"]
    assert "line 2: three words are expected, not 2: 'king man'" in done.stderr
    assert done.returncode == 0


def test_all_lines_bad(run: Run) -> None:
    """Exit code 3 if no line could be answered; 0 for empty input."""
    done = run("neighbors", "-", "-m", "minilm", stdin="☃☃\n☃\n")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.splitlines()[-1] == "embgeo: no line of 2 could be answered"
    assert run("neighbors", "-", "-m", "minilm", stdin="").returncode == 0


def test_bytes_that_are_no_text() -> None:
    """A line that isn't UTF-8 is a bad line, not the end."""
    done = subprocess.run(COMMAND, input=b"cat\n\xff\xfe\ndog\n", capture_output=True, check=False)
    assert len(done.stdout.splitlines()) == 2
    assert b"line 2" in done.stderr
    assert done.returncode == 0


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"])
def test_byte_order_mark(before: bytes) -> None:
    """The byte order mark that some editors write isn't part of the first word."""
    done = subprocess.run(COMMAND, input=before + b"cat\r\ndog\r\n", capture_output=True, check=False)
    assert [json.loads(line)["query"]["text"] for line in done.stdout.splitlines()] == ["cat", "dog"]
    assert (done.returncode, done.stderr) == (0, b"")


def test_input_that_cannot_be_read(tmp_path: Path) -> None:
    """Standard input that is open for writing only is refused in one line, and not treated as empty."""
    with (tmp_path / "file").open("wb") as file:
        done = subprocess.run(COMMAND, stdin=file, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("embgeo: standard input can't be read: Bad file descriptor. ")
    assert done.stderr.count("\n") == 1


def test_terminal_that_goes_away() -> None:
    """Lines before a read error are answered; then one line says that no more can be read."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        COMMAND, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        os.close(theirs)
        os.write(ours, b"cat\n")
        assert process.stdout is not None
        first = process.stdout.readline()
        os.close(ours)
        rest, complaint = process.communicate()
    assert json.loads(first)["query"]["text"] == "cat"
    assert (process.returncode, rest) == (2, "")
    assert complaint.startswith("embgeo: standard input can't be read: Input/output error. ")
    assert complaint.count("\n") == 1


def test_answers_come_as_lines_do() -> None:
    """Someone who types a line gets its answer before the next; a closed pipe ends it quietly."""
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        for word in (b"cat", b"dog"):
            process.stdin.write(word + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["query"]["text"] == word.decode()
        process.stdout.close()
        process.stdin.write(b"house\n")
        process.stdin.close()
        complaint = process.stderr.read()
    assert (process.returncode, complaint) == (0, b"")


@pytest.mark.slow
def test_long_lists_in_little_memory() -> None:
    """160 lists of 8,000 results, which together are more than the process may hold."""
    lines = b"cat\ndog\nhouse\ntree\n" * 40
    memory = 240 + 110 * processors()  # MB; a thread's allocator alone reserves 64 MB of address space
    done = limited("neighbors", "-", "-m", "minilm", "-k", "8000", memory=memory << 20, stdin=lines)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.count('"variants":') for line in done.stdout.splitlines()] == [8000] * 160


def test_answers_come_while_lines_keep_coming() -> None:
    """A writer without long pauses sees answers before a full batch has gathered."""
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"dog\n")
        process.stdin.flush()
        process.stdout.readline()
        written = 0
        while not select.select([process.stdout], [], [], 0.003)[0] and written < 1000:
            process.stdin.write(b"cat\n")
            process.stdin.flush()
            written += 1
        assert written < 1000
        process.communicate()
    assert process.returncode == 0


@pytest.mark.slow
def test_many_lines_that_cancel_out_in_little_memory() -> None:
    """Lines without a direction are refused as they are alone, and no row is held for them."""
    lines = b"cat cat dog\n" * 400 + b"cats cat dog\n"
    done = limited("analogy", "-", "-m", "minilm", "--method", "pairdirection", memory=300 << 20, stdin=lines)
    assert [json.loads(line)["results"][0]["text"] for line in done.stdout.splitlines()] == ["dogs"]
    first, *_, last = done.stderr.splitlines()
    assert first == "line 1: the vectors of 'cat cat dog' cancel out, which gives no direction"
    assert (done.returncode, last) == (0, "400 of 401 lines could not be answered")


def children_of(process: int) -> list[int]:
    """The processes that another has begun."""
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    return [int(one) for task in tasks for one in task.read_text().split()]


@pytest.mark.slow
@threads
def test_many_lines_side_by_side(run: Run) -> None:
    """Thousands of lines: in order, bad ones by number, each answer what a few lines give."""
    few = run("neighbors", "-", "-m", "minilm", "-k", "1", stdin="\n".join(WORDS)).stdout.splitlines()
    done = run("neighbors", "-", "-m", "minilm", "-k", "1", stdin="\n".join(WORDS * 600))
    assert done.stdout.splitlines() == few * 600
    numbers = [line.split(":")[0] for line in done.stderr.splitlines()]
    assert numbers == [f"line {7 * one}" for one in range(1, 601)] + ["600 of 4,200 lines could not be answered"]


@threads
@pytest.mark.slow
def test_many_lines_warn_of_nothing() -> None:
    """Python's own warnings are errors here: from 3.12 on it warns of a fork while threads run, for one."""
    line = [sys.executable, "-W", "error", *COMMAND[1:]]
    done = subprocess.run(line, input=b"cat\n" * 2500, capture_output=True, check=False)
    assert (done.returncode, done.stderr, done.stdout.count(b"\n")) == (0, b"", 2500)


@pytest.mark.slow
@threads
def test_no_threads_where_none_can_be_made() -> None:
    """A user who may have no more threads has their lines answered by the one that writes the answers."""
    script = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        'def start(self): raise RuntimeError("can\'t start new thread")\n'
        "ThreadPoolExecutor._adjust_thread_count = start\n"
        "from embgeo.cli.main import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *COMMAND[3:]], input="cat\n" * 2500, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 2500


@pytest.mark.slow
@threads
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_end_among_many_lines(end: signal.Signals) -> None:
    """However the process ends while many lines wait: at once, with no traceback, and no other process stays."""
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b"cat\n" * 5000)
        process.stdin.flush()
        process.stdout.readline()
        assert children_of(process.pid) == []
        process.send_signal(end)
        complaint = process.stderr.read()
    expected = {signal.SIGKILL: -9, signal.SIGTERM: -15, signal.SIGINT: 130}[end]
    assert (process.returncode, complaint) == (expected, b"embgeo: interrupted\n" if expected == 130 else b"")


@threads
@pytest.mark.slow
def test_reader_that_leaves_among_many_lines() -> None:
    """`| head -1` on thousands of answers ends quietly."""
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b"cat\n" * 5000)
        process.stdin.close()
        process.stdout.readline()
        process.stdout.close()
        complaint = process.stderr.read()
    assert (process.returncode, complaint) == (0, b"")
