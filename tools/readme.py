"""Renew the output that README.md, docs/ and examples/ quote, docs/reference.md and docs/schema, by running commands.

python tools/readme.py            writes the current output
python tools/readme.py --check    exits with 1 if a page differs from it
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import reference
import schema

ROOT = Path(__file__).resolve().parent.parent
QUOTED = re.compile(r"(<!-- out: embgeo (.+?) -->\n```console\n).*?(```\n)", re.DOTALL)


def run(line: list[str], folder: Path = ROOT) -> str:
    """The output of a command at 80 columns without colors."""
    environment = {**os.environ, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"}
    environment.pop("EMBGEO_MODEL", None)
    if path := environment.get("PYTHONPATH"):
        environment["PYTHONPATH"] = os.pathsep.join(str(Path(part).resolve()) for part in path.split(os.pathsep))
    return subprocess.run(
        line, capture_output=True, encoding="utf-8", env=environment, check=True, cwd=folder
    ).stdout  # fmt: skip


def renewed(page: Path) -> str:
    """A page with the current output of each quoted command, run in a folder with copies of the page's .txt files."""

    def quote(match: re.Match[str]) -> str:
        printed = run([sys.executable, "-m", "embgeo", *shlex.split(match[2])], Path(folder))
        return f"{match[1]}$ embgeo {match[2]}\n{printed}{match[3]}"

    with tempfile.TemporaryDirectory() as folder:
        for data in page.parent.glob("*.txt"):
            shutil.copy(data, folder)
        return QUOTED.sub(quote, page.read_text(encoding="utf-8"))


def pages() -> dict[Path, str]:
    """Every file that quotes output, with its current content."""
    found = {page: renewed(page) for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))}
    if reference.is_laid_out():
        found[ROOT / "docs" / "reference.md"] = reference.page(run)
    else:
        sys.stderr.write(f"docs/reference.md is not checked: it has the layout of Typer {reference.TYPER}x\n")
    for script in sorted((ROOT / "examples").glob("*.py")):
        if script.stem == "embed_with_ray":  # it needs Ray, and prints nothing
            continue
        found[script.with_suffix(".txt")] = run([sys.executable, str(script)])
    found |= {ROOT / "docs" / "schema" / f"{name}.json": text for name, text in schema.schemas().items()}
    return found


def main(arguments: list[str]) -> int:
    """Write, or with --check compare."""
    current = pages()
    stale = [path for path, text in current.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" not in arguments:
        for path in stale:
            path.write_text(current[path], encoding="utf-8")
        return 0
    for path in stale:
        sys.stderr.write(f"{path.relative_to(ROOT)} is out of date: run python tools/readme.py\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
