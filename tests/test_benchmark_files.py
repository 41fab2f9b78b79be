"""Benchmark files as found in practice: which lines are read, skipped and reported."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import Run
from embgeo.errors import FormatError, UsageError
from embgeo.formats.benchmarks import Question, Rated, read_analogies, read_odd, read_rated

PAIRS = ("cat cats", "cat house", "king queen", "tree car", "dog cat", "girl boy")


def test_google_lines(tmp_path: Path) -> None:
    """Sections start with a colon and questions have four words; any other line except a pair counts as bad."""
    path = tmp_path / "q.txt"
    path.write_text("\ufeff: one\nA B C D\n\n: two words\na b c d e\ne f g h\n", encoding="utf-8")
    file = read_analogies(path)
    assert [(section.name, section.questions) for section in file.items] == [
        ("one", (Question("A", "B", "C", "D"),)),
        ("two words", (Question("e", "f", "g", "h"),)),
    ]
    assert (file.name, file.bad_lines) == ("q.txt", 1)


def test_bats_folder(tmp_path: Path) -> None:
    """Each file in the folder is a relation; alternatives are separated by slashes."""
    (tmp_path / "1_Inflection").mkdir()
    (tmp_path / "1_Inflection" / "I01 [plural].txt").write_text("album\talbums\ndish\tdishes/dish ware/x\n")
    (tmp_path / "2_Other.txt").write_text("cat mammal/animal\n")
    first, second = read_analogies(tmp_path).items
    assert (first.name, second.name) == ("I01 [plural]", "2_Other")
    assert first.pairs == (("album", ("albums",)),)
    assert second.pairs == (("cat", ("mammal", "animal")),)


def test_partners_with_spaces(tmp_path: Path) -> None:
    """Spaces around a slash are ignored; lines with an extra column, or a space inside a partner, are bad."""
    lines = ["house\thouses / homes", "cat\tcats", "a\tb\tc", "a\tb\tc\td\te", "  dog   dogs/hounds ", "ox\toxen ox"]
    (tmp_path / "pairs.txt").write_text("\n".join(lines))
    file = read_analogies(tmp_path / "pairs.txt")
    assert file.items[0].pairs == (("house", ("houses", "homes")), ("cat", ("cats",)), ("dog", ("dogs", "hounds")))
    assert (file.items[0].questions, file.bad_lines) == ((), 3)


@pytest.mark.parametrize("method", ["3cosadd", "3cosavg"])
@pytest.mark.slow
def test_a_stray_line_is_skipped_with_a_note(run: Run, tmp_path: Path, method: str) -> None:
    """A pair among questions, or a question among pairs, changes no figure; a note counts it."""
    pairs = ["cat cats", "dog dogs", "house houses", "tree trees"]
    questions = [f"{one} {other}" for one in pairs for other in pairs if one != other]
    for lines, stray in ((questions, "king queen"), (pairs, "king queen man woman")):
        totals, notes = [], []
        for name, more in (("clean", []), ("with", [stray])):
            (tmp_path / f"{name}.txt").write_text("\n".join([": plural", *lines, *more]))
            done = run("eval", "analogies", str(tmp_path / f"{name}.txt"), "-m", "minilm", "--method", method, "--json")
            answer = json.loads(done.stdout)
            totals.append(answer["models"][0]["total"])
            notes += answer["notes"]
        assert totals[0] == totals[1]
        assert totals[0]["asked"] == {"3cosadd": 12, "3cosavg": 4}[method]
        assert notes == ["left out of with.txt: 1 line that could not be read"]


@pytest.mark.parametrize("line", ["tiger\tcat\t7.35", "tiger,cat,7.35", "tiger cat 7.35", "tiger\tcat\tN\t7.35\t2.0"])
def test_rated_lines(tmp_path: Path, line: str) -> None:
    """Tabs, commas or spaces as separators; the score is the first number, after SimLex-999's part of speech too."""
    path = tmp_path / "pairs.txt"
    path.write_text(f"# a comment\nword1\tword2\tscore\n{line}\nno number here\n")
    assert read_rated(path) == ("pairs.txt", (Rated("tiger", "cat", 7.35),), 1)


@pytest.mark.parametrize("score", ["nan", "inf"])
def test_scores_that_are_not_finite(tmp_path: Path, score: str) -> None:
    """A score of nan or inf makes the line bad, even if a number follows."""
    path = tmp_path / "pairs.txt"
    path.write_text(f"a b 1\none two {score} 3\n")
    assert read_rated(path) == ("pairs.txt", (Rated("a", "b", 1.0),), 1)


@pytest.mark.parametrize(
    ("scores", "common"),
    [("1e308 1.7e308 -1.7e308", "1 1.7 -1.7"), ("1e-200 2e-200 3e-200", "1 2 3"), ("5e-324 1e-323 0", "1 2 0")],
)
def test_scores_of_any_size(run: Run, tmp_path: Path, scores: str, common: str) -> None:
    """The scale of human scores doesn't matter: very large and very small ones correlate like ordinary ones."""
    results = []
    for column in (scores.split(), common.split()):
        path = tmp_path / "pairs.txt"
        path.write_text("".join(f"{pair} {score}\n" for pair, score in zip(PAIRS, column * 2, strict=True)))
        done = run("eval", "similarity", str(path), "-m", "minilm", "--json")
        assert (done.returncode, done.stderr) == (0, "")
        model = json.loads(done.stdout)["models"][0]
        results.append((model["pearson"], model["spearman"]))
    assert results[0] == pytest.approx(results[1], abs=1e-6)


def test_constant_scores(run: Run, tmp_path: Path) -> None:
    """Constant scores have no correlation, although the floating-point mean of six times 0.1 is not 0.1."""
    (tmp_path / "pairs.txt").write_text("".join(f"{pair} 0.1\n" for pair in PAIRS))
    done = run("eval", "similarity", str(tmp_path / "pairs.txt"), "-m", "minilm", "--json")
    model = json.loads(done.stdout)["models"][0]
    assert (model["asked"], model["pearson"], model["spearman"]) == (6, None, None)


def test_odd_lines(tmp_path: Path) -> None:
    """Words separated by tabs, commas or spaces; sections and comments are skipped."""
    path = tmp_path / "odd.txt"
    path.write_text(": fruit\n# none\na b c\na, b b, c\ntwo words\n")
    assert read_odd(path) == ("odd.txt", (("a", "b", "c"), ("a", "b b", "c")), 1)


@pytest.mark.parametrize("reader", [read_analogies, read_rated, read_odd])
def test_missing_and_empty_files(tmp_path: Path, reader: object) -> None:
    """The error for a missing file says where to get it; an empty file is an error too."""
    with pytest.raises(UsageError, match=r"no file .*nowhere\.txt") as caught:
        reader(tmp_path / "nowhere.txt")  # type: ignore[operator]
    assert caught.value.hint
    (tmp_path / "empty.txt").write_text("")
    with pytest.raises(FormatError, match="holds no"):
        reader(tmp_path / "empty.txt")  # type: ignore[operator]
