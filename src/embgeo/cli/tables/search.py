"""Found passages as a table."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from embgeo.cli.drawing import title
from embgeo.cli.text import visible
from embgeo.results.search import FoundPassage, Search

MAX_CHARACTERS = 300  # characters of a passage
INDENT = 7  # columns, to stand below the file's name


def table(answer: Search) -> RenderableType:
    """Each passage under its score, file and line."""
    files = "1 file" if answer.files == 1 else f"{answer.files:,} files"
    passages = "1 passage" if answer.passages == 1 else f"{answer.passages:,} passages"
    parts = [title(answer, answer.query, f"{passages} of {files}"), *map(_passage, answer)]
    if answer.recall is not None:
        found = (
            f"index: it finds {answer.recall:.1%} of the nearest others of {answer.recall_queries:,} sampled passages"
        )
        parts.append(Text(f"\n{found}", "dim"))
    return Group(*parts)


def _passage(found: FoundPassage) -> RenderableType:
    lines = f"{found.line}" if found.line == found.last_line else f"{found.line}-{found.last_line}"
    cut = f"  ({found.cut:,} tokens past the model's limit)" if found.cut else ""
    text = " ".join(found.text.split())
    shown = text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]}…"
    where = f"{visible(found.file)}:{lines}"
    heading = Text.assemble(f"{found.score:z.3f}  ", (where, "bold"), (cut, "dim"))
    return Group(heading, Padding(Text(visible(shown)), (0, 0, 0, INDENT)))
