"""Between embgeo and the Hub: proxies that refuse, invalid redirects, and a store that can't be written."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from embgeo.cli.main import run
from fakehub import FakeHub
from pulled import LARGE, MODEL, finish, model, start

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def proxy(request: pytest.FixtureRequest) -> Iterator[str]:
    """A proxy that refuses every request with one status."""
    answer = f"HTTP/1.1 {request.param} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65_536)
                    connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://me:secret@127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize("proxy", [407, 403, 502], indirect=True, ids=str)
@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.slow
def test_a_proxy_that_refuses(
    hub_env: Mapping[str, str], proxy: str, scheme: str, request: pytest.FixtureRequest
) -> None:
    """The error has the proxy's variable and its status, but not its password."""
    status = request.node.callspec.params["proxy"]
    if scheme == "http" and status != 407:
        pytest.skip("without TLS, the proxy's answer can't be told from the Hub's")
    clean = {name: value for name, value in hub_env.items() if not name.lower().endswith("_proxy")}
    env = {**clean, f"{scheme.upper()}_PROXY": proxy, "HF_ENDPOINT": f"{scheme}://hub.invalid"}
    code, out, err = finish(start(env, "pull", MODEL))
    assert (code, out, err.count("\n")) == (5, "", 1)
    assert f"HTTP {status}" in err
    assert "the proxy does not" in err
    assert f"by way of {scheme.upper()}_PROXY" in err
    assert "secret" not in err
    assert ("user name and password" in err) == (status == 407)


@pytest.mark.parametrize("where", ["/api/models/", "hub:"])
@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("ftp://127.0.0.1/x", "a redirect to 'ftp:' came back"),
        ("file:///etc/passwd", "a redirect to 'file:' came back"),
        ("http://[::1", "a redirect to nowhere came back"),
        ("/api/models/org/model", "redirects without end came back"),
    ],
    ids=["ftp", "file", "nowhere", "a circle"],
)
def test_invalid_redirects(hub: FakeHub, capfd: Capture, where: str, place: str, message: str) -> None:
    """The error names them; they are followed neither to another protocol nor endlessly."""
    hub.add(MODEL, model(), LARGE)
    if "circle" in message or "end" in message:
        hub.fault("/api/models/", "pass", int(where == "hub:"))
        hub.fault("/api/models/", "status", 99, (302, {"Location": place}))
    hub.fault(where, "status", 99, (302, {"Location": place}))
    assert run(["pull", MODEL]) == 5
    printed = capfd.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert message in printed.err
    assert f"in place of '{MODEL}" in printed.err
    assert len(hub.log) < 20


@pytest.mark.parametrize("how", ["not a folder", "read-only"])
@pytest.mark.slow
def test_the_default_model_without_a_store(hub: FakeHub, hub_env: Mapping[str, str], tmp_path: Path, how: str) -> None:
    """If no model was named and the store can't be written, the bundled one answers, and says why."""
    hub.add("openai-community/gpt2", model(), LARGE)
    (tmp_path / "file").touch()
    home = str(tmp_path / "file" / "store") if how == "not a folder" else "/proc/self/store"
    env = {**hub_env, "EMBGEO_HOME": home}
    done: subprocess.Popen[str] = start(env, "neighbors", "cat", "--json")
    code, out, err = finish(done)
    assert (code, json.loads(out)["model"]) == (0, "minilm"), err
    assert f"GPT-2 is not on this machine (can't write to '{home}" in err
    assert err.startswith("note: ")
    code, out, err = finish(start(env, "neighbors", "cat", "-m", "gpt2"))
    assert (code, out, err.count("\n")) == (4, "", 1)
