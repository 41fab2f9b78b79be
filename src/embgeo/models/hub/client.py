"""The Hub's client, and what in its surroundings keeps it from working: addresses, proxies, certificates, a token.

The client reads its settings when it is imported. All of sources/ takes it from here, so that a setting which it can't
read is a line that names it.
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

ENDPOINT: Final = "HF_ENDPOINT"
NUMBERS: Final = ("HF_HUB_DOWNLOAD_TIMEOUT", "HF_HUB_ETAG_TIMEOUT")
PROXIES: Final = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY")
CERTIFICATES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")
LOGIN: Final = re.compile(r"(?<=//)[^/?#]*@|^[^/?#]*@")


def shown(address: str) -> str:
    """An address without the name and password that may stand in it."""
    return LOGIN.sub("", address)


def named(variables: Collection[str]) -> list[str]:
    """Which of these are set; the client reads some in small letters too."""
    return [name for name, value in os.environ.items() if value and name.upper() in variables]


def bad_endpoint(address: str) -> NetworkError:
    """What is said of an address that none can be."""
    return NetworkError(f"'{shown(address)}' is no address of a Hub", f"Correct {ENDPOINT}, or unset it.")


def _check_settings() -> None:
    if address := os.environ.get(ENDPOINT, ""):
        try:
            _ = urlsplit(address).port
        except ValueError:
            raise bad_endpoint(address) from None
    for name in named(NUMBERS):
        with suppress(ValueError):
            int(os.environ[name])
            continue
        raise NetworkError(
            f"{name} is '{os.environ[name]}', no whole number of seconds", f"Correct {name}, or unset it."
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
    """The connections that all requests share, by way of the proxy that the environment names.

    Raises:
        NetworkError: a proxy or a certificate is set that can't be used.
    """
    try:
        return get_session()
    except ImportError:
        why, names = "a SOCKS proxy, which takes the package socksio", named(PROXIES)
        hint = "Install that (python -m pip install socksio), or unset it."
    except (ValueError, httpx2.InvalidURL):
        why, names, hint = "no proxy that can be used", named(PROXIES), ""
    except OSError as error:
        why, names, hint = f"certificates that can't be read, {error.strerror or error}", named(CERTIFICATES), ""
    listed = ", ".join(names) or "the network's settings"
    raise NetworkError(f"{listed}: {why}", hint or f"Correct {listed}, or unset it.") from None


def token() -> str | None:
    """The user's access token; None where there is none, or the user wants it kept back.

    Raises:
        ModelError: it can't be read, or is none.
    """
    try:
        found = None if constants.HF_HUB_DISABLE_IMPLICIT_TOKEN else get_token()
    except (OSError, ValueError):
        hint = "Check HF_HOME and HF_TOKEN_PATH, and who owns that file."
        raise ModelError(f"can't read the token in '{constants.HF_TOKEN_PATH}'", hint) from None
    if found and not (found.isascii() and found.isprintable()):
        raise ModelError("the Hugging Face token has characters that no token has", "Log in anew: hf auth login")
    return found or None
