"""Fuzz targets for responses of a Hub and for the files of a model's layers; part of `fuzz_targets`.

The targets import the Hub modules themselves, as the client reads its settings when it is first imported.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from embgeo.errors import EmbgeoError
from embgeo.formats.older_tokenizers import assemble
from embgeo.formats.safetensors import Place, file_head, read_header
from embgeo.formats.tokenizer_json import read_tokens
from embgeo.models.choice import Choice
from embgeo.models.weights import find_weights, index_bytes, shard_names, shard_of
from embgeo.transformer.forward import hidden_states, open_transformer
from tiny_transformers import FAMILIES, FOLDER, config

REPO, COMMIT = "org/model", "0" * 40
DIGEST = "a" * 64
SEPARATOR = b"\n----\n"  # between two responses
SMALL = ("config.json", "tokenizer.json", "vocab.txt", "modules.json", "model.safetensors.index.json")


def accepted(call: Callable[[], object]) -> bool:
    """Whether a call succeeds; False if it raises an EmbgeoError."""
    try:
        call()
    except EmbgeoError:
        return False
    return True


def first_byte(names: tuple[str, ...]) -> Callable[[bytes], str]:
    """Choose one of these names by the first byte of an input, starting at the digit 0."""
    return lambda data: names[(data[0] - 48) % len(names)]


def listing_seeds() -> list[bytes]:
    """The Hub's description of a model, with and without an LFS file."""
    files = [
        {"rfilename": "model.safetensors", "size": 99, "blobId": "b" * 40, "lfs": {"size": 99, "sha256": DIGEST}},
        {"rfilename": "config.json", "size": 7, "blobId": "b" * 40}, {"rfilename": "vocab.txt"},
    ]  # fmt: skip
    info = {"id": REPO, "sha": COMMIT, "siblings": files, "gated": False}
    return [json.dumps(info).encode(), json.dumps({**info, "siblings": files[1:]}).encode()]


def listing(data: bytes, _folder: Path) -> bool:
    """The Hub's description of a model: in an accepted one, names, sizes and digests have the right types."""
    from embgeo.models.hub.repository import parse_description

    try:
        result = parse_description(data, REPO)
    except EmbgeoError:
        return False
    assert all(isinstance(name, str) for name in result.files)
    assert all(size >= 0 for size in result.sizes.values())
    assert all(blob.oid == "" or len(blob.oid) in (40, 64) for blob in result.blobs.values())
    accepted(lambda: find_weights(result.files, result.id))
    return True


@contextlib.contextmanager
def mock_responses(data: bytes) -> Iterator[None]:
    """Answer the client's requests with these responses in turn; the last one repeats.

    Each response is a status, headers, an empty line and a body.
    """
    import httpx2

    from embgeo.models.hub import requests

    class Body(httpx2.SyncByteStream):
        def __init__(self, body: bytes) -> None:
            self.body = body

        def __iter__(self) -> Iterator[bytes]:
            yield self.body

    responses = data.split(SEPARATOR)

    def respond(_request: httpx2.Request) -> httpx2.Response:
        head, _, body = (responses.pop(0) if len(responses) > 1 else responses[0]).partition(b"\n\n")
        status, *lines = head.split(b"\n")
        headers = [(name.strip(), value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
        return httpx2.Response(int(status[:3]) if status[:3].isdigit() else 200, headers=headers, stream=Body(body))

    client = httpx2.Client(transport=httpx2.MockTransport(respond))
    with client, mock.patch.object(requests, "session", return_value=client):
        yield


def fast_transfer() -> Any:
    """Transfer settings with two attempts and no waits."""
    from embgeo.models.hub.transfer import Transfer

    return Transfer(first=200, tries=2, wait=0, longest_wait=0, timeout=1, opening=5, floor=0)


def response_seeds() -> list[bytes]:
    """The response to a range request: alone, after a redirect, and after an error and a redirect."""
    data = file_head({"wte.weight": ("F32", (4, 3))}, {}) + bytes(48)
    head = f'206\nContent-Range: bytes 0-{len(data) - 1}/{len(data)}\nETag: "{DIGEST}"\nX-Repo-Commit: {COMMIT}\n'
    whole = f"{head}Content-Length: {len(data)}\n\n".encode() + data
    redirect = b'302\nLocation: https://cdn.example.com/x?sig=1\nX-Linked-Etag: W/"1"\nContent-Length: 3\n\nabc'
    refusal = b"503\nRetry-After: 0\nX-Error-Code: Busy\nX-Error-Message: no\nContent-Encoding: gzip\n\n{}"
    return [whole, redirect + SEPARATOR + whole, refusal + SEPARATOR + redirect + SEPARATOR + whole]


def response(data: bytes, _folder: Path) -> bool:
    """Responses to the request for a header: status, redirects, lengths, encoding, range and ETag."""
    from embgeo.models.hub.ranges import fetch_header
    from embgeo.models.hub.refusals import explained
    from embgeo.models.hub.requests import RemoteFile

    def request_header() -> None:
        with mock_responses(data), explained(REPO, "main"):
            fetch_header(RemoteFile(REPO, COMMIT, "model.safetensors"), fast_transfer())

    return accepted(request_header)


def small_seeds() -> list[bytes]:
    """A valid response for each small file."""
    contents = (b"{}", b'{"model": {}}', b"[UNK]\ncat\n", b"[]", b'{"weight_map": {}}')
    return [b"%d200\nContent-Length: %d\n\n%b" % (n, len(body), body) for n, body in enumerate(contents)]


def small(data: bytes, folder: Path) -> bool:
    """A fetched small file: it is stored only if it can be parsed."""
    from embgeo.models.hub.repository import Repository
    from embgeo.models.hub.small import fetch_file

    name = first_byte(SMALL)(data) if data else SMALL[0]
    target = folder / name
    target.unlink(missing_ok=True)
    with mock_responses(data[1:]):
        stored = accepted(lambda: fetch_file(Repository(REPO, COMMIT, (name,)), name, target, transfer=fast_transfer()))
    assert stored == target.exists()
    if stored and name.endswith(".json"):
        assert isinstance(json.loads(target.read_bytes()), dict | list)
    return stored


def shards_seeds() -> list[bytes]:
    """An index of two shards."""
    index = {"metadata": {"total_size": 1e3}, "weight_map": {"wte.weight": "a.safetensors", "h.0": "b.safetensors"}}
    return [json.dumps(index).encode()]


def shards(data: bytes, _folder: Path) -> bool:
    """An index of shards: each name in an accepted one is that of a file in the same folder."""
    accepted(lambda: shard_of(data, "index", Choice()))
    names: list[str] = []
    if not accepted(lambda: names.extend(shard_names(data, "index"))):
        return False
    assert all(Path(name).name == name and name not in (".", "..") for name in names)
    size = index_bytes(data, "index")
    assert size is None or size >= 0
    return True


def run(values: Any, weights: Path) -> bool:
    """Open a transformer and run three tokens through it; the states are finite."""

    def open_and_run() -> None:
        places = {name: Place(weights, tensor) for name, tensor in read_header(weights).tensors.items()}
        transformer = open_transformer(values if isinstance(values, dict) else {}, places)
        for state in hidden_states(transformer, [np.array([1, 2, 3])]):
            assert np.isfinite(state).all()

    return accepted(open_and_run)


def settings_seeds() -> list[bytes]:
    """The config.json of each family."""
    return [b"%c%b" % (48 + n, json.dumps(config(family)).encode()) for n, family in enumerate(FAMILIES)]


def settings(data: bytes, folder: Path) -> bool:
    """A config.json for the layers, with the tensors of another one."""
    from embgeo.models.local import read_config

    (folder / "config.json").write_bytes(data[1:])
    family = FAMILIES[(data[0] - 48) % len(FAMILIES)] if data else FAMILIES[0]
    values: dict[str, Any] = {}
    if not accepted(lambda: values.update(read_config(folder))):
        return False
    return run(values, FOLDER / family / "model.safetensors")


def layers_seeds() -> list[bytes]:
    """The tensors of three families."""
    return [(FOLDER / family / "model.safetensors").read_bytes() for family in ("bert", "gpt2", "llama")]


def layers(data: bytes, folder: Path) -> bool:
    """Tensors of layers, with config.json files that they may not match."""
    (folder / "layers").write_bytes(data)
    results = [run(config(family), folder / "layers") for family in ("bert", "gpt2", "llama")]
    return any(results)


def older_seeds() -> list[bytes]:
    """vocab.txt; vocab.json and merges.txt in one input."""
    vocabulary = json.dumps({"c": 0, "a": 1, "t": 2, "ca": 3, "cat": 4})
    return [b"0[UNK]\n[PAD]\ncat\n##s\n", b"1%b\0#version: 0.2\nc a\nca t\n" % vocabulary.encode()]


def older(data: bytes, folder: Path) -> bool:
    """The files of an older tokenizer, converted to a tokenizer.json."""
    place = folder / "place"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    if data[:1] == b"1":
        first, _, second = data[1:].partition(b"\0")
        (place / "vocab.json").write_bytes(first)
        (place / "merges.txt").write_bytes(second)
    else:
        (place / "vocab.txt").write_bytes(data[1:])
    if not accepted(lambda: assemble(place, place / "tokenizer.json")):
        return False
    read_tokens(place / "tokenizer.json", 9)
    return True


HUB_TARGETS = {
    "listing": (listing_seeds, listing),
    "response": (response_seeds, response),
    "small-file": (small_seeds, small),
    "shards": (shards_seeds, shards),
    "layer-settings": (settings_seeds, settings),
    "layers": (layers_seeds, layers),
    "older-tokenizer": (older_seeds, older),
}
