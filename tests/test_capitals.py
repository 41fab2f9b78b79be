"""Words that the vocabulary only has in other capitals: they are used with a note, or counted in evaluations."""

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
    """A file of word vectors, most of them in lower case."""
    (tmp_path / "small.vec").write_text(SMALL)
    return str(tmp_path / "small.vec")


@pytest.mark.parametrize(
    ("typed", "used"), [("Athens", "athens"), ("ATHENS", "athens"), ("ibm", "IBM"), ("anna", "Anna"), ("ANNA", "Anna")]
)
def test_a_word_in_other_capitals(file: str, typed: str, used: str) -> None:
    """Lower case is tried first, then a capital first letter, then all capitals; a note says what is used."""
    answer = load(file).vector(typed)
    assert answer.values.tolist() == load(file).vector(used).values.tolist()
    assert answer.notes == (f"'{typed}' is not in the vocabulary; '{used}' is used",)
    assert load(file).vector(used).notes == ()
    assert load(file).vector(f"{typed} + {used}").notes == answer.notes


def test_case_exact(file: str, run: Run) -> None:
    """With --case exact other capitals are an error; quoted terms are always exact."""
    with pytest.raises(TermError, match="'Athens' is not in this model's vocabulary"):
        load(file, case="exact").vector("Athens")
    with pytest.raises(TermError, match='no token is exactly "Athens"'):
        load(file).vector('"Athens"')
    with pytest.raises(UsageError, match="unknown case 'both'; expected exact or fold"):
        load(file, case="both")
    assert run("vector", "Athens", "-m", file, "--case", "exact").returncode == 3
    assert "'athens' is used" in run("vector", "Athens", "-m", file).stderr


def test_a_tokenizer_folds_only_on_request(tmp_path: Path) -> None:
    """A tokenizer splits any text into tokens, so other capitals are only tried with --case fold."""
    tokenizer = vocabularies.byte_level()
    vocabulary = Vocabulary(vocabularies.read(tokenizer, tmp_path), OpenFile(tmp_path / "tokenizer.json"))
    assert vocabulary.resolve("Dog").ids == tuple(tokenizer.encode(" Dog").ids)
    result = vocabulary.with_case("fold").resolve("Dog")
    assert (result.ids, result.folded) == (vocabularies.ids(tokenizer, "Ġdog"), "dog")


def test_analogies_count_words_in_other_capitals(file: str, run: Run, tmp_path: Path) -> None:
    """A note counts the words that are only there in other capitals; --case fold evaluates them."""
    (tmp_path / "questions.txt").write_text(QUESTIONS)
    line = ["eval", "analogies", str(tmp_path / "questions.txt"), "-m", file, "--format", "csv"]
    exact, folded = run(*line), run(*line, "--case", "fold")
    note = f"{file} has 4 words of questions.txt only in other capitals; --case fold finds them"
    assert exact.stderr == f"note: {note}\n"
    assert folded.stderr == ""
    counts = [[row.split(",")[5] for row in done.stdout.splitlines()[1:]] for done in (exact, folded)]
    assert counts == [["0", "1", "1"], ["2", "1", "3"]]


@pytest.mark.parametrize(
    ("name", "text"),
    [("similarity", "Athens Oslo 3\nathens oslo 4\nAthens IBM 1\n"), ("odd-one-out", "Athens Oslo IBM\n")],
)
def test_other_evaluations(file: str, run: Run, tmp_path: Path, name: str, text: str) -> None:
    """Similarity and odd-one-out give the note too, but not by gensim's rules, which ignore case."""
    (tmp_path / "file.txt").write_text(text)
    line = ["eval", name, str(tmp_path / "file.txt"), "-m", file]
    assert "has 2 words of file.txt only in other capitals" in run(*line).stderr
    assert "capitals" not in run(*line, "--reference", "gensim").stderr
    assert "capitals" not in run(*line, "--case", "fold").stderr
