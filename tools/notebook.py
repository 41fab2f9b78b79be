"""Run examples/embgeo.ipynb and store its outputs, so that readers see them without running it.

python tools/notebook.py            runs it and writes its current outputs
python tools/notebook.py --check    exits with 1 if the stored outputs differ
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).resolve().parent.parent / "examples" / "embgeo.ipynb"


def executed(path: Path = NOTEBOOK) -> Any:
    """The notebook with its current outputs, without metadata that differs between runs."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": path.parent}}
    ).execute()
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata = {}
    return notebook


def written(notebook: Any) -> str:
    """The text of a notebook's file."""
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    return text.rstrip("\n") + "\n"


def main(arguments: list[str]) -> int:
    """Write, or with --check compare."""
    current = written(executed())
    if "--check" not in arguments:
        NOTEBOOK.write_text(current, encoding="utf-8")
        return 0
    if NOTEBOOK.read_text(encoding="utf-8") == current:
        return 0
    sys.stderr.write(f"examples/{NOTEBOOK.name} has outdated outputs: run python tools/notebook.py\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
