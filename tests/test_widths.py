"""At 50, 80 and 200 columns every command's table shows all digits of all numbers."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import re
import shlex
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console, RenderableType
from rich.segment import Segment
from rich.text import Text

from conftest import Run
from embgeo.cli.columns import BAR, LEFT, RIGHT, CellText, Styled, columns
from embgeo.cli.drawing import COSINE_BAR, draw
from forking import fork_server
from golden import CASES, HERE, environment, in_a_process

ANALOGIES = "eval analogies <data>/analogies.txt"
WIDE = {
    "dot of ten": "dot cat dog house one two three four five six seven -m minilm",
    "eval of three": f"{ANALOGIES} -m minilm -m minilm -m minilm",
    "eval of four": f"{ANALOGIES} -m minilm -m minilm -m minilm -m minilm",
    "expressions": "dot 'king - man + woman' 'queen - woman + man' '0.5 * cat + 0.5 * dog' -m minilm",
    "hubs": "space --queries 100 --samples 100 -k 5 -m minilm",
}
TABLES = WIDE | {
    name: text
    for name, text in CASES.items()
    if "json" not in text
    and not re.search("--format (csv|tsv)", text)
    and not name.startswith(("bad-", "help", "eval-alone", "nothing", "next-encoder", "map-"))
    and not re.search("plot", name)  # pictures leave words out to fit the width
}
QUICK = {"dot of ten", "eval of three", "expressions", "direction-table", "direction-ends-table", "positions-table",
         "odd-table", "similarity-dot", "unembed-table", "parallel-table", "project-table"}  # fmt: skip
NUMBER = re.compile(r"\d[\d.,]*\d|\d")
# The tables that wrap paths and digests.
FOLDING = re.compile("info|models|pull|verify|export|version")


def shown(command: str, width: int, store: str) -> str:
    """The output of a command on a terminal of this width."""
    server = fork_server()
    arguments = shlex.split(command.replace("<data>", "data").replace("STORE", store))
    settings = environment(store) | {"COLUMNS": str(width)}
    with contextlib.chdir(HERE):
        return (server.run if server else in_a_process)(arguments, settings).stdout


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in TABLES]
)
def test_every_digit_is_shown(name: str, tmp_path: Path) -> None:
    """At any width a table has the same numbers as at 1,000 columns, without an ellipsis."""
    command = TABLES[name]
    whole = shown(f"{command} --force" if command.startswith("export") else command, 1000, str(tmp_path))
    drawn = (COSINE_BAR, *re.findall(".*▁.*", whole))  # bars and histograms may be omitted; they repeat other numbers
    numbers = Counter(NUMBER.findall(functools.reduce(lambda text, bar: text.replace(bar, ""), drawn, whole)))
    assert numbers or name == "neighbors-none"
    for width in (50, 80, 200):
        text = shown(f"{command} --force" if command.startswith("export") else command, width, str(tmp_path))
        lost = set(numbers - Counter(NUMBER.findall(text)))
        folded = re.sub(r"\s+", "", text)
        assert {one for one in lost if not (FOLDING.match(name) and one in folded)} == set(), f"{width}:\n{text}"
        assert text.count("…") == whole.count("…"), text
        assert not re.search(r"(?<!\S)-0(\.0*)?(?![\d.])", text), text  # 0.00 has no sign
        assert width > 50 or "│" not in text or max(map(len, text.splitlines())) <= width, text


def test_dot_of_many_words_lists_the_strongest_pairs(run: Run) -> None:
    """Of 45 pairs the five with the largest |cosine| are listed, with angles and a legend of relations."""
    words = "cat dog house one two three four five six seven".split()  # noqa: SIM905
    shown = run("dot", *words, "-m", "minilm").stdout
    _, table = shown.split("strongest 5 of 45 pairs")
    listed = table.split("\n\n")[0].splitlines()[1:]
    pairs = json.loads(run("dot", *words, "-m", "minilm", "--json").stdout)["pairs"]
    strongest = sorted(pairs, key=lambda pair: -abs(pair["cosine"]))[:5]
    assert len(pairs) == 45
    for line, pair in zip(listed, strongest, strict=True):
        assert line.split() == [
            pair["a"], "·", pair["b"], f"{pair['dot']:.4f}", f"{pair['cosine']:.4f}", f"{pair['angle']:.1f}°", "aligned"
        ]  # fmt: skip
    assert "aligned: cosine 0.1 or more; opposed: -0.1 or less; perpendicular: between" in shown
    few = run("dot", "cat", "dog", "house", "one", "-m", "minilm").stdout
    assert few.count("°") - 2 == 6


def laid_out(width: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A table with a name, two numbers, a text and a bar, on a terminal of this width."""
    monkeypatch.setenv("COLUMNS", str(width))
    table = columns(("word", LEFT), ("first", RIGHT), ("second", RIGHT), ("note", LEFT), ("scale", BAR))
    table.add_row(Text("elephant", "bold"), "1.2345", "-1.2345", "a long note", "█████████")
    return draw(table).splitlines()


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (60, ["word       first   second  note         scale",
              "elephant  1.2345  -1.2345  a long note  █████████"]),
        (40, ["word       first   second  note",
              "elephant  1.2345  -1.2345  a long note"]),
        (36, ["word       first   second", "elephant  1.2345  -1.2345", "",
              "word      note", "elephant  a long note"]),
        (18, ["word       first", "elephant  1.2345", "",
              "word       second", "elephant  -1.2345", "",
              "word      note", "elephant  a long", "          note"]),
        (5, ["word       first", "elephant  1.2345", "",
             "word       second", "elephant  -1.2345", "",
             "word      note", "elephant  a long", "          note"]),
    ],
)  # fmt: skip
def test_narrow_tables_wrap_columns(width: int, expected: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """First the bar is dropped, then columns move to strips below, then text wraps; numbers never do."""
    assert laid_out(width, monkeypatch) == expected


CELLS = st.tuples(
    st.text("ab é漢→", max_size=6).map(str.strip), st.integers(-999, 999).map(str),
    st.sampled_from(["", "yes", "a 漢 b"]).map(lambda text: Text(text, "bold")),
    st.sampled_from(["█", "░░"]).map(lambda shade: Styled("0.5 ", shade, "red")),
)  # fmt: skip


def looks(table: RenderableType) -> list[list[tuple[str, str]]]:
    """The visible characters of each line of a table with their styles, on a wide terminal."""
    console = Console(file=io.StringIO(), width=200, force_terminal=True, color_system="256", no_color=False)
    lines = Segment.split_lines(console.render(table))
    return [[(one, str(part.style or "")) for part in line for one in part.text if one != " "] for line in lines]


@settings(deadline=None)
@given(rows=st.lists(CELLS, max_size=5))
def test_plain_tables_equal_rich_tables(rows: list[tuple[CellText, ...]]) -> None:
    """A table that fits is drawn without Rich's table, with the same characters, styles and places."""
    table = columns(("name", LEFT), ("n", RIGHT), ("", LEFT), ("shade", RIGHT), keys=2)
    for row in rows:
        table.add_row(*row)
    folding = table.folding([0, 1, 2, 3], [0] * 4)
    assert looks(table) == looks(folding)
    assert draw(table) == draw(folding)
