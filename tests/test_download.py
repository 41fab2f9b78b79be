"""Fetching a range of a remote file: the result is complete or absent, and interrupted transfers are resumed."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from embgeo.errors import ModelError, NetworkError
from embgeo.models.hub.download import Excerpt, fetch_excerpt
from embgeo.models.hub.ranges import FileVersion, fetch_range
from embgeo.models.hub.refusals import explained
from embgeo.models.hub.requests import RemoteFile
from embgeo.models.hub.transfer import Transfer
from fakehub import FakeHub

QUICK = Transfer(first=1024, chunk=16_384, workers=3, wait=0.01, longest_wait=1.5, timeout=1.0)
DATA = os.urandom(200_000)
NAME = "model.safetensors"


def publish(hub: FakeHub, data: bytes = DATA) -> RemoteFile:
    """Put one large file on the Hub."""
    return RemoteFile("org/model", hub.add("org/model", {NAME: data}, lfs={NAME}), NAME)


def excerpt_of(remote: RemoteFile, span: range = range(1_000, 150_000)) -> Excerpt:
    """A file with a short head followed by this range."""
    stamp = fetch_range(remote, range(1), lambda data: None, None, QUICK)
    return Excerpt(remote, stamp, span, b"head")


@pytest.mark.parametrize("kind", ["wrong_total", "moved"])
def test_another_size_or_etag_is_an_error(hub: FakeHub, kind: str, tmp_path: Path) -> None:
    """Parts of two files are never combined, and no temporary file is left."""
    remote = publish(hub)
    excerpt = excerpt_of(remote)
    if kind == "wrong_total":
        hub.fault("/bridge/", kind, 99)
    else:
        excerpt = Excerpt(remote, FileVersion("another", len(DATA)), excerpt.span, b"")
    with pytest.raises(NetworkError, match="changed on the server"):
        fetch_excerpt(excerpt, tmp_path / "file", transfer=QUICK)
    assert not list(tmp_path.iterdir())


def test_an_excerpt_is_a_head_and_a_range(hub: FakeHub, tmp_path: Path) -> None:
    """Chunks that arrive in any order form the file; each byte is fetched once, and progress ends at the total."""
    excerpt = excerpt_of(publish(hub))
    hub.log.clear()
    progress: list[tuple[int, int]] = []
    fetch_excerpt(excerpt, tmp_path / "file", lambda what, done, total: progress.append((done, total)), QUICK)
    assert (tmp_path / "file").read_bytes() == b"head" + DATA[1_000:150_000]
    assert hub.sent("cdn") == 149_000
    assert progress[-1] == (149_000, 149_000)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_an_interrupted_transfer_is_resumed(hub: FakeHub, tmp_path: Path) -> None:
    """The chunks that the journal lists aren't fetched again."""
    remote = publish(hub)
    excerpt = excerpt_of(remote)
    oid = hub.oids[id(DATA)]
    hub.fault(oid, "pass", 5)
    hub.fault(oid, "cut", 99, 0)
    with pytest.raises(NetworkError), explained(remote.repo, None):
        fetch_excerpt(excerpt, tmp_path / "file", transfer=QUICK)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file.journal.part", "file.part"]
    finished = len((tmp_path / "file.journal.part").read_text().splitlines()) - 1
    assert 1 <= finished <= 5
    hub.log.clear()
    hub.faults.clear()
    with (tmp_path / "file.journal.part").open("a") as journal:
        journal.write(f"{9 * QUICK.chunk}\n0000")  # truncated lines are ignored
    fetch_excerpt(excerpt, tmp_path / "file", transfer=QUICK)
    assert (tmp_path / "file").read_bytes() == b"head" + DATA[1_000:150_000]
    assert hub.sent("cdn") == 149_000 - finished * QUICK.chunk


@pytest.mark.slow
def test_an_error_stops_the_other_chunks(hub: FakeHub, tmp_path: Path) -> None:
    """After an error in one chunk, no other chunk is requested."""
    excerpt = excerpt_of(publish(hub))
    hub.throttle = 40_000
    hub.fault("/bridge/", "shift_range", 1, 1)
    with pytest.raises(NetworkError, match="was requested"):
        fetch_excerpt(excerpt, tmp_path / "file", transfer=QUICK)
    requests = len(hub.log)
    time.sleep(1.0)
    assert len(hub.log) == requests
    assert not list(tmp_path.iterdir())


def test_a_journal_of_other_content_is_ignored(hub: FakeHub, tmp_path: Path) -> None:
    """If the journal has another ETag, the transfer starts over."""
    old = excerpt_of(publish(hub))
    hub.fault("/bridge/", "pass", 5)
    hub.fault("/bridge/", "cut", 99, 0)
    with pytest.raises(NetworkError), explained("org/model", None):
        fetch_excerpt(old, tmp_path / "file", transfer=QUICK)
    hub.faults.clear()
    other = bytes(reversed(DATA))
    new = excerpt_of(publish(hub, other))
    hub.log.clear()
    fetch_excerpt(new, tmp_path / "file", transfer=QUICK)
    assert (tmp_path / "file").read_bytes() == b"head" + other[1_000:150_000]
    assert hub.sent("cdn") == 149_000


CHILD = """
import sys
from pathlib import Path
from embgeo.models.hub.download import Excerpt, fetch_excerpt
from embgeo.models.hub.ranges import FileVersion
from embgeo.models.hub.requests import RemoteFile
from embgeo.models.hub.transfer import Transfer
repo, commit, name, etag, size, target = sys.argv[1:]
excerpt = Excerpt(RemoteFile(repo, commit, name), FileVersion(etag, int(size)), range(1000, 150_000), b"head")
fetch_excerpt(excerpt, Path(target), transfer=Transfer(chunk=16_384, workers=3))
"""


def start_child(excerpt: Excerpt, target: Path, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a process that fetches the excerpt."""
    stamp = excerpt.stamp
    arguments = [
        excerpt.remote.repo,
        excerpt.remote.commit,
        excerpt.remote.name,
        stamp.etag,
        str(stamp.size),
        str(target),
    ]
    return subprocess.Popen([sys.executable, "-c", CHILD, *arguments], env=env, stderr=subprocess.PIPE)


def wait_for_chunks(journal: Path, count: int) -> None:
    """Wait until this many chunks are finished."""
    deadline = time.monotonic() + 20
    while not journal.exists() or len(journal.read_text().splitlines()) <= count:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.slow
def test_a_killed_process_loses_only_unfinished_chunks(
    hub: FakeHub, hub_env: Mapping[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    """SIGKILL and Ctrl-C end the process at once; the next run fetches only the rest."""
    excerpt, target = excerpt_of(publish(hub)), tmp_path / "file"
    hub.throttle = 40_000
    process = start_child(excerpt, target, hub_env)
    wait_for_chunks(tmp_path / "file.journal.part", 3)
    process.send_signal(number)
    started = time.monotonic()
    process.communicate(timeout=10)
    assert time.monotonic() - started < 5
    assert not target.exists()
    finished = len((tmp_path / "file.journal.part").read_text().splitlines()) - 1
    hub.throttle, hub.log = 0, []
    fetch_excerpt(excerpt, target, transfer=QUICK)
    assert target.read_bytes() == b"head" + DATA[1_000:150_000]
    assert hub.sent("cdn") == 149_000 - finished * QUICK.chunk


def test_a_full_disk_leaves_nothing(hub: FakeHub, tmp_path: Path) -> None:
    """On a full disk the error names the folder, and the temporary file is removed."""
    excerpt = excerpt_of(publish(hub))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(ModelError, match="can't write to") as refusal:
            fetch_excerpt(excerpt, tmp_path / "file", transfer=QUICK)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert str(tmp_path) in refusal.value.message
    assert not list(tmp_path.iterdir())


def test_a_size_beyond_the_disk_is_an_error(hub: FakeHub, tmp_path: Path) -> None:
    """A tensor larger than the disk is refused before any byte of it is fetched."""
    remote = publish(hub)
    hub.log.clear()
    excerpt = Excerpt(remote, FileVersion("e", 10**17), range(10**17), b"")
    with pytest.raises(ModelError, match="100,000,000,000,000,000 bytes"):
        fetch_excerpt(excerpt, tmp_path / "file", transfer=QUICK)
    assert not hub.log
    assert not list(tmp_path.iterdir())
