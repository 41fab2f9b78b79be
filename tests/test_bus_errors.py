"""A mapped file that is truncated while it is read: one line, exit code 4, and no temporary file."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from conftest import Run
from limits import assert_refused

WORDS = 4_000

CUT = """
import os, sys
when, name, path, *sys.argv[1:] = sys.argv[1:]
def cut(event, args):
    if event == when and name in str(args[0]) and os.path.getsize(path) > 4096:
        os.truncate(path, 4096)
sys.addaudithook(cut)
from embgeo.__main__ import main
main()
"""


def write_matrix(folder: Path, dtype: str = "<f4", dims: int = 64) -> Path:
    """Write a .npy and its list of words."""
    rows = np.random.default_rng(3).standard_normal((WORDS, dims)).astype(dtype)
    np.save(folder / "m.npy", rows)
    (folder / "words.txt").write_text("".join(f"w{number}\n" for number in range(WORDS)))
    return folder / "m.npy"


def cut_at(event: str, name: str, path: Path, *line: str) -> subprocess.CompletedProcess[str]:
    """Run a command in which the file is truncated at an audit event whose first argument contains a name."""
    command = [sys.executable, "-c", CUT, event, name, str(path), *line]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not truncate mapped files")
@pytest.mark.parametrize(
    ("dtype", "event", "name", "line"),
    [
        ("<f2", "import", "simsimd", "neighbors w7"),
        ("<f4", "open", ".part", "neighbors w7 --center"),
        ("<f4", "open", ".part", "export OUT.npy"),
        ("<f4", "open", ".part", "export OUT.vec"),
    ],
)
@pytest.mark.slow
def test_a_file_cut_during_a_pass(dtype: str, event: str, name: str, line: str, run: Run, tmp_path: Path) -> None:
    """During a product with all rows, and while rows are written to a file."""
    path = write_matrix(tmp_path, dtype)
    assert run("dot", "w1", "w2", "-m", str(path)).returncode == 0
    done = cut_at(event, name, path, *line.replace("OUT", str(tmp_path / "out")).split(), "-m", str(path))
    assert_refused(done, 4, f"'{path}' was cut while it was read. Fetch or copy the file again.")
    assert [part.name for part in tmp_path.rglob("*.part")] == []
    assert not list(tmp_path.glob("out*"))


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs Linux's list of mapped files")
@pytest.mark.parametrize("threads", [1, 2])
def test_a_file_cut_at_any_moment(threads: int, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever BLAS and its threads are doing, the run ends with an answer or one line, and never hangs or crashes."""
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", str(threads))
    path = write_matrix(tmp_path, dims=8_000)
    whole, codes = path.read_bytes(), set()
    for delay in np.linspace(0, 0.08, 9):
        path.write_bytes(whole)
        assert run("dot", "w1", "w2", "-m", str(path)).returncode == 0
        line = [sys.executable, "-m", "embgeo", "neighbors", "w7", "-k", "3", "-m", str(path)]
        pipe = subprocess.PIPE
        with subprocess.Popen(line, stdout=pipe, stderr=pipe, text=True) as process:
            mapped = Path(f"/proc/{process.pid}/maps")
            while process.poll() is None and str(path) not in mapped.read_text():
                time.sleep(0.001)
            time.sleep(delay)
            with path.open("r+b") as file:
                file.truncate(4096)
            stderr = process.communicate(timeout=30)[1]
        codes.add(process.returncode)
        assert process.returncode == 0 or (process.returncode, stderr.count("\n")) == (4, 1), stderr
    assert 4 in codes
