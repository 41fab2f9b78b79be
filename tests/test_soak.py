"""A run of bench/soak.py: killing and starving processes at random doesn't affect the others."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parent.parent / "bench"


@pytest.mark.slow
def test_soak(tmp_path: Path) -> None:
    """200 processes on one store, some of them killed or starved: correct answers, and no leftover files."""
    sys.path.insert(0, str(BENCH))
    try:
        from soak import soak
    finally:
        sys.path.remove(str(BENCH))
    found = soak(tmp_path, processes=200, at_once=8, seed=4)
    assert found.ran.total() == 200
    assert found.killed > 0
    assert found.starved > 0
    assert (found.wrong, found.left) == ([], [])
