"""CSV, TSV, JSON lines, Parquet and Feather by pandas and pyarrow are read exactly."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import Run
from embgeo import FormatError, ModelError, UsageError, load
from vector_files import WORDS, read, rows

pandas = pytest.importorskip("pandas", reason="the package pandas is not installed")
pytest.importorskip("pyarrow", reason="the package pyarrow is not installed")

ODD = [*WORDS, "a,b", "semi;colon", 'quo"te', "New York", "NA", "null", "1e5", "-"]
MATRIX = rows(len(ODD))


def wide() -> Any:
    """Words as the index, and a column for each dimension."""
    return pandas.DataFrame(MATRIX, index=ODD)


def packed() -> Any:
    """A column of words and one of arrays."""
    return pandas.DataFrame({"token": ODD, "embedding": list(MATRIX)})


def lists() -> Any:
    """Words, counts, and Python lists."""
    return pandas.DataFrame({"token": ODD, "count": range(len(ODD)), "embedding": MATRIX.tolist()})


def csv(sep: str, **more: Any) -> Callable[[Path], None]:
    """A function that writes the wide table as text."""
    return lambda path: wide().to_csv(path, sep=sep, **more)


MAKERS: dict[str, Callable[[Path], Any]] = {
    "csv": csv(","), "tsv": csv("\t"), "semicolons": csv(";"), "crlf": csv(",", lineterminator="\r\n"),
    "all quoted": csv(",", quoting=1), "named index": csv(",", index_label="word"),
    "prefixed": lambda path: wide().add_prefix("dim_").to_csv(path, index_label="Term"),
    "bom": csv(",", encoding="utf-8-sig"),
    "lists in csv": lambda path: lists().to_csv(path, index=False),
    "lists in tsv": lambda path: lists().to_csv(path, sep="\t", index=False),
    "gzip": lambda path: path.write_bytes(gzip.compress(wide().to_csv().encode())),
    "jsonl": lambda path: wide().reset_index(names="word").to_json(
        path, orient="records", lines=True, double_precision=15),
    "lists in jsonl": lambda path: packed().to_json(path, orient="records", lines=True, double_precision=15),
    "parquet": lambda path: wide().add_prefix("d").to_parquet(path),
    "lists in parquet": lambda path: packed().to_parquet(path),
    "parquet, zstd": lambda path: packed().to_parquet(path, compression="zstd", row_group_size=7),
    "feather": lambda path: wide().add_prefix("d").reset_index(names="label").to_feather(path),
    "lists in feather": lambda path: lists().to_feather(path),
    "feather, plain": lambda path: lists().to_feather(path, compression="uncompressed", chunksize=9),
}  # fmt: skip


@pytest.mark.parametrize("name", MAKERS)
def test_tables_by_pandas(name: str, tmp_path: Path) -> None:
    """The same words and float32 numbers, whatever the file name."""
    MAKERS[name](tmp_path / "file")
    space = load(tmp_path / "file")
    assert [space.vocabulary.token(row).text for row in range(space.shape[0])] == ODD
    assert np.array_equal(space.matrix, MATRIX)
    assert space.info().notes == (("columns left out: count",) if "count" in name or _has_count(name) else ())
    first = load(tmp_path / "file", limit=3)
    assert np.array_equal(first.matrix, MATRIX[:3])


def _has_count(name: str) -> bool:
    return name in ("lists in csv", "lists in tsv", "lists in feather", "feather, plain")


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "int64"])
@pytest.mark.parametrize("form", ["parquet", "feather"])
def test_dtypes(form: str, dtype: str, tmp_path: Path) -> None:
    """Every kind of number, as columns and as lists of fixed length."""
    import pyarrow
    from pyarrow import feather, parquet

    numbers = np.array([[1, -2], [3, 0]], dtype)
    fixed = pyarrow.FixedSizeListArray.from_arrays(pyarrow.array(numbers.reshape(-1)), 2)
    for name, columns in (
        ("wide", {"text": ["a", "b"], "x": numbers[:, 0], "y": numbers[:, 1]}),
        ("lists", {"text": ["a", "b"], "vectors": fixed}),
    ):
        table = pyarrow.table(columns)
        write = parquet.write_table if form == "parquet" else feather.write_feather
        write(table, str(tmp_path / name))
        assert load(tmp_path / name).matrix.tolist() == numbers.tolist()


def test_words_as_categories(tmp_path: Path) -> None:
    """Parquet stores categories as a dictionary."""
    table = packed()
    table["token"] = table["token"].astype("category")
    table.to_parquet(tmp_path / "file")
    assert np.array_equal(load(tmp_path / "file").matrix, MATRIX)


def test_arrays_as_numpy_prints_them(tmp_path: Path) -> None:
    """`to_csv` writes arrays as their repr: over several lines, without commas."""
    frame = pandas.DataFrame({"word": ["cat", "dog"], "vector": list(rows(2, 30).astype(np.float64))})
    frame.to_csv(tmp_path / "file", index=False)
    assert "\n " in (tmp_path / "file").read_text()
    with np.printoptions(precision=17):
        frame.to_csv(tmp_path / "file", index=False)
    assert np.array_equal(load(tmp_path / "file").matrix, rows(2, 30))


def test_columns_of_the_vector(tmp_path: Path) -> None:
    """Numbered columns are the vector, in the order of their numbers; other numeric columns are omitted."""
    space = read(tmp_path / "file", "id,word,count,v2,v1,v3\n9,cat,7,2,1,3\n8,dog,5,5,4,6\n")
    assert space.matrix.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert space.info().notes == ("columns left out: id, count",)
    assert read(tmp_path / "named", "word;x;y\ncat;1;2\n").matrix.tolist() == [[1, 2]]


def test_glove_files_that_begin_with_word(tmp_path: Path) -> None:
    """A GloVe file may begin with the word "word"; a table with tabs and a header isn't GloVe."""
    glove = read(tmp_path / "glove", "word 0.5 1\ntext 2 3\n")
    assert glove.matrix.tolist() == [[0.5, 1], [2, 3]]
    assert read(tmp_path / "tabs", "word\t0.5\t1\ntext\t2\t3\n").shape == (2, 2)
    assert read(tmp_path / "table", "word\t0\t1\ntext\t2\t3\n").matrix.tolist() == [[2, 3]]


def test_other_encodings(tmp_path: Path) -> None:
    """A table in Windows-1252."""
    (tmp_path / "file").write_bytes("word;0;1\nZürich;1;2\n".encode("cp1252"))
    with pytest.raises(FormatError, match="line 2 is not valid UTF-8"):
        load(tmp_path / "file")
    assert load(tmp_path / "file", encoding="cp1252").vector("Zürich").values.tolist() == [1, 2]


BAD: dict[str, tuple[str, str]] = {
    "too few fields": ("word,0,1\ncat,1,0\ndog,1\n", "line 3 has 2 fields, and the line of names 3"),
    "no number": ("word,0,1\ncat,1,0\ndog,1,x\n", "line 3 is not a word with 2 numbers"),
    "a missing number": ("word,0,1\ncat,1,0\ndog,,1\n", "line 3 is not a word with 2 numbers"),
    "two numbers in a field": ("word,0,1\ncat,1,0\ndog,1 2,\n", "line 3 is not a word with 2 numbers"),
    "no word": ("word,0,1\ncat,1,0\n,1,0\n", "line 3 has no word"),
    "an open quote": ('word,0,1\ncat,1,0\n"dog,1,0\ncow,1,0\n', "line 4: unexpected end of data"),
    "a quote inside": ('word,0,1\n"ca"t,1,0\n', "line 2: ',' expected after '\"'"),
    "only names": ("word,0,1\n", "it has no line of names with a row"),
    "text alone": ("word,kind\ncat,noun\n", "has no columns of numbers"),
    "lists of other lengths": ('word,vector\ncat,"[1, 0]"\ndog,"[1]"\n', "line 3 is not a word with 2 numbers"),
    "a list cut short": ('word,vector\ncat,"[1, 0]"\ndog,"[1 ... 2]"\n', "line 3 is not a word with 2 numbers"),
    "two lists": ('word,a,b\ncat,"[1]","[2]"\n', "has 2 columns of lists"),
    "JSON, cut": ('{"word": "cat", "v": [1, 0]}\n{"word": "dog", "v": [1,\n', "line 2 is not JSON"),
    "JSON, no object": ('{"word": "cat", "v": [1, 0]}\n[1]\n', "line 2 is not an object"),
    "JSON, no word": ('{"word": "cat", "v": [1, 0]}\n{"word": 5, "v": [1, 0]}\n', "line 2 has no word"),
    "JSON, another length": ('{"word": "cat", "v": [1, 0]}\n{"word": "d", "v": [1]}\n', "line 2 is not a word with 2"),
    "JSON, a text": ('{"word": "cat", "x": 1}\n{"word": "d", "x": "1"}\n', "line 2 is not a word with 1 numbers"),
    "JSON, deep": ('{"word": ' + "[" * 100_000 + "\n", "line 1 is not JSON"),
}


@pytest.mark.parametrize("name", BAD)
def test_damaged_text(name: str, tmp_path: Path, own_store: Path) -> None:
    """The error gives the line, and the store stays empty."""
    content, why = BAD[name]
    with pytest.raises(FormatError) as refusal:
        read(tmp_path / "file", content)
    assert why in refusal.value.message
    assert refusal.value.hint
    assert [path for path in own_store.rglob("*") if path.is_file() and path.suffix != ".lock"] == []


@pytest.mark.parametrize("form", ["parquet", "feather"])
def test_damaged_arrow(form: str, tmp_path: Path) -> None:
    """Lists of different lengths, missing words and numbers, and truncated files."""
    import pyarrow
    from pyarrow import feather, parquet

    path = tmp_path / "file"
    frames = {
        "row 2 is not a word with 2 numbers": {"word": ["a", "b"], "v": [[1.0, 2.0], [1.0]]},
        "row 1 is not a word with 2 numbers": {"word": ["a", "b"], "v": [[1.0, None], [1.0, 2.0]]},
        "row 2 has no word": {"word": ["a", None], "x": [1.0, 2.0]},
        "row 2 is not a word with 1 numbers": {"word": ["a", "b"], "x": [1, None]},
        "has no column named word": {"wort": ["a", "b"], "x": [1.0, 2.0]},
        "has no columns of numbers": {"word": ["a", "b"], "x": ["1", "2"]},
    }
    for why, columns in frames.items():
        write = parquet.write_table if form == "parquet" else feather.write_feather
        write(pyarrow.table(columns), str(path))
        with pytest.raises(FormatError, match=why):
            load(path)
    MAKERS[f"lists in {form}"](path)
    content = path.read_bytes()
    for cut in (9, len(content) // 2, len(content) - 3):
        with pytest.raises(FormatError):
            read(path, content[:cut])


def test_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hint names the extra that installs it."""
    MAKERS["parquet"](tmp_path / "file.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match="needs pyarrow, which is not installed") as refusal:
        load(tmp_path / "file.parquet")
    assert refusal.value.hint == "Install it: pip install 'embgeo[parquet]'"


def test_old_feather(tmp_path: Path) -> None:
    """The error names version 1."""
    with pytest.raises(ModelError, match="is Feather of version 1"):
        read(tmp_path / "file", b"FEA1" + bytes(64) + b"FEA1")


@pytest.mark.parametrize("suffix", ["csv", "tsv"])
def test_written_and_read_back(suffix: str, tmp_path: Path) -> None:
    """An exported table reads back to the same float32 numbers, here and in pandas."""
    odd = np.array([[1e-45, 3.4028235e38, -0.0], [0.1, 1 / 3, 16777217]], np.float32)
    np.save(tmp_path / "odd.npy", np.concatenate([odd, rows(len(ODD), 3)]))
    (tmp_path / "odd.txt").write_text("\n".join(["tiny", "=1+1", *ODD]))
    space = load(tmp_path / "odd.npy")
    path = tmp_path / f"words.{suffix}"
    assert space.export(path).form == suffix
    assert path.read_text().splitlines()[0] == {"csv": ",", "tsv": "\t"}[suffix].join(["word", "0", "1", "2"])
    back = load(path)
    assert np.array_equal(back.matrix.view(np.uint32), space.matrix.view(np.uint32))
    assert [back.vocabulary.token(row).text for row in range(len(space))] == ["tiny", "=1+1", *ODD]
    frame = pandas.read_csv(path, sep=None, engine="python", index_col=0, keep_default_na=False, na_filter=False)
    assert list(frame.index) == ["tiny", "=1+1", *ODD]
    assert np.array_equal(frame.to_numpy(np.float32), space.matrix)


def test_on_the_command_line(run: Run, tmp_path: Path) -> None:
    """`export` writes tables, and `neighbors` reads them."""
    assert run("export", str(tmp_path / "w.tsv"), "cat", "dog", "-m", "minilm").returncode == 0
    assert "dog" in run("neighbors", "cat", "-m", str(tmp_path / "w.tsv")).stdout
    assert run("export", str(tmp_path / "w"), "cat", "--to", "csv", "-m", str(tmp_path / "w.tsv")).returncode == 0
    assert load(tmp_path / "w").shape == (1, 384)


@pytest.mark.slow
def test_many_batches(tmp_path: Path) -> None:
    """A table much larger than a batch."""
    words, matrix = [f"w{number}" for number in range(30_000)], rows(30_000, 50)
    frame = pandas.DataFrame({"word": words, "vector": list(matrix)})
    frame.to_parquet(tmp_path / "file.parquet")
    assert np.array_equal(load(tmp_path / "file.parquet").matrix, matrix)
    lines = (json.dumps({"word": word, "vector": row.tolist()}) for word, row in zip(words, matrix, strict=True))
    (tmp_path / "file.jsonl").write_text("\n".join(lines))
    assert np.array_equal(load(tmp_path / "file.jsonl").matrix, matrix)
    assert load(tmp_path / "file.jsonl").shape == (30_000, 50)
