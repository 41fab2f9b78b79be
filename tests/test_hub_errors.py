"""Faults of the Hub: which ones a fetch survives, and the errors of the others."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from embgeo.errors import EmbgeoError, FormatError, ModelError, NetworkError
from embgeo.formats.safetensors import map_tensor
from embgeo.models.hub.fetch import fetch_model
from embgeo.models.hub.repository import Patience, Repository, resolve
from embgeo.models.hub.small import fetch_file
from fakehub import FakeHub, Repo
from hub_models import CONFIG, LARGE, LARGE_NAME, MATRIX, QUICK, TOKENIZER, model_files


def in_process(env: Mapping[str, str], code: str) -> subprocess.CompletedProcess[str]:
    """Run an expression that may use `resolve`, and print its value or its embgeo error."""
    script = (
        "from embgeo.errors import EmbgeoError\n"
        "from embgeo.models.hub.repository import BRIEF_PATIENCE, Patience, resolve\n"
        f"try:\n    print({code})\n"
        "except EmbgeoError as error:\n    print(type(error).__name__, error.message, '|', error.hint)\n"
    )
    return subprocess.run(
        [sys.executable, "-c", script], env=dict(env), capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("repo", "revision", "token", "message", "hint"),
    [
        ("org/none", None, None, "there is no model 'org/none' on the Hub, or it is private", "hf auth login"),
        ("org/private", None, None, "there is no model 'org/private'", "If it is private, log in"),
        ("org/model", "v9", None, "'org/model' has no revision 'v9'", "/org/model/tree"),
        ("org/model", None, "hf_wrong_token", "the Hub does not accept your access token", "hf auth login"),
        ("org/model", None, "hf_curly”", "the Hugging Face token has invalid characters", "hf auth login"),
        ("org/gated", None, None, "'org/gated' is gated: its owner grants access", "/org/gated, then log in"),
    ],
)
def test_refusals_say_how_to_go_on(
    hub: FakeHub,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    repo: str,
    revision: str | None,
    token: str | None,
    message: str,
    hint: str,
) -> None:
    """Missing, private and gated models, bad tokens and bad revisions have one-line errors without the token."""
    hub.add("org/model", model_files(), LARGE)
    hub.add("org/private", model_files(), LARGE, private=True)
    hub.add("org/gated", model_files(), LARGE, gated=True)
    if token:
        monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(ModelError) as refusal:
        fetch_model(resolve(repo, revision), tmp_path, transfer=QUICK)
    assert refusal.value.message.startswith(message)
    assert hint in refusal.value.hint
    assert "\n" not in refusal.value.message + refusal.value.hint
    assert token is None or token not in refusal.value.message + refusal.value.hint
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "repo",
    [
        "",
        "..",
        "../etc",
        "org/../x",
        "/etc/passwd",
        "org/a..b",
        "org/a--b",
        "a/b/c",
        "org/..",
        "a b",
        "org/x?y",
        r"\\host\x",
        "org/x\n",
    ],
)
def test_invalid_names_are_not_requested(hub: FakeHub, repo: str) -> None:
    """An invalid model name is an error that quotes it, and no request is made."""
    with pytest.raises(ModelError, match="is not a valid model name") as refusal:
        resolve(repo, None)
    assert f"'{repo}'" in refusal.value.message
    assert not hub.log


@pytest.mark.parametrize("revision", ["", "..", "a/../b", "x\n"])
def test_invalid_revisions_are_not_requested(hub: FakeHub, revision: str) -> None:
    """An invalid revision is an error, and no request is made."""
    with pytest.raises(ModelError, match="is not a valid revision of 'org/model'"):
        resolve("org/model", revision)
    assert not hub.log


@pytest.mark.parametrize(
    ("files", "message", "hint"),
    [
        ({"pytorch_model.bin": b"x"}, "its weights only as 'pytorch_model.bin', a pickle", "safetensors/convert"),
        ({}, "no model.safetensors in 'org/model'", "a folder that holds it"),
        ({LARGE_NAME: b"", "tokenizer.json": None}, "no tokenizer.json in 'org/model'", "save_pretrained"),
    ],
)
def test_unreadable_models_are_not_transferred(
    hub: FakeHub, tmp_path: Path, files: Mapping[str, bytes | None], message: str, hint: str
) -> None:
    """Pickles and missing files are errors after a single request, for the list of files."""
    present = {"config.json": CONFIG, "tokenizer.json": TOKENIZER, **files}
    hub.add("org/model", {name: data for name, data in present.items() if data is not None})
    repository = resolve("org/model", None)
    with pytest.raises(ModelError, match=message) as refusal:
        fetch_model(repository, tmp_path, transfer=QUICK)
    assert hint in refusal.value.hint
    assert len(hub.log) == 1


@pytest.mark.parametrize(
    ("where", "kind", "arg", "times", "message"),
    [
        ("/api/models/", "html", None, 1, "answered, but not as the Hub does"),
        ("/api/models/", "status", 503, 9, "the Hub answered HTTP 503 for 'org/model'"),
        ("/api/models/", "status", (429, {"Retry-After": "900"}), 9, "too many requests"),
        ("/api/models/", "stall", 2, 9, "did not answer in time for 'org/model'"),
        ("tokenizer.json", "html", None, 9, "a web page came back in place of 'org/model/tokenizer.json'"),
        ("tokenizer.json", "cut", 10, 9, "the transfer of 'org/model' broke off"),
        ("/bridge/", "ignore_range", None, 9, "does not send parts of 'org/model/model.safetensors'"),
    ],
)
def test_a_failing_hub_is_a_network_error(
    hub: FakeHub, tmp_path: Path, where: str, kind: str, arg: object, times: int, message: str
) -> None:
    """A lasting fault gives a one-line error after a bounded number of attempts, and leaves no temporary file."""
    hub.add("org/model", model_files(), LARGE)
    hub.fault(where, kind, times, arg)
    with pytest.raises(NetworkError, match=message) as refusal:
        fetch_model(resolve("org/model", None, Patience(0.6, 1)), tmp_path, transfer=QUICK)
    assert "\n" not in refusal.value.message + refusal.value.hint
    assert len(hub.log) <= 20
    assert not list(tmp_path.glob("*.part"))


def test_temporary_faults_are_survived(hub: FakeHub, tmp_path: Path) -> None:
    """A 503, a 429 and broken connections don't change the result."""
    hub.add("org/model", model_files(), LARGE)
    hub.fault("/api/models/", "status", 1, 503)
    hub.fault("tokenizer.json", "cut", 2, 100)
    hub.fault("/bridge/", "cut", 3, 500)
    hub.fault("hub:", "status", 2, (429, {"Retry-After": "0"}))
    located = fetch_model(resolve("org/model", None), tmp_path, transfer=QUICK)
    assert map_tensor(located.matrix, located.tensor).tobytes() == MATRIX
    assert located.tokenizer.read_bytes() == TOKENIZER


def test_a_damaged_config_is_refused_and_not_kept(hub: FakeHub, tmp_path: Path) -> None:
    """The error names a config.json that isn't a JSON object, and the file is not stored."""
    hub.add("org/model", model_files(**{"config.json": b"[" * 100_000}), LARGE)
    with pytest.raises(FormatError, match=r"config.json of 'org/model' is not a JSON object"):
        fetch_model(resolve("org/model", None), tmp_path, transfer=QUICK)
    assert not (tmp_path / "config.json").exists()


def test_a_folder_that_cannot_be_written_to_is_named(hub: FakeHub, tmp_path: Path) -> None:
    """The error names the folder that can't be written to."""
    hub.add("org/model", model_files(), LARGE)
    (tmp_path / "gone").touch()
    with pytest.raises(ModelError, match="can't write to") as refusal:
        fetch_file(resolve("org/model", None), "config.json", tmp_path / "gone" / "config.json")
    assert str(tmp_path / "gone") in refusal.value.message


@pytest.mark.parametrize("commit", ["../../etc", "main", "A" * 40])
def test_an_invalid_commit_is_refused(hub: FakeHub, commit: str) -> None:
    """Commits become folder names, so a Hub's reply with an invalid commit is an error."""
    hub.repos["org/model"] = Repo("org/model", {"main": commit}, {commit: model_files()})
    with pytest.raises(NetworkError, match="answered, but not as the Hub does"):
        resolve("org/model", None)


def test_offline_mode_sends_nothing(hub: FakeHub, hub_env: Mapping[str, str]) -> None:
    """With HF_HUB_OFFLINE=1 the error names the repository, and no request is made."""
    hub.add("org/model", model_files(), LARGE)
    answer = in_process({**hub_env, "HF_HUB_OFFLINE": "1"}, "resolve('org/model', None)")
    assert answer.stdout.startswith("NetworkError offline mode is on, and 'org/model' is not on this machine | Unset")
    assert not hub.log


@pytest.mark.slow
@pytest.mark.parametrize(
    ("endpoint", "message"),
    [
        ("http://127.0.0.1:1", "NetworkError can't reach 127.0.0.1:1 for 'gpt2'"),
        ("http://nowhere.invalid", "NetworkError can't reach nowhere.invalid for 'gpt2'"),
        ("127.0.0.1:1", "NetworkError '127.0.0.1:1' is not a Hub address"),
        ("ftp://127.0.0.1", "NetworkError 'ftp://127.0.0.1' is not a Hub address"),
        ("http://\N{SNOWMAN}..x", "NetworkError 'http://\N{SNOWMAN}..x' is not a Hub address"),
    ],
)
def test_an_unreachable_hub_is_reported_quickly(hub_env: Mapping[str, str], endpoint: str, message: str) -> None:
    """Refused connections, unknown hosts and bad endpoints give one line within seconds."""
    started = time.monotonic()
    answer = in_process({**hub_env, "HF_ENDPOINT": endpoint}, "resolve('gpt2', None, BRIEF_PATIENCE)")
    assert answer.stdout.startswith(message), answer.stderr
    assert answer.stdout.count("\n") == 1
    assert not answer.stderr
    assert time.monotonic() - started < 10


HANGING_LOOKUP = """
import socket, sys, threading
socket.getaddrinfo = lambda *args, **rest: threading.Event().wait()
"""


@pytest.mark.parametrize("kind", ["look-up", "silence"])
@pytest.mark.slow
def test_a_hub_that_never_answers_is_given_up(hub_env: Mapping[str, str], tmp_path: Path, kind: str) -> None:
    """A DNS look-up that hangs and a server that never replies end at the time limit."""
    with socket.create_server(("127.0.0.1", 0)) as silent_server:
        endpoint = f"http://127.0.0.1:{silent_server.getsockname()[1]}"
        env = {**hub_env, "HF_ENDPOINT": endpoint}
        if kind == "look-up":
            (tmp_path / "sitecustomize.py").write_text(HANGING_LOOKUP)
            env["PYTHONPATH"] = os.pathsep.join([str(tmp_path), *sys.path])
        started = time.monotonic()
        answer = in_process(env, "resolve('gpt2', None, Patience(1.0, 0))")
        assert answer.stdout.startswith("NetworkError 127.0.0.1:"), answer.stderr
        assert "did not answer in time for 'gpt2'" in answer.stdout
        assert time.monotonic() - started < 10


def test_a_file_that_is_gone(hub: FakeHub, tmp_path: Path) -> None:
    """A file that is listed but gone gives an embgeo error."""
    commit = hub.add("org/model", model_files(), LARGE)
    with pytest.raises(EmbgeoError, match="a file of 'org/model' is gone from the Hub"):
        fetch_file(Repository("org/model", commit, ("other.json",)), "other.json", tmp_path / "other.json")
