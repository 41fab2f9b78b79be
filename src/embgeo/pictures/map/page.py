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
from embgeo.results.map import MapContent
from embgeo.results.sharing import without_folders

HERE: Final = Path(__file__).parent
# In this order: a module may use what stands before it.
MODULES: Final = (
    "dom", "data", "words", "expression", "live", "softmax", "colors", "view", "near", "labels", "points", "overlay",
    "panel", "slider", "pane", "page", "coloring", "answers", "lasso", "link", "search", "pointer", "keys", "tools",
    "main",
)  # fmt: skip
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
    blocks = "\n".join(
        f'<script type="application/octet-stream" id="{name}{number if number > 1 else ""}">{text}</script>'
        for number, content in enumerate(contents, 1)
        for name, text in packed(content, version).items()
    )
    title = html.escape("Map of " + " and ".join(without_folders(content.about["model"]) for content in contents))
    fields = {"POLICY": policy, "TITLE": title, "STYLE": style, "BLOCKS": blocks, "SCRIPT": script}
    frame = (HERE / "page.html").read_text("utf-8")
    return re.sub(r"\{\{([A-Z]+)\}\}", lambda found: fields[found[1]], frame)


def joined_script() -> str:
    """All modules as one script with its own scope: imports go, since all names are there already."""
    parts = [EXPORT.sub("", IMPORT.sub("", (HERE / f"{name}.js").read_text("utf-8"))) for name in MODULES]
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "\n})();\n"


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
