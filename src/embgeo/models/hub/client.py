"""The Hub's client, with its settings checked: addresses, proxies, certificates, the access token.

The client reads its settings when it is imported. Other files import it from here, so that an invalid setting is
reported by name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

import httpx2

from embgeo.errors import ModelError, NetworkError
from embgeo.formats.system_faults import enough_memory

ENDPOINT: Final = "HF_ENDPOINT"
NUMBERS: Final = ("HF_HUB_DOWNLOAD_TIMEOUT", "HF_HUB_ETAG_TIMEOUT")
PROXIES: Final = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY")
CERTIFICATES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")
LOGIN: Final = re.compile(r"(?<=//)[^/?#]*@|^[^/?#]*@")


def without_login(address: str) -> str:
    """An address without the user name and password it may contain."""
    return LOGIN.sub("", address)


def set_variables(variables: Collection[str]) -> list[str]:
    """Those environment variables that are set; the client reads some in lower case too."""
    return [name for name, value in os.environ.items() if value and name.upper() in variables]


def bad_endpoint(address: str) -> NetworkError:
    """The error for an invalid address of the Hub."""
    return NetworkError(f"'{without_login(address)}' is not a Hub address", f"Correct {ENDPOINT}, or unset it.")


def _check_settings() -> None:
    if address := os.environ.get(ENDPOINT, ""):
        try:
            _ = urlsplit(address).port
        except ValueError:
            raise bad_endpoint(address) from None
    for name in set_variables(NUMBERS):
        with suppress(ValueError):
            int(os.environ[name])
            continue
        raise NetworkError(
            f"{name} is '{os.environ[name]}', not a whole number of seconds", f"Correct {name}, or unset it."
        )


_check_settings()

from huggingface_hub import (  # noqa: E402  # reading what is checked above
    constants,
    errors,
    get_session,
    get_token,
    hf_hub_url,
    hf_raise_for_status,
    is_offline_mode,
)

__all__ = ["constants", "errors", "hf_hub_url", "hf_raise_for_status", "is_offline_mode", "session", "token"]


def session() -> httpx2.Client:
    """The connection pool of all requests, through the proxy that the environment names.

    Raises:
        NetworkError: the proxy or the certificate in the environment can't be used.
    """
    try:
        return get_session()
    except ImportError:
        why, names = "a SOCKS proxy, which needs the package socksio", set_variables(PROXIES)
        hint = "Install that (python -m pip install socksio), or unset it."
    except (ValueError, httpx2.InvalidURL):
        why, names, hint = "not a usable proxy", set_variables(PROXIES), ""
    except OSError as error:
        why, names, hint = f"can't read the certificates, {error.strerror or error}", set_variables(CERTIFICATES), ""
    listed = ", ".join(names) or "the network's settings"
    raise NetworkError(f"{listed}: {why}", hint or f"Correct {listed}, or unset it.") from None


def token() -> str | None:
    """The user's access token; None if there is none, or the user has told the client not to send it.

    Raises:
        ModelError: the token can't be read, or is invalid.
    """
    try:
        with enough_memory(constants.HF_TOKEN_PATH):
            value = None if constants.HF_HUB_DISABLE_IMPLICIT_TOKEN else get_token()
    except (OSError, ValueError):
        hint = "Check HF_HOME and HF_TOKEN_PATH, and who owns that file."
        raise ModelError(f"can't read the token in '{constants.HF_TOKEN_PATH}'", hint) from None
    if value and not (value.isascii() and value.isprintable()):
        raise ModelError("the Hugging Face token has invalid characters", "Log in again: hf auth login")
    return value or None
