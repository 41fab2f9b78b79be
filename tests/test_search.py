"""`search` and `similarity --texts`: passages of files, stored vectors, and the order of results."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import Run, data_folder
from embgeo import EmbeddingSpace, load
from embgeo.errors import ModelError, UsageError
from embgeo.formats.passages import read_passages
from embgeo.models import places
from embgeo.questions import passage_vectors
from test_layers import sentence_model

NOTES = """Back up your files every week.

Water the plants on Mondays.
The cat sleeps all day.

Encrypt the disk, and keep the key elsewhere.
"""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an empty store."""
    monkeypatch.setenv("EMBGEO_HOME", str(tmp_path / "store"))
    return tmp_path / "store"


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A file of notes."""
    file = tmp_path / "notes.md"
    file.write_text(NOTES)
    return file


def test_lines_paragraphs_and_windows(notes: Path) -> None:
    """No passage is empty; each has the numbers of its first and last line."""
    lines = read_passages([str(notes)], "line").passages
    assert [(one.first, one.last) for one in lines] == [(1, 1), (3, 3), (4, 4), (6, 6)]
    paragraphs = read_passages([str(notes)], "paragraph").passages
    assert [(one.first, one.last) for one in paragraphs] == [(1, 1), (3, 4), (6, 6)]
    assert paragraphs[1].text == "Water the plants on Mondays.\nThe cat sleeps all day."
    windows = read_passages([str(notes)], "4").passages
    assert [(one.first, one.last) for one in windows] == [(1, 4), (5, 6)]
    for wrong in ("0", "word", "-1", "1.5"):
        with pytest.raises(UsageError, match="unknown unit of passages"):
            read_passages([str(notes)], wrong)


def test_files_of_a_folder(tmp_path: Path) -> None:
    """Hidden and ignored files are skipped, binary files are reported, and globs are expanded."""
    files = {
        ".gitignore": "*.log\nbuild/\n!keep.log", "a.txt": "a", "x.log": "x", "keep.log": "keep", "build/b.txt": "b",
        "sub/.gitignore": "/only.txt", "sub/only.txt": "only", "sub/c.txt": "c", "sub/deep/only.txt": "deep", ".h": "h",
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "image.png").write_bytes(b"\x89PNG\0\0")
    (tmp_path / "latin.txt").write_bytes("é".encode("latin-1"))
    found = read_passages([str(tmp_path)], "line")
    assert [one.text for one in found.passages] == ["a", "keep", "c", "deep"]
    assert [Path(name).name for name in found.binary] == ["image.png", "latin.txt"]
    assert [one.text for one in read_passages([f"{tmp_path}/*.txt"], "line").passages] == ["a"]
    with pytest.raises(UsageError, match="no file matches"):
        read_passages([f"{tmp_path}/*.md"], "line")
    with pytest.raises(UsageError, match=r"can't read '.*nowhere'"):
        read_passages([f"{tmp_path}/nowhere"], "line")


@pytest.mark.slow
def test_search_ranks_by_the_vectors_of_encode(minilm: EmbeddingSpace, notes: Path, store: Path) -> None:
    """The order and scores are those of the vectors by `encode`."""
    answer = minilm.search("how to keep data safe", [notes], k=4)
    texts = [line for line in NOTES.splitlines() if line]
    scores = minilm.encode(texts) @ minilm.encode(["how to keep data safe"])[0]
    assert [one.text for one in answer] == [texts[n] for n in np.argsort(-scores)]
    assert [one.score for one in answer] == pytest.approx(sorted(scores.tolist(), reverse=True), abs=1e-6)
    assert {answer[0].line, answer[1].line} == {1, 6}
    assert (answer.files, answer.passages, answer.computed) == (1, 4, 4)
    assert store.exists()


@pytest.mark.slow
def test_only_new_text_is_computed(minilm: EmbeddingSpace, notes: Path, store: Path) -> None:
    """A second search computes nothing, a search after an edit only the new lines; equal lines are computed once."""
    first = minilm.search("a pet", [notes])
    assert minilm.search("a pet", [notes]).results == first.results
    assert minilm.search("a pet", [notes]).computed == 0
    notes.write_text(NOTES + "The cat sleeps all day.\nA dog barks.\nA dog barks.\n")
    answer = minilm.search("a pet", [notes])
    assert (answer.computed, answer.passages) == (1, 7)
    assert len({one.score for one in answer if one.text == "A dog barks."}) == 1
    for file in store.rglob("passages-*"):
        file.write_bytes(file.read_bytes()[:-1])
    assert minilm.search("a pet", [notes]).computed == 5


@pytest.mark.slow
def test_vectors_survive_an_interruption(
    minilm: EmbeddingSpace, notes: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Vectors that were stored before an interruption aren't computed again."""
    monkeypatch.setattr(passage_vectors, "PORTION_TEXTS", 1)

    def stop(what: str, done: int, total: int, unit: str = "bytes") -> None:
        if done == 3:
            raise KeyboardInterrupt(what, total, unit)

    with pytest.raises(KeyboardInterrupt):
        minilm.search("a pet", [notes], report=stop)
    assert minilm.search("a pet", [notes]).computed == 1
    assert store == places.root()


@pytest.mark.slow
def test_long_passages_are_cut_with_a_note(minilm: EmbeddingSpace, tmp_path: Path, store: Path) -> None:
    """Also if their vectors come from the store; a long query is an error unless `cut` is set."""
    file = tmp_path / "long.txt"
    file.write_text("cat " * 300 + "\nshort\n")
    for _ in range(2):
        answer = minilm.search("cat", [file])
        assert {one.line: one.cut for one in answer} == {1: 46, 2: 0}
        assert answer.notes[-1] == "1 passage is longer than the model's limit, and cut there"
    with pytest.raises(UsageError, match="at most 256"):
        minilm.search("cat " * 300, [file])
    assert minilm.search("cat " * 300, [file], cut=True)[0].line == 1
    assert store.exists()


def test_standard_input_and_formats(run: Run, tmp_path: Path) -> None:
    """`-` reads passages from standard input; an empty file is an error."""
    done = run("search", "an animal", "-", "-m", "minilm", "--json", stdin="The cat sleeps.\n\nStocks fell.\n")
    answer: Any = json.loads(done.stdout)
    assert [(one["file"], one["line"], one["text"]) for one in answer["results"]] == [
        ("-", 1, "The cat sleeps."), ("-", 3, "Stocks fell."),
    ]  # fmt: skip
    (tmp_path / "empty.txt").write_text("\n \n")
    done = run("search", "an animal", str(tmp_path / "empty.txt"), "-m", "minilm")
    assert (done.returncode, "no text to search" in done.stderr) == (2, True)


@pytest.mark.slow
def test_similarity_of_texts(minilm: EmbeddingSpace) -> None:
    """`similarity --texts` compares the vectors of `encode`; one cosine is that of sentence-transformers."""
    texts = ["The dog bit the man.", "The man bit the dog.", "It is raining."]
    answer = minilm.similarity(*texts, texts=True)
    vectors = minilm.encode(texts, precision="float64")
    assert np.allclose(answer.matrix, vectors @ vectors.T, atol=1e-6)
    assert answer.matrix[0][1] == pytest.approx(0.97783, abs=5e-4)
    with pytest.raises(UsageError, match="two or more texts"):
        minilm.similarity("one", texts=True)


def test_a_phrase_as_a_term_gives_a_note(minilm: EmbeddingSpace) -> None:
    """The note suggests `similarity --texts`; names such as `new york` and expressions give none."""
    for answer in (minilm.dot("I love cats", "Felines are great"), minilm.similarity("I love cats", "dog")):
        assert "'I love cats' is a text" in answer.notes[-1]
        assert "similarity --texts" in answer.notes[-1]
    assert not any("--texts" in note for note in minilm.dot("new york", "king - man + woman").notes)


@pytest.mark.slow
def test_unreadable_files_in_a_folder_are_skipped(tmp_path: Path, minilm: EmbeddingSpace) -> None:
    """Broken links and FIFOs are skipped with a note; named directly, they are an error."""
    (tmp_path / "a.txt").write_text("The cat sleeps.")
    (tmp_path / "gone.txt").symlink_to("nowhere")
    (tmp_path / "*").symlink_to("no")
    (tmp_path / ".gitignore").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")
    answer = minilm.search("a pet", [tmp_path])
    assert [Path(one.file).name for one in answer] == ["a.txt"]
    note = next(note for note in answer.notes if "can't be read" in note)
    assert all(why in note for why in ("gone.txt (No such file", "pipe (it is a FIFO"))
    for name in ("*", "gone.txt"):
        with pytest.raises(UsageError, match="can't read"):
            read_passages([str(tmp_path / name)], "line")
    with pytest.raises(UsageError, match=r"can't read '/dev/zero': it is a device"):
        read_passages(["/dev/zero"], "line")


def test_a_file_with_several_names_is_read_once(tmp_path: Path) -> None:
    """Also with links that make a folder its own subfolder."""
    for link in ("loop", "again"):
        (tmp_path / link).symlink_to(".")
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "link.txt").symlink_to("a.txt")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "b.txt").write_text("b")
    names = [f"{tmp_path}/a.txt", f"{tmp_path}/./a.txt", str(tmp_path), f"{tmp_path}/**/*.txt", f"{tmp_path}/*"]
    found = read_passages(names, "line")
    assert [(one.file, one.text) for one in found.passages] == [(f"{tmp_path}/a.txt", "a")]
    assert [one.text for one in read_passages([f"{tmp_path}/.h*/*.txt"], "line").passages] == ["b"]
    with pytest.raises(UsageError, match=r"is not a glob|no file matches"):  # from Python 3.13 on it is a glob
        read_passages([f"{tmp_path}/a**b"], "line")


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_gitignore_works_as_in_git(tmp_path: Path) -> None:
    """The files are those of `git ls-files`, from the root and from a subfolder; an ignored file can be named."""
    files = {
        ".gitignore": "*.log\nbuild/\n!\n/docs/api/\n!keep.log\n", "a.txt": "", "x.log": "", "build/b.txt": "",
        "docs/c.md": "", "docs/x.log": "", "docs/.gitignore": "!x.log\nc.md", "docs/api/d.md": "", "e/api/f.md": "",
        "docs/keep.log": "", "docs/deep/x.log": "", "docs/deep/.gitignore": "x.log",
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text(text or name)
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q"], check=True)
    listed = [*git, "ls-files", "--others", "--exclude-standard"]
    listed = subprocess.run(listed, check=True, capture_output=True, text=True).stdout.splitlines()
    expected = {name for name in listed if not Path(name).name.startswith(".")}
    assert {one.text for one in read_passages([str(tmp_path)], "line").passages} == expected
    docs = {name for name in expected if name.startswith("docs/")}
    assert {one.text for one in read_passages([str(tmp_path / "docs")], "line").passages} == docs
    assert [one.text for one in read_passages([str(tmp_path / "build")], "line").passages] == ["build/b.txt"]


@pytest.mark.slow
def test_a_file_that_changes_while_it_is_read(tmp_path: Path) -> None:
    """It is reported as changed only while another process writes to it."""
    file = tmp_path / "log.txt"
    file.write_text(f"{'x' * 99}\n" * 50_000)
    code = "import os, sys\nout = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND)\nwhile True: os.write(out, b'y')"
    with subprocess.Popen([sys.executable, "-c", code, str(file)]) as writer:
        end = time.monotonic() + 30
        while not read_passages([str(file)], "100000").changed and time.monotonic() < end:
            pass
        writer.kill()
    assert time.monotonic() < end
    assert not read_passages([str(file)], "100000").changed


@pytest.mark.slow
def test_a_cut_query_gives_a_note(minilm: EmbeddingSpace, notes: Path) -> None:
    """The note gives the number of tokens that were cut."""
    answer = minilm.search("cat " * 300, [notes], cut=True)
    assert "the last 46 tokens of the query were cut" in answer.notes


def test_the_similarity_function_of_the_model(tmp_path: Path, store: Path) -> None:
    """Cosine by default, as in sentence-transformers; dot product if the model's files say so."""
    folder = sentence_model(tmp_path / "model", "mean_sqrt_len_tokens")
    texts = [" ".join(f"w{5 + (3 * n + k * k) % 30}" for k in range(1 + n % 5)) for n in range(40)]
    (tmp_path / "a.txt").write_text("\n".join([*texts, *texts]))
    space = load(folder)
    vectors, (query,) = space.encode(texts).astype(np.float64), space.encode(["w7 w9"]).astype(np.float64)
    dots = vectors @ query
    cosines = dots / np.linalg.norm(vectors, axis=1) / np.linalg.norm(query)
    for settings, expected in (({}, cosines), ({"similarity_fn_name": "dot"}, dots)):
        (folder / "config_sentence_transformers.json").write_text(json.dumps(settings))
        answer = load(folder).search("w7 w9", tmp_path / "a.txt", k=80)
        assert [one.score for one in answer] == pytest.approx(sorted([*expected, *expected], reverse=True), abs=1e-5)
        assert [one.text for one in answer][::2] == [one.text for one in answer][1::2]
        assert answer[0].text == texts[int(expected.argmax())]
    assert sorted(range(40), key=cosines.__getitem__) != sorted(range(40), key=dots.__getitem__)
    (folder / "config_sentence_transformers.json").write_text('{"similarity_fn_name": "manhattan"}')
    with pytest.raises(ModelError, match="compares texts by 'manhattan'"):
        load(folder).search("w7", tmp_path / "a.txt")
    assert store.exists()


@pytest.mark.slow
def test_a_single_string_is_not_a_list_of_texts(minilm: EmbeddingSpace, notes: Path) -> None:
    """It is an error, since its letters would be the texts; a single file needs no list."""
    for method in (minilm.encode, lambda text: minilm.context(text, "cat", near="none")):
        with pytest.raises(UsageError, match="expected a list of texts"):
            method("the cat")
    assert minilm.search("a pet", notes, k=1)[0].text == minilm.search("a pet", [notes], k=1)[0].text


@pytest.mark.slow
def test_search_finds_what_sentence_transformers_finds(tmp_path: Path) -> None:
    """The same ten in the same order, by bench/same_as_sentence_transformers.py with 20 queries."""
    pytest.importorskip("sentence_transformers", reason="sentence-transformers is not installed")
    folder = data_folder("EMBGEO_TEST_MINILM", "the published all-MiniLM-L6-v2 files")
    script = Path(__file__).parent.parent / "bench" / "same_as_sentence_transformers.py"
    done = subprocess.run(
        [sys.executable, str(script), str(folder), "--queries", "20"], capture_output=True, text=True, check=False,
        env={**os.environ, "EMBGEO_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr[-500:]


def test_the_last_line_of_a_file(tmp_path: Path) -> None:
    """The newline at the end of a file doesn't start another line."""
    (tmp_path / "notes.txt").write_text("one\ntwo\n")
    (found,) = read_passages([str(tmp_path / "notes.txt")], "5").passages
    assert (found.first, found.last) == (1, 2)


def test_a_single_binary_file(minilm: EmbeddingSpace, tmp_path: Path) -> None:
    """The error names the file and the reason."""
    (tmp_path / "data.bin").write_bytes(b"\0\1")
    with pytest.raises(UsageError, match=r"no text to search \(left out, not UTF-8 text: .*data\.bin\)"):
        minilm.search("safe", tmp_path / "data.bin")


def test_wrapped_passages_are_indented(run: Run, tmp_path: Path) -> None:
    """All lines of a long passage have the same indentation."""
    (tmp_path / "notes.txt").write_text("keep the key elsewhere " * 10)
    done = run("search", "safe", str(tmp_path / "notes.txt"), COLUMNS="60")
    text = done.stdout.rstrip().splitlines()[-4:]
    assert all(line[:7].isspace() and not line[7].isspace() for line in text)
    assert len(text) == 4
