"""Model references: an alias, a Hub id with or without a revision, or a path."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal, NamedTuple

from embgeo.errors import ModelError, UsageError
from embgeo.formats.detect import SUFFIXES
from embgeo.models.choice import EMBEDDING, Choice

ALIASES: Final = {
    "gpt2": "openai-community/gpt2",
    "gpt2-medium": "openai-community/gpt2-medium",
    "gpt2-large": "openai-community/gpt2-large",
    "gpt2-xl": "openai-community/gpt2-xl",
}
BUNDLED: Final = "minilm"
BUNDLED_FULL_NAME: Final = "sentence-transformers/all-MiniLM-L6-v2"
DEFAULT: Final = "gpt2"
NAME: Final = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_-])?"
REVISION: Final = r"[A-Za-z0-9][A-Za-z0-9._/-]{0,254}"
HUB_ID: Final = rf"(?:{NAME}/)?{NAME}"


class Reference(NamedTuple):
    """A parsed model reference.

    Attributes:
        kind: where to look.
        name: the Hub id, the path, or the bundled model's name.
        revision: branch, tag or commit on the Hub.
        choice: which of its matrices.
        implied: the user named neither a model nor a revision.
    """

    kind: Literal["hub", "path", "bundled"]
    name: str
    revision: str = "main"
    choice: Choice = EMBEDDING
    implied: bool = False


def parse_or_default(name: str | None, revision: str | None = None, choice: Choice = EMBEDDING) -> Reference:
    """Read a model reference; without a name, that in $EMBGEO_MODEL, else `gpt2`. Errors as for `parse_reference`."""
    name = name or os.environ.get("EMBGEO_MODEL")
    return parse_reference(name or DEFAULT, revision, choice)._replace(implied=not (name or revision))


def parse_reference(text: str, revision: str | None = None, choice: Choice = EMBEDDING) -> Reference:
    """Read a model reference.

    Args:
        text: `gpt2`, `minilm`, `org/name`, `org/name@revision`, `./folder`, `file.safetensors`.
        revision: of a Hub model, where the text names none.
        choice: which of the model's matrices.

    Raises:
        ModelError: the text is not a valid model reference.
        UsageError: a revision for a model without revisions, two revisions, or an unknown side.
    """
    choice.check()
    text = _in_small_letters(text)
    if not text or "\0" in text:
        raise ModelError(f"{text!r} is not a model name", "Examples: -m gpt2, -m minilm, -m org/name, -m ./folder.")
    if choice.file_options and (text == BUNDLED or not _is_path(text)):
        hint = f"{choice.file_options[0]} is for files of vectors."
        raise UsageError(f"'{text}' is not a file on this machine", hint)
    if text == BUNDLED or _is_path(text):
        if revision:
            raise UsageError(f"'{text}' has no revisions", "--revision is for models from the Hub.")
        if text == BUNDLED and choice.tensor is not None:
            raise UsageError(f"'{text}' has no tensor '{choice.tensor}' to choose", "Leave out --tensor.")
        return Reference("bundled" if text == BUNDLED else "path", text, "", choice)
    name, _, at = text.partition("@")
    if at and revision and at != revision:
        raise UsageError(f"two revisions: '{at}' and '{revision}'", "Give one, after @ or with --revision.")
    name = ALIASES.get(name, name)
    if not re.fullmatch(HUB_ID, name) or ".." in name or "--" in name or (text.endswith("@")):
        raise ModelError(f"'{text}' is neither a Hub id nor a path that exists", f"Known names: {known_names()}.")
    revision = at or revision or "main"
    if not re.fullmatch(REVISION, revision) or ".." in revision:
        raise ModelError(f"'{revision}' is not a valid revision", "Give a branch, a tag or a commit of the repository.")
    return Reference("hub", name, revision, choice)


def _in_small_letters(text: str) -> str:
    """An alias typed in other capitals as it is listed; any other text as it is."""
    name, at, revision = text.partition("@")
    if name.lower() in (*ALIASES, BUNDLED) and not _is_path(text):
        return name.lower() + at + revision
    return text


def known_names() -> str:
    """The names without an organization, for hints."""
    return ", ".join([*ALIASES, BUNDLED])


def _is_path(text: str) -> bool:
    looks = text.startswith((".", "/", "~", "\\")) or text.endswith(SUFFIXES) or Path(text).is_absolute()
    # As in the Hub's own tools, an existing folder takes precedence over the Hub; except over a bare alias.
    with suppress(OSError):  # a name too long for a file
        return looks or (text not in ALIASES and Path(text).exists())
    return False
