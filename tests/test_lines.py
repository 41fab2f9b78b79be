"""Questions from standard input: JSON lines in order, as they come."""

from __future__ import annotations

import json
import subprocess
import sys

from conftest import Run


def test_neighbours_of_lines(run: Run) -> None:
    """A line of JSON for each good line, in order; bad ones are named by number, and counted."""
    done = run("neighbors", "-", "-m", "minilm", "-k", "1", stdin="cat\n\n☃☃\nhouse\n\x00\ndog\nkings\n")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["query"]["text"], one["results"][0]["text"]) for one in answers] == [
        ("cat", "cats"), ("house", "houses"), ("dog", "dogs"), ("kings", "king"),
    ]  # fmt: skip
    first, second, count = done.stderr.splitlines()
    assert first.startswith("line 3: '☃☃' is no word")
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
    """Three words a line, by tabs or spaces; another count is a bad line."""
    done = run("analogy", "-", "-m", "minilm", "-k", "1", stdin="king man woman\nking man\nking\tman\twoman\n1 2 3 4\n")
    assert [json.loads(line)["results"][0]["text"] for line in done.stdout.splitlines()] == ["queen", "queen"]
    assert "line 2: three words are expected, not 2: 'king man'" in done.stderr
    assert done.returncode == 0


def test_all_lines_bad(run: Run) -> None:
    """Nothing that could be answered is exit code 3; nothing at all is 0."""
    done = run("neighbors", "-", "-m", "minilm", stdin="☃☃\n☃\n")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.splitlines()[-1] == "embgeo: no line of 2 could be answered"
    assert run("neighbors", "-", "-m", "minilm", stdin="").returncode == 0


def test_bytes_that_are_no_text() -> None:
    """A line that is not UTF-8 is a bad line, not the end."""
    line = [sys.executable, "-m", "embgeo", "neighbors", "-", "-m", "minilm", "-k", "1"]
    done = subprocess.run(line, input=b"cat\n\xff\xfe\ndog\n", capture_output=True, check=False)
    assert len(done.stdout.splitlines()) == 2
    assert b"line 2" in done.stderr
    assert done.returncode == 0


def test_answers_come_as_lines_do() -> None:
    """Whoever types one line gets its answer before the next; a closed pipe ends it quietly."""
    line = [sys.executable, "-m", "embgeo", "neighbors", "-", "-m", "minilm", "-k", "1"]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
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
