"""Several terms in one command, typed or from a file, and sorted scores."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import Run

MINILM = ("-m", "minilm")


@pytest.mark.parametrize("command", ["neighbors", "vector"])
def test_each_term_has_the_answer_of_its_own_command(command: str, run: Run) -> None:
    """--json has them under `answers`, jsonl one per line; JSON for a single term has no `answers`."""
    alone = [json.loads(run(command, word, *MINILM, "--json").stdout) for word in ("cat", "dog", "embeddings")]
    inside = [{key: value for key, value in one.items() if key != "embgeo_version"} for one in alone]
    together = json.loads(run(command, "cat", "dog", "embeddings", *MINILM, "--json").stdout)
    lines = run(command, "cat", "dog", "embeddings", *MINILM, "--format", "jsonl").stdout.splitlines()
    assert "answers" not in alone[0]
    assert together["answers"] == inside
    assert [json.loads(line) for line in lines] == alone
    assert (together["command"], together["notes"]) == (command, alone[2]["notes"])


def test_csv_has_a_column_for_the_term(run: Run) -> None:
    """`of` is the first column; the other columns are those of a single term."""
    printed = run("neighbors", "cat", "dog", "-k", "2", *MINILM, "--format", "csv").stdout.splitlines()
    alone = run("neighbors", "dog", "-k", "2", *MINILM, "--format", "csv").stdout.splitlines()
    assert printed[0] == "of," + alone[0]
    assert printed[3:] == ["dog," + line for line in alone[1:]]


def test_tables_are_side_by_side_if_they_fit(run: Run) -> None:
    """At 120 columns side by side, at 60 one below the other."""
    wide = run("neighbors", "cat", "dog", "-k", "1", *MINILM, COLUMNS="120").stdout.splitlines()
    narrow = run("neighbors", "cat", "dog", "-k", "1", *MINILM, COLUMNS="60").stdout.splitlines()
    assert [("cats" in line, "dogs" in line) for line in wide if "cats" in line or "dogs" in line] == [(True, True)]
    assert narrow == [
        *run("neighbors", "cat", "-k", "1", *MINILM).stdout.splitlines(), "",
        *run("neighbors", "dog", "-k", "1", *MINILM).stdout.splitlines(),
    ]  # fmt: skip


def test_operators_need_no_quotes(run: Run) -> None:
    """King - man + woman is one expression, not five terms."""
    quoted = run("neighbors", "king - man + woman", *MINILM, "--json").stdout
    assert run("neighbors", "king", "-", "man", "+", "woman", *MINILM, "--json").stdout == quoted


def test_without_with_several_terms(run: Run) -> None:
    """--without applies to each term."""
    options = ("--without", "woman - man", *MINILM, "--json")
    both = json.loads(run("neighbors", "nurse", "doctor", *options).stdout)
    alone = json.loads(run("neighbors", "doctor", *options).stdout)
    assert alone == both["answers"][1] | {"embgeo_version": alone["embgeo_version"]}


@pytest.mark.parametrize("command", ["neighbors", "vector", "similarity", "odd", "cluster", "dot"])
@pytest.mark.slow
def test_words_from_a_file(command: str, run: Run, tmp_path: Path) -> None:
    """--from appends the lines of a file to the typed terms."""
    file = tmp_path / "words.txt"
    file.write_text("dog\nking - man + woman\n\ncar\n")
    typed = run(command, "cat", "dog", "king - man + woman", "car", *MINILM, "--json").stdout
    assert run(command, "cat", "--from", str(file), *MINILM, "--json").stdout == typed


@pytest.mark.parametrize("command", ["neighbors", "vector", "similarity", "odd", "cluster", "dot"])
def test_a_missing_term(command: str, run: Run) -> None:
    """The error shows an example."""
    done = run(command, *MINILM)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"embgeo: a term is missing. As in: embgeo {command} ")


def test_one_bad_word_among_several(run: Run) -> None:
    """The error names it, and nothing is printed."""
    done = run("neighbors", "cat", "id:99999999", "dog", *MINILM)
    assert (done.returncode, done.stdout) == (3, "")
    assert "'id:99999999' is not a row of this model" in done.stderr


def test_sorted_scores(run: Run) -> None:
    """--sort puts the highest first, and changes nothing else."""
    command = ("direction", "cats", "cat", *MINILM, "--json", "--score", "four", "one", "two", "houses")
    plain, ordered = json.loads(run(*command).stdout), json.loads(run(*command, "--sort").stdout)
    assert [score["term"] for score in ordered["scores"]] == ["houses", "four", "two", "one"]
    assert ordered | {"scores": None} == plain | {"scores": None}
    assert sorted(score["dot"] for score in plain["scores"]) == [score["dot"] for score in ordered["scores"]][::-1]
