"""A model on the user's own disk: a folder, a single safetensors file, or a snapshot in the Hugging Face cache."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from embgeo.errors import FormatError, ModelError
from embgeo.provenance import Located
from embgeo.sources.layout import choose_embedding, is_tied
from embgeo.tensorfile import read_header

WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"


def locate(path: Path) -> Located:
    """Find the embedding in a folder (config.json, tokenizer.json, model.safetensors) or a .safetensors file.

    Raises:
        ModelError: nothing there, no tokenizer, only pickled weights, or no embedding inside.
        FormatError: a damaged file.
    """
    path = path.expanduser()
    if not path.exists():
        raise ModelError(f"no model at '{path}': there is no such file or folder", "Check the path, or name a Hub id.")
    folder, weights = (path, _weights(path)) if path.is_dir() else (path.parent, path)
    return describe(str(path), "", "local", weights, folder)


def describe(model: str, revision: str, source: str, weights: Path, folder: Path) -> Located:
    """What is in a safetensors file whose tokenizer and config lie in a folder."""
    if not (folder / TOKENIZER).is_file():
        raise ModelError(f"no {TOKENIZER} in '{folder}'", f"embgeo needs the model's {TOKENIZER} beside its weights.")
    try:
        header = read_header(weights)
    except OSError as error:
        raise ModelError(f"can't read '{weights}': {error.strerror}", "Check that the file can be read.") from None
    _cross_check(weights)
    tensor = choose_embedding(header, read_config(folder), str(weights))
    return Located(model, revision, source, weights, tensor, folder / TOKENIZER, is_tied(header))


def read_config(folder: Path) -> dict[str, Any]:
    """A model's config.json, or {} where there is none."""
    path = folder / "config.json"
    try:
        config = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise FormatError(f"'{path}' is no valid JSON: {error!s:.120}", "Fetch or copy the file again.") from None
    return config if isinstance(config, dict) else {}


def find_cached(repo: str, revision: str) -> Located | None:
    """A model that another tool has left whole in the Hugging Face cache; None where it isn't.

    Read with plain file calls: the Hub client's own look-up would cost its import.
    """
    for name in (repo, repo.removeprefix("openai-community/")):  # older tools kept gpt2 under its old id
        place = _hub_cache() / f"models--{name.replace('/', '--')}"
        try:
            commit = (place / "refs" / revision).read_text().strip()
        except OSError:
            commit = revision
        folder = place / "snapshots" / commit
        if commit and (folder / WEIGHTS).is_file() and (folder / TOKENIZER).is_file():
            return describe(repo, commit, "cache", (folder / WEIGHTS).resolve(), folder)
    return None


def _cross_check(weights: Path) -> None:
    """Let the format's own parser look at a file that somebody else wrote, once, before it is prepared."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(weights, "numpy"):
            pass
    except (SafetensorError, OSError) as error:
        raise FormatError(f"'{weights}' is refused by safetensors: {error!s:.120}", "Fetch or copy it again.") from None


def _hub_cache() -> Path:
    if cache := os.environ.get("HF_HUB_CACHE"):
        return Path(cache).expanduser()
    home = os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface"
    return Path(home).expanduser() / "hub"


def _weights(folder: Path) -> Path:
    if (folder / WEIGHTS).is_file():
        return folder / WEIGHTS
    pickled = sorted(path.name for pattern in ("*.bin", "*.pt", "*.pth") for path in folder.glob(pattern))
    if pickled:
        raise ModelError(
            f"'{folder}' has its weights only as '{pickled[0]}', a pickle, which could run any code",
            "Convert it to safetensors (the model's `save_pretrained(folder)` does) and name that folder.",
        )
    raise ModelError(f"no {WEIGHTS} in '{folder}'", "Name a folder that holds it, or a .safetensors file.")
