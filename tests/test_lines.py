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


def test_neighbors_of_lines(run: Run) -> None:
    """One line of JSON for each valid line, in order; the others are reported by number, and counted."""
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


def test_a_line_gives_the_same_answer_as_its_own_command(run: Run) -> None:
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


def test_no_line_can_be_answered(run: Run) -> None:
    """Exit code 3 if no line could be answered; 0 for empty input."""
    done = run("neighbors", "-", "-m", "minilm", stdin="☃☃\n☃\n")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.splitlines()[-1] == "embgeo: no line of 2 could be answered"
    assert run("neighbors", "-", "-m", "minilm", stdin="").returncode == 0


def test_a_line_that_is_not_utf8() -> None:
    """It is reported by number, and the lines after it are answered."""
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
    """Standard input that is open for writing only gives a one-line error, and isn't treated as empty."""
    with (tmp_path / "file").open("wb") as file:
        done = subprocess.run(COMMAND, stdin=file, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("embgeo: standard input can't be read: Bad file descriptor. ")
    assert done.stderr.count("\n") == 1


def test_a_terminal_that_closes() -> None:
    """Lines before a read error are answered; then one line reports the error."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        COMMAND, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        os.close(theirs)
        os.write(ours, b"cat\n")
        assert process.stdout is not None
        first = process.stdout.readline()
        os.close(ours)
        rest, errors = process.communicate()
    assert json.loads(first)["query"]["text"] == "cat"
    assert (process.returncode, rest) == (2, "")
    assert errors.startswith("embgeo: standard input can't be read: Input/output error. ")
    assert errors.count("\n") == 1


def test_each_typed_line_is_answered_at_once() -> None:
    """A typed line is answered before the next one; when the reader closes the pipe, embgeo ends without an error."""
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
        errors = process.stderr.read()
    assert (process.returncode, errors) == (0, b"")


@pytest.mark.slow
def test_long_answers_in_little_memory() -> None:
    """160 answers of 8,000 results each, which together exceed the memory limit."""
    lines = b"cat\ndog\nhouse\ntree\n" * 40
    memory = 240 + 110 * processors()  # MB; a thread's allocator alone reserves 64 MB of address space
    done = limited("neighbors", "-", "-m", "minilm", "-k", "8000", memory=memory << 20, stdin=lines)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.count('"variants":') for line in done.stdout.splitlines()] == [8000] * 160


def test_answers_appear_while_lines_keep_arriving() -> None:
    """A writer without long pauses gets answers before a full batch has been read."""
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
    """Lines without a direction are refused as they are alone, and take no memory for their rows."""
    lines = b"cat cat dog\n" * 400 + b"cats cat dog\n"
    done = limited("analogy", "-", "-m", "minilm", "--method", "pairdirection", memory=300 << 20, stdin=lines)
    assert [json.loads(line)["results"][0]["text"] for line in done.stdout.splitlines()] == ["dogs"]
    first, *_, last = done.stderr.splitlines()
    assert first == "line 1: the vectors of 'cat cat dog' cancel out, which gives no direction"
    assert (done.returncode, last) == (0, "400 of 401 lines could not be answered")


def children_of(process: int) -> list[int]:
    """The ids of a process's children."""
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    return [int(one) for task in tasks for one in task.read_text().split()]


@pytest.mark.slow
@threads
def test_many_lines_in_threads(run: Run) -> None:
    """Thousands of lines give the same answers as a few lines do, in order, with errors by line number."""
    few = run("neighbors", "-", "-m", "minilm", "-k", "1", stdin="\n".join(WORDS)).stdout.splitlines()
    done = run("neighbors", "-", "-m", "minilm", "-k", "1", stdin="\n".join(WORDS * 600))
    assert done.stdout.splitlines() == few * 600
    numbers = [line.split(":")[0] for line in done.stderr.splitlines()]
    assert numbers == [f"line {7 * one}" for one in range(1, 601)] + ["600 of 4,200 lines could not be answered"]


@threads
@pytest.mark.slow
def test_many_lines_without_a_python_warning() -> None:
    """With Python's warnings as errors: from 3.12 on, for example, it warns of a fork while threads run."""
    line = [sys.executable, "-W", "error", *COMMAND[1:]]
    done = subprocess.run(line, input=b"cat\n" * 2500, capture_output=True, check=False)
    assert (done.returncode, done.stderr, done.stdout.count(b"\n")) == (0, b"", 2500)


@pytest.mark.slow
@threads
def test_many_lines_when_no_thread_can_start() -> None:
    """At the user's limit of threads, the main thread answers the lines."""
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
def test_a_signal_during_many_lines(end: signal.Signals) -> None:
    """The process ends at once, without a traceback or child processes."""
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b"cat\n" * 5000)
        process.stdin.flush()
        process.stdout.readline()
        assert children_of(process.pid) == []
        process.send_signal(end)
        errors = process.stderr.read()
    expected = {signal.SIGKILL: -9, signal.SIGTERM: -15, signal.SIGINT: 130}[end]
    assert (process.returncode, errors) == (expected, b"embgeo: interrupted\n" if expected == 130 else b"")


@threads
@pytest.mark.slow
def test_a_reader_that_closes_the_pipe() -> None:
    """`| head -1` on thousands of answers ends quietly."""
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b"cat\n" * 5000)
        process.stdin.close()
        process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
    assert (process.returncode, errors) == (0, b"")
