"""Time the start of a program with two Typer commands under several versions of Typer.

    python bench/typer_start.py [--runs N] [VERSION ...]

Each version is installed with pip into an environment of its own, so this needs a package index. The result is the
reason why embgeo requires typer>=0.24,<0.29.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import common

BASE = "0.28.0"
VERSIONS = ("0.16.1", "0.24.2", "0.26.8", BASE, "0.29.2")
BARE = "python -c pass"
HELLO = """
import typer

app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def hello(name: str) -> None:
    print("hello", name)


@app.command()
def bye(name: str) -> None:
    print("bye", name)


app()
"""


def main() -> None:
    """Install the versions, time them in turns, and print the ratios."""
    parser = common.options(__doc__ or "", runs=21)
    parser.add_argument("versions", nargs="*", metavar="VERSION", help=f"default: {' '.join(VERSIONS)}")
    args = parser.parse_args()
    versions = sorted({*(args.versions or VERSIONS), BASE}, key=_numbers)
    with tempfile.TemporaryDirectory(prefix="embgeo-bench-") as folder:
        pythons = {version: install(version, Path(folder) / version) for version in versions}
        hello = Path(folder) / "hello.py"
        hello.write_text(HELLO)
        commands = {version: [str(python), str(hello), "hello", "cat"] for version, python in pythons.items()}
        times = common.time_commands({BARE: [str(pythons[BASE]), "-c", "pass"], **commands}, args.runs)
    rows = [_row(times, name) for name in times]
    title = f"two commands with Typer, whole process, {args.runs} runs in turns"
    common.show(title, ("Typer", "ms", f"by {BASE}", f"by '{BARE}'"), rows)


def install(version: str, folder: Path) -> Path:
    """Create an environment with one version of Typer; returns its Python."""
    common.say(f"installing typer {version}")
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"typer=={version}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"can't install typer {version}; is a package index reachable?\n{done.stderr.strip()}")
    return python


def _row(times: common.Times, name: str) -> common.Row:
    return name, common.milliseconds(times, name), common.ratio(times, name, BASE), common.ratio(times, name, BARE)


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdigit()]


if __name__ == "__main__":
    main()
