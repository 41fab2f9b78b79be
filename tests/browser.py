"""A headless Chromium driven through its pipe, with the standard library alone."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run",
    "--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-pipe",
]  # fmt: skip
SOFTWARE_GL = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
NO_GL = ["--disable-3d-apis", "--disable-gpu"]
# Chromium reads commands from descriptor 3 and writes to descriptor 4. Shells can't all redirect descriptors above 9.
START = """
import fcntl, os, sys
high = [fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3]]
for source, target in zip(high, (3, 4)):
    os.dup2(source, target)
os.execvp(sys.argv[3], sys.argv[3:])
"""
# Report SwiftShader under another renderer's name, so that the page takes it for a graphics card and uses WebGL2.
FAKE_GPU = """{
  const { getParameter } = WebGL2RenderingContext.prototype;
  WebGL2RenderingContext.prototype.getParameter = function (name) {
    return name === 0x9246 ? "a graphics card" : getParameter.call(this, name);
  };
}"""
TIMEOUT = 120.0  # seconds to wait for an answer; the machine may be busy


def find_chromium() -> str | None:
    """The path of Chromium, or None if it is not installed."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


class Browser:
    """One page of a Chromium with an empty profile.

    Attributes:
        requests: every URL that the page requested.
        errors: its console errors and uncaught exceptions.
    """

    def __init__(self, *, gl: bool = True, width: int = 1280, height: int = 800) -> None:
        self.requests: list[str] = []
        self.errors: list[str] = []
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        command = [
            str(find_chromium()),
            *FLAGS,
            *(SOFTWARE_GL if gl else NO_GL),
            f"--user-data-dir={self._profile.name}",
        ]
        start = [sys.executable, "-c", START, str(to_browser), str(from_browser), *command, "about:blank"]
        self._process = subprocess.Popen(
            start, pass_fds=(to_browser, from_browser), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        os.close(to_browser)
        os.close(from_browser)
        self._number, self._rest, self._session = 0, b"", ""
        page = self._first_page()
        self._session = self.call("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.resize(width, height)

    def _first_page(self) -> str:
        until = time.monotonic() + TIMEOUT
        while time.monotonic() < until:
            for target in self.call("Target.getTargets")["targetInfos"]:
                if target["type"] == "page":
                    return str(target["targetId"])
            time.sleep(0.05)
        raise TimeoutError("Chromium opened no page")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._write)
        os.close(self._read)
        self._profile.cleanup()

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the DevTools protocol."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._write, data) :]
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                result: dict[str, Any] = answer["result"]
                return result
            self._record(answer)

    def _next(self) -> dict[str, Any]:
        until = time.monotonic() + TIMEOUT
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._read], [], [], max(0, until - time.monotonic()))
            if not ready:
                raise TimeoutError("Chromium did not answer")
            self._rest += os.read(self._read, 1 << 20)
        line, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        return message

    def _record(self, event: dict[str, Any]) -> None:
        params = event.get("params", {})
        if event.get("method") == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        if event.get("method") == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(params["exceptionDetails"])[:500])
        if event.get("method") == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.errors.append(params["entry"]["text"])

    def open(self, path: Path, anchor: str = "") -> None:
        """Open a map from disk, and wait until the page has read its lists and its matrix."""
        self.call("Page.navigate", url="about:blank")
        self.requests.clear()
        self.call("Page.navigate", url=f"{path.resolve().as_uri()}{anchor}")
        self.wait("document.documentElement?.dataset.ready && document.documentElement.dataset.whole")

    def run(self, script: str) -> Any:
        """Evaluate a JavaScript expression, awaiting promises; returns its value."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"])[:500])
        return answer["result"].get("value")

    def wait(self, script: str) -> Any:
        """Wait until an expression is true; returns its value."""
        until = time.monotonic() + TIMEOUT
        while time.monotonic() < until:
            if value := self.run(script):
                return value
            time.sleep(0.05)
        raise TimeoutError(f"{script} never became true; {self.errors} {self.text('facts')}")

    def text(self, name: str) -> str:
        """The text of the element with this id."""
        return str(self.run(f"document.getElementById({name!r})?.innerText ?? ''"))

    @contextmanager
    def with_gpu(self) -> Iterator[None]:
        """Pages opened inside the `with` block detect a graphics card."""
        name = self.call("Page.addScriptToEvaluateOnNewDocument", source=FAKE_GPU)["identifier"]
        yield
        self.call("Page.removeScriptToEvaluateOnNewDocument", identifier=name)

    def frame(self) -> None:
        """Wait until pending changes have been drawn."""
        self.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")

    def type(self, name: str, text: str) -> None:
        """Replace the text of the input with this id, as if it were typed."""
        self.run(f"(document.getElementById({name!r}).focus(), document.getElementById({name!r}).select())")
        self.call("Input.insertText", text=text)

    def press(self, key: str, code: int = 0, text: str = "") -> None:
        """Press and release a key."""
        for kind in ("keyDown", "keyUp"):
            extra = {"text": text} if text and kind == "keyDown" else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, **extra)

    def mouse(self, kind: str, x: float, y: float, **more: Any) -> None:
        """Send a mouse event: `mousePressed`, `mouseMoved` or `mouseReleased`."""
        button = {"button": "left", "buttons": 1, "clickCount": 1}
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **button, **more)

    def resize(self, width: int, height: int, scale: float = 1) -> None:
        """Resize the window; sizes are in CSS pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=False
        )  # fmt: skip

    def prefer(self, **features: str) -> None:
        """Set media features, such as prefers_color_scheme="dark"."""
        named = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.call("Emulation.setEmulatedMedia", features=named)

    def picture(self, path: Path) -> Path:
        """Save a screenshot."""
        self.frame()
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))
        return path
