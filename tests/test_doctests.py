"""The examples in the docstrings of the library's face, and in docs, do what they say."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from embgeo import EmbeddingSpace, space
from embgeo.questions import side_by_side

EXAMPLES = [one for module in (space, side_by_side) for one in doctest.DocTestFinder().find(module)]
SECONDS = re.compile(r".*\.(plot_compare|plot_space|plot_context|tour|compare|context)").fullmatch  # takes some


@pytest.mark.parametrize(
    "example",
    [
        pytest.param(one, id=one.name, marks=pytest.mark.slow if SECONDS(one.name) else ())
        for one in EXAMPLES
        if one.examples
    ],
)
def test_example(example: doctest.DocTest, minilm: EmbeddingSpace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run on the bundled model, from the repository's folder."""
    monkeypatch.chdir(Path(__file__).parent.parent)
    example.globs["space"] = minilm
    assert doctest.DocTestRunner().run(example).failed == 0


@pytest.mark.parametrize("name", ["python", "models", "control"])
def test_the_pages_on_python(name: str) -> None:
    """These pages of docs/ print what they say."""
    page = Path(__file__).parent.parent / "docs" / f"{name}.md"
    assert doctest.testfile(str(page), module_relative=False).failed == 0


def test_every_method_has_an_example() -> None:
    """So that `help(space.neighbors)` shows one."""
    shown = {one.name.rpartition(".")[2] for one in EXAMPLES if one.examples}
    methods = {name for name, value in vars(EmbeddingSpace).items() if callable(value) and name[0] != "_"}
    assert methods <= shown
