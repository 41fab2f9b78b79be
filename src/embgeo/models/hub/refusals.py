"""Translate the exceptions of the Hub's client into embgeo's errors: one table, and the one place that applies it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final, NamedTuple
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

import httpx2

from embgeo.errors import EmbgeoError, ModelError, NetworkError
from embgeo.formats.system_faults import system_refusal
from embgeo.models.hub.client import PROXIES, constants, errors, set_variables, without_login
from embgeo.models.hub.requests import IN_THE_WAY
from embgeo.models.hub.transfer import DamagedBodyError, by_storage, system_shortage


class _Refusal(NamedTuple):
    kind: type[EmbgeoError]
    message: str
    hint: str


_LOG_IN: Final = "log in with `hf auth login` or set HF_TOKEN"
_AGAIN: Final = "Check the network and try again; what has already arrived is reused."
_LOG_IN_TO_PROXY: Final = "It asks for a user name and password: http://user:password@host:port."
_TOKEN: Final = _Refusal(ModelError, "the Hub does not accept your access token", "Log in again: hf auth login")

# Subclasses before their base classes: GatedRepoError is a RepositoryNotFoundError, which is an HfHubHTTPError. Only
# the message of a failed connection is quoted: others may contain a signed address or the token.
REFUSALS: Final[tuple[tuple[type[Exception], _Refusal], ...]] = (
    (errors.OfflineModeIsEnabled, _Refusal(
        NetworkError, "offline mode is on, and '{repo}' is not on this machine", "Unset HF_HUB_OFFLINE to fetch it.")),
    (errors.GatedRepoError, _Refusal(
        ModelError, "'{repo}' is gated: its owner grants access", f"Ask for it at {{hub}}/{{repo}}, then {_LOG_IN}.")),
    (errors.DisabledRepoError, _Refusal(ModelError, "'{repo}' has been disabled on the Hub", "")),
    (errors.RepositoryNotFoundError, _Refusal(
        ModelError, "there is no model '{repo}' on the Hub, or it is private", f"If it is private, {_LOG_IN}.")),
    (errors.RevisionNotFoundError, _Refusal(
        ModelError, "'{repo}' has no revision '{revision}'", "Its branches and tags are listed at {hub}/{repo}/tree.")),
    (errors.RemoteEntryNotFoundError, _Refusal(ModelError, "a file of '{repo}' is gone from the Hub", "Try again.")),
    (errors.OIDCError, _TOKEN),
    (errors.DeviceCodeError, _TOKEN),
    (errors.HfHubHTTPError, _Refusal(NetworkError, "the Hub answered HTTP {status} for '{repo}'", "Try again later.")),
    (httpx2.TimeoutException, _Refusal(NetworkError, "{host} did not answer in time for '{repo}'", _AGAIN)),
    (TimeoutError, _Refusal(NetworkError, "{host} did not answer in time for '{repo}'", _AGAIN)),
    (httpx2.UnsupportedProtocol, _Refusal(
        NetworkError, "'{hub}' is not a Hub address", "Correct HF_ENDPOINT, or unset it.")),
    (httpx2.InvalidURL, _Refusal(NetworkError, "'{hub}' is not a Hub address", "Correct HF_ENDPOINT, or unset it.")),
    (httpx2.ProxyError, _Refusal(
        NetworkError, "the proxy does not connect to {host} for '{repo}'{way}{http}", "{proxy}")),
    (DamagedBodyError, _Refusal(NetworkError, "{why}, though it was requested several times", IN_THE_WAY)),
    (httpx2.ConnectError, _Refusal(NetworkError, "can't reach {host} for '{repo}'{way}: {why}", _AGAIN)),
    (httpx2.HTTPError, _Refusal(NetworkError, "the transfer of '{repo}' broke off", _AGAIN)),
)  # fmt: skip

# Statuses of a plain HfHubHTTPError.
STATUSES: Final[dict[int, _Refusal]] = {
    HTTPStatus.UNAUTHORIZED: _TOKEN,
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: _Refusal(
        NetworkError, "the proxy does not let '{repo}' through{way}: HTTP 407", _LOG_IN_TO_PROXY
    ),
    HTTPStatus.FORBIDDEN: _Refusal(ModelError, "the Hub denies access to '{repo}'", f"To have access, {_LOG_IN}."),
    HTTPStatus.TOO_MANY_REQUESTS: _Refusal(
        NetworkError, "too many requests to the Hub from this address (HTTP 429)", f"Wait some minutes, or {_LOG_IN}."
    ),
}
_STORAGE: Final = _Refusal(
    NetworkError, "the storage behind the Hub answered HTTP {status} for '{repo}'",
    "Try again later; if it lasts, something between here and there may be in the way.",
)  # fmt: skip


@contextmanager
def explained(repo_id: str, revision: str | None) -> Iterator[None]:
    """Turn the client's exceptions into embgeo's errors."""
    try:
        yield
    except tuple(kind for kind, _ in REFUSALS) as error:
        if lack := system_shortage(error):
            raise system_refusal(f"{repo_id} from the Hub", lack) from None
        refusal = next(refusal for kind, refusal in REFUSALS if isinstance(error, kind))
        status = error.response.status_code if isinstance(error, errors.HfHubHTTPError) else 0
        if type(error) is errors.HfHubHTTPError:
            refusal = _STORAGE if by_storage(error) else STATUSES.get(status, refusal)
        endpoint = without_login(constants.ENDPOINT)
        facts = {"repo": repo_id, "revision": revision or "main", "hub": endpoint, "status": status}
        facts |= {"host": urlsplit(endpoint).netloc or endpoint, "why": " ".join(str(error).split())}
        facts["way"] = _way(endpoint)
        facts |= _proxy_facts(str(facts["why"]))
        raise refusal.kind(refusal.message.format(**facts), refusal.hint.format(**facts)) from None


def _proxy_facts(why: str) -> dict[str, str]:
    """What a proxy said, and how to go on."""
    code = re.match(r"[1-5]\d\d\b", why)
    hint = _LOG_IN_TO_PROXY if code and code[0] == "407" else "Correct the proxy in the environment, or unset it."
    return {"http": f": HTTP {code[0]}" if code else f": {why:.80}", "proxy": hint}


def _way(endpoint: str) -> str:
    """The proxy settings that the request used, as a phrase; empty without a proxy."""
    parts = urlsplit(endpoint)
    names = [name for name in set_variables(PROXIES) if name.upper() in ("ALL_PROXY", f"{parts.scheme}_proxy".upper())]
    return "" if not names or proxy_bypass(parts.netloc) else f" by way of {', '.join(names)}"
