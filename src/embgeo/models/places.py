"""Where the store keeps each model.

    ROOT/hub/ORG--NAME/refs/REVISION         the commit that a branch or tag last resolved to
    ROOT/hub/ORG--NAME/COMMIT/               embedding.safetensors, tokenizer.json, prepared.safetensors
    ROOT/hub/ORG--NAME/COMMIT+layers/        the tensors of its layers, config.json and the rules of a sentence model
    ROOT/local/PATH/prepared.safetensors     for the user's own folder or file, which stays where it is; with an
                                             embedding.safetensors if the file had to be converted
    ROOT/derived/DIGEST/TRANSFORM/           both files for a transformed space of any of these, or of the bundled model
    ROOT/texts/DIGEST/LAYERS/                what the layers of any of these have computed: states of the vocabulary's
                                             words, and vectors of passages
    ROOT/unreachable/REPOSITORY              touched when the Hub did not answer
    ROOT/shell/history                       the lines typed in `embgeo shell`

Next to each folder is its lock file. NumPy, which completion has no time to import, is not imported here.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote

from embgeo.errors import ModelError

LAYERS: Final = "+layers"
ENTRIES: Final = ("hub/*/*", "local/*", "derived/*/*")  # the folders below that are models
# Characters of a folder's name. Encrypted home folders allow 143, with what a lock's name adds; Windows 260 for a path.
MAX_NAME: Final = 120
PLAIN: Final = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789_-")  # bytes that stand for themselves in `escaped`
PREPARED: Final = "prepared.safetensors"
BUNDLE: Final = Path(__file__).resolve().parent.parent / "data" / "minilm"
WORDS_ALONE: Final = "words.safetensors"  # states of the vocabulary's words, in a folder of `texts_place`


def root() -> Path:
    """The store's folder: $EMBGEO_HOME, else the system's cache folder for embgeo.

    Raises:
        ModelError: $EMBGEO_HOME starts with the home folder of an unknown user.
    """
    if home := os.environ.get("EMBGEO_HOME"):
        try:
            return Path(home).expanduser()
        except RuntimeError:
            hint = "Set it to a folder that can be written."
            raise ModelError(f"EMBGEO_HOME is '{home}', but there is no such user", hint) from None
    from platformdirs import user_cache_path

    return user_cache_path("embgeo", appauthor=False)


def users_path(text: str) -> Path:
    """A path as the user typed it, with a leading ~ expanded if that user exists."""
    with suppress(RuntimeError):
        return Path(text).expanduser()
    return Path(text)


def in_full(path: Path) -> Path:
    """The absolute path without links, whether or not the file exists.

    Raises:
        ModelError: the path is relative, and the current folder is gone.
    """
    try:
        return Path(os.path.realpath(path))
    except OSError as error:
        raise ModelError(f"can't tell where '{path}' is: {error.strerror}", "Give its full path.") from None


def repo_place(repo: str) -> Path:
    """The folder of a Hub repository."""
    return root() / "hub" / repo.replace("/", "--")


def hub_place(repo: str, commit: str, variant: str = "") -> Path:
    """The folder of a repository's commit; `variant` for another matrix than the embedding."""
    return repo_place(repo) / f"{commit}{variant}"


def ref_file(repo: str, revision: str) -> Path:
    """The file with the commit of a branch or tag."""
    return repo_place(repo) / "refs" / quote(revision, safe="")


def layers_place(place: Path) -> Path:
    """The folder of the layers of the model from the Hub in `place`."""
    return place.with_name(f"{place.name}{LAYERS}")


def local_place(path: Path, variant: str = "") -> Path:
    """The folder for the prepared form of a user's own folder or file.

    Raises:
        ModelError: as `in_full`.
    """
    name = escaped(os.fsencode(in_full(path))) + variant
    return root() / "local" / (name if len(name) <= MAX_NAME else _digest(name))


def escaped(text: bytes) -> str:
    """A file's name that no other text has, on file systems either that ignore capitals or drop a dot at the end.

    A model would otherwise be opened in place of one whose path differs in its capitals only.
    """
    return "".join(chr(byte) if byte in PLAIN else f"%{byte:02X}" for byte in text)


def derived_place(place: Path, name: str) -> Path:
    """The folder of a transformed space of the model in `place`."""
    return derived_root(place) / name


def derived_root(place: Path) -> Path:
    """The folder of all transformed spaces of the model in `place`."""
    return root() / "derived" / _id_of(place)


def texts_root(place: Path) -> Path:
    """The folder of all that the layers of the model in `place` have computed, also before its files changed."""
    return root() / "texts" / _id_of(place)


def texts_place(place: Path, identity: str) -> Path:
    """The folder of what the layers with this identity of the model in `place` have computed."""
    return texts_root(place) / identity


def _id_of(place: Path) -> str:
    """What stands for the model in `place` in other folders' names."""
    key = place.relative_to(root()) if place.is_relative_to(root()) else Path("bundled", place.name)
    return _digest(key.as_posix())


def _digest(text: str) -> str:
    import hashlib  # loads OpenSSL

    return hashlib.sha256(text.encode()).hexdigest()[:24]


def unreachable_file(repo: str) -> Path:
    """The file whose time of change says when the Hub last did not answer for a repository."""
    return root() / "unreachable" / quote(repo, safe="")


def history_file() -> Path:
    """The file with the lines typed in `embgeo shell`."""
    return root() / "shell" / "history"
