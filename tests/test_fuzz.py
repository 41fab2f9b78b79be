"""Every reader on mutated valid files: it gives an answer or an EmbgeoError, and never a warning."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz_targets import PIECES, TARGETS, seeds, strict


@st.composite
def mutated(draw: st.DrawFn, name: str) -> bytes:
    """A valid file with a few bytes replaced, inserted, repeated or deleted, or truncated."""
    data = bytearray(draw(st.sampled_from(seeds(name))))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        match draw(st.sampled_from(["byte", "piece", "over", "out", "double", "end"])):
            case "byte":
                data[at : at + 1] = bytes([draw(st.integers(0, 255))])
            case "piece":
                data[at:at] = draw(st.sampled_from(PIECES))
            case "over":
                piece = draw(st.sampled_from(PIECES))
                data[at : at + len(piece)] = piece
            case "out":
                del data[at : at + draw(st.integers(1, 16))]
            case "double":
                other = draw(st.integers(0, len(data)))
                data[at:at] = data[other : other + draw(st.integers(1, 32))]
            case "end":
                del data[at:]
    return bytes(data)


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_are_accepted(name: str, tmp_path: Path) -> None:
    """The starting files are accepted, so that mutations reach the code behind the first checks."""
    for data in seeds(name):
        assert strict(name, data, tmp_path)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.parametrize("name", TARGETS)
def test_mutated_files(name: str, data: st.DataObject, tmp_path: Path) -> None:
    """A malformed file raises nothing but EmbgeoError; an accepted one gives answers."""
    strict(name, data.draw(mutated(name)), tmp_path)
