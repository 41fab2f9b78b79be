"""Temporary files of killed writers are removed; those of running writers, and unrelated files, stay."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from embgeo.formats import atomic

WRITER = """
import sys
from pathlib import Path
from embgeo.formats.atomic import replacing
with replacing(Path(sys.argv[1])) as file:
    file.write(b"theirs")
    file.flush()
    print("writing", flush=True)
    sys.stdin.read()
"""
LATER = 3_600.0  # seconds


def start_writer(path: Path) -> subprocess.Popen[bytes]:
    """Start another process that writes `path` until its standard input is closed."""
    line = [sys.executable, "-c", WRITER, str(path)]
    started = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert started.stdout is not None
    assert started.stdout.readline() == b"writing\n"
    return started


def write(path: Path, content: bytes) -> None:
    """Write a file in this process."""
    with atomic.replacing(path) as file:
        file.write(content)


def parts(folder: Path, older: float = 0.0) -> list[Path]:
    """The temporary files in a folder, after their times are set back by this many seconds."""
    result = list(folder.glob("*.part"))
    for path in result:
        when = path.stat().st_mtime - older
        os.utime(path, (when, when))
    return result


def test_a_running_writers_file_stays(tmp_path: Path) -> None:
    """However old the file is: its writer still replaces the target in the end."""
    target = tmp_path / "file"
    other = start_writer(target)
    (part,) = parts(tmp_path, LATER)
    write(target, b"ours")
    assert (target.read_bytes(), part.read_bytes()) == (b"ours", b"theirs")
    other.communicate(timeout=30)
    assert other.returncode == 0
    assert (target.read_bytes(), parts(tmp_path)) == (b"theirs", [])


def test_a_killed_writers_file_is_removed(tmp_path: Path) -> None:
    """It is removed once it is older than a minute; other files stay, even with similar names."""
    target, another = tmp_path / "file", tmp_path / "file.backup.part"
    another.write_bytes(b"mine")
    other = start_writer(target)
    other.kill()
    other.communicate(timeout=30)
    write(target, b"ours")
    assert len(parts(tmp_path, LATER)) == 2
    write(target, b"ours")
    assert parts(tmp_path) == [another]


def test_without_locks_only_old_files_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where files can't be locked, a temporary file is removed after a day."""
    monkeypatch.setattr(atomic, "fcntl", None)
    target = tmp_path / "file"
    (tmp_path / "file.embgeo-0.part").write_bytes(b"half")
    for age, left in ((LATER, 1), (24 * LATER, 0)):
        parts(tmp_path, age)
        write(target, b"ours")
        assert len(parts(tmp_path)) == left


def test_a_failed_write_leaves_the_old_content(tmp_path: Path) -> None:
    """If the block raises an exception, the file is unchanged and no temporary file is left."""
    target = tmp_path / "file"
    write(target, b"old")
    with pytest.raises(TypeError, match="bytes-like"), atomic.replacing(target) as file:
        file.writelines([b"new", "text"])  # type: ignore[list-item]  # only bytes can be written
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """Only the target of a symbolic link is replaced."""
    (tmp_path / "link").symlink_to(tmp_path / "file")
    write(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == b"new"
