"""The page of a map: its frame, style and script in one file, with a policy that allows nothing else."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from embgeo.pictures.map.payload import packed
from embgeo.results.local_paths import without_folders
from embgeo.results.map import MapContent

HERE: Final = Path(__file__).parent
# In this order: a module may use what stands before it.
MODULES: Final = (
    "dom", "data", "lists", "words", "expression", "live", "softmax", "colors", "view", "near", "labels", "names",
    "pace", "gl", "pixels", "points", "overlay", "panel", "slider", "pane", "page", "coloring", "answers", "lasso",
    "link", "search", "pointer", "keys", "tools", "main",
)  # fmt: skip
# Blocks before the script, which draws the map from them, and those that it can wait for.
FIRST: Final = ("about", "numbers")
REST: Final = ("lists", "rows", "output")
IMPORT: Final = re.compile(r"^import [^;]*;\n", re.MULTILINE)
EXPORT: Final = re.compile(r"^export ", re.MULTILINE)


def page(contents: Sequence[MapContent], version: str) -> str:
    """The page as HTML.

    Args:
        contents: one map, or two side by side.
        version: of embgeo.
    """
    script, style = joined_script(), (HERE / "style.css").read_text("utf-8")
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    blocks = [packed(content, version) for content in contents]
    title = html.escape("Map of " + " and ".join(without_folders(content.about["model"]) for content in contents))
    fields = {"POLICY": policy, "TITLE": title, "STYLE": style, "SCRIPT": script}
    fields |= {"FIRST": _scripts(blocks, FIRST), "REST": _scripts(blocks, REST)}
    frame = (HERE / "page.html").read_text("utf-8")
    return re.sub(r"\{\{([A-Z]+)\}\}", lambda found: fields[found[1]], frame)


def _scripts(maps: list[dict[str, str]], names: Sequence[str]) -> str:
    """The blocks with these names of all maps; those of the second have its number behind their names."""
    return "\n".join(
        f'<script type="application/octet-stream" id="{name}{number if number > 1 else ""}">{blocks[name]}</script>'
        for name in names
        for number, blocks in enumerate(maps, 1)
        if name in blocks
    )


def joined_script() -> str:
    """All modules as one script with its own scope: imports go, since all names are there already."""
    parts = [EXPORT.sub("", IMPORT.sub("", (HERE / f"{name}.js").read_text("utf-8"))) for name in MODULES]
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "\n})();\n"


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
