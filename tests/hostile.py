"""Answers of a Hub that misbehaves: each a composition of faults, drawn at random from a seed."""

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
    """Gzip data of 300 kB that is 300 MB of JSON's opening brackets."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = b"[" * 1_000_000
    return b"".join(packer.compress(piece) for _ in range(BOMB_SIZE // len(piece))) + packer.flush()


@dataclass(frozen=True)
class Answer:
    """One answer to a request for a file.

    Attributes:
        content: what the body is.
        frame: how its end is said.
        encoding: how it is encoded, whatever was requested.
        etag: whether its version is given, by this server and by the redirect to it.
        rate: bytes per second; 0 for no limit.
        silence: seconds before the body.
        cut: bytes of the body after which the connection is closed; -1 for none.
        media: the content type; empty for that of the file.
        status: another one than of success.
        instead: another file's content.
        span: what is done to the range: "" nothing, "ignored", "shifted", "whole" (206 with all of the file).
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

    def send(self, handler: http.server.BaseHTTPRequestHandler, data: bytes, headers: Mapping[str, object]) -> None:
        """Write it."""
        kept = {name: value for name, value in headers.items() if self.etag or name != "ETag"}
        if self.media:
            kept["Content-Type"] = self.media
        handler.close_connection = True
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", handler.headers.get("Range") or "")
        data = self.instead or data
        status, body = 200, data
        if asked and self.span != "ignored":
            start, stop = int(asked[1]), min(int(asked[2]) + 1, len(data))
            start, stop = (0, len(data)) if self.span == "whole" else (start + (self.span == "shifted"), stop)
            status, body = 206, data[start:stop]
            kept["Content-Range"] = f"bytes {start}-{max(start, stop) - 1}/{len(data)}"
        body = self._encoded(self._changed(body), kept)
        with contextlib.suppress(OSError):
            self._write(handler, self.status or status, kept, body)

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


def answer(random_: random.Random) -> Answer:
    """An answer with one to three faults."""
    facts: dict[str, Any] = {}
    for fault in random_.sample(
        ("content", "frame", "encoding", "etag", "pace", "cut", "media", "span"), random_.randint(1, 3)
    ):
        match fault:
            case "content":
                facts["content"] = random_.choice(CONTENTS)
            case "frame":
                facts["frame"] = random_.choice(FRAMES)
            case "encoding":
                facts["encoding"] = random_.choice(ENCODINGS)
            case "etag":
                facts["etag"] = False
            case "pace":
                facts |= random_.choice(({"rate": 20.0}, {"rate": 5_000.0}, {"silence": 0.2}, {"silence": 3.0}))
            case "cut":
                facts["cut"] = random_.choice((0, 1, 100, 5_000))
            case "media":
                facts["media"] = random_.choice(("text/html", "text/html; charset=utf-8", "Text/HTML", "", "image/png"))
            case "span":
                facts["span"] = random_.choice(("ignored", "shifted", "whole"))
    return Answer(**facts)


def compose(hub: FakeHub, seed: int) -> list[tuple[Any, ...]]:
    """Give a Hub one to four faults; returns them, for a message.

    Wrong bytes in the weights are only sent with even seeds, for a model whose matrix is all of its file: of a part of
    a file no digest exists, so that nobody could notice them.
    """
    random_ = random.Random(seed)
    told = []
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
            drawn = answer(random_)
            if where == "/bridge/" and seed % 2 and drawn.content in WRONG:
                drawn = replace(drawn, content="right")
            fault = (where, "answer", times, drawn)
        hub.fault(*fault)
        told.append(fault)
    return told
