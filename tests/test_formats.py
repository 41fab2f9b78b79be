"""The tables of file formats, which the command line, the readers and the documentation share."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from embgeo import UsageError, load
from embgeo.errors import any_of
from embgeo.formats import detect, writers

DOCS = Path(__file__).parents[1] / "docs"


def test_the_tables_do_not_import_numpy() -> None:
    """The tables, and the options that list their names, don't import NumPy."""
    modules = "embgeo.formats.detect, embgeo.formats.writers, embgeo.cli.options"
    code = f"import sys, {modules}; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_row_has_its_module() -> None:
    """Each format's module has the function that the table calls."""
    for row in (*detect.TABLE, detect.SAFETENSORS):
        assert callable(import_module(f"embgeo.formats.{row.module}").read), row.name
    for form in writers.TABLE:
        assert callable(import_module(f"embgeo.formats.{form.module}").write), form.name


def test_the_documentation_names_every_format() -> None:
    """docs/files.md has a row for each input format; the reference page lists the output formats."""
    text, reference = (DOCS / "files.md").read_text(), (DOCS / "reference.md").read_text()
    assert [name for name in detect.FORMATS if f"| `{name}` |" not in text] == []
    assert [name for name in writers.FORMATS if name not in reference] == []


def test_an_unknown_format_lists_the_known_ones(tmp_path: Path) -> None:
    """An unknown format is an error that lists the known ones, for input and output."""
    (tmp_path / "file").write_text("cat 1 0\n")
    expected = f"unknown file format 'x'; expected {any_of(detect.FORMATS)}"
    with pytest.raises(UsageError, match=expected):
        load(tmp_path / "file", file_format="x")
    with pytest.raises(UsageError, match="unknown export format 'x'; expected safetensors, npy, word2vec, "):
        load("minilm").export(tmp_path / "out", to="x")
