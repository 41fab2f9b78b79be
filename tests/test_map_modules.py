"""The JavaScript modules of a map's page, in Node's test runner."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from embgeo.pictures.map.page import HERE, MODULES

NODE = shutil.which("node")


@pytest.mark.skipif(NODE is None, reason="Node is not installed; its test runner tests the modules")
def test_modules_by_node() -> None:
    """Expressions, numbers, words, views, boxes and lassos."""
    file = Path(__file__).parent / "map_modules.test.mjs"
    done = subprocess.run([str(NODE), "--test", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_modules_import_only_earlier_ones() -> None:
    """All files are joined in an order that defines each name before its use, and no name is defined twice."""
    assert {path.stem for path in HERE.glob("*.js")} == set(MODULES)
    names: list[str] = []
    for number, module in enumerate(MODULES):
        text = (HERE / f"{module}.js").read_text("utf-8")
        assert set(re.findall(r'from "\./(\w+)\.js"', text)) <= set(MODULES[:number]), module
        names += re.findall(r"^(?:export )?(?:async )?(?:function|class|const|let) (\w+)", text, re.MULTILINE)
    assert sorted(names) == sorted(set(names))
