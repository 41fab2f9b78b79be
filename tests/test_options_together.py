"""Options that are typed together: what would change nothing is refused; of a repeated one the last counts."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import pytest

from embgeo.cli.main import run

MISSING = {
    "neighbors cat --seed 3": "--seed goes with --control. Add --control random, or leave out --seed.",
    "eval similarity FILE --seed 3": "--seed goes with --control. Add --control random, or leave out --seed.",
    "direction a b --sort": "--sort goes with --score or --score-from. Add --score WORD..., or leave out --sort.",
    "similarity a b --cut": "--cut goes with --texts. Add --texts, or leave out --cut.",
    "plot similarity a b --cut": "--cut goes with --texts. Add --texts, or leave out --cut.",
    "positions -k 3": "--top goes with a TERM. Add a TERM, or leave out --top.",
    "positions --raw": "--raw goes with a TERM. Add a TERM, or leave out --raw.",
    "export FILE.bin --by line": "--by goes with --passages. Add --passages, or leave out --by.",
    "next x --seed 3": "--seed goes with --steps. Add --steps N, or leave out --seed.",
    "plot space --width 300": "--width goes with --output. Add --output FILE, or leave out --width.",
    "plot pairs a:b --scale 3": "--scale goes with --output. Add --output FILE, or leave out --scale.",
}  # fmt: skip
EXCLUDED = {
    "direction a b --score c -k 3": ("--score", "--top"),
    "direction a b --score-from FILE --raw": ("--score-from", "--raw"),
    "direction a b --score c --plot --save FILE": ("--plot", "--save"),
    "direction a b --score c --plot --test FILE": ("--plot", "--test"),
    "context 'a b' 'b c' --word b --plot --near rows": ("--plot", "--near"),
    "similarity 'a b' 'b c' --texts --multi sum": ("--texts", "--multi"),
    "plot similarity 'a b' 'b c' --texts --multi sum": ("--texts", "--multi"),
    "export FILE.npy FILE --passages --unit": ("--passages", "--unit"),
    "export FILE.npy FILE --passages --side output": ("--passages", "--side"),
    "compare minilm minilm --moved --bands 3": ("--moved", "--bands"),
    "compare minilm minilm --moved --queries all": ("--moved", "--queries"),
}


def words(line: str, file: Path) -> list[str]:
    """The words of a command line; quotes keep a text together."""
    return [word.replace("FILE", str(file)) for word in shlex.split(line)]


@pytest.fixture(autouse=True)
def bundled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask the bundled model."""
    monkeypatch.setenv("EMBGEO_MODEL", "minilm")


@pytest.mark.parametrize(("line", "message"), MISSING.items(), ids=MISSING)
def test_what_is_missing(line: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An option that would change nothing names the one that it goes with; nothing is answered or written."""
    assert run(words(line, tmp_path / "file")) == 2
    assert capsys.readouterr() == ("", f"embgeo: {message}\n")
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(("line", "two"), EXCLUDED.items(), ids=EXCLUDED)
def test_what_cannot_be_combined(
    line: str, two: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of two options that answer different questions neither is passed over."""
    assert run(words(line, tmp_path / "file")) == 2
    assert capsys.readouterr() == ("", f"embgeo: {two[0]} and {two[1]} can't be combined. Omit one.\n")
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    "line",
    [
        "direction cats cat --evidence --permutations 20 --seed 3", "direction cats cat --control random --seed 3",
        "direction cats cat --pair dogs:dog --permutations 20", "direction cats cat --score one two --sort",
        "direction cats cat --score one two --plot --seed 3", "dot cat dog --control random --seed 3",
    ],
)  # fmt: skip
def test_what_goes_together(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With those options it is answered."""
    assert run(words(line, Path())) == 0
    assert capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "rank"),
    [("neighbors cat -k 1 -k 2", 2), ("neighbors cat -k 2 -k 1", 1), ("neighbors cat -k 3 --top 2", 2)],
)
def test_the_last_counts(line: str, rank: int, capsys: pytest.CaptureFixture[str]) -> None:
    """So an alias can have options that a line overrides, as with most programs."""
    assert run([*line.split(), "--json"]) == 0
    assert [one["rank"] for one in json.loads(capsys.readouterr().out)["results"]][-1] == rank


def test_the_last_format_counts(capsys: pytest.CaptureFixture[str]) -> None:
    """--json is a format too, before or after --format."""
    assert run(["dot", "cat", "dog", "--json", "--format", "csv"]) == 0
    assert capsys.readouterr().out.startswith("a,b,dot,")
    assert run(["dot", "cat", "dog", "--format", "csv", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["command"] == "dot"


def test_what_a_shell_has_set_is_never_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It goes with every command that has the option, and counts as given where another needs it."""
    script = tmp_path / "script"
    script.write_text(":set seed 5\n:set top 2\ncat\npositions\n:set control random\n:set seed off\ncat --seed 7\n")
    with script.open() as file:
        monkeypatch.setattr(sys, "stdin", file)
        assert run(["shell"]) == 0
    assert "(control, random, seed 7)" in capsys.readouterr().out


@pytest.mark.parametrize(
    "line", ["direction cats cat --score", "direction cats cat --score -k 3", "direction --score -q a b"]
)
def test_no_word_to_score(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    """--score without a word is refused wherever it stands, and no list is printed in its place."""
    assert run(line.split()) == 2
    assert capsys.readouterr() == ("", "embgeo: Option '--score' requires an argument. See: embgeo direction --help\n")
