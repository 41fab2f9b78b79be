"""Answers as rows, data frames and tables for notebooks."""

from __future__ import annotations

import csv
import io
import re
import sys
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from conftest import Run, SpaceOf
from embgeo import EmbeddingSpace, UsageError
from embgeo.results.html import table

QUERIES: Any = {
    "neighbors cat -k 3": lambda s: s.neighbors("cat", 3),
    "analogy king man woman -k 3": lambda s: s.analogy("king", "man", "woman", 3),
    "direction cats cat --score one two": lambda s: s.direction("cats", "cat").score(["one", "two"]),
    "direction cats cat -k 2": lambda s: s.direction("cats", "cat").ends(2),
    "dot cat dog red": lambda s: s.dot("cat", "dog", "red"),
    "similarity cat dog": lambda s: s.similarity("cat", "dog"),
    "odd cat dog car": lambda s: s.odd("cat", "dog", "car"),
    "cluster cat dog red": lambda s: s.cluster("cat", "dog", "red"),
    "parallel king man queen woman": lambda s: s.parallel("king", "man", "queen", "woman"),
    "project queen --onto man": lambda s: s.project("queen", "man"),
    "tokens embeddings": lambda s: s.tokens("embeddings"),
    "vector cat": lambda s: s["cat"],
    "unembed cat -k 2": lambda s: s.unembed("cat", 2),
    "positions": lambda s: s.positions(),
    "positions cat --at 2 -k 2": lambda s: s.positions("cat", 2, 2),
    "info": lambda s: s.info(),
    "space --queries 20 --samples 20": lambda s: s.space(queries=20, samples=20),
    "eval similarity tests/data/rated.tsv": lambda s: s.eval_similarity("tests/data/rated.tsv"),
    "eval analogies tests/data/analogies.txt": lambda s: s.eval_analogies("tests/data/analogies.txt"),
}


@pytest.mark.parametrize("question", QUERIES)
@pytest.mark.slow
def test_data_frames_equal_csv(question: str, minilm: EmbeddingSpace, run: Run) -> None:
    """The same columns and rows, with numbers as numbers; they are compared in float32, to which CSV rounds."""
    answer = QUERIES[question](minilm)
    printed = list(csv.DictReader(io.StringIO(run(*question.split(), "--format", "csv", "-m", "minilm", "-q").stdout)))
    frame, other = answer.to_pandas(), answer.to_polars()
    assert list(frame.columns) == other.columns == list(printed[0])
    for name in other.columns:
        column = other[name].to_list()
        assert len(column) == len(frame[name]) == len(printed)
        for value, again, text in zip(column, frame[name].tolist(), (row[name] for row in printed), strict=True):
            if value is None:
                assert text == ""
            elif isinstance(value, float):
                assert (np.float32(value), np.float32(again)) == (np.float32(text),) * 2
            else:
                assert str(value) == str(again) == text.removeprefix("'")


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_without_the_library(library: str, minilm: EmbeddingSpace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what to install."""
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(UsageError, match=f"to_{library} needs {library}, which is not installed") as error:
        getattr(minilm.dot("cat", "dog"), f"to_{library}")()
    assert error.value.hint == f"Install it: pip install 'embgeo[{library}]'"


class Page(HTMLParser):
    """Parses a page into its rows and text, and checks that its tags are balanced."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.rows: list[list[str]] = []
        self.text = ""
        self.attributes: set[str] = set()
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a row or a cell."""
        self.open.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost tag."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Add to the cell."""
        self.text += data
        if self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data


@pytest.mark.parametrize("question", QUERIES)
@pytest.mark.slow
def test_html_for_notebooks(question: str, minilm: EmbeddingSpace) -> None:
    """A caption with the command and the model, a header, and the rows; no links and no scripts."""
    answer = QUERIES[question](minilm)
    page = Page(answer._repr_html_())
    assert page.rows[0] == list(answer.records()[0])
    assert len(page.rows) == 1 + min(len(answer.records()), 41)  # at most 40 rows, and a line that says so
    assert question.split(maxsplit=1)[0] in page.text
    assert "minilm" in page.text
    assert page.attributes <= {"style", "colspan"}


def test_html_inherits_the_colors_of_the_page(minilm: EmbeddingSpace) -> None:
    """For dark notebooks, no color is set except a gray that is visible on both backgrounds."""
    colors = re.findall(r"(?:color|background|border[a-z-]*): ([^;\"]+)", minilm.neighbors("cat")._repr_html_())
    assert set(colors) == {"inherit", "none", "collapse", "1px solid rgba(128, 128, 128, 0.4)"}


def test_hostile_tokens_are_escaped(space_of: SpaceOf) -> None:
    """Markup and control characters of a vocabulary are shown as text."""
    space = space_of({"cat": [1, 0], "<script>alert(1)</script>": [1, 1], "a&b\x1b[31m": [0, 1], '"q"': [-1, 1]})
    page = space.neighbors("cat", raw=True)._repr_html_()
    assert "<script" not in page
    assert "\x1b" not in page
    cells = [row[2] for row in Page(page).rows]
    assert {"▁<script>alert(1)</script>", "▁a&b\\x1b[31m"} <= set(cells)


def test_numbers_have_four_decimals() -> None:
    """-0.00001 is 0.0000; None is empty; integers are whole."""
    page = Page(table("", (), [{"name": "a", "score": -0.00001, "rank": 1000}, {"name": "b", "score": None}], ["why"]))
    assert page.rows[1:] == [["a", "0.0000", "1000"], ["b", "", ""]]
    assert page.text.endswith("note: why")


def test_an_empty_list(minilm: EmbeddingSpace) -> None:
    """It gives an empty data frame, and a table without rows."""
    answer = minilm.neighbors("cat", 0)
    assert (len(answer.to_pandas()), len(answer.to_polars()), len(Page(answer._repr_html_()).rows)) == (0, 0, 1)
