"""`embgeo shell < script`: each line is a command, models stay open, and the first error ends the script."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from conftest import Run, write_model
from embgeo.cli import spaces
from embgeo.cli.shell.loop import NumberedLine, join_lines
from embgeo.cli.shell.reading import arguments_of
from embgeo.cli.startup import command_names
from embgeo.errors import UsageError, silent


def shell(script: str, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a script in the shell."""
    return subprocess.run(
        [sys.executable, "-m", "embgeo", "shell", *args], input=script, capture_output=True, text=True,
        encoding="utf-8", env={**os.environ, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8", **env}, check=False,
    )  # fmt: skip


def test_lines_give_the_output_of_their_commands(run: Run) -> None:
    """The answers follow each other; comments and empty lines print nothing."""
    script = "# pets\ncat -k 3\n\nking - man + woman -k 2 --words\nembgeo analogy king man woman -k 1 --json\n"
    done = shell(script, "-m", "minilm")
    lines = [
        ("neighbors", "cat", "-k", "3"), ("neighbors", "king - man + woman", "-k", "2", "--words"),
        ("analogy", "king", "man", "woman", "-k", "1", "--json"),
    ]  # fmt: skip
    assert done.stdout == "".join(run(*line, "-m", "minilm").stdout for line in lines)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ("neighbors cat --metric manhattan", 2), ("neighbors ☃☃", 3), ("dot cat dog -m ./nowhere", 4),
        ("analogy king man", 2), ("neighbours cat", 2), ("neighbors don't", 2), (":nonsense", 2), (":set k 3", 2),
        (":set format xml", 2), (":set top many", 2), (":model ./nowhere", 4), ("neighbors -", 2),
        ("neighbors cat --from -", 2), ("search cat -", 2), ("shell", 2),
    ],
)  # fmt: skip
def test_a_script_stops_at_its_first_error(
    bad: str, code: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The error has the line number, and later lines aren't run."""
    from embgeo.cli.main import run as embgeo

    script = tmp_path / "script"
    script.write_text(f"tokens cat\n{bad}\ntokens dog\n", encoding="utf-8")
    with script.open(encoding="utf-8") as file:
        monkeypatch.setattr(sys, "stdin", file)
        assert embgeo(["shell", "-m", "minilm"]) == code
    printed = capsys.readouterr()
    (line,) = printed.err.splitlines()
    assert line.startswith("embgeo: line 2: ")
    assert ("standard input is the shell's own" in line) == bad.endswith(" -")
    assert "cat" in printed.out
    assert "dog" not in printed.out


def test_set_options_apply_to_later_lines() -> None:
    """`:set` adds an option to every command that has it; an option in the line itself wins."""
    script = ":set format jsonl\n:set top 2\ncat\ncat -k 1\n:set top off\ntokens cat\n:set json\ndot a b --format csv\n"
    done = shell(script, "-m", "minilm")
    two, one, tokens, csv = done.stdout.splitlines()[:4]
    assert [len(json.loads(line)["results"]) for line in (two, one)] == [2, 1]
    assert json.loads(tokens)["command"] == "tokens"
    assert csv.startswith("a,b,dot,")
    assert done.stderr.splitlines() == [
        "note: set: --format jsonl", "note: set: --format jsonl, --top 2", "note: set: --format jsonl",
        "note: set: --format json",
    ]  # fmt: skip


def test_models_of_a_line_and_of_the_shell(tmp_path: Path) -> None:
    """-m in a line wins over the shell's; `:model` changes the shell's; a command for one model refuses two."""
    rows = np.eye(3, dtype=np.float32)
    other = str(write_model(tmp_path / "other", rows, ["cat", "dog", "red"]))
    done = shell(
        f"info --json\ninfo -m minilm --json\n:model minilm\ninfo --json\n:model minilm {other}\ninfo\n", "-m", other
    )
    models = [line.split('"')[3] for line in done.stdout.splitlines() if line.startswith('  "model":')]
    assert models == [other, "minilm", "minilm"]
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "embgeo: line 6: this command asks one model, not 2. Name it: -m MODEL"


def test_models_stay_open_until_their_files_change(tmp_path: Path) -> None:
    """A model whose file was replaced is reopened; outside of a shell every load is new."""
    folder = write_model(tmp_path / "model", np.eye(3, dtype=np.float32), ["cat", "dog", "red"])
    with spaces.keep_open():
        first = spaces.load(str(folder), report=silent)
        assert spaces.load(str(folder), report=silent) is first
        assert spaces.load(str(folder), side="output", report=silent) is not first
        write_model(tmp_path / "new", 2 * np.eye(3, dtype=np.float32), ["cat", "dog", "red"])
        (tmp_path / "new" / "model.safetensors").replace(folder / "model.safetensors")
        again = spaces.load(str(folder), report=silent)
        assert (first["cat"].norm, again["cat"].norm) == (1.0, 2.0)
        spaces.forget_all()
        assert spaces.load(str(folder), report=silent) is not again
    assert spaces.load(str(folder), report=silent) is not spaces.load(str(folder), report=silent)


def test_a_missing_model_ends_the_shell() -> None:
    """The model of -m is opened before the first line."""
    done = shell("cat\n", "-m", "./nowhere")
    assert (done.returncode, done.stdout) == (4, "")


def test_a_closed_pipe_ends_the_script() -> None:
    """`embgeo shell < script | head -1` ends without an error, and later lines aren't run."""
    with subprocess.Popen(
        [sys.executable, "-m", "embgeo", "shell", "-m", "minilm"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write("tokens cat\n")
        process.stdin.flush()
        assert "cat" in process.stdout.readline()  # an answer comes before the next line is sent
        process.stdout.close()
        process.stdin.write("tokens dog\n" * 9 + "tokens cat --nonsense\n")
        process.stdin.close()
        assert (process.stderr.read(), process.wait(30)) == ("", 0)


def test_help(run: Run) -> None:
    """`:help` fits 80 columns and names every command; `help COMMAND` prints that command's help."""
    done = shell(":help\nhelp odd\n")
    assert (done.returncode, [line for line in done.stdout.splitlines() if len(line) > 80]) == (0, [])
    for name in command_names():
        assert re.search(rf"\b{name}\b", done.stdout.partition("The commands:")[2]), name
    assert done.stdout.endswith(run("odd", "--help").stdout)


def test_several_models_of_the_shell() -> None:
    """A query runs on each model of the shell, with the options that are set."""
    done = shell(":set control random\ncat -k 1\n", "-m", "minilm")
    assert "2  minilm@53aa51172d14-f16 · before training (control, random, seed 0)" in done.stdout
    done = shell("dot cat dog --format jsonl\n", "-m", "minilm", "-m", "MiniLM")
    assert [json.loads(line)["command"] for line in done.stdout.splitlines()] == ["dot", "dot"]


def test_an_endless_line_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Reading stops after a million characters."""
    from embgeo.cli.main import run as embgeo

    class Endless(io.StringIO):
        """A file of one line."""

        def reconfigure(self, **_: str) -> None:
            """As a real stream."""

    monkeypatch.setattr(sys, "stdin", Endless("a" * 3_000_000))
    assert embgeo(["shell"]) == 2
    assert "a line of 1,000,000 characters or more" in capsys.readouterr().err


def test_quit_ends_a_script() -> None:
    """What comes after `:quit` is not read."""
    assert shell(":quit\nnonsense --nonsense\n").returncode == 0


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("cat", ["neighbors", "cat"]),
        ("king - man + woman -k 5 --words", ["neighbors", "king - man + woman", "-k", "5", "--words"]),
        ("- king + queen", ["neighbors", "- king + queen"]),
        ('" cat" + dog', ["neighbors", '" cat" + dog']),
        ("'king - man'", ["neighbors", "king - man"]),
        ("'\" cat\"' -k 2", ["neighbors", '" cat"', "-k", "2"]),
        ('" -k 3" -k 2', ["neighbors", '" -k 3"', "-k", "2"]),
        ("don't", ["neighbors", "don't"]),
        ("new york", ["neighbors", "new york"]),
        ("id:5", ["neighbors", "id:5"]),
        ("map - territory", ["neighbors", "map - territory"]),
        ("map -o out.html", ["map", "-o", "out.html"]),
        ("analogy king - man + woman", ["analogy", "king", "-", "man", "+", "woman"]),
        ("neighbors 'king - man'", ["neighbors", "king - man"]),
        ("neighbours cat", ["neighbours", "cat"]),
        ("nearest cat", ["nearest", "cat"]),
        ("$ embgeo tour 3", ["tour", "3"]),
        ("--version", ["--version"]),
        ("help dot", ["help", "dot"]),
    ],
)  # fmt: skip
def test_arguments_of_a_line(line: str, arguments: list[str]) -> None:
    """A line that doesn't start with a command is an expression, with options after it."""
    assert arguments_of(line) == arguments


def test_an_unclosed_quote() -> None:
    """The error quotes the line."""
    with pytest.raises(UsageError, match="a quote without an end: dot don't cat"):
        arguments_of("dot don't cat")


def test_continued_lines() -> None:
    """A backslash at the end joins the next line; the line number is that of the first."""
    script = ["a \\\n", "  b\n", "c\n", "d \\\n"]
    assert list(join_lines(script)) == [NumberedLine(1, "a    b"), NumberedLine(3, "c"), NumberedLine(4, "d ")]
