"""`export --passages`: other engines read the vectors that `search` uses; the commands of docs/passages.md run."""

from __future__ import annotations

import contextlib
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest

from conftest import Run
from embgeo import EmbeddingSpace
from embgeo.cli.main import run as run_here
from embgeo.errors import UsageError

PAGE = Path(__file__).parent.parent / "docs" / "passages.md"
NOTES = "Back up your files every week.\n\nWater the plants\non Mondays.\n\nBack up your files every week.\n"


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of notes in the current folder, with an empty store."""
    monkeypatch.setenv("EMBGEO_HOME", str(tmp_path / "store"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.md").write_text(NOTES)
    return tmp_path / "notes.md"


def test_a_matrix_and_its_passages(notes: Path, minilm: EmbeddingSpace) -> None:
    """The vectors are those of `encode`; ids are unique, and change only with their passage."""
    written = minilm.export_passages("notes.npy", notes, by="paragraph")
    assert [Path(file.path).name for file in written.files] == ["notes.npy", "notes.jsonl"]
    lines = [json.loads(line) for line in Path("notes.jsonl").read_text().splitlines()]
    assert [(line["line"], line["last_line"], line["text"]) for line in lines] == [
        (1, 1, "Back up your files every week."), (3, 4, "Water the plants\non Mondays."),
        (6, 6, "Back up your files every week."),
    ]  # fmt: skip
    vectors = np.load("notes.npy")
    assert np.abs(vectors - minilm.encode([line["text"] for line in lines])).max() < 1e-6
    ids = [line["id"] for line in lines]
    assert len(set(ids)) == 3
    notes.write_text(NOTES.replace("Water", "Feed"))
    minilm.export_passages("notes.npy", notes, by="paragraph", force=True)
    again = [json.loads(line)["id"] for line in Path("notes.jsonl").read_text().splitlines()]
    assert [new == old for new, old in zip(again, ids, strict=True)] == [True, False, True]


def test_parquet_has_every_column(notes: Path, minilm: EmbeddingSpace) -> None:
    """The metadata names the model and metric; vectors are fixed-size lists, which databases require."""
    parquet = pytest.importorskip("pyarrow.parquet")
    minilm.export_passages("notes.parquet", notes)
    table = parquet.read_table("notes.parquet")
    assert table.column_names == ["id", "file", "line", "last_line", "text", "cut", "vector"]
    assert str(table.schema.field("vector").type) == "fixed_size_list<element: float>[384]"
    assert table.schema.metadata[b"metric"] == b"cosine"
    assert table.schema.metadata[b"model"] == b"minilm"
    assert table["file"].to_pylist() == [str(notes)] * 4
    vectors = np.array(table["vector"].to_pylist(), np.float32)
    assert np.abs(vectors - minilm.encode(table["text"].to_pylist())).max() < 1e-6


def test_lance_reads_the_export(notes: Path, minilm: EmbeddingSpace) -> None:
    """A Lance folder is only replaced with force; without the package, the error says how to install it."""
    try:
        import lance
    except ImportError:
        with pytest.raises(UsageError, match="needs pylance") as caught:
            minilm.export_passages("notes.lance", notes)
        assert "embgeo[lance]" in caught.value.hint
        pytest.skip("pylance is not installed")
    minilm.export_passages("notes.lance", notes)
    assert lance.dataset("notes.lance").count_rows() == 4
    with pytest.raises(UsageError, match="already exists"):
        minilm.export_passages("notes.lance", notes)
    Path("mine.lance").mkdir()
    with pytest.raises(UsageError, match="not of Lance"):
        minilm.export_passages("mine.lance", notes, force=True)
    written = minilm.export_passages("notes.lance", notes, by="paragraph", force=True)
    table = lance.dataset("notes.lance").to_table()
    assert table["line"].to_pylist() == [1, 3, 6]
    assert written.files[0].bytes > 3 * 384 * 4


def test_refused(notes: Path, minilm: EmbeddingSpace) -> None:
    """Unknown suffixes and formats, existing files (before anything is computed), no text, and transformed spaces."""
    with pytest.raises(UsageError, match=r"'notes\.csv' has no suffix of a known format"):
        minilm.export_passages("notes.csv", notes)
    with pytest.raises(UsageError, match="unknown format of passages 'vec'"):
        minilm.export_passages("notes.npy", notes, to="vec")
    Path("notes.npy").write_text("mine")
    with pytest.raises(UsageError, match=r"notes\.npy"):
        minilm.export_passages("notes.npy", notes)
    assert not Path("store").exists()
    assert Path("notes.npy").read_text() == "mine"
    Path("empty.md").write_text("\n")
    with pytest.raises(UsageError, match="no text"):
        minilm.export_passages("other.npy", "empty.md")
    assert run_here(["export", "a.npy", "notes.md", "--passages", "--center"]) == 2


def test_at_the_command_line(notes: Path, run: Run) -> None:
    """Without -m the bundled model is used; JSON names the files."""
    out = str(notes.with_suffix(".npy"))
    answer = json.loads(run("export", out, str(notes), "--passages", "--by", "paragraph", "--json").stdout)
    assert (answer["model"], answer["rows"], answer["form"]) == ("minilm", 3, "npy")
    assert [Path(file["path"]).name for file in answer["files"]] == ["notes.npy", "notes.jsonl"]


def test_the_page_runs(notes: Path, minilm: EmbeddingSpace, capfd: pytest.CaptureFixture[str]) -> None:
    """The command and the code of docs/passages.md print the quoted output, which is what `search` finds."""
    pytest.importorskip("duckdb")
    pytest.importorskip("pyarrow")
    blocks = re.findall(r"```(\w+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (content, output), (command,), (code,) = (
        [text for kind, text in blocks if kind == language] for language in ("text", "console", "python")
    )
    notes.write_text(content)
    assert run_here(command.removeprefix("$ embgeo ").split()) == 0
    capfd.readouterr()
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "docs/passages.md", "exec"), {})
    assert printed.getvalue() == output
    result = minilm.search("how to keep data safe", [notes], 2)
    assert [f"{passage.score:.3f} {passage.line} {passage.text}" for passage in result] == output.splitlines()
