"""Byte ranges and headers from a loopback Hub with faults."""

from __future__ import annotations

import os
import struct
import time

import pytest

from embgeo.errors import FormatError, ModelError, NetworkError
from embgeo.models.hub.ranges import fetch_header, fetch_range
from embgeo.models.hub.refusals import explained
from embgeo.models.hub.requests import RemoteFile
from embgeo.models.hub.transfer import Transfer
from fakehub import FakeHub, safetensors_bytes

QUICK = Transfer(first=1024, chunk=16_384, workers=3, wait=0.01, longest_wait=1.5, timeout=1.0)
DATA = os.urandom(200_000)
NAME = "model.safetensors"


def publish(hub: FakeHub, data: bytes = DATA) -> RemoteFile:
    """Put one large file on the Hub."""
    return RemoteFile("org/model", hub.add("org/model", {NAME: data}, lfs={NAME}), NAME)


def fetched(remote: RemoteFile, span: range, transfer: Transfer = QUICK) -> bytes:
    """The range in memory, with errors as the user sees them."""
    pieces: list[bytes] = []
    with explained(remote.repo, None):
        fetch_range(remote, span, pieces.append, None, transfer)
    return b"".join(pieces)


@pytest.mark.parametrize(
    ("kind", "times", "arg"),
    [
        ("cut", 3, 40_000),
        ("cut", 3, 0),
        ("stall", 1, 1.5),
        ("status", 3, 503),
        ("status", 1, (429, {"Retry-After": "1"})),
        ("status", 1, 403),
        ("short", 1, 20_000),
    ],
    ids=["cut", "cut at once", "stall", "503", "429", "expired address", "short"],
)
@pytest.mark.slow
def test_temporary_faults(hub: FakeHub, kind: str, times: int, arg: object) -> None:
    """The bytes are those of the file, and received bytes aren't requested again."""
    remote = publish(hub)
    hub.fault("/bridge/", kind, times, arg)
    assert fetched(remote, range(10_000, 190_000)) == DATA[10_000:190_000]
    assert hub.sent("cdn") < 180_000 + 1_000 + (180_000 if kind == "stall" else 0)
    assert len({request.path for request in hub.log if request.origin == "hub"}) == 1
    assert len([r for r in hub.log if r.origin == "hub"]) == len([r for r in hub.log if r.origin == "cdn"])


@pytest.mark.slow
def test_retry_after_is_respected(hub: FakeHub) -> None:
    """The next request is sent after the time that the Hub gives."""
    remote = publish(hub)
    hub.fault("hub:/org/model/resolve", "status", 1, (429, {"Retry-After": "1"}))
    started = time.monotonic()
    assert fetched(remote, range(100)) == DATA[:100]
    assert time.monotonic() - started >= 1


@pytest.mark.parametrize(
    ("where", "kind", "arg", "requests", "message"),
    [
        ("/bridge/", "ignore_range", None, 2, "does not send parts of 'org/model/model.safetensors' .HTTP 200"),
        ("/bridge/", "html", None, 2, "a web page came back in place of 'org/model/model.safetensors'"),
        ("/bridge/", "shift_range", 5, 2, "sent bytes 5-99999/200000 of .* where 0-99999 was requested"),
        ("/bridge/", "cut", 0, 10, "the transfer of 'org/model' broke off"),
        ("/bridge/", "status", 403, 10, "the storage behind the Hub answered HTTP 403 for 'org/model'"),
        ("/bridge/", "status", 503, 10, "the storage behind the Hub answered HTTP 503 for 'org/model'"),
        ("hub:", "status", (429, {"Retry-After": "99"}), 1, "too many requests"),
        ("hub:", "status", 403, 1, "the Hub denies access"),
    ],
    ids=["range ignored", "web page", "shifted", "cut", "expired", "503", "429 for long", "403"],
)
def test_permanent_faults(hub: FakeHub, where: str, kind: str, arg: object, requests: int, message: str) -> None:
    """One line says what is wrong, after a bounded number of requests."""
    remote = publish(hub)
    hub.fault(where, kind, 99, arg)
    with pytest.raises((NetworkError, ModelError), match=message) as refusal:
        fetched(remote, range(100_000))
    assert "\n" not in str(refusal.value)
    assert len(hub.log) == requests


def test_a_whole_file_in_place_of_a_range_is_not_read(hub: FakeHub) -> None:
    """The connection is closed if the server sends the whole file."""
    hub.throttle = 2_000_000
    remote = publish(hub, bytes(20_000_000))
    hub.fault("/bridge/", "ignore_range")
    with pytest.raises(NetworkError):
        fetched(remote, range(1000))
    deadline = time.monotonic() + 5
    while hub.sent("cdn") == len(bytes(20_000_000)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert hub.sent("cdn") < 10_000_000


@pytest.mark.parametrize("tensors", [1, 100])
def test_a_header_takes_one_or_two_ranges(hub: FakeHub, tensors: int) -> None:
    """A second range is fetched only if the header is longer than the first."""
    data = safetensors_bytes({f"t{n}": ("F32", (1000,), bytes(4000)) for n in range(tensors)})
    header, stamp, start = fetch_header(publish(hub, data), QUICK)
    assert len(header.tensors) == tensors
    assert stamp.size == len(data)
    assert data.startswith(start)
    end = 8 + struct.unpack("<Q", data[:8])[0]
    assert hub.sent("cdn") == max(QUICK.first, end)
    assert len(hub.log) == 2 * (1 if end <= QUICK.first else 2)


@pytest.mark.parametrize(
    "data",
    [struct.pack("<Q", 2**64 - 1) + b"{}", struct.pack("<Q", 10_000) + b"{}" * 1000, b"{}", b"\x02" + bytes(7) + b"{]"],
    ids=["bomb", "beyond the end", "too short", "no JSON"],
)
def test_a_damaged_header_is_refused(hub: FakeHub, data: bytes) -> None:
    """It fetches no more than the first range or the whole file."""
    remote = publish(hub, data)
    with pytest.raises(FormatError, match=r"'org/model/model.safetensors' is not a complete safetensors file"):
        fetch_header(remote, QUICK)
    assert hub.sent("cdn") <= max(QUICK.first, len(data))
