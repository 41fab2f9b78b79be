"""A slow, silent or endless Hub: a pull gives up in bounded time, and says what it waits for."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from embgeo.errors import NetworkError
from embgeo.models.hub.ranges import fetch_range
from embgeo.models.hub.refusals import explained
from embgeo.models.hub.repository import Patience, resolve
from embgeo.models.hub.requests import RemoteFile
from embgeo.models.hub.small import fetch_file
from fakehub import FakeHub
from hostile import Response
from hub_models import LARGE, LARGE_NAME, QUICK, model_files
from pulled import MODEL, finish, model, start

SLOW = replace(QUICK, floor=500.0, window=0.5, stretch=8_192, tries=3)
DATA = bytes(range(256)) * 800


def fetched(hub: FakeHub, span: range) -> bytes:
    """Fetch a range of a file, with errors as the user sees them."""
    remote = RemoteFile("org/model", hub.add("org/model", {LARGE_NAME: DATA}, LARGE), LARGE_NAME)
    pieces: list[bytes] = []
    with explained("org/model", None):
        fetch_range(remote, span, pieces.append, None, SLOW)
    return b"".join(pieces)


@pytest.mark.parametrize(
    "answer", [Response(rate=20), Response(cut=1), Response(cut=40), Response(rate=20, frame="chunked")],
    ids=["a byte now and then", "a byte, then a reset", "40 bytes, then a reset", "chunks now and then"],
)  # fmt: skip
@pytest.mark.slow
def test_a_server_below_the_minimum_speed(hub: FakeHub, answer: Response) -> None:
    """The fetch gives up after a limited number of attempts, even if some bytes arrive."""
    hub.fault("/bridge/", "answer", 999, answer)
    begun = time.monotonic()
    with pytest.raises(NetworkError):
        fetched(hub, range(100_000))
    assert time.monotonic() - begun < 10
    assert len(hub.log) <= 2 * SLOW.tries


def test_attempts_are_renewed_by_progress(hub: FakeHub) -> None:
    """With enough bytes between them, ten cuts are survived although three attempts are allowed."""
    hub.fault("/bridge/", "answer", 10, Response(cut=9_000))
    assert fetched(hub, range(100_000)) == DATA[:100_000]


def test_an_endless_body(hub: FakeHub) -> None:
    """Nothing is read beyond the last byte of a range."""
    hub.fault("/bridge/", "answer", 1, Response(frame="endless"))
    begun = time.monotonic()
    assert fetched(hub, range(50_000)) == DATA[:50_000]
    assert time.monotonic() - begun < 5


def test_connections_are_reused(hub: FakeHub) -> None:
    """A body is read to its end, so that the next range can use the same connection."""
    begun = hub.connections
    for first in range(0, 50_000, 10_000):
        fetched(hub, range(first, first + 10_000))
    assert hub.connections - begun <= 2


@pytest.mark.slow
def test_a_slow_small_file(hub: FakeHub, tmp_path: Path) -> None:
    """A tokenizer that arrives too slowly is a network error."""
    hub.add("org/model", model_files(), LARGE)
    hub.fault("tokenizer.json", "answer", 999, Response(rate=20))
    with pytest.raises(NetworkError, match="did not answer in time"):
        fetch_file(resolve("org/model", None), "tokenizer.json", tmp_path / "tokenizer.json", transfer=SLOW)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_slow_listing(hub: FakeHub) -> None:
    """So is a model's description."""
    hub.add("org/model", model_files(), LARGE)
    hub.fault("/api/models/", "answer", 999, Response(rate=20))
    with pytest.raises(NetworkError, match="did not answer in time"):
        resolve("org/model", None, Patience(0.6, 1))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("where", "kind", "arg", "message"),
    [
        ("/api/models/", "stall", 4, "waiting for 127.0.0.1, which sends little or nothing"),
        ("hub:", "status", (429, {"Retry-After": "4"}), "127.0.0.1 answered HTTP 429: trying again in 4 s"),
        ("/bridge/", "status", (429, {"Retry-After": "4"}), "127.0.0.1 answered HTTP 429: trying again in 4 s"),
        ("/bridge/", "answer", Response(silence=4), "waiting for 127.0.0.1, which sends little or nothing"),
        ("tokenizer.json", "answer", Response(silence=4), "waiting for 127.0.0.1, which sends little or nothing"),
    ],
    ids=["description", "429 of the Hub", "429 of the storage", "matrix", "tokenizer"],
)
def test_long_waits_give_a_note(
    hub: FakeHub, hub_env: Mapping[str, str], where: str, kind: str, arg: object, message: str
) -> None:
    """A wait of more than two seconds is reported, once."""
    hub.add(MODEL, model(), LARGE)
    hub.fault(where, kind, 1, arg)
    code, _, err = finish(start(hub_env, "pull", MODEL))
    assert (code, err) == (0, f"note: {message}\n")
