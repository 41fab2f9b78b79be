"""A loopback stand-in for the Hugging Face Hub that the real client works against (standard library only).

Two origins, as in production: a Hub (API and /resolve) and a CDN (signed, expiring blob URLs with byte ranges). They
differ in port, since the client drops its token and reads X-Linked-* headers only when a redirect leaves the origin.

    with FakeHub() as hub:
        commit = hub.add("org/model", {"config.json": b"{}", "model.safetensors": blob}, lfs={"model.safetensors"})
        hub.fault("model.safetensors", "cut", times=3, arg=1000)
        ...
        hub.log  # one Request for every request, in order

Faults: `status` (arg: a code, or a code and headers), `cut` (bytes sent before closing), `stall` (seconds before the
body), `ignore_range`, `shift_range` (bytes), `wrong_total`, `short` (bytes), `html`, `answer` (a `hostile.Response`),
and `pass`, which lets requests through before the next fault. A path that starts with `hub:` matches the redirect of
/resolve, not its target.
"""

from __future__ import annotations

import hashlib
import http.server
import json
import re
import struct
import threading
import time
import urllib.parse
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Headers = Mapping[str, object]
PIECE = 1 << 16


class Request(NamedTuple):
    """A request, and how many body bytes the response sent (without headers)."""

    origin: str
    method: str
    path: str
    range: str | None
    authorized: bool
    status: int
    sent: int


@dataclass
class Repo:
    """A repository: its branches, and the files of every commit."""

    id: str
    refs: dict[str, str] = field(default_factory=dict)
    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    lfs: set[str] = field(default_factory=set)
    private: bool = False
    gated: bool = False


class FakeHub:
    """Both origins; they run inside the `with` block."""

    def __init__(self, token: str = "hf_stand_in_token") -> None:
        self.token = token
        self.lock = threading.Lock()
        self.servers: list[http.server.ThreadingHTTPServer] = []
        self.clear()

    def clear(self) -> None:
        """Forget all repositories, faults and requests."""
        self.repos: dict[str, Repo | str] = {}
        self.log: list[Request] = []
        self.faults: list[list[Any]] = []
        self.blobs: dict[str, bytes] = {}
        self.oids: dict[int, str] = {}
        self.lists = True  # whether sizes and digests are listed
        self.linked = True  # whether redirects to the CDN send the content's ETag
        self.connections = 0  # opened so far, to both origins
        self.throttle = 0  # bytes per second on one connection; 0 for no limit

    def add(
        self,
        repo_id: str,
        files: Mapping[str, bytes],
        lfs: Iterable[str] = (),
        *,
        private: bool = False,
        gated: bool = False,
        alias: str = "",
        refs: Collection[str] = ("main",),
    ) -> str:
        """Commit these files, move the branches to the commit, and return it; `alias` is an old name that redirects."""
        for data in files.values():
            self.oids[id(data)] = hashlib.sha256(data).hexdigest()
            self.blobs[self.oids[id(data)]] = data
        content = repr(sorted((name, self.oids[id(data)]) for name, data in files.items()))
        commit = hashlib.sha1(content.encode()).hexdigest()
        repo = self.repos.setdefault(repo_id, Repo(repo_id))
        assert isinstance(repo, Repo)
        repo.private, repo.gated, repo.lfs = private, gated, set(lfs)
        repo.commits[commit] = dict(files)
        repo.refs.update(dict.fromkeys(refs, commit))
        if alias:
            self.repos[alias] = repo_id
        return commit

    def fault(self, where: str, kind: str, times: int = 1, arg: Any = None) -> None:
        """Make the next `times` requests whose path contains `where` fail."""
        self.faults.append([where, kind, times, arg])

    def take_fault(self, path: str) -> tuple[str, Any]:
        """Use up and return the next fault for this path; the kind is empty if there is none."""
        with self.lock:
            for fault in self.faults:
                where, kind, times, arg = fault
                if times > 0 and where in path and where.startswith("hub:") == path.startswith("hub:"):
                    fault[2] -= 1
                    return kind, arg
        return "", None

    def env(self, hf_home: object) -> dict[str, str]:
        """Environment variables that make a process use this Hub."""
        local = "127.0.0.1,localhost"
        return {"HF_ENDPOINT": self.url, "HF_HOME": str(hf_home), "NO_PROXY": local, "no_proxy": local}

    def sent(self, origin: str = "", where: str = "") -> int:
        """Body bytes that this origin sent for paths that contain `where`."""
        return sum(r.sent for r in list(self.log) if origin in r.origin and where in r.path)

    def __enter__(self) -> FakeHub:
        self.servers = [_Server(handler, self) for handler in (_HubHandler, _CdnHandler)]
        self.url, self.cdn = (f"http://127.0.0.1:{server.server_address[1]}" for server in self.servers)
        return self

    def __exit__(self, *_: object) -> None:
        for server in self.servers:
            server.shutdown()
            server.server_close()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, handler: type[_Base], hub: FakeHub) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.hub = hub
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def handle_error(self, *_: object) -> None:
        """Print nothing: clients often disconnect early."""


class _Base(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keep-alive, exact lengths
    disable_nagle_algorithm = True
    origin = ""
    server: _Server

    @property
    def hub(self) -> FakeHub:
        return self.server.hub

    def setup(self) -> None:
        super().setup()
        self.hub.connections += 1

    def log_message(self, *_: object) -> None:
        pass

    def reply(
        self, status: int, headers: Headers | None = None, body: bytes = b"", cut: int | None = None, stall: float = 0
    ) -> None:
        send = memoryview(b"" if self.command == "HEAD" else body[:cut])
        authorized = bool(self.headers.get("Authorization"))
        request = Request(
            self.origin, self.command, self.path, self.headers.get("Range"), authorized, status, len(send)
        )
        with self.hub.lock:  # logged first, so that the log is complete once a client has the body
            log, index = self.hub.log, len(self.hub.log)
            log.append(request)
        ending = {"Connection": "close"} if stall else {}
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": len(body), **ending}.items():
            self.send_header(name, str(value))
        self.end_headers()
        time.sleep(stall)
        sent = self.send_body(send)
        if sent < len(send):
            log[index] = request._replace(sent=sent)
        self.close_connection = self.close_connection or cut is not None

    def send_body(self, body: memoryview) -> int:
        rate = self.hub.throttle
        started = time.monotonic()
        for at in range(0, len(body), PIECE):
            try:
                self.wfile.write(body[at : at + PIECE])
            except OSError:
                self.close_connection = True
                return at
            if rate:
                time.sleep(max(0.0, started + min(at + PIECE, len(body)) / rate - time.monotonic()))
        return len(body)

    def blob(self, data: bytes, headers: Headers) -> None:
        """Serve all bytes or the requested range, with any pending fault applied."""
        kind, arg = self.hub.take_fault(self.path)
        if kind == "status":
            status, extra = arg if isinstance(arg, tuple) else (arg, {})
            return self.reply(status, extra, b"fault injected")
        if kind == "answer":  # a response composed in hostile.py
            arg.send(self, data, headers)
            return None
        if kind == "html":  # a captive portal
            return self.reply(200, {"Content-Type": "text/html"}, b"<html>sign in</html>" * 5000)
        status, start, stop = 200, 0, len(data)
        span = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range") or "")
        if span and kind != "ignore_range":
            start, stop = int(span[1]), min(int(span[2]) + 1, len(data))
            if start >= stop:
                return self.reply(416, {"Content-Range": f"bytes */{len(data)}"})
            start += arg if kind == "shift_range" else 0
            stop -= arg if kind == "short" else 0
            total = len(data) + (kind == "wrong_total")
            status, headers = 206, {**headers, "Content-Range": f"bytes {start}-{stop - 1}/{total}"}
        cut = arg if kind == "cut" else None
        return self.reply(status, headers, data[start:stop], cut, arg if kind == "stall" else 0)


class _CdnHandler(_Base):
    """Signed, expiring, content-addressed URLs. A Hub token that arrives here has leaked."""

    origin = "cdn"

    def do_GET(self) -> None:
        url = urllib.parse.urlsplit(self.path)
        if self.headers.get("Authorization"):
            return self.reply(400, {}, b"token leaked to the CDN")
        oid = url.path.rsplit("/", 1)[-1]
        data = self.hub.blobs.get(oid)
        if data is None:
            return self.reply(404)
        return self.blob(data, {"ETag": f'"{oid}"', "Content-Type": "application/octet-stream"})


class _HubHandler(_Base):
    origin = "hub"

    def refuse(self, status: int, code: str = "", message: str = "", extra: Headers | None = None) -> None:
        headers = {"X-Error-Code": code, "X-Error-Message": message, "Content-Type": "application/json"}
        known = {name: value for name, value in headers.items() if value}
        self.reply(status, {**known, **(extra or {})}, json.dumps({"error": message}).encode())

    def find(self, repo_id: str, revision: str) -> tuple[Repo, str] | None:
        """The repository and its commit; None after sending the error that the Hub would send."""
        repo = self.hub.repos.get(repo_id)
        if isinstance(repo, str):
            self.reply(307, {"Location": self.path.replace(repo_id, repo, 1)})
            return None
        sent = self.headers.get("Authorization")
        known = sent == f"Bearer {self.hub.token}"
        if sent and not known:
            self.refuse(401, "", "Invalid credentials in Authorization header")
        elif repo is None or (repo.private and not known):  # the Hub doesn't disclose whether it exists
            self.refuse(404 if known else 401, "RepoNotFound", "Repository not found")
        elif repo.gated and not known and not self.path.startswith("/api/models"):
            self.refuse(403 if sent else 401, "GatedRepo", f"Access to model {repo_id} is restricted.")
        elif repo.refs.get(revision, revision) not in repo.commits:
            self.refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        else:
            return repo, repo.refs.get(revision, revision)
        return None

    def do_GET(self) -> None:
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        if match := re.fullmatch(r"/(.+?)/resolve/([^/]+|refs/pr/\d+)/(.+)", path):
            if hit := self.find(match[1], match[2]):
                self.resolve(*hit, match[3])
        elif match := re.fullmatch(r"/api/resolve-cache/models/(.+)/([0-9a-f]{40})/(.+)", path):
            if hit := self.find(match[1], match[2]):
                data = hit[0].commits[hit[1]][match[3]]
                self.blob(data, {"X-Repo-Commit": hit[1], "ETag": f'"{_git_oid(data)}"', "Content-Type": "text/plain"})
        elif match := re.fullmatch(r"/api/models/([^/]+(?:/[^/]+)?)(?:/revision/(.+))?", path):
            if hit := self.find(match[1], match[2] or "main"):
                repo, commit = hit
                blobs = "blobs=" in urllib.parse.urlsplit(self.path).query
                names = [
                    {"rfilename": name, **(self.size_and_digest(data, lfs=name in repo.lfs) if blobs else {})}
                    for name, data in repo.commits[commit].items()
                ]
                info = {"id": repo.id, "sha": commit, "private": repo.private, "gated": repo.gated, "siblings": names}
                self.blob(json.dumps(info).encode(), {"Content-Type": "application/json"})
        else:
            self.refuse(404)

    def size_and_digest(self, data: bytes, *, lfs: bool) -> dict[str, object]:
        """Size and digest of a file, as the Hub lists them for `?blobs=true`."""
        if not self.hub.lists:
            return {}
        if not lfs:
            return {"size": len(data), "blobId": _git_oid(data)}
        return {"size": len(data), "blobId": "0" * 40, "lfs": {"sha256": self.hub.oids[id(data)], "size": len(data)}}

    def resolve(self, repo: Repo, commit: str, name: str) -> None:
        data = repo.commits[commit].get(name)
        if data is None:
            return self.refuse(404, "EntryNotFound", "Entry not found", {"X-Repo-Commit": commit})
        kind, arg = self.hub.take_fault("hub:" + self.path)
        if kind == "status":
            status, extra = arg if isinstance(arg, tuple) else (arg, {})
            return self.refuse(status, extra=extra)
        if name not in repo.lfs:  # a small git file: a relative redirect to an immutable URL on the same origin
            place = f"/api/resolve-cache/models/{repo.id}/{commit}/{urllib.parse.quote(name)}"
            return self.reply(307, {"X-Repo-Commit": commit, "Location": place})
        oid = self.hub.oids[id(data)]
        signed = f"{self.hub.cdn}/bridge/{oid}?file={urllib.parse.quote(name)}&Signature=x"
        metadata = {"X-Repo-Commit": commit, "X-Linked-Size": len(data), "X-Linked-ETag": f'"{oid}"'}
        if not self.hub.linked:
            del metadata["X-Linked-ETag"]
        return self.reply(302, {**metadata, "Location": signed}, b"Found. Redirecting")


def _git_oid(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def safetensors_bytes(tensors: Mapping[str, tuple[str, tuple[int, ...], bytes]]) -> bytes:
    """A safetensors file of {name: (dtype, shape, bytes)}, its header padded to 8 bytes as by the official writer."""
    entries: dict[str, object] = {"__metadata__": {"format": "pt"}}
    at = 0
    for name, (dtype, shape, data) in tensors.items():
        entries[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, at + len(data)]}
        at += len(data)
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(data for _, _, data in tensors.values())
