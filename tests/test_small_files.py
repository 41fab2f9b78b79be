"""A model's small files: only files that match the Hub's list are stored, and none may exhaust the memory."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from conftest import write_model
from embgeo.cli.main import run
from fakehub import FakeHub, safetensors_bytes
from hostile import Response
from limits import assert_refused, limited
from pulled import LARGE, MODEL, ROWS, WORDS, finish, model, start

Capture = pytest.CaptureFixture[str]
WORD_PIECES = "\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *map("w{}".format, range(400))]).encode()


def sharded() -> dict[str, bytes]:
    """A model with an index of shards."""
    files = model()
    index = json.dumps({"metadata": {}, "weight_map": {"wte.weight": "a.safetensors", "h.0": "a.safetensors"}})
    files["a.safetensors"] = files.pop("model.safetensors")
    return {**files, "model.safetensors.index.json": index.encode()}


def older() -> dict[str, bytes]:
    """A model with a vocab.txt in place of a tokenizer.json."""
    files = model()
    del files["tokenizer.json"]
    return {**files, "vocab.txt": WORD_PIECES}


MODELS = {
    "tokenizer.json": model(),
    "config.json": model(),
    "vocab.txt": older(),
    "model.safetensors.index.json": sharded(),
}
BAD = {
    "a web page with another type": Response(content="page"),
    "truncated, HTTP/1.0": Response(content="cut", frame="until it closes"),
    "truncated, no digest": Response(content="cut", frame="until it closes", etag=False),
    "truncated gzip": Response(encoding="gzip", frame="until it closes", cut=40),
    "short Content-Length": Response(frame="short length"),
    "another file": Response(content="other"),
    "more than the file": Response(content="longer", frame="until it closes"),
    "nothing": Response(content="empty"),
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("bad", BAD)
@pytest.mark.slow
def test_a_bad_file_is_not_stored(hub: FakeHub, own_store: Path, capfd: Capture, name: str, bad: str) -> None:
    """The file is requested again, or the pull fails and the next one succeeds."""
    hub.add(MODEL, MODELS[name], {"a.safetensors", *LARGE})
    hub.fault(name, "answer", 1, BAD[bad])
    code = run(["pull", MODEL, "--quiet"])
    assert code == (5 if "gzip" in bad else 0)
    assert run(["pull", MODEL, "--quiet"]) == 0
    (stored,) = own_store.rglob(name)
    assert stored.read_bytes() == MODELS[name][name]
    capfd.readouterr()
    assert run(["dot", "cat", "dog", "-m", MODEL]) == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_a_file_that_is_always_bad(hub: FakeHub, own_store: Path, capfd: Capture, name: str) -> None:
    """After several attempts the error names the file, and it isn't stored."""
    hub.add(MODEL, MODELS[name], {"a.safetensors", *LARGE})
    hub.fault(name, "answer", 99, Response(content="other"))
    assert run(["pull", MODEL, "--quiet"]) == 5
    assert capfd.readouterr().err.startswith(f"embgeo: '{MODEL}/{name}' is not what the Hub lists, though")
    assert list(own_store.rglob(name)) == []
    hub.faults.clear()
    assert run(["pull", MODEL, "--quiet"]) == 0


@pytest.mark.parametrize("name", ["tokenizer.json", "vocab.txt"])
def test_a_bad_file_of_an_earlier_version(hub: FakeHub, own_store: Path, capfd: Capture, name: str) -> None:
    """`pull` compares small files in the store with the Hub's list, and replaces bad ones."""
    cut = {**MODELS[name], name: b"[PAD]\n[UNK]\ncat\ndog\n" if name == "vocab.txt" else MODELS[name][name] + b" \n"}
    commit = hub.add(MODEL, cut, LARGE)
    assert run(["pull", MODEL, "--quiet"]) == 0
    good = hub.add(MODEL, MODELS[name], LARGE)
    place = own_store / "hub" / "org--model"
    (place / commit).rename(place / good)  # as if an earlier version had stored these files for the good commit
    assert run(["pull", f"{MODEL}@{good}", "--quiet"]) == 0
    assert (place / good / name).read_bytes() == MODELS[name][name]
    capfd.readouterr()
    assert run(["tokens", "queen", "-m", f"{MODEL}@{good}", "--json"]) == 0
    assert len(json.loads(capfd.readouterr().out)["tokens"]) == 1


@pytest.mark.parametrize("where", ["config.json", "tokenizer.json", "/api/models/", "/bridge/"])
@pytest.mark.slow
def test_encoded_bodies(hub: FakeHub, hub_env: Mapping[str, str], where: str) -> None:
    """A gzip body of 300 kB that decodes to 300 MB is refused, within little memory."""
    hub.add(MODEL, model(), LARGE)
    hub.fault(where, "answer", 99, Response(encoding="bomb"))
    done = limited("pull", MODEL, memory=1_000_000_000, **hub_env)
    assert_refused(done, 5, "encoded as 'gzip', which was not requested")


@pytest.mark.parametrize("status", [302, 404])
def test_encoded_bodies_of_redirects_and_errors(hub: FakeHub, hub_env: Mapping[str, str], status: int) -> None:
    """Their bodies are not read at all."""
    hub.add(MODEL, model(), LARGE)
    hub.fault("config.json", "answer", 99, Response(encoding="bomb", status=status))
    done = limited("pull", MODEL, memory=1_000_000_000, **hub_env)
    assert_refused(done, 5, "HTTP 302 came back in place of" if status == 302 else "the Hub answered HTTP 404")


HUGE = {
    "config.json": b'{"a": [' + b"[]," * 4_000_000 + b"1]}",
    "tokenizer.json": b'{"model": [' + b"[]," * 20_000_000 + b"1]}",
    "model.safetensors.index.json": b'{"weight_map": {"a": [' + b"[]," * 8_000_000 + b"1]}}",
}


@pytest.mark.parametrize("name", HUGE)
@pytest.mark.parametrize("place", ["hub", "folder"])
@pytest.mark.slow
def test_files_that_would_exhaust_the_memory(
    hub: FakeHub, hub_env: Mapping[str, str], tmp_path: Path, name: str, place: str
) -> None:
    """Hostile JSON is refused before it is parsed, from the Hub and in a folder."""
    files = {**MODELS[name], name: HUGE[name]}
    hub.add(MODEL, files, {"a.safetensors", *LARGE})
    folder = tmp_path / "m"
    folder.mkdir()
    for file, content in files.items():
        (folder / file).write_bytes(content)
    done = limited("info", "-m", MODEL if place == "hub" else folder, memory=1_000_000_000, **hub_env)
    if name == "tokenizer.json" and place == "hub":
        done = limited("pull", MODEL, memory=1_000_000_000, **hub_env)
    subject = f"{name} of '{MODEL}'" if place == "hub" else f"'{folder / name}'"
    assert_refused(
        done, 4, "larger than the 10,000,000 bytes" if name == "config.json" else f"{subject} would take about"
    )


@pytest.mark.parametrize("name", ["tokenizer.json", "config.json"])
@pytest.mark.parametrize("kind", ["folder", "pipe", "socket", "device"])
@pytest.mark.slow
def test_special_files_in_a_model_folder(hub_env: Mapping[str, str], tmp_path: Path, name: str, kind: str) -> None:
    """The error names the path of a folder, pipe, socket or device in place of a file, and nothing blocks."""
    folder = write_model(tmp_path / "m", np.eye(6, 8, dtype=np.float32), WORDS)
    path = folder / name
    path.unlink()
    match kind:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "socket":
            with socket.socket(socket.AF_UNIX) as one, contextlib.chdir(folder):  # socket paths must be short
                one.bind(name)
        case "device":
            path.symlink_to("/dev/zero")
    code, out, err = finish(start(hub_env, "dot", "cat", "dog", "-m", str(folder)))
    assert (code, out, err.count("\n")) == (4, "", 1)
    assert f"'{path}'" in err


@pytest.mark.parametrize("listed", [True, False], ids=["a digest is listed", "nothing is listed"])
def test_without_an_etag(hub: FakeHub, own_store: Path, capfd: Capture, listed: bool) -> None:
    """A matrix without a version is fetched with one request, and versions of a changing file never mix."""
    hub.lists = listed
    hub.linked = False
    files = model()
    commit = hub.add(MODEL, files, LARGE)
    hub.fault("/bridge/", "answer", 99, Response(etag=False))
    assert run(["pull", MODEL, "--quiet"]) == 0
    (matrix,) = own_store.rglob(f"{commit}/embedding.safetensors")
    assert matrix.read_bytes()[-ROWS.nbytes :] == ROWS.tobytes()
    assert len([request for request in hub.log if request.path.endswith("/model.safetensors")]) == 2
    assert run(["models", "rm", MODEL]) == 0
    other = files["model.safetensors"].replace(b"wte.weight", b"xte.weight")
    assert len(other) == len(files["model.safetensors"])
    hub.faults.clear()
    hub.fault("/bridge/", "answer", 1, Response(etag=False))
    hub.fault("/bridge/", "answer", 99, Response(etag=False, instead=other))
    capfd.readouterr()
    assert run(["pull", MODEL, "--quiet"]) == 5
    assert "changed on the server while it was fetched" in capfd.readouterr().err
    assert list(own_store.rglob("*.part")) == []
    hub.faults.clear()
    hub.fault("/bridge/", "answer", 99, Response(etag=False))
    assert run(["vector", "cat", "--peek", "-m", MODEL]) == 5
    assert "gives no ETag" in capfd.readouterr().err
    hub.faults.clear()
    assert run(["pull", MODEL, "--quiet"]) == 0


def test_the_digest_of_a_whole_file(hub: FakeHub, own_store: Path, capfd: Capture) -> None:
    """If the matrix is the whole file, the file's digest is checked."""
    files = {**model(), "model.safetensors": safetensors_bytes({"wte.weight": ("F32", ROWS.shape, ROWS.tobytes())})}
    hub.add(MODEL, files, LARGE)
    hub.fault("/bridge/", "pass")
    hub.fault("/bridge/", "answer", 1, Response(content="flipped"))
    assert run(["pull", MODEL, "--quiet"]) == 5
    assert "'org/model/model.safetensors' arrived damaged" in capfd.readouterr().err
    assert list(own_store.rglob("*.part")) == []
    assert run(["pull", MODEL, "--quiet"]) == 0


def test_a_file_of_another_size_than_listed(hub: FakeHub, capfd: Capture) -> None:
    """It is refused before the matrix is fetched."""
    hub.add(MODEL, model(), LARGE)
    hub.fault("/bridge/", "answer", 99, Response(instead=model(ROWS[:100])["model.safetensors"]))
    assert run(["pull", MODEL, "--quiet"]) == 5
    assert "'org/model/model.safetensors' is served with another content" in capfd.readouterr().err
    hub.faults.clear()
    assert run(["pull", MODEL, "--quiet"]) == 0
