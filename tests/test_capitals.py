"""Capitals: words that are only there in other ones are read with a note, or counted."""

from __future__ import annotations

from pathlib import Path

import pytest

import vocabularies
from conftest import Run
from embgeo import TermError, UsageError, load
from embgeo.formats.open_file import OpenFile
from embgeo.vocabulary.vocabulary import Vocabulary

SMALL = "6 2\nathens 1 0\ngreece 0 1\noslo 1 1\nnorway 2 1\nIBM 3 1\nAnna 1 4\n"
QUESTIONS = ": capitals\nAthens Greece Oslo Norway\nOslo Norway Athens Greece\n: small\nathens greece oslo norway\n"


@pytest.fixture
def file(tmp_path: Path) -> str:
    """Word vectors, most of them without capitals."""
    (tmp_path / "small.vec").write_text(SMALL)
    return str(tmp_path / "small.vec")


@pytest.mark.parametrize(
    ("typed", "read"), [("Athens", "athens"), ("ATHENS", "athens"), ("ibm", "IBM"), ("anna", "Anna"), ("ANNA", "Anna")]
)
def test_a_word_in_other_capitals(file: str, typed: str, read: str) -> None:
    """Small letters first, then a first capital, then capitals; the note says what was read."""
    answer = load(file).vector(typed)
    assert answer.values.tolist() == load(file).vector(read).values.tolist()
    assert answer.notes == (f"'{typed}' is not in the vocabulary; '{read}' is used",)
    assert load(file).vector(read).notes == ()
    assert load(file).vector(f"{typed} + {read}").notes == answer.notes


def test_exact(file: str, run: Run) -> None:
    """--case exact refuses it; quotes are exact in any case."""
    with pytest.raises(TermError, match="'Athens' is not in this model's vocabulary"):
        load(file, case="exact").vector("Athens")
    with pytest.raises(TermError, match='no token is exactly "Athens"'):
        load(file).vector('"Athens"')
    with pytest.raises(UsageError, match="unknown case 'both'; expected exact or fold"):
        load(file, case="both")
    assert run("vector", "Athens", "-m", file, "--case", "exact").returncode == 3
    assert "'athens' is used" in run("vector", "Athens", "-m", file).stderr


def test_a_tokenizer_is_folded_on_request(tmp_path: Path) -> None:
    """A tokenizer has tokens for any text: there a word is what it splits into, unless --case says otherwise."""
    tokenizer = vocabularies.byte_level()
    vocabulary = Vocabulary(vocabularies.read(tokenizer, tmp_path), OpenFile(tmp_path / "tokenizer.json"))
    assert vocabulary.resolve("Dog").ids == tuple(tokenizer.encode(" Dog").ids)
    found = vocabulary.with_case("fold").resolve("Dog")
    assert (found.ids, found.folded) == (vocabularies.ids(tokenizer, "Ġdog"), "dog")


def test_eval_counts_what_is_lost(file: str, run: Run, tmp_path: Path) -> None:
    """Whole sections that aren't asked for their capitals are named, and --case fold asks them."""
    (tmp_path / "questions.txt").write_text(QUESTIONS)
    line = ["eval", "analogies", str(tmp_path / "questions.txt"), "-m", file, "--format", "csv"]
    exact, folded = run(*line), run(*line, "--case", "fold")
    note = f"{file} has 4 words of questions.txt only in other capitals; --case fold finds them"
    assert exact.stderr == f"note: {note}\n"
    assert folded.stderr == ""
    asked = [[row.split(",")[5] for row in done.stdout.splitlines()[1:]] for done in (exact, folded)]
    assert asked == [["0", "1", "1"], ["2", "1", "3"]]


@pytest.mark.parametrize(
    ("name", "text"),
    [("similarity", "Athens Oslo 3\nathens oslo 4\nAthens IBM 1\n"), ("odd-one-out", "Athens Oslo IBM\n")],
)
def test_other_evaluations(file: str, run: Run, tmp_path: Path, name: str, text: str) -> None:
    """Rated pairs and odd ones out say it too; gensim's rules fold by themselves."""
    (tmp_path / "file.txt").write_text(text)
    line = ["eval", name, str(tmp_path / "file.txt"), "-m", file]
    assert "has 2 words of file.txt only in other capitals" in run(*line).stderr
    assert "capitals" not in run(*line, "--reference", "gensim").stderr
    assert "capitals" not in run(*line, "--case", "fold").stderr
