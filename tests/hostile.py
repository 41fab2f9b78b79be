"""Responses of a Hub that misbehaves: each combines faults that are drawn at random from a seed."""

from __future__ import annotations

import contextlib
import functools
import http.server
import random
import re
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from fakehub import FakeHub

FRAMES = ("length", "short length", "long length", "until it closes", "chunked", "endless")
ENCODINGS = ("", "gzip", "bomb", "lie", "br")
CONTENTS = ("right", "flipped", "page", "cut", "other", "empty", "longer")
PAGE = b"<html>sign in</html>" * 50
REDIRECTS = (
    "ftp://127.0.0.1/x", "file:///etc/passwd", "http://[::1", "/api/loop", "http://127.0.0.1:1/", "javascript:x", "//",
)  # fmt: skip
WRONG = ("flipped", "page", "other")
BOMB_SIZE = 300_000_000


@functools.cache
def bomb() -> bytes:
    """300 kB of gzip data that expand to 300 MB of opening brackets."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = b"[" * 1_000_000
    return b"".join(packer.compress(piece) for _ in range(BOMB_SIZE // len(piece))) + packer.flush()


@dataclass(frozen=True)
class Response:
    """The response to a request for a file.

    Attributes:
        content: what happens to the body; see CONTENTS.
        frame: how the end of the body is marked; see FRAMES.
        encoding: the content encoding, whatever was requested.
        etag: whether an ETag is sent.
        rate: bytes per second; 0 for no limit.
        silence: seconds before the body.
        cut: bytes of the body after which the connection is closed; -1 for never.
        media: the content type; empty for that of the file.
        status: a status that replaces 200 or 206; 0 for none.
        instead: content that replaces the file's.
        span: how the range is changed: "" (not at all), "ignored", "shifted" or "whole" (206 with all of the file).
    """

    content: str = "right"
    frame: str = "length"
    encoding: str = ""
    etag: bool = True
    rate: float = 0
    silence: float = 0
    cut: int = -1
    media: str = ""
    status: int = 0
    instead: bytes = b""
    span: str = ""

    def __post_init__(self) -> None:
        if self.encoding == "bomb":
            bomb()  # now: made while a request waits, it would count as silence

    def send(self, handler: http.server.BaseHTTPRequestHandler, data: bytes, headers: Mapping[str, object]) -> None:
        """Send the response."""
        headers = {name: value for name, value in headers.items() if self.etag or name != "ETag"}
        if self.media:
            headers["Content-Type"] = self.media
        headers["Connection"] = "close"  # or the next request would race against the closing connection
        requested = re.fullmatch(r"bytes=(\d+)-(\d+)", handler.headers.get("Range") or "")
        data = self.instead or data
        status, body = 200, data
        if requested and self.span != "ignored":
            start, stop = int(requested[1]), min(int(requested[2]) + 1, len(data))
            start, stop = (0, len(data)) if self.span == "whole" else (start + (self.span == "shifted"), stop)
            status, body = 206, data[start:stop]
            headers["Content-Range"] = f"bytes {start}-{max(start, stop) - 1}/{len(data)}"
        body = self._encoded(self._changed(body), headers)
        with contextlib.suppress(OSError):
            self._write(handler, self.status or status, headers, body)

    def _changed(self, body: bytes) -> bytes:
        match self.content:
            case "flipped":
                return bytes([body[0] ^ 1]) + body[1:] if body else body
            case "page":
                return PAGE
            case "cut":
                return body[: len(body) // 2]
            case "other":
                return bytes(reversed(body))
            case "empty":
                return b""
            case "longer":
                return body + b"more" * 50_000
        return body

    def _encoded(self, body: bytes, headers: dict[str, object]) -> bytes:
        if not self.encoding:
            return body
        headers["Content-Encoding"] = "br" if self.encoding == "br" else "gzip"
        if self.encoding == "bomb":
            return bomb()
        return zlib.compress(body, wbits=31) if self.encoding == "gzip" else body

    def _write(
        self, handler: http.server.BaseHTTPRequestHandler, status: int, headers: dict[str, object], body: bytes
    ) -> None:
        match self.frame:
            case "length":
                headers["Content-Length"] = len(body)
            case "short length":
                headers["Content-Length"] = len(body) // 2
            case "long length":
                headers["Content-Length"] = len(body) + 10
            case "chunked" | "endless":
                headers["Transfer-Encoding"] = "chunked"
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, str(value))
        handler.end_headers()
        time.sleep(self.silence)
        self._pour(handler, body if self.cut < 0 else body[: self.cut])

    def _pour(self, handler: http.server.BaseHTTPRequestHandler, body: bytes) -> None:
        chunked = self.frame in ("chunked", "endless")
        size = max(1, int(self.rate / 20)) if self.rate else 1 << 16
        for at in range(0, len(body), size):
            piece = body[at : at + size]
            handler.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            if self.rate:
                time.sleep(len(piece) / self.rate)
        if self.cut >= 0:
            return
        ends = time.monotonic() + 60
        while self.frame == "endless" and time.monotonic() < ends:
            handler.wfile.write(b"4\r\nmore\r\n")
            time.sleep(0.01)
        if chunked:
            handler.wfile.write(b"0\r\n\r\n")


def random_response(random_: random.Random) -> Response:
    """A response with one to three faults."""
    fields: dict[str, Any] = {}
    for fault in random_.sample(
        ("content", "frame", "encoding", "etag", "pace", "cut", "media", "span"), random_.randint(1, 3)
    ):
        match fault:
            case "content":
                fields["content"] = random_.choice(CONTENTS)
            case "frame":
                fields["frame"] = random_.choice(FRAMES)
            case "encoding":
                fields["encoding"] = random_.choice(ENCODINGS)
            case "etag":
                fields["etag"] = False
            case "pace":
                fields |= random_.choice(({"rate": 20.0}, {"rate": 5_000.0}, {"silence": 0.2}, {"silence": 3.0}))
            case "cut":
                fields["cut"] = random_.choice((0, 1, 100, 5_000))
            case "media":
                fields["media"] = random_.choice(
                    ("text/html", "text/html; charset=utf-8", "Text/HTML", "", "image/png")
                )
            case "span":
                fields["span"] = random_.choice(("ignored", "shifted", "whole"))
    return Response(**fields)


def compose(hub: FakeHub, seed: int) -> list[tuple[Any, ...]]:
    """Inject one to four faults into a Hub; returns them, for a message.

    Wrong bytes in the weights are sent with even seeds only, for a model whose matrix is the whole file: no digest
    covers a part of a file, so that wrong bytes in it could not be detected.
    """
    random_ = random.Random(seed)
    faults = []
    for _ in range(random_.randint(1, 4)):
        where = random_.choice(("/api/models/", "config.json", "tokenizer.json", "/bridge/", "/bridge/", "hub:"))
        times = random_.choice((1, 1, 2, 3, 99))
        if where == "hub:" or random_.random() < 0.25:
            status: Any = random_.choice(
                (200, 204, 206, 301, 302, 304, 307, 400, 401, 403, 404, 408, 416, 429, 500, 503, 999)
            )
            extra: dict[str, object] = {}
            if random_.random() < 0.7 and (status in (301, 302, 307) or random_.random() < 0.2):
                extra["Location"] = random_.choice(REDIRECTS)
            if random_.random() < 0.3:
                extra["Retry-After"] = random_.choice(("0", "900", "soon", "-1"))
            if random_.random() < 0.2:
                extra["X-Error-Code"] = random_.choice(
                    ("RepoNotFound", "GatedRepo", "EntryNotFound", "RevisionNotFound")
                )
            fault: tuple[Any, ...] = (where, "status", times, (status, extra))
        else:
            if random_.random() < 0.3:
                hub.fault(where, "pass", random_.randint(1, 2))
            response = random_response(random_)
            if where == "/bridge/" and seed % 2 and response.content in WRONG:
                response = replace(response, content="right")
            fault = (where, "answer", times, response)
        hub.fault(*fault)
        faults.append(fault)
    return faults
