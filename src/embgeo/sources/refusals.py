"""What the Hub's client raises, said in embgeo's words: one table, and the one place that applies it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import httpx2
from huggingface_hub import constants
from huggingface_hub.errors import (
    DeviceCodeError,
    DisabledRepoError,
    GatedRepoError,
    HfHubHTTPError,
    OfflineModeIsEnabled,
    OIDCError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from embgeo.errors import EmbgeoError, ModelError, NetworkError


class _Refusal(NamedTuple):
    kind: type[EmbgeoError]
    message: str
    hint: str


_LOG_IN: Final = "log in with `hf auth login` or set HF_TOKEN"
_AGAIN: Final = "Check the network and try again; what has already arrived is kept."
_TOKEN: Final = _Refusal(ModelError, "the Hub does not accept your access token", "Log in anew: hf auth login")

# What the client raises, the narrower class before the wider: GatedRepoError is a RepositoryNotFoundError, and that an
# HfHubHTTPError. Only the connection's own message is quoted: others may hold a signed address or the token.
REFUSALS: Final[tuple[tuple[type[Exception], _Refusal], ...]] = (
    (OfflineModeIsEnabled, _Refusal(
        NetworkError, "offline mode is on, and '{repo}' is not on this machine", "Unset HF_HUB_OFFLINE to fetch it.")),
    (GatedRepoError, _Refusal(
        ModelError, "'{repo}' is gated: its owner grants access", f"Ask for it at {{hub}}/{{repo}}, then {_LOG_IN}.")),
    (DisabledRepoError, _Refusal(ModelError, "'{repo}' has been disabled on the Hub", "")),
    (RepositoryNotFoundError, _Refusal(
        ModelError, "there is no model '{repo}' on the Hub, or it is private", f"If it is private, {_LOG_IN}.")),
    (RevisionNotFoundError, _Refusal(
        ModelError, "'{repo}' has no revision '{revision}'", "Its branches and tags are listed at {hub}/{repo}/tree.")),
    (RemoteEntryNotFoundError, _Refusal(ModelError, "a file of '{repo}' is gone from the Hub", "Try again.")),
    (OIDCError, _TOKEN),
    (DeviceCodeError, _TOKEN),
    (HfHubHTTPError, _Refusal(NetworkError, "the Hub answered HTTP {status} for '{repo}'", "Try again later.")),
    (httpx2.TimeoutException, _Refusal(NetworkError, "{host} did not answer in time for '{repo}'", _AGAIN)),
    (TimeoutError, _Refusal(NetworkError, "{host} did not answer in time for '{repo}'", _AGAIN)),
    (httpx2.UnsupportedProtocol, _Refusal(
        NetworkError, "'{hub}' is no address of a Hub", "Correct HF_ENDPOINT, or unset it.")),
    (httpx2.InvalidURL, _Refusal(NetworkError, "'{hub}' is no address of a Hub", "Correct HF_ENDPOINT, or unset it.")),
    (httpx2.ConnectError, _Refusal(NetworkError, "can't reach {host} for '{repo}': {why}", _AGAIN)),
    (httpx2.HTTPError, _Refusal(NetworkError, "the transfer of '{repo}' broke off", _AGAIN)),
)  # fmt: skip

# An HfHubHTTPError of no class of its own, by status.
STATUSES: Final[dict[int, _Refusal]] = {
    HTTPStatus.UNAUTHORIZED: _TOKEN,
    HTTPStatus.FORBIDDEN: _Refusal(ModelError, "the Hub denies access to '{repo}'", f"To have access, {_LOG_IN}."),
    HTTPStatus.TOO_MANY_REQUESTS: _Refusal(
        NetworkError, "the Hub has had too many requests from here (HTTP 429)", f"Wait some minutes, or {_LOG_IN}."
    ),
}


@contextmanager
def explained(repo_id: str, revision: str | None) -> Iterator[None]:
    """Turn what the client raises into embgeo's own errors; the one place that knows the client's classes."""
    try:
        yield
    except tuple(kind for kind, _ in REFUSALS) as error:
        refusal = next(refusal for kind, refusal in REFUSALS if isinstance(error, kind))
        status = error.response.status_code if isinstance(error, HfHubHTTPError) else 0
        if type(error) is HfHubHTTPError:
            refusal = STATUSES.get(status, refusal)
        endpoint = constants.ENDPOINT
        facts = {"repo": repo_id, "revision": revision or "main", "hub": endpoint, "status": status}
        facts |= {"host": urlsplit(endpoint).netloc or endpoint, "why": " ".join(str(error).split())}
        raise refusal.kind(refusal.message.format(**facts), refusal.hint.format(**facts)) from None
