"""First steps: help, guessed names of commands and models, and aliases in any case."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from conftest import Run, write_model
from embgeo import EmbeddingSpace
from embgeo.cli.app import GUESSES
from embgeo.cli.drawing import draw
from embgeo.cli.startup import command_names
from embgeo.cli.tables.models import table
from embgeo.models.near_names import near_names
from embgeo.models.reference import parse_reference
from embgeo.results.models import Models, StoredModel

HEADINGS = ["Options:", "Model options:", "Output options:"]


@pytest.mark.parametrize(
    "command", ["neighbors", "direction", "dot", "between", "eval analogies", "export", "plot pairs", "map", "search"]
)
def test_shared_options_are_last(command: str, run: Run) -> None:
    """A command's own options come first; model and output options have headings of their own."""
    shown = run(*command.split(), "--help").stdout
    assert [line for line in shown.splitlines() if line in HEADINGS] == HEADINGS
    own, model, output = (shown.index(f"\n{heading}") for heading in HEADINGS)
    for option, least in (("--model", model), ("--format", output), ("--help", output)):
        assert shown.index(f" {option}") > least > own
    own_option = {"eval analogies": "--method", "map": "--top", "search": "--by"}.get(command, "--multi")
    assert own < shown.index(f" {own_option}") < model


@pytest.mark.parametrize("command", ["unembed", "context", "next", "search"])
def test_unsupported_options_are_not_in_the_help(command: str, run: Run) -> None:
    """A command that refuses transformations doesn't list them; the error says why."""
    shown = run(command, "--help").stdout
    assert [option for option in ("--center", "--remove-top", "--whiten", "--inner") if option in shown] == []
    assert "--center" in run("neighbors", "--help").stdout
    refused = run("unembed", "cat", "--center", "-m", "minilm")
    assert refused.returncode == 2
    assert "The unembedding reads the model's own vectors" in refused.stderr


@pytest.mark.parametrize(("group", "one"), [("eval", "odd-one-out"), ("plot", "similarity")])
def test_a_group_without_a_command_shows_its_help(group: str, one: str, run: Run) -> None:
    """The help lists the group's commands."""
    shown = run(group).stdout
    assert shown == run(group, "--help").stdout == run("help", group).stdout
    assert re.search(rf"^  {one}  ", shown, re.MULTILINE)


def test_help_is_a_command(run: Run) -> None:
    """`help` is the overview, `help COMMAND` that command's help."""
    assert run("help").stdout == run().stdout == run("--help").stdout
    assert run("help", "eval", "similarity").stdout == run("eval", "similarity", "--help").stdout


@pytest.mark.parametrize(
    ("guess", "way_on"),
    [
        ("nearest", "Type: embgeo neighbors (embgeo help neighbors)"),
        ("Similar", "Type: embgeo neighbors (embgeo help neighbors)"),
        ("projector", "Type: embgeo export projector/ --to projector; open its folder at projector.tensorflow.org"),
        ("draw", "Type: embgeo plot (embgeo help plot)"),
        ("heatmap", "Type: embgeo plot similarity (embgeo help plot similarity)"),
        ("umap", "Type: embgeo map (embgeo help map)"),
        ("interpolate", "Type: embgeo between (embgeo help between)"),
        ("rm", "Type: embgeo models rm (embgeo help models rm)"),
    ],
)
def test_guesses_at_a_command(guess: str, way_on: str, run: Run) -> None:
    """For another name of the same thing, the error says which command to type."""
    done = run(guess, "cat")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"embgeo: there is no command '{guess}'. {way_on}\n"


@pytest.mark.parametrize("typed", [["king - man + woman"], ["king", "-", "man", "+", "woman", "-k", "3"]])
def test_an_expression_in_place_of_a_command(typed: list[str], run: Run) -> None:
    """The error suggests `neighbors`; a command's name is still a command."""
    done = run(*typed)
    assert done.returncode == 2
    assert done.stderr == f"embgeo: there is no command '{typed[0]}'. Type: embgeo neighbors 'king - man + woman'\n"
    assert "unexpected extra arguments" in run("map", "-", "territory").stderr.replace("(s)", "s")


@pytest.mark.parametrize(("typed", "quoted"), [("cat", "cat"), ("it's", "'it'\"'\"'s'")])
def test_a_word_in_place_of_a_command(typed: str, quoted: str, run: Run) -> None:
    """It is answered by the command that lists its neighbors; one that is nearly a command, by that one's name."""
    done = run(typed)
    hint = f"For its neighbors: embgeo neighbors {quoted}; for all commands: embgeo --help"
    assert (done.returncode, done.stderr) == (2, f"embgeo: there is no command '{typed}'. {hint}\n")
    assert "Did you mean 'plot'?" in run("plt").stderr


@pytest.mark.parametrize(
    ("typed", "missing", "example"),
    [
        ("project king", "option '--onto'", 'embgeo project queen --onto "woman - man"'),
        ("models rm", "argument 'MODEL'", "embgeo models rm gpt2"),
        ("plot compare", "argument 'A'", "embgeo plot compare minilm minilm"),
    ],
)
def test_missing_arguments_and_options(typed: str, missing: str, example: str, run: Run) -> None:
    """The error shows an example of the command."""
    done = run(*typed.split())
    assert done.returncode == 2
    assert done.stderr.startswith(f"embgeo: Missing {missing}. As in: {example}")
    assert "; see: embgeo " in done.stderr


@pytest.mark.parametrize(
    "typed", ["neighbors cat --case", "plot direction cats cat --score", "analogy king man woman -k"]
)
def test_an_option_without_its_value(typed: str, run: Run) -> None:
    """The error names the help of the command."""
    command, name = typed.partition(" ")[0], typed.rpartition(" ")[2]
    path = "plot direction" if command == "plot" else command
    done = run(*typed.split())
    assert done.returncode == 2
    assert done.stderr == f"embgeo: Option '{name}' requires an argument. See: embgeo {path} --help\n"


def test_a_negative_factor_is_not_an_option(run: Run) -> None:
    """`-2 * cat` is an expression, and not a phrase that gets a note."""
    done = run("dot", "-2 * cat", "cat", "-m", "minilm", "--json")
    assert json.loads(done.stdout)["pairs"][0]["cosine"] == -1
    assert done.stderr == ""
    assert "'a red cat' is a text" in run("dot", "a red cat", "cat", "-m", "minilm").stderr


def test_repeated_tokens_are_excluded_once(minilm: EmbeddingSpace) -> None:
    """In `((cat))` each parenthesis is a token that occurs twice."""
    rows = [token.text for token in minilm.neighbors("((cat))", 1).excluded]
    assert sorted(rows) == ["(", ")", "cat"]


def test_a_text_without_tokens(run: Run) -> None:
    """The answer says so, in place of an empty table."""
    assert run("tokens", "", "-m", "minilm").stdout.endswith("\nno token\n")


def test_errors_of_the_default_model_explain_it(run: Run) -> None:
    """If MiniLM answers by default, a note before the error says why, once."""
    done = run("next", "The cat sat on the", HF_HUB_OFFLINE="1", EMBGEO_MODEL="")
    note, error = done.stderr.splitlines()
    assert done.returncode == 2
    assert note.startswith("note: GPT-2 is not on this machine")
    assert error.startswith("embgeo: minilm is an encoder")
    assert run("next", "The cat", "-q", HF_HUB_OFFLINE="1", EMBGEO_MODEL="").stderr.startswith("embgeo: minilm is")
    assert run("vector", "cat", HF_HUB_OFFLINE="1", EMBGEO_MODEL="").stderr.count("GPT-2 is not on") == 1


def test_guesses_lead_to_commands() -> None:
    """Each guess suggests an existing command, and none is itself a command."""
    names = command_names()
    assert {command.split()[0] for command in GUESSES} <= set(names)
    assert not {name for guesses in GUESSES.values() for name in guesses} & set(names)


@pytest.mark.parametrize("name", ["MiniLM", "MINILM", "minilm"])
def test_the_bundled_model_in_any_case(name: str, run: Run) -> None:
    """-m MiniLM is -m minilm."""
    assert json.loads(run("vector", "cat", "-m", name, "--json").stdout)["model"] == "minilm"


def test_aliases_in_any_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GPT2 and GPT2@rev are aliases; a file or folder of that very name is still a path."""
    assert parse_reference("GPT2").name == parse_reference("gpt2").name == "openai-community/gpt2"
    assert (parse_reference("Gpt2-XL@v1").name, parse_reference("Gpt2-XL@v1").revision) == (
        "openai-community/gpt2-xl",
        "v1",
    )
    assert parse_reference("Org/GPT2").name == "Org/GPT2"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "MiniLM").mkdir()
    assert parse_reference("MiniLM").kind == "path"


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("gpt-2", ["gpt2"]), ("gpt2", []), ("openai-community/gpt2", []), ("minilmm", ["minilm"]),
        ("sentence-transformers/all-MiniLM-L6-v2", ["minilm"]), ("org/qwen", []), ("bert-base", ["me/bert-base-x"]),
        ("me/bert-base-x", []),
    ],
)  # fmt: skip
def test_near_names(typed: str, near: list[str]) -> None:
    """Similar aliases and stored models; none for an existing name."""
    assert near_names(typed, ["me/bert-base-x"]) == near


def test_a_mistyped_name_offline(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error suggests similar names, how to fetch, and the stored models."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    done = run("neighbors", "cat", "-m", "gpt-2")
    assert done.returncode == 5
    error = done.stderr
    assert "'gpt-2' is not on this machine. Did you mean -m gpt2? Unset HF_HUB_OFFLINE" in error
    assert "On this machine: minilm" in error


def stored(**different: str) -> StoredModel:
    """A model on this machine."""
    plain = {"model": "org/m", "revision": "a" * 40, "side": "input", "tensor": "wte.weight", "path": "/p"} | different
    return StoredModel(**plain, rows=9, dimensions=4, dtype="F32", bytes=144, source="hub")  # type: ignore[arg-type]


def test_labels_of_matrices_of_one_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """They differ by side, transformation or revision, or else by the tensor's name."""
    monkeypatch.setenv("COLUMNS", "200")
    models = (
        stored(), stored(side="output", tensor="lm_head.weight"), stored(transform="center", tensor="embedding"),
        stored(revision="b" * 40), stored(revision="b" * 40, tensor="other.weight"),
    )  # fmt: skip
    shown = draw(table(Models("models", models)))
    listed, places = (part.splitlines() for part in shown.split("\n\n"))
    names = [re.split(r"\s{2,}", line)[:3] for line in listed[1:]]
    assert len({tuple(name) for name in names}) == len(models)
    assert [name[2] for name in names] == ["input", "output", "input", "wte.weight", "other.weight"]
    assert len({re.split(r"\s{2,}", line)[0] for line in places}) == len(models)


def test_models_lists_side_and_tensor(tmp_path: Path, own_store: Path, run: Run) -> None:
    """For a model that was just prepared, in JSON."""
    assert own_store
    folder = write_model(tmp_path / "m", np.eye(3, dtype=np.float32), ["a", "b", "c"])
    run("vector", "a", "-m", str(folder))
    models = json.loads(run("models", "--json").stdout)["models"]
    assert ("input", "wte.weight") in {(one["side"], one["tensor"]) for one in models}
