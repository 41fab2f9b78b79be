"""Fixtures for tests of the Hub: the real client against a loopback server.

huggingface_hub reads HF_ENDPOINT once, when it is imported. So the server of a test process starts here, before
anything imports the client, and is emptied for each test. Under pytest-xdist each worker process has its own server. No
test can reach the real Hub by mistake.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from fakehub import FakeHub

assert "huggingface_hub" not in sys.modules, "huggingface_hub was imported before its endpoint could be set"
_HOME = Path(tempfile.mkdtemp(prefix="embgeo-hf-home-"))
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
_HUB = FakeHub().__enter__()
for _name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH", "HF_HUB_OFFLINE", "HF_HUB_CACHE"):
    os.environ.pop(_name, None)
os.environ.update(_HUB.env(_HOME))


@pytest.fixture
def hub() -> FakeHub:
    """The loopback Hub that huggingface_hub uses in this process, emptied."""
    _HUB.clear()
    return _HUB


@pytest.fixture
def hub_env(hub: FakeHub, tmp_path: Path) -> Mapping[str, str]:
    """The environment of a subprocess that uses the same Hub, with its own Hugging Face home."""
    return {**os.environ, **hub.env(tmp_path / "hf-home")}
