"""Each test that the table of promises names exists."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "promises.md"
ROW = re.compile(r"\| (?P<promise>[^|]+) \| (?P<tests>[^|]+) \| (?P<scope>[^|]*) ?\|")
TEST = re.compile(r"`(tests/\w+\.py)::(\w+)`")


def rows() -> list[re.Match[str]]:
    """The rows of all tables of promises, without their headings."""
    tables = re.findall(r"^\| Promise .*\n\|---.*\n((?:\|.*\n)+)", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    lines = [line for table in tables for line in table.splitlines()]
    found = [ROW.fullmatch(line) for line in lines]
    assert found
    assert all(found), [line for line, match in zip(lines, found, strict=True) if match is None]
    return [match for match in found if match]


@functools.cache
def functions(file: str) -> set[str]:
    """The names of a file's functions; none if there is no such file."""
    path = PAGE.parent.parent / file
    tree = ast.parse(path.read_text(encoding="utf-8")) if path.is_file() else ast.Module([], [])
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_test_named_exists() -> None:
    """Each row names at least one test, and each test named is a function in that file."""
    missing = []
    for row in rows():
        named = TEST.findall(row["tests"])
        assert named, row["promise"]
        for file, name in named:
            if name not in functions(file):
                missing.append(f"{file}::{name}")
    assert missing == []


def test_no_promise_is_listed_twice() -> None:
    """Each promise has one row."""
    promises = [row["promise"] for row in rows()]
    assert sorted(set(promises)) == sorted(promises)
