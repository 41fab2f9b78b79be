"""Network faults during a `pull` as a user sees them: exit code, message, and content of the store."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from embgeo.cli.main import run
from fakehub import FakeHub
from pulled import EARLIER, LARGE, MODEL, ROWS, finish, model, parts, start, wait_until

Capture = pytest.CaptureFixture[str]


def still_answers(hub: FakeHub, commit: str, capfd: Capture) -> None:
    """Check that the model stored before still answers, without a request."""
    capfd.readouterr()
    before = len(hub.log)
    assert run(["neighbors", "cat", "-m", EARLIER, "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["revision"] == commit
    assert len(hub.log) == before


def matrix_of(store: Path, commit: str) -> bytes:
    """The matrix's bytes in the store."""
    (file,) = store.rglob(f"{commit}/embedding.safetensors")
    return file.read_bytes()[-ROWS.nbytes :]


@pytest.mark.parametrize(
    ("where", "kind", "times", "arg"),
    [
        ("/bridge/", "cut", 3, 9_000),
        ("/bridge/", "status", 1, 503),
        ("/api/models/", "status", 1, 503),
        ("hub:", "status", 1, (429, {"Retry-After": "1"})),
        ("/bridge/", "status", 1, 403),
        ("/bridge/", "short", 1, 20_000),
        ("tokenizer.json", "cut", 1, 10),
    ],
    ids=["cut three times", "503", "503 at first", "429", "address expired", "short answer", "tokenizer cut"],
)
@pytest.mark.slow
def test_temporary_faults(
    hub: FakeHub, earlier_commit: str, own_store: Path, capfd: Capture, where: str, kind: str, times: int, arg: object
) -> None:
    """The model is fetched, byte for byte, and no message mentions the fault."""
    commit = hub.add(MODEL, model(), LARGE)
    hub.fault(where, kind, times, arg)
    assert run(["pull", MODEL, "--json"]) == 0
    printed = capfd.readouterr()
    assert (json.loads(printed.out)["revision"], printed.err) == (commit, "")
    assert hub.faults[-1][2] == 0
    assert matrix_of(own_store, commit) == ROWS.tobytes()
    assert parts(own_store) == []
    still_answers(hub, earlier_commit, capfd)


@pytest.mark.parametrize(
    ("where", "kind", "arg", "code", "message"),
    [
        ("/bridge/", "ignore_range", None, 5, "does not send parts of 'org/model/model.safetensors'"),
        ("/bridge/", "html", None, 5, "a web page came back in place of 'org/model/model.safetensors'"),
        ("/api/models/", "html", None, 5, "answered, but not as the Hub does"),
        ("/bridge/", "shift_range", 7, 5, "of 'org/model/model.safetensors' where"),
        ("/bridge/", "wrong_total", None, 5, "'org/model/model.safetensors' changed on the server"),
        (
            "/api/models/",
            "status",
            (429, {"Retry-After": "900"}),
            5,
            "from this address (HTTP 429). Wait some",
        ),
        ("hub:", "status", 403, 4, "the Hub denies access to 'org/model'"),
        ("tokenizer.json", "status", 404, 5, "the Hub answered HTTP 404 for 'org/model'"),
    ],
    ids=["range ignored", "web page", "web page at first", "shifted", "other total", "429 for long", "403", "404"],
)
def test_permanent_faults(
    hub: FakeHub,
    earlier_commit: str,
    own_store: Path,
    capfd: Capture,
    where: str,
    kind: str,
    arg: object,
    code: int,
    message: str,
) -> None:
    """One line, an exit code, no temporary file; without the fault the next pull succeeds."""
    commit = hub.add(MODEL, model(), LARGE)
    if kind == "wrong_total":
        hub.fault("/bridge/", "pass")
    hub.fault(where, kind, 99, arg)
    assert run(["pull", MODEL]) == code
    printed = capfd.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("embgeo: ")
    assert printed.err.count("\n") == 1
    assert message in printed.err
    assert len(printed.err.split(". ")) >= 2 or code == 4, "it says how to go on"
    assert parts(own_store) == []
    still_answers(hub, earlier_commit, capfd)
    hub.faults.clear()
    assert run(["pull", MODEL, "--quiet"]) == 0
    assert matrix_of(own_store, commit) == ROWS.tobytes()


@pytest.mark.slow
def test_a_stalled_body(
    hub: FakeHub, earlier_commit: str, hub_env: Mapping[str, str], own_store: Path, capfd: Capture
) -> None:
    """A connection that stalls is dropped after $HF_HUB_DOWNLOAD_TIMEOUT, and the request is repeated."""
    commit = hub.add(MODEL, model(), LARGE)
    hub.fault("/bridge/", "stall", 1, 20)
    code, _, err = finish(start({**hub_env, "HF_HUB_DOWNLOAD_TIMEOUT": "1"}, "pull", MODEL))
    assert (code, err) == (0, "")
    assert matrix_of(own_store, commit) == ROWS.tobytes()
    assert parts(own_store) == []
    still_answers(hub, earlier_commit, capfd)


@pytest.mark.parametrize(("kind", "arg"), [("cut", 0), ("status", 403)], ids=["always cut", "address always expired"])
@pytest.mark.slow
def test_a_transfer_that_keeps_failing(
    hub: FakeHub, earlier_commit: str, own_store: Path, capfd: Capture, kind: str, arg: int
) -> None:
    """Attempts are bounded; partial data is kept, and the next pull resumes it."""
    commit = hub.add(MODEL, model(), LARGE)
    hub.fault("/bridge/", "pass")  # the header
    hub.fault("/bridge/", kind, 99, arg)
    assert run(["pull", MODEL]) in {4, 5}
    printed = capfd.readouterr()
    lines = [line for line in printed.err.splitlines() if not line.startswith("note: ")]
    assert (printed.out, len(lines)) == ("", 1)
    assert MODEL in lines[0]
    assert len(hub.log) < 60
    assert set(parts(own_store)) <= {"embedding.safetensors.part", "embedding.safetensors.journal.part"}
    still_answers(hub, earlier_commit, capfd)
    hub.faults.clear()
    assert run(["pull", MODEL, "--quiet"]) == 0
    assert matrix_of(own_store, commit) == ROWS.tobytes()
    assert parts(own_store) == []


@pytest.mark.parametrize("token", ["", "hf_wrong"], ids=["no token", "a wrong token"])
@pytest.mark.parametrize("access", ["gated", pytest.param("private", marks=pytest.mark.slow)])
@pytest.mark.slow
def test_no_access(hub: FakeHub, hub_env: Mapping[str, str], own_store: Path, access: str, token: str) -> None:
    """A gated or private model: one line that says how to sign in, without the token, and nothing stored."""
    hub.add(MODEL, model(), LARGE, gated=access == "gated", private=access == "private")
    env = {**hub_env, "HF_TOKEN": token, "EMBGEO_DEBUG": "1"}
    code, out, err = finish(start(env, "neighbors", "cat", "-m", MODEL))
    assert (code, out, err.count("\n")) == (4, "", 1)
    assert "hf auth login" in err
    assert token or MODEL in err
    assert token == "" or token not in err
    assert list(own_store.rglob("*.safetensors")) == parts(own_store) == []
    assert finish(start({**hub_env, "HF_TOKEN": hub.token}, "neighbors", "cat", "-m", MODEL))[0] == 0


@pytest.mark.slow
def test_offline(hub: FakeHub, hub_env: Mapping[str, str], earlier_commit: str, own_store: Path) -> None:
    """Offline, stored models answer without a request; the error for a missing model names it."""
    before = sorted(own_store.rglob("*"))
    env = {**hub_env, "HF_HUB_OFFLINE": "1"}
    code, out, _ = finish(start(env, "neighbors", "cat", "-m", EARLIER, "--json"))
    assert (code, json.loads(out)["revision"]) == (0, earlier_commit)
    for line in (["neighbors", "cat", "-m", MODEL], ["pull", MODEL], ["info", "-m", MODEL]):
        code, out, err = finish(start(env, *line))
        assert (code, out, err.count("\n")) == (5, "", 1)
        assert f"'{MODEL}'" in err
    assert hub.log == []
    assert sorted(own_store.rglob("*")) == before


@pytest.mark.slow
def test_the_branch_moves_during_a_fetch(hub: FakeHub, hub_env: Mapping[str, str], own_store: Path) -> None:
    """A push between two requests of a fetch: everything comes from the first commit; the next pull updates."""
    first = hub.add(MODEL, model(), LARGE)
    hub.throttle = 30_000
    fetching = start(hub_env, "pull", MODEL, "--json")
    wait_until(lambda: hub.sent("hub", "tokenizer.json"))
    second = hub.add(MODEL, {**model(-ROWS), "config.json": b"{}"}, LARGE)
    code, out, _ = finish(fetching)
    assert (code, json.loads(out)["revision"]) == (0, first)
    assert matrix_of(own_store, first) == ROWS.tobytes()
    assert finish(start(hub_env, "verify", MODEL))[0] == 0
    hub.throttle = 0
    assert json.loads(finish(start(hub_env, "pull", MODEL, "--json"))[1])["revision"] == second
    assert matrix_of(own_store, second) == (-ROWS).tobytes()


@pytest.mark.slow
def test_an_interrupted_fetch_is_cleaned_up(hub: FakeHub, hub_env: Mapping[str, str], own_store: Path) -> None:
    """Files of a fetch interrupted by Ctrl-C are removed when the branch has moved on, or by `models rm`."""
    hub.add("org/other", model(), LARGE)
    first = hub.add(MODEL, model(), LARGE)
    for name in (MODEL, "org/other"):
        hub.faults.clear()
        hub.fault("/bridge/", "pass")  # the header
        hub.fault("/bridge/", "stall", 99, 30)
        fetching = start(hub_env, "pull", name)
        wait_until(lambda name=name: list(own_store.glob(f"hub/{name.replace('/', '--')}/*/*.journal.part")))
        fetching.send_signal(signal.SIGINT)
        assert finish(fetching) == (130, "", "embgeo: interrupted\n")
    assert set(parts(own_store)) == {"embedding.safetensors.part", "embedding.safetensors.journal.part"}
    hub.faults.clear()
    second = hub.add(MODEL, model(-ROWS), LARGE)
    assert finish(start(hub_env, "neighbors", "cat", "-m", MODEL, "-k", "1"))[0] == 0
    assert [path.name for path in (own_store / "hub" / "org--model").iterdir() if path.is_dir()].count(first) == 0
    assert matrix_of(own_store, second) == (-ROWS).tobytes()
    removed = finish(start(hub_env, "models", "rm", "org/other", "--json"))
    assert json.loads(removed[1])["bytes"] > ROWS.nbytes
    assert parts(own_store) == []
    assert finish(start(hub_env, "models", "rm", "org/other"))[0] == 4


def test_a_flipped_bit_is_fetched_again(hub: FakeHub, own_store: Path, capfd: Capture) -> None:
    """`verify` finds one flipped bit, and names the command that repairs it; a process that has mapped it goes on."""
    commit = hub.add(MODEL, model(), LARGE)
    assert run(["pull", MODEL, "--quiet"]) == 0
    (file,) = own_store.rglob("embedding.safetensors")
    mapped = np.memmap(file, np.uint8, "r")
    with file.open("r+b") as matrix:
        matrix.seek(-5, 2)
        last = matrix.read(1)
        matrix.seek(-5, 2)
        matrix.write(bytes([last[0] ^ 4]))
    capfd.readouterr()
    assert run(["verify", MODEL]) == 4
    assert f"embgeo pull {MODEL}@{commit}" in capfd.readouterr().err
    assert run(["pull", f"{MODEL}@{commit}", "--quiet"]) == 0
    assert run(["verify", MODEL]) == 0
    assert matrix_of(own_store, commit) == ROWS.tobytes()
    assert mapped[-5] == last[0] ^ 4  # the damaged file was replaced, not overwritten
    hub.log.clear()
    assert run(["pull", MODEL, "--quiet"]) == 0
    assert len(hub.log) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "code", "message"),
    [
        ({"HF_ENDPOINT": "http://[::1"}, 5, "'http://[::1' is not a Hub address. Correct HF_ENDPOINT"),
        ({"HF_ENDPOINT": "http://127.0.0.1:99999"}, 5, "'http://127.0.0.1:99999' is not a Hub address"),
        ({"HF_ENDPOINT": "http://127.0.0.1:port"}, 5, "is not a Hub address"),
        ({"HF_ENDPOINT": "http://me:secret@127.0.0.1:9"}, 5, "can't reach 127.0.0.1:9 for 'org/model'"),
        (
            {"ALL_PROXY": "socks5://127.0.0.1:9"},
            5,
            "ALL_PROXY: a SOCKS proxy, which needs the package socksio. Install",
        ),
        ({"ALL_PROXY": "ftp://me:secret@127.0.0.1:9"}, 5, "ALL_PROXY: not a usable proxy. Correct ALL_PROXY"),
        ({"ALL_PROXY": "http://[::1"}, 5, "ALL_PROXY: not a usable proxy"),
        ({"ALL_PROXY": "http://me:secret@127.0.0.1:9"}, 5, "for 'org/model' by way of ALL_PROXY: "),
        ({"HF_HUB_DOWNLOAD_TIMEOUT": "soon"}, 5, "HF_HUB_DOWNLOAD_TIMEOUT is 'soon', not a whole number of seconds"),
        ({"SSL_CERT_FILE": "/nowhere"}, 5, "SSL_CERT_FILE: can't read the certificates"),
        ({"HF_TOKEN_PATH": "/"}, 4, "can't read the token in '/'. Check HF_HOME and HF_TOKEN_PATH"),
        ({"HF_HOME": "/dev/null"}, 4, "can't read the token in '/dev/null/token'"),
    ],
    ids=lambda value: next(iter(value.values())) if isinstance(value, dict) else "",
)
def test_invalid_settings(hub_env: Mapping[str, str], settings: Mapping[str, str], code: int, message: str) -> None:
    """The error names an invalid URL, proxy, certificate or number in the environment, without credentials."""
    clean = {
        name: value for name, value in hub_env.items() if not name.lower().endswith("_proxy") and "SSL" not in name
    }
    env = {**clean, "HF_ENDPOINT": "http://127.0.0.1:9", **settings}
    found, out, err = finish(start(env, "neighbors", "cat", "-m", MODEL))
    assert (found, out, err.count("\n")) == (code, "", 1)
    assert message in err
    assert "secret" not in err
    assert finish(start(env, "neighbors", "cat", "-k", "1", "-m", "minilm"))[0] == 0


def test_the_default_model_with_an_invalid_hub_url(hub_env: Mapping[str, str]) -> None:
    """If no model was named, the bundled one answers in spite of an invalid URL."""
    env = {**hub_env, "HF_ENDPOINT": "http://[::1"}
    code, out, err = finish(start(env, "neighbors", "cat", "--json"))
    assert (code, json.loads(out)["model"]) == (0, "minilm")
    assert "is not a Hub address" in err


def test_a_redirect_to_another_origin_gets_no_token(hub: FakeHub, hub_env: Mapping[str, str]) -> None:
    """The request that follows a redirect to another origin doesn't contain the token."""
    hub.add(MODEL, model(), LARGE, private=True)
    with socket.create_server(("127.0.0.1", 0)) as other:
        place = f"http://127.0.0.1:{other.getsockname()[1]}/elsewhere"
        hub.fault("/api/models/", "status", 9, (302, {"Location": place}))
        other.settimeout(30)
        asking = start({**hub_env, "HF_TOKEN": hub.token, "EMBGEO_DEBUG": "1"}, "pull", MODEL)
        connection, _ = other.accept()
        with connection:
            request_text = connection.recv(65_536).decode("latin-1")
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        code, out, err = finish(asking)
    assert request_text.startswith("GET /elsewhere")
    assert hub.token not in request_text
    assert "authorization" not in request_text.lower()
    assert (code, out) == (5, "")
    assert hub.token not in err
    assert [request.authorized for request in hub.log] == [True]
