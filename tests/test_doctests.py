"""The examples in the public docstrings and in docs/ print what they show."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from embgeo import EmbeddingSpace, space
from embgeo.questions import side_by_side

EXAMPLES = [example for module in (space, side_by_side) for example in doctest.DocTestFinder().find(module)]
SLOW = re.compile(r".*\.(plot_compare|plot_space|plot_context|tour|compare|context)").fullmatch  # take seconds


@pytest.mark.parametrize(
    "example",
    [
        pytest.param(example, id=example.name, marks=pytest.mark.slow if SLOW(example.name) else ())
        for example in EXAMPLES
        if example.examples
    ],
)
def test_example(example: doctest.DocTest, minilm: EmbeddingSpace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the example on the bundled model, in the root of the repository."""
    monkeypatch.chdir(Path(__file__).parent.parent)
    example.globs["space"] = minilm
    assert doctest.DocTestRunner().run(example).failed == 0


@pytest.mark.parametrize("name", ["python", "models", "control"])
def test_pages(name: str) -> None:
    """The Python examples of these pages print what they show."""
    page = Path(__file__).parent.parent / "docs" / f"{name}.md"
    assert doctest.testfile(str(page), module_relative=False).failed == 0


def test_every_method_has_an_example() -> None:
    """Each public method has an example in its docstring."""
    documented = {example.name.rpartition(".")[2] for example in EXAMPLES if example.examples}
    methods = {name for name, value in vars(EmbeddingSpace).items() if callable(value) and name[0] != "_"}
    assert methods <= documented
