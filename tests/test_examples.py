"""Every example runs and prints the output that is stored with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"
SCRIPTS = sorted(set(EXAMPLES.glob("*.py")) - {EXAMPLES / "embed_with_ray.py"})  # test_ray.py runs that on a cluster


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
@pytest.mark.slow
def test_example(script: Path) -> None:
    """The script's output matches the .txt file of the same name."""
    done = subprocess.run([sys.executable, str(script)], capture_output=True, encoding="utf-8", check=False)
    assert (done.stderr, done.returncode) == ("", 0)
    assert done.stdout == script.with_suffix(".txt").read_text(encoding="utf-8")


def test_there_are_examples() -> None:
    """The folder has at least six examples."""
    assert len(SCRIPTS) >= 6
