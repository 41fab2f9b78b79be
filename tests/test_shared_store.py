"""A store that is shared by several processes, read-only, or full."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

import embgeo
from conftest import word_tokenizer, write_model
from embgeo.cli.main import run
from embgeo.questions.verify import verify
from fakehub import FakeHub, safetensors_bytes
from pulled import EARLIER, LARGE, MODEL, WORDS, finish, model, parts, start, wait_until

ROWS = np.arange(3_000, dtype=np.float32).reshape(3_000, 1) + 1
WAITING = "note: waiting for another embgeo that fetches 'org/model'\n"


def long_model() -> dict[str, bytes]:
    """A model with 600 bytes of tokenizer, 12 kB of matrix, and a larger prepared form."""
    config = json.dumps({"vocab_size": 3_000, "n_embd": 1}).encode()
    weights = safetensors_bytes({"wte.weight": ("F32", ROWS.shape, ROWS.tobytes())})
    return {"config.json": config, "tokenizer.json": word_tokenizer(WORDS).encode(), "model.safetensors": weights}


def begun(env: Mapping[str, str], hub: FakeHub, store: Path) -> subprocess.Popen[str]:
    """Start a pull that has the header and the lock, and waits for the first bytes of the matrix."""
    hub.fault("/bridge/", "pass")
    hub.fault("/bridge/", "stall", 99, 60)
    started = start(env, "pull", MODEL)
    wait_until(lambda: list(store.rglob("*.journal.part")))
    return started


@pytest.mark.parametrize("how", ["killed", "interrupted"])
@pytest.mark.slow
def test_waiting_for_a_process_that_dies(hub: FakeHub, hub_env: Mapping[str, str], own_store: Path, how: str) -> None:
    """The second process says what it waits for, and fetches the model when the first one dies."""
    hub.add(MODEL, model(), LARGE)
    first = begun(hub_env, hub, own_store)
    second = start(hub_env, "neighbors", "cat", "-m", MODEL, "--json")
    assert second.stderr is not None
    assert second.stderr.readline() == WAITING
    hub.faults.clear()
    first.send_signal(signal.SIGKILL if how == "killed" else signal.SIGINT)
    first.communicate(timeout=30)
    code, out, err = finish(second)
    assert (code, err) == (0, "")
    assert json.loads(out)["model"] == MODEL
    assert parts(own_store) == []


@pytest.mark.slow
def test_ctrl_c_while_waiting(hub: FakeHub, hub_env: Mapping[str, str], own_store: Path) -> None:
    """Ctrl-C ends the waiting process, not the working one; with --quiet there is no note."""
    hub.add(MODEL, model(), LARGE)
    first = begun(hub_env, hub, own_store)
    waiting = start(hub_env, "pull", MODEL)
    quiet = start(hub_env, "pull", MODEL, "--quiet")
    assert waiting.stderr is not None
    assert waiting.stderr.readline() == WAITING
    wait_until(lambda: len([request for request in hub.log if request.path.startswith("/api/models/")]) == 3)
    for started in (waiting, quiet):
        started.send_signal(signal.SIGINT)
        assert finish(started) == (130, "", "embgeo: interrupted\n")
    assert first.poll() is None
    first.kill()
    first.communicate(timeout=30)


@pytest.mark.slow
def test_many_processes_fetch_one_copy(hub: FakeHub, hub_env: Mapping[str, str], own_store: Path) -> None:
    """Seven processes that request a model by name, branch or commit fetch and store it once."""
    commit = hub.add(MODEL, model(), LARGE)
    names = (MODEL, f"{MODEL}@{commit}", f"{MODEL}@main")
    queries = [
        start(hub_env, *line, "-m", name, "-q")
        for name in names
        for line in (["dot", "cat", "dog"], ["neighbors", "cat"])
    ]
    pull = start(hub_env, "pull", MODEL, "-q")
    assert [finish(started)[0] for started in (*queries, pull)] == [0] * 7
    assert len(list(own_store.rglob("embedding.safetensors"))) == 1
    assert hub.sent("cdn") <= 2 * len(model()["model.safetensors"])
    assert sorted(path.name for path in own_store.rglob("refs/*")) == sorted([commit, "main"])
    assert parts(own_store) == []


@pytest.mark.slow
def test_a_model_removed_while_it_is_open(hub: FakeHub, hub_env: Mapping[str, str], own_store: Path) -> None:
    """An open space keeps answering after another process has removed its model."""
    hub.add(MODEL, model(), LARGE)
    assert finish(start(hub_env, "pull", MODEL, "-q"))[0] == 0
    space = embgeo.load(MODEL)
    lists, splits = space.neighbors("cat").results, embgeo.load(MODEL).tokens("cat dog").texts
    assert finish(start(hub_env, "models", "rm", MODEL))[0] == 0
    assert not list(own_store.rglob("*.safetensors"))
    assert space.neighbors("cat").results == lists
    assert space.tokens("cat dog").texts == splits
    assert verify(space).passed


@pytest.mark.slow
def test_removal_waits_for_a_space_being_computed(hub: FakeHub, hub_env: Mapping[str, str], own_store: Path) -> None:
    """`models rm` waits for the lock of a transformed space, and keeps the lock file."""
    hub.add(MODEL, model(), LARGE)
    assert finish(start(hub_env, "dot", "cat", "dog", "--center", "-m", MODEL, "-q"))[0] == 0
    (lock,) = own_store.glob("derived/*/center.lock")
    with FileLock(lock):
        removal = start(hub_env, "models", "rm", MODEL)
        assert removal.stderr is not None
        assert removal.stderr.readline() == f"note: waiting for another embgeo that is using '{MODEL}'\n"
        assert lock.with_suffix("").exists()
        inode = lock.stat().st_ino
    assert finish(removal)[0] == 0
    assert not list(own_store.rglob("*.safetensors"))
    assert lock.stat().st_ino == inode


def test_a_locked_folder_is_not_cleaned_up(hub: FakeHub, own_store: Path) -> None:
    """A partial file that another process is fetching is kept, even if the branch has moved."""
    first = hub.add(MODEL, model(), LARGE)
    busy = own_store / "hub" / "org--model" / first
    busy.mkdir(parents=True)
    (busy / "embedding.safetensors.part").write_bytes(b"half")
    hub.add(MODEL, model(-np.ones((900, 16), np.float32)), LARGE)
    with FileLock(busy.with_name(f"{first}.lock")):
        assert run(["pull", MODEL, "--quiet"]) == 0
        assert (busy / "embedding.safetensors.part").exists()
    assert run(["pull", MODEL, "--quiet"]) == 0
    assert not busy.exists()


def own_namespace(script: str, env: Mapping[str, str], *words: object) -> subprocess.CompletedProcess[str]:
    """Run a shell script in a private mount namespace; skip the test if that isn't allowed."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "true"], check=False).returncode:
        pytest.skip("private mount namespaces are not allowed here (unshare -rm)")
    line = ["unshare", "-rm", "sh", "-ec", script, "sh", *map(str, words)]
    return subprocess.run(line, env=dict(env), capture_output=True, encoding="utf-8", timeout=60, check=False)


READ_ONLY = """
mount -o bind "$1" "$1"; mount -o remount,bind,ro "$1" || exit 77
! touch "$1/x" 2>/dev/null || exit 77
shift; exec "$@"
"""


def read_only(env: Mapping[str, str], store: Path, *line: str) -> subprocess.CompletedProcess[str]:
    """Run the program with its store mounted read-only."""
    done = own_namespace(READ_ONLY, env, store, sys.executable, "-m", "embgeo", *line)
    if done.returncode == 77:
        pytest.skip("a read-only mount is not allowed here")
    return done


@pytest.mark.slow
@pytest.mark.usefixtures("earlier_commit")
def test_a_read_only_store(hub: FakeHub, hub_env: Mapping[str, str], own_store: Path) -> None:
    """Stored models can be used; for a missing one the error names the folder, and a peek still works."""
    hub.add(MODEL, model(), LARGE)
    before = sorted(own_store.rglob("*"))
    for line in (
        ["neighbors", "cat", "-m", EARLIER],
        ["verify", EARLIER],
        ["models"],
        ["info", "-m", EARLIER],
        ["models"],
    ):
        done = read_only(hub_env, own_store, *line)
        assert (done.returncode, done.stderr) == (0, ""), line
    assert read_only(hub_env, own_store, "vector", "cat", "--peek", "-m", MODEL).returncode == 0
    missed = read_only(hub_env, own_store, "neighbors", "cat", "-m", MODEL)
    assert (missed.returncode, missed.stdout, missed.stderr.count("\n")) == (4, "", 1)
    assert f"can't write to '{own_store}/hub/org--model" in missed.stderr
    assert "set EMBGEO_HOME" in missed.stderr
    away = read_only({**hub_env, "HF_HUB_OFFLINE": "1"}, own_store, "neighbors", "cat", "-k", "1", "--json")
    assert (away.returncode, json.loads(away.stdout)["model"]) == (0, "minilm")
    assert sorted(own_store.rglob("*")) == before


def limited(size: int) -> Callable[[], None]:
    """Return a function that limits the size of the files a process writes."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


def ask(
    env: Mapping[str, str], line: Sequence[str], before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the program without writing compiled modules, to which the limit would apply too."""
    command = [sys.executable, "-B", "-m", "embgeo", *line]
    return subprocess.run(
        command, env=dict(env), capture_output=True, encoding="utf-8", timeout=60, check=False, preexec_fn=before
    )  # `before` only sets a limit or the umask


@pytest.mark.slow
@pytest.mark.parametrize("size", [10, 400, 4_000, 20_000], ids=["config", "tokenizer", "matrix", "prepared"])
def test_a_full_disk(
    hub: FakeHub,
    hub_env: Mapping[str, str],
    own_store: Path,
    earlier_commit: str,
    size: int,
    tmp_path: Path,
) -> None:
    """Whichever file doesn't fit: one line, no temporary file, other models answer; with room the pull succeeds."""
    hub.add(MODEL, long_model(), LARGE)
    done = ask(hub_env, ["pull", MODEL], limited(size))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (4, "", 1)
    assert f"can't write to '{own_store}/hub/org--model/" in done.stderr
    assert "File too large. Free some" in done.stderr
    assert parts(own_store) == []
    again = ask(hub_env, ["neighbors", "cat", "-m", EARLIER, "--json"], limited(size))
    assert (again.returncode, json.loads(again.stdout)["revision"]) == (0, earlier_commit)
    peeked = ask({**hub_env, "TMPDIR": str(tmp_path)}, ["vector", "cat", "--peek", "-m", MODEL], limited(size))
    assert peeked.returncode == (4 if size < 4_000 else 0)
    assert list(tmp_path.glob("embgeo-*")) == []
    assert ask(hub_env, ["pull", MODEL]).returncode == 0


FULL = """
mount -t tmpfs -o size=$2 none "$1" || exit 77
store=$1; shift 2
"$@" || echo "exit $?"
find "$store" -name '*.part'
"""


@pytest.mark.slow
@pytest.mark.parametrize("size", ["4k", "16k", "32k"])
def test_a_full_file_system(hub: FakeHub, hub_env: Mapping[str, str], tmp_path: Path, size: str) -> None:
    """The same on a file system of a few kilobytes."""
    hub.add(MODEL, long_model(), LARGE)
    env = {**hub_env, "EMBGEO_HOME": str(tmp_path)}
    done = own_namespace(FULL, env, tmp_path, size, sys.executable, "-m", "embgeo", "pull", MODEL)
    if done.returncode == 77:
        pytest.skip("mounting a file system is not allowed here")
    assert done.stdout == "exit 4\n"
    assert done.stderr.startswith(f"embgeo: can't write to '{tmp_path}/hub/org--model/")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("size", [100, 2_000])
@pytest.mark.slow
def test_a_full_disk_while_converting(hub_env: Mapping[str, str], own_store: Path, tmp_path: Path, size: int) -> None:
    """If word vectors don't fit into the store, the error names its folder, and no partial file is left."""
    lines = "".join(f"{word} {number} 1 2 3\n" for number, word in enumerate(map("w{}".format, range(300))))
    (tmp_path / "words.txt").write_text(lines)
    done = ask(hub_env, ["info", "-m", str(tmp_path / "words.txt")], limited(size))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (4, "", 1)
    assert f"can't write to '{own_store}/local/" in done.stderr
    assert parts(own_store) == []


@pytest.mark.slow
def test_a_full_disk_while_saving(hub_env: Mapping[str, str], tmp_path: Path) -> None:
    """A direction that doesn't fit leaves the existing file unchanged, and no temporary file."""
    folder = str(write_model(tmp_path / "m", np.eye(7, 300, dtype=np.float32), WORDS))
    line = ["direction", "cat", "dog", "--save", str(tmp_path / "kept"), "--force", "-m", folder]
    assert ask(hub_env, line).returncode == 0
    before = (tmp_path / "kept").read_bytes()
    done = ask(hub_env, line, limited(1_000))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert (tmp_path / "kept").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept", "m"]


def test_files_are_made_with_the_umask(hub: FakeHub, hub_env: Mapping[str, str], own_store: Path) -> None:
    """No file in the store is more readable than the user's umask allows."""
    hub.add(MODEL, model(), LARGE)
    assert ask(hub_env, ["pull", MODEL], lambda: os.umask(0o077) and None).returncode == 0
    modes = {path.stat().st_mode & 0o077 for path in own_store.rglob("*")}
    assert modes == {0}
