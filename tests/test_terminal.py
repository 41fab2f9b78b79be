"""Terminal output never contains control sequences from tokens, files or model names."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import shlex
import subprocess
import sys
from pathlib import Path
from unicodedata import bidirectional, category

import numpy as np
import pytest

from conftest import Run, write_model
from embgeo import load
from embgeo.cli.output import CONTROLS
from embgeo.cli.records import rows_to_csv
from embgeo.cli.text import visible

TITLE, CLEAR, C1, TURNED, ISOLATED = "\x1b]0;owned\x07", "\x1b[2J", "\x9b31m", "\u202etxt.exe", "\u2066x\u2069"
MARKUP, LINK, EMOJI, LINES, RETURN = (
    "[red]x[/red]",
    "[link=http://a]b[/link]",
    ":smile:",
    "one\nembgeo: two",
    "back\rword",
)
HOSTILE = [
    TITLE,
    CLEAR,
    C1,
    TURNED,
    ISOLATED,
    MARKUP,
    LINK,
    EMOJI,
    LINES,
    RETURN,
    "\u2028",
    "\ud800",
    "=1+2",
    "cat",
    "dog",
]
NAME = "m\x1b]0;owned\x07\u202e"
# embgeo's own sequences: bold, dim and colors; for the progress bar also cursor up, hide cursor and erase line.
OWN = re.compile(r"\x1b\[(?:0|1|2|3[0-7]|38;5;\d+|38;2;[\d;]+|1;\d+|4|9\d)?m|\x1b\[(?:\?25[lh]|[12]K|1A|\d*[AG])|\r")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with hostile names for its tokens, tensors and folder."""
    place = tmp_path_factory.mktemp("models") / NAME
    rows = np.random.default_rng(2).standard_normal((len(HOSTILE) + 1, 4)).astype(np.float32)
    words = [word.encode("utf-8", "surrogatepass").decode("utf-8", "replace") for word in HOSTILE]
    write_model(place, rows, words, name=f"{TITLE}.wte.weight")
    (place / "pairs.txt").write_text("cat:dog\nid:0:id:3\n")
    (place / f"odd{TITLE}.txt").write_text(f"cat dog id:4\n: {TITLE}\ncat dog cat dog\n{TITLE} 1 2 3\n")
    (place / "rated.txt").write_text("cat\tdog\t1\ncat\tid:4\t2\nx\n")
    (place / f"v{TITLE}.txt").write_text("\n".join(f"w{n} {n} 1" for n in range(9)) + "\n")
    return place


QUERIES = [
    "neighbors cat --raw", "neighbors id:0 --raw", "neighbors 'id:0 + id:2'", "analogy id:0 id:1 id:2 --keep-inputs",
    "direction id:0 id:1", "direction cat dog --score id:0 id:3 id:9", "direction --pairs pairs.txt --score id:4",
    "dot id:0 id:1 id:2", "dot id:0 cat", "tokens cat", "vector id:0", "vector 'id:0 + id:5'", "odd id:0 id:1 id:2",
    "project id:0 --onto 'id:1 - id:2'", "reject id:0 --from 'id:1 - id:2'", "parallel id:0 id:1 id:2 id:3",
    "similarity id:0 id:1 id:5 id:6", "cluster id:0 id:1 id:2 id:3", "unembed id:0", "verify .",
    "eval odd-one-out 'odd\x1b]0;owned\x07.txt'", "eval similarity rated.txt", "info -m 'v\x1b]0;owned\x07.txt'",
    "export 'out\x1b]0;owned\x07.txt' cat --force", "info", "models",
]  # fmt: skip
REFUSED = [
    "neighbors '\x1b]0;own\x07'", "neighbors '[red]x[/red]\u202e'", "neighbors 'cat - (\x9b31m'", "neighbors id:\u202e",
    "analogy cat dog '\x1b[2J \x1b[2J'", "neighbors cat -m './\x1b[2J'", "neighbors cat -m '\x1b]0;owned\x07'",
    "neighbors cat --metric '\x1b]0;owned\x07'", "'\x1b]0;owned\x07'", "eval similarity '\x1b]0;owned\x07'",
    "direction --pair '\x1b]0;own\x07'", "neighbors cat --without '@\x1b]0;own\x07'", "export '\x1b]0;own\x07.xyz'",
    "neighbors cat --tensor '\x1b]0;owned\x07' -m .",
]  # fmt: skip


def on_a_terminal(line: str, folder: Path) -> tuple[int, str]:
    """Run a command line in a folder, with output and errors on one terminal; returns the exit code and the output."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": "100", "TERM": "xterm-256color", "EMBGEO_MODEL": str(folder)}
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "embgeo", *shlex.split(line)], stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs,
        cwd=folder, env={**environment, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    os.close(theirs)
    sent = b""
    while True:
        try:
            block = os.read(ours, 1 << 16)
        except OSError:  # how Linux reports that no writer is left
            break
        if not block:
            break
        sent += block
    os.close(ours)
    return process.wait(timeout=60), sent.decode("utf-8")


def control_sequences(sent: str) -> list[str]:
    """Control sequences in the output, except embgeo's own colors and line ends."""
    return [character for character in OWN.sub("", sent) if not character.isprintable() and character not in "\n\t"]


@pytest.mark.parametrize(
    "line", [pytest.param(line, marks=() if line in QUERIES[::5] else pytest.mark.slow) for line in QUERIES]
)
def test_answers_on_a_terminal(line: str, folder: Path) -> None:
    """Hostile names of tokens, words, files and models are printed as escapes."""
    load(folder)  # `models` lists what the store has
    code, sent = on_a_terminal(line, folder)
    assert code == 0, sent
    assert control_sequences(sent) == []
    assert "\x1b[31mx" not in sent
    assert "\x1b]" not in sent


@pytest.mark.parametrize(
    "line", [pytest.param(line, marks=() if line in REFUSED[::3] else pytest.mark.slow) for line in REFUSED]
)
def test_errors_on_a_terminal(line: str, folder: Path) -> None:
    """Text quoted in a message is printed as escapes too."""
    code, sent = on_a_terminal(line, folder)
    assert code in {2, 3, 4}, sent
    assert "embgeo: " in sent
    assert control_sequences(sent) == []


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "tsv"])
def test_data_on_a_terminal(form: str, folder: Path) -> None:
    """Data formats use escapes on a terminal as well; JSON's are standard ones."""
    code, sent = on_a_terminal(f"neighbors cat --raw -k 99 --format {form} -q", folder)
    assert code == 0
    assert control_sequences(sent) == []
    if form.startswith("json"):
        texts = {token["text"].removeprefix(" ") for token in json.loads(sent)["results"]}
        assert texts >= {word for word in HOSTILE if word not in {"\ud800", "cat"}}


@pytest.mark.parametrize(("form", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_data_in_a_pipe_is_exact(form: str, delimiter: str, folder: Path) -> None:
    """Characters are unchanged in redirected output; a cell that a spreadsheet would run starts with a quote."""
    line = [sys.executable, "-m", "embgeo", "neighbors", "cat", "--raw", "-k", "99", "-q"]
    done = subprocess.run([*line, "--format", form, "-m", folder], stdout=subprocess.PIPE, check=True)
    text = io.StringIO(done.stdout.decode(), newline="")
    texts = {row["text"].removeprefix(" ") for row in csv.DictReader(text, delimiter=delimiter)}
    assert texts >= {TITLE, CLEAR, C1, TURNED, MARKUP, LINES, RETURN, "' =1+2"}


def test_rich_markup_is_printed_literally(folder: Path, run: Run) -> None:
    """So are emoji names."""
    shown = run("neighbors", "cat", "--raw", "-k", "99", "-m", str(folder), COLUMNS="200").stdout
    for text in (MARKUP, LINK, EMOJI):
        assert text in shown


@pytest.mark.parametrize("text", ["=1+2", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1", "\n=1", "\uff1d1", "\uff0b1"])
def test_formulas_in_cells(text: str) -> None:
    """A cell that a spreadsheet would run, after any leading white space, starts with a quote."""
    _, (cell,) = csv.reader(io.StringIO(rows_to_csv([{"text": text}], ","), newline=""))
    assert cell == f"'{text}"


@pytest.mark.parametrize("value", ["a=1", "cat", "-", -1.5, "", " ", "x - y"])
def test_other_cells_are_unchanged(value: object) -> None:
    """Negative numbers and signs inside text are unchanged; a lone sign could start a formula."""
    _, (cell,) = csv.reader(io.StringIO(rows_to_csv([{"text": value}], ","), newline=""))
    assert cell == ("'-" if value == "-" else str(value))


def test_every_control_character_is_escaped() -> None:
    """Control codes, line ends and bidirectional marks are escaped, in tables and in JSON."""
    turning = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}
    for character in map(chr, range(0x110000)):
        if (
            category(character) in {"Cc", "Zl", "Zp"}
            or bidirectional(character) in turning
            or character in "\u200e\u200f\u061c"
        ):
            assert visible(character).isascii()
            raw = json.dumps(character, ensure_ascii=False) == f'"{character}"'
            assert not raw or re.search(CONTROLS, character), hex(ord(character))
