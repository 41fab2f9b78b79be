"""Terms as a shell passes them: each gets an answer or a one-line error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from conftest import write_model
from limits import assert_refused, limited

MILLION = "a" * 1_000_000
LONG = "a" * 100_000  # Linux limits a single argument to 128 kB
REFUSED = {
    "empty": ("", "an empty term: ''"),
    "white space": (" \t\n", "an empty term: ' \\t\\n'"),
    "empty quotes": ('""', "an empty term: '\"\"'"),
    "not UTF-8": (os.fsdecode(b"\xff\xfe"), "is not valid Unicode"),
    "lone surrogate": ("\udc80x", "is not valid Unicode"),
    "no token": ("☃☃", "'☃☃' is not in this model's vocabulary"),
    "emoji": ("👩‍👩‍👧", "is not in this model's vocabulary"),
    "too long": (LONG, "a term of 100,000 characters"),
    "row too high": ("id:30522", "Rows range from id:0 to id:30521"),
    "row of 2^64": (f"id:{2**64}", "is not a row"),
    "row below zero": ("id:-1", "is not a row"),
    "row of letters": ("id:x", "is not a row"),
    "wide digits": ("id:１", "is not a row"),
    "no row": ("id:", "is not a row"),
    "an operator alone": ("cat +", "a term is missing at the end"),
    "escape": ("\x1b☃", "'\\x1b☃' is not in this model's vocabulary"),
    "bidi": ("\u202e☃", "'\\u202e☃' is not in this model's vocabulary"),
    "exact, unknown": ('"☃"', 'no token is exactly "☃"'),
    "many parentheses": ("( " * 60 + "cat + dog", "more than 50"),
    "long expression": ("cat + " * 3000 + "dog", "an expression of 18,003 characters"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_invalid_terms(name: str) -> None:
    """Exit code 3, nothing on stdout, and a short line that quotes the term."""
    term, said = REFUSED[name]
    done = limited("neighbors", "-m", "minilm", "--", term)
    assert_refused(done, 3, said)
    assert len(done.stderr) < 1100


@pytest.mark.parametrize("term", ["cat", "id:0", "'cat'", "Köln", '"', "🐱 cat", "-", "+", "é\u0301"])
def test_unusual_terms(term: str) -> None:
    """Any script, emoji next to a word, lone signs and combining accents have a vector."""
    done = limited("vector", "-m", "minilm", "--json", "--", term)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["term"]["term"] == term


LINES = {
    "NUL": (b"c\0at", "has a NUL character"),
    "a million characters": (MILLION.encode(), "a term of 1,000,000 characters"),
    "not UTF-8": (b"\xff\xfe", "is not valid Unicode"),
    "white space": (b"  ", "an empty term"),
}


@pytest.mark.parametrize("name", LINES)
def test_lines_of_standard_input(name: str) -> None:
    """Invalid terms that can't be arguments are reported by line number, and the other lines are answered."""
    line, said = LINES[name]
    done = limited("neighbors", "-", "-k", "1", "-m", "minilm", stdin=b"cat\n" + line + b"\ndog\n")
    assert [json.loads(answer)["query"]["text"] for answer in done.stdout.splitlines()] == ["cat", "dog"]
    assert done.stderr.startswith("line 2: ")
    assert said in done.stderr
    assert len(done.stderr) < 1200


@pytest.mark.parametrize("text", [MILLION[:100_000], "👩‍👩‍👧 " * 500, "\u202e", "\x1b[31m"])
def test_any_text_can_be_tokenized(text: str) -> None:
    """`tokens` takes text of any length and kind."""
    done = limited("tokens", "-m", "minilm", "--json", "--", text)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["texts"][0]["text"] == text


def test_a_token_without_a_row(tmp_path: Path) -> None:
    """In a vocabulary larger than the matrix, such a token has no vector and can't be queried."""
    write_model(tmp_path, np.eye(3, dtype=np.float32), ["a", "b", "c", "d"])
    done = limited("tokens", "d", "-m", tmp_path, "--json")
    assert [(token["id"], token["piece"]) for token in json.loads(done.stdout)["tokens"]] == [(4, "<unk>")]
    assert_refused(limited("vector", "d", "-m", tmp_path), 3, "'d' is not in this model's vocabulary")
    assert_refused(limited("vector", "id:3", "-m", tmp_path), 3, "Rows range from id:0 to id:2")


@pytest.mark.slow
def test_arguments_that_are_not_utf8() -> None:
    """Bytes that aren't UTF-8 give a one-line error anywhere on the command line."""
    for place in ("neighbors \xff", "\xff", "neighbors cat -m \xff", "neighbors cat --metric \xff", "dot cat \xff"):
        line = [part.encode("latin-1") for part in place.split()]
        done = subprocess.run(
            [os.fsencode(sys.executable), b"-m", b"embgeo", *line, *([] if b"-m" in line else [b"-m", b"minilm"])],
            capture_output=True, env={**os.environ, "PYTHONIOENCODING": "utf-8"}, check=False,
        )  # fmt: skip
        assert done.returncode in {2, 3, 4}, done.stderr
        assert done.stderr.startswith(b"embgeo: ")
        assert done.stderr.count(b"\n") == 1
